//! Which field of a CRM record is dialled, and which fields travel with the call.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::error::{Code, Error};

/// For each CRM object type, its [`TypeMapping`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntityMapping(BTreeMap<String, TypeMapping>);

/// The mapping of one CRM object type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeMapping {
    /// Fields that may hold the number, in order; the first that is filled is dialled.
    pub number: Vec<String>,
    /// Payload key → field of the record.
    #[serde(default)]
    pub payload: BTreeMap<String, String>,
}

/// What a mapping makes of one record. `V` is the host's own kind of value: it is passed through, never
/// converted.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved<V> {
    /// The number as the record has it, if a field is filled.
    pub number: Option<String>,
    /// The payload's entries, by key.
    pub payload: Vec<(String, V)>,
}

impl FromIterator<(String, TypeMapping)> for EntityMapping {
    fn from_iter<T: IntoIterator<Item = (String, TypeMapping)>>(types: T) -> Self {
        Self(types.into_iter().collect())
    }
}

impl EntityMapping {
    /// The object types and their mappings, by name.
    pub fn types(&self) -> impl Iterator<Item = (&str, &TypeMapping)> {
        let types = self.0.iter();
        types.map(|(kind, mapping)| (kind.as_str(), mapping))
    }

    /// Applies the mapping to a record of type `kind`.
    ///
    /// `field` gives the record's value of a field, `None` where there is none. `text` gives a value's text
    /// if it is a string or a number, `None` otherwise; white space alone does not count as filled.
    ///
    /// # Errors
    /// [`Code::InvalidField`] where the mapping does not know the type.
    pub fn resolve<V>(
        &self,
        kind: &str,
        field: impl Fn(&str) -> Option<V>,
        text: impl Fn(&V) -> Option<String>,
    ) -> Result<Resolved<V>, Error> {
        let mapping = self.0.get(kind).ok_or_else(|| {
            Error::of(
                Code::InvalidField,
                "type",
                format!("The entity mapping has no type \"{kind}\"."),
            )
        })?;
        let payload = mapping
            .payload
            .iter()
            .map(|(key, name)| (key.as_str(), name.as_str()));
        Ok(resolve(
            mapping.number.iter().map(String::as_str),
            payload,
            field,
            text,
        ))
    }
}

/// Applies the mapping of one type: `number` are the fields that may hold the number, `payload` are pairs of
/// payload key and field. For hosts that read JSON by other means than serde; else see
/// [`EntityMapping::resolve`].
pub fn resolve<'a, V>(
    number: impl IntoIterator<Item = &'a str>,
    payload: impl IntoIterator<Item = (&'a str, &'a str)>,
    field: impl Fn(&str) -> Option<V>,
    text: impl Fn(&V) -> Option<String>,
) -> Resolved<V> {
    let number = number
        .into_iter()
        .filter_map(|name| text(&field(name)?))
        .map(|text| text.trim().to_owned())
        .find(|text| !text.is_empty());
    let payload = payload
        .into_iter()
        .filter_map(|(key, name)| Some((key.to_owned(), field(name)?)))
        .collect();
    Resolved { number, payload }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_fixture_records_are_resolved_as_it_says() {
        let fixture: Value =
            serde_json::from_str(include_str!("../../../tests/fixtures/entity-mapping.json"))
                .unwrap();
        let mapping: EntityMapping = serde_json::from_value(fixture["mapping"].clone()).unwrap();
        for case in fixture["cases"].as_array().unwrap() {
            let resolved = mapping.resolve(
                case["type"].as_str().unwrap(),
                |name| case["fields"].get(name).cloned(),
                |value| match value {
                    Value::String(text) => Some(text.clone()),
                    Value::Number(number) => Some(number.to_string()),
                    _ => None,
                },
            );
            match case.get("code") {
                Some(code) => assert_eq!(resolved.unwrap_err().code.as_str(), code),
                None => {
                    let resolved = resolved.unwrap();
                    assert_eq!(resolved.number.as_deref(), case["number"].as_str());
                    let payload: serde_json::Map<_, _> = resolved.payload.into_iter().collect();
                    assert_eq!(Value::Object(payload), case["payload"]);
                }
            }
        }
    }

    #[test]
    fn an_unknown_key_in_a_mapping_is_named() {
        let error =
            serde_json::from_str::<EntityMapping>(r#"{"Lead": {"numbers": []}}"#).unwrap_err();
        assert!(error.to_string().contains("numbers"), "{error}");
    }
}
