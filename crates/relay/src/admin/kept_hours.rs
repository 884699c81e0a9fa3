//! `/admin/hours/kept`: the opening hours and calendars that the platforms keep, with the ids that the configuration
//! wants. Asked for when the page is opened; nothing of it is kept.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use patchcord_core::outcome::Outcome;
use patchcord_core::provider::opening::{BusinessHours, Calendar, Opening};

use super::access::Admin;
use super::failure::Failure;
use super::page;
use super::queues::unread;
use crate::accounts::{Account, Listed};
use crate::relay::Relay;

/// The address of the page.
pub const KEPT: &str = "/admin/hours/kept";
/// The most pages of a list that are asked for.
const PAGES: u32 = 5;

/// `GET /admin/hours/kept`
pub async fn get(State(relay): State<Arc<Relay>>, admin: Admin) -> Result<Response, Failure> {
    let mut sections = Vec::new();
    for (name, account) in &relay.accounts {
        if let Some(opening) = account.provider.opening() {
            sections.push(section(name, account, opening).await);
        }
    }
    let body = html! {
        p {
            "A topic takes its hours from a platform with "
            code { "hours = { account = \"…\", business_hours = \"…\", calendars = [\"…\"] }" }
            " in the configuration, and the ids below."
        }
        @if sections.is_empty() { p { "No account keeps opening hours." } }
        @for section in &sections { (section) }
        p { a href="/admin/hours" { "The hours of the topics" } }
    };
    let title = "Hours that platforms keep";
    Ok(page::page(&relay, &admin, "/admin/hours", title, &body))
}

async fn section(name: &str, account: &Account, opening: &dyn Opening) -> Markup {
    let hours = account.ask_pages(
        PAGES,
        |page, token| Ok(opening.list_hours(page, token)),
        |page, reply| opening.read_list_of_hours(page, reply),
    );
    let hours = list("Business hours", hours.await, |hours: &BusinessHours| {
        row(hours.name.as_deref(), &hours.id, &hours.zone, hours.enabled)
    });
    let calendars = account.ask_pages(
        PAGES,
        |page, token| Ok(opening.list_calendars(page, token)),
        |page, reply| opening.read_calendars(page, reply),
    );
    let calendars = list("Calendars", calendars.await, |calendar: &Calendar| {
        row(
            calendar.name.as_deref(),
            &calendar.id,
            &calendar.zone,
            calendar.enabled,
        )
    });
    html! {
        section aria-label=(name) {
            h2 { (name) }
            (hours)
            (calendars)
        }
    }
}

fn list<T>(
    what: &str,
    listed: Result<Listed<T>, Outcome>,
    row: impl Fn(&T) -> Vec<Markup>,
) -> Markup {
    let listed = match listed {
        Ok(listed) => listed,
        Err(outcome) => return unread(what, &outcome),
    };
    let rows: Vec<_> = listed.items.iter().map(row).collect();
    html! {
        h3 { (what) }
        @if rows.is_empty() { p { "None." } }
        @else { (page::table(what, &["Name", "Id", "Zone"], &rows)) }
        @if listed.cut { p.quiet { "There are more than are shown." } }
    }
}

fn row(name: Option<&str>, id: &str, zone: &str, enabled: bool) -> Vec<Markup> {
    vec![
        html! {
            (name.unwrap_or("without a name"))
            @if !enabled { " " span.quiet { "(switched off there)" } }
        },
        html! { span.address { (id) } },
        html! { (zone) },
    ]
}
