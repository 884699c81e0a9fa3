//! Rounds of load, death and restart: nothing accepted is lost, nothing reaches a platform twice, and what
//! nobody can know is no more than what was in flight, with a person told about each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use patchcord_relay::crash::POINTS;
use tempfile::TempDir;

use crate::ledger::{self, Violation};
use crate::relay::{CrashAt, Relay};
use crate::visitors::{self, Asked, Round};
use crate::world::World;

/// How long the load may go on before the relay is killed from outside.
const LOAD: Duration = Duration::from_millis(250);
/// How long a platform takes for an answer.
const SLOW: Duration = Duration::from_millis(8);
/// How long what is left may take to be settled.
const SETTLE: Duration = Duration::from_secs(60);
/// Callbacks and calls of one visitor and agent in a round.
const MOST: usize = 12;
const VISITORS: usize = 5;
const AGENTS: usize = 2;
/// Callbacks that a relay hands over at the same time.
const AT_ONCE: i64 = 16;

/// What to do.
pub struct Plan {
    pub relay: PathBuf,
    pub rounds: u64,
    pub seed: u64,
    /// A server: then two relays share a database, and one of them is killed.
    pub postgres: Option<String>,
}

/// What the rounds came to.
#[derive(Default)]
struct Sum {
    callbacks: usize,
    calls: usize,
    in_flight: i64,
    unknown: i64,
    by_point: BTreeMap<&'static str, u64>,
    violations: Vec<Violation>,
}

/// Runs all rounds; fails on any violation.
pub async fn run(plan: &Plan) -> Result<ExitCode> {
    fastrand::seed(plan.seed);
    let start = Instant::now();
    let folder = TempDir::new()?;
    let world = World::new(folder.path(), plan.postgres.as_deref()).await?;
    std::fs::write(folder.path().join("relay.toml"), &world.config)?;
    world.slow_platforms(SLOW).await?;
    let mut sum = Sum::default();
    // Of PostgreSQL's two relays, the one that lives on.
    let mut survivor = match plan.postgres {
        None => None,
        Some(_) => Some(Relay::start(&plan.relay, folder.path(), None).await?),
    };
    for number in 0..plan.rounds {
        let crash = (number % 2 == 0).then(|| {
            let point = fastrand::choice(POINTS).copied().unwrap_or_default();
            // A relay asks for a token once or twice in its short life.
            let often = !point.starts_with("token");
            let time = if often { fastrand::u64(1..=40) } else { 1 };
            CrashAt { point, time }
        });
        let before = sum.violations.len();
        round(
            plan,
            &world,
            folder.path(),
            crash.as_ref(),
            &mut survivor,
            &mut sum,
        )
        .await
        .with_context(|| format!("round {number}"))?;
        for violation in sum.violations.iter().skip(before) {
            println!(
                "round {number} (seed {}, {crash:?}): {violation}",
                plan.seed
            );
        }
        if number % 50 == 49 {
            eprintln!(
                "    {} rounds, {} violations",
                number + 1,
                sum.violations.len()
            );
        }
    }
    if let Some(relay) = survivor {
        relay.kill().await?;
    }
    println!(
        "{} rounds on {} in {} s (seed {}): {} callbacks and {} calls, {} in flight at the kills, {} unknown",
        plan.rounds,
        if plan.postgres.is_some() {
            "PostgreSQL with two relays"
        } else {
            "SQLite"
        },
        start.elapsed().as_secs(),
        plan.seed,
        sum.callbacks,
        sum.calls,
        sum.in_flight,
        sum.unknown,
    );
    for (point, count) in &sum.by_point {
        println!("    died {count} times at: {point}");
    }
    println!("{} violations", sum.violations.len());
    Ok(if sum.violations.is_empty() {
        ExitCode::SUCCESS
    } else {
        println!(
            "{}",
            std::fs::read_to_string(folder.path().join("log")).unwrap_or_default()
        );
        ExitCode::FAILURE
    })
}

async fn round(
    plan: &Plan,
    world: &World,
    folder: &Path,
    crash: Option<&CrashAt>,
    survivor: &mut Option<Relay>,
    sum: &mut Sum,
) -> Result<()> {
    let round = Arc::new(Round::default());
    let database_before = match world.look().await {
        Ok(database) => ledger::unknown(&database).await.map_or(0, |(all, _)| all),
        // The first round makes it.
        Err(_) => 0,
    };
    // It may die while it starts; then there was no load.
    if let Ok(mut dying) = Relay::start(&plan.relay, folder, crash).await {
        let mut relays = vec![dying.url.clone()];
        relays.extend(survivor.as_ref().map(|relay| relay.url.clone()));
        let load = spawn_load(world, &relays, &round);
        let patience = match crash {
            Some(_) => LOAD,
            None => Duration::from_millis(fastrand::u64(1..LOAD.as_millis() as u64)),
        };
        if dying.ended(patience).await {
            if let Some(crash) = crash {
                *sum.by_point.entry(crash.point).or_default() += 1;
            }
        } else {
            *sum.by_point.entry("(killed from outside)").or_default() += 1;
        }
        dying.kill().await?;
        if survivor.is_none() {
            sum.in_flight += at_kill(world).await?;
        }
        for asker in load {
            asker.await?;
        }
    }
    let in_flight = at_kill(world).await?;
    let healer = match survivor {
        Some(_) => None,
        None => Some(Relay::start(&plan.relay, folder, None).await?),
    };
    let database = world.look().await?;
    let begin = Instant::now();
    while ledger::unsettled(&database).await? > 0 {
        if begin.elapsed() > SETTLE {
            sum.violations.push("not everything was settled".to_owned());
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let callbacks = round.callbacks.lock().await.clone();
    let calls = round.calls.lock().await.clone();
    let mut reached = BTreeMap::new();
    let bodies = world.reached().await?;
    for asked in callbacks.iter().chain(&calls) {
        let times = bodies
            .iter()
            .filter(|body| body.contains(&asked.mark))
            .count();
        reached.insert(asked.mark.clone(), times);
    }
    sum.violations
        .extend(ledger::compare(&database, &callbacks, &calls, &reached).await?);
    let (unknown, silent) = ledger::unknown(&database).await?;
    if silent > 0 {
        sum.violations
            .push(format!("{silent} unknowns without an alert"));
    }
    let new = unknown - database_before;
    let (most, why) = match survivor {
        None => (in_flight, "were in flight"),
        // What the dead one had in flight is not to be told apart from the other's, from outside.
        Some(_) => (AT_ONCE + AGENTS as i64, "can be in flight at one relay"),
    };
    if new > most {
        sum.violations
            .push(format!("{new} unknowns, but {most} {why}"));
    }
    sum.unknown += new;
    sum.callbacks += callbacks.len();
    sum.calls += calls.len();
    let alive = healer
        .as_ref()
        .or(survivor.as_ref())
        .map(|relay| relay.url.clone());
    if let (Some(url), Some(asked)) = (alive, callbacks.iter().find(|asked| asked.reply.is_some()))
    {
        sum.violations.extend(replayed(world, &url, asked).await);
    }
    database.close().await;
    if let Some(healer) = healer {
        healer.kill().await?;
    }
    Ok(())
}

fn spawn_load(
    world: &World,
    relays: &[String],
    round: &Arc<Round>,
) -> Vec<tokio::task::JoinHandle<()>> {
    let relay = |place: usize| {
        relays
            .get(place % relays.len())
            .cloned()
            .unwrap_or_default()
    };
    let visitors = (0..VISITORS).map(|place| {
        tokio::spawn(visitors::visit(
            world.client.clone(),
            relay(place),
            round.clone(),
            MOST,
        ))
    });
    let agents = (0..AGENTS).map(|place| {
        tokio::spawn(visitors::dial(
            world.client.clone(),
            relay(place),
            round.clone(),
            MOST,
        ))
    });
    visitors.chain(agents).collect()
}

async fn at_kill(world: &World) -> Result<i64> {
    let database = world.look().await?;
    let in_flight = ledger::in_flight(&database).await;
    database.close().await;
    in_flight
}

/// The same key and body get the first reply again, across the crash.
async fn replayed(world: &World, relay: &str, asked: &Asked) -> Option<Violation> {
    match visitors::callback(&world.client, relay, asked).await {
        Ok((_, reply)) if Some(&reply) == asked.reply.as_ref() => None,
        Ok(_) => Some(format!(
            "{} was answered differently afterwards",
            asked.mark
        )),
        Err(error) => Some(format!("{} is not answered again: {error:#}", asked.mark)),
    }
}
