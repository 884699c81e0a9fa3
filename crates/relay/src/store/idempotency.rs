//! First replies, kept to be given again.

use super::{Conn, DAY, Store};
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

impl Store {
    /// What is known about a key.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn known(&self, claim: &Claim, now: Millis) -> Result<Known, sqlx::Error> {
        let row: Option<(Vec<u8>, Option<i64>, Option<String>)> = sqlx::query_as(
            "SELECT body_hash, status, reply FROM idempotency WHERE scope = $1 AND key = $2 AND created_at > $3",
        )
        .bind(&claim.scope)
        .bind(&claim.key)
        .bind(now - DAY)
        .fetch_optional(self.read())
        .await?;
        Ok(match row {
            None => Known::New,
            Some((hash, ..)) if hash != claim.body => Known::Other,
            Some((_, Some(status), Some(body))) => Known::Answered(Reply {
                status: u16::try_from(status).unwrap_or(500),
                body,
            }),
            Some(_) => Known::AtWork,
        })
    }
}

/// Claims a key; `call` is the call that will answer it, `reply` the answer where it is known already. `false`
/// if the key is taken; on PostgreSQL, only after whoever takes it at the same moment is done.
///
/// # Errors
/// A database that does not answer.
pub async fn claim(
    tx: &mut Conn,
    claim: &Claim,
    call: Option<&str>,
    reply: Option<&Reply>,
    now: Millis,
) -> Result<bool, sqlx::Error> {
    // What is a day old but not tidied away yet is as good as gone.
    let done = sqlx::query(
        "INSERT INTO idempotency (scope, key, body_hash, call, status, reply, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (scope, key) DO UPDATE SET body_hash = excluded.body_hash, call = excluded.call,
             status = excluded.status, reply = excluded.reply, created_at = excluded.created_at
         WHERE idempotency.created_at <= $8",
    )
    .bind(&claim.scope)
    .bind(&claim.key)
    .bind(claim.body.as_slice())
    .bind(call)
    .bind(reply.map(|reply| i64::from(reply.status)))
    .bind(reply.map(|reply| &reply.body))
    .bind(now)
    .bind(now - DAY)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores the answer of the request that made this call. `false` if it was answered already.
///
/// # Errors
/// A database that does not answer.
pub async fn answer(tx: &mut Conn, call: &str, reply: &Reply) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE idempotency SET status = $1, reply = $2 WHERE call = $3 AND status IS NULL",
    )
    .bind(i64::from(reply.status))
    .bind(&reply.body)
    .bind(call)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}
