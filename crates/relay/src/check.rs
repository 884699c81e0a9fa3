//! `patchcord-relay check`: whether the platforms answer.

use std::sync::Arc;

use patchcord_core::outcome::Because;

use crate::accounts::Account;
use crate::clock::Clock;
use crate::config::Config;
use crate::http::assets::Assets;
use crate::key_file;
use crate::notice::Channels;
use crate::outbound::Outbound;
use crate::random;
use crate::relay::StartError;
use crate::store::Store;
use crate::tokens::Custody;
use crate::wakes::Wakes;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub subject: String,
    /// `Err` says what is wrong and what to do.
    pub result: Result<String, String>,
}

/// Looks at everything outside the file: the widget, the database, each account.
///
/// # Errors
/// A database that cannot be opened, or no TLS roots.
pub async fn check(mut config: Config) -> Result<Vec<Finding>, StartError> {
    let mut findings = Vec::new();
    for (id, agents) in config.agents.iter().filter(|(_, agents)| agents.len() > 1) {
        findings.push(Finding {
            subject: format!("agent {} of {}", id.sub, id.org),
            result: Err(format!(
                "is there {} times, so nobody can sign in as them; leave one",
                agents.len()
            )),
        });
    }
    if let Some(web) = &config.web {
        findings.push(Finding {
            subject: "widget".into(),
            result: Assets::load(web)
                .map(|_| "is built".into())
                .map_err(|error| error.to_string()),
        });
    }
    // Beside a relay that works on it, too.
    let store = Store::open_beside(&config.database).await?;
    findings.push(Finding {
        subject: "database".into(),
        result: Ok("can be opened, and is of this version".into()),
    });
    let custody = Custody {
        run: random::id("check")?,
        store: store.clone(),
        keyring: Arc::new(key_file::of(&config)?),
        clock: Clock::default(),
        wakes: Wakes::alone(),
        channels: Arc::new(Channels::of(&config)),
        outbound: Outbound::new()?,
    };
    for (name, account) in std::mem::take(&mut config.accounts) {
        let account = Account::new(&name, account, &custody)?;
        let identities = config
            .agents
            .values()
            .flatten()
            .flat_map(|agent| &agent.identities);
        let agent = identities
            .filter(|identity| identity.account == name)
            .map(|identity| identity.agent.as_str())
            .next();
        findings.push(Finding {
            subject: format!("account {name}"),
            result: probe(&account, agent).await,
        });
    }
    store.close().await;
    Ok(findings)
}

async fn probe(account: &Account, agent: Option<&str>) -> Result<String, String> {
    match (account.token().await, agent) {
        (Ok(Some(_)), _) => Ok("gives a token".into()),
        (Ok(None), Some(agent)) => account.reach(agent).await.map(|()| "answers".into()),
        (Ok(None), None) => Ok("is not asked: no agent uses it".into()),
        (Err(because), _) => Err(explain(&because)),
    }
}

fn explain(because: &Because) -> String {
    match &because.message {
        Some(message) => format!("{}: {message}", because.code),
        None => format!(
            "{}; compare address and credentials in the configuration",
            because.code
        ),
    }
}
