//! Forgets what has no more use, and personal data whose time is over.
//!
//! A few rows at a time: a long transaction would make visitors wait.

use super::{DAY, Store, skip_locked};
use crate::clock::Millis;
use crate::config::Retention;

/// Rows of one transaction.
const ROWS: i64 = 500;

/// After which time a row goes.
#[derive(Clone, Copy)]
enum After {
    /// At once, when its own time is over.
    Its,
    /// A day.
    Day,
    /// Thirty days.
    Month,
    /// As long as requests are kept.
    Requests,
    /// As long as proofs of consent are kept.
    Consent,
    /// As long as the audit log is kept.
    Audit,
}

/// A table, its key, which of its rows are old by `$1`, and how old that is.
type Rule = (&'static str, &'static str, &'static str, After);

/// What still waits, is in flight, or has to be settled by a person, stays, however old it is.
const RULES: &[Rule] = &[
    ("session", "hash", "expires_at <= $1", After::Its),
    ("used_jti", "iss, jti", "expires_at <= $1", After::Its),
    ("used_proof", "id", "expires_at <= $1", After::Its),
    ("tally", "scope, bucket", "expires_at <= $1", After::Its),
    ("sign_in", "state_hash", "expires_at <= $1", After::Its),
    ("admin_session", "hash", "expires_at <= $1", After::Its),
    // Of agents who did not work here for so long.
    ("token", "account, agent", "agent <> '' AND refreshed_at <= $1", After::Month),
    ("idempotency", "scope, key", "created_at <= $1", After::Day),
    ("event", "org, sub, seq", "created_at <= $1", After::Day),
    ("delivery", "id", "created_at <= $1 AND state = 'sent'", After::Day),
    ("delivery", "id", "created_at <= $1 AND state = 'failed'", After::Requests),
    (
        "callback",
        "id",
        "created_at <= $1 AND dispatch_at <= $1
             AND state IN ('handed_over', 'refused', 'unknown', 'cancelled', 'expired')
             AND NOT EXISTS (SELECT 1 FROM alert WHERE alert.subject = callback.id AND alert.settled_at IS NULL)",
        After::Requests,
    ),
    (
        "call",
        "id",
        "created_at <= $1 AND outcome IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM alert WHERE alert.subject = call.id AND alert.settled_at IS NULL)",
        After::Requests,
    ),
    ("alert", "id", "opened_at <= $1 AND settled_at <= $1", After::Requests),
    ("consent_proof", "callback", "given_at <= $1", After::Consent),
    ("audit", "id", "at <= $1", After::Audit),
];

impl Store {
    /// Deletes what has no more use, and what is older than it may be.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn tidy(&self, retention: Retention, now: Millis) -> Result<(), sqlx::Error> {
        for rule in RULES {
            let until = now
                - match rule.3 {
                    After::Its => 0,
                    After::Day => DAY,
                    After::Month => 30 * DAY,
                    After::Requests => retention.requests,
                    After::Consent => retention.consent,
                    After::Audit => retention.audit,
                };
            while self.delete(rule, until).await? >= ROWS.unsigned_abs() {}
        }
        let day: String = crate::clock::to_rfc3339(now - retention.audit)
            .chars()
            .take(10)
            .collect();
        self.write(move |tx| {
            Box::pin(async move {
                sqlx::query("DELETE FROM refusal WHERE day < $1")
                    .bind(day)
                    .execute(tx)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Deletes the next few rows; how many.
    async fn delete(&self, rule: &'static Rule, until: Millis) -> Result<u64, sqlx::Error> {
        let (table, key, old, _) = rule;
        self.write(move |tx| {
            Box::pin(async move {
                // Rows that another relay is deleting are left to it.
                let sql = format!(
                    "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE {old} LIMIT {ROWS}{})",
                    skip_locked(tx)
                );
                let done = sqlx::query(sqlx::AssertSqlSafe(sql))
                    .bind(until)
                    .execute(tx)
                    .await?;
                Ok(done.rows_affected())
            })
        })
        .await
    }
}
