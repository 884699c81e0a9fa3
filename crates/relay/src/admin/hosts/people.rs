//! Who can come in by a host: the agents of its organisations, and whom the platforms have besides.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use maud::{Markup, html};
use patchcord_core::outcome::Outcome;
use patchcord_core::provider::people;

use crate::admin::page;
use crate::agents;
use crate::config::{Agent, AgentId};
use crate::hosts::{Host, organisations};
use crate::http::problem::Problem;
use crate::relay::Relay;
use crate::store::mapping::Mapping;

/// The most pages of a platform's list that are read for one look.
const MOST_PAGES: u32 = 20;

/// Somebody of a host's organisations: an agent, or why they are none.
pub type Person = (AgentId, Result<Arc<Agent>, Problem>);

/// Everybody of a host's organisations whom the configuration or an import names.
///
/// # Errors
/// A database that does not answer.
pub async fn of(relay: &Relay, host: &Host) -> Result<Vec<Person>, sqlx::Error> {
    let mut imported: BTreeMap<AgentId, Vec<Mapping>> = BTreeMap::new();
    for line in relay.store.mappings().await? {
        imported.entry(line.id()).or_default().push(line);
    }
    let organisations = organisations(&relay.config, host);
    let people: BTreeSet<&AgentId> = relay.config.agents.keys().chain(imported.keys()).collect();
    let of_host = people
        .into_iter()
        .filter(|id| organisations.contains(&id.org));
    let resolved = of_host.map(|id| {
        let lines = imported.get(id).map_or(&[][..], Vec::as_slice);
        (id.clone(), agents::resolve(&relay.config, id, lines))
    });
    Ok(resolved.collect())
}

/// The section of the host's page.
pub fn section(relay: &Relay, host: &Host, people: &[Person]) -> Markup {
    let organisations = organisations(&relay.config, host);
    let rows: Vec<_> = people
        .iter()
        .map(|(id, agent)| row(relay, host, id, agent.as_ref()))
        .collect();
    html! {
        section #people aria-label="Who is mapped" {
            h2 { "Who is mapped" }
            @if organisations.is_empty() {
                p.doubt { "No organisation can come in by this host yet: nobody may sign for one." }
            } @else {
                p {
                    "Organisation "
                    @for (nth, org) in organisations.iter().enumerate() { @if nth > 0 { ", " } code { (org) } }
                    ". Whoever is not here is refused as “agent unknown”."
                }
            }
            @if rows.is_empty() { p.doubt { "Nobody is mapped, so nobody can call." } }
            @else { (page::table("Who is mapped", &["Who", "At the platforms", "Can call from here"], &rows)) }
            p {
                "People are mapped in the configuration (" code { "[[agent]]" } ") or imported: "
                code.copy { "patchcord-relay agents import FILE.csv" }
                ", columns " code { "org, sub, account, agent, name" } ". "
                a href="/admin/agents" { "All agents" }
            }
            p { a href=(format!("/admin/hosts/{}/unmapped", host.name)) { "Whom the platforms have and nobody is mapped to" } }
        }
    }
}

fn row(
    relay: &Relay,
    host: &Host,
    id: &AgentId,
    agent: Result<&Arc<Agent>, &Problem>,
) -> Vec<Markup> {
    let name = agent.ok().and_then(|agent| agent.name.clone());
    vec![
        html! {
            @if let Some(name) = &name { (name) br; }
            span.address { (id.sub) } " of " (id.org)
        },
        html! {
            @if let Ok(agent) = agent {
                ul.plain { @for one in &agent.identities { li { (one.account) ": " span.address { (one.agent) } } } }
            }
        },
        match agent {
            Err(problem) => {
                html! { span.bad { "no: " (page::words(problem.code().as_str())) } }
            }
            Ok(agent) if can_call(relay, host, agent) => html! { span.good { "yes" } },
            Ok(_) => html! {
                span.bad { "no: nobody at " (host.provider.as_deref().unwrap_or("any platform")) }
            },
        },
    ]
}

/// Whether an agent is somebody where this host dials.
pub fn can_call(relay: &Relay, host: &Host, agent: &Agent) -> bool {
    crate::calls::identity(relay, agent, host.provider.as_deref()).is_ok()
}

/// Whom one account has.
pub struct AtAccount {
    /// Its name.
    pub account: String,
    /// Those that nobody is mapped to, or why the platform did not say.
    pub found: Result<Vec<people::Agent>, String>,
}

/// Asks the platforms for their agents, and leaves out those whom somebody is mapped to.
///
/// # Errors
/// A database that does not answer.
pub async fn unmapped(relay: &Relay, host: &Host) -> Result<Vec<AtAccount>, sqlx::Error> {
    let mut mapped = BTreeSet::new();
    for (_, agent) in of(relay, host).await? {
        let identities = agent.iter().flat_map(|agent| &agent.identities);
        mapped.extend(identities.map(|one| (one.account.clone(), one.agent.clone())));
    }
    let mut all = Vec::new();
    for (name, account) in &relay.accounts {
        let wanted = host.provider.as_deref();
        if wanted.is_some_and(|wanted| wanted != account.provider.name()) {
            continue;
        }
        let listed = agents::listed(account, MOST_PAGES).await;
        let found = listed.map_err(|outcome| said(&outcome)).map(|listed| {
            let mut agents = listed.items;
            agents.retain(|one| !mapped.contains(&(name.clone(), one.id.clone())));
            agents
        });
        all.push(AtAccount {
            account: name.clone(),
            found,
        });
    }
    Ok(all)
}

fn said(outcome: &Outcome) -> String {
    let because = outcome.because();
    let code = because.map_or("no_reply", |because| because.code.as_str());
    match because.and_then(|because| because.message.as_deref()) {
        Some(message) => format!("{code}: {message}"),
        None => code.to_owned(),
    }
}
