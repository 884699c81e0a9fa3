//! An agent's own token is forgotten, and given back to the platform.

use std::sync::Arc;

use serde_json::json;

use super::seat;
use crate::audit::{self, Action, Actor};
use crate::config::Agent;
use crate::http::problem::Problem;
use crate::relay::Relay;

/// Signs an agent out at a platform. Their streams there end; their session goes on.
///
/// # Errors
/// Where there is no seat, or the database does not answer.
pub async fn sign_out(relay: &Arc<Relay>, agent: &Agent, provider: &str) -> Result<(), Problem> {
    let seat = seat::at(relay, agent, provider)?;
    let (id, account) = (agent.id.clone(), seat.identity.account.clone());
    let Some(stored) = seat.api.tokens.forget(&id).await? else {
        return Ok(());
    };
    let (name, now) = (account.clone(), relay.clock.now());
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (who, detail) = (Actor::Agent(&id), json!({ "by": "sign_out" }));
                audit::write(tx, who, Action::TokenForgotten, &name, detail, now).await
            })
        })
        .await?;
    let giving = relay.clone();
    relay.tasks.spawn(async move {
        if let Some(api) = giving
            .accounts
            .get(&account)
            .and_then(|account| account.agents.as_ref())
        {
            api.tokens.give_back(&stored).await;
        }
    });
    Ok(())
}
