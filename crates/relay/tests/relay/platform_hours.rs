//! Opening hours that a platform keeps: from there to the visitor, and what is said while they cannot be read.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use patchcord_relay::clock::{from_rfc3339, to_rfc3339};
use patchcord_relay::config::{Config, Environment};
use patchcord_sandbox::Sandbox;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::browser::{Browser, TOKEN, with_admin};
use crate::support::{Answer, Ask, NUMBER, World, config, eventually, fresh_key, on_its_database};

const OFFICE: &str = "4f1c2b3a9d8e7f60514233241506a7b8";
const NIGHT: &str = "4f1c2b3a9d8e7f60514233241506a7b9";
const HOLIDAYS: &str = "6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f10";

/// The configuration with a topic whose hours are kept by the platform.
fn kept(config: String, hours: &str) -> String {
    let hours = format!(
        r#"hours = {{ account = "babelforce", business_hours = "{hours}", calendars = ["{HOLIDAYS}"] }}"#
    );
    let topic = format!("label = \"Sales\"\n{hours}\nslot = 60\n");
    with_admin(config.replace("label = \"Sales\"\n", &topic))
}

async fn world(hours: &str) -> World {
    World::with(|config| kept(config, hours)).await
}

/// A world in which the platform answers nothing about hours from the beginning.
async fn without_an_answer() -> World {
    let sandbox = Sandbox::start(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .unwrap();
    break_it(&sandbox.url()).await;
    let folder = TempDir::new().unwrap();
    let config = on_its_database(&kept(config(&sandbox.url()), OFFICE)).await;
    World::of(sandbox, folder, config).await
}

async fn break_it(sandbox: &str) {
    let body = r#"{"code": "maintenance", "message": "Back on Monday"}"#;
    let reply = json!({ "code": 500, "body": body, "content_type": "application/json" });
    let faults =
        json!([{ "match": { "path": "/api/v2/business-hours*" }, "action": { "status": reply } }]);
    let broken = Ask::new(Method::POST, format!("{sandbox}/_sandbox/faults"));
    let answer = broken.json(&json!({ "faults": faults })).send().await;
    assert!(answer.status < 300, "{}", answer.body);
}

/// Puts the relay's clock to a time.
fn at(world: &World, text: &str) {
    world.relay.clock.set(from_rfc3339(text).unwrap());
}

async fn slots(world: &World, query: &str) -> Answer {
    world
        .ask(Method::GET, &format!("/v1/slots?topic=sales&{query}"))
        .header("Patchcord-Key", "pk_plain")
        .send()
        .await
}

/// The slots, once they are known.
async fn known_slots(world: &World, query: &str) -> Value {
    eventually(async || {
        let answer = slots(world, query).await;
        (answer.status == 200).then_some(answer.json)
    })
    .await
}

async fn wish(world: &World, at: Option<&str>) -> Answer {
    let mut body = json!({ "number": NUMBER, "topic": "sales" });
    if let Some(at) = at {
        body["at"] = json!(at);
    }
    world
        .ask(Method::POST, "/v1/callbacks")
        .header("Patchcord-Key", "pk_plain")
        .header("Idempotency-Key", &fresh_key())
        .json(&body)
        .send()
        .await
}

async fn told(world: &World) -> Value {
    let answer = world
        .ask(Method::GET, "/v1/config")
        .header("Patchcord-Key", "pk_plain")
        .send()
        .await;
    answer.json["topics"][0]["hours"].clone()
}

/// Asks the platform itself for a change, with a token of its own.
async fn at_the_platform(world: &World, method: Method, path: &str, body: Value) {
    let url = |path: &str| format!("{}{path}", world.sandbox.url());
    let form = "grant_type=password&username=relay%40acme.example&password=sandbox-password&client_id=manager";
    let grant = Ask::new(Method::POST, url("/oauth/token"))
        .text("application/x-www-form-urlencoded", form)
        .send()
        .await;
    let token = grant.json["access_token"].as_str().unwrap().to_owned();
    let answer = Ask::new(method, url(path))
        .bearer(&token)
        .json(&body)
        .send()
        .await;
    assert!(answer.status < 300, "{}", answer.body);
}

// 2030-01-07 is a Monday; Berlin is one hour ahead of UTC.

#[tokio::test]
async fn slots_and_what_is_closed_come_from_the_platform() {
    let world = world(OFFICE).await;
    at(&world, "2030-01-07T07:00:00Z");
    let slots = known_slots(&world, "days=1&from=2030-01-07T00:00:00Z").await;
    assert_eq!(
        slots,
        json!({
            "zone": "Europe/Berlin", "minutes": 60,
            "slots": [
                "2030-01-07T08:00:00Z", "2030-01-07T09:00:00Z", "2030-01-07T10:00:00Z", "2030-01-07T12:00:00Z",
                "2030-01-07T13:00:00Z", "2030-01-07T14:00:00Z", "2030-01-07T15:00:00Z",
            ],
        })
    );
    assert_eq!(wish(&world, Some("2030-01-07T12:00:00Z")).await.status, 201);
    let lunch = wish(&world, Some("2030-01-07T11:00:00Z")).await;
    lunch.is_problem("slot_not_available").about("at");
    let closed =
        json!({ "zone": "Europe/Berlin", "open": false, "opens_at": "2030-01-07T08:00:00Z" });
    assert_eq!(told(&world).await, closed);
    // Good Friday and Easter Monday are in the calendar; the clocks have changed in between.
    at(&world, "2030-04-18T16:00:00Z");
    let after_easter =
        json!({ "zone": "Europe/Berlin", "open": false, "opens_at": "2030-04-23T07:00:00Z" });
    assert_eq!(told(&world).await, after_easter);
}

#[tokio::test]
async fn a_night_line_is_open_from_one_day_to_the_next() {
    let world = world(NIGHT).await;
    at(&world, "2030-01-07T20:30:00Z");
    known_slots(&world, "days=1").await;
    assert_eq!(told(&world).await["opens_at"], "2030-01-07T21:00:00Z");
    for open in [
        "2030-01-07T22:59:00Z",
        "2030-01-07T23:00:00Z",
        "2030-01-08T04:59:00Z",
    ] {
        at(&world, open);
        assert_eq!(told(&world).await["open"], true, "{open}");
    }
    at(&world, "2030-01-08T05:00:00Z");
    assert_eq!(told(&world).await["open"], false);
}

#[tokio::test]
async fn hours_that_were_never_read_are_not_made_up() {
    let world = without_an_answer().await;
    slots(&world, "days=1")
        .await
        .is_problem("relay_busy")
        .about("topic");
    wish(&world, None)
        .await
        .is_problem("relay_busy")
        .about("topic");
    let tomorrow = to_rfc3339(world.relay.clock.now() + 24 * 60 * 60 * 1000);
    let at_a_time = wish(&world, Some(&tomorrow)).await;
    at_a_time.is_problem("relay_busy").about("topic");
    assert_eq!(
        told(&world).await,
        json!({ "zone": "UTC", "open": false, "opens_at": null })
    );

    let browser = Browser::signed_in(&world, TOKEN).await;
    let page = eventually(async || {
        let page = browser.get("/admin/hours").await.body;
        page.contains("Back on Monday").then_some(page)
    })
    .await;
    assert!(page.contains("never") && page.contains(OFFICE), "{page}");
    assert!(page.contains("provider error"), "{page}");

    world.faults(json!([])).await;
    let read = browser.post("/admin/hours", &[("topic", "sales")]).await;
    assert_eq!(
        (read.status, read.header("location")),
        (303, "/admin/hours")
    );
    let page = browser.get("/admin/hours").await.body;
    assert!(
        page.contains("German public holidays") && !page.contains("Back on Monday"),
        "{page}"
    );
    assert!(page.contains("Weihnachtstag"), "{page}");
    assert_eq!(slots(&world, "days=1").await.status, 200);
    assert!(browser.audit().await.contains("hours read"));
    for wrong in ["support", "nothing"] {
        assert_eq!(
            browser
                .post("/admin/hours", &[("topic", wrong)])
                .await
                .status,
            422
        );
    }
}

#[tokio::test]
async fn a_relay_that_starts_while_the_platform_is_down_has_the_last_that_is_known() {
    let world = world(OFFICE).await;
    known_slots(&world, "days=1").await;
    break_it(&world.sandbox.url()).await;
    let world = world.restart().await;
    assert_eq!(slots(&world, "days=1").await.status, 200);
    let browser = Browser::signed_in(&world, TOKEN).await;
    let page = eventually(async || {
        let page = browser.get("/admin/hours").await.body;
        page.contains("Back on Monday").then_some(page)
    })
    .await;
    assert!(
        page.contains("What was read last is used meanwhile"),
        "{page}"
    );
    assert!(page.contains(" s ago"), "{page}");
}

#[tokio::test]
async fn what_changes_at_the_platform_is_read_again_by_and_by() {
    let world = world(OFFICE).await;
    at(&world, "2030-01-07T07:00:00Z");
    known_slots(&world, "days=1").await;
    let bound = |hour: u8| json!({ "day": "monday", "hour": hour, "minute": 0 });
    let ranges = json!({ "ranges": [{ "start": bound(10), "end": bound(11) }] });
    let path = format!("/api/v2/business-hours/{OFFICE}/ranges");
    at_the_platform(&world, Method::POST, &path, ranges).await;
    assert_eq!(told(&world).await["opens_at"], "2030-01-07T08:00:00Z");
    world.relay.clock.advance(Duration::from_secs(17 * 60));
    eventually(async || (told(&world).await["opens_at"] == "2030-01-07T09:00:00Z").then_some(()))
        .await;
    // Switched off there: nobody knows what that means, so what was known stays, and a person is told.
    let profile = format!("/api/v2/business-hours/{OFFICE}");
    at_the_platform(&world, Method::PUT, &profile, json!({ "enabled": false })).await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    browser.post("/admin/hours", &[("topic", "sales")]).await;
    let page = browser.get("/admin/hours").await.body;
    assert!(page.contains("switched off at the platform"), "{page}");
    assert_eq!(told(&world).await["opens_at"], "2030-01-07T09:00:00Z");
}

#[tokio::test]
async fn a_clock_that_is_put_back_does_not_keep_them_from_being_read_again() {
    let world = world(OFFICE).await;
    known_slots(&world, "days=1").await;
    // A Monday, too, years ago.
    at(&world, "2019-01-07T07:00:00Z");
    assert_eq!(told(&world).await["opens_at"], "2019-01-07T08:00:00Z");
    let bound = |hour: u8| json!({ "day": "monday", "hour": hour, "minute": 0 });
    let ranges = json!({ "ranges": [{ "start": bound(10), "end": bound(11) }] });
    let path = format!("/api/v2/business-hours/{OFFICE}/ranges");
    at_the_platform(&world, Method::POST, &path, ranges).await;
    world.relay.clock.advance(Duration::from_secs(17 * 60));
    eventually(async || (told(&world).await["opens_at"] == "2019-01-07T09:00:00Z").then_some(()))
        .await;
}

#[test]
fn what_is_wrong_with_a_topics_hours_is_said_of_the_key() {
    let broken = |hours: &str| {
        let text = config("http://127.0.0.1:1");
        let text = text.replace(
            "label = \"Sales\"\n",
            &format!("label = \"Sales\"\nhours = {hours}\n"),
        );
        Config::parse(&text, Path::new("."), &Environment::default()).unwrap_err()
    };
    for (hours, path) in [
        ("\"office\"", "topic[0].hours"),
        (
            "{ account = \"nowhere\", business_hours = \"x\" }",
            "topic[0].hours.account",
        ),
        (
            "{ account = \"samespace\", business_hours = \"x\" }",
            "topic[0].hours.account",
        ),
        (
            "{ account = \"babelforce\", business_hours = \"x\" }",
            "topic[0].hours.business_hours",
        ),
        (
            "{ account = \"babelforce\", business_hours = \"4f1c2b3a9d8e7f60514233241506a7b8\", calendars = [\"x\"] }",
            "topic[0].hours.calendars[0]",
        ),
    ] {
        assert_eq!(broken(hours).path, path, "{hours}");
    }
    for (hours, word) in [
        ("{ account = \"babelforce\" }", "business_hours"),
        ("{ colour = 1 }", "colour"),
        ("7", "[[hours]]"),
    ] {
        let error = broken(hours);
        assert!(error.problem.contains(word), "{hours}: {error}");
    }
}

#[tokio::test]
async fn the_ids_that_the_configuration_wants_are_told_and_what_could_not_be_read_is_said() {
    let world = crate::browser::world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let link = browser.get("/admin/hours").await.body;
    assert!(link.contains(r#"href="/admin/hours/kept""#), "{link}");
    let page = browser.get("/admin/hours/kept").await.body;
    for part in [
        OFFICE,
        "German public holidays",
        "Europe/Berlin",
        "Calendars",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let broken = json!({ "status": { "code": 500, "body": "{\"message\":\"Back on Monday\"}" } });
    world.fault("/api/v2/calendars", broken).await;
    let page = browser.get("/admin/hours/kept").await.body;
    assert!(
        page.contains("Calendars cannot be read") && page.contains(OFFICE),
        "{page}"
    );
}
