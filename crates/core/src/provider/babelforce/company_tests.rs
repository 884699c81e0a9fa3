//! Opening times, queues and conferences: what is asked, and replies as they can be.

use serde_json::{Value, json};

use super::*;
use crate::http::Response;
use crate::provider::conferences::{ConferenceState, MemberState};
use crate::provider::opening::WeekMinute;
use crate::provider::past_calls::Direction;

const ID: &str = "00112233-4455-6677-8899-AABBCCDDEEFF";

fn account() -> Babelforce {
    Babelforce::from_config(json!({
        "environment": "apps",
        "grant": {"type": "password", "username": "u", "password": "p"},
    }))
    .unwrap()
}

fn reply(body: &Value) -> Reply {
    Ok(Response::json(200, &body.to_string()))
}

fn code<T: std::fmt::Debug>(read: Result<T, Outcome>) -> Code {
    read.unwrap_err().because().unwrap().code
}

#[test]
fn what_is_asked_goes_to_the_published_addresses() {
    let account = account();
    let provider: &dyn Provider = &account;
    let token = Secret::new("access-canary");
    let (opening, queues) = (provider.opening().unwrap(), provider.queues().unwrap());
    let conferences = provider.conferences().unwrap();
    let some = Some(&token);
    let id = "00112233445566778899aabbccddeeff";
    for (request, path) in [
        (
            opening.list_hours(2, some),
            "business-hours?page=2&max=100".to_owned(),
        ),
        (
            opening.hours(ID, some).unwrap(),
            format!("business-hours/{id}"),
        ),
        (
            opening.ranges(ID, some).unwrap(),
            format!("business-hours/{id}/ranges"),
        ),
        (
            opening.list_calendars(1, some),
            "calendars?page=1&max=100".to_owned(),
        ),
        (
            opening.calendar(ID, some).unwrap(),
            format!("calendars/{id}"),
        ),
        (
            opening.dates(ID, some).unwrap(),
            format!("calendars/{id}/dates"),
        ),
        (queues.list(1, some), "queues?page=1&max=100".to_owned()),
        (queues.queue(ID, some).unwrap(), format!("queues/{id}")),
        (
            queues.calls(ID, 3, some).unwrap(),
            format!("queues/{id}/calls?page=3&max=100"),
        ),
        (
            conferences.list(1, some),
            "conferences?page=1&max=100".to_owned(),
        ),
        (
            conferences.conference(ID, some).unwrap(),
            format!("conferences/{id}"),
        ),
    ] {
        assert_eq!(
            request.url,
            format!("https://services.babelforce.com/api/v2/{path}")
        );
        assert_eq!(
            (request.method, &request.bearer),
            (Method::Get, &Some(token.clone()))
        );
        assert_eq!(request.body, None);
    }
    assert_eq!(
        opening.hours("office", None).unwrap_err().code,
        Code::InvalidField
    );
    assert_eq!(opening.check_id(ID).unwrap(), id);
    assert!(opening.check_id("").is_err());
}

#[test]
fn the_ranges_of_a_week_are_read_to_the_minute_and_none_may_be_missing() {
    let account = account();
    let opening = account.opening().unwrap();
    let range = |start: Value, end: Value| json!({"id": "a", "start": start, "end": end});
    let at = |day: &str, hour: u8, minute: u8| json!({"day": day, "hour": hour, "minute": minute});
    let good = range(at("sunday", 22, 30), at("monday", 6, 0));
    let read = opening.read_ranges(reply(&json!({"items": [good], "success": true})));
    let minute = |minutes| WeekMinute::new(minutes).unwrap();
    let ranges = read.unwrap();
    assert_eq!(
        (ranges[0].from, ranges[0].to),
        (minute(6 * 1440 + 22 * 60 + 30), minute(360))
    );
    assert_eq!(WeekMinute::new(7 * 1440), None);
    for wrong in [
        range(at("Caturday", 9, 0), at("monday", 10, 0)),
        range(at("monday", 24, 0), at("tuesday", 10, 0)),
        range(at("monday", 9, 60), at("monday", 10, 0)),
        range(Value::Null, at("monday", 10, 0)),
        json!({"id": "a", "start": at("monday", 9, 0)}),
        Value::Null,
    ] {
        let read = opening.read_ranges(reply(&json!({"items": [good, wrong], "success": true})));
        let outcome = read.unwrap_err();
        let because = outcome.because().unwrap();
        assert_eq!(because.code, Code::UnreadableReply, "{wrong}");
        assert!(because.message.as_ref().unwrap().contains("items[1]"));
    }
    assert_eq!(
        opening.read_ranges(reply(&json!({"items": []}))),
        Ok(Vec::new())
    );
    assert_eq!(
        code(opening.read_ranges(reply(&json!({"items": null})))),
        Code::UnreadableReply
    );
}

#[test]
fn business_hours_and_calendars_are_read_with_what_they_have() {
    let account = account();
    let opening = account.opening().unwrap();
    let bare = json!({"item": {"id": "a", "timeZone": "Europe/Berlin", "name": null, "tags": null}, "success": true});
    let hours = opening.read_hours(reply(&bare)).unwrap();
    assert_eq!(
        (hours.name, hours.zone.as_str(), hours.enabled),
        (None, "Europe/Berlin", true)
    );
    assert!(opening.read_calendar(reply(&bare)).unwrap().enabled);
    let off = json!({"item": {"id": "a", "timeZone": "UTC", "name": "x", "enabled": false}, "success": true});
    assert!(!opening.read_hours(reply(&off)).unwrap().enabled);
    // Without a zone nobody knows what the ranges mean.
    let nowhere = json!({"item": {"id": "a", "name": "x"}, "success": true});
    assert_eq!(
        code(opening.read_hours(reply(&nowhere))),
        Code::UnreadableReply
    );
    let no = json!({"success": false, "message": "not for you"});
    let outcome = opening.read_hours(reply(&no)).unwrap_err();
    assert_eq!(
        outcome.because().unwrap().message.as_deref(),
        Some("not for you")
    );
    let list = json!({"items": [null, {"id": "a", "timeZone": "UTC"}, {"name": "no id"}]});
    let page = opening.read_list_of_hours(1, reply(&list)).unwrap();
    assert_eq!((page.items.len(), page.next), (1, None));
}

#[test]
fn a_date_of_a_calendar_is_two_moments_whatever_its_type_is() {
    let account = account();
    let opening = account.opening().unwrap();
    let date = |from: &str, until: &str, kind: &str| json!({"items": [{"id": "a", "label": "Christmas", "dateStart": from, "dateEnd": until, "type": kind}], "success": true});
    let dates = opening
        .read_dates(reply(&date(
            "2026-12-25T00:00:00+01:00",
            "2026-12-26T23:00:00.000Z",
            "BRIDGE_DAY",
        )))
        .unwrap();
    assert_eq!(dates[0].label.as_deref(), Some("Christmas"));
    assert_eq!(dates[0].until - dates[0].from, 48 * 3_600_000);
    for (from, until) in [
        ("2026-12-25T00:00:00Z", "2026-12-25T00:00:00Z"),
        ("2026-12-25T00:00:00Z", "someday"),
    ] {
        assert_eq!(
            code(opening.read_dates(reply(&date(from, until, "HOLIDAY")))),
            Code::UnreadableReply
        );
    }
}

#[test]
fn queued_calls_are_read_whatever_they_leave_out_and_never_printed_with_their_number() {
    let account = account();
    let queues = account.queues().unwrap();
    let calls = json!({"items": [
        {"id": "a", "from": "+4915228817386", "to": "+493012345600", "type": "inbound", "state": "queued",
         "dateCreated": "2026-11-26T10:00:00.000Z", "bridged": null},
        {"id": "b", "from": null, "type": "sideways", "state": "daydreaming", "dateCreated": null},
        {"id": null}, null,
    ], "pagination": {"pages": 2, "current": null, "total": null}, "queue": null});
    let page = queues.read_calls(1, reply(&calls)).unwrap();
    assert_eq!((page.items.len(), page.next), (2, Some(2)));
    assert_eq!(page.items[0].direction, Some(Direction::Inbound));
    assert_eq!(page.items[0].since, Some(1_795_687_200_000));
    assert_eq!(page.items[1].state.as_deref(), Some("daydreaming"));
    assert_eq!((page.items[1].direction, page.items[1].since), (None, None));
    assert!(!format!("{page:?}").contains("4915"), "{page:?}");
    let queue = queues.read_queue(reply(
        &json!({"item": {"id": "q", "name": "Support", "maxSize": 100}, "success": true}),
    ));
    assert_eq!(queue.unwrap().most, Some(100));
}

#[test]
fn a_conference_is_read_with_holes_in_it_and_words_that_are_new() {
    let account = account();
    let conferences = account.conferences().unwrap();
    let member = |state: &str, more: Value| {
        let mut member = json!({"id": "m", "state": state, "isModerator": true, "dateCreated": "2026-11-26T10:00:00Z",
            "call": {"id": "c", "type": "outbound", "from": "+493012345600", "to": "+4915228817386"}});
        member
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        member
    };
    let body = json!({"item": {"id": "c", "state": "finishing", "dateCreated": "2026-11-26T10:00:00Z", "members": [
        member("added", json!({"hold": true, "agent": {"id": "a", "name": "Alex", "number": "+49301"}})),
        null,
        member("failed", json!({"onHold": true, "agent": null, "call": null})),
        member("removed", json!({})),
    ]}, "success": true});
    let conference = conferences.read_conference(reply(&body)).unwrap();
    assert_eq!(
        conference.state,
        ConferenceState::Other("finishing".to_owned())
    );
    let members = &conference.members;
    assert_eq!(members.len(), 3);
    assert_eq!(
        (members[0].held, members[0].moderator),
        (Some(true), Some(true))
    );
    assert_eq!(members[0].number.as_deref(), Some("+4915228817386"));
    assert_eq!(
        members[0].agent.as_ref().unwrap().name.as_deref(),
        Some("Alex")
    );
    assert_eq!(members[1].state, MemberState::Other("failed".to_owned()));
    assert_eq!((members[1].held, &members[1].number), (Some(true), &None));
    assert_eq!(
        (members[2].held, &members[2].state),
        (None, &MemberState::Gone)
    );
    assert!(!format!("{conference:?}").contains("4915"));
    let empty = json!({"items": [{"id": "c", "state": "created", "members": null}]});
    let page = conferences.read_list(1, reply(&empty)).unwrap();
    assert_eq!(page.items[0].state, ConferenceState::Open);
}
