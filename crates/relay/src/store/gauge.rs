//! What waits, counted for the metrics.

use super::Store;
use crate::clock::Millis;

impl Store {
    /// Open alerts by their kind.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn count_alerts(&self) -> Result<Vec<(String, i64)>, sqlx::Error> {
        sqlx::query_as("SELECT kind, count(*) FROM alert WHERE settled_at IS NULL GROUP BY kind")
            .fetch_all(self.read())
            .await
    }

    /// Deliveries that were not made, by channel and state.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn count_deliveries(&self) -> Result<Vec<(String, String, i64)>, sqlx::Error> {
        sqlx::query_as(
            "SELECT channel, state, count(*) FROM delivery WHERE state IN ('waiting', 'sending', 'failed')
             GROUP BY channel, state",
        )
        .fetch_all(self.read())
        .await
    }

    /// When the access token of each account ends, where that is known.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn token_expiries(&self) -> Result<Vec<(String, Millis)>, sqlx::Error> {
        sqlx::query_as(
            "SELECT account, expires_at FROM token WHERE agent = '' AND expires_at IS NOT NULL",
        )
        .fetch_all(self.read())
        .await
    }
}
