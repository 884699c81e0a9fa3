//! `/v1/hosts/{name}/record`: the mapped fields of a CRM's record, for the frame of a host whose CRM does not tell them.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use patchcord_core::error::Code;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::credentials::AgentSession;
use super::path::Id;
use super::problem::{Document, Problem};
use super::query::Asked;
use crate::audit::Action;
use crate::hosts;
use crate::policy::look_up::{self, Kind, LookUp};
use crate::records::{Found, Unread};
use crate::relay::Relay;

/// The most bytes of an object type.
const MAX_TYPE: usize = 120;
/// The most bytes of an id.
const MAX_ID: usize = 64;

/// What a record says.
#[derive(Serialize, ToSchema)]
#[schema(as = RecordFields)]
pub struct View {
    /// What people call it, where the CRM was asked for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The fields that the host's mapping reads, as the CRM gives them; one that it does not have is absent.
    fields: Map<String, Value>,
}

/// The mapped fields of one record, read with the host's credential. For agents of the host's organisation, as often
/// as they may dial.
#[utoipa::path(
    get, path = "/v1/hosts/{name}/record", tag = "hosts", security(("session" = [])),
    params(
        ("name" = String, Path, description = "The host's name"),
        ("type" = String, Query, description = "An object type of the host's mapping"),
        ("id" = String, Query, description = "The record's id, as the CRM gives it"),
    ),
    responses(
        (status = 200, body = View),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused; `not_found` about `id` where the CRM shows no such record"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "`record_unreadable`: the CRM refused, or did not answer within three seconds"),
    ),
)]
pub async fn get(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    Id(name): Id,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut query = Asked::read(query.as_deref())?;
    let kind = given("type", query.text("type", MAX_TYPE)?)?;
    let id = given("id", query.text("id", MAX_ID)?)?;
    query.finish()?;
    let host = relay
        .hosts
        .get(&name)
        .ok_or_else(|| Problem::new(Code::NotFound, "There is no host of this name."))?;
    let agent = &asker.agent.id;
    if !hosts::organisations(&relay.config, &host).contains(&agent.org) {
        return Err(Problem::new(
            Code::AgentUnknown,
            "The agent is none of this host's organisation.",
        ));
    }
    let asked = host.asked(&kind, &id).map_err(|unread| problem(&unread))?;
    let look_up = LookUp {
        kind: Kind::Record,
        action: Action::RecordRead,
        subject: host.name.clone(),
        detail: json!({ "type": kind, "id": id }),
    };
    look_up::take_down(&relay, agent, look_up).await?;
    match relay.records.read(&asked).await {
        Ok(found) => {
            tracing::info!(
                host = name,
                fields = found.fields.len(),
                "a record was read"
            );
            answer(found)
        }
        Err(unread) => {
            tracing::warn!(host = name, %unread, "a record could not be read");
            Err(problem(&unread))
        }
    }
}

fn given(name: &str, text: String) -> Result<String, Problem> {
    if text.is_empty() {
        return Err(Problem::of(
            Code::MissingField,
            name,
            format!("`{name}` is missing."),
        ));
    }
    Ok(text)
}

fn problem(unread: &Unread) -> Problem {
    let words = format!("{unread}.");
    let words = words.as_str();
    match unread {
        Unread::NoLookUp => Problem::new(Code::CapabilityMissing, words),
        Unread::Type => Problem::of(Code::InvalidField, "type", words),
        Unread::Id => Problem::of(Code::InvalidField, "id", words),
        Unread::NotFound(_) => Problem::of(Code::NotFound, "id", words),
        Unread::Refused { .. } | Unread::NoAnswer { .. } | Unread::Unreadable(_) => {
            Problem::new(Code::RecordUnreadable, words)
        }
    }
    .with_remedy(unread.remedy())
}

fn answer(found: Found) -> Result<Response, Problem> {
    let view = View {
        name: found.name,
        fields: found.fields,
    };
    let body = serde_json::to_vec(&view).map_err(|error| Problem::internal(&error))?;
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, body).into_response())
}
