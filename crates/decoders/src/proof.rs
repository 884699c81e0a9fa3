//! Proofs of work: only the answer to a challenge of this relay is one.

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use patchcord_core::error::Code;
use patchcord_relay::clock::Millis;
use patchcord_relay::config::Proof;
use patchcord_relay::proof::{LIFETIME, ProofSecrets};
use patchcord_relay::random;
use patchcord_relay::seal::{EncryptionKey, Keyring};
use serde_json::Value;
use zeroize::Zeroizing;

const NOW: Millis = 1_800_000_000_000;
const SITE_KEY: &str = "pk_demo";
const RULES: Proof = Proof {
    max: 1000,
    min_fill: Duration::from_secs(2),
};

/// A challenge of this relay, with its solution.
struct Solved {
    secrets: ProofSecrets,
    challenge: Value,
    number: u64,
}

static SOLVED: LazyLock<Solved> = LazyLock::new(|| {
    let key = EncryptionKey {
        id: "fuzz".into(),
        key: Zeroizing::new([7; 32]),
    };
    let keyring = Keyring::new(&[key]).expect("a key");
    let secrets = ProofSecrets::of(&keyring).expect("secrets");
    let challenge = secrets
        .challenge(SITE_KEY, &RULES, NOW)
        .expect("randomness");
    let challenge = serde_json::to_value(challenge).expect("JSON");
    let salt = challenge["salt"].as_str().expect("text");
    let number = (0..=u64::from(RULES.max))
        .find(|number| {
            let hash = random::hash(format!("{salt}{number}").as_bytes());
            challenge["challenge"] == random::hex(&hash)
        })
        .expect("a solution");
    Solved {
        secrets,
        challenge,
        number,
    }
});

/// Takes any bytes as a proof, and as the JSON in one. `{salt}`, `{challenge}`, `{signature}` and `{number}` in
/// it become those of a solved challenge.
pub fn check(data: &[u8]) {
    let raw = String::from_utf8_lossy(data);
    assert!(verify(&raw, NOW + 5_000).is_err(), "{raw} is a proof");
    let _ = accepted(&raw);
}

/// Whether the JSON is accepted, after everything was checked.
pub fn accepted(text: &str) -> bool {
    let solved = &*SOLVED;
    let mut filled = text.replace("{number}", &solved.number.to_string());
    for name in ["salt", "challenge", "signature"] {
        let value = solved.challenge[name].as_str().expect("text");
        filled = filled.replace(&format!("{{{name}}}"), value);
    }
    let proof = STANDARD.encode(&filled);
    let during = verify(&proof, NOW + 5_000).is_ok();
    // What a member that nobody reads holds may be beyond this reader.
    if during && let Ok(payload) = serde_json::from_str::<Value>(&filled) {
        for name in ["algorithm", "challenge", "salt"] {
            assert_eq!(payload[name], solved.challenge[name], "{name}");
        }
        let signature = payload["signature"].as_str().expect("text");
        assert_eq!(
            signature.to_ascii_lowercase(),
            solved.challenge["signature"]
        );
        assert_eq!(payload["number"], solved.number);
    }
    let early = verify(&proof, NOW + 1_000);
    let late = verify(&proof, NOW + LIFETIME);
    assert_eq!(early == Err(Code::TooFast), during);
    assert_eq!(late == Err(Code::ProofExpired), during);
    assert!(early.is_err() && late.is_err());
    during
}

fn verify(proof: &str, now: Millis) -> Result<(), Code> {
    let verified = SOLVED.secrets.verify(SITE_KEY, &RULES, proof, now);
    let elsewhere = SOLVED.secrets.verify("pk_other", &RULES, proof, now);
    assert_eq!(
        elsewhere.err(),
        Some(Code::ProofInvalid),
        "a challenge of another key"
    );
    match verified {
        Ok(verified) => {
            assert!(verified.expires_at > now && verified.issued_at == NOW);
            Ok(())
        }
        Err(code) => {
            let codes = [Code::ProofInvalid, Code::ProofExpired, Code::TooFast];
            assert!(codes.contains(&code), "{code}");
            Err(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without this the properties above could hold because nothing is ever accepted.
    #[test]
    fn the_answer_to_a_challenge_is_accepted() {
        let good = r#"{"algorithm":"SHA-256","challenge":"{challenge}","number":{number},"salt":"{salt}","signature":"{signature}"}"#;
        assert!(accepted(good));
        assert!(!accepted(&good.replace("{number}", "0{number}")));
    }
}
