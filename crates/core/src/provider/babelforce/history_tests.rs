//! Past calls, recordings and variables: what is asked for, and how odd replies are read.

use serde_json::{Value, json};

use super::*;
use crate::error::Error;
use crate::http::Response;
use crate::provider::page::Page;
use crate::provider::past_calls::{Asked, Direction, End, Named, PastCall, Recorded, With};
use crate::provider::variables::Variables;

const CALL: &str = "00112233-4455-6677-8899-aabbccddeeff";
const PLAIN_CALL: &str = "00112233445566778899aabbccddeeff";
const RECORDING: &str = "0123456789abcdef0123456789abcdef";
const AGENT: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
/// 2026-06-24T10:15:02Z
const CREATED: u64 = 1_782_296_102_000;

fn account() -> Babelforce {
    let grant = json!({"type": "password", "username": "u", "password": "p"});
    Babelforce::from_config(json!({"environment": "apps", "grant": grant})).unwrap()
}

fn asked(with: Option<With>) -> Asked {
    Asked {
        since: CREATED - 60_500,
        until: CREATED + 1_000,
        with,
        size: 20,
    }
}

fn from(number: &str) -> Option<With> {
    Some(With::From(number.parse().unwrap()))
}

fn read(asked: &Asked, status: u16, body: &Value) -> Result<Page<PastCall>, Outcome> {
    let reply = Ok(Response::json(status, &body.to_string()));
    account().past_calls().unwrap().read(asked, 1, reply)
}

/// The one call of a page.
fn one(item: Value) -> PastCall {
    let mut page = read(&asked(None), 200, &json!({"items": [item]})).unwrap();
    assert_eq!(page.items.len(), 1);
    page.items.remove(0)
}

#[test]
fn past_calls_are_asked_for_by_time_and_number() {
    let ask = |with: Option<With>| {
        let (account, token) = (account(), Secret::new("t"));
        let past = account.past_calls().unwrap();
        past.ask(&asked(with), 2, Some(&token)).unwrap()
    };
    let request = ask(from("+4915228817386"));
    assert_eq!(request.method, Method::Get);
    let query = "page=2&max=20&time.start=1782296041&time.end=1782296103&from=4915228817386";
    let path = format!("/api/v2/calls/reporting?{query}");
    assert_eq!(request.url, account().environment.url(&path));
    assert_eq!(request.bearer, Some(Secret::new("t")));
    let to = ask(Some(With::To("+4930123456".parse().unwrap())));
    assert!(to.url.ends_with("&to=4930123456"), "{}", to.url);
    assert!(!ask(None).url.contains("from="));
    // The number is in the query, which no log shows.
    assert!(!format!("{request:?}").contains("4915228817386"));
}

#[test]
fn a_call_is_read_with_everything_that_the_document_has() {
    let call = one(json!({
        "id": CALL, "sessionId": RECORDING, "dateCreated": "2026-06-24T10:15:02Z",
        "dateEstablished": "2026-06-24T10:15:09Z", "dateFinished": "2026-06-24T10:15:51Z",
        "state": "completed", "finishReason": "hangup", "type": "inbound",
        "from": "+493000000000", "to": "+493000000001", "source": "queue", "domain": "external",
        "duration": 42, "anonymous": false,
        "recordings": [{"id": RECORDING, "duration": 40, "url": "https://x.example/canary"}],
        "bridged": {"id": AGENT, "name": "Support Agent", "number": "+49", "queueId": RECORDING, "queueName": "Support"},
    }));
    let expected = PastCall {
        id: PLAIN_CALL.into(),
        direction: Some(Direction::Inbound),
        from: Some("+493000000000".into()),
        to: Some("+493000000001".into()),
        agent: Some(Named {
            id: Some(AGENT.into()),
            name: Some("Support Agent".into()),
        }),
        team: Some(Named {
            id: Some(RECORDING.into()),
            name: Some("Support".into()),
        }),
        started: Some(CREATED),
        answered_after: Some(7),
        duration: Some(49),
        end: End::Talked,
        recordings: vec![Recorded {
            id: RECORDING.into(),
            duration: Some(40),
        }],
    };
    assert_eq!(call, expected);
}

#[test]
fn nulls_and_missing_members_are_what_is_not_known() {
    let call = one(json!({
        "id": CALL, "state": "completed", "type": null, "from": "", "to": null, "duration": 3,
        "dateCreated": null, "recordings": null,
        "bridged": {"id": null, "name": "Desk", "queueId": null, "queueName": null,
            "agent": {"id": AGENT, "name": "Alex Adler", "number": null}},
    }));
    assert_eq!((call.direction, call.from, call.to), (None, None, None));
    assert_eq!(
        (call.started, call.answered_after, call.duration),
        (None, None, Some(3))
    );
    assert_eq!(call.agent.unwrap().name.as_deref(), Some("Alex Adler"));
    assert_eq!(call.team, None);
    assert_eq!(call.end, End::Talked);
    // What has no id is none of the list, and does not spoil it.
    let page = read(
        &asked(None),
        200,
        &json!({"items": [{}, null, {"id": CALL}]}),
    )
    .unwrap();
    assert_eq!(page.items.len(), 1);
}

#[test]
fn how_a_call_ended_is_told_apart_and_unknown_words_are_kept() {
    let end = |state: &str, reason: Value, connected: bool| {
        let at = connected.then_some("2026-06-24T10:15:09Z");
        one(json!({"id": CALL, "state": state, "finishReason": reason, "dateEstablished": at})).end
    };
    let missed = |word: &str| End::Missed(word.to_owned());
    for (state, reason, connected, expected) in [
        ("bridged", Value::Null, true, End::Open),
        ("scheduled", Value::Null, false, End::Open),
        ("completed", json!("passive-hangup"), true, End::Talked),
        (
            "completed",
            json!("passive-hangup"),
            false,
            missed("passive-hangup"),
        ),
        ("completed", Value::Null, false, missed("completed")),
        ("no-answer", json!("no-answer"), false, missed("no-answer")),
        ("purged", Value::Null, false, missed("purged")),
        ("failed", json!("declined"), false, missed("declined")),
        (
            "failed",
            json!("invalid-number"),
            false,
            End::Failed("invalid-number".into()),
        ),
        ("failed", Value::Null, false, End::Failed("failed".into())),
        (
            "failed",
            json!("beamed-away"),
            false,
            End::Failed("beamed-away".into()),
        ),
        (
            "teleported",
            json!("hangup"),
            true,
            End::Other("teleported".into()),
        ),
        ("", Value::Null, false, End::Other(String::new())),
    ] {
        assert_eq!(
            end(state, reason.clone(), connected),
            expected,
            "{state} {reason}"
        );
    }
}

#[test]
fn a_list_ends_where_it_says_so_or_says_nothing() {
    let next = |pagination: Value| {
        let body = match pagination {
            Value::Null => json!({"items": []}),
            pagination => json!({"items": [], "pagination": pagination}),
        };
        read(&asked(None), 200, &body).unwrap().next
    };
    assert_eq!(next(json!({"pages": 3, "current": 1})), Some(2));
    assert_eq!(next(json!({"pages": 1})), None);
    for nothing in [
        Value::Null,
        json!({}),
        json!({"pages": null, "total": 900}),
        json!([]),
    ] {
        assert_eq!(next(nothing.clone()), None, "{nothing}");
    }
}

#[test]
fn calls_of_another_number_or_time_are_left_out_whatever_the_platform_sends() {
    let call = |from: &str, at: &str| json!({"id": CALL, "from": from, "dateCreated": at});
    let body = json!({"items": [
        call("+4915228817386", "2026-06-24T10:15:02Z"),
        call("4915228817386", "2026-06-24T10:15:02Z"),
        call("+4915228817387", "2026-06-24T10:15:02Z"),
        call("+4915228817386", "2026-06-24T10:15:03Z"),
        call("+4915228817386", "2026-06-24T10:14:01Z"),
        json!({"id": CALL}),
    ]});
    let page = read(&asked(from("+4915228817386")), 200, &body).unwrap();
    assert_eq!(page.items.len(), 2);
}

#[test]
fn what_is_no_list_is_an_outcome() {
    let code = |status, body: Value| {
        let outcome = read(&asked(None), status, &body).unwrap_err();
        outcome.because().unwrap().code
    };
    assert_eq!(
        code(200, json!({"success": false, "message": "no"})),
        Code::ProviderRefused
    );
    assert_eq!(code(200, json!({"success": true})), Code::UnreadableReply);
    assert_eq!(code(200, json!("text")), Code::UnreadableReply);
    assert_eq!(code(403, json!({})), Code::ProviderForbidden);
    assert_eq!(code(503, json!({})), Code::ProviderError);
}

#[test]
fn a_recording_is_read_and_its_link_is_not_shown() {
    let account = account();
    let recordings = account.recordings().unwrap();
    let request = recordings
        .ask("01234567-89ab-cdef-0123-456789abcdef", None)
        .unwrap();
    assert!(
        request
            .url
            .ends_with(&format!("/api/v2/recordings/{RECORDING}"))
    );
    assert_eq!(
        recordings
            .ask("nonsense", None)
            .unwrap_err()
            .field
            .as_deref(),
        Some("id")
    );
    let item = json!({
        "id": RECORDING, "duration": 40, "url": "https://x.example/canary", "state": "completed",
        "file": {"id": RECORDING, "contentType": "audio/mpeg", "state": null},
        "call": {"id": CALL, "type": null}, "agent": null, "tags": [null],
    });
    let read = |body: Value| recordings.read(Ok(Response::json(200, &body.to_string())));
    let recording = read(json!({"item": item, "success": true})).unwrap();
    assert_eq!(recording.call.as_deref(), Some(PLAIN_CALL));
    assert_eq!(
        (recording.duration, recording.media_type.as_deref()),
        (Some(40), Some("audio/mpeg"))
    );
    assert_eq!(
        recording.link.as_ref().unwrap().expose(),
        "https://x.example/canary"
    );
    assert!(!format!("{recording:?}").contains("canary"));
    for odd in [
        "",
        "javascript:alert(1)",
        "data:audio/mpeg,x",
        "https://",
        "https://x y",
        "//x.example",
    ] {
        let item = json!({"id": RECORDING, "url": odd});
        assert_eq!(read(json!({"item": item})).unwrap().link, None, "{odd}");
    }
    assert!(read(json!({"success": true})).is_err());
    let list = json!({"items": [item, {}]}).to_string();
    let page = recordings
        .read_list(1, Ok(Response::json(200, &list)))
        .unwrap();
    assert_eq!((page.items.len(), page.next), (1, None));
    let request = recordings.ask_list(3, 500, None).unwrap();
    assert!(request.url.ends_with("/api/v2/recordings?page=3&max=100"));
}

fn set(text: &str) -> Result<Request, Error> {
    account()
        .variables()
        .unwrap()
        .set(CALL, &Variables::from_json(text)?, None)
}

#[test]
fn variables_are_sent_as_they_came() {
    let request = set(r#"{"app.priority": "high", "app.score": 1.0}"#).unwrap();
    assert_eq!(request.method, Method::Put);
    assert!(
        request
            .url
            .ends_with(&format!("/api/v2/calls/{PLAIN_CALL}/session/set"))
    );
    assert_eq!(
        request.body.unwrap().text(),
        r#"{"variables":{"app.priority": "high", "app.score": 1.0}}"#
    );
}

#[test]
fn a_variable_that_the_platform_would_ignore_is_refused_before_anything_is_sent() {
    for (text, field) in [
        (r#"{"app.a": 1, "priority": 2}"#, "variables.priority"),
        (r#"{"APP.a": 1}"#, "variables.APP.a"),
        (r#"{"app": 1}"#, "variables.app"),
        (r#"{"app.": 1}"#, "variables.app."),
        (r#"{" app.a": 1}"#, "variables. app.a"),
    ] {
        let error = set(text).unwrap_err();
        assert_eq!(error.code, Code::InvalidField);
        assert_eq!(error.field.as_deref(), Some(field));
        assert!(error.message.contains("Call it `app.…`"), "{error}");
    }
}

#[test]
fn the_reply_to_variables_is_read_in_both_forms() {
    let outcome = |status, body: Value| {
        let reply = Ok(Response::json(status, &body.to_string()));
        account().variables().unwrap().read_set(reply)
    };
    assert_eq!(outcome(200, json!({"success": true})), Outcome::Accepted);
    let with_item = json!({"success": true, "item": {"id": CALL}});
    assert_eq!(outcome(200, with_item), Outcome::Accepted);
    assert_eq!(
        outcome(200, json!({"item": {"id": CALL}})),
        Outcome::Accepted
    );
    assert_eq!(outcome(200, json!({"success": false})).as_str(), "refused");
    assert_eq!(outcome(200, json!({})).as_str(), "unknown");
    assert_eq!(outcome(404, json!({})).as_str(), "refused");
    assert_eq!(outcome(500, json!({})).as_str(), "unknown");
}
