//! What rounds came to.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::death::Deaths;
use crate::ledger::Violation;

/// The parts of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    Start,
    Load,
    Heal,
    Settle,
    Account,
}

/// What some rounds came to: one, those of a lane, or all.
#[derive(Default)]
pub struct Sum {
    pub callbacks: usize,
    pub calls: usize,
    pub in_flight: usize,
    pub alerts: usize,
    /// Messages that were told by webhook, and how many of them not for the first time.
    pub messages: usize,
    pub repeated: u64,
    /// The longest from an outcome that is stored to the alert that arrived, in milliseconds.
    pub longest: i64,
    /// How callbacks and calls ended.
    pub ends: BTreeMap<String, u64>,
    pub deaths: Deaths,
    pub violations: Vec<Violation>,
    pub phases: BTreeMap<Phase, Duration>,
}

impl Sum {
    /// A part of a round is over; the next one begins.
    pub fn took(&mut self, phase: Phase, clock: &mut Instant) {
        *self.phases.entry(phase).or_default() += clock.elapsed();
        *clock = Instant::now();
    }

    /// Adds what others came to.
    pub fn add(&mut self, other: Self) {
        self.callbacks += other.callbacks;
        self.calls += other.calls;
        self.in_flight += other.in_flight;
        self.alerts += other.alerts;
        self.messages += other.messages;
        self.repeated += other.repeated;
        self.longest = self.longest.max(other.longest);
        for (state, count) in other.ends {
            *self.ends.entry(state).or_default() += count;
        }
        self.deaths.add_all(&other.deaths);
        self.violations.extend(other.violations);
        for (phase, time) in other.phases {
            *self.phases.entry(phase).or_default() += time;
        }
    }
}
