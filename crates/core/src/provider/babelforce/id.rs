//! Ids of entities.

use std::fmt;

use serde::{Deserialize, Deserializer};

use crate::error::{Code, Error};

/// The id of an agent, queue, call or task: 32 hexadecimal digits without hyphens.
///
/// The OpenAPI says `format: uuid`, but a hyphenated id in a path gives a 404; so hyphens are taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Id(String);

impl Id {
    /// Reads an id, with or without hyphens.
    ///
    /// # Errors
    /// [`Code::InvalidField`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let id: String = text
            .chars()
            .filter(|&c| c != '-')
            .map(|c| c.to_ascii_lowercase())
            .collect();
        if id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self(id))
        } else {
            Err(Error::of(
                Code::InvalidField,
                "id",
                "A babelforce id has 32 hexadecimal digits.",
            ))
        }
    }

    /// The id as it goes on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
