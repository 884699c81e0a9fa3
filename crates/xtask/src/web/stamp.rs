//! Whether anything has changed since `dist/web` was built.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::assets;
use crate::process;
use crate::setup::Node;
use crate::workspace::Workspace;

/// Crates that are no part of the module. A new crate counts as a part until it is named here.
const NATIVE: [&str; 8] = [
    "bindgen", "decoders", "demo", "load", "relay", "sandbox", "sbom", "xtask",
];

/// Everything `dist/web` is made from, as one line of text.
pub fn of_inputs(ws: &Workspace, node: Option<&Node>) -> Result<String> {
    let mut inputs = vec![
        ws.at("Cargo.toml"),
        ws.at("Cargo.lock"),
        ws.at("web/tools/package-lock.json"),
        ws.at("web/tools/rename.js"),
    ];
    for folder in [
        "web/loader",
        "web/callback",
        "web/campaign",
        "web/panel",
        "web/scanner",
        "web/numbers",
        "web/styles",
        "web/themes",
        "web/texts",
        "crates/xtask/src/web",
    ] {
        inputs.extend(assets::files(&ws.at(folder))?);
    }
    for entry in fs::read_dir(ws.at("web/hosts"))? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("node_modules") {
            inputs.extend(assets::files(&path)?);
        } else if path.is_file() {
            inputs.push(path);
        }
    }
    for package in fs::read_dir(ws.at("crates"))? {
        let package = package?.path();
        if !NATIVE.iter().any(|name| package.ends_with(name)) {
            inputs.extend(sources(&package)?);
        }
    }
    inputs.sort();

    let mut hasher = DefaultHasher::new();
    for file in &inputs {
        let bytes = fs::read(file)?;
        hasher.write(file.strip_prefix(ws.root())?.as_os_str().as_encoded_bytes());
        hasher.write_usize(bytes.len());
        hasher.write(&bytes);
    }
    let compiler = process::output(Command::new("rustc").arg("--version"))?;
    let kind = if node.is_some() { "optimised" } else { "plain" };
    Ok(format!("{:016x} {kind} {compiler}", hasher.finish()))
}

fn sources(package: &Path) -> Result<Vec<PathBuf>> {
    let tests = package.join("tests");
    Ok(assets::files(package)?
        .into_iter()
        .filter(|file| !file.starts_with(&tests))
        .collect())
}
