use serde_json::json;

use super::*;
use crate::desk::action::{Party, Target};
use crate::desk::lookup::FoundKind;

#[test]
fn what_a_call_can_be_transferred_to_is_found() {
    let request = api().targets("Kim & co", &token());
    assert!(
        request
            .url
            .ends_with("/v1/agent/transfer-targets?query=Kim%20%26%20co")
    );
    let found = api()
        .read_targets(reply(
            200,
            &json!({"targets": [
                {"id": "a2", "kind": "TRANSFER_TARGET_KIND_AGENT", "label": "Kim", "browser": true},
                {"id": "+4930", "kind": "TRANSFER_TARGET_KIND_NUMBER", "number": "+4930222222"},
                {"id": "12", "kind": "TRANSFER_TARGET_KIND_NUMBER", "number": "12"},
                {"id": "m", "kind": "TRANSFER_TARGET_KIND_APPLICATION", "category": "simpleMenu"},
                {"id": "q", "kind": "TRANSFER_TARGET_KIND_QUEUE"},
            ]}),
        ))
        .unwrap();
    let targets: Vec<_> = found.iter().map(|one| one.target()).collect();
    assert_eq!(
        targets,
        [
            Some(Target::Party(Party::Agent("a2".into()))),
            Some(Target::Party(Party::Number("+4930222222".parse().unwrap()))),
            None,
            Some(Target::Application("m".into())),
            None,
        ]
    );
    assert!(found[0].browser_only);
    assert_eq!(found[4].kind, FoundKind::Other("QUEUE".into()));
}

#[test]
fn history_and_phonebook_are_read() {
    let page = Page {
        number: 2,
        size: 50,
    };
    let request = api().history(page, &token());
    assert!(request.url.ends_with("/v1/agent/history?max=50&page=2"));
    let calls = api()
        .read_history(reply(
            200,
            &json!({"calls": [
                {"id": "1", "direction": "CALL_DIRECTION_OUTBOUND", "time": "1795262400", "durationMs": 61_000,
                    "recordingUrl": "https://x/r.mp3", "hasRecording": true},
                {"id": "2", "recordingUrl": "javascript:alert(1)"},
                {"id": "3", "recordingUrl": "//x"},
            ]}),
        ))
        .unwrap();
    assert_eq!(
        (calls[0].at, calls[0].duration),
        (1_795_262_400_000, 61_000)
    );
    assert_eq!(calls[0].recording_url.as_deref(), Some("https://x/r.mp3"));
    assert_eq!(
        (&calls[1].recording_url, &calls[2].recording_url),
        (&None, &None)
    );

    let request = api().phonebook("Tom", page, &token());
    assert!(
        request
            .url
            .ends_with("/v1/agent/phonebook?max=50&page=2&query=Tom")
    );
    let contacts = api()
        .read_phonebook(reply(
            200,
            &json!({"entries": [{"label": "Tom", "number": "+49"}]}),
        ))
        .unwrap();
    assert_eq!((&*contacts[0].label, contacts[0].recent), ("Tom", false));
    let refused = api().read_phonebook(reply(403, &json!({}))).unwrap_err();
    assert_eq!(refused.because().unwrap().code, Code::ProviderForbidden);
}

#[test]
fn who_the_agent_is_has_an_id() {
    let request = api().who(&token());
    assert!(request.url.ends_with("/babelconnect.v1.Agent/Authenticate"));
    let who =
        json!({"agentId": "a1", "username": "alex", "account": "acc", "state": "AGENT_STATE_BUSY"});
    let who = api().read_who(reply(200, &who)).unwrap();
    assert_eq!((who.agent.as_str(), &*who.username), ("a1", "alex"));
    let nobody = api().read_who(reply(200, &json!({}))).unwrap_err();
    assert_eq!(nobody.because().unwrap().code, Code::UnreadableReply);
    let expired = api()
        .read_who(reply(401, &rpc("unauthenticated", "expired")))
        .unwrap_err();
    assert_eq!(
        expired.because().unwrap().code,
        Code::ProviderRejectedCredentials
    );
}
