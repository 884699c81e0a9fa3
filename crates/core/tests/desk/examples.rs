//! One action of each kind.

use patchcord_core::call::{CallRequest, Recording};
use patchcord_core::desk::action::{Action, Kind, Party, Switch, Target};
use patchcord_core::desk::view::Private;
use patchcord_core::number::PhoneNumber;
use patchcord_core::payload::Payload;
use patchcord_core::record::Record;

pub fn number(text: &str) -> PhoneNumber {
    text.parse().unwrap()
}

/// The action of a kind. Those about a call are about `c1`, those about a member of a conference about `m1`;
/// switches are turned on.
pub fn example(kind: Kind) -> Action {
    let call = || "c1".to_owned();
    let member = || "m1".to_owned();
    match kind {
        Kind::PlaceCall => Action::PlaceCall(Box::new(CallRequest {
            caller_id: Some(number("+493012345678")),
            recording: Recording::Always,
            record: Some(Record {
                system: "acme-crm".into(),
                kind: "Lead".into(),
                id: "00Q1".into(),
                name: None,
                url: None,
            }),
            payload: Payload::from_json(r#"{"name":"Åsa","score":87.5,"note":"json:x"}"#).unwrap(),
            ..CallRequest::to(number("+4915228817386"))
        })),
        Kind::Answer => Action::Answer {
            call: call(),
            sdp: None,
        },
        Kind::HangUp => Action::HangUp { call: call() },
        Kind::Hold => Action::Hold {
            call: call(),
            to: Switch::On,
        },
        Kind::Mute => Action::Mute {
            call: call(),
            to: Switch::On,
        },
        Kind::SendDigits => Action::SendDigits {
            call: call(),
            digits: "12#".parse().unwrap(),
        },
        Kind::TransferBlind => Action::TransferBlind {
            call: call(),
            to: Target::Party(Party::Number(number("+4930222222"))),
        },
        Kind::TransferWarm => Action::TransferWarm {
            call: call(),
            to: Party::Agent("a2".into()),
        },
        Kind::StartConference => Action::StartConference { hold: Switch::On },
        Kind::AddMember => Action::AddMember {
            who: Party::Agent("a3".into()),
            hold_others: Switch::On,
        },
        Kind::HoldMember => Action::HoldMember {
            member: "m2".into(),
            to: Switch::On,
        },
        Kind::MuteMember => Action::MuteMember {
            member: member(),
            to: Switch::On,
        },
        Kind::KickMember => Action::KickMember { member: member() },
        Kind::LeaveConference => Action::LeaveConference,
        Kind::EndConference => Action::EndConference,
        Kind::StartRecording => Action::StartRecording { call: call() },
        Kind::StopRecording => Action::StopRecording { call: call() },
        Kind::FlagRecording => Action::FlagRecording {
            call: call(),
            to: Switch::On,
        },
        Kind::TagRecording => Action::TagRecording {
            call: call(),
            tags: vec!["sale".into()],
        },
        Kind::SetPresence => Action::SetPresence {
            name: "lunch".into(),
        },
        Kind::SetDisplayAs => Action::SetDisplayAs {
            number: Private::new("+493087654321"),
        },
        Kind::SetNumber => Action::SetNumber(number("+4930333333")),
        Kind::SetBrowserPhone => Action::SetBrowserPhone(Switch::On),
        Kind::ResetLine => Action::ResetLine,
        Kind::ExtendWrapUp => Action::ExtendWrapUp { seconds: 30 },
        Kind::CancelWrapUp => Action::CancelWrapUp,
        Kind::SendText => Action::SendText {
            to: number("+4915228817386"),
            from: Some(Private::new("+493012345678")),
            text: Private::new("On my way"),
            payload: Payload::from_json(r#"{"order":7}"#).unwrap(),
        },
        Kind::OpenConversation => Action::OpenConversation {
            conversation: "s1".into(),
            to: Switch::On,
        },
        Kind::ReadConversation => Action::ReadConversation {
            conversation: "s1".into(),
        },
        Kind::JoinCampaign => Action::JoinCampaign {
            campaign: "k1".into(),
            paused: Switch::Off,
        },
        Kind::LeaveCampaign => Action::LeaveCampaign,
        Kind::PauseCampaign => Action::PauseCampaign(Switch::On),
        Kind::DisposeCall => Action::DisposeCall {
            code: "callback".into(),
            callback: Some("2026-12-01T10:00+01:00".into()),
        },
        Kind::EndCampaignCall => Action::EndCampaignCall,
    }
}
