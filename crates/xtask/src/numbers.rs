//! The number engine beside Google's.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{process, setup};

/// How much is compared where it may take minutes.
const ALL: Inputs = Inputs {
    numbers: "100000",
    texts: "6000",
};

struct Inputs {
    numbers: &'static str,
    texts: &'static str,
}

/// The comparison of each change; what `words` say goes to the test program.
pub fn sample(ws: &Workspace, words: &[&str]) -> Result<ExitCode> {
    run(&mut comparison(ws, words)?)
}

/// The comparison with many inputs.
pub fn all(ws: &Workspace, words: &[&str]) -> Result<ExitCode> {
    run(&mut with_all(ws, words)?)
}

/// The same, as a step that is run and reported.
pub fn with_all(ws: &Workspace, words: &[&str]) -> Result<Command> {
    let mut command = comparison(ws, words)?;
    command
        .env("PHONE_INPUTS", ALL.numbers)
        .env("PHONE_TEXTS", ALL.texts);
    Ok(command)
}

fn comparison(ws: &Workspace, words: &[&str]) -> Result<Command> {
    setup::phonenumbers(ws)?;
    let mut command = ws.cargo(&["test", "--package", "patchcord-phone", "--test", "google"]);
    command.arg("--").args(words);
    Ok(command)
}

fn run(command: &mut Command) -> Result<ExitCode> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", process::line(command)))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
