//! What is done with groups: they are written down, with their members. What those may do is looked up at each request.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;

use super::group::Attributes;
use super::people::If;
use super::refusal::Refusal;
use crate::audit::{self, Action, Actor};
use crate::clock::Millis;
use crate::config::Directory;
use crate::random;
use crate::relay::Relay;
use crate::store::Conn;
use crate::store::person_group::{self, Group};

/// How many who came, and who went, a line of the audit log names at most.
const MOST_NAMED: usize = 100;

/// A group and its members.
pub type Whole = (Group, BTreeSet<String>);

/// Writes a new group down.
///
/// # Errors
/// [`Refusal::taken`], [`Refusal::value`] for a member who is nobody, or a database that does not answer.
pub async fn create(
    relay: &Arc<Relay>,
    directory: &Directory,
    attributes: Attributes,
) -> Result<Whole, Refusal> {
    let now = relay.clock.now();
    let group = Group {
        id: random::id("grp")?,
        org: directory.org.clone(),
        name: attributes.name,
        external_id: attributes.external_id,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let members = attributes.members;
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                write(tx, &group, &BTreeSet::new(), &members).await?;
                note(
                    tx,
                    Action::GroupAdded,
                    &group,
                    &BTreeSet::new(),
                    &members,
                    now,
                )
                .await?;
                Ok((group, members))
            })
        })
        .await
}

/// Changes a group; as it is afterwards. Where nothing is different, nothing is written.
///
/// # Errors
/// [`Refusal::not_found`], [`Refusal::other_version`], what `change` says, and as [`create`].
pub async fn change(
    relay: &Arc<Relay>,
    directory: &Directory,
    id: &str,
    when: If,
    change: impl FnOnce(&mut Attributes) -> Result<(), Refusal> + Send + 'static,
) -> Result<Whole, Refusal> {
    let (org, id, now) = (directory.org.clone(), id.to_owned(), relay.clock.now());
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                let mut group = held(tx, &org, &id, when).await?;
                let before = person_group::members(tx, &id).await?;
                let mut attributes = Attributes {
                    name: group.name.clone(),
                    external_id: group.external_id.clone(),
                    members: before.clone(),
                };
                let seen = attributes.clone();
                change(&mut attributes)?;
                if attributes == seen {
                    return Ok((group, before));
                }
                group.name = attributes.name;
                group.external_id = attributes.external_id;
                group.version += 1;
                group.updated_at = now;
                write(tx, &group, &before, &attributes.members).await?;
                note(
                    tx,
                    Action::GroupChanged,
                    &group,
                    &before,
                    &attributes.members,
                    now,
                )
                .await?;
                Ok((group, attributes.members))
            })
        })
        .await
}

/// Removes a group. Its members stay, and may what they may without it.
///
/// # Errors
/// [`Refusal::not_found`], [`Refusal::other_version`], or a database that does not answer.
pub async fn remove(
    relay: &Arc<Relay>,
    directory: &Directory,
    id: &str,
    when: If,
) -> Result<(), Refusal> {
    let (org, id, now) = (directory.org.clone(), id.to_owned(), relay.clock.now());
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                let group = held(tx, &org, &id, when).await?;
                let before = person_group::members(tx, &id).await?;
                person_group::remove(tx, &id).await?;
                let nobody = BTreeSet::new();
                note(tx, Action::GroupRemoved, &group, &before, &nobody, now).await?;
                Ok(())
            })
        })
        .await
}

async fn held(tx: &mut Conn, org: &str, id: &str, when: If) -> Result<Group, Refusal> {
    let group = person_group::hold(tx, org, id).await?;
    let group = group.ok_or_else(Refusal::not_found)?;
    if when != If::Any && when != If::Version(group.version) {
        return Err(Refusal::other_version());
    }
    Ok(group)
}

async fn write(
    tx: &mut Conn,
    group: &Group,
    before: &BTreeSet<String>,
    members: &BTreeSet<String>,
) -> Result<(), Refusal> {
    if person_group::is_taken(tx, group).await? {
        return Err(Refusal::taken("displayName"));
    }
    let new = members.difference(before);
    if person_group::stranger(tx, &group.org, new).await?.is_some() {
        return Err(Refusal::value(
            "members",
            "Users of this relay, by their `id`",
        ));
    }
    let written = person_group::write(tx, group, before, members).await;
    written.map_err(|error| {
        let database = error.as_database_error();
        // Two at once, or somebody who was removed this very moment.
        match database.map(|error| {
            (
                error.is_unique_violation(),
                error.is_foreign_key_violation(),
            )
        }) {
            Some((true, _)) => Refusal::taken("displayName"),
            Some((_, true)) => Refusal::value("members", "Users of this relay, by their `id`"),
            _ => error.into(),
        }
    })
}

/// Writes down what was done to a group, with who came and who went, by their ids here.
async fn note(
    tx: &mut Conn,
    action: Action,
    group: &Group,
    before: &BTreeSet<String>,
    members: &BTreeSet<String>,
    now: Millis,
) -> Result<(), sqlx::Error> {
    let named = |people: &BTreeSet<String>, others: &BTreeSet<String>| {
        let some = people.difference(others).take(MOST_NAMED).cloned();
        some.collect::<Vec<String>>()
    };
    let detail = json!({
        "name": group.name, "members_before": before.len(), "members": members.len(),
        "added": named(members, before), "removed": named(before, members),
    });
    let who = Actor::Directory(&group.org);
    audit::write(tx, who, action, &group.id, detail, now).await
}
