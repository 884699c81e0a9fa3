//! Who of the CRM's users is which of an account's agents, and what is to be changed: a pure function.
//!
//! By the platform's `sourceId`, then by e-mail address, then by telephone. What is weaker is only looked at where
//! the stronger says nothing, and what is not certain is never guessed: where several users or agents fit, or
//! another source has mapped them otherwise, nothing is changed and a person decides.

use std::collections::{BTreeMap, BTreeSet};

use patchcord_core::number::PhoneNumber;
use patchcord_core::provider::people::Agent;
use patchcord_phone::Region;
use serde::Serialize;

use super::users::{Standing, User};
use crate::random;

/// What is compared.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// The CRM's users, each id once.
    pub users: &'a [User],
    /// The account's agents.
    pub agents: &'a [Agent],
    /// Who of the organisation is known at the account already, by whatever source.
    pub known: &'a [Known],
    /// The source of what earlier synchronizations said.
    pub source: &'a str,
    /// Only agents of this system have ids of this CRM; of any, where it is not said.
    pub system: Option<&'a str>,
    /// The country of agents' numbers that do not say it.
    pub region: Option<Region>,
    /// Whether two ids are the same agent's.
    pub same: &'a dyn Fn(&str, &str) -> bool,
}

/// A person who is an agent already.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Known {
    /// The CRM's id.
    pub sub: String,
    /// The platform's id.
    pub agent: String,
    /// Who says so.
    pub source: String,
}

/// By what a user and an agent were found to be the same. The strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The platform has the CRM's id.
    SourceId,
    /// The e-mail address.
    Email,
    /// The telephone.
    Number,
}

/// A user, as a plan shows them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Person {
    /// The CRM's id.
    pub sub: String,
    /// What they are called.
    pub name: Option<String>,
    /// The first of their e-mail addresses.
    pub email: Option<String>,
}

/// An agent, as a plan shows them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Seat {
    /// The platform's id.
    pub agent: String,
    /// What they are called.
    pub name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
}

/// What a match changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It was known.
    None,
    /// They become an agent.
    New,
    /// They were another agent.
    From(String),
}

/// A user who is an agent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Matched {
    /// The user.
    pub user: Person,
    /// The agent.
    pub agent: Seat,
    /// By what.
    pub by: By,
    /// What is to be changed.
    pub change: Change,
    /// Another source says the same: then this one has nothing to say.
    pub said_by: Option<String>,
}

/// Why somebody is not an agent any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gone {
    /// The CRM does not have them any more.
    Left,
    /// The CRM says that they are not active.
    Inactive,
    /// No agent fits them any more.
    NoAgent,
}

/// Somebody who is not an agent any more.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Removed {
    /// The user.
    pub user: Person,
    /// The agent that they were.
    pub agent: String,
    /// Why.
    pub why: Gone,
}

/// Why an agent may be a user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// They have that in common.
    Fits(By),
    /// This source says so.
    SaidBy(String),
    /// This source says that the agent is this other user.
    IsOther {
        /// The other user.
        sub: String,
        /// Who says so.
        source: String,
    },
}

/// An agent that a user may be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Candidate {
    /// The agent.
    pub agent: Seat,
    /// Why.
    pub why: Why,
}

/// A user of whom a person has to say who they are. Nothing is changed about them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Ambiguous {
    /// The user.
    pub user: Person,
    /// Everybody they may be.
    pub candidates: Vec<Candidate>,
    /// The agent that they stay until then.
    pub stays: Option<String>,
}

/// What is to be done, in an order that does not depend on that of the lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Users who are agents.
    pub matched: Vec<Matched>,
    /// People who are none any more; their sessions end.
    pub removed: Vec<Removed>,
    /// Users who may be several.
    pub ambiguous: Vec<Ambiguous>,
    /// Active users whom no agent fits.
    pub without_agent: Vec<Person>,
    /// Agents whom no user fits.
    pub without_user: Vec<Seat>,
    /// People who left the CRM, and whom another source still maps: only there can that be changed.
    pub still_known: Vec<Known>,
}

impl Plan {
    /// What the source says afterwards.
    pub fn lines(&self) -> impl Iterator<Item = (&Person, &str)> {
        let matched = self.matched.iter().filter(|one| one.said_by.is_none());
        let matched = matched.map(|one| (&one.user, one.agent.agent.as_str()));
        let stay = self.ambiguous.iter();
        matched.chain(stay.filter_map(|one| Some((&one.user, one.stays.as_deref()?))))
    }

    /// Whether anything is to be changed.
    pub fn is_idle(&self) -> bool {
        self.removed.is_empty() && self.matched.iter().all(|one| one.change == Change::None)
    }

    /// What this plan, and no other, is known by.
    pub fn fingerprint(&self, about: &str) -> String {
        // Nothing in it can fail to be written.
        let text = serde_json::to_string(&(about, self)).unwrap_or_default();
        let mut hash = random::hex(&random::hash(text.as_bytes()));
        hash.truncate(32);
        hash
    }
}

/// Makes the plan.
pub fn plan(given: &Given<'_>) -> Plan {
    let mut matching = Matching::of(given);
    for by in [By::SourceId, By::Email, By::Number] {
        matching.round(by);
    }
    matching.finish()
}

/// What was found about a user.
enum Found<'a> {
    Agent(&'a Agent, By),
    Several(By, BTreeSet<&'a str>),
}

struct Matching<'a> {
    given: Given<'a>,
    agents: BTreeMap<&'a str, &'a Agent>,
    numbers: BTreeMap<&'a str, PhoneNumber>,
    found: BTreeMap<&'a str, Found<'a>>,
    /// Active users of whom nothing was found yet.
    open: BTreeMap<&'a str, &'a User>,
    /// Agents who are somebody, or may be several.
    taken: BTreeSet<&'a str>,
    contested: BTreeSet<&'a str>,
}

impl<'a> Matching<'a> {
    fn of(given: &Given<'a>) -> Self {
        // A list whose pages overlap has some twice.
        let agents: BTreeMap<_, _> = given
            .agents
            .iter()
            .map(|one| (one.id.as_str(), one))
            .collect();
        let number = |agent: &&'a Agent| {
            let read = patchcord_phone::parse(agent.number.as_deref()?, given.region).ok()?;
            Some((agent.id.as_str(), read.dialable().ok()?.number))
        };
        let active = given
            .users
            .iter()
            .filter(|user| user.standing == Standing::Active);
        Self {
            given: *given,
            numbers: agents.values().filter_map(number).collect(),
            agents,
            found: BTreeMap::new(),
            open: active.map(|user| (user.id.as_str(), user)).collect(),
            taken: BTreeSet::new(),
            contested: BTreeSet::new(),
        }
    }

    /// The CRM's id of an agent.
    fn source_id(&self, agent: &'a Agent) -> Option<&'a str> {
        let is_of = |system: &str| agent.system.as_deref() == Some(system);
        let id = agent.source_id.as_deref()?;
        self.given.system.is_none_or(is_of).then_some(id)
    }

    /// Looks at everybody who is still open by one thing that users and agents have in common.
    fn round(&mut self, by: By) {
        let mut claims: BTreeMap<&'a str, usize> = BTreeMap::new();
        let mut candidates: BTreeMap<&'a str, BTreeSet<&'a str>> = BTreeMap::new();
        // Whom the platform itself calls another user of the CRM is not this one.
        let users: BTreeSet<&str> = self
            .given
            .users
            .iter()
            .map(|user| user.id.as_str())
            .collect();
        for (&id, &user) in &self.open {
            let fitting = self.agents.values().filter(|agent| {
                let own = self.source_id(agent);
                match by {
                    By::SourceId => own == Some(id),
                    _ if own.is_some_and(|own| users.contains(own)) => false,
                    By::Email => agent
                        .email
                        .as_ref()
                        .is_some_and(|email| user.emails.contains(&email.to_lowercase())),
                    By::Number => self
                        .numbers
                        .get(agent.id.as_str())
                        .is_some_and(|number| user.numbers.contains(number)),
                }
            });
            let fitting: BTreeSet<_> = fitting
                .map(|agent| agent.id.as_str())
                .filter(|agent| !self.taken.contains(agent))
                .collect();
            for agent in &fitting {
                *claims.entry(agent).or_default() += 1;
            }
            if !fitting.is_empty() {
                candidates.insert(id, fitting);
            }
        }
        let mut contested: BTreeSet<&'a str> = BTreeSet::new();
        for (id, fitting) in candidates {
            self.open.remove(id);
            let only = match fitting.first() {
                Some(agent) if fitting.len() == 1 => Some(*agent),
                _ => None,
            };
            let certain = only
                .filter(|agent| claims.get(agent) == Some(&1) && !self.contested.contains(agent));
            match certain.and_then(|agent| self.agents.get(agent)) {
                Some(agent) => {
                    self.taken.insert(agent.id.as_str());
                    self.found.insert(id, Found::Agent(agent, by));
                }
                None => {
                    contested.extend(fitting.iter().copied());
                    self.found.insert(id, Found::Several(by, fitting));
                }
            }
        }
        self.contested.extend(contested);
    }

    fn finish(self) -> Plan {
        let mut plan = Plan::default();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let users: BTreeMap<_, _> = self
            .given
            .users
            .iter()
            .map(|user| (user.id.as_str(), user))
            .collect();
        for (&id, user) in &users {
            match self.found.get(id) {
                Some(Found::Agent(agent, by)) => {
                    seen.insert(agent.id.as_str());
                    self.settle(user, agent, *by, &mut plan);
                }
                Some(Found::Several(by, agents)) => {
                    seen.extend(agents);
                    let fits = agents.iter().map(|agent| Candidate {
                        agent: self.seat(agent),
                        why: Why::Fits(*by),
                    });
                    self.leave(user, fits.collect(), &mut plan);
                }
                None if user.standing == Standing::Active => plan.without_agent.push(person(user)),
                None => {}
            }
        }
        let decided: BTreeSet<&str> = plan
            .matched
            .iter()
            .map(|one| one.user.sub.as_str())
            .chain(
                plan.ambiguous
                    .iter()
                    .filter(|one| one.stays.is_some())
                    .map(|one| one.user.sub.as_str()),
            )
            .collect();
        for known in self.given.known {
            let user = users.get(known.sub.as_str());
            let why = match user.map(|user| user.standing) {
                None => Gone::Left,
                Some(Standing::Inactive) => Gone::Inactive,
                Some(Standing::Active) => Gone::NoAgent,
            };
            if known.source != self.given.source {
                if why != Gone::NoAgent {
                    plan.still_known.push(known.clone());
                }
                continue;
            }
            // A match replaces what was said before.
            if !decided.contains(known.sub.as_str()) {
                plan.removed.push(Removed {
                    user: user.map_or_else(|| nobody(&known.sub), |user| person(user)),
                    agent: known.agent.clone(),
                    why,
                });
            }
        }
        let left = self.agents.keys().filter(|agent| !seen.contains(*agent));
        plan.without_user = left.map(|agent| self.seat(agent)).collect();
        plan.matched.sort();
        plan.removed.sort();
        plan.ambiguous.sort();
        plan.without_agent.sort();
        plan.still_known.sort();
        plan
    }

    /// A match, unless another source says otherwise.
    fn settle(&self, user: &User, agent: &Agent, by: By, plan: &mut Plan) {
        let same = |other: &str| (self.given.same)(&agent.id, other);
        let others = || {
            self.given
                .known
                .iter()
                .filter(|known| known.source != self.given.source)
        };
        let about = |known: &&Known| known.sub == user.id;
        let mut against: Vec<_> = others()
            .filter(about)
            .filter(|known| !same(&known.agent))
            .map(|known| Candidate {
                agent: self.seat(&known.agent),
                why: Why::SaidBy(known.source.clone()),
            })
            .collect();
        against.extend(
            others()
                .filter(|known| known.sub != user.id && same(&known.agent))
                .map(|known| Candidate {
                    agent: self.seat(&agent.id),
                    why: Why::IsOther {
                        sub: known.sub.clone(),
                        source: known.source.clone(),
                    },
                }),
        );
        if !against.is_empty() {
            against.push(Candidate {
                agent: self.seat(&agent.id),
                why: Why::Fits(by),
            });
            return self.leave(user, against, plan);
        }
        let said_by = others()
            .filter(about)
            .map(|known| known.source.clone())
            .min();
        let own = self.own(user);
        let (change, said_by) = match own {
            None if said_by.is_some() => (Change::None, said_by),
            None => (Change::New, None),
            Some(own) if same(own) => (Change::None, None),
            Some(own) => (Change::From(own.to_owned()), said_by),
        };
        plan.matched.push(Matched {
            user: person(user),
            agent: self.seat(&agent.id),
            by,
            change,
            said_by,
        });
    }

    /// Nothing is changed about somebody who may be several, if they are one of these.
    fn leave(&self, user: &User, mut candidates: Vec<Candidate>, plan: &mut Plan) {
        candidates.sort();
        let one_of = |own: &&str| {
            let mut seats = candidates.iter().map(|candidate| &candidate.agent.agent);
            seats.any(|agent| (self.given.same)(agent, own))
        };
        let stays = self.own(user).filter(one_of).map(str::to_owned);
        plan.ambiguous.push(Ambiguous {
            user: person(user),
            candidates,
            stays,
        });
    }

    /// The agent that an earlier synchronization made of somebody.
    fn own(&self, user: &User) -> Option<&'a str> {
        let mut known = self.given.known.iter();
        let own = known.find(|known| known.source == self.given.source && known.sub == user.id);
        own.map(|known| known.agent.as_str())
    }

    fn seat(&self, agent: &str) -> Seat {
        let known = self.agents.get(agent);
        Seat {
            agent: agent.to_owned(),
            name: known.and_then(|agent| agent.name.clone()),
            email: known.and_then(|agent| agent.email.clone()),
        }
    }
}

fn person(user: &User) -> Person {
    Person {
        sub: user.id.clone(),
        name: user.name.clone(),
        email: user.emails.first().cloned(),
    }
}

fn nobody(sub: &str) -> Person {
    Person {
        sub: sub.to_owned(),
        name: None,
        email: None,
    }
}

#[cfg(test)]
mod tests;
