//! Visitors and agents who ask, each thing once, and remember what they were answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::world;

/// Something that was asked for, and the answer, if one came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// In the payload, so that it can be found at the platform.
    pub mark: String,
    pub key: String,
    pub body: String,
    /// The reply's text, if it was a success.
    pub reply: Option<String>,
}

/// Everything that was asked for in a round.
#[derive(Default)]
pub struct Round {
    pub callbacks: Mutex<Vec<Asked>>,
    pub calls: Mutex<Vec<Asked>>,
}

fn number() -> String {
    // All of them exist: Berlin.
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!(
        "+4930{}",
        20_000_000 + NEXT.fetch_add(1, Ordering::Relaxed) % 70_000_000
    )
}

fn mark() -> String {
    format!("{:032x}", fastrand::u128(..))
}

/// Asks for callbacks, one after the other, until the relay does not answer.
pub async fn visit(client: Client, relay: String, round: Arc<Round>, most: usize) {
    for turn in 0..most {
        let mark = mark();
        let topic = if turn % 2 == 0 { "sales" } else { "support" };
        let asked = Asked {
            body: json!({ "number": number(), "topic": topic, "payload": { "mark": mark } })
                .to_string(),
            key: format!("load-{mark}"),
            mark,
            reply: None,
        };
        let answered = callback(&client, &relay, &asked).await;
        let going = answered.is_ok();
        let reply = answered.ok().map(|(_, reply)| reply);
        round.callbacks.lock().await.push(Asked { reply, ..asked });
        if !going {
            return;
        }
    }
}

/// One request; the status and the reply.
pub async fn callback(client: &Client, relay: &str, asked: &Asked) -> Result<(u16, String)> {
    let reply = client
        .post(format!("{relay}/v1/callbacks"))
        .header("content-type", "application/json")
        .header("patchcord-key", "pk_load")
        .header("idempotency-key", &asked.key)
        .body(asked.body.clone())
        .send()
        .await?;
    let (status, text) = (reply.status().as_u16(), reply.text().await?);
    anyhow::ensure!(status == 201, "{status}: {text}");
    Ok((status, text))
}

/// Dials, one call after the other, until the relay does not answer.
pub async fn dial(client: Client, relay: String, round: Arc<Round>, most: usize) {
    let Ok(session) = session(&client, &relay).await else {
        return;
    };
    for _ in 0..most {
        let mark = mark();
        let asked = Asked {
            body: json!({ "number": number(), "payload": { "mark": mark } }).to_string(),
            key: format!("load-{mark}"),
            mark,
            reply: None,
        };
        let answered = call(&client, &relay, &session, &asked).await;
        let going = answered.is_ok();
        round.calls.lock().await.push(Asked {
            reply: answered.ok(),
            ..asked
        });
        if !going {
            return;
        }
    }
}

async fn call(client: &Client, relay: &str, session: &str, asked: &Asked) -> Result<String> {
    let reply = client
        .post(format!("{relay}/v1/calls"))
        .bearer_auth(session)
        .header("content-type", "application/json")
        .header("idempotency-key", &asked.key)
        .body(asked.body.clone())
        .send()
        .await?;
    let (status, text) = (reply.status().as_u16(), reply.text().await?);
    anyhow::ensure!(status == 200, "{status}: {text}");
    Ok(text)
}

async fn session(client: &Client, relay: &str) -> Result<String> {
    let reply = client
        .post(format!("{relay}/v1/sessions"))
        .header("content-type", "application/json")
        .body(json!({ "assertion": world::assertion()? }).to_string())
        .send()
        .await?;
    let reply: Value = serde_json::from_str(&reply.text().await?)?;
    let session = reply.get("session").and_then(Value::as_str);
    session.map(str::to_owned).context("no session")
}
