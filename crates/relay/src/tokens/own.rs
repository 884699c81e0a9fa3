//! An account's own token (Samespace's `auth_token`): which one holds, and when it is to be exchanged.

use std::time::{Duration, Instant};

use patchcord_core::error::Code;
use patchcord_core::outcome::Because;
use patchcord_core::secret::Secret;

use super::rotate::By;
use super::{Custody, LOOK, place};
use crate::clock::Millis;
use crate::random;
use crate::seal::SealError;
use crate::store::token::Row;

/// The column that has it.
pub(super) const COLUMN: &str = "sealed_refresh";

/// The own token of one account.
#[derive(Clone)]
pub struct Own {
    pub(super) account: String,
    /// The token that the configuration has; a newly configured one replaces what is stored.
    pub(super) configured: Secret,
    pub(super) every: Option<Duration>,
    pub(super) timeout: Duration,
    pub(super) custody: Custody,
}

impl Own {
    /// The token of `account`, which `configured` was the first of. `every` is how old one may become, `timeout` how
    /// long one request may take. Nothing is asked yet.
    pub fn new(
        account: &str,
        configured: Secret,
        every: Option<Duration>,
        timeout: Duration,
        custody: &Custody,
    ) -> Self {
        Self {
            account: account.to_owned(),
            configured,
            every,
            timeout,
            custody: custody.clone(),
        }
    }

    /// How old it may become before a relay exchanges it by itself.
    pub const fn every(&self) -> Option<Duration> {
        self.every
    }

    /// The token to send now. While it is being exchanged, it waits for that to end: the old one may be dead.
    ///
    /// # Errors
    /// Why there is none. The code is that of a refusal: without a token nothing was asked.
    pub async fn current(&self) -> Result<Secret, Because> {
        let until = Instant::now() + self.timeout;
        loop {
            let row = self.custody.store.token(&self.account).await;
            let row = row.map_err(|error| none("The database does not answer.", &error))?;
            let Some(row) = row.filter(|row| self.descends(row)) else {
                return Ok(self.configured.clone());
            };
            if !is_leased(&row, self.custody.clock.now()) {
                return self
                    .open(&row)
                    .map_err(|error| none("The stored token cannot be opened.", &error));
            }
            if Instant::now() > until {
                return Err(because("The token is being exchanged; nothing was sent."));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn origin(&self) -> Vec<u8> {
        random::hash(self.configured.expose().as_bytes()).to_vec()
    }

    /// Whether what is stored came from the token that is configured.
    fn descends(&self, row: &Row) -> bool {
        row.origin_hash.as_ref() == Some(&self.origin())
    }

    /// The token in a row.
    pub(super) fn open(&self, row: &Row) -> Result<Secret, SealError> {
        let sealed = row.sealed_refresh.as_deref().unwrap_or_default();
        self.custody
            .keyring
            .open(sealed, place(&self.account, COLUMN))
    }

    /// A token, sealed for the row.
    pub(super) fn seal(&self, token: &Secret) -> Result<String, sqlx::Error> {
        self.custody
            .keyring
            .seal(token.expose(), place(&self.account, COLUMN))
            .map_err(encode)
    }

    /// Takes the configured token into the row, where it is not the one that the row descends from. Whether the row
    /// descends from it then. By itself a relay does not take one whose place another took already: it has not been
    /// told of the newer one yet. Of the two, only a person knows better.
    pub(super) fn adopt(&self, row: &mut Row, by: By, now: Millis) -> Result<bool, sqlx::Error> {
        if self.descends(row) {
            return Ok(true);
        }
        let origin = self.origin();
        if by == By::Schedule && row.was_replaced(&origin) {
            tracing::warn!(
                account = self.account,
                "the configured auth_token was replaced by a newer one: configure that, or rotate this one by command"
            );
            return Ok(false);
        }
        row.sealed_refresh = Some(self.seal(&self.configured)?);
        row.replace_origin(origin);
        row.rotating_since = None;
        row.refreshed_at = None;
        row.rotate_at = self.next(now)?;
        Ok(true)
    }

    /// When a token that came now is to be exchanged: up to a tenth before it is too old, so that the accounts of many
    /// relays do not all ask at once.
    pub(super) fn next(&self, now: Millis) -> Result<Option<Millis>, sqlx::Error> {
        let Some(every) = self.every else {
            return Ok(None);
        };
        let every = Millis::try_from(every.as_millis()).unwrap_or(Millis::MAX);
        let random = random::bytes::<4>().map_err(|error| sqlx::Error::Encode(error.into()))?;
        let tenth = (every / 10).max(1);
        let earlier = Millis::from(u32::from_le_bytes(random)) % tenth;
        Ok(Some(now.saturating_add(every - earlier)))
    }
}

/// Whether somebody is at work with the row.
pub(super) fn is_leased(row: &Row, now: Millis) -> bool {
    row.lease_until.is_some_and(|until| now < until)
}

pub(super) fn encode(error: SealError) -> sqlx::Error {
    sqlx::Error::Encode(error.into())
}

fn none(said: &'static str, error: &dyn std::error::Error) -> Because {
    tracing::error!(%error, "an account's own token cannot be read");
    because(said)
}

fn because(said: &'static str) -> Because {
    Because {
        code: Code::ProviderUnreachable,
        message: Some(said.to_owned()),
        retry_after: None,
    }
}
