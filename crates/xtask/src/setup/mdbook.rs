//! mdBook, for the documentation site.

use std::path::PathBuf;

use anyhow::Result;

use super::cargo_program::cargo_program;
use crate::workspace::Workspace;

const VERSION: &str = "0.5.4";

/// The mdBook on `PATH`, else one built into the target directory: without its web server, which is most of it.
pub fn mdbook(ws: &Workspace) -> Result<PathBuf> {
    cargo_program(
        ws,
        "mdbook",
        VERSION,
        &["--no-default-features", "--features", "search"],
        "some 2 minutes of CPU, once",
    )
}
