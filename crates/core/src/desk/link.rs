//! The connection to the platform that tells of each change: one stream, kept alive.
//!
//! [`Link`] decides; it does nothing itself. It says which stream to open or close and when a fresh token is
//! needed, and is told what came of it. A stream counts from its first snapshot on. A fresh token, or a second
//! try while something else still works, opens a stream beside the one that counts; that goes on until the new
//! one has its snapshot. Where nothing can be streamed, the platform is asked every few seconds.
//!
//! Times are milliseconds of a clock that goes on while the machine sleeps; see [`Link::tick`].

use super::allowed::{Standing, Stopped};
use super::fault::Trouble;

/// How long a stream may take until its snapshot is there.
pub const SNAPSHOT_MS: u64 = 15_000;
/// A stream that is silent for longer is dead: the platform shows a sign of life about every 15 s.
pub const SILENCE_MS: u64 = 45_000;
/// The pause before a first new try; it doubles with each further one …
pub const FIRST_PAUSE_MS: u64 = 500;
/// … up to this.
pub const LONGEST_PAUSE_MS: u64 = 30_000;
/// How often the platform is asked where it cannot stream.
pub const POLL_MS: u64 = 3_000;
/// How often a stream is tried for in between.
pub const RETRY_STREAM_MS: u64 = 300_000;
/// A question that is asked so much too late was slept through: what was known before is old.
const SLEPT_MS: u64 = 90_000;
/// How long a fresh token, or the answer to a question, is waited for.
const ANSWER_MS: u64 = 30_000;
/// So many fresh tokens are refused in a row before a person has to sign in.
const FRESH_TOKENS: u32 = 3;
/// So many streams open without a snapshot before something in between counts as holding streams back.
const SILENT_OPENS: u32 = 3;
/// No time.
const NEVER: u64 = u64::MAX;

/// A time, and a number by chance (any `u32`, evenly), which pauses are varied with: after an outage not all
/// desks come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds.
    pub now: u64,
    /// By chance.
    pub chance: u32,
}

/// What to do for the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// Open a stream with the token at hand.
    Open {
        /// To be handed back.
        stream: u32,
    },
    /// Close a stream, or give up opening it. Whatever still comes from it is ignored.
    Close {
        /// Which.
        stream: u32,
    },
    /// The token was refused: get a fresh one.
    Token {
        /// To be handed back.
        turn: u32,
    },
    /// Ask for the whole state with the token at hand.
    Poll {
        /// To be handed back.
        turn: u32,
    },
}

/// The connection of one desk. `Default` is closed.
#[derive(Debug, Clone)]
pub struct Link {
    stopped: Option<Stopped>,
    /// The stream that counts.
    live: Option<Live>,
    /// The stream whose snapshot is waited for.
    next: Option<Next>,
    /// What is waited for before the next stream.
    wait: Option<Wait>,
    poll: Option<Poll>,
    streams: u32,
    turns: u32,
    /// Tries since the platform was last heard.
    tries: u32,
    /// Tokens refused in a row.
    refused: u32,
    silent_opens: u32,
    /// Whether there was ever a state.
    was_there: bool,
}

#[derive(Debug, Clone, Copy)]
struct Live {
    stream: u32,
    silent_at: u64,
    /// Where it came from is gone: it only lasts until it is known whether the next one has a snapshot.
    bridges: bool,
}

#[derive(Debug, Clone, Copy)]
struct Next {
    stream: u32,
    give_up_at: u64,
    opened: bool,
}

#[derive(Debug, Clone, Copy)]
enum Wait {
    /// For a fresh token.
    Token { turn: u32, give_up_at: u64 },
    /// Until a time, then open.
    Open { at: u64 },
    /// Until a time, then ask for a fresh token.
    Ask { at: u64 },
}

#[derive(Debug, Clone, Copy)]
struct Poll {
    /// The question that is out.
    out: Option<(u32, u64)>,
    /// When to ask next.
    at: u64,
    /// The last answer was good.
    good: bool,
    /// When to try for a stream again; `None` where it is certain that there can be none.
    stream_at: Option<u64>,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            stopped: Some(Stopped::Closed),
            live: None,
            next: None,
            wait: None,
            poll: None,
            streams: 0,
            turns: 0,
            tries: 0,
            refused: 0,
            silent_opens: 0,
            was_there: false,
        }
    }
}

impl Link {
    /// Opens the desk, or takes it back from another window.
    pub fn start(&mut self, at: Moment, wants: &mut Vec<Want>) {
        if self.stopped.take().is_some() {
            self.tries = 0;
            self.refused = 0;
            self.open(at.now, wants);
        }
    }

    /// Closes the desk.
    pub fn stop(&mut self, why: Stopped, wants: &mut Vec<Want>) {
        let streams = [
            self.live.take().map(|live| live.stream),
            self.next.take().map(|next| next.stream),
        ];
        wants.extend(
            streams
                .into_iter()
                .flatten()
                .map(|stream| Want::Close { stream }),
        );
        self.wait = None;
        self.poll = None;
        self.stopped = Some(why);
    }

    /// How current the state is.
    pub fn standing(&self) -> Standing {
        match (self.stopped, self.live, self.poll) {
            (Some(why), ..) => Standing::Stopped(why),
            (None, Some(_), _) => Standing::Live,
            (None, None, Some(Poll { good: true, .. })) => Standing::Polling,
            _ if self.was_there => Standing::Stale,
            _ => Standing::Starting,
        }
    }

    /// The stream that counts.
    pub fn stream(&self) -> Option<u32> {
        self.live.map(|live| live.stream)
    }

    /// Whether `stream` is the one that counts.
    pub fn counts(&self, stream: u32) -> bool {
        self.live.is_some_and(|live| live.stream == stream)
    }

    /// Whether `stream` is one whose snapshot is waited for.
    pub fn awaits(&self, stream: u32) -> bool {
        self.next.is_some_and(|next| next.stream == stream)
    }

    /// Whether the platform is asked while it has a stream open from which nothing has come yet: something in between
    /// may hold it back.
    pub fn is_held_back(&self) -> bool {
        self.poll.is_some() && self.next.is_some_and(|next| next.opened)
    }

    /// Streaming is impossible here: the browser cannot, or a person said so.
    pub fn no_streams(&mut self, now: u64, wants: &mut Vec<Want>) {
        if self.stopped.is_none() && self.live.is_none() {
            if let Some(next) = self.next.take() {
                wants.push(Want::Close {
                    stream: next.stream,
                });
            }
            self.begin_polling(None, now, wants);
        }
    }

    /// There is a fresh token.
    pub fn token(&mut self, turn: u32, now: u64, wants: &mut Vec<Want>) {
        if matches!(self.wait, Some(Wait::Token { turn: asked, .. }) if asked == turn) {
            self.wait = None;
            self.open_or_poll(now, wants);
        }
    }

    /// There is no fresh token: [`Trouble::SignInNeeded`], or [`Trouble::Lost`] for the time being.
    pub fn no_token(&mut self, turn: u32, why: Trouble, at: Moment, wants: &mut Vec<Want>) {
        if matches!(self.wait, Some(Wait::Token { turn: asked, .. }) if asked == turn) {
            self.wait = None;
            match why {
                Trouble::SignInNeeded | Trouble::NotAnAgent | Trouble::Taken => {
                    self.react(why, at, wants);
                }
                _ => {
                    let at = self.pause(at);
                    self.wait = Some(Wait::Ask { at });
                }
            }
        }
    }

    /// The token was renewed before it ended: a stream with the new one takes over from the one with the old.
    pub fn renewed(&mut self, now: u64, wants: &mut Vec<Want>) {
        self.refused = 0;
        let waits = matches!(self.wait, Some(Wait::Token { .. } | Wait::Ask { .. }));
        if waits || (self.live.is_some() && self.next.is_none()) {
            self.wait = None;
            self.open_or_poll(now, wants);
        }
    }

    /// Streams come from somewhere else now: a new one takes over from the one that counts, at once. Nothing comes from
    /// that any more, so that it ends with the first try that fails.
    pub fn take_over(&mut self, now: u64, wants: &mut Vec<Want>) {
        if self.stopped.is_some() {
            return;
        }
        if let Some(next) = self.next.take() {
            wants.push(Want::Close {
                stream: next.stream,
            });
        }
        if let Some(live) = self.live.as_mut() {
            live.bridges = true;
        }
        self.wait = None;
        self.tries = 0;
        self.open_or_poll(now, wants);
    }

    /// The token was refused somewhere else, as for a command.
    pub fn rejected(&mut self, at: Moment, wants: &mut Vec<Want>) {
        let at_work = matches!(self.wait, Some(Wait::Token { .. } | Wait::Ask { .. }));
        if self.stopped.is_none() && !at_work && self.next.is_none() {
            self.react(Trouble::Unauthenticated, at, wants);
        }
    }

    /// The platform took the request for a stream.
    pub fn opened(&mut self, stream: u32) {
        if let Some(next) = self.next.as_mut().filter(|next| next.stream == stream) {
            next.opened = true;
        }
    }

    /// The network is back, or another one: a pause need not be waited out.
    pub fn hurry(&mut self, now: u64, wants: &mut Vec<Want>) {
        match self.wait {
            Some(Wait::Open { .. }) => {
                self.wait = None;
                self.open(now, wants);
            }
            Some(Wait::Ask { .. }) => self.ask(now, wants),
            _ => {}
        }
        if let Some(poll) = self.poll.as_mut().filter(|poll| poll.at != NEVER) {
            poll.at = poll.at.min(now);
            // What held streams back may be gone with the network that it was in.
            poll.stream_at = poll.stream_at.map(|at| at.min(now));
        }
    }

    /// Something came from a stream.
    pub fn heard(&mut self, stream: u32, now: u64) {
        if let Some(live) = self.live.as_mut().filter(|live| live.stream == stream) {
            live.silent_at = now.saturating_add(SILENCE_MS);
        }
    }

    /// A stream has its snapshot: from now on it counts. `false` for a stream that was not waited for.
    pub fn promote(&mut self, stream: u32, now: u64, wants: &mut Vec<Want>) -> bool {
        if !self.awaits(stream) {
            return false;
        }
        self.next = None;
        if let Some(old) = self.live.take() {
            wants.push(Want::Close { stream: old.stream });
        }
        self.live = Some(Live {
            stream,
            silent_at: now.saturating_add(SILENCE_MS),
            bridges: false,
        });
        self.wait = None;
        self.poll = None;
        self.silent_opens = 0;
        self.there();
        true
    }

    /// A stream ended, could not be opened, or brought what cannot be believed.
    pub fn broken(&mut self, stream: u32, why: Trouble, at: Moment, wants: &mut Vec<Want>) {
        if self.counts(stream) {
            self.live = None;
            wants.push(Want::Close { stream });
            // The new stream is on its way. That the old one was taken away is its doing.
            if self.next.is_some() && !matches!(why, Trouble::SignInNeeded | Trouble::NotAnAgent) {
                return;
            }
            // A fresh token is on its way.
            if matches!(self.wait, Some(Wait::Token { .. }))
                && matches!(
                    why,
                    Trouble::Lost | Trouble::Garbled | Trouble::Unauthenticated
                )
            {
                return;
            }
            self.react(why, at, wants);
        } else if self.awaits(stream) {
            self.next = None;
            wants.push(Want::Close { stream });
            if let Some(live) = self.live.take_if(|live| live.bridges) {
                wants.push(Want::Close {
                    stream: live.stream,
                });
            }
            self.react(why, at, wants);
        }
    }

    /// The answer to a poll, or why there is none. `false` for an answer that was not waited for.
    pub fn polled(
        &mut self,
        turn: u32,
        trouble: Option<Trouble>,
        at: Moment,
        wants: &mut Vec<Want>,
    ) -> bool {
        let Some(poll) = self.poll.as_mut() else {
            return false;
        };
        if poll.out.is_none_or(|(asked, _)| asked != turn) {
            return false;
        }
        poll.out = None;
        poll.good = trouble.is_none();
        match trouble {
            None => {
                poll.at = at.now.saturating_add(POLL_MS);
                self.there();
            }
            Some(Trouble::Lost | Trouble::Garbled | Trouble::NoStream) => {
                let next = self.pause(at);
                if let Some(poll) = self.poll.as_mut() {
                    poll.at = next;
                }
            }
            Some(why) => {
                // After a fresh token.
                poll.at = NEVER;
                self.react(why, at, wants);
            }
        }
        true
    }

    /// Time has passed.
    pub fn tick(&mut self, at: Moment, wants: &mut Vec<Want>) {
        let now = at.now;
        if let Some(live) = self.live.filter(|live| now >= live.silent_at) {
            self.broken(live.stream, Trouble::Lost, at, wants);
        }
        if let Some(next) = self.next.filter(|next| now >= next.give_up_at) {
            self.silent_opens += u32::from(next.opened);
            let held_back = self.silent_opens >= SILENT_OPENS;
            let why = if held_back {
                Trouble::NoStream
            } else {
                Trouble::Lost
            };
            self.broken(next.stream, why, at, wants);
        }
        match self.wait {
            Some(Wait::Token { turn, give_up_at }) if now >= give_up_at => {
                self.no_token(turn, Trouble::Lost, at, wants);
            }
            Some(Wait::Open { at }) if now >= at => {
                self.wait = None;
                self.open(now, wants);
            }
            Some(Wait::Ask { at }) if now >= at => self.ask(now, wants),
            _ => {}
        }
        if let Some(poll) = self.poll {
            match poll.out {
                Some((turn, give_up_at)) if now >= give_up_at => {
                    self.polled(turn, Some(Trouble::Lost), at, wants);
                }
                None if now >= poll.at => {
                    if let Some(late) = self.poll.as_mut() {
                        late.good &= now < poll.at.saturating_add(SLEPT_MS);
                    }
                    self.ask_state(now, wants);
                }
                _ => {}
            }
            let idle = self.next.is_none() && self.wait.is_none();
            if idle && poll.stream_at.is_some_and(|at| now >= at) {
                if let Some(poll) = self.poll.as_mut() {
                    poll.stream_at = Some(now.saturating_add(RETRY_STREAM_MS));
                }
                self.open(now, wants);
            }
        }
    }

    /// When to [`tick`](Link::tick) next; `None` while nothing is waited for.
    pub fn wake_at(&self) -> Option<u64> {
        let live = self.live.map(|live| live.silent_at);
        let next = self.next.map(|next| next.give_up_at);
        let wait = self.wait.map(|wait| match wait {
            Wait::Token { give_up_at: at, .. } | Wait::Open { at } | Wait::Ask { at } => at,
        });
        let poll = self
            .poll
            .map(|poll| poll.out.map_or(poll.at, |(_, give_up_at)| give_up_at));
        let idle = self.next.is_none() && self.wait.is_none();
        let stream = self.poll.and_then(|poll| poll.stream_at).filter(|_| idle);
        let times = [live, next, wait, poll, stream].into_iter().flatten();
        times.filter(|&at| at != NEVER).min()
    }

    fn there(&mut self) {
        self.tries = 0;
        self.refused = 0;
        self.was_there = true;
    }

    fn open(&mut self, now: u64, wants: &mut Vec<Want>) {
        self.streams = self.streams.wrapping_add(1);
        let stream = self.streams;
        // One that is held back in between may be open at the platform all the same, and a platform may tell the state
        // of calls only while there is one: it is kept beside the questions.
        let patience = match self.poll {
            Some(_) => RETRY_STREAM_MS,
            None => SNAPSHOT_MS,
        };
        self.next = Some(Next {
            stream,
            give_up_at: now.saturating_add(patience),
            opened: false,
        });
        wants.push(Want::Open { stream });
    }

    fn open_or_poll(&mut self, now: u64, wants: &mut Vec<Want>) {
        match self.poll.as_mut() {
            Some(poll) if poll.out.is_none() => self.ask_state(now, wants),
            Some(_) => {}
            None => self.open(now, wants),
        }
    }

    fn ask(&mut self, now: u64, wants: &mut Vec<Want>) {
        self.turns = self.turns.wrapping_add(1);
        let turn = self.turns;
        self.wait = Some(Wait::Token {
            turn,
            give_up_at: now.saturating_add(ANSWER_MS),
        });
        wants.push(Want::Token { turn });
    }

    fn ask_state(&mut self, now: u64, wants: &mut Vec<Want>) {
        self.turns = self.turns.wrapping_add(1);
        let turn = self.turns;
        if let Some(poll) = self.poll.as_mut() {
            poll.out = Some((turn, now.saturating_add(ANSWER_MS)));
            wants.push(Want::Poll { turn });
        }
    }

    fn begin_polling(&mut self, stream_at: Option<u64>, now: u64, wants: &mut Vec<Want>) {
        if matches!(self.wait, Some(Wait::Open { .. })) {
            self.wait = None;
        }
        let poll = Poll {
            out: None,
            at: now,
            good: false,
            stream_at,
        };
        match self.poll.as_mut() {
            Some(poll) => poll.stream_at = stream_at,
            None => {
                self.poll = Some(poll);
                self.ask_state(now, wants);
            }
        }
    }

    fn react(&mut self, why: Trouble, at: Moment, wants: &mut Vec<Want>) {
        match why {
            // While polling, streams are tried for at their own times.
            Trouble::Lost | Trouble::Garbled if self.poll.is_some() => {}
            Trouble::NoStream if self.live.is_none() => {
                let held_back = self.silent_opens >= SILENT_OPENS;
                let pause = if held_back { 0 } else { RETRY_STREAM_MS };
                let again = at.now.saturating_add(pause);
                self.begin_polling(Some(again), at.now, wants);
            }
            Trouble::Lost | Trouble::Garbled | Trouble::NoStream => {
                let at = self.pause(at);
                self.wait = Some(Wait::Open { at });
            }
            Trouble::Unauthenticated => {
                self.refused += 1;
                match self.refused {
                    1 => self.ask(at.now, wants),
                    2..=FRESH_TOKENS => {
                        let at = self.pause(at);
                        self.wait = Some(Wait::Ask { at });
                    }
                    _ => self.stop(Stopped::SignInNeeded, wants),
                }
            }
            Trouble::SignInNeeded => self.stop(Stopped::SignInNeeded, wants),
            Trouble::Taken => self.stop(Stopped::Taken, wants),
            Trouble::NotAnAgent => self.stop(Stopped::NotAnAgent, wants),
        }
    }

    /// When the next try is due: between half of the pause and the whole of it.
    fn pause(&mut self, Moment { now, chance }: Moment) -> u64 {
        let pause = (FIRST_PAUSE_MS << self.tries.min(16)).min(LONGEST_PAUSE_MS);
        self.tries = self.tries.saturating_add(1);
        let half = pause / 2;
        let share = (u64::from(chance) * half) >> 32;
        now.saturating_add(half + share)
    }
}
