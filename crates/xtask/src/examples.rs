//! The websites in `examples/`: built from the packed tarball as a customer would, and run in Chromium.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::scratch::Scratch;
use crate::setup::Node;
use crate::workspace::Workspace;
use crate::{e2e, package, process, setup};

/// Those with a bundler. `html` has none.
const BUNDLED: [&str; 2] = ["react", "vue"];

/// Builds every example into `dist/examples` and runs `tests/e2e/package-examples.spec.js` on them.
pub fn run(ws: &Workspace) -> Result<ExitCode> {
    package::build(ws)?;
    let node = setup::node(ws)?;
    let work = Scratch::new(ws.at(&format!("dist/.examples-{}", std::process::id())))?;
    let sites = work.path().join("sites");
    html(ws, &sites.join("html"))?;
    for name in BUNDLED {
        bundled(ws, &node, name, &sites.join(name))?;
    }
    let target = ws.at("dist/examples");
    if target.exists() {
        fs::rename(&target, work.path().join("old"))?;
    }
    fs::rename(&sites, &target)?;
    e2e::run(ws, &["--config", "examples.config.js"])
}

/// The page as it is, and the package beside it.
fn html(ws: &Workspace, site: &Path) -> Result<()> {
    process::progress("examples/html");
    fs::create_dir_all(site.join("patchcord"))?;
    for file in ["index.html", "site.css"] {
        fs::copy(ws.at("examples/html").join(file), site.join(file))?;
    }
    let mut unpack = Command::new("tar");
    unpack.arg("-xzf").arg(package::tarball(ws));
    unpack
        .args(["--strip-components", "1", "-C"])
        .arg(site.join("patchcord"));
    process::output(&mut unpack)?;
    Ok(())
}

/// Its lock file's packages, ours from the tarball, its own check of types, and its build.
fn bundled(ws: &Workspace, node: &Node, name: &str, site: &Path) -> Result<()> {
    process::progress(&format!("examples/{name}"));
    let folder = ws.at("examples").join(name);
    package::install(ws, node, &folder)?;
    let mut build = node.npm(&["run", "build", "--silent", "--", "--outDir"])?;
    process::output(build.arg(site).current_dir(&folder))?;
    Ok(())
}
