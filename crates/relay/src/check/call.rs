//! One real call, by the way that an agent's click takes: policy, limits, the database, the platform, once.

use std::sync::Arc;

use patchcord_core::call::CallRequest;
use patchcord_core::number::PhoneNumber;
use serde::Deserialize;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::Finding;
use crate::audit::{self, Action, Actor};
use crate::config::{Agent, AgentId};
use crate::http::problem::{Problem, chain};
use crate::http::request_id::RequestId;
use crate::idempotent::Given;
use crate::relay::Relay;
use crate::store::idempotency::Claim;
use crate::store::run;
use crate::{agents, calls, random};

/// A call that is about to be placed.
pub struct TestCall {
    agent: Arc<Agent>,
    provider: &'static str,
    account: String,
    identity: String,
    number: PhoneNumber,
}

impl TestCall {
    /// Who would call whom through what; nothing is dialled yet. Without a provider it is the agent's first.
    ///
    /// # Errors
    /// An agent who is not known, or is nobody at that provider.
    pub async fn plan(
        relay: &Relay,
        id: &AgentId,
        number: PhoneNumber,
        provider: Option<&str>,
    ) -> Result<Self, Finding> {
        let wrong = |why: String| Finding::new("call", Err(why));
        let agent = agents::of(relay, id)
            .await
            .map_err(|problem| wrong(explain(&problem)))?;
        let found = agent.identities.iter().find_map(|identity| {
            let name = relay.accounts.get(&identity.account)?.provider.name();
            provider
                .is_none_or(|wanted| wanted == name)
                .then(|| (name, identity.account.clone(), identity.agent.clone()))
        });
        let (provider, account, identity) = found.ok_or_else(|| {
            let there = provider.unwrap_or("any provider");
            wrong(format!(
                "{} of {} is nobody at {there}; add it to the agent's `identities`",
                id.sub, id.org
            ))
        })?;
        Ok(Self {
            agent,
            provider,
            account,
            identity,
            number,
        })
    }

    /// What [`TestCall::place`] will do, for a person.
    pub fn announcement(&self) -> String {
        format!(
            "Calling {} once, as {} of {}: account {} ({}) is asked for it in the name of {}, whose phone may ring first. It is a real call: it costs, and counts against the limits.",
            self.number.as_e164(),
            self.agent.id.sub,
            self.agent.id.org,
            self.account,
            self.provider,
            self.identity,
        )
    }

    /// Places it, and says what the platform answered.
    pub async fn place(self, relay: &Arc<Relay>) -> Finding {
        let result = match self.dial(relay).await {
            Ok(Given::First(reply) | Given::Again(reply)) => self.read(&reply.body),
            Err(problem) => Err(format!("was not placed: {}", explain(&problem))),
        };
        Finding::new("call", result)
    }

    async fn dial(&self, relay: &Arc<Relay>) -> Result<Given, Problem> {
        let standing = Standing::take(relay).await?;
        self.note(relay).await?;
        let claim = Claim {
            scope: "check".to_owned(),
            key: random::id("check")?,
            body: random::hash(self.number.as_e164().as_bytes()),
        };
        let request = CallRequest::to(self.number.clone());
        let (provider, id) = (Some(self.provider), RequestId::new()?);
        let placed = calls::place(relay, &self.agent, request, provider, claim, &id).await;
        if let Err(error) = standing.leave(relay).await {
            // Then it counts as dead, and there is nothing to settle.
            tracing::warn!(%error, "this command cannot sign off");
        }
        placed
    }

    /// The call's own line in the audit log names the agent, who knows nothing of it.
    async fn note(&self, relay: &Relay) -> Result<(), sqlx::Error> {
        let id = &self.agent.id;
        let (subject, now) = (format!("{}/{}", id.org, id.sub), relay.clock.now());
        let detail = json!({ "number": audit::masked(self.number.as_e164()), "by": "check" });
        let job = relay.store.write(move |tx| {
            Box::pin(async move {
                let (who, what) = (Actor::Command, Action::CallDialled);
                audit::write(tx, who, what, &subject, detail, now).await
            })
        });
        job.await
    }

    fn read(&self, body: &str) -> Result<String, String> {
        #[derive(Deserialize)]
        struct Placed {
            id: String,
            outcome: Option<String>,
            code: Option<String>,
            message: Option<String>,
        }
        let placed: Placed = serde_json::from_str(body).map_err(|error| chain(&error))?;
        let (id, provider) = (placed.id, self.provider);
        let mut said = placed.code.unwrap_or_default();
        if let Some(message) = placed.message {
            said = format!("{said}: {message}");
        }
        match placed.outcome.as_deref() {
            Some("accepted") => Ok(format!(
                "{id} was accepted by {provider}; see whether the phones ring"
            )),
            Some("refused") => Err(format!(
                "{id} was refused by {provider} ({said}); compare the agent's identity, and what its account there may do"
            )),
            _ => Err(format!(
                "nobody knows whether {provider} placed {id} ({said}); see whether a phone rings before you try again, and settle it on the admin page"
            )),
        }
    }
}

fn explain(problem: &Problem) -> String {
    let text = format!("{}: {}", problem.code(), problem.detail());
    match problem.remedy() {
        Some(remedy) => format!("{text} {remedy}"),
        None => text,
    }
}

/// In whose name calls are in flight: should this command die, somebody has to find out that one was.
enum Standing {
    /// The relay's that works on the same SQLite file.
    Neighbours,
    /// A run of one's own, which others see.
    Own(CancellationToken),
}

impl Standing {
    async fn take(relay: &Arc<Relay>) -> Result<Self, sqlx::Error> {
        if relay.store.neighbour().await?.is_some() {
            return Ok(Self::Neighbours);
        }
        beat(relay).await?;
        let over = CancellationToken::new();
        let (relay, until) = (relay.clone(), over.clone());
        tokio::spawn(async move {
            let mut pulse = tokio::time::interval(relay.config.liveness.beat());
            loop {
                tokio::select! {
                    () = until.cancelled() => return,
                    _ = pulse.tick() => {}
                }
                if let Err(error) = beat(&relay).await {
                    tracing::error!(%error, "this command cannot say that it lives");
                }
            }
        });
        Ok(Self::Own(over))
    }

    /// Nothing is in flight any more.
    async fn leave(self, relay: &Relay) -> Result<(), sqlx::Error> {
        let Self::Own(over) = self else { return Ok(()) };
        over.cancel();
        let run = relay.run.clone();
        relay
            .store
            .write(move |tx| Box::pin(async move { run::end(tx, &run).await }))
            .await
    }
}

async fn beat(relay: &Relay) -> Result<(), sqlx::Error> {
    let run = relay.run.clone();
    relay
        .store
        .write(move |tx| Box::pin(async move { run::beat(tx, &run).await }))
        .await
}
