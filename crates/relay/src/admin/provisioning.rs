//! `/admin/provisioning`: whom the identity providers have provisioned, and whether they can sign in.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::access::Admin;
use super::failure::Failure;
use super::page;
use crate::config::{Directory, Others};
use crate::relay::Relay;
use crate::scim::verdict::{self, Imported, Verdict};
use crate::store::person::{self, Person};
use crate::store::person_group;

/// The most people and groups of one organisation that are shown.
const MOST: i64 = 1000;
const HERE: &str = "/admin/provisioning";

/// `GET /admin/provisioning`
pub async fn get(State(relay): State<Arc<Relay>>, admin: Admin) -> Result<Response, Failure> {
    let mut sections = Vec::new();
    let imported = verdict::imported(&relay.store).await?;
    for directory in relay.config.directories.values() {
        sections.push(section(&relay, directory, &imported).await?);
    }
    let body = html! {
        p { "Whom identity providers say may dial (SCIM). Who is switched off or removed there is signed out at once." }
        @if sections.is_empty() {
            p { "No identity provider is configured: add a " code { "[[scim]]" } " to the relay's configuration." }
        }
        @for section in &sections { (section) }
    };
    Ok(page::page(&relay, &admin, HERE, "Provisioned", &body))
}

async fn section(
    relay: &Relay,
    directory: &Directory,
    imported: &Imported,
) -> Result<Markup, Failure> {
    let org = &directory.org;
    let (people, all) = relay
        .store
        .people(org, &person::Wanted::default(), 0, MOST)
        .await?;
    let mut of_person: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (person, group) in relay.store.groups_of_people(org).await? {
        of_person.entry(person).or_default().push(group);
    }
    let (groups, _) = relay
        .store
        .person_groups(org, &person_group::Wanted::default(), 0, MOST)
        .await?;
    let rows: Vec<_> = people
        .iter()
        .map(|person| {
            let verdict = verdict::of(&relay.config, person, imported);
            row(relay, person, &verdict, of_person.get(&person.id))
        })
        .collect();
    let group_rows: Vec<_> = groups
        .iter()
        .map(|group| {
            let may = directory.groups.get(&person::key(&group.name));
            let may: Vec<&str> = may.into_iter().flatten().map(|one| one.as_str()).collect();
            vec![
                html! { (group.name) },
                html! { @if may.is_empty() { "nothing more" } @else { (may.join(", ")) } },
                html! { (page::time(relay, group.updated_at)) },
            ]
        })
        .collect();
    Ok(html! {
        h2 { (org) }
        p {
            "Agents of " (directory.account) ". Whoever is not provisioned "
            @match directory.others {
                Others::Refused => "may not dial.",
                Others::Allowed => "may dial, if they are configured or imported.",
            }
        }
        @if rows.is_empty() { p { "Nobody so far." } }
        @else {
            (page::table("People", &["Who", "Can they sign in?", "Agent", "Groups", "Changed"], &rows))
            @if all > MOST { p { "And " (all - MOST) " more." } }
        }
        @if !group_rows.is_empty() {
            (page::table("Groups", &["Group", "Its members may", "Changed"], &group_rows))
        }
    })
}

fn row(
    relay: &Relay,
    person: &Person,
    verdict: &Verdict,
    groups: Option<&Vec<String>>,
) -> Vec<Markup> {
    let (kind, word, detail) = match verdict {
        Verdict::In(_) => ("good", "ready", None),
        Verdict::Off => ("plain", "inactive", None),
        Verdict::Kept { why, detail } => ("bad", *why, Some(detail)),
    };
    vec![
        html! {
            @if let Some(name) = person.called() { (name) br; }
            (person.user_name)
            @if let Some(sub) = &person.sub { br; span.address { (sub) } }
        },
        html! {
            span class={ "state " (kind) } { (page::words(word)) }
            @if let Some(detail) = detail { br; (detail) }
        },
        html! {
            @if let Some(agent) = &person.agent { span.address { (agent) } }
        },
        html! { (groups.map(|groups| groups.join(", ")).unwrap_or_default()) },
        html! { (page::time(relay, person.updated_at)) },
    ]
}
