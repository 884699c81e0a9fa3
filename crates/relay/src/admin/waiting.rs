//! Who waits in the queues of the platforms, and which conferences go on: read once for all who look, and kept for a
//! few seconds.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use patchcord_core::outcome::Outcome;
use patchcord_core::provider::conferences::{
    Conference, ConferenceState, Conferences, MemberState,
};
use patchcord_core::provider::queues::{Queue, QueuedCall, Queues};

use super::page;
use crate::accounts::{Account, Listed};
use crate::clock::Millis;
use crate::kept::{Answer, BoxedAnswer, Kept};
use crate::relay::Relay;

/// How long a reading counts.
const KEEP: Millis = 5_000;
/// How long a page waits for a platform; the answer is there for the next one.
const PATIENCE: Duration = Duration::from_secs(8);
/// The most pages of queues, and of the calls of one, that are asked for.
const PAGES: u32 = 5;
/// The most pages of conferences that are asked for.
const CONFERENCE_PAGES: u32 = 2;
/// The most queues whose calls are looked at.
const MOST: usize = 50;
/// How many of them at the same time.
const AT_ONCE: usize = 4;

/// What an account tells. Absent is what its platform never does.
#[derive(Debug)]
pub struct Told {
    /// When it was asked.
    pub at: Millis,
    /// Its queues.
    pub queues: Option<Result<Listed<QueueNow>, Outcome>>,
    /// Its conferences that are not over, without those who left, and of numbers the last digits.
    pub conferences: Option<Result<Listed<Conference>, Outcome>>,
}

/// A queue, now.
#[derive(Debug)]
pub struct QueueNow {
    /// The queue.
    pub queue: Queue,
    /// Who waits in it. Absent where so many queues were looked at already.
    pub waiting: Option<Result<Waiting, Outcome>>,
}

/// How many wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// How many calls, as far as was read.
    pub calls: usize,
    /// There are more.
    pub cut: bool,
    /// Since when the longest does, where the platform tells.
    pub since: Option<Millis>,
}

/// What the accounts told in the last seconds. In memory alone.
#[derive(Default)]
pub struct WaitingNow(Kept<String, Told>);

impl WaitingNow {
    /// What an account tells; `None` where it takes longer than a page waits.
    pub async fn at(&self, relay: &Arc<Relay>, account: &str) -> Option<Arc<Answer<Told>>> {
        let ask = || -> BoxedAnswer<Told> {
            let (relay, name) = (relay.clone(), account.to_owned());
            Box::pin(async move {
                let account = relay.accounts.get(&name)?;
                let value = tokio::select! {
                    () = relay.stopping.cancelled() => return None,
                    told = read(account, relay.clock.now()) => told,
                };
                Some(Answer {
                    until: relay.clock.now() + KEEP,
                    value,
                })
            })
        };
        self.0
            .get(account.to_owned(), PATIENCE, &relay.clock, ask)
            .await
    }
}

async fn read(account: &Account, at: Millis) -> Told {
    let queues = match account.provider.queues() {
        Some(told) => Some(queues(account, told).await),
        None => None,
    };
    let conferences = match account.provider.conferences() {
        Some(told) => Some(conferences(account, told).await),
        None => None,
    };
    Told {
        at,
        queues,
        conferences,
    }
}

async fn queues(account: &Account, told: &dyn Queues) -> Result<Listed<QueueNow>, Outcome> {
    let listed = account
        .ask_pages(
            PAGES,
            |page, token| Ok(told.list(page, token)),
            |page, reply| told.read_list(page, reply),
        )
        .await?;
    let mut items = Vec::new();
    let (looked_at, rest) = listed.items.split_at(listed.items.len().min(MOST));
    for some in looked_at.chunks(AT_ONCE) {
        let of_some = join_all(some.iter().map(|queue| calls(account, told, &queue.id))).await;
        items.extend(some.iter().zip(of_some).map(|(queue, calls)| QueueNow {
            queue: queue.clone(),
            waiting: Some(calls.map(|calls| Waiting::of(&calls))),
        }));
    }
    items.extend(rest.iter().map(|queue| QueueNow {
        queue: queue.clone(),
        waiting: None,
    }));
    Ok(Listed {
        items,
        cut: listed.cut,
    })
}

/// The calls that wait in a queue.
///
/// # Errors
/// The outcome of the question, where it was not accepted.
pub async fn calls(
    account: &Account,
    told: &dyn Queues,
    queue: &str,
) -> Result<Listed<QueuedCall>, Outcome> {
    account
        .ask_pages(
            PAGES,
            |page, token| told.calls(queue, page, token),
            |page, reply| told.read_calls(page, reply),
        )
        .await
}

impl Waiting {
    fn of(calls: &Listed<QueuedCall>) -> Self {
        Self {
            calls: calls.items.len(),
            cut: calls.cut,
            since: calls.items.iter().filter_map(since).min(),
        }
    }
}

/// Since when a call waits, where the platform tells.
pub fn since(call: &QueuedCall) -> Option<Millis> {
    Millis::try_from(call.since?).ok()
}

async fn conferences(
    account: &Account,
    told: &dyn Conferences,
) -> Result<Listed<Conference>, Outcome> {
    let mut listed = account
        .ask_pages(
            CONFERENCE_PAGES,
            |page, token| Ok(told.list(page, token)),
            |page, reply| told.read_list(page, reply),
        )
        .await?;
    listed
        .items
        .retain(|conference| conference.state != ConferenceState::Over);
    for conference in &mut listed.items {
        conference
            .members
            .retain(|member| member.state != MemberState::Gone);
        for member in &mut conference.members {
            // Whole numbers are not kept.
            member.number = member.number.as_deref().map(page::digits);
        }
    }
    Ok(listed)
}
