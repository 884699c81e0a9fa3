//! The sandbox's own interface, under `/_sandbox/`.

mod desk;
mod past;

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

use crate::babelforce::{
    Babelforce, CallState, FinishReason, LineBlock, Moment, PRESENCES, TaskState, is_e164,
};
use crate::clock;
use crate::fault::FaultList;
use crate::samespace::Display;
use crate::settings::{Change, present, set};
use crate::shared::Shared;

type Control = State<Arc<Shared>>;

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/_sandbox/requests", get(requests).delete(clear_requests))
        .route(
            "/_sandbox/preflights",
            get(preflights).delete(clear_preflights),
        )
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
        .route("/_sandbox/agents/{id}/ring", post(desk::ring))
        .route("/_sandbox/agents/{id}/stream", post(desk::disturb_stream))
        .route("/_sandbox/agents/{id}/push", post(desk::push))
        .route("/_sandbox/agents/{id}/sms", post(desk::receive_sms))
        .route(
            "/_sandbox/agents/{id}/tokens/expire",
            post(desk::expire_tokens),
        )
        .route("/_sandbox/calls/past", post(past::add))
        .route("/_sandbox/calls/{id}", post(desk::act))
        .route("/_sandbox/calls/{id}/script", post(desk::set_call_script))
        .route("/_sandbox/calls/{id}/state", post(set_call))
        .route("/_sandbox/members/{id}", post(desk::member_act))
        .route(
            "/_sandbox/scripts",
            get(desk::scripts)
                .post(desk::set_scripts)
                .delete(desk::clear_scripts),
        )
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
    #[error("not now: {0}")]
    NotNow(String),
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
            Self::NotNow(_) => (StatusCode::CONFLICT, "not_now"),
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

async fn preflights(State(shared): Control) -> Response {
    json(&shared.log().preflights())
}

async fn clear_preflights(State(shared): Control) -> StatusCode {
    shared.log().clear_preflights();
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
        world.with_babelforce(clock::now(), |babelforce, moment| {
            babelforce.beat_anew(moment);
        });
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
    at_babelforce(&shared, |babelforce, _| babelforce.tokens.expire());
    shared.world().crm.expire_tokens();
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

/// Does something at babelforce and tells whoever listens there.
fn at_babelforce<T>(shared: &Shared, action: impl FnOnce(&mut Babelforce, &mut Moment) -> T) -> T {
    shared.world().with_babelforce(clock::now(), action)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgentChange {
    enabled: Option<bool>,
    presence: Option<String>,
    /// The agent's own telephone; empty for none.
    number: Option<String>,
    webrtc: Option<bool>,
    /// `null` for a line that is not blocked.
    #[serde(default, deserialize_with = "present")]
    line_block: Option<Option<LineBlock>>,
    can_record: Option<bool>,
    always_record: Option<bool>,
}

async fn set_agent(
    State(shared): Control,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let change: AgentChange = read(&body)?;
    let presence = match change.presence {
        None => None,
        Some(name) => {
            let found = PRESENCES.iter().find(|presence| presence.name == name);
            Some(*found.ok_or(Refusal::Unknown("presence"))?)
        }
    };
    if let Some(number) = &change.number
        && !(number.is_empty() || is_e164(number))
    {
        return Err(Refusal::BadBody("number: must be in E.164 form".to_owned()));
    }
    at_babelforce(&shared, |babelforce, _| {
        let agent = babelforce.agent_mut(&id);
        let agent = agent.ok_or(Refusal::Unknown("agent"))?;
        set(&mut agent.presence, presence);
        set(&mut agent.enabled, change.enabled);
        set(&mut agent.number, change.number);
        set(&mut agent.webrtc, change.webrtc);
        set(&mut agent.line_block, change.line_block);
        set(&mut agent.can_record, change.can_record);
        set(&mut agent.always_record, change.always_record);
        Ok(())
    })?;
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
    at_babelforce(&shared, |babelforce, moment| {
        let device = match &change.agent_id {
            Some(agent) => Some(
                babelforce
                    .agent(agent)
                    .ok_or(Refusal::Unknown("agent"))?
                    .device(),
            ),
            None => None,
        };
        let call = babelforce.call_mut(&id);
        let call = call.ok_or(Refusal::Unknown("call"))?;
        call.agent_id = change.agent_id.or(call.agent_id.take());
        set(&mut call.device, device);
        babelforce.enter(&id, change.state, change.finish_reason, moment);
        Ok(())
    })?;
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
