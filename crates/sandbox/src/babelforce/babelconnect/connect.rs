//! The Connect protocol over HTTP/1.1 with JSON: unary calls, and the envelopes of a stream.

use axum::body::Bytes;
use serde::Serialize;

use crate::exchange::{Reply, Request};

/// The media type of a stream.
pub(super) const STREAM: &str = "application/connect+json";

/// The flag of the envelope that ends a stream.
const END_OF_STREAM: u8 = 0b10;

/// An error of the protocol itself. Its code says what HTTP status a unary call has.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ConnectError {
    pub code: ConnectCode,
    pub message: String,
}

/// The codes of the protocol, as a client may be sent any of them at the end of a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConnectCode {
    Canceled,
    Unknown,
    InvalidArgument,
    DeadlineExceeded,
    NotFound,
    AlreadyExists,
    PermissionDenied,
    ResourceExhausted,
    FailedPrecondition,
    Aborted,
    OutOfRange,
    Unimplemented,
    Internal,
    Unavailable,
    DataLoss,
    Unauthenticated,
}

impl ConnectCode {
    fn status(self) -> u16 {
        match self {
            Self::Canceled => 499,
            Self::Unknown | Self::Internal | Self::DataLoss => 500,
            Self::InvalidArgument | Self::FailedPrecondition | Self::OutOfRange => 400,
            Self::DeadlineExceeded => 504,
            Self::NotFound => 404,
            Self::AlreadyExists | Self::Aborted => 409,
            Self::PermissionDenied => 403,
            Self::ResourceExhausted => 429,
            Self::Unimplemented => 501,
            Self::Unavailable => 503,
            Self::Unauthenticated => 401,
        }
    }
}

impl ConnectError {
    pub fn new(code: ConnectCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ConnectCode::InvalidArgument, message)
    }

    /// The reply to a unary call, and to a REST call: both speak the same JSON.
    pub fn reply(&self) -> Reply {
        Reply::json(self.code.status(), self)
    }
}

/// The JSON of a unary request.
pub(super) fn unary_body(request: &Request) -> Result<&Bytes, Reply> {
    if request.media_type().as_deref() != Some("application/json") {
        return Err(unsupported("application/json"));
    }
    check_version(request).map_err(|error| error.reply())?;
    Ok(&request.body)
}

/// The JSON of the one message that begins a stream. The outer error is an HTTP reply of its own;
/// the inner one is sent in the stream.
pub(super) fn stream_body(request: &Request) -> Result<Result<Bytes, ConnectError>, Reply> {
    if request.media_type().as_deref() != Some(STREAM) {
        return Err(unsupported(STREAM));
    }
    Ok(check_version(request).and_then(|()| open_envelope(&request.body)))
}

fn unsupported(wanted: &str) -> Reply {
    Reply::empty(415).with_header(
        "accept-post",
        wanted
            .parse()
            .unwrap_or(axum::http::HeaderValue::from_static("*/*")),
    )
}

/// The published document requires the header, so a request without it is refused.
fn check_version(request: &Request) -> Result<(), ConnectError> {
    match request.headers.get("connect-protocol-version") {
        Some(version) if version == "1" => Ok(()),
        _ => Err(ConnectError::invalid(
            "the header Connect-Protocol-Version must be 1",
        )),
    }
}

/// The message of a body that is exactly one envelope.
fn open_envelope(body: &Bytes) -> Result<Bytes, ConnectError> {
    let Some((&[flags, a, b, c, d], message)) = body.split_first_chunk::<5>() else {
        return Err(ConnectError::invalid(
            "the body must be an enveloped message",
        ));
    };
    match flags {
        0 => {}
        1 => {
            let message = "compressed messages are not supported; supported encodings: identity";
            return Err(ConnectError::new(ConnectCode::Unimplemented, message));
        }
        _ => return Err(ConnectError::invalid("the envelope has unknown flags")),
    }
    if usize::try_from(u32::from_be_bytes([a, b, c, d])) != Ok(message.len()) {
        return Err(ConnectError::invalid(
            "the envelope's length is not that of its one message",
        ));
    }
    Ok(body.slice(5..))
}

/// A message in its envelope.
pub(super) fn message(json: &impl Serialize) -> Bytes {
    envelope(0, json)
}

#[derive(Serialize)]
struct End<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a ConnectError>,
}

/// The envelope that ends a stream, with or without an error.
pub(super) fn end(error: Option<&ConnectError>) -> Bytes {
    envelope(END_OF_STREAM, &End { error })
}

fn envelope(flags: u8, json: &impl Serialize) -> Bytes {
    let text = super::json::text(json);
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut bytes = vec![flags];
    bytes.extend(length.to_be_bytes());
    bytes.extend(text.into_bytes());
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(body: &'static [u8]) -> Result<Bytes, ConnectCode> {
        open_envelope(&Bytes::from_static(body)).map_err(|error| error.code)
    }

    #[test]
    fn one_whole_uncompressed_envelope_is_opened_and_nothing_else() {
        assert_eq!(opened(b"\0\0\0\0\x02{}"), Ok(Bytes::from_static(b"{}")));
        assert_eq!(opened(b"\0\0\0\0\0"), Ok(Bytes::new()));
        let invalid = Err(ConnectCode::InvalidArgument);
        let bad: [&'static [u8]; 6] = [
            b"",
            b"{}",
            b"\0\0\0\0\x03{}",
            b"\0\0\0\0\x01{}",
            b"\x02\0\0\0\x02{}",
            b"\0\0\0\0\x02{}\0\0\0\0\x02{}",
        ];
        for body in bad {
            assert_eq!(opened(body), invalid, "{body:?}");
        }
        assert_eq!(opened(b"\x01\0\0\0\x02{}"), Err(ConnectCode::Unimplemented));
    }

    #[test]
    fn the_end_says_what_is_wrong_or_nothing() {
        assert_eq!(end(None), Bytes::from_static(b"\x02\0\0\0\x02{}"));
        let error = ConnectError::new(ConnectCode::Unavailable, "later");
        let expected = br#"{"error":{"code":"unavailable","message":"later"}}"#;
        assert_eq!(end(Some(&error)).slice(5..), Bytes::from_static(expected));
    }
}
