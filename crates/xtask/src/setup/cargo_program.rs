//! Programs that Cargo builds once, into the target directory.

use std::path::PathBuf;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// The program on `PATH`, else one of this version built from the registry with these options of `cargo install`;
/// `note` says what that takes.
pub fn cargo_program(
    ws: &Workspace,
    name: &str,
    version: &str,
    options: &[&str],
    note: &str,
) -> Result<PathBuf> {
    if let Some(program) = process::on_path(&[name]) {
        return Ok(program);
    }
    let folder = ws.tools().join(name);
    let program = folder.join("bin").join(name);
    if !program.is_file() {
        process::progress(&format!("building {name} {version} ({note})"));
        // Its own lock file: newer dependencies may not go together.
        let mut install = ws.cargo(&["install", name, "--version", version, "--locked", "--root"]);
        process::run(
            install
                .arg(&folder)
                .args(options)
                .env("CARGO_TARGET_DIR", folder.join("build")),
        )?;
        // The intermediate files are ten times the program's size.
        std::fs::remove_dir_all(folder.join("build"))?;
    }
    Ok(program)
}
