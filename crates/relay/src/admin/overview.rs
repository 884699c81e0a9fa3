//! `/admin`: what needs a person, how much there is to do, and the kill switch.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::access::Admin;
use super::failure::Failure;
use super::page;
use crate::clock::Millis;
use crate::relay::Relay;
use crate::store::review::Count;
use crate::store::switch::{self, Off};

/// A callback that is due for longer than this is shown as late.
const LATE: Millis = 60 * 1000;

/// `GET /admin`
pub async fn get(State(relay): State<Arc<Relay>>, admin: Admin) -> Result<Response, Failure> {
    let (store, now) = (&relay.store, relay.clock.now());
    let today = page::midnight(now);
    let open = store.count_open_alerts().await?;
    let off = store.off(switch::DIALLING).await?;
    let oldest = store.oldest_due(now).await?;
    let callbacks = store.callbacks_by_state(today).await?;
    let calls = store.calls_by_outcome(today).await?;
    let deliveries = store.deliveries_by_state().await?;
    let refused: i64 = store
        .refusals_since(&page::day(now))
        .await?
        .iter()
        .map(|refusals| refusals.count)
        .sum();
    let body = html! {
        @if let Some(off) = &off { (dialling(&relay, Some(off))) }
        section aria-labelledby="person" {
            h2 #person { "Needs a person" }
            @if open == 0 {
                p.good { "Nothing. Every callback was handed over, is waiting for its time, or was settled." }
            } @else {
                p.bad { strong { (open) } @if open == 1 { " thing waits for a decision." } @else { " things wait for a decision." } }
                p { a.button href="/admin/alerts" { "Settle" } }
            }
        }
        section aria-labelledby="waiting" {
            h2 #waiting { "Waiting" }
            dl.figures {
                div {
                    dt { "Oldest due callback" }
                    dd {
                        @match oldest {
                            None => { "none" }
                            Some(since) if now - since > LATE => { span.bad { (page::age(now, since)) } }
                            Some(since) => { (page::age(now, since)) }
                        }
                    }
                }
                (figures(&deliveries, &[("waiting", "Messages waiting"), ("sending", "Messages on their way"), ("failed", "Messages given up")]))
            }
        }
        section aria-labelledby="today" {
            h2 #today { "Today" }
            h3 { "Callbacks that came" }
            dl.figures {
                (figures(&callbacks, &[
                    ("queued", "Waiting for their time"), ("due", "Due"), ("dispatching", "Being handed over"),
                    ("handed_over", "Handed over"), ("refused", "Refused"), ("unknown", "Unknown"),
                    ("expired", "Overdue"), ("cancelled", "Called off"),
                ]))
            }
            h3 { "Calls" }
            dl.figures {
                (figures(&calls, &[("accepted", "Accepted"), ("refused", "Refused"), ("unknown", "Unknown"), ("asking", "Being placed")]))
            }
            h3 { "Requests" }
            dl.figures { div { dt { "Refused by the relay" } dd { (refused) } } }
        }
        @if off.is_none() { (dialling(&relay, None)) }
    };
    Ok(page::page(&relay, &admin, "/admin", "Overview", &body))
}

fn dialling(relay: &Relay, off: Option<&Off>) -> Markup {
    html! {
        section.switch aria-labelledby="dialling" {
            h2 #dialling { "Dialling" }
            @match off {
                None => {
                    p { "On. Calls are placed and callbacks handed over." }
                    p { a.button href="/admin/dialling" { "Switch off …" } }
                }
                Some(off) => {
                    p.bad { strong { "Off" } " since " (page::time(relay, off.off_at)) ", by " (off.off_by) "." }
                    @if let Some(reason) = &off.reason { p { (reason) } }
                    p { a.button href="/admin/dialling" { "Switch on …" } }
                }
            }
        }
    }
}

fn figures(counts: &[Count], names: &[(&str, &str)]) -> Markup {
    let of = |word: &str| {
        counts
            .iter()
            .find(|count| count.name == word)
            .map_or(0, |count| count.count)
    };
    html! {
        @for (word, name) in names {
            div { dt { (name) } dd { (of(word)) } }
        }
    }
}
