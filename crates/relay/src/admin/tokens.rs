//! `/admin/tokens`: whether the relay can sign in at each account, and which agents have. Never a token.

use std::sync::Arc;
use std::time::Duration;

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
        p { "What the relay and agents sign in with at each account. The tokens themselves are sealed and shown nowhere." }
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
                                None if account.own().is_some() => { "a token of its own, where the platform wants one" }
                                None => { "nothing, or what stands in the configuration" }
                            }
                        }
                    }
                    @let row = rows.iter().find(|row| &row.account == name && row.agent.is_empty());
                    @if let Some(row) = row { (health(&relay, row, account.own().is_some(), now)) }
                    @if let Some(every) = account.own().and_then(|own| own.every()) { (rotation(&relay, row, every)) }
                }
                @if account.agents.is_some() {
                    @let agents = agents(&relay, name, &rows, now);
                    h3 { "Agents who have signed in" }
                    @if agents.is_empty() { p.quiet { "Nobody." } }
                    @else { (page::table("Agents who have signed in", &["Who", "Holds until", "Had", "Refresh token"], &agents)) }
                }
            }
        }
    };
    Ok(page::page(&relay, &admin, "/admin/tokens", "Tokens", &body))
}

/// The agents of an account who have tokens of their own.
fn agents(relay: &Relay, account: &str, rows: &[Row], now: Millis) -> Vec<Vec<Markup>> {
    let of_account = rows.iter().filter(|row| row.account == account);
    let agents = of_account.filter_map(|row| Some((row.agent()?, row)));
    agents
        .map(|(agent, row)| {
            vec![
                html! { span.address { (agent.sub) } " of " (agent.org) },
                html! {
                    @if let Some(at) = row.expires_at {
                        (page::time(relay, at))
                        @if at <= now { " " span.quiet { "(had anew when it is needed)" } }
                    }
                },
                html! { @if let Some(at) = row.refreshed_at { (page::time(relay, at)) } },
                html! { @if row.sealed_refresh.is_some() { "kept" } @else { "none: they sign in again" } },
            ]
        })
        .collect()
}

/// When the account's own token is exchanged by itself.
fn rotation(relay: &Relay, row: Option<&Row>, every: Duration) -> Markup {
    let days = every.as_secs() / (24 * 60 * 60);
    html! {
        div { dt { "Replaced" } dd { "before it is " (days) @if days == 1 { " day" } @else { " days" } " old" } }
        div {
            dt { "Next time" }
            dd {
                @match row {
                    Some(row) if row.rotating_since.is_some() => { span.doubt { "after somebody has looked at the alert" } }
                    Some(Row { rotate_at: Some(at), .. }) => { (page::time(relay, *at)) }
                    _ => { "not set yet" }
                }
            }
        }
    }
}

fn health(relay: &Relay, row: &Row, is_own: bool, now: Millis) -> Markup {
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
        div { dt { @if is_own { "Token" } @else { "Refresh token" } } dd { @if row.sealed_refresh.is_some() { "kept" } @else { "none" } } }
        @if let Some(key) = sealed.and_then(|text| seal::key_id(text)) {
            div { dt { "Sealed with the key" } dd { code { (key) } } }
        }
    }
}
