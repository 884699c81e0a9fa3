//! Who an agent is at an account, imported; beside what the configuration says.

use super::token::{self, Row};
use super::{Conn, Store};
use crate::clock::Millis;
use crate::config::AgentId;

/// One line: a CRM user is this agent at this account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
pub struct Mapping {
    /// The CRM's organisation.
    pub org: String,
    /// The CRM's id of the person.
    pub sub: String,
    /// The account.
    pub account: String,
    /// The agent's id there.
    pub agent: String,
    /// What they are called.
    pub name: Option<String>,
    /// Where this comes from: `csv`, the account that it was read from, or `sync:` and the account that a CRM's users
    /// were compared with.
    pub source: String,
    /// Since when.
    pub updated_at: Millis,
}

impl Mapping {
    /// Whom it is about.
    pub fn id(&self) -> AgentId {
        AgentId {
            org: self.org.clone(),
            sub: self.sub.clone(),
        }
    }
}

/// What an import changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replaced {
    /// Lines that are there now.
    pub now: usize,
    /// People who were mapped otherwise before, or not any more: their sessions have ended.
    pub ended: Vec<AgentId>,
    /// Their own tokens at platforms: nobody has them any more, and they are to be given back.
    pub tokens: Vec<Row>,
}

/// Replaces everything of a source, and of an organisation, by these lines. Sessions of people who are mapped
/// otherwise from now on end.
///
/// # Errors
/// A database that does not answer.
pub async fn replace(
    tx: &mut Conn,
    source: &str,
    org: Option<&str>,
    lines: &[Mapping],
) -> Result<Replaced, sqlx::Error> {
    let before: Vec<Mapping> = sqlx::query_as(
        "SELECT * FROM agent_mapping WHERE source = $1 AND ($2 IS NULL OR org = $2)",
    )
    .bind(source)
    .bind(org)
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query("DELETE FROM agent_mapping WHERE source = $1 AND ($2 IS NULL OR org = $2)")
        .bind(source)
        .bind(org)
        .execute(&mut *tx)
        .await?;
    for line in lines {
        // The same line may be there from another source; then it is enough once.
        sqlx::query(
            "INSERT INTO agent_mapping (org, sub, account, agent, name, source, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        )
        .bind(&line.org)
        .bind(&line.sub)
        .bind(&line.account)
        .bind(&line.agent)
        .bind(&line.name)
        .bind(&line.source)
        .bind(line.updated_at)
        .execute(&mut *tx)
        .await?;
    }
    let stays = |old: &Mapping| {
        lines.iter().any(|new| {
            (&new.org, &new.sub, &new.account, &new.agent)
                == (&old.org, &old.sub, &old.account, &old.agent)
        })
    };
    let mut ended: Vec<AgentId> = before
        .iter()
        .filter(|old| !stays(old))
        .map(Mapping::id)
        .collect();
    ended.sort();
    ended.dedup();
    let mut tokens = Vec::new();
    for agent in &ended {
        token::lock(tx, agent).await?;
        super::session::end_all(tx, agent).await?;
        tokens.extend(token::forget(tx, agent, None).await?);
    }
    Ok(Replaced {
        now: lines.len(),
        ended,
        tokens,
    })
}

const OF_PERSON: &str =
    "SELECT * FROM agent_mapping WHERE org = $1 AND sub = $2 ORDER BY account, agent";

/// What was imported about a person, as this transaction sees it.
///
/// # Errors
/// A database that does not answer.
pub async fn of(tx: &mut Conn, agent: &AgentId) -> Result<Vec<Mapping>, sqlx::Error> {
    sqlx::query_as(OF_PERSON)
        .bind(&agent.org)
        .bind(&agent.sub)
        .fetch_all(tx)
        .await
}

const ALL: &str = "SELECT * FROM agent_mapping ORDER BY org, sub, account, agent";

/// Everything that was imported, as this transaction sees it.
///
/// # Errors
/// A database that does not answer.
pub async fn all(tx: &mut Conn) -> Result<Vec<Mapping>, sqlx::Error> {
    sqlx::query_as(ALL).fetch_all(tx).await
}

impl Store {
    /// What was imported about a person.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn mappings_of(&self, agent: &AgentId) -> Result<Vec<Mapping>, sqlx::Error> {
        sqlx::query_as(OF_PERSON)
            .bind(&agent.org)
            .bind(&agent.sub)
            .fetch_all(self.read())
            .await
    }

    /// Everything that was imported.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn mappings(&self) -> Result<Vec<Mapping>, sqlx::Error> {
        sqlx::query_as(ALL).fetch_all(self.read()).await
    }
}
