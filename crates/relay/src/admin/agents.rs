//! `/admin/agents`: who may dial, and who that is at each account.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::access::Admin;
use super::failure::Failure;
use super::{page, people};
use crate::agents;
use crate::config::{Agent, AgentId};
use crate::http::problem::Problem;
use crate::relay::Relay;
use crate::store::mapping::Mapping;

/// `GET /admin/agents`
pub async fn get(State(relay): State<Arc<Relay>>, admin: Admin) -> Result<Response, Failure> {
    let mut imported: BTreeMap<AgentId, Vec<Mapping>> = BTreeMap::new();
    for line in relay.store.mappings().await? {
        imported.entry(line.id()).or_default().push(line);
    }
    let people: BTreeSet<&AgentId> = relay.config.agents.keys().chain(imported.keys()).collect();
    let mut rows = Vec::new();
    for id in people {
        let lines = imported.get(id).map_or(&[][..], Vec::as_slice);
        let agent = match relay.config.directories.contains_key(&id.org) {
            // An identity provider has a say.
            true => agents::of(&relay, id).await,
            false => agents::resolve(&relay.config, id, lines),
        };
        rows.push(row(&relay, id, agent, lines));
    }
    let body = html! {
        p { "Who a CRM may vouch for, and who that is on each platform. The first identity is the one that a button without " code { "provider" } " dials with." }
        @let platforms: Vec<_> = people::accounts(&relay).collect();
        @if !platforms.is_empty() {
            p {
                a.button href="/admin/agents/sync" { "Compare with the CRM’s users" }
                @for account in &platforms { " " a.button href=(people::address(account)) { "Agents at " (account) } }
            }
        }
        @if rows.is_empty() { p { "Nobody." } }
        @else { (page::table("Agents", &["Who", "Identities", "Caller ids"], &rows)) }
    };
    Ok(page::page(&relay, &admin, "/admin/agents", "Agents", &body))
}

/// Somebody as a session would have them, or why they get none.
fn row(
    relay: &Relay,
    id: &AgentId,
    agent: Result<Arc<Agent>, Problem>,
    imported: &[Mapping],
) -> Vec<Markup> {
    let configured = relay.config.agents.get(id).into_iter().flatten();
    let name = match &agent {
        Ok(agent) => agent.name.clone(),
        Err(_) => configured.clone().find_map(|entry| entry.name.clone()),
    };
    vec![
        html! {
            @if let Some(name) = &name { (name) br; }
            span.address { (id.sub) } " of " (id.org)
            @if let Err(problem) = &agent {
                br; span.bad { (page::words(problem.code().as_str())) ": they cannot sign in" }
                br; span.quiet { (problem.detail()) }
            }
        },
        html! {
            ul.plain {
                @for one in configured.flat_map(|entry| &entry.identities) {
                    li { (one.account) ": " (identity(relay, &one.account, &one.agent)) " " span.quiet { "(configuration)" } }
                }
                @for line in imported {
                    li {
                        (line.account) ": " (identity(relay, &line.account, &line.agent)) " "
                        span.quiet { "(" (line.source) ", " (page::time(relay, line.updated_at)) ")" }
                    }
                }
            }
        },
        html! { (agent.map_or(0, |agent| agent.caller_ids.len())) },
    ]
}

/// An agent's id at an account, and the way to what the platform says about them.
fn identity(relay: &Relay, account: &str, agent: &str) -> Markup {
    html! {
        @if people::accounts(relay).any(|known| known == account) {
            a.address href=(people::address_of(account, agent)) { (agent) }
        } @else {
            span.address { (agent) }
        }
    }
}
