use reqwest::Method;
use serde_json::{Value, json};

use crate::running::{AGENT, Answer, Running};

const CALL: &str = "/apiv1/make_call";

#[tokio::test]
async fn the_log_keeps_requests_byte_for_byte_and_hides_tokens() {
    let running = Running::start().await;
    let sent = "{\"username\":\"alex@acme\",\r\n \"number\":\"448442430000\",\"custom\":\
                {\"big\":12345678901234567890.50,\"z\":1,\"a\":{\"a\":1,\"a\":2}}}";
    let request = running.request(Method::POST, &format!("{CALL}?x=1&y=a%20b&y=c"));
    let request = request
        .header("content-type", "application/json")
        .body(sent);
    let response = request.bearer_auth("secret-token").send().await.unwrap();
    assert_eq!(response.status(), 200);

    let log = running.requests().await;
    let entry = &log[0];
    assert_eq!(entry["raw_body"], sent);
    assert_eq!(entry["body"]["username"], "alex@acme");
    assert_eq!(entry["query"], json!({"x": "1", "y": ["a b", "c"]}));
    assert_eq!(entry["headers"]["authorization"], "Bearer secr…");
    assert_eq!(
        (&entry["method"], &entry["path"]),
        (&json!("POST"), &json!(CALL))
    );
    assert_eq!(
        (&entry["status"], &entry["handled"]),
        (&json!(200), &json!(true))
    );

    // What is shown as JSON is the text that was sent, too.
    let log = running
        .request(Method::GET, "/_sandbox/requests")
        .send()
        .await
        .unwrap();
    assert!(
        log.text()
            .await
            .unwrap()
            .contains("12345678901234567890.50,\"z\":1,\"a\":{\"a\":1,\"a\":2}")
    );
}

#[tokio::test]
async fn the_log_can_be_filtered_and_cleared_and_leaves_out_the_sandbox_itself() {
    let running = Running::start().await;
    running.post(CALL, json!({})).await;
    running.post("/apiv1/team/make_call", json!({})).await;
    running.grant().await;
    running.state().await;
    let paths = async |query: &str| {
        let log = running.get(&format!("/_sandbox/requests{query}")).await;
        let requests = log.body["requests"].as_array().unwrap().clone();
        requests
            .iter()
            .map(|entry| entry["path"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        paths("").await,
        [CALL, "/apiv1/team/make_call", "/oauth/token"]
    );
    assert_eq!(paths("?path=/apiv1/make_call").await, [CALL]);
    assert_eq!(
        paths("?path=/apiv1/*").await,
        [CALL, "/apiv1/team/make_call"]
    );
    let delete = running.request(Method::DELETE, "/_sandbox/requests");
    assert_eq!(delete.send().await.unwrap().status(), 204);
    assert_eq!(paths("").await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_reset_brings_everything_back_to_the_seed() {
    let running = Running::start().await;
    let seed = running.state().await;
    let token = running.token().await;
    running.place_call(&token).await;
    running
        .post(
            CALL,
            json!({"username": "alex@acme", "number": "448442430000"}),
        )
        .await;
    running
        .post(
            "/_sandbox/dock/users/alex@acme",
            json!({"logged_in": false}),
        )
        .await;
    running
        .post(
            &format!("/_sandbox/agents/{AGENT}"),
            json!({"presence": "lunch"}),
        )
        .await;
    running
        .post("/_sandbox/settings", json!({"expires_in": null}))
        .await;
    let fault = json!({"match": {}, "action": "garbage"});
    running
        .post("/_sandbox/faults", json!({"faults": [fault]}))
        .await;
    assert_ne!(running.state().await, seed);

    assert_eq!(running.post("/_sandbox/reset", json!({})).await.status, 204);
    assert_eq!(running.state().await, seed);
    assert_eq!(running.requests().await, [] as [Value; 0]);
    assert_eq!(
        running.get("/_sandbox/faults").await.body,
        json!({"faults": []})
    );
    assert_eq!(running.read(&token, "/api/v2/ping").await.status, 401);
}

#[tokio::test]
async fn an_unknown_key_or_name_is_refused() {
    let running = Running::start().await;
    let cases = [
        ("/_sandbox/settings", json!({"expires": 1}), 400),
        (
            "/_sandbox/settings",
            json!({"auto_progress": {"step": 1}}),
            400,
        ),
        (
            "/_sandbox/dock/users/alex@acme",
            json!({"loggedIn": true}),
            400,
        ),
        (
            "/_sandbox/dock/users/nobody",
            json!({"logged_in": true}),
            404,
        ),
        ("/_sandbox/calls/1/state", json!({"state": "bridged"}), 404),
        (
            "/_sandbox/calls/1/state",
            json!({"state": "levitating"}),
            400,
        ),
        ("/_sandbox/agents/1", json!({}), 404),
        ("/_sandbox/dock/calls/1", json!({"display": "ended"}), 404),
        (
            "/_sandbox/tasks/1/state",
            json!({"state": "Completed"}),
            404,
        ),
    ];
    for (path, body, status) in cases {
        let refusal = running.post(path, body.clone()).await;
        assert_eq!(refusal.status, status, "{path} {body}");
        assert!(refusal.body["message"].is_string(), "{path} {body}");
    }
}

#[tokio::test]
async fn the_state_is_sent_after_every_change() {
    let running = Running::start().await;
    let mut events = running
        .request(Method::GET, "/_sandbox/events")
        .send()
        .await
        .unwrap();
    let mut seen = String::new();
    let mut read_until = async |text: &str| {
        while !seen.contains(text) {
            let chunk = events.chunk().await.unwrap().expect("the stream goes on");
            seen.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    };
    read_until("event: state\n").await;
    running
        .post(
            CALL,
            json!({"username": "alex@acme", "number": "448442430000"}),
        )
        .await;
    read_until("448442430000").await;
}

#[tokio::test]
async fn both_pages_and_all_they_need_are_served_under_a_strict_policy() {
    let running = Running::start().await;
    for page in ["/_sandbox/dock", "/_sandbox/desk"] {
        let response = running.request(Method::GET, page).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let policy = response.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(!policy.contains("unsafe"), "{policy}");
        let html = response.text().await.unwrap();
        let links = html
            .split('"')
            .filter(|part| part.starts_with("/_sandbox/"));
        for link in links {
            assert_eq!(running.get(link).await.status, 200, "{page} needs {link}");
        }
        assert!(
            !html.contains("<script>") && !html.contains("style="),
            "{page}"
        );
    }
}

#[tokio::test]
async fn a_stopped_sandbox_frees_its_port_and_ends_open_streams() {
    let running = Running::start().await;
    let address = running.sandbox.address();
    let mut events = running
        .request(Method::GET, "/_sandbox/events")
        .send()
        .await
        .unwrap();
    assert!(events.chunk().await.unwrap().is_some());
    running.sandbox.stop().await;
    while let Ok(Some(_)) = events.chunk().await {}
    let again = patchcord_sandbox::Sandbox::start(address).await.unwrap();
    let running = Running {
        sandbox: again,
        http: running.http,
    };
    let reply: Answer = running.get("/_sandbox/requests").await;
    assert_eq!(reply.body, json!({"requests": []}));
}
