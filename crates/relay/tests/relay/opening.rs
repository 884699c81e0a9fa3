//! Opening hours, slots and the called party's quiet hours, from the wish to the hand-over.

use patchcord_relay::clock::{from_rfc3339, to_rfc3339};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, NUMBER, Running, World, eventually, fresh_key};

const SAMESPACE: &str = "/apiv1/team/make_call";
const BABELFORCE: &str = "/api/v3/tasks";

const OFFICE: &str = r#"
[[hours]]
name = "office"
zone = "Europe/Berlin"
monday = ["09:00-12:00", "13:00-17:00"]
tuesday = ["09:00-17:00"]
wednesday = ["09:00-17:00"]
holidays = []
"#;

/// A world whose topics are open when the office is.
async fn office(topic: &str) -> World {
    World::with(|config| {
        config
            .replace(
                "label = \"Sales\"\n",
                &format!("label = \"Sales\"\nhours = \"office\"\n{topic}\n"),
            )
            .replace(
                "label = \"Support\"\n",
                "label = \"Support\"\nhours = \"office\"\n",
            )
            .replacen("[[account]]", &format!("{OFFICE}\n[[account]]"), 1)
    })
    .await
}

/// Puts the relay's clock to a time.
fn at(relay: &Running, text: &str) {
    relay.clock.set(from_rfc3339(text).unwrap());
}

async fn wish(world: &World, body: Value) -> Answer {
    world
        .ask(Method::POST, "/v1/callbacks")
        .header("Patchcord-Key", "pk_plain")
        .header("Idempotency-Key", &fresh_key())
        .json(&body)
        .send()
        .await
}

fn sales() -> Value {
    json!({ "number": NUMBER, "topic": "sales" })
}

fn sales_at(time: &str) -> Value {
    json!({ "number": NUMBER, "topic": "sales", "at": time })
}

/// When the only callback that waits is to be taken up.
async fn next(world: &World) -> String {
    let next = world.relay.shared().store.next_dispatch().await.unwrap();
    to_rfc3339(next.unwrap())
}

async fn config(world: &World) -> Value {
    let answer = world
        .ask(Method::GET, "/v1/config")
        .header("Patchcord-Key", "pk_plain")
        .send()
        .await;
    answer.json["topics"][0]["hours"].clone()
}

async fn slots(world: &World, query: &str) -> Answer {
    world
        .ask(Method::GET, &format!("/v1/slots?{query}"))
        .header("Patchcord-Key", "pk_plain")
        .send()
        .await
}

// 2030-01-07 is a Monday; Berlin is one hour ahead of UTC.

#[tokio::test]
async fn as_soon_as_possible_is_when_it_opens() {
    let world = office("").await;
    at(&world.relay, "2030-01-07T17:00:00Z");
    assert_eq!(
        config(&world).await,
        json!({ "zone": "Europe/Berlin", "open": false, "opens_at": "2030-01-08T08:00:00Z" })
    );
    let answer = wish(&world, sales()).await;
    assert_eq!(
        (answer.status, &answer.json["at"]),
        (201, &Value::Null),
        "{}",
        answer.body
    );
    assert_eq!(next(&world).await, "2030-01-08T08:00:00Z");
    at(&world.relay, "2030-01-08T07:59:50Z");
    assert_eq!(config(&world).await["open"], false);
    assert!(world.seen(SAMESPACE).await.is_empty());
    at(&world.relay, "2030-01-08T08:00:00Z");
    world.until_state(&answer.json, "handed_over").await;
    assert_eq!(world.seen(SAMESPACE).await.len(), 1);
    assert_eq!(
        config(&world).await,
        json!({ "zone": "Europe/Berlin", "open": true, "opens_at": null })
    );
    // Open: at once.
    let answer = wish(&world, sales()).await;
    world.until_state(&answer.json, "handed_over").await;
}

#[tokio::test]
async fn a_topic_may_refuse_while_it_is_closed() {
    let world = office("when_closed = \"refuse\"").await;
    at(&world.relay, "2030-01-07T11:30:00Z");
    let answer = wish(&world, sales()).await;
    answer.is_problem("closed").about("topic");
    assert_eq!(
        wish(&world, sales_at("2030-01-07T12:00:00Z")).await.status,
        201
    );
    at(&world.relay, "2030-01-08T08:00:00Z");
    assert_eq!(wish(&world, sales()).await.status, 201);
}

#[tokio::test]
async fn a_time_outside_of_the_hours_or_too_near_is_not_available() {
    let world = office("lead = 60").await;
    at(&world.relay, "2030-01-07T08:00:00Z");
    for closed in [
        "2030-01-07T11:00:00Z",
        "2030-01-07T16:00:00Z",
        "2030-01-10T10:00:00Z",
        "2030-01-07T08:58:00Z",
    ] {
        let answer = wish(&world, sales_at(closed)).await;
        answer.is_problem("slot_not_available").about("at");
    }
    for open in [
        "2030-01-07T09:00:00Z",
        "2030-01-07T12:00:00Z",
        "2030-01-14T08:00:00Z",
    ] {
        let answer = wish(&world, sales_at(open)).await;
        assert_eq!(answer.status, 201, "{open}: {}", answer.body);
    }
    assert_eq!(next(&world).await, "2030-01-07T09:00:00Z");
}

#[tokio::test]
async fn a_change_of_the_time_is_judged_like_a_wish() {
    let world = office("").await;
    at(&world.relay, "2030-01-07T08:00:00Z");
    let callback = wish(&world, sales_at("2030-01-07T12:00:00Z")).await.json;
    let change = |to: Value| {
        world
            .managed(Method::PATCH, &callback)
            .json(&json!({ "at": to }))
            .send()
    };
    let refused = change(json!("2030-01-07T17:00:00Z")).await;
    refused.is_problem("slot_not_available").about("at");
    assert_eq!(next(&world).await, "2030-01-07T12:00:00Z");
    assert_eq!(change(json!("2030-01-08T10:00:00Z")).await.status, 200);
    assert_eq!(next(&world).await, "2030-01-08T10:00:00Z");
    at(&world.relay, "2030-01-07T17:00:00Z");
    assert_eq!(change(Value::Null).await.status, 200);
    assert_eq!(next(&world).await, "2030-01-08T08:00:00Z");
}

#[tokio::test]
async fn the_slots_are_those_of_the_hours() {
    let world = office("slot = 60\nlead = 90").await;
    at(&world.relay, "2030-01-07T08:00:00Z");
    let answer = slots(&world, "topic=sales&days=1&from=2030-01-07T08:00:00Z").await;
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(
        answer.json,
        json!({
            "zone": "Europe/Berlin", "minutes": 60,
            "slots": [
                "2030-01-07T10:00:00Z", "2030-01-07T12:00:00Z", "2030-01-07T13:00:00Z", "2030-01-07T14:00:00Z",
                "2030-01-07T15:00:00Z",
            ],
        })
    );
    for slot in answer.json["slots"].as_array().unwrap() {
        assert_eq!(
            wish(&world, sales_at(slot.as_str().unwrap())).await.status,
            201
        );
    }
    let answer = slots(&world, "topic=sales&days=1&from=2030-01-08T13:00:00Z").await;
    assert_eq!(answer.json["slots"][0], "2030-01-08T13:00:00Z");
    for (query, code, field) in [
        ("topic=hr", "topic_unknown", "topic"),
        ("topic=sales&days=0", "invalid_field", "days"),
        ("topic=sales&days=32", "invalid_field", "days"),
        ("topic=sales&from=now", "invalid_field", "from"),
        ("topic=sales&colour=red", "invalid_field", "query"),
        ("days=1", "invalid_field", "query"),
    ] {
        slots(&world, query).await.is_problem(code).about(field);
    }
}

#[tokio::test]
async fn a_topic_without_hours_has_slots_around_the_clock_and_one_without_times_none() {
    let world = World::new().await;
    at(&world.relay, "2030-01-07T08:01:00Z");
    let ask = |topic: &str| {
        let path = format!("/v1/slots?topic={topic}&days=2");
        world
            .ask(Method::GET, &path)
            .header("Patchcord-Key", "pk_demo")
            .send()
    };
    let answer = ask("sales").await;
    assert_eq!(
        (&answer.json["zone"], &answer.json["minutes"]),
        (&json!("UTC"), &json!(15))
    );
    let slots = answer.json["slots"].as_array().unwrap();
    assert_eq!(
        (slots.len(), &slots[0]),
        (192, &json!("2030-01-07T08:15:00Z"))
    );
    assert_eq!(ask("now").await.json["slots"], json!([]));
}

#[tokio::test]
async fn a_provider_that_keeps_the_time_is_told_at_once_also_while_it_is_closed() {
    let world = office("").await;
    at(&world.relay, "2030-01-07T20:00:00Z");
    let body = json!({ "number": NUMBER, "topic": "support", "at": "2030-01-08T10:00:00Z" });
    let answer = wish(&world, body).await;
    world.until_state(&answer.json, "handed_over").await;
    assert_eq!(world.seen(BABELFORCE).await.len(), 1);
}

#[tokio::test]
async fn a_day_that_was_closed_since_is_waited_out() {
    let world = office("").await;
    at(&world.relay, "2030-01-07T08:00:00Z");
    let callback = wish(&world, sales_at("2030-01-08T09:00:00Z")).await.json;
    let world = world
        .restart_with(|config| config.replace("holidays = []", "holidays = [\"2030-01-08\"]"))
        .await;
    at(&world.relay, "2030-01-08T09:00:00Z");
    eventually(async || (next(&world).await == "2030-01-09T08:00:00Z").then_some(())).await;
    assert!(world.seen(SAMESPACE).await.is_empty());
    at(&world.relay, "2030-01-09T08:00:00Z");
    world.until_state(&callback, "handed_over").await;
}

const QUIET: &str = "quiet_hours = { from = \"20:00\", to = \"08:00\", days = [\"sunday\"] }";

#[tokio::test]
async fn nobody_is_called_in_their_quiet_hours() {
    let world = World::with(|config| format!("{QUIET}\n{config}")).await;
    at(&world.relay, "2030-01-07T20:00:00Z");
    let answer = wish(&world, sales_at("2030-01-08T06:30:00Z")).await;
    answer.is_problem("quiet_hours").about("at");
    assert_eq!(
        wish(&world, sales_at("2030-01-08T07:00:00Z")).await.status,
        201
    );
    let answer = wish(&world, sales()).await;
    assert_eq!(answer.status, 201);
    assert_eq!(next(&world).await, "2030-01-08T07:00:00Z");
    at(&world.relay, "2030-01-08T07:00:00Z");
    world.until_state(&answer.json, "handed_over").await;
    // Austria, too, and by its own clock; it is quiet on Sunday all day.
    at(&world.relay, "2030-01-12T19:30:00Z");
    let body = json!({ "number": "+4312345678", "topic": "sales" });
    assert_eq!(wish(&world, body).await.status, 201);
    assert_eq!(next(&world).await, "2030-01-14T07:00:00Z");
}

#[tokio::test]
async fn a_policy_that_only_logs_calls_in_quiet_hours() {
    let world = World::with(|config| format!("policy = \"log\"\n{QUIET}\n{config}")).await;
    at(&world.relay, "2030-01-07T20:00:00Z");
    assert_eq!(
        wish(&world, sales_at("2030-01-08T06:30:00Z")).await.status,
        201
    );
    let answer = wish(&world, sales()).await;
    world.until_state(&answer.json, "handed_over").await;
    // Never for a number that is no ordinary one.
    let body = json!({ "number": "+499001234567", "topic": "sales" });
    wish(&world, body).await.is_problem("number_not_allowed");
}
