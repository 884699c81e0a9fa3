//! `sign_in = { client_id, redirect_uri, org }` of an `[[account]]`: agents who sign in at the platform themselves.

use patchcord_core::capability::Capability;
use patchcord_core::provider::Provider;
use serde::Deserialize;

use super::ConfigError;
use super::address::https;

/// The path that a provider sends people back to.
pub const RETURN: &str = "/v1/sign-in/return";

/// How agents sign in at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The public client that is registered at the provider.
    pub client_id: String,
    /// This relay's `/v1/sign-in/return`, as it is registered at the provider.
    pub redirect_uri: String,
    /// The organisation that the agents belong to; their `sub` is the provider's id of the user.
    pub org: String,
}

/// Checks how agents of the account at `path` sign in.
pub fn sign_in(
    path: &str,
    provider: &dyn Provider,
    sign_in: Option<SignIn>,
) -> Result<Option<SignIn>, ConfigError> {
    let Some(sign_in) = sign_in else {
        return Ok(None);
    };
    if provider.tokens().is_none() || !provider.can(Capability::Dial) {
        return Err(ConfigError::new(
            format!("{path}.sign_in"),
            format!("nobody can sign in at {}", provider.name()),
            "Leave it out.",
        ));
    }
    let address = https(&sign_in.redirect_uri);
    if address.is_none_or(|url| url.path() != RETURN || url.query().is_some()) {
        return Err(ConfigError::new(
            format!("{path}.sign_in.redirect_uri"),
            "it is not the https:// address of the relay's return page",
            "Write https://<the relay>/v1/sign-in/return, as it is registered at the provider.",
        ));
    }
    Ok(Some(sign_in))
}
