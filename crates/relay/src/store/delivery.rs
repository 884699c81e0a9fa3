//! Webhooks and mails to send: written together with what they tell of, sent by [`crate::deliveries`].

use std::fmt;

use super::{Conn, Store, skip_locked};
use crate::clock::Millis;
use crate::notice::{Channels, Notice, letter};
use crate::random;
use crate::store::alert::Alert;
use crate::store::call::Call;
use crate::store::callback::Callback;

/// The channel of mails.
pub const MAIL: &str = "mail";
/// Alerts are due before everything else, however much waits.
const AT_ONCE: Millis = 0;

/// Something to send, as it is stored.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Delivery {
    /// What the receiver can tell repetitions by.
    pub id: String,
    /// The name of the webhook, or [`MAIL`].
    pub channel: String,
    /// The type of the notice.
    pub r#type: String,
    /// The id of the callback or call, or the name of the account.
    pub subject: String,
    /// A CloudEvent, or a letter as JSON. Empty when it was sent.
    pub body: String,
    /// `waiting`, `sending`, `sent` or `failed`.
    pub state: String,
    /// When it is tried, or tried again.
    pub due_at: Millis,
    /// How often it was tried.
    pub attempts: i64,
    /// Until when nobody else tries.
    pub lease_until: Option<Millis>,
    /// Why it was not delivered, last time.
    pub error: Option<String>,
    /// Since when.
    pub created_at: Millis,
    /// The relay that sends, while it does.
    pub run: Option<String>,
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("id", &self.id)
            .field("channel", &self.channel)
            .field("type", &self.r#type)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// Tells of a callback that came into its state, where anybody is to be told.
///
/// # Errors
/// A database that does not answer.
pub async fn of_callback(
    tx: &mut Conn,
    channels: &Channels,
    callback: &Callback,
    now: Millis,
) -> Result<(), sqlx::Error> {
    let kind = format!("callback.{}", callback.state.as_str());
    if channels.told(&kind).next().is_none() {
        return Ok(());
    }
    let notice = Notice::callback(callback, now).map_err(encode)?;
    notify(tx, channels, &notice, now).await
}

/// Tells of a call that came into its state, where anybody is to be told.
///
/// # Errors
/// A database that does not answer.
pub async fn of_call(
    tx: &mut Conn,
    channels: &Channels,
    call: &Call,
    now: Millis,
) -> Result<(), sqlx::Error> {
    let kind = format!("call.{}", call.state);
    if channels.told(&kind).next().is_none() {
        return Ok(());
    }
    let notice = Notice::call(call, now).map_err(encode)?;
    notify(tx, channels, &notice, now).await
}

/// Tells of an alert, by webhook and by mail.
///
/// # Errors
/// A database that does not answer.
pub async fn of_alert(
    tx: &mut Conn,
    channels: &Channels,
    alert: &Alert,
) -> Result<(), sqlx::Error> {
    let notice = Notice::alert(alert).map_err(encode)?;
    notify(tx, channels, &notice, AT_ONCE).await?;
    if channels.mail.is_some() {
        let letter = letter(alert, &channels.source);
        let body = serde_json::to_string(&letter).map_err(encode)?;
        insert(tx, MAIL, &notice, &body, AT_ONCE).await?;
    }
    Ok(())
}

/// Writes a row for each webhook that is told of this.
async fn notify(
    tx: &mut Conn,
    channels: &Channels,
    notice: &Notice,
    due_at: Millis,
) -> Result<(), sqlx::Error> {
    let body = notice.cloud_event(&channels.source).map_err(encode)?;
    for webhook in channels.told(&notice.kind) {
        insert(tx, &webhook.name, notice, &body, due_at).await?;
    }
    Ok(())
}

async fn insert(
    tx: &mut Conn,
    channel: &str,
    notice: &Notice,
    body: &str,
    due_at: Millis,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO delivery (id, channel, type, subject, body, state, due_at, created_at)
         VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7)",
    )
    .bind(random::id("msg").map_err(encode)?)
    .bind(channel)
    .bind(&notice.kind)
    .bind(&notice.subject)
    .bind(body)
    .bind(due_at)
    .bind(notice.at)
    .execute(tx)
    .await?;
    Ok(())
}

fn encode(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Encode(error.into())
}

/// Takes up to `most` that are due in this channel. They are `sending` now, and nobody else takes them until this
/// relay is found dead ([`interrupt`]) or their lease is over.
///
/// # Errors
/// A database that does not answer.
pub async fn take(
    tx: &mut Conn,
    channel: &str,
    run: &str,
    most: i64,
    now: Millis,
    lease_until: Millis,
) -> Result<Vec<Delivery>, sqlx::Error> {
    let sql = format!(
        "SELECT * FROM delivery WHERE state IN ('waiting', 'sending') AND due_at <= $1 AND channel = $2
         ORDER BY due_at, created_at, id LIMIT $3{}",
        skip_locked(tx)
    );
    let mut due: Vec<Delivery> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(now)
        .bind(channel)
        .bind(most)
        .fetch_all(&mut *tx)
        .await?;
    for delivery in &mut due {
        delivery.attempts += 1;
        sqlx::query(
            "UPDATE delivery SET state = 'sending', attempts = $1, due_at = $2, lease_until = $2, run = $3 WHERE id = $4",
        )
        .bind(delivery.attempts)
        .bind(lease_until)
        .bind(run)
        .bind(&delivery.id)
        .execute(&mut *tx)
        .await?;
    }
    Ok(due)
}

/// What a relay that is no more was sending is due again, alerts first as before. How many there were.
///
/// # Errors
/// A database that does not answer.
pub async fn interrupt(tx: &mut Conn, run: &str) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE delivery SET state = 'waiting', lease_until = NULL, run = NULL,
             due_at = CASE WHEN type LIKE 'alert.%' THEN $1 ELSE created_at END
         WHERE state = 'sending' AND run = $2",
    )
    .bind(AT_ONCE)
    .bind(run)
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It arrived; what it said is forgotten.
    Sent,
    /// It is tried again then.
    Again(Millis, String),
    /// It is not tried again.
    Failed(String),
}

/// Stores what became of an attempt, unless somebody else has taken it since.
///
/// # Errors
/// A database that does not answer.
pub async fn settle(
    tx: &mut Conn,
    delivery: &Delivery,
    settled: &Settled,
) -> Result<(), sqlx::Error> {
    let (state, due_at, error) = match settled {
        Settled::Sent => ("sent", delivery.due_at, None),
        Settled::Again(at, error) => ("waiting", *at, Some(error)),
        Settled::Failed(error) => ("failed", delivery.due_at, Some(error)),
    };
    sqlx::query(
        "UPDATE delivery SET state = $1, due_at = $2, error = $3, lease_until = NULL, run = NULL,
             body = CASE WHEN $1 = 'sent' THEN '' ELSE body END
         WHERE id = $4 AND state = 'sending' AND attempts = $5",
    )
    .bind(state)
    .bind(due_at)
    .bind(error)
    .bind(&delivery.id)
    .bind(delivery.attempts)
    .execute(tx)
    .await?;
    Ok(())
}

/// Gives up what waits for a channel that is not configured any more.
///
/// # Errors
/// A database that does not answer.
pub async fn give_up(tx: &mut Conn, configured: &[String]) -> Result<(), sqlx::Error> {
    let waiting: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT channel FROM delivery WHERE state = 'waiting'")
            .fetch_all(&mut *tx)
            .await?;
    for channel in waiting.iter().filter(|name| !configured.contains(name)) {
        tracing::warn!(
            channel,
            "something waits for a webhook that is not configured any more; it is given up"
        );
        sqlx::query(
            "UPDATE delivery SET state = 'failed', error = 'it is not configured any more' WHERE channel = $1 AND state = 'waiting'",
        )
        .bind(channel)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Forgets what was and what is to be told about something: it is erased.
///
/// # Errors
/// A database that does not answer.
pub async fn erase(tx: &mut Conn, subject: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM delivery WHERE subject = $1")
        .bind(subject)
        .execute(tx)
        .await?;
    Ok(())
}

impl Store {
    /// When something is due in this channel.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn next_delivery(&self, channel: &str) -> Result<Option<Millis>, sqlx::Error> {
        sqlx::query_scalar(
            "SELECT min(due_at) FROM delivery WHERE state IN ('waiting', 'sending') AND channel = $1",
        )
        .bind(channel)
        .fetch_one(self.read())
        .await
    }

    /// What could not be delivered, the newest first.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn failed_deliveries(&self, most: i64) -> Result<Vec<Delivery>, sqlx::Error> {
        sqlx::query_as(
            "SELECT * FROM delivery WHERE state = 'failed' ORDER BY created_at DESC, id LIMIT $1",
        )
        .bind(most)
        .fetch_all(self.read())
        .await
    }

    /// How many deliveries there are in each state, by channel.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn deliveries(&self) -> Result<Vec<(String, String, i64)>, sqlx::Error> {
        sqlx::query_as("SELECT channel, state, count(*) FROM delivery GROUP BY channel, state ORDER BY channel, state")
            .fetch_all(self.read())
            .await
    }
}
