//! Encryption at rest: what a stolen copy of the database must not give away.
//!
//! AES-256-GCM with random nonces, from AWS-LC. A sealed text names its key, so that keys can be rotated: the
//! first key of the configuration seals, every one of them opens. The table, account and column that a value
//! belongs to are authenticated with it, so that who can write to the database cannot move a value either.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use patchcord_core::secret::Secret;
use zeroize::Zeroizing;

/// The bytes of a key.
pub const KEY_BYTES: usize = 32;
/// What a sealed text begins with; another form would have another.
const FORM: &str = "s1";

/// A key with its name.
#[derive(Clone)]
pub struct EncryptionKey {
    /// The name that sealed texts carry.
    pub id: String,
    /// The key.
    pub key: Zeroizing<[u8; KEY_BYTES]>,
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptionKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Where a value belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// Whose row: an account's name, or another key of the table.
    pub row: &'a str,
    /// The column.
    pub column: &'a str,
}

/// Why a value cannot be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// No key at all.
    #[error("there is no encryption key")]
    NoKey,
    /// The text is none of [`Keyring::seal`]'s.
    #[error("it is no sealed text")]
    Malformed,
    /// Sealed with a key that is not configured (any more).
    #[error(
        "it is sealed with the key `{0}`, which is not configured; add it as a further [[encryption_key]]"
    )]
    UnknownKey(String),
    /// Changed, moved from another place, or sealed with another key of this name.
    #[error("it was changed, belongs somewhere else, or another key had the name `{0}`")]
    Forged(String),
    /// The library failed.
    #[error("the encryption library failed")]
    Library,
}

/// The keys. `Debug` shows their names alone.
pub struct Keyring {
    first: String,
    keys: BTreeMap<String, Opened>,
}

struct Opened {
    aead: RandomizedNonceKey,
    derive: hkdf::Prk,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("seals", &self.first)
            .field("opens", &self.keys.keys())
            .finish()
    }
}

impl Keyring {
    /// The first key seals, all open.
    ///
    /// # Errors
    /// No key.
    pub fn new(keys: &[EncryptionKey]) -> Result<Self, SealError> {
        let first = keys.first().ok_or(SealError::NoKey)?.id.clone();
        let keys = keys
            .iter()
            .map(|key| {
                let opened = Opened {
                    aead: RandomizedNonceKey::new(&AES_256_GCM, key.key.as_slice())
                        .map_err(|_| SealError::Library)?,
                    derive: hkdf::Salt::new(hkdf::HKDF_SHA256, b"patchcord")
                        .extract(key.key.as_slice()),
                };
                Ok((key.id.clone(), opened))
            })
            .collect::<Result<_, SealError>>()?;
        Ok(Self { first, keys })
    }

    /// The name of the key that seals.
    pub fn sealing_key(&self) -> &str {
        &self.first
    }

    /// Seals a text for its place. The same text gives another sealed one each time.
    ///
    /// # Errors
    /// [`SealError::Library`].
    pub fn seal(&self, plain: &str, place: Place<'_>) -> Result<String, SealError> {
        let key = self.keys.get(&self.first).ok_or(SealError::NoKey)?;
        let mut sealed = plain.as_bytes().to_vec();
        let nonce = key
            .aead
            .seal_in_place_append_tag(Aad::from(aad(&self.first, place)), &mut sealed)
            .map_err(|_| SealError::Library)?;
        let mut bytes = nonce.as_ref().to_vec();
        bytes.append(&mut sealed);
        let text = URL_SAFE_NO_PAD.encode(bytes);
        Ok(format!("{FORM}.{}.{text}", self.first))
    }

    /// Opens a sealed text in its place.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub fn open(&self, sealed: &str, place: Place<'_>) -> Result<Secret, SealError> {
        let (id, text) = parts(sealed)?;
        let key = self
            .keys
            .get(id)
            .ok_or_else(|| SealError::UnknownKey(id.to_owned()))?;
        let mut bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| SealError::Malformed)?;
        let (nonce, rest) = bytes
            .split_at_mut_checked(NONCE_LEN)
            .ok_or(SealError::Malformed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Malformed)?;
        let plain = key
            .aead
            .open_in_place(nonce, Aad::from(aad(id, place)), rest)
            .map_err(|_| SealError::Forged(id.to_owned()))?;
        let text = Secret::new(std::str::from_utf8(plain).map_err(|_| SealError::Malformed)?);
        zeroize::Zeroize::zeroize(&mut bytes);
        Ok(text)
    }

    /// Secrets for one purpose, one from each key (HKDF-SHA-256), the sealing key's first. So there is one
    /// secret to keep, and what was made before a rotation still holds after it.
    ///
    /// # Errors
    /// [`SealError::Library`].
    pub fn derive(&self, purpose: &str) -> Result<Vec<Zeroizing<[u8; KEY_BYTES]>>, SealError> {
        let first = self.keys.get(&self.first);
        let others = self.keys.iter().filter(|(id, _)| **id != self.first);
        first
            .into_iter()
            .chain(others.map(|(_, key)| key))
            .map(|key| {
                let mut bytes = Zeroizing::new([0; KEY_BYTES]);
                key.derive
                    .expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
                    .and_then(|okm| okm.fill(bytes.as_mut_slice()))
                    .map_err(|_| SealError::Library)?;
                Ok(bytes)
            })
            .collect()
    }
}

/// The name of the key that a text is sealed with; to see what a rotation has left to do.
pub fn key_id(sealed: &str) -> Option<&str> {
    parts(sealed).ok().map(|(id, _)| id)
}

fn parts(sealed: &str) -> Result<(&str, &str), SealError> {
    sealed
        .strip_prefix(FORM)
        .and_then(|rest| rest.strip_prefix('.'))
        .and_then(|rest| rest.split_once('.'))
        .ok_or(SealError::Malformed)
}

/// Each part with its length, so that no two places look alike.
fn aad(key: &str, place: Place<'_>) -> Vec<u8> {
    let mut bytes = FORM.as_bytes().to_vec();
    for part in [key, place.table, place.row, place.column] {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLACE: Place<'static> = Place {
        table: "token",
        row: "babelforce",
        column: "refresh_token",
    };

    fn key(id: &str, byte: u8) -> EncryptionKey {
        EncryptionKey {
            id: id.to_owned(),
            key: Zeroizing::new([byte; KEY_BYTES]),
        }
    }

    fn ring(keys: &[EncryptionKey]) -> Keyring {
        Keyring::new(keys).unwrap()
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens_to_the_same_text_and_does_not_show_it(plain in ".{0,300}") {
            let ring = ring(&[key("a", 1)]);
            let sealed = ring.seal(&plain, PLACE).unwrap();
            let opened = ring.open(&sealed, PLACE).unwrap();
            prop_assert_eq!(opened.expose(), &plain);
            prop_assert!(plain.len() < 8 || !sealed.contains(&plain));
            prop_assert_ne!(ring.seal(&plain, PLACE).unwrap(), sealed);
        }

        #[test]
        fn no_changed_byte_goes_unnoticed(plain in ".{0,40}", at in 0usize..1000, with in b'0'..=b'z') {
            let ring = ring(&[key("a", 1)]);
            let sealed = ring.seal(&plain, PLACE).unwrap();
            let mut bytes = sealed.clone().into_bytes();
            let at = at % bytes.len();
            prop_assume!(bytes[at] != with);
            bytes[at] = with;
            let changed = String::from_utf8(bytes).unwrap();
            prop_assert!(ring.open(&changed, PLACE).is_err());
        }

        #[test]
        fn anything_else_is_refused_without_a_panic(text in ".{0,80}") {
            prop_assert!(ring(&[key("a", 1)]).open(&text, PLACE).is_err());
        }

        #[test]
        fn a_value_opens_in_its_own_place_alone(table in "[a-c]{0,3}", row in "[a-c]{0,3}", column in "[a-c]{0,3}") {
            let own = Place { table: "ab", row: "c", column: "a" };
            let other = Place { table: &table, row: &row, column: &column };
            let ring = ring(&[key("a", 1)]);
            let sealed = ring.seal("x", own).unwrap();
            prop_assert_eq!(ring.open(&sealed, other).is_ok(), own == other);
        }
    }

    #[test]
    fn after_a_rotation_the_new_key_seals_and_the_old_one_still_opens() {
        let old = ring(&[key("2025", 1)]);
        let sealed = old.seal("x", PLACE).unwrap();
        let rotated = ring(&[key("2026", 2), key("2025", 1)]);
        assert_eq!(rotated.open(&sealed, PLACE).unwrap().expose(), "x");
        let again = rotated.seal("x", PLACE).unwrap();
        assert_eq!(
            (key_id(&sealed), key_id(&again)),
            (Some("2025"), Some("2026"))
        );
        assert_eq!(
            old.open(&again, PLACE),
            Err(SealError::UnknownKey("2026".into()))
        );
        let confused = ring(&[key("2025", 3)]);
        assert_eq!(
            confused.open(&sealed, PLACE),
            Err(SealError::Forged("2025".into()))
        );
    }

    #[test]
    fn each_purpose_has_secrets_of_its_own_and_a_rotation_puts_the_new_ones_first() {
        let old = ring(&[key("b", 1)]);
        let rotated = ring(&[key("z", 2), key("b", 1)]);
        let (before, after) = (
            old.derive("proof").unwrap(),
            rotated.derive("proof").unwrap(),
        );
        assert_eq!(after.len(), 2);
        assert_eq!(after[1], before[0]);
        assert_ne!(after[0], after[1]);
        assert_ne!(old.derive("other").unwrap()[0], before[0]);
    }

    #[test]
    fn debug_shows_names_alone() {
        let text = format!("{:?} {:?}", key("a", 7), ring(&[key("a", 7)]));
        assert!(text.contains("\"a\"") && !text.contains('7'), "{text}");
    }
}
