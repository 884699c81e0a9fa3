//! Where an agent sits: their identity at an account that has an Agent API, and their own token there.

use std::time::Instant;

use patchcord_core::desk::fault::Trouble;
use patchcord_core::error::{Code, Error};
use patchcord_core::http::{Reply, Request};
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::secret::Secret;

use crate::accounts::{Account, AgentDesk};
use crate::calls;
use crate::clock::Millis;
use crate::config::{Agent, Identity};
use crate::crash;
use crate::http::problem::Problem;
use crate::relay::Relay;
use crate::tokens::agents::Held;

/// An agent at a platform's Agent API.
#[derive(Clone, Copy)]
pub struct Seat<'a> {
    relay: &'a Relay,
    /// The agent.
    pub agent: &'a Agent,
    /// Who they are there.
    pub identity: &'a Identity,
    /// The account.
    pub account: &'a Account,
    /// Its Agent API.
    pub api: &'a AgentDesk,
}

/// The seat of an agent at a provider.
///
/// # Errors
/// As [`calls::identity`]; [`Code::CapabilityMissing`] where the account has no Agent API.
pub fn at<'a>(relay: &'a Relay, agent: &'a Agent, provider: &str) -> Result<Seat<'a>, Problem> {
    let (identity, account) = calls::identity(relay, agent, Some(provider))?;
    let api = account.agents.as_ref().ok_or_else(|| {
        Problem::of(
            Code::CapabilityMissing,
            "provider",
            "Agents have no desk at this account.",
        )
        .with_remedy("Add `agent_api` to the [[account]] in the relay's configuration.")
    })?;
    Ok(Seat {
        relay,
        agent,
        identity,
        account,
        api,
    })
}

impl Seat<'_> {
    /// The agent's own token, which lasts for so many milliseconds more if tokens there do at all.
    ///
    /// # Errors
    /// [`Code::SignInNeeded`]; [`Code::ProviderUnreachable`] where there is none at the moment.
    pub async fn token(&self, lasting: Millis) -> Result<Held, Problem> {
        let (id, agent) = (&self.agent.id, &self.identity.agent);
        let got = self.api.tokens.token(id, agent, lasting);
        let because = match tokio::time::timeout(self.account.timeout(), got).await {
            Ok(Ok(held)) => return Ok(held),
            Ok(Err(because)) => because,
            Err(_) => Because::code(Code::NoReply),
        };
        Err(match because.code {
            Code::ProviderRejectedCredentials
            | Code::ProviderRejectedRequest
            | Code::ProviderForbidden => sign_in_needed(),
            Code::Internal => Problem::new(
                Code::Internal,
                "The relay failed; nothing was sent to a provider.",
            ),
            _ => Problem::new(
                Code::ProviderUnreachable,
                "Your token at the telephone platform cannot be renewed at the moment; nothing was sent.",
            )
            .with_remedy("Try again in a moment."),
        })
    }

    /// Sends a request, unless it could only be sent after `until`. An `Err` proves that nothing was done.
    ///
    /// Once only, except that a token which was rejected proves that nothing was done: then it is sent a second and
    /// last time with a fresh one.
    ///
    /// # Errors
    /// As [`Seat::token`], and what the request cannot be built for.
    pub async fn ask(
        &self,
        until: Instant,
        build: impl Fn(&Secret) -> Result<Request, Error>,
    ) -> Result<Reply, Problem> {
        for _ in 0..2 {
            let held = self.token(0).await?;
            let request = build(&held.access)?;
            if Instant::now() > until {
                return Err(Problem::new(
                    Code::ProviderUnreachable,
                    "The relay was held up for too long; nothing was sent.",
                ));
            }
            crash::point("before the provider is asked");
            let reply = self
                .relay
                .outbound
                .send(request, self.account.timeout())
                .await;
            if !self.is_rejected(&reply) {
                return Ok(reply);
            }
            self.rejected(&held);
        }
        Err(self.distrusted())
    }

    /// Whether a reply says that the token does not hold, and so proves that nothing was done. Words alone prove
    /// nothing: a platform that is overloaded may use the same ones.
    pub fn is_rejected(&self, reply: &Reply) -> bool {
        if !reply.as_ref().is_ok_and(|reply| reply.status == 401) {
            return false;
        }
        let sent = self.api.desk.read_sent(reply.clone());
        sent.trouble == Some(Trouble::Unauthenticated)
            && matches!(sent.outcome, Outcome::Refused(_))
    }

    /// The platform did not accept this token.
    pub fn rejected(&self, held: &Held) {
        let (id, agent) = (&self.agent.id, &self.identity.agent);
        self.api.tokens.rejected(id, agent, held);
    }

    /// The platform did not even accept a fresh token.
    pub fn distrusted(&self) -> Problem {
        let (id, agent) = (&self.agent.id, &self.identity.agent);
        self.api.tokens.distrusted(id, agent);
        sign_in_needed()
    }
}

/// Only the agent can help.
fn sign_in_needed() -> Problem {
    Problem::new(
        Code::SignInNeeded,
        "The relay has no token of yours at the telephone platform that holds.",
    )
    .with_remedy("Sign in there: `POST /v1/agent/{provider}/sign-in` gives the address.")
}
