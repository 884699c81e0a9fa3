//! `/v1/sessions`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{JsonBytes, Members};
use super::client_config::{ProviderChoice, providers};
use super::credentials::{AgentPage, AgentSession};
use super::problem::{Document, Problem};
use crate::relay::Relay;
use crate::sessions::{self, LIFETIME, Opened};
use crate::sign_in;

/// What is sent for a session.
#[derive(ToSchema)]
#[schema(as = SessionRequest)]
#[expect(
    dead_code,
    reason = "describes the body, which is read member by member"
)]
pub struct SessionBody {
    /// A JWT that the CRM's backend signed for the person.
    assertion: Option<String>,
    /// Instead of it, once: what `/v1/sign-in` put into the page's fragment.
    code: Option<String>,
}

/// A session.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    /// The secret to send as a bearer token.
    session: String,
    /// For how many seconds it holds.
    expires_in: u32,
    /// Whose it is.
    agent: AgentView,
    /// The default country of numbers and texts.
    region: String,
    /// Where the agent can call; the first is the default.
    providers: Vec<ProviderChoice>,
}

/// A person in the CRM.
#[derive(Serialize, ToSchema)]
#[schema(as = Agent)]
pub struct AgentView {
    /// The CRM's organisation.
    org: String,
    /// The CRM's id of the person.
    sub: String,
    /// What they are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// Exchanges an assertion for a session.
#[utoipa::path(
    post, path = "/v1/sessions", tag = "agents", request_body = SessionBody,
    responses(
        (status = 200, body = SessionView),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed"),
    ),
)]
pub async fn open(
    State(relay): State<Arc<Relay>>,
    _: AgentPage,
    headers: HeaderMap,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Problem> {
    let mut members = Members::read(&body)?;
    if let Some(code) = members.optional::<String>("code", "the code of a sign-in")? {
        members.finish()?;
        let origin = headers
            .get(header::ORIGIN)
            .and_then(|origin| origin.to_str().ok());
        let id = sign_in::redeem(&relay, &code, origin).await?;
        return sessions::open_signed_in(&relay, &id)
            .await
            .map(|opened| view(&relay, opened));
    }
    let assertion: String = members.required("assertion", "a signed JWT")?;
    members.finish()?;
    sessions::open(&relay, &assertion)
        .await
        .map(|opened| view(&relay, opened))
}

/// Gives a new session for one that still holds; the old one ends.
#[utoipa::path(
    post, path = "/v1/sessions/renew", tag = "agents", security(("session" = [])),
    responses(
        (status = 200, body = SessionView),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed"),
    ),
)]
pub async fn renew(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
) -> Result<Response, Problem> {
    sessions::renew(&relay, &asker)
        .await
        .map(|opened| view(&relay, opened))
}

/// Ends the session.
#[utoipa::path(
    delete, path = "/v1/sessions/current", tag = "agents", security(("session" = [])),
    responses(
        (status = 204, description = "It has ended"),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed"),
    ),
)]
pub async fn close(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
) -> Result<StatusCode, Problem> {
    sessions::close(&relay, &asker)
        .await
        .map(|()| StatusCode::NO_CONTENT)
}

fn view(relay: &Relay, opened: Opened) -> Response {
    let agent = &opened.agent;
    let session = SessionView {
        session: opened.session,
        expires_in: LIFETIME,
        agent: AgentView {
            org: agent.id.org.clone(),
            sub: agent.id.sub.clone(),
            name: agent.name.clone(),
        },
        region: relay.config.region.clone(),
        providers: providers(relay, agent),
    };
    (
        [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        Json(session),
    )
        .into_response()
}
