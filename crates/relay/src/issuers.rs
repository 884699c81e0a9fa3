//! The keys of those who sign assertions: configured ones, and published ones (JWKS) that change by themselves.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey};
use reqwest::{Client, Url};
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use crate::client;
use crate::clock::Millis;
use crate::config::{IssuerConfig, IssuerKeys};
use crate::http::problem::chain;

/// A set is asked for again at most this often, in milliseconds, whatever anybody sends.
const PAUSE: Millis = 60 * 1000;
/// A set that was read this long ago is read again, so that a key that was withdrawn stops working.
const FRESH: Millis = 60 * 60 * 1000;
/// How long a set may take to arrive.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The most bytes of a set.
const MAX_BYTES: usize = 256 * 1024;

/// Who may sign assertions.
#[derive(Debug)]
pub struct Issuers {
    issuers: Vec<Issuer>,
    client: Client,
}

#[derive(Debug)]
struct Issuer {
    iss: String,
    org: String,
    algorithm: Algorithm,
    keys: Keys,
}

enum Keys {
    One { kid: String, key: DecodingKey },
    Set(KeySet),
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Keys::One { .. } => "One",
            Keys::Set(_) => "Set",
        })
    }
}

/// A key that may verify, and what it may say.
pub struct Verifier {
    /// The key.
    pub key: DecodingKey,
    /// The only algorithm it is for.
    pub algorithm: Algorithm,
    /// The only organisation it may speak for.
    pub org: String,
}

impl Issuers {
    /// Those of the configuration. Published keys are read when they are first needed.
    ///
    /// # Errors
    /// A system without usable TLS roots.
    pub fn new(configured: &[IssuerConfig]) -> Result<Self, reqwest::Error> {
        let issuers = configured.iter().map(|issuer| Issuer {
            iss: issuer.iss.clone(),
            org: issuer.org.clone(),
            algorithm: issuer.algorithm,
            keys: match &issuer.keys {
                IssuerKeys::One { kid, key } => Keys::One {
                    kid: kid.clone(),
                    key: key.clone(),
                },
                IssuerKeys::File(path) => Keys::Set(KeySet::new(Source::File(path.clone()))),
                IssuerKeys::Url(url) => Keys::Set(KeySet::new(Source::Url(url.clone()))),
            },
        });
        Ok(Self {
            issuers: issuers.collect(),
            client: client::builder().timeout(TIMEOUT).build()?,
        })
    }

    /// The key of this issuer with this id. Both are only claimed so far: the signature has to prove it.
    pub async fn find(&self, iss: &str, kid: &str, now: Millis) -> Option<Verifier> {
        for issuer in self.issuers.iter().filter(|issuer| issuer.iss == iss) {
            let key = match &issuer.keys {
                Keys::One { kid: own, key } => (own == kid).then(|| key.clone()),
                Keys::Set(set) => set.find(kid, issuer, &self.client, now).await,
            };
            if let Some(key) = key {
                return Some(Verifier {
                    key,
                    algorithm: issuer.algorithm,
                    org: issuer.org.clone(),
                });
            }
        }
        None
    }
}

#[derive(Debug)]
enum Source {
    File(PathBuf),
    Url(Url),
}

/// Published keys, as they were last read.
struct KeySet {
    source: Source,
    read: RwLock<Read>,
    /// When the source was last asked; locked while it is.
    asked_at: Mutex<Option<Millis>>,
}

#[derive(Default)]
struct Read {
    keys: BTreeMap<String, DecodingKey>,
    at: Option<Millis>,
}

impl KeySet {
    fn new(source: Source) -> Self {
        Self {
            source,
            read: RwLock::default(),
            asked_at: Mutex::default(),
        }
    }

    async fn find(
        &self,
        kid: &str,
        issuer: &Issuer,
        client: &Client,
        now: Millis,
    ) -> Option<DecodingKey> {
        let (known, fresh) = self.known(kid, now);
        let mut asked_at = match (known, fresh) {
            (Some(key), true) => return Some(key),
            // Somebody else is asking for newer keys already: go on with the old ones.
            (Some(key), false) => match self.asked_at.try_lock() {
                Ok(asked_at) => asked_at,
                Err(_) => return Some(key),
            },
            (None, _) => self.asked_at.lock().await,
        };
        // While waiting, somebody else may have read it.
        let (known, fresh) = self.known(kid, now);
        let soon = asked_at.is_some_and(|at| now < at.saturating_add(PAUSE));
        if soon || known.is_some() && fresh {
            return known;
        }
        *asked_at = Some(now);
        let bytes = self.source.read(client).await;
        match bytes.and_then(|bytes| read_set(&bytes, issuer.algorithm)) {
            Ok(keys) => {
                tracing::info!(
                    issuer = issuer.iss,
                    keys = keys.len(),
                    "published keys read"
                );
                *self.read.write().unwrap_or_else(PoisonError::into_inner) = Read {
                    keys,
                    at: Some(now),
                };
            }
            // What was read before stays good: their server's trouble must not lock the agents out.
            Err(error) => {
                tracing::warn!(issuer = issuer.iss, error, "published keys cannot be read");
            }
        }
        self.known(kid, now).0
    }

    /// The key, and whether the set was read lately.
    fn known(&self, kid: &str, now: Millis) -> (Option<DecodingKey>, bool) {
        let read = self.read.read().unwrap_or_else(PoisonError::into_inner);
        let fresh = read.at.is_some_and(|at| now < at.saturating_add(FRESH));
        (read.keys.get(kid).cloned(), fresh)
    }
}

impl Source {
    async fn read(&self, client: &Client) -> Result<Vec<u8>, String> {
        match self {
            Self::File(path) => tokio::fs::read(path)
                .await
                .map_err(|error| error.to_string()),
            Self::Url(url) => download(client, url.clone()).await,
        }
    }
}

async fn download(client: &Client, url: Url) -> Result<Vec<u8>, String> {
    let failed = |error: reqwest::Error| chain(&error.without_url());
    let mut reply = client.get(url).send().await.map_err(failed)?;
    if !reply.status().is_success() {
        return Err(format!("the answer is {}", reply.status().as_u16()));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = reply.chunk().await.map_err(failed)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_BYTES {
            return Err(format!("it has more than {MAX_BYTES} bytes"));
        }
    }
    Ok(bytes)
}

/// The keys of a set (JWKS) that are for this algorithm and for signatures, by their ids. An id that is there
/// twice is nobody's.
///
/// # Errors
/// Why it is no key set.
pub fn read_set(
    bytes: &[u8],
    algorithm: Algorithm,
) -> Result<BTreeMap<String, DecodingKey>, String> {
    // By way of a map: for a struct serde also takes a list.
    let set: JwkSet = serde_json::from_slice::<Map<String, Value>>(bytes)
        .and_then(|object| serde_json::from_value(Value::Object(object)))
        .map_err(|error| format!("it is no key set: {error}"))?;
    let mut keys: BTreeMap<String, Option<DecodingKey>> = BTreeMap::new();
    for jwk in set.keys {
        let Some(kid) = jwk.common.key_id.clone() else {
            continue;
        };
        if !fits(&jwk, algorithm) {
            continue;
        }
        let key = DecodingKey::from_jwk(&jwk).ok();
        keys.entry(kid).and_modify(|key| *key = None).or_insert(key);
    }
    Ok(keys
        .into_iter()
        .filter_map(|(kid, key)| Some((kid, key?)))
        .collect())
}

fn fits(jwk: &Jwk, algorithm: Algorithm) -> bool {
    let (named, form) = match (algorithm, &jwk.algorithm) {
        (Algorithm::RS256, AlgorithmParameters::RSA(_)) => (KeyAlgorithm::RS256, true),
        (Algorithm::ES256, AlgorithmParameters::EllipticCurve(ec)) => {
            (KeyAlgorithm::ES256, ec.curve == EllipticCurve::P256)
        }
        (Algorithm::EdDSA, AlgorithmParameters::OctetKeyPair(pair)) => {
            (KeyAlgorithm::EdDSA, pair.curve == EllipticCurve::Ed25519)
        }
        // A secret is not published; one that is in a set is no secret.
        _ => return false,
    };
    let signs = matches!(
        jwk.common.public_key_use,
        None | Some(PublicKeyUse::Signature)
    );
    form && signs && jwk.common.key_algorithm.is_none_or(|own| own == named)
}
