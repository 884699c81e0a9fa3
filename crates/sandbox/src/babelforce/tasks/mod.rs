//! Task automations, API v3: another error shape, another list envelope, dates in milliseconds.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::users::ACCOUNT_ID;
use super::{Babelforce, scheduled_at};
use crate::exchange::{FieldError, Fields, Millis, Reply, Request};
use crate::ids::{self, Ids};

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
}

/// One task. This is also how the API shows it.
#[derive(Clone, Serialize)]
pub(crate) struct Task {
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_id: Option<String>,
    customer_id: &'static str,
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
}

#[derive(Serialize)]
struct TaskList<'a> {
    _metadata: PageMetadata,
    records: Vec<&'a Task>,
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

impl Babelforce {
    pub(super) fn submit_task(&mut self, request: &Request, ids: &mut Ids) -> Reply {
        let fields = match request.object() {
            Ok(fields) => fields,
            Err(problem) => return invalid(&problem.to_string()),
        };
        let mut task = match read_task(&fields, request.at, ids) {
            Ok(task) => task,
            Err(problem) => return invalid(&problem.to_string()),
        };
        if self.tasks.iter().any(|other| other.id == task.id) {
            return error(409, "Conflict", "id is already the id of a task");
        }
        task.look_at_clock(request.at);
        let reply = Reply::json(200, &task);
        self.tasks.push(task);
        reply
    }

    pub(super) fn get_task(&mut self, id: &str, now: Millis) -> Reply {
        match self.task_mut(id) {
            Some(task) => {
                task.look_at_clock(now);
                Reply::json(200, task)
            }
            None => no_such_task(),
        }
    }

    pub(crate) fn task_mut(&mut self, id: &str) -> Option<&mut Task> {
        self.tasks.iter_mut().find(|task| task.id == id)
    }

    /// `filter`, the vendor's query language, is refused rather than ignored.
    pub(super) fn list_tasks(&mut self, request: &Request) -> Reply {
        if request.query("filter").is_some() {
            return invalid("filter is not understood by the sandbox");
        }
        let number = |name: &str, usual: usize| match request.query(name) {
            Some(text) => text.parse().ok().filter(|number| *number > 0),
            None => Some(usual),
        };
        let (Some(page), Some(per_page @ ..=100)) = (number("page", 1), number("page_size", 20))
        else {
            return invalid("page must be at least 1, and page_size from 1 to 100");
        };
        for task in &mut self.tasks {
            task.look_at_clock(request.at);
        }
        let skipped = (page - 1).saturating_mul(per_page);
        let list = TaskList {
            _metadata: PageMetadata {
                page,
                per_page,
                page_count: self.tasks.len().div_ceil(per_page),
                total_count: self.tasks.len(),
            },
            records: self.tasks.iter().skip(skipped).take(per_page).collect(),
        };
        Reply::json(200, &list)
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
        if !request.body.is_empty()
            && let Err(problem) = read_reason(request)
        {
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

fn read_reason(request: &Request) -> Result<(), String> {
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
