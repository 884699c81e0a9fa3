//! The demo: everything on this machine, nothing on the internet.

use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::script::Script;
use crate::servers::{Ports, Servers, address};
use crate::workspace::Workspace;
use crate::{process, servers, signal, web};

/// Runs the demo until Ctrl-C.
pub fn run(ws: &Workspace) -> Result<ExitCode> {
    // Before the long part: a taken port is better told now.
    Ports::usual()?;
    web::build_with_what_is_there(ws)?;
    servers::build(ws)?;

    let stop = signal::stop()?;
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
    let mut script = Script::prepare(ws, "demo-check.js")?;
    process::progress("driving the demo in headless Chromium");
    Ok(if script.run()?.success() {
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
