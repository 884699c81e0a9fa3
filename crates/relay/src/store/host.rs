//! CRMs and pages that have the panel in a frame, made on the admin pages.

use super::{Conn, Store};
use crate::clock::Millis;

/// One host.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Row {
    /// What stands in the frame's address.
    pub name: String,
    /// As `[[host]]` of the configuration, in JSON.
    pub settings: String,
    /// The secret with which its records are read, sealed.
    pub secret: Option<String>,
    /// Another one with each change.
    pub version: i64,
    /// Since when it is as it is.
    pub updated_at: Millis,
    /// Who made or changed it.
    pub updated_by: String,
}

/// What is kept of a host.
#[derive(Debug, Clone, Copy)]
pub struct Kept<'a> {
    /// As in [`Row`].
    pub settings: &'a str,
    /// As in [`Row`].
    pub secret: Option<&'a str>,
}

/// Keeps a new host. `false` if there is one of its name, which stays as it is.
///
/// # Errors
/// A database that does not answer.
pub async fn insert(
    tx: &mut Conn,
    name: &str,
    kept: Kept<'_>,
    by: &str,
    now: Millis,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO host (name, settings, secret, version, updated_at, updated_by) VALUES ($1, $2, $3, 1, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(name)
    .bind(kept.settings)
    .bind(kept.secret)
    .bind(now)
    .bind(by)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Changes a host. `false` if it is not as in version `seen` any more.
///
/// # Errors
/// A database that does not answer.
pub async fn update(
    tx: &mut Conn,
    name: &str,
    seen: i64,
    kept: Kept<'_>,
    by: &str,
    now: Millis,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE host SET settings = $1, secret = $2, version = version + 1, updated_at = $3, updated_by = $4 WHERE name = $5 AND version = $6",
    )
    .bind(kept.settings)
    .bind(kept.secret)
    .bind(now)
    .bind(by)
    .bind(name)
    .bind(seen)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets a host. `false` if there was none.
///
/// # Errors
/// A database that does not answer.
pub async fn remove(tx: &mut Conn, name: &str) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("DELETE FROM host WHERE name = $1")
        .bind(name)
        .execute(tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

impl Store {
    /// All hosts, by name.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn hosts(&self) -> Result<Vec<Row>, sqlx::Error> {
        sqlx::query_as("SELECT * FROM host ORDER BY name")
            .fetch_all(self.read())
            .await
    }

    /// The host of this name.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn host(&self, name: &str) -> Result<Option<Row>, sqlx::Error> {
        sqlx::query_as("SELECT * FROM host WHERE name = $1")
            .bind(name)
            .fetch_optional(self.read())
            .await
    }
}
