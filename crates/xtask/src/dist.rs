//! What is given away: the npm package, the relay, and what they are made of.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{package, process, web};

/// Builds the npm package and `dist/patchcord-relay`, the latter beside `dist/web`, which it serves, and writes the bill
/// of materials of both.
pub fn run(ws: &Workspace) -> Result<()> {
    web::build_shipped(ws)?;
    package::build(ws)?;
    relay(ws)?;
    sbom(ws)
}

/// Writes `dist/sbom.cdx.json`.
pub fn sbom(ws: &Workspace) -> Result<()> {
    process::progress("dist/sbom.cdx.json");
    let words = ["run", "--quiet", "--package", "sbom", "--"];
    process::run(ws.cargo(&words).arg("dist/sbom.cdx.json"))
}

/// The name of the folder of immutable assets: a hash.
pub fn asset_folder(web: &Path) -> Result<String> {
    let entry = fs::read_dir(web.join("assets"))?
        .next()
        .context("dist/web has no assets")??;
    Ok(entry.file_name().to_string_lossy().into_owned())
}

fn relay(ws: &Workspace) -> Result<()> {
    process::progress("the relay in release");
    process::run(&mut ws.cargo(&["build", "--package", "patchcord-relay", "--release"]))?;
    copy(
        &ws.target().join("release/patchcord-relay"),
        &ws.at("dist/patchcord-relay"),
    )
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}
