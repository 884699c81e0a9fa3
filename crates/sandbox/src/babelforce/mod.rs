//! babelforce: OAuth, the Manager API (v2) and task automations (v3).
//!
//! Shapes and enumerations come from the vendor's published OpenAPI. Not published, and so
//! inferred: the body of a v2 error (`{code, message}`, which is what all the vendor's clients
//! read), and what an action does to a call beyond the prose (said where it happens).

mod agents;
mod calls;
mod oauth;
mod paging;
mod queues;
mod scheduled_at;
mod tasks;
mod users;

use axum::http::HeaderValue;
use serde::Serialize;

use crate::exchange::{BodyError, FieldError, Reply, Request};
use crate::ids::Ids;
use crate::settings::Settings;

pub(crate) use agents::{Agent, LineStatus, PRESENCES, Presence};
pub(crate) use calls::{Call, CallState, FinishReason};
pub(crate) use oauth::Tokens;
pub(crate) use queues::Queue;
pub(crate) use tasks::{Task, TaskState};

/// The state of one babelforce account.
pub(crate) struct Babelforce {
    pub tokens: Tokens,
    pub agents: Vec<Agent>,
    pub queues: Vec<Queue>,
    /// Oldest first. A queue callback is a call that is `scheduled`.
    pub calls: Vec<Call>,
    /// Oldest first.
    pub tasks: Vec<Task>,
}

impl Babelforce {
    pub fn seed() -> Self {
        Self {
            tokens: Tokens::default(),
            agents: agents::seed(),
            queues: queues::seed(),
            calls: Vec::new(),
            tasks: Vec::new(),
        }
    }

    pub fn answer(&mut self, request: &Request, settings: &Settings, ids: &mut Ids) -> Reply {
        let segments = request.segments();
        let method = request.method.as_str();
        if let Some((&"oauth", rest)) = segments.split_first() {
            return self.tokens.answer(method, rest, request, settings, ids);
        }
        let tasks = segments.get(1) == Some(&"v3");
        if !self.tokens.admits(request) {
            let refusal = if tasks {
                tasks::error(401, "Unauthorized", "a valid bearer token is required")
            } else {
                error(401, "unauthorized", "a valid bearer token is required")
            };
            return refusal.with_header("www-authenticate", HeaderValue::from_static("Bearer"));
        }
        let rest = segments.get(2..).unwrap_or_default();
        let answered = if tasks {
            self.answer_v3(method, rest, request, ids)
        } else {
            self.answer_v2(method, rest, request, ids)
        };
        answered.unwrap_or_else(|| {
            let text = format!("{method} {} is not served here", request.path);
            if tasks {
                tasks::error(404, "Not found", &text)
            } else {
                error(404, "not_found", &text)
            }
        })
    }

    fn answer_v2(
        &mut self,
        method: &str,
        path: &[&str],
        request: &Request,
        ids: &mut Ids,
    ) -> Option<Reply> {
        let reply = match (method, path) {
            ("GET", ["ping"]) => users::ping(),
            ("GET", ["user", "me"]) => users::me(),
            ("GET", ["agents"]) => self.list_agents(request),
            ("GET", ["agents", "presence", "available"]) => self.list_presences(),
            ("GET", ["agents", id]) => self.get_agent(id),
            ("POST", ["agents", id, "calls"]) => self.place_call(id, request, ids),
            ("POST", ["agents", id, "hangup"]) => self.hang_up_agent(id, request.at),
            ("GET", ["agents", id, "status"]) => self.get_status(id),
            ("PUT", ["agents", id, "status"]) => self.put_status(id, request),
            ("GET", ["calls", "reporting"]) => self.report_calls(request),
            ("GET", ["calls", id]) => self.get_call(id),
            ("POST", ["calls", id, "hangup"]) => self.hang_up_call(id, request.at),
            ("POST", ["calls", id, "cancel"]) => self.cancel_call(id, request.at),
            ("GET", ["queues"]) => self.list_queues(request),
            ("GET", ["queues", id]) => self.get_queue(id),
            ("POST", ["queues", id, "callback"]) => self.queue_callback(id, request, ids),
            _ => return None,
        };
        Some(reply)
    }

    fn answer_v3(
        &mut self,
        method: &str,
        path: &[&str],
        request: &Request,
        ids: &mut Ids,
    ) -> Option<Reply> {
        let reply = match (method, path) {
            ("GET", ["tasks"]) => self.list_tasks(request),
            ("POST", ["tasks"]) => self.submit_task(request, ids),
            ("GET", ["tasks", id]) => self.get_task(id, request.at),
            ("POST", ["tasks", id, "interrupt", state]) => self.interrupt_task(id, state, request),
            _ => return None,
        };
        Some(reply)
    }
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
