//! One agent: what they do just now; their presence, whether they get calls, a message to them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use patchcord_core::capability::Capability;
use patchcord_core::error::Error;
use patchcord_core::http::{Reply, Request};
use patchcord_core::outcome::Outcome;
use patchcord_core::payload::Payload;
use patchcord_core::provider::people::{
    Agent, Change, LONGEST_MESSAGE, Message, Presence, Push, Status, To,
};
use patchcord_core::secret::Secret;
use serde_json::{Value, json};

use super::groups::{address_of_group, address_of_tag, name_of};
use super::{AT, Platform, address, address_of, answered, called, chosen, not_told, yes_or_no};
use crate::admin::access::{Admin, Order};
use crate::admin::failure::Failure;
use crate::admin::page;
use crate::agents::sync::said;
use crate::audit::{self, Action, Actor};
use crate::http::problem::Problem;
use crate::relay::Relay;

/// `GET /admin/accounts/{account}/agents/{agent}`
pub async fn get(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Path((account, agent)): Path<(String, String)>,
) -> Result<Response, Failure> {
    view(&relay, &admin, &account, &agent, None).await
}

/// `POST /admin/accounts/{account}/agents/{agent}`: sets the presence, or pushes a message.
pub async fn change(
    State(relay): State<Arc<Relay>>,
    Path((account, agent)): Path<(String, String)>,
    order: Order,
) -> Result<Response, Failure> {
    let platform = Platform::of(&relay, &account)?;
    let people = platform.people;
    let outcome = match order.field("do") {
        "presence" if platform.account.provider.can(Capability::Presence) => {
            let presence = order.field("presence").to_owned();
            let detail = json!({ "account": account, "presence": presence });
            write_down(&relay, &order.admin, Action::PresenceSet, &agent, detail).await?;
            let change = Change::Presence(presence);
            platform
                .act(
                    |token| people.change(&agent, &change, token),
                    |reply| people.read_change(&change, reply),
                )
                .await
        }
        "push" if platform.account.provider.can(Capability::Push) => {
            let message = match Message::parse(order.field("message")) {
                Ok(message) => message,
                Err(error) => {
                    let note = refused(&Problem::from(error));
                    return view(&relay, &order.admin, &account, &agent, Some(note)).await;
                }
            };
            let detail =
                json!({ "account": account, "characters": message.as_str().chars().count() });
            write_down(&relay, &order.admin, Action::MessagePushed, &agent, detail).await?;
            let push = Push {
                to: To::Agent(agent.clone()),
                message,
                data: Payload::default(),
            };
            platform
                .act(
                    |token| people.push(&push, token),
                    |reply| people.read_push(reply),
                )
                .await
        }
        _ => return Err(Failure::Malformed),
    };
    let note = became(&outcome);
    view(&relay, &order.admin, &account, &agent, Some(note)).await
}

/// `GET /admin/accounts/{account}/agents/{agent}/enabled`: asks before it is done.
pub async fn ask(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Path((account, agent)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let platform = Platform::of(&relay, &account)?;
    let told = platform.agent(&agent).await;
    let address = address_of(&account, &agent);
    let (title, body) = match told {
        Err(outcome) => (
            "The platform did not tell".to_owned(),
            html! { (not_told(&outcome)) p { a href=(address) { "Back" } } },
        ),
        Ok(told) => {
            let on = told.enabled != Some(true);
            let title = format!(
                "{} {}?",
                if on { "Enable" } else { "Disable" },
                called(&told)
            );
            let body = html! {
                form.stack method="post" action={ (address) "/enabled" } {
                    (page::word(&admin))
                    @if on {
                        p { "The platform gives them calls of its queues again, as far as their presence allows it." }
                        button.main name="turn" value="on" { "Enable" }
                    } @else {
                        p { "The platform gives them no calls any more, until they are enabled again. A call that goes on is not ended. Their session here goes on, too." }
                        button.danger name="turn" value="off" { "Disable" }
                    }
                    a href=(address) { "Leave it as it is" }
                }
            };
            (title, body)
        }
    };
    Ok(page::page(&relay, &admin, AT, &title, &body))
}

/// `POST /admin/accounts/{account}/agents/{agent}/enabled`
pub async fn turn(
    State(relay): State<Arc<Relay>>,
    Path((account, agent)): Path<(String, String)>,
    order: Order,
) -> Result<Response, Failure> {
    let platform = Platform::of(&relay, &account)?;
    let people = platform.people;
    let (change, action) = match order.field("turn") {
        "on" => (Change::Enable, Action::AgentEnabled),
        "off" => (Change::Disable, Action::AgentDisabled),
        _ => return Err(Failure::Malformed),
    };
    let detail = json!({ "account": account });
    write_down(&relay, &order.admin, action, &agent, detail).await?;
    let outcome = platform
        .act(
            |token| people.change(&agent, &change, token),
            |reply| people.read_change(&change, reply),
        )
        .await;
    let note = became(&outcome);
    view(&relay, &order.admin, &account, &agent, Some(note)).await
}

impl Platform<'_> {
    /// Changes something.
    async fn act(
        &self,
        build: impl Fn(Option<&Secret>) -> Result<Request, Error>,
        read: impl Fn(Reply) -> Outcome,
    ) -> Outcome {
        let asked = self.account.ask(build, read).await;
        asked.unwrap_or_else(Outcome::Refused)
    }

    async fn agent(&self, agent: &str) -> Result<Agent, Outcome> {
        let people = self.people;
        let asked = self.account.ask(
            |token| people.agent(agent, token),
            |reply| people.read_agent(reply),
        );
        answered(asked.await)
    }

    async fn status(&self, agent: &str) -> Result<Status, Outcome> {
        let people = self.people;
        let asked = self.account.ask(
            |token| people.status(agent, token),
            |reply| people.read_status(reply),
        );
        answered(asked.await)
    }

    async fn presences(&self) -> Result<Vec<Presence>, Outcome> {
        let people = self.people;
        let asked = self.account.ask(
            |token| Ok(people.presences(token)),
            |reply| people.read_presences(reply),
        );
        answered(asked.await)
    }
}

/// Before the platform is asked: who wanted what.
async fn write_down(
    relay: &Relay,
    admin: &Admin,
    action: Action,
    agent: &str,
    detail: Value,
) -> Result<(), sqlx::Error> {
    let (name, agent, now) = (admin.name.clone(), agent.to_owned(), relay.clock.now());
    let job = relay.store.write(move |tx| {
        Box::pin(async move {
            let who = Actor::Admin(&name);
            audit::write(tx, who, action, &agent, detail, now).await
        })
    });
    job.await
}

/// What became of a change.
fn became(outcome: &Outcome) -> Markup {
    html! {
        p.note role="status" {
            (page::state(outcome.as_str())) " "
            @match outcome {
                Outcome::Accepted => "The platform took it.",
                Outcome::Refused(_) => { "Nothing was changed: " (said(outcome)) }
                Outcome::Unknown(_) => { "Nobody knows whether it was done: " (said(outcome)) ". What the platform says now is below." }
            }
        }
    }
}

fn refused(problem: &Problem) -> Markup {
    html! { p.note role="status" { (page::state("refused")) " " (problem.detail()) } }
}

async fn view(
    relay: &Arc<Relay>,
    admin: &Admin,
    account: &str,
    id: &str,
    note: Option<Markup>,
) -> Result<Response, Failure> {
    let platform = Platform::of(relay, account)?;
    let (agent, status, presences) = tokio::join!(
        platform.agent(id),
        platform.status(id),
        platform.presences()
    );
    let here = mapped(relay, &platform, id).await?;
    let title = agent.as_ref().map_or(id, called).to_owned();
    let body = html! {
        @if let Some(note) = note { (note) }
        section aria-label="What the platform says" {
            h2 { "What " (platform.account.provider.name()) " says just now" }
            @match &agent {
                Err(outcome) => (not_told(outcome)),
                Ok(agent) => (facts(account, agent, &status)),
            }
            @if platform.account.provider.tasks().is_some() {
                p.quiet { "Whoever declines a task may be offered no others until they say so themselves, with " code { "POST /v1/tasks/unlock" } ". The platform tells nobody who that is." }
            }
        }
        section aria-label="Who they are here" {
            h2 { "Who they are here" }
            @if here.is_empty() { p { "Nobody is mapped to this agent." } }
            @else { ul.plain { @for who in &here { li { span.address { (who) } } } } }
        }
        @if let Ok(agent) = &agent { (changes(&platform, admin, agent, &presences)) }
        p { a href=(address(account)) { "All agents at " (account) } }
    };
    Ok(page::page(relay, admin, AT, &title, &body))
}

fn facts(account: &str, agent: &Agent, status: &Result<Status, Outcome>) -> Markup {
    html! {
        dl.facts {
            @if let Ok(status) = status {
                @if let Some(line) = &status.line { div { dt { "State" } dd { (line) } } }
                @if let Some(presence) = &status.presence { div { dt { "Presence" } dd { (chosen(presence)) } } }
                div { dt { "Enabled: gets calls" } dd { (yes_or_no(status.enabled)) } }
                div { dt { "A call would come through now" } dd { (yes_or_no(status.available)) } }
                @if let Some(word) = &status.outbound { div { dt { "In campaigns" } dd { (page::words(word)) } } }
            }
            @if !agent.groups.is_empty() {
                div {
                    dt { "Groups" }
                    dd { ul.plain { @for group in &agent.groups { li { a href=(address_of_group(account, &group.id)) { (name_of(group)) } } } } }
                }
            }
            @if !agent.tags.is_empty() {
                div {
                    dt { "Tags" }
                    dd { ul.plain { @for tag in &agent.tags { li { a href=(address_of_tag(account, tag)) { (tag) } } } } }
                }
            }
            @if let Some(email) = &agent.email { div { dt { "E-mail" } dd { (email) } } }
            @if let Some(number) = &agent.number { div { dt { "Telephone" } dd { (page::masked(&page::digits(number))) } } }
            @if let Some(id) = &agent.source_id {
                div {
                    dt { "Id in the CRM" }
                    dd {
                        span.address { (id) }
                        @if let Some(system) = &agent.system { " " span.quiet { "(" (system) ")" } }
                    }
                }
            }
            div { dt { "Agent" } dd { span.address { (agent.id) } } }
        }
        @if let Err(outcome) = status { (not_told(outcome)) }
    }
}

fn changes(
    platform: &Platform<'_>,
    admin: &Admin,
    agent: &Agent,
    presences: &Result<Vec<Presence>, Outcome>,
) -> Markup {
    let address = address_of(platform.name, &agent.id);
    let provider = &platform.account.provider;
    let now = agent
        .presence
        .as_ref()
        .map(|presence| presence.name.as_str());
    html! {
        @if provider.can(Capability::Presence) {
            section aria-label="Change" {
                h2 { "Change" }
                @match presences {
                    Err(outcome) => (not_told(outcome)),
                    Ok(presences) => {
                        form.filter method="post" action=(address) {
                            (page::word(admin))
                            div {
                                label for="presence" { "Presence" }
                                select #presence name="presence" {
                                    @for presence in presences {
                                        option value=(presence.name) selected[now == Some(&presence.name)] { (presence.label) }
                                    }
                                }
                            }
                            button name="do" value="presence" { "Set presence" }
                        }
                    }
                }
                p {
                    a.button href={ (address) "/enabled" } {
                        @if agent.enabled == Some(true) { "Disable …" } @else { "Enable …" }
                    }
                }
            }
        }
        @if provider.can(Capability::Push) {
            section aria-label="Push a message" {
                h2 { "Push a message" }
                form.stack method="post" action=(address) {
                    (page::word(admin))
                    label for="message" { "It appears where they work. The audit log says that there was one, not what it said." }
                    input #message name="message" maxlength=(LONGEST_MESSAGE) required autocomplete="off";
                    button name="do" value="push" { "Push" }
                }
            }
        }
    }
}

/// The people whom the configuration or an import calls this agent.
async fn mapped(
    relay: &Relay,
    platform: &Platform<'_>,
    agent: &str,
) -> Result<Vec<String>, sqlx::Error> {
    let is_this = |account: &str, other: &str| {
        account == platform.name && platform.account.provider.is_same_agent(other, agent)
    };
    let configured = relay.config.agents.iter().filter(|(_, entries)| {
        let mut identities = entries.iter().flat_map(|entry| &entry.identities);
        identities.any(|one| is_this(&one.account, &one.agent))
    });
    let mut all: Vec<_> = configured
        .map(|(id, _)| format!("{} of {} (configuration)", id.sub, id.org))
        .collect();
    let imported = relay.store.mappings().await?;
    let imported = imported
        .iter()
        .filter(|line| is_this(&line.account, &line.agent));
    all.extend(imported.map(|line| format!("{} of {} ({})", line.sub, line.org, line.source)));
    Ok(all)
}
