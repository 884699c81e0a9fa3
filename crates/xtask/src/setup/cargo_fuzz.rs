//! cargo-fuzz.

use std::path::PathBuf;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

const VERSION: &str = "0.13.2";

/// The cargo-fuzz on `PATH`, else one built into the target directory.
pub fn cargo_fuzz(ws: &Workspace) -> Result<PathBuf> {
    if let Some(cargo_fuzz) = process::on_path(&["cargo-fuzz"]) {
        return Ok(cargo_fuzz);
    }
    let folder = ws.tools().join("cargo-fuzz");
    let cargo_fuzz = folder.join("bin/cargo-fuzz");
    if !cargo_fuzz.is_file() {
        process::progress(&format!("building cargo-fuzz {VERSION} (once)"));
        let mut install = ws.cargo(&[
            "install",
            "cargo-fuzz",
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
        std::fs::remove_dir_all(folder.join("build"))?;
    }
    Ok(cargo_fuzz)
}
