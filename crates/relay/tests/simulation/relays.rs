//! The relays of a story: what each has in its hands, and since when it is silent.

use std::collections::BTreeMap;

use patchcord_core::outcome::Outcome;
use patchcord_relay::store::callback::Callback;

use super::promises::Begun;

/// A hand-over that a relay has begun.
#[derive(Debug)]
pub struct Held {
    pub callback: Callback,
    /// Which of the promise's hand-overs.
    pub begun: Begun,
    pub taken_at: i64,
    pub outcome: Option<Outcome>,
}

#[derive(Debug)]
pub struct Relay {
    pub run: String,
    /// How far its clock is ahead.
    pub ahead: i64,
    /// When it said last that it lives.
    pub beat: i64,
    pub held: Vec<Held>,
}

/// Two of them, and those that are no more.
#[derive(Debug)]
pub struct Relays {
    living: [Relay; 2],
    /// Of runs that are no more: since when they are silent.
    dead: BTreeMap<String, i64>,
    seed: u64,
    runs: u64,
}

impl Relays {
    pub fn new(seed: u64, ahead: [i64; 2], now: i64) -> Self {
        let mut runs = 0;
        let living = ahead.map(|ahead| {
            runs += 1;
            Relay {
                run: format!("run-{seed}-{runs}"),
                ahead,
                beat: now,
                held: Vec::new(),
            }
        });
        Self {
            living,
            dead: BTreeMap::new(),
            seed,
            runs,
        }
    }

    pub fn at(&mut self, place: usize) -> &mut Relay {
        &mut self.living[place]
    }

    /// It is gone with what it had in its hands; another one starts in its place.
    pub fn die(&mut self, place: usize, now: i64) {
        self.runs += 1;
        let run = format!("run-{}-{}", self.seed, self.runs);
        let relay = &mut self.living[place];
        self.dead
            .insert(std::mem::replace(&mut relay.run, run), relay.beat);
        relay.held.clear();
        relay.beat = now;
    }

    /// The runs that this one may take for dead by now: dead, or asleep.
    pub fn silent(&self, place: usize, since: i64) -> Vec<String> {
        let other = &self.living[1 - place];
        self.dead
            .iter()
            .map(|(run, beat)| (run, *beat))
            .chain([(&other.run, other.beat)])
            .filter(|(_, beat)| *beat < since)
            .map(|(run, _)| run.clone())
            .collect()
    }

    /// What they had in flight is settled.
    pub fn buried(&mut self, runs: &[String]) {
        for run in runs {
            self.dead.remove(run);
        }
    }
}
