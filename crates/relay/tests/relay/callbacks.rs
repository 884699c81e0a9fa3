//! A visitor's wish, from the form to the platform.

use std::time::Duration;

use patchcord_relay::clock::to_rfc3339;
use patchcord_relay::outbox::{self, Decided};
use patchcord_relay::store::alert::Decision;
use patchcord_relay::wakes::Wake;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{NUMBER, SITE, World, eventually, fresh_key};

const SAMESPACE: &str = "/apiv1/team/make_call";
const QUEUE: &str = "/api/v2/queues/9f8e7d6c5b4a39281706f5e4d3c2b1a0/callback";
const TASKS: &str = "/api/v3/tasks";

fn wish(topic: &str) -> Value {
    json!({
        "number": NUMBER, "topic": topic, "fields": { "name": "Ada" },
        "consent": { "version": "2026-11", "given": true },
    })
}

fn with(topic: &str, name: &str, value: Value) -> Value {
    let mut wish = wish(topic);
    wish[name] = value;
    wish
}

/// A time so many seconds ahead of the relay's clock, without fractions.
fn ahead(world: &World, seconds: i64) -> String {
    to_rfc3339((world.relay.clock.now() / 1000 + seconds) * 1000)
}

async fn taken(world: &World, body: &Value) -> Value {
    let answer = world.callback(body).header("Origin", SITE).send().await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(answer.json["state"], "queued");
    assert_eq!(answer.json["topic"], body["topic"]);
    answer.json
}

#[tokio::test]
async fn a_callback_reaches_the_samespace_team_with_its_fields_beside_the_payload() {
    let world = World::new().await;
    let mut body = with(
        "sales",
        "payload",
        json!({ "deal": { "kw": [1, 2.5] }, "name": "from the payload" }),
    );
    body["fields"]["town"] = json!("Ulm");
    body["page"] = json!("https://www.acme.example/heat");
    let callback = taken(&world, &body).await;
    assert_eq!(callback["at"], Value::Null);
    assert_eq!(callback["reference"].as_str().unwrap().len(), 9);
    let done = world.until_state(&callback, "handed_over").await;
    assert_eq!(done["reference"], callback["reference"]);
    assert!(done.get("manage_token").is_none());
    let seen = world.seen(SAMESPACE).await;
    assert_eq!(seen.len(), 1);
    assert_eq!(
        seen[0]["body"],
        json!({
            "space_id": "acme", "team_name": "helpdesk", "number": "493012345678",
            "attributes": {
                "deal": { "kw": [1, 2.5] }, "name": "from the payload", "town": "Ulm",
                "patchcord_page": "https://www.acme.example/heat",
            },
        })
    );
}

#[tokio::test]
async fn a_callback_reaches_the_babelforce_queue() {
    let world = World::new().await;
    let callback = taken(&world, &with("support", "payload", json!({ "a": [1] }))).await;
    world.until_state(&callback, "handed_over").await;
    let seen = world.seen(QUEUE).await;
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0]["body"]["to"], NUMBER);
    assert_eq!(
        seen[0]["body"]["session"],
        json!({ "a": [1], "name": "Ada" })
    );
}

#[tokio::test]
async fn babelforce_is_given_the_time_at_once_as_a_task() {
    let world = World::new().await;
    let at = ahead(&world, 3600);
    let callback = taken(&world, &with("support", "at", json!(at))).await;
    assert_eq!(callback["at"], at);
    world.until_state(&callback, "handed_over").await;
    let seen = world.seen(TASKS).await;
    assert_eq!(seen.len(), 1);
    assert!(
        seen[0]["body"]["scheduled_at"].is_string(),
        "{}",
        seen[0]["body"]
    );
    assert!(world.seen(QUEUE).await.is_empty());
}

#[tokio::test]
async fn the_relay_keeps_a_callback_for_samespace_until_it_is_due_also_across_a_restart() {
    let world = World::new().await;
    let callback = taken(&world, &with("sales", "at", json!(ahead(&world, 3600)))).await;
    let world = world.restart().await;
    world.relay.clock.advance(Duration::from_secs(3500));
    let waiting = world.managed(Method::GET, &callback).send().await.json;
    assert_eq!(waiting["state"], "queued");
    assert!(world.seen(SAMESPACE).await.is_empty());
    world.relay.clock.advance(Duration::from_secs(101));
    world.until_state(&callback, "handed_over").await;
    assert_eq!(world.seen(SAMESPACE).await.len(), 1);
}

#[tokio::test]
async fn its_holder_can_change_and_cancel_a_callback_until_it_is_handed_on() {
    let world = World::new().await;
    let callback = taken(&world, &with("sales", "at", json!(ahead(&world, 3600)))).await;
    let later = ahead(&world, 7200);
    let changed = world
        .managed(Method::PATCH, &callback)
        .json(&json!({ "at": later }))
        .send()
        .await;
    assert_eq!(
        (changed.status, &changed.json["at"]),
        (200, &json!(later)),
        "{}",
        changed.body
    );
    world.relay.clock.advance(Duration::from_secs(3601));
    assert!(world.seen(SAMESPACE).await.is_empty());
    let cancelled = world.managed(Method::DELETE, &callback).send().await;
    assert_eq!(cancelled.json["state"], "cancelled");
    world.relay.clock.advance(Duration::from_secs(7200));
    // Whoever asks again may have had no reply.
    let again = world.managed(Method::DELETE, &callback).send().await;
    assert_eq!(
        (again.status, &again.json["state"]),
        (200, &json!("cancelled")),
        "{}",
        again.body
    );
    world
        .managed(Method::PATCH, &callback)
        .json(&json!({ "at": null }))
        .send()
        .await
        .is_problem("too_late");

    let soon = taken(&world, &with("sales", "at", json!(ahead(&world, 3600)))).await;
    world
        .managed(Method::PATCH, &soon)
        .json(&json!({ "at": null }))
        .send()
        .await;
    world.until_state(&soon, "handed_over").await;
    world
        .managed(Method::PATCH, &soon)
        .json(&json!({ "at": null }))
        .send()
        .await
        .is_problem("too_late");
    assert_eq!(world.seen(SAMESPACE).await.len(), 1);
}

#[tokio::test]
async fn a_change_is_read_strictly() {
    let world = World::new().await;
    let callback = taken(&world, &with("sales", "at", json!(ahead(&world, 3600)))).await;
    let change = |body: Value| world.managed(Method::PATCH, &callback).json(&body).send();
    change(json!({}))
        .await
        .is_problem("missing_field")
        .about("at");
    change(json!({ "at": "tomorrow" }))
        .await
        .is_problem("invalid_field")
        .about("at");
    change(json!({ "at": null, "number": NUMBER }))
        .await
        .is_problem("unknown_field")
        .about("number");
}

#[tokio::test]
async fn without_the_manage_token_nothing_is_told() {
    let world = World::new().await;
    let callback = taken(&world, &with("sales", "at", json!(ahead(&world, 3600)))).await;
    let path = format!("/v1/callbacks/{}", callback["id"].as_str().unwrap());
    for method in [Method::GET, Method::DELETE] {
        world
            .ask(method.clone(), &path)
            .send()
            .await
            .is_problem("manage_token_invalid");
        let wrong = world
            .ask(method.clone(), &path)
            .header("Patchcord-Manage", "pcm_wrong")
            .send()
            .await;
        wrong.is_problem("manage_token_invalid");
        let missing = world.ask(method, "/v1/callbacks/cb_none").header(
            "Patchcord-Manage",
            callback["manage_token"].as_str().unwrap(),
        );
        missing.send().await.is_problem("manage_token_invalid");
    }
    let foreign = world
        .managed(Method::GET, &callback)
        .header("Origin", "https://other.acme.example")
        .send()
        .await;
    foreign.is_problem("origin_not_allowed");
}

#[tokio::test]
async fn every_bad_member_of_a_wish_is_named_and_nothing_is_kept() {
    let world = World::new().await;
    let without = |name: &str| {
        let mut wish = wish("sales");
        wish.as_object_mut().unwrap().remove(name);
        wish
    };
    let cases = [
        (without("number"), "missing_field", "number"),
        (
            with("sales", "number", json!("0301234")),
            "invalid_number",
            "number",
        ),
        (
            with("sales", "number", json!("+499001234567")),
            "number_not_allowed",
            "number",
        ),
        (
            with("sales", "extension", json!("x")),
            "invalid_number",
            "extension",
        ),
        (without("topic"), "missing_field", "topic"),
        (wish("hr"), "topic_unknown", "topic"),
        (
            with("sales", "at", json!("2026-11-22 10:00")),
            "invalid_field",
            "at",
        ),
        (
            with("sales", "at", json!("2020-01-01T00:00:00Z")),
            "invalid_field",
            "at",
        ),
        (
            with("sales", "at", json!("2999-01-01T00:00:00Z")),
            "invalid_field",
            "at",
        ),
        (
            with("now", "at", json!(ahead(&world, 3600))),
            "invalid_field",
            "at",
        ),
        (without("fields"), "missing_field", "fields.name"),
        (
            with("sales", "fields", json!({ "name": "  " })),
            "missing_field",
            "fields.name",
        ),
        (
            with("sales", "fields", json!({ "name": "x".repeat(11) })),
            "invalid_field",
            "fields.name",
        ),
        (
            with("sales", "fields", json!({ "name": 1 })),
            "invalid_field",
            "fields.name",
        ),
        (
            with("sales", "fields", json!({ "name": "Ada", "shoe": "42" })),
            "unknown_field",
            "fields.shoe",
        ),
        (
            with("sales", "fields", json!("Ada")),
            "invalid_field",
            "fields",
        ),
        (without("consent"), "consent_required", "consent"),
        (
            with(
                "sales",
                "consent",
                json!({ "version": "2026-11", "given": false }),
            ),
            "consent_required",
            "consent",
        ),
        (
            with(
                "sales",
                "consent",
                json!({ "version": "2025-01", "given": true }),
            ),
            "consent_outdated",
            "consent.version",
        ),
        (
            with("sales", "consent", json!({ "version": "2026-11" })),
            "missing_field",
            "consent.given",
        ),
        (
            with("sales", "payload", json!("x")),
            "payload_invalid",
            "payload",
        ),
        (
            with("sales", "payload", json!({ "a": "x".repeat(16_384) })),
            "payload_too_large",
            "payload",
        ),
        (
            with("sales", "page", json!("x".repeat(2049))),
            "invalid_field",
            "page",
        ),
        (
            with("sales", "colour", json!("red")),
            "unknown_field",
            "colour",
        ),
    ];
    for (body, code, field) in cases {
        let answer = world.callback(&body).send().await;
        assert_eq!(
            (answer.json["code"].as_str(), answer.json["field"].as_str()),
            (Some(code), Some(field)),
            "{body}"
        );
        answer.is_problem(code);
    }
    assert_eq!(
        world.relay.shared().store.next_dispatch().await.unwrap(),
        None
    );
    assert!(world.seen(SAMESPACE).await.is_empty());
}

#[tokio::test]
async fn a_key_has_to_be_known_and_tells_its_page_what_to_show() {
    let world = World::new().await;
    let ask = |key: &str| {
        world
            .ask(Method::GET, "/v1/config")
            .header("Patchcord-Key", key)
            .send()
    };
    assert_eq!(ask("pk_wrong").await.is_problem("key_unknown").status, 401);
    assert_eq!(
        ask("pk_demo").await.json,
        json!({
            "region": "DE",
            "topics": [
                { "topic": "sales", "label": "Sales", "schedule": true, "hours": null, "when_closed": "wait" },
                { "topic": "support", "label": "Support", "schedule": true, "hours": null, "when_closed": "wait" },
                { "topic": "now", "label": "Now", "schedule": false, "hours": null, "when_closed": "wait" },
            ],
            "consent": { "version": "2026-11", "text": "You may call me.", "parts": [{ "text": "You may call me." }] },
            "fields": [
                { "name": "name", "type": "text", "label": "Your name", "required": true, "max": 10 },
                { "name": "town", "type": "text", "label": "Town", "required": false, "max": 200 },
            ],
            "page_fields": 0,
            "proof": null, "captcha": null, "honeypot": null,
        })
    );
    let plain = ask("pk_plain").await.json;
    assert_eq!(
        (&plain["region"], &plain["consent"], &plain["fields"]),
        (&json!("AT"), &Value::Null, &json!([]))
    );
    let unknown = world
        .ask(Method::POST, "/v1/callbacks")
        .header("Idempotency-Key", &fresh_key())
        .json(&wish("sales"));
    unknown.send().await.is_problem("key_unknown");
}

#[tokio::test]
async fn the_same_wish_under_the_same_key_is_kept_once() {
    let world = World::new().await;
    let key = fresh_key();
    let ask = |body: &Value| {
        let ask = world
            .ask(Method::POST, "/v1/callbacks")
            .header("Patchcord-Key", "pk_demo");
        ask.header("Idempotency-Key", &key).json(body).send()
    };
    let first = ask(&wish("sales")).await;
    let again = ask(&wish("sales")).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.header("idempotent-replay"), "true");
    ask(&wish("support"))
        .await
        .is_problem("idempotency_key_reused");
    world.until_state(&first.json, "handed_over").await;
    assert_eq!(world.seen(SAMESPACE).await.len(), 1);
}

#[tokio::test]
async fn a_busy_platform_is_asked_again_later_and_at_last_given_up() {
    let world = World::new().await;
    // As the vendor writes its one documented error.
    let body = r#"{"success":false,"message":"slow"}"#;
    let status = json!({ "code": 429, "body": body, "content_type": "application/json" });
    world.fault(SAMESPACE, json!({ "status": status })).await;
    let callback = taken(&world, &wish("sales")).await;
    for tries in 1..=3 {
        eventually(async || (world.seen(SAMESPACE).await.len() == tries).then_some(())).await;
        if tries < 3 {
            let waiting = world.until_state(&callback, "due").await;
            assert_eq!(
                (&waiting["code"], &waiting["message"]),
                (&json!("provider_busy"), &json!("slow"))
            );
            world
                .relay
                .clock
                .advance(Duration::from_secs(60 << (tries - 1)));
        }
    }
    let refused = world.until_state(&callback, "refused").await;
    assert_eq!(refused["code"], "provider_busy");
    world.relay.clock.advance(Duration::from_secs(3600));
    assert_eq!(world.seen(SAMESPACE).await.len(), 3);
}

#[tokio::test]
async fn nothing_else_is_tried_again() {
    let world = World::new().await;
    let mut taken_before = 0;
    for (fault, state, code) in [
        (
            json!({ "status": { "code": 400 } }),
            "refused",
            "provider_rejected_request",
        ),
        (
            json!({ "status": { "code": 401 } }),
            "refused",
            "provider_rejected_credentials",
        ),
        (
            json!({ "status": { "code": 403 } }),
            "refused",
            "provider_forbidden",
        ),
        (
            json!({ "status": { "code": 500 } }),
            "unknown",
            "provider_error",
        ),
        (json!("garbage"), "unknown", "unreadable_reply"),
        (json!("close_before_reply"), "unknown", "no_reply"),
        (json!("hold"), "unknown", "no_reply"),
    ] {
        world.fault(SAMESPACE, fault).await;
        let callback = taken(&world, &wish("sales")).await;
        let done = world.until_state(&callback, state).await;
        assert_eq!(done["code"], code);
        world
            .managed(Method::DELETE, &callback)
            .send()
            .await
            .is_problem("too_late");
        // Whatever would be tried again would be tried by now, before the next one.
        world.relay.clock.advance(Duration::from_secs(3600));
        assert_eq!(
            world.relay.shared().store.next_dispatch().await.unwrap(),
            None
        );
        taken_before += 1;
        assert_eq!(world.seen(SAMESPACE).await.len(), taken_before, "{code}");
    }
}

#[tokio::test]
async fn more_callbacks_than_go_out_at_once_all_go_out_once() {
    let world = World::new().await;
    let wishes = (0..50).map(async |n| {
        taken(
            &world,
            &with("sales", "number", json!(format!("+4930123456{n:02}"))),
        )
        .await
    });
    let callbacks = futures_util::future::join_all(wishes).await;
    for callback in &callbacks {
        world.until_state(callback, "handed_over").await;
    }
    let mut numbers: Vec<_> = world
        .seen(SAMESPACE)
        .await
        .iter()
        .map(|seen| seen["body"]["number"].to_string())
        .collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!((numbers.len(), world.seen(SAMESPACE).await.len()), (50, 50));
}

#[tokio::test]
async fn what_is_overdue_after_a_downtime_is_for_a_person_to_decide() {
    let world = World::new().await;
    let at = to_rfc3339(world.relay.clock.now() + 60 * 60 * 1000);
    let callback = world
        .callback(&json!({
            "number": NUMBER, "topic": "sales", "at": at, "fields": { "name": "Vera" },
            "consent": { "version": "2026-11", "given": true },
        }))
        .send()
        .await
        .json;
    // As after a night in which the relay did not run.
    world.relay.clock.advance(Duration::from_secs(2 * 60 * 60));
    let expired = world.until_state(&callback, "expired").await;
    assert_eq!(expired["code"], "overdue");
    assert!(world.seen("/apiv1/team/make_call").await.is_empty());

    let store = &world.relay.shared().store;
    let alerts = store.open_alerts(10).await.unwrap();
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0].kind, "callback_overdue");
    let (id, now) = (alerts[0].subject.clone(), world.relay.clock.now());
    let decided = store
        .write(move |tx| {
            Box::pin(async move { outbox::decide(tx, &id, Decision::Again, "Ida", now).await })
        })
        .await
        .unwrap();
    assert_eq!(decided, Decided::Yes);
    world.relay.shared().wakes.wake(Wake::Due);
    world.until_state(&callback, "handed_over").await;
    assert_eq!(world.seen("/apiv1/team/make_call").await.len(), 1);
}
