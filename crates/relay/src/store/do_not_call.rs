//! Numbers that are not called: a keyed hash of each ([`crate::fingerprint`]).

use super::{Conn, Store};
use crate::clock::Millis;
use crate::random::Hash;

/// A number of the list, as far as the list knows it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Entry {
    /// Its keyed hash.
    pub hash: Vec<u8>,
    /// Where it came from.
    pub source: String,
    /// Since when it is there.
    pub added_at: Millis,
}

/// Whether a number is on the list.
///
/// # Errors
/// A database that does not answer.
pub async fn has(tx: &mut Conn, number: &Hash) -> Result<bool, sqlx::Error> {
    let row: Option<i64> = sqlx::query_scalar("SELECT added_at FROM do_not_call WHERE hash = $1")
        .bind(number.as_slice())
        .fetch_optional(tx)
        .await?;
    Ok(row.is_some())
}

/// Whether something is switched off, and whether a number is on the list: in one question, since each dial and
/// callback asks both.
///
/// # Errors
/// A database that does not answer.
pub async fn off_or_has(
    tx: &mut Conn,
    switch: &str,
    number: &Hash,
) -> Result<(bool, bool), sqlx::Error> {
    let (off, listed): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM switch WHERE name = $1), (SELECT count(*) FROM do_not_call WHERE hash = $2)",
    )
    .bind(switch)
    .bind(number.as_slice())
    .fetch_one(tx)
    .await?;
    Ok((off > 0, listed > 0))
}

/// Puts a number on the list. `false` if it was there.
///
/// # Errors
/// A database that does not answer.
pub async fn add(
    tx: &mut Conn,
    number: &Hash,
    source: &str,
    now: Millis,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO do_not_call (hash, source, added_at) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING",
    )
    .bind(number.as_slice())
    .bind(source)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a number off the list. `false` if it was not there.
///
/// # Errors
/// A database that does not answer.
pub async fn remove(tx: &mut Conn, number: &Hash) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("DELETE FROM do_not_call WHERE hash = $1")
        .bind(number.as_slice())
        .execute(tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

impl Store {
    /// Up to `most` entries after this hash (nothing for the first), in the order of the hashes.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn do_not_call(&self, after: &[u8], most: i64) -> Result<Vec<Entry>, sqlx::Error> {
        sqlx::query_as(
            "SELECT hash, source, added_at FROM do_not_call WHERE hash > $1 ORDER BY hash LIMIT $2",
        )
        .bind(after)
        .bind(most)
        .fetch_all(self.read())
        .await
    }
}
