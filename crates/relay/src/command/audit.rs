//! `patchcord-relay audit`

use patchcord_relay::clock::{self, Millis};
use patchcord_relay::config::Config;
use patchcord_relay::http::problem::chain;

use super::{database, print};

/// How many lines are read at once.
const PAGE: i64 = 1000;

#[derive(clap::Args)]
pub struct Arguments {
    /// From when on: RFC 3339, or a day (UTC)
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Millis>,
}

fn time(text: &str) -> Result<Millis, String> {
    clock::from_rfc3339(text)
        .or_else(|| clock::from_rfc3339(&format!("{text}T00:00:00Z")))
        .ok_or_else(|| "write it as 2026-11-24 or 2026-11-24T10:30:00Z".to_owned())
}

/// Prints the audit log, a JSON object a line, the oldest first.
pub async fn run(config: Config, arguments: Arguments) -> Result<(), String> {
    let store = database(&config).await?;
    let mut after = 0;
    loop {
        let page = store
            .audit(arguments.since.unwrap_or(0), after, PAGE)
            .await
            .map_err(|error| chain(&error))?;
        let Some(last) = page.last() else { break };
        after = last.id;
        let lines: Result<Vec<_>, _> = page
            .iter()
            .map(|entry| Ok(entry.to_json()? + "\n"))
            .collect();
        print(
            &lines
                .map_err(|error: serde_json::Error| chain(&error))?
                .concat(),
        )?;
    }
    store.close().await;
    Ok(())
}
