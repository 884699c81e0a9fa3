//! The standard library for `wasm32-unknown-unknown`.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::process;

const TARGET: &str = "wasm32-unknown-unknown";
/// A download of some 20 MB. A server that does not answer must not hold everything up.
const LIMIT: Duration = Duration::from_secs(300);

/// Adds the target to the Rust tool chain in use, unless it is there.
pub fn wasm_target() -> Result<()> {
    let folder = process::output(Command::new("rustc").args([
        "--print",
        "target-libdir",
        "--target",
        TARGET,
    ]))?;
    if has_std(Path::new(folder.trim())) {
        return Ok(());
    }
    process::progress("adding Rust's standard library for WebAssembly (rustup target add)");
    process::run_within(
        LIMIT,
        Command::new("rustup").args(["target", "add", TARGET]),
    )
    .with_context(|| {
        format!("the Rust tool chain needs its {TARGET} standard library: with rustup, `rustup target add {TARGET}`; otherwise from your distribution")
    })
}

fn has_std(folder: &Path) -> bool {
    folder.read_dir().is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
    })
}
