//! Calls of the past, and of now: the detailed call report.
//!
//! Inferred: that the newest comes first; that a number is matched by its digits and in part ("E.164 or fragment", as
//! the vendor's own client has it); and that what is no time is refused.

use serde::Serialize;

use super::calls::{Call, word};
use super::{Babelforce, Rejection, paging};
use crate::exchange::{FieldError, Millis, Reply, Request};

/// What is asked for. Every filter may come under `filters.` too, and more than once: then one of its values is enough.
struct Filters<'a>(&'a Request);

impl Filters<'_> {
    fn values(&self, name: &str) -> Vec<String> {
        let prefixed = format!("filters.{name}");
        let query = self.0.query.iter();
        query
            .filter(|(key, value)| !value.is_empty() && (key == &prefixed || key == name))
            .flat_map(|(_, value)| spelled(value))
            .collect()
    }

    fn are_met(&self, name: &str, fits: impl Fn(&str) -> bool) -> bool {
        let values = self.values(name);
        values.is_empty() || values.iter().any(|value| fits(value))
    }

    fn keep(&self, name: &str, is: Option<&str>) -> bool {
        self.are_met(name, |value| is == Some(value))
    }

    fn keep_id(&self, name: &str, is: Option<&str>) -> bool {
        self.are_met(name, |value| is == crate::ids::from_body(value).as_deref())
    }

    fn keep_word(&self, name: &str, is: &impl Serialize) -> bool {
        self.keep(name, word(is).as_deref())
    }

    /// `from` has the alias `fromNumber`.
    fn keep_number(&self, name: &str, is: &str) -> bool {
        let fits = |wanted: &str| digits(is).contains(&digits(wanted));
        self.are_met(name, fits) && self.are_met(&format!("{name}Number"), fits)
    }

    /// A time in seconds.
    fn seconds(&self, name: &'static str) -> Result<Option<Millis>, FieldError> {
        let problem = "must be a Unix timestamp in seconds";
        self.values(name)
            .first()
            .map(|value| value.parse::<Millis>())
            .transpose()
            .map_err(|_| FieldError {
                field: name,
                problem,
            })
    }
}

/// A value, or several: the vendor's own client writes some of them as JSON.
fn spelled(value: &str) -> Vec<String> {
    let one = serde_json::from_str(value).map(|one| vec![one]);
    one.or_else(|_| serde_json::from_str(value))
        .unwrap_or_else(|_| vec![value.to_owned()])
}

fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

impl Babelforce {
    pub(super) fn report_calls(&self, request: &Request) -> Reply {
        match self.reported(request) {
            Ok(calls) => {
                let host = request.host();
                let bodies = calls.into_iter().map(|call| self.call_body(call, host));
                paging::page(bodies.collect(), request)
            }
            Err(rejection) => rejection.reply(),
        }
    }

    /// The calls that a report is asked for, the newest first.
    pub(super) fn reported(&self, request: &Request) -> Result<Vec<&Call>, Rejection> {
        let filters = Filters(request);
        let (since, until) = (filters.seconds("time.start")?, filters.seconds("time.end")?);
        let fits = |call: &&Call| {
            let second = call.created / 1_000;
            since.is_none_or(|since| second >= since)
                && until.is_none_or(|until| second <= until)
                && filters.keep_id("id", Some(&call.id))
                && filters.keep_id("parentId", None)
                && filters.keep_id("sessionId", Some(&call.session_id))
                && filters.keep_id("conversationId", Some(&call.conversation_id))
                && filters.keep_id("agentId", call.agent_id.as_deref())
                && filters.keep("type", Some(call.direction.word()))
                && filters.keep("domain", Some(self.domain(call)))
                && filters.keep_word("state", &call.state)
                && filters.keep_word("source", &call.source)
                && filters.keep_word("finishReason", &call.finish_reason)
                && filters.keep_number("from", &call.from)
                && filters.keep_number("to", &call.to)
                && filters.are_met("anonymous", |value| value != "true" || call.from.is_empty())
                && filters.are_met("q", |text| self.mentions(call, text))
        };
        Ok(self.calls.iter().rev().filter(fits).collect())
    }

    /// Numbers, the names of agent and queue, and the ids of session and conversation.
    fn mentions(&self, call: &Call, text: &str) -> bool {
        let text = text.to_lowercase();
        let agent = call.agent_id.as_deref().and_then(|id| self.agent(id));
        let queue = self
            .queues
            .iter()
            .find(|queue| Some(queue.id) == call.queue_id.as_deref());
        [
            call.from.as_str(),
            &call.to,
            &call.session_id,
            &call.conversation_id,
            agent.map_or("", |agent| agent.name),
            queue.map_or("", |queue| queue.name),
        ]
        .iter()
        .any(|said| said.to_lowercase().contains(&text))
    }
}
