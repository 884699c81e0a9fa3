//! `/admin/agents`: who may dial, and who that is at each account.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::access::Admin;
use super::failure::Failure;
use super::page;
use crate::relay::Relay;

/// So many imported mappings on the page.
const MOST: i64 = 1000;

/// One person, put together from where they are named.
#[derive(Default)]
struct Person {
    name: Option<String>,
    identities: Vec<Markup>,
    caller_ids: usize,
    /// Entries of the configuration: more than one is an ambiguity.
    entries: usize,
}

/// `GET /admin/agents`
pub async fn get(State(relay): State<Arc<Relay>>, admin: Admin) -> Result<Response, Failure> {
    let mapped = relay.store.mapped_agents(MOST).await?;
    let mut people: BTreeMap<(String, String), Person> = BTreeMap::new();
    for (id, entries) in &relay.config.agents {
        let person = people.entry((id.org.clone(), id.sub.clone())).or_default();
        for agent in entries {
            person.entries += 1;
            person.name = person.name.take().or_else(|| agent.name.clone());
            person.caller_ids += agent.caller_ids.len();
            person.identities.extend(
                agent
                    .identities
                    .iter()
                    .map(|one| identity(&one.account, &one.agent, "configuration")),
            );
        }
    }
    for one in mapped {
        let person = people.entry((one.org, one.sub)).or_default();
        person.name = person.name.take().or(one.name);
        person
            .identities
            .push(identity(&one.account, &one.agent, &one.source));
    }
    let rows: Vec<_> = people
        .iter()
        .map(|((org, sub), person)| {
            vec![
                html! {
                    @if let Some(name) = &person.name { (name) br; }
                    span.address { (sub) } " of " (org)
                    @if person.entries > 1 { br; span.bad { "named " (person.entries) " times, so they cannot sign in" } }
                },
                html! { ul.plain { @for identity in &person.identities { li { (identity) } } } },
                html! { (person.caller_ids) },
            ]
        })
        .collect();
    let body = html! {
        p { "Who a CRM may vouch for, and who that is on each platform. The first identity is the one that a button without " code { "provider" } " dials with." }
        @if rows.is_empty() { p { "Nobody." } }
        @else { (page::table("Agents", &["Who", "Identities", "Caller ids"], &rows)) }
    };
    Ok(page::page(&relay, &admin, "/admin/agents", "Agents", &body))
}

fn identity(account: &str, agent: &str, source: &str) -> Markup {
    html! { (account) ": " span.address { (agent) } " " span.quiet { "(" (source) ")" } }
}
