//! `/admin/tasks` and `/admin/schedules`: what the platforms keep and do by themselves, for accounts whose platform
//! has tasks.
//!
//! What is asked of a platform here is written down before it is asked, sent once, and its answer is shown as it is: a
//! missing one is neither a success nor a failure.

mod draft;
mod list;
mod one;
mod schedules;

use maud::{Markup, html};
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::provider::tasks::Tasks;
use serde_json::Value;

use super::access::Admin;
use super::failure::Failure;
use super::page;
use crate::accounts::Account;
use crate::audit::{self, Action, Actor};
use crate::relay::Relay;

pub use list::get as list;
pub use one::{ask_to_end, end, get, show};
pub use schedules::{
    ask_to_delete, delete, list as list_schedules, make as make_schedule, new as new_schedule,
};

/// Where the lists are.
pub const TASKS: &str = "/admin/tasks";
/// See [`TASKS`].
pub const SCHEDULES: &str = "/admin/schedules";

/// Whether any account's platform has tasks.
pub fn are_there(relay: &Relay) -> bool {
    with_tasks(relay).next().is_some()
}

/// An account with tasks.
struct At<'a> {
    name: &'a str,
    account: &'a Account,
    tasks: &'a dyn Tasks,
}

fn with_tasks(relay: &Relay) -> impl Iterator<Item = At<'_>> {
    relay.accounts.iter().filter_map(|(name, account)| {
        let tasks = account.provider.tasks()?;
        Some(At {
            name,
            account,
            tasks,
        })
    })
}

/// The account of this name; without a name the first.
fn at<'a>(relay: &'a Relay, name: &str) -> Result<At<'a>, Failure> {
    with_tasks(relay)
        .find(|at| name.is_empty() || at.name == name)
        .ok_or(Failure::NotFound)
}

/// The choice of an account, where there are several.
fn choice(relay: &Relay, chosen: &str) -> Markup {
    let names: Vec<_> = with_tasks(relay).map(|at| at.name).collect();
    html! {
        @if names.len() > 1 {
            div {
                label for="account" { "Account" }
                select #account name="account" {
                    @for name in names { option value=(name) selected[name == chosen] { (name) } }
                }
            }
        }
    }
}

/// Writes down what is about to be asked of a platform.
async fn write_down(
    relay: &Relay,
    admin: &Admin,
    action: Action,
    subject: &str,
    detail: Value,
) -> Result<(), sqlx::Error> {
    let (name, subject, now) = (admin.name.clone(), subject.to_owned(), relay.clock.now());
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                audit::write(tx, Actor::Admin(&name), action, &subject, detail, now).await
            })
        })
        .await
}

/// What became of a request, where it was not accepted.
fn trouble(outcome: &Outcome) -> Markup {
    match outcome {
        Outcome::Accepted => html! {},
        Outcome::Refused(because) => html! {
            div.wrong role="alert" {
                p { strong { "Not done. " } (why(because)) }
            }
        },
        Outcome::Unknown(because) => html! {
            div.wrong role="alert" {
                p { strong { "Nobody knows whether it was done. " } (why(because)) }
                p { "Look at what the platform shows before you try again." }
            }
        },
    }
}

/// Why a list or a task cannot be shown.
fn unread(outcome: &Outcome) -> Markup {
    let why = outcome.because().map(why);
    html! {
        div.wrong role="alert" {
            p { strong { "The platform did not say. " } @if let Some(why) = why { (why) } }
        }
    }
}

fn why(because: &Because) -> Markup {
    html! {
        @match &because.message {
            Some(message) => { "It said: " (message) },
            None => { (page::words(because.code.as_str())) },
        }
    }
}

/// What was answered to a question, or why there is nothing.
fn answered<T>(asked: Result<Result<T, Outcome>, Because>) -> Result<T, Outcome> {
    asked.unwrap_or_else(|because| Err(Outcome::Refused(because)))
}
