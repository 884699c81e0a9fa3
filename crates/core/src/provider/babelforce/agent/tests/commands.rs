use serde_json::json;

use super::*;
use crate::call::{CallRequest, Mode};
use crate::desk::action::{Party, Target};
use crate::http::Failure;

#[test]
fn a_call_is_placed_with_the_payload_flattened_into_texts() {
    let mut call = CallRequest::to("+4915228817386".parse().unwrap());
    let payload = r#"{"name":"Åsa","score":87.5,"vip":true,"note":null,"reference":"json:x"}"#;
    call.payload = crate::payload::Payload::from_json(payload).unwrap();
    let place = |call: &CallRequest| {
        let action = Action::PlaceCall(Box::new(call.clone()));
        api().send(&Command::from(action), &token())
    };
    let body = place(&call).unwrap().body.unwrap();
    let body: Value = serde_json::from_str(body.text()).unwrap();
    let session = &body["placeCall"]["session"];
    assert_eq!(
        *session,
        json!({
            "name": "Åsa", "score": "json:87.5", "vip": "json:true", "note": "json:null",
            "reference": "json:\"json:x\"",
        })
    );
    let flat = serde_json::from_value(session.clone()).unwrap();
    let back = crate::payload::Payload::unflatten(&flat).unwrap();
    let back: Value = serde_json::from_str(back.as_json()).unwrap();
    assert_eq!(back, serde_json::from_str::<Value>(payload).unwrap());

    call.mode = Mode::Prefill;
    let error = place(&call).unwrap_err();
    assert_eq!(error.code, Code::CapabilityMissing);
    assert_eq!(error.field.as_deref(), Some("prefill"));
}

#[test]
fn transfers_name_a_number_an_agent_or_an_application() {
    let body = |action| {
        let request = api().send(&Command::from(action), &token()).unwrap();
        serde_json::from_str::<Value>(request.body.unwrap().text()).unwrap()
    };
    let number = || Party::Number("+4930222222".parse().unwrap());
    let agent = || Party::Agent("a2".into());
    let blind = |to| {
        body(Action::TransferBlind {
            call: "c".into(),
            to,
        })
    };
    let to_number = json!({"transfer": {"callId": "c", "to": "+4930222222", "warm": false}});
    assert_eq!(blind(Target::Party(number())), to_number);
    let to_agent = json!({"transfer": {"callId": "c", "agentId": "a2", "warm": false}});
    assert_eq!(blind(Target::Party(agent())), to_agent);
    let to_menu = json!({"transfer": {"callId": "c", "applicationId": "m", "warm": false}});
    assert_eq!(blind(Target::Application("m".into())), to_menu);
    let warm = body(Action::TransferWarm {
        call: "c".into(),
        to: number(),
    });
    let to_number = json!({"transfer": {"callId": "c", "to": "+4930222222", "warm": true}});
    assert_eq!(warm, to_number);
}

#[test]
fn a_command_of_another_form_is_refused_and_the_field_named() {
    for (body, code, field) in [
        ("", Code::InvalidJson, ""),
        ("[]", Code::InvalidJson, ""),
        ("{}", Code::InvalidField, ""),
        (
            r#"{"hold":{"callId":"c"},"mute":{"callId":"c"}}"#,
            Code::InvalidField,
            "",
        ),
        (r#"{"hold":1}"#, Code::InvalidField, "hold"),
        (r#"{"levitate":{}}"#, Code::UnknownField, "levitate"),
        (r#"{"hold":{}}"#, Code::MissingField, "callId"),
        (r#"{"hold":{"callId":""}}"#, Code::MissingField, "callId"),
        (r#"{"hold":{"callId":7}}"#, Code::InvalidField, "callId"),
        (
            r#"{"hold":{"callId":"c","on":"yes"}}"#,
            Code::InvalidField,
            "on",
        ),
        (
            r#"{"hold":{"callId":"c","to":true}}"#,
            Code::UnknownField,
            "to",
        ),
        (r#"{"placeCall":{}}"#, Code::MissingField, "to"),
        (
            r#"{"placeCall":{"to":"0301234567"}}"#,
            Code::InvalidNumber,
            "to",
        ),
        (
            r#"{"placeCall":{"to":"+4930123456","displayAsTo":"x"}}"#,
            Code::InvalidNumber,
            "displayAsTo",
        ),
        (
            r#"{"placeCall":{"to":"+4930123456","session":{"a":1}}}"#,
            Code::InvalidField,
            "session",
        ),
        (
            r#"{"placeCall":{"to":"+4930123456","session":{"a":"json:{"}}}"#,
            Code::PayloadInvalid,
            "session",
        ),
        (
            r#"{"transfer":{"callId":"c","to":"+4930123456","agentId":"a"}}"#,
            Code::InvalidField,
            "agentId",
        ),
        (
            r#"{"transfer":{"callId":"c","applicationId":"m","warm":true}}"#,
            Code::InvalidField,
            "applicationId",
        ),
        (r#"{"transfer":{"callId":"c"}}"#, Code::MissingField, "to"),
        (
            r#"{"dtmf":{"callId":"c","digits":"x"}}"#,
            Code::InvalidField,
            "digits",
        ),
        (
            r#"{"wrapUpExtend":{"seconds":-1}}"#,
            Code::InvalidField,
            "seconds",
        ),
    ] {
        let error = read_command(body.as_bytes()).expect_err(body);
        let named = error.field.clone().unwrap_or_default();
        assert_eq!((error.code, &*named), (code, field), "{body}");
    }
}

#[test]
fn requests_carry_the_token_and_the_version_and_show_neither_token_nor_body() {
    let request = api().send(&Command::Pong(7), &token()).unwrap();
    assert_eq!(
        request.url,
        "https://agent.example.com/babelconnect.v1.Agent/Send"
    );
    assert_eq!(request.headers, [("Connect-Protocol-Version", "1")]);
    assert_eq!(request.bearer, Some(token()));
    assert_eq!(request.body.unwrap().text(), r#"{"pong":{"seq":"7"}}"#);
    let stream = api().stream(&token());
    assert_eq!(
        stream.url,
        "https://agent.example.com/babelconnect.v1.Agent/Subscribe"
    );
    assert_eq!(stream.body, b"\0\0\0\0\x02{}");
    assert!(!format!("{stream:?}").contains("canary"));
}

#[test]
fn a_deployment_is_an_address() {
    for wrong in ["", "agent.example.com", "https://", "https://a?b"] {
        let error = AgentApi::at(wrong).expect_err(wrong);
        assert_eq!(error.code, Code::InvalidField);
    }
    // A relay passes the platform's calls on under a path of its own.
    let relay = AgentApi::at("https://relay.example/v1/agent").unwrap();
    let request = relay.state(&token());
    assert_eq!(request.url, "https://relay.example/v1/agent/v1/agent/state");
}

#[test]
fn samespace_has_no_desk() {
    let error = crate::provider::desk("samespace", "https://x.example").unwrap_err();
    assert_eq!(error.code, Code::CapabilityMissing);
}

#[test]
fn a_sent_command_is_accepted_refused_or_unknown() {
    let read = |status, body: &Value| api().read_sent(reply(status, body));
    assert_eq!(read(200, &json!({})).outcome, Outcome::Accepted);
    for (status, body, outcome, code, trouble) in [
        (200, json!([]), "unknown", Code::UnreadableReply, None),
        (
            400,
            rpc("invalid_argument", "no to"),
            "refused",
            Code::ProviderRejectedRequest,
            None,
        ),
        (
            401,
            rpc("unauthenticated", "expired"),
            "refused",
            Code::ProviderRejectedCredentials,
            Some(Trouble::Unauthenticated),
        ),
        (
            401,
            json!({}),
            "refused",
            Code::ProviderRejectedCredentials,
            Some(Trouble::Unauthenticated),
        ),
        (
            403,
            rpc("permission_denied", "not_an_agent"),
            "refused",
            Code::ProviderForbidden,
            Some(Trouble::NotAnAgent),
        ),
        (
            412,
            rpc("failed_precondition", "session_gone"),
            "refused",
            Code::ProviderRejectedRequest,
            Some(Trouble::Taken),
        ),
        (
            429,
            rpc("resource_exhausted", ""),
            "refused",
            Code::ProviderBusy,
            None,
        ),
        (
            499,
            rpc("canceled", ""),
            "unknown",
            Code::ProviderError,
            None,
        ),
        (
            501,
            rpc("unimplemented", ""),
            "refused",
            Code::ProviderRejectedRequest,
            None,
        ),
        (
            503,
            rpc("unavailable", "x"),
            "unknown",
            Code::ProviderError,
            None,
        ),
        (500, json!("<html>"), "unknown", Code::ProviderError, None),
    ] {
        let sent = read(status, &body);
        assert_eq!(sent.outcome.as_str(), outcome, "{status} {body}");
        assert_eq!(
            sent.outcome.because().unwrap().code,
            code,
            "{status} {body}"
        );
        assert_eq!(sent.trouble, trouble, "{status} {body}");
    }
    let sent = api().read_sent(Err(Failure::NotSent("refused".into())));
    assert_eq!(
        sent.outcome.because().unwrap().code,
        Code::ProviderUnreachable
    );
    let sent = api().read_sent(Err(Failure::Lost("reset".into())));
    assert_eq!(sent.outcome.because().unwrap().code, Code::NoReply);
}

/// The problem documents of a relay that passes commands on.
#[test]
fn what_a_relay_in_between_refuses_is_read_by_its_own_code() {
    let problem = |status: u16, code: &str| {
        let body = json!({"type": "about:blank", "status": status, "code": code, "detail": "why"});
        reply(status, &body)
    };
    for (status, code, outcome, trouble) in [
        (
            401,
            "session_expired",
            "refused",
            Some(Trouble::Unauthenticated),
        ),
        (
            403,
            "sign_in_needed",
            "refused",
            Some(Trouble::SignInNeeded),
        ),
        (
            422,
            "provider_not_available",
            "refused",
            Some(Trouble::NotAnAgent),
        ),
        (422, "do_not_call", "refused", None),
        (422, "capability_missing", "refused", None),
        (429, "cap_reached", "refused", None),
        (503, "switched_off", "refused", None),
        (503, "provider_unreachable", "refused", None),
        (502, "no_reply", "unknown", None),
        (502, "interrupted", "unknown", None),
    ] {
        let sent = api().read_sent(problem(status, code));
        assert_eq!(sent.outcome.as_str(), outcome, "{code}");
        let because = sent.outcome.because().unwrap();
        assert_eq!(because.code.as_str(), code);
        assert_eq!(because.message.as_deref(), Some("why"), "{code}");
        assert_eq!(sent.trouble, trouble, "{code}");
    }
    for (status, code, trouble) in [
        (401, "session_expired", Trouble::Unauthenticated),
        (403, "sign_in_needed", Trouble::SignInNeeded),
        (422, "capability_missing", Trouble::NotAnAgent),
        (503, "provider_unreachable", Trouble::Lost),
        (503, "relay_busy", Trouble::Lost),
    ] {
        assert_eq!(
            api().read_no_stream(problem(status, code)),
            trouble,
            "{code}"
        );
        assert_eq!(
            api().read_state(problem(status, code)).err(),
            match trouble {
                // Only a stream says that there is no desk at all.
                Trouble::NotAnAgent => Some(Trouble::Lost),
                trouble => Some(trouble),
            },
            "{code}"
        );
    }
}
