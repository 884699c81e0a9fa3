//! What a reply says, by the rule that holds for both platforms (see "Codes" in the contract).

use serde_json::Value;

use crate::error::Code;
use crate::http::{Failure, Reply};
use crate::outcome::{Because, Outcome};

/// A reply, read as far as both platforms agree.
pub(super) enum Read {
    /// `success` is true.
    Yes(Value),
    /// 2xx and JSON, but no `success`: the platform's folder may know more.
    NoWord(Value),
    /// Refused or unknown.
    No(Outcome),
}

/// Reads a reply.
pub(super) fn read(reply: Reply) -> Read {
    let response = match reply {
        Ok(response) => response,
        Err(Failure::NotSent(_)) => return refused(Code::ProviderUnreachable, None, None),
        Err(Failure::Lost(_)) => return unknown(Code::NoReply, None),
    };
    let json = serde_json::from_slice::<Value>(&response.body).ok();
    let message = json.as_ref().and_then(message);
    match json.as_ref().and_then(success) {
        Some(true) => return Read::Yes(json.unwrap_or_default()),
        Some(false) => return refused(Code::ProviderRefused, message, response.retry_after),
        None => {}
    }
    match response.status {
        200..=299 => match json {
            Some(value) => Read::NoWord(value),
            None => unknown(Code::UnreadableReply, None),
        },
        401 => refused(Code::ProviderRejectedCredentials, message, None),
        403 => refused(Code::ProviderForbidden, message, None),
        404 => refused(Code::ProviderNotFound, message, None),
        429 => refused(Code::ProviderBusy, message, response.retry_after),
        408 | 425 => unknown(Code::ProviderError, message),
        400..=499 => refused(Code::ProviderRejectedRequest, message, None),
        500..=599 => unknown(Code::ProviderError, message),
        _ => unknown(Code::UnreadableReply, None),
    }
}

fn refused(code: Code, message: Option<String>, retry_after: Option<u32>) -> Read {
    Read::No(Outcome::Refused(Because {
        code,
        message,
        retry_after,
    }))
}

fn unknown(code: Code, message: Option<String>) -> Read {
    Read::No(Outcome::Unknown(Because {
        code,
        message,
        retry_after: None,
    }))
}

/// `success` as a bool, or as the strings "true" and "false" (Samespace's chat API sends a string).
fn success(json: &Value) -> Option<bool> {
    match json.get("success")? {
        Value::Bool(word) => Some(*word),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// The first text under the names that the platforms use: `message`, `error` and `detail` (babelforce v2, as
/// its SDKs read it), `error_message` (v3), `error_description` (OAuth).
pub(super) fn message(json: &Value) -> Option<String> {
    [
        "message",
        "error_description",
        "error",
        "detail",
        "error_message",
    ]
    .iter()
    .filter_map(|name| json.get(name)?.as_str())
    .find(|text| !text.is_empty())
    .map(str::to_owned)
}
