//! What there is at a platform to sort agents by: groups and who is in them, tags, statuses.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use patchcord_core::http::percent_encode;
use patchcord_core::outcome::Outcome;
use patchcord_core::provider::people::{Choice, Group};
use serde::Deserialize;

use super::{AT, Platform, address, agents_table, answered, not_told, yes_or_no};
use crate::accounts::Listed;
use crate::admin::access::Admin;
use crate::admin::asked::Query;
use crate::admin::failure::Failure;
use crate::admin::page;
use crate::relay::Relay;

/// The most pages of groups that are asked for.
const PAGES: u32 = 5;

/// Where the groups of an account are.
pub fn address_of_groups(account: &str) -> String {
    format!("/admin/accounts/{}/groups", percent_encode(account))
}

/// Where the members of a group are.
pub fn address_of_group(account: &str, group: &str) -> String {
    format!("{}/{}", address_of_groups(account), percent_encode(group))
}

/// Where the agents with a tag are.
pub fn address_of_tag(account: &str, tag: &str) -> String {
    format!("{}?tag={}", address(account), percent_encode(tag))
}

/// What people call a group, at least its id.
pub fn name_of(group: &Group) -> &str {
    group.name.as_deref().unwrap_or(&group.id)
}

impl Platform<'_> {
    pub(super) async fn groups(&self) -> Result<Listed<Group>, Outcome> {
        let people = self.people;
        self.account
            .ask_pages(
                PAGES,
                |page, token| Ok(people.groups(page, token)),
                |page, reply| people.read_groups(page, reply),
            )
            .await
    }

    pub(super) async fn tags(&self) -> Result<Vec<String>, Outcome> {
        let people = self.people;
        answered(
            self.account
                .ask(
                    |token| Ok(people.tags(token)),
                    |reply| people.read_tags(reply),
                )
                .await,
        )
    }

    async fn choices(&self) -> Result<Vec<Choice>, Outcome> {
        let people = self.people;
        answered(
            self.account
                .ask(
                    |token| Ok(people.choices(token)),
                    |reply| people.read_choices(reply),
                )
                .await,
        )
    }
}

/// `GET /admin/accounts/{account}/groups`
pub async fn list_groups(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Path(account): Path<String>,
) -> Result<Response, Failure> {
    let platform = Platform::of(&relay, &account)?;
    let (groups, tags, choices) =
        tokio::join!(platform.groups(), platform.tags(), platform.choices());
    let body = html! {
        p {
            "What " (platform.account.provider.name()) " says just now. "
            a href=(address(&account)) { "All agents at " (account) }
        }
        section aria-label="Groups" {
            h2 { "Groups" }
            @match &groups {
                Err(outcome) => (not_told(outcome)),
                Ok(listed) => (groups_of(&account, listed)),
            }
        }
        section aria-label="Tags" {
            h2 { "Tags" }
            @match &tags {
                Err(outcome) => (not_told(outcome)),
                Ok(tags) if tags.is_empty() => p { "None." },
                Ok(tags) => ul.plain { @for tag in tags { li { a href=(address_of_tag(&account, tag)) { (tag) } } } },
            }
        }
        section aria-label="Statuses" {
            h2 { "Statuses" }
            @match &choices {
                Err(outcome) => (not_told(outcome)),
                Ok(choices) if choices.is_empty() => p { "None." },
                Ok(choices) => {
                    @let rows: Vec<_> = choices.iter().map(choice).collect();
                    (page::table(&format!("Statuses of {account}"), &["Status", "Name", "Kind", "Calls come through"], &rows))
                }
            }
        }
    };
    let title = format!("Groups, tags and statuses at {account}");
    Ok(page::page(&relay, &admin, AT, &title, &body))
}

fn groups_of(account: &str, listed: &Listed<Group>) -> Markup {
    let row = |group: &Group| {
        vec![
            html! { a href=(address_of_group(account, &group.id)) { (name_of(group)) } },
            html! { span.address { (group.id) } },
        ]
    };
    let rows: Vec<_> = listed.items.iter().map(row).collect();
    html! {
        @if rows.is_empty() { p { "None." } }
        @else { (page::table(&format!("Groups of {account}"), &["Group", "Id"], &rows)) }
        @if listed.cut { p.quiet { "There are more than are shown." } }
    }
}

fn choice(choice: &Choice) -> Vec<Markup> {
    vec![
        html! { (choice.label) },
        html! { span.address { (choice.name) } },
        html! { @if let Some(kind) = &choice.kind { (page::words(kind)) } },
        yes_or_no(choice.available),
    ]
}

/// Which page of a group's agents.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    page: String,
}

/// `GET /admin/accounts/{account}/groups/{group}`
pub async fn members(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Path((account, id)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let platform = Platform::of(&relay, &account)?;
    let people = platform.people;
    let at = wanted.page.parse().unwrap_or(1_u32).max(1);
    let asked = platform.account.ask(
        |token| people.members(&id, at, token),
        |reply| people.read_list(at, reply),
    );
    let (listed, groups) = tokio::join!(asked, platform.groups());
    let listed = answered(listed);
    // Only the list of groups says what one is called.
    let groups = groups.map_or_else(|_| Vec::new(), |listed| listed.items);
    let group = groups.iter().find(|group| group.id == id);
    let here = address_of_group(&account, &id);
    let body = html! {
        p {
            "Who is in this group, as " (platform.account.provider.name()) " says just now. "
            a href=(address_of_groups(&account)) { "All groups at " (account) }
        }
        @match &listed {
            Err(outcome) => (not_told(outcome)),
            Ok(page) if page.items.is_empty() => p { "Nobody." },
            Ok(page) => {
                (agents_table(&platform, &page.items))
                p {
                    @if at > 1 { a.button href={ (here) "?page=" (at - 1) } rel="prev" { "The page before" } " " }
                    @if let Some(next) = page.next { a.button href={ (here) "?page=" (next) } rel="next" { "The next page" } }
                }
            }
        }
    };
    let title = format!("Group {}", group.map_or(id.as_str(), name_of));
    Ok(page::page(&relay, &admin, AT, &title, &body))
}
