//! `/admin/accounts/…/agents`: what a platform says about its agents just now, and what can be changed about them.

mod groups;
mod one;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use patchcord_core::http::percent_encode;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::provider::people::{Agent, Asked, Group, Line, People, Presence};
use serde::Deserialize;

use super::access::Admin;
use super::asked::Query;
use super::failure::Failure;
use super::page;
use crate::accounts::{Account, Listed};
use crate::agents::sync::said;
use crate::relay::Relay;

pub use groups::{list_groups, members};
pub use one::{ask, change, get, turn};

/// So many on a page.
const SIZE: u32 = 50;
/// The pages stand under this one in the navigation.
const AT: &str = "/admin/agents";

/// An account whose platform tells who its agents are.
struct Platform<'a> {
    name: &'a str,
    account: &'a Account,
    people: &'a dyn People,
}

impl<'a> Platform<'a> {
    /// # Errors
    /// There is no such account, or its platform tells nothing.
    fn of(relay: &'a Relay, name: &str) -> Result<Self, Failure> {
        let found = relay
            .accounts
            .get_key_value(name)
            .ok_or(Failure::NotFound)?;
        let (name, account) = found;
        let people = account.provider.people().ok_or(Failure::NotFound)?;
        Ok(Self {
            name,
            account,
            people,
        })
    }
}

/// Where the agents of an account are.
pub fn address(account: &str) -> String {
    format!("/admin/accounts/{}/agents", percent_encode(account))
}

/// Where one agent is.
pub fn address_of(account: &str, agent: &str) -> String {
    format!("{}/{}", address(account), percent_encode(agent))
}

/// The accounts whose platform tells who its agents are.
pub fn accounts(relay: &Relay) -> impl Iterator<Item = &str> {
    let accounts = relay.accounts.iter();
    accounts
        .filter(|(_, account)| account.provider.people().is_some())
        .map(|(name, _)| name.as_str())
}

/// Which agents.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    q: String,
    name: String,
    number: String,
    source_id: String,
    source: String,
    state: String,
    enabled: String,
    group_id: String,
    group: String,
    tag: String,
    page: String,
}

impl Wanted {
    /// What the form asks for, by its names and words.
    fn texts(&self) -> [(&'static str, &'static str, &str); 5] {
        [
            ("q", "Name, number, e-mail, id or group", &self.q),
            ("name", "Name", &self.name),
            ("number", "Number", &self.number),
            ("source_id", "Id in the CRM", &self.source_id),
            ("source", "System", &self.source),
        ]
    }

    fn asked(&self) -> Asked {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Asked {
            text: text(&self.q),
            name: text(&self.name),
            number: text(&self.number),
            source_id: text(&self.source_id),
            system: text(&self.source),
            enabled: match self.enabled.as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            line: text(&self.state).map(|word| Line::from(word.as_str())),
            group_ids: text(&self.group_id).into_iter().collect(),
            groups: text(&self.group).into_iter().collect(),
            tags: text(&self.tag).into_iter().collect(),
            size: SIZE,
        }
    }

    /// The same, from another page on.
    fn at(&self, account: &str, page: u32) -> String {
        let others = [
            ("state", self.state.as_str()),
            ("enabled", &self.enabled),
            ("group_id", &self.group_id),
            ("group", &self.group),
            ("tag", &self.tag),
        ];
        let texts = self.texts();
        let pairs = texts
            .iter()
            .map(|(name, _, value)| (*name, *value))
            .chain(others);
        let given = pairs.filter(|(_, value)| !value.is_empty());
        let query: Vec<_> = given
            .map(|(name, value)| format!("{name}={}", percent_encode(value)))
            .chain([format!("page={page}")])
            .collect();
        format!("{}?{}", address(account), query.join("&"))
    }
}

/// `GET /admin/accounts/{account}/agents`
pub async fn list(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Path(account): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let platform = Platform::of(&relay, &account)?;
    let people = platform.people;
    let at = wanted.page.parse().unwrap_or(1_u32).max(1);
    let asked = wanted.asked();
    let listed = platform.account.ask(
        |token| people.list(&asked, at, token),
        |reply| people.read_list(at, reply),
    );
    let (listed, groups, tags) = tokio::join!(listed, platform.groups(), platform.tags());
    let listed = answered(listed);
    let body = html! {
        p {
            "What " (platform.account.provider.name()) " says just now. "
            a href="/admin/agents" { "Who may dial here" } " "
            a href=(groups::address_of_groups(&account)) { "Groups, tags and statuses" }
        }
        (filter(&platform, &wanted, &groups, &tags))
        @match &listed {
            Err(outcome) => (not_told(outcome)),
            Ok(page) if page.items.is_empty() => p { "Nobody." },
            Ok(page) => {
                (agents_table(&platform, &page.items))
                p {
                    @if at > 1 { a.button href=(wanted.at(&account, at - 1)) rel="prev" { "The page before" } " " }
                    @if let Some(next) = page.next { a.button href=(wanted.at(&account, next)) rel="next" { "The next page" } }
                }
            }
        }
    };
    let title = format!("Agents at {account}");
    Ok(page::page(&relay, &admin, AT, &title, &body))
}

/// What a platform answered, or that and why it was not asked.
fn answered<T>(asked: Result<Result<T, Outcome>, Because>) -> Result<T, Outcome> {
    asked.unwrap_or_else(|because| Err(Outcome::Refused(because)))
}

fn agents_table(platform: &Platform<'_>, agents: &[Agent]) -> Markup {
    let rows: Vec<_> = agents.iter().map(|agent| row(platform, agent)).collect();
    let columns = [
        "Who",
        "State",
        "Presence",
        "Gets calls",
        "Groups and tags",
        "Id in the CRM",
    ];
    page::table("Agents", &columns, &rows)
}

/// Groups and tags are chosen from what the platform has; where it does not tell, they can be typed.
fn filter(
    platform: &Platform<'_>,
    wanted: &Wanted,
    groups: &Result<Listed<Group>, Outcome>,
    tags: &Result<Vec<String>, Outcome>,
) -> Markup {
    let groups_told = groups.as_ref().map(|listed| {
        let pair = |group: &Group| (group.id.clone(), groups::name_of(group).to_owned());
        listed.items.iter().map(pair).collect::<Vec<_>>()
    });
    let tags_told = tags.as_ref().map(|tags| {
        let pair = |tag: &String| (tag.clone(), tag.clone());
        tags.iter().map(pair).collect::<Vec<_>>()
    });
    html! {
        @if let Err(outcome) = groups { p.doubt { "The platform did not tell its groups: " (said(outcome)) } }
        @if let Err(outcome) = tags { p.doubt { "The platform did not tell its tags: " (said(outcome)) } }
        form.filter method="get" action=(address(platform.name)) {
            @for (name, label, value) in wanted.texts() {
                (type_in(name, label, value))
            }
            @match &groups_told {
                Ok(told) => (choose("group_id", "Group", told, &wanted.group_id)),
                Err(_) => (type_in("group_id", "Id of a group", &wanted.group_id)),
            }
            // A link can ask by a group's name, and a long list may not have it.
            @if groups_told.is_err() || !wanted.group.is_empty() { (type_in("group", "Name of a group", &wanted.group)) }
            @match &tags_told {
                Ok(told) => (choose("tag", "Tag", told, &wanted.tag)),
                Err(_) => (type_in("tag", "Tag", &wanted.tag)),
            }
            div {
                label for="state" { "State" }
                select #state name="state" {
                    option value="" { "all" }
                    @for line in Line::KNOWN {
                        option value=(line) selected[line.as_str() == wanted.state] { (line) }
                    }
                }
            }
            div {
                label for="enabled" { "Gets calls" }
                select #enabled name="enabled" {
                    option value="" { "all" }
                    @for word in ["yes", "no"] { option value=(word) selected[word == wanted.enabled] { (word) } }
                }
            }
            button { "Show" }
        }
    }
}

/// A choice of `(value, what people call it)`; what is asked for is one of them, even where the platform has it no
/// more.
fn choose(name: &str, label: &str, told: &[(String, String)], wanted: &str) -> Markup {
    let is_told = told.iter().any(|(value, _)| value == wanted);
    html! {
        div {
            label for=(name) { (label) }
            select id=(name) name=(name) {
                option value="" { "all" }
                @for (value, called) in told { option value=(value) selected[value == wanted] { (called) } }
                @if !is_told && !wanted.is_empty() { option value=(wanted) selected { (wanted) } }
            }
        }
    }
}

fn type_in(name: &str, label: &str, value: &str) -> Markup {
    html! {
        div {
            label for=(name) { (label) }
            input id=(name) name=(name) value=(value) autocomplete="off";
        }
    }
}

fn row(platform: &Platform<'_>, agent: &Agent) -> Vec<Markup> {
    vec![
        html! {
            a href=(address_of(platform.name, &agent.id)) { (called(agent)) }
            @if let Some(email) = &agent.email { br; span.quiet { (email) } }
        },
        html! { @if let Some(line) = &agent.line { (line) } },
        html! { @if let Some(presence) = &agent.presence { (chosen(presence)) } },
        yes_or_no(agent.enabled),
        html! { (belongings(agent)) },
        html! {
            @if let Some(id) = &agent.source_id {
                span.address { (id) }
                @if let Some(system) = &agent.system { " " span.quiet { "(" (system) ")" } }
            }
        },
    ]
}

/// What an agent is called, at least by their id.
fn called(agent: &Agent) -> &str {
    agent.name.as_deref().unwrap_or(&agent.id)
}

fn chosen(presence: &Presence) -> Markup {
    html! {
        (presence.label)
        @if presence.available == Some(false) { " " span.quiet { "(no calls)" } }
    }
}

fn yes_or_no(flag: Option<bool>) -> Markup {
    html! {
        @match flag {
            Some(true) => "yes",
            Some(false) => span.doubt { "no" },
            None => span.quiet { "not told" },
        }
    }
}

/// Groups and tags, in a few words.
fn belongings(agent: &Agent) -> Markup {
    let groups: Vec<_> = agent.groups.iter().map(groups::name_of).collect();
    html! {
        @if !groups.is_empty() { (groups.join(", ")) }
        @if !groups.is_empty() && !agent.tags.is_empty() { br; }
        @if !agent.tags.is_empty() { span.quiet { (agent.tags.join(", ")) } }
    }
}

/// Why a platform did not say something.
fn not_told(outcome: &Outcome) -> Markup {
    html! { p.bad role="alert" { "The platform did not tell: " (said(outcome)) } }
}
