//! What is done with provisioned people: they are looked up at the platform, written down, and signed out.

use std::collections::BTreeSet;
use std::sync::Arc;

use patchcord_core::error::Code;
use patchcord_core::outcome::Because;
use patchcord_core::provider::people::Find;
use serde_json::json;

use super::refusal::Refusal;
use super::user::Attributes;
use crate::audit::{self, Action, Actor};
use crate::clock::Millis;
use crate::config::{AgentId, Directory, LookUp, Subject};
use crate::http::problem::Problem;
use crate::random;
use crate::relay::Relay;
use crate::store::person::{self, Ended, Person, State};
use crate::wakes::Wake;

/// How often a change begins anew because somebody else changed the same person.
const TRIES: u32 = 5;
/// The platform is asked again who somebody is at most this often, in milliseconds.
const PAUSE: Millis = 60 * 1000;
/// Whoever was found at the platform is looked up again after this time, in milliseconds: the agent may have become
/// somebody else's.
const FOUND_FOR: Millis = 24 * 60 * 60 * 1000;

/// Which version a change is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum If {
    /// Whichever it is.
    Any,
    /// This one alone.
    Version(i64),
}

/// Writes down somebody new.
///
/// # Errors
/// [`Refusal::taken`], [`Refusal::value`], or a database that does not answer.
pub async fn create(
    relay: &Arc<Relay>,
    directory: &Directory,
    attributes: &Attributes,
) -> Result<Person, Refusal> {
    let id = random::id("per")?;
    let person = placed(relay, directory, attributes, &id, None).await?;
    let (written, account, now) = (person.clone(), directory.account.clone(), relay.clock.now());
    let ended = relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                if let Some(attribute) = person::taken(tx, &written).await? {
                    return Err(Refusal::taken(attribute));
                }
                person::insert(tx, &written).await.map_err(unique)?;
                let ended = person::follow(tx, &account, None, Some(&written), now).await?;
                note(tx, Action::PersonAdded, None, Some(&written), &ended, now).await?;
                Ok(ended)
            })
        })
        .await?;
    sign_out(relay, ended);
    Ok(person)
}

/// Changes somebody; as they are afterwards. Where nothing is different, nothing is written.
///
/// # Errors
/// [`Refusal::not_found`], [`Refusal::other_version`], what `change` says, and as [`create`].
pub async fn change(
    relay: &Arc<Relay>,
    directory: &Directory,
    id: &str,
    when: If,
    change: impl Fn(&mut Attributes) -> Result<(), Refusal>,
) -> Result<Person, Refusal> {
    for _ in 0..TRIES {
        let before = relay.store.person(&directory.org, id).await?;
        let before = before.ok_or_else(Refusal::not_found)?;
        if when != If::Any && when != If::Version(before.version) {
            return Err(Refusal::other_version());
        }
        let mut attributes = Attributes::of(&before);
        change(&mut attributes)?;
        let after = placed(relay, directory, &attributes, id, Some(&before)).await?;
        if after == before {
            return Ok(before);
        }
        let (old, written) = (before, after.clone());
        let (account, now) = (directory.account.clone(), relay.clock.now());
        let ended = relay
            .store
            .write(move |tx| {
                Box::pin(async move {
                    if let Some(attribute) = person::taken(tx, &written).await? {
                        return Err(Refusal::taken(attribute));
                    }
                    if !person::update(tx, &written, old.version)
                        .await
                        .map_err(unique)?
                    {
                        return Ok(None);
                    }
                    let ended =
                        person::follow(tx, &account, Some(&old), Some(&written), now).await?;
                    // That the platform was asked in vain once more is nobody's change.
                    if written.version != old.version {
                        note(
                            tx,
                            Action::PersonChanged,
                            Some(&old),
                            Some(&written),
                            &ended,
                            now,
                        )
                        .await?;
                    }
                    Ok::<_, Refusal>(Some(ended))
                })
            })
            .await?;
        if let Some(ended) = ended {
            sign_out(relay, ended);
            return Ok(after);
        }
    }
    Err(Refusal::other_version())
}

/// Removes somebody.
///
/// # Errors
/// [`Refusal::not_found`], [`Refusal::other_version`], or a database that does not answer.
pub async fn remove(
    relay: &Arc<Relay>,
    directory: &Directory,
    id: &str,
    when: If,
) -> Result<(), Refusal> {
    for _ in 0..TRIES {
        let old = relay.store.person(&directory.org, id).await?;
        let old = old.ok_or_else(Refusal::not_found)?;
        if when != If::Any && when != If::Version(old.version) {
            return Err(Refusal::other_version());
        }
        let (account, now) = (directory.account.clone(), relay.clock.now());
        let ended = relay
            .store
            .write(move |tx| {
                Box::pin(async move {
                    if !person::remove(tx, &old.id, old.version, now).await? {
                        return Ok(None);
                    }
                    let ended = person::follow(tx, &account, Some(&old), None, now).await?;
                    note(tx, Action::PersonRemoved, Some(&old), None, &ended, now).await?;
                    Ok::<_, Refusal>(Some(ended))
                })
            })
            .await?;
        if let Some(ended) = ended {
            sign_out(relay, ended);
            return Ok(());
        }
    }
    Err(Refusal::other_version())
}

/// Asks the platform once more who somebody is who wants to sign in: whoever could not be told so far at most once a
/// minute, so that whoever was put right there need not be provisioned anew; whoever was found there once a day.
///
/// # Errors
/// A database that does not answer.
pub async fn look_again(relay: &Arc<Relay>, who: &AgentId) -> Result<(), Problem> {
    let Some(directory) = relay.config.directories.get(&who.org) else {
        return Ok(());
    };
    if directory.look_up == LookUp::Never {
        return Ok(());
    }
    let Some(person) = relay.store.person_of(who).await? else {
        return Ok(());
    };
    let vain = matches!(
        person.standing(),
        State::NoAgent | State::SeveralAgents | State::NotAsked
    );
    let due = match vain {
        true => relay.clock.now() >= person.asked_at.saturating_add(PAUSE),
        false => is_found(&person) && is_stale(&person, relay.clock.now()),
    };
    if !due {
        return Ok(());
    }
    let looked = change(relay, directory, &person.id, If::Any, |_| Ok(())).await;
    if let Err(refusal) = looked {
        // They are as they were; that they cannot sign in is said anyway.
        tracing::warn!(
            ?refusal,
            "a provisioned person could not be looked up again"
        );
    }
    Ok(())
}

/// Whether the platform said who they are, not the identity provider.
const fn is_found(person: &Person) -> bool {
    person.told.is_none() && person.agent.is_some()
}

/// Whether it is long ago that the platform said it.
const fn is_stale(person: &Person, now: Millis) -> bool {
    now >= person.asked_at.saturating_add(FOUND_FOR)
}

/// Somebody with these attributes: who they are in the CRM and at the platform, and whether they can sign in.
async fn placed(
    relay: &Relay,
    directory: &Directory,
    attributes: &Attributes,
    id: &str,
    before: Option<&Person>,
) -> Result<Person, Refusal> {
    let now = relay.clock.now();
    let sub = match directory.subject {
        Subject::ExternalId => attributes.external_id.clone(),
        Subject::UserName => Some(attributes.user_name.clone()),
    };
    let mut asked_at = before.map_or(0, |before| before.asked_at);
    let (agent, state) = match (attributes.active, &sub, &attributes.agent) {
        (false, ..) => (None, State::Inactive),
        (true, None, _) => (None, State::NoSubject),
        (true, Some(_), Some(told)) => {
            checked(relay, directory, told)?;
            // Spelled otherwise they are nobody else, and stay signed in.
            let ids = &relay.config.agent_ids;
            let same = before
                .and_then(|before| before.agent.as_ref())
                .filter(|agent| ids.are_same(&directory.account, agent, told));
            (Some(same.unwrap_or(told).clone()), State::Ready)
        }
        (true, Some(sub), None) => {
            let found =
                before.filter(|before| before.sub.as_ref() == Some(sub) && is_found(before));
            match (found, directory.look_up) {
                (Some(found), LookUp::Never) => (found.agent.clone(), State::Ready),
                (Some(found), LookUp::SourceId) if !is_stale(found, now) => {
                    (found.agent.clone(), State::Ready)
                }
                (None, LookUp::Never) => (None, State::NoAgent),
                (found, LookUp::SourceId) => {
                    asked_at = now;
                    match (looked_up(relay, directory, sub).await, found) {
                        // Who was found stays so, until the platform says something else.
                        ((_, State::NotAsked), Some(found)) => (found.agent.clone(), State::Ready),
                        (answer, _) => answer,
                    }
                }
            }
        }
    };
    let mut person = Person {
        id: id.to_owned(),
        org: directory.org.clone(),
        user_name: attributes.user_name.clone(),
        external_id: attributes.external_id.clone(),
        sub,
        name: attributes.name.clone(),
        given_name: attributes.given_name.clone(),
        family_name: attributes.family_name.clone(),
        active: i64::from(attributes.active),
        told: attributes.agent.clone(),
        agent,
        state: state.as_str().to_owned(),
        asked_at,
        version: before.map_or(1, |before| before.version),
        created_at: before.map_or(now, |before| before.created_at),
        updated_at: before.map_or(now, |before| before.updated_at),
    };
    let same = before.is_none_or(|before| {
        person
            == Person {
                asked_at: person.asked_at,
                ..before.clone()
            }
    });
    if !same {
        person.version += 1;
        person.updated_at = now;
    }
    Ok(person)
}

fn checked(relay: &Relay, directory: &Directory, agent: &str) -> Result<(), Refusal> {
    let Some(account) = relay.accounts.get(&directory.account) else {
        return Ok(());
    };
    let checked = account.provider.check_agent(agent);
    checked.map_err(|_| Refusal::value("agent", "an agent's id as the platform has it"))
}

/// Who has this id at the platform: exactly one, or nobody.
async fn looked_up(relay: &Relay, directory: &Directory, sub: &str) -> (Option<String>, State) {
    let account = relay.accounts.get(&directory.account);
    let people = account.and_then(|account| account.provider.people());
    let (Some(account), Some(people)) = (account, people) else {
        return (None, State::NoAgent);
    };
    let find = Find::Source {
        system: directory.system.clone(),
        id: sub.to_owned(),
    };
    let asked = find.asked();
    let answer = account
        .ask(
            |token| people.list(&asked, 1, token),
            |reply| people.read_list(1, reply),
        )
        .await;
    let page = match answer {
        Ok(Ok(page)) => page,
        Ok(Err(outcome)) => return not_asked(directory, outcome.because()),
        Err(because) => return not_asked(directory, Some(&because)),
    };
    match find.one(page.items) {
        Ok(agent) => (Some(agent.id), State::Ready),
        Err(error) if error.code == Code::AgentAmbiguous => (None, State::SeveralAgents),
        Err(_) => (None, State::NoAgent),
    }
}

/// The platform does not tell, and is asked again later: the page says so much, the log says why.
fn not_asked(directory: &Directory, because: Option<&Because>) -> (Option<String>, State) {
    let code = because.map_or("", |because| because.code.as_str());
    let said = because.and_then(|because| because.message.as_deref());
    tracing::warn!(
        account = directory.account,
        code,
        said,
        "the platform does not tell who an agent is"
    );
    (None, State::NotAsked)
}

/// Two at once may want the same name: the database decides.
fn unique(error: sqlx::Error) -> Refusal {
    let twice = error
        .as_database_error()
        .is_some_and(|error| error.is_unique_violation());
    if twice {
        Refusal::taken("userName")
    } else {
        error.into()
    }
}

/// Writes down what was done to somebody, with who they were and are at the platform. Whoever gets another id in the CRM
/// has a line under both.
async fn note(
    tx: &mut crate::store::Conn,
    action: Action,
    before: Option<&Person>,
    after: Option<&Person>,
    ended: &Ended,
    now: Millis,
) -> Result<(), sqlx::Error> {
    let Some(person) = after.or(before) else {
        return Ok(());
    };
    let agent = |person: Option<&Person>| person.and_then(|person| person.agent.clone());
    let detail = json!({
        "person": person.id, "state": person.state,
        "agent_before": agent(before), "agent": agent(after),
        "active_before": before.map(Person::is_active), "active": after.map(Person::is_active),
        "sessions_ended": ended.sessions, "tokens": ended.tokens.len(),
    });
    let known = [before, after].into_iter().flatten();
    let mut subjects: BTreeSet<String> = known
        .filter_map(Person::who)
        .map(|who| audit::subject(&who))
        .collect();
    if subjects.is_empty() {
        subjects.insert(person.id.clone());
    }
    for subject in subjects {
        let who = Actor::Directory(&person.org);
        audit::write(tx, who, action, &subject, detail.clone(), now).await?;
    }
    Ok(())
}

/// Wakes the streams of those who are out, so that they end at once, and gives their tokens back.
fn sign_out(relay: &Arc<Relay>, ended: Ended) {
    for who in ended.people {
        for account in relay.accounts.values() {
            if let Some(desk) = &account.agents {
                desk.tokens.changed(&who);
            }
        }
        relay.wakes.wake(Wake::Agent(who));
    }
    if ended.tokens.is_empty() {
        return;
    }
    let (giving, tokens) = (relay.clone(), ended.tokens);
    // The identity provider need not wait for that.
    relay.tasks.spawn(async move {
        for row in tokens {
            let account = giving.accounts.get(&row.account);
            if let Some(desk) = account.and_then(|account| account.agents.as_ref())
                && let Some(stored) = desk.tokens.open(&row)
            {
                desk.tokens.sign_out(&stored).await;
            }
        }
    });
}
