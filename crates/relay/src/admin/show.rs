//! What is shown of a person only when somebody asks for it, and that they did.

use std::collections::BTreeMap;

use maud::{Markup, html};
use serde_json::Value;

use super::access::Admin;
use super::page;
use crate::audit::{self, Action, Actor};
use crate::relay::Relay;
use crate::store::callback::Callback;

/// Whether a number and what was written beside it are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Personal {
    /// Only the last digits.
    Masked,
    /// All of it; the audit log says who looked.
    Shown,
}

/// Writes down who looks at whose number, before it is shown.
///
/// # Errors
/// A database that does not answer.
pub async fn write_down(relay: &Relay, admin: &Admin, subject: &str) -> Result<(), sqlx::Error> {
    let (name, subject, now) = (admin.name.clone(), subject.to_owned(), relay.clock.now());
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (who, what) = (Actor::Admin(&name), Action::NumberShown);
                audit::write(tx, who, what, &subject, Value::Null, now).await
            })
        })
        .await
}

/// A number, masked with a button beside it or as it is.
pub fn number(admin: &Admin, number: &str, address: &str, personal: Personal) -> Markup {
    match personal {
        Personal::Shown => html! { span.number { (number) } },
        Personal::Masked => html! {
            form method="post" action=(address) {
                (page::word(admin))
                (page::masked(&page::digits(number)))
                button.small { "Show" span.unseen { " the number" } }
            }
        },
    }
}

/// What is known about a callback.
pub fn callback(relay: &Relay, admin: &Admin, callback: &Callback, personal: Personal) -> Markup {
    let topic = relay.config.topics.get(&callback.topic);
    let address = format!("/admin/callbacks/{}", callback.id);
    // What the visitor wrote is as personal as the number.
    let fields: BTreeMap<String, Value> = match personal {
        Personal::Shown => serde_json::from_str(&callback.fields).unwrap_or_default(),
        Personal::Masked => BTreeMap::new(),
    };
    html! {
        dl.facts {
            div { dt { "Reference" } dd { (callback.reference) } }
            div { dt { "State" } dd { (page::state(callback.state.as_str())) } }
            div { dt { "Number" } dd { (number(admin, &callback.number, &address, personal)) } }
            @for (name, value) in &fields { div { dt { (name) } dd { (filled(value)) } } }
            div { dt { "Topic" } dd { (topic.map_or(callback.topic.as_str(), |topic| topic.label.usual())) } }
            @if let Some(topic) = topic { div { dt { "Account" } dd { (topic.account) } } }
            div { dt { "Asked for" } dd { (page::time(relay, callback.created_at)) } }
            div {
                dt { "Wished time" }
                dd { @match callback.at { Some(at) => { (page::time(relay, at)) }, None => { "as soon as possible" } } }
            }
            div { dt { "Taken up" } dd { (page::time(relay, callback.dispatch_at)) } }
            div { dt { "Times offered" } dd { (callback.attempts) } }
            @if let Some(code) = &callback.code { div { dt { "Code" } dd { code { (code) } } } }
            @if let Some(message) = &callback.message { div { dt { "The platform said" } dd { (message) } } }
            @if let Some(consent) = &callback.consent { div { dt { "Agreed to the text" } dd { (consent) } } }
            @if let Some(page) = &callback.page { div { dt { "Page" } dd.address { (page) } } }
            div { dt { "Id" } dd.address { (callback.id) } }
        }
    }
}

/// What was filled in, as a person reads it.
fn filled(value: &Value) -> &str {
    match value {
        Value::String(text) => text,
        Value::Bool(true) => "yes",
        _ => "no",
    }
}
