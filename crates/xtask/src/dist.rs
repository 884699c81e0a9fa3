//! What is given away: the npm package's folder, the relay, and what they are made of.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{process, setup, web};

/// Builds `dist/npm` and `dist/patchcord-relay`, the latter beside `dist/web`, which it serves, and writes the bill
/// of materials of both.
pub fn run(ws: &Workspace) -> Result<()> {
    web::build_shipped(ws)?;
    npm(ws)?;
    relay(ws)?;
    sbom(ws)
}

/// Writes `dist/sbom.cdx.json`.
pub fn sbom(ws: &Workspace) -> Result<()> {
    process::progress("dist/sbom.cdx.json");
    let words = ["run", "--quiet", "--package", "sbom", "--"];
    process::run(ws.cargo(&words).arg("dist/sbom.cdx.json"))
}

/// The package: everything a browser loads, laid out as the relay serves it, and the types.
fn npm(ws: &Workspace) -> Result<()> {
    process::progress("dist/npm");
    let package = ws.at("dist/npm");
    if package.exists() {
        fs::remove_dir_all(&package)?;
    }
    fs::create_dir_all(&package)?;

    let web = web::folder(ws);
    for file in web::files(&web)? {
        let inside = file.strip_prefix(&web)?;
        if inside.extension().is_none_or(|ending| ending != "br") {
            copy(&file, &package.join(in_package(inside)))?;
        }
    }
    // The loaders look for their assets where the package has them.
    let in_web = format!("./assets/{}/", asset_folder(&web)?);
    for entry in fs::read_dir(&package)? {
        let loader = entry?.path();
        if loader.extension().is_some_and(|ending| ending == "js") {
            let text = fs::read_to_string(&loader)?;
            fs::write(&loader, text.replace(&in_web, "./assets/"))?;
        }
    }

    for file in ["patchcord.d.ts", "README.md"] {
        copy(&ws.at("web/npm").join(file), &package.join(file))?;
    }
    let declarations = format!("{}.d.ts", web::MODULE);
    copy(
        &ws.at("web/npm").join(&declarations),
        &package.join("assets").join(&declarations),
    )?;
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&ws.at(licence), &package.join(licence))?;
    }
    manifest(ws, &package)?;

    let node = setup::node(ws)?;
    let mut pack = node.npm(&["pack", "--dry-run", "--json", "--loglevel", "error"])?;
    process::output(pack.current_dir(&package))?;
    Ok(())
}

/// A package has a version of its own: no hash is needed in its paths.
fn in_package(file: &Path) -> std::path::PathBuf {
    let mut parts = file.components();
    let Some(first) = parts.next() else {
        return file.to_path_buf();
    };
    if first.as_os_str() == "assets" {
        parts.next();
        return Path::new("assets").join(parts.as_path());
    }
    file.to_path_buf()
}

/// The name of the folder of immutable assets: a hash.
pub fn asset_folder(web: &Path) -> Result<String> {
    let entry = fs::read_dir(web.join("assets"))?
        .next()
        .context("dist/web has no assets")??;
    Ok(entry.file_name().to_string_lossy().into_owned())
}

/// `web/npm/package.json` at the workspace's version.
fn manifest(ws: &Workspace, package: &Path) -> Result<()> {
    const PLACE: &str = "\"version\": \"0.0.0\"";
    let text = fs::read_to_string(ws.at("web/npm/package.json"))?;
    if !text.contains(PLACE) {
        bail!("web/npm/package.json has no {PLACE}, where the version goes");
    }
    let version = concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\"");
    fs::write(package.join("package.json"), text.replace(PLACE, version))?;
    Ok(())
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
