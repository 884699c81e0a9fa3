//! Visitors and agents who ask, each thing once, and remember what they were answered.

use std::sync::Arc;

use anyhow::{Context, Result};
use fastrand::Rng;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::world::{self, now};

/// How far ahead a chosen time is, in milliseconds: some of them are still waiting when a relay dies.
const AHEAD: std::ops::Range<i64> = 100..500;

/// Something that was asked for, and the answer, if one came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// In the payload, so that it can be found at the platform.
    pub mark: String,
    pub key: String,
    pub body: String,
    /// The reply's text, if it was a success.
    pub reply: Option<String>,
    pub called_off: CalledOff,
}

/// Whether the visitor did not want it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalledOff {
    No,
    /// Asked for, but nothing was answered.
    Perhaps,
    Yes,
    TooLate,
}

/// Everything that was asked for in a round.
#[derive(Default)]
pub struct Round {
    pub callbacks: Mutex<Vec<Asked>>,
    pub calls: Mutex<Vec<Asked>>,
}

fn number(rng: &mut Rng) -> String {
    // All of them exist: Berlin.
    format!("+4930{}", rng.u32(20_000_000..90_000_000))
}

impl Asked {
    fn new(mut body: Value, rng: &mut Rng) -> Self {
        let mark = format!("{:032x}", rng.u128(..));
        if let Some(members) = body.as_object_mut() {
            members.insert("payload".to_owned(), json!({ "mark": mark }));
        }
        Self {
            body: body.to_string(),
            key: format!("load-{mark}"),
            mark,
            reply: None,
            called_off: CalledOff::No,
        }
    }
}

/// Asks for callbacks, one after the other, until the relay does not answer. Some for a time, and some of those
/// are called off.
pub async fn visit(client: Client, relay: String, round: Arc<Round>, most: usize, mut rng: Rng) {
    for turn in 0..most {
        let topic = if turn % 2 == 0 { "sales" } else { "support" };
        let mut body = json!({ "number": number(&mut rng), "topic": topic });
        let later = rng.u8(0..4) == 0;
        if later && let Some(members) = body.as_object_mut() {
            let at = patchcord_relay::clock::to_rfc3339(now() + rng.i64(AHEAD));
            members.insert("at".to_owned(), at.into());
        }
        let mut asked = Asked::new(body, &mut rng);
        let answered = callback(&client, &relay, &asked).await;
        let mut going = answered.is_ok();
        asked.reply = answered.ok();
        if later && going && rng.bool() {
            asked.called_off = call_off(&client, &relay, &asked).await;
            going = asked.called_off != CalledOff::Perhaps;
        }
        round.callbacks.lock().await.push(asked);
        if !going {
            return;
        }
    }
}

/// One request; the reply.
pub async fn callback(client: &Client, relay: &str, asked: &Asked) -> Result<String> {
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
    Ok(text)
}

async fn call_off(client: &Client, relay: &str, asked: &Asked) -> CalledOff {
    let reply: Option<Value> = asked
        .reply
        .as_ref()
        .and_then(|text| serde_json::from_str(text).ok());
    let member = |name: &str| reply.as_ref()?.get(name)?.as_str().map(str::to_owned);
    let (Some(id), Some(token)) = (member("id"), member("manage_token")) else {
        return CalledOff::No;
    };
    let answered = client
        .delete(format!("{relay}/v1/callbacks/{id}"))
        .header("patchcord-key", "pk_load")
        .header("patchcord-manage", token)
        .send()
        .await;
    match answered.map(|reply| reply.status()) {
        Ok(status) if status.is_success() => CalledOff::Yes,
        Ok(_) => CalledOff::TooLate,
        Err(_) => CalledOff::Perhaps,
    }
}

/// Dials, one call after the other, until the relay does not answer.
pub async fn dial(client: Client, relay: String, round: Arc<Round>, most: usize, mut rng: Rng) {
    let Ok(session) = session(&client, &relay).await else {
        return;
    };
    for _ in 0..most {
        let mut asked = Asked::new(json!({ "number": number(&mut rng) }), &mut rng);
        let answered = call(&client, &relay, &session, &asked).await;
        let going = answered.is_ok();
        asked.reply = answered.ok();
        round.calls.lock().await.push(asked);
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
