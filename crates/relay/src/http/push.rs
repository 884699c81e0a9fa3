//! `/v1/push`: a message of the CRM's backend to the agent it has a session of, where they work.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use patchcord_core::capability::Capability;
use patchcord_core::error::Code;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::provider::people::{Message, People, Push, To};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::body::{JsonBytes, Members};
use super::credentials::AgentSession;
use super::problem::{Document, Problem};
use crate::accounts::Account;
use crate::audit::{self, Action, Actor};
use crate::calls::identity_with;
use crate::config::{Agent, AgentId, Identity};
use crate::relay::Relay;
use crate::store::tally::{self, Limit, Window};

/// A message to oneself.
#[derive(ToSchema)]
#[schema(as = PushRequest)]
#[expect(
    dead_code,
    reason = "describes the body, which is read member by member"
)]
pub struct Wish {
    /// What it says, 1 to 250 characters.
    #[schema(min_length = 1, max_length = 250)]
    message: String,
    /// For programs: any JSON object, as a payload.
    payload: Option<Value>,
    /// At which platform; the first of the agent's that can, where it is not said.
    provider: Option<String>,
}

/// What became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = PushReply)]
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
}

/// Pushes a message to the agent of the session, as a screen pop; as often as they may dial. It is not sent again by
/// itself.
#[utoipa::path(
    post, path = "/v1/push", tag = "agents", security(("session" = [])),
    request_body = Wish,
    responses(
        (status = 200, body = View, description = "The platform was asked; the outcome says what became of it"),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused before the platform was asked: `capability_missing` where no platform of the agent pushes messages, `too_many_requests`"),
    ),
)]
pub async fn push(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    JsonBytes(bytes): JsonBytes,
) -> Result<Json<View>, Problem> {
    let mut members = Members::read(&bytes)?;
    let message: String = members.required("message", "text")?;
    let provider: Option<String> = members.optional("provider", "text")?;
    let data = members.payload()?;
    members.finish()?;
    let message = Message::parse(&message)?;
    let (identity, account, people) = at(&relay, &asker.agent, provider.as_deref())?;
    take_down(&relay, &asker.agent.id, &identity.account, &message).await?;
    let push = Push {
        to: To::Agent(identity.agent.clone()),
        message,
        data,
    };
    let outcome = account
        .ask(
            |token| people.push(&push, token),
            |reply| people.read_push(reply),
        )
        .await
        .unwrap_or_else(Outcome::Refused);
    tracing::info!(
        account = identity.account,
        outcome = outcome.as_str(),
        "a message was pushed"
    );
    Ok(Json(view(account.provider.name(), &outcome)))
}

fn view(provider: &'static str, outcome: &Outcome) -> View {
    let because = outcome.because();
    View {
        provider,
        outcome: outcome.as_str(),
        code: because.map(|Because { code, .. }| code.as_str()),
        message: because.and_then(|because| because.message.clone()),
    }
}

/// Who the agent is where messages can be pushed.
fn at<'a>(
    relay: &'a Relay,
    agent: &'a Agent,
    provider: Option<&str>,
) -> Result<(&'a Identity, &'a Account, &'a dyn People), Problem> {
    let takes = |account: &'a Account| {
        let people = account.provider.people()?;
        account.provider.can(Capability::Push).then_some(people)
    };
    let found = identity_with(relay, agent, provider, takes)?;
    found.ok_or_else(|| {
        Problem::of(
            Code::CapabilityMissing,
            "provider",
            "No platform of this agent's takes messages.",
        )
    })
}

/// Writes down that there is a message, and counts it, before it is sent. What it says is nobody else's.
async fn take_down(
    relay: &Relay,
    agent: &AgentId,
    account: &str,
    message: &Message,
) -> Result<(), Problem> {
    let (limits, mode, now) = (&relay.config.limits, relay.config.policy, relay.clock.now());
    let limit = |window, most| Limit {
        what: "push",
        which: format!("{}\n{}", agent.org, agent.sub),
        window,
        most,
    };
    let limits = [
        limit(Window::Hour, limits.agent_per_hour),
        limit(Window::Day, limits.agent_per_day),
    ];
    let (agent, account) = (agent.clone(), account.to_owned());
    let detail = json!({ "characters": message.as_str().chars().count() });
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                if !tally::count(tx, &limits, now).await?.is_empty() {
                    let problem = Problem::new(
                        Code::TooManyRequests,
                        "This agent has had too many messages.",
                    );
                    mode.refuse(problem.with_remedy("Try again later."))?;
                }
                let who = Actor::Agent(&agent);
                audit::write(tx, who, Action::MessagePushed, &account, detail, now).await?;
                Ok::<_, Problem>(())
            })
        })
        .await
}
