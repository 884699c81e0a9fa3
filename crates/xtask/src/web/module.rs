//! The WebAssembly module and its glue.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::{MODULE, Tools};
use crate::process;
use crate::workspace::Workspace;

/// Exactly what Rust's output uses. `--all-features` makes Binaryen write a format that browsers
/// refuse; none at all makes it refuse Rust's output.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// What wasm-bindgen wrote.
pub struct Built {
    pub wasm: PathBuf,
    pub glue: PathBuf,
    pub declarations: PathBuf,
}

/// Compiles the widget and runs wasm-bindgen, at the version of the lock file.
pub fn build(ws: &Workspace) -> Result<Built> {
    process::progress("compiling the widget to WebAssembly");
    process::run(&mut ws.cargo(&[
        "build",
        "--package",
        "patchcord-widget",
        "--lib",
        "--profile",
        "web",
        "--target",
        "wasm32-unknown-unknown",
    ]))?;
    process::progress("wasm-bindgen");
    process::run(&mut ws.cargo(&["build", "--package", "bindgen", "--bin", "wasm-bindgen"]))?;

    let out = ws.target().join("web-module");
    let compiled = ws
        .target()
        .join("wasm32-unknown-unknown/web")
        .join(format!("{MODULE}.wasm"));
    let mut bindgen = Command::new(ws.binaries().join("wasm-bindgen"));
    bindgen.args(["--target", "web", "--out-name", MODULE]);
    bindgen.args(["--remove-name-section", "--remove-producers-section"]);
    bindgen.arg("--out-dir").arg(&out).arg(compiled);
    process::output(&mut bindgen)?;
    Ok(Built {
        wasm: out.join(format!("{MODULE}_bg.wasm")),
        glue: out.join(format!("{MODULE}.js")),
        declarations: out.join(format!("{MODULE}.d.ts")),
    })
}

/// Binaryen's optimiser.
pub fn optimise(tools: &Tools, from: &Path, to: &Path) -> Result<()> {
    process::progress("wasm-opt");
    let script = tools.folder.join("node_modules/binaryen/bin/wasm-opt");
    let mut optimiser = tools.node.script(&script);
    optimiser.arg(from).arg("-o").arg(to).args(FEATURES);
    optimiser.args(["-Oz", "--converge", "--strip-debug", "--strip-producers"]);
    // Inlining every function that is called once makes the module smaller and its download larger: by 1.5 kB.
    optimiser.arg("--one-caller-inline-max-function-size=50");
    process::output(&mut optimiser)?;
    Ok(())
}
