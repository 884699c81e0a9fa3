//! Assertions: what nobody with the right key signed is never accepted, and what was signed only as it should be.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, crypto};
use patchcord_core::error::Code;
use patchcord_relay::assertion::{self, Assertion};
use patchcord_relay::config::{IssuerConfig, IssuerKeys};
use patchcord_relay::issuers::Issuers;
use serde_json::Value;

use crate::codes::check_problem;
use crate::reply::split;

const NOW: i64 = 1_800_000_000;
const AUDIENCE: &str = "https://relay.acme.example";
const SECRET: &[u8] = b"a signing secret of at least 32 bytes";
const PUBLIC: &[u8] = include_bytes!("../keys/es256.pub.pem");

/// Who may sign here.
struct Signer {
    kid: &'static str,
    alg: &'static str,
    iss: &'static str,
    org: &'static str,
}

const HS: Signer = Signer {
    kid: "hs",
    alg: "HS256",
    iss: "https://crm.acme.example",
    org: "acme",
};
const ES: Signer = Signer {
    kid: "es",
    alg: "ES256",
    iss: "https://crm.other.example",
    org: "other",
};

static ISSUERS: LazyLock<Issuers> = LazyLock::new(|| {
    let one = |signer: &Signer, algorithm, key| IssuerConfig {
        iss: signer.iss.into(),
        org: signer.org.into(),
        algorithm,
        keys: IssuerKeys::One {
            kid: signer.kid.into(),
            key,
        },
    };
    let public = DecodingKey::from_ec_pem(PUBLIC).expect("a public key");
    Issuers::new(&[
        one(&HS, Algorithm::HS256, DecodingKey::from_secret(SECRET)),
        one(&ES, Algorithm::ES256, public),
    ])
    .expect("issuers")
});
static ES_KEY: LazyLock<EncodingKey> =
    LazyLock::new(|| EncodingKey::from_ec_pem(include_bytes!("../keys/es256.pem")).expect("a key"));
static FOREIGN_KEY: LazyLock<EncodingKey> = LazyLock::new(|| {
    EncodingKey::from_ec_pem(include_bytes!("../keys/foreign.pem")).expect("a key")
});

/// Takes a line that says who signs, a line with the header and a rest with the claims; both are signed as they
/// are. `hs` and `es` sign with the keys of two issuers, `foreign hs` and `foreign es` with others, `confused`
/// with a public key as if it were a secret, `none` not at all; everything else is a token as a whole.
pub fn check(data: &[u8]) {
    let _ = accepted(data);
}

/// Whether it was accepted, after everything was checked.
pub fn accepted(data: &[u8]) -> bool {
    let (who, rest) = split(data);
    let (header, claims) = split(rest);
    let hs = |secret: &[u8]| Some((EncodingKey::from_secret(secret), Algorithm::HS256));
    let (signer, key) = match who {
        b"hs" => (Some(&HS), hs(SECRET)),
        b"es" => (Some(&ES), Some((ES_KEY.clone(), Algorithm::ES256))),
        b"foreign hs" => (None, hs(b"a secret that no issuer here has had, ever")),
        b"foreign es" => (None, Some((FOREIGN_KEY.clone(), Algorithm::ES256))),
        b"confused" => (None, hs(PUBLIC)),
        b"none" => (None, None),
        _ => {
            let token = String::from_utf8_lossy(data);
            assert_eq!(verify(&token), None, "{token} was accepted");
            return false;
        }
    };
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let signature = key.map_or_else(String::new, |(key, algorithm)| {
        crypto::sign(signed.as_bytes(), &key, algorithm).expect("a signature")
    });
    let Some(assertion) = verify(&format!("{signed}.{signature}")) else {
        return false;
    };
    let signer = signer.unwrap_or_else(|| panic!("accepted from {}", String::from_utf8_lossy(who)));
    check_accepted(&assertion, signer, header, claims);
    true
}

fn verify(token: &str) -> Option<Assertion> {
    // Configured keys are at hand, so it never waits.
    let verified = assertion::verify(token, &ISSUERS, AUDIENCE, NOW * 1000)
        .now_or_never()
        .expect("nothing to wait for");
    match verified {
        Ok(assertion) => Some(assertion),
        Err(problem) => {
            check_problem(&problem);
            let codes = [
                Code::AssertionInvalid,
                Code::AssertionExpired,
                Code::AgentGuest,
            ];
            assert!(codes.contains(&problem.code()), "{problem:?}");
            None
        }
    }
}

fn check_accepted(assertion: &Assertion, signer: &Signer, header: &[u8], claims: &[u8]) {
    let [header, claims] = [header, claims].map(serde_json::from_slice::<Value>);
    // What a member that nobody reads holds may be beyond this reader.
    let (Ok(header), Ok(claims)) = (header, claims) else {
        return;
    };
    assert_eq!(header["alg"], signer.alg);
    assert_eq!(header["kid"], signer.kid);
    assert_eq!(header.get("crit").filter(|crit| !crit.is_null()), None);
    assert_eq!(claims["iss"], signer.iss);
    assert_eq!(claims["org"], signer.org);
    let audience = &claims["aud"];
    assert!(
        *audience == AUDIENCE || *audience == serde_json::json!([AUDIENCE]),
        "{audience}"
    );
    let number = |name: &str| claims[name].as_i64().expect("whole seconds");
    let (iat, exp) = (number("iat"), number("exp"));
    assert!(
        iat <= NOW + 30 && exp > NOW && exp - iat <= 300,
        "{iat} {exp}"
    );
    assert!(claims["nbf"].as_i64().is_none_or(|nbf| nbf <= NOW + 30));
    assert_eq!(assertion.expires_at, exp * 1000);
    assert_eq!(claims["jti"], assertion.jti.as_str());
    assert!((1..=128).contains(&assertion.jti.len()));
    assert_eq!(claims["sub"], assertion.agent.sub.as_str());
    assert!(!assertion.agent.sub.is_empty());
    assert_eq!(assertion.agent.org, signer.org);
    assert_eq!(assertion.iss, signer.iss);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without this the properties above could hold because nothing is ever accepted.
    #[test]
    fn what_the_right_key_signed_is_accepted_and_what_another_signed_is_not() {
        let claims = |signer: &Signer| {
            format!(
                r#"{{"iss":"{}","aud":"{AUDIENCE}","org":"{}","sub":"005ALEX","iat":{NOW},"exp":{},"jti":"1"}}"#,
                signer.iss,
                signer.org,
                NOW + 60
            )
        };
        for (signer, good, bad) in [
            (HS, "hs", ["foreign hs", "none", "es"]),
            (ES, "es", ["foreign es", "confused", "hs"]),
        ] {
            let rest = format!(
                "{{\"alg\":\"{}\",\"kid\":\"{}\"}}\n{}",
                signer.alg,
                signer.kid,
                claims(&signer)
            );
            assert!(accepted(format!("{good}\n{rest}").as_bytes()));
            for who in bad {
                assert!(!accepted(format!("{who}\n{rest}").as_bytes()), "{who}");
            }
        }
    }
}
