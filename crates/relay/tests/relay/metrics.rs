//! What a monitoring system is told, and who is told.

use std::path::Path;

use patchcord_relay::clock;
use patchcord_relay::config::{Config, Environment};
use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Ask, NUMBER, World, config, eventually};

const SECTION: &str = "\n[metrics]\nlisten = \"127.0.0.1:0\"\n";

async fn scrape(world: &World) -> Answer {
    Ask::new(
        Method::GET,
        format!("{}/metrics", world.relay.metrics.as_ref().unwrap()),
    )
    .send()
    .await
}

#[track_caller]
fn has(text: &str, line: &str) {
    assert!(
        text.lines().any(|found| found == line),
        "no `{line}` in\n{text}"
    );
}

#[tokio::test]
async fn what_happens_is_counted() {
    let world = World::with(|config| config + SECTION).await;
    let session = world.session().await;
    world
        .dial(&session, &json!({ "number": NUMBER }))
        .send()
        .await;
    let wish = json!({
        "number": NUMBER, "topic": "sales", "fields": { "name": "Alex" },
        "consent": { "version": "2026-11", "given": true },
    });
    let taken = world.callback(&wish).send().await.json;
    world.until_state(&taken, "handed_over").await;
    world
        .callback(&json!({ "number": "nonsense" }))
        .send()
        .await
        .is_problem("invalid_number");
    world
        .ask(Method::GET, "/v1/nothing/+4930123")
        .send()
        .await
        .is_problem("not_found");
    let stream = world
        .ask(Method::GET, "/v1/events")
        .bearer(&session)
        .stream()
        .await;

    let answer = scrape(&world).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    let text = &answer.body;
    has(
        text,
        r#"patchcord_callbacks_total{state="queued",code=""} 1"#,
    );
    has(
        text,
        r#"patchcord_callbacks_total{state="handed_over",code=""} 1"#,
    );
    has(
        text,
        r#"patchcord_calls_total{provider="samespace",outcome="accepted",code=""} 1"#,
    );
    has(text, r#"patchcord_refusals_total{code="invalid_number"} 1"#);
    has(text, r#"patchcord_refusals_total{code="not_found"} 1"#);
    has(text, "patchcord_event_streams 1");
    has(text, "patchcord_oldest_due_callback_age_seconds 0.0");
    has(
        text,
        r#"patchcord_http_request_duration_seconds_count{method="POST",route="/v1/calls",status="200"} 1"#,
    );
    // A path of a stranger's making is no label.
    has(
        text,
        r#"patchcord_http_request_duration_seconds_count{method="GET",route="-",status="404"} 1"#,
    );
    // A measured time may well have any digits in it: only what stands before the value counts.
    let labels = text
        .lines()
        .filter_map(|line| Some(line.rsplit_once(' ')?.0));
    let numbers: Vec<_> = labels.filter(|line| line.contains("4930")).collect();
    assert!(numbers.is_empty(), "{numbers:?}");
    assert!(
        text.contains("patchcord_database_commit_seconds_count"),
        "{text}"
    );

    drop(stream);
    eventually(async || {
        scrape(&world)
            .await
            .body
            .contains("patchcord_event_streams 0")
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn refusals_are_kept_by_the_day() {
    let world = World::new().await;
    for _ in 0..3 {
        world
            .callback(&json!({ "number": "nonsense" }))
            .send()
            .await
            .is_problem("invalid_number");
    }
    let world = world.restart().await;
    world
        .callback(&json!({ "number": "nonsense" }))
        .send()
        .await
        .is_problem("invalid_number");
    let relay = world.relay.shared();
    relay.refusals.write(&relay.store).await.unwrap();
    relay.refusals.write(&relay.store).await.unwrap();
    let today = clock::to_rfc3339(relay.clock.now());
    // The relay writes them by itself too: what it took a moment ago may be on its way.
    eventually(async || {
        let kept = relay
            .store
            .refusals(today.get(..10).unwrap())
            .await
            .unwrap();
        (kept == [("invalid_number".to_owned(), 4)]).then_some(())
    })
    .await;
    relay.refusals.write(&relay.store).await.unwrap();
    let kept = relay.store.refusals(today.get(..10).unwrap()).await;
    assert_eq!(kept.unwrap(), [("invalid_number".to_owned(), 4)]);
}

#[tokio::test]
async fn metrics_are_for_the_operator_alone() {
    let world = World::new().await;
    world
        .ask(Method::GET, "/metrics")
        .send()
        .await
        .is_problem("not_found");

    let token = "canary-metrics-token";
    let world = World::with(|config| format!("{config}{SECTION}token = \"{token}\"\n")).await;
    assert_eq!(scrape(&world).await.status, 401);
    let url = format!("{}/metrics", world.relay.metrics.as_ref().unwrap());
    assert_eq!(
        Ask::new(Method::GET, url.clone())
            .bearer("canary-metrics-toke")
            .send()
            .await
            .status,
        401
    );
    assert_eq!(
        Ask::new(Method::GET, url).bearer(token).send().await.status,
        200
    );
}

#[test]
fn an_address_that_others_reach_needs_a_token() {
    let parse = |section: &str| {
        let text = format!("{}\n[metrics]\n{section}", config("http://127.0.0.1:1"));
        Config::parse(&text, Path::new("."), &Environment::default()).map(|_| ())
    };
    let error = parse("listen = \"0.0.0.0:4101\"").unwrap_err();
    assert_eq!(error.path, "metrics.token");
    assert_eq!(
        parse("listen = \"0.0.0.0:4101\"\ntoken = \"short\"")
            .unwrap_err()
            .path,
        "metrics.token"
    );
    parse("listen = \"0.0.0.0:4101\"\ntoken = \"0123456789abcdef\"").unwrap();
    parse("listen = \"[::1]:4101\"").unwrap();
}
