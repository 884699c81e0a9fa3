//! One button: one click, one call.
//!
//! A click is kept for [`KEEP_MS`] until everything it needs is there, sent once, and sent again only under
//! its own idempotency key, only while those [`KEEP_MS`] last, and only after a lost connection or a `401`.
//! So it can neither ring twice nor late. [`Click`] decides; it does nothing itself. The caller passes in what
//! happened and the time, carries out the [`Effect`] that comes back, and calls again with [`Event::Tick`]
//! at [`Click::wake_at`].
//!
//! ```
//! use patchcord_core::click::{Before, Click, Effect, Event, Phase, Reply, Verdict};
//!
//! let mut click = Click::default();
//! let pressed = Event::Pressed { key: "key-1".to_owned(), at: 0, before: Before::Nothing };
//! assert_eq!(click.handle(pressed, 0), Some(Effect::Prepare { turn: 1 }));
//! let send = Effect::Send { turn: 2, key: "key-1".to_owned() };
//! assert_eq!(click.handle(Event::Prepared { turn: 1 }, 5), Some(send));
//! click.handle(Event::Replied { turn: 2, reply: Reply::Accepted }, 90);
//! assert_eq!(click.phase(), Phase::Settled(Verdict::Accepted));
//! ```
//!
//! Times are milliseconds since the epoch, from a clock that goes on while the machine sleeps.

use crate::error::Code;

/// How long a click is kept, and may be sent again.
pub const KEEP_MS: u64 = 10_000;
/// How long further clicks do nothing after one was accepted, or may have been.
pub const QUIET_MS: u64 = 3_000;
/// How long a reply is waited for.
pub const REPLY_MS: u64 = 20_000;
/// How often readiness is tried for before the relay counts as unreachable.
const PREPARE_TRIES: u32 = 3;
/// The pause before a first repetition; it doubles with each further one.
const PAUSE_MS: u64 = 300;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The button was pressed.
    Pressed {
        /// The idempotency key that the click is sent under.
        key: String,
        /// When; earlier than now if the click was kept elsewhere.
        at: u64,
        /// What went out under this key before.
        before: Before,
    },
    /// Network and session are there.
    Prepared {
        /// From [`Effect::Prepare`] or [`Effect::Renew`].
        turn: u32,
    },
    /// They could not be had.
    NotPrepared {
        /// From [`Effect::Prepare`] or [`Effect::Renew`].
        turn: u32,
        /// Why not.
        obstacle: Obstacle,
    },
    /// What became of the request.
    Replied {
        /// From [`Effect::Send`].
        turn: u32,
        /// What came back.
        reply: Reply,
    },
    /// The person called it off.
    Cancelled,
    /// Time has passed.
    Tick,
}

/// What went out under a click's key before it was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// Nothing.
    Nothing,
    /// The same request, without an answer: it may have arrived.
    Perhaps,
}

/// Why network and session could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The relay, or the page, said no: the code is with it.
    Refused,
    /// There was no reply.
    Lost,
}

/// What became of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// The provider said yes.
    Accepted,
    /// The provider said no.
    Refused,
    /// The relay refused before it asked a provider.
    Denied,
    /// The same, and it has looked: under this key it has taken nothing.
    NotTaken,
    /// The relay refused the session (`401`).
    Unauthorized,
    /// The relay does not know, or its reply could not be read.
    Unknown,
    /// The connection was lost: the request may have arrived.
    Lost,
}

/// What the caller has to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Wait for the network and get a session, then say [`Event::Prepared`] or [`Event::NotPrepared`].
    Prepare {
        /// To be handed back.
        turn: u32,
    },
    /// The same, with a new session: the one at hand was refused.
    Renew {
        /// To be handed back.
        turn: u32,
    },
    /// Send the request under `key`, then say [`Event::Replied`].
    Send {
        /// To be handed back.
        turn: u32,
        /// The click's idempotency key.
        key: String,
    },
    /// The click is over.
    Settle(Verdict),
}

/// What became of a click.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was accepted.
    Accepted,
    /// It was refused, or is proven not to have been sent.
    Refused(Reason),
    /// It may have been carried out.
    Unknown(Reason),
}

/// Where the code of a verdict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// In the last reply.
    Reply,
    /// Here: it was found out on this side.
    Found(Code),
}

/// What a person is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nothing was clicked yet.
    Idle,
    /// A click is kept; nothing was sent, it can be called off.
    Waiting,
    /// It was sent.
    Working,
    /// It is over.
    Settled(Verdict),
}

/// The state of one button. `Default` is an idle one.
#[derive(Debug, Clone, Default)]
pub struct Click {
    job: Option<Job>,
    settled: Option<Verdict>,
    quiet_until: u64,
    /// The latest time seen: a clock that is set back does not keep a click longer.
    latest: u64,
    turn: u32,
}

#[derive(Debug, Clone)]
struct Job {
    key: String,
    deadline: u64,
    step: Step,
    /// A request went out and may have arrived.
    doubt: bool,
    renewed: bool,
    pauses: u32,
    failed_prepares: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Preparing,
    Pausing { until: u64 },
    Sending { give_up_at: u64 },
}

impl Click {
    /// Takes in what happened at `now`, and says what to do.
    pub fn handle(&mut self, event: Event, now: u64) -> Option<Effect> {
        let now = if self.job.is_some() {
            now.max(self.latest)
        } else {
            now
        };
        self.latest = now;
        match event {
            Event::Pressed { key, at, before } => self.press(key, at, before, now),
            Event::Cancelled => match self.phase() {
                Phase::Waiting => {
                    Some(self.settle(Verdict::Refused(Reason::Found(Code::Cancelled))))
                }
                _ => None,
            },
            Event::Tick => self.tick(now),
            Event::Prepared { turn } if turn == self.turn => self.send(now),
            Event::NotPrepared { turn, obstacle } if turn == self.turn => {
                self.not_prepared(obstacle, now)
            }
            Event::Replied { turn, reply } if turn == self.turn => self.replied(reply, now),
            // An answer to a question that is no longer open.
            Event::Prepared { .. } | Event::NotPrepared { .. } | Event::Replied { .. } => None,
        }
    }

    /// What to show.
    pub fn phase(&self) -> Phase {
        match (&self.job, self.settled) {
            (
                Some(Job {
                    doubt: false,
                    step: Step::Preparing | Step::Pausing { .. },
                    ..
                }),
                _,
            ) => Phase::Waiting,
            (Some(_), _) => Phase::Working,
            (None, Some(verdict)) => Phase::Settled(verdict),
            (None, None) => Phase::Idle,
        }
    }

    /// When to say [`Event::Tick`]; `None` if nothing is at work.
    pub fn wake_at(&self) -> Option<u64> {
        let job = self.job.as_ref()?;
        Some(match job.step {
            Step::Preparing => job.deadline,
            Step::Pausing { until } => until.min(job.deadline),
            Step::Sending { give_up_at } => give_up_at,
        })
    }

    /// Whether the caller's answer to `turn` is still waited for.
    pub fn awaits(&self, turn: u32) -> bool {
        self.job.is_some() && self.turn == turn
    }

    /// Whether a press would do nothing at `now`.
    pub fn is_busy(&self, now: u64) -> bool {
        // More than QUIET_MS to go: the clock was set back.
        let quiet = self.quiet_until.saturating_sub(now);
        self.job.is_some() || (1..=QUIET_MS).contains(&quiet)
    }

    fn press(&mut self, key: String, at: u64, before: Before, now: u64) -> Option<Effect> {
        if self.is_busy(now) {
            return None;
        }
        self.job = Some(Job {
            key,
            deadline: at.min(now).saturating_add(KEEP_MS),
            step: Step::Preparing,
            doubt: before == Before::Perhaps,
            renewed: false,
            pauses: 0,
            failed_prepares: 0,
        });
        self.prepare(now)
    }

    fn tick(&mut self, now: u64) -> Option<Effect> {
        match self.job.as_ref()?.step {
            Step::Sending { give_up_at } if now >= give_up_at => Some(self.lose()),
            Step::Sending { .. } => None,
            Step::Preparing | Step::Pausing { .. } if self.is_late(now) => Some(self.expire()),
            Step::Pausing { until } if now >= until => self.prepare(now),
            Step::Preparing | Step::Pausing { .. } => None,
        }
    }

    fn prepare(&mut self, now: u64) -> Option<Effect> {
        if self.is_late(now) {
            return Some(self.expire());
        }
        let turn = self.next_turn(Step::Preparing)?;
        Some(Effect::Prepare { turn })
    }

    fn send(&mut self, now: u64) -> Option<Effect> {
        if self.is_late(now) {
            return Some(self.expire());
        }
        let turn = self.next_turn(Step::Sending {
            give_up_at: now.saturating_add(REPLY_MS),
        })?;
        Some(Effect::Send {
            turn,
            key: self.job.as_ref()?.key.clone(),
        })
    }

    fn not_prepared(&mut self, obstacle: Obstacle, now: u64) -> Option<Effect> {
        let job = self.job.as_mut()?;
        job.failed_prepares += 1;
        let (doubt, failed) = (job.doubt, job.failed_prepares);
        match obstacle {
            _ if doubt && self.is_late(now) => Some(self.lose()),
            Obstacle::Refused => Some(self.refuse(Reason::Reply)),
            Obstacle::Lost if failed < PREPARE_TRIES => self.pause(now),
            Obstacle::Lost => Some(self.refuse(Reason::Found(Code::RelayUnreachable))),
        }
    }

    fn replied(&mut self, reply: Reply, now: u64) -> Option<Effect> {
        let job = self.job.as_mut()?;
        match reply {
            Reply::Accepted => {
                self.quiet_until = now.saturating_add(QUIET_MS);
                Some(self.settle(Verdict::Accepted))
            }
            Reply::Unknown => {
                self.quiet_until = now.saturating_add(QUIET_MS);
                Some(self.settle(Verdict::Unknown(Reason::Reply)))
            }
            // The relay gives a repetition the first one's answer: a provider's no is final.
            Reply::Refused | Reply::NotTaken => Some(self.settle(Verdict::Refused(Reason::Reply))),
            Reply::Unauthorized if !job.renewed && now < job.deadline => {
                job.renewed = true;
                let turn = self.next_turn(Step::Preparing)?;
                Some(Effect::Renew { turn })
            }
            Reply::Denied | Reply::Unauthorized => Some(self.refuse(Reason::Reply)),
            Reply::Lost => {
                job.doubt = true;
                self.pause(now)
            }
        }
    }

    fn pause(&mut self, now: u64) -> Option<Effect> {
        let job = self.job.as_mut()?;
        let until = now.saturating_add(PAUSE_MS << job.pauses.min(5));
        job.pauses += 1;
        if until >= job.deadline {
            let late = if job.doubt {
                self.lose()
            } else {
                self.expire()
            };
            return Some(late);
        }
        self.next_turn(Step::Pausing { until });
        None
    }

    /// Goes on to `step`; answers to earlier questions no longer count.
    fn next_turn(&mut self, step: Step) -> Option<u32> {
        self.turn = self.turn.wrapping_add(1);
        self.job.as_mut()?.step = step;
        Some(self.turn)
    }

    fn is_late(&self, now: u64) -> bool {
        self.job.as_ref().is_some_and(|job| now >= job.deadline)
    }

    fn expire(&mut self) -> Effect {
        self.refuse(Reason::Found(Code::Expired))
    }

    /// Refused, unless a request of this click may have arrived: then nobody knows.
    fn refuse(&mut self, reason: Reason) -> Effect {
        match &self.job {
            Some(job) if job.doubt => self.lose(),
            _ => self.settle(Verdict::Refused(reason)),
        }
    }

    fn lose(&mut self) -> Effect {
        self.quiet_until = self.latest.saturating_add(QUIET_MS);
        self.settle(Verdict::Unknown(Reason::Found(Code::NoReply)))
    }

    fn settle(&mut self, verdict: Verdict) -> Effect {
        self.turn = self.turn.wrapping_add(1);
        self.job = None;
        self.settled = Some(verdict);
        Effect::Settle(verdict)
    }
}

#[cfg(test)]
mod tests;
