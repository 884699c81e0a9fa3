//! Where things are.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::process;

/// The checkout and its target directory.
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

impl Workspace {
    /// Asks Cargo, which knows about `CARGO_TARGET_DIR` and every configuration file.
    pub fn find() -> Result<Self> {
        let mut cargo = Command::new(cargo());
        cargo.args(["metadata", "--no-deps", "--format-version", "1"]);
        // `cargo run` names the package it runs; a binary started by hand uses where it stands.
        if let Some(package) = std::env::var_os("CARGO_MANIFEST_DIR") {
            cargo.current_dir(package);
        }
        let text = process::output(&mut cargo)?;
        let metadata: Metadata =
            serde_json::from_str(&text).context("cannot read what `cargo metadata` says")?;
        Ok(Self {
            root: metadata.workspace_root,
            target: metadata.target_directory,
        })
    }

    /// The root of the checkout.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the checkout.
    pub fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Cargo's target directory; possibly shared with other checkouts.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The folder of the native binaries, built with the development profile.
    pub fn binaries(&self) -> PathBuf {
        self.target.join("debug")
    }

    /// Tools that were fetched because the machine does not have them.
    pub fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// A Cargo command at the root of the checkout.
    pub fn cargo(&self, words: &[&str]) -> Command {
        let mut command = Command::new(cargo());
        command.args(words).current_dir(&self.root);
        command
    }

    /// This program again, for a step that is to be run and reported on its own.
    pub fn xtask(&self, words: &[&str]) -> Result<Command> {
        let own = std::env::current_exe().context("cannot find the build program itself")?;
        let mut command = Command::new(own);
        command.args(words).current_dir(&self.root);
        Ok(command)
    }
}

fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
