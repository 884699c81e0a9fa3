//! `fields` of a `[[key]]`: what a form asks for besides the number.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;

use super::ConfigError;
use super::words::Words;
use crate::hours::local::date;

/// The payload keys that are the relay's own begin so.
pub const RESERVED: &str = "patchcord_";
/// The most characters of a text, where nothing is said.
const USUAL_MAX: u32 = 200;
/// The most characters that an address can have (RFC 5321, 4.5.3.1.3, without the angle brackets).
const EMAIL_MAX: u32 = 254;
/// The most fields that a page may add.
const MOST_PAGE_FIELDS: u8 = 50;

/// A field, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawField {
    name: String,
    #[serde(default, rename = "type")]
    kind: RawKind,
    label: Option<Words>,
    #[serde(default)]
    required: bool,
    max: Option<u32>,
    autocomplete: Option<String>,
    options: Option<Vec<RawChoice>>,
    min_date: Option<String>,
    max_date: Option<String>,
    topics: Option<BTreeSet<String>>,
}

/// `type`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawKind {
    #[default]
    Text,
    Email,
    Select,
    Checkbox,
    Date,
    Hidden,
}

/// One of `options`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawChoice {
    value: String,
    label: Words,
}

/// Something that a form asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name in `fields` and in the payload.
    pub name: String,
    /// The name for people. Its own name for what nobody sees.
    pub label: Option<Words>,
    /// Whether it has to be filled in; a checkbox has to be checked.
    pub required: bool,
    /// What a browser may fill in, in the words of HTML's `autocomplete`.
    pub autocomplete: Option<String>,
    /// The topics it is asked for; all without.
    pub topics: Option<BTreeSet<String>>,
    /// What may be filled in.
    pub kind: Kind,
}

/// What may be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Any text of at most so many characters.
    Text {
        /// The most characters.
        max: u32,
    },
    /// An e-mail address.
    Email {
        /// The most characters.
        max: u32,
    },
    /// One of these, at least one.
    Select {
        /// In the order in which they are shown.
        options: Vec<Choice>,
    },
    /// Yes or no.
    Checkbox,
    /// A day of the calendar.
    Date {
        /// The first one that is taken.
        min: Option<Date>,
        /// The last one that is taken.
        max: Option<Date>,
    },
    /// A text that the page fills in, and nobody sees.
    Hidden {
        /// The most characters.
        max: u32,
    },
}

/// One of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// As it travels.
    pub value: String,
    /// For people.
    pub label: Words,
}

impl Field {
    /// Whether a form about this topic asks for it.
    pub fn is_asked_for(&self, topic: &str) -> bool {
        self.topics
            .as_ref()
            .is_none_or(|topics| topics.contains(topic))
    }

    /// The name for people who work here.
    pub fn usual_label(&self) -> &str {
        self.label
            .as_ref()
            .map_or(self.name.as_str(), |label| label.usual())
    }
}

/// Checks the fields of the key at `path`, which has these topics.
pub fn fields(
    path: &str,
    list: Vec<RawField>,
    topics: &[String],
) -> Result<Vec<Field>, ConfigError> {
    let mut fields: Vec<Field> = Vec::new();
    for (place, raw) in list.into_iter().enumerate() {
        let path = format!("{path}.fields[{place}]");
        if fields.iter().any(|field| field.name == raw.name) {
            return Err(super::check::twice(&format!("{path}.name"), &raw.name));
        }
        fields.push(field(&path, raw, topics)?);
    }
    Ok(fields)
}

fn field(path: &str, raw: RawField, key_topics: &[String]) -> Result<Field, ConfigError> {
    if raw.name.trim().is_empty() || raw.name.starts_with(RESERVED) {
        return Err(ConfigError::new(
            format!("{path}.name"),
            format!("it is empty, or begins with `{RESERVED}`"),
            "Write the name under which it travels, as company.",
        ));
    }
    for topic in raw.topics.iter().flatten() {
        if !key_topics.contains(topic) {
            return Err(ConfigError::new(
                format!("{path}.topics"),
                format!("the key has no topic `{topic}`"),
                "Name topics of this key, or leave it out for all of them.",
            ));
        }
    }
    let autocomplete = raw.autocomplete.as_deref();
    if autocomplete.is_some_and(|tokens| !is_autocomplete(tokens)) {
        return Err(ConfigError::new(
            format!("{path}.autocomplete"),
            "it is not in the words of HTML",
            "Write a value of HTML's `autocomplete`, as organization.",
        ));
    }
    if raw.label.is_none() && raw.kind != RawKind::Hidden {
        return Err(ConfigError::new(
            format!("{path}.label"),
            "it is missing",
            "Write what people see beside the field.",
        ));
    }
    Ok(Field {
        kind: kind(path, &raw)?,
        name: raw.name,
        label: raw.label,
        required: raw.required,
        autocomplete: raw.autocomplete,
        topics: raw.topics,
    })
}

fn kind(path: &str, raw: &RawField) -> Result<Kind, ConfigError> {
    let text = matches!(raw.kind, RawKind::Text | RawKind::Email | RawKind::Hidden);
    for (key, is_there, belongs) in [
        ("max", raw.max.is_some(), text),
        (
            "options",
            raw.options.is_some(),
            raw.kind == RawKind::Select,
        ),
        (
            "min_date",
            raw.min_date.is_some(),
            raw.kind == RawKind::Date,
        ),
        (
            "max_date",
            raw.max_date.is_some(),
            raw.kind == RawKind::Date,
        ),
    ] {
        if is_there && !belongs {
            return Err(ConfigError::new(
                format!("{path}.{key}"),
                "a field of this `type` has none",
                "Leave it out, or write another `type`.",
            ));
        }
    }
    if raw.max == Some(0) {
        return Err(ConfigError::new(
            format!("{path}.max"),
            "it is 0",
            "Write the most characters, as 200.",
        ));
    }
    let max = raw.max.unwrap_or(USUAL_MAX);
    Ok(match raw.kind {
        RawKind::Text => Kind::Text { max },
        RawKind::Hidden => Kind::Hidden { max },
        RawKind::Email => Kind::Email {
            max: raw.max.unwrap_or(EMAIL_MAX).min(EMAIL_MAX),
        },
        RawKind::Checkbox => Kind::Checkbox,
        RawKind::Select => Kind::Select {
            options: choices(path, raw.options.as_deref().unwrap_or_default())?,
        },
        RawKind::Date => {
            let min = bound(&format!("{path}.min_date"), raw.min_date.as_deref())?;
            let max = bound(&format!("{path}.max_date"), raw.max_date.as_deref())?;
            if min.zip(max).is_some_and(|(min, max)| min > max) {
                return Err(ConfigError::new(
                    format!("{path}.max_date"),
                    "it is before `min_date`",
                    "Write the last day that is taken.",
                ));
            }
            Kind::Date { min, max }
        }
    })
}

fn choices(path: &str, raw: &[RawChoice]) -> Result<Vec<Choice>, ConfigError> {
    let mut choices: Vec<Choice> = Vec::new();
    for (place, choice) in raw.iter().enumerate() {
        let path = format!("{path}.options[{place}].value");
        if choice.value.trim().is_empty() {
            return Err(ConfigError::new(
                path,
                "it is empty",
                "Write what travels when it is chosen. What need not be chosen is not `required`.",
            ));
        }
        if choices.iter().any(|other| other.value == choice.value) {
            return Err(super::check::twice(&path, &choice.value));
        }
        choices.push(Choice {
            value: choice.value.clone(),
            label: choice.label.clone(),
        });
    }
    if choices.is_empty() {
        return Err(ConfigError::new(
            format!("{path}.options"),
            "there is nothing to choose from",
            "Write options = [{ value = \"…\", label = \"…\" }].",
        ));
    }
    Ok(choices)
}

fn bound(path: &str, text: Option<&str>) -> Result<Option<Date>, ConfigError> {
    text.map(date)
        .transpose()
        .map_err(|error| ConfigError::new(path, error.to_string(), "Write it as \"2026-12-24\"."))
}

/// Words of small letters, digits and hyphens: what a page can show as it is.
fn is_autocomplete(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b' ';
    !text.trim().is_empty() && text.len() <= 100 && text.bytes().all(allowed)
}

/// Checks `page_fields` of the key at `path`.
pub fn page_fields(path: &str, most: u8) -> Result<u8, ConfigError> {
    if most <= MOST_PAGE_FIELDS {
        return Ok(most);
    }
    Err(ConfigError::new(
        format!("{path}.page_fields"),
        format!("it is more than {MOST_PAGE_FIELDS}"),
        "Write how many fields a page may add, as 5.",
    ))
}
