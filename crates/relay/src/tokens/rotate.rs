//! The rotation of an account's own token (Samespace's `auth_token`): at an operator's command.
//!
//! Written ahead: before the old token is sent, the row says so. If the relay dies or the reply is lost, the row
//! still has the old token and `rotating_since`, and an alert is open. The command may then be given again: an old
//! token that still holds is exchanged; one that is refused is dead, and the new one has to be looked up at the
//! platform and configured.

use patchcord_core::outcome::Outcome;
use patchcord_core::provider::{Provider, Rotation};
use patchcord_core::secret::Secret;
use serde_json::json;
use std::time::Duration;

use super::{Custody, STORE_AGAIN, place};
use crate::audit::{self, Action, Actor};
use crate::clock::Millis;
use crate::random;
use crate::store::Conn;
use crate::store::alert::{self, Decision, Kind};
use crate::store::token::{self, Row};

/// What became of a rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotated {
    /// The new token is stored.
    Yes,
    /// Somebody else rotates it right now.
    Busy,
    /// The old token still holds.
    Refused(String),
    /// Nobody knows which token holds; a person has to look.
    Unknown(String),
}

/// Why a rotation was not tried.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The platform has no such thing.
    #[error("{0}")]
    Cannot(#[from] patchcord_core::error::Error),
    /// The database.
    #[error("the database does not answer")]
    Store(#[from] sqlx::Error),
}

/// Rotates the token of an account. `configured` is the token that the configuration has; a newly configured one
/// replaces what is stored.
///
/// # Errors
/// Why it was not tried.
pub async fn rotate(
    custody: &Custody,
    account: &str,
    provider: &dyn Provider,
    configured: &Secret,
    timeout: Duration,
) -> Result<Rotated, RotateError> {
    let now = custody.clock.now();
    let taken = {
        let (custody, account, configured) =
            (custody.clone(), account.to_owned(), configured.clone());
        let until = now
            .saturating_add(i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX))
            .saturating_add(5_000);
        custody
            .store
            .clone()
            .write(move |tx| {
                Box::pin(async move { take(tx, &custody, &account, &configured, now, until).await })
            })
            .await?
    };
    let Some((old, before)) = taken else {
        return Ok(Rotated::Busy);
    };
    let request = provider.reset_token(&old)?;
    crate::crash::point("token asked");
    let reply = custody.outbound.send(request, timeout).await;
    crate::crash::point("token answered");
    let rotation = provider.read_reset(reply);
    loop {
        let (custody, account, rotation) = (custody.clone(), account.to_owned(), rotation.clone());
        let stored = custody
            .store
            .clone()
            .write(move |tx| {
                Box::pin(async move { settle(tx, &custody, &account, rotation, before, now).await })
            })
            .await;
        match stored {
            Ok(rotated) => return Ok(rotated),
            // However long it takes: nobody else has the new token.
            Err(error) => {
                tracing::error!(%error, "the rotated token cannot be stored; trying again");
                tokio::time::sleep(STORE_AGAIN).await;
            }
        }
    }
}

async fn take(
    tx: &mut Conn,
    custody: &Custody,
    account: &str,
    configured: &Secret,
    now: Millis,
    until: Millis,
) -> Result<Option<(Secret, Option<Millis>)>, sqlx::Error> {
    let mut row = token::hold(tx, account).await?;
    let origin = random::hash(configured.expose().as_bytes()).to_vec();
    let encode = |error: crate::seal::SealError| sqlx::Error::Encode(error.into());
    let refresh = place(account, "sealed_refresh");
    if row.origin_hash.as_ref() != Some(&origin) {
        row = Row {
            sealed_refresh: Some(
                custody
                    .keyring
                    .seal(configured.expose(), refresh)
                    .map_err(encode)?,
            ),
            origin_hash: Some(origin),
            rotating_since: None,
            refreshed_at: None,
            ..row
        };
    }
    if row.lease_until.is_some_and(|until| now < until) {
        return Ok(None);
    }
    let sealed = row.sealed_refresh.as_deref().unwrap_or_default();
    let old = custody.keyring.open(sealed, refresh).map_err(encode)?;
    let before = row.rotating_since;
    row.rotating_since = before.or(Some(now));
    row.lease_run = Some(custody.run.clone());
    row.lease_until = Some(until);
    token::write(tx, &mut row).await?;
    Ok(Some((old, before)))
}

async fn settle(
    tx: &mut Conn,
    custody: &Custody,
    account: &str,
    rotation: Rotation,
    before: Option<Millis>,
    now: Millis,
) -> Result<Rotated, sqlx::Error> {
    let mut row = token::hold(tx, account).await?;
    row.lease_run = None;
    row.lease_until = None;
    let rotated = match rotation {
        Rotation::Rotated(new) => {
            let sealed = custody
                .keyring
                .seal(new.expose(), place(account, "sealed_refresh"));
            row.sealed_refresh = Some(sealed.map_err(|error| sqlx::Error::Encode(error.into()))?);
            row.refreshed_at = Some(now);
            row.rotating_since = None;
            alert::settle(tx, account, Decision::Answered, "relay", now).await?;
            let detail = json!({ "kind": "auth_token" });
            audit::write(
                tx,
                Actor::Command,
                Action::TokenRotated,
                account,
                detail,
                now,
            )
            .await?;
            Rotated::Yes
        }
        Rotation::Refused(outcome) => {
            row.rotating_since = before;
            Rotated::Refused(said(&outcome))
        }
        Rotation::AcceptedWithoutToken => {
            unknown(tx, custody, account, "success_missing", now).await?;
            Rotated::Unknown("the platform took it, but told no new token".into())
        }
        Rotation::Unknown(outcome) => {
            let code = outcome
                .because()
                .map_or("no_reply", |because| because.code.as_str());
            unknown(tx, custody, account, code, now).await?;
            Rotated::Unknown(said(&outcome))
        }
    };
    token::write(tx, &mut row).await?;
    Ok(rotated)
}

async fn unknown(
    tx: &mut Conn,
    custody: &Custody,
    account: &str,
    code: &str,
    now: Millis,
) -> Result<(), sqlx::Error> {
    let kind = Kind::TokenRotationUnknown;
    alert::open(tx, &custody.channels, kind, account, Some(code), now).await
}

fn said(outcome: &Outcome) -> String {
    match outcome.because() {
        Some(because) => match &because.message {
            Some(message) => format!("{}: {message}", because.code),
            None => because.code.to_string(),
        },
        None => outcome.as_str().to_owned(),
    }
}
