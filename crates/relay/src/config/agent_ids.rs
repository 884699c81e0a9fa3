//! Which ids are the same agent's, as each account's provider says. They stay when a relay has taken the accounts.

use std::collections::BTreeMap;
use std::sync::Arc;

use patchcord_core::provider::Provider;

use super::AccountConfig;

/// The accounts, as far as agents' ids are compared there.
pub struct AgentIds(BTreeMap<String, Arc<dyn Provider>>);

impl AgentIds {
    pub(super) fn of(accounts: &BTreeMap<String, AccountConfig>) -> Self {
        let accounts = accounts.iter();
        Self(
            accounts
                .map(|(name, account)| (name.clone(), account.provider.clone()))
                .collect(),
        )
    }

    /// Whether there is such an account.
    pub fn know(&self, account: &str) -> bool {
        self.0.contains_key(account)
    }

    /// Whether two ids are the same agent's at an account, however they are spelled.
    pub fn are_same(&self, account: &str, one: &str, other: &str) -> bool {
        let provider = self.0.get(account);
        one == other || provider.is_some_and(|provider| provider.is_same_agent(one, other))
    }
}

impl std::fmt::Debug for AgentIds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
