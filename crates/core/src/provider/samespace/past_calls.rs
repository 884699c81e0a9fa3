//! Past sessions, by the analytics query, for figures about agents and teams.
//!
//! Documented: the address, `filters` with `start_time`, `end_time` and `type`, `limit` and `skip`, that a range is at
//! most a month, and the names of a session's fields, in the notation of a Mongo shell.
//!
//! Not documented, so inferred and kept here: how the key is sent ([`KeyHeader`]), the type `agent`, what the list is
//! wrapped in, the units (seconds), and every `status` but `failed`. How many sessions a page has at most is not told
//! either, so the list ends with a page that has none. There is no filter by number, so there is no history of a
//! contact.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::reply::{self, Read};
use super::{NAME, post};
use crate::error::{Code, Error};
use crate::http::{Effect, Reply, Request};
use crate::outcome::{Because, Outcome};
use crate::provider::page::Page;
use crate::provider::past_calls::{Asked, Direction, End, Named, PastCall, PastCalls, Recorded};
use crate::provider::time;
use crate::secret::Secret;

/// The longest range. The page says a month; this is the shortest one.
const LONGEST: u64 = 28 * 86_400_000;
/// The most sessions that are asked for at once. The page's example has 10; fewer may be given.
const LARGEST: u32 = 100;

/// Where the list of sessions may stand: by itself, or under one of these, at the top or in `data`.
const LISTS: [&str; 5] = ["data", "sessions", "records", "items", "results"];

/// How the key is sent. The vendor's page prints `{"authorization": {"x-api-key": "…"}}` under "Headers", so both
/// forms are inferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum KeyHeader {
    /// `X-Api-Key: …`, the likelier one.
    #[default]
    #[serde(rename = "x-api-key")]
    ApiKey,
    /// `Authorization: Bearer …`
    #[serde(rename = "authorization")]
    Authorization,
}

/// Whose sessions are asked for: the filter `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Of {
    /// Teams'.
    #[default]
    Team,
    /// Agents' (inferred).
    Agent,
}

/// `analytics` of an account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    /// A key of the type "Voice"; only an administrator of the tenancy can make one.
    api_key: Secret,
    #[serde(default)]
    header: KeyHeader,
    #[serde(default, rename = "type")]
    of: Of,
}

/// The sessions of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Analytics {
    url: String,
    api_key: Secret,
    header: KeyHeader,
    of: Of,
}

#[derive(Serialize)]
struct Query {
    filters: Filters,
    limit: u32,
    skip: u32,
}

#[derive(Serialize)]
struct Filters {
    start_time: String,
    end_time: String,
    r#type: Of,
}

impl Analytics {
    pub(super) fn from_config(base: &str, config: Config) -> Result<Self, Error> {
        let Config {
            api_key,
            header,
            of,
        } = config;
        if api_key.is_empty() {
            return Err(Error::of(
                Code::InvalidField,
                "analytics",
                "analytics.api_key must not be empty.",
            ));
        }
        Ok(Self {
            url: format!("{base}/manage/api/analytics/sessions"),
            api_key,
            header,
            of,
        })
    }

    /// The same account's sessions of somebody else.
    pub fn of(&self, of: Of) -> Self {
        Self { of, ..self.clone() }
    }
}

impl PastCalls for Analytics {
    fn ask(&self, asked: &Asked, page: u32, _: Option<&Secret>) -> Result<Request, Error> {
        if asked.with.is_some() {
            return Err(Error::of(
                Code::CapabilityMissing,
                "with",
                format!("{NAME} does not look for calls by number."),
            ));
        }
        if asked.until.saturating_sub(asked.since) > LONGEST {
            return Err(Error::of(
                Code::InvalidField,
                "since",
                format!("{NAME} tells at most 28 days at once."),
            ));
        }
        let query = Query {
            filters: Filters {
                start_time: time::write(asked.since),
                end_time: time::write(asked.until),
                r#type: self.of,
            },
            limit: asked.size.clamp(1, LARGEST),
            // A page is known by its first session.
            skip: page.saturating_sub(1),
        };
        let mut request = post(self.url.clone(), &query)?;
        request.effect = Effect::Reads;
        match self.header {
            KeyHeader::ApiKey => request.api_key = Some(self.api_key.clone()),
            KeyHeader::Authorization => request.bearer = Some(self.api_key.clone()),
        }
        Ok(request)
    }

    fn read(&self, _: &Asked, page: u32, reply: Reply) -> Result<Page<PastCall>, Outcome> {
        let json = match reply::read(reply) {
            Read::Yes(json) | Read::NoWord(json) => json,
            Read::No(outcome) => return Err(outcome),
        };
        let sessions =
            list(&json).ok_or_else(|| Outcome::Unknown(Because::code(Code::UnreadableReply)))?;
        let came = u32::try_from(sessions.len()).unwrap_or(u32::MAX);
        Ok(Page {
            items: sessions.iter().filter_map(session).collect(),
            next: (came > 0).then(|| page.saturating_add(came)),
        })
    }

    fn longest(&self) -> Option<u64> {
        Some(LONGEST)
    }
}

fn list(json: &Value) -> Option<&Vec<Value>> {
    let inner = json.get("data").unwrap_or(json);
    json.as_array().or_else(|| {
        [json, inner]
            .iter()
            .flat_map(|place| LISTS.map(|name| place.get(name)))
            .flatten()
            .find_map(Value::as_array)
    })
}

/// What of a session is known here. `None` for what has no id.
fn session(json: &Value) -> Option<PastCall> {
    let word = |name: &str| text(json, name);
    let uuid = word("uuid");
    let started = moment(json, "start_time");
    let ended = moment(json, "end_time");
    let answered = moment(json, "answer_time");
    let since_start = |at: Option<u64>| Some(at?.checked_sub(started?)? / 1_000);
    let recorded = word("recording_filename").or_else(|| word("recording_url"));
    // The address of a recording is left out: it holds nothing that asks who is listening.
    let recordings = recorded
        .and(uuid.clone())
        .map(|id| Recorded { id, duration: None });
    Some(PastCall {
        id: word("_id").or(uuid)?,
        direction: word("direction").and_then(|word| direction(&word)),
        from: word("caller"),
        to: word("callee"),
        agent: named(
            word("user_system_id").or_else(|| word("user_login_id")),
            word("user_display_name").or_else(|| word("user_login_id")),
        ),
        team: named(word("team_system_id"), word("team_name")),
        started,
        answered_after: since_start(answered),
        duration: seconds(json, "duration").or_else(|| since_start(ended)),
        end: end(word("status"), ended.is_some()),
        recordings: recordings.into_iter().collect(),
    })
}

fn named(id: Option<String>, name: Option<String>) -> Option<Named> {
    (id.is_some() || name.is_some()).then_some(Named { id, name })
}

fn direction(word: &str) -> Option<Direction> {
    match word {
        "in" | "inbound" => Some(Direction::Inbound),
        "out" | "outbound" => Some(Direction::Outbound),
        _ => None,
    }
}

fn end(status: Option<String>, has_ended: bool) -> End {
    let Some(word) = status else {
        return if has_ended {
            End::Other(String::new())
        } else {
            End::Open
        };
    };
    match word.to_ascii_lowercase().as_str() {
        "answered" | "completed" | "success" => End::Talked,
        "missed" | "abandoned" | "busy" | "cancelled" | "canceled" | "no_answer" | "no-answer"
        | "rejected" => End::Missed(word),
        "failed" => End::Failed(word),
        "active" | "ongoing" | "ringing" if !has_ended => End::Open,
        _ => End::Other(word),
    }
}

/// A value without the wrappers of Mongo's extended JSON: `{"$oid": …}`, `{"$date": {"$numberLong": …}}`.
fn plain(mut value: &Value) -> &Value {
    while let Value::Object(members) = value {
        match members.iter().next() {
            Some((name, inner)) if members.len() == 1 && name.starts_with('$') => value = inner,
            _ => break,
        }
    }
    value
}

/// A text, or a number as one; `None` for nothing.
fn text(json: &Value, name: &str) -> Option<String> {
    match plain(json.get(name)?) {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whole seconds, whatever they are written as.
fn seconds(json: &Value, name: &str) -> Option<u64> {
    let written = text(json, name)?;
    let whole = written.split('.').next().unwrap_or_default();
    whole.parse().ok()
}

/// A moment: RFC 3339, or milliseconds or seconds since the epoch.
fn moment(json: &Value, name: &str) -> Option<u64> {
    let written = text(json, name)?;
    match written.parse::<u64>() {
        // As milliseconds it would be before 1973.
        Ok(at) if at < 100_000_000_000 => Some(at * 1_000),
        Ok(at) => Some(at),
        Err(_) => time::read(&written),
    }
}

#[cfg(test)]
mod tests;
