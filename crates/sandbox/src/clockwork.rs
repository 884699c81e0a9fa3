//! Does by itself what is due: steps of scripts and calls, ends of wrap-ups, signs of life.

use std::sync::Arc;
use std::time::Duration;

use crate::clock;
use crate::shared::Shared;
use crate::world::Tick;

/// Runs for as long as the sandbox does. Every change may have put something into the timetable.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut changes = shared.changes();
    loop {
        changes.mark_unchanged();
        let now = clock::now();
        let tick = shared.world().tick(now);
        let changed = match tick {
            Tick::Done => {
                shared.changed();
                tokio::task::yield_now().await;
                continue;
            }
            Tick::Idle(None) => changes.changed().await,
            Tick::Idle(Some(at)) => {
                let wait = Duration::from_millis(at.saturating_sub(now));
                tokio::select! {
                    () = tokio::time::sleep(wait) => Ok(()),
                    changed = changes.changed() => changed,
                }
            }
        };
        if changed.is_err() {
            return;
        }
    }
}
