//! Calls of the past: the Manager API's call reporting.
//!
//! Inferred, because the document does not say: that the time asked for is when a call was created; that a number is
//! asked for by its digits alone (the document's only example has no `+`); which states mean that somebody was
//! missed; and that `bridged` itself is the agent where it has no `agent` of its own (the document's example has it
//! so). The document calls `duration` the total, its example gives the time that was talked: so the dates count,
//! where there are any.

use serde_json::Value;

use super::id::Id;
use super::{Babelforce, paging};
use crate::error::Error;
use crate::http::{Reply, Request};
use crate::outcome::Outcome;
use crate::provider::page::Page;
use crate::provider::past_calls::{
    Asked, Direction, End, Named, PastCall, PastCalls, Recorded, With,
};
use crate::provider::time;
use crate::secret::Secret;

impl PastCalls for Babelforce {
    fn ask(&self, asked: &Asked, page: u32, token: Option<&Secret>) -> Result<Request, Error> {
        // In seconds. The document includes the last one, the vendor's client does not; what is too much is left out
        // when it is read.
        let (since, until) = (asked.since / 1_000, asked.until.div_ceil(1_000));
        let size = asked.size.clamp(1, paging::LARGEST);
        let mut query = format!("page={page}&max={size}&time.start={since}&time.end={until}");
        match &asked.with {
            None => {}
            Some(With::From(number)) => {
                query.push_str(&format!("&from={}", digits(number.as_e164())))
            }
            Some(With::To(number)) => query.push_str(&format!("&to={}", digits(number.as_e164()))),
        }
        let url = self
            .environment
            .url(&format!("/api/v2/calls/reporting?{query}"));
        Ok(self.request(Request::get(url), token))
    }

    fn read(&self, asked: &Asked, page: u32, reply: Reply) -> Result<Page<PastCall>, Outcome> {
        let mut page = paging::read(page, reply, past_call)?;
        // A filter that a platform overlooks would show the calls of somebody else.
        page.items.retain(|call| fits(asked, call));
        Ok(page)
    }
}

/// A number's digits.
fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// Whether a call is one of those that were asked for, as far as it tells.
fn fits(asked: &Asked, call: &PastCall) -> bool {
    let same = |told: &Option<String>, number: &str| {
        told.as_ref()
            .is_some_and(|told| digits(told) == digits(number))
    };
    let with = match &asked.with {
        None => true,
        Some(With::From(number)) => same(&call.from, number.as_e164()),
        Some(With::To(number)) => same(&call.to, number.as_e164()),
    };
    with && call
        .started
        .is_none_or(|at| (asked.since..asked.until).contains(&at))
}

/// One call; `None` for what has no id.
pub(super) fn past_call(item: &Value) -> Option<PastCall> {
    let at = |name: &str| time::read(item.get(name)?.as_str()?);
    let (created, established, finished) =
        (at("dateCreated"), at("dateEstablished"), at("dateFinished"));
    let seconds = |until: Option<u64>| Some(until?.checked_sub(created?)? / 1_000);
    Some(PastCall {
        id: id(item, "id")?,
        direction: match text(item, "type").as_deref() {
            Some("inbound") => Some(Direction::Inbound),
            Some("outbound") => Some(Direction::Outbound),
            _ => None,
        },
        from: text(item, "from"),
        to: text(item, "to"),
        agent: item.get("bridged").and_then(agent),
        team: item
            .get("bridged")
            .and_then(|bridged| named(bridged, "queueId", "queueName")),
        started: created,
        answered_after: seconds(established),
        duration: seconds(finished).or_else(|| item.get("duration")?.as_u64()),
        end: end(item, established.is_some()),
        recordings: recordings(item),
    })
}

/// A text that says something.
pub(super) fn text(item: &Value, name: &str) -> Option<String> {
    item.get(name)?
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// An id in the form of the wire; as it came where it has another form.
pub(super) fn id(item: &Value, name: &str) -> Option<String> {
    let told = text(item, name)?;
    Some(Id::parse(&told).map_or(told, |id| id.as_str().to_owned()))
}

fn agent(bridged: &Value) -> Option<Named> {
    let inner = bridged
        .get("agent")
        .and_then(|agent| named(agent, "id", "name"));
    inner.or_else(|| named(bridged, "id", "name"))
}

fn named(of: &Value, id_name: &str, name: &str) -> Option<Named> {
    let named = Named {
        id: id(of, id_name),
        name: text(of, name),
    };
    (named != Named::default()).then_some(named)
}

/// How it ended, by state and finish reason. That it never connected where it has no date for that is documented.
fn end(item: &Value, connected: bool) -> End {
    let state = text(item, "state").unwrap_or_default();
    let reason = || text(item, "finishReason").unwrap_or_else(|| state.clone());
    match &*state {
        "init" | "scheduled" | "queued" | "ringing" | "in-progress" | "bridged" => End::Open,
        "completed" if connected || item.get("bridged").is_some_and(Value::is_object) => {
            End::Talked
        }
        "completed" => End::Missed(reason()),
        "busy" | "no-answer" | "canceled" | "purged" => End::Missed(state),
        "failed" => match &*reason() {
            missed @ ("busy" | "declined" | "no-answer" | "timeout" | "canceled") => {
                End::Missed(missed.to_owned())
            }
            failed => End::Failed(failed.to_owned()),
        },
        _ => End::Other(state),
    }
}

fn recordings(item: &Value) -> Vec<Recorded> {
    let all = item.get("recordings").and_then(Value::as_array);
    let recorded = |one: &Value| {
        Some(Recorded {
            id: id(one, "id")?,
            duration: one.get("duration").and_then(Value::as_u64),
        })
    };
    all.into_iter().flatten().filter_map(recorded).collect()
}
