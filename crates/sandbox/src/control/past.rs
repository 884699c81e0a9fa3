//! Calls that are over, made up for tests and demonstrations.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::{Control, Refusal, at_babelforce, json, read};
use crate::babelforce::{
    Babelforce, Call, CallState, Direction, FinishReason, Kept, Moment, SERVICE_NUMBERS, Source,
    is_e164,
};

/// A call that was made up.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Past {
    direction: Direction,
    /// The other side; empty for a withheld number.
    number: String,
    service_number: Option<String>,
    /// The id of the agent who talked, or was to.
    agent: Option<String>,
    /// The name of the queue it came through.
    queue: Option<String>,
    /// How many minutes ago it began.
    minutes_ago: u64,
    /// For how many seconds it rang.
    #[serde(default = "usual_ringing")]
    rang: u64,
    /// For how many seconds both talked; 0 for a call that nobody answered.
    #[serde(default)]
    talked: u64,
    /// `completed` where both talked, else `no-answer`.
    state: Option<CallState>,
    finish_reason: Option<FinishReason>,
    #[serde(default)]
    recorded: bool,
}

const fn usual_ringing() -> u64 {
    8
}

#[derive(Serialize)]
struct Made {
    ids: Vec<String>,
}

/// Adds calls of the past, the newest of all last.
pub(super) async fn add(State(shared): Control, body: Bytes) -> Result<Response, Refusal> {
    let mut all: Vec<Past> = read(&body)?;
    all.sort_by_key(|past| std::cmp::Reverse(past.minutes_ago));
    let made = at_babelforce(&shared, |babelforce, moment| {
        let calls: Vec<Call> = all
            .into_iter()
            .map(|past| make(babelforce, past, moment))
            .collect::<Result<_, Refusal>>()?;
        let ids = calls.iter().map(|call| call.id.clone()).collect();
        babelforce.calls.extend(calls);
        babelforce.calls.sort_by_key(|call| call.created);
        Ok(Made { ids })
    })?;
    shared.changed();
    Ok(json(&made))
}

fn make(babelforce: &Babelforce, past: Past, moment: &mut Moment) -> Result<Call, Refusal> {
    if !past.number.is_empty() && !is_e164(&past.number) {
        return Err(Refusal::BadBody("number: must be in E.164 form".to_owned()));
    }
    let service = past.service_number.unwrap_or(SERVICE_NUMBERS[0].to_owned());
    let (from, to, source) = match past.direction {
        Direction::Inbound => (past.number, service, Source::Queue),
        Direction::Outbound => (service, past.number, Source::Api),
    };
    let began = moment.at.saturating_sub(past.minutes_ago * 60_000);
    let mut call = Call::new(moment.ids, from, to, source, began);
    call.direction = past.direction;
    if let Some(agent) = past.agent {
        call.agent_id = Some(
            babelforce
                .agent(&agent)
                .ok_or(Refusal::Unknown("agent"))?
                .id
                .to_owned(),
        );
    }
    if let Some(name) = past.queue {
        let queue = babelforce.queues.iter().find(|queue| queue.name == name);
        call.queue_id = Some(queue.ok_or(Refusal::Unknown("queue"))?.id.to_owned());
    }
    let answered = began + past.rang * 1_000;
    let over = answered + past.talked * 1_000;
    let usual = if past.talked > 0 {
        CallState::Completed
    } else {
        CallState::NoAnswer
    };
    let state = past.state.unwrap_or(usual);
    if !state.is_final() {
        return Err(Refusal::BadBody(
            "state: the call has to be over".to_owned(),
        ));
    }
    if past.talked > 0 {
        call.enter(CallState::Bridged, None, answered);
    }
    call.enter(state, past.finish_reason, over);
    if past.recorded {
        let mut kept = Kept::new(moment.ids, answered);
        kept.end(over);
        call.recorded = true;
        call.recordings.push(kept);
    }
    Ok(call)
}
