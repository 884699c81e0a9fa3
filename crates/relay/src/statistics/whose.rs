//! Whose figures somebody is told: the whole relay's, or those of their organisation alone.

use std::collections::BTreeSet;

use crate::config::Config;
use crate::store::mapping::Mapping;

/// For whom the figures are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose<'o> {
    /// For the people of the admin pages, which are the relay's own: everything.
    Relay,
    /// For an agent of this organisation: nothing of another one's.
    Org(&'o str),
}

/// What they are told.
#[derive(Debug)]
pub struct Scope<'o> {
    /// Calls of this organisation alone; `None`: of all.
    pub org: Option<&'o str>,
    /// What these accounts tell; `None`: all.
    accounts: Option<BTreeSet<String>>,
    /// What is told of callbacks.
    pub callbacks: Callbacks,
}

/// Whether callbacks are told: the configuration says of none whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callbacks {
    /// All of the relay's.
    Told,
    /// None: several organisations have this relay, and they may be any one's.
    LeftOut,
}

impl<'o> Scope<'o> {
    /// Of these figures, with what was imported or provisioned.
    pub fn of(whose: Whose<'o>, config: &Config, imported: &[Mapping]) -> Self {
        let org = match whose {
            Whose::Relay => {
                return Self {
                    org: None,
                    accounts: None,
                    callbacks: Callbacks::Told,
                };
            }
            Whose::Org(org) => org,
        };
        let (theirs, others): (Vec<_>, Vec<_>) = at_accounts(config, imported)
            .into_iter()
            .partition(|(of, _)| *of == org);
        let names = |places: Vec<(&str, &str)>| -> BTreeSet<String> {
            let places = places.into_iter();
            places.map(|(_, account)| account.to_owned()).collect()
        };
        // What an account tells is of all who work there.
        let accounts = &names(theirs) - &names(others);
        let callbacks = match organisations(config, imported).iter().any(|of| *of != org) {
            true => Callbacks::LeftOut,
            false => Callbacks::Told,
        };
        Self {
            org: Some(org),
            accounts: Some(accounts),
            callbacks,
        }
    }

    /// Whether they are told what this account tells.
    pub fn has(&self, account: &str) -> bool {
        let accounts = self.accounts.as_ref();
        accounts.is_none_or(|accounts| accounts.contains(account))
    }
}

/// Which organisations' people are agents of which accounts.
fn at_accounts<'c>(config: &'c Config, imported: &'c [Mapping]) -> BTreeSet<(&'c str, &'c str)> {
    let agents = config.agents.values().flatten();
    let configured = agents.flat_map(|agent| {
        let identities = agent.identities.iter();
        identities.map(|identity| (agent.id.org.as_str(), identity.account.as_str()))
    });
    let imported = imported.iter();
    let imported = imported.map(|line| (line.org.as_str(), line.account.as_str()));
    let directories = config.directories.values();
    let provisioned = directories.map(|one| (one.org.as_str(), one.account.as_str()));
    let sign_ins = config.sign_ins.iter();
    let signed_in = sign_ins.map(|(account, rules)| (rules.org.as_str(), account.as_str()));
    let places = configured.chain(imported).chain(provisioned);
    places.chain(signed_in).collect()
}

/// Every organisation that the relay has: one whose people sign in, or only one of whom it knows somebody.
fn organisations<'c>(config: &'c Config, imported: &'c [Mapping]) -> BTreeSet<&'c str> {
    let agents = config.agents.keys().map(|id| id.org.as_str());
    let issuers = config.issuers.iter().map(|issuer| issuer.org.as_str());
    let at_accounts = at_accounts(config, imported).into_iter();
    let at_accounts = at_accounts.map(|(org, _)| org);
    agents.chain(issuers).chain(at_accounts).collect()
}
