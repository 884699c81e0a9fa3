use serde_json::json;

use super::*;
use crate::http::Response;
use crate::provider::Provider;
use crate::provider::people::{Find, Message};

const AGENT: &str = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
const GROUP: &str = "77777777-4e5f-6071-8293-a4b5c6d7e8f9";
const BASE: &str = "https://services.babelforce.com/api/v2";

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

fn reply(status: u16, body: &Value) -> Reply {
    Ok(Response::json(status, &body.to_string()))
}

fn sent(request: &Request) -> Value {
    serde_json::from_str(request.body.as_ref().unwrap().text()).unwrap()
}

#[test]
fn a_list_is_asked_for_with_every_filter_of_the_document() {
    let everybody = account()
        .list(&Asked::default(), 3, Some(&token()))
        .unwrap();
    assert_eq!(everybody.url, format!("{BASE}/agents?page=3&max=100"));
    assert_eq!(everybody.bearer, Some(token()));
    let text = |text: &str| Some(text.to_owned());
    let asked = Asked {
        text: text("a&b"),
        name: text("Alex Adler"),
        number: text("+4930"),
        source_id: text("005"),
        system: text("salesforce"),
        enabled: Some(false),
        line: Some(Line::InCall),
        group_ids: vec![GROUP.to_owned()],
        groups: vec!["Sales".to_owned(), "Nord & Ost".to_owned()],
        tags: vec!["german".to_owned()],
        size: 5000,
    };
    let request = account().list(&asked, 1, None).unwrap();
    let query = "page=1&max=100&q=a%26b&enabled=false&name=Alex%20Adler&number=%2B4930&sourceId=005\
        &state=in-call&source=salesforce&groupIds=777777774e5f60718293a4b5c6d7e8f9&groups=Sales\
        &groups=Nord%20%26%20Ost&tags=german";
    assert_eq!(request.url, format!("{BASE}/agents?{query}"));
    let wrong = Asked {
        group_ids: vec!["sales".to_owned()],
        ..Asked::default()
    };
    let error = account().list(&wrong, 1, None).unwrap_err();
    assert_eq!(error.field.as_deref(), Some("group_ids"));
}

#[test]
fn a_list_with_nulls_and_new_words_is_read_as_far_as_it_tells() {
    let items = json!([
        {
            "id": AGENT, "name": "Alex", "email": "a@x.example", "number": "+4930", "enabled": true,
            "sourceId": "005", "agentSource": "salesforce", "state": "levitating",
            "presence": {"name": "lunch", "label": "Lunch break", "available": false},
            "display_status": "Lunch break", "new": {"x": 1},
            "groups": [{"id": GROUP, "name": "Sales"}, null, {"name": "no id"}], "tags": ["german", null],
        },
        {"id": "2", "name": null, "email": "", "presence": null, "groups": null, "state": null},
        {"name": "no id"},
        null,
    ]);
    let page = account()
        .read_list(1, reply(200, &json!({ "items": items })))
        .unwrap();
    assert_eq!(page.next, None, "no pagination is one page");
    let [alex, other] = page.items.as_slice() else {
        panic!("{page:?}")
    };
    assert_eq!(alex.id, AGENT.replace('-', ""));
    assert_eq!(alex.line, Some(Line::Other("levitating".to_owned())));
    assert_eq!(alex.presence.as_ref().unwrap().label, "Lunch break");
    assert_eq!(alex.groups.len(), 1);
    assert_eq!(alex.groups[0].id, GROUP.replace('-', ""));
    assert_eq!(alex.tags, ["german"]);
    assert_eq!(
        *other,
        Agent {
            id: "2".to_owned(),
            ..Agent::default()
        }
    );
    let more = json!({"items": [], "pagination": {"pages": 3, "current": null}});
    assert_eq!(
        account().read_list(2, reply(200, &more)).unwrap().next,
        Some(3)
    );
    let no = reply(
        200,
        &json!({"success": false, "message": "no", "items": []}),
    );
    assert_eq!(account().read_list(1, no).unwrap_err().as_str(), "refused");
    let odd = account().read_list(1, reply(200, &json!({"items": 1})));
    assert_eq!(odd.unwrap_err().as_str(), "unknown");
}

#[test]
fn an_agent_is_looked_for_by_source_email_and_number() {
    let url = |find: Find| account().list(&find.asked(), 1, None).unwrap().url;
    let source = Find::Source {
        system: Some("salesforce".to_owned()),
        id: "005 ALEX".to_owned(),
    };
    let head = format!("{BASE}/agents?page=1&max=100");
    assert_eq!(
        url(source),
        format!("{head}&sourceId=005%20ALEX&source=salesforce")
    );
    assert_eq!(
        url(Find::Email("a@x".to_owned())),
        format!("{head}&q=a%40x")
    );
    let number = Find::Number("+493012345678".parse().unwrap());
    assert_eq!(url(number), format!("{head}&number=%2B493012345678"));
}

#[test]
fn a_status_is_read_out_of_its_array_and_its_unknown_words_are_kept() {
    let request = account().status(AGENT, Some(&token())).unwrap();
    let id = AGENT.replace('-', "");
    assert_eq!(request.url, format!("{BASE}/agents/{id}/status"));
    let item = json!({
        "enabled": true, "available": false, "line_status": "levitating", "outbound_status": "idle",
        "presence": {"name": "lunch", "label": "Lunch", "available": false}, "display_status": "Lunch",
    });
    for item in [json!([item]), item.clone()] {
        let read = account().read_status(reply(200, &json!({"success": true, "item": item})));
        let status = read.unwrap();
        assert_eq!(
            (status.enabled, status.available),
            (Some(true), Some(false))
        );
        assert_eq!(status.line, Some(Line::Other("levitating".to_owned())));
        assert_eq!(status.presence.unwrap().name, "lunch");
        assert_eq!(status.outbound.as_deref(), Some("idle"));
    }
    let none = reply(
        200,
        &json!({"success": true, "item": [{"line_status": null}]}),
    );
    assert_eq!(account().read_status(none).unwrap().line, None);
    let empty = reply(200, &json!({"success": true, "item": []}));
    assert_eq!(
        account().read_status(empty).unwrap_err().as_str(),
        "unknown"
    );
    assert!(account().status("alex", None).is_err());
}

#[test]
fn a_presence_is_set_and_what_is_not_implemented_is_a_refusal_of_its_own() {
    let lunch = Change::Presence("lunch".to_owned());
    let request = account().change(AGENT, &lunch, Some(&token())).unwrap();
    assert_eq!(request.method, Method::Put);
    assert!(request.url.ends_with("/status"));
    assert_eq!(sent(&request), json!({"presence": {"name": "lunch"}}));
    let read = |reply| account().read_change(&lunch, reply);
    assert_eq!(
        read(reply(201, &json!({"enabled": true}))),
        Outcome::Accepted
    );
    let refused = read(reply(
        501,
        &json!({"code": "not_implemented", "message": "not supported"}),
    ));
    let Outcome::Refused(because) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(because.code, Code::CapabilityMissing);
    assert_eq!(because.message.as_deref(), Some("not supported"));
    let odd: Reply = Ok(Response::json(501, "<html>"));
    assert_eq!(read(odd).as_str(), "refused");
    assert_eq!(read(reply(500, &json!({}))).as_str(), "unknown");
    assert_eq!(read(reply(201, &json!(["x"]))).as_str(), "unknown");
    let nothing = account().change(AGENT, &Change::Presence(String::new()), None);
    assert_eq!(nothing.unwrap_err().field.as_deref(), Some("presence"));
}

#[test]
fn an_agent_is_enabled_and_disabled_by_operations_of_their_own() {
    for (change, last) in [(Change::Enable, "/enable"), (Change::Disable, "/disable")] {
        let request = account().change(AGENT, &change, Some(&token())).unwrap();
        assert_eq!((request.method, &request.body), (Method::Put, &None));
        assert!(request.url.ends_with(last), "{}", request.url);
        let read = |reply| account().read_change(&change, reply);
        assert_eq!(
            read(reply(200, &json!({"success": true}))),
            Outcome::Accepted
        );
        assert_eq!(
            read(reply(200, &json!({"success": false}))).as_str(),
            "refused"
        );
        assert_eq!(read(reply(200, &json!({}))).as_str(), "unknown");
        assert_eq!(
            read(reply(501, &json!({}))).as_str(),
            "unknown",
            "only a presence"
        );
        assert!(account().change("alex", &change, None).is_err());
    }
}

#[test]
fn presences_statuses_groups_and_tags_are_read() {
    let list = |items: Value| reply(200, &json!({"items": items, "success": true}));
    assert!(
        account()
            .presences(None)
            .url
            .ends_with("/agents/presence/available")
    );
    let presences = account()
        .read_presences(list(json!([
            {"name": "lunch", "label": null, "available": false, "count": 1}, {"label": "nameless"}
        ])))
        .unwrap();
    assert_eq!(presences.len(), 1);
    assert_eq!(presences[0].label, "lunch");

    assert!(
        account()
            .choices(None)
            .url
            .ends_with("/agents/status/available")
    );
    let choices = account().read_choices(list(json!([
        {"id": "activity:training", "type": "activity", "name": "training", "label": "Training", "available": true}
    ])));
    let choices = choices.unwrap();
    assert_eq!(choices[0].kind.as_deref(), Some("activity"));
    assert_eq!(choices[0].id, "activity:training");

    let url = account().groups(2, None).url;
    assert!(url.ends_with("/agents/groups?page=2&max=100"), "{url}");
    let groups = account().read_groups(
        1,
        list(json!([{"id": GROUP, "name": null, "tags": [null]}])),
    );
    assert_eq!(groups.unwrap().items[0].name, None);
    let members = account().members(GROUP, 1, None).unwrap().url;
    let id = GROUP.replace('-', "");
    assert!(members.ends_with(&format!("/agents/groups/{id}/agents?page=1&max=100")));
    assert!(account().members("sales", 1, None).is_err());

    assert!(account().tags(None).url.ends_with("/api/v2/tags/agent"));
    let tags = account().read_tags(list(
        json!([{"name": "german"}, {"tag": "vip"}, {"key": ""}, "plain"]),
    ));
    assert_eq!(tags.unwrap(), ["german", "vip", "plain"]);
}

#[test]
fn a_message_goes_to_one_agent_or_to_everybody_and_is_not_printed() {
    assert!(account().can(crate::capability::Capability::Push));
    let mut push = Push {
        to: To::Agent(AGENT.to_owned()),
        message: Message::parse("canary: Greta calls").unwrap(),
        data: Payload::from_json(r#"{"record":"003GRETA","n":1.50}"#).unwrap(),
    };
    let request = account().push(&push, Some(&token())).unwrap();
    assert_eq!(request.url, format!("{BASE}/agents/push"));
    assert_eq!(request.method, Method::Post);
    assert!(
        request.body.as_ref().unwrap().text().contains("1.50"),
        "as it was received"
    );
    assert_eq!(
        sent(&request),
        json!({
            "message": "canary: Greta calls", "agentId": AGENT.replace('-', ""), "broadcast": false,
            "data": {"record": "003GRETA", "n": 1.5},
        })
    );
    assert!(!format!("{request:?} {push:?}").contains("canary"));
    push.to = To::Everybody;
    push.data = Payload::default();
    let everybody = account().push(&push, None).unwrap();
    assert_eq!(
        sent(&everybody),
        json!({"message": "canary: Greta calls", "broadcast": true})
    );
    push.to = To::Agent("alex".to_owned());
    assert_eq!(
        account().push(&push, None).unwrap_err().field.as_deref(),
        Some("agent")
    );
    let read = |body: Value| account().read_push(reply(200, &body));
    assert_eq!(
        read(json!({"success": true, "message": "sent"})),
        Outcome::Accepted
    );
    assert_eq!(read(json!({"success": false})).as_str(), "refused");
    assert_eq!(read(json!({})).as_str(), "unknown");
}
