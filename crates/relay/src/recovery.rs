//! Says that this relay lives, and settles what a dead one left in flight.

use std::sync::Arc;

use patchcord_core::callback::CallbackState;
use patchcord_core::error::Code;

use crate::relay::Relay;
use crate::store::{delivery, run, token};
use crate::wakes::Wake;
use crate::{calls, outbox, polling};

/// Says so once and settles once; the relay serves nobody before.
///
/// # Errors
/// A database that does not answer.
pub async fn first(relay: &Arc<Relay>) -> Result<(), sqlx::Error> {
    beat(relay).await
}

/// Goes on until the relay goes down.
pub fn start(relay: &Arc<Relay>) {
    let relay = relay.clone();
    relay.tasks.clone().spawn(async move {
        let mut pulse = tokio::time::interval(relay.config.liveness.beat());
        pulse.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = relay.stopping.cancelled() => return,
                _ = pulse.tick() => {}
            }
            if let Err(error) = beat(&relay).await {
                tracing::error!(%error, "this relay cannot say that it lives");
            }
            if let Err(error) = relay.refusals.write(&relay.store).await {
                tracing::warn!(%error, "refusals cannot be counted");
            }
        }
    });
}

async fn beat(relay: &Arc<Relay>) -> Result<(), sqlx::Error> {
    let (own, now) = (relay.run.clone(), relay.clock.now());
    let (liveness, channels) = (relay.config.liveness, relay.channels.clone());
    let (callbacks, calls, messages, adopted) = relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                run::beat(tx, &own).await?;
                let (mut callbacks, mut calls, mut messages) = (0, Vec::new(), 0);
                for dead in run::take_dead(tx, &own, liveness).await? {
                    callbacks += outbox::interrupt(tx, &channels, &dead, now).await?;
                    calls.extend(calls::interrupt(tx, &channels, &dead, now).await?);
                    messages += delivery::interrupt(tx, &dead).await?;
                    token::release(tx, &dead).await?;
                }
                let adopted = calls::adopt(tx, &own, now).await?;
                Ok::<_, sqlx::Error>((callbacks, calls, messages, adopted))
            })
        })
        .await?;
    relay.beat.beat();
    if callbacks > 0 || !calls.is_empty() || messages > 0 {
        relay.wakes.delivery.notify_waiters();
    }
    if callbacks > 0 {
        let code = Some(Code::Interrupted.as_str());
        relay
            .metrics
            .callback_became(CallbackState::Unknown.as_str(), code, callbacks as u64);
        tracing::warn!(
            count = callbacks,
            "callbacks were in flight when a relay stopped; their outcome is unknown"
        );
    }
    for call in calls {
        relay.metrics.call(&call);
        tracing::warn!(
            call = call.id,
            "a call was in flight when a relay stopped; its outcome is unknown"
        );
        relay.wakes.wake(Wake::Agent(call.owner()));
        relay.wakes.wake(Wake::Answered);
    }
    for call in adopted {
        polling::start(relay, call);
    }
    Ok(())
}

/// Nothing is in flight any more.
pub async fn end(relay: &Relay) {
    let own = relay.run.clone();
    let ended = relay
        .store
        .write(move |tx| Box::pin(async move { run::end(tx, &own).await }))
        .await;
    if let Err(error) = ended {
        // Then it counts as dead, and there is nothing to settle.
        tracing::warn!(%error, "this relay cannot sign off");
    }
}
