//! `/v1/calls`

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use patchcord_core::call::{CallRequest, Mode, Recording};
use patchcord_core::error::Code;
use patchcord_core::number::PhoneNumber;
use patchcord_core::record::Record;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::body::{JsonBytes, Members};
use super::credentials::AgentSession;
use super::path::Id;
use super::problem::{Document, Problem};
use super::request_id::RequestId;
use crate::calls;
use crate::idempotent::{self, Given};
use crate::relay::Relay;
use crate::store::call::{Call, View};

/// A wish to connect the agent to a number.
#[derive(ToSchema)]
#[schema(as = CallRequest)]
#[expect(
    dead_code,
    reason = "describes the body, which is read member by member"
)]
pub struct CallBody {
    /// In E.164 form.
    number: String,
    /// 1 to 11 digits; no provider has a field for it, so it is not sent.
    extension: Option<String>,
    /// By default the agent's first.
    provider: Option<String>,
    /// One of the agent's caller ids.
    caller_id: Option<String>,
    /// Only fill in the number.
    prefill: Option<bool>,
    /// Record from the start.
    auto_record: Option<bool>,
    /// The CRM record behind the call.
    record: Option<RecordBody>,
    /// Any JSON object of at most 16384 bytes and 16 levels.
    payload: Option<Map<String, Value>>,
}

/// The CRM record behind a call.
#[derive(ToSchema)]
#[schema(as = Record)]
#[expect(dead_code, reason = "describes the body, which is read by the core")]
pub struct RecordBody {
    /// The CRM.
    system: String,
    /// The object type.
    r#type: String,
    /// The record's id there.
    id: String,
    /// What people call it.
    name: Option<String>,
    /// Where it can be opened.
    url: Option<String>,
}

/// Connects the agent to a number. From the moment a provider was asked, the reply is 200 with an outcome.
#[utoipa::path(
    post, path = "/v1/calls", tag = "agents", request_body = CallBody, security(("session" = [])),
    params(("Idempotency-Key" = String, Header, description = "16 to 128 characters of A-Z a-z 0-9 - _, new for each click")),
    responses(
        (status = 200, body = View<'static>, headers(("Idempotent-Replay" = String, description = "`true` if this is the first reply again"))),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused before a provider was asked"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed before a provider was asked"),
    ),
)]
pub async fn place(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    id: RequestId,
    headers: HeaderMap,
    JsonBytes(body): JsonBytes,
) -> Result<Given, Problem> {
    let agent = &asker.agent;
    let claim = idempotent::claim(&headers, idempotent::scope(&agent.id), &body)?;
    let mut members = Members::read(&body)?;
    let provider: Option<String> = members.optional("provider", "text")?;
    let request = read(members)?;
    calls::place(&relay, agent, request, provider.as_deref(), claim, &id).await
}

fn read(mut members: Members) -> Result<CallRequest, Problem> {
    let number: PhoneNumber = members.parsed("number")?.ok_or_else(|| {
        Problem::of(
            Code::MissingField,
            "number",
            "`number` is missing: the number to dial, in E.164 form.",
        )
    })?;
    let prefill: Option<bool> = members.optional("prefill", "true or false")?;
    let auto_record: Option<bool> = members.optional("auto_record", "true or false")?;
    let request = CallRequest {
        number,
        extension: members.parsed("extension")?,
        caller_id: members.parsed("caller_id")?,
        mode: if prefill == Some(true) {
            Mode::Prefill
        } else {
            Mode::Dial
        },
        recording: if auto_record == Some(true) {
            Recording::Always
        } else {
            Recording::AsConfigured
        },
        record: read_record(members.members("record")?)?,
        payload: members.payload()?,
    };
    members.finish()?;
    Ok(request)
}

fn read_record(members: Option<Members>) -> Result<Option<Record>, Problem> {
    let Some(mut members) = members else {
        return Ok(None);
    };
    let record = Record {
        system: members.required("system", "text")?,
        kind: members.required("type", "text")?,
        id: members.required("id", "text")?,
        name: members.optional("name", "text")?,
        url: members.optional("url", "text")?,
    };
    members.finish()?;
    Ok(Some(record))
}

/// A call of the agent's.
#[utoipa::path(
    get, path = "/v1/calls/{id}", tag = "agents", security(("session" = [])),
    params(("id" = String, Path, description = "The relay's id of the call")),
    responses(
        (status = 200, body = View<'static>),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed"),
    ),
)]
pub async fn get(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    Id(id): Id,
) -> Result<Response, Problem> {
    calls::find(&relay, &asker.agent, &id)
        .await
        .and_then(|call| view(&call))
}

/// Hangs up, or calls off what has not begun.
#[utoipa::path(
    delete, path = "/v1/calls/{id}", tag = "agents", security(("session" = [])),
    params(("id" = String, Path, description = "The relay's id of the call")),
    responses(
        (status = 200, body = View<'static>, description = "The call; `code` and `message` are the provider's where it refused"),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed"),
    ),
)]
pub async fn hang_up(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    Id(id): Id,
) -> Result<Response, Problem> {
    calls::hang_up(&relay, &asker.agent, &id)
        .await
        .and_then(|call| view(&call))
}

fn view(call: &Call) -> Result<Response, Problem> {
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, call.to_json()?).into_response())
}
