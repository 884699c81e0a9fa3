//! What a mapping makes of a record: the rule of [`patchcord_core::entity`], on a record that somebody pastes.

use std::collections::BTreeSet;

use maud::{Markup, html};
use patchcord_core::entity::EntityMapping;
use serde_json::{Map, Value};

use super::draft::Wrong;

/// A record to try.
pub struct Sample {
    /// Its object type.
    pub kind: String,
    /// Its fields, a JSON object.
    pub fields: String,
}

/// What became of it.
pub struct Preview {
    number: Option<String>,
    payload: String,
    /// Fields that the mapping reads and the record does not have.
    absent: Vec<String>,
}

/// Applies the mapping to a record that was pasted.
///
/// # Errors
/// A record that is no JSON object, or a type that is not mapped.
pub fn preview(mapping: &EntityMapping, sample: &Sample) -> Result<Preview, Wrong> {
    let fields: Map<String, Value> =
        serde_json::from_str(&sample.fields).map_err(|error| Wrong {
            field: "sample".to_owned(),
            problem: format!("it is no JSON object: {error}"),
            remedy: "Paste the record's fields, as {\"Phone\": \"+49 30 123456\"}.".to_owned(),
        })?;
    of(mapping, &sample.kind, &fields)
}

/// Applies the mapping to a record's fields.
///
/// # Errors
/// A type that is not mapped.
pub fn of(
    mapping: &EntityMapping,
    kind: &str,
    fields: &Map<String, Value>,
) -> Result<Preview, Wrong> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let resolved = mapping
        .resolve(kind, |name| fields.get(name).cloned(), text)
        .map_err(|_| Wrong {
            field: "sample_type".to_owned(),
            problem: format!("`{kind}` is not one of the object types"),
            remedy: format!("Use one of: {}.", names(mapping)),
        })?;
    let payload: Map<String, Value> = resolved.payload.into_iter().collect();
    let read: BTreeSet<&String> = mapping
        .types()
        .filter(|(known, _)| *known == kind)
        .flat_map(|(_, mapping)| mapping.number.iter().chain(mapping.payload.values()))
        .collect();
    let absent = read.into_iter().filter(|name| !fields.contains_key(*name));
    Ok(Preview {
        number: resolved.number,
        payload: serde_json::to_string_pretty(&payload).unwrap_or_default(),
        absent: absent.cloned().collect(),
    })
}

fn names(mapping: &EntityMapping) -> String {
    let names: Vec<_> = mapping.types().map(|(kind, _)| kind).collect();
    names.join(", ")
}

/// As people see it.
pub fn show(preview: &Preview) -> Markup {
    html! {
        div.result role="status" {
            h3 { "What becomes of it" }
            dl.facts {
                div {
                    dt { "Dialled" }
                    dd {
                        @match &preview.number {
                            Some(number) => span.number { (number) },
                            None => span.doubt { "no field is filled: the number that was clicked, or none" },
                        }
                    }
                }
                div { dt { "Goes along" } dd { pre { (preview.payload) } } }
                @if !preview.absent.is_empty() {
                    div { dt { "Not in this record" } dd.address { (preview.absent.join(", ")) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping() -> EntityMapping {
        serde_json::from_str(
            r#"{"Lead": {"number": ["Mobile", "Phone"], "payload": {"name": "Name", "deal": "Deal"}}}"#,
        )
        .unwrap()
    }

    fn sample(kind: &str, fields: &str) -> Sample {
        Sample {
            kind: kind.to_owned(),
            fields: fields.to_owned(),
        }
    }

    #[test]
    fn nested_values_stay_as_they_are_and_what_is_missing_is_named() {
        let record = sample(
            "Lead",
            r#"{"Phone": " +49 30 1 ", "Deal": {"a": [1, null]}}"#,
        );
        let preview = preview(&mapping(), &record).ok().unwrap();
        assert_eq!(preview.number.as_deref(), Some("+49 30 1"));
        let payload: Value = serde_json::from_str(&preview.payload).unwrap();
        assert_eq!(payload, serde_json::json!({"deal": {"a": [1, null]}}));
        assert_eq!(preview.absent, ["Mobile", "Name"]);
    }

    #[test]
    fn a_record_that_cannot_be_tried_is_said_at_its_field() {
        for (kind, fields, field) in [
            ("Lead", "[]", "sample"),
            ("Lead", "{", "sample"),
            ("Case", "{}", "sample_type"),
        ] {
            let wrong = preview(&mapping(), &sample(kind, fields)).err().unwrap();
            assert_eq!(wrong.field, field);
        }
    }
}
