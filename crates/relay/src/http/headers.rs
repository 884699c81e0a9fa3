//! Headers that mean something here are there once and readable, or the request is refused: where two servers would
//! each believe another one of two, a stranger could say one thing to the proxy and another to the relay.

use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use patchcord_core::error::Code;

use super::problem::Problem;

const ONCE: &[&str] = &[
    "authorization",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "last-event-id",
    "origin",
    "patchcord-key",
    "patchcord-manage",
];

/// Refuses a header that is there twice or holds anything but visible ASCII, and bodies that are compressed: what
/// they would unfold to is not known beforehand.
pub async fn check(request: Request, next: Next) -> Response {
    for &name in ONCE {
        let mut values = request.headers().get_all(name).iter();
        let readable = values.next().is_none_or(|value| value.to_str().is_ok());
        if !readable || values.next().is_some() {
            return Problem::of(
                Code::InvalidHeader,
                name,
                format!("The header `{name}` has to be there once, in visible ASCII."),
            )
            .into_response();
        }
    }
    let encoding = request.headers().get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Problem::new(
            Code::UnsupportedMediaType,
            "Compressed bodies are not read.",
        )
        .with_remedy("Send the body as it is, without Content-Encoding.")
        .into_response();
    }
    next.run(request).await
}
