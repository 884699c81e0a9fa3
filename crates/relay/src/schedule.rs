//! When a callback is handed over: opening hours and the called party's quiet hours together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use patchcord_core::capability::Capability;
use patchcord_core::error::Code;
use patchcord_core::number::PhoneNumber;

use crate::accounts::Account;
use crate::clock::Millis;
use crate::config::{Config, Topic, WhenClosed};
use crate::hours::Hours;
use crate::hours::quiet::Quiet;
use crate::hours::source::NotKnown;
use crate::http::problem::Problem;
use crate::policy::mode::Mode;
use crate::relay::Relay;

/// How late a wish may come for the time it names; a form takes a while to fill in.
pub const LATE: Millis = 60 * 1000;
/// How soon a callback is looked at again while nobody knows when the topic is open.
const UNKNOWN: Millis = 60 * 1000;
/// How often the search may go on between opening hours and quiet hours: each step is about half a day.
const STEPS: usize = 64;

/// When a new wish at this relay is handed over, by [`wished`].
///
/// # Errors
/// As there.
pub fn due(
    relay: &Relay,
    topic: &Topic,
    number: &PhoneNumber,
    at: Option<Millis>,
    now: Millis,
) -> Result<Millis, Problem> {
    wished(&relay.config, &relay.accounts, topic, number, at, now)
}

/// When a new wish is handed over: now or at its time, or, for as soon as possible, when it opens.
///
/// # Errors
/// [`Code::SlotNotAvailable`] for a time that is closed or too near, [`Code::QuietHours`] for one at which the
/// called party is not to be called, [`Code::Closed`] where the topic is closed and nobody waits for it to open,
/// [`Code::RelayBusy`] where nobody knows yet when it is open.
pub fn wished(
    config: &Config,
    accounts: &BTreeMap<String, Account>,
    topic: &Topic,
    number: &PhoneNumber,
    at: Option<Millis>,
    now: Millis,
) -> Result<Millis, Problem> {
    let hours = hours(topic)?;
    let is_open = |at| hours.as_ref().is_none_or(|hours| hours.is_open(at));
    let Some(at) = at else {
        if topic.times.when_closed == WhenClosed::Refuse && !is_open(now) {
            return Err(closed());
        }
        return earliest(config, topic, number, now).map_err(|code| match code {
            Code::Closed => closed(),
            _ => quiet(),
        });
    };
    let lead = Millis::try_from(topic.times.lead.as_millis()).unwrap_or(Millis::MAX);
    if at < now.saturating_add(lead) - LATE || !is_open(at) {
        return Err(Problem::of(
            Code::SlotNotAvailable,
            "at",
            "Nobody can call at this time.",
        )
        .with_remedy("GET /v1/slots lists the times at which a callback can be had."));
    }
    if quiet_at(config, number, at) != Quiet::No {
        return Err(quiet());
    }
    Ok(if keeps_time(accounts, topic) {
        now
    } else {
        at.max(now)
    })
}

/// The topic's opening hours as they are known now; `None` around the clock.
///
/// # Errors
/// [`Code::RelayBusy`] where a platform keeps them and has not told them yet: nothing is made up instead.
pub fn hours(topic: &Topic) -> Result<Option<Arc<Hours>>, Problem> {
    topic.times.hours.hours().map_err(|NotKnown| {
        Problem::of(
            Code::RelayBusy,
            "topic",
            "The opening hours of this topic have not been read from the platform that keeps them.",
        )
        .with_remedy("Try again in a minute. The operator sees at /admin/hours what is wrong.")
    })
}

/// When a callback whose time has come may be handed over: `from` itself, or later. While nobody knows when the topic
/// is open, it is to be asked again in a minute.
///
/// # Errors
/// [`Code::Closed`] or [`Code::QuietHours`] where there is no such moment.
pub fn earliest(
    config: &Config,
    topic: &Topic,
    number: &PhoneNumber,
    from: Millis,
) -> Result<Millis, Code> {
    let Ok(hours) = topic.times.hours.hours() else {
        return Ok(from.saturating_add(UNKNOWN));
    };
    let mut at = from;
    for _ in 0..STEPS {
        let open = match &hours {
            Some(hours) => hours.next_open(at).ok_or(Code::Closed)?,
            None => at,
        };
        match quiet_at(config, number, open) {
            Quiet::No => return Ok(open),
            Quiet::Until(later) => at = later,
            Quiet::Always => break,
        }
    }
    Err(Code::QuietHours)
}

/// Whether the topic's provider takes a time and keeps it: then a wish for a time is handed over at once.
pub fn keeps_time(accounts: &BTreeMap<String, Account>, topic: &Topic) -> bool {
    accounts
        .get(&topic.account)
        .is_some_and(|account| account.provider.can(Capability::Schedule))
}

/// Those of these times at which the numbers of a region may be called: a wish for another one is refused.
pub fn without_quiet(config: &Config, region: &str, times: BTreeSet<Millis>) -> BTreeSet<Millis> {
    match (&config.quiet_hours, region.parse()) {
        (Some(quiet), Ok(region)) if config.policy != Mode::Log => quiet.ordinary(region, times),
        _ => times,
    }
}

fn quiet_at(config: &Config, number: &PhoneNumber, at: Millis) -> Quiet {
    let quiet = config
        .quiet_hours
        .as_ref()
        .map_or(Quiet::No, |hours| hours.at(number, at));
    if quiet != Quiet::No && config.policy.only_logs(Code::QuietHours) {
        return Quiet::No;
    }
    quiet
}

fn closed() -> Problem {
    Problem::of(Code::Closed, "topic", "Nobody is there now.")
        .with_remedy("GET /v1/config says when it opens.")
}

fn quiet() -> Problem {
    Problem::of(
        Code::QuietHours,
        "at",
        "At this time nobody is called at this number.",
    )
    .with_remedy("Choose a time in the day of the country of the number.")
}
