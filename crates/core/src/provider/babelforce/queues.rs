//! Queues of the Manager API, and the calls in them.
//!
//! Inferred: that a call waits since it was created. Not every call says so.

use serde_json::Value;

use super::id::Id;
use super::opening::{item, text};
use super::{Babelforce, paging};
use crate::error::Error;
use crate::http::{Reply, Request};
use crate::outcome::Outcome;
use crate::provider::page::Page;
use crate::provider::past_calls::Direction;
use crate::provider::queues::{Queue, QueuedCall, Queues};
use crate::provider::time;
use crate::secret::Secret;

impl Queues for Babelforce {
    fn list(&self, page: u32, token: Option<&Secret>) -> Request {
        self.page_of("queues", page, token)
    }

    fn read_list(&self, page: u32, reply: Reply) -> Result<Page<Queue>, Outcome> {
        paging::read(page, reply, queue)
    }

    fn queue(&self, id: &str, token: Option<&Secret>) -> Result<Request, Error> {
        Ok(self.one_of("queues", &Id::parse(id)?, "", token))
    }

    fn read_queue(&self, reply: Reply) -> Result<Queue, Outcome> {
        item(reply, queue)
    }

    fn calls(&self, queue: &str, page: u32, token: Option<&Secret>) -> Result<Request, Error> {
        let below = format!("/calls?page={page}&max={}", paging::LARGEST);
        Ok(self.one_of("queues", &Id::parse(queue)?, &below, token))
    }

    fn read_calls(&self, page: u32, reply: Reply) -> Result<Page<QueuedCall>, Outcome> {
        paging::read(page, reply, queued_call)
    }
}

fn queue(item: &Value) -> Option<Queue> {
    Some(Queue {
        id: text(item, "id")?,
        name: text(item, "name"),
        most: item.get("maxSize").and_then(Value::as_u64),
    })
}

fn queued_call(item: &Value) -> Option<QueuedCall> {
    Some(QueuedCall {
        id: text(item, "id")?,
        state: text(item, "state"),
        direction: direction(item),
        from: text(item, "from"),
        to: text(item, "to"),
        since: text(item, "dateCreated").and_then(|at| time::read(&at)),
    })
}

/// Who began a call.
pub(super) fn direction(call: &Value) -> Option<Direction> {
    match call.get("type")?.as_str()? {
        "inbound" => Some(Direction::Inbound),
        "outbound" => Some(Direction::Outbound),
        _ => None,
    }
}
