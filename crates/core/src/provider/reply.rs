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
        Err(failure) => return Read::No(no_reply(&failure)),
    };
    let json = serde_json::from_slice::<Value>(&response.body).ok();
    let message = json.as_ref().and_then(message);
    match (json.as_ref().and_then(success), response.status) {
        (Some(true), _) => return Read::Yes(json.unwrap_or_default()),
        // Both say no: these say as well what may come of it, another try or another token.
        (None, _) | (Some(false), 401 | 429) => {}
        (Some(false), _) => {
            return Read::No(Outcome::Refused(Because {
                code: Code::ProviderRefused,
                message,
                retry_after: response.retry_after,
            }));
        }
    }
    match (response.status, json) {
        (200..=299, Some(value)) => Read::NoWord(value),
        (200..=299, None) => Read::No(Outcome::Unknown(Because::code(Code::UnreadableReply))),
        (status, _) => Read::No(by_status(status, message, response.retry_after)),
    }
}

/// The outcome where there is no reply.
pub(super) fn no_reply(failure: &Failure) -> Outcome {
    match failure {
        Failure::NotSent(_) => Outcome::Refused(Because::code(Code::ProviderUnreachable)),
        Failure::Lost(_) => Outcome::Unknown(Because::code(Code::NoReply)),
    }
}

/// The outcome by a status that is no success.
pub(super) fn by_status(status: u16, message: Option<String>, retry_after: Option<u32>) -> Outcome {
    let because = |code| Because {
        code,
        message,
        retry_after: None,
    };
    match status {
        401 => Outcome::Refused(because(Code::ProviderRejectedCredentials)),
        403 => Outcome::Refused(because(Code::ProviderForbidden)),
        404 => Outcome::Refused(because(Code::ProviderNotFound)),
        429 => Outcome::Refused(Because {
            retry_after,
            ..because(Code::ProviderBusy)
        }),
        408 | 425 | 500..=599 => Outcome::Unknown(because(Code::ProviderError)),
        400..=499 => Outcome::Refused(because(Code::ProviderRejectedRequest)),
        _ => Outcome::Unknown(Because::code(Code::UnreadableReply)),
    }
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

/// The names that the platforms use for a text: `message`, `error` and `detail` (babelforce v2, as its SDKs read
/// it), `error_message` (v3), `error_description` (OAuth).
pub(super) const MESSAGES: [&str; 5] = [
    "message",
    "error_description",
    "error",
    "detail",
    "error_message",
];

/// The first text under [`MESSAGES`].
fn message(json: &Value) -> Option<String> {
    MESSAGES
        .iter()
        .filter_map(|name| json.get(name)?.as_str())
        .find(|text| !text.is_empty())
        .map(str::to_owned)
}
