//! `/v1/recordings/{id}`: where a recording can be heard, for agents who may.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use patchcord_core::error::Code;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::provider::recordings::Recording;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::credentials::AgentSession;
use super::path::Id;
use super::problem::{Document, Problem};
use super::query::Asked;
use crate::accounts::Account;
use crate::audit::Action;
use crate::config::{Agent, Permission};
use crate::policy::look_up::{self, Kind, LookUp};
use crate::relay::Relay;

/// The most bytes of a provider's name, and of an id.
const MAX_NAME: usize = 64;

/// A recording, or why there is none.
#[derive(Serialize, ToSchema)]
#[schema(as = Recording)]
pub struct View {
    /// `accepted`, `refused` or `unknown`.
    outcome: &'static str,
    /// Where the sound is. Whoever has this address can hear it: keep it nowhere. Absent while there is nothing to
    /// hear yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
    /// The type of the sound, as `audio/mpeg`.
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    /// The provider's own word for its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    /// Why it was not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// The provider's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// Where a recording can be heard. For agents whose entry says `may = ["recordings"]`; each time it is asked for is
/// written down. As often as the agent may dial.
#[utoipa::path(
    get, path = "/v1/recordings/{id}", tag = "agents", security(("session" = [])),
    params(
        ("id" = String, Path, description = "The provider's id, as `GET /v1/history` tells it"),
        ("provider" = Option<String>, Query, description = "The provider; all of the agent's by default"),
    ),
    responses(
        (status = 200, body = View),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused; `not_permitted` where the agent may hear none"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed before a provider was asked"),
    ),
)]
pub async fn get(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    Id(id): Id,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let agent = &asker.agent;
    if !agent.may.contains(&Permission::Recordings) {
        return Err(
            Problem::new(Code::NotPermitted, "This agent may hear no recordings.").with_remedy(
                "Whoever runs the relay can write may = [\"recordings\"] in the agent's entry.",
            ),
        );
    }
    let mut query = Asked::read(query.as_deref())?;
    let provider = query.text("provider", MAX_NAME)?;
    query.finish()?;
    if id.len() > MAX_NAME || id.chars().any(char::is_control) {
        return Err(Problem::of(
            Code::InvalidField,
            "id",
            "This is no recording's id.",
        ));
    }
    let accounts = accounts(&relay, agent, &provider)?;
    let look_up = LookUp {
        kind: Kind::Recording,
        action: Action::RecordingAsked,
        subject: id.clone(),
        detail: json!({ "provider": accounts.iter().map(|one| one.provider.name()).collect::<Vec<_>>() }),
    };
    look_up::take_down(&relay, &agent.id, look_up).await?;
    let view = view(find(&accounts, &id).await);
    Ok((
        [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        Json(view),
    )
        .into_response())
}

/// The agent's accounts that keep recordings.
fn accounts<'a>(
    relay: &'a Relay,
    agent: &Agent,
    provider: &str,
) -> Result<Vec<&'a Account>, Problem> {
    let accounts: Vec<&Account> = agent
        .identities
        .iter()
        .filter_map(|identity| relay.accounts.get(&identity.account))
        .filter(|account| provider.is_empty() || account.provider.name() == provider)
        .filter(|account| account.provider.recordings().is_some())
        .collect();
    if accounts.is_empty() {
        return Err(Problem::of(
            Code::CapabilityMissing,
            "provider",
            "None of the agent's platforms of this name keeps recordings.",
        )
        .with_remedy("Leave `provider` out, or name the call's own."));
    }
    Ok(accounts)
}

/// Asks one account after the other, until one has it: a recording does not say whose it is.
async fn find(accounts: &[&Account], id: &str) -> Result<Recording, Outcome> {
    let mut last = Outcome::Refused(Because::code(Code::ProviderNotFound));
    for account in accounts {
        let Some(recordings) = account.provider.recordings() else {
            continue;
        };
        let build = |token: Option<&_>| recordings.ask(id, token);
        let answer = account.ask(build, |reply| recordings.read(reply)).await;
        match answer.unwrap_or_else(|because| Err(Outcome::Refused(because))) {
            Ok(recording) => return Ok(recording),
            Err(outcome) => last = outcome,
        }
        if last
            .because()
            .is_none_or(|because| because.code != Code::ProviderNotFound)
        {
            break;
        }
    }
    Err(last)
}

fn view(found: Result<Recording, Outcome>) -> View {
    match found {
        Ok(recording) => View {
            outcome: Outcome::Accepted.as_str(),
            link: recording.link.map(|link| link.expose().to_owned()),
            duration: recording.duration,
            media_type: recording.media_type,
            state: recording.state,
            code: None,
            message: None,
        },
        Err(outcome) => View {
            outcome: outcome.as_str(),
            link: None,
            duration: None,
            media_type: None,
            state: None,
            code: outcome.because().map(|because| because.code.as_str()),
            message: outcome
                .because()
                .and_then(|because| because.message.clone()),
        },
    }
}
