//! What is said to those who do not see the panel, and what the page around it is told: each once.

use patchcord_core::desk::action::Action;
use patchcord_core::desk::allowed::Standing;
use patchcord_core::desk::session::Event as Session;
use patchcord_core::desk::view::Call;
use patchcord_core::error::Code;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_panel::notice::of_missed;
use patchcord_panel::spoken::{Saying, Spoken};
use patchcord_panel::told::{Detail, Event, Told};
use patchcord_panel::ui::Tone;
use serde_json::json;

use crate::examples::number;
use crate::stage::Stage;
use crate::wire::call;
use crate::world::World;

fn polite(text: &str) -> Spoken {
    Spoken {
        polite: text.into(),
        assertive: String::new(),
    }
}

fn at_once(text: &str) -> Spoken {
    Spoken {
        polite: String::new(),
        assertive: text.into(),
    }
}

#[test]
fn each_change_of_a_call_is_said_once() {
    let mut stage = Stage::idle();
    assert_eq!(stage.listen(), Spoken::default());
    stage.call("c1", "RINGING", &json!({}));
    assert_eq!(stage.listen(), at_once("Incoming call: Tom"));
    assert_eq!(stage.listen(), Spoken::default());
    stage.call("c1", "BRIDGED", &json!({}));
    assert_eq!(stage.listen(), polite("Connected: Tom"));
    stage.call("c1", "BRIDGED", &json!({"onHold": true, "muted": true}));
    assert_eq!(stage.listen(), polite("On hold You are muted"));
    stage.call("c1", "BRIDGED", &json!({"onHold": false, "muted": true}));
    assert_eq!(stage.listen(), polite("Resumed"));
    stage.call("c1", "COMPLETED", &json!({}));
    assert_eq!(stage.listen(), polite("Call ended: Tom"));
    stage.world.patch(json!({"callRemove": "c1"}));
    assert_eq!(stage.listen(), Spoken::default());
}

#[test]
fn a_number_that_is_called_is_said_once_however_it_begins_to_ring() {
    let mut stage = Stage::idle();
    stage.listen();
    let dialled = json!({"direction": "CALL_DIRECTION_OUTBOUND", "to": "+4915228817386"});
    stage.call("c1", "INIT", &dialled);
    assert_eq!(stage.listen(), polite("Calling Tom"));
    stage.call("c1", "RINGING", &dialled);
    assert_eq!(stage.listen(), Spoken::default());
}

#[test]
fn what_was_said_is_taken_away_and_the_same_is_said_twice() {
    let mut saying = Saying::default();
    saying.say(at_once("Incoming call: Tom"), 1_000);
    saying.tick(1_000);
    assert_eq!(saying.now, at_once("Incoming call: Tom"));
    saying.say(at_once("Incoming call: Tom"), 2_000);
    assert_eq!(saying.now, at_once("Incoming call: Tom\u{a0}"));
    saying.say(Spoken::default(), 3_000);
    let until = saying.until.unwrap();
    saying.tick(until - 1);
    assert_ne!(saying.now, Spoken::default());
    saying.tick(until);
    assert_eq!((saying.now, saying.until), (Spoken::default(), None));
}

#[test]
fn what_is_said_later_comes_after() {
    let mut spoken = polite("Calling Tom");
    spoken.add(&Spoken::default());
    spoken.add(&polite("No connection: Tom"));
    spoken.add(&at_once("Hold: not done"));
    assert_eq!(spoken.polite, "Calling Tom No connection: Tom");
    assert_eq!(spoken.assertive, "Hold: not done");
}

#[test]
fn a_call_that_goes_without_a_word_has_ended() {
    let mut stage = Stage::connected();
    stage.listen();
    stage.world.patch(json!({"callRemove": "c1"}));
    assert_eq!(stage.listen(), polite("Call ended: Tom"));
}

#[test]
fn a_lost_connection_is_said_at_once_and_its_return_in_a_pause() {
    let mut stage = Stage::connected();
    stage.listen();
    stage.lose();
    let lost = "Connection lost. Nothing can be done until it is back.";
    assert_eq!(stage.listen(), at_once(lost));
    assert_eq!(stage.listen(), Spoken::default());
    stage.world.heal();
    stage.world.finish_set_up();
    assert_eq!(stage.listen(), polite("The connection is back."));
}

#[test]
fn what_went_wrong_is_said_at_once_and_once() {
    let mut stage = Stage::connected();
    stage.listen();
    stage.uses("hold c1");
    assert_eq!(stage.listen(), Spoken::default());
    stage.replied(Outcome::Refused(Because::code(Code::ProviderForbidden)));
    let said = stage.listen().assertive;
    assert!(said.starts_with("Hold: not done"), "{said}");
    assert_eq!(stage.listen(), Spoken::default());
}

#[test]
fn a_member_whose_number_is_in_the_phonebook_is_called_by_name() {
    let mut stage = Stage::meeting(true);
    let number = "+4915228817386";
    let mut conference = crate::wire::conference(true);
    conference["members"][1]["display"] = json!(number);
    stage
        .world
        .patch(json!({"conferenceUpsert": conference.clone()}));
    stage.listen();
    let card = stage.scene(|scene| patchcord_panel::conference::card(scene).unwrap().words());
    assert!(card.contains("Tom") && !card.contains(number), "{card}");
    conference["members"][1]["state"] = json!("removed");
    stage.world.patch(json!({"conferenceUpsert": conference}));
    assert_eq!(stage.listen(), polite("Tom has left"));
}

#[test]
fn who_comes_to_a_conference_and_who_goes_is_said() {
    let mut stage = Stage::meeting(true);
    stage.listen();
    let mut conference = crate::wire::conference(true);
    conference["members"][2]["state"] = json!("removed");
    stage.world.patch(json!({"conferenceUpsert": conference}));
    assert_eq!(stage.listen(), polite("Kim has left"));
}

fn text(event: &Event, key: &str) -> String {
    let found = event.more.iter().find(|(name, _)| *name == key);
    match found {
        Some((_, Detail::Text(text))) => text.clone(),
        Some((_, Detail::Word(word))) => (*word).to_owned(),
        other => panic!("{other:?}"),
    }
}

fn names(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(|event| event.name).collect()
}

/// Dials, and tells the page; the number is Tom's.
fn dial(stage: &mut Stage, told: &mut Told) {
    stage.ui.number = "+4915228817386".into();
    stage.uses("dial");
    let asked = stage.world.session.asked().last().unwrap();
    assert!(matches!(*asked.action, Action::PlaceCall(_)));
    told.placed(
        "key-1".into(),
        asked.id,
        number("+4915228817386").as_e164().into(),
    );
}

fn outbound() -> serde_json::Value {
    json!({"direction": "CALL_DIRECTION_OUTBOUND", "source": "CALL_SOURCE_API", "to": "+4915228817386", "from": "+4930111111"})
}

#[test]
fn a_call_that_was_placed_here_is_known_by_its_click_from_then_on() {
    let (mut stage, mut told) = (Stage::idle(), Told::default());
    dial(&mut stage, &mut told);
    assert!(told.listen(&stage.world.session, 0).is_empty());
    stage.replied(Outcome::Accepted);
    assert!(
        told.listen(&stage.world.session, 0).is_empty(),
        "only taken"
    );
    stage.call("c1", "RINGING", &outbound());
    let events = told.listen(&stage.world.session, 0);
    assert_eq!(names(&events), ["callaccepted", "callstate"]);
    assert!(
        events
            .iter()
            .all(|event| event.id == "key-1" && event.call == "c1")
    );
    assert!(told.listen(&stage.world.session, 0).is_empty());
    stage.call("c1", "BRIDGED", &json!({"direction": "CALL_DIRECTION_OUTBOUND", "to": "+4915228817386", "establishedAt": 1_000}));
    let events = told.listen(&stage.world.session, 1_001_000);
    assert_eq!(names(&events), ["callstate"]);
    assert_eq!(text(&events[0], "state"), "connected");
    stage.world.patch(json!({"callRemove": "c1"}));
    let events = told.listen(&stage.world.session, 1_031_000);
    assert_eq!(names(&events), ["callended"]);
    assert_eq!(events[0].id, "key-1");
    assert!(events[0].more.contains(&("duration", Detail::Number(30))));
    assert!(told.listen(&stage.world.session, 0).is_empty());
}

/// How long the call that has just ended lasted, as the page is told.
fn told_duration(stage: &Stage, told: &mut Told) -> Option<u64> {
    let events = told.listen(&stage.world.session, stage.world.now);
    assert_eq!(names(&events), ["callended"]);
    let more = events[0].more.iter();
    let mut durations = more.filter_map(|(name, value)| match value {
        Detail::Number(seconds) if *name == "duration" => Some(*seconds),
        _ => None,
    });
    durations.next()
}

#[test]
fn a_call_that_ended_while_nobody_could_see_it_is_told_without_a_duration() {
    let (mut stage, mut told) = (Stage::connected(), Told::default());
    told.listen(&stage.world.session, stage.world.now);
    stage.lose();
    assert!(
        told.listen(&stage.world.session, stage.world.now)
            .is_empty()
    );
    stage.world.now += 3 * 3_600_000;
    stage.world.platform.patch(json!({"callRemove": "c1"}));
    stage.world.heal();
    assert_eq!(told_duration(&stage, &mut told), None);
}

#[test]
fn a_call_that_goes_on_behind_a_lost_connection_has_its_duration() {
    let (mut stage, mut told) = (Stage::connected(), Told::default());
    told.listen(&stage.world.session, stage.world.now);
    stage.lose();
    told.listen(&stage.world.session, stage.world.now);
    let lost = stage.world.now;
    stage.world.heal();
    told.listen(&stage.world.session, stage.world.now);
    stage.world.now = lost + 60_000;
    stage.world.patch(json!({"callRemove": "c1"}));
    assert_eq!(told_duration(&stage, &mut told), Some(134 + 60));
}

#[test]
fn a_call_is_as_long_as_this_browser_saw_it_whatever_the_platforms_clock_says() {
    for (skew, seen, duration) in [(120, true, 90), (-300, true, 90), (120, false, 90)] {
        let (mut stage, mut told) = (Stage::idle(), Told::default());
        told.listen(&stage.world.session, stage.world.now);
        if seen {
            stage.call("c1", "RINGING", &json!({}));
            told.listen(&stage.world.session, stage.world.now);
        }
        let now = i64::try_from(stage.world.now / 1_000).unwrap();
        stage.call("c1", "BRIDGED", &json!({"establishedAt": now + skew}));
        told.listen(&stage.world.session, stage.world.now);
        stage.world.now += 90_000;
        stage.world.patch(json!({"callRemove": "c1"}));
        assert_eq!(told_duration(&stage, &mut told), Some(duration), "{skew}");
    }
}

#[test]
fn a_call_that_ended_while_a_machine_slept_that_asks_for_its_calls_has_no_duration() {
    let (mut stage, mut told) = (Stage::at(World::new()), Told::default());
    let listen =
        |stage: &Stage, told: &mut Told| told.listen(&stage.world.session, stage.world.now);
    let connected = json!({"callUpsert": call("c1", "BRIDGED")});
    stage.world.platform.patch(connected);
    stage.world.event(Session::Start);
    stage.world.event(Session::NoStreams);
    stage.world.answer_poll();
    stage.world.finish_set_up();
    assert_eq!(names(&listen(&stage, &mut told)), ["callstate"]);
    stage.world.sleep();
    stage.world.answer_poll();
    listen(&stage, &mut told);
    stage.world.platform.patch(json!({"callRemove": "c1"}));
    stage.world.now += 3 * 3_600_000;
    stage.world.event(Session::Tick);
    assert_eq!(stage.world.session.standing(), Standing::Stale);
    listen(&stage, &mut told);
    stage.world.answer_poll();
    assert_eq!(told_duration(&stage, &mut told), None);
}

#[test]
fn a_dial_that_was_refused_or_may_have_been_lost_is_told_as_that() {
    let (mut stage, mut told) = (Stage::idle(), Told::default());
    dial(&mut stage, &mut told);
    stage.replied(Outcome::Refused(Because::code(Code::ProviderBusy)));
    let events = told.listen(&stage.world.session, 0);
    assert_eq!(names(&events), ["callrefused"]);
    assert_eq!(text(&events[0], "code"), "provider_busy");
    assert!(told.listen(&stage.world.session, 0).is_empty());

    let (mut stage, mut told) = (Stage::idle(), Told::default());
    dial(&mut stage, &mut told);
    stage.replied(Outcome::Unknown(Because::code(Code::NoReply)));
    let events = told.listen(&stage.world.session, 0);
    assert_eq!(names(&events), ["callunknown"]);
    assert!(told.listen(&stage.world.session, 0).is_empty());
    // It was placed after all.
    stage.call("c1", "RINGING", &outbound());
    let events = told.listen(&stage.world.session, 0);
    assert_eq!(names(&events), ["callaccepted", "callstate"]);
}

#[test]
fn a_call_that_ends_at_once_leaves_a_notice_with_the_reason() {
    let mut stage = Stage::idle();
    stage.listen();
    stage.call("c1", "INIT", &outbound());
    stage.listen();
    stage.call("c1", "FAILED", &outbound());
    assert_eq!(stage.listen(), polite("No connection: Tom"));
    let said = stage.heard.missed().unwrap();
    assert_eq!(said.headline, "No connection: Tom");
    assert_eq!(said.advice, "The phone system ended the call at once.");
    assert_eq!(stage.heard.missed(), None, "once");
    stage.ui.notice("", Tone::Bad, said.clone());
    assert_eq!(stage.listen(), at_once(&said.whole()));
    assert!(stage.node().words().contains("ended the call at once"));
    let call = Call {
        reason: "busy".into(),
        ..Call::default()
    };
    let said = stage.scene(|scene| of_missed(scene, &call, "Tom"));
    assert_eq!(said.advice, "The phone system says: “busy”");
}

#[test]
fn a_call_that_rang_for_a_while_that_came_or_that_is_old_leaves_no_notice() {
    let mut stage = Stage::idle();
    stage.call("c0", "FAILED", &outbound());
    stage.listen();
    assert_eq!(
        stage.heard.missed(),
        None,
        "it ended before the panel was there"
    );
    stage.world.patch(json!({"callRemove": "c0"}));
    for state in ["INIT", "RINGING", "FAILED"] {
        stage.call("c1", state, &outbound());
        stage.listen();
        stage.world.now += 5_000;
    }
    assert_eq!(stage.heard.missed(), None, "it rang");
    stage.call("c2", "FAILED", &json!({}));
    stage.listen();
    assert_eq!(stage.heard.missed(), None, "it came");
}

#[test]
fn a_call_that_comes_is_known_by_its_own_id() {
    let (mut stage, mut told) = (Stage::idle(), Told::default());
    stage.call("c1", "RINGING", &json!({}));
    let events = told.listen(&stage.world.session, 0);
    assert_eq!(names(&events), ["callstate"]);
    assert_eq!(
        (&*events[0].id, &*events[0].number),
        ("c1", "+4915228817386")
    );
    stage.call("c1", "BRIDGED", &json!({"muted": true}));
    let events = told.listen(&stage.world.session, 0);
    assert!(events[0].more.contains(&("muted", Detail::Flag(true))));
    stage.call("c1", "COMPLETED", &json!({}));
    assert_eq!(names(&told.listen(&stage.world.session, 0)), ["callended"]);
    stage.world.patch(json!({"callRemove": "c1"}));
    assert!(told.listen(&stage.world.session, 0).is_empty());
}

#[test]
fn a_connection_that_comes_back_at_once_is_nobodys_concern() {
    let mut stage = Stage::connected();
    stage.listen();
    stage.lose();
    stage.ui.stale_since = Some(stage.world.now);
    assert_eq!(stage.listen(), Spoken::default());
    let words = stage.node().words();
    assert!(words.contains("no connection"), "{words}");
    assert!(!words.contains("Connection lost"), "{words}");
    // It is drawn again when that is over.
    let at = stage.scene(patchcord_panel::panel::ticks_at).unwrap();
    assert!(at <= stage.world.now + 3_000);
    stage.world.heal();
    stage.world.finish_set_up();
    stage.ui.stale_since = None;
    assert_eq!(stage.listen(), Spoken::default());
}

#[test]
fn the_page_is_told_whether_a_number_can_be_dialled_and_each_change_once() {
    let (mut stage, mut told) = (Stage::idle(), Told::default());
    let agent = |stage: &Stage, told: &mut Told| stage.scene(|scene| told.agent(scene));
    assert_eq!(agent(&stage, &mut told), Some("ready"));
    assert_eq!(agent(&stage, &mut told), None);
    stage.call("c1", "BRIDGED", &json!({}));
    assert_eq!(agent(&stage, &mut told), Some("in_call"));
    stage.call("c1", "BRIDGED", &json!({"muted": true}));
    assert_eq!(agent(&stage, &mut told), None);
    stage.lose();
    assert_eq!(agent(&stage, &mut told), Some("stale"));
    stage.world.heal();
    stage.world.finish_set_up();
    assert_eq!(agent(&stage, &mut told), Some("in_call"));
}

#[test]
fn a_call_says_which_way_it_went() {
    let (mut stage, mut told) = (Stage::idle(), Told::default());
    stage.call("c1", "RINGING", &json!({}));
    stage.call("c2", "RINGING", &outbound());
    let events = told.listen(&stage.world.session, 0);
    let ways: Vec<String> = events
        .iter()
        .map(|event| text(event, "direction"))
        .collect();
    assert_eq!(ways, ["incoming", "outgoing"]);
    stage.world.patch(json!({"callRemove": "c1"}));
    let events = told.listen(&stage.world.session, 0);
    assert_eq!(
        (names(&events), text(&events[0], "direction")),
        (vec!["callended"], "incoming".into())
    );
}
