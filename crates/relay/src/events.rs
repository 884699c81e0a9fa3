//! The agents' event streams.
//!
//! A stream reads the database; a wake only says that there is something to read. So a stream has no gap
//! and no repeat, however and on whichever relay it is resumed.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::Stream;
use futures_util::stream;
use tokio::sync::Notify;

use crate::clock::Millis;
use crate::relay::Relay;
use crate::sessions::{self, Asker};
use crate::store::event::Event;

/// How often a stream looks for itself: a wake from another relay may be lost with that relay.
const LOOK: Duration = Duration::from_secs(30);

struct Reader {
    relay: Arc<Relay>,
    asker: Asker,
    /// Until when the session holds, as far as is known.
    until: Millis,
    woken: Arc<Notify>,
    last: i64,
    page: VecDeque<Event>,
}

/// The agent's events after `last`; ends with the session and what it is renewed to, with the relay, or when the database fails.
pub fn follow(relay: Arc<Relay>, asker: Asker, last: i64) -> impl Stream<Item = Event> {
    let woken = relay.wakes.of_agent(&asker.agent.id);
    let reader = Reader {
        until: asker.session.expires_at,
        relay,
        asker,
        woken,
        last,
        page: VecDeque::new(),
    };
    stream::unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        Some((event, reader))
    })
}

impl Reader {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.page.pop_front() {
                self.last = event.id;
                return Some(event);
            }
            let woken = self.woken.clone();
            let woken = woken.notified();
            tokio::pin!(woken);
            // Before it reads: what happens from here on wakes it.
            woken.as_mut().enable();
            let events = self
                .relay
                .store
                .events_after(&self.asker.agent.id, self.last);
            // Boxed for as long as it reads: what a stream keeps while it waits is there thousands of times.
            match Box::pin(events).await {
                Ok(events) => self.page = events.into(),
                Err(error) => {
                    tracing::error!(%error, "events cannot be read");
                    return None;
                }
            }
            if !self.page.is_empty() {
                continue;
            }
            let left = self.until.saturating_sub(self.relay.clock.now());
            let left = Duration::from_millis(u64::try_from(left).unwrap_or(0));
            tokio::select! {
                () = self.relay.stopping.cancelled() => return None,
                () = tokio::time::sleep(left.min(LOOK)) => {}
                () = woken => {}
            }
            // The session may have ended: closed or revoked, here or at another relay. Renewed, it goes on.
            self.until = Box::pin(sessions::holds_until(&self.relay, &self.asker.session)).await?;
        }
    }
}
