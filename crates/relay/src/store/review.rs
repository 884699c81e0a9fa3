//! What the admin pages read.

use super::Store;
use super::alert::Alert;
use super::callback::Callback;
use crate::audit::Entry;
use crate::clock::Millis;

/// A word and how often.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Count {
    /// The word: a state, a publishable key.
    pub name: String,
    /// How often.
    pub count: i64,
}

/// How often a code was refused on a day.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Refusals {
    /// The day in UTC, as `2026-11-24`.
    pub day: String,
    /// The code.
    pub code: String,
    /// How often.
    pub count: i64,
}

/// A callback in a list: nothing that a list does not show.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Listed {
    /// The relay's id.
    pub id: String,
    /// What the visitor can quote.
    pub reference: String,
    /// What it is about.
    pub topic: String,
    /// The last digits of the number.
    pub digits: String,
    /// The state.
    pub state: String,
    /// Why it was not handed over.
    pub code: Option<String>,
    /// When it is taken up.
    pub dispatch_at: Millis,
    /// When it was asked for.
    pub created_at: Millis,
}

/// An open alert in a list, with what is known of its callback.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ToSettle {
    /// Its own id.
    pub id: String,
    /// What kind of thing it is about.
    pub kind: String,
    /// The id of the callback or call, or the name of the account.
    pub subject: String,
    /// Why.
    pub code: Option<String>,
    /// Since when.
    pub opened_at: Millis,
    /// What the visitor can quote, where it is a callback.
    pub reference: Option<String>,
    /// What the callback is about.
    pub topic: Option<String>,
}

/// Which callbacks to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// In this state alone.
    pub state: Option<String>,
    /// About this alone.
    pub topic: Option<String>,
    /// Only what comes after this one in the list.
    pub after: Option<(Millis, String)>,
}

impl Store {
    /// How many alerts are open.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn count_open_alerts(&self) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT count(*) FROM alert WHERE settled_at IS NULL")
            .fetch_one(self.read())
            .await
    }

    /// Up to `most` open alerts, the oldest first.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn alerts_to_settle(&self, most: i64) -> Result<Vec<ToSettle>, sqlx::Error> {
        sqlx::query_as(
            "SELECT alert.id, alert.kind, alert.subject, alert.code, alert.opened_at, callback.reference, callback.topic
             FROM alert LEFT JOIN callback ON callback.id = alert.subject
             WHERE alert.settled_at IS NULL ORDER BY alert.opened_at, alert.id LIMIT $1",
        )
        .bind(most)
        .fetch_all(self.read())
        .await
    }

    /// An alert.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn alert(&self, id: &str) -> Result<Option<Alert>, sqlx::Error> {
        sqlx::query_as("SELECT * FROM alert WHERE id = $1")
            .bind(id)
            .fetch_optional(self.read())
            .await
    }

    /// The alerts that were settled last, the newest decision first.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn settled_alerts(&self, most: i64) -> Result<Vec<Alert>, sqlx::Error> {
        sqlx::query_as(
            "SELECT * FROM alert WHERE settled_at IS NOT NULL ORDER BY settled_at DESC, id LIMIT $1",
        )
        .bind(most)
        .fetch_all(self.read())
        .await
    }

    /// How many callbacks came since then, by their state.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn callbacks_by_state(&self, since: Millis) -> Result<Vec<Count>, sqlx::Error> {
        sqlx::query_as(
            "SELECT state AS name, count(*) AS count FROM callback WHERE created_at >= $1 GROUP BY state",
        )
        .bind(since)
        .fetch_all(self.read())
        .await
    }

    /// How many callbacks came since then, by their publishable key.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn callbacks_by_key(&self, since: Millis) -> Result<Vec<Count>, sqlx::Error> {
        sqlx::query_as(
            "SELECT site_key AS name, count(*) AS count FROM callback WHERE created_at >= $1 GROUP BY site_key",
        )
        .bind(since)
        .fetch_all(self.read())
        .await
    }

    /// How many calls were placed since then, by their outcome; `asking` is none yet.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn calls_by_outcome(&self, since: Millis) -> Result<Vec<Count>, sqlx::Error> {
        sqlx::query_as(
            "SELECT coalesce(outcome, 'asking') AS name, count(*) AS count FROM call WHERE created_at >= $1 GROUP BY outcome",
        )
        .bind(since)
        .fetch_all(self.read())
        .await
    }

    /// Since when the longest waiting callback is due; `None` if none is.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn oldest_due(&self, now: Millis) -> Result<Option<Millis>, sqlx::Error> {
        sqlx::query_scalar(
            "SELECT min(dispatch_at) FROM callback WHERE state IN ('queued', 'due') AND dispatch_at <= $1",
        )
        .bind(now)
        .fetch_one(self.read())
        .await
    }

    /// How many webhooks and mails wait, and how many were given up.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn deliveries_by_state(&self) -> Result<Vec<Count>, sqlx::Error> {
        sqlx::query_as(
            "SELECT state AS name, count(*) AS count FROM delivery WHERE state <> 'sent' GROUP BY state",
        )
        .fetch_all(self.read())
        .await
    }

    /// Up to `most` callbacks, the newest first.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn callbacks(&self, filter: &Filter, most: i64) -> Result<Vec<Listed>, sqlx::Error> {
        let (at, id) = filter.after.clone().unwrap_or((Millis::MAX, String::new()));
        sqlx::query_as(
            "SELECT id, reference, topic, substr(number, length(number) - 2) AS digits, state, code, dispatch_at, created_at
             FROM callback
             WHERE ($1 IS NULL OR state = $1) AND ($2 IS NULL OR topic = $2)
                 AND (created_at < $3 OR (created_at = $3 AND id < $4))
             ORDER BY created_at DESC, id DESC LIMIT $5",
        )
        .bind(&filter.state)
        .bind(&filter.topic)
        .bind(at)
        .bind(id)
        .bind(most)
        .fetch_all(self.read())
        .await
    }

    /// A callback.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn callback_by_id(&self, id: &str) -> Result<Option<Callback>, sqlx::Error> {
        sqlx::query_as("SELECT * FROM callback WHERE id = $1")
            .bind(id)
            .fetch_optional(self.read())
            .await
    }

    /// What was refused since a day (`2026-11-24`), the newest day and the most frequent code first.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn refusals_since(&self, since: &str) -> Result<Vec<Refusals>, sqlx::Error> {
        sqlx::query_as(
            "SELECT day, code, count FROM refusal WHERE day >= $1 ORDER BY day DESC, count DESC, code",
        )
        .bind(since)
        .fetch_all(self.read())
        .await
    }

    /// Up to `most` lines of the audit log from before a line, the newest first.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn audit_before(&self, line: i64, most: i64) -> Result<Vec<Entry>, sqlx::Error> {
        sqlx::query_as("SELECT * FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2")
            .bind(line)
            .bind(most)
            .fetch_all(self.read())
            .await
    }

    /// The newest `most` lines of the audit log about something, the newest first.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn audit_of(&self, subject: &str, most: i64) -> Result<Vec<Entry>, sqlx::Error> {
        sqlx::query_as("SELECT * FROM audit WHERE subject = $1 ORDER BY id DESC LIMIT $2")
            .bind(subject)
            .bind(most)
            .fetch_all(self.read())
            .await
    }
}
