//! Who may dial: assertions and the sessions they are exchanged for.

use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey};
use reqwest::Method;
use serde_json::{Value, json};

use patchcord_relay::config::AgentId;
use patchcord_relay::sessions;

use crate::support::{
    Answer, NUMBER, SERVER, SIGNING_SECRET, World, assertion, claims, eventually, now, sign,
};

fn hs256(claims: &Value) -> String {
    sign(
        claims,
        "hs",
        Algorithm::HS256,
        &EncodingKey::from_secret(SIGNING_SECRET.as_bytes()),
    )
}

async fn open_with(world: &World, name: &str, value: Value) -> Answer {
    let mut claims = claims("005ALEX");
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    world.open_session(&hs256(&claims)).await
}

#[tokio::test]
async fn a_good_assertion_opens_a_session_that_says_whose_it_is_and_what_it_can() {
    let world = World::new().await;
    let answer = world.open_session(&assertion("005ALEX")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json["expires_in"], 900);
    assert_eq!(
        answer.json["agent"],
        json!({ "org": "acme", "sub": "005ALEX", "name": "Alex Adler" })
    );
    assert_eq!(answer.json["region"], "DE");
    assert_eq!(answer.json["providers"][0]["provider"], "samespace");
    assert_eq!(answer.json["providers"][1]["provider"], "babelforce");
    assert_eq!(answer.header("cache-control"), "no-store");
    let session = answer.json["session"].as_str().unwrap();
    let config = world
        .ask(Method::GET, "/v1/config")
        .bearer(session)
        .send()
        .await;
    assert_eq!(
        config.json,
        json!({ "region": "DE", "providers": answer.json["providers"] })
    );
}

#[tokio::test]
async fn every_flaw_of_an_assertion_is_refused() {
    let world = World::new().await;
    for (claim, value, code) in [
        ("iss", json!("https://evil.example"), "assertion_invalid"),
        ("iss", Value::Null, "assertion_invalid"),
        (
            "aud",
            json!("https://other-relay.example"),
            "assertion_invalid",
        ),
        ("aud", Value::Null, "assertion_invalid"),
        ("org", json!("other"), "assertion_invalid"),
        ("org", Value::Null, "assertion_invalid"),
        ("jti", json!(""), "assertion_invalid"),
        ("jti", Value::Null, "assertion_invalid"),
        ("iat", json!(now() + 120), "assertion_invalid"),
        ("iat", Value::Null, "assertion_invalid"),
        ("exp", Value::Null, "assertion_invalid"),
        ("exp", json!("soon"), "assertion_invalid"),
        ("exp", json!(now() - 1), "assertion_expired"),
        ("exp", json!(now() + 3600), "assertion_expired"),
        ("iat", json!(now() - 600), "assertion_expired"),
        ("exp", json!(i64::MAX), "assertion_expired"),
        ("sub", json!("nobody"), "agent_unknown"),
        ("sub", json!("005TWICE"), "agent_ambiguous"),
        ("sub", json!(""), "agent_guest"),
        ("sub", Value::Null, "agent_guest"),
    ] {
        let answer = open_with(&world, claim, value.clone()).await;
        assert_eq!(
            answer.json["code"], code,
            "{claim} {value}: {}",
            answer.body
        );
        answer.is_problem(code);
    }
}

#[tokio::test]
async fn the_key_and_algorithm_come_from_the_configuration_never_from_the_token() {
    let world = World::new().await;
    let good = EncodingKey::from_secret(SIGNING_SECRET.as_bytes());
    let forged = EncodingKey::from_secret(b"another-secret-that-has-at-least-32-bytes");
    let rsa = EncodingKey::from_rsa_pem(include_bytes!("keys/rs256.pem")).unwrap();
    let payload = assertion("005ALEX").split('.').nth(1).unwrap().to_owned();
    // {"alg":"none","kid":"hs"}
    let unsigned = format!("eyJhbGciOiJub25lIiwia2lkIjoiaHMifQ.{payload}.");
    let no_kid = jsonwebtoken::encode(
        &jsonwebtoken::Header::new(Algorithm::HS256),
        &claims("005ALEX"),
        &good,
    )
    .unwrap();
    for token in [
        sign(&claims("005ALEX"), "hs", Algorithm::HS256, &forged),
        sign(&claims("005ALEX"), "hs", Algorithm::HS512, &good),
        sign(&claims("005ALEX"), "hs", Algorithm::RS256, &rsa),
        sign(&claims("005ALEX"), "unknown", Algorithm::HS256, &good),
        no_kid,
        unsigned,
        format!("{}x", assertion("005ALEX")),
        "a.b.c".to_owned(),
        "".to_owned(),
    ] {
        world
            .open_session(&token)
            .await
            .is_problem("assertion_invalid")
            .about("assertion");
    }
}

#[tokio::test]
async fn all_four_algorithms_are_understood_and_bound_to_their_key_id() {
    let pem = |name: &str| match name {
        "RS256" => (
            include_str!("keys/rs256.pem"),
            include_str!("keys/rs256.pub.pem"),
        ),
        "ES256" => (
            include_str!("keys/es256.pem"),
            include_str!("keys/es256.pub.pem"),
        ),
        _ => (
            include_str!("keys/eddsa.pem"),
            include_str!("keys/eddsa.pub.pem"),
        ),
    };
    let names = ["RS256", "ES256", "EdDSA"];
    let issuers: String = names
        .iter()
        .map(|name| {
            let public = pem(name).1;
            format!(
                "[[issuer]]\niss = \"https://crm.acme.example\"\norg = \"acme\"\nkid = \"{name}\"\nalgorithm = \"{name}\"\npublic_key = '''\n{public}'''\n"
            )
        })
        .collect();
    let world = World::with(|config| config + &issuers).await;
    for name in names {
        let private = pem(name).0.as_bytes();
        let (algorithm, key) = match name {
            "RS256" => (
                Algorithm::RS256,
                EncodingKey::from_rsa_pem(private).unwrap(),
            ),
            "ES256" => (Algorithm::ES256, EncodingKey::from_ec_pem(private).unwrap()),
            _ => (Algorithm::EdDSA, EncodingKey::from_ed_pem(private).unwrap()),
        };
        let answer = world
            .open_session(&sign(&claims("005ALEX"), name, algorithm, &key))
            .await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.body);
        let other = if name == "RS256" { "ES256" } else { "RS256" };
        world
            .open_session(&sign(&claims("005ALEX"), other, algorithm, &key))
            .await
            .is_problem("assertion_invalid");
    }
    // The classic confusion: the public key, which everybody knows, used as a shared secret.
    let confused = EncodingKey::from_secret(pem("RS256").1.as_bytes());
    let token = sign(&claims("005ALEX"), "RS256", Algorithm::HS256, &confused);
    world
        .open_session(&token)
        .await
        .is_problem("assertion_invalid");
}

#[tokio::test]
async fn an_assertion_is_good_for_one_session_also_across_a_restart() {
    let world = World::new().await;
    let token = assertion("005ALEX");
    assert_eq!(world.open_session(&token).await.status, 200);
    world
        .open_session(&token)
        .await
        .is_problem("assertion_replayed");
    let world = world.restart().await;
    world
        .open_session(&token)
        .await
        .is_problem("assertion_replayed");
}

#[tokio::test]
async fn a_body_of_another_form_is_refused_with_the_field() {
    let world = World::new().await;
    let ask = |body: Value| world.ask(Method::POST, "/v1/sessions").json(&body).send();
    ask(json!({}))
        .await
        .is_problem("missing_field")
        .about("assertion");
    ask(json!({ "assertion": 1 }))
        .await
        .is_problem("invalid_field")
        .about("assertion");
    ask(json!({ "assertion": assertion("005ALEX"), "sub": "005SAM" }))
        .await
        .is_problem("unknown_field")
        .about("sub");
}

#[tokio::test]
async fn no_session_a_wrong_one_and_an_old_one_are_told_apart() {
    let world = World::new().await;
    let body = json!({ "number": NUMBER });
    let missing = world
        .ask(Method::POST, "/v1/calls")
        .json(&body)
        .send()
        .await;
    assert_eq!(missing.is_problem("session_missing").status, 401);
    world
        .dial("pcs_wrong", &body)
        .send()
        .await
        .is_problem("session_expired");
    let session = world.session().await;
    world.relay.clock.advance(Duration::from_secs(15 * 60));
    world
        .dial(&session, &body)
        .send()
        .await
        .is_problem("session_expired");
    assert!(world.dials().await.is_empty());
}

#[tokio::test]
async fn renewing_ends_the_old_session() {
    let world = World::new().await;
    let old = world.session().await;
    world.relay.clock.advance(Duration::from_secs(14 * 60));
    let renew = |session: &str| {
        world
            .ask(Method::POST, "/v1/sessions/renew")
            .bearer(session)
            .send()
    };
    let answer = renew(&old).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let new = answer.json["session"].as_str().unwrap();
    renew(&old).await.is_problem("session_expired");
    world.relay.clock.advance(Duration::from_secs(14 * 60));
    world
        .dial(new, &json!({ "number": NUMBER }))
        .send()
        .await
        .is_outcome("accepted", None);
}

#[tokio::test]
async fn a_session_can_be_ended() {
    let world = World::new().await;
    let session = world.session().await;
    let end = world
        .ask(Method::DELETE, "/v1/sessions/current")
        .bearer(&session)
        .send()
        .await;
    assert_eq!((end.status, end.body.as_str()), (204, ""));
    world
        .dial(&session, &json!({ "number": NUMBER }))
        .send()
        .await
        .is_problem("session_expired");
}

#[tokio::test]
async fn a_session_outlives_a_restart_of_the_relay() {
    let world = World::new().await;
    let session = world.session().await;
    let world = world.restart().await;
    world
        .dial(&session, &json!({ "number": NUMBER }))
        .send()
        .await
        .is_outcome("accepted", None);
}

/// PostgreSQL runs transactions side by side: the one that makes a session is held before its commit, and the one that
/// ends them all comes meanwhile.
#[tokio::test]
async fn a_session_that_is_opened_or_renewed_while_all_are_ended_does_not_survive() {
    if std::env::var(SERVER).is_err() {
        return;
    }
    let world = World::new().await;
    let (shared, agent) = (
        world.relay.shared(),
        AgentId {
            org: "acme".to_owned(),
            sub: "005ALEX".to_owned(),
        },
    );
    let pool = shared.store.read();
    for made in [
        "CREATE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NEW; END $$",
        "CREATE TRIGGER held AFTER INSERT ON session FOR EACH ROW EXECUTE FUNCTION held()",
    ] {
        sqlx::query(made).execute(pool).await.unwrap();
    }
    let mut holding = pool.acquire().await.unwrap();
    let waiting = async |many: i64| {
        let waiting: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .fetch_one(pool)
        .await
        .unwrap();
        (waiting >= many).then_some(())
    };
    for path in ["/v1/sessions/renew", "/v1/sessions"] {
        let old = world.session().await;
        sqlx::query("SELECT pg_advisory_lock(4711)")
            .execute(&mut *holding)
            .await
            .unwrap();
        let ask = world
            .ask(Method::POST, path)
            .bearer(&old)
            .json(&json!({ "assertion": assertion("005ALEX") }));
        let making = tokio::spawn(ask.send());
        eventually(async || waiting(1).await).await;
        let (store, who, now) = (shared.store.clone(), agent.clone(), shared.clock.now());
        let ending = tokio::spawn(async move { sessions::revoke(&store, who, now).await });
        eventually(async || waiting(2).await).await;
        sqlx::query("SELECT pg_advisory_unlock(4711)")
            .execute(&mut *holding)
            .await
            .unwrap();
        let made = making.await.unwrap();
        assert_eq!(made.status, 200, "{path}: {}", made.body);
        ending.await.unwrap().unwrap();
        let left: i64 = sqlx::query_scalar("SELECT count(*) FROM session WHERE sub = '005ALEX'")
            .fetch_one(pool)
            .await
            .unwrap();
        assert_eq!(left, 0, "{path}");
    }
}
