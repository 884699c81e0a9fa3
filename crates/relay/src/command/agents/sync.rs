//! `patchcord-relay agents sync`

use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;

use patchcord_relay::accounts::Account;
use patchcord_relay::agents::sync::{self, Applied, Between, Lists, text};
use patchcord_relay::clock::Clock;
use patchcord_relay::config::Config;
use patchcord_relay::http::problem::chain;
use patchcord_relay::store::Store;

use crate::command::{custody, give_back, print};

#[derive(clap::Args)]
pub struct Arguments {
    /// The account whose agents are compared
    #[arg(long)]
    account: String,
    /// The CRM organisation of the users
    #[arg(long)]
    org: String,
    /// The CRM's users: CSV with the columns id, email, phone, name, active; or JSON in the shape of SCIM
    #[arg(long, value_name = "FILE")]
    users: PathBuf,
    /// Only agents that were synchronised from this system have ids of this CRM, as salesforce
    #[arg(long)]
    system: Option<String>,
    /// Apply the plan, after it was shown and confirmed; with the id of a plan that was shown before, that one alone
    #[arg(long, value_name = "PLAN", num_args = 0..=1, default_missing_value = "")]
    apply: Option<String>,
}

/// Shows the plan, and applies it where that is asked for.
pub async fn run(mut config: Config, store: &Store, arguments: Arguments) -> Result<(), String> {
    let Arguments {
        account: name,
        org,
        users,
        system,
        apply,
    } = arguments;
    let text = std::fs::read_to_string(&users)
        .map_err(|error| format!("{} cannot be read: {error}", users.display()))?;
    let users = sync::read(&text, config.region.parse().ok())
        .map_err(|wrong| format!("nothing was changed:\n  {}", wrong.join("\n  ")))?;
    let custody = custody(&config, store)?;
    let account = config
        .accounts
        .remove(&name)
        .ok_or_else(|| format!("there is no account `{name}`"))?;
    let account = Account::new(&name, account, &custody).map_err(|error| chain(&error))?;
    let agents = sync::agents(&account)
        .await
        .map_err(|error| chain(&error))?;
    let account = Arc::new(account);
    let between = Between {
        account: name.clone(),
        org,
        system,
    };
    let provider = account.clone();
    let same = Arc::new(move |one: &str, other: &str| provider.provider.is_same_agent(one, other));
    let lists = Lists::of(&config, between.clone(), users.users, agents, same);
    let imported = store.mappings().await.map_err(|error| chain(&error))?;
    let plan = lists.plan(&imported);
    print(&text::shown(&between, &plan, &users.remarks))?;
    let fingerprint = between.fingerprint(&plan);
    let shown = match apply {
        None => {
            return print(&format!(
                "nothing was changed; to apply exactly this plan, add: --apply {fingerprint}\n"
            ));
        }
        Some(shown) if shown.is_empty() => {
            confirm()?;
            fingerprint
        }
        Some(shown) => shown,
    };
    let now = Clock::default().now();
    let applied = sync::apply(store, lists, &shown, None, now)
        .await
        .map_err(|error| chain(&error))?;
    match applied {
        Applied::Otherwise(_) => Err(
            "nothing was changed: that is not the plan above; look at it, and apply it by its id"
                .into(),
        ),
        Applied::Done(_, replaced) => {
            give_back(config, store, &replaced.tokens, Some((name, account))).await?;
            print(&format!(
                "applied: {} mapped by this now; {} mapped otherwise before, whose sessions have ended\n",
                replaced.now,
                replaced.ended.len()
            ))
        }
    }
}

/// Asks whoever sits there.
fn confirm() -> Result<(), String> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Err(
            "nothing was changed: nobody can be asked here; add the plan's id to --apply".into(),
        );
    }
    print("apply it? yes or no: ")?;
    let mut answer = String::new();
    input
        .lock()
        .read_line(&mut answer)
        .map_err(|error| format!("the answer cannot be read: {error}"))?;
    match answer.trim() {
        "yes" => Ok(()),
        _ => Err("nothing was changed".into()),
    }
}
