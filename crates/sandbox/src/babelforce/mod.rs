//! babelforce: OAuth, the Manager API (v2), task automations (v3) and the Agent API.
//!
//! Shapes and enumerations come from the vendor's published OpenAPI. Not published, and so
//! inferred: the body of a v2 error (`{code, message}`, which is what all the vendor's clients
//! read), and what an action does to a call beyond the prose (said where it happens).

mod acts;
mod agents;
mod babelconnect;
mod calendars;
mod calls;
mod condensed;
mod conferences;
mod hours;
mod oauth;
mod paging;
mod people;
mod queues;
mod recordings;
mod reporting;
mod scripts;
mod sign_in;
mod switchboard;
mod tasks;
mod timetable;
mod users;
mod variables;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use axum::http::HeaderValue;
use serde::Serialize;

use crate::exchange::{BodyError, FieldError, Millis, Reply, Request};
use crate::ids::Ids;
use crate::settings::Settings;

pub(crate) use acts::{Act, NotNow};
pub(crate) use agents::{Agent, LineBlock, LineStatus, PRESENCES, Presence};
pub(crate) use babelconnect::{
    Conference, Conversation, Piece, Pieces, Push, Session, SessionView, StreamAct, Streamed,
};
pub(crate) use calls::{Call, CallState, Direction, FinishReason, SERVICE_NUMBERS, Source};
pub(crate) use oauth::Tokens;
pub(crate) use people::{GROUPS, Group, Pushed};
pub(crate) use queues::{Queue, is_e164};
pub(crate) use recordings::Kept;
pub(crate) use scripts::{CallScript, ScriptList, Written};
pub(crate) use tasks::{Schedule, Task, TaskState};
pub(crate) use timetable::Timetable;

/// The state of one babelforce account.
pub(crate) struct Babelforce {
    pub tokens: Tokens,
    pub agents: Vec<Agent>,
    pub queues: Vec<Queue>,
    pub hours: Vec<hours::BusinessHours>,
    pub calendars: Vec<calendars::Calendar>,
    /// Oldest first. A queue callback is a call that is `scheduled`.
    pub calls: Vec<Call>,
    pub conferences: Vec<Conference>,
    /// The one with the newest message first.
    pub conversations: Vec<Conversation>,
    /// Messages pushed to agents, oldest first.
    pub pushed: Vec<Pushed>,
    /// Oldest first.
    pub tasks: Vec<Task>,
    pub schedules: Vec<Schedule>,
    /// Agents who are not offered any tasks until they unlock.
    locked: BTreeSet<&'static str>,
    pub scripts: Vec<Written>,
    pub timetable: Timetable,
    /// By agent: what their stream has been told.
    sessions: BTreeMap<&'static str, Session>,
    /// Codes of the identity provider that have not been redeemed.
    sso_codes: HashMap<String, sign_in::SignedOn>,
}

/// What an action needs beside the account itself.
pub(crate) struct Moment<'a> {
    pub at: Millis,
    pub settings: &'a Settings,
    pub ids: &'a mut Ids,
}

impl Babelforce {
    pub fn seed() -> Self {
        Self {
            tokens: Tokens::default(),
            agents: agents::seed(),
            queues: queues::seed(),
            hours: hours::seed(),
            calendars: calendars::seed(),
            calls: Vec::new(),
            conferences: Vec::new(),
            conversations: Vec::new(),
            pushed: Vec::new(),
            tasks: Vec::new(),
            schedules: Vec::new(),
            locked: BTreeSet::new(),
            scripts: Vec::new(),
            timetable: Timetable::default(),
            sessions: BTreeMap::new(),
            sso_codes: HashMap::new(),
        }
    }

    pub fn answer(&mut self, request: &Request, moment: &mut Moment) -> Streamed {
        let segments = request.segments();
        let method = request.method.as_str();
        let Some((first, rest)) = segments.split_first() else {
            return not_found("path").into();
        };
        match *first {
            "babelconnect.v1.Agent" | "v1" => self.answer_agent(method, &segments, request, moment),
            "oauth" => self.tokens.answer(method, rest, request, moment).into(),
            "auth" => self.sign_on(method, rest, request, moment).into(),
            "recordings" if method == "GET" => self.sound(rest.first().unwrap_or(&"")).into(),
            // Always the same, so that nobody learns who is known here.
            "account" if (method, rest) == ("POST", &["password", "reset"]) => {
                Reply::empty(200).into()
            }
            _ => self.answer_rest(method, rest, request, moment).into(),
        }
    }

    fn answer_rest(
        &mut self,
        method: &str,
        path: &[&str],
        request: &Request,
        moment: &mut Moment,
    ) -> Reply {
        // The webhook of v1 belongs to the task automations, too.
        let tasks = matches!(path.first(), Some(&"v3" | &"v1"));
        let refusal: fn(u16, &str, &str) -> Reply = if tasks { tasks::error } else { error };
        let rest = path.get(1..).unwrap_or_default();
        let Some(bearer) = self.tokens.bearer(request) else {
            let title = if tasks {
                "Unauthorized"
            } else {
                "unauthorized"
            };
            return challenge(refusal(401, title, TOKEN_REQUIRED));
        };
        let answered = match (method, rest) {
            ("GET", ["user", "me"]) if !tasks => Some(users::me(bearer.login)),
            ("GET", ["ping"]) if !tasks => Some(users::ping()),
            (_, ["agent", ..]) if tasks => match bearer.agent {
                Some(agent) => self.answer_v3_agent(agent, method, path, request),
                None => return refusal(403, "Forbidden", "the role agent is required"),
            },
            _ if bearer.agent.is_some() => {
                return refusal(403, "forbidden", "the role manager is required");
            }
            _ if tasks => self.answer_v3(method, path, request, moment),
            _ => self.answer_v2(method, rest, request, moment),
        };
        answered.unwrap_or_else(|| {
            let text = format!("{method} {} is not served here", request.path);
            refusal(404, if tasks { "Not found" } else { "not_found" }, &text)
        })
    }

    fn answer_v2(
        &mut self,
        method: &str,
        path: &[&str],
        request: &Request,
        moment: &mut Moment,
    ) -> Option<Reply> {
        let reply = match (method, path) {
            ("GET", ["agents"]) => self.list_agents(request),
            ("GET", ["agents", "presence", "available"]) => self.list_presences(),
            ("GET", ["agents", "status", "available"]) => self.list_choices(),
            ("GET", ["agents", "groups"]) => self.list_groups(request),
            ("GET", ["agents", "groups", id]) => self.get_group(id),
            ("GET", ["agents", "groups", id, "agents"]) => self.list_members(id, request),
            ("POST", ["agents", "push"]) => self.push_message(request, moment.ids.hex()),
            ("GET", ["tags"]) => self.list_tags(None),
            ("GET", ["tags", category]) => self.list_tags(Some(category)),
            ("PUT", ["agents", id, "enable"]) => self.set_enabled(id, true),
            ("PUT", ["agents", id, "disable"]) => self.set_enabled(id, false),
            ("GET", ["agents", id]) => self.get_agent(id),
            ("POST", ["agents", id, "calls"]) => self.place_call(id, request, moment),
            ("POST", ["agents", id, "hangup"]) => self.hang_up_agent(id, moment),
            ("GET", ["agents", id, "status"]) => self.get_status(id),
            ("PUT", ["agents", id, "status"]) => self.put_status(id, request),
            ("GET", ["calls", "reporting"]) => self.report_calls(request),
            ("GET", ["calls", "reporting", "simple"]) => self.report_condensed(None, request),
            (
                "GET",
                [
                    "calls",
                    "reporting",
                    "simple",
                    part @ ("inbound" | "outbound" | "dialer"),
                ],
            ) => self.report_condensed(Some(part), request),
            ("GET", ["calls", id]) => self.get_call(id, request),
            ("POST", ["calls", id, "hangup"]) => self.hang_up_call(id, request, moment),
            ("POST", ["calls", id, "cancel"]) => self.cancel_call(id, request, moment),
            ("PUT", ["calls", id, "session", "set"]) => self.set_variables(id, request),
            ("GET", ["recordings"]) => self.list_recordings(request),
            ("GET", ["recordings", id]) => self.get_recording(id, request),
            ("GET", ["business-hours"]) => self.list_hours(request),
            ("GET", ["business-hours", id]) => self.get_hours(id),
            ("PUT", ["business-hours", id]) => self.put_hours(id, request),
            ("GET", ["business-hours", id, "ranges"]) => self.list_ranges(id),
            ("POST", ["business-hours", id, "ranges"]) => self.set_ranges(id, request, moment),
            ("GET", ["calendars"]) => self.list_calendars(request),
            ("GET", ["calendars", id]) => self.get_calendar(id),
            ("PUT", ["calendars", id]) => self.put_calendar(id, request),
            ("GET", ["calendars", id, "dates"]) => self.list_dates(id),
            ("POST", ["calendars", id, "dates"]) => self.add_date(id, request, moment),
            ("GET", ["conferences"]) => self.list_conferences(request),
            ("GET", ["conferences", id]) => self.get_conference(id, request),
            ("GET", ["queues"]) => self.list_queues(request),
            ("GET", ["queues", id]) => self.get_queue(id),
            ("GET", ["queues", id, "calls"]) => self.list_queued(id, request),
            ("POST", ["queues", id, "callback"]) => self.queue_callback(id, request, moment),
            _ => return None,
        };
        Some(reply)
    }
}

const TOKEN_REQUIRED: &str = "a valid bearer token is required";

fn challenge(reply: Reply) -> Reply {
    reply.with_header("www-authenticate", HeaderValue::from_static("Bearer"))
}

/// A v2 request without a good token.
fn unauthorized() -> Reply {
    challenge(error(401, "unauthorized", TOKEN_REQUIRED))
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: &'a str,
    message: &'a str,
}

/// A v2 error.
fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, &ErrorBody { code, message })
}

fn not_found(what: &str) -> Reply {
    error(404, "not_found", &format!("{what} not found"))
}

/// A v2 request that was not accepted because of its body.
enum Rejection {
    Body(BodyError),
    Field(FieldError),
}

impl From<BodyError> for Rejection {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

impl From<FieldError> for Rejection {
    fn from(error: FieldError) -> Self {
        Self::Field(error)
    }
}

impl Rejection {
    fn reply(&self) -> Reply {
        match self {
            Self::Body(problem @ BodyError::Malformed(_)) => {
                error(400, "invalid_json", &problem.to_string())
            }
            Self::Body(problem) => error(415, "unsupported_media_type", &problem.to_string()),
            Self::Field(problem) => error(400, "invalid_parameter", &problem.to_string()),
        }
    }
}

/// The v2 envelope of a single thing.
#[derive(Serialize)]
struct Item<T> {
    item: T,
    success: bool,
}

fn item<T: Serialize>(item: T) -> Reply {
    Reply::json(
        200,
        &Item {
            item,
            success: true,
        },
    )
}

/// The v2 envelope of a list that is not in pages.
#[derive(Serialize)]
struct List<'a, T> {
    items: &'a [T],
    success: bool,
}

fn list<T: Serialize>(items: &[T]) -> Reply {
    Reply::json(
        200,
        &List {
            items,
            success: true,
        },
    )
}
