//! The rounds of a run: the seed of each, and what all of them came to. Lanes take the next one from here.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use fastrand::Rng;

use crate::death::Deaths;
use crate::round;
use crate::sum::Sum;

/// A round that is to be played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// From 0, in the order in which they begin.
    pub number: u64,
    /// All that is left to chance in it. A run whose own seed this is begins with this round.
    pub seed: u64,
}

/// All of them.
pub struct Rounds {
    all: u64,
    began: Instant,
    state: Mutex<State>,
}

struct State {
    begun: u64,
    over: u64,
    /// The seed of the next one is this, or drawn.
    first: Option<u64>,
    rng: Rng,
    sum: Sum,
}

impl Rounds {
    /// So many, of which the first has the run's seed.
    pub fn new(all: u64, seed: u64) -> Self {
        Self {
            all,
            began: Instant::now(),
            state: Mutex::new(State {
                begun: 0,
                over: 0,
                first: Some(seed),
                rng: Rng::with_seed(seed),
                sum: Sum::default(),
            }),
        }
    }

    /// The next one, until all have begun.
    pub fn next(&self) -> Option<Turn> {
        let state = &mut *self.state();
        if state.begun == self.all {
            return None;
        }
        let number = state.begun;
        state.begun += 1;
        let first = state.first.take();
        let seed = first.unwrap_or_else(|| draw(&mut state.rng, &state.sum.deaths));
        Some(Turn { number, seed })
    }

    /// One is over, perhaps not to its end; this is what it came to.
    pub fn over(&self, turn: Turn, sum: Sum) {
        let mut state = self.state();
        for violation in &sum.violations {
            println!("round {} (seed {}): {violation}", turn.number, turn.seed);
        }
        state.sum.add(sum);
        state.over += 1;
        if state.over.is_multiple_of(50) {
            let (rounds, count) = (state.over, state.sum.violations.len());
            let seconds = self.began.elapsed().as_secs();
            eprintln!("    {rounds} rounds, {seconds} s, {count} violations");
        }
    }

    /// Something that is counted once for a lane.
    pub fn add(&self, sum: Sum) {
        self.state().sum.add(sum);
    }

    /// What all came to, when no lane plays any more.
    pub fn sum(&self) -> Sum {
        std::mem::take(&mut self.state().sum)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each change is whole by itself.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The seed of a round. A third of them are of rounds that begin with a death where fewest have died until now.
fn draw(rng: &mut Rng, deaths: &Deaths) -> u64 {
    let wanted = if rng.u8(0..3) == 0 {
        deaths.fewest(rng)
    } else {
        None
    };
    loop {
        let seed = rng.u64(..);
        let death = round::first_death(&mut Rng::with_seed(seed));
        if wanted.is_none() || death.crash().map(|at| at.point) == wanted {
            return seed;
        }
    }
}

#[cfg(test)]
mod tests {
    use patchcord_relay::crash::POINTS;

    use super::*;
    use crate::death::Death;
    use crate::relay::CrashAt;

    fn seeds(rounds: &Rounds) -> Vec<u64> {
        let turns = std::iter::from_fn(|| rounds.next());
        turns.map(|turn| turn.seed).collect()
    }

    #[test]
    fn a_run_has_as_many_rounds_as_it_is_to_have_and_none_twice() {
        let rounds = Rounds::new(200, 7);
        let turns: Vec<Turn> = std::iter::from_fn(|| rounds.next()).collect();
        let numbers: Vec<u64> = turns.iter().map(|turn| turn.number).collect();
        assert_eq!(numbers, (0..200).collect::<Vec<_>>());
        let mut seeds: Vec<u64> = turns.iter().map(|turn| turn.seed).collect();
        seeds.sort_unstable();
        seeds.dedup();
        assert_eq!(seeds.len(), 200);
    }

    #[test]
    fn the_seed_of_any_round_is_that_of_a_run_that_begins_with_it() {
        for seed in seeds(&Rounds::new(20, 7)) {
            let alone = Rounds::new(1, seed);
            assert_eq!(alone.next(), Some(Turn { number: 0, seed }));
            assert_eq!(alone.next(), None);
        }
    }

    #[test]
    fn the_same_run_begins_with_the_same_rounds() {
        assert_eq!(seeds(&Rounds::new(50, 7)), seeds(&Rounds::new(50, 7)));
        assert_ne!(seeds(&Rounds::new(50, 7)), seeds(&Rounds::new(50, 8)));
    }

    #[test]
    fn a_third_of_the_rounds_begin_where_fewest_have_died() {
        for &wanted in POINTS {
            let mut deaths = Deaths::default();
            for &point in POINTS.iter().filter(|point| **point != wanted) {
                let death = Death::At(CrashAt { point, time: 1 });
                deaths.add(&death, true);
            }
            let mut rng = Rng::with_seed(7);
            let begun = (0..300).filter(|_| {
                let mut chance = Rng::with_seed(draw(&mut rng, &deaths));
                let death = round::first_death(&mut chance);
                death.crash().is_some_and(|at| at.point == wanted)
            });
            let begun = begun.count();
            assert!(begun > 75, "{begun} of 300 at {wanted}");
        }
    }
}
