//! Refusals in SCIM's own shape (RFC 7644, 3.12).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use patchcord_core::error::Code;
use serde_json::json;

use super::schema::{CONTENT_TYPE, ERROR};
use crate::http::problem::Problem;
use crate::random::NoRandomness;

/// Why something was not done.
#[derive(Debug, Clone)]
pub struct Refusal {
    status: StatusCode,
    /// SCIM's own word (`scimType`), where it has one.
    word: Option<&'static str>,
    detail: String,
    code: Code,
}

impl Refusal {
    fn new(
        status: StatusCode,
        word: Option<&'static str>,
        code: Code,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            status,
            word,
            detail: detail.into(),
            code,
        }
    }

    /// A token that is none.
    pub fn unauthorized() -> Self {
        let detail = "The token is missing, or none that this relay knows.";
        Self::new(StatusCode::UNAUTHORIZED, None, Code::KeyUnknown, detail)
    }

    /// Too many tokens that are none.
    pub fn too_many() -> Self {
        let detail = "Too many wrong tokens came from this address. Wait an hour.";
        let status = StatusCode::TOO_MANY_REQUESTS;
        Self::new(status, None, Code::TooManyRequests, detail)
    }

    /// There is no such thing, or it is another organisation's.
    pub fn not_found() -> Self {
        let detail = "There is nobody and nothing with this id.";
        Self::new(StatusCode::NOT_FOUND, None, Code::NotFound, detail)
    }

    /// What was sent cannot be read.
    pub fn syntax(detail: impl Into<String>) -> Self {
        let word = Some("invalidSyntax");
        Self::new(StatusCode::BAD_REQUEST, word, Code::InvalidJson, detail)
    }

    /// A filter that is not known here.
    pub fn filter(detail: impl Into<String>) -> Self {
        let word = Some("invalidFilter");
        Self::new(StatusCode::BAD_REQUEST, word, Code::InvalidField, detail)
    }

    /// An attribute that does not exist.
    pub fn path(detail: impl Into<String>) -> Self {
        let word = Some("invalidPath");
        Self::new(StatusCode::BAD_REQUEST, word, Code::UnknownField, detail)
    }

    /// A removal that does not say of what.
    pub fn no_target() -> Self {
        let detail = "A removal needs a `path`.";
        let word = Some("noTarget");
        Self::new(StatusCode::BAD_REQUEST, word, Code::MissingField, detail)
    }

    /// A value that an attribute cannot have.
    pub fn value(attribute: &str, expected: &str) -> Self {
        let detail = format!("`{attribute}` has to be {expected}.");
        let word = Some("invalidValue");
        Self::new(StatusCode::BAD_REQUEST, word, Code::InvalidField, detail)
    }

    /// Somebody or something has this already.
    pub fn taken(attribute: &str) -> Self {
        let detail = format!("Another one has this `{attribute}` already.");
        let word = Some("uniqueness");
        Self::new(StatusCode::CONFLICT, word, Code::InvalidField, detail)
    }

    /// A method that this address does not take.
    pub fn method() -> Self {
        let detail = "This address does not take this method.";
        let status = StatusCode::METHOD_NOT_ALLOWED;
        Self::new(status, None, Code::MethodNotAllowed, detail)
    }

    /// A body that is not declared as JSON.
    pub fn media_type() -> Self {
        let detail = "Send Content-Type: application/scim+json.";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        Self::new(status, None, Code::UnsupportedMediaType, detail)
    }

    /// It is not the version that was asked for, or somebody else changes it all the time.
    pub fn other_version() -> Self {
        let detail = "It was changed in the meantime.";
        let status = StatusCode::PRECONDITION_FAILED;
        Self::new(status, None, Code::TooLate, detail)
    }

    fn of(problem: Problem) -> Self {
        Self {
            status: problem.status(),
            word: None,
            detail: problem.detail().to_owned(),
            code: problem.code(),
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::of(problem)
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        Self::of(error.into())
    }
}

impl From<NoRandomness> for Refusal {
    fn from(error: NoRandomness) -> Self {
        Self::of(error.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut document = json!({
            "schemas": [ERROR], "status": self.status.as_u16().to_string(), "detail": self.detail,
        });
        if let (Some(word), Some(document)) = (self.word, document.as_object_mut()) {
            document.insert("scimType".to_owned(), word.into());
        }
        let mut response = (self.status, document.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, CONTENT_TYPE);
        if self.status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, bearer);
        }
        // So that it is counted.
        let problem = Problem::new(self.code, self.detail);
        response.extensions_mut().insert(problem);
        response
    }
}
