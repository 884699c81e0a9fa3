use serde_json::{Value, json};

use super::*;
use crate::http::{Failure, Response};

fn config() -> Value {
    json!({
        "token": "pbx-secret",
        "dial": {
            "url": "https://pbx.example.com/originate",
            "body": {
                "channel": "SIP/{agent}", "to": "{number}", "clid": "{caller_id}",
                "data": "{payload}", "note": "to {digits} now", "list": ["{caller_id}", 1],
            },
        },
        "callback": {
            "url": "https://pbx.example.com/queue",
            "body": { "queue": "{target.queue}", "to": "{digits}", "at": "{at}", "data": "{payload}" },
        },
    })
}

fn account() -> Box<dyn Provider> {
    configure(config()).unwrap()
}

fn call() -> CallRequest {
    let mut call = CallRequest::to("+4930123456".parse().unwrap());
    call.payload =
        Payload::from_json(r#"{"big":12345678901234567890,"one":1.0,"deep":{"a":[null]}}"#)
            .unwrap();
    call
}

fn callback() -> CallbackRequest {
    CallbackRequest {
        number: "+4930123456".parse().unwrap(),
        at: None,
        payload: Payload::default(),
    }
}

fn body(request: &Request) -> &str {
    request.body.as_ref().unwrap().text()
}

#[test]
fn a_dial_fills_the_template_and_the_payload_arrives_byte_for_byte() {
    let request = account().dial("alex", &call(), None).unwrap();
    assert_eq!(request.url, "https://pbx.example.com/originate");
    assert_eq!(request.bearer, Some("pbx-secret".into()));
    assert_eq!(
        body(&request),
        r#"{"channel":"SIP/alex","data":{"big":12345678901234567890,"one":1.0,"deep":{"a":[null]}},"list":[1],"note":"to 4930123456 now","to":"+4930123456"}"#
    );
}

#[test]
fn what_a_text_needs_escaped_is_escaped() {
    let request = account().dial("a\"b\\c\n", &call(), None).unwrap();
    let sent: Value = serde_json::from_str(body(&request)).unwrap();
    assert_eq!(sent["channel"], "SIP/a\"b\\c");
}

#[test]
fn an_address_is_sent_as_it_is_with_its_query_and_two_braces_are_one() {
    let mut config = config();
    config["dial"]["url"] = json!("https://pbx.example.com/originate?tenant=acme&v=2");
    config["dial"]["body"] =
        json!({"a": "{{number}", "b": "{{{number}}", "c": "{{", "d": "x {{{{ y {digits}"});
    let account = configure(config).unwrap();
    let request = account.dial("alex", &call(), None).unwrap();
    assert_eq!(
        request.url,
        "https://pbx.example.com/originate?tenant=acme&v=2"
    );
    assert_eq!(
        body(&request),
        r#"{"a":"{number}","b":"{+4930123456}","c":"{","d":"x {{ y 4930123456"}"#
    );
}

#[test]
fn a_callback_goes_where_its_topic_says() {
    let request = account()
        .callback(&json!({"queue": "sales"}), &callback(), None)
        .unwrap();
    assert_eq!(
        body(&request),
        r#"{"data":{},"queue":"sales","to":"4930123456"}"#
    );
    let later = CallbackRequest {
        at: Some(1_800_000_000_000),
        ..callback()
    };
    let request = account()
        .callback(&json!({"queue": "sales"}), &later, None)
        .unwrap();
    assert_eq!(
        body(&request),
        r#"{"at":1800000000000,"data":{},"queue":"sales","to":"4930123456"}"#
    );
}

#[test]
fn a_topic_has_what_the_template_names_and_nothing_else() {
    let wrong = |target: Value| {
        let error = account().check_target(&target).unwrap_err();
        (error.code, error.field.unwrap().into_owned())
    };
    assert_eq!(wrong(json!({})), (Code::MissingField, "queue".to_owned()));
    assert_eq!(
        wrong(json!({"queue": "a", "team": "b"})),
        (Code::UnknownField, "team".to_owned())
    );
    assert_eq!(
        wrong(json!({"queue": 1})),
        (Code::InvalidField, "queue".to_owned())
    );
}

#[test]
fn it_can_do_what_its_templates_have_a_place_for() {
    assert_eq!(account().capabilities(), CAPABILITIES);
    let plain = json!({"dial": {"url": "https://pbx.example.com/", "body": {"to": "{number}"}}});
    let plain = configure(plain).unwrap();
    assert_eq!(plain.capabilities(), [Capability::Dial]);
    let with_caller_id = CallRequest {
        caller_id: Some("+4930123457".parse().unwrap()),
        ..call()
    };
    let error = plain.dial("alex", &with_caller_id, None).unwrap_err();
    assert_eq!(
        (error.code, error.field.as_deref()),
        (Code::CapabilityMissing, Some("caller_id"))
    );
    assert_eq!(
        plain
            .callback(&json!({}), &callback(), None)
            .unwrap_err()
            .code,
        Code::CapabilityMissing
    );
}

#[test]
fn a_mistake_in_a_template_is_named() {
    let wrong = |pointer: &str, value: Value| {
        let mut config = config();
        *config.pointer_mut(pointer).unwrap() = value;
        let error = configure(config).unwrap_err();
        (
            error.field.unwrap().into_owned(),
            error.message.into_owned(),
        )
    };
    for (pointer, value, field, word) in [
        ("/dial/body/to", json!("{nummer}"), "dial", "{nummer}"),
        (
            "/dial/body/to",
            json!("{target.queue}"),
            "dial",
            "{target.queue}",
        ),
        (
            "/callback/body/to",
            json!("{target.}"),
            "callback",
            "{target.}",
        ),
        ("/dial/body/to", json!("{number"), "dial", "brace"),
        ("/dial/body/to", json!("{{{number"), "dial", "write {{"),
        (
            "/dial/body/to",
            json!({"deep": {"{agent}": 1}}),
            "dial",
            "\"{agent}\" has a brace",
        ),
        (
            "/dial/url",
            json!("https://pbx.example.com/{agent}"),
            "dial",
            "into the body",
        ),
        (
            "/dial/url",
            json!("https://pbx.example.com/?to={number}"),
            "dial",
            "into the body",
        ),
        (
            "/callback/url",
            json!("https://pbx.example.com/?a=b#c"),
            "callback",
            "fragment",
        ),
        ("/dial/body", json!("{payload}"), "dial", "object"),
        ("/dial/url", json!("pbx.example.com"), "dial", "https://"),
        (
            "/dial/url",
            json!("https://user:word@pbx.example.com/"),
            "dial",
            "no user",
        ),
    ] {
        let (at, message) = wrong(pointer, value.clone());
        assert_eq!(at, field, "{value}");
        assert!(message.contains(word), "{message}");
    }
    let error = configure(json!({})).unwrap_err();
    assert_eq!(error.code, Code::MissingField);
}

#[test]
fn a_good_status_is_accepted_with_or_without_a_body_and_a_word_of_refusal_is_believed() {
    let read = |status, text: &str| account().read_dial(Ok(Response::json(status, text)));
    let accepted = read(200, r#"{"data":{"id":"c-1"}}"#);
    assert_eq!(accepted.outcome, Outcome::Accepted);
    assert_eq!(accepted.progress, Some(Progress::of(CallState::HandedOver)));
    assert_eq!(read(204, "").outcome, Outcome::Accepted);
    assert_eq!(read(200, "queued").outcome, Outcome::Accepted);
    for (reply, code) in [
        (
            Ok(Response::json(200, r#"{"success":false,"message":"busy"}"#)),
            Code::ProviderRefused,
        ),
        (
            Ok(Response::json(401, "")),
            Code::ProviderRejectedCredentials,
        ),
        (Ok(Response::json(429, "")), Code::ProviderBusy),
        (
            Ok(Response::json(429, r#"{"success":false,"message":"slow"}"#)),
            Code::ProviderBusy,
        ),
        (
            Ok(Response::json(401, r#"{"success":false}"#)),
            Code::ProviderRejectedCredentials,
        ),
        (
            Err(Failure::NotSent(String::new())),
            Code::ProviderUnreachable,
        ),
    ] {
        match account().read_callback(reply) {
            Outcome::Refused(because) => assert_eq!(because.code, code),
            other => panic!("{other:?}"),
        }
    }
    for reply in [
        Ok(Response::json(502, "")),
        Ok(Response::json(302, "")),
        Err(Failure::Lost(String::new())),
    ] {
        assert!(matches!(
            account().read_callback(reply),
            Outcome::Unknown(_)
        ));
    }
}
