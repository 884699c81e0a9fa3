//! The first things that people do, in Firefox and in Safari's engine. The tests proper are in Chromium.

use anyhow::{Result, bail};

use crate::script::Script;
use crate::setup;
use crate::workspace::Workspace;

/// Runs `tests/e2e/browsers.js` with Debian's Firefox and WebKitGTK.
pub fn run(ws: &Workspace) -> Result<()> {
    let browsers = setup::other_browsers()?;
    let mut script = Script::prepare(ws, "browsers.js")?;
    browsers.name_to(&mut script.command);
    if !script.run()?.success() {
        bail!("something does not work in another browser");
    }
    Ok(())
}
