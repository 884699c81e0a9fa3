//! Who has signed in at a provider and is on the way back to their page, and attempts that were finished.

use super::Conn;
use crate::clock::Millis;
use crate::random::Hash;

/// Keeps something sealed under the hash of a code.
///
/// # Errors
/// A database that does not answer.
pub async fn insert(
    tx: &mut Conn,
    code: &Hash,
    sealed: &str,
    expires_at: Millis,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO sign_in (state_hash, sealed, expires_at) VALUES ($1, $2, $3)")
        .bind(code.as_slice())
        .bind(sealed)
        .bind(expires_at)
        .execute(tx)
        .await?;
    Ok(())
}

/// Notes that something was used, under its hash. `false` if it was used before.
///
/// # Errors
/// A database that does not answer.
pub async fn use_up(tx: &mut Conn, used: &Hash, expires_at: Millis) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO sign_in (state_hash, sealed, expires_at) VALUES ($1, '', $2) ON CONFLICT DO NOTHING",
    )
    .bind(used.as_slice())
    .bind(expires_at)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes it; nobody else can, afterwards.
///
/// # Errors
/// A database that does not answer.
pub async fn take(tx: &mut Conn, code: &Hash, now: Millis) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(
        // What was used up holds nothing, and stays.
        "DELETE FROM sign_in WHERE state_hash = $1 AND expires_at > $2 AND sealed <> '' RETURNING sealed",
    )
    .bind(code.as_slice())
    .bind(now)
    .fetch_optional(tx)
    .await
}
