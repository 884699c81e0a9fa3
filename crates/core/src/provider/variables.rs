//! Variables of a call that runs: what later steps of the platform's call flow can read.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;

use crate::error::{Code, Error};
use crate::http::{Reply, Request};
use crate::outcome::Outcome;
use crate::payload::{MAX_BYTES, MAX_DEPTH, Payload};
use crate::secret::Secret;

/// The most variables that are set at once.
pub const MAX_VARIABLES: usize = 50;
/// The most bytes of a name.
pub const MAX_NAME: usize = 128;

/// Names and values to set: 1 to [`MAX_VARIABLES`], within the limits of a [`Payload`], value for value as they came.
/// `Debug` shows the names.
#[derive(Clone, PartialEq, Eq)]
pub struct Variables {
    json: Payload,
    names: Vec<String>,
}

impl Variables {
    /// Reads a JSON object of names and values.
    ///
    /// # Errors
    /// [`Code::InvalidField`] with the field `variables`, or `variables.` and the name.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let json = Payload::from_json(text).map_err(|error| {
            let says = match error.code {
                Code::PayloadTooLarge => {
                    format!("Variables have at most {MAX_BYTES} bytes in all.")
                }
                Code::PayloadTooDeep => format!("Variables have at most {MAX_DEPTH} levels."),
                _ => "Variables are a JSON object of names and values.".to_owned(),
            };
            wrong(says)
        })?;
        let names: BTreeMap<String, IgnoredAny> = serde_json::from_str(json.as_json())
            .map_err(|_| wrong("Variables are a JSON object of names and values.".to_owned()))?;
        let names: Vec<String> = names.into_keys().collect();
        if names.is_empty() || names.len() > MAX_VARIABLES {
            return Err(wrong(format!(
                "1 to {MAX_VARIABLES} variables are set at once."
            )));
        }
        for name in &names {
            if name.is_empty() || name.len() > MAX_NAME || name.chars().any(char::is_control) {
                return Err(wrong_name(
                    name,
                    format!("A name has 1 to {MAX_NAME} bytes, and no control characters."),
                ));
            }
        }
        Ok(Self { json, names })
    }

    /// The names, sorted.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// As JSON text, as it was received.
    pub fn as_json(&self) -> &str {
        self.json.as_json()
    }
}

impl std::fmt::Debug for Variables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Variables").field(&self.names).finish()
    }
}

fn wrong(says: String) -> Error {
    Error::of(Code::InvalidField, "variables", says)
}

/// What is wrong with a variable, by its name. One that is too long to be shown is cut.
pub(super) fn wrong_name(name: &str, says: String) -> Error {
    let shown: String = name.chars().take(MAX_NAME).collect();
    Error::of(Code::InvalidField, format!("variables.{shown}"), says)
}

/// A platform whose calls have variables.
pub trait CallVariables: Sync {
    /// The request that sets variables of a call, by the platform's own id of it. What the call has under other names
    /// stays as it is.
    ///
    /// # Errors
    /// [`Code::InvalidField`] for an impossible id, and for a name that the platform would ignore.
    fn set(
        &self,
        call: &str,
        variables: &Variables,
        token: Option<&Secret>,
    ) -> Result<Request, Error>;

    /// What became of it.
    fn read_set(&self, reply: Reply) -> Outcome;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(text: &str) -> String {
        let error = Variables::from_json(text).unwrap_err();
        assert_eq!(error.code, Code::InvalidField);
        error.field.unwrap().into_owned()
    }

    #[test]
    fn variables_are_kept_as_they_came() {
        let text = r#"{"app.b": 1.0, "app.a": {"c": [12345678901234567890123]}}"#;
        let variables = Variables::from_json(text).unwrap();
        assert_eq!(variables.as_json(), text);
        assert_eq!(variables.names(), ["app.a", "app.b"]);
        assert!(!format!("{variables:?}").contains("1.0"));
    }

    #[test]
    fn what_is_over_a_limit_is_refused_with_its_field() {
        for text in ["", "[]", "7", "{", "{}", &"[".repeat(200)] {
            assert_eq!(field(text), "variables", "{text}");
        }
        assert_eq!(
            field(&format!(r#"{{"app.a": "{}"}}"#, "x".repeat(MAX_BYTES))),
            "variables"
        );
        let many: Vec<String> = (0..=MAX_VARIABLES)
            .map(|n| format!("\"app.{n}\": 1"))
            .collect();
        assert_eq!(field(&format!("{{{}}}", many.join(","))), "variables");
        assert_eq!(field(r#"{"": 1}"#), "variables.");
        assert_eq!(field(r#"{"app.\n": 1}"#), "variables.app.\n");
        let long = "a".repeat(MAX_NAME + 1);
        assert_eq!(
            field(&format!(r#"{{"{long}": 1}}"#)).len(),
            "variables.".len() + MAX_NAME
        );
    }
}
