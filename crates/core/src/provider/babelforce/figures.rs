//! Past calls for figures, by the condensed reporting: waiting and talking times beside the names of agent and queue.
//! It leaves out the numbers, and so most of what is personal.
//!
//! Inferred: that the times are counted from the beginning of the call, and that a call which was not bridged was
//! missed; the reporting has no word for it.

use serde_json::Value;

use super::environment::Environment;
use super::reply::{self, Read};
use crate::error::{Code, Error};
use crate::http::{Reply, Request};
use crate::outcome::{Because, Outcome};
use crate::provider::page::Page;
use crate::provider::past_calls::{Asked, Direction, End, Named, PastCall, PastCalls, With};
use crate::provider::time;
use crate::secret::Secret;

/// What the platform would say of a call that nobody took, had it a word.
const NOT_BRIDGED: &str = "not-bridged";

/// Which calls are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Which {
    /// All.
    #[default]
    All,
    /// Those that came in.
    Inbound,
    /// Those that went out.
    Outbound,
    /// Those that the dialler made.
    Dialler,
}

impl Which {
    const fn path(self) -> &'static str {
        match self {
            Which::All => "/api/v2/calls/reporting/simple",
            Which::Inbound => "/api/v2/calls/reporting/simple/inbound",
            Which::Outbound => "/api/v2/calls/reporting/simple/outbound",
            Which::Dialler => "/api/v2/calls/reporting/simple/dialer",
        }
    }
}

/// The condensed reporting of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condensed {
    environment: Environment,
    which: Which,
}

impl Condensed {
    pub(super) const fn of(environment: Environment) -> Self {
        Self {
            environment,
            which: Which::All,
        }
    }

    /// The same account's calls of one kind.
    pub fn only(&self, which: Which) -> Self {
        Self {
            which,
            ..self.clone()
        }
    }
}

impl PastCalls for Condensed {
    fn ask(&self, asked: &Asked, page: u32, token: Option<&Secret>) -> Result<Request, Error> {
        // Both ends count there, and in whole seconds: the last one is the one before `until`.
        let (start, end) = (asked.since / 1_000, asked.until.saturating_sub(1) / 1_000);
        let mut path = format!(
            "{}?page={page}&max={}&time.start={start}&time.end={end}",
            self.which.path(),
            asked.size
        );
        // Digits only, as in the example of the filter.
        match &asked.with {
            Some(With::From(number)) => path.push_str(&format!("&from={}", number.digits())),
            Some(With::To(number)) => path.push_str(&format!("&to={}", number.digits())),
            None => {}
        }
        let request = Request::get(self.environment.url(&path));
        Ok(match token {
            Some(token) => request.with_bearer(token),
            None => request,
        })
    }

    fn read(&self, _: &Asked, page: u32, reply: Reply) -> Result<Page<PastCall>, Outcome> {
        let json = match reply::read(reply) {
            Read::Yes(json) | Read::NoWord(json) => json,
            Read::No(outcome) => return Err(outcome),
        };
        let Some(items) = json.get("items").and_then(Value::as_array) else {
            return Err(Outcome::Unknown(Because::code(Code::UnreadableReply)));
        };
        let pages = json.pointer("/pagination/pages").and_then(Value::as_u64);
        let is_last = pages.is_none_or(|pages| pages <= u64::from(page));
        Ok(Page {
            items: items.iter().filter_map(call).collect(),
            next: (!is_last).then(|| page.saturating_add(1)),
        })
    }
}

/// `None` for what has no id.
fn call(item: &Value) -> Option<PastCall> {
    let word = |name: &str| {
        let text = item.get(name)?.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    };
    let seconds = |name: &str| item.get(name)?.as_u64();
    let named = |name: &str| {
        word(name).map(|name| Named {
            id: None,
            name: Some(name),
        })
    };
    let bridged = item.get("bridged").and_then(Value::as_bool);
    Some(PastCall {
        id: word("id")?,
        direction: match word("type").as_deref() {
            Some("inboundCall") => Some(Direction::Inbound),
            Some("outboundCall") => Some(Direction::Outbound),
            _ => None,
        },
        from: None,
        to: None,
        agent: named("agentName"),
        team: named("queueName"),
        started: word("dateCreated").and_then(|text| time::read(&text)),
        answered_after: (bridged == Some(true))
            .then(|| seconds("waitTime").or_else(|| seconds("bridgeTime")))
            .flatten(),
        duration: seconds("duration"),
        end: match bridged {
            Some(true) => End::Talked,
            Some(false) => End::Missed(NOT_BRIDGED.to_owned()),
            None => End::Other(String::new()),
        },
        recordings: Vec::new(),
    })
}

#[cfg(test)]
mod tests;
