//! What happens to an agent's calls, as a stream that can be resumed.
//!
//! The database is the source, the broadcast only says that there is something to read. So a stream has no gap
//! and no repeat, however it is resumed.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::Stream;
use futures_util::stream;
use tokio::sync::broadcast;

use crate::config::AgentId;
use crate::random::Hash;
use crate::relay::Relay;
use crate::sessions::Asker;
use crate::store::event::Event;

/// Says that something happened.
#[derive(Debug, Clone)]
pub enum Wake {
    /// There is a new event for this agent.
    Event(AgentId),
    /// The session with this hash was ended.
    SessionEnded(Hash),
}

struct Reader {
    relay: Arc<Relay>,
    asker: Asker,
    wakes: broadcast::Receiver<Wake>,
    last: i64,
    page: VecDeque<Event>,
}

/// The agent's events after `last`; ends with the session, with the relay, or when the database fails.
pub fn follow(relay: Arc<Relay>, asker: Asker, last: i64) -> impl Stream<Item = Event> {
    // Subscribed before the first read: what happens in between wakes the next one.
    let wakes = relay.wakes.subscribe();
    let reader = Reader {
        relay,
        asker,
        wakes,
        last,
        page: VecDeque::new(),
    };
    stream::unfold(reader, |mut reader| async move {
        loop {
            if let Some(event) = reader.page.pop_front() {
                reader.last = event.id;
                return Some((event, reader));
            }
            match reader
                .relay
                .store
                .events_after(&reader.asker.agent.id, reader.last)
                .await
            {
                Ok(events) => reader.page = events.into(),
                Err(error) => {
                    tracing::error!(%error, "events cannot be read");
                    return None;
                }
            }
            if reader.page.is_empty() && !reader.wait().await {
                return None;
            }
        }
    })
}

impl Reader {
    /// Waits for something to read; `false` if the stream is over.
    async fn wait(&mut self) -> bool {
        let left = self
            .asker
            .session
            .expires_at
            .saturating_sub(self.relay.clock.now());
        let over = tokio::time::sleep(Duration::from_millis(u64::try_from(left).unwrap_or(0)));
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = self.relay.stopping.cancelled() => return false,
                () = &mut over => return false,
                wake = self.wakes.recv() => match wake {
                    Ok(Wake::Event(agent)) if agent == self.asker.agent.id => return true,
                    Ok(Wake::SessionEnded(hash)) if hash == self.asker.session.hash => return false,
                    Ok(_) => {}
                    // Some were missed; reading finds out whether one was ours. A session that ended in the
                    // meantime ends the stream by its own time at the latest.
                    Err(broadcast::error::RecvError::Lagged(_)) => return true,
                    Err(broadcast::error::RecvError::Closed) => return false,
                },
            }
        }
    }
}
