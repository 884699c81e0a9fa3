//! Keeps up with what other relays of the same database have changed.

use std::sync::Arc;
use std::time::Duration;

use crate::relay::Relay;
use crate::store::Sharing;
use crate::wakes::Wake;

/// How often to look where no word came; words can be lost.
const LOOK: Duration = Duration::from_secs(20);

/// Goes on until the relay goes down. A relay that is alone on its database knows of its own changes.
pub fn follow(relay: &Arc<Relay>) {
    if relay.store.sharing() == Sharing::Alone {
        return;
    }
    let relay = relay.clone();
    relay.tasks.clone().spawn(async move {
        let mut pulse = tokio::time::interval(LOOK);
        pulse.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = relay.stopping.cancelled() => return,
                () = relay.wakes.hosts.notified() => {}
                _ = pulse.tick() => {}
            }
            if let Err(error) = relay.hosts.load(&relay.store).await {
                tracing::warn!(%error, "the hosts cannot be read; those that are known stay");
            }
        }
    });
}

/// This relay has changed the hosts: it knows at once, and the others are told.
///
/// # Errors
/// A database that does not answer.
pub async fn changed(relay: &Relay) -> Result<(), sqlx::Error> {
    relay.hosts.load(&relay.store).await?;
    relay.wakes.wake(Wake::Hosts);
    Ok(())
}
