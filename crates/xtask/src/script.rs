//! A browser script of `tests/e2e` against servers of its own.

use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};

use crate::scratch::Scratch;
use crate::servers::{Ports, Servers, address};
use crate::workspace::Workspace;
use crate::{servers, setup, signal, web};

/// Ready to run: everything is built, and the servers listen on free ports with an empty database.
pub struct Script {
    /// Node, the script, and the addresses in the environment.
    pub command: Command,
    stop: Arc<AtomicBool>,
    _servers: Servers,
    _folder: Scratch,
}

impl Script {
    /// Builds what is missing and starts the servers.
    pub fn prepare(ws: &Workspace, name: &str) -> Result<Self> {
        let node = setup::node(ws)?;
        let browser = setup::browser()?;
        let tests = ws.at("tests/e2e");
        setup::packages(&node, &tests)?;
        web::build_shipped(ws)?;
        servers::build(ws)?;

        // From here on a signal has to leave through the front door, or the servers stay.
        let stop = signal::stop()?;
        let ports = Ports::free()?;
        let folder = ws.target().join(format!("{name}-{}", std::process::id()));
        let folder = Scratch::new(folder)?;
        let servers = Servers::start(ws, ports, folder.path())?;
        let mut command = node.script(&tests.join(name));
        command
            .current_dir(&tests)
            .env("E2E_RELAY_URL", address(ports.relay))
            .env("E2E_SANDBOX_URL", address(ports.sandbox))
            .env("E2E_DEMO_URL", address(ports.demo))
            .env("E2E_BIN_DIR", ws.binaries());
        browser.name_to(&mut command);
        Ok(Self {
            command,
            stop,
            _servers: servers,
            _folder: folder,
        })
    }

    /// Runs it to its end. Ctrl-C ends it and the servers.
    pub fn run(&mut self) -> Result<ExitStatus> {
        let mut child = self.command.spawn()?;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            if self.stop.load(Ordering::Relaxed) {
                child.kill()?;
                child.wait()?;
                bail!("stopped");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
