//! Several windows of one agent: one has the connection, the others are told what it hears.

use patchcord_core::desk::action::{Action, Command, Switch};
use patchcord_core::desk::allowed::{Standing, Stopped};
use patchcord_core::desk::fault::Trouble;
use patchcord_core::desk::session::{Effect, Event, Piece, Role, Session};
use patchcord_core::desk::set_up::Progress;
use patchcord_core::error::Code;
use patchcord_core::outcome::{Because, Outcome};
use proptest::prelude::*;
use serde_json::json;

use crate::examples::number;
use crate::random::patch;
use crate::wire::{call, desk, message, piece};
use crate::world::World;

fn follower() -> World {
    let mut world = World::new();
    let set_up = desk().set_up(Some(&number("+4930111111")));
    world.session = Session::new(desk().capabilities(), set_up).following();
    world.event(Event::Start);
    world
}

#[test]
fn a_follower_sets_nothing_up_and_answers_no_ping() {
    let mut world = follower();
    world.snapshot(world.only_stream());
    assert_eq!(world.session.standing(), Standing::Live);
    world.tell(world.only_stream(), &json!({"ping": {"seq": "7"}}));
    world.event(Event::SetUp);
    assert_eq!(world.sent, []);
    assert_eq!(world.session.set_up(), &Progress::Waiting);
}

#[test]
fn a_follower_shows_that_setting_up_failed_at_the_leader_until_it_works_there() {
    let mut world = follower();
    world.snapshot(world.only_stream());
    let because = Because::code(Code::ProviderForbidden);
    let failed = Progress::Failed(because);
    let shown = world.session.revision();
    world.event(Event::SetUpThere(failed.clone()));
    assert_eq!(world.session.set_up(), &failed);
    assert_ne!(world.session.revision(), shown);
    world.event(Event::SetUpThere(Progress::Waiting));
    assert_eq!(world.session.set_up(), &Progress::Waiting);
    // What the leader said is no longer so once there is another one.
    world.event(Event::SetUpThere(failed.clone()));
    world.event(Event::Lead);
    assert_eq!(world.session.set_up(), &Progress::Waiting);
    // A leader knows itself.
    world.event(Event::SetUpThere(failed));
    assert_eq!(world.session.set_up(), &Progress::Waiting);
}

#[test]
fn a_follower_sends_what_its_own_person_does() {
    let mut world = follower();
    world.platform.view["activeCalls"] = json!([call("c1", "BRIDGED")]);
    world.snapshot(world.only_stream());
    let hold = Action::Hold {
        call: "c1".into(),
        to: Switch::On,
    };
    let id = world.act(hold.clone()).unwrap();
    assert_eq!(world.sent, [(id, Command::from(hold))]);
}

#[test]
fn when_the_leader_is_gone_a_follower_opens_its_own_stream_beside_and_sets_up() {
    let mut world = follower();
    let from_leader = world.only_stream();
    world.snapshot(from_leader);
    world.event(Event::Lead);
    assert_eq!(world.session.role(), Role::Leader);
    assert_eq!(world.session.standing(), Standing::Live, "nothing flickers");
    let own = *world.streams.iter().find(|(_, has)| !**has).unwrap().0;
    world.event(Event::Opened { stream: own });
    world.snapshot(own);
    assert_eq!(world.only_stream(), own, "the leader's is closed");
    assert_eq!(world.sent, [(1, Command::Announce)]);
    world.finish_set_up();
    assert_eq!(world.session.standing(), Standing::Live);
}

#[test]
fn what_the_leader_told_is_stale_once_the_new_leader_cannot_connect() {
    let mut world = follower();
    world.snapshot(world.only_stream());
    world.event(Event::Lead);
    let own = *world.streams.iter().find(|(_, has)| !**has).unwrap().0;
    world.broken(own, Trouble::Lost);
    assert!(world.streams.is_empty(), "nothing comes from the leader's");
    assert_eq!(world.session.standing(), Standing::Stale);
    world.sleep();
    world.snapshot(world.only_stream());
    world.finish_set_up();
    assert_eq!(world.session.standing(), Standing::Live);
}

#[test]
fn a_follower_that_waits_takes_over_at_once() {
    // For a snapshot.
    let mut world = follower();
    let from_leader = world.only_stream();
    world.event(Event::Lead);
    assert_ne!(world.only_stream(), from_leader);
    // For the next try.
    let mut world = follower();
    world.broken(world.only_stream(), Trouble::Lost);
    assert!(world.streams.is_empty());
    world.event(Event::Lead);
    world.snapshot(world.only_stream());
    world.finish_set_up();
    assert_eq!(world.session.standing(), Standing::Live);
}

#[test]
fn a_closed_follower_that_takes_over_stays_closed() {
    let mut world = follower();
    world.event(Event::Stop);
    world.event(Event::Lead);
    assert!(world.streams.is_empty());
    assert_eq!(world.session.standing(), Standing::Stopped(Stopped::Closed));
    world.event(Event::Start);
    world.snapshot(world.only_stream());
    assert_eq!(world.sent, [(1, Command::Announce)]);
}

#[test]
fn what_is_told_again_is_neither_shown_nor_blamed_again_and_keeps_its_time() {
    let mut world = follower();
    let stream = world.only_stream();
    let snapshot = world.platform.snapshot();
    let wrap_up = world
        .platform
        .patch(json!({"wrapUp": {"active": true, "remainingSeconds": 60}}));
    let note = world
        .platform
        .patch(json!({"notification": {"kind": "info", "title": "Hello"}}));
    let fault = json!({"error": {"code": "set_presence_failed", "message": "no"}});
    let started = world.now;
    world.now += 20_000;
    for (told, age) in [
        (&snapshot, 20_000),
        (&wrap_up, 15_000),
        (&note, 9_000),
        (&fault, 1_000),
    ] {
        let effects = world
            .session
            .replay(stream, piece(told), age, world.moment());
        assert!(
            !effects
                .iter()
                .any(|effect| matches!(effect, Effect::Notify(_) | Effect::Fault { .. }))
        );
        world.carry_out(effects);
    }
    assert_eq!(world.session.wrap_up_left(started + 20_000), Some(45));
    // The note counted: what comes next is no gap.
    world.streams.insert(stream, true);
    world.patch(json!({"wrapUp": {"active": true, "remainingSeconds": 44}}));
    assert_eq!(world.session.standing(), Standing::Live);
    assert_eq!(world.session.wrap_up_left(world.now), Some(44));
}

proptest! {
    /// A window that opens late, and reads from the first byte what the leader heard, sees what the leader sees.
    #[test]
    fn a_late_window_sees_what_the_leader_sees(
        patches in proptest::collection::vec(patch(), 0..24),
        joins in any::<prop::sample::Index>(),
        size in 1usize..400,
    ) {
        let mut leader = World::new();
        leader.event(Event::Start);
        let stream = leader.only_stream();
        let mut heard = Vec::new();
        let snapshot = leader.platform.snapshot();
        heard.push(message(&snapshot));
        leader.snapshot(stream);
        let mut late = follower();
        let from_leader = late.only_stream();
        let joins = joins.index(patches.len() + 1);
        let mut reader = desk().reader();
        for (place, patch) in patches.iter().enumerate() {
            if place == joins {
                replay(&mut late, from_leader, &heard, &mut reader, size);
            }
            let told = leader.platform.patch(patch.clone());
            leader.tell(stream, &told);
            heard.push(message(&told));
            if place >= joins {
                for piece in reader.read(&message(&told)) {
                    late.event(Event::Piece { stream: from_leader, piece });
                }
            }
        }
        if joins == patches.len() {
            replay(&mut late, from_leader, &heard, &mut reader, size);
        }
        prop_assert_eq!(late.session.view(), leader.session.view());
        prop_assert_eq!(late.session.standing(), Standing::Live);
        prop_assert!(late.sent.is_empty());
    }
}

fn replay(
    world: &mut World,
    stream: u32,
    heard: &[Vec<u8>],
    reader: &mut Box<dyn patchcord_core::provider::desk::StreamReader>,
    size: usize,
) {
    for bytes in heard.concat().chunks(size) {
        for piece in reader.read(bytes) {
            assert!(matches!(piece, Piece::Update(_)));
            let effects = world.session.replay(stream, piece, 5_000, world.moment());
            world.carry_out(effects);
        }
    }
}

#[test]
fn what_a_follower_asked_for_is_not_sent_again_when_it_takes_over() {
    let mut world = follower();
    world.snapshot(world.only_stream());
    let lunch = Action::SetPresence {
        name: "lunch".into(),
    };
    let id = world.act(lunch.clone()).unwrap();
    world.replied(id, Outcome::Unknown(Because::code(Code::NoReply)));
    world.sent.clear();
    world.event(Event::Lead);
    let own = *world.streams.iter().find(|(_, has)| !**has).unwrap().0;
    world.snapshot(own);
    world.finish_set_up();
    assert!(
        !world
            .sent
            .iter()
            .any(|(_, command)| *command == Command::from(lunch.clone()))
    );
    assert_eq!(
        world.session.asked().count(),
        1,
        "it is still told as unknown"
    );
}
