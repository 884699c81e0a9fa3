//! Callbacks that a campaign's dialler makes: added once, with the token that holds.

use std::path::Path;

use patchcord_relay::config::{Config, Environment};
use patchcord_relay::store::do_not_call;
use patchcord_relay::tokens::rotate::{By, Rotated};
use reqwest::Method;
use serde_json::{Value, json};

use crate::rotation::{AUTH_TOKEN, account_with, other_relay, rotate};
use crate::support::{Ask, NUMBER, SITE, World, config, eventually};

const ADD: &str = "/router/api/v2/campaign/add";
const RESET: &str = "/router/api/v2/token/reset";
const CAMPAIGN: &str = r#"campaign = { name = "Spring", team = "sales", dial_list = "Dial_list" }"#;

/// The topic `now` goes to the campaign.
fn configured(config: String) -> String {
    let keys = format!("auth_token = \"{AUTH_TOKEN}\"\n{CAMPAIGN}");
    let config = account_with(&config, &keys);
    let (before, topic) = config.rsplit_once("schedule = false").unwrap();
    let team = "space_id = \"acme\"\nteam_name = \"helpdesk\"";
    assert!(topic.contains(team));
    format!(
        "{before}schedule = false{}",
        topic.replace(team, "campaign = true")
    )
}

async fn wish(world: &World) -> Ask {
    world
        .callback(&json!({
            "number": NUMBER, "topic": "now", "fields": { "name": "Ada" },
            "payload": { "score": 87.50 }, "consent": { "version": "2026-11", "given": true },
        }))
        .header("Origin", SITE)
}

async fn taken(world: &World) -> Value {
    let answer = wish(world).await.send().await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json
}

async fn contacts(world: &World) -> Vec<Value> {
    let url = format!("{}/_sandbox/state", world.sandbox.url());
    let state = Ask::new(Method::GET, url).send().await.json;
    state["samespace"]["contacts"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_wish_is_added_to_the_campaign_with_its_fields() {
    let world = World::with(configured).await;
    let callback = taken(&world).await;
    world.until_state(&callback, "handed_over").await;
    let contacts = contacts(&world).await;
    assert_eq!(contacts.len(), 1);
    assert_eq!(contacts[0]["number"], NUMBER.trim_start_matches('+'));
    assert_eq!(contacts[0]["campaign"], "Spring");
    assert_eq!(contacts[0]["data"]["name"], "Ada");
    assert_eq!(contacts[0]["data"]["score"], 87.50);
    // The topics beside it go to their teams.
    assert_eq!(world.seen(ADD).await.len(), 1);
}

#[tokio::test]
async fn the_token_that_was_exchanged_is_the_one_that_is_sent() {
    let world = World::with(configured).await;
    let own = other_relay(&world, "command", None);
    for _ in 0..2 {
        assert_eq!(rotate(&world, &own, By::Command).await, Rotated::Yes);
        let callback = taken(&world).await;
        world.until_state(&callback, "handed_over").await;
    }
    assert_eq!(contacts(&world).await.len(), 2);
}

#[tokio::test]
async fn while_the_token_is_being_exchanged_a_wish_waits_for_the_new_one() {
    let world = World::with(configured).await;
    world
        .faults(json!([{ "match": { "path": RESET }, "delay_ms": 700 }]))
        .await;
    let own = other_relay(&world, "command", None);
    let wished = async {
        eventually(async || (!world.seen(RESET).await.is_empty()).then_some(())).await;
        let callback = taken(&world).await;
        world.until_state(&callback, "handed_over").await;
    };
    let (rotated, ()) = tokio::join!(rotate(&world, &own, By::Command), wished);
    assert_eq!(rotated, Rotated::Yes);
    let added = world.seen(ADD).await;
    assert_eq!(added.len(), 1);
    assert_ne!(added[0]["body"]["auth_token"], AUTH_TOKEN);
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_the_number_is_not_added_again() {
    let world = World::with(configured).await;
    world
        .faults(json!([{ "match": { "path": ADD }, "action": "close_before_reply" }]))
        .await;
    let callback = taken(&world).await;
    let unknown = world.until_state(&callback, "unknown").await;
    assert_eq!(unknown["code"], "no_reply");
    let alerts = world.relay.shared().store.open_alerts(10).await.unwrap();
    assert_eq!(alerts[0].kind, "callback_unknown");
    let world = world.restart().await;
    let later = taken(&world).await;
    world.until_state(&later, "unknown").await;
    assert_eq!(world.seen(ADD).await.len(), 2, "one for each wish");
}

#[tokio::test]
async fn a_refusal_is_shown_in_the_platforms_words_and_a_text_for_success_is_read() {
    let world = World::with(configured).await;
    let body = r#"{"success":"false","message":"Campaign not found"}"#;
    let status = json!({ "code": 200, "body": body, "content_type": "application/json" });
    world.fault(ADD, json!({ "status": status })).await;
    let callback = taken(&world).await;
    let refused = world.until_state(&callback, "refused").await;
    assert_eq!(refused["code"], "provider_refused");
    assert_eq!(contacts(&world).await, [json!(null); 0]);
}

#[tokio::test]
async fn a_number_that_is_not_to_be_called_is_added_nowhere() {
    let world = World::with(configured).await;
    let shared = world.relay.shared();
    let hash = shared.fingerprints.number(&NUMBER.parse().unwrap());
    let listed = shared
        .store
        .write(move |tx| Box::pin(async move { do_not_call::add(tx, &hash, "test", 1).await }));
    listed.await.unwrap();
    wish(&world).await.send().await.is_problem("do_not_call");
    assert_eq!(world.seen(ADD).await.len(), 0);
}

#[test]
fn a_campaign_that_cannot_work_is_refused_by_its_key() {
    let refused = |text: &str| {
        let parsed = Config::parse(text, Path::new("."), &Environment::default());
        parsed.unwrap_err().path
    };
    let good = configured(config("http://127.0.0.1:1"));
    assert!(Config::parse(&good, Path::new("."), &Environment::default()).is_ok());
    let token = format!("auth_token = \"{AUTH_TOKEN}\"");
    assert_eq!(refused(&good.replace(&token, "")), "account[0].campaign");
    assert_eq!(refused(&good.replace(CAMPAIGN, "")), "topic[2].campaign");
    let both = good.replace("campaign = true", "campaign = true\nspace_id = \"acme\"");
    assert_eq!(refused(&both), "topic[2].space_id");
}
