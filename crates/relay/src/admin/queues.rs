//! `/admin/queues` and what is below: who waits in the queues of the platforms, and who is in a conference.
//!
//! Asked for when a page is opened; nothing of it is kept.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use futures_util::future::join_all;
use maud::{Markup, html};
use patchcord_core::http::percent_encode;
use patchcord_core::outcome::Outcome;
use patchcord_core::provider::past_calls::Direction;
use patchcord_core::provider::queues::{Queue, QueuedCall, Queues};

use super::access::{Admin, Order};
use super::failure::Failure;
use super::{conferences, page, show};
use crate::accounts::{Account, Listed};
use crate::clock::Millis;
use crate::relay::Relay;

/// The address of the page.
pub const QUEUES: &str = "/admin/queues";
/// The most pages of a list that are asked for.
const PAGES: u32 = 5;
/// The most queues whose calls are looked at for the first page.
const MOST: usize = 50;
/// How many of them at the same time.
const AT_ONCE: usize = 4;

/// `GET /admin/queues`
pub async fn list(State(relay): State<Arc<Relay>>, admin: Admin) -> Result<Response, Failure> {
    let mut sections = Vec::new();
    for (name, account) in &relay.accounts {
        let queues = match account.provider.queues() {
            Some(queues) => Some(section(&relay, name, account, queues).await),
            None => None,
        };
        let conferences = conferences::section(&relay, name, account).await;
        if queues.is_some() || conferences.is_some() {
            sections.push(html! {
                section aria-label=(name) {
                    h2 { (name) }
                    @if let Some(queues) = queues { (queues) }
                    @if let Some(conferences) = conferences { (conferences) }
                }
            });
        }
    }
    let body = html! {
        p { "As the platforms tell it now; open the page again for news." }
        @if sections.is_empty() { p { "No account tells its queues or conferences." } }
        @for section in &sections { (section) }
    };
    Ok(page::page(&relay, &admin, QUEUES, "Queues", &body))
}

async fn section(relay: &Relay, name: &str, account: &Account, queues: &dyn Queues) -> Markup {
    let read = account
        .ask_pages(
            PAGES,
            |page, token| Ok(queues.list(page, token)),
            |page, reply| queues.read_list(page, reply),
        )
        .await;
    let listed = match read {
        Ok(listed) => listed,
        Err(outcome) => return unread("The queues", &outcome),
    };
    let mut rows = Vec::new();
    let (looked_at, rest) = listed.items.split_at(listed.items.len().min(MOST));
    for some in looked_at.chunks(AT_ONCE) {
        let calls = join_all(some.iter().map(|queue| waiting(account, queues, &queue.id))).await;
        let of_queues = some.iter().zip(&calls);
        rows.extend(of_queues.map(|(queue, calls)| row(relay, name, queue, Some(calls))));
    }
    rows.extend(rest.iter().map(|queue| row(relay, name, queue, None)));
    html! {
        @if rows.is_empty() { p { "No queues." } }
        @else { (page::table(&format!("Queues of {name}"), &["Queue", "Waiting", "Longest"], &rows)) }
        @if listed.cut { p.quiet { "There are more queues than are shown." } }
    }
}

async fn waiting(
    account: &Account,
    queues: &dyn Queues,
    queue: &str,
) -> Result<Listed<QueuedCall>, Outcome> {
    account
        .ask_pages(
            PAGES,
            |page, token| queues.calls(queue, page, token),
            |page, reply| queues.read_calls(page, reply),
        )
        .await
}

fn row(
    relay: &Relay,
    account: &str,
    queue: &Queue,
    calls: Option<&Result<Listed<QueuedCall>, Outcome>>,
) -> Vec<Markup> {
    let link = html! { a href=(address(account, &queue.id)) { (name_of(queue)) } };
    let (count, longest) = match calls {
        None => (html! { span.quiet { "see its page" } }, html! {}),
        Some(Err(outcome)) => (
            html! { span.doubt { "not told: " (why(outcome)) } },
            html! {},
        ),
        Some(Ok(calls)) => {
            let longest = calls.items.iter().filter_map(since).min();
            let count = html! {
                (calls.items.len()) @if calls.cut { " or more" }
                @if let Some(most) = queue.most { " " span.quiet { "of " (most) } }
            };
            (
                count,
                html! { @if let Some(at) = longest { (since_when(relay, at)) } },
            )
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

fn since(call: &QueuedCall) -> Option<Millis> {
    Millis::try_from(call.since?).ok()
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
    let queue = account
        .ask(
            |token| queues.queue(id, token),
            |reply| queues.read_queue(reply),
        )
        .await
        .unwrap_or_else(|because| Err(Outcome::Refused(because)));
    let (title, list) = match queue {
        Ok(queue) => {
            let list = match waiting(account, queues, id).await {
                Ok(calls) => calls_of(relay, admin, &address(name, id), &calls, shown),
                Err(outcome) => unread("The calls", &outcome),
            };
            (format!("Queue {}", name_of(&queue)), list)
        }
        Err(outcome) => ("Queue".to_owned(), unread("The queue", &outcome)),
    };
    let body = html! {
        p { "Calls that wait at " (name) ", the one that the platform names first is first." }
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
                html! { @if let Some(at) = since(call) { (since_when(relay, at)) } },
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
