//! Whether a relay was right to hand something over, or not to: by the wall clock and by what the story did.

use std::collections::BTreeSet;

use patchcord_core::callback::CallbackState;
use patchcord_relay::clock::to_rfc3339;
use patchcord_relay::config::CallbackPolicy;
use patchcord_relay::schedule::LATE;
use patchcord_relay::store::callback::Callback;

use super::office::Shift;
use super::wall::may_be_called;

/// What the story knows beside the database.
#[derive(Debug)]
pub struct Judge {
    shift: Shift,
    policy: CallbackPolicy,
    /// Numbers that are not called.
    pub listed: BTreeSet<String>,
    /// Dialling is switched off.
    pub off: bool,
}

/// What became of one that was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Dialled,
    /// Handed to a provider that keeps the time.
    Kept,
    Waits,
    NotCalled,
    Overdue,
}

impl Judge {
    pub const fn new(shift: Shift, policy: CallbackPolicy) -> Self {
        Self {
            shift,
            policy,
            listed: BTreeSet::new(),
            off: false,
        }
    }

    fn may(&self, callback: &Callback, at: i64) -> bool {
        may_be_called(self.shift, &callback.topic, &callback.number, at)
    }

    /// A wish was taken down, to be handed over at `dispatch_at`.
    pub fn taken_down(&self, callback: &Callback, now: i64) {
        let due = callback.dispatch_at;
        match callback.at {
            None => assert!(
                due >= now
                    && self.may(callback, due)
                    && (due == now || !self.may(callback, now) && !self.may(callback, due - 1)),
                "{} is not as soon as possible",
                shown(callback)
            ),
            Some(at) => assert!(
                self.may(callback, at)
                    && at >= now - LATE
                    && due
                        == if keeps_time(callback) {
                            now
                        } else {
                            at.max(now)
                        },
                "{} could not be wished",
                shown(callback)
            ),
        }
    }

    /// A wish was refused.
    pub fn turned_away(&self, callback: &Callback, now: i64) {
        let right = match callback.at {
            // Their day begins when these have gone home.
            None => callback.topic == "sales" && callback.number.starts_with("+1"),
            Some(at) => !self.may(callback, at) || at < now - LATE,
        };
        assert!(right, "{} was refused", shown(callback));
    }

    /// What was waiting, in its order, and what a relay made of the first of them.
    pub fn taken_up(&self, before: &[Callback], after: &[Callback], now: i64) -> Vec<Verdict> {
        assert!(!self.off, "something was taken up while switched off");
        let ids = |list: &[Callback]| -> Vec<String> {
            list.iter().map(|callback| callback.id.clone()).collect()
        };
        assert_eq!(ids(after), ids(before), "not those that were due first");
        let pairs = before.iter().zip(after);
        pairs
            .map(|(before, after)| self.one(before, after, now))
            .collect()
    }

    fn one(&self, before: &Callback, after: &Callback, now: i64) -> Verdict {
        let wrong = |why: &str| -> ! {
            panic!(
                "{} became {} at {}: {why}",
                shown(before),
                shown(after),
                to_rfc3339(now)
            )
        };
        let overdue = i64::try_from(self.policy.overdue.as_millis()).unwrap();
        let late = now - before.dispatch_at > overdue;
        let listed = self.listed.contains(&before.number);
        let moment = match before.at {
            Some(at) if keeps_time(before) => at.max(now),
            _ => now,
        };
        let may = self.may(before, moment);
        if before.dispatch_at > now {
            wrong("its time has not come");
        }
        match after.state {
            CallbackState::Expired if late => Verdict::Overdue,
            _ if late => wrong("it is overdue, and no person was asked"),
            CallbackState::Refused if listed => {
                if after.code.as_deref() != Some("do_not_call") {
                    wrong("for another reason");
                }
                Verdict::NotCalled
            }
            _ if listed => wrong("this number is not to be called"),
            CallbackState::Dispatching if may => match moment > now {
                true => Verdict::Kept,
                false => Verdict::Dialled,
            },
            CallbackState::Queued if !may => {
                let next = after.dispatch_at;
                if !self.may(before, next) || self.may(before, next - 1) {
                    wrong("that is not when it may be called next");
                }
                Verdict::Waits
            }
            CallbackState::Dispatching => wrong("nobody is there, or it is quiet"),
            _ => wrong("it may be called"),
        }
    }

    /// The next try is not at once.
    pub fn tried_again(&self, callback: &Callback, now: i64) {
        let pause = i64::try_from(self.policy.backoff.as_millis()).unwrap();
        assert!(callback.dispatch_at >= now + pause, "{}", shown(callback));
    }
}

/// Support's provider takes times.
fn keeps_time(callback: &Callback) -> bool {
    callback.topic == "support"
}

/// For whoever reads a story.
pub fn shown(callback: &Callback) -> String {
    format!(
        "{} ({}, {}, at {}, {}, due {}, {} tries)",
        callback.id,
        callback.topic,
        callback.number,
        callback.at.map_or("once".into(), to_rfc3339),
        callback.state.as_str(),
        to_rfc3339(callback.dispatch_at),
        callback.attempts,
    )
}
