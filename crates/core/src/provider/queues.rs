//! Queues, and the calls that wait in them.

use crate::error::Error;
use crate::http::{Reply, Request};
use crate::outcome::Outcome;
use crate::provider::page::Page;
use crate::provider::past_calls::Direction;
use crate::secret::Secret;

/// A queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// The platform's id.
    pub id: String,
    /// What people call it.
    pub name: Option<String>,
    /// The most calls that may wait in it.
    pub most: Option<u64>,
}

/// A call that waits in a queue. What the platform does not tell is absent. `Debug` shows no number.
#[derive(Clone, PartialEq, Eq)]
pub struct QueuedCall {
    /// The platform's id.
    pub id: String,
    /// The platform's word for its state; open.
    pub state: Option<String>,
    /// Who began it; `None` for a word that is not known.
    pub direction: Option<Direction>,
    /// The calling number, as the platform writes it.
    pub from: Option<String>,
    /// The called number, as the platform writes it.
    pub to: Option<String>,
    /// Since when it waits (milliseconds since the epoch).
    pub since: Option<u64>,
}

impl std::fmt::Debug for QueuedCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QueuedCall")
            .field("id", &self.id)
            .field("state", &self.state)
            .field("direction", &self.direction)
            .field("since", &self.since)
            .finish_non_exhaustive()
    }
}

/// A platform that tells its queues.
pub trait Queues: Sync {
    /// The request for a page of queues, from 1.
    fn list(&self, page: u32, token: Option<&Secret>) -> Request;

    /// The queues of a page.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_list(&self, page: u32, reply: Reply) -> Result<Page<Queue>, Outcome>;

    /// The request for a queue by its id.
    ///
    /// # Errors
    /// [`Code::InvalidField`](crate::error::Code::InvalidField) for what is no id.
    fn queue(&self, id: &str, token: Option<&Secret>) -> Result<Request, Error>;

    /// The queue.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_queue(&self, reply: Reply) -> Result<Queue, Outcome>;

    /// The request for a page of the calls that wait in a queue, from 1.
    ///
    /// # Errors
    /// As [`Queues::queue`].
    fn calls(&self, queue: &str, page: u32, token: Option<&Secret>) -> Result<Request, Error>;

    /// The calls of a page.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_calls(&self, page: u32, reply: Reply) -> Result<Page<QueuedCall>, Outcome>;
}
