//! Sends what the relay has to tell: at least once, each channel by itself, so that one that is slow or down does
//! not hold up the others.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::clock::Millis;
use crate::config::Webhook;
use crate::crash;
use crate::mail::{Letter, Mailer};
use crate::random;
use crate::relay::Relay;
use crate::store::DAY;
use crate::store::delivery::{self, Delivery, MAIL, Settled};
use crate::webhook::{self, NotDelivered, Webhooks};

/// How many are sent at the same time, for each channel and relay.
const AT_ONCE: usize = 4;
/// How long an attempt may take in all.
const LONGEST: Duration = Duration::from_secs(20);
/// How long an attempt is left to a relay that lives: longer than it may take, and than clocks differ. What a dead
/// one had taken is taken from it at once ([`delivery::interrupt`]).
const LEASE: Millis = 60_000;
/// The longest sleep: notices that another relay wrote are found after it at the latest.
const MAX_SLEEP: Duration = Duration::from_secs(2);
/// The pause before the second try, doubled with each further one …
const FIRST_PAUSE: Millis = 5_000;
/// … up to this.
const LONGEST_PAUSE: Millis = 60 * 60 * 1000;
/// How long something is tried.
const TRIED_FOR: Millis = DAY;

/// How a channel is reached.
enum Way {
    Webhook(Webhook, Webhooks),
    Mail(Mailer),
}

impl Way {
    fn name(&self) -> &str {
        match self {
            Way::Webhook(webhook, _) => &webhook.name,
            Way::Mail(_) => MAIL,
        }
    }
}

/// Why nothing can be sent.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The HTTP client.
    #[error("no TLS roots for webhooks")]
    Webhooks(#[from] reqwest::Error),
    /// The mail client.
    #[error("no mail can be sent: `mail.smtp` names no server that TLS can be spoken with")]
    Mail(#[from] lettre::transport::smtp::Error),
    /// The database.
    #[error("the database cannot be read")]
    Read(#[from] sqlx::Error),
}

/// Starts a worker for each channel. They end when the relay goes down, with what they have begun.
///
/// # Errors
/// A client that cannot be set up.
pub async fn start(relay: &Arc<Relay>) -> Result<(), StartError> {
    let mut ways = Vec::new();
    let client = Webhooks::new()?;
    for webhook in &relay.channels.webhooks {
        ways.push(Way::Webhook(webhook.clone(), client.clone()));
    }
    if let Some(mail) = &relay.channels.mail {
        ways.push(Way::Mail(Mailer::new(mail)?));
    }
    let names: Vec<String> = ways.iter().map(|way| way.name().to_owned()).collect();
    relay
        .store
        .write(move |tx| Box::pin(async move { delivery::give_up(tx, &names).await }))
        .await?;
    for way in ways {
        relay.tasks.spawn(run(relay.clone(), Arc::new(way)));
    }
    Ok(())
}

async fn run(relay: Arc<Relay>, way: Arc<Way>) {
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let mut jumps = relay.clock.jumps();
    while !relay.stopping.is_cancelled() {
        // From before the look: what is written during it is not missed.
        let told = relay.wakes.delivery.notified();
        tokio::pin!(told);
        told.as_mut().enable();
        let pause = match take(&relay, &way, &slots).await {
            Ok(Some(due)) => {
                let left = u64::try_from(due - relay.clock.now()).unwrap_or(0);
                Duration::from_millis(left).min(MAX_SLEEP)
            }
            Ok(None) => MAX_SLEEP,
            Err(error) => {
                tracing::error!(channel = way.name(), %error, "what is to be sent cannot be read; trying again");
                MAX_SLEEP
            }
        };
        let again = async {
            if slots.available_permits() == 0 {
                // Closed never: only the end of an attempt is waited for.
                drop(slots.acquire().await);
            } else {
                tokio::time::sleep(pause).await;
            }
        };
        tokio::select! {
            () = relay.stopping.cancelled() => {}
            () = told => {}
            _ = jumps.changed() => {}
            () = again => {}
        }
    }
}

/// Takes what is due, as far as there are free slots; then, when something is due again.
async fn take(
    relay: &Arc<Relay>,
    way: &Arc<Way>,
    slots: &Arc<Semaphore>,
) -> Result<Option<Millis>, sqlx::Error> {
    let (free, now) = (slots.available_permits(), relay.clock.now());
    let next = relay.store.next_delivery(way.name()).await?;
    if free == 0 || next.is_none_or(|next| next > now) {
        return Ok(next);
    }
    let (channel, most) = (way.name().to_owned(), i64::try_from(free).unwrap_or(1));
    let run = relay.run.clone();
    let taken = relay
        .store
        .write(move |tx| {
            Box::pin(
                async move { delivery::take(tx, &channel, &run, most, now, now + LEASE).await },
            )
        })
        .await?;
    crash::point("delivery taken");
    if taken.is_empty() {
        // Another relay has it; there may be nothing left for this one.
        return Ok(Some(now + 50));
    }
    for delivery in taken {
        // There are as many permits as were counted: only this loop takes any for long.
        let slot = slots.clone().acquire_owned().await;
        let (relay, way) = (relay.clone(), way.clone());
        relay.tasks.clone().spawn(async move {
            attempt(&relay, &way, delivery).await;
            drop(slot);
        });
    }
    relay.store.next_delivery(way.name()).await
}

async fn attempt(relay: &Relay, way: &Way, delivery: Delivery) {
    let now = relay.clock.now();
    let sent = tokio::time::timeout(LONGEST, send(way, &delivery, now))
        .await
        .unwrap_or_else(|_| Err(NotDelivered::Yet("it took too long".into())));
    crash::point("delivery sent");
    let settled = match sent {
        Ok(()) => Settled::Sent,
        Err(NotDelivered::Ever(error)) => Settled::Failed(error),
        Err(NotDelivered::Yet(error)) if now >= delivery.created_at.saturating_add(TRIED_FOR) => {
            Settled::Failed(error)
        }
        Err(NotDelivered::Yet(error)) => Settled::Again(now + pause(delivery.attempts), error),
    };
    match &settled {
        Settled::Sent => {
            tracing::info!(
                delivery = delivery.id,
                channel = delivery.channel,
                r#type = delivery.r#type,
                "delivered"
            );
        }
        Settled::Again(_, error) => {
            tracing::warn!(
                delivery = delivery.id,
                channel = delivery.channel,
                error,
                attempts = delivery.attempts,
                "not delivered; trying again"
            );
        }
        Settled::Failed(error) => {
            tracing::error!(
                delivery = delivery.id,
                channel = delivery.channel,
                error,
                "not delivered, and not tried again"
            );
        }
    }
    let stored = relay
        .store
        .write(move |tx| Box::pin(async move { delivery::settle(tx, &delivery, &settled).await }))
        .await;
    if let Err(error) = stored {
        // Its lease ends, and it is sent once more: at least once is what is promised.
        tracing::error!(%error, "what became of a delivery cannot be stored");
    }
}

async fn send(way: &Way, delivery: &Delivery, now: Millis) -> Result<(), NotDelivered> {
    match way {
        Way::Webhook(webhook, client) => {
            let signed = webhook::sign(webhook, &delivery.id, delivery.body.clone(), now);
            client.send(signed).await
        }
        Way::Mail(mailer) => {
            let letter: Letter = serde_json::from_str(&delivery.body)
                .map_err(|_| NotDelivered::Ever("it is no letter".into()))?;
            mailer.send(&delivery.id, &letter).await
        }
    }
}

/// Doubled each time, and somewhere in its second half: what failed together is not tried again together.
fn pause(attempts: i64) -> Millis {
    let doublings = u32::try_from(attempts.saturating_sub(1).clamp(0, 20)).unwrap_or(20);
    let whole = FIRST_PAUSE
        .saturating_mul(1_i64.checked_shl(doublings).unwrap_or(1))
        .min(LONGEST_PAUSE);
    let chance = random::bytes().map_or(u16::MAX, u16::from_be_bytes);
    whole / 2 + whole / 2 * i64::from(chance) / i64::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour_and_differ() {
        for (attempts, whole) in [(1, 5_000), (2, 10_000), (5, 80_000), (40, LONGEST_PAUSE)] {
            for _ in 0..50 {
                let pause = pause(attempts);
                assert!((whole / 2..=whole).contains(&pause), "{attempts}: {pause}");
            }
        }
        assert!(
            (0..50)
                .map(|_| pause(10))
                .collect::<std::collections::BTreeSet<_>>()
                .len()
                > 1
        );
    }
}
