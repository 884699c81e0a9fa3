//! Published keys: only those for signatures, of the issuer's algorithm, each with an id of its own.

use jsonwebtoken::{Algorithm, crypto};
use patchcord_relay::issuers::read_set;
use serde_json::Value;

/// Takes any bytes as a key set.
pub fn check(data: &[u8]) {
    let shared = read_set(data, Algorithm::HS256);
    assert!(
        shared.is_err() || shared.is_ok_and(|keys| keys.is_empty()),
        "a published secret"
    );
    for (algorithm, name, kind) in [
        (Algorithm::RS256, "RS256", "RSA"),
        (Algorithm::ES256, "ES256", "EC"),
        (Algorithm::EdDSA, "EdDSA", "OKP"),
    ] {
        let Ok(keys) = read_set(data, algorithm) else {
            continue;
        };
        // What a member that nobody reads holds may be beyond this reader.
        let Ok(set) = serde_json::from_slice::<Value>(data) else {
            continue;
        };
        let listed = set["keys"].as_array().expect("a list");
        for (kid, key) in keys {
            let mut own = listed.iter().filter(|jwk| {
                jwk["kid"] == kid.as_str()
                    && jwk["kty"] == kind
                    && jwk["use"].as_str().is_none_or(|used| used == "sig")
                    && jwk["alg"].as_str().is_none_or(|alg| alg == name)
            });
            assert!(own.next().is_some(), "{kid} is no key for {name}");
            // A key made of nonsense must not vouch for anything.
            for signature in ["", "AA", &"A".repeat(86), &"A".repeat(342)] {
                let vouched = crypto::verify(signature, b"message", &key, algorithm);
                assert!(!vouched.unwrap_or(false), "{kid} vouches for anybody");
            }
        }
    }
}
