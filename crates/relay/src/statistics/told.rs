//! The figures as JSON.

use std::collections::BTreeMap;

use patchcord_core::provider::past_calls::Named;
use serde::Serialize;
use utoipa::ToSchema;

use super::answers::Answers;
use super::own::{Callbacks, Own};
use super::platforms::{AtPlatform, PlatformCalls, PlatformQueues, Reading};
use super::tally::{Counts, Tally, Word};
use super::{Figures, Group, name};
use crate::clock::{self, Millis};

/// How often each word, by the word; every word is there.
type ByWord = BTreeMap<&'static str, u64>;

/// The figures of some days. What the relay counts itself and what a platform tells stand apart: one call may be in
/// both.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Statistics)]
pub struct View {
    /// The first day, as `2026-11-26`.
    from: String,
    /// The last day.
    to: String,
    /// By whose midnight days begin: an IANA name.
    zone: String,
    /// When the figures were put together, RFC 3339 in UTC.
    at: String,
    /// Counted by the relay.
    relay: OwnView,
    /// Told by the platforms, by account. Not in it are accounts whose platform tells nothing, accounts at which nobody
    /// of the asker's organisation is an agent, and those at which somebody of another one is.
    platforms: Vec<PlatformView>,
}

/// What the relay counts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelayStatistics)]
pub struct OwnView {
    /// Requests from before may be deleted already, RFC 3339 in UTC; null where none of these days is concerned.
    forgotten_before: Option<String>,
    /// Calls that agents of the asker's organisation began with a click, by what the platform said to it.
    calls: TallyView,
    /// Callbacks that visitors asked for in these days, by their present state; absent where the relay has several
    /// organisations.
    #[serde(skip_serializing_if = "Option::is_none")]
    callbacks: Option<CallbacksView>,
    /// Callbacks that wait now, whichever day they came; absent as `callbacks` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<WaitingView>,
}

/// Calls in figures.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallStatistics)]
pub struct TallyView {
    /// How many.
    total: u64,
    /// How many of each outcome.
    outcomes: ByWord,
    /// By team.
    teams: Vec<NamedView>,
    /// By agent.
    agents: Vec<NamedView>,
    /// By hour of the day, from 0: 24 of them. An hour that is there twice is one.
    hours: Vec<ByWord>,
}

/// A team or an agent in figures.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NamedStatistics)]
pub struct NamedView {
    /// The id at its source; null where there is none.
    id: Option<String>,
    /// What people call it; null, as the id, for calls of which that is not known.
    name: Option<String>,
    /// How many calls.
    total: u64,
    /// How many of each outcome.
    outcomes: ByWord,
}

/// Callbacks in figures.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallbackStatistics)]
pub struct CallbacksView {
    /// How many.
    total: u64,
    /// How many in each state.
    states: ByWord,
    /// By topic.
    topics: Vec<TopicView>,
    /// By the hour of the day at which they came, from 0: 24 of them.
    hours: Vec<ByWord>,
}

/// A topic in figures.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TopicStatistics)]
pub struct TopicView {
    /// Its name in the configuration.
    topic: String,
    /// How many callbacks.
    total: u64,
    /// How many in each state.
    states: ByWord,
}

/// Callbacks that wait.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WaitingStatistics)]
pub struct WaitingView {
    /// How many should have been handed over by now.
    due: u64,
    /// How long the longest waiting of these waits, in seconds; null where none does.
    oldest_seconds: Option<u64>,
    /// How many wait for a time that has not come, or for an opening.
    later: u64,
}

/// What a platform tells of an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlatformStatistics)]
pub struct PlatformView {
    /// The account's name.
    account: String,
    /// Its provider's.
    provider: &'static str,
    /// Its calls; absent where the platform never tells any.
    #[serde(skip_serializing_if = "Option::is_none")]
    calls: Option<CallsRead>,
    /// Its queues now; absent where the platform never tells any.
    #[serde(skip_serializing_if = "Option::is_none")]
    queues: Option<QueuesRead>,
}

/// Whether a platform told.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = StatisticsState)]
pub enum State {
    /// It did.
    Told,
    /// It did not: `code` says why.
    Failed,
    /// It is still being asked: come again in a moment.
    Reading,
}

/// Calls of a platform, where it told them.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallsRead {
    /// Whether it did.
    state: State,
    /// When it was asked, RFC 3339 in UTC.
    at: Option<String>,
    /// Why it told nothing, in one stable word.
    code: Option<&'static str>,
    /// There were more calls, which are not counted.
    cut: bool,
    /// What it told.
    figures: Option<PlatformCallsView>,
}

/// Queues of a platform, where it told them.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueuesRead {
    /// Whether it did.
    state: State,
    /// When it was asked, RFC 3339 in UTC.
    at: Option<String>,
    /// Why it told nothing, in one stable word.
    code: Option<&'static str>,
    /// There are more queues or calls, which are not counted.
    cut: bool,
    /// What it told.
    figures: Option<PlatformQueuesView>,
}

/// Calls of a platform.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlatformCalls)]
pub struct PlatformCallsView {
    /// How many called the company.
    inbound: u64,
    /// How many the company called.
    outbound: u64,
    /// How long callers waited for an answer.
    answers: Answers,
    /// By outcome, team, agent and hour.
    calls: TallyView,
}

/// Queues of a platform.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlatformQueues)]
pub struct PlatformQueuesView {
    /// How many calls wait in all of them.
    waiting: u64,
    /// Each queue.
    queues: Vec<QueueView>,
}

/// A queue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QueueStatistics)]
pub struct QueueView {
    /// What people call it, or its id.
    name: String,
    /// How many calls wait.
    waiting: u64,
    /// How long the longest waiting one waits, in seconds, where the platform tells.
    oldest_seconds: Option<u64>,
}

impl Figures {
    /// As they are told.
    pub fn view(&self) -> View {
        View {
            from: self.period.from().to_string(),
            to: self.period.to().to_string(),
            zone: self.period.zone_name().to_owned(),
            at: clock::to_rfc3339(self.at),
            relay: own(&self.own, self.at),
            platforms: self
                .platforms
                .iter()
                .map(|platform| at_platform(platform, self.at))
                .collect(),
        }
    }
}

/// How many whole seconds since then.
pub fn seconds(now: Millis, since: Millis) -> u64 {
    (now - since).max(0).unsigned_abs() / 1000
}

fn own(own: &Own, now: Millis) -> OwnView {
    OwnView {
        forgotten_before: own.forgotten_before.map(clock::to_rfc3339),
        calls: tally(&own.calls),
        callbacks: own.callbacks.as_ref().map(callbacks),
        waiting: own.callbacks.as_ref().map(|told| WaitingView {
            due: told.waiting.due.unsigned_abs(),
            oldest_seconds: told.waiting.since.map(|since| seconds(now, since)),
            later: told.waiting.later.unsigned_abs(),
        }),
    }
}

fn callbacks(Callbacks { asked, .. }: &Callbacks) -> CallbacksView {
    CallbacksView {
        total: asked.total().total(),
        states: by_word(asked.total()),
        topics: asked
            .by(|topic| topic)
            .into_iter()
            .map(|(topic, counts)| TopicView {
                topic: topic.clone(),
                total: counts.total(),
                states: by_word(&counts),
            })
            .collect(),
        hours: hours(asked),
    }
}

fn hours<G: Ord, W: Word>(tally: &Tally<G, W>) -> Vec<ByWord> {
    tally.hours().iter().map(by_word).collect()
}

fn tally<W: Word>(tally: &Tally<Group, W>) -> TallyView {
    TallyView {
        total: tally.total().total(),
        outcomes: by_word(tally.total()),
        teams: named(tally.by(|group| group.team.as_ref())),
        agents: named(tally.by(|group| group.agent.as_ref())),
        hours: hours(tally),
    }
}

fn named<W: Word>(rows: Vec<(Option<&Named>, Counts<W>)>) -> Vec<NamedView> {
    let rows = rows.into_iter();
    rows.map(|(who, counts)| NamedView {
        id: who.and_then(|who| who.id.clone()),
        name: name(who).map(str::to_owned),
        total: counts.total(),
        outcomes: by_word(&counts),
    })
    .collect()
}

fn at_platform(platform: &AtPlatform, now: Millis) -> PlatformView {
    let calls = |told: &PlatformCalls| PlatformCallsView {
        inbound: told.inbound,
        outbound: told.outbound,
        answers: told.answers,
        calls: tally(&told.calls),
    };
    let queues = |told: &PlatformQueues| PlatformQueuesView {
        waiting: told.waiting(),
        queues: told
            .queues
            .iter()
            .map(|queue| QueueView {
                name: queue.name.clone(),
                waiting: queue.waiting,
                oldest_seconds: queue.since.map(|since| seconds(now, since)),
            })
            .collect(),
    };
    PlatformView {
        account: platform.account.clone(),
        provider: platform.provider,
        calls: platform.calls.as_ref().map(|reading| {
            let (state, at, code, told) = read(reading);
            CallsRead {
                state,
                at,
                code,
                cut: told.is_some_and(|told| told.cut),
                figures: told.map(calls),
            }
        }),
        queues: platform.queues.as_ref().map(|reading| {
            let (state, at, code, told) = read(reading);
            QueuesRead {
                state,
                at,
                code,
                cut: told.is_some_and(|told| told.cut),
                figures: told.map(queues),
            }
        }),
    }
}

type Heard<'r, T> = (State, Option<String>, Option<&'static str>, Option<&'r T>);

fn read<T>(reading: &Reading<T>) -> Heard<'_, T> {
    let Some(answer) = reading else {
        return (State::Reading, None, None, None);
    };
    let at = Some(clock::to_rfc3339(answer.value.at));
    match &answer.value.told {
        Ok(told) => (State::Told, at, None, Some(told)),
        Err(code) => (State::Failed, at, Some(code.as_str()), None),
    }
}

fn by_word<W: Word>(counts: &Counts<W>) -> ByWord {
    let words = counts.iter();
    words.map(|(word, count)| (word.as_str(), count)).collect()
}
