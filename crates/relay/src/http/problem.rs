//! Refusals as RFC 9457 problem documents.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use patchcord_core::error::{Code, Error};
use serde::Serialize;
use utoipa::ToSchema;

use super::request_id::RequestId;

/// The content type of a problem document.
pub const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

/// What the relay itself refuses, before a provider was asked.
///
/// As a response it carries itself; [`super::request_id`] writes the document, because only there is the
/// request's id known. A reply that is a page instead carries it too, so that it is counted.
#[derive(Debug, Clone)]
pub struct Problem {
    code: Code,
    field: Option<String>,
    detail: String,
    remedy: Option<&'static str>,
}

/// The document, as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Document {
    /// Always `about:blank`: the code says what it is.
    r#type: &'static str,
    /// The HTTP status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What happened, for a person.
    detail: String,
    /// What happened, for a program. Stable.
    code: &'static str,
    /// The field it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'static str>,
    /// The request's id, also in the relay's log.
    request_id: String,
}

impl Problem {
    /// A problem that is about no particular field.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            field: None,
            detail: detail.into(),
            remedy: None,
        }
    }

    /// A problem about one field.
    pub fn of(code: Code, field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            code,
            field: Some(field.into()),
            detail: detail.into(),
            remedy: None,
        }
    }

    /// The same problem, with what to do about it.
    #[must_use]
    pub fn with_remedy(self, remedy: &'static str) -> Self {
        Self {
            remedy: Some(remedy),
            ..self
        }
    }

    /// The same problem; where it is about the first field, about the second.
    #[must_use]
    pub fn renamed(self, from: &str, to: &str) -> Self {
        let field = self.field.map(|field| match field == from {
            true => to.to_owned(),
            false => field,
        });
        Self { field, ..self }
    }

    /// A fault of the relay's own. The cause is logged, the asker learns nothing of it.
    pub fn internal(cause: &dyn std::error::Error) -> Self {
        tracing::error!(cause = %chain(cause), "internal error");
        Self::new(
            Code::Internal,
            "The relay failed; nothing was sent to a provider.",
        )
    }

    /// The stable code.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// What happened, for a person.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The field it is about.
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// What to do about it.
    pub const fn remedy(&self) -> Option<&'static str> {
        self.remedy
    }

    /// The HTTP status of the code.
    pub fn status(&self) -> StatusCode {
        status(self.code)
    }

    /// The document for the request with this id.
    pub fn document(&self, request_id: &RequestId) -> Document {
        let status = self.status();
        Document {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: self.detail.clone(),
            code: self.code.as_str(),
            field: self.field.clone(),
            remedy: self.remedy,
            request_id: request_id.as_str().to_owned(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, CONTENT_TYPE);
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self {
            code: error.code,
            field: error.field.map(Into::into),
            detail: error.message.into_owned(),
            remedy: None,
        }
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        Self::internal(&error)
    }
}

impl From<crate::random::NoRandomness> for Problem {
    fn from(error: crate::random::NoRandomness) -> Self {
        Self::internal(&error)
    }
}

/// An error with its causes on one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// The HTTP status of a problem, as `tests/fixtures/codes.json` has it. Of the codes that are outcomes only a few get
/// here; another one would be a fault of the relay.
fn status(code: Code) -> StatusCode {
    match code {
        Code::InvalidJson
        | Code::UnknownField
        | Code::MissingField
        | Code::IdempotencyKeyMissing
        | Code::IdempotencyKeyInvalid
        | Code::InvalidHeader => StatusCode::BAD_REQUEST,
        Code::SessionMissing
        | Code::SessionExpired
        | Code::AssertionInvalid
        | Code::AssertionExpired
        | Code::AssertionReplayed
        | Code::KeyUnknown => StatusCode::UNAUTHORIZED,
        Code::AgentUnknown
        | Code::AgentAmbiguous
        | Code::AgentGuest
        | Code::OriginNotAllowed
        | Code::ManageTokenInvalid
        | Code::SignInFailed
        | Code::SignInNeeded
        | Code::NotPermitted => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::DuplicateCall | Code::IdempotencyKeyReused | Code::TooLate => StatusCode::CONFLICT,
        Code::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::InvalidField
        | Code::InvalidNumber
        | Code::PayloadInvalid
        | Code::PayloadTooLarge
        | Code::PayloadTooDeep
        | Code::NumberNotAllowed
        | Code::CallerIdNotAllowed
        | Code::ProviderUnknown
        | Code::ProviderNotAvailable
        | Code::TopicUnknown
        | Code::CapabilityMissing
        | Code::ConsentRequired
        | Code::ConsentOutdated
        | Code::DoNotCall
        | Code::QuietHours
        | Code::Closed
        | Code::SlotNotAvailable
        | Code::ProofRequired
        | Code::ProofInvalid
        | Code::ProofExpired
        | Code::ProofUsed
        | Code::TooFast
        | Code::SpamSuspected
        | Code::CaptchaFailed => StatusCode::UNPROCESSABLE_ENTITY,
        Code::TooManyRequests | Code::CapReached => StatusCode::TOO_MANY_REQUESTS,
        Code::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
        Code::RelayBusy | Code::SwitchedOff | Code::ProviderUnreachable => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        // Of the Agent API, whose replies are the platform's own where there are any.
        Code::NoReply | Code::Interrupted => StatusCode::BAD_GATEWAY,
        Code::RecordUnreadable => StatusCode::BAD_GATEWAY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_problem_has_the_status_of_the_contract() {
        #[derive(serde::Deserialize)]
        struct Codes {
            problems: BTreeMap<String, u16>,
        }
        let codes: Codes =
            serde_json::from_str(include_str!("../../../../tests/fixtures/codes.json")).unwrap();
        for (code, expected) in codes.problems {
            assert_eq!(
                status(Code::parse(&code).unwrap()).as_u16(),
                expected,
                "{code}"
            );
        }
    }
}
