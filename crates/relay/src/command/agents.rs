//! `patchcord-relay agents`

mod sync;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use patchcord_relay::accounts::Account;
use patchcord_relay::agents::{self, import};
use patchcord_relay::clock::Clock;
use patchcord_relay::config::{AgentId, Config};
use patchcord_relay::http::problem::chain;
use patchcord_relay::scim;
use patchcord_relay::store::Store;

use super::{custody, database, give_back, print};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Say who is who, by the configuration and by what was imported
    List,
    /// Replace what was imported before: from a CSV file (columns org, sub, account, agent, name), or from an
    /// account whose agents have their CRM ids
    Import(Import),
    /// Compare a CRM's users with an account's agents, by CRM id, e-mail address and number; show the plan, and apply
    /// it
    Sync(Box<sync::Arguments>),
}

#[derive(clap::Args)]
struct Import {
    /// The CSV file; it replaces the one before
    #[arg(required_unless_present = "from", conflicts_with = "from")]
    file: Option<PathBuf>,
    /// The name of a babelforce account
    #[arg(long, value_name = "ACCOUNT", requires = "org")]
    from: Option<String>,
    /// The CRM organisation of these agents
    #[arg(long, requires = "from")]
    org: Option<String>,
    /// Only agents that were synchronised from this system, as salesforce
    #[arg(long, requires = "from")]
    system: Option<String>,
}

/// Lists or imports.
pub async fn run(config: Config, arguments: Arguments) -> Result<(), String> {
    let store = database(&config).await?;
    let done = match arguments.command {
        Command::List => list(&config, &store).await,
        Command::Import(import) => read(config, &store, import).await,
        Command::Sync(arguments) => sync::run(config, &store, *arguments).await,
    };
    store.close().await;
    done
}

async fn list(config: &Config, store: &Store) -> Result<(), String> {
    let imported = store.mappings().await.map_err(|error| chain(&error))?;
    let mut people: BTreeSet<AgentId> = config.agents.keys().cloned().collect();
    people.extend(imported.iter().map(|line| line.id()));
    for id in people {
        let lines: Vec<_> = imported
            .iter()
            .filter(|line| line.id() == id)
            .cloned()
            .collect();
        let who = format!("{}  {}", id.org, id.sub);
        let standing = store.standing(&id).await.map_err(|error| chain(&error))?;
        let admitted = scim::admitted(config, &id, standing);
        let agent = admitted.and_then(|_| agents::resolve(config, &id, &lines));
        let line = match agent {
            Ok(agent) => {
                let identities: Vec<_> = agent
                    .identities
                    .iter()
                    .map(|identity| format!("{}={}", identity.account, identity.agent))
                    .collect();
                let name = agent.name.as_deref().unwrap_or("-");
                format!("{who}  {}  {name}\n", identities.join(" "))
            }
            Err(problem) => format!("{who}  REFUSED: {}\n", problem.code()),
        };
        print(&line)?;
    }
    Ok(())
}

async fn read(mut config: Config, store: &Store, arguments: Import) -> Result<(), String> {
    let now = Clock::default().now();
    let mut built = None;
    let (source, org, lines) = match (&arguments.file, &arguments.from) {
        (Some(path), _) => {
            let file = std::fs::File::open(path)
                .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
            let lines = import::read_csv(file, &config, now).map_err(|error| chain(&error))?;
            (import::CSV.to_owned(), None, lines)
        }
        (None, Some(name)) => {
            let custody = custody(&config, store)?;
            let account = config
                .accounts
                .remove(name)
                .ok_or_else(|| format!("there is no account `{name}`"))?;
            let account = Account::new(name, account, &custody).map_err(|error| chain(&error))?;
            let org = arguments.org.clone().unwrap_or_default();
            let system = arguments.system.as_deref();
            let lines = import::read_account(name, &account, &org, system, now)
                .await
                .map_err(|error| chain(&error))?;
            built = Some((name.clone(), Arc::new(account)));
            (name.clone(), Some(org), lines)
        }
        (None, None) => return Err("name a file, or an account with --from".into()),
    };
    let replaced = import::store(store, &config, &source, org.as_deref(), lines, now)
        .await
        .map_err(|error| chain(&error))?;
    give_back(config, store, &replaced.tokens, built).await?;
    print(&format!(
        "imported {}; {} mapped otherwise before, whose sessions have ended\n",
        replaced.now,
        replaced.ended.len()
    ))
}
