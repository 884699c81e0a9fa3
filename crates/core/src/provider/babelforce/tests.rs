use serde_json::{Value, json};

use super::*;
use crate::call::Recording;
use crate::http::Response;

const AGENT: &str = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
const CALL: &str = "00112233445566778899aabbccddeeff";

fn account() -> Babelforce {
    Babelforce::from_config(json!({
        "environment": "apps",
        "grant": {"type": "password", "username": "u", "password": "p"},
    }))
    .unwrap()
}

fn fixture() -> Value {
    serde_json::from_str(include_str!(
        "../../../../../tests/fixtures/babelforce.json"
    ))
    .unwrap()
}

fn sent(request: &Request) -> Value {
    serde_json::from_str(request.body.as_ref().unwrap().text()).unwrap()
}

fn reply(status: u16, body: &Value) -> Reply {
    let text = body
        .as_str()
        .map_or_else(|| body.to_string(), str::to_owned);
    Ok(Response::json(status, &text))
}

fn token() -> Secret {
    Secret::new("access-canary")
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
    call.recording = Recording::Always;
    let request = account().dial(AGENT, &call, Some(&token())).unwrap();
    assert_eq!(request.url, fixture["request"]["url"].as_str().unwrap());
    assert_eq!(request.bearer, Some(token()));
    assert_eq!(sent(&request), fixture["request"]["body"]);
    assert!(!format!("{request:?}").contains("canary"));
}

#[test]
fn callbacks_now_and_at_a_time_are_the_requests_of_the_fixture() {
    for name in ["callback", "scheduled"] {
        let fixture = &fixture()[name];
        let callback = CallbackRequest {
            number: fixture["callback"]["number"]
                .as_str()
                .unwrap()
                .parse()
                .unwrap(),
            at: fixture["callback"]["at"].as_u64(),
            payload: Payload::from_json(&fixture["callback"]["payload"].to_string()).unwrap(),
        };
        let request = account()
            .callback(&fixture["target"], &callback, Some(&token()))
            .unwrap();
        assert_eq!(request.url, fixture["request"]["url"].as_str().unwrap());
        assert_eq!(sent(&request), fixture["request"]["body"], "{name}");
    }
}

#[test]
fn every_reply_of_the_fixture_has_its_outcome() {
    for case in fixture()["replies"].as_array().unwrap() {
        let status = u16::try_from(case["status"].as_u64().unwrap()).unwrap();
        let dialled = account().read_dial(reply(status, &case["body"]));
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
        assert_eq!(dialled.call.as_deref(), case["call"].as_str(), "{case}");
    }
}

#[test]
fn every_call_state_of_the_fixture_is_told_in_the_contracts_words() {
    for case in fixture()["states"].as_array().unwrap() {
        let progress = account()
            .read_call_state(reply(200, &case["body"]))
            .unwrap();
        assert_eq!(progress.state.as_str(), case["state"], "{case}");
        assert_eq!(
            progress.reason.as_deref(),
            case["reason"].as_str(),
            "{case}"
        );
        assert_eq!(progress.duration, case["duration"].as_u64(), "{case}");
    }
    let error = account()
        .read_call_state(reply(404, &json!({"message": "gone"})))
        .unwrap_err();
    assert_eq!(error.because().unwrap().code, Code::ProviderNotFound);
}

#[test]
fn callback_replies_are_read_in_both_envelopes() {
    let read = |status, body: Value| account().read_callback(reply(status, &body));
    assert_eq!(
        read(200, json!({"item": {"id": "1"}, "success": true})),
        Outcome::Accepted
    );
    assert_eq!(
        read(200, json!({"id": "1", "body": {}, "state": "Scheduled"})),
        Outcome::Accepted
    );
    let no = read(
        200,
        json!({"success": false, "message": "queue full", "item": {}}),
    );
    assert_eq!(no.because().unwrap().message.as_deref(), Some("queue full"));
    let no = read(
        400,
        json!({"error_message": "bad scheduled_at", "error_detail": "x"}),
    );
    assert_eq!(
        no.because().unwrap().message.as_deref(),
        Some("bad scheduled_at: x")
    );
    assert_eq!(
        read(200, json!({})).because().unwrap().code,
        Code::SuccessMissing
    );
}

#[test]
fn hanging_up_is_decided_by_success_even_with_status_200() {
    let request = account().hang_up(CALL, Some(&token())).unwrap();
    assert_eq!(
        request.url,
        format!("https://services.babelforce.com/api/v2/calls/{CALL}/hangup")
    );
    assert_eq!((request.method, request.body), (Method::Post, None));
    let yes = reply(200, &json!({"success": true, "item": {"id": CALL}}));
    assert_eq!(account().read_hang_up(yes), Outcome::Accepted);
    let no = reply(200, &json!({"success": false, "item": {"id": CALL}}));
    assert_eq!(account().read_hang_up(no).as_str(), "refused");
}

#[test]
fn the_sign_in_address_has_the_challenge_of_rfc_7636() {
    let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    let challenge = sign_in::challenge(&verifier);
    assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let url = account().sign_in_url("babelconnect", "https://a/b", &challenge, "s&");
    assert!(url.starts_with("https://services.babelforce.com/oauth/authorize?response_type=code&"));
    assert!(url.contains("redirect_uri=https%3A%2F%2Fa%2Fb") && url.contains("state=s%26"));
}

#[test]
fn a_wrong_configuration_is_named() {
    let wrong = |config| {
        let error = Babelforce::from_config(config).unwrap_err();
        (
            error.code.as_str(),
            error.field.unwrap_or_default().into_owned(),
        )
    };
    let grant = json!({"type": "client_credentials"});
    assert_eq!(
        wrong(json!({"grant": grant})),
        ("missing_field", "environment".into())
    );
    assert_eq!(
        wrong(json!({"environment": "a", "grant": grant})),
        ("missing_field", "client_secret".into())
    );
    assert_eq!(
        wrong(json!({"environment": "a", "grants": grant})),
        ("unknown_field", "grants".into())
    );
    assert!(account().check_agent("alex@acme").is_err());
    assert!(account().check_target(&json!({"queue_id": "x"})).is_err());
    assert!(
        account()
            .check_target(&json!({"queue_id": AGENT, "task_type": "a b"}))
            .is_err()
    );
    assert!(
        account()
            .check_target(&json!({"queue_id": AGENT, "display_as": "+4930123456"}))
            .is_ok()
    );
}

#[test]
fn an_agent_is_the_same_with_and_without_hyphens() {
    let hyphens = "0A1B2C3D-4e5f-6071-8293-a4b5c6d7e8f9";
    assert!(account().is_same_agent(hyphens, "0a1b2c3d4e5f60718293a4b5c6d7e8f9"));
    assert!(!account().is_same_agent(hyphens, "1a1b2c3d4e5f60718293a4b5c6d7e8f9"));
    assert!(!account().is_same_agent("", ""), "no id is nobody's");
}

#[test]
fn a_call_that_has_not_begun_can_be_called_off() {
    let request = account().cancel_call(CALL, &token()).unwrap();
    assert!(
        request
            .url
            .ends_with(&format!("/api/v2/calls/{CALL}/cancel"))
    );
}
