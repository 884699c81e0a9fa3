//! `/healthz` and `/readyz`

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use patchcord_core::error::Code;

use super::problem::{Document, Problem};
use crate::relay::Relay;

/// The dispatcher looks every ten seconds at the latest; after so many it hangs.
const DISPATCHER: Duration = Duration::from_secs(60);

/// The process runs.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 204, description = "It runs")))]
pub async fn live() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// The relay takes requests: its database can be read and written, callbacks are handed over, and it is not going
/// down.
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
    // Written every few seconds: a database that can be read but not written is found here.
    if relay.beat.age() > relay.config.liveness.dead_after {
        return Err(Problem::new(
            Code::RelayBusy,
            "The database cannot be written.",
        ));
    }
    if relay.dispatcher.age() > DISPATCHER {
        return Err(Problem::new(
            Code::RelayBusy,
            "Callbacks are not handed over.",
        ));
    }
    Ok(StatusCode::NO_CONTENT)
}
