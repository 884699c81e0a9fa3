//! The reply to a wish, kept for a day to be given again: the manage token is in it, so it is sealed.

use crate::http::problem::Problem;
use crate::relay::Relay;
use crate::seal::Place;
use crate::store::idempotency::{Claim, Reply};

fn place(claim: &Claim) -> Place<'_> {
    Place {
        table: "idempotency",
        row: &claim.key,
        column: "reply",
    }
}

/// The reply as it is kept.
///
/// # Errors
/// No encryption key.
pub fn seal(relay: &Relay, claim: &Claim, reply: &Reply) -> Result<Reply, Problem> {
    let sealed = relay.keyring.seal(&reply.body, place(claim));
    Ok(Reply {
        status: reply.status,
        body: sealed.map_err(|error| Problem::internal(&error))?,
    })
}

/// The reply as it was given, byte for byte.
///
/// # Errors
/// The key that sealed it is gone.
pub fn open(relay: &Relay, claim: &Claim, kept: Reply) -> Result<Reply, Problem> {
    // JSON, as it was kept by an earlier version.
    if kept.body.starts_with('{') {
        return Ok(kept);
    }
    let opened = relay.keyring.open(&kept.body, place(claim));
    Ok(Reply {
        status: kept.status,
        body: opened
            .map_err(|error| Problem::internal(&error))?
            .expose()
            .to_owned(),
    })
}
