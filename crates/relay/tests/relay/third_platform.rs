//! A platform that is a webhook, configured as its guide says.

use std::sync::{Arc, Mutex};

use axum::Json;
use axum::Router;
use axum::http::{HeaderMap, Uri};
use axum::routing::post;
use serde_json::{Value, json};

use crate::support::{NUMBER, SITE, World};

/// What the platform was asked: path, token, body.
type Asked = Arc<Mutex<Vec<(String, String, Value)>>>;

/// A PBX with two addresses.
async fn pbx() -> (String, Asked) {
    let asked = Asked::default();
    let kept = asked.clone();
    let take = move |uri: Uri, headers: HeaderMap, Json(body): Json<Value>| {
        let token = headers["authorization"].to_str().unwrap().to_owned();
        kept.lock()
            .unwrap()
            .push((uri.path().to_owned(), token, body));
        async { axum::http::StatusCode::NO_CONTENT }
    };
    let routes = Router::new()
        .route("/originate", post(take.clone()))
        .route("/queue", post(take));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, routes).await.unwrap() });
    (url, asked)
}

/// The configuration that the guide prints.
fn of_the_guide(pbx: &str) -> String {
    let page = include_str!("../../../../docs/third-platform.md");
    let (_, rest) = page.split_once("```toml\n").unwrap();
    let (toml, _) = rest.split_once("```").unwrap();
    toml.replace("https://pbx.example.com", pbx)
}

#[tokio::test]
async fn a_webhook_that_is_configured_as_its_guide_says_takes_a_dial_and_a_callback() {
    let (url, asked) = pbx().await;
    let world = World::with(|config| {
        let config = config.replace(
            r#"topics = ["sales", "support", "now"]"#,
            r#"topics = ["sales", "support", "now", "repairs"]"#,
        );
        config + &of_the_guide(&url)
    })
    .await;

    let session = world.session_of("005PBX").await;
    let payload = json!({ "score": 87.5, "deal": { "kw": [1, 2.5] } });
    let call = json!({ "number": NUMBER, "payload": payload });
    let answer = world.dial(&session, &call).send().await;
    assert_eq!(answer.json["outcome"], "accepted", "{}", answer.body);
    assert_eq!(answer.json["state"], "handed_over");
    assert_eq!(
        asked.lock().unwrap().pop().unwrap(),
        (
            "/originate".to_owned(),
            "Bearer pbx-secret".to_owned(),
            json!({ "channel": "SIP/1042", "to": NUMBER, "data": payload })
        )
    );

    let wish = json!({
        "number": NUMBER, "topic": "repairs", "fields": { "name": "Ada" },
        "consent": { "version": "2026-11", "given": true },
    });
    let answer = world.callback(&wish).header("Origin", SITE).send().await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    world.until_state(&answer.json, "handed_over").await;
    assert_eq!(
        asked.lock().unwrap().pop().unwrap(),
        (
            "/queue".to_owned(),
            "Bearer pbx-secret".to_owned(),
            json!({ "queue": "technicians", "to": "493012345678", "data": { "name": "Ada" } })
        )
    );
}
