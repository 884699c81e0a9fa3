//! `patchcord-relay sessions`

use patchcord_relay::clock::Clock;
use patchcord_relay::config::{AgentId, Config};
use patchcord_relay::http::problem::chain;
use patchcord_relay::sessions;

use super::{database, print};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// End every session of an agent, and the event streams with them, at every relay of the database
    Revoke {
        /// The CRM's organisation
        #[arg(long)]
        org: String,
        /// The CRM's id of the person
        #[arg(long)]
        sub: String,
    },
}

/// Revokes.
pub async fn run(config: Config, arguments: Arguments) -> Result<(), String> {
    let Command::Revoke { org, sub } = arguments.command;
    let store = database(&config).await?;
    let now = Clock::default().now();
    let ended = sessions::revoke(&store, AgentId { org, sub }, now).await;
    store.close().await;
    let ended = ended.map_err(|error| chain(&error))?;
    print(&format!(
        "{ended} ended; streams notice within ten seconds\n"
    ))
}
