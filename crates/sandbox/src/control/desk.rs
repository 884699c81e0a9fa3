//! Playing the other side of the Agent API: who rings, who answers, and streams that misbehave.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Control, Refusal, at_babelforce, done, json, read};
use crate::babelforce::{
    Act, Babelforce, Call, CallScript, Direction, Moment, NotNow, Push, SERVICE_NUMBERS,
    ScriptList, Source, StreamAct, is_e164,
};
use crate::settings::present;

/// A call that rings an agent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ring {
    #[serde(default)]
    kind: Kind,
    /// The customer's number; `null` for one that is withheld.
    #[serde(default, deserialize_with = "present")]
    number: Option<Option<String>>,
    /// The service number that was called, or that the customer of a callback will see.
    service_number: Option<String>,
    /// The name of the queue it came out of; `null` for none.
    #[serde(default, deserialize_with = "present")]
    queue: Option<Option<String>>,
    session: Option<Box<RawValue>>,
    #[serde(default)]
    record: bool,
    /// What people do with it.
    script: Option<CallScript>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    Inbound,
    /// A customer who asked to be called: the agent answers, then the customer is called.
    Callback,
}

#[derive(Serialize)]
struct Rung {
    id: String,
}

fn agent_id(babelforce: &Babelforce, id: &str) -> Result<&'static str, Refusal> {
    let agent = babelforce.agent(id);
    Ok(agent.ok_or(Refusal::Unknown("agent"))?.id)
}

/// Rings an agent. One who cannot be reached is not rung: the call fails at once, as it would.
pub(super) async fn ring(
    State(shared): Control,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let mut wish: Ring = read(&body)?;
    let rung = at_babelforce(&shared, |babelforce, moment| {
        let agent = agent_id(babelforce, &id)?;
        let script = wish.script.take();
        let call = call_for(babelforce, agent, wish, moment)?;
        let id = call.id.clone();
        babelforce.offer(call, moment);
        if let Some(script) = script {
            babelforce.follow(&id, script, moment);
        }
        Ok(Rung { id })
    })?;
    shared.changed();
    Ok(json(&rung))
}

fn call_for(
    babelforce: &Babelforce,
    agent: &'static str,
    wish: Ring,
    moment: &mut Moment,
) -> Result<Call, Refusal> {
    let bad = |text: &str| Refusal::BadBody(text.to_owned());
    let number = match wish.number {
        None => "+4915228817386".to_owned(),
        Some(None) => String::new(),
        Some(Some(number)) if is_e164(&number) => number,
        Some(Some(_)) => return Err(bad("number: must be in E.164 form")),
    };
    if let (Kind::Callback, true) = (wish.kind, number.is_empty()) {
        return Err(bad("number: a callback needs one"));
    }
    let service = wish.service_number.unwrap_or(SERVICE_NUMBERS[0].to_owned());
    let queue_id = match wish.queue {
        // As a rule a call comes out of a queue.
        None => babelforce.queues.first().map(|queue| queue.id),
        Some(None) => None,
        Some(Some(name)) => {
            let queue = babelforce.queues.iter().find(|queue| queue.name == name);
            Some(queue.ok_or(Refusal::Unknown("queue"))?.id)
        }
    };
    let session = wish.session;
    if session
        .as_ref()
        .is_some_and(|session| !session.get().starts_with('{'))
    {
        return Err(bad("session: must be an object"));
    }
    let (ids, at) = (&mut *moment.ids, moment.at);
    let mut call = match wish.kind {
        Kind::Inbound => Call::new(ids, number, service, Source::Queue, at),
        Kind::Callback => Call::new(ids, service, number, Source::Callback, at),
    };
    if let Kind::Inbound = wish.kind {
        call.direction = Direction::Inbound;
    }
    call.agent_id = Some(agent.to_owned());
    call.queue_id = queue_id.map(str::to_owned);
    call.session = session;
    call.auto_record = wish.record;
    Ok(call)
}

/// Somebody does something with their telephone.
pub(super) async fn act(
    State(shared): Control,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let act: Act = read(&body)?;
    at_babelforce(&shared, |babelforce, moment| {
        babelforce.call(&id).ok_or(Refusal::Unknown("call"))?;
        babelforce.act(&id, act, moment).map_err(|NotNow(state)| {
            let state = serde_json::to_string(&state).unwrap_or_default();
            Refusal::NotNow(format!("the call is {state}"))
        })
    })?;
    Ok(done(&shared))
}

pub(super) async fn set_call_script(
    State(shared): Control,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let script: CallScript = read(&body)?;
    at_babelforce(&shared, |babelforce, moment| {
        babelforce.call(&id).ok_or(Refusal::Unknown("call"))?;
        babelforce.follow(&id, script, moment);
        Ok(())
    })?;
    Ok(done(&shared))
}

/// What a member of a conference can do whose call has no agent here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberAct {
    r#do: MemberDeed,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum MemberDeed {
    HangUp,
}

pub(super) async fn member_act(
    State(shared): Control,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let MemberAct {
        r#do: MemberDeed::HangUp,
    } = read(&body)?;
    at_babelforce(&shared, |babelforce, moment| {
        if babelforce.member_hangs_up(&id, moment) {
            Ok(())
        } else {
            Err(Refusal::Unknown("member in a conference"))
        }
    })?;
    Ok(done(&shared))
}

pub(super) async fn scripts(State(shared): Control) -> Response {
    json(&Scripts {
        scripts: &shared.world().babelforce.scripts,
    })
}

#[derive(Serialize)]
struct Scripts<'a, T> {
    scripts: &'a [T],
}

pub(super) async fn set_scripts(State(shared): Control, body: Bytes) -> Result<Response, Refusal> {
    let list: ScriptList = read(&body)?;
    let set = at_babelforce(&shared, |babelforce, _| babelforce.set_scripts(list));
    set.map_err(Refusal::BadBody)?;
    shared.changed();
    Ok(scripts(State(shared)).await)
}

pub(super) async fn clear_scripts(State(shared): Control) -> StatusCode {
    shared.world().babelforce.scripts.clear();
    shared.changed();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Disturbance {
    action: StreamAct,
}

pub(super) async fn disturb_stream(
    State(shared): Control,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let Disturbance { action } = read(&body)?;
    at_babelforce(&shared, |babelforce, _| {
        let agent = agent_id(babelforce, &id)?;
        let disturbed = babelforce.disturb(agent, action);
        disturbed.map_err(|()| Refusal::NotNow("the agent has no stream open".to_owned()))
    })?;
    Ok(done(&shared))
}

pub(super) async fn push(
    State(shared): Control,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let push: Push = read(&body)?;
    at_babelforce(&shared, |babelforce, moment| {
        let agent = agent_id(babelforce, &id)?;
        babelforce.push(agent, push, moment);
        Ok(())
    })?;
    Ok(done(&shared))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IncomingSms {
    from: String,
    text: String,
}

pub(super) async fn receive_sms(
    State(shared): Control,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let IncomingSms { from, text } = read(&body)?;
    at_babelforce(&shared, |babelforce, moment| {
        let agent = agent_id(babelforce, &id)?;
        babelforce.receive_sms(agent, from, text, moment);
        Ok(())
    })?;
    Ok(done(&shared))
}

/// Ends the access tokens of one agent.
pub(super) async fn expire_tokens(
    State(shared): Control,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    at_babelforce(&shared, |babelforce, _| {
        let agent = agent_id(babelforce, &id)?;
        babelforce.tokens.expire_of(agent);
        Ok(())
    })?;
    Ok(done(&shared).into_response())
}
