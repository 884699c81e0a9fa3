//! The body of `POST /v1/callbacks`: what is accepted is whole, may be dialled, and was agreed to.

use std::collections::BTreeMap;

use patchcord_core::number::PhoneNumber;
use patchcord_core::payload::Payload;
use patchcord_relay::config::SiteKey;
use patchcord_relay::{callbacks, clock};
use serde::de::DeserializeOwned;
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
    let fields: BTreeMap<String, Option<String>> = match body.get("fields") {
        Some(raw) => read::<Option<_>>(raw.get().as_bytes()).unwrap_or_default(),
        None => BTreeMap::new(),
    };
    for field in &key.fields {
        let given = fields
            .get(&field.name)
            .and_then(Option::as_deref)
            .unwrap_or_default();
        assert!(
            !field.required || !given.trim().is_empty(),
            "{} is empty",
            field.name
        );
        let characters = u64::try_from(given.chars().count()).expect("a small number");
        assert!(given.trim().is_empty() || characters <= u64::from(field.max));
    }
    if let Some(honeypot) = &key.honeypot {
        let filled = fields
            .get(honeypot)
            .and_then(Option::as_deref)
            .unwrap_or_default();
        assert!(filled.trim().is_empty(), "a program was let in");
    }
    if let Some(consent) = &key.consent {
        let given: serde_json::Value = read(body["consent"].get().as_bytes());
        assert_eq!(given["given"], true);
        assert_eq!(given["version"], consent.version.as_str());
    }
    assert!(key.proof.is_none(), "nobody here can solve a challenge");
}

fn read<T: DeserializeOwned>(json: &[u8]) -> T {
    serde_json::from_slice(json).expect("JSON of this form")
}
