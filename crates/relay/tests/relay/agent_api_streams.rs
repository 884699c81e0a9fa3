//! The stream of the Agent API through the relay.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::panel::{
    ALEX, Stream, command, control, page, sign_in_at, sign_out, signed_in, subscribe, world,
};
use crate::support::{PATIENCE, World, eventually};

async fn renew(world: &World, session: &str) -> String {
    let answer = world
        .ask(Method::POST, "/v1/sessions/renew")
        .bearer(session)
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json["session"].as_str().unwrap().to_owned()
}

/// So much later; the session is renewed on the way, as a browser does it.
async fn minutes_later(world: &World, session: &str, minutes: u64) -> String {
    let mut session = session.to_owned();
    for passed in 1..=minutes {
        world.relay.clock.advance(Duration::from_secs(60));
        if passed % 14 == 0 || passed == minutes {
            session = renew(world, &session).await;
        }
    }
    session
}

async fn push(world: &World, title: &str) {
    let body = json!({ "title": title });
    control(world, &format!("agents/{ALEX}/push"), &body).await;
}

fn is_push(title: &str) -> impl Fn(&Value) -> bool {
    move |message| message["patch"]["notification"]["title"] == title
}

#[tokio::test]
async fn a_stream_brings_the_platforms_own_bytes_also_where_frames_are_split() {
    let world = world().await;
    let session = signed_in(&world).await;
    let mut stream = Stream::open(&world, &session).await;
    let first = stream.next().await.unwrap();
    assert_eq!(first["snapshot"]["agent"]["id"], ALEX);
    for act in ["split", "merge", "duplicate"] {
        control(
            &world,
            &format!("agents/{ALEX}/stream"),
            &json!({ "action": act }),
        )
        .await;
        push(&world, act).await;
        stream.until(is_push(act)).await;
        push(&world, "next").await;
        stream.until(is_push("next")).await;
    }
    // Cut in the middle of a frame: the browser sees it cut there too.
    let cut = json!({ "action": { "cut_at": 7 } });
    control(&world, &format!("agents/{ALEX}/stream"), &cut).await;
    let before = stream.bytes.len();
    push(&world, "cut").await;
    stream.ended().await;
    assert_eq!(stream.bytes.len(), before + 7);
}

#[tokio::test]
async fn a_stream_goes_on_when_session_and_token_are_renewed() {
    let world = world().await;
    control(&world, "settings", &json!({ "expires_in": 3600 })).await;
    let session = signed_in(&world).await;
    let mut stream = Stream::open(&world, &session).await;
    stream
        .until(|message| message["snapshot"].is_object())
        .await;
    let renewed = renew(&world, &renew(&world, &session).await).await;
    push(&world, "after the renewal").await;
    stream.until(is_push("after the renewal")).await;

    let renewed = minutes_later(&world, &renewed, 60).await;
    let sent = command(&world, &renewed, &json!({ "resetLineStatus": {} }))
        .send()
        .await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    assert_eq!(world.seen("/oauth/token").await.len(), 2, "it was renewed");
    push(&world, "after the refresh").await;
    stream.until(is_push("after the refresh")).await;

    // The old secret opens nothing any more, and the renewed one ends what the first one opened.
    subscribe(&world, &session)
        .send()
        .await
        .is_problem("session_expired");
    let closed = world
        .ask(Method::DELETE, "/v1/sessions/current")
        .bearer(&renewed)
        .send()
        .await;
    assert_eq!(closed.status, 204);
    stream.ended().await;
}

#[tokio::test]
async fn a_stream_ends_with_sign_out_revocation_platform_and_relay() {
    let world = world().await;
    let session = signed_in(&world).await;
    let mut stream = Stream::open(&world, &session).await;
    stream.next().await.unwrap();
    assert_eq!(sign_out(&world, &session).await.status, 204);
    stream.ended().await;

    let session = signed_in(&world).await;
    let mut stream = Stream::open(&world, &session).await;
    stream.next().await.unwrap();
    let end = json!({ "action": { "end": { "code": "unavailable" } } });
    control(&world, &format!("agents/{ALEX}/stream"), &end).await;
    let last = stream.until(|message| message.get("end").is_some()).await;
    assert_eq!(last["end"], "unavailable");

    let mut stream = Stream::open(&world, &session).await;
    stream.next().await.unwrap();
    let stopped = tokio::spawn(world.relay.stop());
    stream.ended().await;
    tokio::time::timeout(PATIENCE, stopped)
        .await
        .expect("an open stream kept the relay from going down")
        .unwrap();
}

#[tokio::test]
async fn a_stream_that_the_browser_leaves_is_left_at_the_platform_too() {
    let world = world().await;
    let session = signed_in(&world).await;
    let mut stream = Stream::open(&world, &session).await;
    stream.next().await.unwrap();
    assert!(is_open_there(&world).await);
    drop(stream);
    eventually(async || (!is_open_there(&world).await).then_some(())).await;
}

/// Ends Alex's sessions in the database, as a command does it.
async fn revoke(world: &World) -> patchcord_relay::config::AgentId {
    let id = patchcord_relay::config::AgentId {
        org: "acme".into(),
        sub: "005ALEX".into(),
    };
    let relay = world.relay.shared();
    patchcord_relay::sessions::revoke(&relay.store, id.clone(), relay.clock.now())
        .await
        .unwrap();
    id
}

/// Whether the platform has a stream open.
async fn is_open_there(world: &World) -> bool {
    let url = format!("{}/_sandbox/state", world.sandbox.url());
    let state = crate::support::Ask::new(Method::GET, url).send().await.json;
    state.to_string().contains("\"connected\":true")
}

#[tokio::test]
async fn a_stream_that_nobody_reads_ends_all_the_same() {
    let world = world().await;
    let session = signed_in(&world).await;
    let unread = subscribe(&world, &session).stream().await;
    assert_eq!(unread.status().as_u16(), 200);
    // More than what is on the way holds.
    let title = "x".repeat(500_000);
    for _ in 0..40 {
        push(&world, &title).await;
    }
    assert!(is_open_there(&world).await);
    // The platform itself would not end it.
    let id = revoke(&world).await;
    world
        .relay
        .shared()
        .wakes
        .wake(patchcord_relay::wakes::Wake::Agent(id));
    eventually(async || (!is_open_there(&world).await).then_some(())).await;
    drop(unread);
}

#[tokio::test]
async fn a_token_that_does_not_hold_at_the_beginning_is_renewed_once() {
    let world = world().await;
    let session = signed_in(&world).await;
    control(&world, &format!("agents/{ALEX}/tokens/expire"), &json!({})).await;
    // The platform answers 200 and says at once that the token does not hold.
    let mut stream = Stream::open(&world, &session).await;
    assert!(stream.next().await.unwrap()["snapshot"].is_object());
    assert_eq!(
        world.seen("/babelconnect.v1.Agent/Subscribe").await.len(),
        2
    );

    control(&world, "reset", &json!({})).await;
    stream.ended().await;
    subscribe(&world, &session)
        .send()
        .await
        .is_problem("sign_in_needed");
}

#[tokio::test]
async fn a_stream_is_opened_with_a_token_that_outlasts_the_session() {
    let world = world().await;
    // An hour: 16 minutes are less than half of it.
    control(&world, "settings", &json!({ "expires_in": 3600 })).await;
    let session = signed_in(&world).await;
    let tokens = async || world.seen("/oauth/token").await.len();
    let open = async |session: &str| {
        let mut stream = Stream::open(&world, session).await;
        stream.next().await.unwrap();
    };
    open(&session).await;
    assert_eq!(tokens().await, 1, "it lasts");
    let session = minutes_later(&world, &session, 46).await;
    let sent = command(&world, &session, &json!({ "resetLineStatus": {} }))
        .send()
        .await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    assert_eq!(tokens().await, 1, "for a command it does");
    open(&session).await;
    assert_eq!(tokens().await, 2, "for a stream it does not");

    // Ten minutes: no token ever lasts so long, so it is not asked for again and again.
    control(&world, "settings", &json!({ "expires_in": 600 })).await;
    sign_out(&world, &session).await;
    let page = page(&world, &session).await;
    assert_eq!(
        sign_in_at(&world, &page, "alex@acme.example").await.status,
        200
    );
    let before = tokens().await;
    open(&session).await;
    open(&session).await;
    assert_eq!(tokens().await, before);
}

#[tokio::test]
async fn what_is_no_stream_is_passed_back_and_a_platform_that_is_gone_is_said_so() {
    let world = world().await;
    let session = signed_in(&world).await;
    let path = "/babelconnect.v1.Agent/Subscribe";
    world
        .fault(
            path,
            json!({ "status": { "code": 503, "body": "{\"code\":\"unavailable\"}" } }),
        )
        .await;
    let answer = subscribe(&world, &session).send().await;
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert_eq!(answer.json["code"], "unavailable");
    assert_eq!(answer.header("content-type"), "application/json");
    world.fault(path, json!("close_before_reply")).await;
    let answer = subscribe(&world, &session).send().await;
    answer.is_problem("no_reply");
    assert_eq!(answer.status, 502);
}

#[tokio::test]
async fn another_body_or_media_type_opens_nothing() {
    let world = world().await;
    let session = signed_in(&world).await;
    let ask = |kind: &str, body: &[u8]| {
        world
            .ask(
                Method::POST,
                "/v1/agent/babelforce/babelconnect.v1.Agent/Subscribe",
            )
            .bearer(&session)
            .text(kind, body.to_vec())
    };
    ask("application/json", b"{}")
        .send()
        .await
        .is_problem("unsupported_media_type");
    ask("application/connect+json", b"{}")
        .send()
        .await
        .is_problem("invalid_field");
    ask("application/connect+json", &[0; 2000])
        .send()
        .await
        .is_problem("body_too_large");
    assert!(
        world
            .seen("/babelconnect.v1.Agent/Subscribe")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn revoking_an_agents_sessions_ends_the_stream() {
    let world = world().await;
    let session = signed_in(&world).await;
    let mut stream = Stream::open(&world, &session).await;
    stream.next().await.unwrap();
    let id = revoke(&world).await;
    let relay = world.relay.shared();
    relay.wakes.wake(patchcord_relay::wakes::Wake::Agent(id));
    stream.ended().await;
}
