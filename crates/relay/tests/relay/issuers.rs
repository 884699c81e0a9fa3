//! Issuers: several keys at once, published keys that change, and what one issuer may not say for another.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use patchcord_relay::config::{Config, Environment};
use patchcord_sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{AUDIENCE, SIGNING_SECRET, World, assertion, claims, config, sign};

const ISS: &str = "https://crm.acme.example";

fn rsa() -> EncodingKey {
    EncodingKey::from_rsa_pem(include_bytes!("keys/rs256.pem")).unwrap()
}

fn ec() -> EncodingKey {
    EncodingKey::from_ec_pem(include_bytes!("keys/es256.pem")).unwrap()
}

fn ed() -> EncodingKey {
    EncodingKey::from_ed_pem(include_bytes!("keys/eddsa.pem")).unwrap()
}

/// The public half of a key, as it is published.
fn published(kid: &str, key: &EncodingKey, algorithm: Algorithm) -> Value {
    let mut jwk = serde_json::to_value(Jwk::from_encoding_key(key, algorithm).unwrap()).unwrap();
    jwk["kid"] = json!(kid);
    jwk["use"] = json!("sig");
    jwk
}

/// A server with a key set that a test can change.
struct Publisher {
    url: String,
    answer: Arc<Mutex<(StatusCode, String)>>,
    asked: Arc<AtomicU64>,
}

impl Publisher {
    async fn start(keys: Value) -> Self {
        let answer = Arc::new(Mutex::new((StatusCode::OK, String::new())));
        let asked = Arc::new(AtomicU64::new(0));
        let (shown, counted) = (answer.clone(), asked.clone());
        let app = Router::new().route(
            "/jwks.json",
            get(async move || {
                counted.fetch_add(1, Ordering::Relaxed);
                shown.lock().unwrap().clone()
            }),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let publisher = Self { url, answer, asked };
        publisher.show(keys);
        publisher
    }

    fn show(&self, keys: Value) {
        *self.answer.lock().unwrap() = (StatusCode::OK, json!({ "keys": keys }).to_string());
    }

    fn fail(&self, status: StatusCode) {
        *self.answer.lock().unwrap() = (status, "sorry".into());
    }

    fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    fn issuer(&self, algorithm: &str) -> String {
        issuer(&format!(
            "algorithm = \"{algorithm}\"\njwks_url = \"{}\"",
            self.url
        ))
    }
}

fn issuer(keys: &str) -> String {
    format!("\n[[issuer]]\niss = \"{ISS}\"\norg = \"acme\"\n{keys}\n")
}

async fn opens(world: &World, kid: &str, algorithm: Algorithm, key: &EncodingKey) -> bool {
    let token = sign(&claims("005ALEX"), kid, algorithm, key);
    let answer = world.open_session(&token).await;
    if answer.status != 200 {
        answer.is_problem("assertion_invalid").about("assertion");
    }
    answer.status == 200
}

#[tokio::test]
async fn a_published_key_opens_sessions_and_is_read_once_for_many() {
    let publisher = Publisher::start(json!([published("r1", &rsa(), Algorithm::RS256)])).await;
    let world = World::with(|config| config + &publisher.issuer("RS256")).await;
    assert_eq!(publisher.asked(), 0, "nothing is asked before it is needed");
    for _ in 0..5 {
        assert!(opens(&world, "r1", Algorithm::RS256, &rsa()).await);
    }
    assert_eq!(publisher.asked(), 1);
    // The configured key of the same issuer goes on beside it.
    assert_eq!(world.open_session(&assertion("005ALEX")).await.status, 200);
}

#[tokio::test]
async fn each_algorithm_can_be_published_and_only_the_configured_one_counts() {
    for (name, algorithm, key) in [
        ("ES256", Algorithm::ES256, ec()),
        ("EdDSA", Algorithm::EdDSA, ed()),
    ] {
        let set = json!([
            published("k", &key, algorithm),
            published("rsa", &rsa(), Algorithm::RS256)
        ]);
        let publisher = Publisher::start(set).await;
        let world = World::with(|config| config + &publisher.issuer(name)).await;
        assert!(opens(&world, "k", algorithm, &key).await, "{name}");
        assert!(
            !opens(&world, "rsa", Algorithm::RS256, &rsa()).await,
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_new_key_is_found_by_its_id_but_strangers_cannot_make_the_relay_ask_again_and_again() {
    let publisher = Publisher::start(json!([published("old", &rsa(), Algorithm::RS256)])).await;
    let world = World::with(|config| config + &publisher.issuer("RS256")).await;
    assert!(opens(&world, "old", Algorithm::RS256, &rsa()).await);
    publisher.show(json!([
        published("old", &rsa(), Algorithm::RS256),
        published("new", &rsa(), Algorithm::RS256)
    ]));
    for _ in 0..5 {
        assert!(!opens(&world, "new", Algorithm::RS256, &rsa()).await);
    }
    assert_eq!(publisher.asked(), 1, "not within the minute");
    world.relay.clock.advance(Duration::from_secs(61));
    // The clock of the tests is ahead of the one that signs.
    let mut later = claims("005ALEX");
    later["exp"] = json!(later["exp"].as_i64().unwrap() + 120);
    let token = sign(&later, "new", Algorithm::RS256, &rsa());
    assert_eq!(world.open_session(&token).await.status, 200);
    assert_eq!(publisher.asked(), 2);
}

#[tokio::test]
async fn a_publisher_in_trouble_does_not_lock_agents_out_and_a_withdrawn_key_ends_within_the_hour()
{
    let publisher = Publisher::start(json!([published("r1", &rsa(), Algorithm::RS256)])).await;
    let world = World::with(|config| config + &publisher.issuer("RS256")).await;
    let later = |seconds: i64| {
        let mut claims = claims("005ALEX");
        for name in ["iat", "exp"] {
            claims[name] = json!(claims[name].as_i64().unwrap() + seconds);
        }
        sign(&claims, "r1", Algorithm::RS256, &rsa())
    };
    assert_eq!(world.open_session(&later(0)).await.status, 200);
    publisher.fail(StatusCode::INTERNAL_SERVER_ERROR);
    world.relay.clock.advance(Duration::from_secs(3600));
    assert_eq!(world.open_session(&later(3600)).await.status, 200);
    assert_eq!(publisher.asked(), 2);
    publisher.show(json!([]));
    world.relay.clock.advance(Duration::from_secs(60));
    let answer = world.open_session(&later(3660)).await;
    answer.is_problem("assertion_invalid");
    assert_eq!(publisher.asked(), 3);
}

#[tokio::test]
async fn what_is_published_wrongly_is_nobodys_key() {
    let encryption = {
        let mut jwk = published("enc", &rsa(), Algorithm::RS256);
        jwk["use"] = json!("enc");
        jwk
    };
    let other_algorithm = {
        let mut jwk = published("rs512", &rsa(), Algorithm::RS256);
        jwk["alg"] = json!("RS512");
        jwk
    };
    let publisher = Publisher::start(json!([
        encryption,
        other_algorithm,
        published("twice", &rsa(), Algorithm::RS256),
        published("twice", &rsa(), Algorithm::RS256),
        { "kty": "oct", "kid": "oct", "k": "Y2FuYXJ5LXNpZ25pbmctc2VjcmV0LW9mLWF0LWxlYXN0LTMyLWJ5dGVz" },
        { "kty": "unheard", "kid": "odd" },
        published("good", &rsa(), Algorithm::RS256),
    ]))
    .await;
    let world = World::with(|config| config + &publisher.issuer("RS256")).await;
    for kid in ["enc", "rs512", "twice", "odd"] {
        assert!(!opens(&world, kid, Algorithm::RS256, &rsa()).await, "{kid}");
    }
    let shared = EncodingKey::from_secret(SIGNING_SECRET.as_bytes());
    assert!(!opens(&world, "oct", Algorithm::HS256, &shared).await);
    assert!(opens(&world, "good", Algorithm::RS256, &rsa()).await);
}

#[tokio::test]
async fn a_key_set_can_be_a_file_that_is_read_again_when_it_changed() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        json!([published("a", &ec(), Algorithm::ES256)]),
    );
    let sandbox = Sandbox::start(([127, 0, 0, 1], 0).into()).await.unwrap();
    let keys = issuer("algorithm = \"ES256\"\njwks_file = \"keys.json\"");
    let config = config(&sandbox.url()) + &keys;
    let world = World::of(sandbox, folder, config).await;
    assert!(opens(&world, "a", Algorithm::ES256, &ec()).await);
    write(
        world.folder.path(),
        json!([published("b", &ec(), Algorithm::ES256)]),
    );
    assert!(!opens(&world, "b", Algorithm::ES256, &ec()).await);
    // An assertion lasts a minute in these tests.
    world.relay.clock.advance(Duration::from_secs(60));
    let mut later = claims("005ALEX");
    later["exp"] = json!(later["exp"].as_i64().unwrap() + 60);
    let token = sign(&later, "b", Algorithm::ES256, &ec());
    assert_eq!(world.open_session(&token).await.status, 200);
}

fn write(folder: &Path, keys: Value) {
    std::fs::write(
        folder.join("keys.json"),
        json!({ "keys": keys }).to_string(),
    )
    .unwrap();
}

#[tokio::test]
async fn an_issuer_speaks_with_its_own_keys_for_its_own_organisation_alone() {
    let other = "\n[[issuer]]\niss = \"https://crm.other.example\"\norg = \"other\"\nkid = \"hs\"\nalgorithm = \"HS256\"\nsecret = \"another-secret-that-has-at-least-32-bytes\"\n";
    // The same key id as the first issuer's: both are right, each for its own.
    let world = World::with(|config| config + other).await;
    let theirs = EncodingKey::from_secret(b"another-secret-that-has-at-least-32-bytes");
    let ours = EncodingKey::from_secret(SIGNING_SECRET.as_bytes());
    let with = |iss: &str, org: &str, key: &EncodingKey| {
        let mut claims = claims("005ALEX");
        claims["iss"] = json!(iss);
        claims["org"] = json!(org);
        sign(&claims, "hs", Algorithm::HS256, key)
    };
    for token in [
        with(ISS, "acme", &theirs),
        with("https://crm.other.example", "acme", &theirs),
        with("https://crm.other.example", "other", &ours),
        with(ISS, "other", &ours),
        with(ISS, "ACME", &ours),
    ] {
        world
            .open_session(&token)
            .await
            .is_problem("assertion_invalid");
    }
    world
        .open_session(&with("https://crm.other.example", "other", &theirs))
        .await
        .is_problem("agent_unknown");
    assert_eq!(
        world.open_session(&with(ISS, "acme", &ours)).await.status,
        200
    );
}

#[tokio::test]
async fn an_assertion_is_for_one_relay_and_for_nothing_this_relay_does_not_know() {
    let world = World::new().await;
    let key = EncodingKey::from_secret(SIGNING_SECRET.as_bytes());
    let with = |name: &str, value: Value| {
        let mut claims = claims("005ALEX");
        claims[name] = value;
        sign(&claims, "hs", Algorithm::HS256, &key)
    };
    for token in [
        with("aud", json!([AUDIENCE, "https://other.example"])),
        with("aud", json!([])),
        with("aud", json!(format!("{AUDIENCE}/"))),
        with("nbf", json!(crate::support::now() + 120)),
        with("iat", json!(1.5)),
        with("org", json!(["acme"])),
        with("iss", json!([ISS])),
    ] {
        world
            .open_session(&token)
            .await
            .is_problem("assertion_invalid");
    }
    let critical = jsonwebtoken::Header {
        kid: Some("hs".into()),
        crit: Some(vec!["exp".into()]),
        ..jsonwebtoken::Header::new(Algorithm::HS256)
    };
    let token = jsonwebtoken::encode(&critical, &claims("005ALEX"), &key).unwrap();
    world
        .open_session(&token)
        .await
        .is_problem("assertion_invalid");
    let token = with("aud", json!([AUDIENCE]));
    assert_eq!(world.open_session(&token).await.status, 200);
}

#[test]
fn keys_come_from_one_place_and_each_once() {
    let error = |more: &str| {
        let text = config("http://127.0.0.1:1") + &issuer(more);
        let parsed = Config::parse(&text, Path::new("."), &Environment::default());
        parsed.map(|_| ()).unwrap_err().path
    };
    for (keys, path) in [
        ("algorithm = \"RS256\"", "issuer[1]"),
        (
            "algorithm = \"HS256\"\njwks_url = \"https://x.example\"",
            "issuer[1]",
        ),
        (
            "algorithm = \"RS256\"\nkid = \"a\"\njwks_url = \"https://x.example\"",
            "issuer[1]",
        ),
        (
            "algorithm = \"RS256\"\njwks_url = \"http://x.example\"",
            "issuer[1].jwks_url",
        ),
        (
            "algorithm = \"RS256\"\njwks_file = \"none.json\"",
            "issuer[1].jwks_file",
        ),
        (
            "algorithm = \"HS256\"\nkid = \"hs\"\nsecret = \"another-secret-that-has-at-least-32-bytes\"",
            "issuer[1].kid",
        ),
        (
            "algorithm = \"HS256\"\nsecret = \"another-secret-that-has-at-least-32-bytes\"",
            "issuer[1].kid",
        ),
    ] {
        assert_eq!(error(keys), path, "{keys}");
    }
}
