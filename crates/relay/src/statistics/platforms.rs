//! What the platforms tell: past calls, and calls that wait in queues. Asked for once for all who look, a little at
//! a time, and kept for a moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use patchcord_core::error::{Code, Error};
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::provider::past_calls::{Asked, Direction, End, PastCall};
use tokio::sync::Semaphore;

use super::Group;
use super::answers::{Answers, Waits};
use super::period::Period;
use super::tally::{Ended, Tally};
use super::whose::Scope;
use crate::accounts::Account;
use crate::clock::{Clock, Millis};
use crate::kept::{Answer, BoxedAnswer, Kept};
use crate::relay::Relay;

/// Calls of a page.
const SIZE: u32 = 100;
/// The most pages of one question: more calls are cut off, and said to be.
const MOST_PAGES: u32 = 100;
/// The most queues whose calls are asked for.
const MOST_QUEUES: usize = 50;
/// How long figures of the past count.
const KEEP: Millis = 60_000;
/// How long what waits now counts, and an answer that is none.
const KEEP_SHORTLY: Millis = 15_000;
/// How long a page waits for a platform; the answer is there for the next one.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long a platform may take for all pages together, in milliseconds: what is told later is cut off, and said to be.
const LONGEST: Millis = 120_000;

/// What was read, and when.
#[derive(Debug)]
pub struct Read<T> {
    /// When it was asked for.
    pub at: Millis,
    /// What was told, or why nothing was.
    pub told: Result<T, Code>,
}

/// `None` is: it is still being read.
pub type Reading<T> = Option<Arc<Answer<Read<T>>>>;

/// The past calls of an account.
#[derive(Debug, Default)]
pub struct PlatformCalls {
    /// How they ended.
    pub calls: Tally<Group, Ended>,
    /// How many called the company.
    pub inbound: u64,
    /// How many the company called.
    pub outbound: u64,
    /// How long callers waited for an answer.
    pub answers: Answers,
    /// There were more, which are not counted.
    pub cut: bool,
}

/// Calls that wait in the queues of an account.
#[derive(Debug, Default)]
pub struct PlatformQueues {
    /// Each queue, by its name.
    pub queues: Vec<QueueNow>,
    /// There are more queues or calls, which are not counted.
    pub cut: bool,
}

impl PlatformQueues {
    /// How many calls wait in all of them.
    pub fn waiting(&self) -> u64 {
        self.queues.iter().map(|queue| queue.waiting).sum()
    }
}

/// A queue, now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueNow {
    /// What people call it, or its id.
    pub name: String,
    /// How many calls wait.
    pub waiting: u64,
    /// Since when the longest waiting one waits, where the platform tells.
    pub since: Option<Millis>,
}

/// What one account tells. Absent is what its platform never does.
#[derive(Debug)]
pub struct AtPlatform {
    /// The account's name.
    pub account: String,
    /// Its provider's.
    pub provider: &'static str,
    /// Past calls.
    pub calls: Option<Reading<PlatformCalls>>,
    /// Queues.
    pub queues: Option<Reading<PlatformQueues>>,
}

/// What the accounts told lately.
#[derive(Default)]
pub struct Platforms {
    calls: Kept<(String, Millis, Millis), Read<PlatformCalls>>,
    queues: Kept<String, Read<PlatformQueues>>,
    turns: BTreeMap<String, Turns>,
}

/// Of each account one question at a time about what was, and one about now: nobody who waits in a queue is seen only
/// once a long past was read.
#[derive(Clone)]
struct Turns {
    calls: Arc<Semaphore>,
    queues: Arc<Semaphore>,
}

impl Default for Turns {
    fn default() -> Self {
        let turn = || Arc::new(Semaphore::new(1));
        Self {
            calls: turn(),
            queues: turn(),
        }
    }
}

impl Platforms {
    /// Of accounts with these names.
    pub fn of<'n>(accounts: impl Iterator<Item = &'n String>) -> Self {
        Self {
            turns: accounts
                .map(|name| (name.clone(), Turns::default()))
                .collect(),
            ..Self::default()
        }
    }

    /// What each account in the scope that tells anything tells about these days, side by side. No other one is
    /// asked.
    pub async fn read(
        &self,
        relay: &Arc<Relay>,
        scope: &Scope<'_>,
        period: &Period,
    ) -> Vec<AtPlatform> {
        let accounts = relay.accounts.iter().filter(|(name, _)| scope.has(name));
        let accounts = accounts.map(async |(name, account)| {
            let calls = async {
                match account.provider.figures() {
                    Some(_) => Some(self.calls(relay, name, period).await),
                    None => None,
                }
            };
            let queues = async {
                match account.provider.queues() {
                    Some(_) => Some(self.queues(relay, name).await),
                    None => None,
                }
            };
            let (calls, queues) = tokio::join!(calls, queues);
            AtPlatform {
                account: name.clone(),
                provider: account.provider.name(),
                calls,
                queues,
            }
        });
        let mut told = futures_util::future::join_all(accounts).await;
        told.retain(|account| account.calls.is_some() || account.queues.is_some());
        told
    }

    async fn calls(
        &self,
        relay: &Arc<Relay>,
        name: &str,
        period: &Period,
    ) -> Reading<PlatformCalls> {
        let key = (name.to_owned(), period.begins(), period.ends());
        let ask = || {
            let (ours, name, period) = (relay.clone(), name.to_owned(), period.clone());
            let turn = self.turns(&name).calls;
            let read = async move {
                match ours.accounts.get(&name) {
                    Some(account) => past_calls(account, &period, &ours.clock).await,
                    None => Err(Code::ProviderNotAvailable),
                }
            };
            asking(relay.clone(), turn, KEEP, read)
        };
        self.calls.get(key, PATIENCE, &relay.clock, ask).await
    }

    async fn queues(&self, relay: &Arc<Relay>, name: &str) -> Reading<PlatformQueues> {
        let ask = || {
            let (ours, name) = (relay.clone(), name.to_owned());
            let turn = self.turns(&name).queues;
            let read = async move {
                match ours.accounts.get(&name) {
                    Some(account) => queues(account, &ours.clock).await,
                    None => Err(Code::ProviderNotAvailable),
                }
            };
            asking(relay.clone(), turn, KEEP_SHORTLY, read)
        };
        let key = name.to_owned();
        self.queues.get(key, PATIENCE, &relay.clock, ask).await
    }

    fn turns(&self, name: &str) -> Turns {
        self.turns.get(name).cloned().unwrap_or_default()
    }
}

/// Reads when it is this one's turn; nothing is told where the relay goes down.
fn asking<T: Send + 'static>(
    relay: Arc<Relay>,
    turn: Arc<Semaphore>,
    keep: Millis,
    read: impl Future<Output = Result<T, Code>> + Send + 'static,
) -> BoxedAnswer<Read<T>> {
    Box::pin(async move {
        let stopping = relay.stopping.clone();
        let told = async {
            let _turn = turn.acquire().await.ok()?;
            let at = relay.clock.now();
            let told = read.await;
            if let Err(code) = &told {
                tracing::warn!(%code, "a platform told no figures");
            }
            let keep = if told.is_ok() { keep } else { KEEP_SHORTLY };
            Some(Answer {
                until: relay.clock.now() + keep,
                value: Read { at, told },
            })
        };
        tokio::select! {
            () = stopping.cancelled() => None,
            told = told => told,
        }
    })
}

/// The calls that began in these days and before `now`.
async fn past_calls(
    account: &Account,
    period: &Period,
    clock: &Clock,
) -> Result<PlatformCalls, Code> {
    let now = clock.now();
    let there_is_time = || clock.now() < now + LONGEST;
    let mut told = PlatformCalls::default();
    let (mut seen, mut waits) = (BTreeSet::new(), Waits::default());
    let longest = account.provider.figures().and_then(|past| past.longest());
    let until = period.ends().min(now);
    for (nth, (since, until)) in (0..).zip(spans(period.begins(), until, longest)) {
        if nth > 0 && !there_is_time() {
            told.cut = true;
            break;
        }
        let asked = Asked {
            since: since.unsigned_abs(),
            until: until.unsigned_abs(),
            with: None,
            size: SIZE,
        };
        let listed = account
            .ask_pages_while(
                MOST_PAGES,
                there_is_time,
                |page, token| match account.provider.figures() {
                    Some(past) => past.ask(&asked, page, token),
                    None => Err(cannot()),
                },
                |page, reply| match account.provider.figures() {
                    Some(past) => past.read(&asked, page, reply),
                    None => Err(Outcome::Refused(because(&cannot()))),
                },
            )
            .await
            .map_err(|outcome| code(&outcome))?;
        told.cut |= listed.cut;
        for call in listed.items {
            // While somebody leafs through a list it moves, and a call may come twice.
            if seen.insert(call.id.clone()) && belongs(&call, period) {
                count(&mut told, &mut waits, call, period);
            }
        }
    }
    told.answers = waits.answers();
    Ok(told)
}

/// Whether it began in these days, whatever the platform takes for that.
fn belongs(call: &PastCall, period: &Period) -> bool {
    millis(call.started).is_none_or(|at| (period.begins()..period.ends()).contains(&at))
}

fn count(told: &mut PlatformCalls, waits: &mut Waits, call: PastCall, period: &Period) {
    match call.direction {
        Some(Direction::Inbound) => told.inbound += 1,
        Some(Direction::Outbound) => told.outbound += 1,
        None => {}
    }
    if call.direction == Some(Direction::Inbound) {
        match (&call.end, call.answered_after) {
            (End::Talked, Some(seconds)) => waits.answered_after(seconds),
            (End::Missed(_), _) => waits.missed(),
            _ => {}
        }
    }
    let ended = Ended::from(&call.end);
    let hour = millis(call.started).map(|at| period.hour(at));
    let group = Group {
        team: call.team,
        agent: call.agent,
    };
    told.calls.add(group, ended, hour, 1);
}

fn millis(at: Option<u64>) -> Option<Millis> {
    at.and_then(|at| Millis::try_from(at).ok())
}

/// The time in pieces that are no longer than the platform takes.
fn spans(since: Millis, until: Millis, longest: Option<u64>) -> Vec<(Millis, Millis)> {
    let longest = millis(longest).filter(|longest| *longest > 0);
    let mut spans = Vec::new();
    let mut from = since;
    while from < until {
        let to = longest.map_or(until, |longest| until.min(from.saturating_add(longest)));
        spans.push((from, to));
        from = to;
    }
    spans
}

/// The calls that wait in each queue.
async fn queues(account: &Account, clock: &Clock) -> Result<PlatformQueues, Code> {
    let now = clock.now();
    let there_is_time = || clock.now() < now + LONGEST;
    let listed = account
        .ask_pages_while(
            MOST_PAGES,
            there_is_time,
            |page, token| match account.provider.queues() {
                Some(queues) => Ok(queues.list(page, token)),
                None => Err(cannot()),
            },
            |page, reply| match account.provider.queues() {
                Some(queues) => queues.read_list(page, reply),
                None => Err(Outcome::Refused(because(&cannot()))),
            },
        )
        .await
        .map_err(|outcome| code(&outcome))?;
    let mut told = PlatformQueues {
        cut: listed.cut || listed.items.len() > MOST_QUEUES,
        ..PlatformQueues::default()
    };
    for queue in listed.items.into_iter().take(MOST_QUEUES) {
        if !there_is_time() {
            told.cut = true;
            break;
        }
        let calls = account
            .ask_pages_while(
                MOST_PAGES,
                there_is_time,
                |page, token| match account.provider.queues() {
                    Some(queues) => queues.calls(&queue.id, page, token),
                    None => Err(cannot()),
                },
                |page, reply| match account.provider.queues() {
                    Some(queues) => queues.read_calls(page, reply),
                    None => Err(Outcome::Refused(because(&cannot()))),
                },
            )
            .await
            .map_err(|outcome| code(&outcome))?;
        told.cut |= calls.cut;
        told.queues.push(QueueNow {
            name: queue.name.unwrap_or(queue.id),
            waiting: u64::try_from(calls.items.len()).unwrap_or(u64::MAX),
            since: millis(calls.items.iter().filter_map(|call| call.since).min()),
        });
    }
    Ok(told)
}

fn cannot() -> Error {
    Error::new(Code::CapabilityMissing, "The platform does not tell that.")
}

fn because(error: &Error) -> Because {
    Because::code(error.code)
}

fn code(outcome: &Outcome) -> Code {
    outcome
        .because()
        .map_or(Code::UnreadableReply, |because| because.code)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use patchcord_core::provider::past_calls::Named;
    use proptest::prelude::*;

    use super::*;

    fn call(direction: Option<Direction>, end: End, answered_after: Option<u64>) -> PastCall {
        PastCall {
            id: "c1".to_owned(),
            direction,
            from: None,
            to: None,
            agent: None,
            team: Some(Named {
                id: None,
                name: Some("Support".to_owned()),
            }),
            started: Some(3_600_000),
            answered_after,
            duration: None,
            end,
            recordings: Vec::new(),
        }
    }

    #[test]
    fn only_calls_to_the_company_have_answer_times_and_a_missed_one_has_none() {
        let period = Period::read("1970-01-01", "", &TimeZone::UTC, 0).unwrap();
        let (mut told, mut waits) = (PlatformCalls::default(), Waits::default());
        let (inbound, outbound) = (Some(Direction::Inbound), Some(Direction::Outbound));
        for call in [
            call(inbound, End::Talked, Some(5)),
            call(inbound, End::Talked, None),
            call(inbound, End::Missed("x".to_owned()), Some(90)),
            call(inbound, End::Open, Some(3)),
            call(outbound, End::Talked, Some(70)),
            call(None, End::Other("?".to_owned()), Some(70)),
        ] {
            count(&mut told, &mut waits, call, &period);
        }
        let answers = waits.answers();
        assert_eq!((answers.answered, answers.missed), (1, 1));
        assert_eq!(answers.median, Some(5));
        assert_eq!((told.inbound, told.outbound), (4, 1));
        assert_eq!(told.calls.total().total(), 6);
        assert_eq!(told.calls.hours()[1].total(), 6);
    }

    proptest! {
        #[test]
        fn pieces_are_the_whole_time_in_order_and_none_is_too_long(
            since in 0_i64..1_000_000, length in 0_i64..1_000_000, longest in prop::option::of(1_u64..500_000),
        ) {
            // Not thousands of pieces.
            prop_assume!(longest.is_none_or(|longest| longest > 10_000));
            let spans = spans(since, since + length, longest);
            let mut at = since;
            for (from, to) in spans {
                prop_assert_eq!(from, at);
                prop_assert!(to > from);
                prop_assert!(longest.is_none_or(|longest| (to - from) <= longest as i64));
                at = to;
            }
            prop_assert_eq!(at, since + length);
        }
    }
}
