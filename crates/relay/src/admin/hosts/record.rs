//! Trying a record: what the relay's credential gives of it, and what the mapping makes of that.

use maud::{Markup, html};
use serde_json::json;

use super::preview::{self, Preview};
use crate::admin::access::{Admin, Order};
use crate::admin::failure::Failure;
use crate::admin::page;
use crate::audit::{self, Action, Actor};
use crate::hosts::Host;
use crate::records::Unread;
use crate::relay::Relay;

/// A record that somebody tried.
pub struct Asked<'a> {
    kind: &'a str,
    id: &'a str,
    read: Result<Read, Unread>,
}

/// What was read.
struct Read {
    name: Option<String>,
    preview: Preview,
}

/// Reads the record that the form names. The audit log says who did.
///
/// # Errors
/// A database that does not answer.
pub async fn ask<'a>(relay: &Relay, order: &'a Order, host: &Host) -> Result<Asked<'a>, Failure> {
    let (kind, id) = (order.field("type").trim(), order.field("id").trim());
    let (by, name, now) = (
        order.admin.name.clone(),
        host.name.clone(),
        relay.clock.now(),
    );
    let detail = json!({ "type": kind, "id": id });
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                let who = Actor::Admin(&by);
                audit::write(tx, who, Action::RecordRead, &name, detail, now).await
            })
        })
        .await?;
    let read = match host.asked(kind, id) {
        Err(unread) => Err(unread),
        Ok(asked) => relay.records.read(&asked).await,
    };
    let read = match read {
        Err(unread) => Err(unread),
        Ok(found) => match &host.entities {
            None => Err(Unread::Type),
            Some(mapping) => preview::of(mapping, kind, &found.fields)
                .map(|preview| Read {
                    name: found.name,
                    preview,
                })
                .map_err(|_| Unread::Type),
        },
    };
    Ok(Asked { kind, id, read })
}

/// The section of a host whose records the relay reads; nothing for another one.
pub fn section(admin: &Admin, host: &Host, asked: Option<&Asked<'_>>) -> Markup {
    let (Some(source), Some(entities)) = (&host.records, &host.entities) else {
        return html! {};
    };
    html! {
        section #record aria-label="Try a record" {
            h2 { "Try a record" }
            p.quiet { "Reads it in " (source.crm()) " as a click would, and shows what would go along. The audit log says that you have." }
            form.filter method="post" action={ "/admin/hosts/" (host.name) "/record#record" } {
                (page::word(admin))
                div {
                    label for="record-type" { "Object type" }
                    select #record-type name="type" required {
                        @for (kind, _) in entities.types() {
                            option value=(kind) selected[asked.is_some_and(|asked| asked.kind == kind)] { (kind) }
                        }
                    }
                }
                div {
                    label for="record-id" { "Its id" }
                    input #record-id name="id" value=(asked.map_or("", |asked| asked.id)) required maxlength="64" autocomplete="off" spellcheck="false";
                }
                button.main { "Read it" }
            }
            @match asked.map(|asked| &asked.read) {
                None => {}
                Some(Ok(read)) => {
                    @if let Some(name) = &read.name { p.note role="status" { "This is " strong { (name) } "." } }
                    (preview::show(&read.preview))
                }
                Some(Err(unread)) => {
                    div.wrong role="alert" {
                        p { "It was not read: " (unread) "." }
                        @if let Some(said) = unread.said() { p.quiet { (source.crm()) " says: " (said) } }
                        p { (unread.remedy()) }
                    }
                }
            }
        }
    }
}
