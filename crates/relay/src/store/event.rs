//! Events, by which streams resume.

use sqlx::SqliteConnection;

use super::Store;
use crate::clock::Millis;
use crate::config::AgentId;

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Event {
    /// Its number; later events have higher ones.
    pub id: i64,
    /// The call as it was then, as JSON.
    pub data: String,
}

/// The most events that are read at once.
const PAGE: i64 = 100;

/// Takes the next number; [`write`] puts the event there, in the same transaction.
///
/// # Errors
/// A database that does not answer.
pub async fn reserve(
    tx: &mut SqliteConnection,
    agent: &AgentId,
    call: &str,
    now: Millis,
) -> Result<i64, sqlx::Error> {
    let done =
        sqlx::query("INSERT INTO event (org, sub, call, data, created_at) VALUES (?, ?, ?, '', ?)")
            .bind(&agent.org)
            .bind(&agent.sub)
            .bind(call)
            .bind(now)
            .execute(tx)
            .await?;
    Ok(done.last_insert_rowid())
}

/// Writes an event whose number was reserved.
///
/// # Errors
/// A database that does not answer.
pub async fn write(tx: &mut SqliteConnection, id: i64, data: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE event SET data = ? WHERE id = ?")
        .bind(data)
        .bind(id)
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
            "SELECT id, data FROM event WHERE org = ? AND sub = ? AND id > ? ORDER BY id LIMIT ?",
        )
        .bind(&agent.org)
        .bind(&agent.sub)
        .bind(last)
        .bind(PAGE)
        .fetch_all(&self.readers)
        .await
    }

    /// The number of the newest event of all, 0 if there was none.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn newest_event(&self) -> Result<i64, sqlx::Error> {
        let newest: Option<i64> =
            sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'event'")
                .fetch_optional(&self.readers)
                .await?;
        Ok(newest.unwrap_or(0))
    }
}
