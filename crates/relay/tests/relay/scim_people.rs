//! Who is provisioned (SCIM 2.0) may dial, as the agent that they are, with what their groups may; until they are
//! switched off.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use patchcord_relay::agents;
use patchcord_relay::config::{AgentId, Config, Environment, Permission};
use reqwest::Method;
use serde_json::{Value, json};

use crate::agent_tokens::later_session;
use crate::panel::{ALEX, SAM, Stream, look, signed_in, world_with};
use crate::scim::{
    ACME, AGENT, GLOBEX, GROUPS, USER, USERS, ask, filtered, get, is_out, is_refusal, patch,
    provisioned, scim, send, user, world,
};
use crate::support::{Answer, NUMBER, config, eventually};

#[tokio::test]
async fn who_is_provisioned_dials_and_who_is_switched_off_is_out_at_once_everywhere() {
    let world = world_with(|config| scim(&config)).await;
    // Nobody of the organisation may before, though the configuration names them.
    is_out(&world, "005ALEX").await;
    let named = filtered(USERS, "userName eq \"alex@acme.example\"");
    let answer = get(&world, ACME, &named).await;
    assert_eq!(answer.json["totalResults"], 0, "{}", answer.body);
    let (alex, answer) = provisioned(&world, ACME, &user("Alex@acme.example", "005ALEX")).await;
    assert_eq!(answer.json[AGENT]["state"], "ready", "{}", answer.body);
    assert_eq!(
        answer.header("location"),
        answer.json["meta"]["location"].as_str().unwrap()
    );
    assert!(answer.header("location").ends_with(&alex));
    let answer = get(&world, ACME, &named).await;
    assert_eq!(answer.json["totalResults"], 1, "{}", answer.body);
    assert_eq!(answer.json["Resources"][0]["userName"], "Alex@acme.example");

    let session = signed_in(&world).await;
    let body = json!({ "number": NUMBER, "provider": "babelforce" });
    let dial = async || world.dial(&session, &body).send().await;
    dial().await.is_outcome("accepted", None);
    let mut desk = Stream::open(&world, &session).await;
    desk.next().await.unwrap();
    let mut events = world
        .ask(Method::GET, "/v1/events")
        .bearer(&session)
        .stream()
        .await;

    let off = patch(json!([{ "op": "Replace", "path": "active", "value": "False" }]));
    let began = Instant::now();
    let answer = send(&world, ACME, Method::PATCH, &alex, &off).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json["active"], false);
    assert_eq!(answer.json[AGENT]["state"], "inactive");
    desk.ended().await;
    while let Ok(Some(_)) = events.chunk().await {}
    // Streams look by themselves every ten seconds; these were told.
    assert!(began.elapsed() < Duration::from_secs(8));
    dial().await.is_problem("session_expired");
    is_out(&world, "005ALEX").await;
    eventually(async || (!world.seen("/oauth/logout").await.is_empty()).then_some(())).await;
    let store = &world.relay.shared().store;
    let own = |row: &patchcord_relay::store::token::Row| row.agent().is_some();
    assert!(!store.tokens().await.unwrap().iter().any(own));

    // And in again.
    let on = patch(json!([{ "op": "replace", "value": { "active": true } }]));
    let answer = send(&world, ACME, Method::PATCH, &alex, &on).await;
    assert_eq!(answer.json[AGENT]["state"], "ready", "{}", answer.body);
    let session = world.session().await;
    look(&world, &session, "state")
        .send()
        .await
        .is_problem("sign_in_needed");

    // Removed altogether.
    let gone = ask(&world, ACME, Method::DELETE, &alex).send().await;
    assert_eq!((gone.status, gone.body.as_str()), (204, ""));
    world
        .dial(&session, &body)
        .send()
        .await
        .is_problem("session_expired");
    is_out(&world, "005ALEX").await;
    is_refusal(&get(&world, ACME, &alex).await, 404, None);
    is_refusal(
        &ask(&world, ACME, Method::DELETE, &alex).send().await,
        404,
        None,
    );
}

#[tokio::test]
async fn who_was_switched_off_stays_out_until_the_identity_provider_says_active_itself() {
    let world = world().await;
    let mut alex = user("alex@acme.example", "005ALEX");
    let (path, _) = provisioned(&world, ACME, &alex).await;
    let off = patch(json!([{ "op": "replace", "path": "active", "value": false }]));
    send(&world, ACME, Method::PATCH, &path, &off).await;
    alex.as_object_mut().unwrap().remove("active");
    alex["displayName"] = json!("Canary renamed");
    let answer = send(&world, ACME, Method::PUT, &path, &alex).await;
    assert_eq!(answer.json["displayName"], "Canary renamed");
    assert_eq!(answer.json["active"], false, "{}", answer.body);
    assert_eq!(answer.json[AGENT]["state"], "inactive");
    is_out(&world, "005ALEX").await;
    // As the schema's URN names it, too, and in any case.
    alex[format!("{USER}:ACTIVE")] = json!("True");
    let answer = send(&world, ACME, Method::PUT, &path, &alex).await;
    assert_eq!(answer.json["active"], true, "{}", answer.body);
    world.session_of("005ALEX").await;
    alex.as_object_mut()
        .unwrap()
        .remove(&format!("{USER}:ACTIVE"));
    let answer = send(&world, ACME, Method::PUT, &path, &alex).await;
    assert_eq!(answer.json["active"], true, "{}", answer.body);
    // Who is new is in, unless something else is said.
    let sam = json!({ "userName": "sam", "externalId": "005SAM" });
    let (_, answer) = provisioned(&world, ACME, &sam).await;
    assert_eq!(answer.json["active"], true, "{}", answer.body);
}

#[tokio::test]
async fn an_agent_whom_the_identity_provider_spells_otherwise_is_nobody_else() {
    let world = world().await;
    // The configuration has them without hyphens.
    let mut alex = user("alex@acme.example", "005ALEX");
    alex[AGENT] = json!({ "agent": "0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9" });
    let (path, answer) = provisioned(&world, ACME, &alex).await;
    assert_eq!(answer.json[AGENT]["state"], "ready", "{}", answer.body);
    let session = world.session_of("005ALEX").await;
    let plain =
        patch(json!([{ "op": "replace", "path": format!("{AGENT}:agent"), "value": ALEX }]));
    let answer = send(&world, ACME, Method::PATCH, &path, &plain).await;
    assert_eq!(answer.json[AGENT]["agent"], ALEX, "{}", answer.body);
    let dialled = world.dial(&session, &json!({ "number": NUMBER })).send();
    dialled.await.is_outcome("accepted", None);
}

#[tokio::test]
async fn an_agent_is_named_by_the_identity_provider_or_found_at_the_platform_or_it_is_said_why_not()
{
    let world = world().await;
    let state = |answer: &Answer| answer.json[AGENT]["state"].as_str().unwrap().to_owned();
    // Named: whoever the platform has for them is not asked for.
    let mut kim = user("kim@acme.example", "005KIM");
    kim[AGENT] = json!({ "agent": SAM });
    let (kim_path, answer) = provisioned(&world, ACME, &kim).await;
    assert_eq!(state(&answer), "ready");
    assert_eq!(answer.json[AGENT]["agent"], SAM);
    assert!(world.seen("/api/v2/agents").await.is_empty());
    let session = world.session_of("005KIM").await;
    let body = json!({ "number": NUMBER });
    let dialled = world.dial(&session, &body).send().await;
    dialled.is_outcome("accepted", None);
    assert_eq!(
        world
            .seen(&format!("/api/v2/agents/{SAM}/calls"))
            .await
            .len(),
        1
    );
    // Somebody else there from now on: they sign in anew.
    let other =
        patch(json!([{ "op": "Replace", "path": format!("{AGENT}:agent"), "value": ALEX }]));
    let answer = send(&world, ACME, Method::PATCH, &kim_path, &other).await;
    assert_eq!(answer.json[AGENT]["agent"], ALEX, "{}", answer.body);
    world
        .dial(&session, &body)
        .send()
        .await
        .is_problem("session_expired");
    let wrong =
        patch(json!([{ "op": "Replace", "path": format!("{AGENT}:agent"), "value": "no id" }]));
    let answer = send(&world, ACME, Method::PATCH, &kim_path, &wrong).await;
    is_refusal(&answer, 400, Some("invalidValue"));

    // Found, or not.
    let (_, answer) = provisioned(&world, ACME, &user("sam", "005SAM")).await;
    assert_eq!(state(&answer), "ready");
    let (_, answer) = provisioned(&world, ACME, &user("nobody", "005NOBODY")).await;
    assert_eq!(state(&answer), "no_agent");
    assert!(
        answer.json[AGENT]["detail"]
            .as_str()
            .unwrap()
            .contains("sourceId")
    );
    is_out(&world, "005NOBODY").await;
    let mut nameless = user("nameless", "x");
    nameless["externalId"] = Value::Null;
    let (_, answer) = provisioned(&world, ACME, &nameless).await;
    assert_eq!(state(&answer), "no_subject");
    let agent = |id: &str| json!({ "id": id, "name": "Two", "sourceId": "005TWO" });
    let two =
        json!({ "items": [agent(ALEX), agent(SAM)], "pagination": { "pages": 1, "current": 1 } });
    let two = json!({ "status": { "code": 200, "body": two.to_string() } });
    world.fault("/api/v2/agents", two).await;
    let (_, answer) = provisioned(&world, ACME, &user("two", "005TWO")).await;
    assert_eq!(state(&answer), "several_agents");
    is_out(&world, "005TWO").await;
    world
        .fault("/api/v2/agents", json!({ "status": { "code": 503 } }))
        .await;
    let (late, answer) = provisioned(&world, ACME, &user("alex", "005ALEX")).await;
    assert_eq!(state(&answer), "not_asked");

    // Who was put right at the platform need not be provisioned anew, but the platform is not asked at each try.
    world.faults(json!([])).await;
    let before = world.seen("/api/v2/agents").await.len();
    let answer = get(&world, ACME, &late).await;
    assert_eq!(state(&answer), "not_asked", "reading asks nobody");
    assert_eq!(world.seen("/api/v2/agents").await.len(), before);
    world.relay.clock.advance(Duration::from_secs(61));
    later_session(&world).await;
    assert_eq!(world.seen("/api/v2/agents").await.len(), before + 1);
    assert_eq!(state(&get(&world, ACME, &late).await), "ready");
    later_session(&world).await;
    assert_eq!(world.seen("/api/v2/agents").await.len(), before + 1);
}

#[tokio::test]
async fn who_was_found_at_the_platform_is_looked_up_again_once_a_day() {
    let world = world().await;
    let (path, answer) = provisioned(&world, ACME, &user("alex", "005ALEX")).await;
    assert_eq!(answer.json[AGENT]["state"], "ready", "{}", answer.body);
    let asked = async || world.seen("/api/v2/agents").await.len();
    let first = asked().await;
    let mapped = async || {
        let lines = world.relay.shared().store.mappings().await.unwrap();
        lines.into_iter().map(|line| line.agent).collect::<Vec<_>>()
    };
    world.relay.clock.advance(Duration::from_secs(23 * 60 * 60));
    later_session(&world).await;
    assert_eq!(asked().await, first, "that was today");
    // It does not answer: they stay who they were, and it is not asked at each try.
    let silent = json!({ "status": { "code": 503 } });
    world.fault("/api/v2/agents", silent).await;
    world.relay.clock.advance(Duration::from_secs(2 * 60 * 60));
    later_session(&world).await;
    let in_vain = asked().await;
    assert!(in_vain > first);
    later_session(&world).await;
    assert_eq!(asked().await, in_vain);
    assert_eq!(mapped().await, [ALEX]);
    // It says that nobody has their id any more.
    let nobody = json!({ "items": [], "pagination": { "pages": 1, "current": 1 } });
    let nobody = json!({ "status": { "code": 200, "body": nobody.to_string() } });
    world.fault("/api/v2/agents", nobody).await;
    world.relay.clock.advance(Duration::from_secs(25 * 60 * 60));
    later_session(&world).await;
    assert_eq!(asked().await, in_vain + 1);
    assert_eq!(mapped().await, [""; 0]);
    let answer = get(&world, ACME, &path).await;
    assert_eq!(answer.json[AGENT]["state"], "no_agent", "{}", answer.body);
}

#[tokio::test]
async fn what_a_group_may_do_its_members_may_for_as_long_as_they_are_in_it() {
    let world = world().await;
    let id = AgentId {
        org: "acme".into(),
        sub: "005ALEX".into(),
    };
    let relay = world.relay.shared().clone();
    let may = async || agents::of(&relay, &id).await.unwrap().may.clone();
    let (path, _) = provisioned(&world, ACME, &user("alex@acme.example", "005ALEX")).await;
    let alex = path.rsplit('/').next().unwrap();
    assert_eq!(may().await, BTreeSet::new());
    // Okta: the group first, then its members.
    let made = send(
        &world,
        ACME,
        Method::POST,
        GROUPS,
        &json!({ "displayName": "SUPERVISORS", "externalId": "g1" }),
    )
    .await;
    assert_eq!(made.status, 201, "{}", made.body);
    let group = format!("{GROUPS}/{}", made.json["id"].as_str().unwrap());
    let change = async |operations: Value| {
        let answer = send(&world, ACME, Method::PATCH, &group, &patch(operations)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer
    };
    change(json!([{ "op": "Add", "path": "members", "value": [{ "$ref": null, "value": alex }] }]))
        .await;
    let both = BTreeSet::from([Permission::Recordings, Permission::Supervisor]);
    assert_eq!(may().await, both);
    let member = filtered(
        GROUPS,
        &format!(
            "id eq \"{}\" and members eq \"{alex}\"",
            made.json["id"].as_str().unwrap()
        ),
    );
    assert_eq!(get(&world, ACME, &member).await.json["totalResults"], 1);
    let without = get(
        &world,
        ACME,
        &format!("{GROUPS}?excludedAttributes=members"),
    )
    .await;
    assert_eq!(without.json["Resources"][0]["members"], Value::Null);
    let whole = get(&world, ACME, &group).await;
    assert_eq!(whole.json["members"][0]["value"], alex);
    // Another name is another group for the configuration.
    change(json!([{ "op": "replace", "value": { "displayName": "Leads" } }])).await;
    assert_eq!(may().await, BTreeSet::new());
    change(json!([{ "op": "replace", "path": "displayName", "value": "Supervisors" }])).await;
    assert_eq!(may().await, both);
    change(json!([{ "op": "remove", "path": format!("members[value eq \"{alex}\"]") }])).await;
    assert_eq!(may().await, BTreeSet::new());

    let twice = send(
        &world,
        ACME,
        Method::POST,
        GROUPS,
        &json!({ "displayName": "supervisors" }),
    )
    .await;
    is_refusal(&twice, 409, Some("uniqueness"));
    let unknown =
        patch(json!([{ "op": "add", "path": "members", "value": [{ "value": "per_none" }] }]));
    let answer = send(&world, ACME, Method::PATCH, &group, &unknown).await;
    is_refusal(&answer, 400, Some("invalidValue"));
    // Who is removed is in no group; who comes back is not in by that.
    change(json!([{ "op": "replace", "path": "members", "value": [{ "value": alex }] }])).await;
    let before = get(&world, ACME, &group).await.header("etag").to_owned();
    ask(&world, ACME, Method::DELETE, &path).send().await;
    let known = ask(&world, ACME, Method::GET, &group).header("If-None-Match", &before);
    let after = known.send().await;
    assert_eq!((after.status, &after.json["members"]), (200, &json!([])));
    let seen = ask(&world, ACME, Method::DELETE, &group).header("If-Match", &before);
    is_refusal(&seen.send().await, 412, None);
    let gone = ask(&world, ACME, Method::DELETE, &group).send().await;
    assert_eq!(gone.status, 204);
}

#[tokio::test]
async fn others_may_dial_where_the_configuration_says_so_but_not_who_was_switched_off() {
    let world = world().await;
    let id = |org: &str, sub: &str| AgentId {
        org: org.into(),
        sub: sub.into(),
    };
    let relay = world.relay.shared().clone();
    let code = async |org: &str, sub: &str| match agents::of(&relay, &id(org, sub)).await {
        Ok(_) => "in",
        Err(problem) => problem.code().as_str(),
    };
    assert_eq!(code("acme", "005SAM").await, "agent_unknown");
    assert_eq!(code("globex", "contractor").await, "in");
    let mut contractor = user("contractor", "e1");
    contractor["active"] = json!(false);
    let (path, answer) = provisioned(&world, GLOBEX, &contractor).await;
    assert_eq!(answer.json[AGENT]["state"], "inactive");
    assert_eq!(code("globex", "contractor").await, "agent_unknown");
    ask(&world, GLOBEX, Method::DELETE, &path).send().await;
    assert_eq!(code("globex", "contractor").await, "in");
}

#[tokio::test]
async fn what_a_file_said_before_does_not_take_away_what_the_identity_provider_says() {
    let world = world().await;
    let import = async |csv: &str| {
        let relay = world.relay.shared();
        let now = relay.clock.now();
        // As the command reads it, beside the relay.
        let text = scim(&config(&world.sandbox.url()));
        let parsed = Config::parse(&text, world.folder.path(), &Environment::default()).unwrap();
        let lines = agents::import::read_csv(csv.as_bytes(), &parsed, now).unwrap();
        let stored = agents::import::store(&relay.store, &relay.config, "csv", None, lines, now);
        stored.await.unwrap()
    };
    let head = "org,sub,account,agent,name\n";
    import(&format!("{head}acme,005KIM,babelforce,{SAM},\n")).await;
    is_out(&world, "005KIM").await;
    let mut kim = user("kim", "005KIM");
    kim[AGENT] = json!({ "agent": SAM });
    let (path, _) = provisioned(&world, ACME, &kim).await;
    world.session_of("005KIM").await;
    import(head).await;
    world.session_of("005KIM").await;
    ask(&world, ACME, Method::DELETE, &path).send().await;
    is_out(&world, "005KIM").await;
    let left = world.relay.shared().store.mappings().await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}
