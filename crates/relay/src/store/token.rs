//! The tokens of each account, and of agents who signed in there themselves: sealed, and shared by the relays of one
//! database.

use serde_json::Value;

use super::{Conn, Store, is_postgres};
use crate::clock::Millis;
use crate::config::AgentId;

/// Somebody's tokens at an account, as they are stored.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Row {
    /// The account.
    pub account: String,
    /// The agent, as [`key`] writes them; nothing for the account's own.
    pub agent: String,
    /// The access token.
    pub sealed_access: Option<String>,
    /// When the access token ends.
    pub expires_at: Option<Millis>,
    /// The one-time token for the next time.
    pub sealed_refresh: Option<String>,
    /// Of the configuration that these descend from.
    pub origin_hash: Option<Vec<u8>>,
    /// Of configurations whose place others have taken, one after the other, the newest first.
    pub replaced_origins: Option<Vec<u8>>,
    /// When the newest token came.
    pub refreshed_at: Option<Millis>,
    /// A one-time token is being used since then, and what became of it is not known yet.
    pub rotating_since: Option<Millis>,
    /// When a relay exchanges the account's own token by itself; `None` while a person has to look first.
    pub rotate_at: Option<Millis>,
    /// The relay that asks for a token.
    pub lease_run: Option<String>,
    /// Until when no other relay does.
    pub lease_until: Option<Millis>,
    /// Counts changes.
    pub version: i64,
}

/// An agent in [`Row::agent`]: never nothing, so that nobody is taken for the account itself.
pub fn key(agent: &AgentId) -> String {
    Value::from(vec![agent.org.as_str(), agent.sub.as_str()]).to_string()
}

/// The bytes of an origin's hash.
const ORIGIN: usize = 32;
/// The most replaced origins that are remembered.
const MOST_REPLACED: usize = 32;

impl Row {
    /// Whether another configuration took the place of this one.
    pub fn was_replaced(&self, origin: &[u8]) -> bool {
        let replaced = self.replaced_origins.as_deref().unwrap_or_default();
        replaced.chunks(ORIGIN).any(|known| known == origin)
    }

    /// A configuration takes the place of the one before, which is remembered.
    pub fn replace_origin(&mut self, origin: Vec<u8>) {
        let before = self.origin_hash.take();
        let replaced = self.replaced_origins.take().unwrap_or_default();
        let known = before.as_deref().into_iter().chain(replaced.chunks(ORIGIN));
        let known = known.filter(|known| *known != origin).take(MOST_REPLACED);
        self.replaced_origins = Some(known.collect::<Vec<_>>().concat());
        self.origin_hash = Some(origin);
    }

    /// The agent; `None` for the account's own.
    pub fn agent(&self) -> Option<AgentId> {
        let [org, sub] = serde_json::from_str(&self.agent).ok()?;
        Some(AgentId { org, sub })
    }
}

/// An account's own row, made where it is missing, and held until the end of the transaction.
///
/// # Errors
/// A database that does not answer.
pub async fn hold(tx: &mut Conn, account: &str) -> Result<Row, sqlx::Error> {
    sqlx::query("INSERT INTO token (account) VALUES ($1) ON CONFLICT DO NOTHING")
        .bind(account)
        .execute(&mut *tx)
        .await?;
    find(tx, account, "").await?.ok_or(sqlx::Error::RowNotFound)
}

/// Somebody's row, where there is one, held until the end of the transaction.
///
/// # Errors
/// A database that does not answer.
pub async fn find(tx: &mut Conn, account: &str, agent: &str) -> Result<Option<Row>, sqlx::Error> {
    let held = if is_postgres(tx) { " FOR UPDATE" } else { "" };
    sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT * FROM token WHERE account = $1 AND agent = $2{held}"
    )))
    .bind(account)
    .bind(agent)
    .fetch_optional(tx)
    .await
}

/// Makes whoever keeps or forgets an agent's tokens, opens, renews or ends all of their sessions, or changes who they
/// are, wait for each other until the end of their transactions: else one of them could miss what the other has not
/// committed yet.
///
/// # Errors
/// A database that does not answer.
pub async fn lock(tx: &mut Conn, agent: &AgentId) -> Result<(), sqlx::Error> {
    Store::lock(tx, &format!("token {}", key(agent))).await
}

/// An agent's row, made where it is missing, and held until the end of the transaction. A new one counts from `now`:
/// none of its versions is one of a row that was forgotten.
///
/// # Errors
/// A database that does not answer.
pub async fn make(
    tx: &mut Conn,
    account: &str,
    agent: &AgentId,
    now: Millis,
) -> Result<Row, sqlx::Error> {
    let agent = key(agent);
    sqlx::query(
        "INSERT INTO token (account, agent, version) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    )
    .bind(account)
    .bind(&agent)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    find(tx, account, &agent)
        .await?
        .ok_or(sqlx::Error::RowNotFound)
}

/// Forgets an agent's tokens: at one account, or at all of them. What was forgotten. It [`lock`]s the agent.
///
/// # Errors
/// A database that does not answer.
pub async fn forget(
    tx: &mut Conn,
    agent: &AgentId,
    account: Option<&str>,
) -> Result<Vec<Row>, sqlx::Error> {
    lock(tx, agent).await?;
    sqlx::query_as(
        "DELETE FROM token WHERE agent = $1 AND ($2 IS NULL OR account = $2) RETURNING *",
    )
    .bind(key(agent))
    .bind(account)
    .fetch_all(tx)
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
             refreshed_at = $5, rotating_since = $6, lease_run = $7, lease_until = $8, version = $9,
             rotate_at = $12, replaced_origins = $13
         WHERE account = $10 AND agent = $11",
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
    .bind(&row.agent)
    .bind(row.rotate_at)
    .bind(&row.replaced_origins)
    .execute(tx)
    .await?;
    Ok(())
}

/// Ends the turns of a relay that is no more. What it may have used stays noted.
///
/// # Errors
/// A database that does not answer.
pub async fn release(tx: &mut Conn, run: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE token SET lease_run = NULL, lease_until = NULL WHERE lease_run = $1")
        .bind(run)
        .execute(tx)
        .await?;
    Ok(())
}

impl Store {
    /// An account's own tokens, where there are any.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn token(&self, account: &str) -> Result<Option<Row>, sqlx::Error> {
        self.token_of(account, "").await
    }

    /// Somebody's tokens at an account, where there are any; `agent` as in [`Row::agent`].
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn token_of(&self, account: &str, agent: &str) -> Result<Option<Row>, sqlx::Error> {
        sqlx::query_as("SELECT * FROM token WHERE account = $1 AND agent = $2")
            .bind(account)
            .bind(agent)
            .fetch_optional(self.read())
            .await
    }

    /// Everybody's tokens.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn tokens(&self) -> Result<Vec<Row>, sqlx::Error> {
        sqlx::query_as("SELECT * FROM token ORDER BY account, agent")
            .fetch_all(self.read())
            .await
    }
}
