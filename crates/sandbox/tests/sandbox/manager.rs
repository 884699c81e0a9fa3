use reqwest::Method;
use serde_json::{Value, json};

use crate::running::{AGENT, HYPHENATED_AGENT, QUEUE, Running, text, until};

async fn agents_found(running: &Running, token: &str, query: &str) -> Vec<String> {
    let found = running
        .read(token, &format!("/api/v2/agents?{query}"))
        .await;
    let items = found.body["items"].as_array().unwrap();
    items.iter().map(|agent| text(&agent["name"])).collect()
}

#[tokio::test]
async fn agents_are_found_by_each_documented_filter() {
    let running = Running::start().await;
    let token = running.token().await;
    let both = ["Alex Adler", "Sam Sommer"];
    let all = ["Alex Adler", "Sam Sommer", "Kim Kramer"];
    let cases: [(&str, &[&str]); 12] = [
        ("", &all),
        ("sourceId=005ALEX", &["Alex Adler"]),
        ("sourceId=005ALEX&source=zendesk", &[]),
        ("source=salesforce", &both),
        ("q=SOMMER", &["Sam Sommer"]),
        ("q=alex@acme.example", &["Alex Adler"]),
        ("name=alex", &["Alex Adler"]),
        ("number=%2B493012345679", &["Sam Sommer"]),
        ("enabled=false", &[]),
        ("state=available", &all),
        ("groups=nobody", &[]),
        ("max=1&page=2", &["Sam Sommer"]),
    ];
    for (query, names) in cases {
        assert_eq!(
            agents_found(&running, &token, query).await,
            names,
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_hyphenated_id_in_a_path_is_not_found() {
    let running = Running::start().await;
    let token = running.token().await;
    let known = running
        .read(&token, &format!("/api/v2/agents/{AGENT}"))
        .await;
    assert_eq!(known.body["item"]["id"], AGENT);
    let hyphenated = running
        .read(&token, &format!("/api/v2/agents/{HYPHENATED_AGENT}"))
        .await;
    assert_eq!(hyphenated.status, 404);
    assert_eq!(hyphenated.body["code"], "not_found");
    let call = format!("/api/v2/agents/{HYPHENATED_AGENT}/calls");
    let body = json!({"to": "+4930111222333"});
    assert_eq!(
        running.with(&token, Method::POST, &call, body).await.status,
        404
    );
}

#[tokio::test]
async fn a_call_goes_from_init_to_its_end_as_the_desk_says() {
    let running = Running::start().await;
    let token = running.token().await;
    let path = format!("/api/v2/agents/{AGENT}/calls");
    let body = json!({
        "to": "+4930111222333", "displayAsTo": "+493012345678",
        "session": {"deal": {"open": true}}, "not_in_the_schema": 1,
    });
    let placed = running.with(&token, Method::POST, &path, body).await;
    let item = &placed.body["item"];
    assert_eq!(placed.body["success"], true);
    assert_eq!(
        (&item["state"], &item["from"]),
        (&json!("init"), &json!("+493012345678"))
    );
    let id = text(&item["id"]);
    assert_eq!(
        running.state().await["babelforce"]["calls"][0]["session"],
        json!({"deal": {"open": true}})
    );

    let call = format!("/api/v2/calls/{id}");
    let item = async || running.read(&token, &call).await.body["item"].clone();
    assert_eq!(item().await["state"], "ringing");
    for state in ["in-progress", "bridged"] {
        running.set_call(&id, json!({"state": state})).await;
        assert_eq!(item().await["state"], state);
    }
    running
        .set_call(
            &id,
            json!({"state": "completed", "finishReason": "passive-hangup"}),
        )
        .await;
    let ended = item().await;
    assert_eq!(ended["finishReason"], "passive-hangup");
    for date in ["dateCreated", "dateEstablished", "dateFinished"] {
        assert!(ended[date].is_string(), "{date}: {ended}");
    }
}

#[tokio::test]
async fn a_call_moves_on_by_itself_when_told_to() {
    let running = Running::start().await;
    let token = running.token().await;
    let settings = json!({"auto_progress": {"step_ms": 0, "until": "bridged"}});
    assert_eq!(
        running.post("/_sandbox/settings", settings).await.status,
        200
    );
    let id = running.place_call(&token).await;
    let state = async || {
        let call = running.read(&token, &format!("/api/v2/calls/{id}")).await;
        text(&call.body["item"]["state"])
    };
    until(async || state().await == "bridged").await;
}

#[tokio::test]
async fn a_call_for_an_agent_who_is_logged_out_fails_as_unreachable() {
    let running = Running::start().await;
    let token = running.token().await;
    running
        .post(
            &format!("/_sandbox/agents/{AGENT}"),
            json!({"enabled": false}),
        )
        .await;
    let id = running.place_call(&token).await;
    let call = running.read(&token, &format!("/api/v2/calls/{id}")).await;
    assert_eq!(call.body["item"]["state"], "failed");
    assert_eq!(call.body["item"]["finishReason"], "unreachable");
}

#[tokio::test]
async fn a_bad_call_request_names_the_field() {
    let running = Running::start().await;
    let token = running.token().await;
    let path = format!("/api/v2/agents/{AGENT}/calls");
    let cases = [
        (json!({}), "to"),
        (json!({"to": "030 1234567"}), "to"),
        (json!({"to": 4_930_111_222_333_u64}), "to"),
        (
            json!({"to": "+4930111222333", "displayAsTo": "me"}),
            "displayAsTo",
        ),
        (json!({"to": "+4930111222333", "session": []}), "session"),
        (
            json!({"to": "+4930111222333", "autoRecord": "yes"}),
            "autoRecord",
        ),
    ];
    for (body, field) in cases {
        let refusal = running
            .with(&token, Method::POST, &path, body.clone())
            .await;
        assert_eq!(refusal.status, 400, "{body}");
        assert_eq!(refusal.body["code"], "invalid_parameter", "{body}");
        assert!(
            text(&refusal.body["message"]).starts_with(field),
            "{body}: {refusal:?}"
        );
    }
    assert_eq!(running.state().await["babelforce"]["calls"], json!([]));
}

#[tokio::test]
async fn a_call_is_hung_up_once_by_its_id_or_by_its_agent() {
    let running = Running::start().await;
    let token = running.token().await;
    let post = async |path: &str| {
        running
            .with(&token, Method::POST, path, Value::Null)
            .await
            .body
    };

    let id = running.place_call(&token).await;
    let hang_up = format!("/api/v2/calls/{id}/hangup");
    let ended = post(&hang_up).await;
    assert_eq!(ended["success"], true);
    assert_eq!(ended["item"]["finishReason"], "system-hangup");
    assert_eq!(post(&hang_up).await["success"], false);

    let id = running.place_call(&token).await;
    let by_agent = format!("/api/v2/agents/{AGENT}/hangup");
    assert_eq!(post(&by_agent).await["success"], true);
    let call = running.read(&token, &format!("/api/v2/calls/{id}")).await;
    assert_eq!(call.body["item"]["state"], "completed");
    assert_eq!(post(&by_agent).await["success"], false);
}

#[tokio::test]
async fn only_what_still_waits_can_be_cancelled() {
    let running = Running::start().await;
    let token = running.token().await;
    let post = async |path: String, body: Value| {
        running.with(&token, Method::POST, &path, body).await.body
    };
    let callback = json!({"to": "+4930111222333"});
    let callback = post(format!("/api/v2/queues/{QUEUE}/callback"), callback).await;
    let waiting = text(&callback["item"]["id"]);
    let cancelled = post(format!("/api/v2/calls/{waiting}/cancel"), Value::Null).await;
    assert_eq!(cancelled["success"], true);
    assert_eq!(cancelled["item"]["state"], "canceled");

    let live = running.place_call(&token).await;
    running.set_call(&live, json!({"state": "bridged"})).await;
    let refused = post(format!("/api/v2/calls/{live}/cancel"), Value::Null).await;
    assert_eq!(refused["success"], false);
    assert_eq!(refused["item"]["state"], "bridged");
}

#[tokio::test]
async fn a_queue_callback_waits_and_is_cancelled_by_a_hang_up() {
    let running = Running::start().await;
    let token = running.token().await;
    let path = format!("/api/v2/queues/{QUEUE}/callback");
    let body = json!({"to": "+4930111222333", "session": {"name": "Tom"}});
    let queued = running.with(&token, Method::POST, &path, body).await;
    assert_eq!(queued.status, 200);
    assert_eq!(queued.body["success"], true);
    let id = text(&queued.body["item"]["id"]);
    let call = running.read(&token, &format!("/api/v2/calls/{id}")).await;
    assert_eq!(call.body["item"]["state"], "scheduled");
    assert_eq!(call.body["item"]["source"], "queue");

    let hang_up = format!("/api/v2/calls/{id}/hangup");
    let ended = running
        .with(&token, Method::POST, &hang_up, Value::Null)
        .await;
    assert_eq!(ended.body["item"]["state"], "canceled");
    let unknown = format!("/api/v2/queues/{AGENT}/callback");
    let body = json!({"to": "+4930111222333"});
    assert_eq!(
        running
            .with(&token, Method::POST, &unknown, body)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn the_line_and_the_presence_of_an_agent_are_told() {
    let running = Running::start().await;
    let token = running.token().await;
    let path = format!("/api/v2/agents/{AGENT}/status");
    let status = async || running.read(&token, &path).await.body["item"][0].clone();
    assert_eq!(status().await["line_status"], "available");

    let id = running.place_call(&token).await;
    assert_eq!(status().await["line_status"], "ringing");
    running.set_call(&id, json!({"state": "bridged"})).await;
    assert_eq!(status().await["line_status"], "in-call");
    running.set_call(&id, json!({"state": "completed"})).await;

    let change = json!({"enabled": false, "presence": {"name": "lunch"}});
    let changed = running.with(&token, Method::PUT, &path, change).await;
    assert_eq!(changed.status, 201);
    assert_eq!(changed.body["presence"]["name"], "lunch");
    let now = status().await;
    assert_eq!(
        (&now["enabled"], &now["available"]),
        (&json!(false), &json!(false))
    );
    let unknown = json!({"presence": {"name": "asleep"}});
    assert_eq!(
        running
            .with(&token, Method::PUT, &path, unknown)
            .await
            .status,
        400
    );
}
