//! The tenancies at the providers: asks them, with a token where they want one.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use patchcord_core::call::CallRequest;
use patchcord_core::error::{Code, Error};
use patchcord_core::http::{Reply, Request};
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::provider::{Dialled, Provider};
use patchcord_core::secret::Secret;
use patchcord_core::token::{Grant, Next, Replied, Stored, Tokens};
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::config::AccountConfig;
use crate::crash;
use crate::outbound::Outbound;
use crate::random::{self, Hash};
use crate::store::Store;

/// How long a harmless question may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long to wait before a token is tried to be stored again.
const STORE_AGAIN: Duration = Duration::from_secs(1);

/// One tenancy at a provider.
pub struct Account {
    /// The provider.
    pub provider: Box<dyn Provider>,
    timeout: Duration,
    outbound: Outbound,
    tokens: Option<Arc<Keyring>>,
}

/// What a reply was read as.
pub trait Answer {
    /// The outcome, where it is one that was not accepted.
    fn failure(&self) -> Option<&Because>;
}

impl Answer for Dialled {
    fn failure(&self) -> Option<&Because> {
        self.outcome.because()
    }
}

impl Answer for Outcome {
    fn failure(&self) -> Option<&Because> {
        self.because()
    }
}

impl<T> Answer for Result<T, Outcome> {
    fn failure(&self) -> Option<&Because> {
        self.as_ref().err().and_then(Outcome::because)
    }
}

impl Account {
    /// Sets an account up, with the refresh token that an earlier run kept.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn new(
        name: &str,
        config: AccountConfig,
        outbound: &Outbound,
        store: &Store,
        clock: &Clock,
    ) -> Result<Self, sqlx::Error> {
        let tokens = match config.provider.tokens() {
            None => None,
            Some(tokens) => Some(Arc::new(Keyring::new(name, tokens, store, clock).await?)),
        };
        Ok(Self {
            provider: config.provider,
            timeout: config.timeout,
            outbound: outbound.clone(),
            tokens,
        })
    }

    /// Asks the provider for something that does no harm late.
    ///
    /// # Errors
    /// As [`Account::ask_until`].
    pub async fn ask<T: Answer>(
        &self,
        build: impl Fn(Option<&Secret>) -> Result<Request, Error>,
        read: impl Fn(Reply) -> T,
    ) -> Result<T, Because> {
        self.ask_until(Instant::now() + PATIENCE, build, read).await
    }

    /// Asks the provider, unless the request could only be sent after `until`. An `Err` proves that it was not
    /// asked.
    ///
    /// Once only, except that credentials which were rejected prove that nothing was done: then the token is
    /// dropped and it is asked a second and last time with a fresh one.
    ///
    /// # Errors
    /// Why it was not asked: no token, or a request that cannot be built.
    pub async fn ask_until<T: Answer>(
        &self,
        until: Instant,
        build: impl Fn(Option<&Secret>) -> Result<Request, Error>,
        read: impl Fn(Reply) -> T,
    ) -> Result<T, Because> {
        let (answer, token) = self.ask_once(until, &build, &read).await?;
        let rejected = answer
            .failure()
            .is_some_and(|because| because.code == Code::ProviderRejectedCredentials);
        match (&self.tokens, token) {
            (Some(tokens), Some(token)) if rejected => {
                tokens.rejected(&token);
                // No fresh token: the provider's first answer is the one that counts.
                Ok(self
                    .ask_once(until, &build, &read)
                    .await
                    .map_or(answer, |(answer, _)| answer))
            }
            _ => Ok(answer),
        }
    }

    async fn ask_once<T>(
        &self,
        until: Instant,
        build: &impl Fn(Option<&Secret>) -> Result<Request, Error>,
        read: &impl Fn(Reply) -> T,
    ) -> Result<(T, Option<Secret>), Because> {
        let token = self.token().await?;
        let request = build(token.as_ref()).map_err(|error| Because {
            code: error.code,
            message: Some(error.message.into_owned()),
            retry_after: None,
        })?;
        if Instant::now() > until {
            return Err(Because {
                code: Code::ProviderUnreachable,
                message: Some("The relay was held up for too long; nothing was sent.".to_owned()),
                retry_after: None,
            });
        }
        crash::point("before the provider is asked");
        let reply = self.outbound.send(request, self.timeout).await;
        match &reply {
            Ok(response) => tracing::debug!(
                provider = self.provider.name(),
                status = response.status,
                "provider replied"
            ),
            Err(failure) => {
                tracing::warn!(provider = self.provider.name(), %failure, "provider did not reply")
            }
        }
        Ok((read(reply), token))
    }

    /// A token that holds, where the provider wants one.
    ///
    /// # Errors
    /// Why there is none. The codes are those of a refusal: without a token nothing was asked.
    pub async fn token(&self) -> Result<Option<Secret>, Because> {
        let Some(tokens) = &self.tokens else {
            return Ok(None);
        };
        let got =
            tokio::time::timeout(self.timeout, tokens.get(&self.outbound, self.timeout)).await;
        let because = match got {
            Ok(Ok(token)) => return Ok(Some(token)),
            Ok(Err(because)) => because,
            Err(_) => Because::code(Code::NoReply),
        };
        tracing::warn!(provider = self.provider.name(), code = %because.code, "no token");
        let code = match because.code {
            Code::ProviderRejectedCredentials
            | Code::ProviderRejectedRequest
            | Code::ProviderForbidden => Code::ProviderRejectedCredentials,
            Code::ProviderBusy => Code::ProviderBusy,
            _ => Code::ProviderUnreachable,
        };
        Err(Because { code, ..because })
    }

    /// Whether the platform's host answers at all, without asking it to do anything: its front page is read.
    ///
    /// # Errors
    /// Why not.
    pub async fn reach(&self, agent: &str) -> Result<(), String> {
        let number = "+493000000000"
            .parse()
            .map_err(|error: Error| error.to_string())?;
        let dial = self
            .provider
            .dial(agent, &CallRequest::to(number), None)
            .map_err(|error| error.to_string())?;
        let host = dial.url.split('/').take(3).collect::<Vec<_>>().join("/");
        match self
            .outbound
            .send(Request::get(format!("{host}/")), self.timeout)
            .await
        {
            Ok(_) => Ok(()),
            Err(failure) => Err(format!(
                "{host} does not answer ({failure}); compare the address in the configuration"
            )),
        }
    }
}

/// The tokens of one account.
struct Keyring {
    account: String,
    tokens: Mutex<Tokens>,
    changed: Notify,
    /// Hash of the configured refresh token, where the account begins with one. Only its descendants are worth
    /// keeping: every other grant gives a new token after a restart.
    origin: Option<Hash>,
    store: Store,
    clock: Clock,
}

impl Keyring {
    async fn new(
        account: &str,
        config: patchcord_core::token::Config,
        store: &Store,
        clock: &Clock,
    ) -> Result<Self, sqlx::Error> {
        let origin = match &config.grant {
            Grant::RefreshToken { refresh_token } => {
                Some(random::hash(refresh_token.expose().as_bytes()))
            }
            _ => None,
        };
        let mut tokens = Tokens::new(config);
        if let Some(origin) = &origin
            && let Some(refresh) = store.refresh_token(account, origin).await?
        {
            tokens.restore(Stored {
                access: Secret::default(),
                expires_at: 0,
                refresh: Some(Secret::new(refresh)),
            });
        }
        Ok(Self {
            account: account.to_owned(),
            tokens: Mutex::new(tokens),
            changed: Notify::new(),
            origin,
            store: store.clone(),
            clock: clock.clone(),
        })
    }

    /// A token that holds. However many ask, one request goes out.
    async fn get(
        self: &Arc<Self>,
        outbound: &Outbound,
        timeout: Duration,
    ) -> Result<Secret, Because> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let next = self.with(|tokens, now| tokens.next(now));
            match next {
                Next::Use(token) => return Ok(token),
                // Of its own: who asked may go away, but a rotated token has to be kept.
                Next::Send(request) => {
                    let (keyring, outbound) = (self.clone(), outbound.clone());
                    tokio::spawn(
                        async move { keyring.exchange(request, &outbound, timeout).await },
                    );
                    changed.await;
                }
                Next::Wait => changed.await,
                Next::RetryAt(_, because) | Next::SignInNeeded(because) => return Err(because),
            }
        }
    }

    async fn exchange(&self, request: Request, outbound: &Outbound, timeout: Duration) {
        let reply = outbound.send(request, timeout).await;
        if let Replied::Store(stored) = self.with(|tokens, now| tokens.replied(now, reply)) {
            self.keep(&stored).await;
            self.with(|tokens, _| tokens.stored());
            tracing::info!(account = self.account, "new token");
        }
        self.changed.notify_waiters();
    }

    /// Keeps a rotated refresh token, however long it takes: without it the account is locked out.
    async fn keep(&self, stored: &Stored) {
        let (Some(origin), Some(refresh)) = (&self.origin, &stored.refresh) else {
            return;
        };
        while let Err(error) = self
            .store
            .keep_refresh_token(&self.account, refresh.expose(), origin, self.clock.now())
            .await
        {
            tracing::error!(account = self.account, %error, "a refresh token cannot be stored; trying again");
            tokio::time::sleep(STORE_AGAIN).await;
        }
    }

    fn rejected(&self, token: &Secret) {
        self.with(|tokens, _| tokens.rejected(token));
    }

    fn with<T>(&self, act: impl FnOnce(&mut Tokens, u64) -> T) -> T {
        let now = u64::try_from(self.clock.now()).unwrap_or(0);
        // Each step of the state machine is whole by itself, so a panic elsewhere leaves nothing half done.
        act(
            &mut self.tokens.lock().unwrap_or_else(PoisonError::into_inner),
            now,
        )
    }
}
