//! Events, by which streams resume.

use super::{Conn, Store};
use crate::clock::Millis;
use crate::config::AgentId;

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Event {
    /// Its number among the events of its agent; later ones have higher ones.
    pub id: i64,
    /// The call as it was then, as JSON.
    pub data: String,
}

/// The most events that are read at once.
const PAGE: i64 = 100;

/// Takes an agent's next number. Until the end of the transaction nobody else gets one of theirs, so that no
/// number becomes visible after a higher one: who has read up to a number has missed nothing.
///
/// # Errors
/// A database that does not answer.
pub async fn next(tx: &mut Conn, agent: &AgentId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "INSERT INTO event_seq (org, sub, seq) VALUES ($1, $2, 1)
         ON CONFLICT (org, sub) DO UPDATE SET seq = event_seq.seq + 1 RETURNING seq",
    )
    .bind(&agent.org)
    .bind(&agent.sub)
    .fetch_one(tx)
    .await
}

/// Stores an event under a number of [`next`].
///
/// # Errors
/// A database that does not answer.
pub async fn insert(
    tx: &mut Conn,
    agent: &AgentId,
    seq: i64,
    call: &str,
    data: &str,
    now: Millis,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO event (org, sub, seq, call, data, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&agent.org)
    .bind(&agent.sub)
    .bind(seq)
    .bind(call)
    .bind(data)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

impl Store {
    /// An agent's events after `last`, oldest first, no more than a page of them.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn events_after(
        &self,
        agent: &AgentId,
        last: i64,
    ) -> Result<Vec<Event>, sqlx::Error> {
        sqlx::query_as(
            "SELECT seq AS id, data FROM event WHERE org = $1 AND sub = $2 AND seq > $3 ORDER BY seq LIMIT $4",
        )
        .bind(&agent.org)
        .bind(&agent.sub)
        .bind(last)
        .bind(PAGE)
        .fetch_all(self.read())
        .await
    }

    /// The number of an agent's newest event, 0 if there was none.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn newest_event(&self, agent: &AgentId) -> Result<i64, sqlx::Error> {
        let newest: Option<i64> =
            sqlx::query_scalar("SELECT seq FROM event_seq WHERE org = $1 AND sub = $2")
                .bind(&agent.org)
                .bind(&agent.sub)
                .fetch_optional(self.read())
                .await?;
        Ok(newest.unwrap_or(0))
    }
}
