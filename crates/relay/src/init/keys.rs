//! Fresh keys.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::InitError;
use crate::random::{self, NoRandomness};

/// A key pair, as PEM.
pub struct Pair {
    pub private: String,
    pub public: String,
}

/// For ES256.
pub fn es256() -> Result<Pair, InitError> {
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let private = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new())
        .map_err(|_| InitError::KeyPair)?;
    let pair =
        EcdsaKeyPair::from_pkcs8(algorithm, private.as_ref()).map_err(|_| InitError::KeyPair)?;
    let public: PublicKeyX509Der<'_> =
        pair.public_key().as_der().map_err(|_| InitError::KeyPair)?;
    Ok(Pair {
        private: pem("PRIVATE KEY", private.as_ref()),
        public: pem("PUBLIC KEY", public.as_ref()),
    })
}

/// 32 random bytes.
pub fn base64_secret() -> Result<String, NoRandomness> {
    Ok(STANDARD.encode(random::bytes::<32>()?) + "\n")
}

/// RFC 7468.
fn pem(label: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    let base64: Vec<char> = STANDARD.encode(der).chars().collect();
    for line in base64.chunks(64) {
        text.extend(line);
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}
