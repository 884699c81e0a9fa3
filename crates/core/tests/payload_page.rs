//! docs/payload.md: what its examples say is what happens.
#![allow(
    clippy::expect_used,
    reason = "clippy.toml allows it in test functions; the functions they share are tests too"
)]

use std::collections::BTreeMap;

use patchcord_core::entity::EntityMapping;
use patchcord_core::payload::Payload;
use serde_json::{Value, json};

const PAGE: &str = include_str!("../../../docs/payload.md");

/// The code block below `<!-- example: name -->`.
fn example(name: &str) -> &'static str {
    let mark = format!("<!-- example: {name} -->\n```");
    let (_, rest) = PAGE.split_once(&mark).expect("the page has the example");
    let (_, block) = rest.split_once('\n').expect("a block begins");
    block.split_once("\n```").expect("the block ends").0
}

fn read(name: &str) -> Value {
    serde_json::from_str(example(name)).expect("the example is JSON")
}

#[test]
fn the_mapping_of_the_page_makes_what_the_page_says_of_its_record() {
    let mapping: EntityMapping = serde_json::from_value(read("mapping")).unwrap();
    let fields = read("fields");
    let resolved = mapping
        .resolve(
            "Lead",
            |name| fields.get(name).cloned(),
            |value| match value {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            },
        )
        .unwrap();
    let payload: serde_json::Map<_, _> = resolved.payload.into_iter().collect();
    assert_eq!(
        json!({ "number": resolved.number, "payload": payload }),
        read("resolved")
    );
}

#[test]
fn the_mapping_in_the_relays_configuration_says_the_same() {
    let [heading, lines @ ..] = &example("configured").lines().collect::<Vec<_>>()[..] else {
        panic!("the example has a heading");
    };
    assert_eq!(*heading, "[host.entities.Lead]");
    // Line by line: a TOML reader is not among what this crate is tested with.
    let mapping = &read("mapping")["Lead"];
    for line in lines {
        let (key, value) = line.split_once(" = ").unwrap();
        let mut value = value.to_owned();
        if key == "payload" {
            for name in mapping["payload"].as_object().unwrap().keys() {
                value = value.replace(&format!("{name} = "), &format!("\"{name}\": "));
            }
        }
        assert_eq!(
            serde_json::from_str::<Value>(&value).unwrap(),
            mapping[key],
            "{key}"
        );
    }
    assert_eq!(lines.len(), 2);
}

#[test]
fn a_payload_of_the_page_arrives_as_texts_and_can_be_read_again() {
    let payload = Payload::from_json(example("payload")).unwrap();
    let flat = payload.flatten();
    let expected: BTreeMap<String, String> = serde_json::from_value(read("flattened")).unwrap();
    assert_eq!(flat, expected);
    let again: Value = serde_json::from_str(Payload::unflatten(&flat).unwrap().as_json()).unwrap();
    assert_eq!(again, read("payload"));
}

#[test]
fn a_record_is_added_beside_the_payload() {
    let sent = read("sent");
    let record = sent["patchcord_record"].clone();
    let payload = Payload::from_json(r#"{"score": 87.5}"#).unwrap();
    let with = payload.with([("patchcord_record", record)]);
    assert_eq!(serde_json::from_str::<Value>(with.as_json()).unwrap(), sent);
}
