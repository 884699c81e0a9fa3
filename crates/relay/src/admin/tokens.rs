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
use crate::store::review::TokenHealth;

/// `GET /admin/tokens`
pub async fn get(State(relay): State<Arc<Relay>>, admin: Admin) -> Result<Response, Failure> {
    let now = relay.clock.now();
    let tokens = relay.store.token_health().await?;
    let body = html! {
        p { "What the relay signs in with at each account. The tokens themselves are sealed and shown nowhere." }
        @for (name, account) in &relay.accounts {
            section aria-label=(name) {
                h2 { (name) }
                dl.facts {
                    div { dt { "Platform" } dd { (account.provider.name()) } }
                    @match tokens.iter().find(|token| &token.account == name) {
                        None => { div { dt { "Token" } dd { "none kept: had when it is needed, or none is needed" } } }
                        Some(token) => { (health(&relay, token, now)) }
                    }
                }
            }
        }
    };
    Ok(page::page(&relay, &admin, "/admin/tokens", "Tokens", &body))
}

fn health(relay: &Relay, token: &TokenHealth, now: Millis) -> Markup {
    let sealed = token
        .sealed_refresh
        .as_ref()
        .or(token.sealed_access.as_ref());
    html! {
        @if let Some(since) = token.rotating_since {
            div { dt { "Being replaced" } dd { span.doubt { "since " (page::time(relay, since)) } } }
        }
        @if let Some(at) = token.expires_at {
            div {
                dt { "Holds until" }
                dd {
                    (page::time(relay, at))
                    @if at <= now { " " span.quiet { "(had anew when it is needed)" } }
                }
            }
        }
        @if let Some(at) = token.refreshed_at { div { dt { "Had" } dd { (page::time(relay, at)) } } }
        div { dt { "For renewing" } dd { @if token.sealed_refresh.is_some() { "a refresh token is kept" } @else { "nothing is kept" } } }
        @if let Some(key) = sealed.and_then(|text| key_of(text)) { div { dt { "Sealed with the key" } dd { code { (key) } } } }
    }
}

/// The name of the key that sealed a text (`s1.<key>.…`).
fn key_of(sealed: &str) -> Option<&str> {
    sealed
        .strip_prefix("s1.")?
        .split_once('.')
        .map(|(key, _)| key)
}

#[cfg(test)]
mod tests {
    use super::key_of;

    #[test]
    fn of_a_sealed_text_only_the_name_of_its_key_is_told() {
        assert_eq!(key_of("s1.2026.c2VhbGVk"), Some("2026"));
        assert_eq!(key_of("not sealed at all"), None);
    }
}
