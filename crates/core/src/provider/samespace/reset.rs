//! The token reset: exchanges the account's `auth_token` for a new one.
//!
//! The reply is not documented. Inferred: the call rotates the token (old in, new out), and the new one stands
//! under `auth_token` or `token`, at the top or under `data`. Never send it again by itself: after a lost
//! reply the old token may be dead.

use serde::Serialize;
use serde_json::Value;

use super::{Samespace, post, reply};
use crate::error::Error;
use crate::http::{Reply, Request};
use crate::outcome::Outcome;
use crate::secret::Secret;

/// What became of a reset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reset {
    /// The new token. Keep it before anything else.
    Rotated(Secret),
    /// Accepted, but the reply holds no token: a person has to look it up.
    AcceptedWithoutToken,
    /// The old token still holds.
    Refused(Outcome),
    /// The old token may or may not hold.
    Unknown(Outcome),
}

#[derive(Serialize)]
struct Body<'a> {
    cloud_id: &'a str,
    auth_token: &'a str,
}

impl Samespace {
    /// The request that resets the token.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn reset_token(&self, auth_token: &Secret) -> Result<Request, Error> {
        let body = Body {
            cloud_id: &self.cloud_id,
            auth_token: auth_token.expose(),
        };
        post(format!("{}/router/api/v2/token/reset", self.base), &body)
    }

    /// What became of the reset.
    pub fn read_reset(&self, reply: Reply) -> Reset {
        match reply::read(reply) {
            reply::Read::Yes(json) => match find_token(&json) {
                Some(token) => Reset::Rotated(token),
                None => Reset::AcceptedWithoutToken,
            },
            reply::Read::NoWord(json) => match find_token(&json) {
                Some(token) => Reset::Rotated(token),
                None => Reset::Unknown(Outcome::Unknown(crate::outcome::Because::code(
                    crate::error::Code::SuccessMissing,
                ))),
            },
            reply::Read::No(outcome @ Outcome::Refused(_)) => Reset::Refused(outcome),
            reply::Read::No(outcome) => Reset::Unknown(outcome),
        }
    }
}

fn find_token(json: &Value) -> Option<Secret> {
    [Some(json), json.get("data")]
        .into_iter()
        .flatten()
        .flat_map(|place| ["auth_token", "token"].map(|name| place.get(name)))
        .flatten()
        .filter_map(Value::as_str)
        .find(|text| !text.is_empty())
        .map(Secret::new)
}
