//! `patchcord-relay sessions`

use patchcord_relay::clock::Clock;
use patchcord_relay::config::{AgentId, Config};
use patchcord_relay::http::problem::chain;
use patchcord_relay::sessions;

use super::{database, give_back, print};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// End every session of an agent, and the streams with them, at every relay of the database; sign them out at
    /// the platforms
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
    let revoked = sessions::revoke(&store, AgentId { org, sub }, now).await;
    let done = match revoked {
        Ok(revoked) => {
            let given_back = give_back(config, &store, &revoked.tokens, None).await;
            given_back.map(|asked| (revoked.sessions, revoked.tokens.len(), asked))
        }
        Err(error) => Err(chain(&error)),
    };
    store.close().await;
    let (sessions, tokens, asked) = done?;
    print(&format!(
        "{sessions} ended, {asked} of {tokens} tokens signed out at platforms; streams notice within half a minute\n"
    ))
}
