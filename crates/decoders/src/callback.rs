//! The body of `POST /v1/callbacks`: what is accepted is whole, may be dialled, and was agreed to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use patchcord_core::number::PhoneNumber;
use patchcord_core::payload::Payload;
use patchcord_relay::config::{Field, FieldKind, SiteKey};
use patchcord_relay::{callbacks, clock};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::codes::check_problem;
use crate::world;

/// Takes any bytes as the body, with each publishable key.
pub fn check(data: &[u8]) {
    let _ = accepted(data);
}

/// With how many keys it was accepted, after everything was checked.
pub fn accepted(data: &[u8]) -> usize {
    world::with(|world| {
        let relay = &world.relay;
        let keys = relay.config.keys.values();
        keys.filter(|key| match callbacks::read(relay, key, data) {
            Ok(_) => {
                check_accepted(key, data);
                true
            }
            Err(problem) => {
                check_problem(&problem);
                false
            }
        })
        .count()
    })
}

fn check_accepted(key: &SiteKey, data: &[u8]) {
    let body: BTreeMap<String, Box<RawValue>> = read(data);
    let text = |name: &str| -> Option<String> {
        let raw = body.get(name)?;
        read(raw.get().as_bytes())
    };
    for name in body.keys() {
        let known = [
            "number",
            "extension",
            "topic",
            "at",
            "fields",
            "payload",
            "consent",
            "proof",
            "captcha",
            "page",
        ];
        assert!(known.contains(&name.as_str()), "{name}");
    }
    let number: PhoneNumber = text("number").expect("a number").parse().expect("E.164");
    let country = ["+49", "+43"]
        .iter()
        .any(|code| number.as_e164().starts_with(code));
    assert!(country, "of no configured country");
    assert!(key.topics.contains(&text("topic").expect("a topic")));
    if let Some(at) = text("at") {
        assert!(clock::from_rfc3339(&at).is_some(), "{at}");
    }
    if let Some(payload) = body.get("payload").filter(|raw| raw.get() != "null") {
        assert!(Payload::from_json(payload.get()).is_ok());
    }
    let fields: BTreeMap<String, Value> = match body.get("fields") {
        Some(raw) => read::<Option<_>>(raw.get().as_bytes()).unwrap_or_default(),
        None => BTreeMap::new(),
    };
    let topic = text("topic").expect("a topic");
    for field in &key.fields {
        let given = fields.get(&field.name).unwrap_or(&Value::Null);
        let is_asked = |topics: &BTreeSet<String>| topics.contains(&topic);
        if field.topics.as_ref().is_none_or(is_asked) {
            check_field(field, given);
        } else {
            assert!(!fields.contains_key(&field.name), "{}", field.name);
        }
    }
    if let Some(honeypot) = &key.honeypot {
        let filled = fields.get(honeypot).and_then(Value::as_str);
        let filled = filled.unwrap_or_default();
        assert!(filled.trim().is_empty(), "a program was let in");
    }
    if let Some(consent) = &key.consent {
        let given: serde_json::Value = read(body["consent"].get().as_bytes());
        assert_eq!(given["given"], true);
        assert_eq!(given["version"], consent.version.as_str());
    }
    assert!(key.proof.is_none(), "nobody here can solve a challenge");
}

/// What was filled in is of the field's type, and there where it has to be.
fn check_field(field: &Field, given: &Value) {
    let name = &field.name;
    if field.kind == FieldKind::Checkbox {
        assert!(given.is_boolean() || given.is_null(), "{name}");
        assert!(!field.required || *given == true, "{name} is not checked");
        return;
    }
    assert!(given.is_string() || given.is_null(), "{name} is no text");
    let text = given.as_str().unwrap_or_default();
    if text.trim().is_empty() {
        assert!(!field.required, "{name} is empty");
        return;
    }
    let at_most = |text: &str, max: u32| {
        let characters = u64::try_from(text.chars().count()).expect("a small number");
        assert!(characters <= u64::from(max), "{name} is too long");
    };
    match &field.kind {
        FieldKind::Text { max } | FieldKind::Hidden { max } => at_most(text, *max),
        FieldKind::Email { max } => {
            at_most(text.trim(), *max);
            assert!(text.contains('@'), "{name} is no address");
        }
        FieldKind::Select { options } => {
            assert!(options.iter().any(|option| option.value == text), "{name}");
        }
        FieldKind::Date { min, max } => {
            let day: Date = text.parse().expect("a day");
            assert!(min.is_none_or(|min| min <= day), "{name} is too early");
            assert!(max.is_none_or(|max| day <= max), "{name} is too late");
        }
        FieldKind::Checkbox => {}
    }
}

fn read<T: DeserializeOwned>(json: &[u8]) -> T {
    serde_json::from_slice(json).expect("JSON of this form")
}
