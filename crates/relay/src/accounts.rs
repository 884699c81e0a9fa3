//! The tenancies at the providers: asks them, with a token where they want one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use patchcord_core::call::CallRequest;
use patchcord_core::callback::CallbackRequest;
use patchcord_core::capability::Capability;
use patchcord_core::error::{Code, Error};
use patchcord_core::http::{Failure, Reply, Request};
use patchcord_core::number::PhoneNumber;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::payload::Payload;
use patchcord_core::provider::campaign::Contact;
use patchcord_core::provider::desk::{Desk, SignIn};
use patchcord_core::provider::page::Page;
use patchcord_core::provider::{Dialled, Provider};
use patchcord_core::secret::Secret;
use patchcord_core::token;
use serde_json::Value;

use crate::clock::{self, Millis};
use crate::config::AccountConfig;
use crate::crash;
use crate::outbound::Outbound;
use crate::seal::SealError;
use crate::tokens::agents::AgentTokens;
use crate::tokens::own::Own;
use crate::tokens::{Custody, Holder, Owner};

/// How long a harmless question may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(60);

/// One tenancy at a provider.
pub struct Account {
    /// The provider.
    pub provider: Arc<dyn Provider>,
    timeout: Duration,
    outbound: Outbound,
    tokens: Option<Arc<Holder>>,
    own: Option<Own>,
    /// Its Agent API, where it is configured.
    pub agents: Option<AgentDesk>,
}

/// The Agent API of an account: agents ask it with a token of their own.
pub struct AgentDesk {
    /// Scheme and host.
    pub origin: String,
    /// Builds and reads what is sent there.
    pub desk: Box<dyn Desk>,
    /// Builds and reads what signs agents on.
    pub sign_in: Arc<dyn SignIn>,
    /// The agents' own tokens.
    pub tokens: AgentTokens,
}

/// What a request carries that says who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// The access token, where the platform wants one.
    Access,
    /// The account's own token.
    Own,
}

/// A list that was read page by page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// There would have been more.
    pub cut: bool,
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
    /// Sets an account up. Nothing is asked yet.
    ///
    /// # Errors
    /// The encryption library failed.
    pub fn new(name: &str, config: AccountConfig, custody: &Custody) -> Result<Self, SealError> {
        let tokens = match config.provider.tokens() {
            None => None,
            Some(tokens) => Some(Holder::new(
                Owner::Account(name.to_owned()),
                tokens,
                config.timeout,
                custody,
            )?),
        };
        let own = config.auth_token.map(|token| {
            let every = config.rotate_every;
            Own::new(name, token, every, config.timeout, custody)
        });
        let agents = match (config.agent_api, config.sign_in, config.provider.tokens()) {
            (Some(api), Some(sign_in), Some(tokens)) => {
                let tokens = token::Config {
                    client_id: Some(sign_in.client_id),
                    client_secret: None,
                    ..tokens
                };
                Some(AgentDesk {
                    origin: api.origin,
                    desk: api.desk,
                    sign_in: api.sign_in.clone(),
                    tokens: AgentTokens::new(name, tokens, api.sign_in, config.timeout, custody),
                })
            }
            _ => None,
        };
        Ok(Self {
            provider: config.provider,
            timeout: config.timeout,
            outbound: custody.outbound.clone(),
            tokens,
            own,
            agents,
        })
    }

    /// Its own token, where it is configured.
    pub const fn own(&self) -> Option<&Own> {
        self.own.as_ref()
    }

    /// What can be done there: by the relay, and by agents at their desks.
    pub fn capabilities(&self) -> impl Iterator<Item = Capability> {
        let own = self.provider.capabilities();
        let desk = self
            .agents
            .iter()
            .flat_map(|agents| agents.desk.capabilities());
        let more = desk.filter(|can| !own.contains(can));
        own.iter().chain(more).copied()
    }

    /// How long one request may take.
    pub const fn timeout(&self) -> Duration {
        self.timeout
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
    /// What acts is sent once only, except that credentials which were rejected prove that nothing was done: then the
    /// token is dropped and it is asked a second and last time with a fresh one. A read that the platform was too busy
    /// for is asked again ([`Outbound::ask`]).
    ///
    /// # Errors
    /// Why it was not asked: no token, or a request that cannot be built.
    pub async fn ask_until<T: Answer>(
        &self,
        until: Instant,
        build: impl Fn(Option<&Secret>) -> Result<Request, Error>,
        read: impl Fn(Reply) -> T,
    ) -> Result<T, Because> {
        self.ask_as(Credential::Access, until, build, read).await
    }

    /// The same with a credential. The account's own token is sent once: a rejection proves as much, but there is no
    /// fresh one to be had.
    ///
    /// # Errors
    /// As [`Account::ask_until`].
    pub async fn ask_as<T: Answer>(
        &self,
        credential: Credential,
        until: Instant,
        build: impl Fn(Option<&Secret>) -> Result<Request, Error>,
        read: impl Fn(Reply) -> T,
    ) -> Result<T, Because> {
        let (answer, token) = self.ask_once(credential, until, &build, &read).await?;
        let rejected = answer
            .failure()
            .is_some_and(|because| because.code == Code::ProviderRejectedCredentials);
        match (&self.tokens, token) {
            (Some(tokens), Some(token)) if rejected && credential == Credential::Access => {
                tokens.rejected(&token);
                // No fresh token: the provider's first answer is the one that counts.
                Ok(self
                    .ask_once(credential, until, &build, &read)
                    .await
                    .map_or(answer, |(answer, _)| answer))
            }
            _ => Ok(answer),
        }
    }

    /// Asks for every page of a list, one after the other, `most` of them at most: a list that never ends is cut
    /// off, and said to be.
    ///
    /// # Errors
    /// What became of the first question that was not answered with a page. What came before it is dropped: half a
    /// list looks like a whole one.
    pub async fn ask_pages<T>(
        &self,
        most: u32,
        build: impl Fn(u32, Option<&Secret>) -> Result<Request, Error>,
        read: impl Fn(u32, Reply) -> Result<Page<T>, Outcome>,
    ) -> Result<Listed<T>, Outcome> {
        self.ask_pages_while(most, || true, build, read).await
    }

    /// The same, cut off as well before the next page where `there_is_time` says that there is none.
    ///
    /// # Errors
    /// As [`Account::ask_pages`].
    pub async fn ask_pages_while<T>(
        &self,
        most: u32,
        there_is_time: impl Fn() -> bool,
        build: impl Fn(u32, Option<&Secret>) -> Result<Request, Error>,
        read: impl Fn(u32, Reply) -> Result<Page<T>, Outcome>,
    ) -> Result<Listed<T>, Outcome> {
        let (mut page, mut items) = (1, Vec::new());
        for nth in 0..most {
            if nth > 0 && !there_is_time() {
                break;
            }
            let answer = self
                .ask(|token| build(page, token), |reply| read(page, reply))
                .await
                .unwrap_or_else(|because| Err(Outcome::Refused(because)))?;
            items.extend(answer.items);
            // A page that leads back would be asked for again and again.
            match answer.next.filter(|next| *next > page) {
                Some(next) => page = next,
                None => return Ok(Listed { items, cut: false }),
            }
        }
        Ok(Listed { items, cut: true })
    }

    /// Adds somebody to the account's campaign, once.
    pub async fn add(&self, until: Instant, contact: &Contact) -> Outcome {
        let cannot = || self.provider.cannot(Capability::Campaign);
        let Some(campaign) = self.provider.campaign() else {
            return Outcome::Refused(Because::code(cannot().code));
        };
        let build = |token: Option<&Secret>| campaign.add(contact, token.ok_or_else(cannot)?);
        let read = |reply| campaign.read_added(reply);
        self.ask_as(Credential::Own, until, build, read)
            .await
            .unwrap_or_else(Outcome::Refused)
    }

    async fn ask_once<T>(
        &self,
        credential: Credential,
        until: Instant,
        build: &impl Fn(Option<&Secret>) -> Result<Request, Error>,
        read: &impl Fn(Reply) -> T,
    ) -> Result<(T, Option<Secret>), Because> {
        let token = match (credential, &self.own) {
            (Credential::Own, Some(own)) => Some(own.current().await?),
            (Credential::Own, None) => return Err(Because::code(Code::CapabilityMissing)),
            (Credential::Access, _) => self.token().await?,
        };
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
        let reply = self.outbound.ask(request, self.timeout).await;
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
        let got = tokio::time::timeout(self.timeout, tokens.get()).await;
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

    /// Scheme and host of the platform, as one of the account's agents or topics would meet it.
    pub fn host(&self, agent: Option<&str>, target: Option<&Value>) -> Option<String> {
        // Only built, to read the address.
        let number: PhoneNumber = "+493000000000".parse().ok()?;
        let tokens = self.provider.tokens().map(|tokens| tokens.token_url);
        let dial = |agent| {
            let call = CallRequest::to(number.clone());
            self.provider.dial(agent, &call, None).ok()
        };
        let callback = |target| {
            let callback = CallbackRequest {
                number: number.clone(),
                at: None,
                payload: Payload::default(),
            };
            self.provider.callback(target, &callback, None).ok()
        };
        let added = || {
            let contact = Contact {
                number: number.clone(),
                payload: Payload::default(),
            };
            let campaign = self.provider.campaign()?;
            campaign.add(&contact, &Secret::default()).ok()
        };
        let url = tokens
            .or_else(|| agent.and_then(dial).map(|request| request.url))
            .or_else(|| target.and_then(callback).map(|request| request.url))
            .or_else(|| added().map(|request| request.url))?;
        Some(url.split(['/', '?']).take(3).collect::<Vec<_>>().join("/"))
    }

    /// Whether a host answers at all, without asking it to do anything: its front page is asked for. What time it
    /// is there, where it says so.
    ///
    /// # Errors
    /// Why it does not answer.
    pub async fn look(&self, host: &str) -> Result<Option<Millis>, Failure> {
        let date = self
            .outbound
            .look(&format!("{host}/"), self.timeout)
            .await?;
        Ok(date.as_deref().and_then(clock::from_http_date))
    }
}
