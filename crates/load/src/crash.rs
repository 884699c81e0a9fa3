//! Rounds of load, death and restart: nothing accepted is lost, nothing reaches a platform twice, what nobody can
//! know is what was in flight, and a person is told about each, in time.

use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::JoinSet;

use crate::lane;
use crate::rounds::Rounds;
use crate::sum::Sum;

/// From so many rounds on, a relay has to have died at every place.
const MANY: u64 = 200;

/// What to do.
pub struct Plan {
    pub relay: PathBuf,
    pub rounds: u64,
    pub seed: u64,
    /// A server: then two relays share a database, and one of them is killed.
    pub postgres: Option<String>,
}

/// Runs all rounds, in as many lanes as there are cores; fails on any violation.
pub async fn run(plan: Plan) -> Result<ExitCode> {
    let start = Instant::now();
    let rounds = Arc::new(Rounds::new(plan.rounds, plan.seed));
    let plan = Arc::new(plan);
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let lanes = usize::try_from(plan.rounds).unwrap_or(cores).min(cores);
    let mut playing = JoinSet::new();
    for lane in 0..lanes {
        playing.spawn(lane::play(lane, plan.clone(), rounds.clone()));
    }
    // The first that cannot go on ends the others as well.
    while let Some(played) = playing.join_next().await {
        played??;
    }
    let mut sum = rounds.sum();
    let never = sum.deaths.never();
    if plan.rounds >= MANY && !never.is_empty() {
        let nowhere = format!("no relay died at: {}", never.join(", "));
        println!("{nowhere}");
        sum.violations.push(nowhere);
    }
    report(&plan, lanes, &sum, start.elapsed());
    Ok(if sum.violations.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn report(plan: &Plan, lanes: usize, sum: &Sum, took: Duration) {
    let on = match plan.postgres {
        Some(_) => "PostgreSQL with two relays",
        None => "SQLite",
    };
    let each = |time: Duration| time.as_secs_f64() / plan.rounds.max(1) as f64;
    let played: Duration = sum.phases.values().sum();
    println!(
        "{} rounds on {on} in {} s, {:.2} s each, {lanes} at once (seed {})",
        plan.rounds,
        took.as_secs(),
        each(played),
        plan.seed,
    );
    let phases = sum.phases.iter();
    let phases = phases.map(|(phase, time)| format!("{phase:?} {:.0} ms", each(*time) * 1000.0));
    println!("    {}", phases.collect::<Vec<_>>().join(", "));
    println!(
        "    {} callbacks and {} calls were asked for, {} were in flight at a kill; {} alerts, the slowest told after {} ms; {} messages, {} repetitions",
        sum.callbacks,
        sum.calls,
        sum.in_flight,
        sum.alerts,
        sum.longest,
        sum.messages,
        sum.repeated,
    );
    let ends = sum.ends.iter();
    let ends = ends.map(|(state, count)| format!("{count} {state}"));
    println!("    ends: {}", ends.collect::<Vec<_>>().join(", "));
    print!("{}", sum.deaths);
    println!("{} violations", sum.violations.len());
}
