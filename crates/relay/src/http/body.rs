//! Request bodies, read strictly: every refusal names the field.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use patchcord_core::error::{Code, Error};
use patchcord_core::payload::Payload;
use serde::Deserialize;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::problem::Problem;

/// The most bytes of a request body.
pub const MAX_BYTES: usize = 65_536;

/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A body that is declared as JSON and not too large; not read yet.
pub struct JsonBytes(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for JsonBytes {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let declared = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        if !declared.is_some_and(is_json) {
            return Err(Problem::new(
                Code::UnsupportedMediaType,
                "The body is not declared as JSON.",
            )
            .with_remedy("Send Content-Type: application/json."));
        }
        let (parts, body) = request.into_parts();
        match collect(&parts.headers, body, MAX_BYTES).await {
            Err(problem) if problem.code() == Code::BodyTooLarge => {
                Err(problem.with_remedy("Send less; a payload may have 16384 bytes."))
            }
            collected => collected.map(Self),
        }
    }
}

/// A body of at most so many bytes, as soon as it is there.
///
/// # Errors
/// [`Code::BodyTooLarge`], [`Code::RequestTimeout`].
pub async fn collect(headers: &HeaderMap, body: Body, most: usize) -> Result<Bytes, Problem> {
    let too_large = || {
        Problem::new(
            Code::BodyTooLarge,
            format!("The body has more than {most} bytes."),
        )
    };
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    if announced
        .and_then(|text| text.parse::<u64>().ok())
        .is_some_and(|n| n > most as u64)
    {
        return Err(too_large());
    }
    match tokio::time::timeout(PATIENCE, to_bytes(body, most)).await {
        Err(_) => Err(Problem::new(
            Code::RequestTimeout,
            "The body did not come in time.",
        )),
        Ok(Ok(bytes)) => Ok(bytes),
        // The limit and a broken connection look alike here; nobody reads the reply to the latter.
        Ok(Err(_)) => Err(too_large()),
    }
}

/// Whether this `Content-Type` is JSON in UTF-8.
pub fn is_json(declared: &str) -> bool {
    let mut parts = declared.split(';').map(str::trim);
    let json = parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    // JSON is UTF-8 (RFC 8259); a parameter may only say so.
    json && parts.all(|part| part.is_empty() || is_utf_8(part))
}

fn is_utf_8(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        let quoted = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
        name.eq_ignore_ascii_case("charset")
            && quoted.unwrap_or(value).eq_ignore_ascii_case("utf-8")
    })
}

/// The members of a JSON object that were not taken yet. Values keep the text they came in.
pub struct Members {
    within: &'static str,
    members: Vec<(String, Box<RawValue>)>,
}

impl Members {
    /// Reads an object.
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let read: Object = serde_json::from_slice(bytes).map_err(|error| {
            let detail = if error.is_data() {
                "The body has to be a JSON object, each key once.".to_owned()
            } else {
                format!(
                    "The body is not JSON: line {}, column {}.",
                    error.line(),
                    error.column()
                )
            };
            Problem::new(Code::InvalidJson, detail)
        })?;
        Ok(Self {
            within: "",
            members: read.0,
        })
    }

    /// Takes a member that has to be there.
    pub fn required<T: DeserializeOwned>(
        &mut self,
        name: &str,
        expected: &str,
    ) -> Result<T, Problem> {
        self.optional(name, expected)?.ok_or_else(|| {
            Problem::of(
                Code::MissingField,
                self.path(name),
                format!("`{}` is missing: {expected}.", self.path(name)),
            )
        })
    }

    /// Takes a member; `null` is as good as absent.
    pub fn optional<T: DeserializeOwned>(
        &mut self,
        name: &str,
        expected: &str,
    ) -> Result<Option<T>, Problem> {
        let Some(raw) = self.take(name) else {
            return Ok(None);
        };
        serde_json::from_str(raw.get()).map(Some).map_err(|_| {
            Problem::of(
                Code::InvalidField,
                self.path(name),
                format!("`{}` has to be {expected}.", self.path(name)),
            )
        })
    }

    /// Takes a member for which `null` means something: `None` is absent, `Some(None)` is `null`.
    pub fn nullable<T: DeserializeOwned>(
        &mut self,
        name: &str,
        expected: &str,
    ) -> Result<Option<Option<T>>, Problem> {
        let is_there = self.members.iter().any(|(key, _)| key == name);
        let value = self.optional(name, expected)?;
        Ok(is_there.then_some(value))
    }

    /// Takes a text that has a form of its own, such as a number.
    pub fn parsed<T: std::str::FromStr<Err: Into<Error>>>(
        &mut self,
        name: &str,
    ) -> Result<Option<T>, Problem> {
        match self.optional::<String>(name, "text")? {
            None => Ok(None),
            Some(text) => text
                .parse()
                .map(Some)
                .map_err(|error: T::Err| error.into().at(self.path(name)).into()),
        }
    }

    /// Takes the payload, as the text it is.
    pub fn payload(&mut self) -> Result<Payload, Problem> {
        match self.take("payload") {
            None => Ok(Payload::default()),
            Some(raw) => Ok(Payload::from_json(raw.get())?),
        }
    }

    /// Takes an object within the object.
    pub fn members(&mut self, name: &'static str) -> Result<Option<Members>, Problem> {
        let Some(raw) = self.take(name) else {
            return Ok(None);
        };
        let read: Object = serde_json::from_str(raw.get()).map_err(|_| {
            Problem::of(
                Code::InvalidField,
                name,
                format!("`{name}` has to be an object, each key once."),
            )
        })?;
        Ok(Some(Members {
            within: name,
            members: read.0,
        }))
    }

    /// The names of what was not taken yet.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(name, _)| name.as_str())
    }

    /// Refuses what was not taken.
    pub fn finish(self) -> Result<(), Problem> {
        match self.members.first() {
            None => Ok(()),
            Some((name, _)) => {
                let path = self.path(name);
                Err(Problem::of(
                    Code::UnknownField,
                    path.clone(),
                    format!("`{path}` is not known here."),
                )
                .with_remedy("Remove it, or correct its spelling."))
            }
        }
    }

    fn take(&mut self, name: &str) -> Option<Box<RawValue>> {
        let place = self.members.iter().position(|(key, _)| key == name)?;
        Some(self.members.swap_remove(place).1).filter(|raw| raw.get() != "null")
    }

    fn path(&self, name: &str) -> String {
        match self.within {
            "" => name.to_owned(),
            within => format!("{within}.{name}"),
        }
    }
}

/// The members of an object in their order; a key that is there twice is an error, because nobody can say
/// which one was meant.
struct Object(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Object;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members: Vec<(String, Box<RawValue>)> = Vec::new();
                while let Some((key, value)) = map.next_entry()? {
                    if members.iter().any(|(known, _)| *known == key) {
                        return Err(serde::de::Error::custom("a key is there twice"));
                    }
                    members.push((key, value));
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code<T>(result: Result<T, Problem>) -> Code {
        match result {
            Ok(_) => panic!("should have been refused"),
            Err(problem) => problem.code(),
        }
    }

    #[test]
    fn each_kind_of_bad_body_has_its_code() {
        for text in [
            "",
            "{",
            "[]",
            "1",
            "{\"a\":1,\"a\":2}",
            "{\"a\":1} x",
            "\u{feff}{}",
        ] {
            assert_eq!(
                code(Members::read(text.as_bytes())),
                Code::InvalidJson,
                "{text}"
            );
        }
        assert_eq!(
            code(
                Members::read(b"{\"a\":\"\xff\"}")
                    .and_then(|mut m| m.required::<String>("a", "text"))
            ),
            Code::InvalidJson
        );
        let mut members = Members::read(br#"{"a":1,"b":"x"}"#).unwrap();
        assert_eq!(
            code(members.required::<String>("a", "text")),
            Code::InvalidField
        );
        assert_eq!(
            code(members.required::<String>("c", "text")),
            Code::MissingField
        );
        assert_eq!(code(members.finish()), Code::UnknownField);
    }

    #[test]
    fn only_json_in_utf_8_is_declared_right() {
        for ok in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/json;charset=\"utf-8\"",
        ] {
            assert!(is_json(ok), "{ok}");
        }
        for bad in [
            "text/plain",
            "application/json; charset=latin1",
            "application/jsonp",
            "application/json; charset=u\"tf-8\"",
            "",
        ] {
            assert!(!is_json(bad), "{bad}");
        }
    }
}
