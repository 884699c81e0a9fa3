//! cargo-fuzz.

use std::path::PathBuf;

use anyhow::Result;

use super::cargo_program::cargo_program;
use crate::workspace::Workspace;

const VERSION: &str = "0.13.2";

/// The cargo-fuzz on `PATH`, else one built into the target directory.
pub fn cargo_fuzz(ws: &Workspace) -> Result<PathBuf> {
    cargo_program(ws, "cargo-fuzz", VERSION, &[], "once")
}
