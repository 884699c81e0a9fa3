//! The rotation of an account's own token (Samespace's `auth_token`): at an operator's command, or on a schedule
//! ([`super::schedule`]).
//!
//! Written ahead: before the old token is sent, the row says so. If the relay dies or the reply is lost, the row
//! still has the old token and `rotating_since`, an alert is open, and no relay tries again by itself. The command may
//! be given: an old token that still holds is exchanged; one that is refused is dead, and the new one has to be looked
//! up at the platform and configured.

use patchcord_core::error::Code;
use patchcord_core::outcome::Outcome;
use patchcord_core::provider::{Provider, Rotation};
use patchcord_core::secret::Secret;
use serde_json::json;

use super::STORE_AGAIN;
use super::own::{Own, encode, is_leased};
use crate::audit::{self, Action, Actor};
use crate::clock::Millis;
use crate::store::alert::{self, Decision, Kind};
use crate::store::token::{self, Row};
use crate::store::{Conn, DAY};
use crate::wakes::Wake;

/// When a refused rotation is tried again, and one for which the platform had no time.
const AGAIN: Millis = DAY;
const AGAIN_SOON: Millis = 60 * 60 * 1_000;

/// Who wants a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A person: also where nobody knows what became of the last one.
    Command,
    /// The schedule: only when it is time, and never while a person has to look first.
    Schedule,
}

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

impl Own {
    /// Exchanges the token.
    ///
    /// # Errors
    /// Why it was not tried.
    pub async fn rotate(&self, provider: &dyn Provider, by: By) -> Result<Rotated, RotateError> {
        let now = self.custody.clock.now();
        let taken = {
            let own = self.clone();
            self.custody
                .store
                .write(move |tx| Box::pin(async move { own.take(tx, by, now).await }))
                .await?
        };
        let Some((old, before)) = taken else {
            return Ok(Rotated::Busy);
        };
        let request = provider.reset_token(&old)?;
        crate::crash::point("token asked");
        let reply = self.custody.outbound.send(request, self.timeout).await;
        crate::crash::point("token answered");
        let rotation = provider.read_reset(reply);
        loop {
            let (own, rotation) = (self.clone(), rotation.clone());
            let stored = self
                .custody
                .store
                .write(move |tx| {
                    Box::pin(async move { own.settle(tx, rotation, by, before, now).await })
                })
                .await;
            match stored {
                Ok(rotated) => {
                    let wakes = &self.custody.wakes;
                    wakes.wake(Wake::Token(self.account.clone()));
                    wakes.delivery.notify_waiters();
                    return Ok(rotated);
                }
                // However long it takes: nobody else has the new token.
                Err(error) => {
                    tracing::error!(%error, "the rotated token cannot be stored; trying again");
                    tokio::time::sleep(STORE_AGAIN).await;
                }
            }
        }
    }

    /// The old token, and since when nobody knows whether it holds; `None` where somebody else is at work, or where it
    /// is not the schedule's turn.
    async fn take(
        &self,
        tx: &mut Conn,
        by: By,
        now: Millis,
    ) -> Result<Option<(Secret, Option<Millis>)>, sqlx::Error> {
        let mut row = token::hold(tx, &self.account).await?;
        let its_turn = self.adopt(&mut row, by, now)?
            && match by {
                By::Command => true,
                By::Schedule => is_due(&row, now),
            };
        if is_leased(&row, now) || !its_turn {
            return Ok(None);
        }
        let old = self.open(&row).map_err(encode)?;
        let before = row.rotating_since;
        row.rotating_since = before.or(Some(now));
        row.lease_run = Some(self.custody.run.clone());
        let timeout = Millis::try_from(self.timeout.as_millis()).unwrap_or(Millis::MAX);
        row.lease_until = Some(now.saturating_add(timeout).saturating_add(5_000));
        token::write(tx, &mut row).await?;
        Ok(Some((old, before)))
    }

    async fn settle(
        &self,
        tx: &mut Conn,
        rotation: Rotation,
        by: By,
        before: Option<Millis>,
        now: Millis,
    ) -> Result<Rotated, sqlx::Error> {
        let mut row = token::hold(tx, &self.account).await?;
        row.lease_run = None;
        row.lease_until = None;
        let rotated = match rotation {
            Rotation::Rotated(new) => {
                row.sealed_refresh = Some(self.seal(&new)?);
                row.refreshed_at = Some(now);
                row.rotating_since = None;
                row.rotate_at = self.next(now)?;
                alert::settle(tx, &self.account, Decision::Answered, "relay", now).await?;
                let actor = match by {
                    By::Command => Actor::Command,
                    By::Schedule => Actor::Relay,
                };
                let detail = json!({ "kind": "auth_token" });
                audit::write(tx, actor, Action::TokenRotated, &self.account, detail, now).await?;
                Rotated::Yes
            }
            Rotation::Refused(outcome) => {
                row.rotating_since = before;
                if by == By::Schedule {
                    self.refused(tx, &mut row, &outcome, now).await?;
                }
                Rotated::Refused(said(&outcome))
            }
            Rotation::AcceptedWithoutToken => {
                self.unknown(tx, &mut row, Code::SuccessMissing, now)
                    .await?;
                Rotated::Unknown("the platform took it, but told no new token".into())
            }
            Rotation::Unknown(outcome) => {
                let because = outcome.because();
                let code = because.map_or(Code::NoReply, |because| because.code);
                self.unknown(tx, &mut row, code, now).await?;
                Rotated::Unknown(said(&outcome))
            }
        };
        token::write(tx, &mut row).await?;
        Ok(rotated)
    }

    /// The schedule was refused: nobody is there who would read it, so somebody is told, unless the platform only had
    /// no time.
    async fn refused(
        &self,
        tx: &mut Conn,
        row: &mut Row,
        outcome: &Outcome,
        now: Millis,
    ) -> Result<(), sqlx::Error> {
        let code = outcome.because().map(|because| because.code);
        if matches!(code, Some(Code::ProviderUnreachable | Code::ProviderBusy)) {
            row.rotate_at = Some(now.saturating_add(AGAIN_SOON));
            return Ok(());
        }
        row.rotate_at = Some(now.saturating_add(AGAIN));
        self.alert(tx, Kind::TokenRotationRefused, code, now).await
    }

    /// Nobody knows which token holds: a person has to look before a relay tries again.
    pub(super) async fn unknown(
        &self,
        tx: &mut Conn,
        row: &mut Row,
        code: Code,
        now: Millis,
    ) -> Result<(), sqlx::Error> {
        row.rotate_at = None;
        self.alert(tx, Kind::TokenRotationUnknown, Some(code), now)
            .await
    }

    async fn alert(
        &self,
        tx: &mut Conn,
        kind: Kind,
        code: Option<Code>,
        now: Millis,
    ) -> Result<(), sqlx::Error> {
        let code = code.map(Code::as_str);
        alert::open(tx, &self.custody.channels, kind, &self.account, code, now).await
    }
}

/// Whether a relay exchanges the token in a row now.
fn is_due(row: &Row, now: Millis) -> bool {
    row.rotating_since.is_none() && row.rotate_at.is_some_and(|at| at <= now)
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
