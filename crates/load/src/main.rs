//! Drives relays hard: kills them and counts what is lost or doubled.
//!
//! `cargo xtask crash` starts it with a relay that has the crash points built in.

// A program that reports to a person at a terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod crash;
mod ledger;
mod relay;
mod visitors;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
patchcord-load crash --relay PROGRAM [--rounds N] [--seed N] [--postgres ADDRESS]
";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<ExitCode> {
    let mut words = std::env::args().skip(1);
    let Some("crash") = words.next().as_deref() else {
        bail!("{USAGE}");
    };
    let mut plan = crash::Plan {
        relay: PathBuf::new(),
        rounds: 20,
        seed: fastrand::u64(..),
        postgres: None,
    };
    while let Some(word) = words.next() {
        let mut value = || {
            words
                .next()
                .with_context(|| format!("{word} needs a value"))
        };
        match word.as_str() {
            "--relay" => plan.relay = value()?.into(),
            "--rounds" => plan.rounds = value()?.parse()?,
            "--seed" => plan.seed = value()?.parse()?,
            "--postgres" => plan.postgres = Some(value()?),
            _ => bail!("`{word}` is not understood\n{USAGE}"),
        }
    }
    if plan.relay.as_os_str().is_empty() {
        bail!("--relay is missing\n{USAGE}");
    }
    crash::run(&plan).await
}
