//! `/healthz` and `/readyz`

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use patchcord_core::error::Code;

use super::problem::{Document, Problem};
use crate::relay::Relay;

/// The process runs.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 204, description = "It runs")))]
pub async fn live() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// The relay takes requests: its database answers, and it is not going down.
#[utoipa::path(
    get, path = "/readyz", tag = "operation",
    responses(
        (status = 204, description = "It takes requests"),
        (status = 503, body = Document, content_type = "application/problem+json", description = "It does not"),
    ),
)]
pub async fn ready(State(relay): State<Arc<Relay>>) -> Result<StatusCode, Problem> {
    if relay.stopping.is_cancelled() {
        return Err(Problem::new(Code::RelayBusy, "The relay is going down."));
    }
    if let Err(error) = relay.store.ping().await {
        tracing::error!(%error, "the database does not answer");
        return Err(Problem::new(
            Code::RelayBusy,
            "The database does not answer.",
        ));
    }
    Ok(StatusCode::NO_CONTENT)
}
