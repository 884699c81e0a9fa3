//! The commands, as they are written in JSON.
//!
//! Strict: a command has one arm, and an arm has the published fields and no others. Three fields
//! are of a later version of the document (`callId` of the conference commands, `displayAs`). An
//! arm that is not known at all is not an error of the request: a newer client may send one.

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::connect::ConnectError;

/// A field that is absent has its zero value, as everywhere in this protocol.
macro_rules! arm {
    ($(#[$about:meta])* $name:ident { $($field:ident: $kind:ty),* $(,)? }) => {
        $(#[$about])*
        #[derive(Default, Deserialize)]
        #[serde(default, deny_unknown_fields, rename_all = "camelCase")]
        pub(super) struct $name { $(pub $field: $kind),* }
    };
}

arm!(Nothing {});
arm!(Capabilities {
    capabilities: Vec<String>,
});
arm!(PlaceCall {
    to: String,
    display_as_to: String,
    display_as_from: String,
    record: bool,
    session: BTreeMap<String, String>,
});
arm!(Answer {
    call_id: String,
    sdp: String,
});
arm!(OfCall { call_id: String });
arm!(SwitchOfCall {
    call_id: String,
    on: bool,
});
arm!(Digits {
    call_id: String,
    digits: String,
});
arm!(Transfer {
    call_id: String,
    to: String,
    warm: bool,
    agent_id: String,
    application_id: String,
});
arm!(StartConference {
    hold: bool,
    call_id: String,
});
arm!(AddMember {
    agent_id: String,
    number: String,
    hold_others: bool,
    display_as: String,
    call_id: String,
});
arm!(OfMember { member_id: String });
arm!(SwitchOfMember {
    member_id: String,
    on: bool,
});
arm!(Tags {
    call_id: String,
    tags: Vec<String>,
});
arm!(Name { name: String });
arm!(Number { number: String });
arm!(Switch { on: bool });
arm!(Seconds { seconds: i32 });
arm!(SendSms {
    to: String,
    text: String,
    from: String,
    session: BTreeMap<String, String>,
});
arm!(OpenConversation {
    conversation_id: String,
    open: bool,
});
arm!(OfConversation {
    conversation_id: String
});
arm!(JoinCampaign {
    campaign_id: String,
    paused: bool,
});
arm!(Dispose {
    code: String,
    callback_date: String,
});
arm!(Pong { seq: Uint64 });

/// A 64-bit number, which may be written as text.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Uint64(pub u64);

impl<'de> Deserialize<'de> for Uint64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(u64),
            Text(String),
        }
        match Either::deserialize(deserializer)? {
            Either::Number(number) => Ok(Self(number)),
            Either::Text(text) => text.parse().map(Self).map_err(D::Error::custom),
        }
    }
}

pub(super) enum Command {
    Register(Capabilities),
    PlaceCall(PlaceCall),
    Answer(Answer),
    Hangup(OfCall),
    Mute(SwitchOfCall),
    Hold(SwitchOfCall),
    Dtmf(Digits),
    Transfer(Transfer),
    StartConference(StartConference),
    AddConferenceMember(AddMember),
    KickConferenceMember(OfMember),
    HoldConferenceMember(SwitchOfMember),
    MuteConferenceMember(SwitchOfMember),
    LeaveConference(OfCall),
    EndConference,
    StartRecording(OfCall),
    StopRecording(OfCall),
    FlagRecording(OfCall),
    SetRecordingTags(Tags),
    SetPresence(Name),
    SetDisplayAs(Number),
    SetWebrtc(Switch),
    SetAgentNumber(Number),
    ResetLineStatus,
    WrapUpExtend(Seconds),
    WrapUpCancel,
    SendSms(SendSms),
    SetConversationOpen(OpenConversation),
    MarkConversationRead(OfConversation),
    JoinCampaign(JoinCampaign),
    LeaveCampaign,
    PauseCampaign(Switch),
    DisposeCall(Dispose),
    EndCampaignCall,
    Pong(Pong),
    /// An arm nobody here knows, by its name; or no arm at all.
    Unknown(String),
}

/// Reads a command.
pub(super) fn decode(body: &[u8]) -> Result<Command, ConnectError> {
    let arms: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(body).map_err(|error| {
        ConnectError::invalid(format!("the command is no JSON object: {error}"))
    })?;
    // `null` is how an arm that is not set may be written.
    let mut arms = arms.into_iter().filter(|(_, value)| value.get() != "null");
    let (first, second) = (arms.next(), arms.next());
    let Some((name, value)) = first else {
        return Ok(Command::Unknown(String::new()));
    };
    if let Some((other, _)) = second {
        let message = format!("a command has one arm, but {name} and {other} are set");
        return Err(ConnectError::invalid(message));
    }
    let arm = Arm {
        name: &name,
        value: &value,
    };
    let nothing = |Nothing {}| ();
    Ok(match name.as_str() {
        "register" => Command::Register(arm.read()?),
        "placeCall" => Command::PlaceCall(arm.read()?),
        "answer" => Command::Answer(arm.read()?),
        "hangup" => Command::Hangup(arm.read()?),
        "mute" => Command::Mute(arm.read()?),
        "hold" => Command::Hold(arm.read()?),
        "dtmf" => Command::Dtmf(arm.read()?),
        "transfer" => Command::Transfer(arm.read()?),
        "startConference" => Command::StartConference(arm.read()?),
        "addConferenceMember" => Command::AddConferenceMember(arm.read()?),
        "kickConferenceMember" => Command::KickConferenceMember(arm.read()?),
        "holdConferenceMember" => Command::HoldConferenceMember(arm.read()?),
        "muteConferenceMember" => Command::MuteConferenceMember(arm.read()?),
        "leaveConference" => Command::LeaveConference(arm.read()?),
        "endConference" => arm.read().map(nothing).map(|()| Command::EndConference)?,
        "startRecording" => Command::StartRecording(arm.read()?),
        "stopRecording" => Command::StopRecording(arm.read()?),
        "flagRecording" => Command::FlagRecording(arm.read()?),
        "setRecordingTags" => Command::SetRecordingTags(arm.read()?),
        "setPresence" => Command::SetPresence(arm.read()?),
        "setDisplayAs" => Command::SetDisplayAs(arm.read()?),
        "setWebrtc" => Command::SetWebrtc(arm.read()?),
        "setAgentNumber" => Command::SetAgentNumber(arm.read()?),
        "resetLineStatus" => arm.read().map(nothing).map(|()| Command::ResetLineStatus)?,
        "wrapUpExtend" => Command::WrapUpExtend(arm.read()?),
        "wrapUpCancel" => arm.read().map(nothing).map(|()| Command::WrapUpCancel)?,
        "sendSms" => Command::SendSms(arm.read()?),
        "setConversationOpen" => Command::SetConversationOpen(arm.read()?),
        "markConversationRead" => Command::MarkConversationRead(arm.read()?),
        "joinCampaign" => Command::JoinCampaign(arm.read()?),
        "leaveCampaign" => arm.read().map(nothing).map(|()| Command::LeaveCampaign)?,
        "pauseCampaign" => Command::PauseCampaign(arm.read()?),
        "disposeCall" => Command::DisposeCall(arm.read()?),
        "endCampaignCall" => arm.read().map(nothing).map(|()| Command::EndCampaignCall)?,
        "pong" => Command::Pong(arm.read()?),
        _ => Command::Unknown(name),
    })
}

struct Arm<'a> {
    name: &'a str,
    value: &'a RawValue,
}

impl Arm<'_> {
    /// The fields of the arm. serde would take a list for a struct; an arm is an object.
    fn read<T: DeserializeOwned>(&self) -> Result<T, ConnectError> {
        let invalid = |problem: &dyn std::fmt::Display| {
            ConnectError::invalid(format!("{}: {problem}", self.name))
        };
        if !self.value.get().starts_with('{') {
            return Err(invalid(&"must be an object"));
        }
        serde_json::from_str(self.value.get()).map_err(|error| invalid(&error))
    }
}

/// An object without any field that counts: what a request with an empty message carries.
pub(super) fn decode_empty(body: &[u8]) -> Result<(), ConnectError> {
    let fields: BTreeMap<String, Box<RawValue>> = if body.is_empty() {
        BTreeMap::new()
    } else {
        serde_json::from_slice(body).map_err(|error| ConnectError::invalid(error.to_string()))?
    };
    match fields.keys().next() {
        None => Ok(()),
        Some(name) => Err(ConnectError::invalid(format!("unknown field {name}"))),
    }
}
