//! A person, a network and a platform around one desk.

use std::collections::{BTreeMap, BTreeSet};

use patchcord_core::desk::action::{Action, Command};
use patchcord_core::desk::allowed::{Refusal, Standing};
use patchcord_core::desk::fault::Trouble;
use patchcord_core::desk::link::Moment;
use patchcord_core::desk::session::{Effect, Event, Piece, Sent, Session};
use patchcord_core::desk::set_up::Progress;
use patchcord_core::desk::view::View;
use patchcord_core::http::Response;
use patchcord_core::outcome::Outcome;
use serde_json::{Value, json};

use crate::examples::number;
use crate::wire::{Platform, config, desk, piece};

/// A desk, its platform, and everything that the desk asked its caller to do.
pub struct World {
    pub session: Session,
    pub platform: Platform,
    pub now: u64,
    pub chance: u32,
    /// Streams that the desk wants open; `true` once the platform has sent the snapshot.
    pub streams: BTreeMap<u32, bool>,
    /// What was asked for and not answered yet.
    pub tokens: Vec<u32>,
    pub polls: Vec<u32>,
    pub sent: Vec<(u32, Command)>,
    /// Every id under which something was sent.
    pub ids: BTreeSet<u32>,
    pub told: Vec<Effect>,
    /// It was said that nothing can be streamed.
    pub no_streams: bool,
}

impl World {
    pub fn new() -> Self {
        let number = number("+4930111111");
        Self {
            session: Session::new(desk().capabilities(), desk().set_up(Some(&number))),
            platform: Platform::idle(),
            now: 1_000_000,
            chance: 0,
            streams: BTreeMap::new(),
            tokens: Vec::new(),
            polls: Vec::new(),
            sent: Vec::new(),
            ids: BTreeSet::new(),
            told: Vec::new(),
            no_streams: false,
        }
    }

    /// Opened, with a snapshot, and set up.
    pub fn live() -> Self {
        let mut world = Self::new();
        world.event(Event::Start);
        let stream = world.only_stream();
        world.event(Event::Opened { stream });
        world.snapshot(stream);
        world.finish_set_up();
        assert_eq!(world.session.standing(), Standing::Live);
        world
    }

    pub fn finish_set_up(&mut self) {
        while *self.session.set_up() == Progress::AtWork {
            if self.polls.is_empty() && self.sent.is_empty() {
                self.sleep();
            } else if self.sent.is_empty() {
                self.answer_poll();
            } else {
                let (id, command) = self.sent.remove(0);
                self.replied(id, Outcome::Accepted);
                if command == Command::Announce && self.streams.values().any(|has| *has) {
                    self.patch(json!({"config": config()}));
                }
            }
        }
    }

    pub fn answer_poll(&mut self) {
        let turn = self.polls.remove(0);
        let answer = Ok(Box::new(self.view_of_platform()));
        self.event(Event::Polled { turn, answer });
    }

    pub fn moment(&self) -> Moment {
        Moment {
            now: self.now,
            chance: self.chance,
        }
    }

    pub fn event(&mut self, event: Event) {
        let effects = self.session.handle(event, self.moment());
        // What a person did is sent by `act` alone, whatever happens later.
        let sent = effects.iter().filter_map(|effect| match effect {
            Effect::Send { command, .. } => Some(command),
            _ => None,
        });
        let set_up = desk().set_up(Some(&number("+4930111111")));
        for command in sent {
            assert!(matches!(command, Command::Pong(_)) || set_up.contains(command));
        }
        self.carry_out(effects);
    }

    pub fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Open { stream } => {
                    assert_eq!(self.streams.insert(stream, false), None, "opened twice");
                    assert!(self.streams.len() <= 2, "one, and one that takes over");
                }
                Effect::Close { stream } => {
                    assert!(self.streams.remove(&stream).is_some(), "closed twice");
                }
                Effect::Token { turn } => self.tokens.push(turn),
                Effect::Poll { turn } => self.polls.push(turn),
                Effect::Send { id, command } => {
                    assert!(self.ids.insert(id), "{id} was sent twice");
                    self.sent.push((id, command));
                }
                told @ (Effect::Notify(_) | Effect::Fault { .. }) => self.told.push(told),
            }
        }
    }

    pub fn tell(&mut self, stream: u32, json: &Value) {
        self.event(Event::Piece {
            stream,
            piece: piece(json),
        });
    }

    pub fn snapshot(&mut self, stream: u32) {
        let snapshot = self.platform.snapshot();
        if let Some(has) = self.streams.get_mut(&stream) {
            *has = true;
        }
        self.tell(stream, &snapshot);
    }

    pub fn patch(&mut self, patch: Value) {
        let told = self.platform.patch(patch);
        self.tell(self.live_stream(), &told);
    }

    pub fn broken(&mut self, stream: u32, why: Trouble) {
        let piece = Piece::Broken(why);
        self.event(Event::Piece { stream, piece });
    }

    pub fn replied(&mut self, id: u32, outcome: Outcome) {
        let trouble = None;
        let sent = Sent { outcome, trouble };
        self.event(Event::Replied { id, sent });
    }

    pub fn only_stream(&self) -> u32 {
        assert_eq!(self.streams.len(), 1, "{:?}", self.streams);
        *self.streams.keys().next().unwrap()
    }

    pub fn live_stream(&self) -> u32 {
        *self.streams.iter().find(|(_, has)| **has).unwrap().0
    }

    pub fn act(&mut self, action: Action) -> Result<u32, Refusal> {
        let effect = self.session.act(action, self.moment())?;
        let Effect::Send { id, .. } = effect else {
            panic!("{effect:?}");
        };
        self.carry_out(vec![effect]);
        Ok(id)
    }

    /// Goes on to when the desk wants to be called again.
    pub fn sleep(&mut self) -> u64 {
        let at = self.session.wake_at(self.now).unwrap();
        let slept = at.saturating_sub(self.now);
        self.now = self.now.max(at);
        self.event(Event::Tick);
        slept
    }

    pub fn view_of_platform(&self) -> View {
        let reply = Response::json(200, &self.platform.view.to_string());
        *desk().read_state(Ok(reply)).unwrap()
    }

    /// Everything works from now on: whatever is asked for is answered, and time passes.
    pub fn heal(&mut self) {
        let end = self.now + 900_000;
        while self.now < end {
            if let Standing::Stopped(_) = self.session.standing() {
                self.event(Event::Start);
            } else if let Some(turn) = self.tokens.pop() {
                self.event(Event::Token { turn });
            } else if let Some(turn) = self.polls.pop() {
                let answer = Ok(Box::new(self.view_of_platform()));
                self.event(Event::Polled { turn, answer });
            } else if let Some((&stream, _)) = self.streams.iter().find(|(_, has)| !**has) {
                self.event(Event::Opened { stream });
                self.snapshot(stream);
            } else if let Some((id, _)) = self.sent.pop() {
                self.replied(id, Outcome::Accepted);
            } else if self.session.standing() == Standing::Live {
                return;
            } else {
                self.sleep();
            }
        }
    }
}
