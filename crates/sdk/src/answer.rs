//! What a reply of the relay says.

use patchcord_core::click;
use patchcord_core::error::Code;
use wasm_bindgen::JsValue;

use crate::failure::Failure;
use crate::fetch::{Lost, Reply};
use crate::js;

/// Where callbacks are sent to.
pub const CALLBACKS: &str = "/v1/callbacks";

/// The object of a reply to a question that changes nothing.
///
/// # Errors
/// The problem; `relay_unreachable` or `relay_unreadable` where there is none.
pub fn object(reply: Result<Reply, Lost>) -> Result<JsValue, Failure> {
    match reply {
        Ok(Reply {
            status: 200..=299,
            object: Some(object),
        }) => Ok(object),
        Ok(Reply { object, .. }) => Err(object
            .and_then(|object| Failure::read(&object))
            .unwrap_or_else(|| Failure::of(Code::RelayUnreadable))),
        Err(Lost) => Err(Failure::of(Code::RelayUnreachable)),
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
    /// Reads the reply to a call or callback, which was sent to `path`.
    pub fn read(reply: Result<Reply, Lost>, path: &str) -> Self {
        let (status, object) = match reply {
            Ok(Reply { status, object }) => (status, object),
            Err(Lost) => return Self::bare(click::Reply::Lost, Failure::of(Code::NoReply)),
        };
        let failure = object.as_ref().and_then(Failure::read);
        match (status, object, failure) {
            (200..=299, Some(object), failure) => {
                let reply = outcome(&object);
                let failure = failure.unwrap_or_else(|| match reply {
                    click::Reply::Refused => Failure::of(Code::ProviderRefused),
                    _ => Failure::of(Code::RelayUnreadable),
                });
                Self {
                    reply,
                    failure,
                    object,
                }
            }
            (401, _, Some(failure)) => Self::bare(click::Reply::Unauthorized, failure),
            // What is wrong with a callback is said only where none was taken under its key.
            (422, _, Some(failure)) if path == CALLBACKS => {
                Self::bare(click::Reply::NotTaken, failure)
            }
            // Busy: the relay says that it did nothing. Any other 5xx: it does not know.
            (400..=499 | 503, _, Some(failure)) => Self::bare(click::Reply::Denied, failure),
            (_, _, Some(failure)) => Self::bare(click::Reply::Unknown, failure),
            _ => Self::bare(click::Reply::Unknown, Failure::of(Code::RelayUnreadable)),
        }
    }

    /// What came back instead of a call or callback.
    pub fn bare(reply: click::Reply, failure: Failure) -> Self {
        Self {
            reply,
            failure,
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
