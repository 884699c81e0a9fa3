//! Calls.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Conn, Store, event, is_postgres};
use crate::clock::{self, Millis};
use crate::config::AgentId;

/// A call, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Call {
    /// The relay's id.
    pub id: String,
    /// The agent's organisation.
    pub org: String,
    /// The agent.
    pub sub: String,
    /// The account that was asked.
    pub account: String,
    /// Its provider.
    pub provider: String,
    /// The agent there.
    pub agent: String,
    /// The number in E.164 form.
    pub number: String,
    /// The provider's id of the call, where it gives one.
    pub provider_call: Option<String>,
    /// `accepted`, `refused` or `unknown`; `None` while the provider is being asked.
    pub outcome: Option<String>,
    /// The state, in the contract's words.
    pub state: String,
    /// Why it was not accepted.
    pub code: Option<String>,
    /// The provider's own words.
    pub message: Option<String>,
    /// Something the person should know.
    pub notice: Option<String>,
    /// Why it ended.
    pub reason: Option<String>,
    /// How long it lasted, in seconds.
    pub duration: Option<i64>,
    /// When it was asked for.
    pub created_at: Millis,
    /// Its newest event.
    pub event: i64,
    /// The relay that asks the provider, or asked.
    pub run: String,
    /// How it was asked for.
    #[sqlx(try_from = "String")]
    pub via: Via,
}

/// How a call was asked for, and so in whose words whoever asked is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// By `POST /v1/calls`: the reply is the call.
    Calls,
    /// By the platform's Agent API: the reply is the platform's, or a problem document.
    Desk,
}

impl Via {
    /// As it is written in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Via::Calls => "calls",
            Via::Desk => "desk",
        }
    }
}

/// A word that no relay has written.
#[derive(Debug, thiserror::Error)]
#[error("there is no way `{0}` to ask for a call")]
pub struct NoSuchWay(String);

impl TryFrom<String> for Via {
    type Error = NoSuchWay;

    fn try_from(text: String) -> Result<Self, NoSuchWay> {
        match text.as_str() {
            "calls" => Ok(Via::Calls),
            "desk" => Ok(Via::Desk),
            _ => Err(NoSuchWay(text)),
        }
    }
}

/// A call, as it is told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Call)]
pub struct View<'a> {
    /// The relay's id.
    id: &'a str,
    /// The provider that was asked.
    provider: &'a str,
    /// The number in E.164 form.
    number: &'a str,
    /// `accepted`, `refused` or `unknown`; null while the provider is being asked.
    outcome: Option<&'a str>,
    /// `requested`, `handed_over`, `ringing`, `connecting`, `connected`, `ended`, `refused`, `unknown`, or what
    /// a provider may add.
    state: &'a str,
    /// Why it was not accepted, in one stable word.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    /// The provider's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    /// Something the person should know about a call that went through.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<&'a str>,
    /// Why it ended, in the provider's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// How long it lasted, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<i64>,
    /// When it was asked for, RFC 3339 in UTC.
    created_at: String,
    /// The id of this call's newest event: a stream that resumes after it misses nothing.
    event: i64,
}

impl Call {
    /// Whose it is.
    pub fn owner(&self) -> AgentId {
        AgentId {
            org: self.org.clone(),
            sub: self.sub.clone(),
        }
    }

    /// As it is told.
    pub fn view(&self) -> View<'_> {
        View {
            id: &self.id,
            provider: &self.provider,
            number: &self.number,
            outcome: self.outcome.as_deref(),
            state: &self.state,
            code: self.code.as_deref(),
            message: self.message.as_deref(),
            notice: self.notice.as_deref(),
            reason: self.reason.as_deref(),
            duration: self.duration,
            created_at: clock::to_rfc3339(self.created_at),
            event: self.event,
        }
    }

    /// As it is told, as JSON text.
    ///
    /// # Errors
    /// None that is known: all of it is text and numbers.
    pub fn to_json(&self) -> Result<String, sqlx::Error> {
        serde_json::to_string(&self.view()).map_err(|error| sqlx::Error::Encode(error.into()))
    }
}

/// Whether the agent asked for this number since then, and was not refused.
///
/// # Errors
/// A database that does not answer.
pub async fn dialled_since(
    tx: &mut Conn,
    agent: &AgentId,
    number: &str,
    since: Millis,
) -> Result<bool, sqlx::Error> {
    let found: Option<i64> = sqlx::query_scalar(
        "SELECT 1 FROM call WHERE org = $1 AND sub = $2 AND number = $3 AND created_at > $4 AND (outcome IS NULL OR outcome <> 'refused') LIMIT 1",
    )
    .bind(&agent.org)
    .bind(&agent.sub)
    .bind(number)
    .bind(since)
    .fetch_optional(tx)
    .await?;
    Ok(found.is_some())
}

/// Stores a call as it is now, and an event that tells so.
///
/// # Errors
/// A database that does not answer.
pub async fn write(tx: &mut Conn, call: &mut Call, now: Millis) -> Result<(), sqlx::Error> {
    let owner = call.owner();
    call.event = event::next(tx, &owner).await?;
    event::insert(tx, &owner, call.event, &call.id, &call.to_json()?, now).await?;
    sqlx::query(
        "INSERT INTO call (id, org, sub, account, provider, agent, number, provider_call, outcome, state,
             code, message, notice, reason, duration, created_at, event, run, via)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
         ON CONFLICT (id) DO UPDATE SET provider_call = excluded.provider_call, outcome = excluded.outcome,
             state = excluded.state, code = excluded.code, message = excluded.message, notice = excluded.notice,
             reason = excluded.reason, duration = excluded.duration, event = excluded.event",
    )
    .bind(&call.id)
    .bind(&call.org)
    .bind(&call.sub)
    .bind(&call.account)
    .bind(&call.provider)
    .bind(&call.agent)
    .bind(&call.number)
    .bind(&call.provider_call)
    .bind(&call.outcome)
    .bind(&call.state)
    .bind(&call.code)
    .bind(&call.message)
    .bind(&call.notice)
    .bind(&call.reason)
    .bind(call.duration)
    .bind(call.created_at)
    .bind(call.event)
    .bind(&call.run)
    .bind(call.via.as_str())
    .execute(tx)
    .await?;
    Ok(())
}

/// A call by its id, held until the end of the transaction.
///
/// # Errors
/// A database that does not answer.
pub async fn find(tx: &mut Conn, id: &str) -> Result<Option<Call>, sqlx::Error> {
    let held = if is_postgres(tx) { " FOR UPDATE" } else { "" };
    sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT * FROM call WHERE id = $1{held}"
    )))
    .bind(id)
    .fetch_optional(tx)
    .await
}

/// The calls for which that relay was asking the provider.
///
/// # Errors
/// A database that does not answer.
pub async fn in_flight(tx: &mut Conn, run: &str) -> Result<Vec<Call>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM call WHERE outcome IS NULL AND run = $1")
        .bind(run)
        .fetch_all(tx)
        .await
}

/// Gives the calls since then that may still be under way, and whose relay is no more, to another relay.
///
/// # Errors
/// A database that does not answer.
pub async fn adopt(tx: &mut Conn, run: &str, since: Millis) -> Result<Vec<Call>, sqlx::Error> {
    sqlx::query_as(
        "UPDATE call SET run = $1
         WHERE outcome = 'accepted' AND provider_call IS NOT NULL AND state <> 'ended' AND created_at > $2
             AND run NOT IN (SELECT id FROM run)
         RETURNING *",
    )
    .bind(run)
    .bind(since)
    .fetch_all(tx)
    .await
}

impl Store {
    /// An agent's call.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn call(&self, id: &str, agent: &AgentId) -> Result<Option<Call>, sqlx::Error> {
        sqlx::query_as("SELECT * FROM call WHERE id = $1 AND org = $2 AND sub = $3")
            .bind(id)
            .bind(&agent.org)
            .bind(&agent.sub)
            .fetch_optional(self.read())
            .await
    }

    /// The calls of an agent that are under way, as they were told up to `event`; without those of which nothing was
    /// told after `since`.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn calls_under_way(
        &self,
        agent: &AgentId,
        event: i64,
        since: Millis,
    ) -> Result<Vec<Call>, sqlx::Error> {
        sqlx::query_as(
            "SELECT call.* FROM call
             JOIN event ON event.org = call.org AND event.sub = call.sub AND event.seq = call.event
             WHERE call.outcome = 'accepted' AND call.provider_call IS NOT NULL AND call.state <> 'ended'
                 AND call.state <> 'handed_over' AND call.org = $1 AND call.sub = $2 AND call.event <= $3
                 AND event.created_at > $4
             ORDER BY call.event",
        )
        .bind(&agent.org)
        .bind(&agent.sub)
        .bind(event)
        .bind(since)
        .fetch_all(self.read())
        .await
    }

    /// A call, whoever's it is.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn call_by_id(&self, id: &str) -> Result<Option<Call>, sqlx::Error> {
        sqlx::query_as("SELECT * FROM call WHERE id = $1")
            .bind(id)
            .fetch_optional(self.read())
            .await
    }
}
