//! `/admin/hours`: when each topic is called.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, html};

use super::access::Admin;
use super::failure::Failure;
use super::page;
use crate::clock::Millis;
use crate::config::{Topic, WhenClosed};
use crate::hours::local::Day;
use crate::hours::{self, Hours};
use crate::relay::Relay;

const WEEK: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// `GET /admin/hours`
pub async fn get(State(relay): State<Arc<Relay>>, admin: Admin) -> Result<Response, Failure> {
    let now = relay.clock.now();
    let body = html! {
        p { "As configured. Changing them takes a change of the configuration and a restart." }
        @for topic in relay.config.topics.values() { (section(&relay, topic, now)) }
    };
    Ok(page::page(
        &relay,
        &admin,
        "/admin/hours",
        "Opening hours",
        &body,
    ))
}

fn section(relay: &Relay, topic: &Topic, now: Millis) -> Markup {
    html! {
        section aria-label=(topic.label.usual()) {
            h2 { (topic.label.usual()) }
            @match &topic.times.hours {
                None => p { "Around the clock." },
                Some(open) => {
                    p {
                        @if open.is_open(now) { (page::state("open")) }
                        @else {
                            (page::state("closed"))
                            @if let Some(at) = open.next_open(now) { " It opens " (page::time(relay, at)) "." }
                        }
                        " " (match topic.times.when_closed {
                            WhenClosed::Wait => "While it is closed, a wish waits until it opens.",
                            WhenClosed::Refuse => "While it is closed, a wish is refused.",
                        })
                    }
                    (week(open, open.today(now)))
                    (other_days(open, open.today(now)))
                    p.quiet { "Local time of " (open.zone()) "." }
                }
            }
        }
    }
}

fn week(open: &Hours, today: Option<Date>) -> Markup {
    let place = today.map(|date| hours::place(date.weekday()));
    html! {
        dl.week {
            @for (nth, (name, day)) in WEEK.iter().zip(open.week()).enumerate() {
                div class=[(place == Some(nth)).then_some("today")] {
                    dt { (name) @if place == Some(nth) { " " span.mark { "today" } } }
                    dd { (spans(day)) }
                }
            }
        }
    }
}

/// Holidays and days with hours of their own; of the latter those to come.
fn other_days(open: &Hours, today: Option<Date>) -> Markup {
    let to_come: Vec<_> = open
        .exceptions()
        .iter()
        .filter(|(date, _)| today.is_none_or(|today| **date >= today))
        .collect();
    html! {
        @if !to_come.is_empty() || !open.holidays().is_empty() {
            h3 { "Other days" }
            dl.week {
                @for (date, day) in to_come {
                    div class=[(Some(*date) == today).then_some("today")] {
                        dt { (date) @if Some(*date) == today { " " span.mark { "today" } } }
                        dd { (spans(day)) }
                    }
                }
                @for holiday in open.holidays() {
                    @let is_today = today.is_some_and(|today| holiday.is_on(today));
                    div class=[is_today.then_some("today")] {
                        dt { (holiday) @if is_today { " " span.mark { "today" } } }
                        dd { "closed" }
                    }
                }
            }
        }
    }
}

fn spans(day: &Day) -> Markup {
    html! {
        @if day.spans().is_empty() { span.quiet { "closed" } }
        @for (nth, span) in day.spans().iter().enumerate() {
            @if nth > 0 { ", " }
            span.span { (span) }
        }
    }
}
