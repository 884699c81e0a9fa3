//! Opening hours as platforms told them last.

use super::Store;
use crate::clock::Millis;

/// What was told.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Row {
    /// As [`Told`](crate::hours::platform::Told), in JSON.
    pub told: String,
    /// When it was read.
    pub read_at: Millis,
}

impl Store {
    /// What was told last of the hours with this key.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn platform_hours(&self, key: &str) -> Result<Option<Row>, sqlx::Error> {
        sqlx::query_as("SELECT told, read_at FROM platform_hours WHERE source = $1")
            .bind(key)
            .fetch_optional(self.read())
            .await
    }

    /// Keeps what was told, unless something newer is there.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn keep_platform_hours(
        &self,
        key: String,
        told: String,
        read_at: Millis,
    ) -> Result<(), sqlx::Error> {
        self.write(move |tx| {
            Box::pin(async move {
                sqlx::query(
                    "INSERT INTO platform_hours (source, told, read_at) VALUES ($1, $2, $3)
                     ON CONFLICT (source) DO UPDATE SET told = excluded.told, read_at = excluded.read_at
                     WHERE platform_hours.read_at < excluded.read_at",
                )
                .bind(key)
                .bind(told)
                .bind(read_at)
                .execute(tx)
                .await?;
                Ok::<_, sqlx::Error>(())
            })
        })
        .await
    }
}
