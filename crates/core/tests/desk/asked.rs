//! What was asked for, until the view shows it or something goes wrong.

use patchcord_core::capability::Capability;
use patchcord_core::desk::action::{Action, Kind, Switch};
use patchcord_core::desk::asked::{Commands, Progress};
use patchcord_core::desk::fault::Fault;
use patchcord_core::desk::link::Moment;
use patchcord_core::desk::session::{Effect, Event, Piece, Sent, Session};
use patchcord_core::desk::state::Update;
use patchcord_core::desk::view::View;
use patchcord_core::error::Code;
use patchcord_core::outcome::{Because, Outcome};
use serde_json::{Value, json};

use crate::allowed::view;
use crate::examples::example;
use crate::wire::{Platform, agent, call, conference, piece};

/// An agent who may do everything, with a call.
fn platform(call: Value) -> Platform {
    let mut platform = Platform::idle();
    platform.view["config"]["messaging"] = json!({"enabled": true});
    platform.view["config"]["outbound"] = json!({"enabled": true});
    platform.view["agent"]["campaignStatus"] = json!({"campaignId": "k1"});
    platform.view["sms"] = json!([{"id": "s1", "peer": "+4915228817386"}]);
    if !call.is_null() {
        platform.call(call);
    }
    platform
}

fn changed(mut value: Value, changes: Value) -> Value {
    for (name, new) in changes.as_object().unwrap() {
        value[name] = new.clone();
    }
    value
}

/// Before, and what the platform tells when it has done it; `None` where no view shows it.
pub fn change(kind: Kind) -> (Platform, Option<Value>) {
    let connected = || call("c1", "BRIDGED");
    let on_call = |changes| {
        let call = changed(connected(), changes);
        (platform(connected()), Some(json!({"callUpsert": call})))
    };
    let recorded = || changed(connected(), json!({"recording": true, "recordingId": "r1"}));
    let on_recording = |changes| {
        let call = changed(recorded(), changes);
        (platform(recorded()), Some(json!({"callUpsert": call})))
    };
    let meeting = || {
        let mut platform = platform(connected());
        platform.patch(json!({"conferenceUpsert": conference(true)}));
        platform
    };
    let member = |place: usize, changes| {
        let mut conference = conference(true);
        conference["members"][place] = changed(conference["members"][place].clone(), changes);
        (meeting(), Some(json!({"conferenceUpsert": conference})))
    };
    let on_agent = |changes| {
        let patch = json!({"agent": changed(agent(), changes)});
        (platform(Value::Null), Some(patch))
    };
    let notes = || {
        let mut platform = platform(Value::Null);
        let notes =
            json!({"active": true, "remainingSeconds": 9, "canExtend": true, "canCancel": true});
        platform.patch(json!({"wrapUp": notes}));
        platform
    };
    match kind {
        Kind::PlaceCall => {
            let outbound = json!({"direction": "CALL_DIRECTION_OUTBOUND", "to": "+4915228817386"});
            let call = changed(call("c9", "INIT"), outbound);
            (platform(Value::Null), Some(json!({"callUpsert": call})))
        }
        Kind::Answer => {
            let answered = json!({"callUpsert": call("c1", "IN_PROGRESS")});
            (platform(call("c1", "RINGING")), Some(answered))
        }
        Kind::HangUp | Kind::TransferBlind => on_call(json!({"state": "CALL_LIFECYCLE_COMPLETED"})),
        Kind::Hold => on_call(json!({"onHold": true})),
        Kind::Mute => on_call(json!({"muted": true})),
        Kind::TransferWarm => (meeting(), Some(json!({"callRemove": "c1"}))),
        Kind::StartConference => {
            let begun = json!({"conferenceUpsert": conference(true)});
            (platform(connected()), Some(begun))
        }
        Kind::AddMember => member(3, json!({"agentId": "a3", "state": "pending"})),
        Kind::HoldMember => member(2, json!({"onHold": true})),
        Kind::KickMember => member(1, json!({"state": "removed"})),
        Kind::LeaveConference | Kind::EndConference => {
            (meeting(), Some(json!({"conferenceRemove": "conf"})))
        }
        Kind::StartRecording => on_call(json!({"recording": true})),
        Kind::StopRecording => on_recording(json!({"recording": false})),
        Kind::FlagRecording => on_recording(json!({"recordingFlagged": true})),
        Kind::TagRecording => on_recording(json!({"recordingTags": ["sale"]})),
        Kind::SetPresence => on_agent(json!({"presenceName": "lunch"})),
        Kind::SetDisplayAs => on_agent(json!({"displayAs": "+493087654321"})),
        Kind::SetNumber => on_agent(json!({"number": "+4930333333"})),
        Kind::SetBrowserPhone => on_agent(json!({"webrtcEnabled": true})),
        Kind::ResetLine => {
            let mut platform = platform(Value::Null);
            platform.view["agent"]["lineBlocked"] = json!(true);
            (platform, Some(json!({"agent": agent()})))
        }
        Kind::CancelWrapUp => (notes(), Some(json!({"wrapUp": {}}))),
        Kind::ExtendWrapUp => (notes(), None),
        Kind::SendDigits => (platform(connected()), None),
        Kind::MuteMember => (meeting(), None),
        Kind::SendText
        | Kind::OpenConversation
        | Kind::ReadConversation
        | Kind::JoinCampaign
        | Kind::LeaveCampaign
        | Kind::PauseCampaign
        | Kind::DisposeCall
        | Kind::EndCampaignCall => (platform(Value::Null), None),
    }
}

const AT: Moment = Moment { now: 0, chance: 0 };

/// A desk that shows `platform`, with nothing to set up.
fn session(platform: &Platform) -> (Session, u32) {
    let mut session = Session::new(Capability::ALL, Vec::new());
    let effects = session.handle(Event::Start, AT);
    let [Effect::Open { stream }] = effects[..] else {
        panic!("{effects:?}");
    };
    let piece = piece(&platform.snapshot());
    session.handle(Event::Piece { stream, piece }, AT);
    (session, stream)
}

fn accepted(id: u32) -> Event {
    let outcome = Outcome::Accepted;
    let trouble = None;
    let sent = Sent { outcome, trouble };
    Event::Replied { id, sent }
}

#[test]
fn every_command_is_done_when_the_view_shows_it() {
    for &kind in Kind::ALL {
        let (mut platform, patch) = change(kind);
        let (mut session, stream) = session(&platform);
        let before = session.view().clone();
        let effect = session.act(example(kind), AT);
        let Ok(Effect::Send { id, .. }) = effect else {
            panic!("{kind}: {effect:?}");
        };
        assert_eq!(session.asked().count(), 1, "{kind}");
        let again = session.act(example(kind), AT);
        assert_eq!(again.is_ok(), kind == Kind::SendDigits, "{kind}");
        session.handle(accepted(id), AT);
        assert_eq!(session.view(), &before, "{kind}: nothing is flipped");
        let waits = session.asked().filter(|asked| asked.id == id).count();
        assert_eq!(waits, usize::from(patch.is_some()), "{kind}");
        if let Some(patch) = patch {
            let piece = piece(&platform.patch(patch));
            session.handle(Event::Piece { stream, piece }, AT);
            assert_eq!(session.asked().count(), 0, "{kind}");
            assert_eq!(session.view(), &view(&platform), "{kind}");
        }
    }
}

#[test]
fn what_the_view_never_shows_is_said_not_to_be_seen() {
    let (platform, _) = change(Kind::Hold);
    let (mut session, stream) = session(&platform);
    let Ok(Effect::Send { id, .. }) = session.act(example(Kind::Hold), AT) else {
        panic!("not sent");
    };
    session.handle(accepted(id), AT);
    let mut now = AT.now;
    while session.asked().any(|asked| asked.is_open()) {
        now = session.wake_at(now).unwrap();
        let piece = piece(&json!({"keepalive": {}}));
        let at = Moment { now, ..AT };
        session.handle(Event::Piece { stream, piece }, at);
        session.handle(Event::Tick, at);
    }
    assert_eq!(session.asked().next().unwrap().progress, Progress::NotSeen);
    assert!((10_000..20_000).contains(&now), "{now}");
    let again = session.act(example(Kind::Hold), Moment { now, ..AT });
    assert!(again.is_ok(), "the person may try again");
}

#[test]
fn a_reply_that_never_comes_leaves_a_command_unknown() {
    let mut commands = Commands::default();
    commands.begin(1, example(Kind::ResetLine).into(), &View::default(), 0);
    let end = commands.wake_at().unwrap();
    commands.tick(end - 1);
    assert_eq!(commands.all().next().unwrap().progress, Progress::Sent);
    commands.tick(end);
    let unknown = Progress::Unknown(Because::code(Code::NoReply));
    assert_eq!(commands.all().next().unwrap().progress, unknown);
}

/// These commands, all taken; their numbers are their places.
fn taken(actions: Vec<Action>) -> Commands {
    let (mut platform, _) = change(Kind::KickMember);
    platform.call(call("c2", "BRIDGED"));
    let view = view(&platform);
    let mut commands = Commands::default();
    for (id, action) in (0u32..).zip(actions) {
        commands.begin(id, action.into(), &view, 0);
        commands.replied(id, Outcome::Accepted, &view, 0);
    }
    commands
}

fn fault(code: &str, call: &str) -> Fault {
    let error = json!({"error": {"code": code, "message": "words", "callId": call}});
    let Piece::Update(numbered) = piece(&error) else {
        panic!("{code}");
    };
    let Update::Fault(fault) = numbered.update else {
        panic!("{code}");
    };
    fault
}

fn hold(call: &str) -> Action {
    Action::Hold {
        call: call.into(),
        to: Switch::On,
    }
}

#[test]
fn a_fault_is_about_the_command_of_its_kind_and_call() {
    let commands = || {
        taken(vec![
            hold("c2"),
            example(Kind::TransferBlind),
            example(Kind::SendDigits),
            example(Kind::SetPresence),
            example(Kind::KickMember),
            example(Kind::ExtendWrapUp),
            example(Kind::PlaceCall),
            hold("c1"),
        ])
    };
    for (code, call, id) in [
        ("transfer_target_busy", "c1", Some(1)),
        ("transfer_target_busy", "c9", None),
        ("transfer_failed", "", Some(1)),
        ("call_on_hold", "c1", Some(2)),
        ("set_presence_failed", "", Some(3)),
        ("conference_failed", "", Some(4)),
        ("wrap_up_extend_capped", "", Some(5)),
        ("no_agent_leg", "", Some(6)),
        ("display_as_forbidden", "", Some(6)),
        // The platform does not say of what kind: the oldest that is open on that call.
        ("no_call", "c1", Some(1)),
        ("no_call", "c2", Some(0)),
        ("something_new", "c1", Some(1)),
        // Nothing is said: anybody's.
        ("bad_request", "", None),
        ("something_new", "", None),
        ("set_webrtc_failed", "", None),
    ] {
        let blamed = commands().blame(&fault(code, call), 0);
        assert_eq!(blamed, id, "{code} {call}");
    }
}

#[test]
fn a_command_is_blamed_once_and_one_that_is_open_before_one_that_looked_done() {
    let digits = || example(Kind::SendDigits);
    let mut commands = taken(vec![digits(), digits()]);
    commands.begin(2, digits().into(), &View::default(), 0);
    let fault = fault("too_many_digits", "c1");
    assert_eq!(commands.blame(&fault, 0), Some(2), "it is on its way");
    assert_eq!(
        commands.blame(&fault, 0),
        Some(1),
        "the newest of the others"
    );
    assert_eq!(commands.blame(&fault, 0), Some(0));
    assert_eq!(commands.blame(&fault, 0), None);
    assert!(commands.all().all(|asked| asked.is_bad()));
}

#[test]
fn a_fault_without_a_word_of_its_own_is_about_the_only_open_command() {
    let mut commands = taken(vec![hold("c2")]);
    assert_eq!(commands.blame(&fault("bad_request", ""), 0), Some(0));
}

#[test]
fn the_seconds_that_are_left_to_extend_are_told() {
    let capped = |message: &str| {
        let error = json!({"error": {"code": "wrap_up_extend_capped", "message": message}});
        let Piece::Update(numbered) = piece(&error) else {
            panic!("{message}");
        };
        let Update::Fault(fault) = numbered.update else {
            panic!("{message}");
        };
        fault.seconds
    };
    assert_eq!(capped("15"), Some(15));
    assert_eq!(capped("0"), Some(0));
    assert_eq!(capped(""), None);
    assert_eq!(fault("no_call", "c1").seconds, None);
}

#[test]
fn no_more_is_kept_than_a_person_can_have_asked_for() {
    let mut commands = Commands::default();
    for id in 0..1_000 {
        commands.begin(id, example(Kind::SendDigits).into(), &View::default(), 0);
    }
    assert!(commands.all().count() <= 64);
    assert_eq!(commands.all().last().unwrap().id, 999);
}
