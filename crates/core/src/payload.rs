//! The custom entity data that travels with a call.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::{Code, Error};

/// The most bytes of a payload, as compact JSON in UTF-8.
pub const MAX_BYTES: usize = 16_384;
/// The most levels of a payload; the object itself is the first.
pub const MAX_DEPTH: usize = 16;

/// Any JSON object within [`MAX_BYTES`] and [`MAX_DEPTH`].
///
/// It is kept as the text that was received, so that it arrives value for value: large numbers, `1.0`
/// against `1`, the order of keys. `Debug` shows its size only.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Payload(Box<RawValue>);

impl Payload {
    /// Reads a payload from JSON text.
    ///
    /// # Errors
    /// [`Code::PayloadInvalid`], [`Code::PayloadTooLarge`] or [`Code::PayloadTooDeep`], with field `payload`.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let raw: Box<RawValue> = serde_json::from_str(text).map_err(|e| {
            Error::of(
                Code::PayloadInvalid,
                "payload",
                format!("The payload is not valid JSON: {e}."),
            )
        })?;
        Self::checked(raw)
    }

    fn checked(raw: Box<RawValue>) -> Result<Self, Error> {
        let text = raw.get();
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
                format!(
                    "The payload has {} bytes, {MAX_BYTES} are allowed.",
                    size.bytes
                ),
            ));
        }
        if size.depth > MAX_DEPTH {
            return Err(Error::of(
                Code::PayloadTooDeep,
                "payload",
                format!(
                    "The payload has {} levels, {MAX_DEPTH} are allowed.",
                    size.depth
                ),
            ));
        }
        // The raw text was skipped over, not read: only reading it finds a lone surrogate in a key.
        if serde_json::from_str::<BTreeMap<String, &RawValue>>(text).is_err() {
            return Err(Error::of(
                Code::PayloadInvalid,
                "payload",
                "The payload has a key that is no text.",
            ));
        }
        Ok(Self(raw))
    }

    /// The payload as JSON text, as it was received.
    pub fn as_json(&self) -> &str {
        self.0.get()
    }

    /// Whether it has no entries.
    pub fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }

    /// The top-level keys with their values, as raw JSON.
    fn entries(&self) -> BTreeMap<String, &RawValue> {
        serde_json::from_str(self.as_json()).unwrap_or_default()
    }

    /// The payload with `entries` added after its own; a key that it already has is left as it is.
    ///
    /// What is added does not count towards the limits.
    pub fn with<'a>(&self, entries: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        let own = self.entries();
        let mut added = String::new();
        for (key, value) in entries {
            if !own.contains_key(key) {
                added.push_str(&format!(",{}:{value}", Value::from(key)));
            }
        }
        if added.is_empty() {
            return self.clone();
        }
        let inner = self
            .as_json()
            .trim_end()
            .strip_suffix('}')
            .unwrap_or_default();
        let added = if own.is_empty() {
            added.trim_start_matches(',')
        } else {
            &added
        };
        match RawValue::from_string(format!("{inner}{added}}}")) {
            Ok(raw) => Self(raw),
            Err(_) => self.clone(),
        }
    }

    /// The flattening rule, for platforms whose session values are strings.
    ///
    /// Each top-level entry becomes one string. A JSON string is kept as it is unless it begins with `json:`;
    /// every other value, and such a string, becomes `json:` and its JSON.
    pub fn flatten(&self) -> BTreeMap<String, String> {
        self.entries()
            .into_iter()
            .map(|(key, raw)| {
                let flat = match serde_json::from_str::<String>(raw.get()) {
                    Ok(text) if !text.starts_with(PREFIX) => text,
                    _ => format!("{PREFIX}{}", raw.get()),
                };
                (key, flat)
            })
            .collect()
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
            text.push_str(&Value::from(key.as_str()).to_string());
            text.push(':');
            match value.strip_prefix(PREFIX) {
                Some(json) => text.push_str(json),
                None => text.push_str(&Value::from(value.as_str()).to_string()),
            }
        }
        text.push('}');
        Self::from_json(&text)
    }
}

const PREFIX: &str = "json:";

impl Default for Payload {
    fn default() -> Self {
        Self(RawValue::from_string("{}".into()).unwrap_or_else(|_| RawValue::NULL.to_owned()))
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.as_json() == other.as_json()
    }
}

impl Eq for Payload {}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload ({} bytes)", self.as_json().len())
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::checked(raw).map_err(serde::de::Error::custom)
    }
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
        fn adding_entries_keeps_valid_json(object in any_object(), key in ".{0,6}", value in any_json()) {
            let payload = Payload::from_json(&object.to_string()).unwrap();
            let with = payload.with([(key.as_str(), value.clone())]);
            let read: Value = serde_json::from_str(with.as_json()).unwrap();
            let expected = object.get(&key).unwrap_or(&value).to_string();
            prop_assert_eq!(&read[&key], &serde_json::from_str::<Value>(&expected).unwrap());
        }
    }
}
