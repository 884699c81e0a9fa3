//! Samespace's sessions, as figures for a supervisor.

use patchcord_relay::clock;
use reqwest::Method;
use serde_json::{Value, json};

use crate::rotation::account_with;
use crate::support::{Ask, World};

const SESSIONS: &str = "/manage/api/analytics/sessions";
const KEY: &str = "sandbox-analytics-key";
const DAY: i64 = 86_400_000;

/// A world in which Alex may see figures, and what they see of the account in the days since then.
async fn seen(analytics: &str, since: i64) -> (World, Vec<Value>) {
    let world = world(analytics).await;
    let told = told(&world, since).await;
    (world, told)
}

async fn world(analytics: &str) -> World {
    World::with(|config| {
        account_with(&config, &format!("analytics = {{ {analytics} }}")).replace(
            r#"name = "Alex Adler""#,
            "name = \"Alex Adler\"\nmay = [\"supervisor\"]",
        )
    })
    .await
}

async fn told(world: &World, since: i64) -> Vec<Value> {
    let day = |at: i64| clock::to_rfc3339(at).chars().take(10).collect::<String>();
    let now = world.relay.clock.now();
    let path = format!("/v1/statistics?from={}&to={}", day(now - since), day(now));
    let session = world.session().await;
    let answer = world.ask(Method::GET, &path).bearer(&session).send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let platforms = answer.json["platforms"].as_array().unwrap();
    let own = platforms.iter().filter(|one| one["account"] == "samespace");
    own.cloned().collect()
}

#[tokio::test]
async fn sessions_are_counted_by_team_whichever_header_has_the_key() {
    for header in ["x-api-key", "authorization"] {
        let analytics = format!("api_key = \"{KEY}\", header = \"{header}\"");
        let (world, told) = seen(&analytics, 8 * DAY).await;
        let calls = &told[0]["calls"];
        assert_eq!(calls["state"], "told", "{calls}");
        let figures = &calls["figures"]["calls"];
        assert_eq!(figures["total"], 9, "{figures}");
        assert_eq!(figures["outcomes"]["talked"], 5, "{figures}");
        let asked = world.seen(SESSIONS).await;
        // The log keeps no credential, only that there was one.
        assert!(asked[0]["headers"][header].is_string());
    }
}

#[tokio::test]
async fn more_than_a_month_is_asked_for_in_parts_and_nothing_is_counted_twice() {
    let (world, told) = seen(&format!("api_key = \"{KEY}\""), 30 * DAY).await;
    assert_eq!(told[0]["calls"]["state"], "told", "{}", told[0]);
    assert_eq!(told[0]["calls"]["figures"]["calls"]["total"], 9);
    // Each part ends with a page that is empty.
    assert_eq!(world.seen(SESSIONS).await.len(), 4);
}

#[tokio::test]
async fn a_platform_that_gives_fewer_sessions_than_are_asked_for_is_asked_until_it_has_none() {
    let world = world(&format!("api_key = \"{KEY}\"")).await;
    let url = format!("{}/_sandbox/settings", world.sandbox.url());
    let five = Ask::new(Method::POST, url).json(&json!({ "sessions_page": 5 }));
    assert_eq!(five.send().await.status, 200);
    let told = told(&world, 8 * DAY).await;
    assert_eq!(told[0]["calls"]["state"], "told", "{}", told[0]);
    assert_eq!(told[0]["calls"]["figures"]["calls"]["total"], 9);
    assert_eq!(told[0]["calls"]["cut"], false);
    let asked = world.seen(SESSIONS).await;
    let skipped: Vec<_> = asked.iter().map(|one| &one["body"]["skip"]).collect();
    assert_eq!(skipped, [0, 5, 9]);
}

#[tokio::test]
async fn a_platform_that_was_too_busy_for_its_sessions_is_asked_again() {
    let theirs = "Wed, 01 Jan 2020 00:00:00 GMT";
    for headers in [
        json!({ "retry-after": "1" }),
        json!({ "retry-after": "Wed, 01 Jan 2020 00:00:01 GMT", "date": theirs }),
    ] {
        let world = world(&format!("api_key = \"{KEY}\"")).await;
        let body = r#"{"success":false,"message":"slow"}"#;
        let status = json!({ "code": 429, "headers": headers, "body": body, "content_type": "application/json" });
        world
            .faults(json!([{ "match": { "path": SESSIONS }, "times": 1, "action": { "status": status } }]))
            .await;
        let told = told(&world, 8 * DAY).await;
        assert_eq!(told[0]["calls"]["state"], "told", "{}", told[0]);
        assert_eq!(told[0]["calls"]["figures"]["calls"]["total"], 9);
        let asked = world.seen(SESSIONS).await;
        let skipped: Vec<_> = asked.iter().map(|one| &one["body"]["skip"]).collect();
        assert_eq!(skipped, [0, 0, 9], "once more, and on");
    }
}

#[tokio::test]
async fn a_key_that_is_refused_is_said_and_without_one_the_account_tells_nothing() {
    let (_world, told) = seen("api_key = \"canary-wrong-key\"", DAY).await;
    assert_eq!(told[0]["calls"]["state"], "failed", "{}", told[0]);
    assert_eq!(
        told[0]["calls"]["code"], "provider_rejected_credentials",
        "{}",
        told[0]
    );
    let world = World::with(|config| {
        config.replace(
            r#"name = "Alex Adler""#,
            "name = \"Alex Adler\"\nmay = [\"supervisor\"]",
        )
    })
    .await;
    let session = world.session().await;
    let answer = world.ask(Method::GET, "/v1/statistics").bearer(&session);
    let platforms = answer.send().await.json["platforms"].clone();
    let accounts = platforms.as_array().unwrap().iter();
    assert!(
        accounts
            .clone()
            .all(|one| one["account"] != json!("samespace"))
    );
}
