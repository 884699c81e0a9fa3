//! An id for each request: in its log lines, its reply and its problem document.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use super::problem::{self, Problem};
use crate::random::{self, NoRandomness};
use crate::relay::Relay;

/// The header that carries the id.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of one request.
#[derive(Debug, Clone)]
pub struct RequestId(String);

impl RequestId {
    /// A new one.
    ///
    /// # Errors
    /// A system without randomness.
    pub fn new() -> Result<Self, NoRandomness> {
        random::id("req").map(Self)
    }

    /// The id as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Gives the request its id, logs it, and writes the problem document if it was refused.
///
/// The log has the route, not the path: a path holds ids, and a query nothing that the relay reads.
pub async fn identify(
    State(relay): State<Arc<Relay>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = match RequestId::new() {
        Ok(id) => id,
        Err(error) => return Problem::internal(&error).into_response(),
    };
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", id = %id.as_str(), %method, route = %route);
    request.extensions_mut().insert(id.clone());

    async move {
        let started = Instant::now();
        let mut response = next.run(request).await;
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            tracing::info!(status = response.status().as_u16(), code = %problem.code(), ms = millis(started), "refused");
            relay.metrics.refused(problem.code());
            relay.refusals.count(problem.code(), relay.clock.now());
            if response.headers().get(header::CONTENT_TYPE) == Some(&problem::CONTENT_TYPE) {
                write_document(&mut response, &problem, &id);
            }
        } else {
            tracing::info!(status = response.status().as_u16(), ms = millis(started), "served");
        }
        relay.metrics.answered(&method, &route, response.status().as_u16(), started.elapsed());
        if let Ok(value) = HeaderValue::from_str(id.as_str()) {
            response.headers_mut().insert(HEADER, value);
        }
        response
    }
    .instrument(span)
    .await
}

fn write_document(response: &mut Response, problem: &Problem, id: &RequestId) {
    match serde_json::to_vec(&problem.document(id)) {
        Ok(document) => {
            response.headers_mut().remove(header::CONTENT_LENGTH);
            *response.body_mut() = Body::from(document);
        }
        Err(error) => tracing::error!(%error, "a problem document could not be written"),
    }
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
