//! Identifiers and secrets from the system's random source, and their hashes.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The random source failed; the relay cannot give out anything safe.
#[derive(Debug, thiserror::Error)]
#[error("the system's random source failed")]
pub struct NoRandomness;

/// An identifier of 128 random bits: the prefix, `_` and 32 hex digits.
pub fn id(prefix: &str) -> Result<String, NoRandomness> {
    Ok(format!("{prefix}_{}", hex(&bytes::<16>()?)))
}

/// A bearer secret of 256 random bits: the prefix, `_` and 64 hex digits.
pub fn bearer(prefix: &str) -> Result<String, NoRandomness> {
    Ok(format!("{prefix}_{}", hex(&bytes::<32>()?)))
}

/// Eight characters that a person can read out, as `7K3F-9QX2`; not unique, 40 bits. No I, L, O, U.
pub fn reference() -> Result<String, NoRandomness> {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut text = String::with_capacity(9);
    for (place, byte) in bytes::<8>()?.into_iter().enumerate() {
        if place == 4 {
            text.push('-');
        }
        text.extend(ALPHABET.get(usize::from(byte & 31)).map(|&c| char::from(c)));
    }
    Ok(text)
}

/// SHA-256. Enough for secrets of 256 random bits: there is nothing to guess.
pub fn hash(text: &[u8]) -> Hash {
    Sha256::digest(text).into()
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
            text
        })
}

/// Random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_has_its_prefix_and_64_hex_digits_and_differs_each_time() {
        let (one, two) = (bearer("pcs").unwrap(), bearer("pcs").unwrap());
        assert!(one.starts_with("pcs_") && one.len() == 68, "{one}");
        assert_ne!(one, two);
    }

    #[test]
    fn a_reference_can_be_read_out() {
        let text = reference().unwrap();
        assert_eq!((text.len(), text.find('-')), (9, Some(4)));
    }
}
