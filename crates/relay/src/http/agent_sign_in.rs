//! `/v1/agent/{provider}/sign-in`: an agent with a session signs in and out at the platform.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::credentials::AgentSession;
use super::path::Id;
use super::problem::{Document, Problem};
use crate::agent_api::{at, sign_out};
use crate::relay::Relay;
use crate::sign_in::ticket;

/// Where somebody signs in.
#[derive(Serialize, ToSchema)]
#[schema(as = SignInPage)]
pub struct PageView {
    /// An address of this relay to open in a window of its own, once, within 60 seconds.
    page: String,
}

/// Begins to sign in: gives an address for a window, which closes itself when it is done.
#[utoipa::path(
    post, path = "/v1/agent/{provider}/sign-in", tag = "agent API", security(("session" = [])),
    params(("provider" = String, Path, description = "The name of a provider at which the agent has an identity")),
    responses(
        (status = 200, body = PageView),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed"),
    ),
)]
pub async fn begin(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    Id(provider): Id,
) -> Result<Response, Problem> {
    let account = &at(&relay, &asker.agent, &provider)?.identity.account;
    let page = ticket::give(&relay, &asker, account).await?;
    Ok((
        [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        Json(PageView { page }),
    )
        .into_response())
}

/// Signs the agent out at the platform. Their streams there end; the session goes on.
#[utoipa::path(
    delete, path = "/v1/agent/{provider}/sign-in", tag = "agent API", security(("session" = [])),
    params(("provider" = String, Path, description = "The name of a provider at which the agent has an identity")),
    responses(
        (status = 204, description = "The relay has no token of the agent's any more"),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed"),
    ),
)]
pub async fn end(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    Id(provider): Id,
) -> Result<StatusCode, Problem> {
    sign_out::sign_out(&relay, &asker.agent, &provider)
        .await
        .map(|()| StatusCode::NO_CONTENT)
}
