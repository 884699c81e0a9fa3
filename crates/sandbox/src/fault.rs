//! Faults: how a platform can be made to misbehave.
//!
//! A fault applies to the requests its `match` names, the first matching one in the list wins.
//! First the delay passes, then the action is done:
//!
//! | action | the platform handles the request | the client sees |
//! |---|---|---|
//! | absent | yes | the reply, late |
//! | `{"status": {"code", "body"?, "content_type"?, "headers"?}}` | no | that reply |
//! | `"reset"` | no; not even the body is read | the connection is reset (TCP RST) |
//! | `"close_before_reply"` | yes | the connection ends without a reply |
//! | `"close_half_way"` | yes | head and half of the body, then the connection ends |
//! | `"garbage"` | yes | 200, `application/json`, a body that is none |
//! | `"wrong_content_type"` | no | 200, an HTML page |
//! | `"duplicate"` | twice | the first reply |
//! | `"hold"` | yes | nothing until the faults are changed, deleted or reset; then the reply |

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::exchange::Reply;

/// The body of `POST /_sandbox/faults`: it replaces all faults.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultList {
    faults: Vec<Fault>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    r#match: Match,
    /// How many requests it applies to; absent: all.
    #[serde(default)]
    times: Option<u32>,
    /// Milliseconds before the action.
    #[serde(default)]
    delay_ms: u64,
    #[serde(default)]
    pub action: Option<Action>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Match {
    #[serde(default)]
    method: Option<String>,
    /// The whole path, or its beginning followed by `*`.
    #[serde(default)]
    path: Option<String>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Status(CannedReply),
    Reset,
    CloseBeforeReply,
    CloseHalfWay,
    Garbage,
    WrongContentType,
    Duplicate,
    Hold,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CannedReply {
    code: u16,
    #[serde(default)]
    body: String,
    #[serde(default = "plain_text")]
    content_type: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

fn plain_text() -> String {
    "text/plain; charset=utf-8".to_owned()
}

impl Fault {
    pub fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }

    /// How the request log names it.
    pub fn name(&self) -> &'static str {
        match self.action {
            None => "delay",
            Some(Action::Status(_)) => "status",
            Some(Action::Reset) => "reset",
            Some(Action::CloseBeforeReply) => "close_before_reply",
            Some(Action::CloseHalfWay) => "close_half_way",
            Some(Action::Garbage) => "garbage",
            Some(Action::WrongContentType) => "wrong_content_type",
            Some(Action::Duplicate) => "duplicate",
            Some(Action::Hold) => "hold",
        }
    }
}

impl CannedReply {
    /// The reply, or what is wrong with its description.
    pub fn reply(&self) -> Result<Reply, String> {
        if !(200..=599).contains(&self.code) {
            return Err(format!("status.code: {} is not from 200 to 599", self.code));
        }
        let content_type = ("content-type", self.content_type.as_str());
        let others = self.headers.iter();
        let others = others.map(|(name, value)| (name.as_str(), value.as_str()));
        let mut reply = Reply::empty(self.code);
        for (name, value) in std::iter::once(content_type).chain(others) {
            let wrong = |what: &str| format!("status.headers: {name:?} has no good {what}");
            let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong("name"))?;
            let value = HeaderValue::from_str(value).map_err(|_| wrong("value"))?;
            reply.headers.push((header, value));
        }
        reply.body = self.body.clone().into();
        Ok(reply)
    }
}

/// A fault with what is left of it.
#[derive(Serialize)]
struct Armed {
    #[serde(flatten)]
    fault: Fault,
    /// How many requests it has met.
    hits: u32,
}

/// The faults in force.
#[derive(Default, Serialize)]
pub(crate) struct Faults {
    faults: Vec<Armed>,
}

impl Faults {
    /// Replaces all faults, if every one of them makes sense.
    pub fn replace(&mut self, list: FaultList) -> Result<(), String> {
        for fault in &list.faults {
            if let Some(Action::Status(canned)) = &fault.action {
                canned.reply()?;
            }
            if fault.times == Some(0) {
                return Err("times: must be at least 1".to_owned());
            }
            if fault.action.is_none() && fault.delay_ms == 0 {
                return Err("action: is missing, and there is no delay_ms either".to_owned());
            }
        }
        let armed = list
            .faults
            .into_iter()
            .map(|fault| Armed { fault, hits: 0 });
        self.faults = armed.collect();
        Ok(())
    }

    pub fn clear(&mut self) {
        self.faults.clear();
    }

    /// The fault that applies to this request, which counts as one of its times.
    pub fn take(&mut self, method: &str, path: &str) -> Option<Fault> {
        let armed = self.faults.iter_mut().find(|armed| {
            let Match {
                method: wanted_method,
                path: wanted_path,
            } = &armed.fault.r#match;
            armed.fault.times.is_none_or(|times| armed.hits < times)
                && wanted_method
                    .as_ref()
                    .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && wanted_path
                    .as_ref()
                    .is_none_or(|wanted| path_matches(wanted, path))
        })?;
        armed.hits += 1;
        Some(armed.fault.clone())
    }
}

/// Whether `path` is `wanted`, or begins with it where that ends in `*`.
pub(crate) fn path_matches(wanted: &str, path: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(beginning) => path.starts_with(beginning),
        None => path == wanted,
    }
}
