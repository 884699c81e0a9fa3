//! The relay's command line.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use patchcord_relay::check;
use patchcord_relay::clock::Clock;
use patchcord_relay::config::{Config, Environment};
use patchcord_relay::http::problem::chain;
use patchcord_relay::server::Server;
use tracing_subscriber::EnvFilter;

const HELP: &str = "\
patchcord-relay: keeps telephony secrets out of the browser

  patchcord-relay [--config FILE]         serve
  patchcord-relay check [--config FILE]   say what is wrong with the configuration, and whether the platforms answer
  patchcord-relay --help                  this text

FILE is relay.toml by default. Every value in it can be overridden by the environment: PATCHCORD_LISTEN,
PATCHCORD_ACCOUNT_0_TIMEOUT and so on. PATCHCORD_LOG sets what is logged (info by default, as in `debug` or
`patchcord_relay=debug`).
";

enum Command {
    Serve(PathBuf),
    Check(PathBuf),
    Help,
}

fn main() -> ExitCode {
    let result = match parse(std::env::args().skip(1)) {
        Ok(Command::Help) => print(HELP),
        Ok(Command::Serve(path)) => run(serve(path)),
        Ok(Command::Check(path)) => run(check_all(path)),
        Err(text) => Err(format!("{text}\n\n{HELP}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            // Nowhere to complain if even this fails.
            let _ = writeln!(std::io::stderr(), "{}", text.trim_end());
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut path = None;
    let mut checks = false;
    let mut arguments = arguments.peekable();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "check" if !checks => checks = true,
            "--config" if path.is_none() => {
                path = Some(PathBuf::from(
                    arguments.next().ok_or("--config needs a file")?,
                ));
            }
            other => return Err(format!("`{other}` is not understood")),
        }
    }
    let path = path.unwrap_or_else(|| PathBuf::from("relay.toml"));
    Ok(if checks {
        Command::Check(path)
    } else {
        Command::Serve(path)
    })
}

fn run(work: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let filter =
        EnvFilter::try_from_env("PATCHCORD_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime
        .map_err(|error| format!("the runtime cannot start: {error}"))?
        .block_on(work)
}

async fn serve(path: PathBuf) -> Result<(), String> {
    let config =
        Config::load(&path, &Environment::of_process()).map_err(|error| error.to_string())?;
    let server = Server::bind(config, Clock::default())
        .await
        .map_err(|error| chain(&error))?;
    let address = server.address().map_err(|error| chain(&error))?;
    print(&format!("listening on http://{address}\n"))?;
    server
        .serve(stop_signal()?)
        .await
        .map_err(|error| chain(&error))
}

async fn check_all(path: PathBuf) -> Result<(), String> {
    let config =
        Config::load(&path, &Environment::of_process()).map_err(|error| error.to_string())?;
    let findings = check::check(config).await.map_err(|error| chain(&error))?;
    let mut wrong = 0;
    for finding in findings {
        match finding.result {
            Ok(text) => print(&format!("ok     {} {text}\n", finding.subject))?,
            Err(text) => {
                wrong += 1;
                print(&format!("WRONG  {}: {text}\n", finding.subject))?;
            }
        }
    }
    if wrong == 0 {
        Ok(())
    } else {
        Err(format!("{wrong} to mend"))
    }
}

/// Resolves at SIGINT or SIGTERM.
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static, String> {
    use tokio::signal::unix::{SignalKind, signal};
    let failed = |error| format!("signals cannot be handled: {error}");
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("going down");
    })
}

fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| format!("cannot write: {error}"))
}
