//! Calls of the past, condensed: how long somebody waited and talked, with the names of agent and queue.
//!
//! Inferred: that times are counted from the beginning of the call, and that a call that nobody took has waited until
//! its end.

use serde::Serialize;

use super::calls::{Call, Direction};
use super::{Babelforce, paging};
use crate::clock;
use crate::exchange::{Millis, Reply, Request};

/// A call in the condensed report. Times in seconds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportingCall<'a> {
    id: &'a str,
    session_id: &'a str,
    date_created: String,
    last_updated: String,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_name: Option<&'a str>,
    bridged: bool,
    duration: u64,
    wait_time: u64,
    queue_wait_time: u64,
    bridge_time: u64,
    talk_time: u64,
    hold_time: u64,
    wrapup_time: u64,
    handle_time: u64,
}

impl Babelforce {
    /// The report as a whole, or its part `inbound`, `outbound` or `dialer`. The sandbox has no dialler.
    pub(super) fn report_condensed(&self, part: Option<&str>, request: &Request) -> Reply {
        let calls = match self.reported(request) {
            Ok(calls) => calls,
            Err(rejection) => return rejection.reply(),
        };
        let is_asked_for = |call: &&Call| match part {
            Some("inbound") => call.direction == Direction::Inbound,
            Some("outbound") => call.direction == Direction::Outbound,
            Some(_) => false,
            None => true,
        };
        let calls = calls.into_iter().filter(is_asked_for);
        paging::page(calls.map(|call| self.condensed(call)).collect(), request)
    }

    fn condensed<'a>(&'a self, call: &'a Call) -> ReportingCall<'a> {
        let seconds = |from: Millis, to: Millis| to.saturating_sub(from) / 1_000;
        let end = call.finished.unwrap_or(call.updated);
        let wait = seconds(call.created, call.established.unwrap_or(end));
        let talk = call.established.map_or(0, |at| seconds(at, end));
        let agent = call.agent_id.as_deref().and_then(|id| self.agent(id));
        let mut queues = self.queues.iter();
        let queue = queues.find(|queue| Some(queue.id) == call.queue_id.as_deref());
        ReportingCall {
            id: &call.id,
            session_id: &call.session_id,
            date_created: clock::iso(call.created),
            last_updated: clock::iso(call.updated),
            r#type: match call.direction {
                Direction::Inbound => "inboundCall",
                Direction::Outbound => "outboundCall",
            },
            queue_name: queue.map(|queue| queue.name),
            agent_name: agent.map(|agent| agent.name),
            bridged: call.established.is_some(),
            duration: seconds(call.created, end),
            wait_time: wait,
            queue_wait_time: queue.map_or(0, |_| wait),
            bridge_time: wait,
            talk_time: talk,
            hold_time: 0,
            wrapup_time: 0,
            handle_time: talk,
        }
    }
}
