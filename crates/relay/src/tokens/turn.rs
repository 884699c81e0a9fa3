//! A relay's turn to ask for a token: what it takes, leaves and gives back in the account's row.

use std::sync::Arc;

use patchcord_core::error::Code;
use patchcord_core::outcome::Because;
use patchcord_core::secret::Secret;
use patchcord_core::token::{Grant, Stored};
use serde_json::json;

use super::{Current, Holder, Owner, hash, lives_by_one_token, skew};
use crate::audit::{self, Action, Actor};
use crate::clock::Millis;
use crate::store::Conn;
use crate::store::alert::{self, Decision, Kind};
use crate::store::token::{self, Row};
use crate::wakes::Wake;

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
    /// Of the row as it was left.
    version: i64,
    /// What the row was before, for a request that never left.
    before: Before,
}

#[derive(Clone)]
struct Before {
    sealed_refresh: Option<String>,
    rotating_since: Option<Millis>,
}

impl Holder {
    /// The row's access token, if it may be used for more than a moment; an agent's, if it lasts for so much longer
    /// (or half of its life, where that is less: else a short one would be renewed again and again).
    pub(super) fn valid(&self, row: &Row, now: Millis, lasting: Millis) -> Option<Current> {
        let (sealed, expires_at) = (row.sealed_access.as_deref()?, row.expires_at?);
        let least = match &self.owner {
            Owner::Account(_) => skew(),
            Owner::Agent { .. } => {
                let life = expires_at.saturating_sub(row.refreshed_at.unwrap_or(expires_at));
                lasting.max(skew()).min(life / 2)
            }
        };
        if !self.owns(row) || now.saturating_add(least) >= expires_at {
            return None;
        }
        // One that cannot be opened is asked for anew.
        let place = self.owner.place("sealed_access");
        let access = self.custody.keyring.open(sealed, place).ok()?;
        let is_rejected = self.state().rejected == Some(hash(&access));
        (!is_rejected).then_some(Current { access, expires_at })
    }

    /// Whether the platform did not accept the row's access token.
    fn is_rejected(&self, row: &Row) -> bool {
        let Some(rejected) = self.state().rejected else {
            return false;
        };
        let place = self.owner.place("sealed_access");
        let access = row.sealed_access.as_deref();
        let access = access.and_then(|sealed| self.custody.keyring.open(sealed, place).ok());
        access.is_some_and(|access| hash(&access) == rejected)
    }

    fn owns(&self, row: &Row) -> bool {
        row.origin_hash
            .as_ref()
            .is_some_and(|hash| self.origins.contains(hash))
    }

    pub(super) async fn begin(self: &Arc<Self>, lasting: Millis) -> Result<Begun, sqlx::Error> {
        let (holder, now) = (self.clone(), self.custody.clock.now());
        self.custody
            .store
            .write(move |tx| Box::pin(async move { holder.take_turn(tx, now, lasting).await }))
            .await
    }

    /// The row; an agent who is not signed in has none.
    async fn hold(&self, tx: &mut Conn) -> Result<Option<Row>, sqlx::Error> {
        match &self.owner {
            Owner::Account(account) => token::hold(tx, account).await.map(Some),
            Owner::Agent { account, id, .. } => token::find(tx, account, &token::key(id)).await,
        }
    }

    async fn take_turn(
        &self,
        tx: &mut Conn,
        now: Millis,
        lasting: Millis,
    ) -> Result<Begun, sqlx::Error> {
        let nobody = || Begun::Stuck(Because::code(Code::ProviderRejectedCredentials));
        let Some(mut row) = self.hold(tx).await? else {
            return Ok(nobody());
        };
        if !self.owns(&row) {
            if matches!(self.owner, Owner::Agent { .. }) {
                // They are somebody else by now, or the platform is.
                return Ok(nobody());
            }
            // Newly configured: what was there belongs to something else.
            row = Row {
                account: row.account,
                agent: row.agent,
                origin_hash: self.origins.first().cloned(),
                replaced_origins: None,
                version: row.version,
                sealed_access: None,
                expires_at: None,
                sealed_refresh: self.configured_token()?,
                refreshed_at: None,
                rotating_since: None,
                rotate_at: None,
                lease_run: None,
                lease_until: None,
            };
        }
        if let Some(current) = self.valid(&row, now, lasting) {
            return Ok(Begun::Use(current));
        }
        if self.is_rejected(&row) {
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
                .open(sealed, self.owner.place("sealed_refresh"))
            {
                Ok(refresh) => Some(refresh),
                Err(error) => {
                    tracing::error!(account = self.owner.account(), %error, "the stored token cannot be opened");
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
            return Ok(nobody());
        }
        if refresh.is_some() {
            row.rotating_since = row.rotating_since.or(Some(now));
        }
        let timeout = i64::try_from(self.timeout.as_millis()).unwrap_or(i64::MAX);
        row.lease_run = Some(self.custody.run.clone());
        row.lease_until = Some(now.saturating_add(timeout).saturating_add(LONGER));
        token::write(tx, &mut row).await?;
        Ok(Begun::Ask(Turn {
            refresh,
            version: row.version,
            before,
        }))
    }

    fn configured_token(&self) -> Result<Option<String>, sqlx::Error> {
        match &self.config.grant {
            Grant::RefreshToken { refresh_token } => {
                self.seal(refresh_token, "sealed_refresh").map(Some)
            }
            _ => Ok(None),
        }
    }

    pub(super) fn seal(&self, secret: &Secret, column: &str) -> Result<String, sqlx::Error> {
        self.custody
            .keyring
            .seal(secret.expose(), self.owner.place(column))
            .map_err(|error| sqlx::Error::Encode(error.into()))
    }

    /// Puts tokens that came at `now` into the row. Its lease and what was being rotated are over.
    pub(super) fn fill(
        &self,
        row: &mut Row,
        stored: &Stored,
        now: Millis,
    ) -> Result<(), sqlx::Error> {
        let expires_at = i64::try_from(stored.expires_at).unwrap_or(i64::MAX);
        row.sealed_access = Some(self.seal(&stored.access, "sealed_access")?);
        row.expires_at = Some(expires_at);
        row.sealed_refresh = match &stored.refresh {
            Some(refresh) => Some(self.seal(refresh, "sealed_refresh")?),
            None => None,
        };
        row.origin_hash = self.origins.first().cloned();
        row.refreshed_at = Some(now);
        row.rotating_since = None;
        row.lease_run = None;
        row.lease_until = None;
        Ok(())
    }

    /// Ends the turn with new tokens. `None` where an agent has signed in anew or out in the meantime: then these
    /// are not wanted.
    pub(super) async fn granted(
        self: &Arc<Self>,
        turn: &Turn,
        stored: &Stored,
    ) -> Result<Option<Current>, sqlx::Error> {
        let (holder, now, stored) = (self.clone(), self.custody.clock.now(), stored.clone());
        let left = turn.version;
        self.custody
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let Some(mut row) = holder.hold(tx).await? else {
                        return Ok(None);
                    };
                    let is_own = matches!(holder.owner, Owner::Account(_));
                    if !is_own && row.version != left {
                        return Ok(None);
                    }
                    let rotated = row.rotating_since.is_some();
                    holder.fill(&mut row, &stored, now)?;
                    token::write(tx, &mut row).await?;
                    if let Owner::Account(account) = &holder.owner {
                        alert::settle(tx, account, Decision::Answered, "relay", now).await?;
                        if rotated {
                            let detail = json!({ "kind": "refresh_token" });
                            let action = Action::TokenRotated;
                            audit::write(tx, Actor::Relay, action, account, detail, now).await?;
                        }
                    }
                    Ok(Some(Current {
                        access: stored.access,
                        expires_at: row.expires_at.unwrap_or(now),
                    }))
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
                    let row = holder.hold(tx).await?;
                    let is_own = matches!(holder.owner, Owner::Account(_));
                    let row = row.filter(|row| is_own || row.version == turn.version);
                    // An agent has signed in anew or out: there is nothing left to say.
                    let Some(mut row) = row else {
                        return Ok(());
                    };
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
            tracing::error!(account = self.owner.account(), %error, "the end of a token's renewal cannot be stored");
        }
        self.custody
            .wakes
            .wake(Wake::Token(self.owner.account().to_owned()));
    }

    /// Whoever runs the relay has to help. An agent helps themselves: they sign in again.
    async fn alert(&self, tx: &mut Conn, code: Code, now: Millis) -> Result<(), sqlx::Error> {
        let Owner::Account(account) = &self.owner else {
            return Ok(());
        };
        let kind = Kind::TokenRotationUnknown;
        let channels = &self.custody.channels;
        alert::open(tx, channels, kind, account, Some(code.as_str()), now).await
    }
}
