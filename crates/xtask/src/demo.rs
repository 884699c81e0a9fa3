//! The demo: everything on this machine, nothing on the internet.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::servers::{Ports, Servers, address};
use crate::workspace::Workspace;
use crate::{process, servers, setup, web};

/// Runs the demo until Ctrl-C.
pub fn run(ws: &Workspace) -> Result<ExitCode> {
    // Before the long part: a taken port is better told now.
    Ports::usual()?;
    web::build_with_what_is_there(ws)?;
    servers::build(ws)?;

    let stop = stop_signal()?;
    let ports = Ports::usual()?;
    let folder = ws.target().join("demo");
    let mut servers = Servers::start(ws, ports, &folder)?;
    announce(ports);
    while !stop.load(Ordering::Relaxed) {
        if let Some(ended) = servers.ended()? {
            bail!("{ended}\nThe demo is stopped.");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    println!("\nStopping.");
    Ok(ExitCode::SUCCESS)
}

/// Drives the demo once in headless Chromium, on free ports and with an empty database.
pub fn check(ws: &Workspace) -> Result<ExitCode> {
    let node = setup::node(ws)?;
    let browser = setup::browser()?;
    let tests = ws.at("tests/e2e");
    setup::packages(&node, &tests)?;
    web::build_shipped(ws)?;
    servers::build(ws)?;

    // A signal ends this function the ordinary way, and the servers with it.
    let stop = stop_signal()?;
    let ports = Ports::free()?;
    let folder = Folder::new(
        ws.target()
            .join(format!("demo-check-{}", std::process::id())),
    )?;
    let _servers = Servers::start(ws, ports, &folder.0)?;
    process::progress("driving the demo in headless Chromium");
    let mut script = node.script(&tests.join("demo-check.js"));
    script
        .current_dir(&tests)
        .env("PATCHCORD_RELAY_URL", address(ports.relay))
        .env("PATCHCORD_SANDBOX_URL", address(ports.sandbox))
        .env("PATCHCORD_DEMO_URL", address(ports.demo));
    browser.name_to(&mut script);
    let mut script = script.spawn()?;
    let status = loop {
        if let Some(status) = script.try_wait()? {
            break status;
        }
        if stop.load(Ordering::Relaxed) {
            script.kill()?;
            break script.wait()?;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    Ok(if status.success() {
        println!("demo --check: passed");
        ExitCode::SUCCESS
    } else {
        println!("demo --check: failed");
        ExitCode::FAILURE
    })
}

fn announce(ports: Ports) {
    let (relay, sandbox, demo) = (
        address(ports.relay),
        address(ports.sandbox),
        address(ports.demo),
    );
    println!(
        "
The demo is running.

  CRM page          {demo}/crm/            call a contact
  website           {demo}/site/           ask for a callback
  Samespace dock    {sandbox}/_sandbox/dock   where a call to Samespace arrives
  babelforce desk   {sandbox}/_sandbox/desk   where a call to babelforce arrives
  relay             {relay}/openapi.json

Ctrl-C stops all of it."
    );
}

fn stop_signal() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

/// A folder that is removed at the end.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(path: std::path::PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Below the target directory; left behind it does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
