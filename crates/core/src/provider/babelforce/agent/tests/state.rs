use serde_json::json;

use super::*;
use crate::call::CallState;
use crate::desk::fault::Problem;
use crate::desk::session::Piece;
use crate::desk::state::{Patch, Update};
use crate::desk::view::{CampaignState, Direction, Private, Source, Status};
use crate::http::Failure;

/// What a stream tells with one message.
fn told(update: &Value) -> Update {
    let text = update.to_string();
    stream::update(text.as_bytes()).unwrap().update
}

fn patched(patch: &Value) -> Patch {
    match told(&json!({"seq": 1, "patch": patch})) {
        Update::Patch(patch) => patch,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_whole_state_is_read_in_our_words() {
    let state = json!({
        "agent": {
            "id": "a1", "name": "Alex", "presence": "AGENT_STATE_IN_CALL", "webrtcEnabled": true,
            "lineBlocked": true, "lineBlockedReason": "unreachable",
            "accounts": [{"id": "x", "name": "Acme", "current": true}],
            "phonebook": [{"label": "Tom", "number": "+491"}, {"label": "recent", "number": "+492"}],
            "campaignStatus": {
                "campaignId": "k", "state": "CAMPAIGN_MEMBER_STATE_DISPOSITION", "since": "7",
                "lead": {"uid": "L1", "data": {"city": "Kiel"}}, "metrics": {"agentsWaiting": 3},
            },
            "somethingNew": {"deep": [1]},
        },
        "activeCalls": [{
            "id": "c1", "direction": "CALL_DIRECTION_INBOUND", "state": "CALL_LIFECYCLE_BRIDGED",
            "source": "CALL_SOURCE_QUEUE", "establishedAt": "1795262400", "onHold": true,
            "iceServers": [{"urls": ["turn:x"], "credential": "pw-canary"}], "webrtcOffer": "v=0",
        }],
        "wrapUp": {"active": true, "remainingSeconds": 30, "canExtend": true},
        "sms": [
            {"peer": "+491", "lastTs": 1, "unread": 2},
            {"peer": "+492", "lastTs": "2", "lastDirection": "CALL_DIRECTION_OUTBOUND"},
        ],
        "conferences": [{"id": "k", "iAmModerator": true, "members": [{"id": "m", "state": "added"}]}],
        "config": {"calls": {"enabled": true, "allowTransfer": true}, "outbound": {"enabled": true}},
    });
    let view = api().read_state(reply(200, &state)).unwrap();
    let agent = &view.agent;
    assert_eq!((&*agent.name, &agent.status), ("Alex", &Status::InCall));
    assert!(agent.browser_phone && agent.line_blocked && agent.accounts[0].current);
    assert_eq!(agent.line_blocked_reason, "unreachable");
    assert_eq!(view.name_of("+491"), Some("Tom"));
    assert_eq!(view.name_of("+492"), None, "only dialled lately");
    assert_eq!(&*agent.phonebook[1].label, "+492");
    let campaign = agent.campaign.as_ref().unwrap();
    assert_eq!(campaign.state, CampaignState::Disposition);
    assert_eq!(campaign.since, 7_000);
    assert_eq!(campaign.figures, [("agentsWaiting".to_owned(), 3)]);
    let lead = campaign.lead.as_ref().unwrap();
    assert_eq!(lead.data, [("city".to_owned(), Private::new("Kiel"))]);
    let call = &view.calls[0];
    assert_eq!(
        (&call.direction, &call.source),
        (&Direction::Inbound, &Source::Queue)
    );
    assert_eq!(call.state, CallState::Connected);
    assert_eq!(call.connected_at, Some(1_795_262_400_000));
    assert!(call.held && !call.muted && !call.failed);
    assert_eq!(call.ice_servers[0].credential.expose(), "pw-canary");
    assert_eq!((view.wrap_up.seconds, view.wrap_up.may_cancel), (30, false));
    assert_eq!(
        &*view.conversations[0].peer, "+491",
        "the state sorts, not the reader"
    );
    assert!(view.conferences[0].moderated_by_me && view.conferences[0].members[0].is_there());
    let features = view.features.as_ref().unwrap();
    assert!(features.calls && features.transfer && !features.conference && features.campaigns);
    let shown = format!("{view:?}");
    for secret in ["Alex", "+491", "canary", "Kiel", "v=0"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn nothing_but_an_empty_object_is_a_desk_of_which_nothing_is_known() {
    let view = api().read_state(reply(200, &json!({}))).unwrap();
    assert_eq!(*view, View::default());
    assert_eq!(view.features, None);
}

#[test]
fn words_that_are_not_known_are_kept() {
    let call = |json: &Value| {
        let text = json.to_string();
        entity::call(&Json::read(text.as_bytes()).unwrap())
    };
    let new = call(&json!({"state": "CALL_LIFECYCLE_LEVITATING", "source": "CALL_SOURCE_FAX"}));
    assert_eq!(new.state, CallState::Other("LEVITATING".into()));
    assert_eq!(new.source, Source::Other("FAX".into()));
    assert_eq!(new.direction, Direction::Other(String::new()));
    // Protobuf writes what it does not know as a number, and a word may have another prefix.
    let numbers = call(&json!({"state": 9, "source": "QUEUE", "direction": "sideways"}));
    assert_eq!(numbers.state, CallState::Other("9".into()));
    assert_eq!(numbers.source, Source::Queue);
    assert_eq!(numbers.direction, Direction::Other("sideways".into()));
    let unspecified = call(&json!({"state": "CALL_LIFECYCLE_UNSPECIFIED"}));
    assert_eq!(unspecified.state, CallState::Requested);
    for (word, failed) in [("COMPLETED", false), ("FAILED", true)] {
        let over = call(&json!({"state": format!("CALL_LIFECYCLE_{word}")}));
        assert_eq!((over.state, over.failed), (CallState::Ended, failed));
    }
}

#[test]
fn every_arm_of_an_update_is_told() {
    assert_eq!(told(&json!({"keepalive": {}})), Update::Keepalive);
    assert_eq!(told(&json!({"ping": {"seq": "7"}})), Update::Ping(7));
    assert_eq!(told(&json!({"ping": {}})), Update::Ping(0));
    assert_eq!(told(&json!({"seq": 3})), Update::Other);
    assert_eq!(told(&json!({"seq": 3, "later": {"x": 1}})), Update::Other);
    let null = json!({"seq": 3, "patch": null, "keepalive": {}});
    assert_eq!(told(&null), Update::Keepalive);
    assert!(matches!(
        told(&json!({"snapshot": {}})),
        Update::Snapshot(_)
    ));
    let gone = |patch: Value| patched(&patch);
    assert_eq!(
        gone(json!({"callRemove": "c"})),
        Patch::CallGone("c".into())
    );
    assert_eq!(
        gone(json!({"smsRemove": "+49"})),
        Patch::ConversationGone("+49".into())
    );
    assert_eq!(
        gone(json!({"conferenceRemove": "k"})),
        Patch::ConferenceGone("k".into())
    );
    assert_eq!(gone(json!({})), Patch::Other);
    assert_eq!(gone(json!({"later": {}})), Patch::Other);
    assert!(matches!(
        patched(&json!({"callUpsert": {}})),
        Patch::Call(_)
    ));
    assert!(matches!(patched(&json!({"agent": {}})), Patch::Agent(_)));
    assert!(matches!(patched(&json!({"wrapUp": {}})), Patch::WrapUp(_)));
    assert!(matches!(
        patched(&json!({"config": {}})),
        Patch::Features(_)
    ));
    let sms = patched(&json!({"smsUpsert": {}}));
    assert!(matches!(sms, Patch::Conversation(_)));
    let conference = patched(&json!({"conferenceUpsert": {}}));
    assert!(matches!(conference, Patch::Conference(_)));
    let Patch::Notification(told) = patched(&json!({"notification": {"kind": "k", "ts": 2}}))
    else {
        panic!("not told");
    };
    assert_eq!((told.kind.as_str(), told.at), ("k", 2_000));
}

#[test]
fn a_fault_has_our_word_and_the_platforms() {
    let error =
        json!({"error": {"code": "transfer_target_busy", "message": "busy", "callId": "c"}});
    let Update::Fault(fault) = told(&error) else {
        panic!("no fault");
    };
    assert_eq!(fault.problem, Problem::TargetBusy);
    assert_eq!(fault.kinds.len(), 2);
    assert_eq!(
        (fault.code.as_str(), fault.message.as_str()),
        ("transfer_target_busy", "busy")
    );
    assert_eq!(fault.call.as_deref(), Some("c"));
    let new = json!({"error": {"code": "something_new", "message": "x"}});
    let Update::Fault(fault) = told(&new) else {
        panic!("no fault");
    };
    assert_eq!((fault.problem, fault.call), (Problem::Other, None));
}

#[test]
fn codes_about_the_desk_as_a_whole_are_no_faults() {
    for (code, trouble) in [
        ("unauthenticated", Trouble::Unauthenticated),
        ("session_gone", Trouble::Taken),
        ("not_an_agent", Trouble::NotAnAgent),
    ] {
        let error = json!({"error": {"code": code}});
        assert_eq!(told(&error), Update::Trouble(trouble));
    }
}

#[test]
fn a_stream_ends_with_its_reason() {
    let end = |error: Value| {
        let body = json!({ "error": error }).to_string();
        let mut bytes = connect::envelope(&body);
        bytes[0] = 2;
        api().reader().read(&bytes)
    };
    for (error, trouble) in [
        (Value::Null, Trouble::Lost),
        (rpc("unavailable", "restarting"), Trouble::Lost),
        (rpc("unauthenticated", ""), Trouble::Unauthenticated),
        (rpc("permission_denied", ""), Trouble::NotAnAgent),
        (
            rpc("permission_denied", "unauthenticated: expired"),
            Trouble::Unauthenticated,
        ),
        (rpc("aborted", "session_gone: taken over"), Trouble::Taken),
        (rpc("unimplemented", ""), Trouble::NoStream),
    ] {
        assert_eq!(end(error.clone()), [Piece::Broken(trouble)], "{error}");
    }
    let compressed = [1, 0, 0, 0, 1, 7];
    let garbled = [Piece::Broken(Trouble::Garbled)];
    assert_eq!(api().reader().read(&compressed), garbled);
    assert_eq!(
        api().reader().read(&connect::envelope("[1]")),
        [Piece::Broken(Trouble::Garbled)]
    );
}

#[test]
fn a_stream_that_does_not_open_says_why() {
    let why = |status, body: &Value| api().read_no_stream(reply(status, body));
    assert_eq!(why(401, &json!({})), Trouble::Unauthenticated);
    assert_eq!(why(404, &json!("nothing")), Trouble::NoStream);
    assert_eq!(why(415, &json!({})), Trouble::NoStream);
    assert_eq!(why(502, &json!({})), Trouble::Lost);
    assert_eq!(why(200, &json!("<html>")), Trouble::Lost);
    assert_eq!(why(501, &rpc("unimplemented", "")), Trouble::NoStream);
    assert_eq!(why(503, &rpc("unavailable", "")), Trouble::Lost);
    let lost = Err(Failure::Lost("reset".into()));
    assert_eq!(api().read_no_stream(lost), Trouble::Lost);
}

#[test]
fn why_there_is_no_state_is_told() {
    let why = |status, body: &Value| api().read_state(reply(status, body)).unwrap_err();
    assert_eq!(why(401, &json!({})), Trouble::Unauthenticated);
    assert_eq!(why(403, &json!({})), Trouble::NotAnAgent);
    assert_eq!(why(200, &json!("no object")), Trouble::Garbled);
    assert_eq!(why(503, &json!({})), Trouble::Lost);
    assert_eq!(why(409, &rpc("aborted", "session_gone")), Trouble::Taken);
}
