//! What the statistics count.

use super::Store;
use crate::clock::Millis;

/// Counted in pieces of a quarter of an hour: whatever its offset, a zone's hours begin with one.
pub const QUARTER: Millis = 15 * 60 * 1000;

/// Calls of an agent with the same outcome, within a quarter of an hour.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CallCount {
    /// The agent's organisation.
    pub org: String,
    /// The agent.
    pub sub: String,
    /// `accepted`, `refused` or `unknown`; `None` while the provider is being asked.
    pub outcome: Option<String>,
    /// Which quarter of an hour since the epoch.
    pub quarter: i64,
    /// How many.
    pub count: i64,
}

/// Callbacks about the same and in the same state, that came within a quarter of an hour.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CallbackCount {
    /// What they are about.
    pub topic: String,
    /// The state.
    pub state: String,
    /// Which quarter of an hour since the epoch.
    pub quarter: i64,
    /// How many.
    pub count: i64,
}

/// Callbacks that were not handed over yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Waiting {
    /// How many should be by now.
    pub due: i64,
    /// Since when the longest waiting of these waits: since it was asked for, or the time that was wished.
    pub since: Option<Millis>,
    /// How many wait for a time that has not come, or for an opening.
    pub later: i64,
}

impl Store {
    /// The calls that were asked for in this time (`until` is not in it), by agents of one organisation or of all.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn count_calls(
        &self,
        since: Millis,
        until: Millis,
        org: Option<&str>,
    ) -> Result<Vec<CallCount>, sqlx::Error> {
        // The number is QUARTER; a bound one would be another expression to PostgreSQL each time.
        sqlx::query_as(
            "SELECT org, sub, outcome, created_at / 900000 AS quarter, count(*) AS count FROM call
             WHERE created_at >= $1 AND created_at < $2 AND ($3 IS NULL OR org = $3)
             GROUP BY org, sub, outcome, created_at / 900000",
        )
        .bind(since)
        .bind(until)
        .bind(org)
        .fetch_all(self.read())
        .await
    }

    /// The callbacks that came in this time (`until` is not in it).
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn count_callbacks(
        &self,
        since: Millis,
        until: Millis,
    ) -> Result<Vec<CallbackCount>, sqlx::Error> {
        sqlx::query_as(
            "SELECT topic, state, created_at / 900000 AS quarter, count(*) AS count FROM callback
             WHERE created_at >= $1 AND created_at < $2 GROUP BY topic, state, created_at / 900000",
        )
        .bind(since)
        .bind(until)
        .fetch_all(self.read())
        .await
    }

    /// The callbacks that wait now, whenever they came.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn count_waiting(&self, now: Millis) -> Result<Waiting, sqlx::Error> {
        // One that is due for a next try has a `dispatch_at` in the future, and waits all the same.
        sqlx::query_as(
            "SELECT count(*) FILTER (WHERE state = 'due' OR dispatch_at <= $1) AS due,
                 min(coalesce(at, created_at)) FILTER (WHERE state = 'due' OR dispatch_at <= $1) AS since,
                 count(*) FILTER (WHERE state = 'queued' AND dispatch_at > $1) AS later
             FROM callback WHERE state IN ('queued', 'due')",
        )
        .bind(now)
        .fetch_one(self.read())
        .await
    }
}
