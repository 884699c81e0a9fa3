//! `/admin/alerts`: what a person has to look at, what is known about it, and the decision.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use super::access::{Admin, Order};
use super::asked::Query;
use super::failure::Failure;
use super::page;
use super::show::{self, Personal};
use crate::audit::{self, Action, Actor};
use crate::http::path::Id;
use crate::outbox::{self, Decided};
use crate::relay::Relay;
use crate::store::alert::{self, Alert, Decision, Kind};
use crate::store::call::Call;
use crate::wakes::Wake;

/// So many open ones on the page; the oldest come first, so none is forgotten.
const MOST_OPEN: i64 = 200;
/// So many of those that were settled last.
const MOST_SETTLED: i64 = 20;

/// What was just done.
#[derive(Debug, Default, Deserialize)]
pub struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /admin/alerts`
pub async fn list(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let open = relay.store.alerts_to_settle(MOST_OPEN).await?;
    let settled = relay.store.settled_alerts(MOST_SETTLED).await?;
    let now = relay.clock.now();
    let done = match done.done.as_str() {
        "called" => "Settled: it is done.",
        "again" => "Settled: it is handed over again now.",
        "dropped" => "Settled: nothing more is done.",
        "late" => {
            "Somebody else has settled it, or the answer came in the meantime. Nothing was changed."
        }
        _ => "",
    };
    let body = html! {
        @if !done.is_empty() { p.note role="status" { (done) } }
        @if open.is_empty() {
            p.good { "Nothing waits for a decision." }
        } @else {
            ul.rows.alerts aria-label="To settle" {
                @for alert in &open {
                    @let topic = alert.topic.as_ref().and_then(|topic| relay.config.topics.get(topic));
                    li {
                        a.first href={ "/admin/alerts/" (alert.id) } { (title(&alert.kind)) }
                        span { @if let Some(code) = &alert.code { (page::words(code)) } }
                        span { @if let Some(topic) = topic { (topic.label.usual()) } }
                        span.address { (alert.reference.as_ref().unwrap_or(&alert.subject)) }
                        span.last { "for " (page::age(now, alert.opened_at)) }
                    }
                }
            }
        }
        @if !settled.is_empty() {
            h2 { "Settled last" }
            (page::table("Settled last", &["When", "What", "Decision", "By", "About"], &settled.iter().map(|alert| vec![
                html! { @if let Some(at) = alert.settled_at { (page::time(&relay, at)) } },
                html! { (title(&alert.kind)) },
                html! { (alert.decision.as_deref().map_or("", decided)) },
                html! { @if let Some(by) = &alert.settled_by { (by) } },
                html! { a.address href={ "/admin/alerts/" (alert.id) } { (alert.subject) } },
            ]).collect::<Vec<_>>()))
        }
    };
    Ok(page::page(
        &relay,
        &admin,
        "/admin/alerts",
        "To settle",
        &body,
    ))
}

/// `GET /admin/alerts/{id}`
pub async fn get(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Id(id): Id,
) -> Result<Response, Failure> {
    let alert = relay.store.alert(&id).await?.ok_or(Failure::NotFound)?;
    let known = match kind(&alert.kind) {
        Some(Kind::CallUnknown) => match relay.store.call_by_id(&alert.subject).await? {
            Some(found) => call(&relay, &admin, &found, Personal::Masked),
            None => gone(),
        },
        Some(Kind::TokenRotationRefused | Kind::TokenRotationUnknown) => html! {
            dl.facts { div { dt { "Account" } dd { (alert.subject) } } }
        },
        _ => match relay.store.callback_by_id(&alert.subject).await? {
            Some(found) => show::callback(&relay, &admin, &found, Personal::Masked),
            None => gone(),
        },
    };
    let body = html! {
        p { (meaning(&alert.kind)) }
        (known)
        p.quiet { "Since " (page::time(&relay, alert.opened_at)) }
        @match alert.settled_at {
            Some(at) => {
                p.note {
                    "Settled " (page::time(&relay, at))
                    @if let Some(by) = &alert.settled_by { " by " (by) }
                    ": " (alert.decision.as_deref().map_or("", decided)) "."
                }
            }
            None => { (decisions(&admin, &alert)) }
        }
        p { a href="/admin/alerts" { "To the list" } }
    };
    Ok(page::page(
        &relay,
        &admin,
        "/admin/alerts",
        title(&alert.kind),
        &body,
    ))
}

/// `POST /admin/alerts/{id}`
pub async fn decide(
    State(relay): State<Arc<Relay>>,
    Id(id): Id,
    order: Order,
) -> Result<Response, Failure> {
    let decision = match order.field("decision") {
        "called" => Decision::Called,
        "again" => Decision::Again,
        "dropped" => Decision::Dropped,
        _ => return Err(Failure::Malformed),
    };
    let alert = relay.store.alert(&id).await?.ok_or(Failure::NotFound)?;
    let is_callback = match kind(&alert.kind) {
        Some(Kind::CallUnknown | Kind::TokenRotationRefused | Kind::TokenRotationUnknown) => false,
        Some(_) => true,
        None => return Err(Failure::Malformed),
    };
    if decision == Decision::Again && !is_callback {
        return Err(Failure::Malformed);
    }
    let (name, now) = (order.admin.name, relay.clock.now());
    let settled = relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                let settled = if is_callback {
                    outbox::decide(tx, &alert.subject, decision, &name, now).await? == Decided::Yes
                } else {
                    let settled = alert::settle(tx, &alert.subject, decision, &name, now).await?;
                    if settled {
                        let (who, what) = (Actor::Admin(&name), Action::AlertSettled);
                        let detail = json!({ "decision": decision.as_str() });
                        audit::write(tx, who, what, &alert.subject, detail, now).await?;
                    }
                    settled
                };
                Ok::<_, sqlx::Error>(settled)
            })
        })
        .await?;
    relay.wakes.wake(Wake::Due);
    let done = if settled { decision.as_str() } else { "late" };
    Ok(Redirect::to(&format!("/admin/alerts?done={done}")).into_response())
}

/// `POST /admin/calls/{id}`: a call with its number, and that somebody looked is written down.
pub async fn show_call(
    State(relay): State<Arc<Relay>>,
    Id(id): Id,
    Order { admin, .. }: Order,
) -> Result<Response, Failure> {
    let found = relay
        .store
        .call_by_id(&id)
        .await?
        .ok_or(Failure::NotFound)?;
    show::write_down(&relay, &admin, &id).await?;
    let body = html! {
        (call(&relay, &admin, &found, Personal::Shown))
        p { a href="/admin/alerts" { "To the list" } }
    };
    Ok(page::page(&relay, &admin, "/admin/alerts", "Call", &body))
}

/// What can be decided, each with what comes of it.
fn decisions(admin: &Admin, alert: &Alert) -> Markup {
    let choice = |value: &str, name: &str, meaning: &str, class: &str| {
        html! {
            div.choice {
                button class=(class) name="decision" value=(value) aria-describedby={ "of-" (value) } { (name) }
                p id={ "of-" (value) } { (meaning) }
            }
        }
    };
    let choices = match kind(&alert.kind) {
        Some(Kind::CallUnknown) => html! {
            (choice("called", "The telephone rang", "It went through. Nothing more is done.", "main"))
            (choice("dropped", "It did not ring", "The agent can click again. Nothing more is done.", ""))
        },
        Some(Kind::TokenRotationRefused | Kind::TokenRotationUnknown) => html! {
            (choice("dropped", "It is put right", "The account has a token that works again. Nothing more is done.", "main"))
        },
        Some(Kind::CallbackUnknown) => html! {
            (choice("called", "It was called", "You have made sure that the person was called, or will be. Nothing more is done.", "main"))
            (choice("again", "Hand it over again", "At risk: the platform may have it already. Then the person is called twice.", "danger"))
            (choice("dropped", "Drop it", "Nobody calls. Nothing more is done.", ""))
        },
        _ => html! {
            (choice("called", "It was called", "Somebody has called the person by other means. Nothing more is done.", "main"))
            (choice("again", "Hand it over again", "It is offered to the platform now; do-not-call list, opening hours and quiet hours are asked again. It has not been handed over yet, so nobody is called twice by this.", ""))
            (choice("dropped", "Drop it", "Nobody calls. Nothing more is done.", ""))
        },
    };
    html! {
        form.choices method="post" action={ "/admin/alerts/" (alert.id) } {
            (page::word(admin))
            h2 { "Your decision" }
            (choices)
        }
    }
}

fn call(relay: &Relay, admin: &Admin, call: &Call, personal: Personal) -> Markup {
    let address = format!("/admin/calls/{}", call.id);
    html! {
        dl.facts {
            div { dt { "Agent" } dd { (call.sub) " of " (call.org) } }
            div { dt { "State" } dd { (page::state(call.outcome.as_deref().unwrap_or(&call.state))) } }
            div { dt { "Number" } dd { (show::number(admin, &call.number, &address, personal)) } }
            div { dt { "Account" } dd { (call.account) ", as " (call.agent) } }
            div { dt { "Placed" } dd { (page::time(relay, call.created_at)) } }
            @if let Some(code) = &call.code { div { dt { "Code" } dd { code { (code) } } } }
            @if let Some(message) = &call.message { div { dt { "The platform said" } dd { (message) } } }
            div { dt { "Id" } dd.address { (call.id) } }
        }
    }
}

fn gone() -> Markup {
    html! { p { "It was deleted since, because its time to be kept is over." } }
}

fn kind(text: &str) -> Option<Kind> {
    [
        Kind::CallbackRefused,
        Kind::CallbackUnknown,
        Kind::CallbackOverdue,
        Kind::CallUnknown,
        Kind::TokenRotationRefused,
        Kind::TokenRotationUnknown,
    ]
    .into_iter()
    .find(|kind| kind.as_str() == text)
}

fn title(text: &str) -> &'static str {
    match kind(text) {
        Some(Kind::CallbackRefused) => "A callback was refused",
        Some(Kind::CallbackUnknown) => "A callback may have arrived",
        Some(Kind::CallbackOverdue) => "A callback is overdue",
        Some(Kind::CallUnknown) => "A call may have rung",
        Some(Kind::TokenRotationRefused) => "A token was not replaced",
        Some(Kind::TokenRotationUnknown) => "A token may have been replaced",
        None => "Something needs a person",
    }
}

fn meaning(text: &str) -> &'static str {
    match kind(text) {
        Some(Kind::CallbackRefused) => {
            "The platform, or a rule of this relay, said no. It was not handed over, and it is not tried again by itself."
        }
        Some(Kind::CallbackUnknown) => {
            "The platform was asked and did not say whether it has this callback. It is not tried again by itself: the person might be called twice. Look there first."
        }
        Some(Kind::CallbackOverdue) => {
            "It could not be handed over in time. It was not handed over, and it is not tried by itself any more."
        }
        Some(Kind::CallUnknown) => {
            "The platform was asked and did not say whether it placed this call. The agent was told so."
        }
        Some(Kind::TokenRotationRefused) => {
            "It was time to exchange the account's own token, and the platform refused. The relay tries again in a day. Where the platform does not know the token any more, the new one has to be looked up there and configured."
        }
        Some(Kind::TokenRotationUnknown) => {
            "A one-time token was being used when the relay stopped, or the answer was lost. The relay does not know which token holds now. See “Tokens” in the documentation on operation."
        }
        None => "This version of the relay does not know what this is about.",
    }
}

fn decided(decision: &str) -> &str {
    match decision {
        "called" => "it is done",
        "again" => "handed over again",
        "dropped" => "nothing more is done",
        "answered" => "the answer came after all",
        other => other,
    }
}
