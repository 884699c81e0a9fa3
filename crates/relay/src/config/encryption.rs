//! `[[encryption_key]]`: what seals tokens in the database.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use patchcord_core::secret::Secret;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{ConfigError, check};
use crate::seal::{EncryptionKey, KEY_BYTES};

/// One key, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawKey {
    pub id: String,
    pub key: Secret,
}

/// Checks the keys; the first one seals.
pub fn keys(list: Vec<RawKey>) -> Result<Vec<EncryptionKey>, ConfigError> {
    let mut keys: Vec<EncryptionKey> = Vec::new();
    for (place, raw) in list.into_iter().enumerate() {
        let path = format!("encryption_key[{place}]");
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if !(1..=32).contains(&raw.id.len()) || !raw.id.bytes().all(plain) {
            return Err(ConfigError::new(
                format!("{path}.id"),
                "it is no name of 1 to 32 letters, digits, - and _",
                "Write a name that tells when it was made, as 2026-11.",
            ));
        }
        if keys.iter().any(|key| key.id == raw.id) {
            return Err(check::twice(&format!("{path}.id"), &raw.id));
        }
        let key = read(raw.key.expose()).ok_or_else(|| {
            ConfigError::new(
                format!("{path}.key"),
                format!("it is not the base64 of {KEY_BYTES} bytes"),
                "Make one with `openssl rand -base64 32`.",
            )
        })?;
        keys.push(EncryptionKey { id: raw.id, key });
    }
    Ok(keys)
}

/// Reads the base64 of a key.
pub fn read(text: &str) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    let bytes = Zeroizing::new(STANDARD.decode(text.trim()).ok()?);
    Some(Zeroizing::new(bytes.as_slice().try_into().ok()?))
}
