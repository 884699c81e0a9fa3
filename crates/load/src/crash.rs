//! Rounds of load, death and restart: nothing accepted is lost, nothing reaches a platform twice, what nobody can
//! know is what was in flight, and a person is told about each, in time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::death::Deaths;
use crate::ledger::Violation;
use crate::receiver::Receiver;
use crate::round::Stage;
use crate::world::World;

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

/// The parts of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    Start,
    Load,
    Heal,
    Settle,
    Account,
}

/// What the rounds came to.
#[derive(Default)]
pub struct Sum {
    pub callbacks: usize,
    pub calls: usize,
    pub in_flight: usize,
    pub alerts: usize,
    /// The longest from an outcome that is stored to the alert that arrived, in milliseconds.
    pub longest: i64,
    /// How callbacks and calls ended.
    pub ends: BTreeMap<String, u64>,
    pub deaths: Deaths,
    pub violations: Vec<Violation>,
    phases: BTreeMap<Phase, Duration>,
}

impl Sum {
    /// A part of a round is over; the next one begins.
    pub fn took(&mut self, phase: Phase, clock: &mut Instant) {
        *self.phases.entry(phase).or_default() += clock.elapsed();
        *clock = Instant::now();
    }
}

/// Runs all rounds; fails on any violation.
pub async fn run(plan: &Plan) -> Result<ExitCode> {
    fastrand::seed(plan.seed);
    let start = Instant::now();
    let folder = fast_folder()?;
    let world = World::new(folder.path(), plan.postgres.as_deref()).await?;
    let receiver = Receiver::start().await?;
    // The turn of a relay that dies while it asks for a token lasts a little longer than this.
    let patient = "provider = \"babelforce\"\n";
    let config = world
        .config
        .replace(patient, &format!("{patient}timeout = 2\n"));
    let config = format!("{config}{}", receiver.config());
    std::fs::write(folder.path().join("relay.toml"), config)?;
    let mut stage = Stage {
        plan,
        world: &world,
        folder: folder.path(),
        receiver: &receiver,
        alive: None,
        started: 0,
    };
    if plan.postgres.is_some() {
        stage.alive = Some(stage.live().await?);
    }
    let mut sum = Sum::default();
    for number in 0..plan.rounds {
        let before = sum.violations.len();
        let played = stage.play(&mut sum).await;
        for violation in sum.violations.iter().skip(before) {
            println!("round {number} (seed {}): {violation}", plan.seed);
        }
        if let Err(error) = played {
            print_log(folder.path());
            return Err(error).with_context(|| format!("round {number} (seed {})", plan.seed));
        }
        if number % 50 == 49 {
            let (rounds, count) = (number + 1, sum.violations.len());
            let seconds = start.elapsed().as_secs();
            eprintln!("    {rounds} rounds, {seconds} s, {count} violations");
        }
    }
    if let Some(alive) = stage.alive {
        alive.relay.kill().await?;
    }
    let never = sum.deaths.never();
    if plan.rounds >= MANY && !never.is_empty() {
        let places = never.join(", ");
        sum.violations.push(format!("no relay died at: {places}"));
    }
    report(plan, &sum, &receiver, start.elapsed());
    Ok(if sum.violations.is_empty() {
        ExitCode::SUCCESS
    } else {
        print_log(folder.path());
        ExitCode::FAILURE
    })
}

fn report(plan: &Plan, sum: &Sum, receiver: &Receiver, took: Duration) {
    let on = match plan.postgres {
        Some(_) => "PostgreSQL with two relays",
        None => "SQLite",
    };
    let each = |time: Duration| time.as_secs_f64() / plan.rounds.max(1) as f64;
    println!(
        "{} rounds on {on} in {} s, {:.2} s each (seed {})",
        plan.rounds,
        took.as_secs(),
        each(took),
        plan.seed,
    );
    let phases = sum.phases.iter();
    let phases = phases.map(|(phase, time)| format!("{phase:?} {:.0} ms", each(*time) * 1000.0));
    println!("    {}", phases.collect::<Vec<_>>().join(", "));
    let (messages, repeated) = receiver.counts();
    println!(
        "    {} callbacks and {} calls were asked for, {} were in flight at a kill; {} alerts, the slowest told after {} ms; {messages} messages, {repeated} repetitions",
        sum.callbacks, sum.calls, sum.in_flight, sum.alerts, sum.longest,
    );
    let ends = sum.ends.iter();
    let ends = ends.map(|(state, count)| format!("{count} {state}"));
    println!("    ends: {}", ends.collect::<Vec<_>>().join(", "));
    print!("{}", sum.deaths);
    println!("{} violations", sum.violations.len());
}

fn print_log(folder: &Path) {
    let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    let last = lines.len().saturating_sub(200);
    println!("{}", lines.get(last..).unwrap_or_default().join("\n"));
}

/// In memory where there is such a folder: processes are killed here, and no power is cut.
fn fast_folder() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    Ok(if memory.is_dir() {
        TempDir::new_in(memory)?
    } else {
        TempDir::new()?
    })
}
