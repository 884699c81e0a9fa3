//! `/admin/queues` and what is below: who waits in the queues of the platforms, and who is in a conference.
//!
//! The list is kept for a few seconds ([`waiting`]); the other pages ask when they are opened.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use futures_util::future::join_all;
use maud::{Markup, html};
use patchcord_core::http::percent_encode;
use patchcord_core::outcome::Outcome;
use patchcord_core::provider::past_calls::Direction;
use patchcord_core::provider::queues::{Queue, QueuedCall};

use super::access::{Admin, Order};
use super::failure::Failure;
use super::waiting::{self, QueueNow, Told};
use super::{conferences, page, show};
use crate::accounts::Listed;
use crate::clock::Millis;
use crate::relay::Relay;

/// The address of the page.
pub const QUEUES: &str = "/admin/queues";

/// `GET /admin/queues`
pub async fn list(State(relay): State<Arc<Relay>>, admin: Admin) -> Result<Response, Failure> {
    let telling = relay.accounts.iter().filter(|(_, account)| {
        account.provider.queues().is_some() || account.provider.conferences().is_some()
    });
    let told = telling.map(async |(name, _)| (name, relay.waiting.at(&relay, name).await));
    let told = join_all(told).await;
    let body = html! {
        p { "As the platforms tell it; open the page again for news." }
        @if told.is_empty() { p { "No account tells its queues or conferences." } }
        @for (name, told) in &told {
            section aria-label=(name) {
                h2 { (name) }
                @match told {
                    None => p { "It is still telling; open the page again in a moment." },
                    Some(answer) => (section(&relay, name, &answer.value)),
                }
            }
        }
    };
    Ok(page::page(&relay, &admin, QUEUES, "Queues", &body))
}

fn section(relay: &Relay, name: &str, told: &Told) -> Markup {
    html! {
        (read_at(relay, told.at))
        @match &told.queues {
            Some(Ok(listed)) => (queues(relay, name, listed)),
            Some(Err(outcome)) => (unread("The queues", outcome)),
            None => {}
        }
        @if let Some(conferences) = &told.conferences { (conferences::section(relay, name, conferences)) }
    }
}

/// When it was read, for a page that may be older than it looks.
pub fn read_at(relay: &Relay, at: Millis) -> Markup {
    html! { p.quiet { "Read " (page::time(relay, at)) ", " (page::age(relay.clock.now(), at)) " ago." } }
}

fn queues(relay: &Relay, name: &str, listed: &Listed<QueueNow>) -> Markup {
    let rows: Vec<_> = listed
        .items
        .iter()
        .map(|queue| row(relay, name, queue))
        .collect();
    html! {
        @if rows.is_empty() { p { "No queues." } }
        @else { (page::table(&format!("Queues of {name}"), &["Queue", "Waiting", "Longest"], &rows)) }
        @if listed.cut { p.quiet { "There are more queues than are shown." } }
    }
}

fn row(relay: &Relay, account: &str, now: &QueueNow) -> Vec<Markup> {
    let queue = &now.queue;
    let link = html! { a href=(address(account, &queue.id)) { (name_of(queue)) } };
    let (count, longest) = match &now.waiting {
        None => (html! { span.quiet { "see its page" } }, html! {}),
        Some(Err(outcome)) => (
            html! { span.doubt { "not told: " (why(outcome)) } },
            html! {},
        ),
        Some(Ok(waiting)) => {
            let count = html! {
                (waiting.calls) @if waiting.cut { " or more" }
                @if let Some(most) = queue.most { " " span.quiet { "of " (most) } }
            };
            let longest = html! { @if let Some(at) = waiting.since { (since_when(relay, at)) } };
            (count, longest)
        }
    };
    vec![link, count, longest]
}

fn name_of(queue: &Queue) -> &str {
    queue.name.as_deref().unwrap_or(&queue.id)
}

fn address(account: &str, queue: &str) -> String {
    format!(
        "{QUEUES}/{}/{}",
        percent_encode(account),
        percent_encode(queue)
    )
}

/// Since when, and how long that is.
pub fn since_when(relay: &Relay, at: Millis) -> Markup {
    html! { (page::age(relay.clock.now(), at)) ", since " (page::time(relay, at)) }
}

/// Why something is not told.
pub fn why(outcome: &Outcome) -> Markup {
    let because = outcome.because();
    html! {
        @if let Some(because) = because {
            (page::words(because.code.as_str()))
            @if let Some(message) = &because.message { " (" (message) ")" }
        }
    }
}

/// What could not be read, and why.
pub fn unread(what: &str, outcome: &Outcome) -> Markup {
    html! { p { span.doubt { (what) " cannot be read: " (why(outcome)) } } }
}

/// `GET /admin/queues/{account}/{queue}`
pub async fn get(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Path((account, queue)): Path<(String, String)>,
) -> Result<Response, Failure> {
    view(&relay, &admin, &account, &queue, None).await
}

/// `POST /admin/queues/{account}/{queue}`: the same with the numbers of one call, and that somebody looked is written
/// down.
pub async fn show(
    State(relay): State<Arc<Relay>>,
    Path((account, queue)): Path<(String, String)>,
    order: Order,
) -> Result<Response, Failure> {
    let call = order.field("call").to_owned();
    if call.is_empty() {
        return Err(Failure::Malformed);
    }
    show::write_down(
        &relay,
        &order.admin,
        &format!("queued call {call} at {account}"),
    )
    .await?;
    view(&relay, &order.admin, &account, &queue, Some(&call)).await
}

async fn view(
    relay: &Relay,
    admin: &Admin,
    name: &str,
    id: &str,
    shown: Option<&str>,
) -> Result<Response, Failure> {
    let account = relay.accounts.get(name).ok_or(Failure::NotFound)?;
    let queues = account.provider.queues().ok_or(Failure::NotFound)?;
    let at = relay.clock.now();
    let queue = account
        .ask(
            |token| queues.queue(id, token),
            |reply| queues.read_queue(reply),
        )
        .await
        .unwrap_or_else(|because| Err(Outcome::Refused(because)));
    let (title, list) = match queue {
        Ok(queue) => {
            let list = match waiting::calls(account, queues, id).await {
                Ok(calls) => calls_of(relay, admin, &address(name, id), &calls, shown),
                Err(outcome) => unread("The calls", &outcome),
            };
            (format!("Queue {}", name_of(&queue)), list)
        }
        Err(outcome) => ("Queue".to_owned(), unread("The queue", &outcome)),
    };
    let body = html! {
        p { "Calls that wait at " (name) ", the one that the platform names first is first." }
        (read_at(relay, at))
        (list)
        p { a href=(QUEUES) { "To all queues" } }
    };
    Ok(page::page(relay, admin, QUEUES, &title, &body))
}

fn calls_of(
    relay: &Relay,
    admin: &Admin,
    address: &str,
    calls: &Listed<QueuedCall>,
    shown: Option<&str>,
) -> Markup {
    let rows: Vec<_> = calls
        .items
        .iter()
        .map(|call| {
            let is_shown = shown == Some(call.id.as_str());
            vec![
                html! { @if let Some(state) = &call.state { (page::words(state)) } },
                html! {
                    @match call.direction {
                        Some(Direction::Inbound) => "came in",
                        Some(Direction::Outbound) => "is to be called",
                        None => "",
                    }
                },
                number(call.from.as_deref(), is_shown),
                number(call.to.as_deref(), is_shown),
                html! { @if let Some(at) = waiting::since(call) { (since_when(relay, at)) } },
                html! { @if !is_shown { (show_button(admin, address, "call", &call.id)) } },
            ]
        })
        .collect();
    html! {
        @if rows.is_empty() { p { "Nobody waits." } }
        @else {
            (page::table(
                "Calls that wait",
                &["State", "Direction", "From", "To", "Waiting", "Numbers"],
                &rows,
            ))
        }
        @if calls.cut { p.quiet { "There are more than are shown." } }
    }
}

/// A number, of which only the last digits are told unless somebody asked for it.
pub fn number(number: Option<&str>, is_shown: bool) -> Markup {
    match number {
        None => html! { span.quiet { "not told" } },
        Some(number) if is_shown => html! { span.number { (number) } },
        Some(number) => page::masked(&page::digits(number)),
    }
}

/// The button that shows the numbers of one row.
pub fn show_button(admin: &Admin, address: &str, field: &str, id: &str) -> Markup {
    let end = id.get(id.len().saturating_sub(4)..).unwrap_or_default();
    html! {
        form method="post" action=(address) {
            (page::word(admin))
            input type="hidden" name=(field) value=(id);
            button.small { "Show" span.unseen { " the numbers of " (field) " " (end) } }
        }
    }
}
