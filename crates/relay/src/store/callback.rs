//! Callbacks.

use std::collections::BTreeMap;

use patchcord_core::callback::CallbackState;
use patchcord_core::error::{Code, Error};
use patchcord_core::payload::Payload;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Conn, Store, is_postgres, skip_locked};
use crate::clock::{self, Millis};
use crate::manage;
use crate::random::Hash;

/// The payload key of the page that a callback came from.
const PAGE_KEY: &str = "patchcord_page";

/// A callback, as it is stored.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Callback {
    /// The relay's id.
    pub id: String,
    /// What the visitor can quote.
    pub reference: String,
    /// The publishable key it came by.
    pub site_key: String,
    /// What it is about.
    pub topic: String,
    /// The visitor's number in E.164 form.
    pub number: String,
    /// The wished time; `None` is as soon as possible.
    pub at: Option<Millis>,
    /// The payload as it was sent, JSON.
    pub payload: String,
    /// The form's fields, a JSON object of texts and booleans.
    pub fields: String,
    /// The version of the text that was agreed to.
    pub consent: Option<String>,
    /// The page it came from.
    pub page: Option<String>,
    /// The state. Changed by [`change`] alone.
    #[sqlx(try_from = "String")]
    pub state: CallbackState,
    /// When it is taken up.
    pub dispatch_at: Millis,
    /// How often the provider was asked.
    pub attempts: i64,
    /// Why it was not handed over.
    pub code: Option<String>,
    /// The provider's own words.
    pub message: Option<String>,
    /// Of the secret that lets the visitor change it.
    pub manage_hash: Vec<u8>,
    /// When it was asked for.
    pub created_at: Millis,
    /// The relay that asks the provider, or asked last.
    pub run: Option<String>,
}

impl std::fmt::Debug for Callback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Callback")
            .field("id", &self.id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// A callback, as it is told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Callback)]
pub struct View<'a> {
    /// The relay's id.
    id: &'a str,
    /// What the visitor can quote.
    reference: &'a str,
    /// `queued`, `due`, `dispatching`, `handed_over`, `refused`, `unknown`, `cancelled` or `expired`.
    state: &'a str,
    /// The wished time, RFC 3339 in UTC; null is as soon as possible.
    at: Option<String>,
    /// While it waits, when it is handed over, RFC 3339 in UTC: when it opens, where it is closed now.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    /// What it is about.
    topic: &'a str,
    /// Why it was not handed over, in one stable word.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    /// The provider's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

impl Callback {
    /// As it is told.
    pub fn view(&self) -> View<'_> {
        View {
            id: &self.id,
            reference: &self.reference,
            state: self.state.as_str(),
            at: self.at.map(clock::to_rfc3339),
            due: manage::is_waiting(self.state).then(|| clock::to_rfc3339(self.dispatch_at)),
            topic: &self.topic,
            code: self.code.as_deref(),
            message: self.message.as_deref(),
        }
    }

    /// The payload as it travels: with the form's fields beside it and the page. What the payload has already is
    /// left as it is.
    ///
    /// # Errors
    /// A row that this relay did not write.
    pub fn travelling_payload(&self) -> Result<Payload, Error> {
        let fields: BTreeMap<&str, Value> = serde_json::from_str(&self.fields).map_err(|_| {
            Error::of(
                Code::PayloadInvalid,
                "fields",
                "The stored fields cannot be read.",
            )
        })?;
        let page = self
            .page
            .as_deref()
            .map(|page| (PAGE_KEY, Value::from(page)));
        Ok(Payload::from_json(&self.payload)?.with(fields.into_iter().chain(page)))
    }
}

/// Stores a new callback.
///
/// # Errors
/// A database that does not answer.
pub async fn insert(tx: &mut Conn, callback: &Callback) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO callback (id, reference, site_key, topic, number, at, payload, fields, consent, page, state,
             dispatch_at, attempts, code, message, manage_hash, created_at, run)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
    )
    .bind(&callback.id)
    .bind(&callback.reference)
    .bind(&callback.site_key)
    .bind(&callback.topic)
    .bind(&callback.number)
    .bind(callback.at)
    .bind(&callback.payload)
    .bind(&callback.fields)
    .bind(&callback.consent)
    .bind(&callback.page)
    .bind(callback.state.as_str())
    .bind(callback.dispatch_at)
    .bind(callback.attempts)
    .bind(&callback.code)
    .bind(&callback.message)
    .bind(&callback.manage_hash)
    .bind(callback.created_at)
    .bind(&callback.run)
    .execute(tx)
    .await?;
    Ok(())
}

/// A callback by its id, held until the end of the transaction.
///
/// # Errors
/// A database that does not answer.
pub async fn find(tx: &mut Conn, id: &str) -> Result<Option<Callback>, sqlx::Error> {
    let held = if is_postgres(tx) { " FOR UPDATE" } else { "" };
    sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT * FROM callback WHERE id = $1{held}"
    )))
    .bind(id)
    .fetch_optional(tx)
    .await
}

/// Whether a change was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// It was.
    Yes,
    /// The callback is no longer as it was read: somebody else was faster.
    Stale,
}

/// Gives a callback its next state, and stores what else was changed in it: the times, the tries, the answer, the
/// relay. Nothing happens if it is no longer in the state that it was read in, by the same relay.
///
/// # Errors
/// A database that does not answer, or a state that may not follow.
pub async fn change(
    tx: &mut Conn,
    callback: &mut Callback,
    next: CallbackState,
) -> Result<Changed, sqlx::Error> {
    let before = callback.state;
    if before != next && !before.may_become(next) {
        return Err(sqlx::Error::Protocol(format!(
            "a callback that is {} cannot become {}",
            before.as_str(),
            next.as_str()
        )));
    }
    let mut now_asking = None;
    if before == CallbackState::Dispatching {
        now_asking.clone_from(&callback.run);
    }
    let done = sqlx::query(
        "UPDATE callback SET state = $1, at = $2, dispatch_at = $3, attempts = $4, code = $5, message = $6, run = $7
         WHERE id = $8 AND state = $9 AND ($10 IS NULL OR run = $10)",
    )
    .bind(next.as_str())
    .bind(callback.at)
    .bind(callback.dispatch_at)
    .bind(callback.attempts)
    .bind(&callback.code)
    .bind(&callback.message)
    .bind(&callback.run)
    .bind(&callback.id)
    .bind(before.as_str())
    .bind(now_asking)
    .execute(tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(Changed::Stale);
    }
    callback.state = next;
    Ok(Changed::Yes)
}

/// Up to `most` callbacks whose time has come, the longest overdue first. They are `due` now, and nobody else
/// takes them until the end of the transaction.
///
/// # Errors
/// A database that does not answer.
pub async fn take_due(tx: &mut Conn, now: Millis, most: i64) -> Result<Vec<Callback>, sqlx::Error> {
    let sql = format!(
        "SELECT * FROM callback WHERE state IN ('queued', 'due') AND dispatch_at <= $1
         ORDER BY dispatch_at, id LIMIT $2{}",
        skip_locked(tx)
    );
    let mut due: Vec<Callback> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(now)
        .bind(most)
        .fetch_all(&mut *tx)
        .await?;
    for callback in &mut due {
        if callback.state == CallbackState::Queued {
            change(tx, callback, CallbackState::Due).await?;
        }
    }
    Ok(due)
}

/// What that relay was handing over.
///
/// # Errors
/// A database that does not answer.
pub async fn in_flight(tx: &mut Conn, run: &str) -> Result<Vec<Callback>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM callback WHERE state = 'dispatching' AND run = $1 ORDER BY id")
        .bind(run)
        .fetch_all(tx)
        .await
}

impl Store {
    /// A callback, if this is the hash of its manage token.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn callback(&self, id: &str, manage: &Hash) -> Result<Option<Callback>, sqlx::Error> {
        sqlx::query_as("SELECT * FROM callback WHERE id = $1 AND manage_hash = $2")
            .bind(id)
            .bind(manage.as_slice())
            .fetch_optional(self.read())
            .await
    }

    /// When the next callback is to be taken up.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn next_dispatch(&self) -> Result<Option<Millis>, sqlx::Error> {
        sqlx::query_scalar("SELECT min(dispatch_at) FROM callback WHERE state IN ('queued', 'due')")
            .fetch_one(self.read())
            .await
    }
}
