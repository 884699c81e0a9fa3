//! Somebody's CRM and help desk: takes webhooks as Standard Webhooks 1.0 says, checks who sent them, and
//! remembers what they said and when.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use aws_lc_rs::hmac;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::ledger::Violation;
use crate::world::now;

/// How long an answer takes, so that a kill finds messages under way.
const SLOW: Duration = Duration::from_millis(3);
/// How far a message's time may be from now, in seconds (Standard Webhooks: minutes).
const TOLERANCE: i64 = 5 * 60;
/// What a CloudEvent's type begins with.
const PREFIX: &str = "patchcord.";

/// The two that are told things: the path, the events, and the secret, of one byte over and over.
const HOOKS: [(&str, &str, u8); 2] = [("desk", "alert.*", 7), ("crm", "callback.*", 9)];

/// Something that was told.
#[derive(Debug, Clone)]
pub struct Message {
    /// The same for each repetition.
    pub id: String,
    /// As `callback.queued`.
    pub kind: String,
    /// The id of the callback or call.
    pub subject: String,
    pub data: Value,
    /// When it arrived, in milliseconds since the Unix epoch.
    pub at: i64,
}

#[derive(Default)]
struct Kept {
    new: Vec<Message>,
    /// What each message said, for as long as the receiver runs.
    said: HashMap<String, Bytes>,
    repeated: u64,
    wrong: Vec<Violation>,
}

/// The server. It ends with the program.
pub struct Receiver {
    url: String,
    kept: Arc<Mutex<Kept>>,
}

/// One of [`HOOKS`].
#[derive(Clone)]
struct Hook {
    key: hmac::Key,
    kept: Arc<Mutex<Kept>>,
}

impl Receiver {
    /// Listens on this machine.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let kept: Arc<Mutex<Kept>> = Arc::default();
        let mut app = Router::new();
        for (path, _, byte) in HOOKS {
            let hook = Hook {
                key: hmac::Key::new(hmac::HMAC_SHA256, &[byte; 32]),
                kept: kept.clone(),
            };
            app = app.route(&format!("/{path}"), post(take).with_state(hook));
        }
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { url, kept })
    }

    /// What a relay's configuration says about it.
    pub fn config(&self) -> String {
        let hooks = HOOKS.map(|(path, events, byte)| {
            format!(
                "\n[[webhook]]\nname = \"{path}\"\nurl = \"{}/{path}\"\nsecret = \"whsec_{}\"\nevents = [\"{events}\"]\n",
                self.url,
                STANDARD.encode([byte; 32])
            )
        });
        hooks.concat()
    }

    /// What was told since the last time, and what was wrong with it.
    pub fn told(&self) -> (Vec<Message>, Vec<Violation>) {
        let mut kept = lock(&self.kept);
        (
            std::mem::take(&mut kept.new),
            std::mem::take(&mut kept.wrong),
        )
    }

    /// How many messages came, and how many of them not for the first time.
    pub fn counts(&self) -> (usize, u64) {
        let kept = lock(&self.kept);
        (kept.said.len(), kept.repeated)
    }
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    // Each change is whole by itself.
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn take(State(hook): State<Hook>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let at = now();
    tokio::time::sleep(SLOW).await;
    let mut kept = lock(&hook.kept);
    match read(&hook.key, &headers, &body, at) {
        Ok(message) => {
            let said = kept.said.insert(message.id.clone(), body.clone());
            match said {
                None => {}
                Some(before) if before == body => kept.repeated += 1,
                Some(_) => kept
                    .wrong
                    .push(format!("{} says something else than before", message.id)),
            }
            kept.new.push(message);
            StatusCode::NO_CONTENT
        }
        Err(error) => {
            kept.wrong.push(format!("a webhook is wrong: {error:#}"));
            StatusCode::UNAUTHORIZED
        }
    }
}

/// Who sent it, and what it says.
fn read(key: &hmac::Key, headers: &HeaderMap, body: &Bytes, at: i64) -> Result<Message> {
    let header = |name: &str| -> Result<&str> {
        let value = headers.get(name).with_context(|| format!("no {name}"))?;
        Ok(value.to_str()?)
    };
    let (id, timestamp) = (header("webhook-id")?, header("webhook-timestamp")?);
    let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
    let is_right = |signature: &str| {
        let tag = signature
            .strip_prefix("v1,")
            .and_then(|text| STANDARD.decode(text).ok());
        tag.is_some_and(|tag| hmac::verify(key, &signed, &tag).is_ok())
    };
    ensure!(
        header("webhook-signature")?.split(' ').any(is_right),
        "{id} is not signed with the secret"
    );
    let off = timestamp.parse::<i64>()?.abs_diff(at / 1000);
    ensure!(off <= TOLERANCE.unsigned_abs(), "{id} is {off} s off");
    let mut event: Value = serde_json::from_slice(body)?;
    let text = |name: &str| -> Result<String> {
        let text = event.get(name).and_then(Value::as_str);
        Ok(text
            .with_context(|| format!("{id} has no {name}"))?
            .to_owned())
    };
    let kind = text("type")?;
    Ok(Message {
        id: id.to_owned(),
        kind: kind
            .strip_prefix(PREFIX)
            .with_context(|| format!("{id} is of type {kind}"))?
            .to_owned(),
        subject: text("subject")?,
        data: event.get_mut("data").map(Value::take).unwrap_or_default(),
        at,
    })
}
