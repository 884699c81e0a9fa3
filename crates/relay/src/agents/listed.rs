//! The agents that a platform lists.

use patchcord_core::outcome::Outcome;
use patchcord_core::provider::ListedAgent;

use crate::accounts::Account;

/// Reads the agents of an account, `most_pages` pages of them at most.
///
/// # Errors
/// What became of the first request that the platform did not answer with a list.
pub async fn listed(account: &Account, most_pages: u32) -> Result<Vec<ListedAgent>, Outcome> {
    let (mut page, mut pages, mut all) = (1, 1, Vec::new());
    while page <= pages.min(most_pages) {
        let listed = account
            .ask(
                |token| account.provider.list_agents(page, token),
                |reply| account.provider.read_agents(reply),
            )
            .await
            .unwrap_or_else(|because| Err(Outcome::Refused(because)))?;
        pages = listed.pages;
        page += 1;
        all.extend(listed.agents);
    }
    Ok(all)
}
