//! The same key and body: the first reply again.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use patchcord_core::error::Code;
use sqlx::{Sqlite, Transaction};

use crate::clock::Millis;
use crate::http::problem::{self, Problem};
use crate::random;
use crate::relay::Relay;
use crate::store::idempotency::{self, Claim, Known, Reply};

/// The longest to wait for the first request; a provider's timeout is shorter.
const PATIENCE: Duration = Duration::from_secs(310);

/// A reply to give.
#[derive(Debug)]
pub enum Given {
    /// For the first time.
    First(Reply),
    /// As it was given before.
    Again(Reply),
}

impl IntoResponse for Given {
    fn into_response(self) -> Response {
        let (reply, replayed) = match self {
            Given::First(reply) => (reply, None),
            Given::Again(reply) => (reply, Some(HeaderValue::from_static("true"))),
        };
        let mut response = Response::new(Body::from(reply.body));
        *response.status_mut() =
            StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = if reply.status >= 400 {
            problem::CONTENT_TYPE
        } else {
            HeaderValue::from_static("application/json")
        };
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if let Some(replayed) = replayed {
            response.headers_mut().insert("idempotent-replay", replayed);
        }
        response
    }
}

/// Reads the `Idempotency-Key`: 16 to 128 characters of A–Z a–z 0–9 - _.
///
/// # Errors
/// [`Code::IdempotencyKeyMissing`] or [`Code::IdempotencyKeyInvalid`].
pub fn claim(headers: &HeaderMap, scope: String, body: &[u8]) -> Result<Claim, Problem> {
    let remedy = "Send 16 to 128 characters of A-Z a-z 0-9 - _, new for each click.";
    let mut values = headers.get_all("idempotency-key").iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        let code = if headers.contains_key("idempotency-key") {
            Code::IdempotencyKeyInvalid
        } else {
            Code::IdempotencyKeyMissing
        };
        return Err(
            Problem::new(code, "The request needs one header Idempotency-Key.").with_remedy(remedy),
        );
    };
    let key = value.to_str().ok().filter(|key| {
        (16..=128).contains(&key.len())
            && key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    });
    match key {
        Some(key) => Ok(Claim {
            scope,
            key: key.to_owned(),
            body: random::hash(body),
        }),
        None => Err(Problem::new(
            Code::IdempotencyKeyInvalid,
            "The Idempotency-Key is malformed.",
        )
        .with_remedy(remedy)),
    }
}

/// Whether this request is the first with its key.
pub enum First {
    /// It is. Nobody else can claim the key until the transaction is over.
    Claimed(Transaction<'static, Sqlite>, Millis),
    /// It was answered before.
    Answered(Reply),
}

/// Finds out whether a request is the first with its key; waits while the first is at work.
///
/// # Errors
/// [`Code::IdempotencyKeyReused`] for another body.
pub async fn first(relay: &Relay, claim: &Claim) -> Result<First, Problem> {
    let wait = async {
        loop {
            let answered = relay.answered.notified();
            tokio::pin!(answered);
            answered.as_mut().enable();
            let now = relay.clock.now();
            let mut tx = relay.store.begin().await?;
            match idempotency::look_up(&mut tx, claim, now).await? {
                Known::New => return Ok(First::Claimed(tx, now)),
                Known::Answered(reply) => return Ok(First::Answered(reply)),
                Known::Other => {
                    return Err(Problem::new(
                        Code::IdempotencyKeyReused,
                        "This Idempotency-Key was used for another request.",
                    )
                    .with_remedy(
                        "Use a new key for each click, and the same body with the same key.",
                    ));
                }
                Known::AtWork => tx.rollback().await?,
            }
            answered.await;
        }
    };
    tokio::time::timeout(PATIENCE, wait)
        .await
        .unwrap_or_else(|_| {
            Err(Problem::new(
                Code::RelayBusy,
                "The first request with this key is still at work.",
            )
            .with_remedy("Ask again later."))
        })
}
