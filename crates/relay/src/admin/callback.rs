//! `/admin/callbacks/…`: one callback.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::html;

use super::access::{Admin, Order};
use super::failure::Failure;
use super::show::{self, Personal};
use super::{audit, page};
use crate::http::path::Id;
use crate::relay::Relay;

/// So much of what was done to it.
const MOST: i64 = 50;

/// `GET /admin/callbacks/{id}`
pub async fn get(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Id(id): Id,
) -> Result<Response, Failure> {
    view(&relay, &admin, &id, Personal::Masked).await
}

/// `POST /admin/callbacks/{id}`: the same with the number, and that somebody looked is written down.
pub async fn show(
    State(relay): State<Arc<Relay>>,
    Id(id): Id,
    Order { admin, .. }: Order,
) -> Result<Response, Failure> {
    if relay.store.callback_by_id(&id).await?.is_none() {
        return Err(Failure::NotFound);
    }
    show::write_down(&relay, &admin, &id).await?;
    view(&relay, &admin, &id, Personal::Shown).await
}

async fn view(
    relay: &Relay,
    admin: &Admin,
    id: &str,
    personal: Personal,
) -> Result<Response, Failure> {
    let Some(callback) = relay.store.callback_by_id(id).await? else {
        return Err(Failure::NotFound);
    };
    let done = relay.store.audit_of(id, MOST).await?;
    let title = format!("Callback {}", callback.reference);
    let body = html! {
        (show::callback(relay, admin, &callback, personal))
        h2 { "What was done" }
        (audit::list(relay, &done))
        p { a href="/admin/outbox" { "To the outbox" } }
    };
    Ok(page::page(relay, admin, "/admin/outbox", &title, &body))
}
