//! The npm package: its folder, its tarball, and its tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::scratch::Scratch;
use crate::setup::Node;
use crate::workspace::Workspace;
use crate::{process, setup, web};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What `npm pack --json` says of each tarball.
#[derive(Deserialize)]
struct Packed {
    filename: String,
}

/// The folder of the package, as npm would install it.
pub fn folder(ws: &Workspace) -> PathBuf {
    ws.at("dist/npm")
}

/// The tarball that `npm install` takes.
pub fn tarball(ws: &Workspace) -> PathBuf {
    ws.at(&format!("dist/patchcord-{VERSION}.tgz"))
}

/// Builds `dist/npm` and the tarball.
pub fn build(ws: &Workspace) -> Result<()> {
    web::build_shipped(ws)?;
    let node = setup::node(ws)?;
    let tools = ws.at("web/tools");
    setup::packages(&node, &tools)?;
    process::progress("dist/npm");
    let work = Scratch::new(ws.at(&format!("dist/.npm-{}", std::process::id())))?;
    let package = work.path().join("package");
    let mut script = node.script(&tools.join("package.js"));
    script.arg(ws.root()).arg(web::folder(ws));
    process::output(script.arg(&package).arg(VERSION))?;

    let mut pack = node.npm(&["pack", "--json", "--loglevel", "error"])?;
    pack.arg("--pack-destination").arg(work.path());
    let said = process::output(pack.current_dir(&package))?;
    let packed: Vec<Packed> = serde_json::from_str(&said).context("cannot read what npm packed")?;
    let packed = packed.first().context("npm packed nothing")?;
    fs::rename(work.path().join(&packed.filename), tarball(ws))?;
    let target = folder(ws);
    if target.exists() {
        fs::rename(&target, work.path().join("old"))?;
    }
    fs::rename(&package, &target)?;
    Ok(())
}

/// Puts the packed package into a folder of npm packages, in place of the folder that its lock file names: so what is
/// tested is what npm would deliver.
pub fn install(ws: &Workspace, node: &Node, folder: &Path) -> Result<()> {
    setup::packages(node, folder)?;
    let mut install = node.npm(&["install", "--no-save", "--no-package-lock"])?;
    install.args(["--ignore-scripts", "--no-audit", "--no-fund"]);
    install.args(["--loglevel", "error"]);
    install.arg(tarball(ws)).current_dir(folder);
    process::output(&mut install)?;
    Ok(())
}

/// Builds it and runs `tests/package`: types, schema, Node, sizes.
pub fn check(ws: &Workspace) -> Result<ExitCode> {
    build(ws)?;
    let node = setup::node(ws)?;
    let folder = ws.at("tests/package");
    install(ws, &node, &folder)?;
    process::progress("the npm package");
    let status = node
        .script(&folder.join("run.js"))
        .current_dir(&folder)
        .status()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
