//! The custom entity data that travels with a call.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::{Code, Error};
use crate::json::{self, Json};
use crate::text::digits;

/// The most bytes of a payload, as compact JSON in UTF-8.
pub const MAX_BYTES: usize = 16_384;
/// The most levels of a payload; the object itself is the first.
pub const MAX_DEPTH: usize = 16;

/// Any JSON object within [`MAX_BYTES`] and [`MAX_DEPTH`].
///
/// It is kept as the text that was received, so that it arrives value for value: large numbers, `1.0`
/// against `1`, the order of keys. `Debug` shows its size only.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload(Box<str>);

impl Payload {
    /// Reads a payload from JSON text.
    ///
    /// # Errors
    /// [`Code::PayloadInvalid`], [`Code::PayloadTooLarge`] or [`Code::PayloadTooDeep`], with field `payload`.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        // Deeper than the check goes: no need to look further.
        let depth = measure(text).depth;
        if depth > json::MAX_DEPTH {
            return Err(too_deep(depth));
        }
        json::check(text).map_err(|right| {
            let right = digits(right as u64);
            let message = ["The payload is not valid JSON, from byte ", &right, " on."].concat();
            Error::of(Code::PayloadInvalid, "payload", message)
        })?;
        Self::checked(text.trim_ascii())
    }

    /// Checks what is valid JSON.
    fn checked(text: &str) -> Result<Self, Error> {
        if !text.starts_with('{') {
            return Err(Error::of(
                Code::PayloadInvalid,
                "payload",
                "The payload has to be a JSON object.",
            ));
        }
        let size = measure(text);
        if size.bytes > MAX_BYTES {
            return Err(Error::of(
                Code::PayloadTooLarge,
                "payload",
                too_much(size.bytes, "bytes", MAX_BYTES),
            ));
        }
        if size.depth > MAX_DEPTH {
            return Err(too_deep(size.depth));
        }
        // Only reading it finds a lone surrogate in a key.
        if members(text).any(|(key, _)| read_text(key).is_none()) {
            return Err(Error::of(
                Code::PayloadInvalid,
                "payload",
                "The payload has a key that is no text.",
            ));
        }
        Ok(Self(text.into()))
    }

    /// The payload as JSON text, as it was received.
    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// Whether it has no entries.
    pub fn is_empty(&self) -> bool {
        members(self.as_json()).next().is_none()
    }

    /// The payload with `entries` added after its own; a key that it already has is left as it is.
    ///
    /// What is added does not count towards the limits.
    pub fn with<'a>(&self, entries: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        let entries = entries
            .into_iter()
            .map(|(key, value)| (key, value.to_string()));
        self.with_json(entries)
    }

    /// The same with JSON text for each value.
    pub(crate) fn with_json<'a>(
        &self,
        entries: impl IntoIterator<Item = (&'a str, String)>,
    ) -> Self {
        let own: Vec<String> = self.keys().collect();
        let mut text = self
            .as_json()
            .strip_suffix('}')
            .unwrap_or_default()
            .to_owned();
        let before = text.len();
        for (key, value) in entries {
            if own.iter().all(|own| own != key) {
                if !own.is_empty() || text.len() > before {
                    text.push(',');
                }
                json::text(&mut text, key);
                text.push(':');
                text.push_str(&value);
            }
        }
        text.push('}');
        Self(text.into())
    }

    fn keys(&self) -> impl Iterator<Item = String> {
        members(self.as_json()).filter_map(|(key, _)| read_text(key))
    }

    /// The flattening rule, for platforms whose session values are strings.
    ///
    /// Each top-level entry becomes one string. A JSON string is kept as it is unless it begins with `json:`;
    /// every other value, and such a string, becomes `json:` and its JSON.
    pub fn flatten(&self) -> BTreeMap<String, String> {
        self.flat().into_iter().collect()
    }

    /// The same as a list. Of several entries under one key the last counts.
    pub(crate) fn flat(&self) -> Vec<(String, String)> {
        let mut flat: Vec<(String, String)> = Vec::new();
        for (key, raw) in members(self.as_json()) {
            let Some(key) = read_text(key) else { continue };
            let value = match read_text(raw) {
                Some(text) if !text.starts_with(PREFIX) => text,
                _ => [PREFIX, raw].concat(),
            };
            match flat.iter_mut().find(|(known, _)| *known == key) {
                Some((_, old)) => *old = value,
                None => flat.push((key, value)),
            }
        }
        flat
    }

    /// Reverses [`Payload::flatten`].
    ///
    /// # Errors
    /// [`Code::PayloadInvalid`] where text after `json:` is no JSON, and the limits as in
    /// [`Payload::from_json`].
    pub fn unflatten(flat: &BTreeMap<String, String>) -> Result<Self, Error> {
        let mut text = String::from("{");
        for (key, value) in flat {
            if text.len() > 1 {
                text.push(',');
            }
            json::text(&mut text, key);
            text.push(':');
            match value.strip_prefix(PREFIX) {
                Some(json) => text.push_str(json),
                None => json::text(&mut text, value),
            }
        }
        text.push('}');
        Self::from_json(&text)
    }
}

fn too_deep(depth: usize) -> Error {
    let message = too_much(depth, "levels", MAX_DEPTH);
    Error::of(Code::PayloadTooDeep, "payload", message)
}

fn too_much(has: usize, what: &str, allowed: usize) -> String {
    let (has, allowed) = (digits(has as u64), digits(allowed as u64));
    [
        "The payload has ",
        &has,
        " ",
        what,
        ", ",
        &allowed,
        " are allowed.",
    ]
    .concat()
}

const PREFIX: &str = "json:";

impl Default for Payload {
    fn default() -> Self {
        Self("{}".into())
    }
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw = RawValue::from_string(self.as_json().to_owned());
        raw.map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload ({} bytes)", self.as_json().len())
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::checked(raw.get()).map_err(serde::de::Error::custom)
    }
}

/// The text that a JSON string stands for; `None` for anything else, and for a lone surrogate.
fn read_text(raw: &str) -> Option<String> {
    let string = raw.starts_with('"').then(|| Json::read(raw.as_bytes()))?;
    match string? {
        Json::Text(text) => Some(text.into_owned()),
        _ => None,
    }
}

/// The members of a valid JSON object as raw JSON: key (in its quotes) and value, without white space around
/// them. By hand, because serde's maps cost 6 kB in the browser.
fn members(object: &str) -> impl Iterator<Item = (&str, &str)> {
    let inner = object.trim_ascii().strip_prefix('{').unwrap_or_default();
    let mut rest = inner.strip_suffix('}').unwrap_or_default();
    std::iter::from_fn(move || {
        let (key, after) = split_value(rest)?;
        let (value, after) = split_value(after.trim_ascii_start().strip_prefix(':')?)?;
        let after = after.trim_ascii_start();
        rest = after.strip_prefix(',').unwrap_or(after);
        Some((key, value))
    })
}

/// The first value of a text that begins with one, and what comes after it.
fn split_value(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_ascii_start();
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        let ends = match byte {
            _ if in_string => {
                in_string = escaped || byte != b'"';
                escaped = byte == b'\\' && !escaped;
                !in_string && depth == 0
            }
            b'"' => {
                in_string = true;
                false
            }
            b'{' | b'[' => {
                depth += 1;
                false
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                depth == 0
            }
            b',' | b':' if depth == 0 => {
                let (value, after) = text.split_at_checked(at)?;
                return Some((value.trim_ascii_end(), after));
            }
            _ => false,
        };
        if ends {
            return text.split_at_checked(at + 1);
        }
    }
    (!text.is_empty()).then_some((text.trim_ascii_end(), ""))
}

struct Size {
    bytes: usize,
    depth: usize,
}

/// Bytes without insignificant white space, and the deepest level, of a valid JSON text.
fn measure(text: &str) -> Size {
    let (mut bytes, mut depth, mut deepest) = (0_usize, 0_usize, 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    for byte in text.bytes() {
        if in_string {
            bytes += 1;
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => continue,
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        bytes += 1;
    }
    Size {
        bytes,
        depth: deepest,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>()
                .prop_filter("finite", |f| f.is_finite())
                .prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
            "json:.{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(".{0,6}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn any_object() -> impl Strategy<Value = Value> {
        proptest::collection::btree_map(".{0,6}", any_json(), 0..5)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
    }

    #[test]
    fn the_text_is_kept_as_it_came() {
        let text = r#"{"big": 12345678901234567890123, "one": 1.0, "z": 1e400, "a": [ ] }"#;
        let payload = Payload::from_json(text).unwrap();
        assert_eq!(payload.as_json(), text);
        assert_eq!(serde_json::to_string(&payload).unwrap(), text);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in [
            "",
            "[]",
            "1",
            "null",
            "\"{}\"",
            "{",
            "{\"a\":}",
            "{\"\\ud800\":1}",
        ] {
            assert_eq!(
                Payload::from_json(text).unwrap_err().code,
                Code::PayloadInvalid,
                "{text}"
            );
        }
    }

    #[test]
    fn the_limits_are_exact() {
        let object = |n: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(n - 8));
        assert!(Payload::from_json(&object(MAX_BYTES)).is_ok());
        assert_eq!(
            Payload::from_json(&object(MAX_BYTES + 1)).unwrap_err().code,
            Code::PayloadTooLarge
        );

        let nested = |n: usize| format!("{{\"a\":{}{}}}", "[".repeat(n - 1), "]".repeat(n - 1));
        assert!(Payload::from_json(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(
            Payload::from_json(&nested(MAX_DEPTH + 1)).unwrap_err().code,
            Code::PayloadTooDeep
        );
        assert!(Payload::from_json(&nested(200)).is_err());
        assert!(Payload::from_json(r#"{"brackets in text": "[[[[[[[[[[[[[[[[[[[[\"[[["}"#).is_ok());
    }

    #[test]
    fn entries_are_added_after_its_own_and_never_replace_them() {
        let with = |text| {
            let payload = Payload::from_json(text).unwrap();
            payload
                .with([("id", Value::from("x")), ("n", Value::from(1))])
                .as_json()
                .to_owned()
        };
        assert_eq!(with(r#"{"id":1.0}"#), r#"{"id":1.0,"n":1}"#);
        assert_eq!(with("{ }"), r#"{ "id":"x","n":1}"#);
        assert_eq!(with(r#"{"id":1,"n":2}"#), r#"{"id":1,"n":2}"#);
    }

    #[test]
    fn the_fixture_is_flattened_as_it_says() {
        let fixture: Value =
            serde_json::from_str(include_str!("../../../tests/fixtures/payload.json")).unwrap();
        let payload = Payload::from_json(&fixture["payload"].to_string()).unwrap();
        let flat = serde_json::to_value(payload.flatten()).unwrap();
        assert_eq!(flat, fixture["flattened"]);
    }

    proptest! {
        #[test]
        fn flattening_can_be_reversed(object in any_object()) {
            let payload = Payload::from_json(&object.to_string()).unwrap();
            let back = Payload::unflatten(&payload.flatten()).unwrap();
            let before: Value = serde_json::from_str(&object.to_string()).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(back.as_json()).unwrap(), before);
        }

        #[test]
        fn any_text_is_read_or_refused_and_never_panics(text in ".*") {
            let _ = Payload::from_json(&text);
        }

        #[test]
        fn the_members_are_the_ones_that_serde_finds(object in any_object(), indent in any::<bool>()) {
            let text = if indent { serde_json::to_string_pretty(&object) } else { serde_json::to_string(&object) };
            let text = text.unwrap();
            let expected: BTreeMap<String, &RawValue> = serde_json::from_str(&text).unwrap();
            let expected: Vec<_> = expected.iter().map(|(key, raw)| (key.clone(), raw.get())).collect();
            let mut found: Vec<_> = members(&text).map(|(key, raw)| (read_text(key).unwrap(), raw)).collect();
            found.sort_unstable();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn adding_entries_keeps_valid_json(object in any_object(), key in ".{0,6}", value in any_json()) {
            let payload = Payload::from_json(&object.to_string()).unwrap();
            let with = payload.with([(key.as_str(), value.clone())]);
            let read: Value = serde_json::from_str(with.as_json()).unwrap();
            let expected = object.get(&key).unwrap_or(&value).to_string();
            prop_assert_eq!(&read[&key], &serde_json::from_str::<Value>(&expected).unwrap());
        }
    }
}
