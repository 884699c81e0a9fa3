//! `patchcord-relay tokens`

use patchcord_relay::clock;
use patchcord_relay::config::{AgentId, Config};
use patchcord_relay::http::problem::chain;
use patchcord_relay::seal;
use patchcord_relay::store::Store;
use patchcord_relay::store::token::Row;
use patchcord_relay::tokens::own::Own;
use patchcord_relay::tokens::rotate::{By, Rotated};

use super::{custody, database, print};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Exchange an account's own token (Samespace's `auth_token`) for a new one
    Rotate {
        /// The account's name
        account: String,
    },
}

/// Shows or rotates.
pub async fn run(config: Config, arguments: Arguments) -> Result<(), String> {
    let store = database(&config).await?;
    let done = match arguments.command {
        None => show(&config, &store).await,
        Some(Command::Rotate { account }) => exchange(&config, &store, &account).await,
    };
    store.close().await;
    done
}

/// One line for each account, and one for each agent who has signed in there themselves.
async fn show(config: &Config, store: &Store) -> Result<(), String> {
    let rows = store.tokens().await.map_err(|error| chain(&error))?;
    for (name, account) in &config.accounts {
        let kind = match account.provider.tokens() {
            Some(tokens) => tokens.grant.name(),
            None if account.auth_token.is_some() => "auth_token",
            None => "none needed",
        };
        let (own, agents): (Vec<&Row>, Vec<&Row>) = rows
            .iter()
            .filter(|row| row.account == *name)
            .partition(|row| row.agent.is_empty());
        let own = own.first().copied();
        let next = match account.rotate_every {
            None => String::new(),
            Some(_) => format!("  next rotation {}", next(own)),
        };
        print(&format!(
            "{name}  {}  {kind}  {}{next}\n",
            account.provider.name(),
            state(own)
        ))?;
        for row in agents {
            if let Some(AgentId { org, sub }) = row.agent() {
                print(&format!(
                    "{name}  agent {sub} of {org}  {}\n",
                    self::state(Some(row))
                ))?;
            }
        }
    }
    Ok(())
}

/// When a relay exchanges an account's own token by itself.
fn next(row: Option<&Row>) -> String {
    match row {
        Some(row) if row.rotating_since.is_some() => "after a person has looked".to_owned(),
        Some(Row {
            rotate_at: Some(at),
            ..
        }) => clock::to_rfc3339(*at),
        _ => "set when a relay starts".to_owned(),
    }
}

fn state(row: Option<&Row>) -> String {
    let at = |time: Option<i64>| time.map_or("-".to_owned(), clock::to_rfc3339);
    let sealed = row.and_then(|row| {
        let sealed = row
            .sealed_refresh
            .as_deref()
            .or(row.sealed_access.as_deref());
        seal::key_id(sealed?)
    });
    format!(
        "expires {}  refreshed {}  rotating since {}  key {}",
        at(row.and_then(|row| row.expires_at)),
        at(row.and_then(|row| row.refreshed_at)),
        at(row.and_then(|row| row.rotating_since)),
        sealed.unwrap_or("-"),
    )
}

async fn exchange(config: &Config, store: &Store, name: &str) -> Result<(), String> {
    let account = config
        .accounts
        .get(name)
        .ok_or_else(|| format!("there is no account `{name}`"))?;
    let token = account.auth_token.as_ref().ok_or_else(|| {
        format!("the account `{name}` has no `auth_token`; configure the one it has now")
    })?;
    let custody = custody(config, store)?;
    let provider = account.provider.as_ref();
    let every = account.rotate_every;
    let own = Own::new(name, token.clone(), every, account.timeout, &custody);
    let rotated = own
        .rotate(provider, By::Command)
        .await
        .map_err(|error| chain(&error))?;
    match rotated {
        Rotated::Yes => print("rotated; the new token is stored\n"),
        Rotated::Busy => Err("somebody else is rotating it; try again in a minute".into()),
        Rotated::Refused(said) => Err(format!(
            "not rotated ({said}); the old token was not exchanged"
        )),
        Rotated::Unknown(said) => Err(format!(
            "it is not known whether it was rotated ({said}). Give the command once more: if it is refused then, look the new token up at the platform and configure it as `auth_token`"
        )),
    }
}
