//! The telephony platforms: one folder for each, and one line in [`REGISTRY`].
//!
//! A provider's URLs, JSON shapes, error texts and quirks live in its folder and nowhere else. Everybody else
//! asks for capabilities.

use std::fmt;

use serde_json::Value;

use crate::call::{CallRequest, Progress};
use crate::callback::CallbackRequest;
use crate::capability::Capability;
use crate::desk::action::Command;
use crate::error::{Code, Error};
use crate::http::{Reply, Request};
use crate::outcome::Outcome;
use crate::poll::PollPlan;
use crate::secret::Secret;
use crate::token;

pub mod babelforce;
pub mod campaign;
pub mod conferences;
pub mod desk;
pub mod opening;
pub mod page;
pub mod past_calls;
pub mod people;
pub mod queues;
pub mod recordings;
mod reply;
pub mod samespace;
pub mod tasks;
pub mod time;
pub mod variables;
pub mod webhook;

/// One account at a platform: builds requests, reads replies.
///
/// `token` is the access token where [`Provider::tokens`] gives a configuration, `None` elsewhere.
pub trait Provider: fmt::Debug + Send + Sync {
    /// The provider's name, as it is written in JSON.
    fn name(&self) -> &'static str;

    /// What it can do.
    fn capabilities(&self) -> &[Capability];

    /// How to get access tokens; `None` where requests carry no credential.
    fn tokens(&self) -> Option<token::Config>;

    /// Checks who an agent is at this provider, as an administrator wrote it.
    ///
    /// # Errors
    /// [`Code::InvalidField`].
    fn check_agent(&self, agent: &str) -> Result<(), Error>;

    /// Whether two ids are the same agent's, however they are spelled.
    fn is_same_agent(&self, one: &str, other: &str) -> bool {
        one == other
    }

    /// The request that starts a call for `agent`.
    ///
    /// # Errors
    /// [`Code::CapabilityMissing`] where the call asks for what the provider cannot do, with the field;
    /// [`Code::InvalidField`] for an impossible agent.
    fn dial(
        &self,
        agent: &str,
        call: &CallRequest,
        token: Option<&Secret>,
    ) -> Result<Request, Error>;

    /// What became of a dial.
    fn read_dial(&self, reply: Reply) -> Dialled;

    /// Checks where callbacks go (a queue, a team), as an administrator wrote it.
    ///
    /// # Errors
    /// [`Code::InvalidField`], [`Code::MissingField`] or [`Code::UnknownField`], with the field.
    fn check_target(&self, target: &Value) -> Result<(), Error>;

    /// The request that hands a callback over to `target`.
    ///
    /// # Errors
    /// As [`Provider::check_target`]; [`Code::CapabilityMissing`] for a time where the provider takes none.
    fn callback(
        &self,
        target: &Value,
        callback: &CallbackRequest,
        token: Option<&Secret>,
    ) -> Result<Request, Error>;

    /// What became of a callback.
    fn read_callback(&self, reply: Reply) -> Outcome;

    /// The request for the state of a call, by the provider's own id of it.
    ///
    /// # Errors
    /// [`Code::CapabilityMissing`] where the provider tells no state.
    fn call_state(&self, call: &str, token: Option<&Secret>) -> Result<Request, Error> {
        let _ = (call, token);
        Err(self.cannot(Capability::CallState))
    }

    /// The state of a call, or why it could not be read.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_call_state(&self, reply: Reply) -> Result<Progress, Outcome> {
        let _ = reply;
        Err(Outcome::Refused(crate::outcome::Because::code(
            Code::CapabilityMissing,
        )))
    }

    /// The request that ends a call, or calls it off where it has not begun.
    ///
    /// # Errors
    /// [`Code::CapabilityMissing`] where the provider cannot.
    fn hang_up(&self, call: &str, token: Option<&Secret>) -> Result<Request, Error> {
        let _ = (call, token);
        Err(self.cannot(Capability::Hangup))
    }

    /// What became of [`Provider::hang_up`].
    fn read_hang_up(&self, reply: Reply) -> Outcome {
        let _ = reply;
        Outcome::Refused(crate::outcome::Because::code(Code::CapabilityMissing))
    }

    /// The address of the page where a person signs in (authorization code with PKCE, S256). `verifier` and
    /// `state` are random and the caller's to keep.
    ///
    /// # Errors
    /// [`Code::CapabilityMissing`] where nobody can sign in like that.
    fn sign_in_page(
        &self,
        client_id: &str,
        redirect_uri: &str,
        verifier: &Secret,
        state: &str,
    ) -> Result<String, Error> {
        let _ = (client_id, redirect_uri, verifier, state);
        Err(Error::new(
            Code::CapabilityMissing,
            format!("Nobody can sign in at {} like that.", self.name()),
        ))
    }

    /// The request that says whose token this is.
    ///
    /// # Errors
    /// [`Code::CapabilityMissing`] as in [`Provider::sign_in_page`].
    fn who(&self, token: &Secret) -> Result<Request, Error> {
        let _ = token;
        Err(Error::new(
            Code::CapabilityMissing,
            format!("Nobody can sign in at {} like that.", self.name()),
        ))
    }

    /// The provider's stable id of the person.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_who(&self, reply: Reply) -> Result<String, Outcome> {
        let _ = reply;
        Err(Outcome::Refused(crate::outcome::Because::code(
            Code::CapabilityMissing,
        )))
    }

    /// The request that exchanges the account's own token for a new one. Never send it again by itself: after a
    /// lost reply the old token may be dead.
    ///
    /// # Errors
    /// [`Code::CapabilityMissing`] where the provider has no such token.
    fn reset_token(&self, token: &Secret) -> Result<Request, Error> {
        let _ = token;
        Err(self.cannot(Capability::RotateToken))
    }

    /// What became of [`Provider::reset_token`].
    fn read_reset(&self, reply: Reply) -> Rotation {
        let _ = reply;
        Rotation::Refused(Outcome::Refused(crate::outcome::Because::code(
            Code::CapabilityMissing,
        )))
    }

    /// Its past calls, where it tells them.
    fn past_calls(&self) -> Option<&dyn past_calls::PastCalls> {
        None
    }

    /// The recordings of its calls, where it keeps them.
    fn recordings(&self) -> Option<&dyn recordings::Recordings> {
        None
    }

    /// Variables of its calls, where they have any.
    fn variables(&self) -> Option<&dyn variables::CallVariables> {
        None
    }

    /// Its agents, where it tells who they are and what they do.
    fn people(&self) -> Option<&dyn people::People> {
        None
    }

    /// Its opening times, where it keeps some.
    fn opening(&self) -> Option<&dyn opening::Opening> {
        None
    }

    /// Its queues, where it tells them.
    fn queues(&self) -> Option<&dyn queues::Queues> {
        None
    }

    /// Its conferences, where it tells them.
    fn conferences(&self) -> Option<&dyn conferences::Conferences> {
        None
    }

    /// Its tasks and their schedules, where it has any.
    fn tasks(&self) -> Option<&dyn tasks::Tasks> {
        None
    }

    /// Its past calls for figures (capability `statistics`), where it tells them: by the shortest way that has what
    /// figures need. A platform may have one of the two alone.
    fn figures(&self) -> Option<&dyn past_calls::PastCalls> {
        self.past_calls()
    }

    /// Its campaigns, where an account has turned them on.
    fn campaign(&self) -> Option<&dyn campaign::Campaign> {
        None
    }

    /// How to poll for the state of a call, where the provider can only be asked.
    fn poll_plan(&self) -> Option<PollPlan> {
        None
    }

    /// Whether the provider can do that.
    fn can(&self, capability: Capability) -> bool {
        self.capabilities().contains(&capability)
    }

    /// The error for what the provider cannot do.
    fn cannot(&self, capability: Capability) -> Error {
        Error::new(
            Code::CapabilityMissing,
            format!("{} has no capability \"{capability}\".", self.name()),
        )
    }
}

/// What became of the exchange of an account's own token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// The new token. Keep it before anything else.
    Rotated(Secret),
    /// Accepted, but the reply holds no token: a person has to look it up.
    AcceptedWithoutToken,
    /// The old token still holds.
    Refused(Outcome),
    /// The old token may or may not hold.
    Unknown(Outcome),
}

/// What became of a dial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialled {
    /// The outcome.
    pub outcome: Outcome,
    /// The provider's id of the call, where it gives one.
    pub call: Option<String>,
    /// What the provider tells about the call, where it tells anything.
    pub progress: Option<Progress>,
}

/// A platform that can be configured.
pub struct Entry {
    /// Its name, as it is written in JSON and in the configuration.
    pub name: &'static str,
    /// What it can do.
    pub capabilities: &'static [Capability],
    configure: fn(Value) -> Result<Box<dyn Provider>, Error>,
}

/// Every platform.
pub const REGISTRY: &[Entry] = &[
    Entry {
        name: samespace::NAME,
        capabilities: samespace::CAPABILITIES,
        configure: samespace::configure,
    },
    Entry {
        name: babelforce::NAME,
        capabilities: babelforce::CAPABILITIES,
        configure: babelforce::configure,
    },
    Entry {
        name: webhook::NAME,
        capabilities: webhook::CAPABILITIES,
        configure: webhook::configure,
    },
];

/// Sets up an account at the provider `name` from its part of the configuration.
///
/// # Errors
/// [`Code::ProviderUnknown`] for a name that is not in [`REGISTRY`]; what the provider says about its
/// configuration, with the field.
pub fn configure(name: &str, config: Value) -> Result<Box<dyn Provider>, Error> {
    let entry = REGISTRY
        .iter()
        .find(|entry| entry.name == name)
        .ok_or_else(|| {
            let known: Vec<_> = REGISTRY.iter().map(|entry| entry.name).collect();
            Error::of(
                Code::ProviderUnknown,
                "provider",
                format!(
                    "There is no provider \"{name}\"; there are {}.",
                    known.join(", ")
                ),
            )
        })?;
    (entry.configure)(config)
}

/// The desks of agents at the provider `name`, at the deployment at the address `origin`.
///
/// Not in [`REGISTRY`]: that holds every provider's whole code, 40 kB of which a browser with a desk has no use
/// for.
///
/// # Errors
/// [`Code::CapabilityMissing`] where the provider has none, [`Code::InvalidField`] for what is no address.
pub fn desk(name: &str, origin: &str) -> Result<Box<dyn desk::Desk>, Error> {
    match name {
        babelforce::NAME => Ok(Box::new(babelforce::agent::AgentApi::at(origin)?)),
        _ => Err(no_desk()),
    }
}

/// How agents sign in themselves at the provider `name`, at the deployment at the address `origin`.
///
/// # Errors
/// As [`desk()`].
pub fn sign_in(name: &str, origin: &str) -> Result<Box<dyn desk::SignIn>, Error> {
    match name {
        babelforce::NAME => Ok(Box::new(babelforce::agent::AgentApi::at(origin)?)),
        _ => Err(no_desk()),
    }
}

/// Reads the command in the body of a request that a desk of the provider `name` sends
/// ([`desk::Desk::send`]), for a relay that passes it on. Strict: it is the relay's own API.
///
/// # Errors
/// As [`desk()`]; what is wrong with the command, with the field.
pub fn read_command(name: &str, body: &[u8]) -> Result<Command, Error> {
    match name {
        babelforce::NAME => babelforce::agent::read_command(body),
        _ => Err(no_desk()),
    }
}

fn no_desk() -> Error {
    Error::of(
        Code::CapabilityMissing,
        "provider",
        "That provider has no desk for agents.",
    )
}

/// Reads a part of the configuration, naming what is wrong.
fn read_config<T: serde::de::DeserializeOwned>(config: Value) -> Result<T, Error> {
    serde_json::from_value(config).map_err(|e| {
        let text = e.to_string();
        let field = text.split('`').nth(1).map(str::to_owned);
        let code = if text.starts_with("unknown field") {
            Code::UnknownField
        } else if text.starts_with("missing field") {
            Code::MissingField
        } else {
            Code::InvalidField
        };
        Error {
            code,
            field: field.map(Into::into),
            message: text.into(),
        }
    })
}

/// Whether this is scheme, host and possibly a path, in none of which such a character is.
fn is_address(text: &str, odd: impl Fn(char) -> bool) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let odd = |c: char| c.is_whitespace() || matches!(c, '?' | '#' | '@' | '\\') || odd(c);
    host.is_some_and(|host| !host.is_empty() && !host.contains(odd))
}

/// A whole address, as it is sent: it may have a query, and nothing is put into it.
fn whole_url(text: &str, field: &'static str) -> Result<(), Error> {
    let (address, query) = text.split_once('?').unwrap_or((text, ""));
    let brace = |c: char| matches!(c, '{' | '}');
    let odd = |c: char| c.is_whitespace() || c == '#' || brace(c);
    if is_address(address, brace) && !query.contains(odd) {
        return Ok(());
    }
    Err(Error::of(
        Code::InvalidField,
        field,
        "An address starts with https:// (or http://) and a host, and has no user, fragment or braces: nothing is put \
         into it. What belongs to a call goes into the body.",
    ))
}

/// A base address: scheme and host, without a slash at its end.
fn base_url(text: &str, field: &'static str) -> Result<String, Error> {
    let mut text = text;
    while let Some(shorter) = text.strip_suffix('/') {
        text = shorter;
    }
    if is_address(text, |_| false) {
        Ok(text.to_owned())
    } else {
        Err(Error::of(
            Code::InvalidField,
            field,
            "An address starts with https:// (or http://) and a host, and has no user, query or fragment.",
        ))
    }
}
