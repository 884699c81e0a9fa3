//! `/admin/dialling`: the kill switch, with a question before it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use serde_json::{Value, json};

use super::access::{Admin, Order};
use super::failure::Failure;
use super::page;
use crate::audit::{self, Action, Actor};
use crate::relay::Relay;
use crate::store::switch;
use crate::wakes::Wake;

/// The longest reason.
const LONGEST: usize = 300;

/// `GET /admin/dialling`
pub async fn get(State(relay): State<Arc<Relay>>, admin: Admin) -> Result<Response, Failure> {
    let off = relay.store.off(switch::DIALLING).await?;
    let title = if off.is_some() {
        "Switch dialling on?"
    } else {
        "Switch dialling off?"
    };
    let body = html! {
        form.stack method="post" action="/admin/dialling" {
            (page::word(&admin))
            @match off {
                None => {
                    p {
                        "From now on no call is placed, no callback is taken and none is handed over, by any relay of this database. "
                        "What the platforms have been given already goes on. Callbacks that wait stay where they are."
                    }
                    label for="reason" { "Why? It stands in the audit log." }
                    input id="reason" name="reason" maxlength=(LONGEST) required;
                    button.danger name="turn" value="off" { "Switch dialling off" }
                }
                Some(off) => {
                    p {
                        "Off since " (page::time(&relay, off.off_at)) ", by " (off.off_by)
                        @if let Some(reason) = &off.reason { ": " (reason) } @else { "." }
                    }
                    p { "Callbacks that became due in the meantime are handed over, as far as they are not overdue by then." }
                    button.main name="turn" value="on" { "Switch dialling on" }
                }
            }
            a href="/admin" { "Leave it as it is" }
        }
    };
    Ok(page::page(&relay, &admin, "/admin", title, &body))
}

/// `POST /admin/dialling`
pub async fn turn(State(relay): State<Arc<Relay>>, order: Order) -> Result<Response, Failure> {
    let off = match order.field("turn") {
        "off" => true,
        "on" => false,
        _ => return Err(Failure::Malformed),
    };
    let reason: String = order.field("reason").chars().take(LONGEST).collect();
    let (name, now) = (order.admin.name, relay.clock.now());
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                let reason = Some(reason.as_str()).filter(|reason| !reason.is_empty());
                let (changed, action) = if off {
                    let changed =
                        switch::turn_off(tx, switch::DIALLING, &name, reason, now).await?;
                    (changed, Action::SwitchedOff)
                } else {
                    (
                        switch::turn_on(tx, switch::DIALLING).await?,
                        Action::SwitchedOn,
                    )
                };
                if changed {
                    let detail = reason.map_or(Value::Null, |reason| json!({ "reason": reason }));
                    let who = Actor::Admin(&name);
                    audit::write(tx, who, action, switch::DIALLING, detail, now).await?;
                }
                Ok::<_, sqlx::Error>(())
            })
        })
        .await?;
    relay.wakes.wake(Wake::Due);
    Ok(Redirect::to("/admin").into_response())
}
