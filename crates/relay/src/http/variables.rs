//! `/v1/calls/{id}/variables`: what later steps of the platform's call flow can read.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use patchcord_core::error::Code;
use patchcord_core::outcome::Outcome;
use patchcord_core::provider::variables::Variables;
use patchcord_core::secret::Secret;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::body::{JsonBytes, Members};
use super::credentials::AgentSession;
use super::path::Id;
use super::problem::{Document, Problem};
use crate::audit::Action;
use crate::calls;
use crate::config::Agent;
use crate::policy::look_up::{self, Kind, LookUp};
use crate::relay::Relay;

/// What is to be set.
#[derive(ToSchema)]
#[schema(as = CallVariables)]
#[expect(
    dead_code,
    reason = "describes the body, which is read member by member"
)]
pub struct VariablesBody {
    /// 1 to 50 names and values, of at most 16384 bytes in all. At babelforce each name begins with `app.`.
    variables: Map<String, Value>,
}

/// What became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = CallVariablesSet)]
pub struct View {
    /// `accepted`, `refused` or `unknown`.
    outcome: &'static str,
    /// Why it was not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// The provider's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// Sets variables of a call of the agent's. Those that it has under other names stay.
#[utoipa::path(
    put, path = "/v1/calls/{id}/variables", tag = "agents", request_body = VariablesBody, security(("session" = [])),
    params(("id" = String, Path, description = "The relay's id of the call")),
    responses(
        (status = 200, body = View),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused before the provider was asked"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed before the provider was asked"),
    ),
)]
pub async fn set(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    Id(id): Id,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Problem> {
    let mut members = Members::read(&body)?;
    let json: Box<RawValue> = members.required("variables", "an object of names and values")?;
    members.finish()?;
    let variables = Variables::from_json(json.get())?;
    let outcome = apply(&relay, &asker.agent, &id, &variables).await?;
    let view = View {
        outcome: outcome.as_str(),
        code: outcome.because().map(|because| because.code.as_str()),
        message: outcome
            .because()
            .and_then(|because| because.message.clone()),
    };
    Ok((
        [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        Json(view),
    )
        .into_response())
}

/// Asks the platform to set them, for a call that it gave an id.
async fn apply(
    relay: &Relay,
    agent: &Agent,
    id: &str,
    variables: &Variables,
) -> Result<Outcome, Problem> {
    let call = calls::find(relay, agent, id).await?;
    let account = relay.accounts.get(&call.account);
    let setter = account.and_then(|account| Some((account, account.provider.variables()?)));
    let (Some((account, setter)), Some(provider_call)) = (setter, &call.provider_call) else {
        return Err(Problem::new(
            Code::CapabilityMissing,
            "This call has no variables that can be set from here.",
        )
        .with_remedy(
            "Send what has to travel with the call as its `payload`, when it is dialled.",
        ));
    };
    // Refused here, before anything is written down or sent: a name that the platform would ignore.
    setter
        .set(provider_call, variables, None)
        .map_err(|error| {
            Problem::from(error).with_remedy("Begin each name with `app.`, as `app.priority`.")
        })?;
    let look_up = LookUp {
        kind: Kind::Variables,
        action: Action::VariablesSet,
        subject: call.id.clone(),
        // The names, not the values.
        detail: json!({ "names": variables.names() }),
    };
    look_up::take_down(relay, &agent.id, look_up).await?;
    let build = |token: Option<&Secret>| setter.set(provider_call, variables, token);
    let asked = account.ask(build, |reply| setter.read_set(reply)).await;
    Ok(asked.unwrap_or_else(Outcome::Refused))
}
