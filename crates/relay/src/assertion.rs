//! What a CRM's backend signs for a person, and how it is checked.

use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header};
use patchcord_core::error::Code;
use serde::Deserialize;

use crate::clock::Millis;
use crate::config::AgentId;
use crate::http::problem::Problem;
use crate::issuers::Issuers;

/// The longest an assertion may be valid, in seconds.
const MAX_LIFETIME: i64 = 5 * 60;
/// How far the CRM's clock may be ahead of the relay's, in seconds.
const AHEAD: i64 = 30;
/// The longest `jti`.
const MAX_JTI: usize = 128;

/// An assertion that holds, but may have been used before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// Who signed it.
    pub iss: String,
    /// Its own id.
    pub jti: String,
    /// For whom.
    pub agent: AgentId,
    /// Until when.
    pub expires_at: Millis,
}

#[derive(Deserialize)]
struct Claims {
    aud: Audience,
    org: String,
    #[serde(default)]
    sub: String,
    iat: i64,
    exp: i64,
    nbf: Option<i64>,
    jti: String,
}

/// One receiver, as a text or as a list of one: who else got it could use it here.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    List([String; 1]),
}

impl Audience {
    fn is(&self, relay: &str) -> bool {
        let (Audience::One(audience) | Audience::List([audience])) = self;
        audience == relay
    }
}

#[derive(Deserialize)]
struct ClaimedIssuer {
    iss: String,
}

/// Checks signature, issuer, audience, organisation and times. Issuer and key id pick the key, and the
/// configuration of that key, never the token, says which algorithm applies and for whom it may speak.
///
/// # Errors
/// [`Code::AssertionInvalid`], [`Code::AssertionExpired`] or [`Code::AgentGuest`].
pub async fn verify(
    token: &str,
    issuers: &Issuers,
    audience: &str,
    now_ms: Millis,
) -> Result<Assertion, Problem> {
    let now = now_ms.div_euclid(1000);
    let header =
        decode_header(token).map_err(|_| invalid("It is no JWT with a known algorithm."))?;
    if header.crit.is_some() {
        return Err(invalid(
            "Its header has `crit`, and nothing critical is known here.",
        ));
    }
    let kid = header
        .kid
        .ok_or_else(|| invalid("Its header has no `kid`."))?;
    let claimed: ClaimedIssuer =
        insecure_decode_claims(token).map_err(|error| refusal(error.kind()))?;
    let verifier = issuers
        .find(&claimed.iss, &kid, now_ms)
        .await
        .ok_or_else(|| invalid("Its `iss` and `kid` are not known here."))?;

    let mut rules = Validation::new(verifier.algorithm);
    rules.validate_exp = false; // below, by the relay's clock and with a code of its own
    rules.set_required_spec_claims(&["iss", "aud"]);
    rules.set_issuer(&[&claimed.iss]);
    rules.set_audience(&[audience]);
    let claims = decode::<Claims>(token, &verifier.key, &rules)
        .map_err(|error| refusal(error.kind()))?
        .claims;

    if !claims.aud.is(audience) {
        return Err(refusal(&ErrorKind::InvalidAudience));
    }
    if claims.org != verifier.org {
        return Err(invalid(
            "Its `org` is not the one this issuer may speak for.",
        ));
    }
    if claims.jti.is_empty() || claims.jti.len() > MAX_JTI {
        return Err(invalid("Its `jti` has to have 1 to 128 bytes."));
    }
    if claims.iat > now.saturating_add(AHEAD) {
        return Err(invalid("Its `iat` is in the future; compare the clocks."));
    }
    if claims
        .nbf
        .is_some_and(|nbf| nbf > now.saturating_add(AHEAD))
    {
        return Err(invalid("Its `nbf` is in the future."));
    }
    if claims.exp <= now {
        return Err(
            Problem::new(Code::AssertionExpired, "The assertion's time is over.")
                .with_remedy("Sign a new one for each exchange."),
        );
    }
    if claims.exp.saturating_sub(claims.iat) > MAX_LIFETIME {
        return Err(Problem::new(
            Code::AssertionExpired,
            "The assertion is valid for more than 5 minutes.",
        )
        .with_remedy("Set `exp` to at most 5 minutes after `iat`."));
    }
    if claims.sub.is_empty() {
        return Err(Problem::new(
            Code::AgentGuest,
            "The assertion names nobody: its `sub` is empty.",
        )
        .with_remedy("Sign in at the CRM; guests cannot call."));
    }
    Ok(Assertion {
        iss: claimed.iss,
        jti: claims.jti,
        agent: AgentId {
            org: claims.org,
            sub: claims.sub,
        },
        expires_at: claims.exp.saturating_mul(1000),
    })
}

fn refusal(kind: &ErrorKind) -> Problem {
    invalid(match kind {
        ErrorKind::InvalidSignature => "Its signature does not fit the key of its `kid`.",
        ErrorKind::InvalidIssuer => "Its `iss` is not the one of its `kid`.",
        ErrorKind::InvalidAudience => "Its `aud` is not this relay.",
        ErrorKind::InvalidAlgorithm => "Its algorithm is not the one configured for its `kid`.",
        ErrorKind::MissingRequiredClaim(_)
        | ErrorKind::InvalidClaimFormat(_)
        | ErrorKind::Json(_) => {
            "It needs `iss`, `aud` (one), `org`, `sub` and `jti` as text, `iat` and `exp` in whole seconds."
        }
        _ => "It cannot be verified.",
    })
}

fn invalid(detail: &'static str) -> Problem {
    Problem::of(
        Code::AssertionInvalid,
        "assertion",
        format!("The assertion is not valid. {detail}"),
    )
    .with_remedy(
        "Compare what the CRM's backend signs with the [[issuer]] in the relay's configuration.",
    )
}
