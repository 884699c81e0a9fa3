//! Commands of the Agent API through the relay: what passes, what policy refuses, and dials that are placed once.

use patchcord_core::number::PhoneNumber;
use patchcord_relay::calls;
use patchcord_relay::config::AgentId;
use patchcord_relay::store::{Store, do_not_call, switch};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::panel::{ALEX, SAM, command, control, signed_in, world, world_with};
use crate::support::{Ask, NUMBER, World, eventually, fresh_key};

const SEND: &str = "/babelconnect.v1.Agent/Send";
const APPLICATION: &str = "5f60718293a4b5c6d7e8f90a1b2c3d4e";
/// Of a country that is not configured.
const COSTLY: &str = "+881612345678";

/// A command with a fresh key, which only a dial needs.
fn keyed(world: &World, session: &str, body: &Value) -> Ask {
    command(world, session, body).header("Idempotency-Key", &fresh_key())
}

fn place(to: &str) -> Value {
    json!({ "placeCall": { "to": to } })
}

/// What the platform got.
async fn sent(world: &World) -> Vec<Value> {
    let seen = world.seen(SEND).await;
    seen.iter()
        .map(|asked| serde_json::from_str(asked["raw_body"].as_str().unwrap()).unwrap())
        .collect()
}

fn alex() -> AgentId {
    AgentId {
        org: "acme".into(),
        sub: "005ALEX".into(),
    }
}

async fn audited(world: &World, action: &str) -> Vec<Value> {
    let lines = world.relay.shared().store.audit(0, 0, 1000).await.unwrap();
    lines
        .iter()
        .filter(|line| line.action == action)
        .map(|line| serde_json::from_str(line.detail.as_deref().unwrap_or("null")).unwrap())
        .collect()
}

async fn open_alerts(world: &World) -> Vec<(String, String)> {
    let alerts = world.relay.shared().store.open_alerts(10).await.unwrap();
    alerts
        .into_iter()
        .map(|alert| (alert.kind, alert.code.unwrap()))
        .collect()
}

/// The newest state of the agent's newest call.
async fn newest(world: &World) -> Value {
    let store = &world.relay.shared().store;
    let events = store.events_after(&alex(), 0).await.unwrap();
    serde_json::from_str(&events.last().unwrap().data).unwrap()
}

#[tokio::test]
async fn every_command_passes_as_it_is_and_what_is_for_later_does_not() {
    let world = world().await;
    let session = signed_in(&world).await;
    let passes = [
        json!({ "register": { "capabilities": [] } }),
        json!({ "pong": { "seq": "7" } }),
        json!({ "setWebrtc": { "on": false } }),
        json!({ "setAgentNumber": { "number": NUMBER } }),
        json!({ "placeCall": { "to": NUMBER, "record": true, "session": { "a": "1" } } }),
        json!({ "answer": { "callId": "c" } }),
        json!({ "hangup": { "callId": "c" } }),
        json!({ "hold": { "callId": "c", "on": true } }),
        json!({ "mute": { "callId": "c", "on": true } }),
        json!({ "dtmf": { "callId": "c", "digits": "1#" } }),
        json!({ "transfer": { "callId": "c", "to": NUMBER, "warm": false } }),
        json!({ "transfer": { "callId": "c", "agentId": SAM, "warm": false } }),
        json!({ "transfer": { "callId": "c", "applicationId": APPLICATION, "warm": false } }),
        json!({ "transfer": { "callId": "c", "to": NUMBER, "warm": true } }),
        json!({ "startConference": { "hold": true } }),
        json!({ "addConferenceMember": { "number": NUMBER, "holdOthers": true } }),
        json!({ "addConferenceMember": { "agentId": SAM, "holdOthers": false } }),
        json!({ "holdConferenceMember": { "memberId": "m", "on": true } }),
        json!({ "muteConferenceMember": { "memberId": "m", "on": true } }),
        json!({ "kickConferenceMember": { "memberId": "m" } }),
        json!({ "leaveConference": {} }),
        json!({ "endConference": {} }),
        json!({ "startRecording": { "callId": "c" } }),
        json!({ "stopRecording": { "callId": "c" } }),
        json!({ "flagRecording": { "callId": "c" } }),
        json!({ "setRecordingTags": { "callId": "c", "tags": ["x"] } }),
        json!({ "setPresence": { "name": "lunch" } }),
        json!({ "setDisplayAs": { "number": NUMBER } }),
        json!({ "resetLineStatus": {} }),
        json!({ "wrapUpExtend": { "seconds": 30 } }),
        json!({ "wrapUpCancel": {} }),
    ];
    for body in &passes {
        let answer = keyed(&world, &session, body).send().await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "{}"), "{body}");
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    assert_eq!(sent(&world).await, passes);
    for later in [
        json!({ "setWebrtc": { "on": true } }),
        json!({ "sendSms": { "to": NUMBER, "text": "x" } }),
        json!({ "setConversationOpen": { "conversationId": "c", "open": true } }),
        json!({ "markConversationRead": { "conversationId": "c" } }),
        json!({ "joinCampaign": { "campaignId": "c", "paused": false } }),
        json!({ "leaveCampaign": {} }),
        json!({ "pauseCampaign": { "on": true } }),
        json!({ "disposeCall": { "code": "x" } }),
        json!({ "endCampaignCall": {} }),
    ] {
        let answer = keyed(&world, &session, &later).send().await;
        answer.is_problem("capability_missing");
    }
    assert_eq!(sent(&world).await.len(), passes.len());
}

#[tokio::test]
async fn what_is_no_command_is_refused_with_its_field() {
    let world = world().await;
    let session = signed_in(&world).await;
    for (body, code, field) in [
        (json!({ "fly": {} }), "unknown_field", "fly"),
        (json!({ "hangup": {} }), "missing_field", "callId"),
        (
            json!({ "hangup": { "callId": "c", "why": 1 } }),
            "unknown_field",
            "why",
        ),
        (
            json!({ "hold": { "callId": "c", "on": 1 } }),
            "invalid_field",
            "on",
        ),
        (place("030 123"), "invalid_number", "to"),
        (
            json!({ "dtmf": { "callId": "c", "digits": "x" } }),
            "invalid_field",
            "digits",
        ),
    ] {
        let answer = keyed(&world, &session, &body).send().await;
        answer.is_problem(code).about(field);
    }
    let ask = command(&world, &session, &json!([]));
    ask.send().await.is_problem("invalid_json");
    let two = json!({ "leaveConference": {}, "endConference": {} });
    let ask = command(&world, &session, &two);
    ask.send().await.is_problem("invalid_field");
    assert!(sent(&world).await.is_empty());
}

#[tokio::test]
async fn no_command_leads_to_a_number_that_may_not_be_dialled() {
    let world = world_with(|config| format!("policy = \"log\"\n{config}")).await;
    let session = signed_in(&world).await;
    let commands = |number: &str| {
        [
            (place(number), "to"),
            (
                json!({ "transfer": { "callId": "c", "to": number, "warm": false } }),
                "to",
            ),
            (
                json!({ "transfer": { "callId": "c", "to": number, "warm": true } }),
                "to",
            ),
            (
                json!({ "addConferenceMember": { "number": number, "holdOthers": false } }),
                "number",
            ),
            (json!({ "setAgentNumber": { "number": number } }), "number"),
        ]
    };
    for (body, field) in commands(COSTLY) {
        let answer = keyed(&world, &session, &body).send().await;
        answer.is_problem("number_not_allowed").about(field);
    }
    let relay = world.relay.shared().clone();
    let listed: PhoneNumber = NUMBER.parse().unwrap();
    let hash = relay.fingerprints.number(&listed);
    let added = relay
        .store
        .write(move |tx| Box::pin(async move { do_not_call::add(tx, &hash, "test", 1).await }));
    assert!(added.await.unwrap());
    for (body, field) in commands(NUMBER) {
        let answer = keyed(&world, &session, &body).send().await;
        answer.is_problem("do_not_call").about(field);
    }
    let now = relay.clock.now();
    let off = relay.store.write(move |tx| {
        Box::pin(async move { switch::turn_off(tx, switch::DIALLING, "test", None, now).await })
    });
    assert!(off.await.unwrap());
    for (body, _) in commands("+493012345679") {
        let answer = keyed(&world, &session, &body).send().await;
        answer.is_problem("switched_off");
    }
    assert!(sent(&world).await.is_empty());
    // Calls that are there are still ended.
    let end = json!({ "hangup": { "callId": "c" } });
    let answer = command(&world, &session, &end).send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn what_makes_the_platform_dial_is_counted_and_written_down() {
    let world =
        world_with(|config| config.replacen("limits = {", "limits = { agent_per_hour = 3,", 1))
            .await;
    let session = world.session().await;
    let send = async |body: &Value| keyed(&world, &session, body).send().await;
    let transfer = json!({ "transfer": { "callId": "c", "to": NUMBER, "warm": false } });
    let member = json!({ "addConferenceMember": { "number": NUMBER, "holdOthers": false } });
    for body in [&place(NUMBER), &transfer, &member] {
        send(body).await.is_problem("sign_in_needed");
    }
    let page = crate::panel::page(&world, &session).await;
    let done = crate::panel::sign_in_at(&world, &page, "alex@acme.example").await;
    assert_eq!(done.status, 200, "{}", done.body);
    for body in [&place(NUMBER), &transfer, &member] {
        let answer = send(body).await;
        assert_eq!(answer.status, 200, "{body} {}", answer.body);
    }
    let warm = json!({ "transfer": { "callId": "c", "to": NUMBER, "warm": true } });
    for body in [&place("+493012345679"), &transfer, &member, &warm] {
        let answer = send(body).await;
        assert_eq!(answer.is_problem("too_many_requests").status, 429);
    }
    // Nothing is dialled by these.
    for body in [
        json!({ "setAgentNumber": { "number": NUMBER } }),
        json!({ "transfer": { "callId": "c", "agentId": SAM, "warm": true } }),
        json!({ "transfer": { "callId": "c", "agentId": SAM, "warm": false } }),
    ] {
        let answer = send(&body).await;
        assert_eq!(answer.status, 200, "{body} {}", answer.body);
    }
    for (action, count) in [
        ("call_dialled", 1),
        ("call_transferred", 1),
        ("member_called", 1),
        ("agent_number_set", 1),
        ("token_kept", 1),
    ] {
        let lines = audited(&world, action).await;
        assert_eq!(lines.len(), count, "{action} {lines:?}");
        assert!(
            lines
                .iter()
                .all(|line| !line.to_string().contains("3012345678"))
        );
    }
}

#[tokio::test]
async fn only_the_agents_own_numbers_are_shown_where_the_relay_lists_them() {
    let world = world().await;
    let session = signed_in(&world).await;
    let foreign = "+493012345600";
    for (body, field) in [
        (
            json!({ "placeCall": { "to": NUMBER, "displayAsTo": foreign } }),
            "displayAsTo",
        ),
        (json!({ "setDisplayAs": { "number": foreign } }), "number"),
        (json!({ "setDisplayAs": { "number": "hidden" } }), "number"),
    ] {
        let answer = keyed(&world, &session, &body).send().await;
        answer.is_problem("caller_id_not_allowed").about(field);
    }
    let own = json!({ "placeCall": { "to": NUMBER, "displayAsTo": NUMBER } });
    assert_eq!(keyed(&world, &session, &own).send().await.status, 200);

    // Without a list, the platform decides.
    let world = world_with(|config| config.replace("caller_ids = [\"+493012345678\"]\n", "")).await;
    let session = signed_in(&world).await;
    let body = json!({ "setDisplayAs": { "number": foreign } });
    assert_eq!(command(&world, &session, &body).send().await.status, 200);
}

#[tokio::test]
async fn a_dial_with_the_same_key_is_placed_once() {
    let world = world().await;
    let session = signed_in(&world).await;
    let key = fresh_key();
    let ask =
        |key: &str, body: &Value| command(&world, &session, body).header("Idempotency-Key", key);
    command(&world, &session, &place(NUMBER))
        .send()
        .await
        .is_problem("idempotency_key_missing");
    let first = ask(&key, &place(NUMBER)).send().await;
    assert_eq!((first.status, first.body.as_str()), (200, "{}"));
    assert_eq!(first.header("idempotent-replay"), "");
    let again = ask(&key, &place(NUMBER)).send().await;
    assert_eq!((again.status, again.body.as_str()), (200, "{}"));
    assert_eq!(again.header("idempotent-replay"), "true");
    ask(&key, &place("+493012345679"))
        .send()
        .await
        .is_problem("idempotency_key_reused");
    let other = fresh_key();
    ask(&other, &place(NUMBER))
        .send()
        .await
        .is_problem("duplicate_call")
        .about("to");
    let call = newest(&world).await;
    assert_eq!(
        (&call["outcome"], &call["state"], &call["number"]),
        (&json!("accepted"), &json!("handed_over"), &json!(NUMBER))
    );
    world
        .relay
        .clock
        .advance(std::time::Duration::from_secs(10));
    let answer = ask(&other, &place(NUMBER)).send().await;
    assert_eq!(answer.json["code"], "duplicate_call");
    assert_eq!(
        answer.header("idempotent-replay"),
        "true",
        "the first reply"
    );
    assert_eq!(sent(&world).await.len(), 1);
    // Also where the agent has no token any more.
    crate::panel::sign_out(&world, &session).await;
    assert_eq!(ask(&key, &place(NUMBER)).send().await.status, 200);
    ask(&fresh_key(), &place("+493012345679"))
        .send()
        .await
        .is_problem("sign_in_needed");
    assert_eq!(audited(&world, "call_dialled").await.len(), 1);
}

#[tokio::test]
async fn a_lost_reply_is_unknown_and_never_asked_for_again() {
    let world = world().await;
    let session = signed_in(&world).await;
    let key = fresh_key();
    world.fault(SEND, json!("close_before_reply")).await;
    for _ in 0..2 {
        let ask = command(&world, &session, &place(NUMBER)).header("Idempotency-Key", &key);
        let answer = ask.send().await;
        assert_eq!(answer.status, 502);
        assert_eq!(answer.json["code"], "no_reply", "{}", answer.body);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    assert_eq!(sent(&world).await.len(), 1);
    assert_eq!(newest(&world).await["state"], "unknown");
    assert_eq!(
        open_alerts(&world).await,
        [("call_unknown".into(), "no_reply".into())]
    );

    // What the platform itself does not know is unknown too; what it refuses is refused. Its words come through.
    for (status, number, state) in [
        (500, "+493012345671", "unknown"),
        (400, "+493012345672", "refused"),
    ] {
        let canned =
            json!({ "status": { "code": status, "body": "{\"code\":\"x\",\"message\":\"why\"}" } });
        world.fault(SEND, canned).await;
        let answer = keyed(&world, &session, &place(number)).send().await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_eq!(answer.json["message"], "why");
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(newest(&world).await["state"], state);
    }
    assert_eq!(open_alerts(&world).await.len(), 2);
}

#[tokio::test]
async fn only_the_status_of_a_rejected_token_proves_that_nothing_was_done() {
    let world = world().await;
    let session = signed_in(&world).await;
    let words = r#"{"code":"unavailable","message":"unauthenticated: \u0000x"}"#;
    world
        .fault(SEND, json!({ "status": { "code": 503, "body": words } }))
        .await;
    let answer = keyed(&world, &session, &place(NUMBER)).send().await;
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert_eq!(sent(&world).await.len(), 1, "it is not sent again");
    let call = newest(&world).await;
    assert_eq!(call["state"], "unknown", "{call}");
    assert_eq!(open_alerts(&world).await.len(), 1);
    // A database may not be able to hold it.
    assert!(!call.to_string().contains("\\u0000"), "{call}");
}

#[tokio::test]
async fn a_dial_goes_on_when_the_browser_leaves_while_it_is_stored() {
    let world = world().await;
    let session = signed_in(&world).await;
    let relay = world.relay.shared().clone();
    // Whoever has this keeps the dial from being stored: as a job on SQLite, by the lock on PostgreSQL.
    let pair = format!("acme\n005ALEX\n{NUMBER}");
    let (go, wait) = oneshot::channel::<()>();
    let (begin, begun) = oneshot::channel();
    let store = relay.store.clone();
    let holding = tokio::spawn(async move {
        let held = store.write(move |tx| {
            Box::pin(async move {
                Store::lock(tx, &pair).await?;
                begin.send(()).unwrap();
                wait.await.unwrap();
                Ok::<_, sqlx::Error>(())
            })
        });
        held.await.unwrap();
    });
    begun.await.unwrap();
    let before = relay.tasks.len();
    let browser = tokio::spawn(keyed(&world, &session, &place(NUMBER)).send());
    eventually(async || (relay.tasks.len() > before).then_some(())).await;
    browser.abort();
    assert!(browser.await.unwrap_err().is_cancelled());
    go.send(()).unwrap();
    holding.await.unwrap();
    eventually(async || (!sent(&world).await.is_empty()).then_some(())).await;
    eventually(async || (newest(&world).await["state"] == "handed_over").then_some(())).await;
}

#[tokio::test]
async fn an_id_that_can_be_none_is_not_sent() {
    let world = world().await;
    let session = signed_in(&world).await;
    let long = "c".repeat(129);
    for (body, field) in [
        (
            json!({ "transfer": { "callId": "c", "agentId": "x", "warm": false } }),
            "agentId",
        ),
        (
            json!({ "transfer": { "callId": "c", "agentId": "x", "warm": true } }),
            "agentId",
        ),
        (
            json!({ "addConferenceMember": { "agentId": "../x", "holdOthers": true } }),
            "agentId",
        ),
        (
            json!({ "transfer": { "callId": "c", "applicationId": "ivr", "warm": false } }),
            "applicationId",
        ),
        (json!({ "hangup": { "callId": long } }), "callId"),
        (
            json!({ "hold": { "callId": "c\u{0}", "on": true } }),
            "callId",
        ),
        (
            json!({ "kickConferenceMember": { "memberId": "m\n" } }),
            "memberId",
        ),
    ] {
        let answer = keyed(&world, &session, &body).send().await;
        answer.is_problem("invalid_field").about(field);
    }
    assert!(sent(&world).await.is_empty());
}

#[tokio::test]
async fn a_dial_in_flight_at_a_crash_is_unknown_and_its_key_says_so() {
    let world = world().await;
    let session = signed_in(&world).await;
    let key = fresh_key();
    world.fault(SEND, json!("hold")).await;
    let ask = command(&world, &session, &place(NUMBER)).header("Idempotency-Key", &key);
    let first = tokio::spawn(ask.send());
    eventually(async || (!sent(&world).await.is_empty()).then_some(())).await;
    // As another relay does it when this one is no more.
    let relay = world.relay.shared().clone();
    let (run, channels, now) = (relay.run.clone(), relay.channels.clone(), relay.clock.now());
    let settled = relay
        .store
        .write(move |tx| Box::pin(async move { calls::interrupt(tx, &channels, &run, now).await }));
    assert_eq!(settled.await.unwrap().len(), 1);
    let ask = command(&world, &session, &place(NUMBER)).header("Idempotency-Key", &key);
    let answer = ask.send().await;
    assert_eq!(
        (answer.status, &answer.json["code"]),
        (502, &json!("interrupted"))
    );
    assert_eq!(open_alerts(&world).await.len(), 1);
    world.faults(json!([])).await;
    assert_eq!(
        first.await.unwrap().status,
        200,
        "it was not dead after all"
    );
    assert!(open_alerts(&world).await.is_empty());
    assert_eq!(newest(&world).await["state"], "handed_over");
    assert_eq!(sent(&world).await.len(), 1);
}

#[tokio::test]
async fn a_token_that_the_platform_rejects_is_renewed_and_the_command_sent_once_more() {
    let world = world().await;
    let session = signed_in(&world).await;
    control(&world, &format!("agents/{ALEX}/tokens/expire"), &json!({})).await;
    let answer = keyed(&world, &session, &place(NUMBER)).send().await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "{}"));
    assert_eq!(sent(&world).await.len(), 2, "the first one was rejected");
    assert_eq!(world.seen("/oauth/token").await.len(), 2);
    let calls = world.seen(SEND).await;
    let bearer = |asked: &Value| asked["headers"]["authorization"].clone();
    assert_ne!(bearer(&calls[0]), bearer(&calls[1]));
    assert_ne!(bearer(&calls[1]), json!(format!("Bearer {session}")));
}

#[tokio::test]
async fn a_platform_that_rejects_every_token_is_not_asked_for_ever_more_of_them() {
    let world = world().await;
    let session = signed_in(&world).await;
    world
        .fault(SEND, json!({ "status": { "code": 401 } }))
        .await;
    let hold = json!({ "hold": { "callId": "c", "on": true } });
    for _ in 0..4 {
        let answer = command(&world, &session, &hold).send().await;
        answer.is_problem("sign_in_needed");
    }
    assert_eq!(
        world.seen("/oauth/token").await.len(),
        2,
        "the sign-in and one renewal"
    );
    assert_eq!(sent(&world).await.len(), 2);
    // Signing in anew helps at once.
    world.faults(json!([])).await;
    let page = crate::panel::page(&world, &session).await;
    let done = crate::panel::sign_in_at(&world, &page, "alex@acme.example").await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(command(&world, &session, &hold).send().await.status, 200);
}

#[tokio::test]
async fn lookups_are_passed_on_and_their_queries_read_strictly() {
    let world = world().await;
    let session = signed_in(&world).await;
    let look = |path: &str| crate::panel::look(&world, &session, path);
    for (path, member) in [
        ("transfer-targets?query=Sam", "targets"),
        ("transfer-targets", "targets"),
        ("history?max=5&page=1", "calls"),
        ("phonebook?max=5&page=1&query=Gr%C3%A4", "entries"),
    ] {
        let answer = look(path).send().await;
        assert_eq!(answer.status, 200, "{path} {}", answer.body);
        // What is empty is not there.
        let list = answer.json.get(member).is_none_or(Value::is_array);
        assert!(list, "{path} {}", answer.body);
    }
    for (path, code, field) in [
        ("state?x=1", "unknown_field", "x"),
        ("history?query=x", "unknown_field", "query"),
        ("history?max=0", "invalid_field", "max"),
        ("history?max=201", "invalid_field", "max"),
        ("history?page=x", "invalid_field", "page"),
        ("phonebook?page=1&page=2", "invalid_field", "page"),
    ] {
        look(path).send().await.is_problem(code).about(field);
    }
    let long = format!("transfer-targets?query={}", "x".repeat(201));
    look(&long)
        .send()
        .await
        .is_problem("invalid_field")
        .about("query");
    let body = json!({ "token": "somebody-elses" });
    let path = "/v1/agent/babelforce/babelconnect.v1.Agent/Authenticate";
    let ask = world.ask(Method::POST, path).bearer(&session).json(&body);
    ask.send().await.is_problem("unknown_field").about("token");
}
