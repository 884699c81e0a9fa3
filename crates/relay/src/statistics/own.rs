//! The relay's own calls and callbacks: what agents clicked and visitors asked for.

use std::collections::BTreeMap;

use patchcord_core::callback::CallbackState;
use patchcord_core::provider::past_calls::Named;

use super::Group;
use super::period::Period;
use super::tally::{Placed, Tally};
use super::whose::{self, Scope};
use crate::agents;
use crate::clock::Millis;
use crate::config::AgentId;
use crate::relay::Relay;
use crate::store::mapping::Mapping;
use crate::store::statistics::{QUARTER, Waiting};

/// What the relay knows by itself.
#[derive(Debug)]
pub struct Own {
    /// Calls that agents began with a click.
    pub calls: Tally<Group, Placed>,
    /// What visitors asked for; `None` where it is not told ([`whose::Callbacks`]).
    pub callbacks: Option<Callbacks>,
    /// What came before may be deleted already; `None` where that is before the period.
    pub forgotten_before: Option<Millis>,
}

/// Callbacks of the relay.
#[derive(Debug)]
pub struct Callbacks {
    /// By their topic.
    pub asked: Tally<String, CallbackState>,
    /// Those that wait now.
    pub waiting: Waiting,
}

/// Counts what is in the scope; `imported` are all lines of the mapping.
///
/// # Errors
/// A database that does not answer.
pub async fn read(
    relay: &Relay,
    scope: &Scope<'_>,
    imported: Vec<Mapping>,
    period: &Period,
    now: Millis,
) -> Result<Own, sqlx::Error> {
    let (since, until) = (period.begins(), period.ends());
    let people = People::of(imported);
    let mut calls = Tally::default();
    for line in relay.store.count_calls(since, until, scope.org).await? {
        let id = AgentId {
            org: line.org,
            sub: line.sub,
        };
        calls.add(
            people.group(relay, &id),
            placed(line.outcome.as_deref()),
            Some(hour(period, line.quarter)),
            line.count.unsigned_abs(),
        );
    }
    let callbacks = match scope.callbacks {
        whose::Callbacks::Told => Some(callbacks(relay, period, now).await?),
        whose::Callbacks::LeftOut => None,
    };
    let kept_since = now - relay.config.retention.requests;
    Ok(Own {
        calls,
        callbacks,
        forgotten_before: (since < kept_since).then_some(kept_since),
    })
}

async fn callbacks(relay: &Relay, period: &Period, now: Millis) -> Result<Callbacks, sqlx::Error> {
    let (since, until) = (period.begins(), period.ends());
    let mut asked = Tally::default();
    for line in relay.store.count_callbacks(since, until).await? {
        let state = CallbackState::try_from(line.state)
            .map_err(|error| sqlx::Error::Decode(error.into()))?;
        let hour = Some(hour(period, line.quarter));
        asked.add(line.topic, state, hour, line.count.unsigned_abs());
    }
    let waiting = relay.store.count_waiting(now).await?;
    Ok(Callbacks { asked, waiting })
}

fn hour(period: &Period, quarter: i64) -> usize {
    period.hour(quarter.saturating_mul(QUARTER))
}

fn placed(outcome: Option<&str>) -> Placed {
    match outcome {
        None => Placed::Asking,
        Some("accepted") => Placed::Accepted,
        Some("refused") => Placed::Refused,
        // The database takes no other word.
        Some(_) => Placed::Unknown,
    }
}

/// Who is who, and in which team: as a session would have them.
struct People(BTreeMap<AgentId, Vec<Mapping>>);

impl People {
    fn of(lines: Vec<Mapping>) -> Self {
        let mut imported: BTreeMap<AgentId, Vec<Mapping>> = BTreeMap::new();
        for line in lines {
            imported.entry(line.id()).or_default().push(line);
        }
        Self(imported)
    }

    /// Where somebody's calls are counted. Who is nobody any more, or two agents, is counted by their id.
    fn group(&self, relay: &Relay, id: &AgentId) -> Group {
        let imported = self.0.get(id).map_or(&[][..], Vec::as_slice);
        let agent = agents::resolve(&relay.config, id, imported).ok();
        let named = |name: Option<String>, id: Option<String>| Named { id, name };
        Group {
            team: agent
                .as_ref()
                .and_then(|agent| agent.team.clone())
                .map(|team| named(Some(team), None)),
            agent: Some(named(
                agent.and_then(|agent| agent.name.clone()),
                Some(format!("{}/{}", id.org, id.sub)),
            )),
        }
    }
}
