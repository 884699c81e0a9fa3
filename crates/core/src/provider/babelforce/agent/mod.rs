//! The Agent API ("babelconnect"): an agent's own calls, in the agent's own name.
//!
//! Source: the vendor's `babelconnect.openapi.json`, `babelconnect.asyncapi.yaml` and the documents of its SDKs
//! (state and events, intents, error codes, errors and reconnects). Not said there, so inferred and kept in this
//! folder: that `session_gone` means another window, that `permission_denied` is no agent, which kinds of
//! command a code can be about, and that a newer server tells `lineBlockedReason`.
//!
//! Only what the published document has is sent. Newer servers take the id of the call with conference commands
//! and refuse them without it where there are several calls (`ambiguous_call`); the table of allowed actions
//! keeps to that.

use super::environment::Environment;
use super::reply;
use crate::capability::Capability;
use crate::connect::{self, RpcError};
use crate::desk::action::{Action, Command, Switch};
use crate::desk::fault::Trouble;
use crate::desk::lookup::{Found, Identity, PastCall};
use crate::desk::session::Sent;
use crate::desk::view::{Contact, View};
use crate::error::{Code, Error};
use crate::http::{Method, Reply, Request, StreamRequest, percent_encode};
use crate::json::Json;
use crate::number::PhoneNumber;
use crate::outcome::{Because, Outcome};
use crate::provider::base_url;
use crate::provider::desk::{Desk, Page, StreamReader};
use crate::secret::Secret;
use crate::text::digits;

mod command;
mod entity;
mod fault;
mod sign_in;
mod stream;

pub use command::read as read_command;

/// What a desk can do today. Text messages, campaigns and a phone in the browser are decoded and kept, for later.
pub const CAPABILITIES: &[Capability] = &[
    Capability::Dial,
    Capability::CallerId,
    Capability::CallState,
    Capability::Answer,
    Capability::Hangup,
    Capability::Hold,
    Capability::Mute,
    Capability::Dtmf,
    Capability::TransferBlind,
    Capability::TransferWarm,
    Capability::Conference,
    Capability::Record,
    Capability::Presence,
    Capability::WrapUp,
    Capability::History,
];

/// One deployment of the Agent API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentApi {
    origin: Environment,
}

impl AgentApi {
    /// The deployment at `origin`: it serves signing in, requests and the stream. A relay that passes them on may
    /// do so under a path.
    ///
    /// # Errors
    /// [`Code::InvalidField`] for what is no address.
    pub fn at(origin: &str) -> Result<Self, Error> {
        Ok(Self {
            origin: Environment::at(base_url(origin, "origin")?),
        })
    }

    fn get(&self, path: &str, token: &Secret) -> Request {
        Request::get(self.origin.url(path)).with_bearer(token)
    }

    /// A call of the Connect protocol.
    fn call(&self, method: &str, body: String, token: &Secret) -> Request {
        Request {
            headers: &[connect::VERSION],
            ..Request::json(Method::Post, self.rpc(method), body)
        }
        .with_bearer(token)
    }

    fn rpc(&self, method: &str) -> String {
        self.origin
            .url(&["/babelconnect.v1.Agent/", method].concat())
    }
}

impl Desk for AgentApi {
    fn capabilities(&self) -> &[Capability] {
        CAPABILITIES
    }

    /// Announcing marks the agent as reachable in the browser, where there is no phone: so that is turned off.
    fn set_up(&self, number: Option<&PhoneNumber>) -> Vec<Command> {
        let mut commands = vec![
            Command::Announce,
            Command::from(Action::SetBrowserPhone(Switch::Off)),
        ];
        commands.extend(number.map(|number| Command::from(Action::SetNumber(number.clone()))));
        commands
    }

    fn send(&self, command: &Command, token: &Secret) -> Result<Request, Error> {
        Ok(self.call("Send", command::write(command)?, token))
    }

    fn read_sent(&self, reply: Reply) -> Sent {
        let trouble = rpc_error(&reply).as_ref().and_then(fault::trouble);
        let outcome = match read(reply, |_| ()) {
            Ok(()) => Outcome::Accepted,
            Err(outcome) => outcome,
        };
        let because = outcome.because().map(|because| because.code);
        let rejected = because == Some(Code::ProviderRejectedCredentials);
        Sent {
            outcome,
            trouble: trouble.or(rejected.then_some(Trouble::Unauthenticated)),
        }
    }

    fn stream(&self, token: &Secret) -> StreamRequest {
        StreamRequest {
            method: Method::Post,
            after: None,
            url: self.rpc("Subscribe"),
            bearer: token.clone(),
            headers: &[connect::VERSION],
            content_type: connect::STREAM_TYPE,
            body: connect::envelope("{}"),
        }
    }

    fn reader(&self) -> Box<dyn StreamReader> {
        Box::<stream::Reader>::default()
    }

    fn read_no_stream(&self, reply: Reply) -> Trouble {
        match (&reply, rpc_error(&reply)) {
            (_, Some(error)) => fault::stream_trouble(&error),
            (Ok(response), None) => match response.status {
                401 => Trouble::Unauthenticated,
                // Nothing at that address, or something that takes no such requests.
                404 | 405 | 406 | 415 | 501 => Trouble::NoStream,
                _ => Trouble::Lost,
            },
            (Err(_), None) => Trouble::Lost,
        }
    }

    fn state(&self, token: &Secret) -> Request {
        self.get("/v1/agent/state", token)
    }

    fn read_state(&self, reply: Reply) -> Result<Box<View>, Trouble> {
        let error = rpc_error(&reply);
        match read(reply, |json| Box::new(entity::view(json))) {
            Ok(view) => Ok(view),
            Err(outcome) => {
                let trouble = error.as_ref().and_then(fault::trouble);
                Err(
                    trouble.unwrap_or(match outcome.because().map(|because| because.code) {
                        Some(Code::ProviderRejectedCredentials) => Trouble::Unauthenticated,
                        Some(Code::ProviderForbidden) => Trouble::NotAnAgent,
                        Some(Code::UnreadableReply) => Trouble::Garbled,
                        _ => Trouble::Lost,
                    }),
                )
            }
        }
    }

    fn who(&self, token: &Secret) -> Request {
        self.call("Authenticate", "{}".to_owned(), token)
    }

    fn read_who(&self, reply: Reply) -> Result<Identity, Outcome> {
        let identity = read(reply, entity::identity)?;
        if identity.agent.is_empty() {
            return Err(unreadable());
        }
        Ok(identity)
    }

    fn targets(&self, query: &str, token: &Secret) -> Request {
        let query = percent_encode(query);
        let path = ["/v1/agent/transfer-targets?query=", &query].concat();
        self.get(&path, token)
    }

    fn read_targets(&self, reply: Reply) -> Result<Vec<Found>, Outcome> {
        read(reply, |json| json.list("targets", entity::found))
    }

    fn history(&self, page: Page, token: &Secret) -> Request {
        self.get(&paged("/v1/agent/history", page), token)
    }

    fn read_history(&self, reply: Reply) -> Result<Vec<PastCall>, Outcome> {
        read(reply, |json| json.list("calls", entity::past_call))
    }

    fn phonebook(&self, query: &str, page: Page, token: &Secret) -> Request {
        let paged = paged("/v1/agent/phonebook", page);
        let path = [&paged, "&query=", &*percent_encode(query)].concat();
        self.get(&path, token)
    }

    fn read_phonebook(&self, reply: Reply) -> Result<Vec<Contact>, Outcome> {
        read(reply, |json| json.list("entries", entity::contact))
    }
}

fn paged(path: &str, page: Page) -> String {
    let (size, number) = (digits(page.size.into()), digits(page.number.into()));
    [path, "?max=", &size, "&page=", &number].concat()
}

/// The error of the protocol in a reply that is no success.
fn rpc_error(reply: &Reply) -> Option<RpcError> {
    let response = reply.as_ref().ok()?;
    let failed = !(200..300).contains(&response.status);
    failed.then(|| RpcError::read(&response.body))?
}

/// What a reply that is an object says, or the outcome of asking.
fn read<T>(reply: Reply, take: fn(&Json<'_>) -> T) -> Result<T, Outcome> {
    let mut taken = None;
    look(reply, &mut |json| taken = Some(take(json)))?;
    taken.ok_or_else(unreadable)
}

fn unreadable() -> Outcome {
    Outcome::Unknown(Because::code(Code::UnreadableReply))
}

/// The part of [`read`] that is the same for everything.
fn look(reply: Reply, take: &mut dyn FnMut(&Json<'_>)) -> Result<(), Outcome> {
    let error = rpc_error(&reply);
    let response = reply.map_err(|failure| reply::no_reply(&failure))?;
    let json = Json::read(&response.body).filter(Json::is_object);
    if (200..300).contains(&response.status) {
        return json.as_ref().map(take).ok_or_else(unreadable);
    }
    let texts = reply::MESSAGES.iter().filter_map(|name| {
        let text = json.as_ref()?.text(name);
        Some(text).filter(|text| !text.is_empty())
    });
    let outcome = reply::by_status(response.status, texts.take(1).next(), response.retry_after);
    Err(match error {
        Some(error) => fault::outcome(outcome, &error),
        None => outcome,
    })
}

#[cfg(test)]
mod tests;
