//! The caller of a desk, for whatever happens: carries out what the desk wishes, and checks all of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use patchcord_core::desk::action::{Action, Command, Kind};
use patchcord_core::desk::allowed::{Refusal, Standing};
use patchcord_core::desk::asked::{Asked, Progress};
use patchcord_core::desk::fault::Trouble;
use patchcord_core::desk::link::Moment;
use patchcord_core::desk::session::{Effect, Event, Piece, Role, Sent, Session};
use patchcord_core::desk::set_up;
use patchcord_core::desk::state::{Numbered, Patch, Update};
use patchcord_core::desk::view::View;

use crate::command;
use crate::told::{Told, desk};

/// The phone that the desk is set up with.
const PHONE: &str = "+4930111111";
/// The most commands that a desk keeps.
const MOST_ASKED: usize = 64;

/// A desk, and everything that it wished.
pub struct Caller {
    /// The desk.
    pub session: Session,
    /// What its clock says; it may be set back.
    pub now: u64,
    /// Questions that were not answered yet.
    pub tokens: Vec<u32>,
    /// The same for the whole state.
    pub polls: Vec<u32>,
    /// Commands that were not answered yet, the oldest first.
    pub sent: VecDeque<u32>,
    /// Streams that are wished for, each with what it has told since its snapshot.
    streams: BTreeMap<u32, Option<Told>>,
    /// The last question whether the desk is there, and its stream.
    pinged: Option<(u32, u64)>,
    set_up: Vec<Command>,
    // Every one that there ever was.
    opened: BTreeSet<u32>,
    turns: BTreeSet<u32>,
    ids: BTreeSet<u32>,
}

impl Default for Caller {
    fn default() -> Self {
        let phone = PHONE.parse().expect("a number");
        let set_up = desk().set_up(Some(&phone));
        Self {
            session: Session::new(desk().capabilities(), set_up.clone()),
            now: 1_000_000,
            tokens: Vec::new(),
            polls: Vec::new(),
            sent: VecDeque::new(),
            streams: BTreeMap::new(),
            pinged: None,
            set_up,
            opened: BTreeSet::new(),
            turns: BTreeSet::new(),
            ids: BTreeSet::new(),
        }
    }
}

impl Caller {
    /// The stream that was wished for last.
    pub fn newest(&self) -> Option<u32> {
        self.streams.keys().next_back().copied()
    }

    /// The stream that was wished for first; while another takes over there are two.
    pub fn oldest(&self) -> Option<u32> {
        self.streams.keys().next().copied()
    }

    /// From the beginning, another window has the connection.
    pub fn follow(&mut self) {
        if self.opened.is_empty() {
            self.session = self.session.clone().following();
        }
    }

    /// Whether the newest stream has told nothing yet.
    pub fn awaits(&self) -> bool {
        let newest = self.streams.values().next_back();
        newest.is_some_and(Option::is_none)
    }

    /// Something happens that changes no view.
    pub fn event(&mut self, event: Event) {
        let before = self.session.clone();
        let effects = self.session.handle(event, self.moment());
        assert!(!effects.iter().any(is_told), "nobody told: {effects:?}");
        self.carry_out(effects);
        assert_eq!(self.session.view(), before.view(), "the view was flipped");
        self.check(&before);
    }

    /// A stream brings something, whether it is wished for or not.
    pub fn hear(&mut self, stream: u32, piece: Piece) {
        self.take(stream, piece, None);
    }

    /// The window with the connection tells this one what a stream has brought `age` milliseconds ago.
    pub fn replay(&mut self, stream: u32, piece: Piece, age: u64) {
        if self.session.role() == Role::Follower {
            self.take(stream, piece, Some(age));
        }
    }

    fn take(&mut self, stream: u32, piece: Piece, age: Option<u64>) {
        let wished = self.streams.contains_key(&stream);
        let mut goes_on = !matches!(piece, Piece::Broken(_));
        if let (Some(told), Piece::Update(numbered)) = (self.streams.get_mut(&stream), &piece) {
            goes_on &= age.is_some() || !matches!(numbered.update, Update::Trouble(_));
            match (told.as_mut(), &numbered.update) {
                (Some(told), _) => goes_on &= told.hear(numbered),
                (None, Update::Snapshot(view)) => {
                    *told = Some(Told::new(numbered.seq, (**view).clone()));
                }
                (None, _) => {}
            }
        }
        let before = self.session.clone();
        let at = self.moment();
        let effects = match age {
            None => {
                let piece = piece.clone();
                self.session.handle(Event::Piece { stream, piece }, at)
            }
            Some(age) => self.session.replay(stream, piece.clone(), age, at),
        };
        assert!(wished || effects.is_empty(), "a closed stream was heard");
        match &piece {
            Piece::Update(numbered) if wished && age.is_none() => {
                self.check_answer(stream, numbered, &effects);
            }
            // What was told to people, and asked of the desk, is over.
            _ => assert!(!effects.iter().any(is_told), "{effects:?}"),
        }
        self.carry_out(effects);
        let open = self.streams.contains_key(&stream);
        assert!(!wished || open == goes_on, "{stream} is open: {open}");
        let told = self.streams.values().flatten().next();
        match told {
            Some(told) => assert_eq!(self.session.view(), &told.replay()),
            None => assert_eq!(self.session.view(), before.view()),
        }
        self.check(&before);
    }

    /// An answer to the last question for the whole state, or to none.
    pub fn polled(&mut self, answer: Result<Box<View>, Trouble>) {
        let turn = self.polls.pop();
        let live = self.streams.values().any(Option::is_some);
        let told = answer.clone().map(|view| Told::new(0, *view).replay());
        let before = self.session.clone();
        let event = Event::Polled {
            turn: turn.unwrap_or_default(),
            answer,
        };
        let effects = self.session.handle(event, self.moment());
        self.carry_out(effects);
        // An answer to a question that was given up counts for nothing.
        let view = self.session.view();
        let takes = turn.is_some() && !live && told.as_ref() == Ok(view);
        assert!(takes || view == before.view(), "a view out of nothing");
        self.check(&before);
    }

    /// What became of the oldest command that was sent.
    pub fn replied(&mut self, sent: Sent) {
        let id = self.sent.pop_front().unwrap_or_default();
        self.event(Event::Replied { id, sent });
    }

    /// A person does something.
    pub fn act(&mut self, action: Action) {
        let before = self.session.clone();
        let allowed = before.allowed(&action);
        let done = self.session.act(action.clone(), self.moment());
        assert_eq!(self.session.view(), before.view(), "the view was flipped");
        match (allowed, done) {
            (Err(why), Err(said)) => {
                assert_eq!(why, said);
                assert_eq!(self.session.revision(), before.revision());
                assert!(self.session.asked().eq(before.asked()));
                assert_eq!(self.session.wake_at(self.now), before.wake_at(self.now));
            }
            (Ok(()), Ok(Effect::Send { id, command })) => {
                check_allowed(&before, &action);
                assert_eq!(command, Command::from(action.clone()));
                self.send(id, &command);
                let own = self.session.asked().find(|asked| asked.id == id);
                assert_eq!(own.map(|asked| &asked.progress), Some(&Progress::Sent));
                if action.kind() != Kind::SendDigits {
                    let again = self.session.allowed(&action);
                    assert_eq!(again, Err(Refusal::AlreadyAsked));
                }
                self.check(&before);
            }
            other => panic!("{other:?}"),
        }
    }

    /// Goes on to when the desk wishes to be called again.
    pub fn sleep(&mut self) {
        let Some(at) = self.session.wake_at(self.now) else {
            return;
        };
        self.now = self.now.max(at);
        self.event(Event::Tick);
        let next = self.session.wake_at(self.now);
        assert!(next.is_none_or(|at| at > self.now), "it spins");
    }

    fn moment(&self) -> Moment {
        Moment {
            now: self.now,
            chance: u32::try_from(self.ids.len()).unwrap_or(u32::MAX) << 24,
        }
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Open { stream } => {
                    assert!(self.opened.insert(stream), "{stream} was opened twice");
                    self.streams.insert(stream, None);
                    assert!(self.streams.len() <= 2, "one, and one that takes over");
                }
                Effect::Close { stream } => {
                    let was_open = self.streams.remove(&stream).is_some();
                    assert!(was_open, "{stream} was closed twice");
                }
                Effect::Token { turn } => {
                    assert!(self.turns.insert(turn));
                    self.tokens.push(turn);
                }
                Effect::Poll { turn } => {
                    assert!(self.turns.insert(turn));
                    self.polls.push(turn);
                }
                Effect::Send { id, command } => {
                    let own = matches!(command, Command::Pong(_)) || self.set_up.contains(&command);
                    assert!(own, "nobody asked for {command:?}");
                    self.send(id, &command);
                }
                Effect::Notify(_) => {}
                Effect::Fault { id, .. } => {
                    assert!(id.is_none_or(|id| self.ids.contains(&id)), "whose fault?");
                }
            }
        }
    }

    fn send(&mut self, id: u32, command: &Command) {
        assert!(self.ids.insert(id), "{id} was sent twice");
        self.sent.push_back(id);
        let body = command::write(command);
        let read = command::read(body.as_bytes());
        assert!(read.is_ok(), "no relay takes {body}: {read:?}");
    }

    /// What is told is passed on once, and a question is answered once.
    fn check_answer(&mut self, stream: u32, numbered: &Numbered, effects: &[Effect]) {
        let (mut faults, mut notes, mut pongs) = (Vec::new(), Vec::new(), Vec::new());
        for effect in effects {
            match effect {
                Effect::Fault { fault, .. } => faults.push(fault),
                Effect::Notify(note) => notes.push(note),
                Effect::Send {
                    command: Command::Pong(number),
                    ..
                } => pongs.push(*number),
                _ => {}
            }
        }
        match &numbered.update {
            Update::Fault(fault) => assert_eq!(faults, [fault]),
            _ => assert!(faults.is_empty(), "{faults:?}"),
        }
        match &numbered.update {
            Update::Patch(Patch::Notification(note)) => {
                assert!(notes.is_empty() || notes == [note], "{notes:?}");
            }
            _ => assert!(notes.is_empty(), "{notes:?}"),
        }
        match numbered.update {
            Update::Ping(number) => {
                let again = self.pinged.replace((stream, number)) == Some((stream, number));
                let answers = !again && self.session.role() == Role::Leader;
                let expected: &[u64] = if answers { &[number] } else { &[] };
                assert_eq!(pongs, expected);
            }
            _ => assert!(pongs.is_empty(), "{pongs:?}"),
        }
    }

    /// What holds after everything.
    fn check(&self, before: &Session) {
        let session = &self.session;
        let standing = session.standing();
        let live = self.streams.values().any(Option::is_some);
        let at_work = *session.set_up() == set_up::Progress::AtWork;
        match standing {
            Standing::Starting => {
                assert!(!live);
                assert_eq!(session.view(), &View::default(), "out of nothing");
            }
            Standing::Live => assert!(live && !at_work),
            Standing::SettingUp => assert!(at_work && session.role() == Role::Leader),
            Standing::Polling => assert!(!live && !at_work),
            // Set up all the same for a stream from which nothing comes.
            Standing::Stale => assert!(!live && (!at_work || !self.streams.is_empty())),
            Standing::Stopped(_) => assert!(self.streams.is_empty() && !at_work),
        }
        let shows_current = matches!(standing, Standing::Live | Standing::SettingUp);
        assert!(
            shows_current || !live,
            "{standing:?} on a stream that tells"
        );
        let stopped = matches!(standing, Standing::Stopped(_));
        let wakes = session.wake_at(self.now).is_some();
        assert!(stopped || wakes, "it waits for ever");

        let asked: Vec<&Asked> = session.asked().collect();
        assert!(asked.len() <= MOST_ASKED);
        for one in &asked {
            assert!(self.ids.contains(&one.id) && (one.is_open() || one.is_bad()));
        }
        let same = session.view() == before.view()
            && standing == before.standing()
            && session.set_up() == before.set_up()
            && session.asked().eq(before.asked());
        assert!(same || session.revision() != before.revision(), "not shown");
        let wrap_up = &session.view().wrap_up;
        let left = session.wrap_up_left(self.now);
        assert_eq!(left.is_some(), wrap_up.active);
        assert!(left.is_none_or(|left| left <= wrap_up.seconds));
    }
}

fn is_told(effect: &Effect) -> bool {
    matches!(effect, Effect::Notify(_) | Effect::Fault { .. })
}

/// What was allowed could not be refused by anybody who looks at the same view.
fn check_allowed(session: &Session, action: &Action) {
    let kind = action.kind();
    assert!(desk().capabilities().contains(&kind.capability()));
    match session.standing() {
        Standing::Live | Standing::Polling => {}
        Standing::SettingUp => assert_ne!(kind, Kind::PlaceCall),
        standing => panic!("{kind} on what is {standing:?}"),
    }
    if let Some(id) = action.call() {
        let live = session.view().live_calls().any(|call| call.id == id);
        assert!(live, "{kind} of no call");
    }
}
