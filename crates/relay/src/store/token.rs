//! The tokens of each account, sealed; shared by the relays of one database.

use super::{Conn, Store, is_postgres};
use crate::clock::Millis;

/// An account's tokens, as they are stored.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Row {
    /// The account.
    pub account: String,
    /// The access token.
    pub sealed_access: Option<String>,
    /// When the access token ends.
    pub expires_at: Option<Millis>,
    /// The one-time token for the next time.
    pub sealed_refresh: Option<String>,
    /// Of the configuration that these descend from.
    pub origin_hash: Option<Vec<u8>>,
    /// When the newest token came.
    pub refreshed_at: Option<Millis>,
    /// A one-time token is being used since then, and what became of it is not known yet.
    pub rotating_since: Option<Millis>,
    /// The relay that asks for a token.
    pub lease_run: Option<String>,
    /// Until when no other relay does.
    pub lease_until: Option<Millis>,
    /// Counts changes.
    pub version: i64,
}

/// An account's row, made where it is missing, and held until the end of the transaction.
///
/// # Errors
/// A database that does not answer.
pub async fn hold(tx: &mut Conn, account: &str) -> Result<Row, sqlx::Error> {
    sqlx::query("INSERT INTO token (account) VALUES ($1) ON CONFLICT DO NOTHING")
        .bind(account)
        .execute(&mut *tx)
        .await?;
    let held = if is_postgres(tx) { " FOR UPDATE" } else { "" };
    sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT * FROM token WHERE account = $1{held}"
    )))
    .bind(account)
    .fetch_one(tx)
    .await
}

/// Stores a row that is held. Its version goes up.
///
/// # Errors
/// A database that does not answer.
pub async fn write(tx: &mut Conn, row: &mut Row) -> Result<(), sqlx::Error> {
    row.version += 1;
    sqlx::query(
        "UPDATE token SET sealed_access = $1, expires_at = $2, sealed_refresh = $3, origin_hash = $4,
             refreshed_at = $5, rotating_since = $6, lease_run = $7, lease_until = $8, version = $9
         WHERE account = $10",
    )
    .bind(&row.sealed_access)
    .bind(row.expires_at)
    .bind(&row.sealed_refresh)
    .bind(&row.origin_hash)
    .bind(row.refreshed_at)
    .bind(row.rotating_since)
    .bind(&row.lease_run)
    .bind(row.lease_until)
    .bind(row.version)
    .bind(&row.account)
    .execute(tx)
    .await?;
    Ok(())
}

impl Store {
    /// The tokens of an account, where there are any.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn token(&self, account: &str) -> Result<Option<Row>, sqlx::Error> {
        sqlx::query_as("SELECT * FROM token WHERE account = $1")
            .bind(account)
            .fetch_optional(self.read())
            .await
    }

    /// The tokens of every account.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn tokens(&self) -> Result<Vec<Row>, sqlx::Error> {
        sqlx::query_as("SELECT * FROM token ORDER BY account")
            .fetch_all(self.read())
            .await
    }
}
