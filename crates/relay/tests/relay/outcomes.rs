//! What becomes of a dial, for each way a provider can answer. Never more than one dial.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{NUMBER, Running, World, config, eventually};

const SAMESPACE: &str = "/apiv1/make_call";
const BABELFORCE: &str = "/api/v2/agents/0a1b2c3d4e5f60718293a4b5c6d7e8f9/calls";

fn status(code: u16) -> Value {
    json!({ "status": { "code": code, "body": "<html>no</html>", "content_type": "text/html" } })
}

/// Dials at both providers with each fault in the way and checks what becomes of it: the fault, the outcome, the
/// code. The platform may see one dial each time.
async fn check(cases: &[(Value, &str, &str)]) {
    let world = World::new().await;
    let session = world.session().await;
    for (case, (fault, outcome, code)) in cases.iter().enumerate() {
        for (provider, path) in [("samespace", SAMESPACE), ("babelforce", BABELFORCE)] {
            world.fault(path, fault.clone()).await;
            let before = world.dials().await.len();
            let number = format!(
                "+493012345{case:02}{}",
                if provider == "samespace" { 1 } else { 2 }
            );
            let answer = world
                .dial(&session, &json!({ "number": number, "provider": provider }))
                .send()
                .await;
            answer.is_outcome(outcome, Some(code));
            assert_eq!(world.dials().await.len() - before, 1, "{provider} {fault}");
        }
    }
}

#[tokio::test]
async fn the_exact_request_reaches_samespace_with_the_payload_untouched() {
    let world = World::new().await;
    let session = world.session().await;
    let body = r#"{"number":"+493012345678","caller_id":"+493012345678","extension":"12",
        "record":{"system":"crm","type":"Lead","id":"1"},"payload":{"z":1.0,"big":12345678901234567890123,"a":[{"b":null}]}}"#;
    let ask = world
        .ask(Method::POST, "/v1/calls")
        .bearer(&session)
        .header("Idempotency-Key", "a-key-of-16-chars");
    let answer = ask.text("application/json", body).send().await;
    answer.is_outcome("accepted", None);
    assert_eq!(answer.json["state"], "handed_over");
    assert_eq!(answer.json["notice"], "extension_not_sent");
    assert_eq!(answer.json["number"], NUMBER);
    let seen = world.seen(SAMESPACE).await;
    assert_eq!(seen.len(), 1);
    assert_eq!(
        seen[0]["raw_body"],
        r#"{"username":"alex@acme","number":"493012345678","callerId":"+493012345678","custom":{"z":1.0,"big":12345678901234567890123,"a":[{"b":null}],"patchcord_record":{"id":"1","system":"crm","type":"Lead"}}}"#
    );
    let id = answer.json["id"].as_str().unwrap();
    let again = world
        .ask(Method::GET, &format!("/v1/calls/{id}"))
        .bearer(&session)
        .send()
        .await;
    assert_eq!(again.json, answer.json);
}

#[tokio::test]
async fn a_babelforce_call_is_followed_to_its_end_and_can_be_hung_up() {
    let world = World::new().await;
    let session = world.session().await;
    let body = json!({ "number": NUMBER, "provider": "babelforce", "auto_record": true, "payload": { "a": 1 } });
    let answer = world.dial(&session, &body).send().await;
    answer.is_outcome("accepted", None);
    let path = format!("/v1/calls/{}", answer.json["id"].as_str().unwrap());
    let seen = world.seen(BABELFORCE).await;
    assert_eq!(seen.len(), 1);
    assert_eq!(
        seen[0]["body"],
        json!({ "to": NUMBER, "autoRecord": true, "session": { "a": 1 } })
    );
    eventually(async || {
        let call = world
            .ask(Method::GET, &path)
            .bearer(&session)
            .send()
            .await
            .json;
        (call["state"] == "ringing").then_some(())
    })
    .await;
    let ended = world
        .ask(Method::DELETE, &path)
        .bearer(&session)
        .send()
        .await;
    assert_eq!(ended.json["state"], "ended", "{}", ended.body);
    assert!(ended.json["reason"].is_string());
}

#[tokio::test]
async fn a_call_handed_to_the_dock_cannot_be_ended_from_here() {
    let world = World::new().await;
    let session = world.session().await;
    let call = world
        .dial(&session, &json!({ "number": NUMBER }))
        .send()
        .await
        .json;
    let path = format!("/v1/calls/{}", call["id"].as_str().unwrap());
    world
        .ask(Method::DELETE, &path)
        .bearer(&session)
        .send()
        .await
        .is_problem("capability_missing");
}

#[tokio::test]
async fn a_call_of_somebody_else_is_not_found() {
    let world = World::new().await;
    let call = world
        .dial(&world.session().await, &json!({ "number": NUMBER }))
        .send()
        .await
        .json;
    let path = format!("/v1/calls/{}", call["id"].as_str().unwrap());
    let other = world.session_of("005SAM").await;
    world
        .ask(Method::GET, &path)
        .bearer(&other)
        .send()
        .await
        .is_problem("not_found");
    world
        .ask(Method::DELETE, &path)
        .bearer(&other)
        .send()
        .await
        .is_problem("not_found");
}

#[tokio::test]
async fn an_agent_who_is_not_logged_in_is_told_so_in_the_platforms_words_and_may_try_again_at_once()
{
    let world = World::new().await;
    let session = world.session_of("005SAM").await;
    for dials in 1..=2 {
        let answer = world
            .dial(&session, &json!({ "number": NUMBER }))
            .send()
            .await;
        answer.is_outcome("refused", Some("agent_not_logged_in"));
        assert_eq!(answer.json["message"], "Cant make call! Not logged In");
        assert_eq!(world.dials().await.len(), dials);
    }
}

#[tokio::test]
async fn each_http_status_without_a_word_about_success_has_its_code_and_one_dial() {
    check(&[
        (status(400), "refused", "provider_rejected_request"),
        (status(403), "refused", "provider_forbidden"),
        (status(404), "refused", "provider_not_found"),
        (status(429), "refused", "provider_busy"),
        (status(408), "unknown", "provider_error"),
        (status(500), "unknown", "provider_error"),
        (status(503), "unknown", "provider_error"),
    ])
    .await;
}

#[tokio::test]
async fn what_cannot_be_read_is_unknown_and_dialled_once() {
    let empty =
        json!({ "status": { "code": 200, "body": "{}", "content_type": "application/json" } });
    check(&[
        (json!("garbage"), "unknown", "unreadable_reply"),
        (json!("wrong_content_type"), "unknown", "unreadable_reply"),
        (status(200), "unknown", "unreadable_reply"),
        (empty, "unknown", "success_missing"),
    ])
    .await;
}

#[tokio::test]
async fn a_lost_or_late_reply_is_unknown_and_never_asked_for_again() {
    check(&[
        (json!("reset"), "unknown", "no_reply"),
        (json!("close_before_reply"), "unknown", "no_reply"),
        (json!("close_half_way"), "unknown", "no_reply"),
        (json!("hold"), "unknown", "no_reply"),
    ])
    .await;
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let redirect =
        json!({ "status": { "code": 307, "headers": { "location": "/apiv1/make_call" } } });
    check(&[(redirect, "unknown", "unreadable_reply")]).await;
}

#[tokio::test]
async fn rejected_credentials_are_tried_once_more_with_a_fresh_token_and_no_more() {
    let world = World::new().await;
    let session = world.session().await;
    let body = r#"{"success":false,"message":"token expired"}"#;
    let rejected = json!({ "code": 401, "body": body, "content_type": "application/json" });
    world.fault(BABELFORCE, json!({ "status": rejected })).await;
    let answer = world
        .dial(
            &session,
            &json!({ "number": NUMBER, "provider": "babelforce" }),
        )
        .send()
        .await;
    answer.is_outcome("refused", Some("provider_rejected_credentials"));
    assert_eq!(world.seen(BABELFORCE).await.len(), 2);
    assert_eq!(world.seen("/oauth/token").await.len(), 2);
    assert_eq!(
        world
            .seen(BABELFORCE)
            .await
            .iter()
            .filter(|dial| dial["handled"] == true)
            .count(),
        0
    );

    // Samespace has no token that could be fresher.
    world.fault(SAMESPACE, status(401)).await;
    let answer = world
        .dial(&session, &json!({ "number": "+493012345679" }))
        .send()
        .await;
    answer.is_outcome("refused", Some("provider_rejected_credentials"));
    assert_eq!(world.seen(SAMESPACE).await.len(), 1);
}

#[tokio::test]
async fn a_token_that_the_platform_has_ended_is_replaced_without_anybody_noticing() {
    let world = World::new().await;
    let session = world.session().await;
    let dial = async |number: &str| {
        world
            .dial(
                &session,
                &json!({ "number": number, "provider": "babelforce" }),
            )
            .send()
            .await
    };
    dial(NUMBER).await.is_outcome("accepted", None);
    let expire = format!("{}/_sandbox/tokens/expire", world.sandbox.url());
    crate::support::Ask::new(Method::POST, expire).send().await;
    dial("+493012345679").await.is_outcome("accepted", None);
    let handled = world
        .seen(BABELFORCE)
        .await
        .iter()
        .filter(|dial| dial["status"] == 200)
        .count();
    assert_eq!(handled, 2);
}

#[tokio::test]
async fn a_platform_that_is_down_is_a_refusal_because_nothing_was_sent() {
    let folder = tempfile::TempDir::new().unwrap();
    // A port that was free a moment ago and that nobody listens on.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let relay = Running::start(&config(&format!("http://127.0.0.1:{port}")), folder.path()).await;
    let ask = |path: &str| crate::support::Ask::new(Method::POST, format!("{}{path}", relay.url));
    let session = ask("/v1/sessions")
        .json(&json!({ "assertion": crate::support::assertion("005ALEX") }))
        .send()
        .await;
    for provider in ["samespace", "babelforce"] {
        let answer = ask("/v1/calls")
            .bearer(session.json["session"].as_str().unwrap())
            .header("Idempotency-Key", &crate::support::fresh_key())
            .json(&json!({ "number": NUMBER, "provider": provider }))
            .send()
            .await;
        answer.is_outcome("refused", Some("provider_unreachable"));
    }
    relay.stop().await;
}

#[tokio::test]
async fn without_a_token_nothing_is_dialled() {
    let world = World::new().await;
    let session = world.session().await;
    world.fault("/oauth/token", status(500)).await;
    let answer = world
        .dial(
            &session,
            &json!({ "number": NUMBER, "provider": "babelforce" }),
        )
        .send()
        .await;
    answer.is_outcome("refused", Some("provider_unreachable"));
    assert!(world.dials().await.is_empty());
}

#[tokio::test]
async fn a_browser_that_goes_away_does_not_stop_the_dial() {
    let world = World::new().await;
    let session = world.session().await;
    world.fault(SAMESPACE, json!("hold")).await;
    let key = crate::support::fresh_key();
    let ask = || {
        let ask = world
            .ask(Method::POST, "/v1/calls")
            .bearer(&session)
            .header("Idempotency-Key", &key);
        ask.json(&json!({ "number": NUMBER }))
    };
    let first = tokio::spawn(ask().send());
    eventually(async || (!world.dials().await.is_empty()).then_some(())).await;
    first.abort();
    world.faults(json!([])).await;
    let answer = ask().send().await;
    answer.is_outcome("accepted", None);
    assert_eq!(answer.header("idempotent-replay"), "true");
    assert_eq!(world.dials().await.len(), 1);
}
