//! How many streams each agent has open here: a browser that opens more and more takes its own oldest away.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::config::AgentId;

/// The most streams of an agent that are open at one relay at the same time.
pub const MOST: usize = 8;

/// The streams that are open at this relay.
#[derive(Debug, Default)]
pub struct OpenStreams(Mutex<HashMap<AgentId, VecDeque<Arc<CancellationToken>>>>);

impl OpenStreams {
    /// One more of this agent. Where there are too many, the oldest one ends.
    pub fn enter(self: &Arc<Self>, agent: &AgentId) -> Entered {
        let ended = Arc::new(CancellationToken::new());
        let mut agents = self.lock();
        let streams = agents.entry(agent.clone()).or_default();
        streams.push_back(ended.clone());
        if streams.len() > MOST
            && let Some(oldest) = streams.pop_front()
        {
            oldest.cancel();
        }
        drop(agents);
        Entered {
            streams: self.clone(),
            agent: agent.clone(),
            ended,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AgentId, VecDeque<Arc<CancellationToken>>>> {
        // Every change is whole by itself, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream that counts until this is dropped.
#[derive(Debug)]
pub struct Entered {
    streams: Arc<OpenStreams>,
    agent: AgentId,
    ended: Arc<CancellationToken>,
}

impl Entered {
    /// Waits until there are too many newer ones.
    pub async fn superseded(&self) {
        self.ended.cancelled().await;
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut agents = self.streams.lock();
        if let Some(streams) = agents.get_mut(&self.agent) {
            streams.retain(|stream| !Arc::ptr_eq(stream, &self.ended));
            if streams.is_empty() {
                agents.remove(&self.agent);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_streams_of_an_agent_the_oldest_ends() {
        let open = Arc::new(OpenStreams::default());
        let alex = AgentId {
            org: "acme".into(),
            sub: "alex".into(),
        };
        let sam = AgentId {
            sub: "sam".into(),
            ..alex.clone()
        };
        let others = open.enter(&sam);
        let mut streams: Vec<Entered> = (0..MOST).map(|_| open.enter(&alex)).collect();
        let is_over = |stream: &Entered| stream.ended.is_cancelled();
        assert!(!streams.iter().any(is_over));
        // One that has ended leaves room.
        streams.pop();
        streams.push(open.enter(&alex));
        assert!(!streams.iter().any(is_over));
        streams.push(open.enter(&alex));
        let over: Vec<bool> = streams.iter().map(is_over).collect();
        assert!(over[0] && !over[1..].contains(&true), "{over:?}");
        assert!(!is_over(&others));
        drop((streams, others));
        assert!(open.lock().is_empty());
    }
}
