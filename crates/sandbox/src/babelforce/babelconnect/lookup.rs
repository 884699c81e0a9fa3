//! What a client looks up: past calls, contacts, whom a call can be handed to.

use serde::Serialize;

use super::json::seconds;
use super::shapes::direction;
use crate::babelforce::Babelforce;
use crate::babelforce::agents::Agent;
use crate::babelforce::calls::{Call, Direction};
use crate::exchange::Request;

/// A page of a list: there is no total, a short page is the last one.
#[derive(Clone, Copy)]
pub(super) struct Page {
    number: usize,
    size: usize,
}

impl Page {
    /// From `page` (1-based) and `max`.
    pub fn of_request(request: &Request, usual: usize) -> Self {
        let number = |name: &str| request.query(name).and_then(|text| text.parse().ok());
        Self {
            number: number("page").unwrap_or(1).max(1),
            size: number("max").filter(|size| *size > 0).unwrap_or(usual),
        }
    }

    pub fn of<T>(self, all: impl Iterator<Item = T>) -> Vec<T> {
        let skipped = (self.number - 1).saturating_mul(self.size);
        all.skip(skipped).take(self.size).collect()
    }
}

#[derive(Clone, PartialEq, Serialize)]
pub(super) struct Entry {
    label: &'static str,
    number: String,
}

/// The account's contacts.
const CONTACTS: [(&str, &str); 3] = [
    ("Greta Gross", "+4915228817386"),
    ("Harbour Office", "+494012345670"),
    ("Omar Ott", "+436641234567"),
];

/// The name that belongs to a number.
pub(super) fn contact(number: &str) -> Option<&'static str> {
    let mut contacts = CONTACTS.iter();
    contacts
        .find(|(_, known)| *known == number)
        .map(|(name, _)| *name)
}

/// The contacts, and the numbers the agent has called lately.
pub(super) fn phonebook(account: &Babelforce, agent: &Agent) -> Vec<Entry> {
    let contacts = CONTACTS.iter().map(|(label, number)| Entry {
        label,
        number: (*number).to_owned(),
    });
    let mut entries: Vec<Entry> = contacts.collect();
    let called = account.calls.iter().rev().filter(|call| {
        call.is_of(agent.id) && call.direction == Direction::Outbound && call.state.is_final()
    });
    for call in called {
        let entry = Entry {
            label: "recent",
            number: call.to.clone(),
        };
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    entries
}

pub(super) struct Application {
    pub id: &'static str,
    label: &'static str,
    /// The module of the application.
    category: &'static str,
}

pub(super) const APPLICATIONS: [Application; 2] = [
    Application {
        id: "5f60718293a4b5c6d7e8f90a1b2c3d4e",
        label: "Support queue",
        category: "queue",
    },
    Application {
        id: "60718293a4b5c6d7e8f90a1b2c3d4e5f",
        label: "Opening hours",
        category: "simpleMenu",
    },
];

#[derive(Serialize)]
pub(super) struct Phonebook {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    entries: Vec<Entry>,
}

#[derive(Serialize)]
pub(super) struct Targets {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    targets: Vec<Target>,
}

#[derive(Serialize)]
struct Target {
    id: String,
    kind: &'static str,
    label: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    number: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    category: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    browser: bool,
}

#[derive(Serialize)]
pub(super) struct History<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    calls: Vec<Record<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    id: &'a str,
    direction: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    from: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    to: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<&'static str>,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    has_recording: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    recording_url: String,
}

impl<'a> Record<'a> {
    fn of(call: &'a Call) -> Self {
        let talked = call.established.zip(call.finished);
        Self {
            id: &call.id,
            direction: direction(call.direction),
            from: &call.from,
            to: &call.to,
            contact: contact(call.far_number()),
            time: seconds(call.created),
            duration_ms: talked
                .map(|(from, to)| to.saturating_sub(from))
                .filter(|duration| *duration > 0),
            has_recording: call.recorded,
            recording_url: if call.recorded {
                format!("/v1/agent/recordings/{}", call.id)
            } else {
                String::new()
            },
        }
    }
}

impl Babelforce {
    /// The agent's calls that are over, the newest first.
    pub(super) fn history(&self, agent: &str, page: Page) -> History<'_> {
        let over = |call: &&Call| call.is_of(agent) && call.state.is_final();
        let calls = self.calls.iter().rev().filter(over);
        History {
            calls: page.of(calls.map(Record::of)),
        }
    }

    pub(super) fn contacts(&self, agent: &Agent, query: &str, page: Page) -> Phonebook {
        let query = query.to_lowercase();
        let fits = |entry: &Entry| {
            entry.label.to_lowercase().contains(&query) || entry.number.contains(&query)
        };
        let entries = phonebook(self, agent).into_iter();
        Phonebook {
            entries: page.of(entries.filter(fits)),
        }
    }

    /// Colleagues by name, e-mail and number; the query itself where it looks like a number;
    /// applications by name.
    pub(super) fn transfer_targets(&self, agent: &str, query: &str) -> Targets {
        let query = query.trim().to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&query);
        let colleagues = self.agents.iter().filter(|other| {
            other.id != agent && (has(other.name) || has(other.email) || has(&other.number))
        });
        let mut targets: Vec<Target> = colleagues
            .map(|other| Target {
                id: other.id.to_owned(),
                kind: "TRANSFER_TARGET_KIND_AGENT",
                label: other.name.to_owned(),
                number: other.number.clone(),
                category: "",
                browser: other.number.is_empty(),
            })
            .collect();
        if looks_like_a_number(&query) {
            targets.push(Target {
                id: query.clone(),
                kind: "TRANSFER_TARGET_KIND_NUMBER",
                label: query.clone(),
                number: query.clone(),
                category: "",
                browser: false,
            });
        }
        let applications = APPLICATIONS.iter().filter(|one| has(one.label));
        targets.extend(applications.map(|application| Target {
            id: application.id.to_owned(),
            kind: "TRANSFER_TARGET_KIND_APPLICATION",
            label: application.label.to_owned(),
            number: String::new(),
            category: application.category,
            browser: false,
        }));
        Targets { targets }
    }
}

/// Inferred: a `+` or not, and at least three digits.
fn looks_like_a_number(query: &str) -> bool {
    let digits = query.strip_prefix('+').unwrap_or(query);
    digits.len() >= 3 && digits.bytes().all(|byte| byte.is_ascii_digit())
}
