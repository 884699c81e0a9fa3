//! One button: one click, one call.
//!
//! A click is kept for [`KEEP_MS`] until everything it needs is there, sent once, and sent again only under
//! its own idempotency key, only while those [`KEEP_MS`] last, and only after a lost connection or a `401`.
//! So it can neither ring twice nor late. [`Click`] decides; it does nothing itself. The caller passes in what
//! happened and the time, carries out the [`Effect`] that comes back, and calls again with [`Event::Tick`]
//! at [`Click::wake_at`].
//!
//! ```
//! use patchcord_core::click::{Click, Effect, Event, Phase, Reply, Verdict};
//!
//! let mut click = Click::default();
//! let pressed = Event::Pressed { key: "key-1".to_owned(), at: 0 };
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
            Event::Pressed { key, at } => self.press(key, at, now),
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

    fn press(&mut self, key: String, at: u64, now: u64) -> Option<Effect> {
        if self.is_busy(now) {
            return None;
        }
        self.job = Some(Job {
            key,
            deadline: at.min(now).saturating_add(KEEP_MS),
            step: Step::Preparing,
            doubt: false,
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
            Reply::Refused => Some(self.settle(Verdict::Refused(Reason::Reply))),
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pressed(key: &str, at: u64) -> Event {
        Event::Pressed {
            key: key.to_owned(),
            at,
        }
    }

    /// A button that was pressed at 0 and has just been told to send.
    fn sending() -> (Click, u32) {
        let mut click = Click::default();
        click.handle(pressed("key", 0), 0);
        match click.handle(Event::Prepared { turn: 1 }, 0) {
            Some(Effect::Send { turn, .. }) => (click, turn),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn further_presses_do_nothing_until_three_seconds_after_acceptance() {
        let (mut click, turn) = sending();
        assert_eq!(click.handle(pressed("second", 10), 10), None);
        click.handle(
            Event::Replied {
                turn,
                reply: Reply::Accepted,
            },
            100,
        );
        assert_eq!(click.handle(pressed("third", 3_099), 3_099), None);
        assert!(matches!(
            click.handle(pressed("redial", 3_100), 3_100),
            Some(Effect::Prepare { .. })
        ));
    }

    #[test]
    fn a_click_that_is_not_ready_in_ten_seconds_is_refused_as_expired() {
        let mut click = Click::default();
        click.handle(pressed("key", 0), 0);
        assert_eq!(click.phase(), Phase::Waiting);
        assert_eq!(click.wake_at(), Some(KEEP_MS));
        let expired = Some(Effect::Settle(Verdict::Refused(Reason::Found(
            Code::Expired,
        ))));
        assert_eq!(click.handle(Event::Tick, KEEP_MS), expired);
        assert_eq!(click.handle(Event::Prepared { turn: 1 }, KEEP_MS + 1), None);
    }

    #[test]
    fn readiness_after_a_long_sleep_sends_nothing() {
        let mut click = Click::default();
        click.handle(pressed("key", 0), 0);
        let expired = Some(Effect::Settle(Verdict::Refused(Reason::Found(
            Code::Expired,
        ))));
        assert_eq!(
            click.handle(Event::Prepared { turn: 1 }, 20 * 60_000),
            expired
        );
    }

    #[test]
    fn a_click_kept_elsewhere_counts_from_when_it_was_clicked() {
        let mut click = Click::default();
        let expired = Some(Effect::Settle(Verdict::Refused(Reason::Found(
            Code::Expired,
        ))));
        assert_eq!(click.handle(pressed("key", 1_000), 11_000), expired);
    }

    #[test]
    fn a_lost_reply_is_asked_for_again_under_the_same_key_and_then_unknown() {
        let (mut click, mut turn) = sending();
        let mut now = 0;
        let mut keys = vec!["key".to_owned()];
        loop {
            let mut effect = click.handle(
                Event::Replied {
                    turn,
                    reply: Reply::Lost,
                },
                now,
            );
            assert!(
                !matches!(click.phase(), Phase::Waiting),
                "what was sent cannot be called off"
            );
            if effect.is_none() {
                now = click.wake_at().unwrap();
                let Some(Effect::Prepare { turn }) = click.handle(Event::Tick, now) else {
                    panic!()
                };
                effect = click.handle(Event::Prepared { turn }, now);
            }
            match effect {
                Some(Effect::Send { turn: next, key }) => {
                    turn = next;
                    keys.push(key);
                }
                Some(Effect::Settle(verdict)) => {
                    assert_eq!(verdict, Verdict::Unknown(Reason::Found(Code::NoReply)));
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(now < KEEP_MS);
        assert!(
            keys.len() > 3 && keys.iter().all(|key| key == "key"),
            "{keys:?}"
        );
    }

    #[test]
    fn no_reply_in_twenty_seconds_is_unknown_and_a_late_one_changes_nothing() {
        let (mut click, turn) = sending();
        assert_eq!(click.wake_at(), Some(REPLY_MS));
        assert_eq!(click.handle(Event::Tick, REPLY_MS - 1), None);
        let unknown = Verdict::Unknown(Reason::Found(Code::NoReply));
        assert_eq!(
            click.handle(Event::Tick, REPLY_MS),
            Some(Effect::Settle(unknown))
        );
        click.handle(
            Event::Replied {
                turn,
                reply: Reply::Accepted,
            },
            REPLY_MS + 1,
        );
        assert_eq!(click.phase(), Phase::Settled(unknown));
    }

    #[test]
    fn a_refused_session_is_renewed_once() {
        let (mut click, turn) = sending();
        let renew = click.handle(
            Event::Replied {
                turn,
                reply: Reply::Unauthorized,
            },
            10,
        );
        let Some(Effect::Renew { turn }) = renew else {
            panic!("{renew:?}")
        };
        let send = click.handle(Event::Prepared { turn }, 20);
        let Some(Effect::Send { turn, .. }) = send else {
            panic!("{send:?}")
        };
        let refused = Some(Effect::Settle(Verdict::Refused(Reason::Reply)));
        assert_eq!(
            click.handle(
                Event::Replied {
                    turn,
                    reply: Reply::Unauthorized
                },
                30
            ),
            refused
        );
    }

    #[test]
    fn an_unreachable_relay_is_tried_three_times_and_then_said_to_be_so() {
        let mut click = Click::default();
        let mut effect = click.handle(pressed("key", 0), 0);
        let mut tries = 0;
        while let Some(Effect::Prepare { turn }) = effect {
            tries += 1;
            effect = click.handle(
                Event::NotPrepared {
                    turn,
                    obstacle: Obstacle::Lost,
                },
                0,
            );
            if effect.is_none() {
                effect = click.handle(Event::Tick, click.wake_at().unwrap());
            }
        }
        assert_eq!(tries, 3);
        assert_eq!(
            effect,
            Some(Effect::Settle(Verdict::Refused(Reason::Found(
                Code::RelayUnreachable
            ))))
        );
    }

    #[test]
    fn a_kept_click_can_be_called_off_and_a_sent_one_cannot() {
        let mut click = Click::default();
        click.handle(pressed("key", 0), 0);
        let cancelled = Some(Effect::Settle(Verdict::Refused(Reason::Found(
            Code::Cancelled,
        ))));
        assert_eq!(click.handle(Event::Cancelled, 5), cancelled);
        let (mut click, _) = sending();
        assert_eq!(click.handle(Event::Cancelled, 5), None);
    }

    #[test]
    fn a_refusal_after_a_lost_reply_does_not_hide_that_the_first_may_have_arrived() {
        let (mut click, turn) = sending();
        assert_eq!(
            click.handle(
                Event::Replied {
                    turn,
                    reply: Reply::Lost
                },
                0
            ),
            None
        );
        let prepare = click.handle(Event::Tick, click.wake_at().unwrap());
        let Some(Effect::Prepare { turn }) = prepare else {
            panic!("{prepare:?}")
        };
        let unknown = Some(Effect::Settle(Verdict::Unknown(Reason::Found(
            Code::NoReply,
        ))));
        assert_eq!(
            click.handle(
                Event::NotPrepared {
                    turn,
                    obstacle: Obstacle::Refused
                },
                400
            ),
            unknown
        );
    }

    #[derive(Debug, Clone)]
    enum Input {
        Press,
        Answer(u8),
        Late(u8, u32),
        Cancel,
        Tick,
    }

    fn input() -> impl Strategy<Value = (Input, u64)> {
        let input = prop_oneof![
            2 => Just(Input::Press),
            5 => (0_u8..8).prop_map(Input::Answer),
            1 => (0_u8..8, 0_u32..40).prop_map(|(answer, turn)| Input::Late(answer, turn)),
            1 => Just(Input::Cancel),
            3 => Just(Input::Tick),
        ];
        (input, prop_oneof![3 => 0_u64..400, 1 => 0_u64..30_000])
    }

    fn answer(kind: u8, turn: u32, open: Option<&Effect>) -> Event {
        match (kind, open) {
            (0..=4, Some(Effect::Prepare { .. } | Effect::Renew { .. })) => {
                Event::Prepared { turn }
            }
            (5 | 6, Some(Effect::Prepare { .. } | Effect::Renew { .. })) => Event::NotPrepared {
                turn,
                obstacle: Obstacle::Lost,
            },
            (_, Some(Effect::Prepare { .. } | Effect::Renew { .. })) => Event::NotPrepared {
                turn,
                obstacle: Obstacle::Refused,
            },
            (kind, _) => {
                let reply = match kind {
                    0 => Reply::Accepted,
                    1 => Reply::Refused,
                    2 => Reply::Denied,
                    3 | 4 => Reply::Unauthorized,
                    5 => Reply::Unknown,
                    _ => Reply::Lost,
                };
                Event::Replied { turn, reply }
            }
        }
    }

    proptest! {
        #[test]
        fn no_click_is_sent_twice_under_two_keys_or_late_and_none_gets_stuck(
            inputs in proptest::collection::vec(input(), 1..60)
        ) {
            let mut click = Click::default();
            let mut now = 1_000_u64;
            let mut presses = 0_u64;
            let mut open: Option<Effect> = None;
            // The key and time of the click at work, and whether a send of it is unanswered.
            let mut current: Option<(String, u64)> = None;
            let mut quiet_until = 0;
            for (input, wait) in inputs {
                now += wait;
                let event = match input {
                    Input::Press => {
                        presses += 1;
                        pressed(&format!("key-{presses}"), now)
                    }
                    Input::Answer(kind) => match open.clone() {
                        Some(Effect::Prepare { turn } | Effect::Renew { turn } | Effect::Send { turn, .. }) => {
                            answer(kind, turn, open.as_ref())
                        }
                        _ => Event::Tick,
                    },
                    Input::Late(kind, turn) if !click.awaits(turn) => answer(kind, turn, None),
                    Input::Late(..) | Input::Tick => Event::Tick,
                    Input::Cancel => Event::Cancelled,
                };
                let is_press = matches!(event, Event::Pressed { .. });
                let was_accepted = matches!(event, Event::Replied { reply: Reply::Accepted, .. });
                let before = click.phase();
                let effect = click.handle(event, now);
                if is_press && !matches!(before, Phase::Waiting | Phase::Working) && effect.is_some() {
                    prop_assert!(now >= quiet_until, "a click in the quiet time was taken");
                    current = Some((format!("key-{presses}"), now));
                }
                match &effect {
                    Some(Effect::Send { key, .. }) => {
                        let (own, at) = current.clone().unwrap();
                        prop_assert_eq!(key, &own);
                        prop_assert!(now < at + KEEP_MS, "sent after the deadline");
                    }
                    Some(Effect::Settle(verdict)) => {
                        if was_accepted {
                            prop_assert_eq!(*verdict, Verdict::Accepted);
                        }
                        if matches!(verdict, Verdict::Accepted | Verdict::Unknown(_)) {
                            quiet_until = now + QUIET_MS;
                        }
                        current = None;
                    }
                    _ => {}
                }
                if effect.is_some() || !matches!(click.phase(), Phase::Waiting | Phase::Working) {
                    open = effect;
                }
                let at_work = matches!(click.phase(), Phase::Waiting | Phase::Working);
                prop_assert_eq!(at_work, click.wake_at().is_some(), "stuck: nothing wakes it");
            }
            // Left alone, with nobody answering, it ends.
            for _ in 0..20 {
                let Some(at) = click.wake_at() else { break };
                now = now.max(at);
                click.handle(Event::Tick, now);
            }
            prop_assert!(click.wake_at().is_none(), "still at work: {:?}", click);
        }

        #[test]
        fn a_clock_that_is_set_back_does_not_keep_a_click_longer(back in 0_u64..1_000_000) {
            let mut click = Click::default();
            let start = 1_000_000;
            click.handle(pressed("key", start), start);
            click.handle(Event::Tick, start + KEEP_MS - 1);
            click.handle(Event::Tick, start - back);
            click.handle(Event::Tick, start + KEEP_MS);
            prop_assert_eq!(click.phase(), Phase::Settled(Verdict::Refused(Reason::Found(Code::Expired))));
            let now = start - back;
            let prepare = click.handle(pressed("next", now), now);
            prop_assert!(matches!(prepare, Some(Effect::Prepare { .. })), "{:?}", prepare);
        }
    }
}
