//! `/admin/refusals`: what the relay refused, by day and code.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::html;

use super::access::Admin;
use super::failure::Failure;
use super::page;
use crate::relay::Relay;
use crate::store::DAY;

/// So many days back.
const DAYS: i64 = 14;

/// `GET /admin/refusals`
pub async fn get(State(relay): State<Arc<Relay>>, admin: Admin) -> Result<Response, Failure> {
    let now = relay.clock.now();
    let refusals = relay
        .store
        .refusals_since(&page::day(now - (DAYS - 1) * DAY))
        .await?;
    let days = refusals.chunk_by(|one, next| one.day == next.day);
    let body = html! {
        p { "What the relay refused before a platform was asked, in the last " (DAYS) " days. The documentation lists every code." }
        @if refusals.is_empty() { p { "Nothing was refused." } }
        @for day in days {
            @if let Some(first) = day.first() {
                @let total: i64 = day.iter().map(|refusals| refusals.count).sum();
                section aria-label=(first.day) {
                    h2 { time datetime=(first.day) { (first.day) } " " span.quiet { (total) } }
                    dl.figures {
                        @for refusals in day {
                            div { dt { code { (refusals.code) } } dd { (refusals.count) } }
                        }
                    }
                }
            }
        }
    };
    Ok(page::page(
        &relay,
        &admin,
        "/admin/refusals",
        "Refusals",
        &body,
    ))
}
