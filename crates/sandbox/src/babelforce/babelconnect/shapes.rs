//! The shapes of what the stream shows: calls, conferences, the agent, the account's settings.

use serde::Serialize;

use super::campaign::CampaignStatus;
use super::conference::{Conference, ConferenceState, Member, MemberState, Party};
use super::json::{is_zero, seconds};
use super::lookup::{self, Entry};
use super::view::Registered;
use super::wrap_up::WrapUp;
use crate::babelforce::agents::{Agent, Device, LineStatus, PRESENCES};
use crate::babelforce::calls::{Call, CallState, Direction, SERVICE_NUMBERS, Source};
use crate::babelforce::users::{ACCOUNT_ID, ACCOUNT_NAME};
use crate::babelforce::{Babelforce, Presence};
use crate::exchange::Millis;
use crate::settings::Features;

/// Tags an agent may put on a recording.
pub(super) const RECORDING_TAGS: [&str; 3] = ["complaint", "order", "training"];

/// A service number that can also send text messages.
pub(super) const SMS_NUMBERS: [&str; 1] = [SERVICE_NUMBERS[0]];

impl Babelforce {
    pub(super) fn call_state<'a>(&'a self, call: &'a Call) -> CallStateBody<'a> {
        let queue = self
            .queues
            .iter()
            .find(|queue| Some(queue.id) == call.queue_id.as_deref());
        let rings_browser = call.rings_agent() && call.device == Device::Browser;
        let recording = call.recording.as_ref();
        CallStateBody {
            id: &call.id,
            direction: direction(call.direction),
            state: lifecycle(call.state),
            source: source(call.source),
            from: &call.from,
            to: &call.to,
            queue_name: queue.map(|queue| queue.name).unwrap_or_default(),
            established_at: call.established.map(seconds).unwrap_or_default(),
            muted: call.muted,
            on_hold: call.held,
            recording: recording.is_some(),
            anonymous: call.from.is_empty(),
            webrtc_offer: if rings_browser { OFFER } else { "" },
            recording_id: recording.map(|one| one.id.as_str()).unwrap_or_default(),
            recording_tags: recording.map(|one| one.tags.as_slice()).unwrap_or_default(),
            recording_flagged: recording.is_some_and(|one| one.flagged),
            can_transfer_to_application: call.can_go_to_application(),
        }
    }

    pub(super) fn conference_body<'a>(
        &'a self,
        conference: &'a Conference,
        me: &'a Member,
    ) -> ConferenceBody<'a> {
        ConferenceBody {
            id: &conference.id,
            state: conference.state,
            members: conference
                .members
                .iter()
                .map(|member| self.member_body(member, me))
                .collect(),
            i_am_moderator: me.moderator,
            my_member_id: &me.id,
        }
    }

    fn member_body<'a>(&'a self, member: &'a Member, me: &Member) -> MemberBody<'a> {
        let (display, agent_id, number) = match &member.party {
            Party::Agent(id) => {
                let name = self.agent(id).map(|agent| agent.name).unwrap_or_default();
                (name, id.as_str(), "")
            }
            Party::Customer(number) | Party::Guest(number) if number.is_empty() => {
                ("Anonymous", "", "")
            }
            Party::Customer(number) | Party::Guest(number) => {
                (number.as_str(), "", number.as_str())
            }
        };
        MemberBody {
            id: &member.id,
            state: member.state,
            display,
            moderator: member.moderator,
            is_me: member.id == me.id,
            call_id: &member.leg,
            on_hold: member.held,
            agent_id,
            number,
        }
    }

    pub(super) fn agent_state(&self, agent: &Agent) -> &'static str {
        match self.line_status(agent) {
            _ if !agent.enabled => "AGENT_STATE_OFFLINE",
            LineStatus::InCall => "AGENT_STATE_IN_CALL",
            LineStatus::Ringing => "AGENT_STATE_RINGING",
            LineStatus::WrapUp => "AGENT_STATE_WRAP_UP",
            LineStatus::Busy | LineStatus::Declined | LineStatus::Unreachable => "AGENT_STATE_BUSY",
            LineStatus::Available if agent.presence.available => "AGENT_STATE_AVAILABLE",
            LineStatus::Available if agent.presence.name == "busy" => "AGENT_STATE_BUSY",
            LineStatus::Available => "AGENT_STATE_PAUSED",
        }
    }

    pub(super) fn agent_info<'a>(
        &'a self,
        agent: &'a Agent,
        registered: Registered,
    ) -> AgentInfo<'a> {
        let identity = AgentInfo {
            id: agent.id,
            name: agent.name,
            number: &agent.number,
            presence: self.agent_state(agent),
            webrtc_enabled: agent.webrtc,
            presence_name: agent.presence.name,
            presence_label: agent.presence.label,
            username: agent.email,
            account_id: ACCOUNT_ID,
            account_name: ACCOUNT_NAME,
            line_blocked: agent.line_block.is_some(),
            accounts: ACCOUNTS,
            email: agent.email,
            campaign_status: agent.campaign.as_ref().map(CampaignStatus::of),
            ..AgentInfo::default()
        };
        match registered {
            Registered::No => identity,
            Registered::Yes => AgentInfo {
                display_as: &agent.display_as,
                available_numbers: SERVICE_NUMBERS.to_vec(),
                can_record: agent.can_record,
                presence_options: PRESENCES.iter().map(PresenceOption::of).collect(),
                available_tags: RECORDING_TAGS.to_vec(),
                phonebook: lookup::phonebook(self, agent),
                always_record_outbound: agent.always_record,
                sms_capable_numbers: SMS_NUMBERS.to_vec(),
                ..identity
            },
        }
    }
}

impl Call {
    /// As published: inbound calls, and callbacks.
    pub fn can_go_to_application(&self) -> bool {
        self.direction == Direction::Inbound || self.source == Source::Callback
    }
}

/// What a browser is offered. Nothing in the sandbox speaks or listens.
const OFFER: &str = "v=0\r\no=sandbox 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
                     m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=sendrecv\r\n";

pub(super) fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "CALL_DIRECTION_INBOUND",
        Direction::Outbound => "CALL_DIRECTION_OUTBOUND",
    }
}

fn lifecycle(state: CallState) -> &'static str {
    match state {
        CallState::Init | CallState::Scheduled | CallState::Queued => "CALL_LIFECYCLE_INIT",
        CallState::Ringing => "CALL_LIFECYCLE_RINGING",
        CallState::InProgress => "CALL_LIFECYCLE_IN_PROGRESS",
        CallState::Bridged => "CALL_LIFECYCLE_BRIDGED",
        CallState::Completed => "CALL_LIFECYCLE_COMPLETED",
        CallState::Canceled
        | CallState::Busy
        | CallState::NoAnswer
        | CallState::Purged
        | CallState::Failed => "CALL_LIFECYCLE_FAILED",
    }
}

fn source(source: Source) -> &'static str {
    match source {
        Source::Api => "CALL_SOURCE_API",
        Source::Webrtc => "CALL_SOURCE_WEBRTC",
        Source::Queue => "CALL_SOURCE_QUEUE",
        Source::Transfer => "CALL_SOURCE_TRANSFER",
        Source::Conference => "CALL_SOURCE_CONFERENCE",
        Source::Callback => "CALL_SOURCE_CALLBACK",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CallStateBody<'a> {
    id: &'a str,
    direction: &'static str,
    state: &'static str,
    source: &'static str,
    #[serde(skip_serializing_if = "is_zero")]
    from: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    to: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    queue_name: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    established_at: String,
    #[serde(skip_serializing_if = "is_zero")]
    muted: bool,
    #[serde(skip_serializing_if = "is_zero")]
    on_hold: bool,
    #[serde(skip_serializing_if = "is_zero")]
    recording: bool,
    #[serde(skip_serializing_if = "is_zero")]
    anonymous: bool,
    #[serde(skip_serializing_if = "is_zero")]
    webrtc_offer: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    recording_id: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    recording_tags: &'a [String],
    #[serde(skip_serializing_if = "is_zero")]
    recording_flagged: bool,
    #[serde(skip_serializing_if = "is_zero")]
    can_transfer_to_application: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConferenceBody<'a> {
    id: &'a str,
    state: ConferenceState,
    members: Vec<MemberBody<'a>>,
    #[serde(skip_serializing_if = "is_zero")]
    i_am_moderator: bool,
    my_member_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MemberBody<'a> {
    id: &'a str,
    state: MemberState,
    display: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    moderator: bool,
    #[serde(skip_serializing_if = "is_zero")]
    is_me: bool,
    call_id: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    on_hold: bool,
    #[serde(skip_serializing_if = "is_zero")]
    agent_id: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    number: &'a str,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgentInfo<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    number: &'a str,
    presence: &'static str,
    #[serde(skip_serializing_if = "is_zero")]
    webrtc_enabled: bool,
    #[serde(skip_serializing_if = "is_zero")]
    display_as: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    available_numbers: Vec<&'a str>,
    #[serde(skip_serializing_if = "is_zero")]
    can_record: bool,
    #[serde(skip_serializing_if = "is_zero")]
    presence_options: Vec<PresenceOption>,
    presence_name: &'a str,
    presence_label: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    available_tags: Vec<&'a str>,
    #[serde(skip_serializing_if = "is_zero")]
    phonebook: Vec<Entry>,
    #[serde(skip_serializing_if = "is_zero")]
    always_record_outbound: bool,
    username: &'a str,
    account_id: &'a str,
    account_name: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    line_blocked: bool,
    accounts: [Account; 1],
    email: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    sms_capable_numbers: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign_status: Option<CampaignStatus<'a>>,
}

#[derive(PartialEq, Serialize)]
pub(super) struct PresenceOption {
    name: &'static str,
    label: &'static str,
    #[serde(skip_serializing_if = "is_zero")]
    available: bool,
}

impl PresenceOption {
    fn of(presence: &Presence) -> Self {
        Self {
            name: presence.name,
            label: presence.label,
            available: presence.available,
        }
    }
}

#[derive(Clone, Copy, Default, Serialize)]
pub(super) struct Account {
    id: &'static str,
    name: &'static str,
    current: bool,
}

/// The accounts an agent can work in: here the one.
pub(super) const ACCOUNTS: [Account; 1] = [Account {
    id: ACCOUNT_ID,
    name: ACCOUNT_NAME,
    current: true,
}];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WrapUpBody {
    #[serde(skip_serializing_if = "is_zero")]
    active: bool,
    #[serde(skip_serializing_if = "is_zero")]
    remaining_seconds: u64,
    #[serde(skip_serializing_if = "is_zero")]
    last_call_type: &'static str,
    #[serde(skip_serializing_if = "is_zero")]
    can_cancel: bool,
    #[serde(skip_serializing_if = "is_zero")]
    can_extend: bool,
}

impl WrapUpBody {
    pub fn of(wrap_up: Option<&WrapUp>, at: Millis) -> Self {
        Self {
            active: wrap_up.is_some(),
            remaining_seconds: wrap_up
                .map(|one| one.remaining_seconds(at))
                .unwrap_or_default(),
            last_call_type: wrap_up.map(|one| one.call_type.word()).unwrap_or_default(),
            can_cancel: wrap_up.is_some_and(|one| one.can_cancel),
            can_extend: wrap_up.is_some_and(WrapUp::can_extend),
        }
    }
}

#[derive(Serialize)]
struct Enabled {
    #[serde(skip_serializing_if = "is_zero")]
    enabled: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AppConfig {
    calls: CallsConfig,
    messaging: Enabled,
    history: Enabled,
    account: AccountConfig,
    outbound: Enabled,
    cti: CtiConfig,
    phonebook: Enabled,
    server_version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CallsConfig {
    #[serde(skip_serializing_if = "is_zero")]
    enabled: bool,
    #[serde(skip_serializing_if = "is_zero")]
    allow_transfer: bool,
    #[serde(skip_serializing_if = "is_zero")]
    allow_conference: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountConfig {
    #[serde(skip_serializing_if = "is_zero")]
    enabled: bool,
    #[serde(skip_serializing_if = "is_zero")]
    allow_device_switch: bool,
    #[serde(skip_serializing_if = "is_zero")]
    show_status: bool,
    #[serde(skip_serializing_if = "is_zero")]
    allow_account_switch: bool,
    #[serde(skip_serializing_if = "is_zero")]
    allow_status_change: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CtiConfig {
    #[serde(skip_serializing_if = "is_zero")]
    enabled: bool,
    #[serde(skip_serializing_if = "is_zero")]
    emit_call_events: bool,
    #[serde(skip_serializing_if = "is_zero")]
    screen_pop: bool,
}

pub(super) fn config(features: &Features) -> AppConfig {
    AppConfig {
        calls: CallsConfig {
            enabled: features.calls,
            allow_transfer: features.transfer,
            allow_conference: features.conference,
        },
        messaging: Enabled {
            enabled: features.messaging,
        },
        history: Enabled {
            enabled: features.history,
        },
        account: AccountConfig {
            enabled: true,
            allow_device_switch: features.device_switch,
            show_status: true,
            allow_account_switch: false,
            allow_status_change: features.status_change,
        },
        outbound: Enabled {
            enabled: features.outbound,
        },
        cti: CtiConfig {
            enabled: features.screen_pop,
            emit_call_events: features.screen_pop,
            screen_pop: features.screen_pop,
        },
        phonebook: Enabled {
            enabled: features.phonebook,
        },
        server_version: concat!("sandbox-", env!("CARGO_PKG_VERSION")),
    }
}
