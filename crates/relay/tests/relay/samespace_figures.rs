//! Samespace's sessions, as figures for a supervisor.

use patchcord_relay::clock;
use reqwest::Method;
use serde_json::{Value, json};

use crate::rotation::account_with;
use crate::support::World;

const SESSIONS: &str = "/manage/api/analytics/sessions";
const KEY: &str = "sandbox-analytics-key";
const DAY: i64 = 86_400_000;

/// A world in which Alex may see figures, and what they see of the account in the days since then.
async fn seen(analytics: &str, since: i64) -> (World, Vec<Value>) {
    let world = World::with(|config| {
        account_with(&config, &format!("analytics = {{ {analytics} }}")).replace(
            r#"name = "Alex Adler""#,
            "name = \"Alex Adler\"\nmay = [\"supervisor\"]",
        )
    })
    .await;
    let day = |at: i64| clock::to_rfc3339(at).chars().take(10).collect::<String>();
    let now = world.relay.clock.now();
    let path = format!("/v1/statistics?from={}&to={}", day(now - since), day(now));
    let session = world.session().await;
    let answer = world.ask(Method::GET, &path).bearer(&session).send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let platforms = answer.json["platforms"].as_array().unwrap();
    let own = platforms.iter().filter(|one| one["account"] == "samespace");
    let own = own.cloned().collect();
    (world, own)
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
    assert_eq!(world.seen(SESSIONS).await.len(), 2);
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
