//! Callbacks.

use std::collections::BTreeMap;

use patchcord_core::callback::CallbackState;
use patchcord_core::error::{Code, Error};
use patchcord_core::payload::Payload;
use serde::Serialize;
use serde_json::Value;
use sqlx::SqliteConnection;
use utoipa::ToSchema;

use super::Store;
use crate::clock::{self, Millis};
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
    /// The form's fields, a JSON object of texts.
    pub fields: String,
    /// The version of the text that was agreed to.
    pub consent: Option<String>,
    /// The page it came from.
    pub page: Option<String>,
    /// The state, in the contract's words.
    pub state: String,
    /// When it is taken up.
    pub dispatch_at: Millis,
    /// How often the provider was asked.
    pub attempts: u32,
    /// Why it was not handed over.
    pub code: Option<String>,
    /// The provider's own words.
    pub message: Option<String>,
    /// Of the secret that lets the visitor change it.
    pub manage_hash: Vec<u8>,
    /// When it was asked for.
    pub created_at: Millis,
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
    /// What it is about.
    topic: &'a str,
    /// Why it was not handed over, in one stable word.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    /// The provider's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    /// Lets its holder read, change and cancel this callback; told once.
    #[serde(skip_serializing_if = "Option::is_none")]
    manage_token: Option<&'a str>,
}

impl Callback {
    /// As it is told; with the manage token where it was just made.
    pub fn view<'a>(&'a self, manage_token: Option<&'a str>) -> View<'a> {
        View {
            id: &self.id,
            reference: &self.reference,
            state: &self.state,
            at: self.at.map(clock::to_rfc3339),
            topic: &self.topic,
            code: self.code.as_deref(),
            message: self.message.as_deref(),
            manage_token,
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

    /// Whether it is certain that no provider has it and none is being asked.
    pub fn is_waiting(&self) -> bool {
        matches!(
            CallbackState::parse(&self.state),
            Some(CallbackState::Queued | CallbackState::Due)
        )
    }
}

/// Stores a new callback.
///
/// # Errors
/// A database that does not answer.
pub async fn insert(tx: &mut SqliteConnection, callback: &Callback) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO callback (id, reference, site_key, topic, number, at, payload, fields, consent, page, state,
             dispatch_at, attempts, code, message, manage_hash, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
    .bind(&callback.state)
    .bind(callback.dispatch_at)
    .bind(callback.attempts)
    .bind(&callback.code)
    .bind(&callback.message)
    .bind(&callback.manage_hash)
    .bind(callback.created_at)
    .execute(tx)
    .await?;
    Ok(())
}

/// A callback by its id, if the manage token fits.
///
/// # Errors
/// A database that does not answer.
pub async fn find(tx: &mut SqliteConnection, id: &str) -> Result<Option<Callback>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM callback WHERE id = ?")
        .bind(id)
        .fetch_optional(tx)
        .await
}

/// Stores what changed: the state, the times, the tries and the answer.
///
/// # Errors
/// A database that does not answer.
pub async fn update(tx: &mut SqliteConnection, callback: &Callback) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE callback SET state = ?, at = ?, dispatch_at = ?, attempts = ?, code = ?, message = ? WHERE id = ?")
        .bind(&callback.state)
        .bind(callback.at)
        .bind(callback.dispatch_at)
        .bind(callback.attempts)
        .bind(&callback.code)
        .bind(&callback.message)
        .bind(&callback.id)
        .execute(tx)
        .await?;
    Ok(())
}

/// Takes up to `most` callbacks whose time has come, the longest overdue first. From here on each counts as
/// possibly handed over.
///
/// # Errors
/// A database that does not answer.
pub async fn take_due(
    tx: &mut SqliteConnection,
    now: Millis,
    most: u32,
) -> Result<Vec<Callback>, sqlx::Error> {
    sqlx::query("UPDATE callback SET state = 'due' WHERE state = 'queued' AND dispatch_at <= ?")
        .bind(now)
        .execute(&mut *tx)
        .await?;
    sqlx::query_as(
        "UPDATE callback SET state = 'dispatching', attempts = attempts + 1
         WHERE id IN (SELECT id FROM callback WHERE state = 'due' AND dispatch_at <= ? ORDER BY dispatch_at LIMIT ?)
         RETURNING *",
    )
    .bind(now)
    .bind(most)
    .fetch_all(tx)
    .await
}

/// After a start: what was being handed over may have arrived. How many there were.
///
/// # Errors
/// A database that does not answer.
pub async fn interrupt(tx: &mut SqliteConnection) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE callback SET state = 'unknown', code = 'interrupted' WHERE state = 'dispatching'",
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

impl Store {
    /// A callback, if this is the hash of its manage token.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn callback(&self, id: &str, manage: &Hash) -> Result<Option<Callback>, sqlx::Error> {
        sqlx::query_as("SELECT * FROM callback WHERE id = ? AND manage_hash = ?")
            .bind(id)
            .bind(manage.as_slice())
            .fetch_optional(&self.readers)
            .await
    }

    /// When the next callback is to be taken up.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn next_dispatch(&self) -> Result<Option<Millis>, sqlx::Error> {
        sqlx::query_scalar("SELECT min(dispatch_at) FROM callback WHERE state IN ('queued', 'due')")
            .fetch_one(&self.readers)
            .await
    }
}
