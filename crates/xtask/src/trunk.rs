//! `index.html` with Trunk, tried once, so that it does not rot.

use anyhow::{Result, bail};

use crate::script::Script;
use crate::workspace::Workspace;
use crate::{process, setup};

/// Builds what `trunk serve` would serve, and calls from it in Chromium. Nothing is downloaded: Trunk finds our
/// wasm-bindgen.
pub fn build(ws: &Workspace) -> Result<()> {
    setup::wasm_target()?;
    let trunk = setup::trunk(ws)?;
    process::run(&mut ws.cargo(&["build", "--package", "bindgen", "--bin", "wasm-bindgen"]))?;
    let mut command = std::process::Command::new(trunk);
    command
        .args(["build", "--offline"])
        .current_dir(ws.root())
        .env("PATH", process::path_with(&ws.binaries())?)
        // Trunk takes `NO_COLOR=1` for a bad value of its own option.
        .env_remove("NO_COLOR");
    process::run(&mut command)?;
    if !Script::prepare(ws, "trunk-check.js")?.run()?.success() {
        bail!("the page that Trunk built does not work");
    }
    Ok(())
}
