//! Task Automations (v3): tasks, their templates and schedules, and callbacks as tasks.
//!
//! Source: the vendor's OpenAPI files task-automation and task-schedule. Errors are `{error_message, error_detail}`,
//! times milliseconds since the epoch: both otherwise than in the Manager API.

use serde::Serialize;
use serde_json::{Value, json};

use super::reply::{self, Read};
use super::{Babelforce, Id, json_text};
use crate::callback::CallbackRequest;
use crate::error::{Code, Error};
use crate::http::{Method, Reply, Request, percent_encode};
use crate::outcome::{Because, Outcome};
use crate::payload::Payload;
use crate::provider::page::Page;
use crate::provider::tasks::{
    AgentAction, End, Filter, Lock, NewSchedule, NewTask, Reason, Schedule, ScheduleName, State,
    Style, Task, Tasks, Template, When,
};
use crate::secret::Secret;

mod filter;
mod scheduled_at;
pub(super) mod template;

#[cfg(test)]
mod tests;

const TASKS: &str = "/api/v3/tasks";
const SCHEDULES: &str = "/api/v3/tasks/schedules";
/// The largest page that is published.
const MAX_SIZE: u32 = 100;

#[derive(Serialize)]
struct SubmitTask<'a, T> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_id: Option<&'a str>,
    scheduled_at: String,
    body: T,
}

#[derive(Serialize)]
struct CallbackBody<'a> {
    number: &'a str,
    payload: &'a Payload,
}

#[derive(Serialize)]
struct SubmitSchedule<'a> {
    name: &'a str,
    cron: &'a str,
    timezone: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_style: Option<&'static str>,
    task: &'a Payload,
}

/// The body of a callback at a time, as a task of the account's own kind.
pub(super) fn callback_body(
    kind: &str,
    queue: &Id,
    at: u64,
    callback: &CallbackRequest,
) -> Result<String, Error> {
    json_text(&SubmitTask {
        kind,
        queue_id: Some(queue.as_str()),
        scheduled_at: scheduled_at::write(When::At(at)),
        body: CallbackBody {
            number: callback.number.as_e164(),
            payload: &callback.payload,
        },
    })
}

/// The path of a template's tasks.
pub(super) fn template_path(template: &Template, style: Style) -> String {
    let name = percent_encode(template.as_str());
    format!("{TASKS}/template/{name}?style={}", style.as_str())
}

/// The id of a task, which comes without an envelope.
pub(super) fn id(json: &Value) -> Option<String> {
    filled(json, "id")
}

/// The pattern of the vendor's OpenAPI.
pub(super) fn check_type(kind: &str, field: &'static str) -> Result<(), Error> {
    let ok = !kind.is_empty()
        && kind
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
    if ok {
        Ok(())
    } else {
        Err(Error::of(
            Code::InvalidField,
            field,
            "A task type has letters, digits, dots, _ and -.",
        ))
    }
}

/// The path of a task. Its id goes back as the API gave it, with its hyphens or without: its own examples have them,
/// those of the other API do not.
fn task_path(task: &str) -> Result<String, Error> {
    Id::parse(task)?;
    Ok(format!("{TASKS}/{task}"))
}

fn schedule_path(name: &ScheduleName) -> String {
    format!("{SCHEDULES}/{}", percent_encode(name.as_str()))
}

fn reason_body(reason: &Reason) -> Result<String, Error> {
    json_text(&json!({ "reason": reason.as_str() }))
}

/// Reads a reply, with both texts of an error: the second says which field.
pub(super) fn read(reply: Reply) -> Read {
    let detail = reply.as_ref().ok().and_then(|response| {
        let json: Value = serde_json::from_slice(&response.body).ok()?;
        filled(&json, "error_detail").zip(filled(&json, "error_message"))
    });
    match (reply::read(reply), detail) {
        (Read::No(outcome), Some((detail, message))) => {
            let said = |because: Because| Because {
                message: Some(format!("{message}: {detail}")),
                ..because
            };
            Read::No(match outcome {
                Outcome::Accepted => Outcome::Accepted,
                Outcome::Refused(because) => Outcome::Refused(said(because)),
                Outcome::Unknown(because) => Outcome::Unknown(said(because)),
            })
        }
        (read, _) => read,
    }
}

fn read_json(reply: Reply) -> Result<Value, Outcome> {
    match read(reply) {
        Read::Yes(json) | Read::NoWord(json) => Ok(json),
        Read::No(outcome) => Err(outcome),
    }
}

fn unreadable() -> Outcome {
    Outcome::Unknown(Because::code(Code::UnreadableReply))
}

/// A text that is there and not empty.
fn filled(json: &Value, name: &str) -> Option<String> {
    json.get(name)?
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

fn object(json: &Value, name: &str) -> Option<Payload> {
    let value = json.get(name).filter(|value| value.is_object())?;
    Payload::from_json(&value.to_string()).ok()
}

fn task(json: &Value) -> Option<Task> {
    Some(Task {
        id: id(json)?,
        kind: filled(json, "type"),
        state: State::parse(&filled(json, "state").unwrap_or_default()),
        created: json.get("created_at").and_then(Value::as_u64),
        when: filled(json, "scheduled_at").and_then(|text| scheduled_at::parse(&text)),
        queue: filled(json, "queue_id"),
        agent: filled(json, "agent_id"),
        body: object(json, "body"),
        has_error: json.get("has_error").and_then(Value::as_bool),
    })
}

fn schedule(json: &Value) -> Option<Schedule> {
    Some(Schedule {
        name: filled(json, "name")?,
        cron: filled(json, "cron")?,
        // The published default.
        zone: filled(json, "timezone").unwrap_or_else(|| "UTC".to_owned()),
        template: filled(json, "template_id"),
        style: filled(json, "template_style"),
        task: object(json, "task"),
    })
}

/// The entries of a page. Without `_metadata` it is the only one.
fn page<T>(
    number: u32,
    reply: Reply,
    entry: impl Fn(&Value) -> Option<T>,
) -> Result<Page<T>, Outcome> {
    let json = read_json(reply)?;
    let records = json.get("records").and_then(Value::as_array);
    let items = records.ok_or_else(unreadable)?.iter().filter_map(entry);
    let pages = json
        .pointer("/_metadata/page_count")
        .and_then(Value::as_u64);
    let is_more = pages.is_some_and(|pages| u64::from(number) < pages);
    Ok(Page {
        items: items.collect(),
        next: number.checked_add(1).filter(|_| is_more),
    })
}

impl Babelforce {
    fn task_request(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        token: Option<&Secret>,
    ) -> Request {
        let url = self.environment.url(path);
        let request = match body {
            Some(body) => Request::json(method, url, body),
            None => Request {
                method,
                ..Request::get(url)
            },
        };
        self.request(request, token)
    }
}

impl Tasks for Babelforce {
    fn submit(&self, task: &NewTask, token: Option<&Secret>) -> Result<Request, Error> {
        check_type(&task.kind, "type")?;
        let queue = task.queue.as_deref().map(Id::parse).transpose();
        let queue = queue.map_err(|error| error.at("queue_id"))?;
        let body = json_text(&SubmitTask {
            kind: &task.kind,
            queue_id: queue.as_ref().map(Id::as_str),
            scheduled_at: scheduled_at::write(task.when),
            body: &task.body,
        })?;
        Ok(self.task_request(Method::Post, TASKS, Some(body), token))
    }

    fn submit_by_template(
        &self,
        template: &Template,
        style: Style,
        overrides: &Payload,
        token: Option<&Secret>,
    ) -> Result<Request, Error> {
        let body = overrides.as_json().to_owned();
        let path = template_path(template, style);
        Ok(self.task_request(Method::Post, &path, Some(body), token))
    }

    fn get(&self, task: &str, token: Option<&Secret>) -> Result<Request, Error> {
        Ok(self.task_request(Method::Get, &task_path(task)?, None, token))
    }

    fn read_task(&self, reply: Reply) -> Result<Task, Outcome> {
        task(&read_json(reply)?).ok_or_else(unreadable)
    }

    fn list(
        &self,
        filter: &Filter,
        page: u32,
        size: u32,
        token: Option<&Secret>,
    ) -> Result<Request, Error> {
        if let Some(kind) = &filter.kind {
            check_type(kind, "type")?;
        }
        let size = size.clamp(1, MAX_SIZE);
        let mut path = format!("{TASKS}?page={page}&page_size={size}");
        if let Some(filter) = filter::write(filter) {
            path.push_str("&filter=");
            path.push_str(&percent_encode(&filter));
        }
        Ok(self.task_request(Method::Get, &path, None, token))
    }

    fn read_list(&self, number: u32, reply: Reply) -> Result<Page<Task>, Outcome> {
        page(number, reply, task)
    }

    fn interrupt(
        &self,
        task: &str,
        end: End,
        reason: &Reason,
        token: Option<&Secret>,
    ) -> Result<Request, Error> {
        let path = format!("{}/interrupt/{}", task_path(task)?, end.as_str());
        let body = reason_body(reason)?;
        Ok(self.task_request(Method::Post, &path, Some(body), token))
    }

    /// 200 and 204 without a body are published for these.
    fn read_done(&self, reply: Reply) -> Outcome {
        if let Ok(response) = &reply
            && matches!(response.status, 200..=299)
            && response.body.trim_ascii().is_empty()
        {
            return Outcome::Accepted;
        }
        match read(reply) {
            Read::Yes(_) | Read::NoWord(_) => Outcome::Accepted,
            Read::No(outcome) => outcome,
        }
    }

    fn schedules(&self, page: u32, size: u32, token: Option<&Secret>) -> Result<Request, Error> {
        let size = size.clamp(1, MAX_SIZE);
        let path = format!("{SCHEDULES}?page={page}&page_size={size}");
        Ok(self.task_request(Method::Get, &path, None, token))
    }

    fn read_schedules(&self, number: u32, reply: Reply) -> Result<Page<Schedule>, Outcome> {
        page(number, reply, schedule)
    }

    fn schedule(&self, name: &ScheduleName, token: Option<&Secret>) -> Result<Request, Error> {
        Ok(self.task_request(Method::Get, &schedule_path(name), None, token))
    }

    fn read_schedule(&self, reply: Reply) -> Result<Schedule, Outcome> {
        schedule(&read_json(reply)?).ok_or_else(unreadable)
    }

    fn create_schedule(
        &self,
        schedule: &NewSchedule,
        token: Option<&Secret>,
    ) -> Result<Request, Error> {
        let template = schedule.template.as_ref();
        let body = json_text(&SubmitSchedule {
            name: schedule.name.as_str(),
            cron: schedule.cron.as_str(),
            timezone: schedule.zone.as_str(),
            template_id: template.map(|(template, _)| template.as_str()),
            template_style: template.map(|(_, style)| style.as_str()),
            task: &schedule.task,
        })?;
        Ok(self.task_request(Method::Post, SCHEDULES, Some(body), token))
    }

    fn delete_schedule(
        &self,
        name: &ScheduleName,
        token: Option<&Secret>,
    ) -> Result<Request, Error> {
        Ok(self.task_request(Method::Delete, &schedule_path(name), None, token))
    }

    fn act(
        &self,
        task: &str,
        action: AgentAction,
        reason: Option<&Reason>,
        token: &Secret,
    ) -> Result<Request, Error> {
        Id::parse(task)?;
        let action = match action {
            AgentAction::Accept => "Accept",
            AgentAction::Reject => "Reject",
            AgentAction::Complete => "Complete",
        };
        let path = format!("/api/v3/agent/tasks/{task}/{action}");
        let body = reason.map(reason_body).transpose()?;
        Ok(self.task_request(Method::Post, &path, body, Some(token)))
    }

    fn unlock(&self, token: &Secret) -> Result<Request, Error> {
        let path = "/api/v3/agent/tasks/locking/unlock";
        Ok(self.task_request(Method::Post, path, None, Some(token)))
    }

    fn read_unlock(&self, reply: Reply) -> Result<Lock, Outcome> {
        let state = filled(&read_json(reply)?, "state").ok_or_else(unreadable)?;
        Ok(match state.as_str() {
            "locked" => Lock::Locked,
            "unlocked" => Lock::Unlocked,
            _ => Lock::Other(state),
        })
    }
}
