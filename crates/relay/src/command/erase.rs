//! `patchcord-relay erase`

use patchcord_core::number::PhoneNumber;
use patchcord_relay::clock::Clock;
use patchcord_relay::config::Config;
use patchcord_relay::http::problem::chain;
use patchcord_relay::store::erase;

use super::{database, print};

#[derive(clap::Args)]
pub struct Arguments {
    /// The number, in E.164 form
    #[arg(long)]
    number: PhoneNumber,
}

/// Deletes what is known about a number.
pub async fn run(config: Config, arguments: Arguments) -> Result<(), String> {
    let store = database(&config).await?;
    let erased = store.erase(&arguments.number, Clock::default().now()).await;
    store.close().await;
    let erased = erased.map_err(|error| chain(&error))?;
    let emptied = erase::empty_log(&config.database).await;
    print(&format!(
        "erased: {} callbacks, {} calls, {} messages; emptied {} payloads that mentioned the number\n",
        erased.callbacks, erased.calls, erased.deliveries, erased.mentions
    ))?;
    if erased.in_flight > 0 {
        return Err(format!(
            "{} more are being handed over right now; run this again in a minute",
            erased.in_flight
        ));
    }
    match emptied {
        Ok(true) => Ok(()),
        Ok(false) => Err(
            "the database's log is in use and still has traces; run this again in a minute".into(),
        ),
        Err(error) => Err(chain(&error)),
    }
}
