//! The number engine's tables, packed from Google's metadata.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::scratch::Scratch;
use crate::workspace::Workspace;
use crate::{process, setup};

/// Where they are, as part of the crate: it is built by itself.
const TABLES: &str = "crates/phone/tables";
const METADATA: &str = "crates/phone-tables/metadata.py";

/// Packs the tables anew from the version that is pinned.
pub fn pack(ws: &Workspace) -> Result<()> {
    pack_into(ws, &ws.at(TABLES))
}

/// Pins the newest version that PyPI has, and packs the tables from it.
pub fn update(ws: &Workspace) -> Result<()> {
    setup::pin_newest_phonenumbers(ws)?;
    pack(ws)?;
    process::progress("now run `cargo xtask test --all`: it compares the answers with Google's");
    Ok(())
}

/// Fails where the tables are not what the pinned version gives.
pub fn check(ws: &Workspace) -> Result<()> {
    let fresh = Scratch::new(
        ws.target()
            .join(format!("phone-tables-{}", std::process::id())),
    )?;
    fs::create_dir_all(fresh.path())?;
    pack_into(ws, fresh.path())?;
    for file in files(fresh.path())? {
        let name = file.file_name().context("a table without a name")?;
        let committed = ws.at(TABLES).join(name);
        if fs::read(&file)? != fs::read(&committed).unwrap_or_default() {
            bail!(
                "{} is not what `cargo xtask phone-metadata` makes; run it",
                committed.display()
            );
        }
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect()
}

fn pack_into(ws: &Workspace, folder: &Path) -> Result<()> {
    let python_path = setup::phonenumbers(ws)?;
    process::progress("packing the numbering plans");
    let python = process::on_path(&["python3"]).context("Python 3 is needed (`python3`)")?;
    let mut metadata = Command::new(python)
        .arg(ws.at(METADATA))
        .env("PYTHONPATH", python_path)
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start Python")?;
    let lines = metadata.stdout.take().context("no output of Python")?;
    let mut pack = ws.cargo(&[
        "run",
        "--quiet",
        "--package",
        "patchcord-phone-tables",
        "--",
    ]);
    pack.arg(folder).stdin(lines);
    let packed = process::run(&mut pack);
    let read = metadata.wait()?;
    if !read.success() {
        bail!("{METADATA} failed: {read}");
    }
    packed
}
