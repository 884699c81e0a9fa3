//! Tickets: how somebody with a session begins to sign in at a platform in a window of its own, which has no session.
//!
//! A ticket is good once, for a minute; the database has its hash. It is in an address, so it must be harmless there:
//! who opens it can only sign in as the very agent of the session that it was made for.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Begun, Holder, Purpose, attempt, failed, no_sign_in, open, rules, seal};
use crate::clock::Millis;
use crate::http::problem::Problem;
use crate::random;
use crate::relay::Relay;
use crate::sessions::Asker;
use crate::store::sign_in;

/// How long a ticket is good, in milliseconds.
const TICKET: Millis = 60 * 1000;

#[derive(Serialize, Deserialize)]
struct Ticket {
    account: String,
    holder: Holder,
}

/// The address at which the asker can sign in at an account, once, within a minute.
///
/// # Errors
/// `not_found` for an account without sign-in.
pub async fn give(relay: &Relay, asker: &Asker, account: &str) -> Result<String, Problem> {
    let rules = rules(relay, account)?;
    // The configuration says that this is an address of the relay's own.
    let base = rules
        .redirect_uri
        .strip_suffix("/return")
        .ok_or_else(no_sign_in)?;
    let ticket = Ticket {
        account: account.to_owned(),
        holder: Holder {
            id: asker.agent.id.clone(),
            lineage: asker.session.lineage.clone(),
        },
    };
    let secret = random::bearer("pct")?;
    let (hash, sealed) = (
        random::hash(secret.as_bytes()),
        seal(relay, "ticket", &ticket)?,
    );
    let expires_at = relay.clock.now() + TICKET;
    relay
        .store
        .write(move |tx| {
            Box::pin(async move { sign_in::insert(tx, &hash, &sealed, expires_at).await })
        })
        .await?;
    Ok(format!("{base}?ticket={secret}"))
}

/// Begins an attempt with a ticket.
///
/// # Errors
/// `sign_in_failed` for one that is none, was used, or is too old.
pub async fn begin(relay: &Relay, ticket: &str, from: IpAddr) -> Result<Begun, Problem> {
    let (hash, now) = (random::hash(ticket.as_bytes()), relay.clock.now());
    let sealed = relay
        .store
        .write(move |tx| Box::pin(async move { sign_in::take(tx, &hash, now).await }))
        .await?;
    let ticket: Option<Ticket> = sealed.and_then(|sealed| open(relay, "ticket", &sealed));
    let Some(ticket) = ticket else {
        return Err(failed("This address was opened before, or is too old."));
    };
    let purpose = Purpose::Token(ticket.holder);
    attempt(relay, &ticket.account, purpose, from).await
}
