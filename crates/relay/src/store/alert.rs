//! What a person has to look at and settle.

use super::{Conn, Store, delivery};
use crate::clock::Millis;
use crate::notice::Channels;
use crate::random;

/// What kind of thing it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A callback that the provider, or policy, refused.
    CallbackRefused,
    /// A callback that may have arrived.
    CallbackUnknown,
    /// A callback that could not be handed over in time.
    CallbackOverdue,
    /// A dial that may have rung.
    CallUnknown,
    /// A token that was not exchanged when its time had come.
    TokenRotationRefused,
    /// A one-time token that was being used when the relay stopped.
    TokenRotationUnknown,
}

impl Kind {
    /// As it is written in the database and in webhooks.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::CallbackRefused => "callback_refused",
            Kind::CallbackUnknown => "callback_unknown",
            Kind::CallbackOverdue => "callback_overdue",
            Kind::CallUnknown => "call_unknown",
            Kind::TokenRotationRefused => "token_rotation_refused",
            Kind::TokenRotationUnknown => "token_rotation_unknown",
        }
    }
}

/// What a person decided about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is done: the person was called.
    Called,
    /// It is to be handed over again.
    Again,
    /// Nothing more is done.
    Dropped,
    /// The answer came after all; no person had to decide.
    Answered,
}

impl Decision {
    /// As it is written in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Decision::Called => "called",
            Decision::Again => "again",
            Decision::Dropped => "dropped",
            Decision::Answered => "answered",
        }
    }
}

/// An alert, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Alert {
    /// Its own id.
    pub id: String,
    /// What kind of thing it is about, as [`Kind::as_str`].
    pub kind: String,
    /// The id of the callback or call, or the name of the account.
    pub subject: String,
    /// Why, in one stable word.
    pub code: Option<String>,
    /// Since when.
    pub opened_at: Millis,
    /// Until when.
    pub settled_at: Option<Millis>,
    /// By whom.
    pub settled_by: Option<String>,
    /// How, as [`Decision::as_str`].
    pub decision: Option<String>,
}

/// Opens an alert and tells of it, in the transaction that makes it necessary. One that is open already stays as
/// it is.
///
/// # Errors
/// A database that does not answer, or no randomness for an id.
pub async fn open(
    tx: &mut Conn,
    channels: &Channels,
    kind: Kind,
    subject: &str,
    code: Option<&str>,
    now: Millis,
) -> Result<(), sqlx::Error> {
    let alert = Alert {
        id: random::id("al").map_err(|error| sqlx::Error::Encode(error.into()))?,
        kind: kind.as_str().to_owned(),
        subject: subject.to_owned(),
        code: code.map(str::to_owned),
        opened_at: now,
        settled_at: None,
        settled_by: None,
        decision: None,
    };
    let done = sqlx::query(
        "INSERT INTO alert (id, kind, subject, code, opened_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(&alert.id)
    .bind(&alert.kind)
    .bind(&alert.subject)
    .bind(&alert.code)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 1 {
        delivery::of_alert(tx, channels, &alert).await?;
    }
    Ok(())
}

/// Settles the open alert about something. `false` if there was none.
///
/// # Errors
/// A database that does not answer.
pub async fn settle(
    tx: &mut Conn,
    subject: &str,
    decision: Decision,
    by: &str,
    now: Millis,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE alert SET settled_at = $1, settled_by = $2, decision = $3 WHERE subject = $4 AND settled_at IS NULL",
    )
    .bind(now)
    .bind(by)
    .bind(decision.as_str())
    .bind(subject)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

impl Store {
    /// The open alerts, the oldest first.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn open_alerts(&self, most: i64) -> Result<Vec<Alert>, sqlx::Error> {
        sqlx::query_as(
            "SELECT * FROM alert WHERE settled_at IS NULL ORDER BY opened_at, id LIMIT $1",
        )
        .bind(most)
        .fetch_all(self.read())
        .await
    }
}
