//! An agent's desk at a platform: builds requests, reads replies and streams.

use std::fmt;

use crate::capability::Capability;
use crate::desk::action::Command;
use crate::desk::fault::Trouble;
use crate::desk::lookup::{Found, Identity, PastCall};
use crate::desk::session::{Piece, Sent};
use crate::desk::view::{Contact, View};
use crate::error::{Code, Error};
use crate::http::{Reply, Request, StreamRequest};
use crate::number::PhoneNumber;
use crate::outcome::{Because, Outcome};
use crate::secret::Secret;
use crate::token;

/// One platform's desks. `token` is the agent's own access token; it says who the agent is.
///
/// What is sent and read here is driven by a [`Session`](crate::desk::session::Session).
pub trait Desk: Send + Sync {
    /// What a desk can do.
    fn capabilities(&self) -> &[Capability];

    /// The commands that set a desk up, in their order. `number` is the phone that the agent's calls are
    /// connected to; with `None` it stays the one that the platform knows.
    fn set_up(&self, number: Option<&PhoneNumber>) -> Vec<Command>;

    /// The request that sends a command. Never send it again by itself.
    ///
    /// # Errors
    /// [`CapabilityMissing`](crate::error::Code::CapabilityMissing) for what cannot be sent, with the field.
    fn send(&self, command: &Command, token: &Secret) -> Result<Request, Error>;

    /// What became of sending a command.
    fn read_sent(&self, reply: Reply) -> Sent;

    /// The request for the stream that tells each change.
    fn stream(&self, token: &Secret) -> StreamRequest;

    /// Whether the platform tells anything by itself. Where it does not, what a [`StreamReader`] makes of its beginning,
    /// of no bytes and of replies is all that there is, and nothing is opened.
    fn has_stream(&self) -> bool {
        true
    }

    /// Reads one stream, from its first byte to its end.
    fn reader(&self) -> Box<dyn StreamReader>;

    /// Why there is no stream: a reply with another status than 200 or another content type, or none.
    fn read_no_stream(&self, reply: Reply) -> Trouble;

    /// The request for the whole state.
    fn state(&self, token: &Secret) -> Request;

    /// The whole state.
    ///
    /// # Errors
    /// Why there is none.
    fn read_state(&self, reply: Reply) -> Result<Box<View>, Trouble>;

    // Who is asking and what can be looked up: where a platform does not tell, nothing but these defaults, whose
    // requests are never sent for an answer.

    /// The request that says whose token this is.
    fn who(&self, token: &Secret) -> Request {
        self.state(token)
    }

    /// Who the agent is.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted. So with the others below.
    fn read_who(&self, reply: Reply) -> Result<Identity, Outcome> {
        let _ = reply;
        Err(Outcome::Refused(Because::code(Code::CapabilityMissing)))
    }

    /// The request for what a call can be transferred to; `query` is what the person has typed.
    fn targets(&self, query: &str, token: &Secret) -> Request {
        let _ = query;
        self.state(token)
    }

    /// What a call can be transferred to.
    ///
    /// # Errors
    /// See [`Desk::read_who`].
    fn read_targets(&self, reply: Reply) -> Result<Vec<Found>, Outcome> {
        let _ = reply;
        Err(Outcome::Refused(Because::code(Code::CapabilityMissing)))
    }

    /// The request for calls of the past.
    fn history(&self, page: Page, token: &Secret) -> Request {
        let _ = page;
        self.state(token)
    }

    /// Calls of the past. Fewer than were asked for are the last ones.
    ///
    /// # Errors
    /// See [`Desk::read_who`].
    fn read_history(&self, reply: Reply) -> Result<Vec<PastCall>, Outcome> {
        let _ = reply;
        Err(Outcome::Refused(Because::code(Code::CapabilityMissing)))
    }

    /// The request for contacts; `query` is what the person has typed.
    fn phonebook(&self, query: &str, page: Page, token: &Secret) -> Request {
        let _ = (query, page);
        self.state(token)
    }

    /// Contacts. Fewer than were asked for are the last ones.
    ///
    /// # Errors
    /// See [`Desk::read_who`].
    fn read_phonebook(&self, reply: Reply) -> Result<Vec<Contact>, Outcome> {
        let _ = reply;
        Err(Outcome::Refused(Because::code(Code::CapabilityMissing)))
    }
}

/// How agents sign in themselves, where no relay does it for them. Beside [`Desk`], so that a browser behind a relay
/// does not carry it.
pub trait SignIn: Send + Sync {
    /// The address of the page where the agent signs in (authorization code with PKCE, S256). `verifier` and
    /// `state` are random and the caller's to keep.
    fn sign_in_page(&self, redirect_uri: &str, verifier: &Secret, state: &str) -> String;

    /// How to get tokens with the code that the page sent.
    fn sign_in(&self, code: Secret, redirect_uri: &str, verifier: Secret) -> token::Config;

    /// The request for the address where an agent of a tenant with single sign-on signs in.
    fn sso(&self, tenant: &str, redirect_uri: Option<&str>) -> Request;

    /// That address.
    ///
    /// # Errors
    /// See [`Desk::read_who`]; what is no `https` (or `http`) address is unreadable.
    fn read_sso(&self, reply: Reply) -> Result<String, Outcome>;

    /// The request that exchanges the code of a single sign-on for a token. Once: the code is used up.
    fn sso_token(&self, tenant: &str, code: &Secret) -> Request;

    /// The tokens of a single sign-on. They may hold no refresh token: then a person signs in again.
    ///
    /// # Errors
    /// See [`Desk::read_who`].
    fn read_sso_token(&self, reply: Reply, now: u64) -> Result<token::Tokens, Outcome>;

    /// The requests that sign the agent out, in their order. Their replies need not be read: the tokens are
    /// forgotten in any case.
    fn sign_out(&self, tokens: &token::Stored) -> Vec<Request>;
}

/// Reads a stream.
pub trait StreamReader: Send {
    /// What the next piece of the stream completes. Pieces may begin and end anywhere. After [`Piece::Broken`]
    /// nothing more comes. When the connection ends, say [`Piece::Broken`] with [`Trouble::Lost`], whatever came
    /// before.
    fn read(&mut self, piece: &[u8]) -> Vec<Piece>;

    /// What is read first, before anything has come: what this desk knows of the streams before, in the platform's
    /// words, so that whoever is told what was read here knows it too.
    fn begin(&mut self) -> Vec<u8> {
        Vec::new()
    }

    /// What the reply to a command tells beside its outcome, where a platform tells it there and not in the stream.
    fn told(&mut self, command: &Command, reply: &Reply) -> Vec<Piece> {
        let _ = (command, reply);
        Vec::new()
    }
}

// Not a bound of the traits: how everything in a desk is shown would be in every browser, 7 kB of a download with
// what it needs.
impl fmt::Debug for dyn Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk")
    }
}

impl fmt::Debug for dyn SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignIn")
    }
}

impl fmt::Debug for dyn StreamReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamReader")
    }
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Which, from 1.
    pub number: u32,
    /// How many there are on each.
    pub size: u32,
}
