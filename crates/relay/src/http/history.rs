//! `/v1/history`: an agent's last calls with a contact.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use patchcord_core::error::Code;
use patchcord_core::number::PhoneNumber;
use patchcord_core::outcome::Because;
use patchcord_core::provider::past_calls::{Direction, End, PastCall};
use patchcord_phone::Style;
use serde::Serialize;
use utoipa::ToSchema;

use super::credentials::AgentSession;
use super::problem::{Document, Problem};
use super::query::Asked;
use crate::clock::{self, Millis};
use crate::config::Permission;
use crate::history::{self, History};
use crate::relay::Relay;

/// The most bytes of a number as people write it.
const MAX_NUMBER: usize = 64;
/// How many calls are told at most, and by default.
const MOST: u32 = 50;
const USUAL: u32 = 10;

/// The last calls with a contact.
#[derive(Serialize, ToSchema)]
#[schema(as = History)]
pub struct View {
    /// The contact's number, E.164.
    number: String,
    /// The newest first.
    calls: Vec<PastCallView>,
    /// There may be more calls than these.
    more: bool,
    /// The providers that did not tell their calls; `calls` is what the others told.
    unread: Vec<UnreadView>,
}

/// One call. What the platform does not tell is absent.
#[derive(Serialize, ToSchema)]
#[schema(as = PastCall)]
pub struct PastCallView {
    /// Where it was.
    provider: String,
    /// The provider's id.
    id: String,
    /// `inbound` or `outbound`, seen from the company.
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<&'static str>,
    /// The calling number, as the platform writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// The called number, as the platform writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    /// The agent who talked, or was to.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    /// The queue or team.
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<String>,
    /// When it began, RFC 3339 in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    /// Seconds from the beginning until somebody answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_after: Option<u64>,
    /// Seconds from the beginning to the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
    /// `talked`, `missed`, `failed`, `open` (it has not ended), or `other`.
    end: &'static str,
    /// The platform's own word for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Its recordings, for an agent who may hear them; see `GET /v1/recordings/{id}`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    recordings: Vec<RecordedView>,
}

/// A recording of a call.
#[derive(Serialize, ToSchema)]
#[schema(as = Recorded)]
pub struct RecordedView {
    /// The provider's id.
    id: String,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
}

/// A provider that did not tell its calls.
#[derive(Serialize, ToSchema)]
#[schema(as = Unread)]
pub struct UnreadView {
    /// Its name.
    provider: String,
    /// Why not.
    code: &'static str,
    /// The provider's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// The last calls with a number at the platforms of the agent, both directions together: of a year, or of what the
/// platform allows. As often as the agent may dial.
#[utoipa::path(
    get, path = "/v1/history", tag = "agents", security(("session" = [])),
    params(
        ("number" = String, Query, description = "E.164, or as it is written in the relay's region"),
        ("max" = Option<u32>, Query, description = "The most calls, 1 to 50; 10 by default"),
    ),
    responses(
        (status = 200, body = View),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused; `capability_missing` where no platform of the agent tells its calls"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed before a provider was asked"),
    ),
)]
pub async fn get(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut query = Asked::read(query.as_deref())?;
    let number = query.text("number", MAX_NUMBER)?;
    let most = query.whole("max", 1..=MOST, USUAL)?;
    query.finish()?;
    let number = read_number(&number, &relay.config.region)?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let history = history::with(&relay, &asker.agent, &number, most).await?;
    let hears = asker.agent.may.contains(&Permission::Recordings);
    let view = view(history, &number, hears.then_some(Hears));
    Ok((
        [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        Json(view),
    )
        .into_response())
}

/// A number in E.164 form, or as people write it in this region.
fn read_number(text: &str, region: &str) -> Result<PhoneNumber, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::of(
            Code::MissingField,
            "number",
            "`number` is missing: whose calls are looked for.",
        ));
    }
    let parsed = patchcord_phone::parse(text, region.parse().ok()).ok();
    let number = parsed.and_then(|parsed| parsed.format(Style::E164).parse().ok());
    number.ok_or_else(|| {
        Problem::of(Code::InvalidNumber, "number", "This is no phone number.")
            .with_remedy("Write it in E.164 form, as +493012345678.")
    })
}

/// The asker may hear recordings.
#[derive(Clone, Copy)]
struct Hears;

fn view(history: History, number: &PhoneNumber, hears: Option<Hears>) -> View {
    View {
        number: number.as_e164().to_owned(),
        calls: history
            .calls
            .into_iter()
            .map(|(provider, call)| one(provider, call, hears))
            .collect(),
        more: history.more,
        unread: history
            .unread
            .into_iter()
            .map(|(provider, Because { code, message, .. })| UnreadView {
                provider,
                code: code.as_str(),
                message,
            })
            .collect(),
    }
}

fn one(provider: String, call: PastCall, hears: Option<Hears>) -> PastCallView {
    let (end, reason) = match call.end {
        End::Open => ("open", None),
        End::Talked => ("talked", None),
        End::Missed(word) => ("missed", Some(word)),
        End::Failed(word) => ("failed", Some(word)),
        End::Other(word) => ("other", Some(word)),
    };
    let recordings = match hears {
        Some(Hears) => call.recordings,
        None => Vec::new(),
    };
    let started = call.started.and_then(|at| Millis::try_from(at).ok());
    PastCallView {
        provider,
        id: call.id,
        direction: call.direction.map(|direction| match direction {
            Direction::Inbound => "inbound",
            Direction::Outbound => "outbound",
        }),
        from: call.from,
        to: call.to,
        agent: call.agent.and_then(|agent| agent.name),
        team: call.team.and_then(|team| team.name),
        started_at: started.map(clock::to_rfc3339),
        answered_after: call.answered_after,
        duration: call.duration,
        end,
        reason: reason.filter(|word| !word.is_empty()),
        recordings: recordings
            .into_iter()
            .map(|one| RecordedView {
                id: one.id,
                duration: one.duration,
            })
            .collect(),
    }
}
