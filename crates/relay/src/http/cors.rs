//! Which pages may ask: exact origins, closed by default.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use patchcord_core::error::Code;

use super::problem::Problem;
use crate::manage;
use crate::relay::Relay;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, connect-protocol-version, content-type, idempotency-key, last-event-id, patchcord-key, patchcord-manage",
);
const EXPOSED: HeaderValue =
    HeaderValue::from_static("idempotent-replay, retry-after, x-request-id");
/// One hour; browsers cap it themselves (Chromium at two).
const MAX_AGE: HeaderValue = HeaderValue::from_static("3600");

/// Every origin that is listed anywhere. A preflight does not say for whom it asks, so it is judged by this;
/// the request itself is judged again by its credential.
#[derive(Clone)]
pub struct Origins {
    /// Those of the keys, and of the relay's own page for callbacks.
    visitors: Arc<BTreeSet<String>>,
    /// Knows those of agents, which change as hosts do.
    relay: Arc<Relay>,
}

impl Origins {
    /// The origins that a relay serves.
    pub fn of(relay: &Arc<Relay>) -> Self {
        let own = manage::own_page(&relay.config).map(str::to_owned);
        let keys = relay.config.keys.values();
        let keys = keys.flat_map(|key| key.origins.iter().cloned());
        Self {
            visitors: Arc::new(keys.chain(own).collect()),
            relay: relay.clone(),
        }
    }

    fn has(&self, origin: &str) -> bool {
        self.visitors.contains(origin) || self.relay.hosts.serves_agents_at(origin)
    }
}

/// Answers preflights, refuses pages that are not listed, and lets listed ones read every reply, refusals
/// included.
pub async fn check(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    let Some(origin) = request.headers().get(header::ORIGIN).cloned() else {
        return vary(next.run(request).await);
    };
    if !origin.to_str().is_ok_and(|origin| origins.has(origin)) {
        return vary(not_allowed().into_response());
    }
    let preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        let mut response = StatusCode::NO_CONTENT.into_response();
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        response
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    vary(response)
}

/// Refuses an origin that this credential may not be used at. No origin is no browser: the credential
/// alone decides.
pub fn require(headers: &HeaderMap, allowed: impl Fn(&str) -> bool) -> Result<(), Problem> {
    match headers.get(header::ORIGIN) {
        None => Ok(()),
        Some(origin) if origin.to_str().is_ok_and(&allowed) => Ok(()),
        Some(_) => Err(not_allowed()),
    }
}

fn not_allowed() -> Problem {
    Problem::new(Code::OriginNotAllowed, "This page's origin is not on the list.")
        .with_remedy("Add the origin to `agent_origins`, to the key's `origins`, or to the host's, in the relay's configuration.")
}

fn vary(mut response: Response) -> Response {
    response
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("origin"));
    response
}
