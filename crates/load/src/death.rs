//! How relays die: at a named place, or killed from outside at any moment.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use fastrand::Rng;
use patchcord_relay::crash::POINTS;

use crate::relay::CrashAt;

/// Killed from outside while it is starting, and while it works.
const STARTING: &str = "(killed from outside while it started)";
const WORKING: &str = "(killed from outside)";

/// How one relay is to die.
#[derive(Debug, Clone)]
pub enum Death {
    /// At a place; from outside, if it does not come by there in time.
    At(CrashAt),
    /// So long after it listens.
    Working(Duration),
    /// So long after it was started.
    Starting(Duration),
}

/// Where they died, how often.
pub struct Deaths(BTreeMap<&'static str, u64>);

impl Default for Deaths {
    fn default() -> Self {
        Self(POINTS.iter().map(|&point| (point, 0)).collect())
    }
}

impl Deaths {
    /// The place where fewest died.
    pub fn fewest(&self, rng: &mut Rng) -> Option<&'static str> {
        let died = |point: &&str| self.0.get(*point).map(|count| count * weight(point));
        // From anywhere on, so that none is always the first of those where as few died.
        let from = rng.usize(0..POINTS.len());
        let around = POINTS.iter().copied().cycle().skip(from);
        around.take(POINTS.len()).min_by_key(died)
    }

    /// One died like this.
    pub fn add(&mut self, death: &Death, by_itself: bool) {
        let place = match death {
            Death::At(at) if by_itself => at.point,
            Death::Starting(_) => STARTING,
            _ => WORKING,
        };
        *self.0.entry(place).or_default() += 1;
    }

    /// Others died as well.
    pub fn add_all(&mut self, others: &Self) {
        for (place, count) in &others.0 {
            *self.0.entry(place).or_default() += count;
        }
    }

    /// The places at which none died.
    pub fn never(&self) -> Vec<&'static str> {
        let never = self.0.iter().filter(|(_, count)| **count == 0);
        never.map(|(place, _)| *place).collect()
    }
}

impl fmt::Display for Deaths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, count) in &self.0 {
            writeln!(f, "    died {count} times at: {place}")?;
        }
        Ok(())
    }
}

impl Death {
    /// One of a relay under load that is killed after `patience` at the latest.
    pub fn of_one_at_work(rng: &mut Rng, patience: Duration) -> Self {
        match rng.u8(0..10) {
            0..6 => Death::At(CrashAt::any(rng, most)),
            6..9 => Death::Working(part(rng, patience)),
            _ => Death::Starting(part(rng, patience)),
        }
    }

    /// One of a relay that starts after another has died.
    pub fn of_one_that_heals(rng: &mut Rng, patience: Duration) -> Self {
        match rng.u8(0..10) {
            // What is to be done then is little.
            0..5 => Death::At(CrashAt::any(rng, |point| most(point).min(8))),
            5..7 => Death::Working(part(rng, patience / 4)),
            _ => Death::Starting(part(rng, patience)),
        }
    }

    /// The place, for the relay.
    pub fn crash(&self) -> Option<&CrashAt> {
        match self {
            Death::At(at) => Some(at),
            _ => None,
        }
    }

    /// Whether the place is one that a relay only comes by while it asks for a token.
    pub fn wants_a_token(&self) -> bool {
        self.crash().is_some_and(|at| at.point.starts_with("token"))
    }
}

impl CrashAt {
    /// Any place, those that count for more as much more seldom, and how often it is passed before, `most` at most.
    fn any(rng: &mut Rng, most: impl Fn(&str) -> u64) -> Self {
        loop {
            let point = rng.choice(POINTS).copied().unwrap_or_default();
            if rng.u64(0..weight(point)) == 0 {
                let time = rng.u64(1..=most(point));
                return Self { point, time };
            }
        }
    }
}

/// A death while a token is asked for counts for more: all others wait for the rest of the dead one's turn, seconds.
fn weight(point: &str) -> u64 {
    if point.starts_with("token") { 4 } else { 1 }
}

/// How often a relay under load comes by a place in its short life, roughly.
fn most(point: &str) -> u64 {
    match point {
        "token asked" | "token answered" => 1,
        "callback taken" | "delivery taken" => 6,
        "before the commit" | "after the commit" => 40,
        point if point.starts_with("call ") => 6,
        _ => 15,
    }
}

fn part(rng: &mut Rng, of: Duration) -> Duration {
    of.mul_f64(rng.f64())
}
