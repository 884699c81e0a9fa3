//! `GET /v1/challenge`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use patchcord_core::error::Code;

use super::credentials::Visitor;
use super::problem::{Document, Problem};
use crate::proof::Challenge;
use crate::relay::Relay;

/// A puzzle for the visitor's browser, as ALTCHA's widget takes it. It holds for ten minutes and one callback.
#[utoipa::path(
    get, path = "/v1/challenge", tag = "visitors", security(("key" = [])),
    responses(
        (status = 200, body = Challenge),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed"),
    ),
)]
pub async fn get(
    State(relay): State<Arc<Relay>>,
    Visitor(key): Visitor,
) -> Result<Response, Problem> {
    let rules = key.proof.ok_or_else(|| {
        Problem::new(Code::NotFound, "This key asks for no proof of work.")
            .with_remedy("GET /v1/config says whether a proof has to be sent.")
    })?;
    let challenge = relay
        .proofs
        .challenge(&key.key, &rules, relay.clock.now())?;
    Ok((
        [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        Json(challenge),
    )
        .into_response())
}
