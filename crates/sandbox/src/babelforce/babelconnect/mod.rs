//! The Agent API ("babelconnect"): an agent's own calls, followed and steered.
//!
//! The server has the state. A client opens `Subscribe`, is sent a snapshot of its agent's view
//! and then patches, and sends one command at a time to `Send`, whose reply says only that the
//! command was taken. What could not be carried out is told on the stream too.
//!
//! Shapes and words come from the published OpenAPI, AsyncAPI, JSON schemas and the vendor's
//! pages about them. Where those say nothing, the place says "inferred".
//!
//! A *window* is a sign-in: the tokens that one grant and its refreshes have given. The newest
//! stream of an agent is the one; the one before is told `session_gone` and ends, and commands
//! from its window are refused as long as another window has the stream (inferred: the documents
//! name the code, but not where it is sent).

mod calling;
mod campaign;
mod command;
mod conference;
mod connect;
mod frames;
mod json;
mod lookup;
mod membership;
mod problem;
mod profile;
mod recording;
mod send;
mod session;
mod shapes;
mod sms;
mod transfer;
mod view;
mod wrap_up;

use axum::body::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) use campaign::Membership;
pub(crate) use conference::{Conference, ConferenceState, Member, MemberState, Party};
pub(crate) use frames::{Piece, Pieces};
pub(crate) use recording::Recording;
pub(crate) use session::{Session, SessionView, StreamAct};
pub(crate) use sms::Conversation;
pub(crate) use wrap_up::WrapUp;

use self::connect::{ConnectCode, ConnectError};
use self::json::seconds;
use self::lookup::Page;
use self::shapes::{ACCOUNTS, Account};
use self::view::View;
use super::oauth::Bearer;
use super::users::{ACCOUNT_ID, ACCOUNT_NAME};
use super::{Babelforce, Moment};
use crate::exchange::{Reply, Request};

/// A reply, and the stream that is its body.
pub(crate) struct Streamed {
    pub reply: Reply,
    pub pieces: Option<Pieces>,
}

impl From<Reply> for Streamed {
    fn from(reply: Reply) -> Self {
        let pieces = None;
        Self { reply, pieces }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    agent_id: &'a str,
    account: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    number: &'a str,
    username: &'a str,
    state: &'static str,
    account_name: &'a str,
    accounts: [Account; 1],
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct AuthenticateRequest {
    token: Option<String>,
}

impl Babelforce {
    pub(super) fn answer_agent(
        &mut self,
        method: &str,
        path: &[&str],
        request: &Request,
        moment: &mut Moment,
    ) -> Streamed {
        match (method, path) {
            ("POST", ["babelconnect.v1.Agent", "Subscribe"]) => self.subscribe(request, moment),
            ("POST", ["babelconnect.v1.Agent", "Send"]) => self.send(request, moment).into(),
            ("POST", ["babelconnect.v1.Agent", "Authenticate"]) => {
                self.authenticate(request).into()
            }
            (_, ["v1", "agent", rest @ ..]) => self.look_up(method, rest, request, moment).into(),
            _ => not_served(method, request).reply().into(),
        }
    }

    /// The agent behind a request.
    fn agent_of(&self, bearer: Option<Bearer>) -> Result<(&'static str, Bearer), ConnectError> {
        let Some(bearer) = bearer else {
            let text = "a valid bearer token is required";
            return Err(ConnectError::new(ConnectCode::Unauthenticated, text));
        };
        match bearer.agent {
            Some(agent) => Ok((agent, bearer)),
            None => {
                let text = "not_an_agent: the user of this token has no agent role";
                Err(ConnectError::new(ConnectCode::PermissionDenied, text))
            }
        }
    }

    fn authenticate(&self, request: &Request) -> Reply {
        let body = match connect::unary_body(request) {
            Ok(body) => body,
            Err(reply) => return reply,
        };
        let asked: AuthenticateRequest = match serde_json::from_slice(body) {
            Ok(asked) => asked,
            Err(error) => return ConnectError::invalid(error.to_string()).reply(),
        };
        let bearer = match asked.token.filter(|token| !token.is_empty()) {
            Some(token) => self.tokens.bearer_of(&token, request.at),
            None => self.tokens.bearer(request),
        };
        let agent = match self.agent_of(bearer) {
            Ok((agent, _)) => agent,
            Err(error) => return error.reply(),
        };
        let Some(agent) = self.agent(agent) else {
            return not_served("POST", request).reply();
        };
        Reply::json(
            200,
            &Identity {
                agent_id: agent.id,
                account: ACCOUNT_ID,
                number: &agent.number,
                username: agent.email,
                state: self.agent_state(agent),
                account_name: ACCOUNT_NAME,
                accounts: ACCOUNTS,
            },
        )
    }

    fn send(&mut self, request: &Request, moment: &mut Moment) -> Reply {
        let body = match connect::unary_body(request) {
            Ok(body) => body,
            Err(reply) => return reply,
        };
        let taken = self
            .agent_of(self.tokens.bearer(request))
            .and_then(|(agent, bearer)| {
                self.has_session(agent, &bearer)?;
                Ok((agent, bearer, command::decode(body)?))
            });
        match taken {
            Ok((agent, bearer, command)) => {
                self.carry_out(agent, command, bearer.sign_in, moment);
                Reply::new(200, "application/json", "{}")
            }
            Err(error) => error.reply(),
        }
    }

    /// A window from which the session was taken away does not command the agent's calls.
    fn has_session(&self, agent: &str, bearer: &Bearer) -> Result<(), ConnectError> {
        match self.sessions.get(agent).and_then(Session::sign_in) {
            Some(other) if other != bearer.sign_in => {
                let text = "session_gone: another window of the agent has the session";
                Err(ConnectError::new(ConnectCode::FailedPrecondition, text))
            }
            _ => Ok(()),
        }
    }

    /// A stream always begins with 200; what is wrong is said at its end.
    fn subscribe(&mut self, request: &Request, moment: &mut Moment) -> Streamed {
        let body = match connect::stream_body(request) {
            Ok(body) => body,
            Err(reply) => return reply.into(),
        };
        let begun = body
            .and_then(|body| command::decode_empty(&body))
            .and_then(|()| self.agent_of(self.tokens.bearer(request)));
        match begun {
            Ok((agent, bearer)) => Streamed {
                pieces: Some(self.open_stream(agent, bearer, moment)),
                reply: Reply::new(200, connect::STREAM, Bytes::new()),
            },
            Err(error) => Reply::new(200, connect::STREAM, connect::end(Some(&error))).into(),
        }
    }

    fn look_up(
        &mut self,
        method: &str,
        path: &[&str],
        request: &Request,
        moment: &mut Moment,
    ) -> Reply {
        let agent = match self.agent_of(self.tokens.bearer(request)) {
            Ok((agent, _)) => agent,
            Err(error) => return error.reply(),
        };
        let Some(who) = self.agent(agent) else {
            return not_served(method, request).reply();
        };
        let features = &moment.settings.features;
        let query = || request.query("query").unwrap_or_default();
        let off = |what: &str| {
            let text = format!("{what} is switched off");
            ConnectError::new(ConnectCode::PermissionDenied, text).reply()
        };
        match (method, path) {
            ("GET", ["state"]) => Reply::json(200, &self.state_of(agent, moment)),
            ("GET", ["transfer-targets"]) => {
                Reply::json(200, &self.transfer_targets(agent, query()))
            }
            ("GET", ["history"]) if !features.history => off("the history"),
            ("GET", ["history"]) => {
                let page = Page::of_request(request, 50);
                Reply::json(200, &self.history(agent, page))
            }
            ("GET", ["phonebook"]) if !features.phonebook => off("the phonebook"),
            ("GET", ["phonebook"]) => {
                let page = Page::of_request(request, 200);
                Reply::json(200, &self.contacts(who, query(), page))
            }
            ("GET", ["sms", "thread"]) => {
                let id = request.query("conversationId").unwrap_or_default();
                let page = Page::of_request(request, 50);
                Reply::json(200, &self.thread(agent, id, page))
            }
            ("POST", ["sms"]) => self.post_sms(agent, request, moment),
            ("GET", ["outbound", "campaigns"]) => {
                Reply::json(200, &json!({ "campaigns": campaign::CAMPAIGNS }))
            }
            ("GET", ["outbound", "dispositions"]) => {
                Reply::json(200, &json!({ "reasons": campaign::DISPOSITIONS }))
            }
            _ => not_served(method, request).reply(),
        }
    }

    /// As published: live calls are shown only while a stream is open.
    fn state_of(&self, agent: &str, moment: &Moment) -> Value {
        let Some(who) = self.agent(agent) else {
            return Value::Null;
        };
        let session = self.sessions.get(agent).filter(|session| session.is_open());
        let registered = session.map_or(view::Registered::No, Session::registered);
        let mut view = self.view(who, registered, &View::default(), moment);
        if session.is_none() {
            view.calls.clear();
            view.conferences.clear();
            view.sms.clear();
        }
        view.snapshot(moment.at)
    }

    fn post_sms(&mut self, agent: &'static str, request: &Request, moment: &mut Moment) -> Reply {
        let fields = match request.media_type().as_deref() {
            Some("application/json") => serde_json::from_slice(&request.body),
            _ => return Reply::empty(415),
        };
        let wish: command::SendSms = match fields {
            Ok(wish) => wish,
            Err(error) => return ConnectError::invalid(error.to_string()).reply(),
        };
        let peer = wish.to.clone();
        if let Err(problem) = self.send_sms(agent, wish, moment) {
            return sms::as_connect(&problem).reply();
        }
        let sent = self.conversation_with(agent, &peer);
        Reply::json(200, &sent.map(sms::ConversationBody::of))
    }

    /// Pushes something to an agent's screen.
    pub(crate) fn push(&mut self, agent: &str, push: Push, moment: &Moment) {
        let notification = Notification {
            kind: &push.kind,
            title: &push.title,
            body: &push.body,
            data_json: push.data.map(|data| data.to_string()).unwrap_or_default(),
            ts: seconds(moment.at),
        };
        self.notify(agent, json::value(&notification));
    }
}

fn not_served(method: &str, request: &Request) -> ConnectError {
    let text = format!("{method} {} is not served here", request.path);
    ConnectError::new(ConnectCode::Unimplemented, text)
}

/// What is pushed to an agent's screen, by `POST /_sandbox/agents/{id}/push`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Push {
    #[serde(default = "message")]
    kind: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    data: Option<Value>,
}

fn message() -> String {
    "cti.message".to_owned()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Notification<'a> {
    kind: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    body: &'a str,
    #[serde(skip_serializing_if = "String::is_empty")]
    data_json: String,
    ts: String,
}
