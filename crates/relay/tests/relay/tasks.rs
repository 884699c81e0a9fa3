//! Callbacks through a template, and an agent's own tasks.

use std::time::Duration;

use patchcord_relay::clock;
use patchcord_relay::config::{Config, Environment};
use patchcord_relay::store::tally::{self, Limit, Window};
use reqwest::Method;
use serde_json::{Value, json};

use crate::agent_tokens::later_session;
use crate::panel::{self, signed_in};
use crate::support::{self, Answer, Ask, NUMBER, SITE, World};

const QUEUE: &str = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";
const TEMPLATE: &str = "/api/v3/tasks/template/callback";

/// The topic "support" with this beside its queue.
fn with_template(config: &str, more: &str) -> String {
    let queue = format!("queue_id = \"{QUEUE}\"\n");
    config.replacen(&queue, &format!("{queue}{more}\n"), 1)
}

fn template(style: &str) -> String {
    format!(
        r#"template = "callback"
template_style = "{style}"
template_fields = {{ "queue_id" = "queue_id", "scheduled_at" = "time", "body.to" = "number", "body.who" = "payload.name", "body.all" = "payload" }}"#
    )
}

async fn callback(world: &World, at: Option<&str>) -> Value {
    let mut body = json!({
        "number": NUMBER, "topic": "support", "fields": { "name": "Ada" }, "payload": { "amount": 1.5 },
        "consent": { "version": "2026-11", "given": true },
    });
    if let Some(at) = at {
        body["at"] = json!(at);
    }
    let answer = world.callback(&body).header("Origin", SITE).send().await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json
}

/// The account's own user asks the sandbox.
pub async fn platform(world: &World, method: Method, path: &str, body: Value) -> Answer {
    let url = |path: &str| format!("{}{path}", world.sandbox.url());
    let form = "grant_type=password&username=relay@acme.example&password=sandbox-password";
    let grant = Ask::new(Method::POST, url("/oauth/token"))
        .text("application/x-www-form-urlencoded", form)
        .send()
        .await;
    let ask = Ask::new(method, url(path)).bearer(grant.json["access_token"].as_str().unwrap());
    match body {
        Value::Null => ask.send().await,
        body => ask.json(&body).send().await,
    }
}

#[tokio::test]
async fn a_callback_now_is_handed_over_once_as_the_task_of_its_template() {
    for (style, wanted) in [
        (
            "hierarchy",
            json!({"queue_id": QUEUE, "scheduled_at": "now", "body": {"to": NUMBER, "who": "Ada", "all": {"amount": 1.5, "name": "Ada"}}}),
        ),
        (
            "flat",
            json!({"queue_id": QUEUE, "scheduled_at": "now", "body.to": NUMBER, "body.who": "Ada", "body.all": {"amount": 1.5, "name": "Ada"}}),
        ),
    ] {
        let world = World::with(|config| with_template(&config, &template(style))).await;
        let made = callback(&world, None).await;
        world.until_state(&made, "handed_over").await;
        let seen = world.seen(TEMPLATE).await;
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0]["query"]["style"], style);
        let sent: Value = serde_json::from_str(seen[0]["raw_body"].as_str().unwrap()).unwrap();
        assert_eq!(sent, wanted);
    }
}

#[tokio::test]
async fn a_callback_at_a_time_tells_the_template_when() {
    let world = World::with(|config| with_template(&config, &template("flat"))).await;
    let at = (support::now() + 3 * 86_400) * 1000;
    let made = callback(&world, Some(&clock::to_rfc3339(at))).await;
    world.until_state(&made, "handed_over").await;
    let seen = world.seen(TEMPLATE).await;
    let sent: Value = serde_json::from_str(seen[0]["raw_body"].as_str().unwrap()).unwrap();
    assert_eq!(
        (seen.len(), &sent["scheduled_at"]),
        (1, &json!(format!("at {at}")))
    );
}

#[tokio::test]
async fn a_lost_answer_of_a_template_is_never_sent_again_and_a_refusal_says_why() {
    let world = World::with(|config| with_template(&config, &template("hierarchy"))).await;
    world.fault(TEMPLATE, json!("garbage")).await;
    let made = callback(&world, None).await;
    world.until_state(&made, "unknown").await;
    world
        .relay
        .clock
        .advance(std::time::Duration::from_secs(24 * 3600));
    assert_eq!(world.seen(TEMPLATE).await.len(), 1);
    world.faults(json!([])).await;

    let without = r#"template = "callback"
template_fields = { "queue_id" = "queue_id", "scheduled_at" = "time", "body.number" = "number" }"#;
    let world = World::with(|config| with_template(&config, without)).await;
    let made = callback(&world, None).await;
    let refused = world.until_state(&made, "refused").await;
    assert_eq!(refused["code"], "provider_rejected_request");
    let message = refused["message"].as_str().unwrap();
    assert!(
        message.contains("body.to is required by the template"),
        "{message}"
    );
}

#[test]
fn what_is_wrong_about_a_template_is_an_error_of_the_configuration_with_its_field() {
    let folder = tempfile::TempDir::new().unwrap();
    for (more, field) in [
        ("template = \"a/b\"", "topic[1].template"),
        ("template_style = \"flat\"", "topic[1].template_style"),
        (
            "template = \"callback\"\ntemplate_fields = { \"body.to\" = \"phone\" }",
            "topic[1].template_fields.body.to",
        ),
        (
            "template = \"callback\"\ntemplate_fields = { \"body.to\" = \"number\" }",
            "topic[1].template_fields",
        ),
        (
            "template = \"callback\"\ntask_type = \"acme.callback\"",
            "topic[1].task_type",
        ),
    ] {
        let config = with_template(&support::config("http://127.0.0.1:1"), more);
        let error = Config::parse(&config, folder.path(), &Environment::default()).unwrap_err();
        assert_eq!(error.path, field);
    }
}

#[tokio::test]
async fn the_topic_in_the_documentation_hands_a_callback_over() {
    let page = include_str!("../../../../docs/tasks.md");
    let (_, rest) = page.split_once("```toml\n").unwrap();
    let topic = rest.split("```").next().unwrap();
    let world = World::with(|config| {
        let (before, _) = config.split_once("[[topic]]\ntopic = \"support\"").unwrap();
        let (_, after) = config.split_once("[[topic]]\ntopic = \"now\"").unwrap();
        format!("{before}{topic}\n[[topic]]\ntopic = \"now\"{after}")
    })
    .await;
    let made = callback(&world, None).await;
    world.until_state(&made, "handed_over").await;
    let seen = world.seen(TEMPLATE).await;
    let sent: Value = serde_json::from_str(seen[0]["raw_body"].as_str().unwrap()).unwrap();
    let body = json!({"to": NUMBER, "display_as": NUMBER, "name": "Ada"});
    assert_eq!((seen.len(), &sent["body"]), (1, &body));
}

async fn submit(world: &World, kind: &str) -> String {
    let body = json!({"type": kind, "body": {"lead": kind}});
    let made = platform(world, Method::POST, "/api/v3/tasks", body).await;
    made.json["id"].as_str().unwrap().to_owned()
}

fn act(world: &World, session: &str, id: &str, action: &str, body: &Value) -> Ask {
    world
        .ask(Method::POST, &format!("/v1/tasks/{id}/{action}"))
        .bearer(session)
        .json(body)
}

#[tokio::test]
async fn an_agent_sees_their_own_tasks_alone_and_acts_on_them_with_their_own_token() {
    let world = panel::world().await;
    let alexs = submit(&world, "acme.a").await;
    let sams = submit(&world, "acme.b").await;
    let session = signed_in(&world).await;
    let list = async || {
        let ask = world.ask(Method::GET, "/v1/tasks").bearer(&session);
        let answer = ask.send().await;
        assert_eq!(
            (answer.status, &answer.json["outcome"]),
            (200, &json!("accepted")),
            "{}",
            answer.body
        );
        answer.json["tasks"].as_array().unwrap().clone()
    };
    let own = list().await;
    assert_eq!(own.len(), 1, "{own:?}");
    assert_eq!(
        (&own[0]["id"], &own[0]["state"]),
        (&json!(alexs), &json!("Selecting"))
    );
    assert_eq!(own[0]["payload"], json!({"lead": "acme.a"}));

    let taken = act(&world, &session, &alexs, "accept", &json!({}))
        .send()
        .await;
    taken.is_outcome("accepted", None);
    assert_eq!(taken.json["task"]["state"], "Pending");
    let again = act(&world, &session, &alexs, "accept", &json!({}))
        .send()
        .await;
    again.is_outcome("refused", Some("provider_rejected_request"));
    let done = act(
        &world,
        &session,
        &alexs,
        "complete",
        &json!({"reason": "called"}),
    )
    .send()
    .await;
    done.is_outcome("accepted", None);
    assert!(list().await.is_empty());

    let others = act(&world, &session, &sams, "accept", &json!({}))
        .send()
        .await;
    others.is_outcome("refused", Some("provider_not_found"));
    let seen = world
        .seen(&format!("/api/v3/agent/tasks/{alexs}/Accept"))
        .await;
    assert_eq!(seen.len(), 2, "each request is sent once");
    let lines = world.relay.shared().store.audit(0, 0, 1000).await.unwrap();
    let acted = lines
        .iter()
        .filter(|line| line.action == "task_action_asked");
    assert_eq!(acted.count(), 4);
}

#[tokio::test]
async fn a_list_of_tasks_with_the_largest_payloads_is_read_whole() {
    let world = panel::world().await;
    let alexs = submit(&world, "acme.a").await;
    let session = signed_in(&world).await;
    let text = "x".repeat(16_000);
    for _ in 0..70 {
        let body = json!({ "type": "acme.b", "body": { "text": text } });
        let made = platform(&world, Method::POST, "/api/v3/tasks", body).await;
        let id = made.json["id"].as_str().unwrap();
        let url = format!("{}/_sandbox/tasks/{id}/state", world.sandbox.url());
        let open = Ask::new(Method::POST, url).json(&json!({ "state": "Pending" }));
        assert_eq!(open.send().await.status, 204);
    }
    let ask = world.ask(Method::GET, "/v1/tasks").bearer(&session);
    let list = ask.send().await;
    list.is_outcome("accepted", None);
    let tasks = list.json["tasks"].as_array().unwrap();
    assert!(tasks.iter().any(|task| task["id"] == json!(alexs)));
    assert_eq!(list.json["cut"], false);
}

/// So many times as the agent has asked already in this hour.
async fn asked_before(world: &World, what: &'static str, times: u32) {
    let limit = [Limit {
        what,
        which: "acme\n005ALEX".to_owned(),
        window: Window::Hour,
        most: u32::MAX,
    }];
    let now = world.relay.clock.now();
    let counted = world.relay.shared().store.write(move |tx| {
        Box::pin(async move {
            for _ in 0..times {
                tally::count(tx, &limit, now).await?;
            }
            Ok::<_, sqlx::Error>(())
        })
    });
    counted.await.unwrap();
}

#[tokio::test]
async fn an_agent_asks_for_their_tasks_as_often_as_a_page_does_and_no_more() {
    let world = panel::world().await;
    let session = signed_in(&world).await;
    let list = async |session: &str| {
        let ask = world.ask(Method::GET, "/v1/tasks").bearer(session);
        ask.send().await
    };
    asked_before(&world, "tasks", 599).await;
    assert_eq!(list(&session).await.status, 200);
    let seen = world.seen("/api/v3/tasks").await.len();
    let refused = list(&session).await;
    assert_eq!(refused.is_problem("too_many_requests").status, 429);
    assert_eq!(
        world.seen("/api/v3/tasks").await.len(),
        seen,
        "the platform is not asked"
    );
    world.relay.clock.advance(Duration::from_secs(66 * 60));
    let session = later_session(&world).await;
    assert_eq!(list(&session).await.status, 200);
}

#[tokio::test]
async fn a_task_is_not_acted_on_without_a_token_of_the_agents_own() {
    let world = panel::world().await;
    let id = submit(&world, "acme.a").await;
    let session = world.session().await;
    let refused = act(&world, &session, &id, "accept", &json!({}))
        .send()
        .await;
    refused.is_problem("sign_in_needed");
    let reason = json!({"reason": ""});
    act(&world, &session, &id, "reject", &reason)
        .send()
        .await
        .is_problem("invalid_field")
        .about("reason");
    act(&world, &session, "call-me", "accept", &json!({}))
        .send()
        .await
        .is_problem("invalid_field");
    act(&world, &session, &id, "sing", &json!({}))
        .send()
        .await
        .is_problem("not_found");
    let odd = json!({"because": "no"});
    act(&world, &session, &id, "accept", &odd)
        .send()
        .await
        .is_problem("unknown_field");
    assert!(world.seen("/api/v3/agent/*").await.is_empty());
    let answer = world.ask(Method::GET, "/v1/tasks").send().await;
    answer.is_problem("session_missing");

    // Without an Agent API nobody has a token of their own.
    let world = World::new().await;
    let session = world.session().await;
    let refused = act(&world, &session, &id, "accept", &json!({}))
        .send()
        .await;
    refused.is_problem("capability_missing");
    let other = world
        .ask(Method::GET, "/v1/tasks?provider=samespace")
        .bearer(&session);
    other
        .send()
        .await
        .is_problem("capability_missing")
        .about("provider");
}

#[tokio::test]
async fn an_answer_that_is_lost_is_unknown_and_the_action_is_sent_once() {
    let world = panel::world().await;
    let id = submit(&world, "acme.a").await;
    let session = signed_in(&world).await;
    let path = format!("/api/v3/agent/tasks/{id}/Accept");
    world.fault(&path, json!("garbage")).await;
    let answer = act(&world, &session, &id, "accept", &json!({}))
        .send()
        .await;
    answer.is_outcome("unknown", Some("unreadable_reply"));
    assert_eq!(world.seen(&path).await.len(), 1);
    world.fault("/api/v3/tasks", json!("garbage")).await;
    let list = world
        .ask(Method::GET, "/v1/tasks")
        .bearer(&session)
        .send()
        .await;
    list.is_outcome("unknown", Some("unreadable_reply"));
    assert_eq!(list.json["tasks"], json!([]));
}

fn unlock(world: &World, session: &str, body: &Value) -> Ask {
    world
        .ask(Method::POST, "/v1/tasks/unlock")
        .bearer(session)
        .json(body)
}

const UNLOCK: &str = "/api/v3/agent/tasks/locking/unlock";

#[tokio::test]
async fn whoever_declined_a_task_is_offered_no_other_until_they_unlock_themselves() {
    let world = panel::world().await;
    let declined = submit(&world, "acme.a").await;
    let session = signed_in(&world).await;
    act(&world, &session, &declined, "reject", &json!({}))
        .send()
        .await
        .is_outcome("accepted", None);
    // There are three agents: more tasks than the two others can be offered.
    for kind in ["acme.b", "acme.c", "acme.d"] {
        submit(&world, kind).await;
    }
    let offered = async || {
        let list = world.ask(Method::GET, "/v1/tasks").bearer(&session);
        let list = list.send().await.json["tasks"].clone();
        !list.as_array().unwrap().is_empty()
    };
    assert!(!offered().await, "they are kept from tasks");

    let done = unlock(&world, &session, &json!({})).send().await;
    done.is_outcome("accepted", None);
    assert_eq!(
        (&done.json["provider"], &done.json["lock"]),
        (&json!("babelforce"), &json!("unlocked"))
    );
    assert!(offered().await, "and not any more");
    let lines = world.relay.shared().store.audit(0, 0, 1000).await.unwrap();
    let asked: Vec<_> = lines
        .iter()
        .filter(|line| line.action == "unlock_asked")
        .collect();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].actor.contains("005ALEX"), "{:?}", asked[0]);
}

#[tokio::test]
async fn unlocking_says_what_the_platform_says_is_sent_once_and_wants_a_token_of_the_agents_own() {
    let world = panel::world().await;
    let session = world.session().await;
    unlock(&world, &session, &json!({}))
        .send()
        .await
        .is_problem("sign_in_needed");
    let odd = json!({"agent": "sam"});
    unlock(&world, &session, &odd)
        .send()
        .await
        .is_problem("unknown_field");
    let other = json!({"provider": "samespace"});
    unlock(&world, &session, &other)
        .send()
        .await
        .is_problem("capability_missing")
        .about("provider");
    assert!(world.seen(UNLOCK).await.is_empty());

    let session = signed_in(&world).await;
    let canned =
        |code: u16, body: Value| json!({"status": {"code": code, "body": body.to_string()}});
    let mut sent = 0;
    for (action, outcome, code, lock) in [
        (
            json!("garbage"),
            "unknown",
            Some("unreadable_reply"),
            json!(null),
        ),
        (
            canned(429, json!({"error_message": "slow down"})),
            "refused",
            Some("provider_busy"),
            json!(null),
        ),
        (
            canned(403, json!({"error_message": "not yours"})),
            "refused",
            Some("provider_forbidden"),
            json!(null),
        ),
        (
            canned(200, json!({"agent_id": panel::ALEX, "state": "locked"})),
            "accepted",
            None,
            json!("locked"),
        ),
        (
            canned(200, json!({"agent_id": panel::ALEX, "state": "dozing"})),
            "accepted",
            None,
            json!("dozing"),
        ),
    ] {
        world.fault(UNLOCK, action).await;
        let answer = unlock(&world, &session, &json!({})).send().await;
        answer.is_outcome(outcome, code);
        assert_eq!(answer.json["lock"], lock, "{outcome}");
        sent += 1;
        assert_eq!(world.seen(UNLOCK).await.len(), sent, "{outcome}: once");
    }
}
