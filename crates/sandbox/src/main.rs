//! `patchcord-sandbox --listen 127.0.0.1:4101`

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

use patchcord_sandbox::Sandbox;
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "usage: patchcord-sandbox [--listen 127.0.0.1:4101]";
const DEFAULT_ADDRESS: &str = "127.0.0.1:4101";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let listen = match arguments.as_slice() {
        [] => DEFAULT_ADDRESS,
        ["--listen", address] => address,
        ["--help" | "-h"] => {
            return finish(writeln!(io::stdout(), "{USAGE}"));
        }
        _ => return refuse(USAGE),
    };
    let Ok(address) = listen.parse::<SocketAddr>() else {
        return refuse(&format!(
            "--listen: {listen:?} is no address such as 127.0.0.1:4101"
        ));
    };
    match run(address).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(&format!("{address}: {error}")),
    }
}

async fn run(address: SocketAddr) -> io::Result<()> {
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let sandbox = Sandbox::start(address).await?;
    let url = sandbox.url();
    writeln!(
        io::stdout(),
        "listening on {url}\ndock: {url}/_sandbox/dock\nagent desk: {url}/_sandbox/desk"
    )?;
    tokio::select! {
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
    }
    sandbox.stop().await;
    Ok(())
}

fn finish(written: io::Result<()>) -> ExitCode {
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn refuse(problem: &str) -> ExitCode {
    // If even standard error is closed, the exit code is all that is left to say.
    let _ = writeln!(io::stderr(), "{problem}");
    ExitCode::FAILURE
}
