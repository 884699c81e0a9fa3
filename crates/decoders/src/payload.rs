//! The payload: kept as the text it came in, and back the same from its flat form.

use std::collections::BTreeMap;

use patchcord_core::error::Code;
use patchcord_core::payload::{MAX_DEPTH, Payload};
use serde_json::Value;
use serde_json::value::RawValue;

/// Takes any bytes as a payload.
pub fn check(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    match Payload::from_json(text) {
        Ok(payload) => check_accepted(&payload, text),
        Err(error) => {
            let codes = [
                Code::PayloadInvalid,
                Code::PayloadTooLarge,
                Code::PayloadTooDeep,
            ];
            assert!(codes.contains(&error.code), "{error:?}");
            assert_eq!(error.field.as_deref(), Some("payload"));
        }
    }
}

fn check_accepted(payload: &Payload, text: &str) {
    let kept = text.trim_matches([' ', '\t', '\r', '\n']);
    assert_eq!(payload.as_json(), kept, "the text is kept");
    assert_eq!(serde_json::to_string(payload).expect("JSON"), kept);
    if let Ok(value) = serde_json::from_str::<Value>(kept) {
        assert!(value.is_object());
        assert!(depth(&value) <= MAX_DEPTH);
    }
    let own = entries(payload);
    assert_eq!(payload.is_empty(), own.is_empty());

    let flat = payload.flatten();
    assert!(flat.keys().eq(own.keys()));
    let back = Payload::unflatten(&flat).expect("what was flattened can be read");
    let again = entries(&back);
    assert!(again.keys().eq(own.keys()));
    for (key, value) in &own {
        assert_eq!(meaning(value), meaning(&again[key]), "{key}");
    }
    assert_eq!(back.flatten(), flat);

    let with = payload.with([("patchcord_record", Value::from("x"))]);
    let mut expected = own;
    expected
        .entry("patchcord_record".to_owned())
        .or_insert_with(|| "\"x\"".to_owned());
    assert_eq!(entries(&with), expected, "nothing is lost or replaced");
    let shown = format!("Payload ({} bytes)", kept.len());
    assert_eq!(format!("{payload:?}"), shown, "no log shows it");
}

/// The raw values by key; read without the payload's own code.
fn entries(payload: &Payload) -> BTreeMap<String, String> {
    let raw: BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(payload.as_json()).expect("an object");
    raw.into_iter()
        .map(|(key, value)| (key, value.get().to_owned()))
        .collect()
}

/// A text by what it says, all else as it is written.
fn meaning(raw: &str) -> String {
    serde_json::from_str::<String>(raw)
        .map_or_else(|_| raw.to_owned(), |text| format!("text {text}"))
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
