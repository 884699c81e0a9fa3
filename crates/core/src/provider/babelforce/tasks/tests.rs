use serde_json::{Value, json};

use super::*;
use crate::http::{Failure, Response};
use crate::provider::Provider;
use crate::provider::tasks::{Cron, Times, Zone};

const TASK: &str = "dd062062-cbca-40d8-b3f9-15bda40eb35a";
const QUEUE: &str = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";

fn account() -> Babelforce {
    Babelforce::from_config(json!({
        "environment": "apps",
        "grant": {"type": "password", "username": "u", "password": "p"},
    }))
    .unwrap()
}

fn token() -> Secret {
    Secret::new("access-canary")
}

fn sent(request: &Request) -> Value {
    serde_json::from_str(request.body.as_ref().unwrap().text()).unwrap()
}

fn path(request: &Request) -> &str {
    request
        .url
        .strip_prefix("https://services.babelforce.com/api/v3/")
        .unwrap()
}

fn reply(status: u16, body: &Value) -> Reply {
    Ok(Response::json(status, &body.to_string()))
}

fn payload(value: &Value) -> Payload {
    Payload::from_json(&value.to_string()).unwrap()
}

#[test]
fn a_task_is_submitted_as_published() {
    let task = NewTask {
        kind: "acme.follow-up".to_owned(),
        queue: Some("9f8e7d6c-5b4a-3928-1706-f5e4d3c2b1a0".to_owned()),
        when: When::After(90),
        body: payload(&json!({"lead": 7})),
    };
    let request = account().submit(&task, Some(&token())).unwrap();
    assert_eq!((request.method, path(&request)), (Method::Post, "tasks"));
    assert_eq!(request.bearer, Some(token()));
    assert_eq!(
        sent(&request),
        json!({"type": "acme.follow-up", "queue_id": QUEUE, "scheduled_at": "in 1min 30sec", "body": {"lead": 7}})
    );
    for (kind, queue, field) in [("a b", None, "type"), ("a", Some("queue"), "queue_id")] {
        let task = NewTask {
            kind: kind.to_owned(),
            queue: queue.map(str::to_owned),
            ..task.clone()
        };
        let error = account().submit(&task, None).unwrap_err();
        assert_eq!(error.field.as_deref(), Some(field));
    }
}

#[test]
fn a_list_is_asked_for_by_page_and_filter() {
    let filter = Filter {
        states: vec![State::Scheduled, State::Other("O'Hara".to_owned())],
        created: Times {
            since: Some(11),
            until: None,
        },
        ..Filter::default()
    };
    let request = account().list(&filter, 2, 1_000, None).unwrap();
    assert_eq!(
        path(&request),
        "tasks?page=2&page_size=100&filter=state%3Din%3D%28%27Scheduled%27%2C%27O%5C%27Hara%27%29%20and%20created_at%3Dgt%3D10"
    );
    let all = account().list(&Filter::default(), 1, 20, None).unwrap();
    assert_eq!(path(&all), "tasks?page=1&page_size=20");
    let odd = Filter {
        kind: Some("a' or state=='Failed".to_owned()),
        ..Filter::default()
    };
    let error = account().list(&odd, 1, 20, None).unwrap_err();
    assert_eq!(error.field.as_deref(), Some("type"));
}

#[test]
fn a_page_is_read_whatever_is_missing_from_it() {
    let whole = json!({
        "id": TASK, "type": "acme.callback", "state": "Selecting", "created_at": 1_610_115_403_866_u64,
        "scheduled_at": "at 1654075565950", "queue_id": QUEUE, "agent_id": "a", "body": {"number": "+49301"},
        "has_error": false, "customer_id": "c",
    });
    let list = json!({
        "_metadata": {"page": 1, "per_page": 3, "page_count": 2, "total_count": 4},
        "records": [whole, {"id": TASK, "state": "Parked", "scheduled_at": "soon", "body": null, "type": null}, {"state": "Failed"}],
    });
    let page = account().read_list(1, reply(200, &list)).unwrap();
    assert_eq!(page.next, Some(2));
    let [first, second] = page.items.as_slice() else {
        panic!("what has no id is left out: {page:?}");
    };
    assert_eq!(first.when, Some(When::At(1_654_075_565_950)));
    assert_eq!(first.body, Some(payload(&json!({"number": "+49301"}))));
    assert_eq!(first.created, Some(1_610_115_403_866));
    assert_eq!(second.state, State::Other("Parked".to_owned()));
    assert_eq!((&second.when, &second.kind), (&None, &None));
    assert_eq!(
        account().read_list(2, reply(200, &list)).unwrap().next,
        None
    );
    let bare = json!({"records": []});
    assert_eq!(
        account().read_list(1, reply(200, &bare)).unwrap().next,
        None
    );
    let nothing = account().read_list(1, reply(200, &json!({}))).unwrap_err();
    assert_eq!(nothing.because().unwrap().code, Code::UnreadableReply);
}

#[test]
fn a_task_is_interrupted_with_a_reason() {
    let reason = Reason::parse("the visitor asked").unwrap();
    let request = account()
        .interrupt(TASK, End::Canceled, &reason, Some(&token()))
        .unwrap();
    assert_eq!(path(&request), format!("tasks/{TASK}/interrupt/Canceled"));
    assert_eq!(sent(&request), json!({"reason": "the visitor asked"}));
    for odd in ["", "a/../b", "dd062062"] {
        assert!(
            account()
                .interrupt(odd, End::Failed, &reason, None)
                .is_err()
        );
        assert!(account().get(odd, None).is_err());
    }
}

#[test]
fn a_reply_without_a_body_is_a_yes_and_both_texts_of_an_error_are_kept() {
    let read = |reply| account().read_done(reply);
    for status in [200, 204] {
        let empty = Response {
            status,
            retry_after: None,
            body: Vec::new(),
        };
        assert_eq!(read(Ok(empty)), Outcome::Accepted);
    }
    let error = json!({"error_message": "Conflict", "error_detail": "the task has already ended"});
    let refused = read(reply(409, &error));
    let because = refused.because().unwrap();
    assert_eq!(because.code, Code::ProviderRejectedRequest);
    assert_eq!(
        because.message.as_deref(),
        Some("Conflict: the task has already ended")
    );
    assert_eq!(read(reply(503, &error)).as_str(), "unknown");
    assert_eq!(
        read(reply(200, &json!({"success": false}))).as_str(),
        "refused"
    );
    let lost = read(Err(Failure::Lost("timed out".to_owned())));
    assert_eq!(lost.because().unwrap().code, Code::NoReply);
}

#[test]
fn a_schedule_is_made_read_and_deleted_by_its_name() {
    let made = NewSchedule {
        name: ScheduleName::parse("every morning").unwrap(),
        cron: Cron::parse("0 9 * * MON-FRI").unwrap(),
        zone: Zone::parse("Europe/Berlin").unwrap(),
        template: Some((Template::parse("reminder").unwrap(), Style::Flat)),
        task: payload(&json!({"body.text": "hello"})),
    };
    let request = account().create_schedule(&made, Some(&token())).unwrap();
    assert_eq!(
        (request.method, path(&request)),
        (Method::Post, "tasks/schedules")
    );
    assert_eq!(
        sent(&request),
        json!({
            "name": "every morning", "cron": "0 9 * * MON-FRI", "timezone": "Europe/Berlin",
            "template_id": "reminder", "template_style": "flat", "task": {"body.text": "hello"},
        })
    );
    let request = account().delete_schedule(&made.name, None).unwrap();
    assert_eq!(
        (request.method, path(&request)),
        (Method::Delete, "tasks/schedules/every%20morning")
    );
    let list = json!({"records": [{"name": "n", "cron": "whenever", "customer_id": "c"}, {"cron": "0 9 * * *", "customer_id": "c"}]});
    let page = account().read_schedules(1, reply(200, &list)).unwrap();
    let [only] = page.items.as_slice() else {
        panic!("{page:?}");
    };
    assert_eq!(
        (only.cron.as_str(), only.zone.as_str()),
        ("whenever", "UTC")
    );
}

#[test]
fn an_agent_acts_with_a_token_of_their_own() {
    let request = account()
        .act(TASK, AgentAction::Accept, None, &token())
        .unwrap();
    assert_eq!(path(&request), format!("agent/tasks/{TASK}/Accept"));
    assert_eq!((request.body, request.bearer), (None, Some(token())));
    let reason = Reason::parse("no time").unwrap();
    let request = account()
        .act(TASK, AgentAction::Reject, Some(&reason), &token())
        .unwrap();
    assert_eq!(sent(&request), json!({"reason": "no time"}));
    let request = account().unlock(&token()).unwrap();
    assert_eq!(path(&request), "agent/tasks/locking/unlock");
    for (state, lock) in [
        ("unlocked", Lock::Unlocked),
        ("locked", Lock::Locked),
        ("ajar", Lock::Other("ajar".to_owned())),
    ] {
        let body = json!({"agent_id": "a", "state": state});
        assert_eq!(account().read_unlock(reply(200, &body)), Ok(lock));
    }
}

fn callback(at: Option<u64>) -> CallbackRequest {
    CallbackRequest {
        number: "+4915228817386".parse().unwrap(),
        at,
        payload: Payload::from_json(
            r#"{"name":"Ada","amount":1.0,"deal":{"id":9007199254740993}}"#,
        )
        .unwrap(),
    }
}

/// What is sent for a callback, and where.
fn through(target: &Value, at: Option<u64>) -> (String, String) {
    account().check_target(target).unwrap();
    let request = account()
        .callback(target, &callback(at), Some(&token()))
        .unwrap();
    assert_eq!(
        (request.method, &request.bearer),
        (Method::Post, &Some(token()))
    );
    let body = request.body.as_ref().unwrap().text().to_owned();
    (path(&request).to_owned(), body)
}

#[test]
fn a_callback_through_a_template_keeps_every_value_as_it_was_written() {
    let target = json!({"queue_id": QUEUE, "template": "callback", "display_as": "+493012345678"});
    let (path, body) = through(&target, None);
    assert_eq!(path, "tasks/template/callback?style=hierarchy");
    assert_eq!(
        body,
        format!(
            r#"{{"body":{{"display_as":"+493012345678","number":"+4915228817386","payload":{{"name":"Ada","amount":1.0,"deal":{{"id":9007199254740993}}}}}},"queue_id":"{QUEUE}","scheduled_at":"now"}}"#
        )
    );
    let bare = json!({"queue_id": QUEUE, "template": "callback"});
    let (_, body) = through(&bare, Some(1_900_000_000_000));
    assert!(
        body.contains(r#""scheduled_at":"at 1900000000000""#),
        "{body}"
    );
    assert!(!body.contains("display_as"), "{body}");
}

#[test]
fn a_template_is_given_what_its_fields_say_in_its_style() {
    let fields = json!({
        "body.to": "number", "body.from": "text:+493012345678", "body.lead.name": "payload.name",
        "body.lead.town": "payload.town", "scheduled_at": "time",
    });
    let target = |style: &str| json!({"queue_id": QUEUE, "template": "call back", "template_style": style, "template_fields": fields});
    let (path, body) = through(&target("hierarchy"), None);
    assert_eq!(path, "tasks/template/call%20back?style=hierarchy");
    assert_eq!(
        serde_json::from_str::<Value>(&body).unwrap(),
        json!({
            "body": {"from": "+493012345678", "lead": {"name": "Ada"}, "to": "+4915228817386"},
            "scheduled_at": "now",
        }),
        "a visitor without a town has none"
    );
    let (path, body) = through(&target("flat"), Some(1));
    assert_eq!(path, "tasks/template/call%20back?style=flat");
    assert_eq!(
        serde_json::from_str::<Value>(&body).unwrap(),
        json!({
            "body.from": "+493012345678", "body.lead.name": "Ada", "body.to": "+4915228817386",
            "scheduled_at": "at 1",
        })
    );
}

#[test]
fn a_target_that_makes_no_sense_is_refused_with_its_field() {
    let with = |more: Value| {
        let mut target = json!({"queue_id": QUEUE, "template": "callback"});
        target
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        target
    };
    for (more, field) in [
        (json!({"template": "a/b"}), "template"),
        (
            json!({"template": null, "template_style": "flat"}),
            "template_style",
        ),
        (
            json!({"template": null, "template_fields": {}}),
            "template_fields",
        ),
        (json!({"task_type": "acme.callback"}), "task_type"),
        (
            json!({"template_fields": {"body.to": "phone"}}),
            "template_fields.body.to",
        ),
        (
            json!({"template_fields": {"actions.on_failed": "text:x"}}),
            "template_fields.actions.on_failed",
        ),
        (
            json!({"template_fields": {"body": "payload"}}),
            "template_fields.body",
        ),
        (
            json!({"template_fields": {"body..to": "number"}}),
            "template_fields.body..to",
        ),
        (
            json!({"template_fields": {"scheduled_at": "number"}}),
            "template_fields.scheduled_at",
        ),
        (
            json!({"template_fields": {"body.a": "payload", "body.a.b": "number"}}),
            "template_fields.body.a.b",
        ),
        (
            json!({"template_fields": {"body.a": "display_as", "body.to": "number", "scheduled_at": "time"}}),
            "display_as",
        ),
        (
            json!({"template_fields": {"body.to": "number", "body.at": "time"}}),
            "template_fields.body.at",
        ),
        (
            json!({"template_fields": {"body.to": "number"}}),
            "template_fields",
        ),
        (
            json!({"template_fields": {"scheduled_at": "time"}}),
            "template_fields",
        ),
    ] {
        let error = account().check_target(&with(more.clone())).unwrap_err();
        assert_eq!(error.field.as_deref(), Some(field), "{more}: {error}");
    }
    let style = account().check_target(&with(json!({"template_style": "round"})));
    assert_eq!(style.unwrap_err().code, Code::InvalidField);
}
