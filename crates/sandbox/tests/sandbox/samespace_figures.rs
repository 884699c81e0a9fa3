use reqwest::Method;
use serde_json::{Value, json};

use crate::running::{Answer, Running};

const SESSIONS: &str = "/manage/api/analytics/sessions";
const ADD: &str = "/router/api/v2/campaign/add";
const RESET: &str = "/router/api/v2/token/reset";
const KEY: &str = "sandbox-analytics-key";
const FIRST_TOKEN: &str = "538d1ae0-3e9f-11ea-9d9c-394a26b437b0";

/// Every date from now back for so many days.
fn query(days: u64, of: &str, limit: u32, skip: u32) -> Value {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_millis();
    let now = u64::try_from(now).unwrap() + 60_000;
    let time = patchcord_core::provider::time::write;
    json!({
        "filters": {
            "start_time": time(now - days * 86_400_000), "end_time": time(now), "type": of,
        },
        "limit": limit, "skip": skip,
    })
}

async fn ask(running: &Running, header: (&str, &str), query: &Value) -> Answer {
    let request = running
        .request(Method::POST, SESSIONS)
        .header(header.0, header.1)
        .json(query);
    Answer::of(request.send().await.unwrap()).await
}

fn contact(token: &str) -> Value {
    json!({
        "cloud_id": "acme", "auth_token": token, "campaign": "Spring", "team_name": "sales",
        "source": "Dial_list", "number": "919654301006", "data": {"name": "Tom", "deal": [1, 2.50]},
    })
}

#[tokio::test]
async fn sessions_are_listed_by_type_in_pages_with_the_key_in_either_header() {
    let running = Running::start().await;
    let mut seen = Vec::new();
    for page in 0..10 {
        let reply = ask(&running, ("x-api-key", KEY), &query(7, "team", 3, page * 3)).await;
        assert_eq!((reply.status, &reply.body["success"]), (200, &json!(true)));
        let sessions = reply.body["data"].as_array().unwrap().clone();
        let is_last = sessions.len() < 3;
        seen.extend(sessions);
        if is_last {
            break;
        }
    }
    assert_eq!(seen.len(), 9);
    assert!(seen.iter().all(|session| session["type"] == "team"));
    let failed = seen.iter().find(|session| session["status"] == "failed");
    assert_eq!(failed.unwrap()["answer_time"], Value::Null);

    let agents = ask(&running, ("authorization", KEY), &query(7, "agent", 10, 0)).await;
    assert_eq!(agents.body["data"].as_array().unwrap().len(), 2);
    let bearer = format!("Bearer {KEY}");
    let again = ask(
        &running,
        ("authorization", &bearer),
        &query(7, "agent", 10, 0),
    )
    .await;
    assert_eq!(agents, again);
}

#[tokio::test]
async fn a_wrong_key_or_more_than_a_month_is_refused() {
    let running = Running::start().await;
    let wrong = ask(&running, ("x-api-key", "other"), &query(7, "team", 3, 0)).await;
    assert_eq!((wrong.status, &wrong.body["success"]), (401, &json!(false)));
    let long = ask(&running, ("x-api-key", KEY), &query(32, "team", 3, 0)).await;
    assert_eq!((long.status, &long.body["success"]), (400, &json!(false)));
    let none = ask(
        &running,
        ("x-api-key", KEY),
        &json!({"limit": 3, "skip": 0}),
    )
    .await;
    assert_eq!(none.status, 400);
}

#[tokio::test]
async fn a_call_of_the_dock_is_among_the_sessions() {
    let running = Running::start().await;
    let call = json!({"username": "alex@acme", "number": "448442430000"});
    running.post("/apiv1/make_call", call).await;
    let reply = ask(&running, ("x-api-key", KEY), &query(1, "agent", 50, 0)).await;
    let newest = reply.body["data"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(newest["callee"], 448_442_430_000_u64);
    assert_eq!(newest["user_display_name"], "Alex Adler");
    assert_eq!(
        (&newest["status"], &newest["end_time"]),
        (&json!("ringing"), &Value::Null)
    );
}

#[tokio::test]
async fn a_contact_is_added_with_the_token_that_holds_and_success_is_a_text() {
    let running = Running::start().await;
    let reply = running.post(ADD, contact(FIRST_TOKEN)).await;
    assert_eq!(
        (reply.status, reply.body),
        (200, json!({"success": "true"}))
    );
    let contacts = running.state().await["samespace"]["contacts"].clone();
    assert_eq!(contacts[0]["number"], "919654301006");
    assert_eq!(
        contacts[0]["data"],
        json!({"name": "Tom", "deal": [1, 2.50]})
    );

    let reset = json!({"cloud_id": "acme", "auth_token": FIRST_TOKEN});
    let reset = running.post(RESET, reset).await;
    assert_eq!(reset.body["success"], true);
    let token = reset.body["data"]["auth_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        running.post(ADD, contact(FIRST_TOKEN)).await.body["success"],
        false
    );
    assert_eq!(
        running.post(ADD, contact(&token)).await.body["success"],
        "true"
    );

    let log = running.requests().await;
    let paths: Vec<_> = log
        .iter()
        .map(|entry| entry["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, [ADD, RESET, ADD, ADD]);
}

#[tokio::test]
async fn a_contact_for_what_is_not_there_is_refused_and_added_nowhere() {
    let running = Running::start().await;
    for (field, value) in [
        ("campaign", json!("Autumn")),
        ("source", json!("other")),
        ("team_name", json!("night")),
        ("cloud_id", json!("other")),
        ("number", json!("+919654301006")),
        ("data", json!("text")),
    ] {
        let mut body = contact(FIRST_TOKEN);
        body[field] = value;
        let reply = running.post(ADD, body).await;
        assert_eq!(reply.body["success"], false, "{field}");
    }
    assert_eq!(running.state().await["samespace"]["contacts"], json!([]));
}

/// What our core builds, at the sandbox.
#[tokio::test]
async fn our_core_reads_the_sandboxs_sessions_page_by_page() {
    use patchcord_core::http::Response;
    use patchcord_core::provider::past_calls::{Asked, End};

    let running = Running::start().await;
    for header in ["x-api-key", "authorization"] {
        let account = patchcord_core::provider::configure(
            "samespace",
            json!({
                "cluster_id": "ph1c", "cloud_id": "acme", "base_url": running.url(""),
                "analytics": {"api_key": KEY, "header": header},
            }),
        )
        .unwrap();
        let figures = account.figures().unwrap();
        let now = patchcord_core::provider::time::read(
            query(1, "team", 1, 0)["filters"]["end_time"]
                .as_str()
                .unwrap(),
        );
        let asked = Asked {
            since: now.unwrap() - 7 * 86_400_000,
            until: now.unwrap(),
            with: None,
            size: 4,
        };
        let (mut page, mut calls) = (Some(1), Vec::new());
        while let Some(nth) = page {
            let request = figures.ask(&asked, nth, None).unwrap();
            let mut outgoing = running.http.post(&request.url);
            if let Some(key) = &request.api_key {
                outgoing = outgoing.header("x-api-key", key.expose());
            }
            if let Some(key) = &request.bearer {
                outgoing = outgoing.bearer_auth(key.expose());
            }
            let body = request.body.unwrap();
            let outgoing = outgoing
                .header("content-type", body.content_type())
                .body(body.text().to_owned());
            let reply = outgoing.send().await.unwrap();
            let status = reply.status().as_u16();
            let reply = Ok(Response::json(status, &reply.text().await.unwrap()));
            let read = figures.read(&asked, nth, reply).unwrap();
            calls.extend(read.items);
            page = read.next;
        }
        assert_eq!(calls.len(), 9, "{header}");
        let talked = calls.iter().filter(|call| call.end == End::Talked).count();
        assert_eq!(talked, 5);
        let first = &calls[0];
        assert_eq!(
            (first.answered_after, first.duration),
            (Some(14), Some(320))
        );
        assert!(
            calls
                .iter()
                .any(|call| call.end == End::Other("diverted".into()))
        );
    }
}
