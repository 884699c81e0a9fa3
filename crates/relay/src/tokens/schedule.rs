//! Exchanges accounts' own tokens when it is time (`rotate_every`).
//!
//! When it is time stands in the account's row, so that it holds over restarts and for every relay of the database;
//! whichever comes first takes the row. What nobody knows the end of is left for a person: an alert is open, and no
//! time is set until the command was given or a new token configured.

use std::sync::Arc;
use std::time::Duration;

use patchcord_core::error::Code;
use patchcord_core::provider::Provider;

use super::own::{Own, is_leased};
use super::rotate::{By, Rotated};
use crate::clock::Millis;
use crate::relay::Relay;
use crate::store::Conn;
use crate::store::token;

/// The longest sleep: another relay may have changed a row.
const MAX_SLEEP: Duration = Duration::from_secs(60);

/// Goes on until the relay goes down, where an account has a schedule.
pub fn start(relay: &Arc<Relay>) {
    let mut scheduled = relay.accounts.values().filter_map(|account| account.own());
    if scheduled.any(|own| own.every().is_some()) {
        relay.tasks.spawn(run(relay.clone()));
    }
}

async fn run(relay: Arc<Relay>) {
    let mut jumps = relay.clock.jumps();
    while !relay.stopping.is_cancelled() {
        let mut pause = MAX_SLEEP;
        for account in relay.accounts.values() {
            let Some(own) = account.own().filter(|own| own.every().is_some()) else {
                continue;
            };
            if let Some(at) = own.turn(account.provider.as_ref()).await {
                let left = u64::try_from(at - relay.clock.now()).unwrap_or(0);
                // Never at once: somebody else may be at work.
                pause = pause.min(Duration::from_millis(left.max(1_000)));
            }
        }
        tokio::select! {
            () = relay.stopping.cancelled() => {}
            _ = jumps.changed() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

impl Own {
    /// Exchanges the token if it is time. When to look again; `None` for later.
    async fn turn(&self, provider: &dyn Provider) -> Option<Millis> {
        let now = self.custody.clock.now();
        let due = match self.plan(now).await {
            Ok(due) => due?,
            Err(error) => {
                tracing::error!(account = self.account, %error, "when to rotate a token cannot be read");
                return None;
            }
        };
        if now < due {
            return Some(due);
        }
        match self.rotate(provider, By::Schedule).await {
            Ok(Rotated::Yes) => tracing::info!(account = self.account, "token rotated"),
            Ok(Rotated::Busy) => {}
            Ok(Rotated::Refused(said)) => {
                tracing::warn!(account = self.account, said, "token not rotated");
            }
            Ok(Rotated::Unknown(said)) => {
                tracing::error!(
                    account = self.account,
                    said,
                    "it is not known whether a token was rotated"
                );
            }
            Err(error) => {
                tracing::error!(account = self.account, %error, "a token's rotation was not tried");
            }
        }
        Some(due)
    }

    /// Sets the time where there is none yet, and says when it is.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn plan(&self, now: Millis) -> Result<Option<Millis>, sqlx::Error> {
        let own = self.clone();
        let planned = self
            .custody
            .store
            .write(move |tx| Box::pin(async move { own.set_time(tx, now).await }));
        planned.await
    }

    async fn set_time(&self, tx: &mut Conn, now: Millis) -> Result<Option<Millis>, sqlx::Error> {
        let mut row = token::hold(tx, &self.account).await?;
        let before = row.clone();
        if !self.adopt(&mut row, By::Schedule, now)? {
            return Ok(None);
        }
        if row.rotating_since.is_some() {
            // Whoever used the token is no more, and has told nobody.
            if row.rotate_at.is_some() && !is_leased(&row, now) {
                self.unknown(tx, &mut row, Code::Interrupted, now).await?;
                self.custody.wakes.delivery.notify_waiters();
            }
        } else {
            let latest = self.every.map(|every| {
                let every = Millis::try_from(every.as_millis()).unwrap_or(Millis::MAX);
                now.saturating_add(every)
            });
            // Also where the configuration says a shorter time than it did.
            if row
                .rotate_at
                .is_none_or(|at| latest.is_some_and(|latest| at > latest))
            {
                row.rotate_at = self.next(now)?;
            }
        }
        if row != before {
            token::write(tx, &mut row).await?;
        }
        Ok(row.rotate_at.filter(|_| row.rotating_since.is_none()))
    }
}
