//! Sessions: an assertion becomes an opaque secret of 15 minutes.

use std::sync::Arc;

use patchcord_core::error::Code;
use serde_json::{Value, json};

use crate::agents;
use crate::assertion;
use crate::audit::{self, Action, Actor};
use crate::clock::Millis;
use crate::config::{Agent, AgentId};
use crate::http::problem::Problem;
use crate::random::{self, Hash};
use crate::relay::Relay;
use crate::scim::people::look_again;
use crate::store::Store;
use crate::store::session::{self, Session};
use crate::store::token::{self, Row};
use crate::wakes::Wake;

/// How long a session lasts, in seconds.
pub const LIFETIME: u32 = 15 * 60;

/// A session that was just made: the only time its secret is seen.
pub struct Opened {
    /// The secret.
    pub session: String,
    /// Whose.
    pub agent: Arc<Agent>,
}

/// Somebody who asks with a session.
#[derive(Debug, Clone)]
pub struct Asker {
    /// Who.
    pub agent: Arc<Agent>,
    /// Their session.
    pub session: Session,
}

/// Exchanges an assertion for a session.
///
/// # Errors
/// What is wrong with the assertion, [`Code::AssertionReplayed`], or why the person is nobody here.
pub async fn open(relay: &Arc<Relay>, token: &str) -> Result<Opened, Problem> {
    let now = relay.clock.now();
    let assertion = assertion::verify(token, &relay.issuers, &relay.config.audience, now).await?;
    look_again(relay, &assertion.agent).await?;
    let (secret, session) = make(&assertion.agent, random::id("line")?, now)?;
    let opening = relay.clone();
    let agent = relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                token::lock(tx, &session.agent).await?;
                let agent = agents::within(tx, &opening.config, &session.agent).await?;
                let fresh = session::use_assertion(
                    tx,
                    &assertion.iss,
                    &assertion.jti,
                    assertion.expires_at,
                )
                .await?;
                if !fresh {
                    return Err(replayed());
                }
                session::insert(tx, &session, now).await?;
                let who = Actor::Agent(&session.agent);
                let issuer = json!({ "iss": assertion.iss });
                audit::write(tx, who, Action::SessionOpened, &session.name(), issuer, now).await?;
                Ok(agent)
            })
        })
        .await?;
    Ok(Opened {
        session: secret,
        agent,
    })
}

/// Opens a session for somebody who has signed in at a provider.
///
/// # Errors
/// Why the person is nobody here.
pub async fn open_signed_in(relay: &Arc<Relay>, id: &AgentId) -> Result<Opened, Problem> {
    let now = relay.clock.now();
    look_again(relay, id).await?;
    let (secret, session) = make(id, random::id("line")?, now)?;
    let opening = relay.clone();
    let agent = relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                token::lock(tx, &session.agent).await?;
                let agent = agents::within(tx, &opening.config, &session.agent).await?;
                session::insert(tx, &session, now).await?;
                let who = Actor::Agent(&session.agent);
                let how = json!({ "by": "sign_in" });
                audit::write(tx, who, Action::SessionOpened, &session.name(), how, now).await?;
                Ok::<_, Problem>(agent)
            })
        })
        .await?;
    Ok(Opened {
        session: secret,
        agent,
    })
}

/// Gives a new session for one that still holds; the old one ends, and what was opened with it goes on.
///
/// # Errors
/// [`Code::SessionExpired`] if it ended in the meantime.
pub async fn renew(relay: &Relay, asker: &Asker) -> Result<Opened, Problem> {
    let now = relay.clock.now();
    let old = asker.session.hash;
    let (secret, session) = make(&asker.agent.id, asker.session.lineage.clone(), now)?;
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                // Whoever ends all of the agent's sessions meanwhile waits, and then sees this one.
                token::lock(tx, &session.agent).await?;
                if !session::end(tx, &old, now).await? {
                    return Err(expired());
                }
                Ok(session::insert(tx, &session, now).await?)
            })
        })
        .await?;
    Ok(Opened {
        session: secret,
        agent: asker.agent.clone(),
    })
}

/// Ends a session.
///
/// # Errors
/// A database that does not answer.
pub async fn close(relay: &Relay, asker: &Asker) -> Result<(), Problem> {
    let (session, now) = (asker.session.clone(), relay.clock.now());
    let hash = session.hash;
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                if session::end(tx, &hash, now).await? {
                    let who = Actor::Agent(&session.agent);
                    audit::write(
                        tx,
                        who,
                        Action::SessionEnded,
                        &session.name(),
                        Value::Null,
                        now,
                    )
                    .await?;
                }
                Ok::<_, sqlx::Error>(())
            })
        })
        .await?;
    relay.wakes.wake(Wake::Agent(asker.agent.id.clone()));
    Ok(())
}

/// What a revocation took away.
#[derive(Debug)]
pub struct Revoked {
    /// How many sessions there were.
    pub sessions: u64,
    /// The agent's own tokens at platforms; nobody has them any more, and they are to be given back.
    pub tokens: Vec<Row>,
}

/// Ends every session of an agent, and forgets their own tokens at platforms. Streams, here and at other relays, look
/// from time to time whether their session still holds.
///
/// # Errors
/// A database that does not answer.
pub async fn revoke(store: &Store, agent: AgentId, now: Millis) -> Result<Revoked, sqlx::Error> {
    store
        .write(move |tx| {
            Box::pin(async move {
                token::lock(tx, &agent).await?;
                let sessions = session::end_all(tx, &agent).await?;
                let tokens = token::forget(tx, &agent, None).await?;
                let subject = format!("{}/{}", agent.org, agent.sub);
                let detail = json!({ "sessions": sessions, "tokens": tokens.len() });
                audit::write(
                    tx,
                    Actor::Command,
                    Action::SessionEnded,
                    &subject,
                    detail,
                    now,
                )
                .await?;
                Ok(Revoked { sessions, tokens })
            })
        })
        .await
}

/// Who asks with this secret.
///
/// # Errors
/// [`Code::SessionExpired`], or why the person is nobody here any more.
pub async fn find(relay: &Relay, secret: &str) -> Result<Asker, Problem> {
    let hash: Hash = random::hash(secret.as_bytes());
    let session = relay
        .store
        .session(hash, relay.clock.now())
        .await?
        .ok_or_else(expired)?;
    let agent = agents::of(relay, &session.agent).await?;
    Ok(Asker { agent, session })
}

/// Until when the session holds, or what it was renewed to; `None` where it has ended. A database that does not
/// answer ends no session.
pub async fn holds_until(relay: &Relay, session: &Session) -> Option<Millis> {
    let now = relay.clock.now();
    match relay.store.session_holds_until(&session.lineage, now).await {
        Ok(until) => until,
        Err(error) => {
            tracing::warn!(%error, "a session cannot be looked up");
            (session.expires_at > now).then_some(session.expires_at)
        }
    }
}

fn make(agent: &AgentId, lineage: String, now: Millis) -> Result<(String, Session), Problem> {
    let secret = random::bearer("pcs")?;
    let session = Session {
        hash: random::hash(secret.as_bytes()),
        agent: agent.clone(),
        lineage,
        expires_at: now.saturating_add(i64::from(LIFETIME) * 1000),
    };
    Ok((secret, session))
}

fn replayed() -> Problem {
    Problem::of(
        Code::AssertionReplayed,
        "assertion",
        "The assertion was used before.",
    )
    .with_remedy("Sign a new one for each exchange, with a `jti` of its own.")
}

fn expired() -> Problem {
    Problem::new(Code::SessionExpired, "The session has ended.")
        .with_remedy("Exchange a new assertion for a new session.")
}
