//! The relays that run on this database: what a dead one had in flight is found by its name.
//!
//! On SQLite a relay is alone, so at its start every other run is dead. On PostgreSQL a run is dead when it has
//! not been seen for [`Liveness::dead_after`], by the database's own clock.

use std::time::Duration;

use super::{Conn, Store, is_postgres};

/// How long a relay may be silent before the others take it for dead, and what follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Liveness {
    /// After that, a silent relay counts as dead.
    pub dead_after: Duration,
}

impl Liveness {
    /// How often a relay says that it lives.
    pub fn beat(self) -> Duration {
        self.dead_after / 4
    }

    /// How long after it was taken up something may be sent at the latest. With the longest time since the last
    /// beat, that is well before anybody else may take its relay for dead: a relay that was asleep for so long
    /// does not send what others count as unknown.
    pub fn send_within(self) -> Duration {
        self.dead_after / 2
    }
}

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
pub async fn take_dead(
    tx: &mut Conn,
    own: &str,
    liveness: Liveness,
) -> Result<Vec<String>, sqlx::Error> {
    let sql = if is_postgres(tx) {
        format!(
            "DELETE FROM run WHERE id IN (SELECT id FROM run WHERE id <> $1 AND seen_at < {} - {}
             FOR UPDATE SKIP LOCKED) RETURNING id",
            now(tx),
            liveness.dead_after.as_millis()
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
