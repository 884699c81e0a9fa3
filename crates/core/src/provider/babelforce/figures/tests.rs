use serde_json::{Value, json};

use super::*;
use crate::capability::Capability;
use crate::http::Response;
use crate::provider::Provider;
use crate::provider::babelforce::Babelforce;

fn account() -> Babelforce {
    let grant = json!({"type": "password", "username": "u", "password": "p"});
    Babelforce::from_config(json!({"environment": "acme", "grant": grant})).unwrap()
}

fn asked() -> Asked {
    Asked {
        since: 1_782_296_000_000,
        until: 1_782_296_100_000,
        with: None,
        size: 50,
    }
}

fn read(body: &Value) -> Page<PastCall> {
    let reply = Ok(Response::json(200, &body.to_string()));
    account()
        .figures()
        .unwrap()
        .read(&asked(), 1, reply)
        .unwrap()
}

#[test]
fn a_page_is_asked_for_in_seconds_whose_last_one_is_before_the_end() {
    let account = account();
    assert!(account.can(Capability::Statistics));
    let token = Secret::new("t");
    let request = account
        .figures()
        .unwrap()
        .ask(&asked(), 2, Some(&token))
        .unwrap();
    assert_eq!(
        request.url,
        "https://acme.babelforce.com/api/v2/calls/reporting/simple?page=2&max=50&time.start=1782296000&time.end=1782296099"
    );
    assert_eq!(request.bearer, Some(token));
    let from = Asked {
        with: Some(With::From("+493066665555".parse().unwrap())),
        ..asked()
    };
    for (which, path) in [
        (Which::Inbound, "/simple/inbound?"),
        (Which::Outbound, "/simple/outbound?"),
        (Which::Dialler, "/simple/dialer?"),
    ] {
        let request = account.condensed.only(which).ask(&from, 1, None).unwrap();
        assert!(request.url.contains(path), "{}", request.url);
        assert!(
            request.url.ends_with("&from=493066665555"),
            "{}",
            request.url
        );
    }
}

#[test]
fn a_call_is_read_as_the_published_example_writes_it() {
    let page = read(&json!({"success": true, "items": [{
        "id": "7c3f9a2e4b5d6e8f9a0b1c2d3e4f5a6b", "sessionId": "1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d",
        "dateCreated": "2026-06-24T10:15:02Z", "lastUpdated": "2026-06-24T10:15:51Z",
        "type": "inboundCall", "queueName": "Support", "agentName": "Support Agent", "bridged": true,
        "duration": 42, "waitTime": 7, "queueWaitTime": 5, "bridgeTime": 7, "talkTime": 33,
        "holdTime": 0, "wrapupTime": 12, "handleTime": 45,
    }]}));
    assert_eq!(page.next, None);
    let call = &page.items[0];
    assert_eq!(call.direction, Some(Direction::Inbound));
    assert_eq!(call.started, Some(1_782_296_102_000));
    assert_eq!((call.answered_after, call.duration), (Some(7), Some(42)));
    assert_eq!(call.team.as_ref().unwrap().name.as_deref(), Some("Support"));
    assert_eq!(
        call.agent.as_ref().unwrap().name.as_deref(),
        Some("Support Agent")
    );
    assert_eq!(call.end, End::Talked);
}

#[test]
fn nulls_and_unknown_words_are_tolerated_and_a_call_that_nobody_took_was_not_answered() {
    let page = read(&json!({"items": [
        {"id": "a", "type": "chat", "queueName": null, "agentName": "", "bridged": false, "waitTime": 20},
        {"id": "b", "bridged": null, "duration": null, "dateCreated": "soon"},
        {"type": "inboundCall"},
    ], "pagination": {"pages": 3, "current": 1}}));
    assert_eq!(page.next, Some(2));
    let [missed, unsaid] = &page.items[..] else {
        panic!("{page:?}")
    };
    assert_eq!(missed.end, End::Missed("not-bridged".to_owned()));
    assert_eq!((missed.answered_after, missed.direction), (None, None));
    assert_eq!((&missed.team, &missed.agent), (&None, &None));
    assert_eq!(unsaid.end, End::Other(String::new()));
    assert_eq!(unsaid.started, None);
}

#[test]
fn what_is_no_list_is_an_outcome() {
    let read = |status, body| {
        let reply = Ok(Response::json(status, body));
        account()
            .figures()
            .unwrap()
            .read(&asked(), 1, reply)
            .unwrap_err()
    };
    assert!(matches!(read(200, "{}"), Outcome::Unknown(_)));
    assert!(matches!(
        read(200, r#"{"success":false}"#),
        Outcome::Refused(_)
    ));
    assert!(matches!(read(403, "{}"), Outcome::Refused(_)));
}
