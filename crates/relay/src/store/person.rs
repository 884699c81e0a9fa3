//! People whom an identity provider provisions, and what follows from it: who they are at the platform, and that
//! whoever is out is signed out.

use std::collections::BTreeSet;

use super::token::{self, Row};
use super::{Conn, Store, person_group};
use crate::clock::Millis;
use crate::config::AgentId;

/// The source of the lines of `agent_mapping` that come from here.
pub const SOURCE: &str = "scim";

/// Whether provisioning lets somebody sign in, or why not. The configuration and imports have a say, too: see
/// [`verdict`](crate::scim::verdict).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It does.
    Ready,
    /// The identity provider says that they may not.
    Inactive,
    /// They have no id in the CRM.
    NoSubject,
    /// Nobody says who they are at the platform.
    NoAgent,
    /// The platform has several agents with their id.
    SeveralAgents,
    /// The platform could not be asked.
    NotAsked,
}

impl State {
    const ALL: [Self; 6] = [
        Self::Ready,
        Self::Inactive,
        Self::NoSubject,
        Self::NoAgent,
        Self::SeveralAgents,
        Self::NotAsked,
    ];

    /// As it is stored and told. Stable.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Inactive => "inactive",
            Self::NoSubject => "no_subject",
            Self::NoAgent => "no_agent",
            Self::SeveralAgents => "several_agents",
            Self::NotAsked => "not_asked",
        }
    }

    /// For a person, with what to do.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Ready => {
                "It is known who they are at the platform. They can sign in, unless the relay's configuration or an import says that they are somebody else."
            }
            Self::Inactive => "They are not active at the identity provider.",
            Self::NoSubject => {
                "They have no id in the CRM: the identity provider has to send `externalId`."
            }
            Self::NoAgent => {
                "Provisioning does not know which agent of the platform is theirs: let the identity provider send the attribute `agent`, or give the agent their id as `sourceId`."
            }
            Self::SeveralAgents => {
                "Several agents of the platform have their id as `sourceId`: only one may."
            }
            Self::NotAsked => {
                "The platform could not be asked who they are; it is asked again when they sign in."
            }
        }
    }
}

/// Somebody.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Person {
    /// The relay's id.
    pub id: String,
    /// Whose.
    pub org: String,
    /// The name to sign in with.
    pub user_name: String,
    /// The identity provider's id.
    pub external_id: Option<String>,
    /// The CRM's id.
    pub sub: Option<String>,
    /// What they are called.
    pub name: Option<String>,
    /// Their given name.
    pub given_name: Option<String>,
    /// Their family name.
    pub family_name: Option<String>,
    /// 1 or 0: neither driver has a type for it that the other one has.
    pub active: i64,
    /// The agent that the identity provider names.
    pub told: Option<String>,
    /// The agent that they are.
    pub agent: Option<String>,
    /// See [`State`].
    pub state: String,
    /// When the platform was last asked who they are.
    pub asked_at: Millis,
    /// Counts changes.
    pub version: i64,
    /// Since when they are known.
    pub created_at: Millis,
    /// When they last changed.
    pub updated_at: Millis,
}

impl Person {
    /// Whether the identity provider lets them in.
    pub const fn is_active(&self) -> bool {
        self.active != 0
    }

    /// Whether provisioning lets them sign in, or why not.
    pub fn standing(&self) -> State {
        let known = State::ALL.into_iter();
        let mut same = known.filter(|state| state.as_str() == self.state);
        // Of another version of the relay: then nobody says who they are.
        same.next().unwrap_or(State::NoAgent)
    }

    /// Whom it is about, where that is known.
    pub fn who(&self) -> Option<AgentId> {
        self.sub.as_ref().map(|sub| AgentId {
            org: self.org.clone(),
            sub: sub.clone(),
        })
    }

    /// What to call them.
    pub fn called(&self) -> Option<String> {
        let parts = [&self.given_name, &self.family_name];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        let of_parts = (!parts.is_empty()).then(|| parts.join(" "));
        self.name.clone().or(of_parts)
    }

    /// Who they are at the platform, where that is known.
    fn line(&self) -> Option<(AgentId, &str)> {
        self.who().zip(self.agent.as_deref())
    }
}

/// Who is signed out.
#[derive(Debug, Default)]
pub struct Ended {
    /// These people.
    pub people: BTreeSet<AgentId>,
    /// How many sessions that were.
    pub sessions: u64,
    /// Their own tokens at platforms: nobody has them any more, and they are to be given back.
    pub tokens: Vec<Row>,
}

/// Writes down somebody new.
///
/// # Errors
/// A database that does not answer, or that has such a name or id already.
pub async fn insert(tx: &mut Conn, person: &Person) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO person (id, org, user_name, user_key, external_id, sub, name, given_name, family_name, active, told,
             agent, state, asked_at, version, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
    )
    .bind(&person.id)
    .bind(&person.org)
    .bind(&person.user_name)
    .bind(key(&person.user_name))
    .bind(&person.external_id)
    .bind(&person.sub)
    .bind(&person.name)
    .bind(&person.given_name)
    .bind(&person.family_name)
    .bind(person.active)
    .bind(&person.told)
    .bind(&person.agent)
    .bind(&person.state)
    .bind(person.asked_at)
    .bind(person.version)
    .bind(person.created_at)
    .bind(person.updated_at)
    .execute(tx)
    .await?;
    Ok(())
}

/// Changes somebody who is as they were at `seen`. `false` where they are not any more.
///
/// # Errors
/// As [`insert`].
pub async fn update(tx: &mut Conn, person: &Person, seen: i64) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE person SET user_name = $1, user_key = $2, external_id = $3, sub = $4, name = $5, given_name = $6,
             family_name = $7, active = $8, told = $9, agent = $10, state = $11, asked_at = $12, version = $13,
             updated_at = $14
         WHERE id = $15 AND version = $16",
    )
    .bind(&person.user_name)
    .bind(key(&person.user_name))
    .bind(&person.external_id)
    .bind(&person.sub)
    .bind(&person.name)
    .bind(&person.given_name)
    .bind(&person.family_name)
    .bind(person.active)
    .bind(&person.told)
    .bind(&person.agent)
    .bind(&person.state)
    .bind(person.asked_at)
    .bind(person.version)
    .bind(person.updated_at)
    .bind(&person.id)
    .bind(seen)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes somebody who is as they were at `seen`, with that they are in groups. `false` where they are not any more.
///
/// # Errors
/// A database that does not answer.
pub async fn remove(tx: &mut Conn, id: &str, seen: i64, now: Millis) -> Result<bool, sqlx::Error> {
    let groups = person_group::hold_of(tx, id).await?;
    let done = sqlx::query("DELETE FROM person WHERE id = $1 AND version = $2")
        .bind(id)
        .bind(seen)
        .execute(&mut *tx)
        .await?;
    let removed = done.rows_affected() == 1;
    if removed {
        person_group::touch(tx, &groups, now).await?;
    }
    Ok(removed)
}

/// Which attribute of these somebody else has already.
///
/// # Errors
/// A database that does not answer.
pub async fn taken(tx: &mut Conn, person: &Person) -> Result<Option<&'static str>, sqlx::Error> {
    let others: Vec<(String, Option<String>)> = sqlx::query_as(
        "SELECT user_key, sub FROM person WHERE org = $1 AND id <> $2 AND (user_key = $3 OR sub = $4)",
    )
    .bind(&person.org)
    .bind(&person.id)
    .bind(key(&person.user_name))
    .bind(&person.sub)
    .fetch_all(tx)
    .await?;
    let key = key(&person.user_name);
    let name = others.iter().any(|(other, _)| *other == key);
    Ok(match (name, others.is_empty()) {
        (true, _) => Some("userName"),
        (false, false) => Some("externalId"),
        (false, true) => None,
    })
}

/// Draws the consequences of a change: the line of the agent mapping follows, and whoever is not let in any more, or is
/// somebody else at the platform, is signed out.
///
/// # Errors
/// A database that does not answer.
pub async fn follow(
    tx: &mut Conn,
    account: &str,
    before: Option<&Person>,
    after: Option<&Person>,
    now: Millis,
) -> Result<Ended, sqlx::Error> {
    let (old, new) = (before.and_then(Person::line), after.and_then(Person::line));
    let mut ended = Ended::default();
    if old != new
        && let Some((who, agent)) = &old
    {
        sqlx::query(
            "DELETE FROM agent_mapping WHERE org = $1 AND sub = $2 AND account = $3 AND agent = $4 AND source = $5",
        )
        .bind(&who.org)
        .bind(&who.sub)
        .bind(account)
        .bind(*agent)
        .bind(SOURCE)
        .execute(&mut *tx)
        .await?;
        ended.people.insert(who.clone());
    }
    if let (Some((who, agent)), Some(person)) = (&new, after) {
        // From another source it may be there already: then that one must not take it away again.
        sqlx::query(
            "INSERT INTO agent_mapping (org, sub, account, agent, name, source, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (org, sub, account, agent) DO UPDATE
             SET name = excluded.name, source = excluded.source, updated_at = excluded.updated_at",
        )
        .bind(&who.org)
        .bind(&who.sub)
        .bind(account)
        .bind(*agent)
        .bind(person.called())
        .bind(SOURCE)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    }
    let out = |person: &&Person| !person.is_active();
    let was = before.filter(|old| after.is_none_or(|new| new.sub != old.sub));
    ended.people.extend(was.and_then(Person::who));
    ended.people.extend(after.filter(out).and_then(Person::who));
    for who in &ended.people {
        token::lock(tx, who).await?;
        ended.sessions += super::session::end_all(tx, who).await?;
        ended.tokens.extend(token::forget(tx, who, None).await?);
    }
    Ok(ended)
}

/// A name as it is compared.
pub fn key(name: &str) -> String {
    name.to_lowercase()
}

/// What an identity provider says about somebody who wants in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Unknown,
    /// They are out.
    Out,
    /// They are in, and in these groups (names in lower case).
    In(BTreeSet<String>),
}

const STANDING: &str = "SELECT person.active, person_group.name_key FROM person
     LEFT JOIN person_in_group ON person_in_group.person = person.id
     LEFT JOIN person_group ON person_group.id = person_in_group.person_group
     WHERE person.org = $1 AND person.sub = $2";

fn standing(rows: Vec<(i64, Option<String>)>) -> Standing {
    match rows.first() {
        None => Standing::Unknown,
        Some((0, _)) => Standing::Out,
        Some(_) => Standing::In(rows.into_iter().filter_map(|(_, group)| group).collect()),
    }
}

/// What is said about somebody, as this transaction sees it.
///
/// # Errors
/// A database that does not answer.
pub async fn standing_of(tx: &mut Conn, who: &AgentId) -> Result<Standing, sqlx::Error> {
    let rows = sqlx::query_as(STANDING)
        .bind(&who.org)
        .bind(&who.sub)
        .fetch_all(tx)
        .await?;
    Ok(standing(rows))
}

/// Which people are asked for; all conditions hold at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// With this id.
    pub id: Option<String>,
    /// With this user name, in lower case.
    pub user_key: Option<String>,
    /// With this id of the identity provider.
    pub external_id: Option<String>,
    /// Active, 1 or 0.
    pub active: Option<i64>,
}

const WANTED: &str = "org = $1 AND ($2 IS NULL OR id = $2) AND ($3 IS NULL OR user_key = $3)
     AND ($4 IS NULL OR external_id = $4) AND ($5 < 0 OR active = $5)";

impl Store {
    /// What is said about somebody.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn standing(&self, who: &AgentId) -> Result<Standing, sqlx::Error> {
        let rows = sqlx::query_as(STANDING)
            .bind(&who.org)
            .bind(&who.sub)
            .fetch_all(self.read())
            .await?;
        Ok(standing(rows))
    }

    /// Somebody by their id, or by the CRM's id.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn person(&self, org: &str, id: &str) -> Result<Option<Person>, sqlx::Error> {
        sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM person WHERE org = $1 AND id = $2"
        )))
        .bind(org)
        .bind(id)
        .fetch_optional(self.read())
        .await
    }

    /// Somebody by the CRM's id.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn person_of(&self, who: &AgentId) -> Result<Option<Person>, sqlx::Error> {
        sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM person WHERE org = $1 AND sub = $2"
        )))
        .bind(&who.org)
        .bind(&who.sub)
        .fetch_optional(self.read())
        .await
    }

    /// Some of an organisation's people, from the first after `skipped`, and how many there are in all.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn people(
        &self,
        org: &str,
        wanted: &Wanted,
        skipped: i64,
        most: i64,
    ) -> Result<(Vec<Person>, i64), sqlx::Error> {
        let count = format!("SELECT count(*) FROM person WHERE {WANTED}");
        let all: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(count))
            .bind(org)
            .bind(&wanted.id)
            .bind(&wanted.user_key)
            .bind(&wanted.external_id)
            .bind(wanted.active.unwrap_or(-1))
            .fetch_one(self.read())
            .await?;
        if most == 0 {
            return Ok((Vec::new(), all));
        }
        let list = format!(
            "SELECT {COLUMNS} FROM person WHERE {WANTED} ORDER BY created_at, id LIMIT $6 OFFSET $7"
        );
        let people = sqlx::query_as(sqlx::AssertSqlSafe(list))
            .bind(org)
            .bind(&wanted.id)
            .bind(&wanted.user_key)
            .bind(&wanted.external_id)
            .bind(wanted.active.unwrap_or(-1))
            .bind(most)
            .bind(skipped)
            .fetch_all(self.read())
            .await?;
        Ok((people, all))
    }
}

const COLUMNS: &str = "id, org, user_name, external_id, sub, name, given_name, family_name, active, told, agent, state,
     asked_at, version, created_at, updated_at";
