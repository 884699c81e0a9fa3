//! The sandbox's own interface, under `/_sandbox/`.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{Stream, StreamExt};

use crate::babelforce::{CallState, FinishReason, PRESENCES, TaskState};
use crate::clock;
use crate::fault::FaultList;
use crate::samespace::Display;
use crate::settings::Change;
use crate::shared::Shared;

type Control = State<Arc<Shared>>;

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/_sandbox/requests", get(requests).delete(clear_requests))
        .route(
            "/_sandbox/faults",
            get(faults).post(set_faults).delete(clear_faults),
        )
        .route("/_sandbox/settings", get(settings).post(set_settings))
        .route("/_sandbox/reset", post(reset))
        .route("/_sandbox/state", get(state))
        .route("/_sandbox/events", get(events))
        .route("/_sandbox/tokens/expire", post(expire_tokens))
        .route("/_sandbox/dock/users/{username}", post(set_user))
        .route("/_sandbox/dock/calls/{id}", post(set_dock_call))
        .route("/_sandbox/agents/{id}", post(set_agent))
        .route("/_sandbox/calls/{id}/state", post(set_call))
        .route("/_sandbox/tasks/{id}/state", post(set_task))
        .with_state(shared)
}

/// Why the sandbox did not do what it was told.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    /// The text names the key or the value.
    #[error("{0}")]
    BadBody(String),
    #[error("there is no {0} with this name or id")]
    Unknown(&'static str),
}

#[derive(Serialize)]
struct RefusalBody {
    code: &'static str,
    message: String,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, code) = match self {
            Self::BadBody(_) => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::Unknown(_) => (StatusCode::NOT_FOUND, "not_found"),
        };
        let message = self.to_string();
        (status, json(&RefusalBody { code, message })).into_response()
    }
}

fn json(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn read<T: serde::de::DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::BadBody(error.to_string()))
}

fn done(shared: &Shared) -> Response {
    shared.changed();
    StatusCode::NO_CONTENT.into_response()
}

async fn requests(State(shared): Control, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let path = pairs.find(|(name, _)| name == "path").map(|(_, path)| path);
    json(&shared.log().listing(path.as_deref()))
}

async fn clear_requests(State(shared): Control) -> StatusCode {
    shared.log().clear();
    StatusCode::NO_CONTENT
}

async fn faults(State(shared): Control) -> Response {
    json(&*shared.faults())
}

async fn set_faults(State(shared): Control, body: Bytes) -> Result<Response, Refusal> {
    let list: FaultList = read(&body)?;
    let mut faults = shared.faults();
    faults.replace(list).map_err(Refusal::BadBody)?;
    shared.release();
    Ok(json(&*faults))
}

async fn clear_faults(State(shared): Control) -> StatusCode {
    shared.faults().clear();
    shared.release();
    StatusCode::NO_CONTENT
}

async fn settings(State(shared): Control) -> Response {
    json(&shared.world().settings)
}

async fn set_settings(State(shared): Control, body: Bytes) -> Result<Response, Refusal> {
    let change: Change = read(&body)?;
    let settings = {
        let mut world = shared.world();
        world.settings.apply(change);
        world.settings.clone()
    };
    shared.changed();
    Ok(json(&settings))
}

async fn reset(State(shared): Control) -> StatusCode {
    shared.reset();
    StatusCode::NO_CONTENT
}

fn snapshot(shared: &Shared) -> Result<String, serde_json::Error> {
    serde_json::to_string(&shared.world().snapshot(clock::now()))
}

async fn state(State(shared): Control) -> Response {
    match snapshot(&shared) {
        Ok(text) => (
            [(header::CONTENT_TYPE, "application/json")],
            Body::from(text),
        )
            .into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// The whole state after every change, and once at the start.
async fn events(
    State(shared): Control,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + Send> {
    let changes = WatchStream::new(shared.changes());
    let events = changes.map(move |_| {
        Ok(match snapshot(&shared) {
            Ok(text) => Event::default().event("state").data(text),
            Err(error) => Event::default().event("failure").data(error.to_string()),
        })
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

async fn expire_tokens(State(shared): Control) -> Response {
    shared.world().babelforce.tokens.expire();
    done(&shared)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserChange {
    logged_in: bool,
}

async fn set_user(
    State(shared): Control,
    Path(username): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let change: UserChange = read(&body)?;
    let mut world = shared.world();
    let mut users = world.samespace.users.iter_mut();
    let user = users.find(|user| user.username == username);
    user.ok_or(Refusal::Unknown("user"))?.logged_in = change.logged_in;
    Ok(done(&shared))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DockChange {
    display: Display,
}

async fn set_dock_call(
    State(shared): Control,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let change: DockChange = read(&body)?;
    let mut world = shared.world();
    let call = world.samespace.calls.iter_mut().find(|call| call.id == id);
    call.ok_or(Refusal::Unknown("call"))?.display = change.display;
    Ok(done(&shared))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgentChange {
    enabled: Option<bool>,
    presence: Option<String>,
}

async fn set_agent(
    State(shared): Control,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let change: AgentChange = read(&body)?;
    let mut world = shared.world();
    let agent = world
        .babelforce
        .agents
        .iter_mut()
        .find(|agent| agent.id == id);
    let agent = agent.ok_or(Refusal::Unknown("agent"))?;
    if let Some(name) = change.presence {
        let presence = PRESENCES.iter().find(|presence| presence.name == name);
        agent.presence = *presence.ok_or(Refusal::Unknown("presence"))?;
    }
    agent.enabled = change.enabled.unwrap_or(agent.enabled);
    Ok(done(&shared))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct CallChange {
    state: CallState,
    finish_reason: Option<FinishReason>,
    /// The agent who takes a queued callback.
    agent_id: Option<String>,
}

async fn set_call(
    State(shared): Control,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let change: CallChange = read(&body)?;
    let mut world = shared.world();
    if let Some(agent) = &change.agent_id {
        world
            .babelforce
            .agent(agent)
            .ok_or(Refusal::Unknown("agent"))?;
    }
    let call = world.babelforce.call_mut(&id);
    let call = call.ok_or(Refusal::Unknown("call"))?;
    call.agent_id = change.agent_id.or(call.agent_id.take());
    call.enter(change.state, change.finish_reason, clock::now());
    Ok(done(&shared))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskChange {
    state: TaskState,
}

async fn set_task(
    State(shared): Control,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let change: TaskChange = read(&body)?;
    let mut world = shared.world();
    let task = world.babelforce.task_mut(&id);
    task.ok_or(Refusal::Unknown("task"))?.state = change.state;
    Ok(done(&shared))
}
