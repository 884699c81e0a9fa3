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

use serde::Deserialize;
use serde_json::Value;

use super::environment::Environment;
use super::reply;
use super::sign_in;
use crate::capability::Capability;
use crate::connect::{self, RpcError};
use crate::desk::action::{Action, Command, Switch};
use crate::desk::fault::Trouble;
use crate::desk::lookup::{Found, Identity, PastCall};
use crate::desk::session::Sent;
use crate::desk::view::{Contact, View};
use crate::error::{Code, Error};
use crate::http::{Method, Reply, Request, StreamRequest, percent_encode};
use crate::json::{self, Field, Json};
use crate::number::PhoneNumber;
use crate::outcome::{Because, Outcome};
use crate::provider::desk::{Desk, Page, StreamReader};
use crate::provider::{base_url, read_config};
use crate::secret::Secret;
use crate::token;

mod command;
mod entity;
mod fault;
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

/// The platform's client for agents who sign in themselves. It has no secret.
const CLIENT: &str = "babelconnect";

/// One deployment of the Agent API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentApi {
    origin: Environment,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// Where the deployment is: it serves signing in, requests and the stream. A relay's address may have a path.
    origin: String,
}

pub(in crate::provider) fn configure(config: Value) -> Result<Box<dyn Desk>, Error> {
    Ok(Box::new(AgentApi::from_config(config)?))
}

impl AgentApi {
    /// Reads a deployment from `{origin}`.
    ///
    /// # Errors
    /// What is wrong with the configuration, with the field.
    pub fn from_config(config: Value) -> Result<Self, Error> {
        let config: Config = read_config(config)?;
        Self::at(&config.origin)
    }

    /// The deployment at `origin`. For a browser, where reading a configuration and the list of all platforms
    /// are not worth their bytes.
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
        self.origin.url(&format!("/babelconnect.v1.Agent/{method}"))
    }
}

impl Desk for AgentApi {
    fn capabilities(&self) -> &'static [Capability] {
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
            return Err(Outcome::Unknown(Because::code(Code::UnreadableReply)));
        }
        Ok(identity)
    }

    fn targets(&self, query: &str, token: &Secret) -> Request {
        let path = format!("/v1/agent/transfer-targets?query={}", percent_encode(query));
        self.get(&path, token)
    }

    fn read_targets(&self, reply: Reply) -> Result<Vec<Found>, Outcome> {
        read(reply, |json| json.list("targets", entity::found))
    }

    fn history(&self, page: Page, token: &Secret) -> Request {
        let path = format!("/v1/agent/history?max={}&page={}", page.size, page.number);
        self.get(&path, token)
    }

    fn read_history(&self, reply: Reply) -> Result<Vec<PastCall>, Outcome> {
        read(reply, |json| json.list("calls", entity::past_call))
    }

    fn phonebook(&self, query: &str, page: Page, token: &Secret) -> Request {
        let path = format!(
            "/v1/agent/phonebook?max={}&page={}&query={}",
            page.size,
            page.number,
            percent_encode(query)
        );
        self.get(&path, token)
    }

    fn read_phonebook(&self, reply: Reply) -> Result<Vec<Contact>, Outcome> {
        read(reply, |json| json.list("entries", entity::contact))
    }

    fn sign_in_page(&self, redirect_uri: &str, verifier: &Secret, state: &str) -> String {
        let challenge = sign_in::challenge(verifier);
        sign_in::page(&self.origin, CLIENT, redirect_uri, &challenge, state)
    }

    fn sign_in(&self, code: Secret, redirect_uri: &str, verifier: Secret) -> token::Config {
        self.tokens(token::Grant::AuthorizationCode {
            code,
            redirect_uri: redirect_uri.to_owned(),
            verifier,
        })
    }

    fn sso(&self, tenant: &str, redirect_uri: Option<&str>) -> Request {
        let path = format!("/auth/sso/init/{}/babelconnect", percent_encode(tenant));
        let field = redirect_uri.map(|uri| ("redirect_uri", Field::Text(uri)));
        let body = json::object(field.as_slice());
        Request::json(Method::Post, self.origin.url(&path), body)
    }

    fn read_sso(&self, reply: Reply) -> Result<String, Outcome> {
        let url = read(reply, |json| json.text("url"))?;
        entity::is_web_address(&url)
            .then_some(url)
            .ok_or_else(|| Outcome::Unknown(Because::code(Code::UnreadableReply)))
    }

    fn sso_token(&self, tenant: &str, code: &Secret) -> Request {
        let (tenant, code) = (percent_encode(tenant), percent_encode(code.expose()));
        Request::post(self.origin.url(&format!("/auth/sso/{tenant}?code={code}")))
    }

    fn read_sso_token(&self, reply: Reply, now: u64) -> Result<token::Tokens, Outcome> {
        let stored = token::read_granted(reply, now, super::TOKEN_LIFETIME)?;
        let refresh_token = stored.refresh.clone().unwrap_or_default();
        let config = self.tokens(token::Grant::RefreshToken { refresh_token });
        Ok(token::Tokens::resume(config, stored))
    }

    /// The refresh token first, while the access token still says who asks.
    fn sign_out(&self, tokens: &token::Stored) -> Vec<Request> {
        let revoke = |token: &Secret, hint: &str| {
            let fields = [
                ("token", token.expose()),
                ("token_type_hint", hint),
                ("client_id", CLIENT),
            ];
            Request::form(self.origin.url("/oauth/revoke"), &fields).with_bearer(&tokens.access)
        };
        let refresh = tokens.refresh.as_ref();
        let mut requests: Vec<Request> = refresh
            .map(|refresh| revoke(refresh, "refresh_token"))
            .into_iter()
            .collect();
        requests.push(revoke(&tokens.access, "access_token"));
        requests.push(Request::post(self.origin.url("/oauth/logout")).with_bearer(&tokens.access));
        requests
    }
}

impl AgentApi {
    fn tokens(&self, grant: token::Grant) -> token::Config {
        token::Config {
            token_url: self.origin.url("/oauth/token"),
            revoke_url: self.origin.url("/oauth/revoke"),
            client_id: Some(CLIENT.to_owned()),
            client_secret: None,
            grant,
            lifetime_if_unsaid: super::TOKEN_LIFETIME,
        }
    }
}

/// The error of the protocol in a reply that is no success.
fn rpc_error(reply: &Reply) -> Option<RpcError> {
    let response = reply.as_ref().ok()?;
    let failed = !(200..300).contains(&response.status);
    failed.then(|| RpcError::read(&response.body))?
}

/// What a reply that is an object says, or the outcome of asking.
fn read<T>(reply: Reply, take: impl FnOnce(&Json<'_>) -> T) -> Result<T, Outcome> {
    let error = rpc_error(&reply);
    let response = reply.map_err(|failure| reply::no_reply(&failure))?;
    let json = Json::read(&response.body).filter(Json::is_object);
    if (200..300).contains(&response.status) {
        let unreadable = || Outcome::Unknown(Because::code(Code::UnreadableReply));
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
