//! `sign_in = { … }` of an `[[account]]`: agents who sign in at the platform themselves.

use patchcord_core::capability::Capability;
use patchcord_core::provider::{self, Provider};
use patchcord_core::secret::Secret;
use serde::Deserialize;

use super::ConfigError;
use super::address::https;

/// The path that a provider sends people back to.
pub const RETURN: &str = "/v1/sign-in/return";

/// `sign_in`, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSignIn {
    client_id: Option<String>,
    redirect_uri: String,
    org: String,
    sso_tenant: Option<String>,
}

/// How agents sign in at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The public client that tokens are given to.
    pub client_id: String,
    /// This relay's `/v1/sign-in/return`, as it is registered at the provider.
    pub redirect_uri: String,
    /// The organisation that the agents belong to; their `sub` is the provider's id of the user.
    pub org: String,
    /// The ways that there are.
    pub ways: Ways,
}

/// The ways to sign in at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ways {
    /// On the provider's own page (authorization code with PKCE).
    Page,
    /// By single sign-on alone, with this name of the tenant.
    SingleSignOn(String),
    /// The person chooses.
    Either(String),
}

impl Ways {
    /// The tenant's name for single sign-on, where there is that way.
    pub fn tenant(&self) -> Option<&str> {
        match self {
            Self::Page => None,
            Self::SingleSignOn(tenant) | Self::Either(tenant) => Some(tenant),
        }
    }
}

/// Checks how agents of the account at `path` sign in. Single sign-on is a part of the Agent API's server, so it wants
/// its address, `agent_api`.
pub fn sign_in(
    path: &str,
    provider: &dyn Provider,
    raw: Option<RawSignIn>,
    agent_api: Option<&str>,
) -> Result<Option<SignIn>, ConfigError> {
    let Some(raw) = raw else {
        return Ok(None);
    };
    if provider.tokens().is_none() || !provider.can(Capability::Dial) {
        return Err(ConfigError::new(
            format!("{path}.sign_in"),
            format!("nobody can sign in at {}", provider.name()),
            "Leave it out.",
        ));
    }
    let address = https(&raw.redirect_uri);
    if address.is_none_or(|url| url.path() != RETURN || url.query().is_some()) {
        return Err(ConfigError::new(
            format!("{path}.sign_in.redirect_uri"),
            "it is not the https:// address of the relay's return page",
            "Write https://<the relay>/v1/sign-in/return, as it is registered at the provider.",
        ));
    }
    let (client_id, ways) = match (raw.client_id, raw.sso_tenant) {
        (Some(client_id), None) => (client_id, Ways::Page),
        (None, None) => {
            return Err(ConfigError::new(
                format!("{path}.sign_in.client_id"),
                "it is missing",
                "Write the public client that is registered at the provider, or the `sso_tenant`, or both.",
            ));
        }
        (client_id, Some(tenant)) => {
            let Some(agent_api) = agent_api else {
                return Err(ConfigError::new(
                    format!("{path}.sign_in.sso_tenant"),
                    "single sign-on is asked for at the Agent API's server, which is not configured",
                    "Add `agent_api` to the account.",
                ));
            };
            if tenant.trim().is_empty() {
                return Err(ConfigError::new(
                    format!("{path}.sign_in.sso_tenant"),
                    "it is empty",
                    "Write the account's name at the platform's single sign-on.",
                ));
            }
            match client_id {
                Some(client_id) => (client_id, Ways::Either(tenant)),
                None => (
                    client_of(provider.name(), agent_api, &raw.redirect_uri),
                    Ways::SingleSignOn(tenant),
                ),
            }
        }
    };
    Ok(Some(SignIn {
        client_id,
        redirect_uri: raw.redirect_uri,
        org: raw.org,
        ways,
    }))
}

/// The client that the platform gives the tokens of its Agent API to; nothing where there is none, which the check
/// of `agent_api` says.
fn client_of(provider: &str, agent_api: &str, redirect_uri: &str) -> String {
    provider::sign_in(provider, agent_api)
        .ok()
        .and_then(|sign_in| {
            let tokens = sign_in.sign_in(Secret::default(), redirect_uri, Secret::default());
            tokens.client_id
        })
        .unwrap_or_default()
}
