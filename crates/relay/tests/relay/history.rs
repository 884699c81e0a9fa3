//! An agent's last calls with a contact, recordings, and variables of a call.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Ask, NUMBER, World};

const CUSTOMER: &str = "+4915228817386";
const AGENT: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
const BABELFORCE_CALLS: &str = "/api/v2/calls/reporting";

/// Calls that a person recognises, in the sandbox.
async fn made_up(world: &World) {
    let calls = json!([
        {"direction": "inbound", "number": CUSTOMER, "queue": "Support", "agent": AGENT, "minutes_ago": 90, "talked": 125, "recorded": true},
        {"direction": "outbound", "number": CUSTOMER, "agent": AGENT, "minutes_ago": 30, "talked": 20},
        {"direction": "inbound", "number": CUSTOMER, "queue": "Support", "minutes_ago": 10},
        {"direction": "inbound", "number": "+4930999888777", "minutes_ago": 5},
    ]);
    let url = format!("{}/_sandbox/calls/past", world.sandbox.url());
    let made = Ask::new(Method::POST, url).json(&calls).send().await;
    assert_eq!(made.status, 200, "{}", made.body);
}

/// The first agent may hear recordings.
fn hears(config: &str) -> String {
    config.replacen(
        "name = \"Alex Adler\"",
        "name = \"Alex Adler\"\nmay = [\"recordings\"]",
        1,
    )
}

async fn history(world: &World, session: &str, query: &str) -> Answer {
    let path = format!("/v1/history?{query}");
    world.ask(Method::GET, &path).bearer(session).send().await
}

async fn recording(world: &World, session: &str, path: &str) -> Answer {
    let path = format!("/v1/recordings/{path}");
    world.ask(Method::GET, &path).bearer(session).send().await
}

async fn audited(world: &World, action: &str) -> Vec<(String, Value)> {
    let entries = world.relay.shared().store.audit(0, 0, 1000).await.unwrap();
    let entries = entries.into_iter().filter(|entry| entry.action == action);
    entries
        .map(|entry| {
            let detail = entry.detail.unwrap_or_default();
            (entry.subject, serde_json::from_str(&detail).unwrap())
        })
        .collect()
}

#[tokio::test]
async fn the_last_calls_with_a_contact_come_newest_first_in_both_directions() {
    let world = World::new().await;
    made_up(&world).await;
    let session = world.session().await;
    let answer = history(&world, &session, "number=%2B4915228817386").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    let mut json = answer.json.clone();
    for call in json["calls"].as_array_mut().unwrap() {
        let call = call.as_object_mut().unwrap();
        assert!(call.remove("id").unwrap().as_str().unwrap().len() == 32);
        assert!(
            call.remove("started_at")
                .unwrap()
                .as_str()
                .unwrap()
                .ends_with('Z')
        );
    }
    let expected = json!({
        "number": CUSTOMER,
        "calls": [
            {"provider": "babelforce", "direction": "inbound", "from": CUSTOMER, "to": "+493012345600",
                "duration": 8, "end": "missed", "reason": "no-answer"},
            {"provider": "babelforce", "direction": "outbound", "from": "+493012345600", "to": CUSTOMER,
                "answered_after": 8, "duration": 28, "end": "talked"},
            {"provider": "babelforce", "direction": "inbound", "from": CUSTOMER, "to": "+493012345600",
                "agent": "Alex Adler", "team": "Support", "answered_after": 8, "duration": 133, "end": "talked"},
        ],
        "more": false,
        "unread": [],
    });
    assert_eq!(json, expected);
    // As people write it in the relay's region, and no more than is wanted.
    let few = history(&world, &session, "number=01522%208817386&max=1").await;
    assert_eq!(few.json["calls"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&few.json["more"], &few.json["number"]),
        (&json!(true), &json!(CUSTOMER))
    );
    // Who looked is written down, the number is not.
    let expected = ("+491…86".to_owned(), json!({"providers": ["babelforce"]}));
    assert_eq!(
        audited(&world, "history_read").await,
        [expected.clone(), expected]
    );
}

#[tokio::test]
async fn what_is_no_question_is_refused_before_the_platform_is_asked() {
    let world = World::new().await;
    let session = world.session().await;
    for (query, code, field) in [
        ("", "missing_field", "number"),
        ("number=%20", "missing_field", "number"),
        ("number=hello", "invalid_number", "number"),
        ("number=0152&max=51", "invalid_field", "max"),
        ("number=%2B4915228817386&days=3", "unknown_field", "days"),
    ] {
        history(&world, &session, query)
            .await
            .is_problem(code)
            .about(field);
    }
    let nobody = world
        .ask(Method::GET, "/v1/history?number=%2B4915228817386")
        .send()
        .await;
    nobody.is_problem("session_missing");
    // Samespace cannot be asked for the calls of a number.
    let session = world.session_of("005SAM").await;
    let answer = history(&world, &session, "number=%2B4915228817386").await;
    answer.is_problem("capability_missing");
    assert!(world.seen(BABELFORCE_CALLS).await.is_empty());
}

#[tokio::test]
async fn a_platform_that_does_not_tell_is_named_with_its_words() {
    let world = World::new().await;
    let session = world.session().await;
    let refused =
        json!({"status": {"code": 403, "body": r#"{"message": "the report is not booked"}"#}});
    world.fault(BABELFORCE_CALLS, refused).await;
    let answer = history(&world, &session, "number=%2B4915228817386").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json["calls"], json!([]));
    assert_eq!(answer.json["unread"][0]["provider"], "babelforce");
    assert_eq!(answer.json["unread"][0]["code"], "provider_forbidden");
}

#[tokio::test]
async fn a_list_that_never_ends_is_cut_and_said_to_be() {
    let world = World::new().await;
    let session = world.session().await;
    let endless = r#"{"items": [], "pagination": {"pages": 1000000}}"#;
    world
        .fault(
            BABELFORCE_CALLS,
            json!({"status": {"code": 200, "body": endless}}),
        )
        .await;
    let answer = history(&world, &session, "number=%2B4915228817386").await;
    assert_eq!(
        (&answer.json["more"], &answer.json["calls"]),
        (&json!(true), &json!([]))
    );
    assert_eq!(world.seen(BABELFORCE_CALLS).await.len(), 6);
}

#[tokio::test]
async fn an_agent_looks_up_no_more_than_they_may_dial() {
    let world = World::with(|config| {
        hears(&config).replacen("limits = {", "limits = { agent_per_hour = 2,", 1)
    })
    .await;
    let session = world.session().await;
    for _ in 0..2 {
        let answer = history(&world, &session, "number=%2B4915228817386").await;
        assert_eq!(answer.status, 200);
    }
    let answer = history(&world, &session, "number=%2B4915228817386").await;
    answer.is_problem("too_many_requests");
    // Recordings are counted for themselves.
    assert_eq!(recording(&world, &session, AGENT).await.status, 200);
}

#[tokio::test]
async fn recordings_are_closed_until_an_administrator_opens_them() {
    let world = World::new().await;
    made_up(&world).await;
    let session = world.session().await;
    let answer = history(&world, &session, "number=%2B4915228817386").await;
    assert!(!answer.body.contains("recording"), "{}", answer.body);
    recording(&world, &session, AGENT)
        .await
        .is_problem("not_permitted");
    assert!(world.seen("/api/v2/recordings/*").await.is_empty());
    assert!(audited(&world, "recording_asked").await.is_empty());

    let world = World::with(|config| hears(&config)).await;
    made_up(&world).await;
    let session = world.session().await;
    let answer = history(&world, &session, "number=%2B4915228817386").await;
    let recorded = &answer.json["calls"][2]["recordings"][0];
    assert_eq!(recorded["duration"], 125);
    let id = recorded["id"].as_str().unwrap();
    let found = recording(&world, &session, &format!("{id}?provider=babelforce")).await;
    assert_eq!(
        (found.status, found.header("cache-control")),
        (200, "no-store")
    );
    assert_eq!(found.json["outcome"], "accepted");
    assert_eq!(
        (&found.json["duration"], &found.json["media_type"]),
        (&json!(125), &json!("audio/wav"))
    );
    let link = found.json["link"].as_str().unwrap();
    assert_eq!(reqwest::get(link).await.unwrap().status(), 200);
    let expected = (id.to_owned(), json!({"provider": ["babelforce"]}));
    assert_eq!(audited(&world, "recording_asked").await, [expected]);
}

#[tokio::test]
async fn a_recording_that_is_not_there_is_an_outcome_and_a_wrong_question_a_problem() {
    let world = World::with(|config| hears(&config)).await;
    let session = world.session().await;
    let unknown = recording(&world, &session, AGENT).await;
    unknown.is_outcome("refused", Some("provider_not_found"));
    let odd = recording(&world, &session, "nonsense").await;
    odd.is_outcome("refused", Some("invalid_field"));
    let other = recording(&world, &session, &format!("{AGENT}?provider=samespace")).await;
    other.is_problem("capability_missing").about("provider");
    world
        .fault("/api/v2/recordings/*", json!("close_before_reply"))
        .await;
    let lost = recording(&world, &session, AGENT).await;
    lost.is_outcome("unknown", Some("no_reply"));
}

async fn set(world: &World, session: &str, call: &str, body: &Value) -> Answer {
    let path = format!("/v1/calls/{call}/variables");
    world
        .ask(Method::PUT, &path)
        .bearer(session)
        .json(body)
        .send()
        .await
}

#[tokio::test]
async fn variables_of_a_call_are_set_by_its_own_agent_alone() {
    let world = World::new().await;
    let session = world.session().await;
    let dial = json!({"number": CUSTOMER, "provider": "babelforce"});
    let call = world.dial(&session, &dial).send().await.json;
    let id = call["id"].as_str().unwrap();
    let body = json!({"variables": {"app.priority": "high", "app.deal": {"id": 7}}});
    set(&world, &session, id, &body)
        .await
        .is_outcome("accepted", None);
    let sent = world.seen("/api/v2/calls/*").await;
    let sent = sent
        .iter()
        .find(|request| request["method"] == "PUT")
        .unwrap();
    assert_eq!(sent["body"], body, "{sent}");
    let expected = (
        id.to_owned(),
        json!({"names": ["app.deal", "app.priority"]}),
    );
    assert_eq!(audited(&world, "variables_set").await, [expected]);
    let other = world.session_of("005SAM").await;
    set(&world, &other, id, &body).await.is_problem("not_found");
}

#[tokio::test]
async fn variables_are_set_no_more_often_than_an_agent_may_dial() {
    let world =
        World::with(|config| config.replacen("limits = {", "limits = { agent_per_hour = 2,", 1))
            .await;
    let session = world.session().await;
    let dial = json!({"number": CUSTOMER, "provider": "babelforce"});
    let call = world.dial(&session, &dial).send().await.json;
    let id = call["id"].as_str().unwrap();
    let body = json!({"variables": {"app.priority": "high"}});
    for _ in 0..2 {
        let answer = set(&world, &session, id, &body).await;
        answer.is_outcome("accepted", None);
    }
    let refused = set(&world, &session, id, &body).await;
    assert_eq!(refused.is_problem("too_many_requests").status, 429);
    let puts = world.seen("/api/v2/calls/*").await;
    let puts = puts.iter().filter(|request| request["method"] == "PUT");
    assert_eq!(puts.count(), 2, "the platform is not asked");
}

#[tokio::test]
async fn a_variable_that_would_be_ignored_is_refused_before_anything_is_sent() {
    let world = World::new().await;
    let session = world.session().await;
    let dial = json!({"number": CUSTOMER, "provider": "babelforce"});
    let call = world.dial(&session, &dial).send().await.json;
    let id = call["id"].as_str().unwrap();
    for (body, code, field) in [
        (
            json!({"variables": {"app.a": 1, "priority": 2}}),
            "invalid_field",
            "variables.priority",
        ),
        (json!({"variables": {}}), "invalid_field", "variables"),
        (json!({"variables": []}), "invalid_field", "variables"),
        (json!({}), "missing_field", "variables"),
        (
            json!({"variables": {"app.a": 1}, "mode": "all"}),
            "unknown_field",
            "mode",
        ),
    ] {
        let answer = set(&world, &session, id, &body).await;
        answer.is_problem(code).about(field);
    }
    let answer = set(&world, &session, id, &json!({"variables": {"priority": 2}})).await;
    assert!(
        answer.json["remedy"].as_str().unwrap().contains("app."),
        "{}",
        answer.body
    );
    let puts = world.seen("/api/v2/calls/*").await;
    assert!(
        puts.iter().all(|request| request["method"] != "PUT"),
        "{puts:?}"
    );
    // A platform whose calls have none.
    let dial = json!({"number": NUMBER, "provider": "samespace"});
    let call = world.dial(&session, &dial).send().await.json;
    let answer = set(
        &world,
        &session,
        call["id"].as_str().unwrap(),
        &json!({"variables": {"app.a": 1}}),
    )
    .await;
    answer.is_problem("capability_missing");
}
