//! When to ask for the state of a call, where a provider can only be asked.

use crate::call::CallState;

/// How often to ask. All times in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollPlan {
    /// The pause after a change.
    pub first: u64,
    /// The longest pause.
    pub longest: u64,
    /// Give up this long after the last change that was seen.
    pub patience: u64,
    /// Give up after this many failures in a row.
    pub failures: u32,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Poll {
    /// Ask after this many milliseconds.
    After(u64),
    /// Stop: nothing more will come.
    Stop(Why),
}

/// Why polling stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The call is over.
    Over,
    /// Nothing changed for longer than [`PollPlan::patience`].
    Silent,
    /// Too many failures in a row.
    Failing,
}

/// The polling of one call.
#[derive(Debug, Clone)]
pub struct Poller {
    plan: PollPlan,
    state: CallState,
    changed_at: u64,
    pause: u64,
    failures: u32,
}

impl Poller {
    /// Polls a call that is in `state` at `now`.
    pub fn new(plan: PollPlan, state: CallState, now: u64) -> Self {
        Self {
            plan,
            state,
            changed_at: now,
            pause: plan.first,
            failures: 0,
        }
    }

    /// When to ask next.
    pub fn next(&self, now: u64) -> Poll {
        if self.state.is_final() {
            Poll::Stop(Why::Over)
        } else if self.failures >= self.plan.failures {
            Poll::Stop(Why::Failing)
        } else if now.saturating_sub(self.changed_at) >= self.plan.patience {
            Poll::Stop(Why::Silent)
        } else {
            Poll::After(self.pause)
        }
    }

    /// The provider answered. `true` if the state is a new one.
    pub fn answered(&mut self, state: CallState, now: u64) -> bool {
        self.failures = 0;
        if state == self.state {
            self.lengthen();
            return false;
        }
        self.state = state;
        self.changed_at = now;
        self.pause = self.plan.first;
        true
    }

    /// The provider did not answer, or not so that it could be read.
    pub fn failed(&mut self) {
        self.failures = self.failures.saturating_add(1);
        self.lengthen();
    }

    fn lengthen(&mut self) {
        self.pause = self
            .pause
            .saturating_mul(3)
            .div_ceil(2)
            .min(self.plan.longest);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLAN: PollPlan = PollPlan {
        first: 1_000,
        longest: 10_000,
        patience: 60_000,
        failures: 3,
    };

    #[test]
    fn pauses_grow_while_nothing_changes_and_start_again_with_a_change() {
        let mut poller = Poller::new(PLAN, CallState::Ringing, 0);
        assert_eq!(poller.next(0), Poll::After(1_000));
        assert!(!poller.answered(CallState::Ringing, 1_000));
        assert_eq!(poller.next(1_000), Poll::After(1_500));
        assert!(poller.answered(CallState::Connected, 2_500));
        assert_eq!(poller.next(2_500), Poll::After(1_000));
    }

    #[test]
    fn polling_stops_at_the_end_when_silent_and_when_failing() {
        let mut poller = Poller::new(PLAN, CallState::Ringing, 0);
        assert_eq!(poller.next(60_000), Poll::Stop(Why::Silent));
        (0..3).for_each(|_| poller.failed());
        assert_eq!(poller.next(0), Poll::Stop(Why::Failing));
        poller.answered(CallState::Ended, 0);
        assert_eq!(poller.next(0), Poll::Stop(Why::Over));
    }

    proptest! {
        #[test]
        fn polling_always_comes_to_an_end(answers in proptest::collection::vec(any::<bool>(), 0..200)) {
            let (mut now, mut asked) = (0, 0);
            let mut poller = Poller::new(PLAN, CallState::Ringing, now);
            let mut answers = answers.into_iter();
            while let Poll::After(pause) = poller.next(now) {
                prop_assert!((PLAN.first..=PLAN.longest).contains(&pause));
                now += pause;
                asked += 1;
                if answers.next().unwrap_or(false) { poller.failed() } else { poller.answered(CallState::Ringing, now); }
                prop_assert!(asked < 100);
            }
        }
    }
}
