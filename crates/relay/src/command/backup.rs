//! `patchcord-relay backup`

use std::path::PathBuf;

use patchcord_relay::config::Config;
use patchcord_relay::http::problem::chain;

use super::{database, print};

#[derive(clap::Args)]
pub struct Arguments {
    /// The copy; must not be there yet
    file: PathBuf,
}

/// Copies the database.
pub async fn run(config: Config, arguments: Arguments) -> Result<(), String> {
    let store = database(&config).await?;
    let copied = store.backup(&arguments.file).await;
    store.close().await;
    copied.map_err(|error| chain(&error))?;
    print(&format!("copied to {}\n", arguments.file.display()))
}
