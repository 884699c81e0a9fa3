//! Who is signed in to the admin pages.

use super::{Conn, Store};
use crate::clock::Millis;
use crate::random::Hash;

/// Stores a session: its secret only as a hash.
///
/// # Errors
/// A database that does not answer.
pub async fn insert(
    tx: &mut Conn,
    hash: &Hash,
    name: &str,
    now: Millis,
    expires_at: Millis,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO admin_session (hash, name, created_at, expires_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(hash.as_slice())
    .bind(name)
    .bind(now)
    .bind(expires_at)
    .execute(tx)
    .await?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// A database that does not answer.
pub async fn end(tx: &mut Conn, hash: &Hash) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM admin_session WHERE hash = $1")
        .bind(hash.as_slice())
        .execute(tx)
        .await?;
    Ok(())
}

impl Store {
    /// Whose session this is, if it is not over.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn admin(&self, hash: &Hash, now: Millis) -> Result<Option<String>, sqlx::Error> {
        sqlx::query_scalar("SELECT name FROM admin_session WHERE hash = $1 AND expires_at > $2")
            .bind(hash.as_slice())
            .bind(now)
            .fetch_optional(self.read())
            .await
    }
}
