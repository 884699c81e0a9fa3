//! What is allowed when.

use patchcord_core::capability::Capability;
use patchcord_core::desk::action::{Action, Kind, Party, Switch, Target};
use patchcord_core::desk::allowed::{Refusal, Situation, Standing, Stopped, allowed};
use patchcord_core::desk::view::{Private, View};
use patchcord_core::http::Response;
use serde_json::{Value, json};

use crate::examples::{example, number};
use crate::wire::{Platform, call, conference, desk};

pub fn view(platform: &Platform) -> View {
    let reply = Response::json(200, &platform.view.to_string());
    *desk().read_state(Ok(reply)).unwrap()
}

/// With one call, changed as told.
fn with(state: &str, changes: &Value) -> Platform {
    let mut call = call("c1", state);
    for (name, value) in changes.as_object().unwrap() {
        call[name] = value.clone();
    }
    let mut platform = Platform::idle();
    platform.call(call);
    platform
}

fn patched(mut platform: Platform, patch: Value) -> Platform {
    platform.patch(patch);
    platform
}

/// The states of the table in the documents, by name.
pub fn situations() -> Vec<(&'static str, Standing, Platform)> {
    let outbound = json!({"direction": "CALL_DIRECTION_OUTBOUND", "source": "CALL_SOURCE_API"});
    let recorded = json!({"recording": true, "recordingId": "r1"});
    let notes =
        json!({"active": true, "remainingSeconds": 30, "canExtend": true, "canCancel": true});
    let mut blocked = Platform::idle();
    blocked.view["agent"]["lineBlocked"] = json!(true);
    let connected = || with("BRIDGED", &json!({}));
    let meeting = |moderator| {
        let conference = json!({"conferenceUpsert": conference(moderator)});
        patched(connected(), conference)
    };
    let live = |name, platform| (name, Standing::Live, platform);
    vec![
        live("no call", Platform::idle()),
        live("rings", with("RINGING", &json!({}))),
        live("dialled", with("RINGING", &outbound)),
        live("connected", connected()),
        live("on hold", with("BRIDGED", &json!({"onHold": true}))),
        live("recorded", with("BRIDGED", &recorded)),
        live("conference, moderator", meeting(true)),
        live("conference, member", meeting(false)),
        live("notes", patched(Platform::idle(), json!({"wrapUp": notes}))),
        live("line blocked", blocked),
        ("stale", Standing::Stale, connected()),
    ]
}

/// A switch is turned to where it is not.
fn turned(action: Action) -> Action {
    let off = Switch::Off;
    match action {
        Action::Hold { call, .. } => Action::Hold { call, to: off },
        Action::Mute { call, .. } => Action::Mute { call, to: off },
        Action::FlagRecording { call, .. } => Action::FlagRecording { call, to: off },
        Action::HoldMember { member, .. } => Action::HoldMember { member, to: off },
        action => action,
    }
}

pub fn verdict(kind: Kind, standing: Standing, view: &View) -> Result<(), Refusal> {
    let desk = desk();
    let situation = Situation {
        view,
        standing,
        capabilities: desk.capabilities(),
    };
    match allowed(&situation, &example(kind)) {
        Err(Refusal::Already) => allowed(&situation, &turned(example(kind))),
        verdict => verdict,
    }
}

fn ask(platform: &Platform, action: &Action) -> Result<(), Refusal> {
    let view = view(platform);
    let situation = Situation {
        view: &view,
        standing: Standing::Live,
        capabilities: Capability::ALL,
    };
    allowed(&situation, action)
}

fn agent(change: &Value) -> Platform {
    let mut platform = Platform::idle();
    for (name, value) in change.as_object().unwrap() {
        platform.view["agent"][name] = value.clone();
    }
    platform
}

fn without(feature: &str, setting: &str, mut platform: Platform) -> Platform {
    platform.view["config"][feature][setting] = json!(false);
    platform
}

#[test]
fn nothing_is_allowed_on_a_view_that_is_not_current() {
    let standings = [
        Standing::Starting,
        Standing::Stale,
        Standing::Stopped(Stopped::Taken),
        Standing::Stopped(Stopped::Closed),
    ];
    let view = view(&with("BRIDGED", &json!({})));
    for standing in standings {
        for &kind in Kind::ALL {
            assert_eq!(verdict(kind, standing, &view), Err(Refusal::Stale));
        }
    }
}

#[test]
fn while_a_desk_is_set_up_only_dialling_waits() {
    let dial = verdict(
        Kind::PlaceCall,
        Standing::SettingUp,
        &view(&Platform::idle()),
    );
    assert_eq!(dial, Err(Refusal::SettingUp));
    let view = view(&with("BRIDGED", &json!({})));
    assert_eq!(verdict(Kind::Hold, Standing::SettingUp, &view), Ok(()));
    assert_eq!(verdict(Kind::Hold, Standing::Polling, &view), Ok(()));
}

#[test]
fn what_a_platform_cannot_do_is_not_offered() {
    let view = view(&with("BRIDGED", &json!({})));
    for &kind in Kind::ALL {
        let situation = Situation {
            view: &view,
            standing: Standing::Live,
            capabilities: &[],
        };
        let verdict = allowed(&situation, &example(kind));
        assert_eq!(verdict, Err(Refusal::CapabilityMissing), "{kind}");
    }
}

#[test]
fn what_the_account_has_not_switched_on_is_not_offered() {
    let connected = || with("BRIDGED", &json!({}));
    let off = Err(Refusal::SwitchedOff);
    let cases = [
        (Kind::PlaceCall, "calls", "enabled", Platform::idle()),
        (Kind::TransferBlind, "calls", "allowTransfer", connected()),
        (
            Kind::StartConference,
            "calls",
            "allowConference",
            connected(),
        ),
        (Kind::AddMember, "calls", "allowConference", connected()),
        (
            Kind::SetPresence,
            "account",
            "allowStatusChange",
            Platform::idle(),
        ),
        (
            Kind::SetNumber,
            "account",
            "allowDeviceSwitch",
            Platform::idle(),
        ),
    ];
    for (kind, feature, setting, platform) in cases {
        assert_eq!(ask(&platform, &example(kind)), Ok(()), "{kind}");
        let platform = without(feature, setting, platform);
        assert_eq!(ask(&platform, &example(kind)), off, "{kind}");
    }
    // Before the platform says what is switched on, nothing is.
    let mut unknown = Platform::idle();
    unknown.view["config"] = Value::Null;
    assert_eq!(ask(&unknown, &example(Kind::PlaceCall)), off);
}

#[test]
fn dialling_needs_a_phone_a_free_line_and_a_presence_for_calls() {
    let dial = example(Kind::PlaceCall);
    for (change, refusal) in [
        (json!({"number": ""}), Refusal::NoPhone),
        (json!({"webrtcEnabled": true}), Refusal::NoPhone),
        (json!({"lineBlocked": true}), Refusal::LineBlocked),
        (json!({"presenceName": "lunch"}), Refusal::NotAvailable),
        (json!({"availableNumbers": []}), Refusal::UnknownNumber),
        (json!({"canRecord": false}), Refusal::MayNotRecord),
    ] {
        assert_eq!(ask(&agent(&change), &dial), Err(refusal), "{change}");
    }
    // A call that waits is no obstacle, one that is talked on or rings is.
    let waits = with("BRIDGED", &json!({"onHold": true}));
    assert_eq!(ask(&waits, &dial), Ok(()));
    for state in ["INIT", "RINGING", "IN_PROGRESS", "BRIDGED"] {
        let busy = with(state, &json!({}));
        assert_eq!(ask(&busy, &dial), Err(Refusal::InCall), "{state}");
    }
    assert_eq!(ask(&with("COMPLETED", &json!({})), &dial), Ok(()));
}

#[test]
fn only_what_rings_for_the_agent_is_answered() {
    let answer = example(Kind::Answer);
    let outbound = json!({"direction": "CALL_DIRECTION_OUTBOUND"});
    let ringing = |changes: &Value| with("RINGING", changes);
    assert_eq!(ask(&ringing(&json!({})), &answer), Ok(()));
    let refused = ask(&ringing(&outbound), &answer);
    assert_eq!(refused, Err(Refusal::NotRinging), "it answers itself");
    let callback =
        json!({"direction": "CALL_DIRECTION_OUTBOUND", "source": "CALL_SOURCE_CALLBACK"});
    assert_eq!(ask(&ringing(&callback), &answer), Ok(()));
    let browser = ringing(&json!({"webrtcOffer": "v=0"}));
    assert_eq!(ask(&browser, &answer), Err(Refusal::MediaMissing));
    let with_media = Action::Answer {
        call: "c1".into(),
        sdp: Some(Private::new("v=0")),
    };
    assert_eq!(ask(&browser, &with_media), Ok(()));
}

#[test]
fn only_calls_that_may_go_to_an_application_do() {
    let transfer = Action::TransferBlind {
        call: "c1".into(),
        to: Target::Application("menu".into()),
    };
    let refused = ask(&with("BRIDGED", &json!({})), &transfer);
    assert_eq!(refused, Err(Refusal::NoApplications));
    let may = json!({"canTransferToApplication": true});
    assert_eq!(ask(&with("BRIDGED", &may), &transfer), Ok(()));
}

#[test]
fn a_transfer_after_asking_needs_its_target_in_the_conference() {
    let connected = with("BRIDGED", &json!({}));
    let warm = |to| Action::TransferWarm {
        call: "c1".into(),
        to,
    };
    let kim = || Party::Agent("a2".into());
    assert_eq!(ask(&connected, &warm(kim())), Err(Refusal::NoConference));
    let meeting = |state: &str| {
        let mut conference = conference(true);
        conference["members"][2]["state"] = json!(state);
        let conference = json!({"conferenceUpsert": conference});
        patched(with("BRIDGED", &json!({})), conference)
    };
    for (state, verdict) in [
        ("added", Ok(())),
        ("pending", Err(Refusal::TargetNotThere)),
        ("failed", Err(Refusal::TargetNotThere)),
        ("something new", Err(Refusal::TargetNotThere)),
    ] {
        assert_eq!(ask(&meeting(state), &warm(kim())), verdict, "{state}");
    }
    let other = warm(Party::Number(number("+4930999999")));
    let refused = ask(&meeting("added"), &other);
    assert_eq!(refused, Err(Refusal::TargetNotThere));
}

#[test]
fn with_several_calls_the_platform_cannot_be_told_which() {
    let mut platform = with("BRIDGED", &json!({}));
    platform.call(call("c2", "RINGING"));
    for kind in [Kind::StartConference, Kind::AddMember] {
        assert_eq!(ask(&platform, &example(kind)), Err(Refusal::WhichCall));
    }
    platform.patch(json!({"conferenceUpsert": conference(true)}));
    let leave = example(Kind::LeaveConference);
    assert_eq!(ask(&platform, &leave), Err(Refusal::WhichCall));
    // A call that is over but not gone yet is none.
    platform.call(call("c2", "FAILED"));
    assert_eq!(ask(&platform, &leave), Ok(()));
}

#[test]
fn only_the_moderator_touches_others_and_nobody_themselves() {
    let meeting = |moderator| {
        let conference = json!({"conferenceUpsert": conference(moderator)});
        patched(with("BRIDGED", &json!({})), conference)
    };
    let kick = |member: &str| Action::KickMember {
        member: member.into(),
    };
    assert_eq!(ask(&meeting(true), &kick("m1")), Ok(()));
    assert_eq!(ask(&meeting(true), &kick("me")), Err(Refusal::OwnMember));
    assert_eq!(ask(&meeting(true), &kick("m3")), Err(Refusal::NoMember));
    assert_eq!(ask(&meeting(true), &kick("m9")), Err(Refusal::NoMember));
    assert_eq!(
        ask(&meeting(false), &kick("m1")),
        Err(Refusal::NotModerator)
    );
    let end = &Action::EndConference;
    assert_eq!(ask(&meeting(false), end), Err(Refusal::NotModerator));
    assert_eq!(ask(&meeting(false), &Action::LeaveConference), Ok(()));
}

#[test]
fn a_number_is_invited_only_with_a_number_to_show() {
    let mut platform = with("BRIDGED", &json!({}));
    platform.view["agent"]["displayAs"] = json!("");
    let invite = |who| Action::AddMember {
        who,
        hold_others: Switch::Off,
    };
    let number = Party::Number(number("+4930222222"));
    assert_eq!(ask(&platform, &invite(number)), Err(Refusal::NoDisplayAs));
    let agent = Party::Agent("a3".into());
    assert_eq!(ask(&platform, &invite(agent)), Ok(()));
}

#[test]
fn recordings_are_flagged_and_tagged_only_while_there_is_one() {
    let recorded = with("BRIDGED", &json!({"recording": true, "recordingId": "r"}));
    let tag = |tag: &str| Action::TagRecording {
        call: "c1".into(),
        tags: vec![tag.into()],
    };
    assert_eq!(ask(&recorded, &tag("sale")), Ok(()));
    assert_eq!(ask(&recorded, &tag("nonsense")), Err(Refusal::UnknownTag));
    assert_eq!(ask(&recorded, &example(Kind::FlagRecording)), Ok(()));
    let start = example(Kind::StartRecording);
    assert_eq!(ask(&recorded, &start), Err(Refusal::Already));
    let plain = with("BRIDGED", &json!({}));
    for kind in [Kind::StopRecording, Kind::FlagRecording, Kind::TagRecording] {
        assert_eq!(ask(&plain, &example(kind)), Err(Refusal::NotRecording));
    }
    let mut forbidden = recorded;
    forbidden.view["agent"]["canRecord"] = json!(false);
    for kind in [
        Kind::StartRecording,
        Kind::StopRecording,
        Kind::TagRecording,
    ] {
        assert_eq!(ask(&forbidden, &example(kind)), Err(Refusal::MayNotRecord));
    }
}
