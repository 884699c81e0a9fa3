//! OAuth tokens: one request for all, and a rotated refresh token that is never lost.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{World, eventually};

#[tokio::test]
async fn however_many_dial_one_token_is_asked_for() {
    let world = World::new().await;
    let session = world.session().await;
    world
        .faults(json!([{ "match": { "path": "/oauth/token" }, "delay_ms": 200 }]))
        .await;
    let dials = (0..10).map(async |n| {
        let body = json!({ "number": format!("+493012345{n:03}"), "provider": "babelforce" });
        world.dial(&session, &body).send().await
    });
    for answer in join_all(dials).await {
        answer.is_outcome("accepted", None);
    }
    assert_eq!(world.seen("/oauth/token").await.len(), 1);
}

#[tokio::test]
async fn a_rotated_refresh_token_is_stored_before_it_is_used_and_taken_up_after_a_restart() {
    // The first token comes from a password; the refresh token of its reply is what an operator would configure.
    let seed = World::new().await;
    let form = "grant_type=password&username=relay%40acme.example&password=sandbox-password&client_id=manager";
    let url = format!("{}/oauth/token", seed.sandbox.url());
    let reply = crate::support::Ask::new(reqwest::Method::POST, url)
        .text("application/x-www-form-urlencoded", form);
    let refresh = reply.send().await.json["refresh_token"]
        .as_str()
        .expect("a refresh token")
        .to_owned();

    let World {
        sandbox,
        relay,
        folder,
        ..
    } = seed;
    relay.stop().await;
    let text = crate::support::config(&sandbox.url()).replace(
        r#"grant = { type = "password", username = "relay@acme.example", password = "sandbox-password" }"#,
        &format!(r#"grant = {{ type = "refresh_token", refresh_token = "{refresh}" }}"#),
    );
    let world = World::of(sandbox, folder, text).await;
    let dial = async |world: &World, number: &str| {
        let session = world.session().await;
        world
            .dial(
                &session,
                &json!({ "number": number, "provider": "babelforce" }),
            )
            .send()
            .await
    };
    dial(&world, "+493012345601")
        .await
        .is_outcome("accepted", None);
    // The configured token is used up now: only the stored one can go on.
    let world = world.restart().await;
    dial(&world, "+493012345602")
        .await
        .is_outcome("accepted", None);
    let world = world.restart().await;
    dial(&world, "+493012345603")
        .await
        .is_outcome("accepted", None);
    eventually(async || (world.dials().await.len() == 3).then_some(())).await;
}
