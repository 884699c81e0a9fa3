//! The agents that a platform lists.

use patchcord_core::error::Code;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::provider::people::{Agent, Asked, People};

use crate::accounts::{Account, Listed};

/// The agents of an account as its platform tells them, where it does.
///
/// # Errors
/// A refusal: the platform does not tell who its agents are.
pub fn people(account: &Account) -> Result<&dyn People, Outcome> {
    account.provider.people().ok_or_else(|| {
        Outcome::Refused(Because {
            code: Code::CapabilityMissing,
            message: Some(format!(
                "{} does not list its agents.",
                account.provider.name()
            )),
            retry_after: None,
        })
    })
}

/// Reads the agents of an account, `most_pages` pages of them at most.
///
/// # Errors
/// What became of the first request that the platform did not answer with a list.
pub async fn listed(account: &Account, most_pages: u32) -> Result<Listed<Agent>, Outcome> {
    let people = people(account)?;
    let everybody = Asked::default();
    account
        .ask_pages(
            most_pages,
            |page, token| people.list(&everybody, page, token),
            |page, reply| people.read_list(page, reply),
        )
        .await
}
