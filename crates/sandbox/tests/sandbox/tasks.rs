use reqwest::Method;
use serde_json::{Value, json};

use crate::running::{QUEUE, Running, text};

const TASKS: &str = "/api/v3/tasks";

#[tokio::test]
async fn a_task_is_scheduled_found_and_interrupted_once() {
    let running = Running::start().await;
    let token = running.token().await;
    let body = json!({
        "type": "acme.callback", "queue_id": QUEUE, "scheduled_at": "at 32503680000000",
        "body": {"number": "+4930111222333", "payload": {"name": "Tom"}},
    });
    let made = running
        .with(&token, Method::POST, TASKS, body.clone())
        .await;
    assert_eq!(made.status, 200);
    assert_eq!(made.body["state"], "Scheduled");
    assert_eq!(made.body["body"], body["body"]);
    assert_eq!(made.body["scheduled_at"], "at 32503680000000");
    let id = text(&made.body["id"]);
    let one = format!("{TASKS}/{id}");
    assert_eq!(running.read(&token, &one).await, made);
    let list = running.read(&token, TASKS).await;
    assert_eq!(list.body["records"], json!([made.body]));
    assert_eq!(list.body["_metadata"]["total_count"], 1);

    let interrupt = format!("{one}/interrupt/Canceled");
    let reason = json!({"reason": "the visitor cancelled"});
    let post = async |body: Value| running.with(&token, Method::POST, &interrupt, body).await;
    assert_eq!(post(json!({"reason": "x".repeat(256)})).await.status, 400);
    assert_eq!(post(reason.clone()).await.status, 200);
    assert_eq!(running.read(&token, &one).await.body["state"], "Canceled");
    assert_eq!(post(reason).await.status, 409);
}

#[tokio::test]
async fn a_task_that_is_due_waits_for_an_agent() {
    let running = Running::start().await;
    let token = running.token().await;
    for due in [
        json!({}),
        json!({"scheduled_at": "now"}),
        json!({"scheduled_at": "at 1654075565950"}),
    ] {
        let task = running.with(&token, Method::POST, TASKS, due).await;
        assert_eq!(task.body["state"], "Selecting", "{task:?}");
    }
}

#[tokio::test]
async fn a_bad_task_is_refused_in_the_error_shape_of_v3() {
    let running = Running::start().await;
    let token = running.token().await;
    let cases = [
        (json!({"scheduled_at": "tomorrow"}), "scheduled_at"),
        (
            json!({"scheduled_at": 1_654_075_565_950_u64}),
            "scheduled_at",
        ),
        (json!({"type": "call me"}), "type"),
        (json!({"body": "text"}), "body"),
    ];
    for (body, field) in cases {
        let refusal = running.with(&token, Method::POST, TASKS, body).await;
        assert_eq!(refusal.status, 400);
        assert!(refusal.body["error_message"].is_string(), "{refusal:?}");
        assert!(
            text(&refusal.body["error_detail"]).starts_with(field),
            "{refusal:?}"
        );
    }
    let unknown = running
        .read(&token, "/api/v3/tasks/00000000000000000000000000000000")
        .await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.body["error_detail"].is_string());
    let list = running.read(&token, "/api/v3/tasks?page_size=101").await;
    assert_eq!(list.status, 400);
}

#[tokio::test]
async fn a_filter_that_is_not_understood_is_refused_and_not_ignored() {
    let running = Running::start().await;
    let token = running.token().await;
    for filter in ["state", "nothing==1", "state=in=("] {
        let mut url = reqwest::Url::parse(&running.url(TASKS)).unwrap();
        url.query_pairs_mut().append_pair("filter", filter);
        let path = format!("{TASKS}?{}", url.query().unwrap());
        // Also where it would never be looked at: without tasks every filter that can be read is good.
        running.with(&token, Method::POST, TASKS, json!({})).await;
        assert_eq!(running.read(&token, &path).await.status, 400, "{filter}");
    }
}

#[tokio::test]
async fn what_zendesk_sends_becomes_a_task_without_the_senders_credentials() {
    let running = Running::start().await;
    let token = running.token().await;
    let hook = "/api/v1/webhook/zendesk";
    let ticket = json!({"ticket": {"id": 35, "subject": "Broken pump"}});
    let path = format!("{hook}?templateId=zendesk-ticket");
    let made = running
        .with(&token, Method::POST, &path, ticket.clone())
        .await;
    assert_eq!(made.status, 202);
    assert_eq!(made.body["type"], "acme.zendesk");
    assert_eq!(made.body["body"], ticket);
    if let Some(documents) = crate::published::documents() {
        crate::published::operation(documents, "POST", hook).check_reply(&made);
    }
    let path = format!("{path}&data=all");
    let made = running
        .with(&token, Method::POST, &path, ticket.clone())
        .await;
    assert_eq!(made.body["body"]["body"], ticket);
    assert_eq!(
        made.body["body"]["queryParams"]["templateId"],
        "zendesk-ticket"
    );
    assert!(!made.body.to_string().contains(&token));
    for (query, status) in [
        ("", 400),
        ("?templateId=none", 404),
        ("?templateId=callback", 400),
    ] {
        let path = format!("{hook}{query}");
        let refused = running.with(&token, Method::POST, &path, json!({})).await;
        assert_eq!(refused.status, status, "{query}");
        assert!(refused.body["error_message"].is_string());
    }
    let nobody = running
        .with("nothing", Method::POST, &path, json!({}))
        .await;
    assert_eq!(nobody.status, 401);
}
