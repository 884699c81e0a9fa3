//! Packs the numbering plans of libphonenumber for `patchcord-phone`; `cargo xtask phone-metadata` calls it.
//!
//! `patchcord-phone-tables <folder>` reads what `metadata.py` prints from standard input and writes the tables
//! into the folder.

// A build program talks to a person at a terminal.
#![allow(clippy::print_stdout)]

mod automaton;
mod pattern;
mod plain;

use std::io::Read as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use patchcord_phone::pack;

fn main() -> Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).context("which folder?")?.into();
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let plain = plain::read(&text)?;
    let mut trees = Vec::new();
    for plan in &plain.plans {
        trees.push((
            automaton::tree(&plan.general, &[])?,
            // A number that its plan's general pattern does not match is none, whatever its kind's says.
            automaton::tree(&plan.kinds, &plan.general)?,
        ));
    }
    let tables = [
        ("plans.bin", pack::text(&plain.text)),
        ("numbers.bin", pack::numbers(&plain.text, &trees)),
        ("alternates.bin", pack::text(&plain.alternates)),
        ("short.bin", pack::text(&plain.short)),
    ];
    ensure!(!trees.is_empty(), "no plans came from the metadata");
    for (name, table) in &tables {
        let path = folder.join(name);
        let table = table.as_ref();
        let table =
            table.with_context(|| format!("there is no room for {name} where it is read"))?;
        std::fs::write(&path, table).with_context(|| format!("writing {}", path.display()))?;
        println!("{name} {} bytes", table.len());
    }
    std::fs::write(folder.join("version.txt"), format!("{}\n", plain.version))?;
    println!("libphonenumber {}", plain.version);
    Ok(())
}
