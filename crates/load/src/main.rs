//! Drives relays hard: kills them and counts what is lost or doubled, loads them and measures.
//!
//! `cargo xtask crash` starts it with a relay that has the crash points built in, `cargo xtask bench relay` with
//! one as it is shipped.

// A program that reports to a person at a terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod crash;
mod death;
mod lane;
mod ledger;
mod platforms;
mod receiver;
mod relay;
mod round;
mod rounds;
mod sum;
mod told;
mod visitors;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
patchcord-load crash --relay PROGRAM [--rounds N] [--seed N] [--postgres ADDRESS]
patchcord-load bench --relay PROGRAM [--nginx PROGRAM] [--postgres ADDRESS]
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
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some((what, options)) = words.split_first() else {
        bail!("{USAGE}");
    };
    let options = Options::read(options)?;
    let relay = options.relay.context("--relay is missing")?;
    match what.as_str() {
        "crash" => {
            crash::run(crash::Plan {
                relay,
                rounds: options.rounds.unwrap_or(20),
                seed: options.seed.unwrap_or_else(|| fastrand::u64(..)),
                postgres: options.postgres,
            })
            .await
        }
        "bench" => {
            bench::run(&bench::Plan {
                relay,
                nginx: options.nginx,
                postgres: options.postgres,
            })
            .await?;
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("`{what}` is not understood\n{USAGE}"),
    }
}

#[derive(Default)]
struct Options {
    relay: Option<PathBuf>,
    nginx: Option<PathBuf>,
    rounds: Option<u64>,
    seed: Option<u64>,
    postgres: Option<String>,
}

impl Options {
    fn read(words: &[String]) -> Result<Self> {
        let mut options = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let value = words
                .next()
                .with_context(|| format!("{word} needs a value"))?;
            match word.as_str() {
                "--relay" => options.relay = Some(value.into()),
                "--nginx" => options.nginx = Some(value.into()),
                "--rounds" => options.rounds = Some(value.parse()?),
                "--seed" => options.seed = Some(value.parse()?),
                "--postgres" => options.postgres = Some(value.clone()),
                _ => bail!("`{word}` is not understood\n{USAGE}"),
            }
        }
        Ok(options)
    }
}
