use serde_json::{Value, json};

use super::super::Rotation;
use super::*;
use crate::http::{Failure, Response};

fn account() -> Samespace {
    Samespace::from_config(json!({"cluster_id": "ph1c", "cloud_id": "acme"})).unwrap()
}

fn fixture() -> Value {
    serde_json::from_str(include_str!("../../../../../tests/fixtures/samespace.json")).unwrap()
}

fn sent(request: &Request) -> Value {
    serde_json::from_str(request.body.as_ref().unwrap().text()).unwrap()
}

#[test]
fn a_dial_is_the_request_of_the_fixture() {
    let fixture = &fixture()["dial"];
    let mut call = CallRequest::to(fixture["call"]["number"].as_str().unwrap().parse().unwrap());
    call.caller_id = Some(
        fixture["call"]["caller_id"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap(),
    );
    call.record = serde_json::from_value(fixture["call"]["record"].clone()).unwrap();
    call.payload = Payload::from_json(&fixture["call"]["payload"].to_string()).unwrap();
    let request = account().dial("alex", &call, None).unwrap();
    assert_eq!(request.url, fixture["request"]["url"].as_str().unwrap());
    assert_eq!(request.method.as_str(), "POST");
    assert_eq!(request.bearer, None);
    assert_eq!(sent(&request), fixture["request"]["body"]);
}

#[test]
fn a_callback_is_the_request_of_the_fixture() {
    let fixture = &fixture()["callback"];
    let callback = CallbackRequest {
        number: fixture["callback"]["number"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap(),
        at: None,
        payload: Payload::from_json(&fixture["callback"]["payload"].to_string()).unwrap(),
    };
    let request = account()
        .callback(&fixture["target"], &callback, None)
        .unwrap();
    assert_eq!(request.url, fixture["request"]["url"].as_str().unwrap());
    assert_eq!(sent(&request), fixture["request"]["body"]);
}

#[test]
fn the_payload_arrives_byte_for_byte() {
    let mut call = CallRequest::to("+4930123456".parse().unwrap());
    call.payload =
        Payload::from_json(r#"{"id":12345678901234567890123,"rate":1.10,"é":"\u00e9"}"#).unwrap();
    let request = account().dial("alex@acme", &call, None).unwrap();
    let body = request.body.unwrap();
    assert!(
        body.text()
            .contains(r#""custom":{"id":12345678901234567890123,"rate":1.10,"é":"\u00e9"}"#)
    );
}

#[test]
fn every_reply_of_the_fixture_has_its_outcome() {
    for case in fixture()["replies"].as_array().unwrap() {
        let body = match &case["body"] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let status = u16::try_from(case["status"].as_u64().unwrap()).unwrap();
        let dialled = account().read_dial(Ok(Response::json(status, &body)));
        assert_eq!(dialled.outcome.as_str(), case["outcome"], "{case}");
        let because = dialled.outcome.because();
        assert_eq!(
            because.map(|b| b.code.as_str()),
            case["code"].as_str(),
            "{case}"
        );
        assert_eq!(
            because.and_then(|b| b.message.as_deref()),
            case["message"].as_str(),
            "{case}"
        );
        assert_eq!(dialled.progress.is_some(), case["outcome"] == "accepted");
    }
}

#[test]
fn without_a_reply_only_a_failed_connection_is_a_refusal() {
    let refused = account()
        .read_dial(Err(Failure::NotSent("refused".into())))
        .outcome;
    assert_eq!(refused.because().unwrap().code, Code::ProviderUnreachable);
    assert!(refused.may_be_retried());
    let lost = account()
        .read_dial(Err(Failure::Lost("reset".into())))
        .outcome;
    assert_eq!(lost.as_str(), "unknown");
    assert!(!lost.may_be_retried());
}

#[test]
fn what_samespace_cannot_do_is_refused_with_the_field() {
    let mut call = CallRequest::to("+4930123456".parse().unwrap());
    call.mode = Mode::Prefill;
    let error = account().dial("alex", &call, None).unwrap_err();
    assert_eq!(
        (error.code, error.field.as_deref()),
        (Code::CapabilityMissing, Some("prefill"))
    );
    call.mode = Mode::Dial;
    call.recording = Recording::Always;
    let error = account().dial("alex", &call, None).unwrap_err();
    assert_eq!(
        (error.code, error.field.as_deref()),
        (Code::CapabilityMissing, Some("auto_record"))
    );
}

#[test]
fn a_wrong_configuration_is_named() {
    let wrong = |config| {
        let error = Samespace::from_config(config).unwrap_err();
        (
            error.code.as_str(),
            error.field.unwrap_or_default().into_owned(),
        )
    };
    assert_eq!(
        wrong(json!({"cloud_id": "a"})),
        ("missing_field", "cluster_id".into())
    );
    assert_eq!(
        wrong(json!({"cluster_id": "a", "cloud_id": "a", "x": 1})),
        ("unknown_field", "x".into())
    );
    assert_eq!(
        wrong(json!({"cluster_id": "a/b", "cloud_id": "a"})),
        ("invalid_field", "cluster_id".into())
    );
    assert_eq!(
        wrong(json!({"cluster_id": "a", "cloud_id": " "})),
        ("invalid_field", "cloud_id".into())
    );
    assert_eq!(
        wrong(json!({"cluster_id": "a", "cloud_id": "a", "base_url": "ftp://x"})),
        ("invalid_field", "base_url".into())
    );
    assert!(account().check_agent("@acme").is_err());
    assert!(account().check_target(&json!({"space_id": "a"})).is_err());
}

#[test]
fn a_reset_gives_the_new_token_wherever_it_stands() {
    let old = Secret::new("old");
    let request = account().reset_token(&old).unwrap();
    assert_eq!(
        request.url,
        "https://ph1c.samespace.com/router/api/v2/token/reset"
    );
    assert_eq!(
        sent(&request),
        json!({"cloud_id": "acme", "auth_token": "old"})
    );
    let read = |body: Value| account().read_reset(Ok(Response::json(200, &body.to_string())));
    let new = Rotation::Rotated(Secret::new("new"));
    assert_eq!(read(json!({"success": true, "auth_token": "new"})), new);
    assert_eq!(
        read(json!({"success": "true", "data": {"token": "new"}})),
        new
    );
    assert_eq!(read(json!({"token": "new"})), new);
    assert_eq!(
        read(json!({"success": true})),
        Rotation::AcceptedWithoutToken
    );
    assert!(matches!(
        read(json!({"success": false, "message": "no"})),
        Rotation::Refused(_)
    ));
    assert!(matches!(read(json!({})), Rotation::Unknown(_)));
    assert!(matches!(
        account().read_reset(Err(Failure::Lost("x".into()))),
        Rotation::Unknown(_)
    ));
}
