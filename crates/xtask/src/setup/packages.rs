//! npm packages.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result};

use super::Node;
use crate::process;

/// Installs what a folder's lock file names, unless that has been done.
pub fn packages(node: &Node, folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let installed = folder.join("node_modules/.package-lock.json");
    let wanted = changed(&lock)
        .with_context(|| format!("{} is missing from the checkout", lock.display()))?;
    if changed(&installed).is_some_and(|at| at >= wanted) {
        return Ok(());
    }
    process::progress(&format!("npm packages of {}", folder.display()));
    // No package of ours needs its install script: esbuild's is a short cut, and none may fetch
    // a browser.
    let mut npm = node.npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?;
    npm.args(["--loglevel", "error"]).current_dir(folder);
    process::output(&mut npm)?;
    // npm keeps the time of the archive on some files; ours must be newer than the lock.
    let marker = fs::File::options().write(true).open(&installed)?;
    marker.set_modified(SystemTime::now())?;
    Ok(())
}

fn changed(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).ok()?.modified().ok()
}
