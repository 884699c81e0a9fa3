//! What a program has to bring to leave a callback: work, patience, a captcha, and no curiosity.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

use crate::support::{Answer, NUMBER, World, fresh_key};

/// The world's key, with more in it.
async fn world(more: &str) -> World {
    let more = format!("region = \"AT\"\n{more}");
    World::with(|config| config.replacen("region = \"AT\"", &more, 1)).await
}

const PROOF: &str = "proof = { max = 300, min_fill = 2 }";

fn body() -> Value {
    json!({ "number": NUMBER, "topic": "sales" })
}

async fn challenge(world: &World) -> Value {
    let answer = world
        .ask(Method::GET, "/v1/challenge")
        .header("Patchcord-Key", "pk_plain")
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json
}

/// What an honest browser does.
fn solve(challenge: &Value) -> String {
    let text = |name: &str| challenge[name].as_str().unwrap().to_owned();
    assert_eq!(text("algorithm"), "SHA-256");
    let number = (0..=challenge["maxnumber"].as_u64().unwrap())
        .find(|number| {
            let hash = Sha256::digest(format!("{}{number}", text("salt")));
            let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            hex == text("challenge")
        })
        .unwrap();
    let payload = json!({
        "algorithm": "SHA-256", "challenge": text("challenge"), "number": number,
        "salt": text("salt"), "signature": text("signature"),
    });
    STANDARD.encode(payload.to_string())
}

async fn send(world: &World, key: &str, body: &Value) -> Answer {
    world
        .ask(Method::POST, "/v1/callbacks")
        .header("Patchcord-Key", "pk_plain")
        .header("Idempotency-Key", key)
        .json(body)
        .send()
        .await
}

fn with(name: &str, value: Value) -> Value {
    let mut body = body();
    body[name] = value;
    body
}

#[tokio::test]
async fn a_solved_challenge_is_good_for_one_callback_and_its_repetition() {
    let world = world(PROOF).await;
    let body = with("proof", json!(solve(&challenge(&world).await)));
    let key = fresh_key();
    send(&world, &key, &body)
        .await
        .is_problem("too_fast")
        .about("proof");
    world.relay.clock.advance(Duration::from_secs(2));
    let first = send(&world, &key, &body).await;
    assert_eq!(first.status, 201, "{}", first.body);
    let again = send(&world, &key, &body).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    let stolen = send(&world, &fresh_key(), &body).await;
    assert_eq!(stolen.is_problem("proof_used").status, 422);
    // Long after the challenge is over, and after a restart, a repetition is still one.
    world.relay.clock.advance(Duration::from_secs(600));
    let again = send(&world, &key, &body).await;
    assert_eq!(
        (again.status, again.header("idempotent-replay")),
        (201, "true")
    );
    send(&world, &fresh_key(), &body)
        .await
        .is_problem("proof_expired");
}

#[tokio::test]
async fn a_refused_callback_does_not_use_its_proof_up() {
    let world = world(PROOF).await;
    let body = with("proof", json!(solve(&challenge(&world).await)));
    world.relay.clock.advance(Duration::from_secs(2));
    let mut wrong = body.clone();
    wrong["number"] = json!("+4930");
    send(&world, &fresh_key(), &wrong)
        .await
        .is_problem("invalid_number");
    assert_eq!(send(&world, &fresh_key(), &body).await.status, 201);
}

#[tokio::test]
async fn without_work_done_for_this_key_nothing_is_stored() {
    let world = world(PROOF).await;
    send(&world, &fresh_key(), &body())
        .await
        .is_problem("proof_required");
    let empty = with("proof", json!(""));
    send(&world, &fresh_key(), &empty)
        .await
        .is_problem("proof_required");
    for proof in ["AAAA", "*", "e30="] {
        let body = with("proof", json!(proof));
        send(&world, &fresh_key(), &body)
            .await
            .is_problem("proof_invalid");
    }
    send(&world, &fresh_key(), &with("proof", json!(1)))
        .await
        .is_problem("invalid_field")
        .about("proof");
    let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM callback")
        .fetch_one(world.relay.shared().store.read())
        .await
        .unwrap();
    assert_eq!(stored, 0);
}

#[tokio::test]
async fn a_challenge_outlives_a_restart_and_a_key_without_proof_gives_none() {
    let world = world(PROOF).await;
    let body = with("proof", json!(solve(&challenge(&world).await)));
    let world = world.restart().await;
    world.relay.clock.advance(Duration::from_secs(3));
    assert_eq!(send(&world, &fresh_key(), &body).await.status, 201);
    let none = world
        .ask(Method::GET, "/v1/challenge")
        .header("Patchcord-Key", "pk_demo")
        .send()
        .await;
    none.is_problem("not_found");
}

#[tokio::test]
async fn a_field_that_people_do_not_see_gives_programs_away() {
    let world = world("honeypot = \"website\"").await;
    for (value, status) in [(json!(""), 201), (json!("  "), 201), (json!(null), 201)] {
        let body = with("fields", json!({ "website": value }));
        assert_eq!(send(&world, &fresh_key(), &body).await.status, status);
    }
    let filled = with("fields", json!({ "website": "https://spam.example" }));
    let answer = send(&world, &fresh_key(), &filled).await;
    assert_eq!(answer.is_problem("spam_suspected").status, 422);
}

/// A captcha service that answers what it is told to, and keeps what it was asked.
async fn captcha_service(answer: Value) -> (String, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = asked.clone();
    let app = Router::new().route(
        "/siteverify",
        post(async move |form: String| {
            kept.lock().unwrap().push(form);
            answer.to_string()
        }),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/siteverify", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, asked)
}

fn captcha(url: &str) -> String {
    format!(
        "captcha = {{ service = \"turnstile\", site_key = \"0x1\", secret = \"canary&x=1\", verify_url = \"{url}\" }}"
    )
}

#[tokio::test]
async fn who_passes_the_captcha_is_asked_about_once_and_nothing_else_is_told() {
    let (url, asked) = captcha_service(json!({ "success": true })).await;
    let world = world(&captcha(&url)).await;
    send(&world, &fresh_key(), &body())
        .await
        .is_problem("captcha_failed");
    let key = fresh_key();
    let body = with("captcha", json!("an answer"));
    assert_eq!(send(&world, &key, &body).await.status, 201);
    assert_eq!(
        send(&world, &key, &body).await.header("idempotent-replay"),
        "true"
    );
    assert_eq!(
        *asked.lock().unwrap(),
        ["secret=canary%26x%3D1&response=an%20answer"]
    );
}

#[tokio::test]
async fn who_fails_the_captcha_or_cannot_be_asked_about_is_refused() {
    let (failing, _) =
        captcha_service(json!({ "success": false, "error-codes": ["timeout-or-duplicate"] })).await;
    let (odd, _) = captcha_service(json!({ "ok": true })).await;
    for url in [failing.as_str(), &odd, "http://127.0.0.1:9/"] {
        let world = world(&captcha(url)).await;
        let body = with("captcha", json!("an answer"));
        let answer = send(&world, &fresh_key(), &body).await;
        assert_eq!(answer.is_problem("captcha_failed").status, 422);
    }
}

#[tokio::test]
async fn a_page_is_told_what_its_visitors_have_to_bring() {
    let (url, _) = captcha_service(json!({})).await;
    let world = world(&format!(
        "{PROOF}\nhoneypot = \"website\"\n{}",
        captcha(&url)
    ))
    .await;
    let of = async |key: &str| {
        let ask = world.ask(Method::GET, "/v1/config");
        ask.header("Patchcord-Key", key).send().await
    };
    let full = of("pk_plain").await;
    assert_eq!(full.json["proof"], "altcha");
    assert_eq!(
        full.json["captcha"],
        json!({ "service": "turnstile", "site_key": "0x1" })
    );
    assert_eq!(full.json["honeypot"], "website");
    assert!(!full.body.contains("canary"));
    let bare = of("pk_demo").await.json;
    for name in ["proof", "captcha", "honeypot"] {
        assert_eq!(bare.get(name), Some(&Value::Null), "{name}");
    }
}
