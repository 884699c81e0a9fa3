//! The same key and body: the first reply again.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use patchcord_core::error::Code;
use serde_json::Value;

use crate::clock::Millis;
use crate::config::AgentId;
use crate::http::problem::{self, Problem};
use crate::random;
use crate::relay::Relay;
use crate::store::Conn;
use crate::store::idempotency::{self, Claim, Known, Reply};

/// The longest to wait for the first request; a provider's timeout is shorter.
const PATIENCE: Duration = Duration::from_secs(310);
/// How often to look whether the first request was answered: another relay may be at work on it.
const LOOK: Duration = Duration::from_millis(250);

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

/// Whose keys an agent's are.
pub fn scope(agent: &AgentId) -> String {
    let (org, sub) = (agent.org.as_str(), agent.sub.as_str());
    format!("agent {} {}", Value::from(org), Value::from(sub))
}

/// Whether this request was the first with its key.
pub enum Turn<T> {
    /// It was: the job ran, and what it changed is kept.
    First(T),
    /// It was answered before.
    Answered(Reply),
}

/// What answers a key.
#[derive(Debug, Clone)]
pub enum By {
    /// This reply, known beforehand.
    Reply(Reply),
    /// The call with this id, when its outcome is known.
    Call(String),
}

/// Runs a job in the transaction that claims the key, if this request is the first with it; waits while the first
/// is at work. A job that fails leaves the key free.
///
/// # Errors
/// What the job returns, or [`Code::IdempotencyKeyReused`] for another body.
pub async fn once<T, J>(relay: &Relay, claim: Claim, by: By, job: J) -> Result<Turn<T>, Problem>
where
    T: Send + 'static,
    J: for<'c> FnOnce(&'c mut Conn, Millis) -> BoxFuture<'c, Result<T, Problem>>
        + Clone
        + Send
        + 'static,
{
    let wait = async {
        loop {
            let answered = relay.wakes.answered.notified();
            tokio::pin!(answered);
            answered.as_mut().enable();
            let now = relay.clock.now();
            if let Some(done) = claim_and_run(relay, &claim, &by, job.clone(), now).await? {
                return Ok(Turn::First(done));
            }
            match relay.store.known(&claim, now).await? {
                Known::Answered(reply) => return Ok(Turn::Answered(reply)),
                Known::Other => return Err(reused()),
                // Just let go by a first request that failed.
                Known::New => continue,
                Known::AtWork => {}
            }
            tokio::select! {
                () = answered => {}
                () = tokio::time::sleep(LOOK) => {}
            }
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

async fn claim_and_run<T, J>(
    relay: &Relay,
    claim: &Claim,
    by: &By,
    job: J,
    now: Millis,
) -> Result<Option<T>, Problem>
where
    T: Send + 'static,
    J: for<'c> FnOnce(&'c mut Conn, Millis) -> BoxFuture<'c, Result<T, Problem>> + Send + 'static,
{
    let (claim, by) = (claim.clone(), by.clone());
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (call, reply) = match &by {
                    By::Reply(reply) => (None, Some(reply)),
                    By::Call(call) => (Some(call.as_str()), None),
                };
                if !idempotency::claim(tx, &claim, call, reply, now).await? {
                    return Ok(None);
                }
                job(tx, now).await.map(Some)
            })
        })
        .await
}

fn reused() -> Problem {
    Problem::new(
        Code::IdempotencyKeyReused,
        "This Idempotency-Key was used for another request.",
    )
    .with_remedy("Use a new key for each click, and the same body with the same key.")
}
