//! `/admin/tasks`: the tasks of an account, as its platform lists them.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use patchcord_core::provider::tasks::{self, Filter, Task, When};
use serde::Deserialize;

use super::one::address;
use super::{At, TASKS, answered, are_there, at, choice, unread};
use crate::admin::access::Admin;
use crate::admin::asked::Query;
use crate::admin::failure::Failure;
use crate::admin::outbox::encode;
use crate::admin::page;
use crate::relay::Relay;

/// So many on a page.
const SIZE: u32 = 50;

/// Which tasks.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    account: String,
    #[serde(default)]
    state: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    page: String,
}

/// `GET /admin/tasks`
pub async fn get(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    if !are_there(&relay) {
        let body = html! { p { "No account's platform has tasks." } };
        return Ok(page::page(&relay, &admin, TASKS, "Tasks", &body));
    }
    let at = at(&relay, &wanted.account)?;
    let kind = wanted.kind.trim();
    let filter = Filter {
        states: tasks::State::ALL
            .into_iter()
            .filter(|state| state.as_str() == wanted.state)
            .collect(),
        kind: (!kind.is_empty()).then(|| kind.to_owned()),
        ..Filter::default()
    };
    let number = wanted.page.parse().unwrap_or(1).max(1);
    let asked = at.account.ask(
        |token| at.tasks.list(&filter, number, SIZE, token),
        |reply| at.tasks.read_list(number, reply),
    );
    let listed = answered(asked.await);
    let body = html! {
        form.filter method="get" action=(TASKS) {
            (choice(&relay, at.name))
            div {
                label for="state" { "State" }
                select #state name="state" {
                    option value="" { "all" }
                    @for state in tasks::State::ALL {
                        option value=(state.as_str()) selected[state.as_str() == wanted.state] { (state.as_str()) }
                    }
                }
            }
            div {
                label for="type" { "Type" }
                input #type name="type" value=(kind) maxlength="100" autocomplete="off" spellcheck="false";
            }
            button { "Show" }
        }
        @match &listed {
            Err(outcome) => (unread(outcome)),
            Ok(list) => {
                @if list.items.is_empty() { p { "No tasks." } }
                @else {
                    ul.rows aria-label="Tasks" {
                        @for task in &list.items { (row(&relay, &at, task)) }
                    }
                }
                @if let Some(next) = list.next {
                    @let number = next.to_string();
                    @let query = encode(&[("account", at.name), ("state", &wanted.state), ("type", kind), ("page", &number)]);
                    p { a.button href={ (TASKS) "?" (query) } rel="next" { "More" } }
                }
            }
        }
    };
    Ok(page::page(&relay, &admin, TASKS, "Tasks", &body))
}

fn row(relay: &Relay, at: &At<'_>, task: &Task) -> Markup {
    html! {
        li {
            a.first href=(address(at, task)) { (task.kind.as_deref().unwrap_or("no type")) }
            span { (state(task)) }
            span { (due(relay, task)) }
            span.address.last { (task.id) }
        }
    }
}

/// A task's state, in the platform's word and a colour.
pub(super) fn state(task: &Task) -> Markup {
    let kind = match &task.state {
        tasks::State::Completed => "good",
        tasks::State::Failed => "bad",
        tasks::State::Other(_) => "doubt",
        _ => "plain",
    };
    html! {
        span class={ "state " (kind) } { (task.state.as_str()) }
        @if task.has_error == Some(true) { " " span.bad { "with an error" } }
    }
}

/// When a task's time is.
pub(super) fn due(relay: &Relay, task: &Task) -> Markup {
    html! {
        @match task.when {
            Some(When::At(at)) => { @if let Ok(at) = i64::try_from(at) { (page::time(relay, at)) } },
            Some(When::Now) => { "as soon as possible" },
            Some(When::After(seconds)) => { (page::age(i64::try_from(seconds).unwrap_or(0).saturating_mul(1000), 0)) " after it was made" },
            None => {},
        }
    }
}
