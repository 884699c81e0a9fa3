//! The relays that run on this database: what a dead one had in flight is found by its name.
//!
//! On SQLite a relay is alone, so at its start every other run is dead. On PostgreSQL a run is dead when it has
//! not been seen for [`DEAD_AFTER`], by the database's own clock.

use super::{Conn, Store, is_postgres};
use crate::clock::Millis;

/// How often a relay says that it lives, in milliseconds.
pub const BEAT: Millis = 5_000;
/// After which silence a relay counts as dead, in milliseconds. A relay that was only asleep for so long finds
/// that it may not send what it had taken up ([`SEND_WITHIN`]).
pub const DEAD_AFTER: Millis = 20_000;
/// How long after taking it up a callback may be sent at the latest, in milliseconds; well before anybody else
/// may take its relay for dead.
pub const SEND_WITHIN: Millis = 10_000;

fn now(conn: &Conn) -> &'static str {
    if is_postgres(conn) {
        "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
    } else {
        "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
    }
}

/// Says that this run lives.
///
/// # Errors
/// A database that does not answer.
pub async fn beat(tx: &mut Conn, run: &str) -> Result<(), sqlx::Error> {
    let now = now(tx);
    let sql = format!(
        "INSERT INTO run (id, started_at, seen_at) VALUES ($1, {now}, {now})
         ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at"
    );
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(run)
        .execute(tx)
        .await?;
    Ok(())
}

/// This run is over, and has nothing in flight.
///
/// # Errors
/// A database that does not answer.
pub async fn end(tx: &mut Conn, run: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM run WHERE id = $1")
        .bind(run)
        .execute(tx)
        .await?;
    Ok(())
}

/// Takes the runs that are dead off the list; whoever gets a name settles what that run had in flight, in the
/// same transaction.
///
/// # Errors
/// A database that does not answer.
pub async fn take_dead(tx: &mut Conn, own: &str) -> Result<Vec<String>, sqlx::Error> {
    let sql = if is_postgres(tx) {
        format!(
            "DELETE FROM run WHERE id IN (SELECT id FROM run WHERE id <> $1 AND seen_at < {} - {DEAD_AFTER}
             FOR UPDATE SKIP LOCKED) RETURNING id",
            now(tx)
        )
    } else {
        "DELETE FROM run WHERE id <> $1 RETURNING id".to_owned()
    };
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(own)
        .fetch_all(tx)
        .await
}

impl Store {
    /// How many relays run on this database.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn runs(&self) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT count(*) FROM run")
            .fetch_one(self.read())
            .await
    }
}
