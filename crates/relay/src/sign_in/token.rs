//! What becomes of a person's token: had, kept if it is of use, given back if not.

use std::sync::Arc;

use patchcord_core::secret::Secret;
use patchcord_core::token::{Config, Grant, Next, Replied, Stored, Tokens};
use serde_json::json;

use super::{Attempt, NotSignedIn, TIMEOUT, failed, no_sign_in, not_had, rules};
use crate::accounts::{Account, AgentDesk};
use crate::agents::resolve;
use crate::audit::{self, Action, Actor};
use crate::config::{Agent, AgentId, Identity, SignIn};
use crate::http::problem::Problem;
use crate::relay::Relay;
use crate::scim;
use crate::store::token::lock;
use crate::store::{mapping, person, session};

/// Whether the relay has the person's token from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// It has.
    Yes,
    /// It has not: it is to be given back.
    No,
}

/// Who the agent is at the platform by the mapping, if the platform says the same of this token.
pub(super) async fn own_identity(
    relay: &Relay,
    name: &str,
    account: &Account,
    desk: &AgentDesk,
    agent: &Agent,
    stored: &Stored,
) -> Result<String, NotSignedIn> {
    let identity = agent
        .identities
        .iter()
        .find(|identity| identity.account == name)
        .ok_or_else(|| failed("You are nobody at this telephone platform."))?;
    let reply = relay.outbound.send(desk.desk.who(&stored.access), TIMEOUT);
    let who = desk.desk.read_who(reply.await);
    let who = who.map_err(|outcome| not_had(name, outcome.because()))?;
    if !account.provider.is_same_agent(&who.agent, &identity.agent) {
        return Err(NotSignedIn::SomebodyElse);
    }
    Ok(identity.agent.clone())
}

/// Keeps a token; where there has to be a session, only while it holds.
pub(super) async fn keep(
    relay: &Arc<Relay>,
    name: &str,
    id: AgentId,
    identity: String,
    stored: &Stored,
    lineage: Option<String>,
) -> Result<Kept, Problem> {
    let (keeping, name, now) = (relay.clone(), name.to_owned(), relay.clock.now());
    let (account, who, tokens) = (name.clone(), id.clone(), stored.clone());
    let kept = relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                lock(tx, &who).await?;
                if let Some(lineage) = &lineage
                    && session::holds_until(tx, lineage, now).await?.is_none()
                {
                    return Ok(None);
                }
                // They may have been mapped to somebody else in the meantime.
                let imported = mapping::of(tx, &who).await?;
                let is_still = |agent: Arc<Agent>| {
                    let same = |own: &Identity| own.account == account && own.agent == identity;
                    agent.identities.iter().any(same)
                };
                if !resolve(&keeping.config, &who, &imported).is_ok_and(is_still) {
                    return Ok(None);
                }
                let standing = person::standing_of(tx, &who).await?;
                if scim::admitted(&keeping.config, &who, standing).is_err() {
                    return Ok(None);
                }
                let desk = keeping.accounts.get(&account);
                let Some(desk) = desk.and_then(|account| account.agents.as_ref()) else {
                    return Ok(None);
                };
                let before = desk.tokens.keep(tx, &who, &identity, &tokens, now).await?;
                let (actor, detail) = (Actor::Agent(&who), json!({ "agent": identity }));
                audit::write(tx, actor, Action::TokenKept, &account, detail, now).await?;
                Ok::<_, sqlx::Error>(Some(before))
            })
        })
        .await?;
    let desk = relay.accounts.get(&name);
    let (Some(before), Some(desk)) = (kept, desk.and_then(|account| account.agents.as_ref()))
    else {
        return Ok(Kept::No);
    };
    desk.tokens.changed(&id);
    if let Some(before) = before {
        give_back(relay, &name, before);
    }
    Ok(Kept::Yes)
}

/// Exchanges the provider's code for the person's tokens.
pub(super) async fn exchange(
    relay: &Relay,
    account: &Account,
    rules: &SignIn,
    attempt: &Attempt,
    code: &str,
) -> Result<Stored, Problem> {
    let grant = Grant::AuthorizationCode {
        code: Secret::new(code),
        redirect_uri: rules.redirect_uri.clone(),
        verifier: Secret::new(attempt.verifier.clone()),
    };
    let mut tokens = Tokens::new(client(account, rules, grant)?);
    let now = u64::try_from(relay.clock.now()).unwrap_or(0);
    let Next::Send(request) = tokens.next(now) else {
        return Err(not_had(&attempt.account, None));
    };
    let reply = relay.outbound.send(request, TIMEOUT).await;
    if let Replied::Store(stored) = tokens.replied(now, reply) {
        return Ok(stored);
    }
    Err(match tokens.next(now) {
        Next::SignInNeeded(because) | Next::RetryAt(_, because) => {
            not_had(&attempt.account, Some(&because))
        }
        Next::Use(_) | Next::Send(_) | Next::Wait => not_had(&attempt.account, None),
    })
}

fn client(account: &Account, rules: &SignIn, grant: Grant) -> Result<Config, Problem> {
    let config = account.provider.tokens().ok_or_else(no_sign_in)?;
    Ok(Config {
        client_id: Some(rules.client_id.clone()),
        client_secret: None,
        grant,
        ..config
    })
}

/// Nobody needs these tokens any more. Whoever waits need not wait for that.
pub(super) fn give_back(relay: &Arc<Relay>, name: &str, stored: Stored) {
    let (giving, name) = (relay.clone(), name.to_owned());
    relay.tasks.spawn(async move {
        let relay = giving;
        let Some(account) = relay.accounts.get(&name) else {
            return;
        };
        if let Some(desk) = &account.agents {
            return desk.tokens.give_back(&stored).await;
        }
        let nothing = Grant::RefreshToken {
            refresh_token: Secret::default(),
        };
        let config = rules(&relay, &name).and_then(|rules| client(account, rules, nothing));
        let revoke = config
            .ok()
            .and_then(|config| Tokens::resume(config, stored).revoke());
        if let Some(revoke) = revoke
            && let Err(failure) = relay.outbound.send(revoke, TIMEOUT).await
        {
            tracing::warn!(%failure, "a person's token could not be revoked; it ends by itself");
        }
    });
}
