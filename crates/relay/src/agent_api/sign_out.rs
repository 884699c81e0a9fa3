//! An agent's own token is forgotten, and given back to the platform.

use std::sync::Arc;

use tracing::Instrument;

use super::seat;
use crate::config::Agent;
use crate::http::problem::Problem;
use crate::relay::Relay;

/// Signs an agent out at a platform. Their streams there end; their session goes on.
///
/// # Errors
/// Where there is no seat, or the database does not answer.
pub async fn sign_out(
    relay: &Arc<Relay>,
    agent: &Arc<Agent>,
    provider: &str,
) -> Result<(), Problem> {
    let done = forget(relay.clone(), agent.clone(), provider.to_owned());
    // A task of its own: what is forgotten is given back, also when the browser goes away.
    relay
        .tasks
        .spawn(done.in_current_span())
        .await
        .unwrap_or_else(|error| Err(Problem::internal(&error)))
}

async fn forget(relay: Arc<Relay>, agent: Arc<Agent>, provider: String) -> Result<(), Problem> {
    let seat = seat::at(&relay, &agent, &provider)?;
    let Some(stored) = seat.api.tokens.forget(&agent.id).await? else {
        return Ok(());
    };
    let (giving, account) = (relay.clone(), seat.identity.account.clone());
    // Whoever signs out need not wait for that.
    relay.tasks.spawn(async move {
        let account = giving.accounts.get(&account);
        if let Some(api) = account.and_then(|account| account.agents.as_ref()) {
            api.tokens.sign_out(&stored).await;
        }
    });
    Ok(())
}
