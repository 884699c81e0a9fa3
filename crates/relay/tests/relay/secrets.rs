//! Canaries: no secret may appear where it does not belong.

use reqwest::Method;
use serde_json::json;

use patchcord_relay::config::{Config, Environment};

use crate::command::{Process, command, prepare};
use crate::support::{NUMBER, SIGNING_SECRET, assertion, config};

#[tokio::test]
async fn the_log_has_no_secret_no_number_and_no_payload() {
    let (_sandbox, folder) = prepare().await;
    let mut command = command(folder.path());
    // What this crate logs at any level, and all others at their usual one.
    command.env(
        "PATCHCORD_LOG",
        "info,patchcord_relay=trace,patchcord_core=trace",
    );
    let process = Process::start(command).await;
    let assertion = assertion("005ALEX");
    let open = process
        .ask(Method::POST, "/v1/sessions")
        .json(&json!({ "assertion": assertion }))
        .send()
        .await;
    let session = open.json["session"].as_str().unwrap().to_owned();
    for provider in ["samespace", "babelforce"] {
        let number = if provider == "samespace" {
            NUMBER
        } else {
            "+493012345679"
        };
        let body = json!({ "number": number, "provider": provider, "payload": { "canary-key": "canary-value" } });
        let ask = process
            .ask(Method::POST, "/v1/calls")
            .bearer(&session)
            .header("Idempotency-Key", &crate::support::fresh_key());
        ask.json(&body).send().await.is_outcome("accepted", None);
    }
    let wish = json!({ "number": NUMBER, "topic": "sales", "payload": { "canary-key": 1 }, "page": "https://canary-page.example" });
    let ask = process
        .ask(Method::POST, "/v1/callbacks")
        .header("Patchcord-Key", "pk_plain");
    let callback = ask
        .header("Idempotency-Key", &crate::support::fresh_key())
        .json(&wish)
        .send()
        .await
        .json;
    // What a visitor fills in, right or wrong.
    for (name, code) in [("canary", 201), ("canary-too-long", 422)] {
        let wish = json!({
            "number": NUMBER, "topic": "sales", "fields": { "name": name, "town": "canary-town" },
            "consent": { "version": "2026-11", "given": true },
        });
        let ask = process
            .ask(Method::POST, "/v1/callbacks")
            .header("Patchcord-Key", "pk_demo")
            .header("Idempotency-Key", &crate::support::fresh_key())
            .json(&wish);
        let answer = ask.send().await;
        assert_eq!(answer.status, code, "{}", answer.body);
    }
    process
        .ask(Method::GET, "/v1/calls/canary-path?canary-query=1")
        .bearer("canary-session")
        .send()
        .await;
    let (_, log) = process.end("-TERM").await;
    assert!(
        log.contains("dialling") && log.contains("callback queued"),
        "{log}"
    );
    let secrets = [
        SIGNING_SECRET,
        "sandbox-password",
        "canary",
        &session,
        &assertion,
        callback["manage_token"].as_str().unwrap(),
        "3012345678",
        "3012345679",
    ];
    for secret in secrets {
        assert!(!log.contains(secret), "the log has {secret}");
    }
}

#[tokio::test]
async fn the_database_has_no_session_manage_token_or_password_in_clear() {
    let (_sandbox, folder) = prepare().await;
    let process = Process::start(command(folder.path())).await;
    let session = process.session().await;
    process.dial(&session, &crate::support::fresh_key()).await;
    let key = crate::support::fresh_key();
    let wish = || {
        let ask = process.ask(Method::POST, "/v1/callbacks");
        ask.header("Patchcord-Key", "pk_plain")
            .header("Idempotency-Key", &key)
            .json(&json!({ "number": NUMBER, "topic": "sales" }))
            .send()
    };
    let callback = wish().await;
    assert_eq!(callback.status, 201, "{}", callback.body);
    // Kept, to be given again.
    let again = wish().await;
    assert_eq!(
        (again.body.as_str(), again.header("idempotent-replay")),
        (callback.body.as_str(), "true")
    );
    process.end("-TERM").await;
    let file = std::fs::read(folder.path().join("relay.db")).unwrap();
    let text = String::from_utf8_lossy(&file);
    let manage_token = callback.json["manage_token"].as_str().unwrap();
    for secret in [SIGNING_SECRET, "sandbox-password", &session, manage_token] {
        assert!(!text.contains(secret), "the database has {secret}");
    }
}

#[test]
fn debug_of_the_configuration_has_no_secret() {
    let config = Config::parse(
        &config("http://127.0.0.1:1"),
        std::path::Path::new("."),
        &Environment::default(),
    )
    .unwrap();
    let shown = format!("{config:?} {config:#?}");
    assert!(shown.contains("HS256"));
    for secret in [SIGNING_SECRET, "sandbox-password"] {
        assert!(!shown.contains(secret));
    }
}

#[tokio::test]
async fn each_log_line_of_a_request_has_the_id_of_its_reply() {
    let (_sandbox, folder) = prepare().await;
    let mut command = command(folder.path());
    command.env("PATCHCORD_LOG_FORMAT", "json");
    let process = Process::start(command).await;
    let session = process.session().await;
    let dialled = process.dial(&session, &crate::support::fresh_key()).await;
    let refused = process.dial(&session, "short").await;
    let (_, log) = process.end("-TERM").await;
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect();
    for (message, reply) in [
        ("dialling", &dialled),
        ("dialled", &dialled),
        ("served", &dialled),
        ("refused", &refused),
    ] {
        let id = reply.header("x-request-id");
        assert!(
            lines
                .iter()
                .any(|line| line["message"] == message && line["span"]["id"] == id),
            "no `{message}` of {id} in {log}"
        );
    }
}
