//! `/admin/hours`: when each topic is called.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use maud::{Markup, html};
use serde_json::Value;

use super::access::{Admin, Order};
use super::failure::Failure;
use super::kept_hours::KEPT;
use super::page;
use crate::audit::{self, Action, Actor};
use crate::clock::Millis;
use crate::config::{Topic, WhenClosed};
use crate::hours::local::Day;
use crate::hours::source::{NotKnown, PlatformHours, Source};
use crate::hours::{self, Closure, Hours};
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

/// The most closed times of a calendar that are shown.
const MOST_CLOSED: usize = 20;

/// `GET /admin/hours`
pub async fn get(State(relay): State<Arc<Relay>>, admin: Admin) -> Result<Response, Failure> {
    let now = relay.clock.now();
    let body = html! {
        p {
            "When each topic is called. Hours of the configuration change with it and a restart; those that a platform keeps are changed there and read from there, every quarter of an hour."
        }
        @if relay.accounts.values().any(|account| account.provider.opening().is_some()) {
            p { a href=(KEPT) { "What the platforms keep, and its ids" } }
        }
        @for topic in relay.config.topics.values() { (section(&relay, &admin, topic, now)) }
    };
    Ok(page::page(
        &relay,
        &admin,
        "/admin/hours",
        "Opening hours",
        &body,
    ))
}

/// `POST /admin/hours`: has a topic's hours read from their platform now.
pub async fn read(State(relay): State<Arc<Relay>>, order: Order) -> Result<Response, Failure> {
    let topic = relay.config.topics.get(order.field("topic"));
    let Some(Source::Platform(platform)) = topic.map(|topic| &topic.times.hours) else {
        return Err(Failure::Malformed);
    };
    let (name, key) = (order.admin.name, platform.place.key());
    let now = relay.clock.now();
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (who, what) = (Actor::Admin(&name), Action::HoursRead);
                audit::write(tx, who, what, &key, Value::Null, now).await
            })
        })
        .await?;
    hours::read(&relay, platform).await;
    Ok(Redirect::to("/admin/hours").into_response())
}

fn section(relay: &Relay, admin: &Admin, topic: &Topic, now: Millis) -> Markup {
    html! {
        section aria-label=(topic.label.usual()) {
            h2 { (topic.label.usual()) }
            @match topic.times.hours.hours() {
                Ok(None) => p { "Around the clock." },
                Ok(Some(open)) => (opening(relay, topic, &open, now)),
                Err(NotKnown) => p {
                    (page::state("unknown"))
                    " They were never read. Until they are, visitors are offered no times and no wish is taken."
                },
            }
            @if let Source::Platform(platform) = &topic.times.hours {
                (origin(relay, platform, now))
                form method="post" action="/admin/hours" {
                    (page::word(admin))
                    input type="hidden" name="topic" value=(topic.topic);
                    button { "Read now" span.unseen { ": " (topic.label.usual()) } }
                }
            }
        }
    }
}

fn opening(relay: &Relay, topic: &Topic, open: &Hours, now: Millis) -> Markup {
    html! {
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
        (closed_times(open, now))
        p.quiet { "Local time of " (open.zone()) "." }
    }
}

/// Where a platform keeps them, and how well that is known.
fn origin(relay: &Relay, platform: &PlatformHours, now: Millis) -> Markup {
    let (place, state) = (&platform.place, platform.state());
    let told = state.known.as_ref().map(|known| &known.told);
    html! {
        dl.facts {
            div { dt { "Kept by" } dd { (place.account) } }
            div {
                dt { "Business hours" }
                dd {
                    @if let Some(name) = told.and_then(|told| told.name.as_ref()) { (name) " " }
                    span.address { (place.business_hours) }
                }
            }
            @for id in &place.calendars {
                @let calendar = told.and_then(|told| told.calendars.iter().find(|calendar| &calendar.id == id));
                div {
                    dt { "Calendar" }
                    dd {
                        @if let Some(name) = calendar.and_then(|calendar| calendar.name.as_ref()) { (name) " " }
                        span.address { (id) }
                        @if calendar.is_some_and(|calendar| !calendar.enabled) { " " span.quiet { "(switched off there: it closes nothing)" } }
                    }
                }
            }
            div {
                dt { "Read" }
                dd {
                    @match &state.known {
                        Some(known) => { (page::time(relay, known.read_at)) ", " (page::age(now, known.read_at)) " ago" }
                        None => { "never" }
                    }
                }
            }
            @if let Some(trouble) = &state.trouble {
                div {
                    dt { "Could not be read" }
                    dd {
                        span.bad { (page::time(relay, trouble.at)) ", " (trouble.what) ": " (page::words(trouble.code.as_str())) }
                        @if let Some(message) = &trouble.message { br; (message) }
                        @if state.known.is_some() { br; "What was read last is used meanwhile." }
                    }
                }
            }
        }
    }
}

/// When a calendar closes it, from now on.
fn closed_times(open: &Hours, now: Millis) -> Markup {
    let to_come = open
        .closures()
        .iter()
        .filter(|closure| closure.time.end > now);
    let shown: Vec<_> = to_come.clone().take(MOST_CLOSED).collect();
    let more = to_come.count() - shown.len();
    html! {
        @if !shown.is_empty() {
            h3 { "Closed" }
            dl.week {
                @for closure in shown {
                    div class=[closure.time.contains(&now).then_some("today")] {
                        dt { (closed_from_to(open, closure)) }
                        dd { (closure.label.as_deref().unwrap_or("closed")) }
                    }
                }
            }
            @if more > 0 { p.quiet { "And " (more) " later." } }
        }
    }
}

/// Whole days without their times.
fn closed_from_to(open: &Hours, closure: &Closure) -> String {
    let (from, until) = (closure.time.start, closure.time.end);
    let (Some(from), Some(until)) = (open.local(from), open.local(until)) else {
        return "beyond the calendar".to_owned();
    };
    let midnight = jiff::civil::Time::midnight();
    let last = until.date().yesterday();
    match last {
        Ok(last) if from.time() == midnight && until.time() == midnight => {
            if last == from.date() {
                last.to_string()
            } else {
                format!("{} to {last}", from.date())
            }
        }
        _ => {
            let form = "%Y-%m-%d %H:%M";
            format!("{} to {}", from.strftime(form), until.strftime(form))
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
