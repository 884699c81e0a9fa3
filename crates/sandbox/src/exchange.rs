//! A request and its reply as plain values. Both platforms are functions from one to the other.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Serialize;
use serde_json::value::RawValue;

/// Milliseconds since the Unix epoch, UTC.
pub(crate) type Millis = u64;

/// One request as it arrived.
#[derive(Clone)]
pub(crate) struct Request {
    pub method: Method,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub at: Millis,
}

impl Request {
    /// The path without its first `/`, split at every `/`.
    pub fn segments(&self) -> Vec<&str> {
        self.path.trim_start_matches('/').split('/').collect()
    }

    /// The first value of a query parameter that is not empty.
    pub fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name)?;
        Some(found.1.as_str()).filter(|value| !value.is_empty())
    }

    /// Where it was asked for, `host:port`.
    pub fn host(&self) -> &str {
        let host = self.headers.get("host").and_then(|host| host.to_str().ok());
        host.unwrap_or("sandbox.invalid")
    }

    /// The media type of the body, in lower case and without parameters.
    pub fn media_type(&self) -> Option<String> {
        let value = self.headers.get("content-type")?.to_str().ok()?;
        let (media_type, _parameters) = value.split_once(';').unwrap_or((value, ""));
        Some(media_type.trim().to_ascii_lowercase())
    }

    /// The body as a JSON object.
    pub fn object(&self) -> Result<Fields, BodyError> {
        if self.media_type().as_deref() != Some("application/json") {
            return Err(BodyError::NotJsonType);
        }
        serde_json::from_slice(&self.body)
            .map(Fields)
            .map_err(|error| BodyError::Malformed(error.to_string()))
    }

    /// The body as an HTML form.
    pub fn form(&self) -> Result<BTreeMap<String, String>, BodyError> {
        if self.media_type().as_deref() != Some("application/x-www-form-urlencoded") {
            return Err(BodyError::NotFormType);
        }
        Ok(form_urlencoded::parse(&self.body).into_owned().collect())
    }
}

/// Why a body could not be read at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("Content-Type must be application/json")]
    NotJsonType,
    #[error("Content-Type must be application/x-www-form-urlencoded")]
    NotFormType,
    #[error("the body is not a JSON object: {0}")]
    Malformed(String),
}

/// Why a field was not accepted.
#[derive(Debug, thiserror::Error)]
#[error("{field} {problem}")]
pub(crate) struct FieldError {
    pub field: &'static str,
    pub problem: &'static str,
}

/// The members of a JSON object, each as the text that was received: what a caller sends as a
/// payload is kept digit by digit and in its order.
pub(crate) struct Fields(BTreeMap<String, Box<RawValue>>);

impl Fields {
    /// A JSON object; `None` for what is none.
    pub fn read(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok().map(Self)
    }

    /// These members.
    pub fn of(members: BTreeMap<String, Box<RawValue>>) -> Self {
        Self(members)
    }

    /// Every member.
    pub fn all(self) -> BTreeMap<String, Box<RawValue>> {
        self.0
    }

    /// A member, unless it is absent or `null`.
    pub fn any(&self, field: &str) -> Option<Box<RawValue>> {
        let value = self.0.get(field)?;
        (value.get() != "null").then(|| value.clone())
    }

    pub fn text(&self, field: &'static str) -> Result<Option<String>, FieldError> {
        self.parsed(field, "must be a string")
    }

    pub fn required_text(&self, field: &'static str) -> Result<String, FieldError> {
        match self.text(field)? {
            Some(text) if !text.trim().is_empty() => Ok(text),
            _ => Err(FieldError {
                field,
                problem: "is required",
            }),
        }
    }

    pub fn flag(&self, field: &'static str) -> Result<Option<bool>, FieldError> {
        self.parsed(field, "must be true or false")
    }

    pub fn object(&self, field: &'static str) -> Result<Option<Box<RawValue>>, FieldError> {
        match self.any(field) {
            Some(value) if !value.get().starts_with('{') => Err(FieldError {
                field,
                problem: "must be an object",
            }),
            value => Ok(value),
        }
    }

    fn parsed<T: serde::de::DeserializeOwned>(
        &self,
        field: &'static str,
        problem: &'static str,
    ) -> Result<Option<T>, FieldError> {
        self.any(field)
            .map(|value| serde_json::from_str(value.get()))
            .transpose()
            .map_err(|_| FieldError { field, problem })
    }
}

/// One reply as it leaves.
#[derive(Clone)]
pub(crate) struct Reply {
    pub status: u16,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub body: Bytes,
}

impl Reply {
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => Self::new(status, "application/json", body),
            Err(error) => Self::new(500, "text/plain; charset=utf-8", error.to_string()),
        }
    }

    pub fn new(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let content_type = HeaderValue::from_static(content_type);
        Self {
            status,
            headers: vec![(HeaderName::from_static("content-type"), content_type)],
            body: body.into(),
        }
    }

    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    pub fn with_header(mut self, name: &'static str, value: HeaderValue) -> Self {
        self.headers.push((HeaderName::from_static(name), value));
        self
    }
}
