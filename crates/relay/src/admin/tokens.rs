//! `/admin/tokens`: whether the relay can sign in at each account. Never a token.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::access::Admin;
use super::failure::Failure;
use super::page;
use crate::clock::Millis;
use crate::relay::Relay;
use crate::seal;
use crate::store::token::Row;

/// `GET /admin/tokens`
pub async fn get(State(relay): State<Arc<Relay>>, admin: Admin) -> Result<Response, Failure> {
    let now = relay.clock.now();
    let rows = relay.store.tokens().await?;
    let body = html! {
        p { "What the relay signs in with at each account. The tokens themselves are sealed and shown nowhere." }
        @for (name, account) in &relay.accounts {
            section aria-label=(name) {
                h2 { (name) }
                dl.facts {
                    div { dt { "Platform" } dd { (account.provider.name()) } }
                    div {
                        dt { "Signs in by" }
                        dd {
                            @match account.provider.tokens() {
                                Some(tokens) => { (page::words(tokens.grant.name())) }
                                None => { "nothing, or what stands in the configuration" }
                            }
                        }
                    }
                    @if let Some(row) = rows.iter().find(|row| &row.account == name && row.agent.is_empty()) { (health(&relay, row, now)) }
                }
            }
        }
    };
    Ok(page::page(&relay, &admin, "/admin/tokens", "Tokens", &body))
}

fn health(relay: &Relay, row: &Row, now: Millis) -> Markup {
    let sealed = row.sealed_refresh.as_ref().or(row.sealed_access.as_ref());
    html! {
        @if let Some(since) = row.rotating_since {
            div { dt { "Being replaced" } dd { span.doubt { "since " (page::time(relay, since)) } } }
        }
        @if let Some(at) = row.expires_at {
            div {
                dt { "Holds until" }
                dd {
                    (page::time(relay, at))
                    @if at <= now { " " span.quiet { "(had anew when it is needed)" } }
                }
            }
        }
        @if let Some(at) = row.refreshed_at { div { dt { "Had" } dd { (page::time(relay, at)) } } }
        div { dt { "Refresh token" } dd { @if row.sealed_refresh.is_some() { "kept" } @else { "none" } } }
        @if let Some(key) = sealed.and_then(|text| seal::key_id(text)) {
            div { dt { "Sealed with the key" } dd { code { (key) } } }
        }
    }
}
