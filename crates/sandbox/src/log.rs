//! The request log: what reached the platforms.

use std::collections::{BTreeMap, VecDeque};

use axum::http::{HeaderMap, header, request};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::clock;
use crate::cors::Grant;
use crate::exchange::Request;
use crate::fault::path_matches;

/// The oldest entries go when there are more than this.
const LIMIT: usize = 10_000;

/// The log, oldest first.
#[derive(Default)]
pub(crate) struct Log {
    entries: VecDeque<Entry>,
    count: u64,
    preflights: VecDeque<Preflight>,
}

/// A browser's question whether a page may send a request. It is no request itself.
#[derive(Serialize)]
pub(crate) struct Preflight {
    at: String,
    path: String,
    origin: String,
    /// Of the request that the page wishes to send.
    method: String,
    /// The names of its headers, as the browser wrote them.
    headers: String,
    allowed: bool,
}

#[derive(Serialize)]
pub(crate) struct Preflights<'a> {
    preflights: &'a VecDeque<Preflight>,
}

#[derive(Serialize)]
pub(crate) struct Entry {
    id: u64,
    at: String,
    method: String,
    path: String,
    /// A parameter that was given more than once is an array.
    query: BTreeMap<String, OneOrMore>,
    headers: BTreeMap<String, String>,
    body: Body,
    /// The body's text. What is not UTF-8 is replaced.
    raw_body: String,
    /// The status of the reply; `null` while there is none, and if none was sent.
    status: Option<u16>,
    /// Whether the platform acted on the request.
    handled: bool,
    /// The fault it met.
    fault: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

#[derive(Serialize)]
#[serde(untagged)]
enum Body {
    Json(Box<RawValue>),
    Text(String),
    None,
}

#[derive(Serialize)]
pub(crate) struct Listing<'a> {
    requests: Vec<&'a Entry>,
}

impl Log {
    /// Notes a request and gives its id.
    pub fn note(&mut self, request: &Request, fault: Option<&'static str>) -> u64 {
        self.count += 1;
        if self.entries.len() == LIMIT {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry {
            id: self.count,
            at: clock::iso(request.at),
            method: request.method.to_string(),
            path: request.path.clone(),
            query: query(&request.query),
            headers: headers(&request.headers),
            body: body(request),
            raw_body: String::from_utf8_lossy(&request.body).into_owned(),
            status: None,
            handled: false,
            fault,
        });
        self.count
    }

    pub fn note_handled(&mut self, id: u64) {
        if let Some(entry) = self.entry(id) {
            entry.handled = true;
        }
    }

    pub fn note_status(&mut self, id: u64, status: u16) {
        if let Some(entry) = self.entry(id) {
            entry.status = Some(status);
        }
    }

    fn entry(&mut self, id: u64) -> Option<&mut Entry> {
        self.entries.iter_mut().rfind(|entry| entry.id == id)
    }

    /// Notes a browser's question.
    pub fn note_preflight(&mut self, head: &request::Parts, grant: &Grant) {
        let named = |name| {
            let value = head.headers.get(name).map(|value| value.as_bytes());
            String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
        };
        if self.preflights.len() == LIMIT {
            self.preflights.pop_front();
        }
        self.preflights.push_back(Preflight {
            at: clock::iso(clock::now()),
            path: head.uri.path().to_owned(),
            origin: named(header::ORIGIN),
            method: named(header::ACCESS_CONTROL_REQUEST_METHOD),
            headers: named(header::ACCESS_CONTROL_REQUEST_HEADERS),
            allowed: grant.is_given(),
        });
    }

    pub fn clear(&mut self) {
        self.entries.clear();
    }

    pub fn clear_preflights(&mut self) {
        self.preflights.clear();
    }

    pub fn preflights(&self) -> Preflights<'_> {
        Preflights {
            preflights: &self.preflights,
        }
    }

    /// All requests, or those whose path matches.
    pub fn listing(&self, path: Option<&str>) -> Listing<'_> {
        let wanted = |entry: &&Entry| path.is_none_or(|path| path_matches(path, &entry.path));
        Listing {
            requests: self.entries.iter().filter(wanted).collect(),
        }
    }
}

fn query(pairs: &[(String, String)]) -> BTreeMap<String, OneOrMore> {
    let mut query = BTreeMap::new();
    for (name, value) in pairs {
        let value = value.clone();
        let merged = match query.remove(name) {
            None => OneOrMore::One(value),
            Some(OneOrMore::One(first)) => OneOrMore::More(vec![first, value]),
            Some(OneOrMore::More(mut all)) => {
                all.push(value);
                OneOrMore::More(all)
            }
        };
        query.insert(name.clone(), merged);
    }
    query
}

fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let shown = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let value = match name.as_str() {
            "authorization" => shortened(&value),
            _ => value,
        };
        (name.to_string(), value)
    });
    shown.collect()
}

/// The scheme and the first four characters: enough to tell two tokens apart.
fn shortened(credentials: &str) -> String {
    let (scheme, token) = credentials.split_once(' ').unwrap_or(("", credentials));
    let start: String = token.chars().take(4).collect();
    format!("{scheme} {start}…").trim_start().to_owned()
}

fn body(request: &Request) -> Body {
    if request.body.is_empty() {
        return Body::None;
    }
    let json = request
        .media_type()
        .is_some_and(|name| name.ends_with("json"));
    match serde_json::from_slice::<Box<RawValue>>(&request.body) {
        Ok(value) if json => Body::Json(value),
        _ => Body::Text(String::from_utf8_lossy(&request.body).into_owned()),
    }
}
