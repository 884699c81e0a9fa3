//! The relay's tests on PostgreSQL.

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::process;
use crate::setup::{Durability, Postgres};
use crate::workspace::Workspace;

/// Runs Cargo while a server is there for it.
pub fn run(ws: &Workspace, words: &[&str]) -> Result<ExitCode> {
    let server = Postgres::start(Durability::None)?;
    let mut cargo = ws.cargo(words);
    cargo.env("TEST_POSTGRES", server.address());
    let status = cargo
        .status()
        .with_context(|| format!("cannot start {}", process::line(&cargo)))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
