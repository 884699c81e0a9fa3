//! A platform's own reply, passed back as it came.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use patchcord_core::http::Response as Said;
use serde::Deserialize;

use super::problem;
use crate::idempotent::Given;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A platform's reply: its status and its body.
pub fn reply(said: Said) -> Response {
    let mut response = Response::new(Body::from(said.body));
    *response.status_mut() = StatusCode::from_u16(said.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, JSON);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = said.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// A reply that is kept: the platform's, or a problem document of the relay's.
pub fn given(given: Given) -> Response {
    let (Given::First(kept) | Given::Again(kept)) = &given;
    let kind = if is_problem(&kept.body) {
        problem::CONTENT_TYPE
    } else {
        JSON
    };
    let mut response = given.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Only the relay's documents name the request.
fn is_problem(body: &str) -> bool {
    #[derive(Deserialize)]
    struct Document {
        r#type: String,
        #[serde(rename = "request_id")]
        _request_id: String,
    }
    serde_json::from_str::<Document>(body).is_ok_and(|document| document.r#type == "about:blank")
}
