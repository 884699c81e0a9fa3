//! Groups of provisioned people. What their members may do is the configuration's to say.

use std::collections::BTreeSet;

use super::{Conn, Store};
use crate::clock::Millis;
use crate::store::person::key;

/// A group, without its members.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Group {
    /// The relay's id.
    pub id: String,
    /// Whose.
    pub org: String,
    /// What it is called.
    pub name: String,
    /// The identity provider's id.
    pub external_id: Option<String>,
    /// Counts changes.
    pub version: i64,
    /// Since when it is known.
    pub created_at: Millis,
    /// When it last changed.
    pub updated_at: Millis,
}

const COLUMNS: &str = "id, org, name, external_id, version, created_at, updated_at";

/// Makes whoever changes this group wait for each other until the end of their transactions, and reads it.
///
/// # Errors
/// A database that does not answer.
pub async fn hold(tx: &mut Conn, org: &str, id: &str) -> Result<Option<Group>, sqlx::Error> {
    Store::lock(tx, &format!("person group {id}")).await?;
    sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM person_group WHERE org = $1 AND id = $2"
    )))
    .bind(org)
    .bind(id)
    .fetch_optional(tx)
    .await
}

/// Makes whoever changes a group of this person wait until the end of this transaction; the ids of those groups.
///
/// # Errors
/// A database that does not answer.
pub async fn hold_of(tx: &mut Conn, person: &str) -> Result<Vec<String>, sqlx::Error> {
    let groups: Vec<String> = sqlx::query_scalar(
        "SELECT person_group FROM person_in_group WHERE person = $1 ORDER BY person_group",
    )
    .bind(person)
    .fetch_all(&mut *tx)
    .await?;
    for id in &groups {
        Store::lock(tx, &format!("person group {id}")).await?;
    }
    Ok(groups)
}

/// Counts a change of these groups, as when a member is gone.
///
/// # Errors
/// A database that does not answer.
pub async fn touch(tx: &mut Conn, groups: &[String], now: Millis) -> Result<(), sqlx::Error> {
    for id in groups {
        sqlx::query("UPDATE person_group SET version = version + 1, updated_at = $1 WHERE id = $2")
            .bind(now)
            .bind(id)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

/// Whether another group of the organisation has this name.
///
/// # Errors
/// A database that does not answer.
pub async fn is_taken(tx: &mut Conn, group: &Group) -> Result<bool, sqlx::Error> {
    let others: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM person_group WHERE org = $1 AND name_key = $2 AND id <> $3",
    )
    .bind(&group.org)
    .bind(key(&group.name))
    .bind(&group.id)
    .fetch_one(tx)
    .await?;
    Ok(others > 0)
}

/// Writes a group down, new or changed, with these members.
///
/// # Errors
/// A database that does not answer, or that has such a name already.
pub async fn write(
    tx: &mut Conn,
    group: &Group,
    before: &BTreeSet<String>,
    members: &BTreeSet<String>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO person_group (id, org, name, name_key, external_id, version, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key,
             external_id = excluded.external_id, version = excluded.version, updated_at = excluded.updated_at",
    )
    .bind(&group.id)
    .bind(&group.org)
    .bind(&group.name)
    .bind(key(&group.name))
    .bind(&group.external_id)
    .bind(group.version)
    .bind(group.created_at)
    .bind(group.updated_at)
    .execute(&mut *tx)
    .await?;
    for person in members.difference(before) {
        sqlx::query(
            "INSERT INTO person_in_group (person_group, person) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(&group.id)
        .bind(person)
        .execute(&mut *tx)
        .await?;
    }
    for person in before.difference(members) {
        sqlx::query("DELETE FROM person_in_group WHERE person_group = $1 AND person = $2")
            .bind(&group.id)
            .bind(person)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

/// Removes a group; its members stay.
///
/// # Errors
/// A database that does not answer.
pub async fn remove(tx: &mut Conn, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM person_group WHERE id = $1")
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}

/// The members of a group, by their ids.
///
/// # Errors
/// A database that does not answer.
pub async fn members(tx: &mut Conn, id: &str) -> Result<BTreeSet<String>, sqlx::Error> {
    let members: Vec<String> = sqlx::query_scalar(MEMBERS).bind(id).fetch_all(tx).await?;
    Ok(members.into_iter().collect())
}

const MEMBERS: &str = "SELECT person FROM person_in_group WHERE person_group = $1 ORDER BY person";

/// Of these people, the first who is none of the organisation's.
///
/// # Errors
/// A database that does not answer.
pub async fn stranger<'p>(
    tx: &mut Conn,
    org: &str,
    people: impl Iterator<Item = &'p String>,
) -> Result<Option<&'p String>, sqlx::Error> {
    for person in people {
        let known: Option<i64> =
            sqlx::query_scalar("SELECT active FROM person WHERE org = $1 AND id = $2")
                .bind(org)
                .bind(person)
                .fetch_optional(&mut *tx)
                .await?;
        if known.is_none() {
            return Ok(Some(person));
        }
    }
    Ok(None)
}

/// Which groups are asked for; all conditions hold at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// With this id.
    pub id: Option<String>,
    /// With this name, in lower case.
    pub name_key: Option<String>,
    /// With this id of the identity provider.
    pub external_id: Option<String>,
    /// With this member.
    pub member: Option<String>,
}

const WANTED: &str = "org = $1 AND ($2 IS NULL OR id = $2) AND ($3 IS NULL OR name_key = $3)
     AND ($4 IS NULL OR external_id = $4)
     AND ($5 IS NULL OR EXISTS (SELECT 1 FROM person_in_group WHERE person_in_group.person_group = person_group.id AND person = $5))";

impl Store {
    /// A group.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn person_group(&self, org: &str, id: &str) -> Result<Option<Group>, sqlx::Error> {
        sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM person_group WHERE org = $1 AND id = $2"
        )))
        .bind(org)
        .bind(id)
        .fetch_optional(self.read())
        .await
    }

    /// The members of a group, by their ids.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn members_of(&self, group: &str) -> Result<BTreeSet<String>, sqlx::Error> {
        let members: Vec<String> = sqlx::query_scalar(MEMBERS)
            .bind(group)
            .fetch_all(self.read())
            .await?;
        Ok(members.into_iter().collect())
    }

    /// Some of an organisation's groups, from the first after `skipped`, and how many there are in all.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn person_groups(
        &self,
        org: &str,
        wanted: &Wanted,
        skipped: i64,
        most: i64,
    ) -> Result<(Vec<Group>, i64), sqlx::Error> {
        let count = format!("SELECT count(*) FROM person_group WHERE {WANTED}");
        let all: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(count))
            .bind(org)
            .bind(&wanted.id)
            .bind(&wanted.name_key)
            .bind(&wanted.external_id)
            .bind(&wanted.member)
            .fetch_one(self.read())
            .await?;
        if most == 0 {
            return Ok((Vec::new(), all));
        }
        let list = format!(
            "SELECT {COLUMNS} FROM person_group WHERE {WANTED} ORDER BY created_at, id LIMIT $6 OFFSET $7"
        );
        let groups = sqlx::query_as(sqlx::AssertSqlSafe(list))
            .bind(org)
            .bind(&wanted.id)
            .bind(&wanted.name_key)
            .bind(&wanted.external_id)
            .bind(&wanted.member)
            .bind(most)
            .bind(skipped)
            .fetch_all(self.read())
            .await?;
        Ok((groups, all))
    }

    /// The names of the groups of each person of an organisation: pairs of person and name.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn groups_of_people(&self, org: &str) -> Result<Vec<(String, String)>, sqlx::Error> {
        sqlx::query_as(
            "SELECT person_in_group.person, person_group.name FROM person_in_group
             JOIN person_group ON person_group.id = person_in_group.person_group
             WHERE person_group.org = $1 ORDER BY person_group.name",
        )
        .bind(org)
        .fetch_all(self.read())
        .await
    }
}
