//! Task automations, API v3: another error shape, another list envelope, dates in milliseconds.

mod agent;
mod cron;
mod schedule;
mod scheduled_at;
mod template;
mod webhook;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::users::ACCOUNT_ID;
use super::{Babelforce, Moment};
use crate::exchange::{FieldError, Fields, Millis, Reply, Request};
use crate::ids::{self, Ids};
use crate::rsql;
use template::Style;

pub(crate) use schedule::Schedule;

/// The state of a task, as it is written on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TaskState {
    Scheduled,
    Rescheduled,
    Selecting,
    Accepted,
    Rejected,
    Assigned,
    Processing,
    Pending,
    Completed,
    Canceled,
    Failed,
}

impl TaskState {
    fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled | Self::Failed)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Scheduled => "Scheduled",
            Self::Rescheduled => "Rescheduled",
            Self::Selecting => "Selecting",
            Self::Accepted => "Accepted",
            Self::Rejected => "Rejected",
            Self::Assigned => "Assigned",
            Self::Processing => "Processing",
            Self::Pending => "Pending",
            Self::Completed => "Completed",
            Self::Canceled => "Canceled",
            Self::Failed => "Failed",
        }
    }
}

/// One task. This is also how the API shows it.
#[derive(Clone, Serialize)]
pub(crate) struct Task {
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_id: Option<String>,
    customer_id: &'static str,
    /// The agent whom it is offered to, and whose it is then.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'static str>,
    created_at: Millis,
    body: Box<RawValue>,
    r#type: String,
    pub state: TaskState,
    #[serde(skip_serializing_if = "Option::is_none")]
    actions: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_completion: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    selection_settings: Option<Box<RawValue>>,
    /// Inferred: the reply names the time itself, whichever form was sent.
    scheduled_at: String,
    has_error: bool,
    #[serde(skip)]
    due: Millis,
}

impl Task {
    /// Inferred: a task that is due waits for an agent.
    pub fn look_at_clock(&mut self, now: Millis) {
        if self.state == TaskState::Scheduled && self.due <= now {
            self.state = TaskState::Selecting;
        }
    }

    /// What a filter can ask for; `None` for a field that there is not.
    fn field(&self, name: &str) -> Option<Option<String>> {
        Some(match name {
            "id" => Some(self.id.clone()),
            "state" => Some(self.state.word().to_owned()),
            "type" => Some(self.r#type.clone()),
            "queue_id" => self.queue_id.clone(),
            "customer_id" => Some(self.customer_id.to_owned()),
            "created_at" => Some(self.created_at.to_string()),
            "scheduled_at" => Some(self.due.to_string()),
            _ => return None,
        })
    }
}

#[derive(Serialize)]
struct List<'a, T> {
    _metadata: PageMetadata,
    records: &'a [T],
}

#[derive(Serialize)]
struct PageMetadata {
    page: usize,
    per_page: usize,
    page_count: usize,
    total_count: usize,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error_message: &'a str,
    error_detail: &'a str,
}

/// A v3 error.
pub(super) fn error(status: u16, message: &str, detail: &str) -> Reply {
    Reply::json(
        status,
        &ErrorBody {
            error_message: message,
            error_detail: detail,
        },
    )
}

fn invalid(detail: &str) -> Reply {
    error(400, "Bad request", detail)
}

fn no_such_task() -> Reply {
    error(404, "Not found", "there is no task with this id")
}

/// Which page of a list.
#[derive(Clone, Copy)]
struct Page {
    number: usize,
    size: usize,
}

impl Page {
    fn read(request: &Request) -> Result<Self, Reply> {
        let number = |name: &str, usual: usize| match request.query(name) {
            Some(text) => text.parse().ok().filter(|number| *number > 0),
            None => Some(usual),
        };
        match (number("page", 1), number("page_size", 20)) {
            (Some(number), Some(size @ ..=100)) => Ok(Self { number, size }),
            _ => Err(invalid(
                "page must be at least 1, and page_size from 1 to 100",
            )),
        }
    }
}

fn page<T: Serialize>(all: &[T], wanted: Page) -> Reply {
    let begin = (wanted.number - 1)
        .saturating_mul(wanted.size)
        .min(all.len());
    let end = begin.saturating_add(wanted.size).min(all.len());
    let list = List {
        _metadata: PageMetadata {
            page: wanted.number,
            per_page: wanted.size,
            page_count: all.len().div_ceil(wanted.size),
            total_count: all.len(),
        },
        records: all.get(begin..end).unwrap_or_default(),
    };
    Reply::json(200, &list)
}

impl Babelforce {
    pub(super) fn submit_task(&mut self, request: &Request, ids: &mut Ids) -> Reply {
        let task = request
            .object()
            .map_err(|problem| problem.to_string())
            .and_then(|fields| {
                read_task(&fields, request.at, ids).map_err(|problem| problem.to_string())
            });
        self.take_task(200, task, request.at)
    }

    /// Inferred: a template that there is not is 404, a style 400.
    pub(super) fn submit_template(&mut self, id: &str, request: &Request, ids: &mut Ids) -> Reply {
        let Some(template) = template::find(id) else {
            return error(404, "Not found", "there is no template with this id");
        };
        let Some(style) = Style::parse(request.query("style")) else {
            return invalid("style must be flat or hierarchy");
        };
        let task = request
            .object()
            .map_err(|problem| problem.to_string())
            .and_then(|overrides| template.fill(overrides.all(), style))
            .and_then(|fields| {
                read_task(&fields, request.at, ids).map_err(|problem| problem.to_string())
            });
        self.take_task(200, task, request.at)
    }

    fn take_task(&mut self, status: u16, task: Result<Task, String>, now: Millis) -> Reply {
        let task = match task {
            Ok(task) => task,
            Err(problem) => return invalid(&problem),
        };
        if self.tasks.iter().any(|other| other.id == task.id) {
            return error(409, "Conflict", "id is already the id of a task");
        }
        self.tasks.push(task);
        self.look_at_tasks(now);
        match self.tasks.last() {
            Some(task) => Reply::json(status, task),
            None => no_such_task(),
        }
    }

    pub(super) fn get_task(&mut self, id: &str, now: Millis) -> Reply {
        self.look_at_tasks(now);
        match self.task_mut(id) {
            Some(task) => Reply::json(200, task),
            None => no_such_task(),
        }
    }

    /// Inferred: an id in a path is known with hyphens, too; the published examples have them.
    pub(crate) fn task_mut(&mut self, id: &str) -> Option<&mut Task> {
        let id = ids::from_body(id)?;
        self.tasks.iter_mut().find(|task| task.id == id)
    }

    pub(super) fn list_tasks(&mut self, request: &Request) -> Reply {
        let wanted = match Page::read(request) {
            Ok(wanted) => wanted,
            Err(reply) => return reply,
        };
        self.look_at_tasks(request.at);
        let filter = match request.query("filter").map(rsql::parse) {
            None => None,
            Some(Some(filter)) => Some(filter),
            Some(None) => return invalid("filter is not understood"),
        };
        let mut found = Vec::new();
        for task in &self.tasks {
            let holds = filter
                .as_ref()
                .map(|filter| filter.holds(&|name| task.field(name)));
            match holds {
                None | Some(Some(true)) => found.push(task),
                Some(Some(false)) => {}
                Some(None) => return invalid("filter has a field that cannot be asked for"),
            }
        }
        page(&found, wanted)
    }

    /// Answers 200 without a body: none is published. Inferred: a task that has ended cannot be
    /// interrupted.
    pub(super) fn interrupt_task(&mut self, id: &str, to: &str, request: &Request) -> Reply {
        let to = match to {
            "Completed" => TaskState::Completed,
            "Canceled" => TaskState::Canceled,
            "Failed" => TaskState::Failed,
            _ => return invalid("the target state must be Completed, Canceled or Failed"),
        };
        if let Err(problem) = read_reason(request) {
            return invalid(&problem);
        }
        match self.task_mut(id) {
            None => no_such_task(),
            Some(task) if task.state.is_final() => {
                error(409, "Conflict", "the task has already ended")
            }
            Some(task) => {
                task.state = to;
                Reply::empty(200)
            }
        }
    }
}

impl Babelforce {
    /// `/api/v3/…` and the webhook of v1, for the account's own user.
    pub(super) fn answer_v3(
        &mut self,
        method: &str,
        path: &[&str],
        request: &Request,
        moment: &mut Moment,
    ) -> Option<Reply> {
        let reply = match (method, path) {
            ("GET", ["v3", "tasks"]) => self.list_tasks(request),
            ("POST", ["v3", "tasks"]) => self.submit_task(request, moment.ids),
            ("POST", ["v3", "tasks", "template", id]) => {
                self.submit_template(&decoded(id), request, moment.ids)
            }
            ("GET", ["v3", "tasks", "schedules"]) => self.list_schedules(request),
            ("POST", ["v3", "tasks", "schedules"]) => self.create_schedule(request, moment),
            ("GET", ["v3", "tasks", "schedules", name]) => self.get_schedule(&decoded(name)),
            ("DELETE", ["v3", "tasks", "schedules", name]) => self.delete_schedule(&decoded(name)),
            ("GET", ["v3", "tasks", id]) => self.get_task(id, request.at),
            ("POST", ["v3", "tasks", id, "interrupt", state]) => {
                self.interrupt_task(id, state, request)
            }
            ("POST", ["v1", "webhook", "zendesk"]) => self.zendesk(request, moment.ids),
            _ => return None,
        };
        Some(reply)
    }

    /// What an agent may do there, with a token of their own.
    pub(super) fn answer_v3_agent(
        &mut self,
        agent: &'static str,
        method: &str,
        path: &[&str],
        request: &Request,
    ) -> Option<Reply> {
        match (method, path) {
            ("POST", ["v3", "agent", "tasks", "locking", "unlock"]) => {
                Some(self.unlock_agent(agent, request.at))
            }
            ("POST", ["v3", "agent", "tasks", id, action]) => {
                Some(self.act_on_task(agent, id, action, request))
            }
            _ => None,
        }
    }
}

/// A part of a path as people wrote it.
fn decoded(part: &str) -> String {
    let part = part
        .replace('+', "%2B")
        .replace('=', "%3D")
        .replace('&', "%26");
    let mut names = form_urlencoded::parse(part.as_bytes()).map(|(name, _)| name.into_owned());
    names.next().unwrap_or_default()
}

/// A body is not required; the vendor's client sends `null` for none.
fn read_reason(request: &Request) -> Result<(), String> {
    if matches!(request.body.trim_ascii(), b"" | b"null") {
        return Ok(());
    }
    let fields = request.object().map_err(|problem| problem.to_string())?;
    let reason = fields
        .required_text("reason")
        .map_err(|problem| problem.to_string())?;
    if reason.chars().count() > 255 {
        return Err("reason must have at most 255 characters".to_owned());
    }
    Ok(())
}

fn read_task(fields: &Fields, now: Millis, ids: &mut Ids) -> Result<Task, FieldError> {
    /// Inferred: nothing says what a task without a type becomes.
    const USUAL_TYPE: &str = "babelforce.task";
    let id = match fields.text("id")? {
        Some(id) => ids::from_body(&id).ok_or(FieldError {
            field: "id",
            problem: "must be 32 hex digits",
        })?,
        None => ids.hex(),
    };
    let r#type = fields.text("type")?.unwrap_or(USUAL_TYPE.to_owned());
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if r#type.is_empty() || !r#type.bytes().all(allowed) {
        return Err(FieldError {
            field: "type",
            problem: "must consist of letters, digits and . _ -",
        });
    }
    let scheduled_at = fields.text("scheduled_at")?.unwrap_or("now".to_owned());
    let due = scheduled_at::parse(&scheduled_at, now).ok_or(FieldError {
        field: "scheduled_at",
        problem: "must be now, at <ms>, or in 1w 3d 5h 10min 5sec",
    })?;
    let body = fields.object("body")?;
    Ok(Task {
        id,
        queue_id: fields.text("queue_id")?,
        customer_id: ACCOUNT_ID,
        agent_id: None,
        created_at: now,
        body: match body {
            Some(body) => body,
            None => RawValue::from_string("{}".to_owned()).map_err(|_| FieldError {
                field: "body",
                problem: "must be an object",
            })?,
        },
        r#type,
        state: TaskState::Scheduled,
        actions: fields.object("actions")?,
        task_completion: fields.object("task_completion")?,
        selection_settings: fields.object("selection_settings")?,
        scheduled_at: format!("at {due}"),
        has_error: false,
        due,
    })
}
