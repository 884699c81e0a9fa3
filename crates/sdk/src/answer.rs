//! What a reply of the relay says.

use patchcord_core::click;
use patchcord_core::error::Code;
use wasm_bindgen::JsValue;

use crate::failure::Failure;
use crate::fetch::{Lost, Reply};
use crate::js;

/// A reply, read.
pub enum Answer {
    /// The JSON object of a 2xx reply.
    Object(JsValue),
    /// A problem document, with its status.
    Problem(u16, Failure),
    /// Neither: a wrong content type, no JSON, no object. Nobody knows what it means.
    Unreadable,
}

impl Answer {
    /// Reads a reply.
    pub fn read(reply: &Reply) -> Self {
        let object = if reply.is_json {
            js::parse_object(&reply.body)
        } else {
            None
        };
        match (object, reply.status) {
            (Some(object), 200..=299) => Answer::Object(object),
            (Some(object), status) => match Failure::read(&object) {
                Some(failure) => Answer::Problem(status, failure),
                None => Answer::Unreadable,
            },
            (None, _) => Answer::Unreadable,
        }
    }

    /// The object of a reply to a question that changes nothing.
    ///
    /// # Errors
    /// The problem; `relay_unreachable` or `relay_unreadable` where there is none.
    pub fn object(reply: Result<Reply, Lost>) -> Result<JsValue, Failure> {
        match reply.map(|reply| Self::read(&reply)) {
            Ok(Answer::Object(object)) => Ok(object),
            Ok(Answer::Problem(_, failure)) => Err(failure),
            Ok(Answer::Unreadable) => Err(Failure::of(Code::RelayUnreadable)),
            Err(Lost) => Err(Failure::of(Code::RelayUnreachable)),
        }
    }
}

/// What became of a call or callback that was sent.
pub struct Told {
    /// For the click.
    pub reply: click::Reply,
    /// Why not, where it was not accepted.
    pub failure: Failure,
    /// The call or callback, where the reply was one; else `undefined`.
    pub object: JsValue,
}

impl Told {
    /// Reads the reply to a call or callback.
    pub fn read(reply: Result<Reply, Lost>) -> Self {
        match reply.map(|reply| Answer::read(&reply)) {
            Ok(Answer::Object(object)) => {
                let reply = outcome(&object);
                let failure = Failure::read(&object).unwrap_or_else(|| match reply {
                    click::Reply::Accepted => Failure::default(),
                    click::Reply::Refused => Failure::of(Code::ProviderRefused),
                    _ => Failure::of(Code::RelayUnreadable),
                });
                Self {
                    reply,
                    failure,
                    object,
                }
            }
            Ok(Answer::Problem(status, failure)) => {
                let reply = match status {
                    401 => click::Reply::Unauthorized,
                    // Busy: the relay says that it did nothing. Any other 5xx: it does not know.
                    400..=499 | 503 => click::Reply::Denied,
                    _ => click::Reply::Unknown,
                };
                Self {
                    reply,
                    failure,
                    object: JsValue::UNDEFINED,
                }
            }
            Ok(Answer::Unreadable) => Self::bare(click::Reply::Unknown, Code::RelayUnreadable),
            Err(Lost) => Self::bare(click::Reply::Lost, Code::NoReply),
        }
    }

    fn bare(reply: click::Reply, code: Code) -> Self {
        Self {
            reply,
            failure: Failure::of(code),
            object: JsValue::UNDEFINED,
        }
    }
}

/// A call tells its outcome; a callback has a state.
fn outcome(object: &JsValue) -> click::Reply {
    let word = js::text(object, "outcome").or_else(|| js::text(object, "state"));
    match word.as_deref() {
        Some("accepted" | "queued" | "due" | "dispatching" | "handed_over") => {
            click::Reply::Accepted
        }
        Some("refused") => click::Reply::Refused,
        _ => click::Reply::Unknown,
    }
}
