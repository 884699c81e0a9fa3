//! `/admin/audit`: who did what.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::access::Admin;
use super::asked::Query;
use super::failure::Failure;
use super::page;
use crate::audit::Entry;
use crate::relay::Relay;

/// So many on a page.
const MOST: usize = 100;

/// From where on.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    before: Option<i64>,
}

/// `GET /admin/audit`
pub async fn get(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let before = wanted.before.unwrap_or(i64::MAX);
    let most = i64::try_from(MOST + 1).unwrap_or(i64::MAX);
    let mut entries = relay.store.audit_before(before, most).await?;
    let is_more = entries.len() > MOST;
    entries.truncate(MOST);
    let next = entries
        .last()
        .filter(|_| is_more)
        .map(|last| format!("/admin/audit?before={}", last.id));
    let body = html! {
        p { "The newest first. Nothing here can be changed, and nothing is deleted for a month at least." }
        (list(&relay, &entries))
        (page::more(next.as_deref()))
    };
    Ok(page::page(
        &relay,
        &admin,
        "/admin/audit",
        "Audit log",
        &body,
    ))
}

/// Entries as a list.
pub fn list(relay: &Relay, entries: &[Entry]) -> Markup {
    html! {
        @if entries.is_empty() { p { "Nothing so far." } }
        @else {
            ul.rows.entries aria-label="What was done" {
                @for entry in entries {
                    @let is_callback = entry.subject.starts_with("cb_");
                    li {
                        span.first { (page::words(&entry.action)) }
                        (page::time(relay, entry.at))
                        span { (entry.actor) }
                        @if is_callback { a.address href={ "/admin/callbacks/" (entry.subject) } { (entry.subject) } }
                        @else { span.address { (entry.subject) } }
                        span.address { (detail(entry)) }
                    }
                }
            }
        }
    }
}

/// What else is known, as `name value`.
fn detail(entry: &Entry) -> String {
    let detail = entry.detail.as_deref().unwrap_or_default();
    let Ok(Value::Object(members)) = serde_json::from_str(detail) else {
        return detail.to_owned();
    };
    let pairs = members.iter().map(|(name, value)| match value {
        Value::String(text) => format!("{name} {text}"),
        other => format!("{name} {other}"),
    });
    pairs.collect::<Vec<_>>().join(", ")
}
