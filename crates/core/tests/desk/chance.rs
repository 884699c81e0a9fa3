//! Whatever happens.

use patchcord_core::desk::action::Action;
use patchcord_core::desk::allowed::Standing;
use patchcord_core::desk::fault::Trouble;
use patchcord_core::desk::session::{Event, Sent};
use patchcord_core::error::Code;
use patchcord_core::outcome::{Because, Outcome};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::random;
use crate::world::World;

/// What happens by chance.
#[derive(Debug, Clone)]
enum Chance {
    Start,
    Stop,
    Opened,
    Snapshot,
    Patch(Value),
    Again,
    Gap,
    Late,
    Keepalive,
    Ping(u64),
    Garbage,
    Broken(Trouble),
    Token,
    NoToken(Trouble),
    Renewed,
    NoStreams,
    Polled(Option<Trouble>),
    Replied(u8),
    Act(Action),
    Online,
    Wait(u64),
    Sleep,
    ClockBack(u64),
    SetUp,
}

fn trouble() -> impl Strategy<Value = Trouble> {
    proptest::sample::select(vec![
        Trouble::Lost,
        Trouble::Lost,
        Trouble::Lost,
        Trouble::Garbled,
        Trouble::Unauthenticated,
        Trouble::SignInNeeded,
        Trouble::Taken,
        Trouble::NotAnAgent,
        Trouble::NoStream,
    ])
}

fn chance() -> impl Strategy<Value = Chance> {
    prop_oneof![
        2 => Just(Chance::Start),
        1 => Just(Chance::Stop),
        3 => Just(Chance::Opened),
        6 => Just(Chance::Snapshot),
        6 => random::patch().prop_map(Chance::Patch),
        1 => Just(Chance::Again),
        1 => Just(Chance::Gap),
        1 => Just(Chance::Late),
        1 => Just(Chance::Keepalive),
        1 => (0u64..3).prop_map(Chance::Ping),
        1 => Just(Chance::Garbage),
        3 => trouble().prop_map(Chance::Broken),
        3 => Just(Chance::Token),
        1 => trouble().prop_map(Chance::NoToken),
        2 => Just(Chance::Renewed),
        1 => Just(Chance::NoStreams),
        3 => proptest::option::of(trouble()).prop_map(Chance::Polled),
        4 => any::<u8>().prop_map(Chance::Replied),
        6 => random::action().prop_map(Chance::Act),
        1 => Just(Chance::Online),
        3 => (0u64..120_000).prop_map(Chance::Wait),
        4 => Just(Chance::Sleep),
        1 => (0u64..10_000_000).prop_map(Chance::ClockBack),
        1 => Just(Chance::SetUp),
    ]
}

impl World {
    fn happen(&mut self, chance: Chance) {
        let newest = self.streams.keys().next_back().copied().unwrap_or_default();
        let oldest = self.streams.keys().next().copied().unwrap_or_default();
        match chance {
            Chance::Start => self.event(Event::Start),
            Chance::Stop => self.event(Event::Stop),
            Chance::Opened => self.event(Event::Opened { stream: newest }),
            Chance::Snapshot => self.snapshot(newest),
            Chance::Patch(patch) => {
                let told = self.platform.patch(patch);
                for stream in [oldest, newest] {
                    self.tell(stream, &told);
                }
            }
            Chance::Again => {
                // Told already, and with another content: it changes nothing.
                let again = json!({"seq": self.platform.seq, "patch": {"callRemove": "c1"}});
                self.tell(oldest, &again);
            }
            Chance::Gap => {
                let gap = json!({"seq": self.platform.seq + 9, "patch": {"callRemove": "c1"}});
                self.tell(oldest, &gap);
            }
            Chance::Late => self.snapshot(newest.saturating_sub(1)),
            Chance::Keepalive => self.tell(oldest, &json!({"keepalive": {}})),
            Chance::Ping(seq) => self.tell(oldest, &json!({"ping": {"seq": seq}})),
            Chance::Garbage => self.tell(oldest, &json!([1])),
            Chance::Broken(why) => self.broken(oldest, why),
            Chance::Token => {
                let turn = self.tokens.pop().unwrap_or_default();
                self.event(Event::Token { turn });
            }
            Chance::NoToken(why) => {
                let turn = self.tokens.pop().unwrap_or_default();
                self.event(Event::NoToken { turn, why });
            }
            Chance::Renewed => self.event(Event::Renewed),
            Chance::NoStreams => {
                self.no_streams = true;
                self.event(Event::NoStreams);
            }
            Chance::Polled(why) => {
                let turn = self.polls.pop().unwrap_or_default();
                let view = Box::new(self.view_of_platform());
                let answer = why.map_or(Ok(view), Err);
                self.event(Event::Polled { turn, answer });
            }
            Chance::Replied(kind) => {
                let Some((id, _)) = self.sent.pop() else {
                    return;
                };
                let because = Because::code(Code::NoReply);
                let (outcome, trouble) = match kind % 5 {
                    0 => (Outcome::Unknown(because), None),
                    1 => (Outcome::Refused(because), Some(Trouble::Unauthenticated)),
                    _ => (Outcome::Accepted, None),
                };
                let sent = Sent { outcome, trouble };
                self.event(Event::Replied { id, sent });
            }
            Chance::Act(action) => {
                let _ = self.act(action);
            }
            Chance::Online => self.event(Event::Online),
            Chance::Wait(time) => {
                self.now += time;
                self.event(Event::Tick);
            }
            Chance::Sleep => {
                if self.session.wake_at(self.now).is_some() {
                    self.sleep();
                    let next = self.session.wake_at(self.now);
                    assert!(next.is_none_or(|at| at > self.now), "it does not spin");
                }
            }
            Chance::ClockBack(by) => self.now -= by.min(self.now),
            Chance::SetUp => self.event(Event::SetUp),
        }
        // What is shown as current is what the platform has.
        if self.session.standing() == Standing::Live {
            assert_eq!(self.session.view(), &self.view_of_platform());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// That nothing is sent twice, no stream opened or closed twice, is checked with each effect.
    #[test]
    fn whatever_happens_nothing_is_sent_twice_and_it_ends_live_and_right(
        chances in proptest::collection::vec((chance(), any::<u32>()), 0..60),
    ) {
        let mut world = World::new();
        for (chance, number) in chances {
            world.chance = number;
            world.happen(chance);
        }
        world.heal();
        let standing = world.session.standing();
        if standing == Standing::Live {
            prop_assert!(world.streams.len() == 1, "{:?}", world.streams);
        } else {
            prop_assert!(standing == Standing::Polling && world.no_streams, "{:?}", standing);
        }
        prop_assert_eq!(world.session.view(), &world.view_of_platform());
    }
}
