//! One desk at work: the connection, the view, what was asked for.
//!
//! [`Session`] decides; it does nothing itself. The caller passes in what happened and the time, carries out the
//! [`Effect`]s in their order, and calls again with [`Event::Tick`] at [`Session::wake_at`]. Nothing is sent
//! twice: each [`Effect::Send`] is sent once or not at all, and what became of it is told.
//!
//! Times are milliseconds, best of a clock that goes on while the machine sleeps; one that is set back does no
//! harm.

use std::sync::Arc;

use super::action::{Action, Command};
use super::allowed::{Refusal, Situation, Standing, Stopped, allowed};
use super::asked::{Asked, Commands};
use super::fault::{Fault, Trouble};
use super::link::{Link, Moment, Want};
use super::set_up::{Progress, SetUp};
use super::state::{Numbered, Patch, State, Taken, Update};
use super::view::{Notification, View};
use crate::capability::Capability;
use crate::outcome::Outcome;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The person opens the desk, takes it back from another window, or has signed in.
    Start,
    /// The person closes the desk.
    Stop,
    /// The platform took the request for a stream; nothing came from it yet.
    Opened {
        /// From [`Effect::Open`].
        stream: u32,
    },
    /// Something came from a stream, or it ended.
    Piece {
        /// From [`Effect::Open`].
        stream: u32,
        /// What came.
        piece: Piece,
    },
    /// Nothing can be streamed here.
    NoStreams,
    /// The platform's answer to a poll.
    Polled {
        /// From [`Effect::Poll`].
        turn: u32,
        /// The whole state, or why there is none.
        answer: Result<Box<View>, Trouble>,
    },
    /// There is a fresh token.
    Token {
        /// From [`Effect::Token`].
        turn: u32,
    },
    /// There is no fresh token.
    NoToken {
        /// From [`Effect::Token`].
        turn: u32,
        /// [`Trouble::SignInNeeded`], or [`Trouble::Lost`] for the time being.
        why: Trouble,
    },
    /// The token was renewed before it ended.
    Renewed,
    /// What became of sending a command.
    Replied {
        /// From [`Effect::Send`].
        id: u32,
        /// What became of it.
        sent: Sent,
    },
    /// The person wants to try setting up again, after it failed; in the window that has the connection.
    SetUp,
    /// How setting up goes in the window that has the connection, for one that follows it.
    /// [`Progress::Failed`], or [`Progress::Waiting`] for everything else.
    SetUpThere(Progress),
    /// The person has read what became of a command.
    Dismissed {
        /// From [`Asked`].
        id: u32,
    },
    /// The network is back.
    Online,
    /// The window that had the connection is gone: this one has it from now on. See [`Role`].
    Lead,
    /// Time has passed.
    Tick,
}

/// One agent may have several windows. One of them has the connection to the platform; the others are told what
/// it hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Has the connection, sets the desk up and answers the platform's pings.
    Leader,
    /// Opens its streams at the leader. Sends what its own person does, itself.
    Follower,
}

/// What comes from a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// The platform tells something.
    Update(Numbered),
    /// The stream ended, could not be opened, or brought what cannot be read.
    Broken(Trouble),
}

/// What became of sending a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Accepted says only that the platform took it: what comes of it is told on the stream.
    pub outcome: Outcome,
    /// What that says about the desk as a whole.
    pub trouble: Option<Trouble>,
}

/// What the caller has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Open a stream with the token at hand, then say [`Event::Opened`] and each [`Event::Piece`].
    Open {
        /// To be handed back.
        stream: u32,
    },
    /// Close a stream, or give up opening it.
    Close {
        /// Which.
        stream: u32,
    },
    /// The token was refused: get a fresh one, then say [`Event::Token`] or [`Event::NoToken`].
    Token {
        /// To be handed back.
        turn: u32,
    },
    /// Ask for the whole state, then say [`Event::Polled`].
    Poll {
        /// To be handed back.
        turn: u32,
    },
    /// Send a command, once, then say [`Event::Replied`].
    Send {
        /// To be handed back.
        id: u32,
        /// What to send.
        command: Command,
    },
    /// Tell the person once what the platform tells.
    Notify(Box<Notification>),
    /// Tell the person what went wrong. Where it was about a command, [`Session::asked`] has it too.
    Fault {
        /// The command that it is about.
        id: Option<u32>,
        /// What went wrong.
        fault: Fault,
    },
}

/// One desk.
#[derive(Debug, Clone)]
pub struct Session {
    role: Role,
    capabilities: Arc<[Capability]>,
    clock: Clock,
    link: Link,
    state: State,
    commands: Commands,
    set_up: SetUp,
    ids: u32,
    /// The last question whether the desk is still there: its stream and number.
    ping: Option<(u32, u64)>,
    /// Counts changes of anything that is shown.
    revision: u64,
}

impl Session {
    /// A closed desk at a platform with these capabilities, which is set up by these commands, in their order.
    pub fn new(capabilities: impl Into<Arc<[Capability]>>, set_up: Vec<Command>) -> Self {
        Self {
            role: Role::Leader,
            capabilities: capabilities.into(),
            clock: Clock::default(),
            link: Link::default(),
            state: State::default(),
            commands: Commands::default(),
            set_up: SetUp::new(set_up),
            ids: 0,
            ping: None,
            revision: 0,
        }
    }

    /// The same, in a window that follows another one until [`Event::Lead`].
    #[must_use]
    pub fn following(self) -> Self {
        Self {
            role: Role::Follower,
            ..self
        }
    }

    /// Whether this window has the connection.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The stream that counts.
    pub fn stream(&self) -> Option<u32> {
        self.link.stream()
    }

    /// What the platform can do.
    pub fn capabilities(&self) -> &[Capability] {
        &self.capabilities
    }

    /// The view. Show it together with [`Session::standing`].
    pub fn view(&self) -> &View {
        self.state.view()
    }

    /// How current the view is.
    pub fn standing(&self) -> Standing {
        match self.link.standing() {
            Standing::Live | Standing::Polling if self.set_up.is_at_work() => Standing::SettingUp,
            standing => standing,
        }
    }

    /// How setting up goes.
    pub fn set_up(&self) -> &Progress {
        self.set_up.progress()
    }

    /// What was asked for and is not over, or went wrong; the oldest first.
    pub fn asked(&self) -> impl Iterator<Item = &Asked> {
        self.commands
            .all()
            .filter(|asked| asked.is_open() || asked.is_bad())
    }

    /// A number that is another one whenever something may have to be shown anew. The seconds of the time for
    /// notes do not count.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The seconds left of the time for notes at `now`; see [`State::wrap_up_left`].
    pub fn wrap_up_left(&self, now: u64) -> Option<u32> {
        self.state.wrap_up_left(self.clock.inner(now))
    }

    /// When [`Session::wrap_up_left`] next says something else.
    pub fn wrap_up_ticks_at(&self, now: u64) -> Option<u64> {
        let at = self.state.wrap_up_ticks_at(self.clock.inner(now))?;
        Some(self.clock.outer(at, now))
    }

    /// Whether `action` is allowed now.
    ///
    /// # Errors
    /// Why not.
    pub fn allowed(&self, action: &Action) -> Result<(), Refusal> {
        self.still_allowed(action)?;
        if self.commands.is_asked(action) {
            return Err(Refusal::AlreadyAsked);
        }
        Ok(())
    }

    /// Whether an action that is on its way would be allowed now.
    ///
    /// # Errors
    /// Why not.
    pub fn still_allowed(&self, action: &Action) -> Result<(), Refusal> {
        let situation = Situation {
            view: self.view(),
            standing: self.standing(),
            capabilities: &self.capabilities,
        };
        allowed(&situation, action)
    }

    /// The person does something. What comes back is sent once, by the caller.
    ///
    /// # Errors
    /// Why it is not allowed; nothing is sent then.
    pub fn act(&mut self, action: Action, at: Moment) -> Result<Effect, Refusal> {
        self.allowed(&action)?;
        let now = self.clock.read(at.now);
        let id = self.next_id();
        let action = Arc::new(action);
        self.commands
            .begin(id, action.clone(), self.state.view(), now);
        self.revision += 1;
        Ok(Effect::Send {
            id,
            command: Command::Act(action),
        })
    }

    /// Takes in what happened, and says what to do.
    pub fn handle(&mut self, event: Event, at: Moment) -> Vec<Effect> {
        let at = Moment {
            now: self.clock.read(at.now),
            ..at
        };
        let now = at.now;
        let mut turn = Turn::default();
        let before = self.standing();
        match event {
            Event::Start => self.link.start(at, &mut turn.wants),
            Event::Stop => self.link.stop(Stopped::Closed, &mut turn.wants),
            Event::Opened { stream } => {
                self.link.opened(stream);
                // Its snapshot may never come, and a platform may tell nothing of what is switched on, nor of calls,
                // before the desk was announced.
                if self.link.is_held_back() {
                    self.begin_setting_up();
                    turn.changed = true;
                }
            }
            Event::Piece { stream, piece } => self.piece(stream, piece, now, at, &mut turn),
            Event::NoStreams => self.link.no_streams(now, &mut turn.wants),
            Event::Polled {
                turn: asked,
                answer,
            } => {
                // Without a stream a platform may tell what it has on file and nothing of calls: that is no state.
                let known = self.state.view().features.is_some();
                let hollow = |view: &View| known && view.features.is_none();
                let trouble = match &answer {
                    Err(why) => Some(*why),
                    Ok(view) => hollow(view).then_some(Trouble::Lost),
                };
                let answer = answer.ok().filter(|view| !hollow(view));
                let counts = self.link.polled(asked, trouble, at, &mut turn.wants);
                if let (true, Some(view)) = (counts, answer) {
                    self.state.replace(*view, now);
                    self.commands.review(self.state.view(), now);
                    if self.state.view().features.is_some() {
                        self.set_up.told();
                    }
                    if *self.set_up.progress() == Progress::Waiting {
                        self.begin_setting_up();
                    }
                    turn.changed = true;
                }
            }
            Event::Token { turn: asked } => self.link.token(asked, now, &mut turn.wants),
            Event::NoToken { turn: asked, why } => {
                self.link.no_token(asked, why, at, &mut turn.wants);
            }
            Event::Renewed => self.link.renewed(now, &mut turn.wants),
            Event::Replied { id, sent } => self.replied(id, sent, at, &mut turn),
            Event::SetUp => {
                if self.is_connected() {
                    self.begin_setting_up();
                    turn.changed = true;
                }
            }
            Event::SetUpThere(progress) => {
                if self.role == Role::Follower {
                    self.set_up.follow(progress);
                    turn.changed = true;
                }
            }
            Event::Dismissed { id } => {
                self.commands.dismiss(id);
                turn.changed = true;
            }
            Event::Online => self.link.hurry(now, &mut turn.wants),
            Event::Lead => {
                self.role = Role::Leader;
                // It begins with the first stream of its own.
                self.set_up.follow(Progress::Waiting);
                turn.changed = true;
                self.link.take_over(now, &mut turn.wants);
            }
            Event::Tick => {
                self.link.tick(at, &mut turn.wants);
                let open = self.commands.all().filter(|asked| asked.is_open()).count();
                self.commands.tick(now);
                let still = self.commands.all().filter(|asked| asked.is_open()).count();
                turn.changed |= open != still;
            }
        }
        turn.changed |= self.go_on_setting_up(now, &mut turn.effects);
        self.finish(turn, before)
    }

    /// Takes in what another window heard `age` milliseconds ago. What was told to people then is not told again.
    pub fn replay(&mut self, stream: u32, piece: Piece, age: u64, at: Moment) -> Vec<Effect> {
        let now = self.clock.read(at.now);
        let at = Moment { now, ..at };
        let (mut turn, before) = (Turn::default(), self.standing());
        let is_state = match &piece {
            // What is not known here may have a number all the same.
            Piece::Update(numbered) => matches!(
                numbered.update,
                Update::Snapshot(_) | Update::Patch(_) | Update::Other
            ),
            Piece::Broken(_) => true,
        };
        if is_state {
            self.piece(stream, piece, now.saturating_sub(age), at, &mut turn);
            turn.effects.clear();
        }
        self.finish(turn, before)
    }

    fn finish(&mut self, turn: Turn, before: Standing) -> Vec<Effect> {
        if turn.changed || self.standing() != before {
            self.revision += 1;
        }
        let wants = turn.wants.into_iter().map(|want| match want {
            Want::Open { stream } => Effect::Open { stream },
            Want::Close { stream } => Effect::Close { stream },
            Want::Token { turn } => Effect::Token { turn },
            Want::Poll { turn } => Effect::Poll { turn },
        });
        wants.chain(turn.effects).collect()
    }

    /// When to say [`Event::Tick`], by the clock that says `now`; `None` while nothing is waited for.
    pub fn wake_at(&self, now: u64) -> Option<u64> {
        let times = [
            self.link.wake_at(),
            self.commands.wake_at(),
            self.set_up.wake_at(),
        ];
        let at = times.into_iter().flatten().min()?;
        Some(self.clock.outer(at, now))
    }

    /// `told` is when the platform told it.
    fn piece(&mut self, stream: u32, piece: Piece, told: u64, at: Moment, turn: &mut Turn) {
        let now = at.now;
        let (counts, awaited) = (self.link.counts(stream), self.link.awaits(stream));
        // A stream that was closed has nothing to say any more.
        if !counts && !awaited {
            return;
        }
        let numbered = match piece {
            Piece::Update(numbered) => numbered,
            Piece::Broken(why) => return self.link.broken(stream, why, at, &mut turn.wants),
        };
        self.link.heard(stream, now);
        match numbered.update {
            Update::Trouble(why) => self.link.broken(stream, why, at, &mut turn.wants),
            Update::Fault(fault) => {
                let id = self.commands.blame(&fault, now);
                if id.is_none() {
                    self.set_up.blame(&fault);
                }
                turn.changed = true;
                turn.effects.push(Effect::Fault { id, fault });
            }
            Update::Ping(number) => {
                let is_new = self.ping.replace((stream, number)) != Some((stream, number));
                if is_new && self.role == Role::Leader {
                    let id = self.next_id();
                    turn.effects.push(Effect::Send {
                        id,
                        command: Command::Pong(number),
                    });
                }
            }
            Update::Snapshot(view) if awaited => {
                self.link.promote(stream, now, &mut turn.wants);
                self.state.begin(numbered.seq, *view, told);
                self.commands.review(self.state.view(), now);
                self.begin_setting_up();
                turn.changed = true;
            }
            // What comes before the snapshot is in it, or is missed then.
            _ if awaited => {}
            update => {
                if matches!(update, Update::Patch(Patch::Features(_))) {
                    self.set_up.told();
                }
                let numbered = Numbered {
                    seq: numbered.seq,
                    update,
                };
                match self.state.take(numbered, told) {
                    Taken::Same => {}
                    Taken::Changed => {
                        self.commands.review(self.state.view(), now);
                        turn.changed = true;
                    }
                    Taken::Notification(notification) => {
                        turn.effects.push(Effect::Notify(notification));
                    }
                    Taken::Gap => self.link.broken(stream, Trouble::Lost, at, &mut turn.wants),
                }
            }
        }
    }

    fn replied(&mut self, id: u32, sent: Sent, at: Moment, turn: &mut Turn) {
        if !self.set_up.replied(id, &sent.outcome, at.now) {
            self.commands
                .replied(id, sent.outcome, self.state.view(), at.now);
        }
        turn.changed = true;
        match sent.trouble {
            Some(Trouble::Unauthenticated) => self.link.rejected(at, &mut turn.wants),
            Some(why @ (Trouble::Taken | Trouble::NotAnAgent | Trouble::SignInNeeded)) => {
                let stopped = match why {
                    Trouble::Taken => Stopped::Taken,
                    Trouble::NotAnAgent => Stopped::NotAnAgent,
                    _ => Stopped::SignInNeeded,
                };
                if !matches!(self.link.standing(), Standing::Stopped(_)) {
                    self.link.stop(stopped, &mut turn.wants);
                }
            }
            Some(Trouble::Lost | Trouble::Garbled | Trouble::NoStream) | None => {}
        }
    }

    /// Only one window sets a desk up.
    fn begin_setting_up(&mut self) {
        if self.role == Role::Leader {
            self.set_up.begin();
        }
    }

    fn is_connected(&self) -> bool {
        let standing = self.link.standing();
        matches!(standing, Standing::Live | Standing::Polling) || self.link.is_held_back()
    }

    /// Setting up goes on while there is a connection; with the next stream it begins anew.
    fn go_on_setting_up(&mut self, now: u64, effects: &mut Vec<Effect>) -> bool {
        if !self.is_connected() {
            return self.set_up.pause();
        }
        let before = self.set_up.is_at_work();
        while let Some(command) = self.set_up.next(self.state.view(), now) {
            let id = self.next_id();
            self.set_up.sent(id);
            effects.push(Effect::Send { id, command });
        }
        before != self.set_up.is_at_work()
    }

    fn next_id(&mut self) -> u32 {
        self.ids = self.ids.wrapping_add(1);
        self.ids
    }
}

#[derive(Default)]
struct Turn {
    wants: Vec<Want>,
    effects: Vec<Effect>,
    changed: bool,
}

/// A clock that is never set back, made of one that may be.
#[derive(Debug, Clone, Copy, Default)]
struct Clock {
    latest: u64,
    ahead: u64,
}

impl Clock {
    fn read(&mut self, now: u64) -> u64 {
        self.latest = self.inner(now);
        self.ahead = self.latest - now.min(self.latest);
        self.latest
    }

    fn inner(&self, now: u64) -> u64 {
        now.saturating_add(self.ahead).max(self.latest)
    }

    /// The time of the other clock, which says `now`.
    fn outer(&self, at: u64, now: u64) -> u64 {
        now.saturating_add(at.saturating_sub(self.inner(now)))
    }
}
