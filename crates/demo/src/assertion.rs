//! What a CRM's backend does for Patchcord: say who its agent is.
//!
//! Patchcord has no accounts and no passwords of its own. The CRM already knows which agent has
//! logged in, so its backend signs a short-lived **assertion** (a JWT) that says so, and the
//! agent's browser exchanges it at the relay for a session. Nothing else is needed: a secret or
//! private key that only the backend has, and one endpoint that answers `{"assertion": "<jwt>"}`.
//!
//! Any JWT library in any language will do. The relay wants:
//!
//! | | |
//! |---|---|
//! | header `alg` | `RS256`, `ES256`, `EdDSA`, or `HS256` with a secret of at least 32 bytes |
//! | header `kid` | which key signed, as the relay's configuration calls it |
//! | `iss` | this CRM, as the relay's configuration calls it |
//! | `aud` | the relay's `audience`: an assertion for one relay is worthless at another |
//! | `org`, `sub` | the organisation and the agent: the pair that the relay's mapping starts from |
//! | `iat`, `exp` | seconds since 1970; `exp` at most five minutes after `iat` |
//! | `jti` | fresh randomness: the relay takes each assertion once |

use std::fmt;
use std::str::FromStr;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

/// How long an assertion is good for, in seconds. The browser uses it at once; a minute leaves room
/// for clocks that differ. The relay's limit is five minutes.
pub const LIFETIME: u64 = 60;

/// The shared secret for `HS256`. It never shows in logs: `Debug` hides it.
#[derive(Clone)]
pub struct Secret(String);

/// The relay takes `HS256` only with a secret of at least 32 bytes (RFC 7518, 3.2).
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the secret has {0} bytes; give one of at least 32, the same as in the relay's [[issuer]]")]
pub struct SecretTooShort(usize);

impl Secret {
    /// Takes a secret of at least 32 bytes.
    ///
    /// # Errors
    /// [`SecretTooShort`]
    pub fn new(text: impl Into<String>) -> Result<Self, SecretTooShort> {
        let text = text.into();
        if text.len() < 32 {
            return Err(SecretTooShort(text.len()));
        }
        Ok(Self(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// An agent's id in the CRM: 1 to 64 characters of `A–Z a–z 0–9 . @ _ -`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentId(String);

/// The text is no agent id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("an agent id has 1 to 64 characters of A–Z a–z 0–9 . @ _ -")]
pub struct NotAnAgentId;

impl FromStr for AgentId {
    type Err = NotAnAgentId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let of_an_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '@' | '_' | '-');
        if text.is_empty() || text.len() > 64 || !text.chars().all(of_an_id) {
            return Err(NotAnAgentId);
        }
        Ok(Self(text.to_owned()))
    }
}

/// Who signs, for whom, and with what. One for each CRM and relay.
pub struct Signer {
    issuer: String,
    organisation: String,
    key_id: String,
    audience: String,
    key: EncodingKey,
}

/// Why there is no assertion.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The operating system gave no random bytes for `jti`.
    #[error("no random bytes: {0}")]
    Random(getrandom::Error),
    /// The JWT library refused.
    #[error("not signed: {0}")]
    Jwt(#[from] jsonwebtoken::errors::Error),
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    org: &'a str,
    sub: &'a str,
    iat: u64,
    exp: u64,
    jti: String,
}

impl Signer {
    /// The demo's CRM: issuer `https://crm.acme.example`, organisation `acme`, key `demo`, as in
    /// `web/demo/relay.toml`. `audience` is what the relay's configuration calls `audience`.
    pub fn demo(audience: impl Into<String>, secret: &Secret) -> Self {
        Self {
            issuer: "https://crm.acme.example".to_owned(),
            organisation: "acme".to_owned(),
            key_id: "demo".to_owned(),
            audience: audience.into(),
            key: EncodingKey::from_secret(secret.0.as_bytes()),
        }
    }

    /// Signs an assertion for `agent`, good from `now` (seconds since 1970) for [`LIFETIME`].
    ///
    /// # Errors
    /// [`SignError`]: neither can happen on a healthy machine; answer 500.
    pub fn sign(&self, agent: &AgentId, now: u64) -> Result<String, SignError> {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(self.key_id.clone());
        let claims = Claims {
            iss: &self.issuer,
            aud: &self.audience,
            org: &self.organisation,
            sub: &agent.0,
            iat: now,
            exp: now.saturating_add(LIFETIME),
            jti: fresh_id()?,
        };
        Ok(jsonwebtoken::encode(&header, &claims, &self.key)?)
    }
}

/// 128 random bits in hexadecimal.
fn fresh_id() -> Result<String, SignError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(SignError::Random)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_at_least_32_bytes_and_is_never_printed() {
        assert_eq!(Secret::new("short").unwrap_err(), SecretTooShort(5));
        let secret = Secret::new("canary-canary-canary-canary-canary").unwrap();
        assert!(!format!("{secret:?}").contains("canary"));
    }

    #[test]
    fn an_agent_id_takes_what_crms_use_and_nothing_else() {
        for id in ["005ALEX", "alex.adler@acme.example", "a_b-c"] {
            assert!(id.parse::<AgentId>().is_ok(), "{id}");
        }
        for id in ["", "a b", "a\"", "ä", &"x".repeat(65)] {
            assert_eq!(id.parse::<AgentId>(), Err(NotAnAgentId), "{id}");
        }
    }
}
