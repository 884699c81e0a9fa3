//! `patchcord-relay do-not-call`

use std::path::PathBuf;

use patchcord_core::number::PhoneNumber;
use patchcord_relay::audit::{self, Action, Actor};
use patchcord_relay::clock::{self, Clock, Millis};
use patchcord_relay::config::Config;
use patchcord_relay::fingerprint::Fingerprints;
use patchcord_relay::http::problem::chain;
use patchcord_relay::key_file;
use patchcord_relay::random::{self, Hash};
use patchcord_relay::store::{Store, do_not_call};
use serde_json::json;

use super::{database, print};

/// How many are read or written at once.
const PAGE: usize = 1000;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Put the numbers of a file on the list: one a line, in E.164 form; more columns and # are left out
    Import {
        /// The file
        file: PathBuf,
        /// Where it is from, to be kept with each number
        #[arg(long, default_value = "import")]
        source: String,
    },
    /// Print the list: the keyed hash of each number, where it is from, and since when it is there
    Export,
    /// Put a number on the list
    Add {
        /// The number, in E.164 form
        number: PhoneNumber,
    },
    /// Take a number off the list
    Remove {
        /// The number, in E.164 form
        number: PhoneNumber,
    },
}

/// Changes or prints the list, also while a relay runs.
pub async fn run(config: Config, arguments: Arguments) -> Result<(), String> {
    let keyring = key_file::of(&config).map_err(|error| chain(&error))?;
    let store = database(&config).await?;
    let hashes = Fingerprints::of(&store, &keyring)
        .await
        .map_err(|error| chain(&error))?;
    let done = match arguments.what {
        What::Import { file, source } => import(&store, &hashes, file, source).await,
        What::Export => export(&store).await,
        What::Add { number } => add(&store, vec![hashes.number(&number)], "command".into())
            .await
            .and_then(|added| print(&format!("{added} added\n"))),
        What::Remove { number } => remove(&store, hashes.number(&number)).await,
    };
    store.close().await;
    done
}

async fn import(
    store: &Store,
    hashes: &Fingerprints,
    file: PathBuf,
    source: String,
) -> Result<(), String> {
    let text = std::fs::read_to_string(&file)
        .map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    let mut numbers = Vec::new();
    for (place, line) in text.lines().enumerate() {
        let first = line.split([',', ';', '\t']).next().unwrap_or_default();
        let first = first.trim().trim_matches('"').trim();
        if first.is_empty() || first.starts_with('#') {
            continue;
        }
        // The line is not quoted: it may be a number all the same.
        let number: PhoneNumber = first
            .parse()
            .map_err(|error| format!("line {}: {error} Nothing was imported.", place + 1))?;
        numbers.push(hashes.number(&number));
    }
    let of = numbers.len();
    let added = add(store, numbers, source).await?;
    print(&format!("{added} of {of} added, the others were there\n"))
}

/// How many of them were not there.
async fn add(store: &Store, numbers: Vec<Hash>, source: String) -> Result<usize, String> {
    let now = Clock::default().now();
    let mut added = 0;
    // Not in one transaction: a relay that runs beside has to take callbacks in between.
    for part in numbers.chunks(PAGE) {
        let (part, source) = (part.to_vec(), source.clone());
        added += store
            .write(move |tx| {
                Box::pin(async move {
                    let mut added = 0;
                    for number in &part {
                        if do_not_call::add(tx, number, &source, now).await? {
                            added += 1;
                        }
                    }
                    let detail = json!({ "added": added, "source": source });
                    note(tx, Action::Imported, detail, now).await?;
                    Ok::<_, sqlx::Error>(added)
                })
            })
            .await
            .map_err(|error| chain(&error))?;
    }
    Ok(added)
}

async fn remove(store: &Store, number: Hash) -> Result<(), String> {
    let now = Clock::default().now();
    let removed = store
        .write(move |tx| {
            Box::pin(async move {
                let removed = do_not_call::remove(tx, &number).await?;
                if removed {
                    note(tx, Action::Erased, json!({ "removed": 1 }), now).await?;
                }
                Ok::<_, sqlx::Error>(removed)
            })
        })
        .await
        .map_err(|error| chain(&error))?;
    if removed {
        print("removed\n")
    } else {
        Err("the number is not on the list".into())
    }
}

async fn export(store: &Store) -> Result<(), String> {
    let mut after = Vec::new();
    print("hash,source,since\n")?;
    loop {
        let page = store
            .do_not_call(&after, PAGE as i64)
            .await
            .map_err(|error| chain(&error))?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.hash);
        let lines: Vec<_> = page
            .iter()
            .map(|entry| {
                let source = entry.source.replace('"', "\"\"");
                let since = clock::to_rfc3339(entry.added_at);
                format!("{},\"{source}\",{since}\n", random::hex(&entry.hash))
            })
            .collect();
        print(&lines.concat())?;
    }
    let now = Clock::default().now();
    store
        .write(move |tx| {
            Box::pin(async move { note(tx, Action::Exported, serde_json::Value::Null, now).await })
        })
        .await
        .map_err(|error| chain(&error))
}

async fn note(
    tx: &mut patchcord_relay::store::Conn,
    action: Action,
    detail: serde_json::Value,
    now: Millis,
) -> Result<(), sqlx::Error> {
    audit::write(tx, Actor::Command, action, "do_not_call", detail, now).await
}
