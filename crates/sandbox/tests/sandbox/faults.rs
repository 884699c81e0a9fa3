use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use reqwest::Method;
use serde_json::{Value, json};

use crate::running::{Answer, Running, answer, until};

const CALL: &str = "/apiv1/make_call";

fn body() -> Value {
    json!({"username": "alex@acme", "number": "448442430000"})
}

async fn set(running: &Running, fault: Value) {
    let reply = running
        .post("/_sandbox/faults", json!({"faults": [fault]}))
        .await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

/// How many calls the platform placed.
async fn placed(running: &Running) -> usize {
    running.state().await["samespace"]["calls"]
        .as_array()
        .unwrap()
        .len()
}

/// A dial over a plain socket: everything that came back, and how it ended.
async fn dial_raw(running: &Running) -> (String, Result<(), ErrorKind>) {
    let address = running.sandbox.address();
    let exchange = move || {
        let body = body().to_string();
        let mut socket = TcpStream::connect(address).unwrap();
        write!(
            socket,
            "POST {CALL} HTTP/1.1\r\nHost: sandbox\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut seen = Vec::new();
        let end = socket.read_to_end(&mut seen);
        (
            String::from_utf8(seen).unwrap(),
            end.map(drop).map_err(|error| error.kind()),
        )
    };
    tokio::task::spawn_blocking(exchange).await.unwrap()
}

#[tokio::test]
async fn a_status_is_answered_in_place_of_the_platform() {
    let running = Running::start().await;
    let canned = json!({
        "code": 429, "body": "{\"slow\": \"down\"}", "content_type": "application/json",
        "headers": {"retry-after": "3"},
    });
    set(
        &running,
        json!({"match": {"path": CALL}, "action": {"status": canned}}),
    )
    .await;
    let request = running.request(Method::POST, CALL).json(&body());
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["retry-after"], "3");
    assert_eq!(
        Answer::of(response).await,
        answer(429, json!({"slow": "down"}))
    );
    assert_eq!(placed(&running).await, 0);
    let log = running.requests().await;
    assert_eq!(
        (&log[0]["status"], &log[0]["fault"]),
        (&json!(429), &json!("status"))
    );
    assert_eq!(log[0]["handled"], false);
}

#[tokio::test]
async fn a_reset_reaches_the_client_as_one_and_the_platform_not_at_all() {
    let running = Running::start().await;
    set(
        &running,
        json!({"match": {"path": "/apiv1/*"}, "action": "reset"}),
    )
    .await;
    let (seen, end) = dial_raw(&running).await;
    assert_eq!((seen.as_str(), end), ("", Err(ErrorKind::ConnectionReset)));
    assert_eq!(placed(&running).await, 0);
    let log = running.requests().await;
    assert_eq!(
        (&log[0]["handled"], &log[0]["status"]),
        (&json!(false), &Value::Null)
    );
}

#[tokio::test]
async fn a_close_before_the_reply_comes_after_the_call_was_placed() {
    let running = Running::start().await;
    set(
        &running,
        json!({"match": {}, "action": "close_before_reply"}),
    )
    .await;
    let (seen, end) = dial_raw(&running).await;
    assert_eq!((seen.as_str(), end), ("", Ok(())));
    assert_eq!(placed(&running).await, 1);
    let log = running.requests().await;
    assert_eq!(
        (&log[0]["handled"], &log[0]["status"]),
        (&json!(true), &Value::Null)
    );
}

#[tokio::test]
async fn a_reply_is_cut_in_the_middle_of_its_body() {
    let running = Running::start().await;
    set(
        &running,
        json!({"match": {"method": "post"}, "action": "close_half_way"}),
    )
    .await;
    let (seen, _) = dial_raw(&running).await;
    let (head, part) = seen.split_once("\r\n\r\n").unwrap();
    assert!(head.to_lowercase().contains("content-length: 16"), "{head}");
    assert_eq!(part, r#"{"succes"#);
    assert_eq!(placed(&running).await, 1);
}

#[tokio::test]
async fn garbage_claims_to_be_json() {
    let running = Running::start().await;
    set(
        &running,
        json!({"match": {"path": CALL}, "action": "garbage"}),
    )
    .await;
    let response = running
        .request(Method::POST, CALL)
        .json(&body())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    let text = response.text().await.unwrap();
    assert!(serde_json::from_str::<Value>(&text).is_err(), "{text}");
    assert_eq!(placed(&running).await, 1);
}

#[tokio::test]
async fn a_page_is_answered_where_json_was_expected() {
    let running = Running::start().await;
    set(
        &running,
        json!({"match": {"path": CALL}, "action": "wrong_content_type"}),
    )
    .await;
    let response = running
        .request(Method::POST, CALL)
        .json(&body())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let media_type = response.headers()["content-type"].to_str().unwrap();
    assert!(media_type.starts_with("text/html"), "{media_type}");
    assert_eq!(placed(&running).await, 0);
}

#[tokio::test]
async fn a_duplicate_happens_twice_for_one_request() {
    let running = Running::start().await;
    set(
        &running,
        json!({"match": {"path": CALL}, "action": "duplicate"}),
    )
    .await;
    assert_eq!(
        running.post(CALL, body()).await.body,
        json!({"success": true})
    );
    assert_eq!(placed(&running).await, 2);
    assert_eq!(running.requests().await.len(), 1);
}

#[tokio::test]
async fn a_held_reply_arrives_when_the_fault_is_deleted() {
    let running = Running::start().await;
    set(&running, json!({"match": {"path": CALL}, "action": "hold"})).await;
    let request = running.request(Method::POST, CALL).json(&body());
    let held = tokio::spawn(async { Answer::of(request.send().await.unwrap()).await });
    until(async || placed(&running).await == 1).await;
    assert!(!held.is_finished());
    assert_eq!(running.requests().await[0]["status"], Value::Null);
    let delete = running.request(Method::DELETE, "/_sandbox/faults");
    assert_eq!(delete.send().await.unwrap().status(), 204);
    assert_eq!(held.await.unwrap(), answer(200, json!({"success": true})));
    assert_eq!(running.requests().await[0]["status"], 200);
}

#[tokio::test]
async fn a_delay_outlives_the_client_but_not_a_reset() {
    let running = Running::start().await;
    let late = |delay: u64| json!({"match": {"path": CALL}, "delay_ms": delay});
    set(&running, late(20)).await;
    assert_eq!(
        running.post(CALL, body()).await.body,
        json!({"success": true})
    );

    // The client goes away before the platform has acted; the platform acts all the same.
    let request = running.request(Method::POST, CALL).json(&body());
    let impatient = tokio::spawn(async { request.send().await });
    until(async || running.requests().await.len() == 2).await;
    impatient.abort();
    until(async || placed(&running).await == 2).await;

    set(&running, late(3_600_000)).await;
    let request = running.request(Method::POST, CALL).json(&body());
    let dropped = tokio::spawn(async { request.send().await });
    until(async || running.requests().await.len() == 3).await;
    running.post("/_sandbox/reset", json!({})).await;
    assert!(dropped.await.unwrap().is_err());
    assert_eq!(placed(&running).await, 0);
}

#[tokio::test]
async fn a_fault_ends_after_its_times_and_spares_other_requests() {
    let running = Running::start().await;
    let canned = json!({"status": {"code": 503}});
    let fault = json!({"match": {"method": "POST", "path": CALL}, "times": 2, "action": canned});
    set(&running, fault).await;
    assert_eq!(
        running
            .form("/oauth/revoke", &[("token", "x")])
            .await
            .status,
        200
    );
    assert_eq!(running.get(CALL).await.status, 404);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(running.post(CALL, body()).await.status);
    }
    assert_eq!(statuses, [503, 503, 200]);
    assert_eq!(
        running.get("/_sandbox/faults").await.body["faults"][0]["hits"],
        2
    );
}

#[tokio::test]
async fn a_fault_that_makes_no_sense_is_refused_by_name_and_changes_nothing() {
    let running = Running::start().await;
    set(
        &running,
        json!({"match": {"path": CALL}, "action": "garbage"}),
    )
    .await;
    let cases = [
        (json!({"match": {}, "action": "reset", "tmies": 1}), "tmies"),
        (json!({"match": {"pth": "/"}, "action": "reset"}), "pth"),
        (json!({"match": {}, "action": "explode"}), "explode"),
        (
            json!({"match": {}, "action": {"status": {"code": 500, "boddy": ""}}}),
            "boddy",
        ),
        (
            json!({"match": {}, "action": {"status": {"code": 99}}}),
            "code",
        ),
        (
            json!({"match": {}, "action": {"status": {"code": 500, "headers": {"a b": ""}}}}),
            "a b",
        ),
        (json!({"match": {}, "times": 0, "action": "reset"}), "times"),
        (json!({"match": {}}), "action"),
        (json!({"action": "reset"}), "match"),
    ];
    for (fault, key) in cases {
        let refusal = running
            .post("/_sandbox/faults", json!({"faults": [fault]}))
            .await;
        assert_eq!(refusal.status, 400, "{fault}");
        let message = refusal.body["message"].as_str().unwrap();
        assert!(message.contains(key), "{fault}: {message}");
    }
    let faults = running.get("/_sandbox/faults").await;
    assert_eq!(faults.body["faults"][0]["action"], "garbage");
}
