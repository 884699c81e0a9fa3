//! Past calls, recordings and variables: what our core builds and the sandbox answers, against the vendor's published
//! OpenAPI, and read by our core again.

use patchcord_core::outcome::Outcome;
use patchcord_core::provider::Provider;
use patchcord_core::provider::past_calls::{Asked, Direction, End, With};
use patchcord_core::provider::variables::Variables;
use patchcord_core::secret::Secret;
use reqwest::Method;
use serde_json::json;

use crate::ours::{account, exchange};
use crate::published::{documents, operation};
use crate::running::{AGENT, Running};

const CUSTOMER: &str = "+4915228817386";

/// Calls that a person recognises: a customer who called, was called back, and was missed.
pub async fn made_up(running: &Running) {
    let calls = json!([
        {"direction": "inbound", "number": CUSTOMER, "queue": "Support", "agent": AGENT, "minutes_ago": 90, "talked": 125, "recorded": true},
        {"direction": "outbound", "number": CUSTOMER, "agent": AGENT, "minutes_ago": 30, "talked": 20},
        {"direction": "inbound", "number": CUSTOMER, "queue": "Support", "minutes_ago": 10},
        {"direction": "inbound", "number": "+4930999888777", "minutes_ago": 5, "state": "failed", "finish_reason": "invalid-number"},
    ]);
    let made = running.post("/_sandbox/calls/past", calls).await;
    assert_eq!(made.status, 200, "{made:?}");
}

fn asked(with: Option<With>, size: u32) -> Asked {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let now = u64::try_from(now.as_millis()).unwrap() + 1;
    Asked {
        since: now - 86_400_000,
        until: now,
        with,
        size,
    }
}

#[tokio::test]
async fn past_calls_of_a_number_are_asked_for_and_told_as_published() {
    let running = Running::start().await;
    made_up(&running).await;
    let (account, token) = (account(&running), Secret::new(running.token().await));
    let past = account.past_calls().unwrap();
    let ask = async |asked: &Asked, page| {
        let request = past.ask(asked, page, Some(&token)).unwrap();
        past.read(asked, page, exchange(&running, request).await)
            .unwrap()
    };
    let number = || CUSTOMER.parse().unwrap();
    let inbound = ask(&asked(Some(With::From(number())), 20), 1).await;
    assert_eq!((inbound.items.len(), inbound.next), (2, None));
    let (newest, oldest) = (&inbound.items[0], &inbound.items[1]);
    assert_eq!(newest.end, End::Missed("no-answer".into()));
    assert_eq!(oldest.end, End::Talked);
    assert_eq!(
        (oldest.answered_after, oldest.duration),
        (Some(8), Some(133))
    );
    assert_eq!(
        oldest.agent.as_ref().unwrap().name.as_deref(),
        Some("Alex Adler")
    );
    assert_eq!(oldest.recordings.len(), 1);
    let outbound = ask(&asked(Some(With::To(number())), 20), 1).await;
    assert_eq!(outbound.items.len(), 1);
    assert_eq!(outbound.items[0].direction, Some(Direction::Outbound));
    // Pages.
    let every = asked(None, 3);
    let first = ask(&every, 1).await;
    assert_eq!((first.items.len(), first.next), (3, Some(2)));
    let second = ask(&every, 2).await;
    assert_eq!((second.items.len(), second.next), (1, None));
    // Times.
    let old = Asked {
        until: every.until - 3_600_000,
        ..every
    };
    assert_eq!(ask(&old, 1).await.items.len(), 1);
}

#[tokio::test]
async fn a_recording_is_found_listed_and_heard_as_published() {
    let running = Running::start().await;
    made_up(&running).await;
    let (account, token) = (account(&running), Secret::new(running.token().await));
    let recordings = account.recordings().unwrap();
    let request = recordings.ask_list(1, 10, Some(&token)).unwrap();
    let page = recordings
        .read_list(1, exchange(&running, request).await)
        .unwrap();
    assert_eq!(page.items.len(), 1);
    let listed = &page.items[0];
    let request = recordings.ask(&listed.id, Some(&token)).unwrap();
    let recording = recordings.read(exchange(&running, request).await).unwrap();
    assert_eq!(&recording, listed);
    assert_eq!(
        (recording.duration, recording.state.as_deref()),
        (Some(125), Some("stored"))
    );
    // Without a token: its address is all that it takes.
    let link = recording.link.as_ref().unwrap().expose();
    let sound = running.http.get(link).send().await.unwrap();
    assert_eq!(
        (sound.status().as_u16(), &sound.headers()["content-type"]),
        (200, &"audio/wav".parse().unwrap())
    );
    assert!(sound.bytes().await.unwrap().starts_with(b"RIFF"));
    let unknown = recordings.ask(AGENT, Some(&token)).unwrap();
    assert_eq!(exchange(&running, unknown).await.unwrap().status, 404);
}

#[tokio::test]
async fn what_is_recorded_now_is_kept_when_the_call_is_over() {
    let running = Running::start().await;
    let token = running.token().await;
    let path = format!("/api/v2/agents/{AGENT}/calls");
    let dial = json!({"to": CUSTOMER, "autoRecord": true});
    let placed = running.with(&token, Method::POST, &path, dial).await;
    let call = placed.body["item"]["id"].as_str().unwrap().to_owned();
    running.set_call(&call, json!({"state": "bridged"})).await;
    let state = async || {
        let call = running.read(&token, &format!("/api/v2/calls/{call}")).await;
        call.body["item"]["recordings"][0]["state"].clone()
    };
    assert_eq!(state().await, "recording");
    running.set_call(&call, json!({"state": "completed"})).await;
    assert_eq!(state().await, "stored");
}

#[tokio::test]
async fn variables_are_set_as_published_and_the_others_ignored() {
    let running = Running::start().await;
    let token = running.token().await;
    let call = running.place_call(&token).await;
    let account = account(&running);
    let set = account.variables().unwrap();
    let variables =
        Variables::from_json(r#"{"app.priority": "high", "app.deal": {"id": 7}}"#).unwrap();
    let bearer = Secret::new(token.clone());
    let request = set.set(&call, &variables, Some(&bearer)).unwrap();
    let told = exchange(&running, request).await;
    assert_eq!(set.read_set(told), Outcome::Accepted);
    let path = format!("/api/v2/calls/{call}/session/set");
    let other = json!({"variables": {"priority": "low", "app.priority": "low"}});
    assert_eq!(
        running.with(&token, Method::PUT, &path, other).await.status,
        200
    );
    let state = running.state().await;
    let kept = &state["babelforce"]["calls"][0]["variables"];
    assert_eq!(kept, &json!({"app.priority": "low", "app.deal": {"id": 7}}));
    let none = running.with(&token, Method::PUT, &path, json!({})).await;
    assert_eq!(none.status, 400);
}

#[tokio::test]
async fn every_filter_of_the_report_holds_under_both_of_its_names() {
    let (documents, running) = (documents(), Running::start().await);
    made_up(&running).await;
    let token = running.token().await;
    let count = async |query: &str| {
        let path = format!("/api/v2/calls/reporting?{query}");
        if let Some(documents) = documents {
            operation(documents, "GET", "/api/v2/calls/reporting").check_query(query);
        }
        let answer = running.read(&token, &path).await;
        assert_eq!(answer.status, 200, "{query}");
        answer.body["items"].as_array().unwrap().len()
    };
    for (name, value, expected) in [
        ("from", "4915228817386", 2),
        ("fromNumber", "+4915228817386", 2),
        ("to", "15228817386", 1),
        ("toNumber", "999", 0),
        ("type", "inbound", 3),
        ("state", "no-answer", 1),
        ("finishReason", "invalid-number", 1),
        ("source", "api", 1),
        ("domain", "external", 4),
        ("anonymous", "true", 0),
        ("agentId", AGENT, 2),
        ("parentId", AGENT, 0),
        ("q", "alex", 2),
        ("time.start", "32503680000", 0),
        ("time.end", "1000", 0),
    ] {
        let value = value.replace('+', "%2B");
        assert_eq!(count(&format!("{name}={value}")).await, expected, "{name}");
        assert_eq!(
            count(&format!("filters.{name}={value}")).await,
            expected,
            "{name}"
        );
    }
    // More than once: one of them is enough.
    assert_eq!(count("state=no-answer&state=failed").await, 2);
    assert_eq!(count("state=no-answer&type=outbound").await, 0);
    let odd = running
        .read(&token, "/api/v2/calls/reporting?time.start=yesterday")
        .await;
    assert_eq!(odd.status, 400);
}
