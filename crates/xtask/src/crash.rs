//! Kills relays at work, many times, and counts what was lost or doubled.

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::process;
use crate::scratch::Scratch;
use crate::setup::{Durability, Postgres};
use crate::workspace::Workspace;

/// The database of the relays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// One relay, killed and started again.
    Sqlite,
    /// Two relays on one database, of which one is killed.
    Postgres,
}

/// Runs so many rounds; further words (`--seed N`) go to the program as they are.
pub fn run(ws: &Workspace, on: On, rounds: &str, words: &[&str]) -> Result<ExitCode> {
    process::progress("building a relay with crash points, and the load");
    process::run(&mut ws.cargo(&[
        "build",
        "--quiet",
        "--package",
        "patchcord-relay",
        "--package",
        "patchcord-load",
        "--bins",
        "--features",
        "patchcord-relay/crash",
    ]))?;
    let server = match on {
        On::Sqlite => None,
        On::Postgres => Some(Postgres::start(Durability::None)?),
    };
    let binaries = ws.binaries();
    // The next build without crash points would replace it under the rounds' feet.
    let scratch = Scratch::new(ws.target().join(format!("crash-{}", std::process::id())))?;
    let relay = scratch.path().join("patchcord-relay");
    std::fs::copy(binaries.join("patchcord-relay"), &relay)?;
    let mut load = std::process::Command::new(binaries.join("patchcord-load"));
    load.arg("crash")
        .arg("--relay")
        .arg(&relay)
        .args(["--rounds", rounds])
        .args(words);
    if let Some(server) = &server {
        load.args(["--postgres", &server.address()]);
    }
    let status = load.status().context("cannot start the load")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
