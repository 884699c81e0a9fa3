//! `/v1/tasks`: what the platform has an agent do, and what they do about it.
//!
//! The list is asked for with the account's token, since the platform lists tasks for managers alone; the tasks that
//! name the agent are theirs. What they do is sent with their own token, once.

pub mod lock;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use patchcord_core::error::Code;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::provider::tasks::{AgentAction, Filter, Reason, Task, Tasks, When};
use patchcord_core::provider::tasks::{State as TaskState, Times};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::body::{JsonBytes, Members};
use super::credentials::AgentSession;
use super::problem::{Document, Problem};
use super::query::Asked;
use crate::accounts::{Account, Listed};
use crate::agent_api::{self, Seat};
use crate::audit::{self, Action, Actor};
use crate::calls::identity_with;
use crate::clock;
use crate::config::{Agent, AgentId, Identity};
use crate::policy::look_up::{self, Kind};
use crate::relay::Relay;

/// The largest page that a platform gives.
const SIZE: u32 = 100;
/// So many pages are looked through.
const MOST: u32 = 10;
/// How long an action may wait for its turn: a task is offered for a short while.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most bytes of a provider's name.
const MAX_NAME: usize = 64;

/// The states of what is offered to an agent, and of what they have taken.
const OPEN: [TaskState; 5] = [
    TaskState::Selecting,
    TaskState::Accepted,
    TaskState::Assigned,
    TaskState::Processing,
    TaskState::Pending,
];

/// A task of an agent's.
#[derive(Serialize, ToSchema)]
#[schema(as = Task)]
pub struct TaskView {
    /// The platform's id.
    id: String,
    /// What kind of task it is, in the account's own words.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// The platform's word: `Selecting` while it is offered.
    state: String,
    /// When it was made, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    /// When its time is, RFC 3339, where the platform tells a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Value>,
}

/// An agent's tasks, or why they are not known.
#[derive(Serialize, ToSchema)]
#[schema(as = TaskList)]
pub struct ListView {
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
    /// The tasks; empty where the outcome is not `accepted`.
    tasks: Vec<TaskView>,
    /// Whether there may be more than could be looked through.
    cut: bool,
}

/// Why an agent does something about a task.
#[derive(ToSchema)]
#[schema(as = TaskActionRequest)]
#[expect(
    dead_code,
    reason = "describes the body, which is read member by member"
)]
pub struct Wish {
    /// 1 to 255 characters; the platform keeps it.
    #[schema(min_length = 1, max_length = 255)]
    reason: Option<String>,
    /// At which platform; the first of the agent's that has tasks, where it is not said.
    provider: Option<String>,
}

/// What became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = TaskActionReply)]
pub struct ActionView {
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
    /// The task as it is now, where it was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<TaskView>,
}

/// The tasks that are offered to the agent of the session, or are theirs and not over.
#[utoipa::path(
    get, path = "/v1/tasks", tag = "agents", security(("session" = [])),
    params(("provider" = Option<String>, Query, description = "At which platform; the first of the agent's that has tasks, where it is not said")),
    responses(
        (status = 200, body = ListView, description = "The platform was asked; the outcome says what became of it"),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused before the platform was asked: `capability_missing` where no platform of the agent has tasks; `too_many_requests` (429) where they asked more than 600 times in an hour"),
    ),
)]
pub async fn list(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    RawQuery(query): RawQuery,
) -> Result<Json<ListView>, Problem> {
    let mut query = Asked::read(query.as_deref())?;
    let provider = query.text("provider", MAX_NAME)?;
    query.finish()?;
    let provider = Some(provider.as_str()).filter(|name| !name.is_empty());
    let (identity, account, tasks) = at(&relay, &asker.agent, provider)?;
    look_up::count(&relay, &asker.agent.id, Kind::Tasks).await?;
    let filter = Filter {
        states: OPEN.to_vec(),
        kind: None,
        created: Times::default(),
        scheduled: Times::default(),
    };
    let is_theirs = |task: &Task| {
        let agent = task.agent.as_deref();
        agent.is_some_and(|agent| account.provider.is_same_agent(agent, &identity.agent))
    };
    let listed = account.ask_pages(
        MOST,
        |page, token| tasks.list(&filter, page, SIZE, token),
        |page, reply| {
            let mut page = tasks.read_list(page, reply)?;
            // What is others' is not held on to: it may be megabytes.
            page.items.retain(is_theirs);
            Ok(page)
        },
    );
    let provider = account.provider.name();
    Ok(Json(match listed.await {
        Ok(Listed { items, cut }) => ListView {
            provider,
            outcome: Outcome::Accepted.as_str(),
            code: None,
            message: None,
            tasks: items.iter().map(view).collect(),
            cut,
        },
        Err(outcome) => {
            let (code, message) = why(&outcome);
            ListView {
                provider,
                outcome: outcome.as_str(),
                code,
                message,
                tasks: Vec::new(),
                cut: false,
            }
        }
    }))
}

/// The agent of the session takes, declines or completes a task, with their own token at the platform. It is sent once.
#[utoipa::path(
    post, path = "/v1/tasks/{id}/{action}", tag = "agents", security(("session" = [])),
    params(
        ("id" = String, Path, description = "The task's id"),
        ("action" = String, Path, description = "`accept`, `reject` or `complete`"),
    ),
    request_body = Wish,
    responses(
        (status = 200, body = ActionView, description = "The platform was asked; the outcome says what became of it"),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused before the platform was asked: `sign_in_needed` where the agent has to sign in there first, `capability_missing` where no platform of the agent has tasks or the account has no `agent_api`"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "`provider_unreachable`: nothing was sent"),
    ),
)]
pub async fn act(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    Path((id, action)): Path<(String, String)>,
    JsonBytes(bytes): JsonBytes,
) -> Result<Json<ActionView>, Problem> {
    let nothing = || Problem::new(Code::NotFound, "There is nothing at this path.");
    let action = AgentAction::parse(&action).ok_or_else(nothing)?;
    let mut members = Members::read(&bytes)?;
    let reason: Option<String> = members.optional("reason", "text")?;
    let provider: Option<String> = members.optional("provider", "text")?;
    members.finish()?;
    let reason = reason.as_deref().map(Reason::parse).transpose()?;
    let (_, account, tasks) = at(&relay, &asker.agent, provider.as_deref())?;
    let provider = account.provider.name();
    let seat = agent_api::at(&relay, &asker.agent, provider)?;
    // Before anything is written down: an impossible id is no task.
    tasks.act(&id, action, reason.as_ref(), &Default::default())?;
    let detail = json!({ "account": seat.identity.account, "action": action.as_str() });
    take_down(
        &relay,
        &asker.agent.id,
        Action::TaskActionAsked,
        &id,
        detail,
    )
    .await?;
    let answer = ask(&seat, tasks, &id, action, reason.as_ref()).await?;
    let (outcome, task) = match answer {
        Ok(task) => (Outcome::Accepted, Some(view(&task))),
        Err(outcome) => (outcome, None),
    };
    tracing::info!(
        account = seat.identity.account,
        action = action.as_str(),
        outcome = outcome.as_str(),
        "an agent acted on a task"
    );
    let (code, message) = why(&outcome);
    Ok(Json(ActionView {
        provider,
        outcome: outcome.as_str(),
        code,
        message,
        task,
    }))
}

async fn ask(
    seat: &Seat<'_>,
    tasks: &dyn Tasks,
    id: &str,
    action: AgentAction,
    reason: Option<&Reason>,
) -> Result<Result<Task, Outcome>, Problem> {
    let until = Instant::now() + PATIENCE;
    let reply = seat
        .ask(until, |token| tasks.act(id, action, reason, token))
        .await?;
    Ok(tasks.read_task(reply))
}

fn view(task: &Task) -> TaskView {
    let time = |at: u64| i64::try_from(at).ok().map(clock::to_rfc3339);
    TaskView {
        id: task.id.clone(),
        kind: task.kind.clone(),
        state: task.state.as_str().to_owned(),
        created_at: task.created.and_then(time),
        due: match task.when {
            Some(When::At(at)) => time(at),
            _ => None,
        },
        payload: task
            .body
            .as_ref()
            .and_then(|body| serde_json::from_str(body.as_json()).ok()),
    }
}

fn why(outcome: &Outcome) -> (Option<&'static str>, Option<String>) {
    let because = outcome.because();
    (
        because.map(|Because { code, .. }| code.as_str()),
        because.and_then(|because| because.message.clone()),
    )
}

/// Who the agent is where there are tasks.
fn at<'a>(
    relay: &'a Relay,
    agent: &'a Agent,
    provider: Option<&str>,
) -> Result<(&'a Identity, &'a Account, &'a dyn Tasks), Problem> {
    let found = identity_with(relay, agent, provider, |account| account.provider.tasks())?;
    found.ok_or_else(|| {
        Problem::of(
            Code::CapabilityMissing,
            "provider",
            "None of the agent's platforms has tasks.",
        )
        .with_remedy("Name a provider that has, or give the agent an identity there.")
    })
}

/// Writes down who is about to do what.
async fn take_down(
    relay: &Relay,
    agent: &AgentId,
    what: Action,
    subject: &str,
    detail: Value,
) -> Result<(), Problem> {
    let (agent, subject, now) = (agent.clone(), subject.to_owned(), relay.clock.now());
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                audit::write(tx, Actor::Agent(&agent), what, &subject, detail, now).await
            })
        })
        .await?;
    Ok(())
}
