//! `GET /v1/events`

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use patchcord_core::error::Code;
use serde_json::json;

use super::credentials::AgentSession;
use super::problem::{Document, Problem};
use crate::clock::Millis;
use crate::events;
use crate::relay::Relay;
use crate::store::call::View;

/// A comment this often shows that the stream is alive, and keeps proxies from closing it.
const COMMENT: Duration = Duration::from_secs(15);
/// A call of which nothing was heard for so long is followed no more: nobody would tell its end.
const FOLLOWED: Millis = 2 * 3_600_000;

/// The agent's calls as they change: server-sent events named `call`, each with the call as its data. A stream that
/// resumes nothing begins with each call that is under way, and an event `current` behind the last of them.
#[utoipa::path(
    get, path = "/v1/events", tag = "agents", security(("session" = [])),
    params(("Last-Event-ID" = Option<i64>, Header, description = "Resume after this event; without it the stream begins with the calls that are under way")),
    responses(
        (status = 200, body = View<'static>, content_type = "text/event-stream", description = "One event for each change; ends with the session"),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed"),
    ),
)]
pub async fn follow(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let newest = relay.store.newest_event(&asker.agent.id).await?;
    let mut first = Vec::new();
    let last = match headers.get("last-event-id") {
        None => {
            let since = relay.clock.now().saturating_sub(FOLLOWED);
            let agent = &asker.agent.id;
            for call in relay.store.calls_under_way(agent, newest, since).await? {
                first.push(told(newest, "call", call.to_json()?));
            }
            let current = json!({ "event": newest });
            first.push(told(newest, "current", current.to_string()));
            newest
        }
        Some(value) => value
            .to_str()
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .filter(|&id: &i64| id >= 0)
            // The person was erased since: their events are numbered anew.
            .map(|id| if id > newest { 0 } else { id })
            .ok_or_else(|| {
                Problem::of(
                    Code::InvalidField,
                    "Last-Event-ID",
                    "Last-Event-ID has to be the id of an event, a whole number.",
                )
            })?,
    };
    let open = relay.metrics.stream_opened();
    let events = events::follow(relay, asker, last).map(move |event| {
        let _ = &open;
        told(event.id, "call", event.data)
    });
    let events = stream::iter(first).chain(events);
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(COMMENT))
        .into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx would hold events back until its buffer is full.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// Resumed after it, a stream has told everything up to `id`.
fn told(id: i64, name: &str, data: String) -> Result<Event, Infallible> {
    Ok(Event::default().id(id.to_string()).event(name).data(data))
}
