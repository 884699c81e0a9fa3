//! The outbox: callbacks from their queue to the provider, each step in one transaction.
//!
//! Before a callback is sent, it is stored as `dispatching` by this relay; from there on it counts as possibly
//! sent. So a crash at any point leaves it either waiting (nothing was sent) or `dispatching` (unknown, and a
//! person is told), never lost and never sent twice.

use patchcord_core::callback::CallbackState;
use patchcord_core::error::Code;
use patchcord_core::outcome::{Because, Outcome};
use serde_json::json;

use crate::audit::{self, Action, Actor};
use crate::clock::Millis;
use crate::config::CallbackPolicy;
use crate::notice::Channels;
use crate::store::alert::{self, Decision, Kind};
use crate::store::callback::{self, Callback, Changed};
use crate::store::{Conn, callback::change, delivery};

/// The longest pause between two tries.
const MAX_BACKOFF: Millis = 5 * 60 * 1000;

/// What is to be done with a callback whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is handed over now.
    Go,
    /// It waits: closed, or quiet hours.
    Wait(Millis),
    /// It is refused, nothing was sent.
    Refuse(Because),
    /// It is too late for it; a person decides.
    Overdue,
}

/// Takes one callback that is due, by this verdict. `true` if it is `dispatching` now: from here on it counts as
/// possibly sent.
///
/// # Errors
/// A database that does not answer.
pub async fn take(
    tx: &mut Conn,
    channels: &Channels,
    callback: &mut Callback,
    verdict: Verdict,
    run: &str,
    now: Millis,
) -> Result<bool, sqlx::Error> {
    match verdict {
        Verdict::Go => {
            callback.run = Some(run.to_owned());
            callback.attempts += 1;
            let changed = change(tx, callback, CallbackState::Dispatching).await?;
            return Ok(changed == Changed::Yes);
        }
        Verdict::Wait(until) => {
            callback.dispatch_at = until;
            change(tx, callback, CallbackState::Queued).await?;
        }
        Verdict::Refuse(because) => {
            answer(callback, Some(&because));
            if change(tx, callback, CallbackState::Refused).await? == Changed::Yes {
                open_alert(tx, channels, callback, Kind::CallbackRefused, now).await?;
            }
        }
        Verdict::Overdue => {
            answer(callback, Some(&Because::code(Code::Overdue)));
            if change(tx, callback, CallbackState::Expired).await? == Changed::Yes {
                open_alert(tx, channels, callback, Kind::CallbackOverdue, now).await?;
            }
        }
    }
    Ok(false)
}

/// Stores what became of a callback that was taken: the provider's answer, or the next try.
///
/// # Errors
/// A database that does not answer. Then it stays `dispatching`, and is unknown after the next start.
pub async fn settle(
    tx: &mut Conn,
    channels: &Channels,
    callback: &mut Callback,
    outcome: &Outcome,
    policy: CallbackPolicy,
    now: Millis,
) -> Result<(), sqlx::Error> {
    let Some(current) = callback::find(tx, &callback.id).await? else {
        return Ok(());
    };
    if current.state != CallbackState::Dispatching || !is_of_this(&current, callback) {
        return settle_late(tx, channels, callback, current, outcome, now).await;
    }
    answer(callback, outcome.because());
    let next = match outcome {
        Outcome::Accepted => CallbackState::HandedOver,
        Outcome::Unknown(_) => CallbackState::Unknown,
        Outcome::Refused(because)
            if outcome.may_be_retried() && callback.attempts < i64::from(policy.attempts) =>
        {
            callback.dispatch_at = now.saturating_add(backoff(policy, callback.attempts, because));
            CallbackState::Due
        }
        Outcome::Refused(_) => CallbackState::Refused,
    };
    if change(tx, callback, next).await? == Changed::Stale {
        // It is held: nobody was faster.
        return Ok(());
    }
    match next {
        CallbackState::Refused => {
            open_alert(tx, channels, callback, Kind::CallbackRefused, now).await
        }
        CallbackState::Unknown => {
            open_alert(tx, channels, callback, Kind::CallbackUnknown, now).await
        }
        CallbackState::HandedOver => delivery::of_callback(tx, channels, callback, now).await,
        _ => Ok(()),
    }
}

/// This relay was taken for dead, and the callback for unknown. The answer counts all the same, unless a person
/// has decided by then.
async fn settle_late(
    tx: &mut Conn,
    channels: &Channels,
    callback: &mut Callback,
    mut current: Callback,
    outcome: &Outcome,
    now: Millis,
) -> Result<(), sqlx::Error> {
    let next = match outcome {
        Outcome::Accepted => CallbackState::HandedOver,
        Outcome::Refused(_) => CallbackState::Refused,
        Outcome::Unknown(_) => return Ok(()),
    };
    if current.state != CallbackState::Unknown || !is_of_this(&current, callback) {
        tracing::warn!(
            callback = current.id,
            state = current.state.as_str(),
            "an answer came too late"
        );
        return Ok(());
    }
    answer(&mut current, outcome.because());
    if change(tx, &mut current, next).await? == Changed::Yes {
        delivery::of_callback(tx, channels, &current, now).await?;
        if next == CallbackState::HandedOver {
            alert::settle(tx, &current.id, Decision::Answered, "relay", now).await?;
        }
    }
    *callback = current;
    Ok(())
}

/// Whether the stored row is still of the hand-over that this one was taken for. When a person has it handed over
/// again, perhaps by the same relay, it gets another time.
fn is_of_this(current: &Callback, taken: &Callback) -> bool {
    current.run == taken.run
        && current.attempts == taken.attempts
        && current.dispatch_at == taken.dispatch_at
}

/// What a relay that is no more was handing over may have arrived. How many there were.
///
/// # Errors
/// A database that does not answer.
pub async fn interrupt(
    tx: &mut Conn,
    channels: &Channels,
    run: &str,
    now: Millis,
) -> Result<usize, sqlx::Error> {
    let in_flight = callback::in_flight(tx, run).await?;
    let count = in_flight.len();
    for mut callback in in_flight {
        answer(&mut callback, Some(&Because::code(Code::Interrupted)));
        if change(tx, &mut callback, CallbackState::Unknown).await? == Changed::Yes {
            open_alert(tx, channels, &callback, Kind::CallbackUnknown, now).await?;
        }
    }
    Ok(count)
}

/// What a person decided about a callback with an open alert.
///
/// # Errors
/// A database that does not answer.
pub async fn decide(
    tx: &mut Conn,
    id: &str,
    decision: Decision,
    by: &str,
    now: Millis,
) -> Result<Decided, sqlx::Error> {
    let Some(mut callback) = callback::find(tx, id).await? else {
        return Ok(Decided::NotOpen);
    };
    if !alert::settle(tx, id, decision, by, now).await? {
        return Ok(Decided::NotOpen);
    }
    let detail = json!({ "decision": decision.as_str() });
    audit::write(tx, Actor::Admin(by), Action::AlertSettled, id, detail, now).await?;
    if decision == Decision::Again {
        // Another time than before, whatever the clock says: answers that are still to come are told apart by it.
        callback.dispatch_at = now.max(callback.dispatch_at.saturating_add(1));
        callback.at = callback.at.filter(|&at| at > now);
        callback.attempts = 0;
        callback.code = None;
        callback.message = None;
        change(tx, &mut callback, CallbackState::Due).await?;
    }
    Ok(Decided::Yes)
}

/// Whether a decision counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// It does.
    Yes,
    /// There is nothing to decide: somebody else has, or the answer came.
    NotOpen,
}

/// Tells of a callback's new state that a person has to look at.
async fn open_alert(
    tx: &mut Conn,
    channels: &Channels,
    callback: &Callback,
    kind: Kind,
    now: Millis,
) -> Result<(), sqlx::Error> {
    delivery::of_callback(tx, channels, callback, now).await?;
    alert::open(
        tx,
        channels,
        kind,
        &callback.id,
        callback.code.as_deref(),
        now,
    )
    .await
}

fn answer(callback: &mut Callback, because: Option<&Because>) {
    callback.code = because.map(|because| because.code.as_str().to_owned());
    callback.message = because.and_then(|because| because.message.clone());
}

/// The pause before the next try: doubled each time, and no shorter than the provider asked for.
fn backoff(policy: CallbackPolicy, attempts: i64, because: &Because) -> Millis {
    let first = i64::try_from(policy.backoff.as_millis()).unwrap_or(MAX_BACKOFF);
    let doublings = u32::try_from(attempts.saturating_sub(1).clamp(0, 20)).unwrap_or(20);
    let doubled = first.saturating_mul(1_i64.checked_shl(doublings).unwrap_or(1));
    let asked = because
        .retry_after
        .map_or(0, |seconds| i64::from(seconds) * 1000);
    doubled.min(MAX_BACKOFF).max(asked)
}
