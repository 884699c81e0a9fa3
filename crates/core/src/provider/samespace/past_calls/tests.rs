use serde_json::{Value, json};

use super::super::Samespace;
use super::*;
use crate::capability::Capability;
use crate::http::{Failure, Response};
use crate::provider::Provider;
use crate::provider::past_calls::With;

const DAY: u64 = 86_400_000;
/// 2026-11-01T00:00:00Z
const NOVEMBER: u64 = 1_793_491_200_000;

fn account(analytics: Value) -> Samespace {
    let config = json!({"cluster_id": "ph1c", "cloud_id": "acme", "analytics": analytics});
    Samespace::from_config(config).unwrap()
}

fn asked(days: u64) -> Asked {
    Asked {
        since: NOVEMBER,
        until: NOVEMBER + days * DAY,
        with: None,
        size: 2,
    }
}

fn sent(request: &Request) -> Value {
    serde_json::from_str(request.body.as_ref().unwrap().text()).unwrap()
}

fn read(body: &Value) -> Page<PastCall> {
    let account = account(json!({"api_key": "canary"}));
    let reply = Ok(Response::json(200, &body.to_string()));
    account
        .figures()
        .unwrap()
        .read(&asked(1), 1, reply)
        .unwrap()
}

fn read_one(session: Value) -> PastCall {
    let mut page = read(&json!([session]));
    assert_eq!(page.items.len(), 1);
    page.items.remove(0)
}

#[test]
fn a_page_is_asked_for_by_time_type_limit_and_skip() {
    let account = account(json!({"api_key": "canary"}));
    let figures = account.figures().unwrap();
    let request = figures.ask(&asked(28), 3, None).unwrap();
    assert_eq!(request.method.as_str(), "POST");
    assert!(request.only_reads());
    assert_eq!(
        request.url,
        "https://ph1c.samespace.com/manage/api/analytics/sessions"
    );
    let expected = json!({
        "filters": {
            "start_time": "2026-11-01T00:00:00.000Z",
            "end_time": "2026-11-29T00:00:00.000Z",
            "type": "team",
        },
        "limit": 2,
        "skip": 2,
    });
    assert_eq!(sent(&request), expected);
}

#[test]
fn the_key_is_sent_in_the_header_that_the_configuration_names_and_is_never_shown() {
    let key = Some(Secret::new("canary"));
    for (header, api_key, bearer) in [
        (json!({}), key.clone(), None),
        (json!({"header": "x-api-key"}), key.clone(), None),
        (json!({"header": "authorization"}), None, key.clone()),
    ] {
        let mut analytics = header;
        analytics["api_key"] = json!("canary");
        let account = account(analytics);
        let request = account.figures().unwrap().ask(&asked(1), 1, None).unwrap();
        assert_eq!(
            (request.api_key.clone(), request.bearer.clone()),
            (api_key, bearer)
        );
        assert!(!format!("{account:?} {request:?}").contains("canary"));
    }
}

#[test]
fn the_sessions_of_agents_are_asked_for_where_the_configuration_or_the_caller_says_so() {
    let configured = account(json!({"api_key": "canary", "type": "agent"}));
    let request = configured
        .figures()
        .unwrap()
        .ask(&asked(1), 1, None)
        .unwrap();
    assert_eq!(sent(&request)["filters"]["type"], "agent");
    let teams = account(json!({"api_key": "canary"}));
    let agents = teams.analytics.unwrap().of(Of::Agent);
    let request = agents.ask(&asked(1), 1, None).unwrap();
    assert_eq!(sent(&request)["filters"]["type"], "agent");
}

#[test]
fn more_than_a_month_or_a_number_is_refused_with_the_field() {
    let account = account(json!({"api_key": "canary"}));
    let figures = account.figures().unwrap();
    assert_eq!(figures.longest(), Some(28 * DAY));
    assert!(figures.ask(&asked(28), 1, None).is_ok());
    let error = figures.ask(&asked(29), 1, None).unwrap_err();
    assert_eq!(
        (error.code, error.field.as_deref()),
        (Code::InvalidField, Some("since"))
    );
    let with = Asked {
        with: Some(With::To("+4930123456".parse().unwrap())),
        ..asked(1)
    };
    let error = figures.ask(&with, 1, None).unwrap_err();
    assert_eq!(
        (error.code, error.field.as_deref()),
        (Code::CapabilityMissing, Some("with"))
    );
}

#[test]
fn there_are_figures_only_where_a_key_is_configured_and_never_a_history() {
    let without = json!({"cluster_id": "ph1c", "cloud_id": "acme"});
    let without = Samespace::from_config(without).unwrap();
    assert!(without.figures().is_none() && !without.can(Capability::Statistics));
    let with = account(json!({"api_key": "canary"}));
    assert!(with.figures().is_some() && with.can(Capability::Statistics));
    assert!(with.past_calls().is_none() && !with.can(Capability::History));
}

#[test]
fn a_configuration_that_cannot_work_is_refused() {
    for (analytics, code) in [
        (json!({}), Code::MissingField),
        (json!({"api_key": ""}), Code::InvalidField),
        (
            json!({"api_key": "k", "header": "cookie"}),
            Code::InvalidField,
        ),
        (json!({"api_key": "k", "type": "queue"}), Code::InvalidField),
        (json!({"api_key": "k", "key": "k"}), Code::UnknownField),
    ] {
        let config = json!({"cluster_id": "a", "cloud_id": "b", "analytics": analytics});
        assert_eq!(
            Samespace::from_config(config).unwrap_err().code,
            code,
            "{analytics}"
        );
    }
}

#[test]
fn a_session_is_read_as_the_vendor_writes_it() {
    let call = read_one(json!({
        "_id": {"$oid": "6554f0c2a1b2c3d4e5f60718"}, "uuid": "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
        "channel": "voice", "direction": "out", "type": "team", "endpoint_type": "WEB",
        "user_system_id": "u1", "user_display_name": "Alex Adler", "user_login_id": "alex@acme",
        "caller": "+445346543434", "callee": 448442430000_u64,
        "team_system_id": "t1", "team_name": "helpdesk",
        "recording_filename": "rec.wav", "recording_url": "/router/api/open-recording-url/1b9d6bcd/1455",
        "start_time": {"$date": "2026-11-01T09:00:00Z"},
        "answer_time": {"$date": {"$numberLong": "1793523612000"}},
        "end_time": "2026-11-01T09:01:30.500Z",
        "duration": {"$numberInt": "90"}, "status": "answered", "terminated_by": "agent",
        "mos": 4.5, "hold_duration": null, "custom_data": {"anything": [1, null]},
    }));
    assert_eq!(call.id, "6554f0c2a1b2c3d4e5f60718");
    assert_eq!(call.direction, Some(Direction::Outbound));
    assert_eq!(call.from.as_deref(), Some("+445346543434"));
    assert_eq!(call.to.as_deref(), Some("448442430000"));
    assert_eq!(call.agent.unwrap().name.as_deref(), Some("Alex Adler"));
    let team = call.team.unwrap();
    assert_eq!(
        (team.id.as_deref(), team.name.as_deref()),
        (Some("t1"), Some("helpdesk"))
    );
    assert_eq!(call.started, Some(NOVEMBER + 9 * 3_600_000));
    assert_eq!((call.answered_after, call.duration), (Some(12), Some(90)));
    assert_eq!(call.end, End::Talked);
    assert_eq!(call.recordings.len(), 1);
}

#[test]
fn what_is_null_missing_written_as_text_or_unknown_is_tolerated() {
    let bare = read_one(json!({"uuid": "only-this"}));
    assert_eq!(bare.id, "only-this");
    assert_eq!((bare.end, bare.agent, bare.team), (End::Open, None, None));
    let odd = read_one(json!({
        "_id": "x", "direction": "sideways", "duration": "42.7", "start_time": 1_793_523_600,
        "end_time": "not a time", "answer_time": null, "status": "parked", "team_name": "  ",
        "recording_filename": null, "user_login_id": "alex@acme", "caller": {"not": "a number"},
    }));
    assert_eq!(odd.direction, None);
    assert_eq!((odd.duration, odd.answered_after), (Some(42), None));
    assert_eq!(odd.started, Some(1_793_523_600_000));
    assert_eq!(odd.end, End::Other("parked".to_owned()));
    assert_eq!((odd.team, odd.from), (None, None));
    assert_eq!(odd.agent.unwrap().name.as_deref(), Some("alex@acme"));
    assert!(odd.recordings.is_empty());
    let failed = read_one(json!({"_id": "x", "status": "failed"}));
    assert_eq!(failed.end, End::Failed("failed".to_owned()));
    let missed = read_one(json!({"_id": "x", "status": "No_Answer"}));
    assert_eq!(missed.end, End::Missed("No_Answer".to_owned()));
    assert_eq!(read(&json!([{"status": "failed"}])).items, []);
}

#[test]
fn the_list_is_found_in_every_wrapper_and_goes_on_behind_what_came_until_a_page_is_empty() {
    let two = json!([{"uuid": "a"}, {"uuid": "b"}]);
    for body in [
        two.clone(),
        json!({"success": true, "data": two}),
        json!({"success": "true", "data": {"sessions": two}}),
        json!({"records": two}),
    ] {
        let page = read(&body);
        assert_eq!((page.items.len(), page.next), (2, Some(3)), "{body}");
    }
    // Fewer than were asked for may be the most that the platform gives.
    assert_eq!(read(&json!([{"uuid": "a"}])).next, Some(2));
    assert_eq!(
        read(&json!({"success": true, "data": []})),
        Page::whole(vec![])
    );
    // What cannot be read counts, or the rest of the list would be lost.
    assert_eq!(read(&json!([{"uuid": "a"}, null])).next, Some(3));
}

#[test]
fn what_is_no_list_is_an_outcome_and_no_empty_page() {
    let account = account(json!({"api_key": "canary"}));
    let outcome = |reply| {
        account
            .figures()
            .unwrap()
            .read(&asked(1), 1, reply)
            .unwrap_err()
    };
    let code = |outcome: &Outcome| outcome.because().unwrap().code;
    let refused = outcome(Ok(Response::json(
        200,
        r#"{"success":"false","message":"no"}"#,
    )));
    assert!(matches!(refused, Outcome::Refused(_)));
    for (status, body, expected) in [
        (200, r#"{"success":true}"#, Code::UnreadableReply),
        (200, "<html>", Code::UnreadableReply),
        (401, "{}", Code::ProviderRejectedCredentials),
        (429, "{}", Code::ProviderBusy),
        (
            401,
            r#"{"success":false}"#,
            Code::ProviderRejectedCredentials,
        ),
        (429, r#"{"success":false}"#, Code::ProviderBusy),
    ] {
        assert_eq!(
            code(&outcome(Ok(Response::json(status, body)))),
            expected,
            "{body}"
        );
    }
    assert_eq!(
        code(&outcome(Err(Failure::Lost("x".into())))),
        Code::NoReply
    );
}
