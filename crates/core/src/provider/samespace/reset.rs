//! The token reset: exchanges the account's `auth_token` for a new one.
//!
//! The reply is not documented. Inferred: the call rotates the token (old in, new out), and the new one stands
//! under `auth_token` or `token`, at the top or under `data`. Never send it again by itself: after a lost
//! reply the old token may be dead.

use serde::Serialize;
use serde_json::Value;

use super::super::Rotation;
use super::{Samespace, post, reply};
use crate::error::Error;
use crate::http::{Reply, Request};
use crate::outcome::Outcome;
use crate::secret::Secret;

#[derive(Serialize)]
struct Body<'a> {
    cloud_id: &'a str,
    auth_token: &'a str,
}

impl Samespace {
    pub(super) fn reset_request(&self, auth_token: &Secret) -> Result<Request, Error> {
        let body = Body {
            cloud_id: &self.cloud_id,
            auth_token: auth_token.expose(),
        };
        post(format!("{}/router/api/v2/token/reset", self.base), &body)
    }

    pub(super) fn read_rotation(reply: Reply) -> Rotation {
        match reply::read(reply) {
            reply::Read::Yes(json) => match find_token(&json) {
                Some(token) => Rotation::Rotated(token),
                None => Rotation::AcceptedWithoutToken,
            },
            reply::Read::NoWord(json) => match find_token(&json) {
                Some(token) => Rotation::Rotated(token),
                None => Rotation::Unknown(Outcome::Unknown(crate::outcome::Because::code(
                    crate::error::Code::SuccessMissing,
                ))),
            },
            reply::Read::No(outcome @ Outcome::Refused(_)) => Rotation::Refused(outcome),
            reply::Read::No(outcome) => Rotation::Unknown(outcome),
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
