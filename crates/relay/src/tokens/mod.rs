//! The tokens of the accounts: shared by the relays of one database, renewed by one of them at a time.
//!
//! Whoever needs a token and has none takes the account's row (a lease), asks, stores what came, and only then
//! uses it; everybody else waits. Before a token that can be used once is sent, `rotating_since` says so
//! ([`turn`]), so that a crash or a lost reply in between is seen:
//!
//! - Where the account can sign in again by itself (password, client credentials), it does; nothing is lost.
//! - Where it lives by a refresh token alone, an alert is raised, and the old refresh token is tried once more: if
//!   the first request never arrived, it still works. Before that last try it is removed from the row, so it is
//!   never sent a third time. If it is refused, a person has to sign in again and configure the new refresh token,
//!   which replaces everything that is stored.
//!
//! Agents who have signed in at a platform themselves ([`agents`]) have rows of their own. They live by a refresh
//! token too, but nobody is alerted: they are asked to sign in again.

pub mod agents;
pub mod own;
mod owner;
pub mod rotate;
pub mod schedule;
mod turn;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use patchcord_core::error::Code;
use patchcord_core::outcome::Because;
use patchcord_core::secret::Secret;
use patchcord_core::token::{Config, Grant, Next, Replied, SKEW, Stored, Tokens};
use tokio_util::task::TaskTracker;

use crate::clock::{Clock, Millis};
use crate::crash;
use crate::notice::Channels;
use crate::outbound::Outbound;
use crate::random::{self, Hash};
use crate::seal::{Keyring, Place, SealError};
use crate::store::Store;
use crate::store::token::Row;
use crate::wakes::{Wake, Wakes};
pub use owner::Owner;
use turn::{Begun, Turn};

/// How often a relay looks whether another one has a token by now.
const LOOK: Duration = Duration::from_millis(250);
/// How long to wait before a token is tried to be stored again.
const STORE_AGAIN: Duration = Duration::from_secs(1);
/// The first pause after a failure, doubled with each further one …
const FIRST_PAUSE: Millis = 1_000;
/// … up to this.
const LONGEST_PAUSE: Millis = 60_000;
/// The pause after credentials were refused: more tries could lock the account.
const REFUSED_PAUSE: Millis = 15 * 60_000;
/// How often, during a pause, the database is asked whether another relay has a token.
const PEEK: Millis = 5_000;

/// What the tokens of all accounts need.
#[derive(Clone)]
pub struct Custody {
    /// The name of this run.
    pub run: String,
    /// Where they are.
    pub store: Store,
    /// What seals them.
    pub keyring: Arc<Keyring>,
    /// The time.
    pub clock: Clock,
    /// Tells others that there is a new one.
    pub wakes: Arc<Wakes>,
    /// Who is told when a person has to help.
    pub channels: Arc<Channels>,
    /// What asks for them.
    pub outbound: Outbound,
    /// What a relay that goes down waits for: a rotated token has to be kept.
    pub tasks: TaskTracker,
}

/// The tokens of one account, or of one of its agents.
pub struct Holder {
    owner: Owner,
    config: Config,
    timeout: Duration,
    /// Of the configuration, by each encryption key; the first is written.
    origins: Vec<Vec<u8>>,
    custody: Custody,
    state: Mutex<State>,
    /// Held while this relay renews.
    renewing: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct State {
    current: Option<Current>,
    /// Of the access token that the platform did not accept: whatever else changes in the row, it stays so.
    rejected: Option<Hash>,
    stuck: Option<Stuck>,
    pause: Millis,
}

/// A token that may be used.
#[derive(Clone)]
struct Current {
    access: Secret,
    expires_at: Millis,
}

struct Stuck {
    since: Millis,
    until: Millis,
    looked_at: Millis,
    because: Because,
}

/// Which of an account's own tokens.
fn place<'a>(account: &'a str, column: &'a str) -> Place<'a> {
    Place {
        table: "token",
        row: account,
        column,
    }
}

impl Holder {
    /// Somebody's tokens with this configuration. Nothing is asked yet.
    ///
    /// # Errors
    /// The encryption library failed.
    pub fn new(
        owner: Owner,
        config: Config,
        timeout: Duration,
        custody: &Custody,
    ) -> Result<Arc<Self>, SealError> {
        let origins = custody
            .keyring
            .derive("token origin")?
            .iter()
            .map(|secret| owner.origin(&config, secret.as_slice()))
            .collect();
        Ok(Arc::new(Self {
            owner,
            config,
            timeout,
            origins,
            custody: custody.clone(),
            state: Mutex::default(),
            renewing: Arc::default(),
        }))
    }

    /// A token that holds. However many ask, here or at other relays, one request goes out.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn get(self: &Arc<Self>) -> Result<Secret, Because> {
        let now = self.custody.clock.now();
        if let Some(current) = self.holding(now) {
            if now.saturating_add(skew()) >= current.expires_at
                && let Ok(renewing) = self.renewing.clone().try_lock_owned()
            {
                self.spawn(renewing, 0);
            }
            return Ok(current.access);
        }
        let renewing = self.renewing.clone().lock_owned().await;
        let now = self.custody.clock.now();
        // While waiting, somebody else had success or failed.
        if let Some(current) = self.holding(now) {
            return Ok(current.access);
        }
        if let Some((because, _)) = self.stuck(now)
            && !self.other_relay_has_one(now).await
        {
            return Err(because);
        }
        // Of its own: who asked may go away, but a rotated token has to be kept.
        self.spawn(renewing, 0)
            .await
            .unwrap_or_else(|_| Err(Because::code(Code::Internal)))
            .map(|current| current.access)
    }

    /// The platform did not accept this token: it is not used again, by any relay that heard so.
    pub fn rejected(&self, token: &Secret) {
        let mut state = self.state();
        if state
            .current
            .take_if(|current| current.access == *token)
            .is_some()
        {
            state.rejected = Some(hash(token));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is whole by itself, so a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn holding(&self, now: Millis) -> Option<Current> {
        let current = self.state().current.clone();
        current.filter(|current| now < current.expires_at)
    }

    /// Why nothing is asked at the moment, and since when.
    fn stuck(&self, now: Millis) -> Option<(Because, Millis)> {
        let state = self.state();
        let stuck = state.stuck.as_ref().filter(|stuck| now < stuck.until)?;
        Some((stuck.because.clone(), stuck.since))
    }

    /// A pause of this relay is no reason to refuse what another one can give.
    async fn other_relay_has_one(&self, now: Millis) -> bool {
        {
            let mut state = self.state();
            match &mut state.stuck {
                Some(stuck) if now >= stuck.looked_at.saturating_add(PEEK) => stuck.looked_at = now,
                _ => return false,
            }
        }
        let row = self.row().await;
        row.ok()
            .flatten()
            .is_some_and(|row| self.valid(&row, now, 0).is_some())
    }

    async fn row(&self) -> Result<Option<Row>, sqlx::Error> {
        let (account, agent) = (self.owner.account(), self.owner.agent());
        self.custody.store.token_of(account, &agent).await
    }

    fn spawn(
        self: &Arc<Self>,
        renewing: tokio::sync::OwnedMutexGuard<()>,
        lasting: Millis,
    ) -> tokio::task::JoinHandle<Result<Current, Because>> {
        let holder = self.clone();
        self.custody.tasks.spawn(async move {
            let renewed = holder.renew(lasting).await;
            drop(renewing);
            renewed
        })
    }

    /// A token that lasts for so much longer, if tokens do at all ([`Holder::valid`]).
    async fn renew(self: &Arc<Self>, lasting: Millis) -> Result<Current, Because> {
        loop {
            let changed = self.custody.wakes.token.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            match self.begin(lasting).await {
                Ok(Begun::Use(current)) => return Ok(self.use_(current)),
                Ok(Begun::Ask(turn)) => return self.ask(turn).await,
                Ok(Begun::Stuck(because)) => return Err(self.pause(because)),
                Ok(Begun::Wait) => {}
                Err(error) => {
                    tracing::error!(account = self.owner.account(), %error, "tokens cannot be read");
                    return Err(self.pause(Because::code(Code::Internal)));
                }
            }
            tokio::select! {
                () = changed => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    async fn ask(self: &Arc<Self>, turn: Turn) -> Result<Current, Because> {
        let mut tokens = Tokens::new(self.config.clone());
        if turn.refresh.is_some() {
            tokens.restore(Stored {
                access: Secret::default(),
                expires_at: 0,
                refresh: turn.refresh.clone(),
            });
        }
        loop {
            let now = u64::try_from(self.custody.clock.now()).unwrap_or(0);
            let request = match tokens.next(now) {
                Next::Send(request) => request,
                Next::RetryAt(_, because) | Next::SignInNeeded(because) => {
                    self.failed(turn, because.clone()).await;
                    return Err(self.pause(because));
                }
                // Neither comes from a machine that nobody else drives.
                Next::Use(_) | Next::Wait => return Err(Because::code(Code::Internal)),
            };
            crash::point("token asked");
            let reply = self.custody.outbound.send(request, self.timeout).await;
            crash::point("token answered");
            let now = u64::try_from(self.custody.clock.now()).unwrap_or(0);
            if let Replied::Store(stored) = tokens.replied(now, reply) {
                let Some(current) = self.keep(&turn, &stored).await else {
                    return Err(self.overtaken(tokens, &stored).await);
                };
                tracing::info!(account = self.owner.account(), "new token");
                return Ok(self.use_(current));
            }
        }
    }

    /// Stores new tokens, however long it takes: without them the account may be locked out. `None` where they are
    /// not wanted any more.
    async fn keep(self: &Arc<Self>, turn: &Turn, stored: &Stored) -> Option<Current> {
        loop {
            match self.granted(turn, stored).await {
                Ok(current) => {
                    let account = self.owner.account().to_owned();
                    self.custody.wakes.wake(Wake::Token(account));
                    return current;
                }
                Err(error) => {
                    tracing::error!(account = self.owner.account(), %error, "a token cannot be stored; trying again");
                    tokio::time::sleep(STORE_AGAIN).await;
                }
            }
        }
    }

    /// While this relay asked, the agent signed in anew or was signed out: what came is given back, unless it is what
    /// the new sign-in has too.
    async fn overtaken(&self, mut tokens: Tokens, came: &Stored) -> Because {
        tokens.stored();
        let is_kept = match self.row().await {
            Ok(row) => row.is_some_and(|row| self.shares(&row, came)),
            Err(error) => {
                tracing::warn!(%error, "a token that nobody wants is not revoked; it ends by itself");
                true
            }
        };
        if !is_kept
            && let Some(revoke) = tokens.revoke()
            && let Err(failure) = self.custody.outbound.send(revoke, self.timeout).await
        {
            tracing::warn!(%failure, "a token that nobody wants could not be revoked; it ends by itself");
        }
        Because::code(Code::ProviderRejectedCredentials)
    }

    /// Whether a row holds one of these tokens.
    fn shares(&self, row: &Row, tokens: &Stored) -> bool {
        let open = |sealed: &Option<String>, column| {
            let place = self.owner.place(column);
            self.custody.keyring.open(sealed.as_deref()?, place).ok()
        };
        let refresh = open(&row.sealed_refresh, "sealed_refresh");
        refresh.is_some() && refresh == tokens.refresh
            || open(&row.sealed_access, "sealed_access").is_some_and(|kept| kept == tokens.access)
    }

    fn use_(&self, current: Current) -> Current {
        *self.state() = State {
            current: Some(current.clone()),
            ..State::default()
        };
        current
    }

    /// Nothing is asked for a while.
    fn pause(&self, because: Because) -> Because {
        tracing::warn!(account = self.owner.account(), code = %because.code, "no token");
        let mut state = self.state();
        let asked = because
            .retry_after
            .map_or(0, |seconds| i64::from(seconds) * 1000);
        state.pause = match because.code {
            Code::ProviderRejectedCredentials => REFUSED_PAUSE,
            _ => state
                .pause
                .saturating_mul(2)
                .clamp(FIRST_PAUSE, LONGEST_PAUSE)
                .max(asked),
        };
        let pause = state.pause;
        drop(state);
        self.rest(because.clone(), pause);
        because
    }

    /// Nothing is asked for so long.
    fn rest(&self, because: Because, pause: Millis) {
        let now = self.custody.clock.now();
        self.state().stuck = Some(Stuck {
            since: now,
            until: now.saturating_add(pause),
            looked_at: now,
            because,
        });
    }
}

/// What is remembered of a token that was rejected.
fn hash(token: &Secret) -> Hash {
    random::hash(token.expose().as_bytes())
}

/// A token is renewed this many milliseconds before it ends.
fn skew() -> Millis {
    i64::try_from(SKEW).unwrap_or(0)
}

/// Whether an account can only go on with the token that it has.
fn lives_by_one_token(config: &Config) -> bool {
    matches!(config.grant, Grant::RefreshToken { .. })
}
