//! Scripts and styles through esbuild.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::{Tools, notices};
use crate::process;

/// One file, smaller.
pub fn minify(tools: &Tools, from: &Path, to: &Path) -> Result<()> {
    let mut esbuild = esbuild(tools, from, to);
    process::output(esbuild.arg("--minify"))?;
    Ok(())
}

/// An ES module with everything it imports, except what it loads later: from `./assets/`, and a module. Gives the
/// folders of the packages that are in it.
pub fn bundle(tools: &Tools, entry: &Path, to: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut esbuild = esbuild(tools, entry, to);
    esbuild.args([
        "--bundle",
        "--minify",
        "--format=esm",
        "--external:./assets/*",
        "--external:./patchcord_*.js",
    ]);
    let metafile = to.with_extension("meta.json");
    let mut option = std::ffi::OsString::from("--metafile=");
    option.push(&metafile);
    process::output(esbuild.arg(option))?;
    let packages = notices::packages(&metafile)?;
    fs::remove_file(metafile)?;
    Ok(packages)
}

/// Short names for what a module imports, in the module and in its glue.
pub fn rename_imports(tools: &Tools, wasm: &Path, glue: &Path) -> Result<()> {
    let mut rename = tools.node.script(&tools.folder.join("rename.js"));
    process::output(rename.arg(wasm).arg(glue))?;
    Ok(())
}

fn esbuild(tools: &Tools, from: &Path, to: &Path) -> Command {
    let script = tools.folder.join("node_modules/esbuild/bin/esbuild");
    let mut esbuild = tools.node.script(&script);
    // UTF-8 as it is: escapes cost bytes. Legal comments of dependencies stay: there are none.
    esbuild
        .arg(from)
        .args(["--target=es2022", "--charset=utf8", "--log-level=warning"]);
    let mut out = std::ffi::OsString::from("--outfile=");
    out.push(to);
    esbuild.arg(out);
    esbuild
}
