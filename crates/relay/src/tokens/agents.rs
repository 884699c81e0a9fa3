//! The tokens of agents who have signed in at a platform themselves: each their own, because it says who they are.
//!
//! A row is read for each use, so that a token which was forgotten at one relay is used at no other. The row goes when
//! the agent signs out or an operator revokes their sessions; who it is at the platform is part of its origin, so
//! that a row is of no use for whoever the agent is mapped to afterwards.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use patchcord_core::error::Code;
use patchcord_core::http::Request;
use patchcord_core::outcome::Because;
use patchcord_core::provider::desk::SignIn;
use patchcord_core::secret::Secret;
use patchcord_core::token::{Config, Grant, Stored, Tokens};
use serde_json::json;

use super::{Custody, Holder, LONGEST_PAUSE, Owner, hash};
use crate::audit::{self, Action, Actor};
use crate::clock::Millis;
use crate::config::AgentId;
use crate::seal::SealError;
use crate::store::Conn;
use crate::store::token::{self, Row};
use crate::wakes::Wake;

/// The tokens of one account's agents.
pub struct AgentTokens {
    account: String,
    config: Config,
    sign_in: Arc<dyn SignIn>,
    timeout: Duration,
    custody: Custody,
    /// By the person and who that is at the platform.
    holders: Mutex<HashMap<(AgentId, String), Arc<Holder>>>,
}

/// A token that may be used now. `Debug` does not show it.
#[derive(Debug, Clone)]
pub struct Held {
    /// The token.
    pub access: Secret,
}

impl AgentTokens {
    /// The tokens of an account's agents; the client and address of `config` are for all of them.
    pub fn new(
        account: &str,
        config: Config,
        sign_in: Arc<dyn SignIn>,
        timeout: Duration,
        custody: &Custody,
    ) -> Self {
        Self {
            account: account.to_owned(),
            // Each agent's own one is in their row.
            config: Config {
                grant: Grant::RefreshToken {
                    refresh_token: Secret::default(),
                },
                ..config
            },
            sign_in,
            timeout,
            custody: custody.clone(),
            holders: Mutex::default(),
        }
    }

    /// A token of an agent who is `agent` at the platform. It lasts for so many milliseconds more, unless tokens here
    /// never last so long, or there is no new one to be had.
    ///
    /// # Errors
    /// Why there is none. [`Code::ProviderRejectedCredentials`] where the agent has to sign in (again).
    pub async fn token(&self, id: &AgentId, agent: &str, lasting: Millis) -> Result<Held, Because> {
        let holder = self.holder(id, agent).map_err(|error| {
            tracing::error!(%error, "an agent's tokens cannot be read");
            Because::code(Code::Internal)
        })?;
        holder.lasting(lasting).await
    }

    /// The platform did not accept this token: it is not used again.
    pub fn rejected(&self, id: &AgentId, agent: &str, held: &Held) {
        if let Ok(holder) = self.holder(id, agent) {
            holder.state().rejected = Some(hash(&held.access));
        }
    }

    /// The platform did not even accept a token that is fresh: no further one is asked for, for a while or until the
    /// agent signs in anew.
    pub fn distrusted(&self, id: &AgentId, agent: &str) {
        if let Ok(holder) = self.holder(id, agent) {
            holder.rest(
                Because::code(Code::ProviderRejectedCredentials),
                LONGEST_PAUSE,
            );
        }
    }

    /// Keeps the tokens of an agent who has signed in and is `agent` at the platform, within a transaction that has
    /// [`token::lock`]ed the agent. Gives back those of an earlier sign-in.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn keep(
        &self,
        tx: &mut Conn,
        id: &AgentId,
        agent: &str,
        stored: &Stored,
        now: Millis,
    ) -> Result<Option<Stored>, sqlx::Error> {
        let holder = self
            .holder(id, agent)
            .map_err(|error| sqlx::Error::Encode(error.into()))?;
        let mut row = token::make(tx, &self.account, id, now).await?;
        let before = self.open(&row);
        holder.fill(&mut row, stored, now)?;
        token::write(tx, &mut row).await?;
        Ok(before)
    }

    /// Somebody's tokens were kept or forgotten: what was remembered of them is not true any more.
    pub fn changed(&self, id: &AgentId) {
        self.holders().retain(|(known, _), _| known != id);
        self.custody.wakes.wake(Wake::Token(self.account.clone()));
        self.custody.wakes.wake(Wake::Agent(id.clone()));
    }

    /// Whether an agent is signed in. A database that does not answer signs nobody out.
    pub async fn has(&self, id: &AgentId) -> bool {
        let agent = token::key(id);
        match self.custody.store.token_of(&self.account, &agent).await {
            Ok(row) => row.is_some(),
            Err(error) => {
                tracing::warn!(%error, "an agent's token cannot be looked up");
                true
            }
        }
    }

    /// Forgets the tokens of an agent who signs out, and writes it down; what they were.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn forget(&self, id: &AgentId) -> Result<Option<Stored>, sqlx::Error> {
        let (agent, account) = (id.clone(), self.account.clone());
        let now = self.custody.clock.now();
        let rows = self
            .custody
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let rows = token::forget(tx, &agent, Some(&account)).await?;
                    if !rows.is_empty() {
                        let (who, detail) = (Actor::Agent(&agent), json!({ "by": "sign_out" }));
                        let done = Action::TokenForgotten;
                        audit::write(tx, who, done, &account, detail, now).await?;
                    }
                    Ok::<_, sqlx::Error>(rows)
                })
            })
            .await?;
        self.changed(id);
        Ok(rows.iter().find_map(|row| self.open(row)))
    }

    /// Signs an agent out at the platform, as far as it can be reached: their tokens are forgotten in any case. It ends
    /// what else they have open there too.
    pub async fn sign_out(&self, stored: &Stored) {
        self.send(self.sign_in.sign_out(stored)).await;
    }

    /// Makes tokens worthless at the platform that nobody needs any more, as far as it can be reached. What somebody
    /// has here is left alone: a platform may give the same token twice.
    pub async fn give_back(&self, stored: &Stored) {
        let kept = match self.custody.store.tokens().await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(account = self.account, %error, "an agent's token is not revoked; it ends by itself");
                return;
            }
        };
        let of_account = kept.iter().filter(|row| row.account == self.account);
        let kept: Vec<Stored> = of_account.filter_map(|row| self.open(row)).collect();
        self.send(self.revocations(stored, &kept)).await;
    }

    /// The refresh token first, while the access token still says who asks.
    fn revocations(&self, stored: &Stored, kept: &[Stored]) -> Vec<Request> {
        let is_kept = |token: &Secret| {
            let same =
                |kept: &Stored| kept.access == *token || kept.refresh.as_ref() == Some(token);
            kept.iter().any(same)
        };
        let refresh = stored.refresh.iter().map(|refresh| (refresh, true));
        let access = [(&stored.access, false)];
        let tokens = refresh.chain(access);
        let given_back = tokens.filter(|(token, _)| !token.expose().is_empty() && !is_kept(token));
        let revoke = |(token, is_refresh): (&Secret, bool)| {
            let only = Stored {
                access: token.clone(),
                expires_at: stored.expires_at,
                refresh: is_refresh.then(|| token.clone()),
            };
            let revoke = Tokens::resume(self.config.clone(), only).revoke()?;
            Some(revoke.with_bearer(&stored.access))
        };
        given_back.filter_map(revoke).collect()
    }

    async fn send(&self, requests: Vec<Request>) {
        for request in requests {
            match self.custody.outbound.send(request, self.timeout).await {
                // What follows asks in the name of a token that may be worthless by then.
                Ok(reply) if reply.status < 300 || reply.status == 401 => {}
                Ok(reply) => tracing::warn!(
                    account = self.account,
                    status = reply.status,
                    "an agent's token may still hold at the platform until it ends"
                ),
                Err(failure) => tracing::warn!(
                    account = self.account,
                    %failure,
                    "an agent's token could not be revoked; it ends by itself"
                ),
            }
        }
    }

    /// What a row holds; `None` where it holds nothing that can be opened.
    pub fn open(&self, row: &Row) -> Option<Stored> {
        let owner = Owner::of_agent(&self.account, &row.agent()?, "");
        let open = |sealed: &Option<String>, column| {
            let place = owner.place(column);
            self.custody.keyring.open(sealed.as_deref()?, place).ok()
        };
        let refresh = open(&row.sealed_refresh, "sealed_refresh");
        let access = open(&row.sealed_access, "sealed_access");
        (access.is_some() || refresh.is_some()).then(|| Stored {
            access: access.unwrap_or_default(),
            expires_at: row
                .expires_at
                .and_then(|at| u64::try_from(at).ok())
                .unwrap_or(0),
            refresh,
        })
    }

    fn holder(&self, id: &AgentId, agent: &str) -> Result<Arc<Holder>, SealError> {
        let who = (id.clone(), agent.to_owned());
        if let Some(holder) = self.holders().get(&who) {
            return Ok(holder.clone());
        }
        let owner = Owner::of_agent(&self.account, id, agent);
        let holder = Holder::new(owner, self.config.clone(), self.timeout, &self.custody)?;
        Ok(self.holders().entry(who).or_insert(holder).clone())
    }

    fn holders(&self) -> std::sync::MutexGuard<'_, HashMap<(AgentId, String), Arc<Holder>>> {
        // Every change is whole by itself, so a panic elsewhere leaves nothing half done.
        self.holders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Holder {
    /// As [`AgentTokens::token`].
    async fn lasting(self: &Arc<Self>, lasting: Millis) -> Result<Held, Because> {
        if let Some(held) = self.held(lasting).await? {
            return Ok(held);
        }
        let renewing = self.renewing.clone().lock_owned().await;
        // While waiting, somebody else had one.
        if let Some(held) = self.held(lasting).await? {
            return Ok(held);
        }
        let because = match self.stuck(self.custody.clock.now()) {
            Some((because, since)) if !self.signed_in_since(since).await? => because,
            _ => {
                // Of its own: who asked may go away, but a rotated token has to be kept.
                let renewed = self.spawn(renewing, lasting).await;
                match renewed.unwrap_or_else(|_| Err(Because::code(Code::Internal))) {
                    Ok(current) => {
                        return Ok(Held {
                            access: current.access,
                        });
                    }
                    Err(because) => because,
                }
            }
        };
        // What does not last so long is better than nothing.
        self.held(0).await?.ok_or(because)
    }

    async fn held(&self, lasting: Millis) -> Result<Option<Held>, Because> {
        let row = self.read().await?;
        let current = self.valid(&row, self.custody.clock.now(), lasting);
        Ok(current.map(|current| Held {
            access: current.access,
        }))
    }

    async fn signed_in_since(&self, since: Millis) -> Result<bool, Because> {
        let row = self.read().await?;
        Ok(row.refreshed_at.is_some_and(|at| at > since))
    }

    async fn read(&self) -> Result<Row, Because> {
        match self.row().await {
            Ok(Some(row)) => Ok(row),
            Ok(None) => Err(Because::code(Code::ProviderRejectedCredentials)),
            Err(error) => {
                tracing::error!(%error, "an agent's token cannot be read");
                Err(Because::code(Code::Internal))
            }
        }
    }
}
