//! Conferences: who is in them. To be looked at only; they are made and changed at the desk.

use crate::error::Error;
use crate::http::{Reply, Request};
use crate::outcome::Outcome;
use crate::provider::page::Page;
use crate::provider::past_calls::Named;
use crate::secret::Secret;

/// Whether a conference goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConferenceState {
    /// It does.
    Open,
    /// It is over.
    Over,
    /// The platform's word is not known, and kept; empty where it gives none.
    Other(String),
}

/// Whether somebody is in a conference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberState {
    /// They are being called.
    Coming,
    /// They are.
    In,
    /// They were.
    Gone,
    /// The platform's word is not known, and kept; empty where it gives none.
    Other(String),
}

/// Somebody in a conference. What the platform does not tell is absent. `Debug` shows no number.
#[derive(Clone, PartialEq, Eq)]
pub struct Member {
    /// The platform's id of the membership.
    pub id: String,
    /// Whether they are in it.
    pub state: MemberState,
    /// The agent, where it is one.
    pub agent: Option<Named>,
    /// The number at their end, as the platform writes it.
    pub number: Option<String>,
    /// Whether they may act on others.
    pub moderator: Option<bool>,
    /// Whether they are on hold.
    pub held: Option<bool>,
    /// Since when they are a member (milliseconds since the epoch).
    pub since: Option<u64>,
}

impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Member")
            .field("id", &self.id)
            .field("state", &self.state)
            .field("agent", &self.agent)
            .field("moderator", &self.moderator)
            .field("held", &self.held)
            .finish_non_exhaustive()
    }
}

/// A conference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conference {
    /// The platform's id.
    pub id: String,
    /// Whether it goes on.
    pub state: ConferenceState,
    /// Since when there is one (milliseconds since the epoch).
    pub since: Option<u64>,
    /// Who is or was in it.
    pub members: Vec<Member>,
}

/// A platform that tells its conferences.
pub trait Conferences: Sync {
    /// The request for a page of conferences, from 1.
    fn list(&self, page: u32, token: Option<&Secret>) -> Request;

    /// The conferences of a page.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_list(&self, page: u32, reply: Reply) -> Result<Page<Conference>, Outcome>;

    /// The request for a conference by its id.
    ///
    /// # Errors
    /// [`Code::InvalidField`](crate::error::Code::InvalidField) for what is no id.
    fn conference(&self, id: &str, token: Option<&Secret>) -> Result<Request, Error>;

    /// The conference.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_conference(&self, reply: Reply) -> Result<Conference, Outcome>;
}
