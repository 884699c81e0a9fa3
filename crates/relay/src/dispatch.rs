//! Hands callbacks over when they are due.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use patchcord_core::callback::{CallbackRequest, CallbackState};
use patchcord_core::error::Code;
use patchcord_core::number::PhoneNumber;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::provider::campaign::Contact;
use patchcord_core::secret::Secret;
use tokio::sync::Semaphore;

use crate::accounts::Account;
use crate::clock::Millis;
use crate::config::{Config, Target};
use crate::crash;
use crate::fingerprint::Fingerprints;
use crate::notice::Channels;
use crate::outbox::{self, Verdict};
use crate::policy;
use crate::relay::Relay;
use crate::schedule;
use crate::store::callback::{self, Callback};
use crate::store::{Conn, do_not_call, switch};

/// The longest sleep: a guard against a wall clock that was put back, and against a lost wake of another relay.
const MAX_SLEEP: Duration = Duration::from_secs(10);
/// How often to look whether the kill switch is still off.
const OFF: Millis = 2000;
/// How often the database is tidied.
const TIDY: Millis = 60 * 60 * 1000;

/// Starts the dispatcher. It ends when the relay goes down; what it has begun goes on to its end.
pub fn start(relay: &Arc<Relay>) {
    relay.tasks.spawn(run(relay.clone()));
}

async fn run(relay: Arc<Relay>) {
    let slots = Arc::new(Semaphore::new(relay.config.callbacks.at_once.into()));
    let mut jumps = relay.clock.jumps();
    let mut tidy_at = relay.clock.now();
    while !relay.stopping.is_cancelled() {
        relay.dispatcher.beat();
        if relay.clock.now() >= tidy_at {
            tidy_at = relay.clock.now() + TIDY;
            if let Err(error) = relay
                .store
                .tidy(relay.config.retention, relay.clock.now())
                .await
            {
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
            () = relay.wakes.due.notified() => {}
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
    let free = slots.available_permits();
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
    let taking = relay.clone();
    let taken = relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                let rules = Rules {
                    config: &taking.config,
                    accounts: &taking.accounts,
                    fingerprints: &taking.fingerprints,
                };
                let most = i64::try_from(free).unwrap_or(1);
                take_up(tx, &rules, &taking.channels, &taking.run, most, now).await
            })
        })
        .await?;
    let Some(taken) = taken else {
        return Ok(Pause::Until(now + OFF));
    };
    let found = taken.len();
    // Of one that is not handed over somebody may have to be told.
    if taken
        .iter()
        .any(|callback| callback.state != CallbackState::Dispatching)
    {
        relay.wakes.delivery.notify_waiters();
    }
    // From here on each counts as possibly handed over, should the relay die.
    let until = Instant::now() + relay.config.liveness.send_within();
    crash::point("callback taken");
    for callback in taken {
        match callback.state {
            CallbackState::Dispatching => {}
            CallbackState::Refused | CallbackState::Expired => {
                relay.metrics.callback(&callback);
                continue;
            }
            _ => continue,
        }
        let (relay, slots) = (relay.clone(), slots.clone());
        // There are as many permits as were counted: only this loop takes any.
        let Ok(slot) = slots.try_acquire_owned() else {
            continue;
        };
        relay.tasks.clone().spawn(async move {
            hand_over(&relay, callback, until).await;
            drop(slot);
            relay.wakes.due.notify_one();
        });
    }
    // Nothing found: another relay has taken it, and there may be nothing left for this one.
    Ok(if found == 0 {
        Pause::Until(now + 50)
    } else {
        Pause::None
    })
}

/// What decides about a callback whose time has come, beside what is in the database.
pub struct Rules<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The tenancies: some keep times themselves.
    pub accounts: &'a BTreeMap<String, Account>,
    /// By which the do-not-call list is asked.
    pub fingerprints: &'a Fingerprints,
}

/// Takes up to `most` callbacks whose time has come, the longest overdue first, each by its verdict. Those that
/// are `dispatching` afterwards count as possibly handed over. `None` while dialling is switched off.
///
/// # Errors
/// A database that does not answer.
pub async fn take_up(
    tx: &mut Conn,
    rules: &Rules<'_>,
    channels: &Channels,
    run: &str,
    most: i64,
    now: Millis,
) -> Result<Option<Vec<Callback>>, sqlx::Error> {
    if switch::find(tx, switch::DIALLING).await?.is_some() {
        return Ok(None);
    }
    let mut due = callback::take_due(tx, now, most).await?;
    for callback in &mut due {
        let verdict = verdict(tx, rules, callback, now).await?;
        outbox::take(tx, channels, callback, verdict, run, now).await?;
    }
    Ok(Some(due))
}

/// Policy is asked again: the configuration may have changed since the visitor was thanked, hours too.
async fn verdict(
    tx: &mut Conn,
    rules: &Rules<'_>,
    callback: &Callback,
    now: Millis,
) -> Result<Verdict, sqlx::Error> {
    let refuse = |code| Ok(Verdict::Refuse(Because::code(code)));
    let late = u128::try_from(now.saturating_sub(callback.dispatch_at)).unwrap_or(0);
    if late > rules.config.callbacks.overdue.as_millis() {
        return Ok(Verdict::Overdue);
    }
    let Ok(number) = callback.number.parse::<PhoneNumber>() else {
        return refuse(Code::InvalidNumber);
    };
    if let Err(problem) = policy::check_number(rules.config, &number) {
        return refuse(problem.code());
    }
    if do_not_call::has(tx, &rules.fingerprints.number(&number)).await? {
        return refuse(Code::DoNotCall);
    }
    let Some(topic) = rules.config.topics.get(&callback.topic) else {
        return refuse(Code::TopicUnknown);
    };
    // A time that the provider will keep is judged by that time, everything else by now.
    let wished = callback
        .at
        .filter(|_| schedule::keeps_time(rules.accounts, topic));
    let moment = wished.map_or(now, |at| at.max(now));
    match schedule::earliest(rules.config, topic, &number, moment) {
        Ok(at) if at == moment => Ok(Verdict::Go),
        Ok(at) => Ok(Verdict::Wait(at)),
        Err(code) => refuse(code),
    }
}

async fn hand_over(relay: &Arc<Relay>, mut callback: Callback, until: Instant) {
    let outcome = ask(relay, &callback, until).await;
    crash::point("callback answered");
    let (id, now) = (callback.id.clone(), relay.clock.now());
    let (policy, channels) = (relay.config.callbacks, relay.channels.clone());
    let stored = relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                outbox::settle(tx, &channels, &mut callback, &outcome, policy, now).await?;
                Ok::<_, sqlx::Error>(callback)
            })
        })
        .await;
    crash::point("callback settled");
    relay.wakes.delivery.notify_waiters();
    match stored {
        Ok(callback) => {
            // One that will be tried again is counted when it is over.
            if callback.state != CallbackState::Due {
                relay.metrics.callback(&callback);
            }
            tracing::info!(
                callback = callback.id,
                state = callback.state.as_str(),
                code = callback.code,
                attempts = callback.attempts,
                "callback dispatched"
            );
        }
        // It stays `dispatching`, and is unknown after a restart.
        Err(error) => {
            tracing::error!(callback = id, %error, "the outcome of a callback cannot be stored")
        }
    }
}

async fn ask(relay: &Relay, callback: &Callback, until: Instant) -> Outcome {
    let refused = |because| Outcome::Refused(because);
    let (Some(topic), Ok(number), Ok(payload)) = (
        relay.config.topics.get(&callback.topic),
        callback.number.parse::<PhoneNumber>(),
        callback.travelling_payload(),
    ) else {
        return refused(Because::code(Code::TopicUnknown));
    };
    let Some(account) = relay.accounts.get(&topic.account) else {
        return refused(Because::code(Code::ProviderNotAvailable));
    };
    let now = relay.clock.now();
    // A time that has come needs no schedule: the provider is to call as soon as it can.
    let at = callback
        .at
        .filter(|&at| at > now)
        .and_then(|at| u64::try_from(at).ok());
    let target = match &topic.target {
        Target::Campaign => return account.add(until, &Contact { number, payload }).await,
        Target::Agents(target) => target,
    };
    let request = CallbackRequest {
        number,
        at,
        payload,
    };
    let build = |token: Option<&Secret>| account.provider.callback(target, &request, token);
    account
        .ask_until(until, build, |reply| account.provider.read_callback(reply))
        .await
        .unwrap_or_else(refused)
}
