//! `patchcord-relay` without a command: serves until it is told to stop.

use patchcord_relay::clock::Clock;
use patchcord_relay::config::Config;
use patchcord_relay::http::problem::chain;
use patchcord_relay::server::Server;

use super::print;

/// Serves until SIGINT or SIGTERM.
pub async fn run(config: Config) -> Result<(), String> {
    let server = Server::bind(config, Clock::default())
        .await
        .map_err(|error| chain(&error))?;
    let address = server.address().map_err(|error| chain(&error))?;
    print(&format!("listening on {}://{address}\n", server.scheme()))?;
    server
        .serve(stop_signal()?)
        .await
        .map_err(|error| chain(&error))
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
