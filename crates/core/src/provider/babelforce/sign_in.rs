//! Signing in at the platform: authorization code with PKCE.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::Babelforce;
use super::environment::Environment;
use crate::http::percent_encode;
use crate::secret::Secret;

/// The code challenge of a verifier, method S256 (RFC 7636 §4.2).
pub fn challenge(verifier: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose().as_bytes()))
}

/// The address of the sign-in page. `state` and the verifier behind `challenge` are random and the caller's to
/// keep.
pub(super) fn page(
    environment: &Environment,
    client_id: &str,
    redirect_uri: &str,
    challenge: &str,
    state: &str,
) -> String {
    let query: Vec<_> = [
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", redirect_uri),
        ("scope", "*"),
        ("state", state),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ]
    .into_iter()
    .map(|(name, value)| format!("{name}={}", percent_encode(value)))
    .collect();
    environment.url(&format!("/oauth/authorize?{}", query.join("&")))
}

impl Babelforce {
    /// The address of the sign-in page. `state` and the verifier behind `challenge` are random and the
    /// caller's to keep.
    pub fn sign_in_url(
        &self,
        client_id: &str,
        redirect_uri: &str,
        challenge: &str,
        state: &str,
    ) -> String {
        page(&self.environment, client_id, redirect_uri, challenge, state)
    }
}
