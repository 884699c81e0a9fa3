//! First replies, kept to be given again.

use sqlx::SqliteConnection;

use super::DAY;
use crate::clock::Millis;
use crate::random::Hash;

/// Which request: the asker's scope and the key they chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Whose keys these are.
    pub scope: String,
    /// The key.
    pub key: String,
    /// Of the body, byte for byte.
    pub body: Hash,
}

/// A reply as it was first given, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status; from 400 on the body is a problem document.
    pub status: u16,
    /// The JSON text.
    pub body: String,
}

/// What is known about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Never seen.
    New,
    /// The same request is at work.
    AtWork,
    /// The same request was answered.
    Answered(Reply),
    /// Another request had this key.
    Other,
}

/// What is known about a key.
///
/// # Errors
/// A database that does not answer.
pub async fn look_up(
    tx: &mut SqliteConnection,
    claim: &Claim,
    now: Millis,
) -> Result<Known, sqlx::Error> {
    let row: Option<(Vec<u8>, Option<u16>, Option<String>)> = sqlx::query_as(
        "SELECT body_hash, status, reply FROM idempotency WHERE scope = ? AND key = ? AND created_at > ?",
    )
    .bind(&claim.scope)
    .bind(&claim.key)
    .bind(now - DAY)
    .fetch_optional(tx)
    .await?;
    Ok(match row {
        None => Known::New,
        Some((hash, ..)) if hash != claim.body => Known::Other,
        Some((_, Some(status), Some(body))) => Known::Answered(Reply { status, body }),
        Some(_) => Known::AtWork,
    })
}

/// Claims a key; `call` is the call that will answer it, `reply` the answer where it is known already.
///
/// # Errors
/// A database that does not answer, or a key that is taken.
pub async fn claim(
    tx: &mut SqliteConnection,
    claim: &Claim,
    call: Option<&str>,
    reply: Option<&Reply>,
    now: Millis,
) -> Result<(), sqlx::Error> {
    // What is a day old but not tidied away yet is as good as gone.
    sqlx::query(
        "INSERT OR REPLACE INTO idempotency (scope, key, body_hash, call, status, reply, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&claim.scope)
    .bind(&claim.key)
    .bind(claim.body.as_slice())
    .bind(call)
    .bind(reply.map(|reply| reply.status))
    .bind(reply.map(|reply| &reply.body))
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

/// Stores the answer of the request that made this call.
///
/// # Errors
/// A database that does not answer.
pub async fn answer(
    tx: &mut SqliteConnection,
    call: &str,
    reply: &Reply,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE idempotency SET status = ?, reply = ? WHERE call = ? AND status IS NULL")
        .bind(reply.status)
        .bind(&reply.body)
        .bind(call)
        .execute(tx)
        .await?;
    Ok(())
}
