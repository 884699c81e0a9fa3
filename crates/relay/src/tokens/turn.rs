//! A relay's turn to ask for a token: what it takes, leaves and gives back in the account's row.

use std::sync::Arc;

use patchcord_core::error::Code;
use patchcord_core::outcome::Because;
use patchcord_core::secret::Secret;
use patchcord_core::token::{Grant, Stored};
use serde_json::json;

use super::{Current, Holder, lives_by_one_token, place, skew};
use crate::audit::{self, Action, Actor};
use crate::clock::Millis;
use crate::store::Conn;
use crate::store::alert::{self, Decision, Kind};
use crate::store::token::{self, Row};

/// How much longer than a request a turn lasts, in milliseconds.
const LONGER: Millis = 5_000;

/// What a relay that needs a token is to do.
pub enum Begun {
    /// There is one.
    Use(Current),
    /// Another relay asks.
    Wait,
    /// It is this relay's turn.
    Ask(Turn),
    /// Nobody can, until a person helps.
    Stuck(Because),
}

/// This relay's turn.
pub struct Turn {
    /// The token to ask with; without one, the configured grant.
    pub refresh: Option<Secret>,
    /// What the row was before, for a request that never left.
    before: Before,
}

#[derive(Clone)]
struct Before {
    sealed_refresh: Option<String>,
    rotating_since: Option<Millis>,
}

impl Holder {
    /// The row's access token, if it may be used for more than a moment.
    pub(super) fn valid(&self, row: &Row, now: Millis) -> Option<Current> {
        let (sealed, expires_at) = (row.sealed_access.as_deref()?, row.expires_at?);
        let usable = self.owns(row)
            && now.saturating_add(skew()) < expires_at
            && self.state().rejected != Some(row.version);
        if !usable {
            return None;
        }
        // One that cannot be opened is asked for anew.
        let access = self
            .custody
            .keyring
            .open(sealed, place(&self.account, "sealed_access"));
        Some(Current {
            access: access.ok()?,
            expires_at,
            version: row.version,
        })
    }

    fn owns(&self, row: &Row) -> bool {
        row.origin_hash
            .as_ref()
            .is_some_and(|hash| self.origins.contains(hash))
    }

    pub(super) async fn begin(self: &Arc<Self>) -> Result<Begun, sqlx::Error> {
        let (holder, now) = (self.clone(), self.custody.clock.now());
        self.custody
            .store
            .write(move |tx| Box::pin(async move { holder.take_turn(tx, now).await }))
            .await
    }

    async fn take_turn(&self, tx: &mut Conn, now: Millis) -> Result<Begun, sqlx::Error> {
        let mut row = token::hold(tx, &self.account).await?;
        if !self.owns(&row) {
            // Newly configured: what was there belongs to something else.
            row = Row {
                account: row.account,
                origin_hash: self.origins.first().cloned(),
                version: row.version,
                sealed_access: None,
                expires_at: None,
                sealed_refresh: self.configured_token()?,
                refreshed_at: None,
                rotating_since: None,
                lease_run: None,
                lease_until: None,
            };
        }
        if let Some(current) = self.valid(&row, now) {
            return Ok(Begun::Use(current));
        }
        if self.state().rejected == Some(row.version) {
            row.sealed_access = None;
            row.expires_at = None;
        }
        let leased = row.lease_until.is_some_and(|until| now < until);
        if leased && row.lease_run.as_deref() != Some(&self.custody.run) {
            return Ok(Begun::Wait);
        }
        let opened = match &row.sealed_refresh {
            None => None,
            Some(sealed) => match self
                .custody
                .keyring
                .open(sealed, place(&self.account, "sealed_refresh"))
            {
                Ok(refresh) => Some(refresh),
                Err(error) => {
                    tracing::error!(account = self.account, %error, "the stored token cannot be opened");
                    if lives_by_one_token(&self.config) {
                        // It stays: with the right key it is still good.
                        return Ok(Begun::Stuck(Because {
                            code: Code::ProviderRejectedCredentials,
                            message: Some(format!("The stored token cannot be opened: {error}.")),
                            retry_after: None,
                        }));
                    }
                    None
                }
            },
        };
        let before = Before {
            sealed_refresh: row.sealed_refresh.clone(),
            rotating_since: row.rotating_since,
        };
        let refresh = match (row.rotating_since, lives_by_one_token(&self.config)) {
            (None, _) => opened,
            // It can sign in again.
            (Some(_), false) => {
                row.sealed_refresh = None;
                row.rotating_since = None;
                None
            }
            // Used before, and nobody knows what became of it: once more, and never again.
            (Some(_), true) => {
                self.alert(tx, Code::Interrupted, now).await?;
                row.sealed_refresh = None;
                opened
            }
        };
        if refresh.is_none() && lives_by_one_token(&self.config) {
            return Ok(Begun::Stuck(Because::code(
                Code::ProviderRejectedCredentials,
            )));
        }
        if refresh.is_some() {
            row.rotating_since = row.rotating_since.or(Some(now));
        }
        let timeout = i64::try_from(self.timeout.as_millis()).unwrap_or(i64::MAX);
        row.lease_run = Some(self.custody.run.clone());
        row.lease_until = Some(now.saturating_add(timeout).saturating_add(LONGER));
        token::write(tx, &mut row).await?;
        Ok(Begun::Ask(Turn { refresh, before }))
    }

    fn configured_token(&self) -> Result<Option<String>, sqlx::Error> {
        match &self.config.grant {
            Grant::RefreshToken { refresh_token } => {
                self.seal(refresh_token, "sealed_refresh").map(Some)
            }
            _ => Ok(None),
        }
    }

    fn seal(&self, secret: &Secret, column: &str) -> Result<String, sqlx::Error> {
        self.custody
            .keyring
            .seal(secret.expose(), place(&self.account, column))
            .map_err(|error| sqlx::Error::Encode(error.into()))
    }

    /// Ends the turn with new tokens.
    pub(super) async fn granted(self: &Arc<Self>, stored: &Stored) -> Result<Current, sqlx::Error> {
        let (holder, now, stored) = (self.clone(), self.custody.clock.now(), stored.clone());
        self.custody
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let mut row = token::hold(tx, &holder.account).await?;
                    let rotated = row.rotating_since.take().is_some();
                    let expires_at = i64::try_from(stored.expires_at).unwrap_or(i64::MAX);
                    row.sealed_access = Some(holder.seal(&stored.access, "sealed_access")?);
                    row.expires_at = Some(expires_at);
                    row.sealed_refresh = match &stored.refresh {
                        Some(refresh) => Some(holder.seal(refresh, "sealed_refresh")?),
                        None => None,
                    };
                    row.origin_hash = holder.origins.first().cloned();
                    row.refreshed_at = Some(now);
                    row.lease_run = None;
                    row.lease_until = None;
                    token::write(tx, &mut row).await?;
                    alert::settle(tx, &holder.account, Decision::Answered, "relay", now).await?;
                    if rotated {
                        let detail = json!({ "kind": "refresh_token" });
                        let account = &holder.account;
                        audit::write(tx, Actor::Relay, Action::TokenRotated, account, detail, now)
                            .await?;
                    }
                    Ok(Current {
                        access: stored.access,
                        expires_at,
                        version: row.version,
                    })
                })
            })
            .await
    }

    /// Ends the turn without a token.
    pub(super) async fn failed(self: &Arc<Self>, turn: Turn, because: Because) {
        let (holder, now) = (self.clone(), self.custody.clock.now());
        let ended = self
            .custody
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let mut row = token::hold(tx, &holder.account).await?;
                    row.lease_run = None;
                    row.lease_until = None;
                    match because.code {
                        // It never left, or the platform was too busy to look at it.
                        Code::ProviderUnreachable | Code::ProviderBusy => {
                            row.sealed_refresh = turn.before.sealed_refresh;
                            row.rotating_since = turn.before.rotating_since;
                        }
                        Code::ProviderRejectedCredentials => {
                            row.sealed_refresh = None;
                            row.rotating_since = None;
                            holder.alert(tx, because.code, now).await?;
                        }
                        // It may have arrived: `rotating_since` stays.
                        _ if turn.refresh.is_some() && lives_by_one_token(&holder.config) => {
                            holder.alert(tx, because.code, now).await?;
                        }
                        _ => {}
                    }
                    token::write(tx, &mut row).await
                })
            })
            .await;
        if let Err(error) = ended {
            // The lease ends by itself, and `rotating_since` says what is to be said.
            tracing::error!(account = self.account, %error, "the end of a token's renewal cannot be stored");
        }
        self.custody
            .wakes
            .wake(crate::wakes::Wake::Token(self.account.clone()));
    }

    async fn alert(&self, tx: &mut Conn, code: Code, now: Millis) -> Result<(), sqlx::Error> {
        let kind = Kind::TokenRotationUnknown;
        let channels = &self.custody.channels;
        alert::open(tx, channels, kind, &self.account, Some(code.as_str()), now).await
    }
}
