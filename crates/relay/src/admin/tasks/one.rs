//! `/admin/tasks/{account}/{id}`: one task, what it is about, and its end.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use patchcord_core::http::percent_encode;
use patchcord_core::outcome::Outcome;
use patchcord_core::provider::tasks::{End, MAX_REASON, Reason, Task};
use serde::Deserialize;
use serde_json::{Value, json};

use super::list::{due, state};
use super::{At, TASKS, answered, at, trouble, unread, write_down};
use crate::admin::access::{Admin, Order};
use crate::admin::asked::Query;
use crate::admin::failure::Failure;
use crate::admin::outbox::encode;
use crate::admin::page;
use crate::admin::show::{self, Personal};
use crate::audit::Action;
use crate::relay::Relay;

/// What was just done.
#[derive(Debug, Default, Deserialize)]
pub struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /admin/tasks/{account}/{id}`
pub async fn get(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Path((account, id)): Path<(String, String)>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let at = at(&relay, &account)?;
    let task = read(&at, &id).await;
    let body = html! {
        @if done.done == "ended" { p.note role="status" { "The platform has ended the task." } }
        (shown(&relay, &admin, &at, &task, Personal::Masked))
    };
    Ok(page::page(&relay, &admin, TASKS, "Task", &body))
}

/// `POST /admin/tasks/{account}/{id}`: with what it is about, and that somebody looked is written down.
pub async fn show(
    State(relay): State<Arc<Relay>>,
    Path((account, id)): Path<(String, String)>,
    Order { admin, .. }: Order,
) -> Result<Response, Failure> {
    let at = at(&relay, &account)?;
    let task = read(&at, &id).await;
    if let Ok(task) = &task {
        show::write_down(&relay, &admin, &task.id).await?;
    }
    let body = shown(&relay, &admin, &at, &task, Personal::Shown);
    Ok(page::page(&relay, &admin, TASKS, "Task", &body))
}

async fn read(at: &At<'_>, id: &str) -> Result<Task, Outcome> {
    let asked = at.account.ask(
        |token| at.tasks.get(id, token),
        |reply| at.tasks.read_task(reply),
    );
    answered(asked.await)
}

fn shown(
    relay: &Relay,
    admin: &Admin,
    at: &At<'_>,
    task: &Result<Task, Outcome>,
    personal: Personal,
) -> Markup {
    html! {
        @match task {
            Err(outcome) => (unread(outcome)),
            Ok(task) => {
                @let address = address(at, task);
                (facts(relay, at, task))
                @match (&task.body, personal) {
                    (None, _) => {},
                    // A number and what a visitor wrote are in it.
                    (Some(_), Personal::Masked) => {
                        form method="post" action=(address) {
                            (page::word(admin))
                            button { "Show what it is about" }
                            " " span.quiet { "It stands in the audit log that you looked." }
                        }
                    },
                    (Some(body), Personal::Shown) => {
                        h2 { "What it is about" }
                        pre tabindex="0" aria-label="What it is about" { (pretty(body.as_json())) }
                    },
                }
                @if !task.state.is_over() { p { a.button href={ (address) "/end" } { "End it…" } } }
            }
        }
        p { a href={ (TASKS) "?" (encode(&[("account", at.name)])) } { "To the list" } }
    }
}

fn facts(relay: &Relay, at: &At<'_>, task: &Task) -> Markup {
    html! {
        dl.facts {
            div { dt { "Type" } dd { (task.kind.as_deref().unwrap_or("none")) } }
            div { dt { "State" } dd { (state(task)) } }
            div { dt { "Due" } dd { (due(relay, task)) } }
            @if let Some(created) = task.created.and_then(|created| i64::try_from(created).ok()) {
                div { dt { "Made" } dd { (page::time(relay, created)) } }
            }
            @if let Some(queue) = &task.queue { div { dt { "Queue" } dd.address { (queue) } } }
            @if let Some(agent) = &task.agent { div { dt { "Agent" } dd { (who(relay, at, agent)) } } }
            div { dt { "Account" } dd { (at.name) } }
            div { dt { "Id" } dd.address { (task.id) } }
        }
    }
}

/// An agent by the name of the relay's mapping, where it is there.
fn who<'a>(relay: &'a Relay, at: &At<'_>, id: &'a str) -> &'a str {
    let is_theirs = |identity: &crate::config::Identity| {
        identity.account == at.name && at.account.provider.is_same_agent(&identity.agent, id)
    };
    let mut agents = relay.config.agents.values().flatten();
    let known = agents.find(|agent| agent.identities.iter().any(is_theirs));
    known.and_then(|agent| agent.name.as_deref()).unwrap_or(id)
}

fn pretty(json: &str) -> String {
    serde_json::from_str::<Value>(json)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| json.to_owned())
}

/// Where a task is shown.
pub(super) fn address(at: &At<'_>, task: &Task) -> String {
    let (account, id) = (percent_encode(at.name), percent_encode(&task.id));
    format!("{TASKS}/{account}/{id}")
}

/// `GET /admin/tasks/{account}/{id}/end`
pub async fn ask_to_end(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Path((account, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let at = at(&relay, &account)?;
    let body = match read(&at, &id).await {
        Err(outcome) => unread(&outcome),
        Ok(task) if task.state.is_over() => html! {
            p { "It is over already: " (state(&task)) }
            p { a href=(address(&at, &task)) { "To the task" } }
        },
        Ok(task) => html! { (facts(&relay, &at, &task)) (form(&admin, &at, &task, "", None)) },
    };
    Ok(page::page(&relay, &admin, TASKS, "End this task?", &body))
}

fn form(admin: &Admin, at: &At<'_>, task: &Task, reason: &str, wrong: Option<&str>) -> Markup {
    html! {
        form.stack method="post" action={ (address(at, task)) "/end" } {
            (page::word(admin))
            p { "The platform is asked to end it at once, whatever it is doing. It cannot be taken up again." }
            label for="end" { "How does it end?" }
            select #end name="end" {
                option value=(End::Canceled.as_str()) { "Canceled: nobody is to do it" }
                option value=(End::Completed.as_str()) { "Completed: it is done" }
                option value=(End::Failed.as_str()) { "Failed: it cannot be done" }
            }
            label for="reason" { "Why? The platform keeps it." }
            input #reason name="reason" value=(reason) maxlength=(MAX_REASON) required
                aria-describedby=[wrong.map(|_| "wrong")] aria-invalid=[wrong.map(|_| "true")];
            @if let Some(wrong) = wrong { p.bad #wrong { (wrong) } }
            button.danger { "End the task" }
            a href=(address(at, task)) { "Leave it as it is" }
        }
    }
}

/// `POST /admin/tasks/{account}/{id}/end`
pub async fn end(
    State(relay): State<Arc<Relay>>,
    Path((account, id)): Path<(String, String)>,
    order: Order,
) -> Result<Response, Failure> {
    let at = at(&relay, &account)?;
    let how = End::parse(order.field("end")).ok_or(Failure::Malformed)?;
    let written = order.field("reason");
    let admin = &order.admin;
    let not_done = |body: &Markup| page::page(&relay, admin, TASKS, "End this task?", body);
    let task = match read(&at, &id).await {
        Ok(task) => task,
        Err(outcome) => return Ok(not_done(&unread(&outcome))),
    };
    let reason = match Reason::parse(written) {
        Ok(reason) => reason,
        Err(error) => {
            let wrong = Some(error.message.as_ref());
            return Ok(not_done(&form(admin, &at, &task, written, wrong)));
        }
    };
    // The reason is the platform's to keep: people write names into it.
    let detail = json!({ "account": at.name, "end": how.as_str() });
    write_down(&relay, admin, Action::TaskEndAsked, &task.id, detail).await?;
    let asked = at.account.ask(
        |token| at.tasks.interrupt(&task.id, how, &reason, token),
        |reply| at.tasks.read_done(reply),
    );
    match asked.await.unwrap_or_else(Outcome::Refused) {
        Outcome::Accepted => {
            let task = format!("{}?done=ended", address(&at, &task));
            Ok(Redirect::to(&task).into_response())
        }
        outcome => Ok(not_done(&html! {
            (trouble(&outcome))
            p { a href=(address(&at, &task)) { "To the task" } }
        })),
    }
}
