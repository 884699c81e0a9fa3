//! The platforms behind the relays: slow, now and then busy, refusing or silent; and what reached them.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use fastrand::Rng;
use serde_json::{Value, json};

use crate::world::World;

/// How long a platform takes for an answer, so that a kill finds something in flight.
const SLOW: Duration = Duration::from_millis(8);
/// Where both take callbacks, and one takes calls.
const CALLBACKS: [&str; 2] = ["/apiv1/team/make_call", "/api/v3/tasks"];
const CALLS: &str = "/apiv1/make_call";

/// How the platforms behave in a round.
pub struct Mood {
    faults: Vec<Value>,
    /// How many requests at most end so that nobody knows what became of them, without anybody dying.
    pub unknown: usize,
}

impl Mood {
    /// One by chance.
    pub fn chosen(rng: &mut Rng) -> Self {
        let mut mood = Self {
            faults: Vec::new(),
            unknown: 0,
        };
        let path = rng.choice(CALLBACKS).unwrap_or_default();
        if rng.u8(0..3) == 0 {
            mood.misbehave(path, 1, json!({ "status": { "code": 400 } }));
        }
        if rng.u8(0..3) == 0 {
            mood.misbehave(path, 3, json!({ "status": { "code": 429 } }));
        }
        if rng.u8(0..4) == 0 {
            let path = if rng.bool() { path } else { CALLS };
            mood.misbehave(path, 1, json!({ "status": { "code": 502 } }));
            mood.unknown += 1;
        }
        if rng.u8(0..4) == 0 {
            mood.misbehave(path, 1, json!("close_before_reply"));
            mood.unknown += 1;
        }
        for path in ["/apiv1/*", "/api/*"] {
            mood.faults.push(json!({
                "match": { "method": "POST", "path": path }, "delay_ms": SLOW.as_millis(),
            }));
        }
        mood
    }

    fn misbehave(&mut self, path: &str, times: u32, action: Value) {
        self.faults.push(json!({
            "match": { "method": "POST", "path": path }, "times": times,
            "delay_ms": SLOW.as_millis(), "action": action,
        }));
    }

    /// Makes them behave so from now on.
    pub async fn set(&self, world: &World) -> Result<()> {
        tell(world, "faults", &json!({ "faults": self.faults })).await
    }
}

/// Ends every access token of babelforce: the next request needs a new one.
pub async fn expire_tokens(world: &World) -> Result<()> {
    tell(world, "tokens/expire", &Value::Null).await
}

async fn tell(world: &World, what: &str, body: &Value) -> Result<()> {
    let url = format!("{}/_sandbox/{what}", world.sandbox.url());
    let reply = world
        .client
        .post(url)
        .header("content-type", "application/json")
        .body(body.to_string())
        .send()
        .await?;
    reply.error_for_status()?;
    Ok(())
}

/// What reached a platform about one wish.
#[derive(Debug, Default, Clone, Copy)]
pub struct Reached {
    /// The requests on which it may have acted.
    pub acted: usize,
    /// Those after one that did not prove that nothing was done.
    pub again: usize,
}

/// What reached the platforms since the last time, by the marks of the wishes.
pub async fn reached(world: &World) -> Result<BTreeMap<String, Reached>> {
    let url = format!("{}/_sandbox/requests", world.sandbox.url());
    let text = world.client.get(&url).send().await?.text().await?;
    world.client.delete(&url).send().await?.error_for_status()?;
    let log: Value = serde_json::from_str(&text)?;
    let requests = log.get("requests").and_then(Value::as_array);
    let mut reached: BTreeMap<String, Reached> = BTreeMap::new();
    // Whether all that was asked so far proved that nothing was done.
    let mut nothing: BTreeMap<String, bool> = BTreeMap::new();
    for entry in requests.context("no log")? {
        let body = entry.get("raw_body").and_then(Value::as_str);
        let Some(mark) = body.and_then(mark) else {
            continue;
        };
        let status = entry.get("status").and_then(Value::as_u64);
        let handled = entry.get("handled").and_then(Value::as_bool) == Some(true);
        let nothing = nothing.entry(mark.to_owned()).or_insert(true);
        let reached = reached.entry(mark.to_owned()).or_default();
        reached.acted += usize::from(handled && status.is_none_or(|status| status < 400));
        reached.again += usize::from(!*nothing);
        // Not the right token, or busy.
        *nothing &= matches!(status, Some(401 | 429));
    }
    Ok(reached)
}

/// The mark in a body, however often its quotes are escaped.
fn mark(body: &str) -> Option<&str> {
    let (_, rest) = body.split_once("mark")?;
    let rest = rest.trim_start_matches(|c: char| !c.is_ascii_hexdigit());
    rest.get(..32)
        .filter(|mark| mark.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
