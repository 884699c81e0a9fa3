//! Hands callbacks over when they are due.

use std::sync::Arc;
use std::time::Duration;

use patchcord_core::callback::{CallbackRequest, CallbackState};
use patchcord_core::error::Code;
use patchcord_core::number::PhoneNumber;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::secret::Secret;
use tokio::sync::Semaphore;

use crate::clock::Millis;
use crate::policy;
use crate::relay::Relay;
use crate::store::callback::{self, Callback};

/// How many callbacks are handed over at the same time.
const AT_ONCE: u32 = 16;
/// The longest pause between two tries.
const MAX_BACKOFF: Millis = 5 * 60 * 1000;
/// The longest sleep: a guard against a wall clock that was put back.
const MAX_SLEEP: Duration = Duration::from_secs(60);
/// How often the database is tidied.
const TIDY: Millis = 60 * 60 * 1000;

/// Starts the dispatcher. It ends when the relay goes down; what it has begun goes on to its end.
pub fn start(relay: &Arc<Relay>) {
    relay.tasks.spawn(run(relay.clone()));
}

async fn run(relay: Arc<Relay>) {
    let slots = Arc::new(Semaphore::new(AT_ONCE as usize));
    let mut jumps = relay.clock.jumps();
    let mut tidy_at = relay.clock.now();
    while !relay.stopping.is_cancelled() {
        if relay.clock.now() >= tidy_at {
            tidy_at = relay.clock.now() + TIDY;
            if let Err(error) = relay.store.tidy(relay.clock.now()).await {
                tracing::error!(%error, "the database cannot be tidied");
            }
        }
        let pause = match take(&relay, &slots).await {
            Ok(Pause::None) => continue,
            Ok(Pause::UntilWoken) => MAX_SLEEP,
            Ok(Pause::Until(at)) => {
                let left = u64::try_from(at - relay.clock.now()).unwrap_or(0);
                Duration::from_millis(left).min(MAX_SLEEP)
            }
            Err(error) => {
                tracing::error!(%error, "callbacks cannot be read; trying again");
                Duration::from_secs(1)
            }
        };
        tokio::select! {
            () = relay.stopping.cancelled() => {}
            () = relay.due.notified() => {}
            _ = jumps.changed() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

enum Pause {
    None,
    Until(Millis),
    UntilWoken,
}

/// Takes up what is due, as far as there are free slots.
async fn take(relay: &Arc<Relay>, slots: &Arc<Semaphore>) -> Result<Pause, sqlx::Error> {
    let free = u32::try_from(slots.available_permits()).unwrap_or(AT_ONCE);
    if free == 0 {
        // Whoever finishes wakes the dispatcher.
        return Ok(Pause::UntilWoken);
    }
    let Some(next) = relay.store.next_dispatch().await? else {
        return Ok(Pause::UntilWoken);
    };
    let now = relay.clock.now();
    if next > now {
        return Ok(Pause::Until(next));
    }
    let mut tx = relay.store.begin().await?;
    let due = callback::take_due(&mut tx, now, free).await?;
    // From here on each counts as possibly handed over, should the relay die.
    tx.commit().await?;
    for callback in due {
        let (relay, slots) = (relay.clone(), slots.clone());
        // There are as many permits as were counted: only this loop takes any.
        let Ok(slot) = slots.try_acquire_owned() else {
            continue;
        };
        relay.tasks.clone().spawn(async move {
            hand_over(&relay, callback).await;
            drop(slot);
            relay.due.notify_one();
        });
    }
    Ok(Pause::None)
}

async fn hand_over(relay: &Relay, mut callback: Callback) {
    let outcome = ask(relay, &callback).await;
    callback.code = outcome
        .because()
        .map(|because| because.code.as_str().to_owned());
    callback.message = outcome
        .because()
        .and_then(|because| because.message.clone());
    let again = outcome.may_be_retried() && callback.attempts < relay.config.callbacks.attempts;
    let state = match &outcome {
        Outcome::Accepted => CallbackState::HandedOver,
        Outcome::Refused(because) if again => {
            callback.dispatch_at =
                relay
                    .clock
                    .now()
                    .saturating_add(backoff(relay, callback.attempts, because));
            CallbackState::Due
        }
        Outcome::Refused(_) => CallbackState::Refused,
        Outcome::Unknown(_) => CallbackState::Unknown,
    };
    callback.state = state.as_str().to_owned();
    let stored = async {
        let mut tx = relay.store.begin().await?;
        callback::update(&mut tx, &callback).await?;
        tx.commit().await
    };
    match stored.await {
        Ok(()) => tracing::info!(
            callback = callback.id,
            state = callback.state,
            code = callback.code,
            attempts = callback.attempts,
            "callback dispatched"
        ),
        // It stays `dispatching`, and is unknown after a restart.
        Err(error) => {
            tracing::error!(callback = callback.id, %error, "the outcome of a callback cannot be stored")
        }
    }
}

async fn ask(relay: &Relay, callback: &Callback) -> Outcome {
    let refused = |because| Outcome::Refused(because);
    let (Some(topic), Ok(number), Ok(payload)) = (
        relay.config.topics.get(&callback.topic),
        callback.number.parse::<PhoneNumber>(),
        callback.travelling_payload(),
    ) else {
        return refused(Because::code(Code::TopicUnknown));
    };
    // Asked again: the configuration may have changed since the visitor was thanked.
    if let Err(problem) = policy::check_number(&relay.config, &number) {
        return refused(Because::code(problem.code()));
    }
    let Some(account) = relay.accounts.get(&topic.account) else {
        return refused(Because::code(Code::ProviderNotAvailable));
    };
    let now = relay.clock.now();
    // A time that has come needs no schedule: the provider is to call as soon as it can.
    let at = callback
        .at
        .filter(|&at| at > now)
        .and_then(|at| u64::try_from(at).ok());
    let request = CallbackRequest {
        number,
        at,
        payload,
    };
    let build = |token: Option<&Secret>| account.provider.callback(&topic.target, &request, token);
    account
        .ask(build, |reply| account.provider.read_callback(reply))
        .await
        .unwrap_or_else(refused)
}

/// The pause before the next try: doubled each time, and no shorter than the provider asked for.
fn backoff(relay: &Relay, attempts: u32, because: &Because) -> Millis {
    let first = i64::try_from(relay.config.callbacks.backoff.as_millis()).unwrap_or(MAX_BACKOFF);
    let doubled = first.saturating_mul(
        1_i64
            .checked_shl(attempts.saturating_sub(1).min(20))
            .unwrap_or(1),
    );
    let asked = because
        .retry_after
        .map_or(0, |seconds| i64::from(seconds) * 1000);
    doubled.min(MAX_BACKOFF).max(asked)
}
