//! Calls of the Manager API.

use serde::Serialize;
use serde_json::Value;

use super::{Babelforce, Id, json_text};
use crate::call::{CallRequest, CallState, Progress, Recording};
use crate::error::Error;
use crate::http::Request;
use crate::payload::Payload;
use crate::secret::Secret;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OutboundCall<'a> {
    to: &'a str,
    /// Caller id shown to the destination; without it the account's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    display_as_to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<Payload>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_record: Option<bool>,
}

pub(super) fn dial_body(call: &CallRequest) -> Result<String, Error> {
    let payload = call.travelling_payload();
    json_text(&OutboundCall {
        to: call.number.as_e164(),
        display_as_to: call.caller_id.as_ref().map(|number| number.as_e164()),
        session: (!payload.is_empty()).then_some(payload),
        auto_record: (call.recording == Recording::Always).then_some(true),
    })
}

/// The id in the single-item envelope `{item: {id}, success}`.
pub(super) fn id(json: &Value) -> Option<String> {
    json.get("item")?
        .get("id")?
        .as_str()
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
}

/// What the item of a call tells.
pub(super) fn progress(json: &Value) -> Progress {
    let item = json.get("item");
    let text = |name: &str| item?.get(name)?.as_str();
    let word = text("state").unwrap_or_default();
    let state = state(word);
    let reason = (state == CallState::Ended).then(|| match (word, text("finishReason")) {
        // A finish reason says more than "completed" or "failed", but not than "busy".
        ("completed" | "failed", Some(reason)) if !reason.is_empty() => reason.to_owned(),
        _ => word.to_owned(),
    });
    let duration = item.and_then(|item| item.get("duration")?.as_u64());
    Progress {
        duration: duration.filter(|_| state == CallState::Ended),
        reason,
        state,
    }
}

/// The platform's state in the contract's words. That `bridged` is "both talk", and which states are final,
/// is inferred; the Agent API's documentation agrees. A state that is not known is kept.
fn state(word: &str) -> CallState {
    match word {
        "init" | "scheduled" | "queued" => CallState::Requested,
        "ringing" => CallState::Ringing,
        "in-progress" => CallState::Connecting,
        "bridged" => CallState::Connected,
        "completed" | "busy" | "no-answer" | "canceled" | "purged" | "failed" => CallState::Ended,
        "" => CallState::Requested,
        other => CallState::Other(other.to_owned()),
    }
}

impl Babelforce {
    /// The request that calls off a call which is not connected yet (a scheduled callback, a queued call).
    ///
    /// # Errors
    /// [`InvalidField`](crate::error::Code::InvalidField) for an impossible id.
    pub fn cancel_call(&self, call: &str, token: &Secret) -> Result<Request, Error> {
        let url = self
            .environment
            .url(&format!("/api/v2/calls/{}/cancel", Id::parse(call)?));
        Ok(Request::post(url).with_bearer(token))
    }
}
