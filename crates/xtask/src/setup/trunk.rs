//! Trunk, for `index.html`.

use std::path::PathBuf;

use anyhow::Result;

use super::cargo_program::cargo_program;
use crate::workspace::Workspace;

/// Later ones need a newer Rust than this workspace asks for.
const VERSION: &str = "0.21.14";

/// The Trunk on `PATH`, else one built into the target directory.
pub fn trunk(ws: &Workspace) -> Result<PathBuf> {
    cargo_program(ws, "trunk", VERSION, &[], "some 10 minutes of CPU, once")
}
