//! What a person has switched off.

use super::{Conn, Store};
use crate::clock::Millis;

/// The kill switch: off, nothing is dialled and no callback is taken or handed over.
pub const DIALLING: &str = "dialling";

/// That something is off.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Off {
    /// Since when.
    pub off_at: Millis,
    /// By whom.
    pub off_by: String,
    /// Why.
    pub reason: Option<String>,
}

/// Switches off. `false` if it was off already, which stays as it is.
///
/// # Errors
/// A database that does not answer.
pub async fn turn_off(
    tx: &mut Conn,
    name: &str,
    by: &str,
    reason: Option<&str>,
    now: Millis,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO switch (name, off_at, off_by, reason) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(name)
    .bind(now)
    .bind(by)
    .bind(reason)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Switches on again. `false` if it was on already.
///
/// # Errors
/// A database that does not answer.
pub async fn turn_on(tx: &mut Conn, name: &str) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("DELETE FROM switch WHERE name = $1")
        .bind(name)
        .execute(tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether something is off, as this transaction sees it.
///
/// # Errors
/// A database that does not answer.
pub async fn find(tx: &mut Conn, name: &str) -> Result<Option<Off>, sqlx::Error> {
    sqlx::query_as("SELECT off_at, off_by, reason FROM switch WHERE name = $1")
        .bind(name)
        .fetch_optional(tx)
        .await
}

impl Store {
    /// Whether something is off.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn off(&self, name: &str) -> Result<Option<Off>, sqlx::Error> {
        let mut conn = self.read().acquire().await?;
        find(&mut conn, name).await
    }
}
