//! An identity provider provisions who may dial (SCIM 2.0), as Entra ID and Okta ask.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use patchcord_relay::agents;
use patchcord_relay::config::{AgentId, Config, Environment, Permission};
use reqwest::Method;
use serde_json::{Value, json};

use crate::agent_tokens::later_session;
use crate::browser::{Browser, TOKEN, with_admin};
use crate::panel::{ALEX, SAM, Stream, look, signed_in, world_with};
use crate::support::{Answer, Ask, NUMBER, World, assertion, config, eventually};

pub const ACME: &str = "canary-scim-token-of-acme-0123456789";
const OLD: &str = "canary-old-scim-token-of-acme-0123456";
const GLOBEX: &str = "canary-scim-token-of-globex-01234567";
const USERS: &str = "/scim/v2/Users";
const GROUPS: &str = "/scim/v2/Groups";
const AGENT: &str = "urn:ietf:params:scim:schemas:extension:patchcord:2.0:User";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// The configuration with two identity providers.
pub fn scim(config: &str) -> String {
    format!(
        r#"{config}
[[scim]]
org = "acme"
token = "{ACME}"
old_token = "{OLD}"
account = "babelforce"
look_up = "source_id"
groups = [{{ name = "Supervisors", may = ["supervisor", "recordings"] }}]

[[scim]]
org = "globex"
token = "{GLOBEX}"
account = "samespace"
subject = "user_name"
others = "allowed"

[[agent]]
org = "globex"
sub = "contractor"
identities = [{{ account = "samespace", agent = "sam@acme" }}]
"#
    )
}

async fn world() -> World {
    World::with(|config| scim(&config)).await
}

pub fn ask(world: &World, token: &str, method: Method, path: &str) -> Ask {
    world.ask(method, path).bearer(token)
}

async fn send(world: &World, token: &str, method: Method, path: &str, body: &Value) -> Answer {
    ask(world, token, method, path)
        .text("application/scim+json", body.to_string())
        .send()
        .await
}

async fn get(world: &World, token: &str, path: &str) -> Answer {
    ask(world, token, Method::GET, path).send().await
}

/// Somebody as Entra ID sends them.
pub fn user(name: &str, external_id: &str) -> Value {
    json!({
        "schemas": [USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "userName": name, "externalId": external_id, "active": true,
        "displayName": format!("Canary {external_id}"),
        "emails": [{ "primary": true, "type": "work", "value": "canary-mail@acme.example" }],
        "phoneNumbers": [{ "type": "work", "value": "+4930555666777" }],
        "meta": { "resourceType": "User" },
        "name": { "formatted": "C.", "familyName": "Canary", "givenName": external_id },
    })
}

/// Provisions somebody; their id and what was answered.
pub async fn provisioned(world: &World, token: &str, body: &Value) -> (String, Answer) {
    let answer = send(world, token, Method::POST, USERS, body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let id = answer.json["id"].as_str().unwrap().to_owned();
    (format!("{USERS}/{id}"), answer)
}

fn patch(operations: Value) -> Value {
    json!({ "schemas": [PATCH], "Operations": operations })
}

#[track_caller]
fn is_refusal(answer: &Answer, status: u16, word: Option<&str>) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/scim+json");
    assert_eq!(answer.json["status"], status.to_string());
    assert_eq!(answer.json["scimType"].as_str(), word, "{}", answer.body);
    let schema = "urn:ietf:params:scim:api:messages:2.0:Error";
    assert_eq!(answer.json["schemas"], json!([schema]));
    assert!(
        answer.json["detail"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
    assert!(!answer.header("x-request-id").is_empty());
}

fn filtered(path: &str, filter: &str) -> String {
    let query = [("filter", filter), ("startIndex", "1"), ("count", "100")];
    let url = reqwest::Url::parse_with_params("http://x.test/", query).unwrap();
    format!("{path}?{}", url.query().unwrap())
}

async fn is_out(world: &World, sub: &str) {
    let refused = world.open_session(&assertion(sub)).await;
    refused.is_problem("agent_unknown");
}

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
async fn nobody_reaches_the_people_and_groups_of_another_organisation() {
    let world = world().await;
    let (path, _) = provisioned(&world, ACME, &user("alex@acme.example", "005ALEX")).await;
    let group =
        json!({ "displayName": "Supervisors", "members": [{ "value": path.rsplit('/').next() }] });
    let made = send(&world, ACME, Method::POST, GROUPS, &group).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let group_path = format!("{GROUPS}/{}", made.json["id"].as_str().unwrap());

    let off = patch(json!([{ "op": "replace", "path": "active", "value": false }]));
    let whole = user("alex@acme.example", "005ALEX");
    for path in [path.as_str(), &group_path] {
        is_refusal(&get(&world, GLOBEX, path).await, 404, None);
        let gone = ask(&world, GLOBEX, Method::DELETE, path).send().await;
        is_refusal(&gone, 404, None);
    }
    let changed = send(&world, GLOBEX, Method::PATCH, &path, &off).await;
    is_refusal(&changed, 404, None);
    let replaced = send(&world, GLOBEX, Method::PUT, &path, &whole).await;
    is_refusal(&replaced, 404, None);
    for list in [
        USERS.to_owned(),
        GROUPS.to_owned(),
        filtered(USERS, "externalId eq \"005ALEX\""),
    ] {
        assert_eq!(get(&world, GLOBEX, &list).await.json["totalResults"], 0);
    }
    // Nor does anybody get into a group there.
    let stolen =
        json!({ "displayName": "Ours", "members": [{ "value": path.rsplit('/').next() }] });
    let made = send(&world, GLOBEX, Method::POST, GROUPS, &stolen).await;
    is_refusal(&made, 400, Some("invalidValue"));
    // The same names are free there, and mean somebody else.
    let mut theirs = user("alex@acme.example", "005ALEX");
    theirs[AGENT] = json!({ "agent": "sam@acme" });
    let (theirs, answer) = provisioned(&world, GLOBEX, &theirs).await;
    assert_eq!(answer.json[AGENT]["state"], "ready", "{}", answer.body);
    send(&world, GLOBEX, Method::PATCH, &theirs, &off).await;
    world.session_of("005ALEX").await;
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
    ask(&world, ACME, Method::DELETE, &path).send().await;
    assert_eq!(get(&world, ACME, &group).await.json["members"], json!([]));
    let gone = ask(&world, ACME, Method::DELETE, &group).send().await;
    assert_eq!(gone.status, 204);
}

#[tokio::test]
async fn lists_have_pages_filters_and_as_many_attributes_as_are_asked_for() {
    let world = world().await;
    for nth in 0..5 {
        let (_, answer) = provisioned(
            &world,
            GLOBEX,
            &user(&format!("user{nth}"), &format!("e{nth}")),
        )
        .await;
        assert_eq!(answer.json[AGENT]["state"], "no_agent");
        world.relay.clock.advance(Duration::from_secs(1));
    }
    let names = |answer: &Answer| -> Vec<String> {
        let list = answer.json["Resources"].as_array().unwrap();
        list.iter()
            .map(|one| one["userName"].as_str().unwrap().to_owned())
            .collect()
    };
    let page = get(&world, GLOBEX, &format!("{USERS}?startIndex=2&count=2")).await;
    assert_eq!(names(&page), ["user1", "user2"]);
    assert_eq!(
        (
            &page.json["totalResults"],
            &page.json["itemsPerPage"],
            &page.json["startIndex"]
        ),
        (&json!(5), &json!(2), &json!(2))
    );
    for (query, found) in [
        ("startIndex=0&count=100000", 5),
        ("startIndex=-3&count=0", 0),
        ("startIndex=6", 0),
        ("count=-1", 0),
        ("sortBy=userName&unheard=of", 5),
    ] {
        let page = get(&world, GLOBEX, &format!("{USERS}?{query}")).await;
        assert_eq!(
            (names(&page).len(), &page.json["totalResults"]),
            (found, &json!(5)),
            "{query}"
        );
    }
    for (filter, found) in [
        ("userName eq \"USER3\"", 1),
        ("externalId eq \"e3\"", 1),
        ("externalId eq \"E3\"", 0),
        (
            "userName eq \"user3\" and externalId eq \"e3\" and active eq true",
            1,
        ),
        ("userName eq \"user3\" and externalId eq \"e2\"", 0),
        ("userName eq \"user3\" and userName eq \"user2\"", 0),
        ("active eq false", 0),
        (
            "urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"user1\"",
            1,
        ),
        ("id eq \"' OR 1=1 --\"", 0),
    ] {
        let page = get(&world, GLOBEX, &filtered(USERS, filter)).await;
        assert_eq!(page.json["totalResults"], found, "{filter}: {}", page.body);
    }
    for wrong in ["userName co \"u\"", "title eq \"x\"", "userName eq 1", "x"] {
        let answer = get(&world, GLOBEX, &filtered(USERS, wrong)).await;
        is_refusal(&answer, 400, Some("invalidFilter"));
    }
    is_refusal(
        &get(&world, GLOBEX, &format!("{USERS}?count=many")).await,
        400,
        Some("invalidValue"),
    );
    let only = get(
        &world,
        GLOBEX,
        &format!("{USERS}?count=1&attributes=userName,name.givenName"),
    )
    .await;
    let keys = only.json["Resources"][0].as_object().unwrap().keys();
    let keys: BTreeSet<&str> = keys.map(String::as_str).collect();
    let wanted = ["id", "meta", "name", "schemas", "userName"];
    assert_eq!(keys, BTreeSet::from(wanted));
}

#[tokio::test]
async fn a_change_is_for_the_version_that_was_seen_and_nothing_new_is_no_change() {
    let world = world().await;
    let (path, made) = provisioned(&world, ACME, &user("alex@acme.example", "005ALEX")).await;
    assert_eq!(made.header("etag"), "W/\"1\"");
    let known = ask(&world, ACME, Method::GET, &path).header("If-None-Match", "W/\"1\"");
    assert_eq!(known.send().await.status, 304);
    let same = send(
        &world,
        ACME,
        Method::PUT,
        &path,
        &user("alex@acme.example", "005ALEX"),
    )
    .await;
    assert_eq!((same.status, same.header("etag")), (200, "W/\"1\""));
    let renamed = patch(json!([{ "op": "replace", "path": "displayName", "value": "Alexandra" }]));
    let change = |version: &str| {
        ask(&world, ACME, Method::PATCH, &path)
            .header("If-Match", version)
            .text("application/json; charset=utf-8", renamed.to_string())
    };
    let changed = change("W/\"1\"").send().await;
    assert_eq!((changed.status, changed.header("etag")), (200, "W/\"2\""));
    is_refusal(&change("W/\"1\"").send().await, 412, None);
    is_refusal(&change("nonsense").send().await, 412, None);
    assert_eq!(change("*").send().await.status, 200);
    let gone = ask(&world, ACME, Method::DELETE, &path).header("If-Match", "W/\"1\"");
    is_refusal(&gone.send().await, 412, None);
    // A name of their own each, however it is spelled; and an id in the CRM.
    let twice = send(
        &world,
        ACME,
        Method::POST,
        USERS,
        &user("ALEX@acme.example", "other"),
    )
    .await;
    is_refusal(&twice, 409, Some("uniqueness"));
    let twice = send(&world, ACME, Method::POST, USERS, &user("other", "005ALEX")).await;
    is_refusal(&twice, 409, Some("uniqueness"));
    // What was not sent with a whole resource is not there any more.
    let bare =
        json!({ "schemas": [USER], "userName": "alex@acme.example", "externalId": "005ALEX" });
    let replaced = send(&world, ACME, Method::PUT, &path, &bare).await;
    assert_eq!(
        replaced.json["displayName"],
        Value::Null,
        "{}",
        replaced.body
    );
}

#[tokio::test]
async fn many_who_change_the_same_person_at_once_lose_nothing() {
    let world = world().await;
    let (path, _) = provisioned(&world, GLOBEX, &user("alex", "e1")).await;
    let attributes = [
        "displayName",
        "externalId",
        "name.givenName",
        "name.familyName",
    ];
    let changes = attributes.map(|attribute| {
        let body = patch(
            json!([{ "op": "replace", "path": attribute, "value": format!("new {attribute}") }]),
        );
        let (world, path) = (&world, &path);
        async move { send(world, GLOBEX, Method::PATCH, path, &body).await.status }
    });
    assert_eq!(futures_util::future::join_all(changes).await, [200; 4]);
    let now = get(&world, GLOBEX, &path).await.json;
    assert_eq!(now["displayName"], "new displayName");
    assert_eq!(now["externalId"], "new externalId");
    assert_eq!(
        now["name"],
        json!({ "givenName": "new name.givenName", "familyName": "new name.familyName" })
    );
    let body = user("twin", "twin");
    let twins = (0..10).map(|_| send(&world, GLOBEX, Method::POST, USERS, &body));
    let twins = futures_util::future::join_all(twins).await;
    assert_eq!(
        twins.iter().filter(|answer| answer.status == 201).count(),
        1
    );
    assert_eq!(
        twins.iter().filter(|answer| answer.status == 409).count(),
        9
    );
}

#[tokio::test]
async fn whatever_cannot_be_read_is_refused_in_scims_own_shape() {
    let world = world().await;
    let raw = async |content_type: &str, body: &str| {
        ask(&world, ACME, Method::POST, USERS)
            .text(content_type, body.to_owned())
            .send()
            .await
    };
    is_refusal(
        &raw("application/scim+json", "{").await,
        400,
        Some("invalidSyntax"),
    );
    is_refusal(
        &raw("application/scim+json", "[]").await,
        400,
        Some("invalidSyntax"),
    );
    is_refusal(&raw("text/plain", "{}").await, 415, None);
    is_refusal(
        &raw("application/scim+json", "{}").await,
        400,
        Some("invalidValue"),
    );
    let huge = format!("{{\"userName\": \"{}\"}}", "x".repeat(1024 * 1024));
    is_refusal(&raw("application/scim+json", &huge).await, 413, None);
    let nul = json!({ "userName": "a\u{0}b" });
    is_refusal(
        &raw("application/scim+json", &nul.to_string()).await,
        400,
        Some("invalidValue"),
    );
    let deep = format!(
        "{{\"userName\":\"a\",\"x\":{}1{}}}",
        "[".repeat(500),
        "]".repeat(500)
    );
    is_refusal(
        &raw("application/scim+json", &deep).await,
        400,
        Some("invalidSyntax"),
    );
    for path in [
        "/scim/v2/Bulk",
        "/scim/v2/Users/%FF",
        "/scim/v2/Users/%00",
        "/scim/v2/Users/per_x",
        "/scim/v2/Schemas/none",
    ] {
        is_refusal(&get(&world, ACME, path).await, 404, None);
    }
    let method = ask(&world, ACME, Method::PUT, USERS).send().await;
    is_refusal(&method, 405, None);
    let zero = filtered(USERS, "userName eq \"a\\u0000\"");
    is_refusal(&get(&world, ACME, &zero).await, 400, Some("invalidFilter"));
    let group = json!({ "displayName": "G", "members": [{ "value": "\u{0}" }] });
    is_refusal(
        &send(&world, ACME, Method::POST, GROUPS, &group).await,
        400,
        Some("invalidValue"),
    );
    let (path, _) = provisioned(&world, ACME, &user("alex", "005ALEX")).await;
    for (operations, word) in [
        (json!([{ "op": "remove" }]), "noTarget"),
        (
            json!([{ "op": "replace", "path": "nothing", "value": 1 }]),
            "invalidPath",
        ),
        (
            json!([{ "op": "replace", "path": "active", "value": "perhaps" }]),
            "invalidValue",
        ),
        (json!([{ "op": "burn", "path": "active" }]), "invalidSyntax"),
    ] {
        let answer = send(&world, ACME, Method::PATCH, &path, &patch(operations)).await;
        is_refusal(&answer, 400, Some(word));
    }
    // Nothing of a change that is refused is done.
    let half = patch(json!([
        { "op": "replace", "path": "active", "value": false },
        { "op": "replace", "path": "nothing", "value": 1 },
    ]));
    send(&world, ACME, Method::PATCH, &path, &half).await;
    assert_eq!(get(&world, ACME, &path).await.json["active"], true);
}

#[tokio::test]
async fn what_there_is_is_described() {
    let world = world().await;
    let provider = get(&world, ACME, "/scim/v2/ServiceProviderConfig").await;
    assert_eq!(provider.json["patch"]["supported"], true);
    assert_eq!(provider.json["bulk"]["supported"], false);
    for (path, ids) in [
        ("/scim/v2/ResourceTypes", vec!["User", "Group"]),
        (
            "/scim/v2/Schemas",
            vec![USER, "urn:ietf:params:scim:schemas:core:2.0:Group", AGENT],
        ),
    ] {
        let list = get(&world, ACME, path).await;
        assert_eq!(list.json["totalResults"], ids.len());
        for (nth, id) in ids.iter().enumerate() {
            let one = get(&world, ACME, &format!("{path}/{id}")).await;
            assert_eq!(one.status, 200, "{id}");
            assert_eq!(one.json, list.json["Resources"][nth]);
            assert_eq!(one.header("content-type"), "application/scim+json");
        }
    }
    // What a resource has is what its schema says.
    let schema = get(&world, ACME, &format!("/scim/v2/Schemas/{USER}")).await;
    let described: BTreeSet<_> = schema.json["attributes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    let (_, made) = provisioned(&world, ACME, &user("alex", "005ALEX")).await;
    for key in made.json.as_object().unwrap().keys() {
        let common = ["schemas", "id", "meta", AGENT].contains(&key.as_str());
        assert!(common || described.contains(key.as_str()), "{key}");
    }
}

#[tokio::test]
async fn a_token_is_changed_without_a_gap_and_a_wrong_one_keeps_nobody_out() {
    let world = world().await;
    for token in [ACME, OLD] {
        assert_eq!(get(&world, token, USERS).await.status, 200);
    }
    let wrong = async |token: &str| get(&world, token, USERS).await;
    let answer = wrong("canary-scim-token-of-acme-012345678").await;
    is_refusal(&answer, 401, None);
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    is_refusal(&world.ask(Method::GET, USERS).send().await, 401, None);
    is_refusal(&wrong(TOKEN).await, 401, None);
    for _ in 0..17 {
        is_refusal(&wrong("no").await, 401, None);
    }
    is_refusal(&wrong("no").await, 429, None);
    let log = world.relay.shared().store.audit(0, 0, 1000).await.unwrap();
    let failed = log.iter().filter(|entry| entry.action == "sign_in_failed");
    assert_eq!(failed.count(), 20, "and no more is written down");
    // The right one always gets through: nobody can keep the identity provider from switching them off.
    assert_eq!(get(&world, ACME, USERS).await.status, 200);
    let world = world
        .restart_with(|config| config.replace(&format!("old_token = \"{OLD}\"\n"), ""))
        .await;
    assert_eq!(get(&world, ACME, USERS).await.status, 200);
    assert_ne!(get(&world, OLD, USERS).await.status, 200);
    let world = World::new().await;
    let nowhere = get(&world, ACME, USERS).await;
    nowhere.is_problem("not_found");
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

#[tokio::test]
async fn everything_is_in_the_audit_log_without_a_token_and_operators_see_who_is_in_and_why_not() {
    let world = World::with(|config| with_admin(scim(&config))).await;
    let (path, _) = provisioned(&world, ACME, &user("alex@acme.example", "005ALEX")).await;
    provisioned(&world, ACME, &user("<b>nobody", "005NOBODY")).await;
    let alex = path.rsplit('/').next().unwrap();
    let group = json!({ "displayName": "Supervisors", "members": [{ "value": alex }] });
    let group = send(&world, ACME, Method::POST, GROUPS, &group).await;
    assert_eq!(group.status, 201, "{}", group.body);
    let browser = Browser::signed_in(&world, TOKEN).await;
    let shown = browser.get("/admin/provisioning").await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    for words in [
        "Canary 005ALEX",
        "ready",
        "no agent",
        "sourceId",
        "Supervisors",
        "&lt;b&gt;nobody",
        "supervisor",
    ] {
        assert!(shown.body.contains(words), "{words}: {}", shown.body);
    }
    send(
        &world,
        ACME,
        Method::PATCH,
        &path,
        &patch(json!([{ "op": "replace", "path": "active", "value": false }])),
    )
    .await;
    ask(&world, ACME, Method::DELETE, &path).send().await;
    let group = format!("{GROUPS}/{}", group.json["id"].as_str().unwrap());
    ask(&world, ACME, Method::DELETE, &group).send().await;
    let agents_page = browser.get("/admin/agents").await.body;
    assert!(agents_page.contains("does not know"), "{agents_page}");
    let log = world.relay.shared().store.audit(0, 0, 1000).await.unwrap();
    let actions: Vec<&str> = log
        .iter()
        .filter(|entry| entry.actor == "identity provider of acme")
        .map(|entry| entry.action.as_str())
        .collect();
    assert_eq!(
        actions,
        [
            "person_added",
            "person_added",
            "group_added",
            "person_changed",
            "person_removed",
            "group_removed"
        ]
    );
    let text = format!("{log:?}");
    assert!(
        !text.contains("canary") && !text.contains("Canary"),
        "{text}"
    );
}

#[test]
fn a_directory_is_checked_before_anybody_is_served() {
    let path = |from: &str, to: &str| {
        let text = scim(&config("http://127.0.0.1:1"));
        assert!(text.contains(from), "{from}");
        let text = text.replacen(from, to, 1);
        Config::parse(&text, Path::new("."), &Environment::default())
            .map(|config| config.directories.len())
            .map_err(|error| {
                assert!(!error.to_string().contains("canary"), "{error}");
                error.path
            })
    };
    assert_eq!(path("x", "x"), Ok(2));
    for (from, to, wrong) in [
        (ACME, "short", "scim[0].token"),
        (OLD, ACME, "scim[0].old_token"),
        (GLOBEX, OLD, "scim[1].token"),
        (
            "org = \"globex\"\ntoken",
            "org = \"acme\"\ntoken",
            "scim[1].org",
        ),
        (
            "account = \"babelforce\"\nlook_up",
            "account = \"none\"\nlook_up",
            "scim[0].account",
        ),
        (
            "account = \"babelforce\"\nlook_up",
            "account = \"samespace\"\nlook_up",
            "scim[0].look_up",
        ),
        (
            "subject = \"user_name\"",
            "system = \"salesforce\"",
            "scim[1].system",
        ),
        (
            "may = [\"supervisor\", \"recordings\"]",
            "may = []",
            "scim[0].groups[0]",
        ),
        (
            "may = [\"supervisor\", \"recordings\"]",
            "may = [\"everything\"]",
            "scim[0].groups[0].may[0]",
        ),
        (
            "others = \"allowed\"",
            "others = \"canary\"",
            "scim[1].others",
        ),
    ] {
        assert_eq!(path(from, to), Err(wrong.to_owned()), "{from} → {to}");
    }
}
