//! What can be asked of `patchcord-relay`: one file for each command.

mod agents;
mod audit;
mod backup;
mod check;
mod do_not_call;
mod erase;
mod init;
mod serve;
mod sessions;
mod tokens;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Parser, Subcommand};
use patchcord_relay::accounts::Account;
use patchcord_relay::clock::Clock;
use patchcord_relay::config::{Config, Environment};
use patchcord_relay::http::problem::chain;
use patchcord_relay::notice::Channels;
use patchcord_relay::outbound::Outbound;
use patchcord_relay::store::Store;
use patchcord_relay::store::token::Row;
use patchcord_relay::tokens::Custody;
use patchcord_relay::wakes::Wakes;
use patchcord_relay::{key_file, random};
use tokio_util::task::TaskTracker;

use crate::logging;

/// Keeps telephony secrets out of the browser. Without a command it serves.
///
/// Every value of the configuration can be overridden by the environment: PATCHCORD_LISTEN,
/// PATCHCORD_ACCOUNT_0_TIMEOUT and so on. PATCHCORD_LOG says what is logged (`info` by default, as in `debug` or
/// `patchcord_relay=debug`), PATCHCORD_LOG_FORMAT in which form (`text` or `json`).
#[derive(Parser)]
#[command(name = "patchcord-relay", version)]
pub struct Arguments {
    /// The configuration
    #[arg(long, global = true, value_name = "FILE", default_value = "relay.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Write a commented configuration and make its keys
    Init(Box<init::Arguments>),
    /// Say what is wrong with the configuration and around it, and whether the others answer; place a test call
    Check(check::Arguments),
    /// Print who did what, a JSON object a line
    Audit(audit::Arguments),
    /// Say who is who at the platforms; import who is who
    Agents(agents::Arguments),
    /// End an agent's sessions
    Sessions(sessions::Arguments),
    /// Say how the accounts' tokens are, without showing any; rotate an account's own token
    Tokens(tokens::Arguments),
    /// Copy the database into a file, also while the relay runs (SQLite)
    Backup(backup::Arguments),
    /// Change or print the list of numbers that are not called
    DoNotCall(do_not_call::Arguments),
    /// Delete everything about a number, but for the proof of consent; or about a person who dials, but for the audit log
    Erase(erase::Arguments),
}

impl Arguments {
    /// Does what they ask for.
    ///
    /// # Errors
    /// Why not, for a person.
    pub fn run(self) -> Result<(), String> {
        logging::start()?;
        let config = self.config;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("the runtime cannot start: {error}"))?;
        runtime.block_on(async {
            match self.command {
                Some(Command::Init(arguments)) => init::run(*arguments),
                None => serve::run(load(&config)?).await,
                Some(Command::Check(arguments)) => {
                    check::run(load(&config)?, &config, arguments).await
                }
                Some(Command::Audit(arguments)) => audit::run(load(&config)?, arguments).await,
                Some(Command::Erase(arguments)) => erase::run(load(&config)?, arguments).await,
                Some(Command::DoNotCall(arguments)) => {
                    do_not_call::run(load(&config)?, arguments).await
                }
                Some(Command::Agents(arguments)) => agents::run(load(&config)?, arguments).await,
                Some(Command::Sessions(arguments)) => {
                    sessions::run(load(&config)?, arguments).await
                }
                Some(Command::Tokens(arguments)) => tokens::run(load(&config)?, arguments).await,
                Some(Command::Backup(arguments)) => backup::run(load(&config)?, arguments).await,
            }
        })
    }
}

fn load(path: &Path) -> Result<Config, String> {
    Config::load(path, &Environment::of_process()).map_err(|error| error.to_string())
}

/// The database, also while a relay works on it.
async fn database(config: &Config) -> Result<Store, String> {
    Store::open_beside(&config.database)
        .await
        .map_err(|error| chain(&error))
}

/// What asking an account at a platform takes, beside a relay that may be running.
fn custody(config: &Config, store: &Store) -> Result<Custody, String> {
    Ok(Custody {
        run: random::id("command").map_err(|error| error.to_string())?,
        store: store.clone(),
        keyring: Arc::new(key_file::of(config).map_err(|error| chain(&error))?),
        clock: Clock::default(),
        wakes: Wakes::alone(),
        channels: Arc::new(Channels::of(config)),
        outbound: Outbound::new().map_err(|error| chain(&error))?,
        tasks: TaskTracker::new(),
    })
}

/// Has platforms end tokens that agents had there and that were forgotten here; for how many one was asked, which the
/// log says more of where it refused. `built` is an account that was taken out of the configuration.
async fn give_back(
    mut config: Config,
    store: &Store,
    tokens: &[Row],
    built: Option<(String, Arc<Account>)>,
) -> Result<usize, String> {
    if tokens.is_empty() {
        return Ok(0);
    }
    let mut asked = 0;
    let custody = custody(&config, store)?;
    let mut accounts: BTreeMap<String, Arc<Account>> = built.into_iter().collect();
    for row in tokens {
        if let Some(account) = config.accounts.remove(&row.account) {
            let account = Account::new(&row.account, account, &custody);
            let account = account.map_err(|error| chain(&error))?;
            accounts.insert(row.account.clone(), Arc::new(account));
        }
        let api = accounts
            .get(&row.account)
            .and_then(|account| account.agents.as_ref());
        if let Some(api) = api
            && let Some(stored) = api.tokens.open(row)
        {
            api.tokens.give_back(&stored).await;
            asked += 1;
        }
    }
    Ok(asked)
}

/// Writes to the standard output, at once.
fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| format!("cannot write: {error}"))
}
