//! Whose identity provider asks, by its token.

use std::net::IpAddr;
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde_json::Value;

use super::refusal::Refusal;
use crate::audit::{self, Action, Actor};
use crate::config::Directory;
use crate::http::address::ClientAddress;
use crate::http::credentials::bearer;
use crate::random;
use crate::relay::Relay;
use crate::store::tally::{self, Limit, Window};

/// How many wrong tokens of one address are answered and written down in an hour. A right one always gets through: else
/// whoever is about to be switched off could keep the identity provider out.
const MOST: u32 = 20;
/// What the audit log calls it.
const HERE: &str = "SCIM";

/// An organisation's identity provider.
pub struct Asker(pub Arc<Directory>);

impl FromRequestParts<Arc<Relay>> for Asker {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, relay: &Arc<Relay>) -> Result<Self, Refusal> {
        let given = bearer(&parts.headers).unwrap_or_default();
        if let Some(directory) = recognise(relay, given) {
            return Ok(Self(directory));
        }
        let ClientAddress(address) = ClientAddress::from_request_parts(parts, relay).await?;
        count(relay, address).await?;
        Err(Refusal::unauthorized())
    }
}

/// Whose token this is. Every one is compared, by their hashes, so that the time tells nothing.
fn recognise(relay: &Relay, token: &str) -> Option<Arc<Directory>> {
    let given = random::hash(token.as_bytes());
    let mut found = None;
    for directory in relay.config.directories.values() {
        for token in &directory.tokens {
            let known = random::hash(token.expose().as_bytes());
            if verify_slices_are_equal(&given, &known).is_ok() {
                found = Some(directory.clone());
            }
        }
    }
    found
}

async fn count(relay: &Relay, address: IpAddr) -> Result<(), Refusal> {
    let limit = Limit {
        what: "scim token",
        which: random::hex(&relay.fingerprints.visitor(address)),
        window: Window::Hour,
        most: MOST,
    };
    let now = relay.clock.now();
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (who, what) = (Actor::Relay, Action::SignInFailed);
                audit::write(tx, who, what, HERE, Value::Null, now).await?;
                let limits = [limit];
                match tally::count(tx, &limits, now).await?.is_empty() {
                    true => Ok(()),
                    // Nothing is written down then.
                    false => Err(Refusal::too_many()),
                }
            })
        })
        .await
}
