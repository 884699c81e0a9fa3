//! Trunk, for `index.html`.

use std::path::PathBuf;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// Later ones need a newer Rust than this workspace asks for.
const VERSION: &str = "0.21.14";

/// The Trunk on `PATH`, else one built into the target directory.
pub fn trunk(ws: &Workspace) -> Result<PathBuf> {
    if let Some(trunk) = process::on_path(&["trunk"]) {
        return Ok(trunk);
    }
    let folder = ws.tools().join("trunk");
    let trunk = folder.join("bin/trunk");
    if !trunk.is_file() {
        process::progress(&format!(
            "building Trunk {VERSION} (some 10 minutes of CPU, once)"
        ));
        // Its own lock file: newer dependencies do not go together.
        let mut install = ws.cargo(&[
            "install",
            "trunk",
            "--version",
            VERSION,
            "--locked",
            "--root",
        ]);
        process::run(
            install
                .arg(&folder)
                .env("CARGO_TARGET_DIR", folder.join("build")),
        )?;
        // The intermediate files are ten times the program's size.
        std::fs::remove_dir_all(folder.join("build"))?;
    }
    Ok(trunk)
}
