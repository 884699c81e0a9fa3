//! What the database says about a round, against what visitors, agents and platforms saw.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;
use sqlx::AnyPool;

use crate::platforms::Reached;
use crate::visitors::{Asked, CalledOff};

/// Something that was promised and not kept.
pub type Violation = String;

/// The code of what was in flight when its relay died.
pub const INTERRUPTED: &str = "interrupted";

/// A callback or a call.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Row {
    pub id: String,
    /// A callback's state, or a call's outcome; `null` while it is being asked for.
    pub state: String,
    pub code: Option<String>,
    /// A callback's payload, or the idempotency key of a call.
    said: String,
}

/// An alert, settled or not.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Alert {
    pub kind: String,
    pub subject: String,
    /// In milliseconds since the Unix epoch.
    pub opened_at: i64,
}

/// All that came into the database since a moment.
pub struct Book {
    /// By their marks.
    pub callbacks: BTreeMap<String, Row>,
    pub calls: BTreeMap<String, Row>,
    pub alerts: Vec<Alert>,
    /// What is there more than once.
    pub violations: Vec<Violation>,
}

impl Book {
    pub async fn since(database: &AnyPool, moment: i64) -> Result<Self> {
        let callbacks: Vec<Row> = sqlx::query_as(
            "SELECT id, state, code, payload AS said FROM callback WHERE created_at >= $1",
        )
        .bind(moment)
        .fetch_all(database)
        .await?;
        let calls: Vec<Row> = sqlx::query_as(
            "SELECT call.id, COALESCE(outcome, 'null') AS state, code, key AS said
             FROM call JOIN idempotency ON idempotency.call = call.id WHERE call.created_at >= $1",
        )
        .bind(moment)
        .fetch_all(database)
        .await?;
        let alerts =
            sqlx::query_as("SELECT kind, subject, opened_at FROM alert WHERE opened_at >= $1")
                .bind(moment)
                .fetch_all(database)
                .await?;
        let mut violations = Vec::new();
        Ok(Self {
            callbacks: by_mark(callbacks, &mut violations)?,
            calls: by_mark(calls, &mut violations)?,
            alerts,
            violations,
        })
    }

    /// Everything that is unknown, with its code.
    pub fn unknown(&self) -> impl Iterator<Item = &Row> {
        let rows = self.callbacks.values().chain(self.calls.values());
        rows.filter(|row| row.state == "unknown")
    }
}

fn by_mark(rows: Vec<Row>, violations: &mut Vec<Violation>) -> Result<BTreeMap<String, Row>> {
    let mut marks = BTreeMap::new();
    for row in rows {
        let mark = match row.said.strip_prefix("load-") {
            Some(mark) => mark.to_owned(),
            None => {
                let payload: Value = serde_json::from_str(&row.said)?;
                let mark = payload.get("mark").and_then(Value::as_str);
                mark.context("a payload without a mark")?.to_owned()
            }
        };
        if let Some(other) = marks.insert(mark.clone(), row) {
            violations.push(format!("{mark} is there more than once: {}", other.id));
        }
    }
    Ok(marks)
}

/// What relays other than `alive` were asking of the platforms when they died: still in flight, or settled since
/// then by who is alive.
pub async fn in_flight(
    database: &AnyPool,
    since: i64,
    alive: Option<&str>,
) -> Result<BTreeSet<String>> {
    let ids: Vec<String> = sqlx::query_scalar(
        "SELECT id FROM callback WHERE created_at >= $1 AND run <> $2
             AND (state = 'dispatching' OR state = 'unknown' AND code = $3)
         UNION ALL
         SELECT id FROM call WHERE created_at >= $1 AND run <> $2
             AND (outcome IS NULL OR outcome = 'unknown' AND code = $3)",
    )
    .bind(since)
    .bind(alive.unwrap_or_default())
    .bind(INTERRUPTED)
    .fetch_all(database)
    .await?;
    Ok(ids.into_iter().collect())
}

/// What still waits, is being asked, or has to be told; and what counts as interrupted though its relay `alive`
/// is: its answer is still to come.
pub async fn unsettled(database: &AnyPool, since: i64, alive: Option<&str>) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM callback WHERE state IN ('queued', 'due', 'dispatching'))
              + (SELECT count(*) FROM call WHERE outcome IS NULL)
              + (SELECT count(*) FROM delivery WHERE state IN ('waiting', 'sending'))
              + (SELECT count(*) FROM callback WHERE created_at >= $1 AND run = $2 AND state = 'unknown' AND code = $3)
              + (SELECT count(*) FROM call WHERE created_at >= $1 AND run = $2 AND outcome = 'unknown' AND code = $3)",
    )
    .bind(since)
    .bind(alive.unwrap_or_default())
    .bind(INTERRUPTED)
    .fetch_one(database)
    .await?)
}

/// Compares what was asked for with what the database says and what reached the platforms.
pub fn compare(
    book: &Book,
    callbacks: &[Asked],
    calls: &[Asked],
    reached: &BTreeMap<String, Reached>,
) -> Vec<Violation> {
    let mut violations = book.violations.clone();
    for (asked, done, rows) in callbacks
        .iter()
        .map(|asked| (asked, "handed_over", &book.callbacks))
        .chain(calls.iter().map(|asked| (asked, "accepted", &book.calls)))
    {
        let row = rows.get(&asked.mark);
        let state = row.map_or("nothing", |row| row.state.as_str());
        let reached = reached.get(&asked.mark).copied().unwrap_or_default();
        let Reached { acted, again } = reached;
        let mut wrong = |what: &str| {
            violations.push(format!(
                "{} is {state}, and {acted} times a platform acted: {what}",
                row.map_or(&asked.mark, |row| &row.id)
            ));
        };
        if row.is_none() && asked.reply.is_some() {
            wrong("it was accepted and is lost");
        }
        let may_act = match state {
            state if state == done => acted == 1,
            "unknown" => acted <= 1,
            _ => acted == 0,
        };
        if !may_act {
            wrong("that does not go together");
        }
        if again > 0 {
            wrong("it was asked for again though it may have been done");
        }
        match (asked.called_off, state) {
            (CalledOff::Yes | CalledOff::Perhaps, "cancelled") => {}
            (_, "cancelled") => wrong("nobody called it off"),
            (CalledOff::Yes, _) => wrong("it was called off"),
            _ => {}
        }
        if matches!(state, "null" | "queued" | "due" | "dispatching") {
            wrong("it never came to its end");
        }
    }
    violations
}

/// What died with its relay is unknown, and nothing else is but what the platforms left open.
pub fn unknowns(book: &Book, in_flight: &BTreeSet<String>, left_open: usize) -> Vec<Violation> {
    let mut violations = Vec::new();
    let (interrupted, others): (Vec<&Row>, Vec<&Row>) = book
        .unknown()
        .partition(|row| row.code.as_deref() == Some(INTERRUPTED));
    for row in &interrupted {
        if !in_flight.contains(&row.id) {
            violations.push(format!(
                "{} is unknown and was not in flight at any kill",
                row.id
            ));
        }
    }
    for id in in_flight {
        if !interrupted.iter().any(|row| row.id == *id) {
            violations.push(format!("{id} was in flight at a kill and is not unknown"));
        }
    }
    if others.len() > left_open {
        let count = others.len();
        violations.push(format!(
            "{count} more are unknown, and the platforms left {left_open} open"
        ));
    }
    violations
}
