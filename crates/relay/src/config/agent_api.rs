//! `agent_api = "https://…"` of an `[[account]]`: where its agents work with their calls.

use std::fmt;
use std::sync::Arc;

use patchcord_core::provider::desk::{Desk, SignIn};
use patchcord_core::provider::{self, Provider};
use patchcord_core::secret::Secret;

use super::ConfigError;
use super::address::https;

/// A platform's Agent API.
pub struct AgentApi {
    /// Scheme and host.
    pub origin: String,
    /// Builds and reads what is sent there.
    pub desk: Box<dyn Desk>,
    /// Builds what signs an agent on, and what gives their tokens back.
    pub sign_in: Arc<dyn SignIn>,
}

impl fmt::Debug for AgentApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AgentApi").field(&self.origin).finish()
    }
}

/// Checks the Agent API of the account at the path `account`. Agents need a token of their own, so they have to be able to sign
/// in.
pub fn agent_api(
    account: &str,
    provider: &dyn Provider,
    address: Option<String>,
    sign_in: Option<&super::SignIn>,
) -> Result<Option<AgentApi>, ConfigError> {
    let Some(address) = address else {
        return Ok(None);
    };
    let path = format!("{account}.agent_api");
    let url = https(&address).filter(|url| url.path() == "/" && url.query().is_none());
    let url = url.filter(|url| url.fragment().is_none()).ok_or_else(|| {
        ConfigError::new(
            &path,
            "it is no https:// address of a server",
            "Write scheme and host alone, as https://agent.example.",
        )
    })?;
    let origin = url.origin().ascii_serialization();
    let name = provider.name();
    let built = provider::desk(name, &origin)
        .and_then(|desk| Ok((desk, provider::sign_in(name, &origin)?)));
    let Ok((desk, give_back)) = built else {
        return Err(ConfigError::new(
            path,
            format!("{name} has no Agent API that is known here"),
            "Leave it out.",
        ));
    };
    let Some(rules) = sign_in else {
        return Err(ConfigError::new(
            path,
            "agents cannot sign in at this account, and the Agent API wants to know who each of them is",
            "Add `sign_in` to the account.",
        ));
    };
    // The client to which the platform gives the tokens of its Agent API; they are given back in its name too.
    let client = give_back
        .sign_in(Secret::default(), &rules.redirect_uri, Secret::default())
        .client_id;
    if let Some(client) = client.filter(|client| *client != rules.client_id) {
        return Err(ConfigError::new(
            format!("{account}.sign_in.client_id"),
            "it is not the client for the Agent API",
            format!("With `agent_api`, write \"{client}\"."),
        ));
    }
    Ok(Some(AgentApi {
        origin,
        desk,
        sign_in: Arc::from(give_back),
    }))
}
