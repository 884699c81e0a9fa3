//! Writes what the relay and what it serves to browsers are made of as a CycloneDX 1.5 document (SBOM).
//!
//! `cargo tree` says which crates are compiled, with exactly the features that are used ([`tree`]); `cargo metadata`
//! knows too many, because it resolves the workspace as a whole. It says what is known about each of them, and
//! `Cargo.lock` which bytes they are ([`document`]).

mod document;
mod npm;
mod tree;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use cargo_lock::Lockfile;
use cargo_metadata::MetadataCommand;

use tree::Product;

/// What is given away, and for which machine it is compiled; `None` is this one.
const PRODUCTS: [Product; 5] = [
    Product {
        package: "patchcord-relay",
        target: None,
    },
    Product {
        package: "patchcord-widget",
        target: BROWSER,
    },
    Product {
        package: "patchcord-panel",
        target: BROWSER,
    },
    Product {
        package: "patchcord-numbers",
        target: BROWSER,
    },
    Product {
        package: "patchcord-scanner",
        target: BROWSER,
    },
];
const BROWSER: Option<&str> = Some("wasm32-unknown-unknown");

fn main() -> Result<()> {
    let mut words = std::env::args_os().skip(1);
    let (Some(file), None) = (words.next(), words.next()) else {
        bail!("sbom <file>");
    };
    write(&PathBuf::from(file))
}

fn write(file: &Path) -> Result<()> {
    let metadata = MetadataCommand::new()
        .other_options(["--locked".to_owned()])
        .exec()
        .context("cargo metadata")?;
    let root = metadata.workspace_root.as_std_path();
    let lock = Lockfile::load(root.join("Cargo.lock")).context("Cargo.lock cannot be read")?;
    let mut parts = Vec::new();
    for product in &PRODUCTS {
        parts.push(tree::parts(root, product)?);
    }
    let packages = npm::components(root)?;
    let document = document::json(&metadata, &lock, &parts, packages)?;
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, document).with_context(|| format!("{} cannot be written", file.display()))
}
