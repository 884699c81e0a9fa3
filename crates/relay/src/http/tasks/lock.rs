//! `/v1/tasks/unlock`: whoever declined a task lets the platform offer them others again.
//!
//! The platform takes this from the agent alone, with their own token, and tells nobody beforehand who is kept from
//! tasks.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use patchcord_core::outcome::Outcome;
use patchcord_core::provider::tasks::Lock;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{PATIENCE, at, take_down, why};
use crate::agent_api;
use crate::audit::Action;
use crate::http::body::{JsonBytes, Members};
use crate::http::credentials::AgentSession;
use crate::http::problem::{Document, Problem};
use crate::relay::Relay;

/// At which platform.
#[derive(ToSchema)]
#[schema(as = TaskUnlockRequest)]
#[expect(
    dead_code,
    reason = "describes the body, which is read member by member"
)]
pub struct Wish {
    /// The first platform of the agent's that has tasks, where it is not said.
    provider: Option<String>,
}

/// What became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = TaskUnlockReply)]
pub struct View {
    /// The platform that was asked.
    provider: &'static str,
    /// `accepted`, `refused` or `unknown`.
    outcome: &'static str,
    /// Why it was not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// The platform's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// `unlocked`, or `locked` where the platform keeps them from tasks all the same, or a word of its own; where it
    /// was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    lock: Option<String>,
}

/// The agent of the session can be offered tasks again, after they declined one. With their own token at the platform.
/// It is sent once.
#[utoipa::path(
    post, path = "/v1/tasks/unlock", tag = "agents", security(("session" = [])),
    request_body = Wish,
    responses(
        (status = 200, body = View, description = "The platform was asked; the outcome says what became of it"),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused before the platform was asked: `sign_in_needed` where the agent has to sign in there first, `capability_missing` where no platform of the agent has tasks or the account has no `agent_api`"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "`provider_unreachable`: nothing was sent"),
    ),
)]
pub async fn unlock(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    JsonBytes(bytes): JsonBytes,
) -> Result<Json<View>, Problem> {
    let mut members = Members::read(&bytes)?;
    let provider: Option<String> = members.optional("provider", "text")?;
    members.finish()?;
    let (_, account, tasks) = at(&relay, &asker.agent, provider.as_deref())?;
    let provider = account.provider.name();
    let seat = agent_api::at(&relay, &asker.agent, provider)?;
    let (who, detail) = (&asker.agent.id, json!({ "account": seat.identity.account }));
    take_down(&relay, who, Action::UnlockAsked, &who.sub, detail).await?;
    let until = Instant::now() + PATIENCE;
    let reply = seat.ask(until, |token| tasks.unlock(token)).await?;
    let (outcome, lock) = match tasks.read_unlock(reply) {
        Ok(lock) => (Outcome::Accepted, Some(word(lock))),
        Err(outcome) => (outcome, None),
    };
    tracing::info!(
        account = seat.identity.account,
        outcome = outcome.as_str(),
        "an agent asked to be offered tasks again"
    );
    let (code, message) = why(&outcome);
    Ok(Json(View {
        provider,
        outcome: outcome.as_str(),
        code,
        message,
        lock,
    }))
}

fn word(lock: Lock) -> String {
    match lock {
        Lock::Locked => "locked".to_owned(),
        Lock::Unlocked => "unlocked".to_owned(),
        Lock::Other(word) => word,
    }
}
