//! Proof of work: what makes a thousand callbacks dearer than one.
//!
//! The form of ALTCHA, version 1 (<https://altcha.org/docs/v1>): the browser looks for the number whose
//! SHA-256, behind the salt, is the challenge. Nothing is kept for a challenge: its salt says when it was given
//! and until when it holds, and the signature, which also covers the salt because the challenge does, says that
//! this relay gave it. The salt ends in `&`, so that no digit of the number can be moved into it.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use patchcord_core::error::Code;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Millis;
use crate::config::{Proof, SiteKey};
use crate::http::problem::Problem;
use crate::random::{self, Hash, NoRandomness};
use crate::seal::{KEY_BYTES, Keyring, SealError};

/// How long a challenge holds.
pub const LIFETIME: Millis = 10 * 60 * 1000;
/// The longest payload, in base64; a real one has about 400 characters.
const MAX_PAYLOAD: usize = 1024;

/// A puzzle, as ALTCHA's widget takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Challenge {
    /// Always `SHA-256`.
    algorithm: &'static str,
    /// The hash to be found, in hex.
    challenge: String,
    /// What stands before the number.
    salt: String,
    /// The relay's, over the challenge.
    signature: String,
    /// The number is at most this.
    maxnumber: u32,
}

/// A proof that holds, but may have been used before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// The challenge: what may be used once.
    pub id: Hash,
    /// When the challenge was given.
    pub issued_at: Millis,
    /// Until when a use has to be remembered.
    pub expires_at: Millis,
}

/// The relay's secrets for challenges; the first one signs.
pub struct ProofSecrets(Vec<hmac::Key>);

impl std::fmt::Debug for ProofSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

#[derive(Deserialize)]
struct Payload {
    algorithm: String,
    challenge: String,
    number: u64,
    salt: String,
    signature: String,
}

impl ProofSecrets {
    /// Those that belong to these encryption keys: all relays with the same keys understand each other.
    ///
    /// # Errors
    /// [`SealError::Library`].
    pub fn of(keyring: &Keyring) -> Result<Self, SealError> {
        let secrets = keyring.derive("proof of work")?;
        Ok(Self(
            secrets
                .iter()
                .map(|secret| hmac::Key::new(hmac::HMAC_SHA256, secret.as_slice()))
                .collect(),
        ))
    }

    /// A challenge for visitors of one publishable key.
    ///
    /// # Errors
    /// The random source failed.
    pub fn challenge(
        &self,
        site_key: &str,
        rules: &Proof,
        now: Millis,
    ) -> Result<Challenge, NoRandomness> {
        let number = u64::from_be_bytes(random::bytes()?) % (u64::from(rules.max) + 1);
        let expires = (now + LIFETIME).div_euclid(1000);
        let salt = format!(
            "{}?issued={now}&expires={expires}&",
            random::hex(&random::bytes::<12>()?)
        );
        let challenge = random::hex(&solution(&salt, number));
        let signing = self.0.first().ok_or(NoRandomness)?;
        let signature = hmac::sign(&of_site(signing, site_key), challenge.as_bytes());
        Ok(Challenge {
            algorithm: "SHA-256",
            signature: random::hex(signature.as_ref()),
            challenge,
            salt,
            maxnumber: rules.max,
        })
    }

    /// Checks what the browser sends: base64 of the challenge with the number. Whether it was used before is
    /// for the caller to find out.
    ///
    /// # Errors
    /// [`Code::ProofInvalid`], also for a challenge of another publishable key; [`Code::ProofExpired`];
    /// [`Code::TooFast`] where the challenge is younger than a person needs for the form.
    pub fn verify(
        &self,
        site_key: &str,
        rules: &Proof,
        payload: &str,
        now: Millis,
    ) -> Result<Verified, Code> {
        let payload = decode(payload).ok_or(Code::ProofInvalid)?;
        let signature = unhex(&payload.signature).ok_or(Code::ProofInvalid)?;
        let ours = self.0.iter().any(|secret| {
            let key = of_site(secret, site_key);
            hmac::verify(&key, payload.challenge.as_bytes(), &signature).is_ok()
        });
        let id = solution(&payload.salt, payload.number);
        let solved =
            verify_slices_are_equal(random::hex(&id).as_bytes(), payload.challenge.as_bytes());
        if !ours || solved.is_err() || payload.algorithm != "SHA-256" {
            return Err(Code::ProofInvalid);
        }
        let (issued_at, expires) = times(&payload.salt).ok_or(Code::ProofInvalid)?;
        let expires_at = expires.saturating_mul(1000);
        if expires_at <= now {
            return Err(Code::ProofExpired);
        }
        let open_for = now.saturating_sub(issued_at);
        if open_for < i64::try_from(rules.min_fill.as_millis()).unwrap_or(i64::MAX) {
            return Err(Code::TooFast);
        }
        Ok(Verified {
            id,
            issued_at,
            expires_at,
        })
    }
}

/// Reads the `proof` of a callback, where its key asks for one.
///
/// # Errors
/// [`Code::ProofRequired`], or as [`ProofSecrets::verify`].
pub fn read(
    secrets: &ProofSecrets,
    key: &SiteKey,
    payload: Option<&str>,
    now: Millis,
) -> Result<Option<Verified>, Problem> {
    let Some(rules) = &key.proof else {
        return Ok(None);
    };
    let code = match payload {
        None | Some("") => Code::ProofRequired,
        Some(payload) => match secrets.verify(&key.key, rules, payload, now) {
            Ok(verified) => return Ok(Some(verified)),
            Err(code) => code,
        },
    };
    Err(refusal(code))
}

/// The refusal of a proof.
pub fn refusal(code: Code) -> Problem {
    let detail = match code {
        Code::ProofRequired => "A proof of work has to be sent.",
        Code::ProofExpired => "The challenge is too old.",
        Code::ProofUsed => "The proof of work was used before.",
        Code::TooFast => "The form was sent sooner than a person can fill it in.",
        _ => "The proof of work is wrong, or not for a challenge of this relay and key.",
    };
    let remedy = match code {
        Code::TooFast => "Send the same again a moment later, with another Idempotency-Key.",
        _ => "Solve a new challenge of GET /v1/challenge for each callback.",
    };
    Problem::of(code, "proof", detail).with_remedy(remedy)
}

/// The secret for one publishable key: a challenge for one is of no use with another.
fn of_site(secret: &hmac::Key, site_key: &str) -> hmac::Key {
    let mut bytes = [0; KEY_BYTES];
    let tag = hmac::sign(secret, site_key.as_bytes());
    bytes.copy_from_slice(tag.as_ref());
    hmac::Key::new(hmac::HMAC_SHA256, &bytes)
}

fn solution(salt: &str, number: u64) -> Hash {
    random::hash(format!("{salt}{number}").as_bytes())
}

fn decode(payload: &str) -> Option<Payload> {
    if payload.len() > MAX_PAYLOAD {
        return None;
    }
    let json = STANDARD.decode(payload).ok()?;
    // serde also takes a list for a struct. More members are as good as none: ALTCHA's widget adds how long it
    // took.
    let object = json.trim_ascii_start().starts_with(b"{");
    object.then(|| serde_json::from_slice(&json).ok())?
}

/// When a challenge was given (milliseconds), and until when it holds (seconds).
fn times(salt: &str) -> Option<(Millis, i64)> {
    let (_, rest) = salt.split_once("?issued=")?;
    let (issued, rest) = rest.split_once("&expires=")?;
    Some((issued.parse().ok()?, rest.strip_suffix('&')?.parse().ok()?))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(
        digits
            .chunks_exact(2)
            .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::{Value, json};

    use super::*;
    use crate::seal::EncryptionKey;

    const NOW: Millis = 1_764_000_000_000;
    const KEY: &str = "pk_demo";

    fn secrets(byte: u8) -> ProofSecrets {
        let key = EncryptionKey {
            id: format!("k{byte}"),
            key: zeroize::Zeroizing::new([byte; 32]),
        };
        ProofSecrets::of(&Keyring::new(&[key]).unwrap()).unwrap()
    }

    fn rules() -> Proof {
        Proof {
            max: 1000,
            min_fill: Duration::from_secs(2),
        }
    }

    /// What an honest browser sends.
    fn solve(challenge: &Challenge) -> Value {
        let number = (0..=u64::from(challenge.maxnumber))
            .find(|&number| random::hex(&solution(&challenge.salt, number)) == challenge.challenge)
            .expect("a solution");
        json!({
            "algorithm": challenge.algorithm, "challenge": challenge.challenge, "number": number,
            "salt": challenge.salt, "signature": challenge.signature, "took": 12,
        })
    }

    fn encode(payload: &Value) -> String {
        STANDARD.encode(payload.to_string())
    }

    #[test]
    fn a_solved_challenge_holds_for_ten_minutes_and_not_before_a_form_can_be_filled_in() {
        let secrets = secrets(1);
        let challenge = secrets.challenge(KEY, &rules(), NOW).unwrap();
        let payload = encode(&solve(&challenge));
        let at = |now| secrets.verify(KEY, &rules(), &payload, now);
        assert_eq!(at(NOW + 1_999), Err(Code::TooFast));
        let verified = at(NOW + 2_000).unwrap();
        assert_eq!(verified.issued_at, NOW);
        assert_eq!(random::hex(&verified.id), challenge.challenge);
        assert!(at(NOW + LIFETIME - 1).is_ok());
        assert_eq!(at(NOW + LIFETIME), Err(Code::ProofExpired));
        assert!(verified.expires_at >= NOW + LIFETIME);
    }

    #[test]
    fn a_challenge_of_another_publishable_key_or_another_relay_is_worth_nothing() {
        let challenge = secrets(1).challenge(KEY, &rules(), NOW).unwrap();
        let payload = encode(&solve(&challenge));
        let later = NOW + 5_000;
        assert!(secrets(1).verify(KEY, &rules(), &payload, later).is_ok());
        for (byte, key) in [(1, "pk_other"), (2, KEY)] {
            assert_eq!(
                secrets(byte).verify(key, &rules(), &payload, later),
                Err(Code::ProofInvalid)
            );
        }
    }

    #[test]
    fn a_challenge_outlives_the_rotation_of_the_encryption_key() {
        let key = |id: &str, byte| EncryptionKey {
            id: id.into(),
            key: zeroize::Zeroizing::new([byte; 32]),
        };
        let of = |keys: &[EncryptionKey]| ProofSecrets::of(&Keyring::new(keys).unwrap()).unwrap();
        let challenge = of(&[key("a", 1)]).challenge(KEY, &rules(), NOW).unwrap();
        let rotated = of(&[key("b", 2), key("a", 1)]);
        let payload = encode(&solve(&challenge));
        assert!(rotated.verify(KEY, &rules(), &payload, NOW + 5_000).is_ok());
    }

    #[test]
    fn nothing_of_a_payload_can_be_changed() {
        let secrets = secrets(1);
        let good = solve(&secrets.challenge(KEY, &rules(), NOW).unwrap());
        let (salt, number) = (
            good["salt"].as_str().unwrap(),
            good["number"].as_u64().unwrap(),
        );
        let (head, last) = (number / 10, number % 10);
        let mut bad = Vec::new();
        for (member, value) in [
            ("algorithm", json!("SHA-512")),
            ("number", json!(number + 1)),
            ("number", json!(number.to_string())),
            ("number", json!(-1)),
            ("challenge", json!("00")),
            (
                "challenge",
                json!(good["challenge"].as_str().unwrap().to_uppercase()),
            ),
            ("signature", json!("00")),
            ("signature", json!("")),
            ("signature", json!("é0")),
            ("salt", json!(salt.replace("issued=1764", "issued=1763"))),
            (
                "salt",
                json!(salt.replace("&expires=1764", "&expires=2764")),
            ),
            ("salt", Value::Null),
        ] {
            let mut payload = good.clone();
            payload[member] = value;
            bad.push(encode(&payload));
        }
        // Splicing: the same text, cut elsewhere.
        let mut spliced = good.clone();
        spliced["salt"] = json!(format!("{salt}{head}"));
        spliced["number"] = json!(last);
        bad.push(encode(&spliced));
        bad.extend([
            String::new(),
            "*".into(),
            STANDARD.encode("[]"),
            "A".repeat(5000),
        ]);
        for payload in bad {
            assert_eq!(
                secrets.verify(KEY, &rules(), &payload, NOW + 5_000),
                Err(Code::ProofInvalid),
                "{payload}"
            );
        }
    }

    /// Made with the published `altcha` 2.3.0 (PyPI, module `altcha.v1`): salt, number and key given.
    #[test]
    fn hash_and_signature_are_those_of_altchas_own_library() {
        let salt = "0123456789abcdef01234567?issued=1764000000000&expires=1764000600&";
        let challenge = "35fcdfeadf60519ca03ac0309506992e5e0b334407584fbfa84edb4912988c5c";
        let signature = "b7eb237b48cd2e72c07b8997e2a915555427565f53ad997a2b01f98e7f1dd048";
        assert_eq!(random::hex(&solution(salt, 4242)), challenge);
        let bytes: Vec<u8> = (0..32).collect();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        let tag = hmac::sign(&key, challenge.as_bytes());
        assert_eq!(random::hex(tag.as_ref()), signature);
        assert_eq!(times(salt), Some((NOW, 1_764_000_600)));
        let payload = "eyJhbGdvcml0aG0iOiAiU0hBLTI1NiIsICJjaGFsbGVuZ2UiOiAiMzVmY2RmZWFkZjYwNTE5Y2EwM2FjMDMwOTUwNjk5MmU1ZTBiMzM0NDA3NTg0ZmJmYTg0ZWRiNDkxMjk4OGM1YyIsICJudW1iZXIiOiA0MjQyLCAic2FsdCI6ICIwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc/aXNzdWVkPTE3NjQwMDAwMDAwMDAmZXhwaXJlcz0xNzY0MDAwNjAwJiIsICJzaWduYXR1cmUiOiAiYjdlYjIzN2I0OGNkMmU3MmMwN2I4OTk3ZTJhOTE1NTU1NDI3NTY1ZjUzYWQ5OTdhMmIwMWY5OGU3ZjFkZDA0OCJ9";
        let read = decode(payload).unwrap();
        assert_eq!((read.number, read.salt.as_str()), (4242, salt));
        assert_eq!(
            (read.challenge.as_str(), read.signature.as_str()),
            (challenge, signature)
        );
    }

    /// `cargo test --release -- --ignored --nocapture verification_takes`
    #[test]
    #[ignore = "a measurement"]
    #[allow(clippy::print_stderr, reason = "it is what the measurement says")]
    fn verification_takes_less_than_five_microseconds() {
        let secrets = secrets(1);
        let payload = encode(&solve(&secrets.challenge(KEY, &rules(), NOW).unwrap()));
        let rounds = 100_000;
        let start = Instant::now();
        for _ in 0..rounds {
            assert!(secrets.verify(KEY, &rules(), &payload, NOW + 5_000).is_ok());
        }
        let each = start.elapsed() / rounds;
        eprintln!("{each:?} each");
        assert!(each < Duration::from_micros(5), "{each:?}");
    }
}
