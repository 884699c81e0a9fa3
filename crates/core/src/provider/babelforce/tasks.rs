//! Task Automations (v3): callbacks at a time.

use serde::Serialize;
use serde_json::Value;

use super::{Babelforce, Id, json_text};
use crate::callback::CallbackRequest;
use crate::error::{Code, Error};
use crate::http::{Method, Request};
use crate::payload::Payload;
use crate::secret::Secret;

#[derive(Serialize)]
struct SubmitTask<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    queue_id: &'a str,
    /// The grammar is `now`, `at <milliseconds since the epoch>` or `in 1w 3d 5h 10min 5sec`.
    scheduled_at: String,
    body: TaskBody<'a>,
}

#[derive(Serialize)]
struct TaskBody<'a> {
    number: &'a str,
    payload: &'a Payload,
}

pub(super) fn body(
    kind: &str,
    queue: &Id,
    at: u64,
    callback: &CallbackRequest,
) -> Result<String, Error> {
    json_text(&SubmitTask {
        kind,
        queue_id: queue.as_str(),
        scheduled_at: format!("at {at}"),
        body: TaskBody {
            number: callback.number.as_e164(),
            payload: &callback.payload,
        },
    })
}

/// The id of a task, which comes without an envelope.
pub(super) fn id(json: &Value) -> Option<String> {
    json.get("id")?
        .as_str()
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
}

/// The pattern of the vendor's OpenAPI.
pub(super) fn check_type(kind: &str) -> Result<(), Error> {
    let ok = !kind.is_empty()
        && kind
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
    if ok {
        Ok(())
    } else {
        Err(Error::of(
            Code::InvalidField,
            "task_type",
            "A task type has letters, digits, dots, _ and -.",
        ))
    }
}

impl Babelforce {
    /// The request that calls off a task, with a reason of at most 255 characters.
    ///
    /// # Errors
    /// [`Code::InvalidField`] for an impossible id or a reason that is empty or too long.
    pub fn cancel_task(&self, task: &str, reason: &str, token: &Secret) -> Result<Request, Error> {
        if reason.is_empty() || reason.chars().count() > 255 {
            return Err(Error::of(
                Code::InvalidField,
                "reason",
                "A reason has 1 to 255 characters.",
            ));
        }
        // Task ids are UUIDs with hyphens in the v3 API's own examples; whatever the API gave is sent back.
        let path = format!(
            "/api/v3/tasks/{}/interrupt/Canceled",
            crate::http::percent_encode(task)
        );
        let body = json_text(&serde_json::json!({ "reason": reason }))?;
        Ok(Request::json(Method::Post, self.environment.url(&path), body).with_bearer(token))
    }
}
