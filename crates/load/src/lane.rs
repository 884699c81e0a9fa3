//! One lane of rounds, beside others: with platforms, a receiver, a database and relays of its own.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::crash::Plan;
use crate::receiver::Receiver;
use crate::round::Stage;
use crate::rounds::Rounds;
use crate::sum::Sum;
use crate::world::World;

/// Plays rounds, one after the other, as long as there are any. `lane` tells it from the others.
pub async fn play(lane: usize, plan: Arc<Plan>, rounds: Arc<Rounds>) -> Result<()> {
    let folder = fast_folder()?;
    let world = World::new(folder.path(), plan.postgres.as_deref(), lane).await?;
    let receiver = Receiver::start().await?;
    // The turn of a relay that dies while it asks for a token lasts a little longer than this.
    let patient = "provider = \"babelforce\"\n";
    let config = world
        .config
        .replace(patient, &format!("{patient}timeout = 2\n"));
    let config = format!("{config}{}", receiver.config());
    std::fs::write(folder.path().join("relay.toml"), config)?;
    let mut stage = Stage {
        plan: &plan,
        world: &world,
        folder: folder.path(),
        receiver: &receiver,
        alive: None,
        lane,
        started: 0,
    };
    if plan.postgres.is_some() {
        stage.alive = Some(stage.live().await?);
    }
    let mut kept = true;
    while let Some(turn) = rounds.next() {
        let mut sum = Sum::default();
        let played = stage.play(turn.seed, &mut sum).await;
        kept &= sum.violations.is_empty();
        rounds.over(turn, sum);
        if let Err(error) = played {
            print_log(folder.path());
            let (number, seed) = (turn.number, turn.seed);
            return Err(error).with_context(|| format!("round {number} (seed {seed})"));
        }
    }
    if let Some(alive) = stage.alive {
        alive.relay.kill().await?;
    }
    let (messages, repeated) = receiver.counts();
    rounds.add(Sum {
        messages,
        repeated,
        ..Sum::default()
    });
    if !kept {
        print_log(folder.path());
    }
    Ok(())
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
