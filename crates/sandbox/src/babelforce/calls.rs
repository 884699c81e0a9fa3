//! Calls and their life.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::agents::Device;
use super::babelconnect::Recording;
use super::queues::{e164, optional_e164};
use super::recordings::{Kept, RecordingBody};
use super::{Babelforce, Item, Moment, Rejection, error, not_found};
use crate::clock;
use crate::exchange::{FieldError, Millis, Reply, Request};
use crate::ids::{self, Ids};

/// The account's default outbound number, shown to a customer where the request names none.
pub(super) const DEFAULT_OUTBOUND: &str = "+493012345600";

/// The account's service numbers: what an agent may show to a customer.
pub(crate) const SERVICE_NUMBERS: [&str; 2] = [DEFAULT_OUTBOUND, "+442079460100"];

/// babelforce's call states, as they are written on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CallState {
    Init,
    Scheduled,
    Ringing,
    InProgress,
    Queued,
    Bridged,
    Canceled,
    Busy,
    NoAnswer,
    Purged,
    Completed,
    Failed,
}

impl CallState {
    /// Inferred: after these nothing more happens.
    pub fn is_final(self) -> bool {
        match self {
            Self::Canceled | Self::Busy | Self::NoAnswer => true,
            Self::Purged | Self::Completed | Self::Failed => true,
            Self::Init | Self::Scheduled | Self::Ringing => false,
            Self::InProgress | Self::Queued | Self::Bridged => false,
        }
    }

    /// The agent and the other side are in it, or about to be.
    pub fn is_connected(self) -> bool {
        matches!(self, Self::InProgress | Self::Bridged)
    }

    /// Waiting for its turn, so that it can be cancelled: a callback, or a queued outbound call.
    fn is_pending(self) -> bool {
        matches!(self, Self::Init | Self::Scheduled | Self::Queued)
    }

    /// The next state of a call in which everybody answers.
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Init | Self::Scheduled | Self::Queued => Some(Self::Ringing),
            Self::Ringing => Some(Self::InProgress),
            Self::InProgress => Some(Self::Bridged),
            Self::Bridged => Some(Self::Completed),
            _ => None,
        }
    }

    /// Why a call ended when nobody said so.
    fn usual_reason(self) -> FinishReason {
        match self {
            Self::Completed => FinishReason::Hangup,
            Self::Canceled => FinishReason::Canceled,
            Self::Busy => FinishReason::Busy,
            Self::NoAnswer => FinishReason::NoAnswer,
            Self::Failed => FinishReason::Failed,
            _ => FinishReason::Unknown,
        }
    }
}

/// Why a call ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FinishReason {
    Unknown,
    Hangup,
    PassiveHangup,
    SystemHangup,
    Failed,
    Timeout,
    Unreachable,
    Busy,
    Declined,
    Canceled,
    Transferred,
    NetworkUnreachable,
    UnallocatedNumber,
    InvalidNumber,
    NoAnswer,
    Dropped,
}

/// What started a call, in the words of the Manager API.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Source {
    Api,
    Webrtc,
    Queue,
    Transfer,
    Conference,
    /// A callback comes out of a queue; only the Agent API has a word for it.
    #[serde(rename = "queue")]
    Callback,
}

/// Who called whom, seen from the agent.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    Inbound,
    Outbound,
}

impl Direction {
    pub fn word(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }
}

/// A blind transfer under way: the other side is parked until the target answers.
#[derive(Clone, Serialize)]
pub(crate) struct PendingTransfer {
    /// The call that rings the target.
    pub leg: String,
    /// Whether the other side was on hold before.
    pub was_held: bool,
}

/// One call: the leg of one agent and whoever is at the other end. Without an agent it is the leg
/// of somebody who was invited to a conference or is called by a transfer. Both APIs show the
/// same calls; the agent desk also shows what neither does.
#[derive(Clone, Serialize)]
pub(crate) struct Call {
    pub id: String,
    pub session_id: String,
    pub conversation_id: String,
    pub agent_id: Option<String>,
    pub queue_id: Option<String>,
    pub direction: Direction,
    pub state: CallState,
    pub finish_reason: Option<FinishReason>,
    /// The caller; empty where the number is withheld. The number a customer sees, in an outbound
    /// call.
    pub from: String,
    pub to: String,
    /// The number the agent sees, where it is not `to`.
    pub display_as_from: Option<String>,
    pub source: Source,
    /// Where the agent's leg rings.
    pub device: Device,
    /// Record from the moment it is bridged.
    pub auto_record: bool,
    pub held: bool,
    pub muted: bool,
    /// Everything that was or is recorded of it.
    pub recordings: Vec<Kept>,
    /// The active recording.
    pub recording: Option<Recording>,
    /// Whether there has been a recording at all.
    pub recorded: bool,
    /// Every digit the agent has sent.
    pub digits: String,
    /// When the last of them has been played.
    #[serde(skip)]
    pub digits_until: Millis,
    /// The sign-in whose window answered it with an SDP and so holds the agent's audio.
    #[serde(skip)]
    pub window: Option<u64>,
    pub transfer: Option<PendingTransfer>,
    /// Variables that were set for later steps of its flow.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, Box<RawValue>>,
    /// The caller's payload, as received.
    pub session: Option<Box<RawValue>>,
    pub created: Millis,
    pub updated: Millis,
    pub established: Option<Millis>,
    pub finished: Option<Millis>,
}

impl Call {
    pub fn new(ids: &mut Ids, from: String, to: String, source: Source, at: Millis) -> Self {
        Self {
            id: ids.hex(),
            session_id: ids.hex(),
            conversation_id: ids.hex(),
            agent_id: None,
            queue_id: None,
            direction: Direction::Outbound,
            state: CallState::Init,
            finish_reason: None,
            from,
            to,
            display_as_from: None,
            source,
            device: Device::Phone,
            auto_record: false,
            held: false,
            muted: false,
            recordings: Vec::new(),
            recording: None,
            recorded: false,
            digits: String::new(),
            digits_until: 0,
            window: None,
            transfer: None,
            variables: BTreeMap::new(),
            session: None,
            created: at,
            updated: at,
            established: None,
            finished: None,
        }
    }

    pub fn is_of(&self, agent: &str) -> bool {
        self.agent_id.as_deref() == Some(agent)
    }

    /// The number at the other end.
    pub fn far_number(&self) -> &str {
        match self.direction {
            Direction::Inbound => &self.from,
            Direction::Outbound => &self.to,
        }
    }

    /// Offered to its agent, who has to answer it: everything but what the agent dialled.
    pub fn is_offer(&self) -> bool {
        self.direction == Direction::Inbound || self.source == Source::Callback
    }

    /// Moves the call to `state`. Going back from an end, which a test may ask for, makes the call
    /// live again.
    pub fn enter(&mut self, state: CallState, reason: Option<FinishReason>, at: Millis) {
        self.state = state;
        self.updated = at;
        if state == CallState::Bridged {
            self.established.get_or_insert(at);
        }
        if state.is_final() {
            self.finished = Some(at);
            self.finish_reason = Some(reason.unwrap_or(state.usual_reason()));
        } else {
            self.finished = None;
            self.finish_reason = reason;
        }
    }
}

/// A call as the API shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CallBody<'a> {
    id: &'a str,
    session_id: &'a str,
    conversation_id: &'a str,
    date_created: String,
    last_updated: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_established: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_finished: Option<String>,
    state: CallState,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<FinishReason>,
    r#type: &'static str,
    from: &'a str,
    to: &'a str,
    source: Source,
    domain: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
    anonymous: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    recordings: Vec<RecordingBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bridged: Option<Bridged<'a>>,
}

/// Only for a call from a queue: the schema asks for the queue.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bridged<'a> {
    id: &'a str,
    name: &'a str,
    number: &'a str,
    queue_id: &'a str,
    queue_name: &'a str,
}

impl Babelforce {
    /// `host` is where the sandbox was asked.
    pub(super) fn call_body<'a>(&'a self, call: &'a Call, host: &str) -> CallBody<'a> {
        let end = call.finished.unwrap_or(call.updated);
        CallBody {
            id: &call.id,
            session_id: &call.session_id,
            conversation_id: &call.conversation_id,
            date_created: clock::iso(call.created),
            last_updated: clock::iso(call.updated),
            date_established: call.established.map(clock::iso),
            date_finished: call.finished.map(clock::iso),
            state: call.state,
            finish_reason: call.finish_reason,
            r#type: call.direction.word(),
            from: &call.from,
            to: &call.to,
            source: call.source,
            domain: self.domain(call),
            duration: call
                .established
                .map(|start| end.saturating_sub(start) / 1000),
            anonymous: call.from.is_empty(),
            recordings: self.recordings_of(call, host),
            bridged: self.bridged(call),
        }
    }

    fn bridged<'a>(&'a self, call: &'a Call) -> Option<Bridged<'a>> {
        call.established?;
        let agent = self.agent(call.agent_id.as_deref()?)?;
        let queue_id = call.queue_id.as_deref()?;
        let queue = self.queues.iter().find(|queue| queue.id == queue_id)?;
        Some(Bridged {
            id: agent.id,
            name: agent.name,
            number: &agent.number,
            queue_id,
            queue_name: queue.name,
        })
    }

    pub(crate) fn call(&self, id: &str) -> Option<&Call> {
        self.calls.iter().find(|call| call.id == id)
    }

    pub(crate) fn call_mut(&mut self, id: &str) -> Option<&mut Call> {
        self.calls.iter_mut().find(|call| call.id == id)
    }

    /// A call that rings an agent at the wish of another one stays inside.
    pub(super) fn domain(&self, call: &Call) -> &'static str {
        let inside = |number: &str| self.agents.iter().any(|agent| agent.number == number);
        match call.direction {
            Direction::Inbound if inside(&call.from) => "internal",
            _ => "external",
        }
    }

    /// The reply says `init`, "the scheduled call". Inferred: a call for an agent who is logged
    /// out fails at once as `unreachable`, since no error is documented for it.
    pub(super) fn place_call(&mut self, id: &str, request: &Request, moment: &mut Moment) -> Reply {
        let Some(agent) = self.agent(id) else {
            return not_found("agent");
        };
        let (enabled, agent, device) = (agent.enabled, agent.id, agent.device());
        let mut call = match read_call(agent, request, moment.ids) {
            Ok(call) => call,
            Err(rejection) => return rejection.reply(),
        };
        if self.calls.iter().any(|other| other.id == call.id) {
            return error(409, "conflict", "id is already the id of a call");
        }
        if let Device::Phone = call.device {
            call.device = device;
        }
        let reply = super::item(self.call_body(&call, request.host()));
        let id = call.id.clone();
        self.calls.push(call);
        self.publish(moment);
        if enabled {
            self.ring_out(&id, moment);
        } else {
            let reason = Some(FinishReason::Unreachable);
            self.enter(&id, CallState::Failed, reason, moment);
        }
        reply
    }

    pub(super) fn get_call(&self, id: &str, request: &Request) -> Reply {
        match self.call(id) {
            Some(call) => super::item(self.call_body(call, request.host())),
            None => not_found("call"),
        }
    }

    pub(super) fn hang_up_call(
        &mut self,
        id: &str,
        request: &Request,
        moment: &mut Moment,
    ) -> Reply {
        if self.call(id).is_none() {
            return not_found("call");
        }
        let success = self.system_hang_up(id, moment);
        self.affected(id, success, request.host())
    }

    pub(super) fn cancel_call(
        &mut self,
        id: &str,
        request: &Request,
        moment: &mut Moment,
    ) -> Reply {
        let Some(call) = self.call(id) else {
            return not_found("call");
        };
        let success = call.state.is_pending();
        if success {
            self.enter(id, CallState::Canceled, None, moment);
        }
        self.affected(id, success, request.host())
    }

    /// The call an action was meant for, and whether the action was carried out.
    fn affected(&self, id: &str, success: bool, host: &str) -> Reply {
        match self.call(id) {
            Some(call) => {
                let item = self.call_body(call, host);
                Reply::json(200, &Item { item, success })
            }
            None => not_found("call"),
        }
    }

    /// Hangs up what the agent is doing now. `false` if that is nothing.
    pub(super) fn hang_up_current(&mut self, agent: &str, moment: &mut Moment) -> bool {
        let mut calls = self.calls.iter().rev();
        let current = calls.find(|call| call.is_of(agent) && !call.state.is_final());
        match current.map(|call| call.id.clone()) {
            Some(id) => self.system_hang_up(&id, moment),
            None => false,
        }
    }

    /// Ends the call the way the API's hang-up does: a pending callback is cancelled, a live call
    /// is completed with the system's finish reason. `false` if it had already ended.
    fn system_hang_up(&mut self, id: &str, moment: &mut Moment) -> bool {
        let (state, reason) = match self.call(id).map(|call| call.state) {
            None => return false,
            Some(state) if state.is_final() => return false,
            Some(CallState::Scheduled | CallState::Queued) => (CallState::Canceled, None),
            Some(_) => (CallState::Completed, Some(FinishReason::SystemHangup)),
        };
        self.enter(id, state, reason, moment);
        true
    }
}

/// How an enumeration is written on the wire.
pub(super) fn word(value: &impl Serialize) -> Option<String> {
    let value = serde_json::to_value(value).ok()?;
    value.as_str().map(str::to_owned)
}

fn read_call(agent: &str, request: &Request, ids: &mut Ids) -> Result<Call, Rejection> {
    let fields = request.object()?;
    let to = e164(&fields, "to")?;
    let from = optional_e164(&fields, "displayAsTo")?.unwrap_or(DEFAULT_OUTBOUND.to_owned());
    let mut call = Call::new(ids, from, to, Source::Api, request.at);
    if let Some(id) = fields.text("id")? {
        call.id = ids::from_body(&id).ok_or(FieldError {
            field: "id",
            problem: "must be 32 hex digits",
        })?;
    }
    call.agent_id = Some(agent.to_owned());
    call.display_as_from = fields.text("displayAsFrom")?;
    call.session = fields.object("session")?;
    call.auto_record = fields.flag("autoRecord")?.unwrap_or_default();
    if fields.flag("webrtc")?.unwrap_or_default() {
        call.device = Device::Browser;
    }
    Ok(call)
}
