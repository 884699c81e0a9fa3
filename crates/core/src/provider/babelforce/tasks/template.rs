//! Callbacks through a template of the account: what of a callback goes where.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::scheduled_at;
use crate::callback::CallbackRequest;
use crate::error::{Code, Error};
use crate::payload::Payload;
use crate::provider::babelforce::{Id, json_text};
use crate::provider::tasks::{Style, When};

/// The most places that a template is given.
const MAX_PLACES: usize = 50;
/// The most parts of a [`Place`].
const MAX_PARTS: usize = 8;
/// The most characters of a fixed text.
const MAX_TEXT: usize = 1_000;

/// Where what of a callback goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::provider::babelforce) struct Places(BTreeMap<Place, Source>);

/// A path of a task, as `body.to`: in the published template's words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place(Vec<String>);

/// What is put there.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Number,
    Time,
    Queue,
    DisplayAs,
    Payload,
    /// One entry of the payload: a field of the form has its name there.
    Entry(String),
    Text(String),
}

/// What a topic says beside the callback itself.
pub(in crate::provider::babelforce) struct Said<'a> {
    pub queue: &'a Id,
    pub display_as: Option<&'a str>,
}

impl Places {
    /// Reads `{"body.to": "number", "body.name": "payload.name"}`.
    ///
    /// # Errors
    /// [`Code::InvalidField`] with field `template_fields` and the place; [`Code::MissingField`] where there is no
    /// place for the number or the time.
    pub fn read(written: &BTreeMap<String, String>) -> Result<Self, Error> {
        if written.len() > MAX_PLACES {
            return Err(wrong("", "A template is given at most 50 places."));
        }
        let mut places = BTreeMap::new();
        for (place, source) in written {
            places.insert(Place::read(place)?, Source::read(place, source)?);
        }
        // In their order, one that lies within another follows it at once or after others within it.
        let mut last: Option<&Place> = None;
        for place in places.keys() {
            if let Some(last) = last.filter(|last| place.0.starts_with(&last.0)) {
                let message = format!(
                    "It lies within \"{}\", which has a value already.",
                    last.0.join(".")
                );
                return Err(wrong(&place.0.join("."), &message));
            }
            last = Some(place);
        }
        let has = |wanted: &Source| places.values().any(|source| source == wanted);
        for (source, example) in [
            (Source::Number, "body.to = \"number\""),
            // Without it, whoever asked for a call tomorrow would be called now.
            (Source::Time, "scheduled_at = \"time\""),
        ] {
            if !has(&source) {
                let message = format!("Something is missing there, as {example}.");
                return Err(Error::of(Code::MissingField, "template_fields", message));
            }
        }
        Ok(Self(places))
    }

    /// Where things go if a topic says nothing about it: as in the tasks that Patchcord makes without a template.
    pub fn usual() -> Self {
        let place = |parts: &[&str]| Place(parts.iter().map(|&part| part.to_owned()).collect());
        Self(BTreeMap::from([
            (place(&["queue_id"]), Source::Queue),
            (place(&["scheduled_at"]), Source::Time),
            (place(&["body", "number"]), Source::Number),
            (place(&["body", "display_as"]), Source::DisplayAs),
            (place(&["body", "payload"]), Source::Payload),
        ]))
    }

    /// Whether a place wants the caller id that the visitor sees.
    pub fn want_display_as(&self) -> bool {
        self.0.values().any(|source| *source == Source::DisplayAs)
    }

    /// The body of the request, in `style`. An entry that this payload does not have is left out.
    ///
    /// # Errors
    /// Never for what JSON can hold.
    pub fn fill(
        &self,
        style: Style,
        said: &Said<'_>,
        callback: &CallbackRequest,
    ) -> Result<String, Error> {
        let entries = entries(&callback.payload);
        let mut root = Branch::default();
        for (place, source) in &self.0 {
            let value = match source {
                Source::Number => Some(text(callback.number.as_e164())?),
                Source::Time => {
                    let when = callback.at.map_or(When::Now, When::At);
                    Some(text(&scheduled_at::write(when))?)
                }
                Source::Queue => Some(text(said.queue.as_str())?),
                Source::DisplayAs => said.display_as.map(text).transpose()?,
                Source::Payload => Some(raw(callback.payload.as_json().to_owned())?),
                Source::Entry(name) => entries.get(name).cloned(),
                Source::Text(fixed) => Some(text(fixed)?),
            };
            match (value, style) {
                (None, _) => {}
                (Some(value), Style::Flat) => root.put(&[place.0.join(".")], value),
                (Some(value), Style::Hierarchy) => root.put(&place.0, value),
            }
        }
        json_text(&root)
    }
}

impl Place {
    fn read(text: &str) -> Result<Self, Error> {
        let parts: Vec<_> = text.split('.').map(str::to_owned).collect();
        let plain = |part: &String| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        };
        // The other properties of a task decide what the platform does; they are the template's.
        let known = match parts.as_slice() {
            [only] => matches!(only.as_str(), "queue_id" | "scheduled_at" | "type"),
            [first, ..] => first == "body",
            [] => false,
        };
        if known && parts.len() <= MAX_PARTS && parts.iter().all(plain) {
            Ok(Self(parts))
        } else {
            Err(wrong(
                text,
                "A place is queue_id, scheduled_at, type, or a path within body, as body.to.",
            ))
        }
    }
}

impl Source {
    /// `payload.<name>` and `text:<a fixed text>`.
    fn named(text: &str) -> Option<Self> {
        let entry = text
            .strip_prefix("payload.")
            .filter(|name| !name.is_empty());
        let fixed = text
            .strip_prefix("text:")
            .filter(|fixed| fixed.chars().count() <= MAX_TEXT);
        entry
            .map(|name| Self::Entry(name.to_owned()))
            .or_else(|| fixed.map(|fixed| Self::Text(fixed.to_owned())))
    }

    fn read(place: &str, text: &str) -> Result<Self, Error> {
        let source = match text {
            "number" => Some(Self::Number),
            "time" => Some(Self::Time),
            "queue_id" => Some(Self::Queue),
            "display_as" => Some(Self::DisplayAs),
            "payload" => Some(Self::Payload),
            _ => Self::named(text),
        };
        let source = source.ok_or_else(|| {
            wrong(
                place,
                "What goes there is number, time, queue_id, display_as, payload, payload.<name>, or text:<a fixed text>.",
            )
        })?;
        let fits = match place {
            "scheduled_at" => source == Self::Time,
            "queue_id" => matches!(source, Self::Queue | Self::Text(_)),
            "type" => matches!(source, Self::Text(_)),
            _ => source != Self::Time,
        };
        if fits {
            Ok(source)
        } else {
            Err(wrong(
                place,
                "scheduled_at takes time, and nothing else does; queue_id takes queue_id or a fixed text, type a fixed text.",
            ))
        }
    }
}

fn wrong(place: &str, message: &str) -> Error {
    let field = match place {
        "" => "template_fields".to_owned(),
        place => format!("template_fields.{place}"),
    };
    Error::of(Code::InvalidField, field, message.to_owned())
}

/// Objects within objects. Values stay the text that they were.
#[derive(Default)]
struct Branch(BTreeMap<String, Node>);

enum Node {
    Branch(Branch),
    Leaf(Box<RawValue>),
}

impl Branch {
    fn put(&mut self, path: &[String], value: Box<RawValue>) {
        match path {
            [] => {}
            [last] => {
                self.0.insert(last.clone(), Node::Leaf(value));
            }
            [first, rest @ ..] => {
                let node = self
                    .0
                    .entry(first.clone())
                    .or_insert_with(|| Node::Branch(Branch::default()));
                if let Node::Branch(branch) = node {
                    branch.put(rest, value);
                }
            }
        }
    }
}

impl Serialize for Branch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(&self.0)
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Branch(branch) => branch.serialize(serializer),
            Node::Leaf(value) => value.serialize(serializer),
        }
    }
}

fn text(text: &str) -> Result<Box<RawValue>, Error> {
    raw(json_text(&text)?)
}

fn raw(json: String) -> Result<Box<RawValue>, Error> {
    RawValue::from_string(json).map_err(|e| {
        Error::new(
            Code::Internal,
            format!("The request could not be written: {e}."),
        )
    })
}

/// A payload's entries; of a key that is there twice, the last.
fn entries(payload: &Payload) -> BTreeMap<String, Box<RawValue>> {
    serde_json::from_str(payload.as_json()).unwrap_or_default()
}
