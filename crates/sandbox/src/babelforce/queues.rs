//! Queues and the callbacks put into them.

use serde::Serialize;

use super::calls::{Call, CallState, DEFAULT_OUTBOUND, Source};
use super::{Babelforce, Moment, Rejection, not_found, paging};
use crate::clock;
use crate::exchange::{FieldError, Fields, Reply, Request};
use crate::ids::Ids;
use crate::samespace::is_international;

#[derive(Serialize, Clone)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Queue {
    pub id: &'static str,
    pub name: &'static str,
    max_dial_count: u8,
    /// Seconds.
    pub wrap_up_time: u16,
    default_ring_timeout: u16,
    max_size: u16,
    tags: Vec<&'static str>,
}

pub(super) fn seed() -> Vec<Queue> {
    vec![Queue {
        id: "9f8e7d6c5b4a39281706f5e4d3c2b1a0",
        name: "Support",
        max_dial_count: 1,
        wrap_up_time: 10,
        default_ring_timeout: 20,
        max_size: 100,
        tags: Vec::new(),
    }]
}

/// Where a queued callback shows up: the id is that of a call.
#[derive(Serialize)]
struct Queued<'a> {
    item: QueuedItem<'a>,
    success: bool,
}

#[derive(Serialize)]
struct QueuedItem<'a> {
    id: &'a str,
}

/// A call that waits, as the queue shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WaitingBody<'a> {
    id: &'a str,
    date_created: String,
    last_updated: String,
    state: CallState,
    from: &'a str,
    to: &'a str,
    r#type: &'static str,
    duration: u64,
}

#[derive(Serialize)]
struct WaitingList<'a> {
    queue: &'a Queue,
    items: Vec<WaitingBody<'a>>,
    pagination: paging::Pagination,
    success: bool,
}

impl Babelforce {
    /// The calls that wait in a queue, the one that has waited longest first. Inferred: that a callback which has not
    /// begun is one of them, and that `duration` is how long it has been there.
    pub(super) fn list_queued(&self, id: &str, request: &Request) -> Reply {
        let Some(queue) = self.queues.iter().find(|queue| queue.id == id) else {
            return not_found("queue");
        };
        let waits = |call: &&Call| {
            call.queue_id.as_deref() == Some(id)
                && matches!(call.state, CallState::Queued | CallState::Scheduled)
        };
        let mut calls: Vec<_> = self.calls.iter().filter(waits).collect();
        calls.sort_by_key(|call| call.created);
        let bodies = calls.into_iter().map(|call| WaitingBody {
            id: &call.id,
            date_created: clock::iso(call.created),
            last_updated: clock::iso(call.updated),
            state: call.state,
            from: &call.from,
            to: &call.to,
            r#type: call.direction.word(),
            duration: request.at.saturating_sub(call.created) / 1000,
        });
        let (items, pagination) = paging::cut(bodies.collect(), request);
        let body = WaitingList {
            queue,
            items,
            pagination,
            success: true,
        };
        Reply::json(200, &body)
    }

    pub(super) fn list_queues(&self, request: &Request) -> Reply {
        paging::page(self.queues.clone(), request)
    }

    pub(super) fn get_queue(&self, id: &str) -> Reply {
        match self.queues.iter().find(|queue| queue.id == id) {
            Some(queue) => super::item(queue),
            None => not_found("queue"),
        }
    }

    pub(super) fn queue_callback(
        &mut self,
        id: &str,
        request: &Request,
        moment: &mut Moment,
    ) -> Reply {
        let Some(queue) = self.queues.iter().find(|queue| queue.id == id) else {
            return not_found("queue");
        };
        match read_callback(queue, request, moment.ids) {
            Ok(call) => {
                let id = call.id.clone();
                self.calls.push(call);
                let item = QueuedItem { id: &id };
                Reply::json(
                    200,
                    &Queued {
                        item,
                        success: true,
                    },
                )
            }
            Err(rejection) => rejection.reply(),
        }
    }
}

fn read_callback(queue: &Queue, request: &Request, ids: &mut Ids) -> Result<Call, Rejection> {
    let fields = request.object()?;
    let to = e164(&fields, "to")?;
    let from = optional_e164(&fields, "displayAs")?.unwrap_or(DEFAULT_OUTBOUND.to_owned());
    let mut call = Call::new(ids, from, to, Source::Callback, request.at);
    call.state = CallState::Scheduled;
    call.queue_id = Some(queue.id.to_owned());
    call.session = fields.object("session")?;
    call.auto_record = fields.flag("autoRecord")?.unwrap_or_default();
    Ok(call)
}

/// A required number in E.164 form.
pub(super) fn e164(fields: &Fields, field: &'static str) -> Result<String, FieldError> {
    fields.required_text(field)?;
    optional_e164(fields, field)?.ok_or(FieldError {
        field,
        problem: "is required",
    })
}

/// An optional number in E.164 form. That another form is refused is inferred; the documents only
/// say that numbers are E.164.
pub(super) fn optional_e164(
    fields: &Fields,
    field: &'static str,
) -> Result<Option<String>, FieldError> {
    match fields.text(field)? {
        Some(number) if !is_e164(&number) => Err(FieldError {
            field,
            problem: "must be a number in E.164 form, such as +493012345678",
        }),
        number => Ok(number),
    }
}

pub(crate) fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(is_international)
}
