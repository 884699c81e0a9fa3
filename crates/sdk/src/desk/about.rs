//! What travels with the calls that were placed from this browser. The platform tells of a call, not of what came
//! with it; so a new call to a number that was dialled here a moment ago is taken for that one.

use js_sys::Object;
use patchcord_core::call::CallRequest;
use patchcord_core::desk::view::{Direction, View};
use wasm_bindgen::JsValue;

use crate::js;

/// How long a call that was dialled may take to show, in milliseconds.
const SHOWS_WITHIN: u64 = 30_000;
/// How many calls are remembered.
const KEPT: usize = 16;

/// What travels with a call: for showing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The kind of CRM record; empty for none.
    pub kind: String,
    /// What people call the record, or its id.
    pub name: String,
    /// Where it can be opened: an address with `https` or `http`.
    pub url: Option<String>,
    /// The payload's entries: texts as they are, everything else as JSON.
    pub payload: Vec<(String, String)>,
}

impl About {
    /// Of what is dialled.
    pub fn of(call: &CallRequest) -> Self {
        let record = call.record.as_ref();
        let payload = js::parse_object(&call.payload.as_json().into()).unwrap_or_default();
        Self {
            kind: record.map(|record| record.kind.clone()).unwrap_or_default(),
            name: record
                .map(|record| record.name.as_ref().unwrap_or(&record.id).clone())
                .unwrap_or_default(),
            // A page's own data: an address that runs something is none.
            url: record
                .and_then(|record| record.url.clone())
                .filter(|url| url.starts_with("https://") || url.starts_with("http://")),
            payload: js::entries(&payload)
                .into_iter()
                .map(|(key, value)| (key, shown(&value)))
                .collect(),
        }
    }

    /// For another tab.
    pub fn write(&self) -> JsValue {
        let object = Object::new();
        js::set_text(&object, "kind", Some(&self.kind));
        js::set_text(&object, "name", Some(&self.name));
        js::set_text(&object, "url", self.url.as_deref());
        let payload = Object::new();
        for (key, value) in &self.payload {
            js::set_text(&payload, key, Some(value));
        }
        js::set(&object, "payload", &payload);
        object.into()
    }

    /// From another tab.
    pub fn read(object: &JsValue) -> Self {
        let text = |key| js::text(object, key);
        Self {
            kind: text("kind").unwrap_or_default(),
            name: text("name").unwrap_or_default(),
            url: text("url"),
            payload: js::entries(&js::get(object, "payload"))
                .into_iter()
                .map(|(key, value)| (key, shown(&value)))
                .collect(),
        }
    }

    /// Whether nothing travels.
    pub fn is_empty(&self) -> bool {
        self.name.is_empty() && self.payload.is_empty()
    }
}

fn shown(value: &JsValue) -> String {
    value
        .as_string()
        .or_else(|| js::stringify(value))
        .unwrap_or_default()
}

/// Which call is which.
#[derive(Default)]
pub struct Abouts {
    /// Dialled, and not seen yet: number, when, what.
    dialled: Vec<(String, u64, About)>,
    /// By call.
    known: Vec<(String, About)>,
    seen: Vec<String>,
}

impl Abouts {
    /// Something is dialled, here or in another tab.
    pub fn dialled(&mut self, number: String, about: About, now: u64) {
        self.dialled.push((number, now, about));
    }

    /// The view has changed.
    pub fn review(&mut self, view: &View, now: u64) {
        self.dialled
            .retain(|(_, at, _)| now.saturating_sub(*at) < SHOWS_WITHIN);
        for call in &view.calls {
            if self.seen.contains(&call.id) || call.direction != Direction::Outbound {
                continue;
            }
            // The newest counts: a redial may be about another record.
            let is_it = |number: &str| *number == *call.to;
            let newest = self.dialled.iter().rev().find(|(number, ..)| is_it(number));
            if let Some((_, _, about)) = newest {
                self.known.push((call.id.clone(), about.clone()));
                self.dialled.retain(|(number, ..)| !is_it(number));
            }
        }
        if self.known.len() > KEPT {
            self.known.drain(..1);
        }
        self.seen = view.calls.iter().map(|call| call.id.clone()).collect();
    }

    /// What travels with a call.
    pub fn of(&self, call: &str) -> Option<&About> {
        self.known
            .iter()
            .find(|(id, _)| id == call)
            .map(|(_, about)| about)
    }
}
