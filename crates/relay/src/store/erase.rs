//! Erasure: everything about a number goes, but for what proves that its owner agreed to be called, where the number
//! is a keyed hash.

use std::time::Duration;

use patchcord_core::number::PhoneNumber;
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Row};

use super::alert::{self, Decision};
use super::{Conn, Database, Store};
use crate::audit::{self, Action, Actor};
use crate::clock::Millis;

/// How often, and after what pause, an SQLite log that others are reading is tried to be emptied.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(250);

/// What an erasure found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erased {
    /// Callbacks that are gone.
    pub callbacks: u64,
    /// Calls that are gone.
    pub calls: u64,
    /// Messages that are gone, sent or not.
    pub deliveries: u64,
    /// Payloads of others that mentioned it, and are empty now.
    pub mentions: u64,
    /// Callbacks and calls that a provider is being asked for right now: they stay until that is over.
    pub in_flight: u64,
}

impl Store {
    /// Deletes what is known about a number. What waits is not called any more.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn erase(&self, number: &PhoneNumber, now: Millis) -> Result<Erased, sqlx::Error> {
        let number = number.as_e164().to_owned();
        self.write(move |tx| Box::pin(async move { erase(tx, &number, now).await }))
            .await
    }
}

async fn erase(tx: &mut Conn, number: &str, now: Millis) -> Result<Erased, sqlx::Error> {
    let mut erased = Erased::default();
    // With or without the plus sign.
    let digits = number.trim_start_matches('+').to_owned();
    let mention = format!("%{digits}%");

    // Kept for a day, so that a repeated request does not ring again; without the number.
    run(
        tx,
        "UPDATE idempotency SET reply = replace(reply, $1, '') WHERE reply LIKE $2",
        &[&digits, &mention],
    )
    .await?;
    let mut subjects = Vec::new();
    for row in sqlx::query(
        "DELETE FROM callback WHERE number = $1 AND state <> 'dispatching' RETURNING id",
    )
    .bind(number)
    .fetch_all(&mut *tx)
    .await?
    {
        erased.callbacks += 1;
        subjects.push(row.try_get::<String, _>(0)?);
    }
    for row in
        sqlx::query("DELETE FROM call WHERE number = $1 AND outcome IS NOT NULL RETURNING id")
            .bind(number)
            .fetch_all(&mut *tx)
            .await?
    {
        erased.calls += 1;
        subjects.push(row.try_get::<String, _>(0)?);
    }
    erased.mentions = run(
        tx,
        "UPDATE callback SET payload = '{}', fields = '{}', page = NULL, message = NULL
         WHERE number <> $2 AND (payload LIKE $1 OR fields LIKE $1 OR page LIKE $1 OR message LIKE $1)",
        &[&mention, number],
    )
    .await?;
    run(
        tx,
        "UPDATE call SET message = NULL, reason = NULL WHERE number <> $2 AND (message LIKE $1 OR reason LIKE $1)",
        &[&mention, number],
    )
    .await?;
    run(tx, "DELETE FROM event WHERE data LIKE $1", &[&mention]).await?;
    erased.deliveries = run(
        tx,
        "DELETE FROM delivery WHERE body LIKE $1 OR error LIKE $1",
        &[&mention],
    )
    .await?;
    for subject in &subjects {
        erased.deliveries += run(tx, "DELETE FROM delivery WHERE subject = $1", &[subject]).await?;
        alert::settle(tx, subject, Decision::Dropped, "erasure", now).await?;
    }
    let in_flight: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM callback WHERE number = $1) + (SELECT count(*) FROM call WHERE number = $1)",
    )
    .bind(number)
    .fetch_one(&mut *tx)
    .await?;
    erased.in_flight = in_flight.unsigned_abs();
    let detail = json!({
        "callbacks": erased.callbacks, "calls": erased.calls, "deliveries": erased.deliveries,
        "mentions": erased.mentions, "in_flight": erased.in_flight,
    });
    let subject = audit::masked(number);
    audit::write(tx, Actor::Command, Action::Erased, &subject, detail, now).await?;
    Ok(erased)
}

async fn run(tx: &mut Conn, sql: &'static str, values: &[&str]) -> Result<u64, sqlx::Error> {
    let mut query = sqlx::query(sql);
    for value in values {
        query = query.bind((*value).to_owned());
    }
    Ok(query.execute(tx).await?.rows_affected())
}

/// Empties SQLite's log, where what was deleted is still to be found; the file itself is overwritten at once
/// (`secure_delete`). `false` if a reader was in the way all the time.
///
/// # Errors
/// A database that cannot be opened.
pub async fn empty_log(database: &Database) -> Result<bool, sqlx::Error> {
    let Database::Sqlite(path) = database else {
        return Ok(true);
    };
    let mut conn: SqliteConnection = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(Duration::from_secs(5))
        .connect()
        .await?;
    let mut emptied = false;
    for _ in 0..TRIES {
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&mut conn)
            .await?;
        emptied = row.try_get::<i64, _>(0)? == 0;
        if emptied {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    conn.close().await?;
    Ok(emptied)
}
