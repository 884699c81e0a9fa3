//! What was told by webhook, against what is so: each alert in time, each event at least once, nothing else.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::Value;
use sqlx::AnyPool;

use crate::ledger::{Book, Violation};
use crate::receiver::Message;

/// How long after it was stored somebody has to know of an outcome that a person has to look at, in milliseconds.
const IN_TIME: i64 = 60_000;
/// The states of a callback that are told.
const TOLD: [&str; 6] = [
    "queued",
    "handed_over",
    "refused",
    "unknown",
    "cancelled",
    "expired",
];
/// The states that need a person, and the alerts about them.
const ALERTED: [(&str, &str); 3] = [
    ("unknown", "callback_unknown"),
    ("refused", "callback_refused"),
    ("expired", "callback_overdue"),
];

/// What came out.
#[derive(Default)]
pub struct Verdict {
    pub violations: Vec<Violation>,
    /// The longest that an alert took, in milliseconds.
    pub longest: i64,
}

/// Judges what was told in a round. Messages may also repeat what was told in earlier ones.
pub async fn judge(database: &AnyPool, book: &Book, messages: &[Message]) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let mut first: BTreeMap<(&str, &str), &Message> = BTreeMap::new();
    for message in messages {
        let before = first
            .entry((&message.kind, &message.subject))
            .or_insert(message);
        if before.id != message.id {
            let (kind, subject) = (&message.kind, &message.subject);
            let twice = format!("{kind} of {subject} was told as two things");
            verdict.violations.push(twice);
        }
        if !is_so(database, message).await? {
            let (kind, subject) = (&message.kind, &message.subject);
            let wrong = format!("{kind} of {subject} was told, and is not so");
            verdict.violations.push(wrong);
        }
    }
    for row in book.callbacks.values() {
        for state in ["queued", &row.state] {
            let kind = format!("callback.{state}");
            if TOLD.contains(&state) && !first.contains_key(&(kind.as_str(), row.id.as_str())) {
                verdict
                    .violations
                    .push(format!("nobody was told {kind} of {}", row.id));
            }
        }
    }
    let alerted: BTreeSet<(&str, &str)> = book
        .alerts
        .iter()
        .map(|alert| (alert.subject.as_str(), alert.kind.as_str()))
        .collect();
    let callbacks = book.callbacks.values().filter_map(|row| {
        let (_, kind) = ALERTED.iter().find(|(state, _)| *state == row.state)?;
        Some((row.id.as_str(), *kind))
    });
    let calls = book.calls.values().filter(|row| row.state == "unknown");
    let calls = calls.map(|row| (row.id.as_str(), "call_unknown"));
    for (id, kind) in callbacks.chain(calls) {
        if !alerted.contains(&(id, kind)) {
            verdict
                .violations
                .push(format!("{id} has no alert of the kind {kind}"));
        }
    }
    for alert in &book.alerts {
        let kind = format!("alert.{}", alert.kind);
        let Some(message) = first.get(&(kind.as_str(), alert.subject.as_str())) else {
            verdict
                .violations
                .push(format!("{kind} of {} never arrived", alert.subject));
            continue;
        };
        let took = message.at - alert.opened_at;
        verdict.longest = verdict.longest.max(took);
        if took > IN_TIME {
            verdict.violations.push(format!(
                "{kind} of {} arrived {took} ms after it was stored",
                alert.subject
            ));
        }
    }
    Ok(verdict)
}

/// Whether the database bears a message out.
async fn is_so(database: &AnyPool, message: &Message) -> Result<bool> {
    let member = |name: &str| message.data.get(name).and_then(Value::as_str);
    let alerts: Vec<(String, String)> =
        sqlx::query_as("SELECT id, kind FROM alert WHERE subject = $1")
            .bind(&message.subject)
            .fetch_all(database)
            .await?;
    if let Some(kind) = message.kind.strip_prefix("alert.") {
        return Ok(member("subject") == Some(message.subject.as_str())
            && alerts
                .iter()
                .any(|(id, of)| of == kind && member("alert") == Some(id)));
    }
    let row: Option<(String, String, String)> =
        sqlx::query_as("SELECT state, number, payload FROM callback WHERE id = $1")
            .bind(&message.subject)
            .fetch_optional(database)
            .await?;
    let (Some((state, number, payload)), Some(told)) =
        (row, message.kind.strip_prefix("callback."))
    else {
        return Ok(false);
    };
    // It was so once: it began as queued, and an answer may have come after all.
    let was_so = told == state
        || told == "queued"
        || told == "unknown" && alerts.iter().any(|(_, kind)| kind == "callback_unknown");
    let payload: Value = serde_json::from_str(&payload)?;
    Ok(was_so
        && member("id") == Some(message.subject.as_str())
        && member("state") == Some(told)
        && member("number") == Some(number.as_str())
        && message.data.get("payload") == Some(&payload))
}
