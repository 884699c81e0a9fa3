//! The connection and all that hangs on it.

use patchcord_core::desk::action::{Action, Command, Switch};
use patchcord_core::desk::allowed::{Refusal, Standing, Stopped};
use patchcord_core::desk::asked;
use patchcord_core::desk::fault::{Problem, Trouble};
use patchcord_core::desk::link::{
    FIRST_PAUSE_MS, LONGEST_PAUSE_MS, POLL_MS, SILENCE_MS, SNAPSHOT_MS,
};
use patchcord_core::desk::session::{Effect, Event};
use patchcord_core::desk::set_up::Progress;
use patchcord_core::error::Code;
use patchcord_core::http::Response;
use patchcord_core::outcome::{Because, Outcome};
use serde_json::{Value, json};

use crate::examples::number;
use crate::wire::{Platform, call, config, desk};
use crate::world::World;

fn hold(to: Switch) -> Action {
    Action::Hold {
        call: "c1".into(),
        to,
    }
}

fn connected(held: bool) -> Value {
    let mut call = call("c1", "BRIDGED");
    call["onHold"] = json!(held);
    json!({"callUpsert": call})
}

#[test]
fn a_desk_is_live_when_it_has_its_snapshot_and_is_set_up() {
    let mut world = World::new();
    assert_eq!(world.session.standing(), Standing::Stopped(Stopped::Closed));
    world.event(Event::Start);
    assert_eq!(world.session.standing(), Standing::Starting);
    let stream = world.only_stream();
    world.event(Event::Opened { stream });
    assert_eq!(world.session.standing(), Standing::Starting);
    world.snapshot(stream);
    assert_eq!(world.session.standing(), Standing::SettingUp);
    assert_eq!(world.session.view(), &world.view_of_platform());

    // One after the other: announcing turns the phone in the browser on.
    assert_eq!(world.sent, [(1, Command::Announce)]);
    let mut agent = crate::wire::agent();
    agent["webrtcEnabled"] = json!(true);
    world.patch(json!({"agent": agent}));
    world.patch(json!({"config": config()}));
    assert_eq!(world.sent.len(), 1, "not before it was taken");
    world.replied(1, Outcome::Accepted);
    let off = Command::from(Action::SetBrowserPhone(Switch::Off));
    assert_eq!(world.sent[1..], [(2, off)]);
    world.replied(2, Outcome::Accepted);
    assert_eq!(world.session.standing(), Standing::SettingUp, "not shown");
    agent["webrtcEnabled"] = json!(false);
    world.patch(json!({"agent": agent}));
    // The number is right already.
    assert_eq!(world.session.standing(), Standing::Live);
    assert_eq!(world.session.set_up(), &Progress::Done);
    assert_eq!(world.sent.len(), 2);
}

#[test]
fn a_number_that_is_another_one_is_set() {
    let mut world = World::new();
    world.platform.view["agent"]["number"] = json!("");
    world.event(Event::Start);
    world.snapshot(world.only_stream());
    world.replied(1, Outcome::Accepted);
    assert_eq!(world.sent.len(), 1, "what it loads is not told yet");
    world.patch(json!({"config": config()}));
    world.replied(2, Outcome::Accepted);
    let set = Command::from(Action::SetNumber(number("+4930111111")));
    assert_eq!(world.sent.last().unwrap(), &(3, set));
    world.replied(3, Outcome::Accepted);
    assert_eq!(world.session.set_up(), &Progress::AtWork);
    // The platform has nothing to say: it is not waited for for ever.
    world.sleep();
    assert_eq!(world.session.set_up(), &Progress::Done);
}

#[test]
fn setting_up_that_fails_is_said_and_begins_anew_when_the_person_says_so() {
    let mut world = World::new();
    world.event(Event::Start);
    world.snapshot(world.only_stream());
    let refused = Because::code(Code::ProviderForbidden);
    world.replied(1, Outcome::Refused(refused.clone()));
    assert_eq!(world.session.set_up(), &Progress::Failed(refused));
    assert_eq!(world.session.standing(), Standing::Live);
    world.event(Event::SetUp);
    assert_eq!(world.sent[1..], [(2, Command::Announce)]);
    world.sent.remove(0);
    world.finish_set_up();
    assert_eq!(world.session.set_up(), &Progress::Done);

    let mut world = World::new();
    world.event(Event::Start);
    world.snapshot(world.only_stream());
    world.replied(1, Outcome::Accepted);
    world.patch(json!({"config": config()}));
    let fault = json!({"error": {"code": "set_webrtc_failed", "message": "no"}});
    world.tell(world.live_stream(), &fault);
    let Progress::Failed(because) = world.session.set_up() else {
        panic!("{:?}", world.session.set_up());
    };
    assert_eq!(because.message.as_deref(), Some("no"));
}

#[test]
fn each_stream_is_set_up_anew() {
    let mut world = World::live();
    world.sent.clear();
    world.broken(world.only_stream(), Trouble::Lost);
    world.sleep();
    world.snapshot(world.only_stream());
    let [(_, Command::Announce)] = world.sent[..] else {
        panic!("{:?}", world.sent);
    };
}

#[test]
fn a_cut_stream_is_stale_and_comes_back_with_growing_pauses() {
    let mut world = World::live();
    world.chance = u32::MAX;
    world.broken(world.only_stream(), Trouble::Lost);
    assert_eq!(world.session.standing(), Standing::Stale);
    assert_eq!(world.session.view(), &world.view_of_platform(), "as it was");
    let mut pause = FIRST_PAUSE_MS;
    for _ in 0..9 {
        let slept = world.sleep();
        assert!((pause - 1..=pause).contains(&slept), "{slept} of {pause}");
        pause = (pause * 2).min(LONGEST_PAUSE_MS);
        world.broken(world.only_stream(), Trouble::Lost);
    }
    assert_eq!(pause, LONGEST_PAUSE_MS);
    world.sleep();
    world.snapshot(world.only_stream());
    assert_eq!(world.session.standing(), Standing::SettingUp);
    // Connected again: the pauses begin anew. Chance leaves half of a pause.
    world.chance = 0;
    world.broken(world.only_stream(), Trouble::Lost);
    assert_eq!(world.sleep(), FIRST_PAUSE_MS / 2);
}

#[test]
fn the_network_coming_back_ends_a_pause() {
    let mut world = World::live();
    world.broken(world.only_stream(), Trouble::Lost);
    assert_eq!(world.streams.len(), 0);
    world.event(Event::Online);
    assert_eq!(world.streams.len(), 1);
}

#[test]
fn a_snapshot_that_does_not_come_in_time_is_a_lost_stream() {
    let mut world = World::new();
    world.event(Event::Start);
    let first = world.only_stream();
    assert_eq!(world.sleep(), SNAPSHOT_MS);
    assert_eq!(world.streams.len(), 0);
    world.sleep();
    assert_ne!(world.only_stream(), first);
    // What still comes from the first one is ignored.
    world.snapshot(first);
    assert_eq!(world.session.standing(), Standing::Starting);
}

#[test]
fn a_silent_stream_is_dead_and_a_sign_of_life_keeps_it() {
    let mut world = World::live();
    let stream = world.only_stream();
    for _ in 0..5 {
        world.now += 15_000;
        world.tell(stream, &json!({"keepalive": {}}));
        world.event(Event::Tick);
        assert_eq!(world.session.standing(), Standing::Live);
    }
    world.now += SILENCE_MS;
    world.event(Event::Tick);
    assert_eq!(world.session.standing(), Standing::Stale);
    assert_eq!(world.streams.len(), 0);
}

#[test]
fn a_gap_and_what_cannot_be_read_want_a_new_snapshot() {
    for wrong in [
        json!({"seq": 9, "patch": {"callRemove": "c1"}}),
        json!("nonsense"),
    ] {
        let mut world = World::live();
        world.patch(connected(false));
        world.tell(world.only_stream(), &wrong);
        assert_eq!(world.session.standing(), Standing::Stale, "{wrong}");
        world.platform.patch(json!({"callRemove": "c1"}));
        world.heal();
        assert_eq!(world.session.view(), &world.view_of_platform());
        assert_eq!(world.session.view().calls, []);
    }
}

#[test]
fn a_stream_that_is_cut_at_any_byte_comes_back_right() {
    let mut platform = Platform::idle();
    let mut stream = crate::wire::message(&platform.snapshot());
    for told in [
        platform.patch(connected(false)),
        json!({"keepalive": {}}),
        platform.patch(connected(true)),
        platform.patch(json!({"callRemove": "c1"})),
    ] {
        stream.extend(crate::wire::message(&told));
    }
    for cut in 0..=stream.len() {
        let mut world = World::new();
        world.platform = platform.clone();
        world.event(Event::Start);
        let number = world.only_stream();
        let mut reader = desk().reader();
        for piece in reader.read(&stream[..cut]) {
            let stream = number;
            world.event(Event::Piece { stream, piece });
        }
        world.broken(number, Trouble::Lost);
        assert_ne!(world.session.standing(), Standing::Live, "cut at {cut}");
        world.heal();
        assert_eq!(world.session.standing(), Standing::Live, "cut at {cut}");
        assert_eq!(world.session.view(), &world.view_of_platform());
    }
}

#[test]
fn a_platform_that_is_gone_for_a_minute_comes_back_right() {
    let mut world = World::live();
    world.patch(connected(false));
    let id = world.act(hold(Switch::On)).unwrap();
    world.replied(id, Outcome::Accepted);
    world.sent.clear();
    let back = world.now + 60_000;
    let mut tries = 0;
    while world.now < back {
        match world.streams.keys().next() {
            Some(&stream) => world.broken(stream, Trouble::Lost),
            None => {
                world.sleep();
                tries += 1;
            }
        }
        assert_eq!(world.session.standing(), Standing::Stale);
    }
    assert!((5..15).contains(&tries), "{tries}");
    world.platform.patch(json!({"callRemove": "c1"}));
    world.heal();
    assert_eq!(world.session.view(), &world.view_of_platform());
    assert_eq!(world.session.asked().count(), 0, "the call is gone");
}

#[test]
fn a_ping_is_answered_once() {
    let mut world = World::live();
    world.sent.clear();
    let ping = json!({"ping": {"seq": "18446744073709551615"}});
    world.tell(world.only_stream(), &ping);
    world.tell(world.only_stream(), &ping);
    let [(_, Command::Pong(u64::MAX))] = world.sent[..] else {
        panic!("{:?}", world.sent);
    };
}

#[test]
fn a_refused_token_is_renewed_and_the_stream_comes_back_at_once() {
    let mut world = World::live();
    world.patch(connected(false));
    world.tell(
        world.only_stream(),
        &json!({"error": {"code": "unauthenticated"}}),
    );
    assert_eq!(world.session.standing(), Standing::Stale, "in mid-call");
    let turn = world.tokens.pop().unwrap();
    world.event(Event::Token { turn });
    world.snapshot(world.only_stream());
    assert_eq!(world.session.standing(), Standing::SettingUp);
    assert_eq!(world.session.view().calls.len(), 1);
}

#[test]
fn fresh_tokens_that_are_refused_again_and_again_want_a_person() {
    let mut world = World::live();
    let mut refusals = 0;
    while world.session.standing() != Standing::Stopped(Stopped::SignInNeeded) {
        world.broken(world.only_stream(), Trouble::Unauthenticated);
        refusals += 1;
        while world.streams.is_empty() && world.session.wake_at(world.now).is_some() {
            match world.tokens.pop() {
                Some(turn) => world.event(Event::Token { turn }),
                None => {
                    world.sleep();
                }
            }
        }
    }
    assert_eq!(refusals, 4);
    world.event(Event::Start);
    world.snapshot(world.only_stream());
    assert_eq!(world.session.standing(), Standing::SettingUp);
}

#[test]
fn without_a_fresh_token_a_person_signs_in_or_it_is_tried_again() {
    let mut world = World::live();
    world.broken(world.only_stream(), Trouble::Unauthenticated);
    let turn = world.tokens.pop().unwrap();
    let why = Trouble::Lost;
    world.event(Event::NoToken { turn, why });
    world.sleep();
    let turn = world.tokens.pop().unwrap();
    let why = Trouble::SignInNeeded;
    world.event(Event::NoToken { turn, why });
    let stopped = Standing::Stopped(Stopped::SignInNeeded);
    assert_eq!(world.session.standing(), stopped);
    assert_eq!(world.session.wake_at(world.now), None);
}

#[test]
fn a_renewed_token_takes_over_without_a_gap() {
    let mut world = World::live();
    let old = world.only_stream();
    world.event(Event::Renewed);
    assert_eq!(world.streams.len(), 2);
    // The old stream goes on …
    world.patch(connected(false));
    assert_eq!(world.session.view().calls.len(), 1);
    assert_eq!(world.session.standing(), Standing::Live);
    // … until the new one has its snapshot.
    let new = *world.streams.keys().find(|stream| **stream != old).unwrap();
    world.snapshot(new);
    assert_eq!(world.only_stream(), new);
    assert_eq!(world.session.view().calls.len(), 1);
    assert_ne!(world.session.standing(), Standing::Stale);
    world.patch(connected(true));
    assert!(world.session.view().calls[0].held);
}

#[test]
fn a_renewal_that_fails_is_tried_again_while_the_old_stream_goes_on() {
    let mut world = World::live();
    let old = world.only_stream();
    world.event(Event::Renewed);
    let new = *world.streams.keys().find(|stream| **stream != old).unwrap();
    world.broken(new, Trouble::Lost);
    assert_eq!(world.session.standing(), Standing::Live);
    assert_eq!(world.only_stream(), old);
    world.sleep();
    assert_eq!(world.streams.len(), 2);
}

/// The platform has one stream for each agent: our own new one takes the old one's place.
#[test]
fn a_stream_that_our_own_new_one_replaces_was_not_taken_by_another_window() {
    let mut world = World::live();
    let old = world.only_stream();
    world.event(Event::Renewed);
    world.tell(old, &json!({"error": {"code": "session_gone"}}));
    assert_eq!(world.session.standing(), Standing::Stale);
    world.snapshot(world.only_stream());
    assert_eq!(world.session.standing(), Standing::SettingUp);
}

#[test]
fn a_desk_that_another_window_took_stops_until_it_is_taken_back() {
    let mut world = World::live();
    world.patch(connected(false));
    world.tell(
        world.only_stream(),
        &json!({"error": {"code": "session_gone"}}),
    );
    let taken = Standing::Stopped(Stopped::Taken);
    assert_eq!(world.session.standing(), taken);
    assert_eq!(
        world.session.wake_at(world.now),
        None,
        "it does not come back alone"
    );
    assert_eq!(world.act(hold(Switch::On)), Err(Refusal::Stale));
    world.event(Event::Online);
    world.event(Event::Renewed);
    assert!(world.streams.is_empty() && world.tokens.is_empty());
    world.event(Event::Start);
    world.snapshot(world.only_stream());
    assert_eq!(world.session.standing(), Standing::SettingUp);
}

#[test]
fn who_is_no_agent_is_told_so() {
    let mut world = World::live();
    let error = json!({"error": {"code": "not_an_agent"}});
    world.tell(world.only_stream(), &error);
    let standing = world.session.standing();
    assert_eq!(standing, Standing::Stopped(Stopped::NotAnAgent));
}

#[test]
fn where_nothing_can_be_streamed_the_platform_is_asked() {
    let mut world = World::new();
    world.event(Event::Start);
    world.event(Event::NoStreams);
    assert!(world.streams.is_empty());
    world.answer_poll();
    world.finish_set_up();
    assert_eq!(world.session.standing(), Standing::Polling);
    while world.polls.is_empty() {
        world.sleep();
    }
    world.platform.patch(connected(false));
    world.answer_poll();
    assert_eq!(world.session.view().calls.len(), 1);
    assert_eq!(world.sleep(), POLL_MS);

    // What is asked for is seen in the next answer.
    let id = world.act(hold(Switch::On)).unwrap();
    world.replied(id, Outcome::Accepted);
    world.platform.patch(connected(true));
    world.answer_poll();
    assert_eq!(world.session.asked().count(), 0);

    world.sleep();
    let turn = world.polls.pop().unwrap();
    let answer = Err(Trouble::Lost);
    world.event(Event::Polled { turn, answer });
    assert_eq!(world.session.standing(), Standing::Stale);
    world.sleep();
    let turn = world.polls.pop().unwrap();
    let answer = Err(Trouble::Unauthenticated);
    world.event(Event::Polled { turn, answer });
    world.now += POLL_MS;
    world.event(Event::Tick);
    assert!(
        world.polls.is_empty(),
        "not with the token that was refused"
    );
    let turn = world.tokens.pop().unwrap();
    world.event(Event::Token { turn });
    assert_eq!(world.polls.len(), 1);
    assert!(world.streams.is_empty());
}

#[test]
fn streams_that_never_bring_anything_are_held_back_by_something() {
    let mut world = World::new();
    world.event(Event::Start);
    for _ in 0..3 {
        assert!(world.polls.is_empty());
        let stream = world.only_stream();
        world.event(Event::Opened { stream });
        world.sleep();
        if world.polls.is_empty() {
            world.sleep();
        }
    }
    world.answer_poll();
    world.finish_set_up();
    assert_eq!(world.session.standing(), Standing::Polling);
    // One is kept open beside: the platform may have it, and tell of calls only then.
    world.event(Event::Tick);
    let kept = world.only_stream();
    world.event(Event::Opened { stream: kept });
    world.finish_set_up();
    let begun = world.now;
    while world.streams.contains_key(&kept) {
        world.sleep();
        while !world.polls.is_empty() {
            world.answer_poll();
        }
        assert_eq!(world.session.standing(), Standing::Polling);
    }
    assert!(world.now - begun >= 290_000, "{}", world.now - begun);
    // And as soon as something comes through, it counts.
    world.event(Event::Tick);
    world.snapshot(world.only_stream());
    world.finish_set_up();
    assert_eq!(world.session.standing(), Standing::Live);
}

#[test]
fn an_answer_without_what_is_switched_on_is_no_state() {
    let mut world = World::live();
    world.patch(connected(false));
    world.broken(world.only_stream(), Trouble::NoStream);
    let before = world.session.view().clone();
    world.platform.view["config"] = json!(null);
    world.platform.view["activeCalls"] = json!([]);
    world.answer_poll();
    assert_eq!(
        world.session.standing(),
        Standing::Stale,
        "as it was, and not current"
    );
    assert_eq!(world.session.view(), &before);
    world.platform.view["config"] = config();
    while world.polls.is_empty() {
        world.sleep();
    }
    world.answer_poll();
    assert_eq!(world.session.view().calls, []);
}

#[test]
fn a_held_back_stream_is_announced_because_a_platform_may_tell_nothing_before() {
    let mut world = World::live();
    world.patch(connected(false));
    world.broken(world.only_stream(), Trouble::Lost);
    while world.polls.is_empty() {
        if let Some(&stream) = world.streams.keys().next() {
            world.event(Event::Opened { stream });
        }
        world.sleep();
    }
    world.platform.view["config"] = json!(null);
    world.answer_poll();
    assert_eq!(world.session.standing(), Standing::Stale);
    assert_eq!(world.sent, []);
    while world.streams.is_empty() {
        world.sleep();
    }
    let stream = world.only_stream();
    world.event(Event::Opened { stream });
    let (id, command) = world.sent.remove(0);
    assert_eq!(command, Command::Announce);
    world.replied(id, Outcome::Accepted);
    world.platform.view["config"] = config();
    while world.session.standing() == Standing::Stale {
        world.sleep();
        while !world.polls.is_empty() {
            world.answer_poll();
        }
    }
    world.finish_set_up();
    assert_eq!(world.session.standing(), Standing::Polling);
    assert_eq!(world.session.view().calls.len(), 1);
    assert_eq!(world.only_stream(), stream);
}

#[test]
fn in_another_network_a_stream_that_was_held_back_is_tried_for_at_once() {
    let mut world = World::new();
    world.event(Event::Start);
    world.broken(world.only_stream(), Trouble::NoStream);
    world.answer_poll();
    world.finish_set_up();
    assert!(world.streams.is_empty());
    world.event(Event::Online);
    assert_eq!(world.sleep(), 0);
    world.snapshot(world.only_stream());
    world.finish_set_up();
    assert_eq!(world.session.standing(), Standing::Live);
}

#[test]
fn nothing_is_flipped_before_the_platform_says_so() {
    let mut world = World::live();
    world.patch(connected(false));
    let id = world.act(hold(Switch::On)).unwrap();
    assert!(!world.session.view().calls[0].held);
    assert_eq!(world.act(hold(Switch::On)), Err(Refusal::AlreadyAsked));
    world.replied(id, Outcome::Accepted);
    assert!(!world.session.view().calls[0].held);
    assert_eq!(world.session.asked().count(), 1);
    world.patch(connected(true));
    assert!(world.session.view().calls[0].held);
    assert_eq!(world.session.asked().count(), 0);
    assert_eq!(world.act(hold(Switch::On)), Err(Refusal::Already));
}

#[test]
fn an_error_is_tied_to_the_command_that_caused_it() {
    let mut world = World::live();
    world.patch(connected(false));
    world.patch(json!({"callUpsert": call("c2", "BRIDGED")}));
    let mute = |call: &str| Action::Mute {
        call: call.into(),
        to: Switch::On,
    };
    let ids = [
        world.act(hold(Switch::On)).unwrap(),
        world.act(mute("c2")).unwrap(),
        world.act(mute("c1")).unwrap(),
    ];
    for id in ids {
        world.replied(id, Outcome::Accepted);
    }
    let error =
        json!({"error": {"code": "call_on_another_window", "message": "no", "callId": "c2"}});
    world.tell(world.only_stream(), &error);
    let [Effect::Fault { id, fault }] = &world.told[..] else {
        panic!("{:?}", world.told);
    };
    assert_eq!(*id, Some(ids[1]));
    assert_eq!(fault.problem, Problem::OnAnotherWindow);
    let failed: Vec<_> = world.session.asked().filter(|one| one.is_bad()).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(*failed[0].action, mute("c2"));
    world.event(Event::Dismissed { id: ids[1] });
    assert_eq!(world.session.asked().count(), 2);
}

#[test]
fn a_command_whose_reply_was_lost_is_unknown_and_not_sent_again() {
    let mut world = World::live();
    world.patch(connected(false));
    world.sent.clear();
    let id = world.act(hold(Switch::On)).unwrap();
    world.replied(id, Outcome::Unknown(Because::code(Code::NoReply)));
    let asked: Vec<_> = world.session.asked().collect();
    assert!(matches!(asked[0].progress, asked::Progress::Unknown(_)));
    world.broken(world.only_stream(), Trouble::Lost);
    world.heal();
    let holds = world.ids.len();
    assert!(world.sent.is_empty(), "{:?}", world.sent);
    // It did arrive: the new snapshot shows it.
    world.patch(connected(true));
    assert_eq!(world.session.asked().count(), 0);
    assert_eq!(world.ids.len(), holds);
}

#[test]
fn a_refused_token_of_a_command_renews_it_beside_the_stream() {
    let mut world = World::live();
    world.patch(connected(false));
    let id = world.act(hold(Switch::On)).unwrap();
    let reply = Response::json(401, r#"{"code":"unauthenticated","message":"expired"}"#);
    let sent = desk().read_sent(Ok(reply));
    world.event(Event::Replied { id, sent });
    assert_eq!(world.session.standing(), Standing::Live);
    let turn = world.tokens.pop().unwrap();
    world.event(Event::Token { turn });
    assert_eq!(world.streams.len(), 2);
}

#[test]
fn a_clock_that_is_set_back_delays_nothing() {
    let mut world = World::live();
    world.now -= 900_000;
    world.event(Event::Tick);
    let wake = world.session.wake_at(world.now).unwrap();
    assert!(wake <= world.now + SILENCE_MS, "{wake} at {}", world.now);
    world.now += SILENCE_MS;
    world.event(Event::Tick);
    assert_eq!(world.session.standing(), Standing::Stale);
}

#[test]
fn a_notification_is_told_once() {
    let mut world = World::live();
    let told = json!({"kind": "cti.message", "dataJson": "{\"a\":1}"});
    world.patch(json!({"notification": told}));
    let [Effect::Notify(notification)] = &world.told[..] else {
        panic!("{:?}", world.told);
    };
    assert_eq!(&*notification.data, "{\"a\":1}");
}
