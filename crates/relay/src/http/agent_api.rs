//! `/v1/agent/{provider}/…`: a platform's Agent API, at the same paths as at the platform.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use patchcord_core::provider::desk::Page;

use super::body::{JsonBytes, Members, collect};
use super::credentials::AgentSession;
use super::passed;
use super::path::Id;
use super::problem::{Document, Problem};
use super::query::Asked as Query;
use super::request_id::RequestId;
use crate::agent_api::lookups::{self, Question};
use crate::agent_api::streams::{self, Opened};
use crate::agent_api::{commands, place};
use crate::relay::Relay;

/// The most bytes of a request that opens a stream: it says nothing.
const MAX_SUBSCRIBE: usize = 1024;
/// The most entries of a page that is asked for.
const MAX_PAGE: u32 = 200;
/// The last page that is asked for.
const LAST_PAGE: u32 = 10_000;
/// The most bytes of what a person has typed.
const MAX_QUERY: usize = 200;

/// Sends one command. A `placeCall` needs an `Idempotency-Key`; other commands are sent once for each request.
#[utoipa::path(
    post, path = "/v1/agent/{provider}/babelconnect.v1.Agent/Send", tag = "agent API", security(("session" = [])),
    params(
        ("provider" = String, Path, description = "The name of a provider at which the agent has an identity"),
        ("Idempotency-Key" = Option<String>, Header, description = "For a `placeCall`, as with `POST /v1/calls`"),
    ),
    request_body(content = Object, description = "One command, as the platform's Agent API has it"),
    responses(
        (status = 200, body = Object, description = "The platform took it; any other status and body of the platform's is passed back too", headers(("Idempotent-Replay" = String, description = "`true` if this is the first reply again"))),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused before the platform was asked"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "`no_reply`: it may have arrived; `provider_unreachable`: it was not sent"),
    ),
)]
pub async fn send(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    Id(provider): Id,
    id: RequestId,
    headers: HeaderMap,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Problem> {
    let asked = place::Asked {
        headers: &headers,
        id: &id,
    };
    commands::send(&relay, &asker.agent, &provider, &body, asked).await
}

/// Tells each change, in the platform's own bytes. It goes on when the session is renewed, and ends with it.
#[utoipa::path(
    post, path = "/v1/agent/{provider}/babelconnect.v1.Agent/Subscribe", tag = "agent API", security(("session" = [])),
    params(("provider" = String, Path, description = "The name of a provider at which the agent has an identity")),
    request_body(content = Vec<u8>, content_type = "application/connect+json", description = "The envelope of `{}`"),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/connect+json", description = "Envelopes of the platform's state updates"),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "There is no stream"),
    ),
)]
pub async fn subscribe(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    Id(provider): Id,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let body = collect(&parts.headers, body, MAX_SUBSCRIBE).await?;
    let declared = parts.headers.get(header::CONTENT_TYPE);
    let declared = declared
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let stream = match streams::open(&relay, &asker, &provider, declared, &body).await? {
        Opened::Reply(said) => return Ok(passed::reply(said)),
        Opened::Stream(stream) => stream,
    };
    let media_type = HeaderValue::from_str(declared).map_err(|error| Problem::internal(&error))?;
    let mut response = Response::new(Body::from_stream(stream.bytes()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media_type);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx would hold it back until its buffer is full.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// Who the agent is at the platform.
#[utoipa::path(
    post, path = "/v1/agent/{provider}/babelconnect.v1.Agent/Authenticate", tag = "agent API", security(("session" = [])),
    params(("provider" = String, Path, description = "The name of a provider at which the agent has an identity")),
    request_body(content = Object, description = "`{}`"),
    responses(
        (status = 200, body = Object, description = "The platform's reply"),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "There is no reply"),
    ),
)]
pub async fn authenticate(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    Id(provider): Id,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Problem> {
    Members::read(&body)?.finish()?;
    lookups::ask(&relay, &asker.agent, &provider, &Question::Who).await
}

/// Everything that the agent's desk shows.
#[utoipa::path(
    get, path = "/v1/agent/{provider}/v1/agent/state", tag = "agent API", security(("session" = [])),
    params(("provider" = String, Path, description = "The name of a provider at which the agent has an identity")),
    responses(
        (status = 200, body = Object, description = "The platform's reply"),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "There is no reply"),
    ),
)]
pub async fn state(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    Id(provider): Id,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    Query::read(query.as_deref())?.finish()?;
    lookups::ask(&relay, &asker.agent, &provider, &Question::State).await
}

/// What a call can be transferred to.
#[utoipa::path(
    get, path = "/v1/agent/{provider}/v1/agent/transfer-targets", tag = "agent API", security(("session" = [])),
    params(
        ("provider" = String, Path, description = "The name of a provider at which the agent has an identity"),
        ("query" = Option<String>, Query, description = "What the person has typed, at most 200 bytes"),
    ),
    responses(
        (status = 200, body = Object, description = "The platform's reply"),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "There is no reply"),
    ),
)]
pub async fn targets(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    Id(provider): Id,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut query = Query::read(query.as_deref())?;
    let typed = query.text("query", MAX_QUERY)?;
    query.finish()?;
    lookups::ask(&relay, &asker.agent, &provider, &Question::Targets(typed)).await
}

/// The agent's calls of the past.
#[utoipa::path(
    get, path = "/v1/agent/{provider}/v1/agent/history", tag = "agent API", security(("session" = [])),
    params(
        ("provider" = String, Path, description = "The name of a provider at which the agent has an identity"),
        ("max" = Option<u32>, Query, description = "How many, 1 to 200; 50"),
        ("page" = Option<u32>, Query, description = "Which of the pages, from 1"),
    ),
    responses(
        (status = 200, body = Object, description = "The platform's reply"),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "There is no reply"),
    ),
)]
pub async fn history(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    Id(provider): Id,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut query = Query::read(query.as_deref())?;
    let page = page(&mut query)?;
    query.finish()?;
    lookups::ask(&relay, &asker.agent, &provider, &Question::History(page)).await
}

/// Contacts.
#[utoipa::path(
    get, path = "/v1/agent/{provider}/v1/agent/phonebook", tag = "agent API", security(("session" = [])),
    params(
        ("provider" = String, Path, description = "The name of a provider at which the agent has an identity"),
        ("max" = Option<u32>, Query, description = "How many, 1 to 200; 50"),
        ("page" = Option<u32>, Query, description = "Which of the pages, from 1"),
        ("query" = Option<String>, Query, description = "What the person has typed, at most 200 bytes"),
    ),
    responses(
        (status = 200, body = Object, description = "The platform's reply"),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "There is no reply"),
    ),
)]
pub async fn phonebook(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    Id(provider): Id,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut query = Query::read(query.as_deref())?;
    let page = page(&mut query)?;
    let typed = query.text("query", MAX_QUERY)?;
    query.finish()?;
    let question = Question::Phonebook(typed, page);
    lookups::ask(&relay, &asker.agent, &provider, &question).await
}

fn page(query: &mut Query) -> Result<Page, Problem> {
    Ok(Page {
        size: query.whole("max", 1..=MAX_PAGE, 50)?,
        number: query.whole("page", 1..=LAST_PAGE, 1)?,
    })
}
