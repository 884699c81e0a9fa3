//! `[[issuer]]`: who may sign assertions, and with which keys.

use std::path::{Path, PathBuf};

use jsonwebtoken::{Algorithm, DecodingKey};
use patchcord_core::secret::Secret;
use reqwest::Url;
use serde::Deserialize;

use super::{ConfigError, address, check};

/// The fewest bytes of an HS256 key (RFC 7518, 3.2: no shorter than the hash).
const HS256_MIN_BYTES: usize = 32;

/// `[[issuer]]`, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawIssuer {
    pub iss: String,
    pub org: String,
    pub algorithm: String,
    pub kid: Option<String>,
    pub secret: Option<Secret>,
    pub public_key: Option<String>,
    pub jwks_file: Option<String>,
    pub jwks_url: Option<String>,
}

/// Who signs assertions for an organisation.
#[derive(Debug)]
pub struct IssuerConfig {
    /// The `iss` claim.
    pub iss: String,
    /// The only organisation it may speak for.
    pub org: String,
    /// The only algorithm it may use; the token's own header is not believed.
    pub algorithm: Algorithm,
    /// What verifies.
    pub keys: IssuerKeys,
}

/// Where an issuer's keys come from.
pub enum IssuerKeys {
    /// From the configuration.
    One {
        /// The key's id.
        kid: String,
        /// The key.
        key: DecodingKey,
    },
    /// From a file with a key set (JWKS).
    File(PathBuf),
    /// From an address with a key set.
    Url(Url),
}

impl std::fmt::Debug for IssuerKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            IssuerKeys::One { kid, .. } => f.debug_tuple("One").field(kid).finish(),
            IssuerKeys::File(path) => f.debug_tuple("File").field(path).finish(),
            IssuerKeys::Url(url) => f.debug_tuple("Url").field(&url.as_str()).finish(),
        }
    }
}

/// Checks the issuers; relative paths are relative to `base`.
pub fn issuers(list: Vec<RawIssuer>, base: &Path) -> Result<Vec<IssuerConfig>, ConfigError> {
    let mut issuers: Vec<IssuerConfig> = Vec::new();
    for (place, raw) in list.into_iter().enumerate() {
        let path = format!("issuer[{place}]");
        let algorithm = algorithm(&path, &raw.algorithm)?;
        let keys = keys(&path, &raw, algorithm, base)?;
        let same = issuers
            .iter()
            .filter(|other| other.iss == raw.iss)
            .any(|other| match (&other.keys, &keys) {
                (IssuerKeys::One { kid, .. }, IssuerKeys::One { kid: own, .. }) => kid == own,
                (IssuerKeys::One { .. }, _) | (_, IssuerKeys::One { .. }) => false,
                _ => true,
            });
        if same {
            let (key, name) = match &raw.kid {
                Some(kid) => ("kid", kid),
                None => ("iss", &raw.iss),
            };
            return Err(check::twice(&format!("{path}.{key}"), name));
        }
        issuers.push(IssuerConfig {
            iss: raw.iss,
            org: raw.org,
            algorithm,
            keys,
        });
    }
    Ok(issuers)
}

fn algorithm(path: &str, name: &str) -> Result<Algorithm, ConfigError> {
    match name {
        "RS256" => Ok(Algorithm::RS256),
        "ES256" => Ok(Algorithm::ES256),
        "EdDSA" => Ok(Algorithm::EdDSA),
        "HS256" => Ok(Algorithm::HS256),
        other => Err(ConfigError::new(
            format!("{path}.algorithm"),
            format!("`{other}` is not known"),
            "Use RS256, ES256, EdDSA or HS256.",
        )),
    }
}

fn keys(
    path: &str,
    raw: &RawIssuer,
    algorithm: Algorithm,
    base: &Path,
) -> Result<IssuerKeys, ConfigError> {
    let kid = || {
        raw.kid.clone().ok_or_else(|| {
            ConfigError::new(
                format!("{path}.kid"),
                "it is missing",
                "Give the key the id that the assertions carry in their header.",
            )
        })
    };
    let asymmetric = algorithm != Algorithm::HS256;
    match (&raw.secret, &raw.public_key, &raw.jwks_file, &raw.jwks_url) {
        (Some(secret), None, None, None) if !asymmetric => Ok(IssuerKeys::One {
            kid: kid()?,
            key: shared_secret(path, secret)?,
        }),
        (None, Some(pem), None, None) if asymmetric => Ok(IssuerKeys::One {
            kid: kid()?,
            key: public_key(path, pem, algorithm)?,
        }),
        (None, None, Some(file), None) if asymmetric && raw.kid.is_none() => {
            let file = base.join(file);
            match std::fs::metadata(&file) {
                Ok(_) => Ok(IssuerKeys::File(file)),
                Err(error) => Err(ConfigError::new(
                    format!("{path}.jwks_file"),
                    format!("it cannot be read: {error}"),
                    "Name a file with a key set (JWKS).",
                )),
            }
        }
        (None, None, None, Some(url)) if asymmetric && raw.kid.is_none() => address::https(url)
            .map(IssuerKeys::Url)
            .ok_or_else(|| {
                ConfigError::new(
                    format!("{path}.jwks_url"),
                    "it is no https:// address",
                    "Write the address of a key set (JWKS), as https://crm.example/.well-known/jwks.json.",
                )
            }),
        _ => Err(ConfigError::new(
            path,
            "its keys are not given in one of the possible ways",
            "HS256 needs `kid` and `secret`; the others need `kid` and `public_key`, or `jwks_file`, or `jwks_url`.",
        )),
    }
}

fn shared_secret(path: &str, secret: &Secret) -> Result<DecodingKey, ConfigError> {
    if secret.expose().len() < HS256_MIN_BYTES {
        return Err(ConfigError::new(
            format!("{path}.secret"),
            format!("it has fewer than {HS256_MIN_BYTES} bytes"),
            "Make one with `openssl rand -base64 48`.",
        ));
    }
    Ok(DecodingKey::from_secret(secret.expose().as_bytes()))
}

fn public_key(path: &str, pem: &str, algorithm: Algorithm) -> Result<DecodingKey, ConfigError> {
    let read = match algorithm {
        Algorithm::RS256 => DecodingKey::from_rsa_pem,
        Algorithm::ES256 => DecodingKey::from_ec_pem,
        _ => DecodingKey::from_ed_pem,
    };
    read(pem.as_bytes()).map_err(|_| {
        ConfigError::new(
            format!("{path}.public_key"),
            "it is no PEM public key for this algorithm",
            "Paste the whole block, with its BEGIN and END lines.",
        )
    })
}
