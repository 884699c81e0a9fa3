//! Sessions and used assertions.

use super::{Conn, Store};
use crate::clock::Millis;
use crate::config::AgentId;
use crate::random::{self, Hash};

/// A session, as it is stored: its secret only as a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Of the secret.
    pub hash: Hash,
    /// Whose.
    pub agent: AgentId,
    /// The same for a session and those that it was renewed to; random.
    pub lineage: String,
    /// Until when.
    pub expires_at: Millis,
}

impl Session {
    /// What the audit log calls it; of no use to open anything.
    pub fn name(&self) -> String {
        let (beginning, _) = self.hash.split_at(6);
        format!("session {}", random::hex(beginning))
    }
}

/// Marks an assertion as used. `false` if it was used before.
///
/// # Errors
/// A database that does not answer.
pub async fn use_assertion(
    tx: &mut Conn,
    iss: &str,
    jti: &str,
    expires_at: Millis,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO used_jti (iss, jti, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    )
    .bind(iss)
    .bind(jti)
    .bind(expires_at)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores a session.
///
/// # Errors
/// A database that does not answer.
pub async fn insert(tx: &mut Conn, session: &Session, now: Millis) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO session (hash, org, sub, lineage, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(session.hash.as_slice())
    .bind(&session.agent.org)
    .bind(&session.agent.sub)
    .bind(&session.lineage)
    .bind(now)
    .bind(session.expires_at)
    .execute(tx)
    .await?;
    Ok(())
}

/// Ends a session. `false` if it was over already.
///
/// # Errors
/// A database that does not answer.
pub async fn end(tx: &mut Conn, hash: &Hash, now: Millis) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("DELETE FROM session WHERE hash = $1 AND expires_at > $2")
        .bind(hash.as_slice())
        .bind(now)
        .execute(tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends every session of an agent; how many there were.
///
/// # Errors
/// A database that does not answer.
pub async fn end_all(tx: &mut Conn, agent: &AgentId) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM session WHERE org = $1 AND sub = $2")
        .bind(&agent.org)
        .bind(&agent.sub)
        .execute(tx)
        .await?;
    Ok(done.rows_affected())
}

/// Until when a session of this lineage holds; `None` where none does.
///
/// # Errors
/// A database that does not answer.
pub async fn holds_until(
    tx: &mut Conn,
    lineage: &str,
    now: Millis,
) -> Result<Option<Millis>, sqlx::Error> {
    sqlx::query_scalar(HOLDS_UNTIL)
        .bind(lineage)
        .bind(now)
        .fetch_one(tx)
        .await
}

const HOLDS_UNTIL: &str =
    "SELECT MAX(expires_at) FROM session WHERE lineage = $1 AND expires_at > $2";

impl Store {
    /// As [`holds_until`].
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn session_holds_until(
        &self,
        lineage: &str,
        now: Millis,
    ) -> Result<Option<Millis>, sqlx::Error> {
        sqlx::query_scalar(HOLDS_UNTIL)
            .bind(lineage)
            .bind(now)
            .fetch_one(self.read())
            .await
    }

    /// The session with this hash, if it is not over.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn session(&self, hash: Hash, now: Millis) -> Result<Option<Session>, sqlx::Error> {
        let row: Option<(String, String, String, Millis)> = sqlx::query_as(
            "SELECT org, sub, lineage, expires_at FROM session WHERE hash = $1 AND expires_at > $2",
        )
        .bind(hash.as_slice())
        .bind(now)
        .fetch_optional(self.read())
        .await?;
        Ok(row.map(|(org, sub, lineage, expires_at)| Session {
            hash,
            agent: AgentId { org, sub },
            lineage,
            expires_at,
        }))
    }
}
