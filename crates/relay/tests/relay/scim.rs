//! An identity provider provisions who may dial (SCIM 2.0), as Entra ID and Okta ask.

use std::collections::BTreeSet;
use std::path::Path;

use patchcord_relay::config::{Config, Environment};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Browser, TOKEN, with_admin};
use crate::panel::{ALEX, SAM};
use crate::support::{Answer, Ask, World, assertion, config};

pub const ACME: &str = "canary-scim-token-of-acme-0123456789";
const OLD: &str = "canary-old-scim-token-of-acme-0123456";
pub const GLOBEX: &str = "canary-scim-token-of-globex-01234567";
pub const USERS: &str = "/scim/v2/Users";
pub const GROUPS: &str = "/scim/v2/Groups";
pub const AGENT: &str = "urn:ietf:params:scim:schemas:extension:patchcord:2.0:User";
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
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

pub async fn world() -> World {
    World::with(|config| scim(&config)).await
}

pub fn ask(world: &World, token: &str, method: Method, path: &str) -> Ask {
    world.ask(method, path).bearer(token)
}

pub async fn send(world: &World, token: &str, method: Method, path: &str, body: &Value) -> Answer {
    ask(world, token, method, path)
        .text("application/scim+json", body.to_string())
        .send()
        .await
}

pub async fn get(world: &World, token: &str, path: &str) -> Answer {
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

pub fn patch(operations: Value) -> Value {
    json!({ "schemas": [PATCH], "Operations": operations })
}

#[track_caller]
pub fn is_refusal(answer: &Answer, status: u16, word: Option<&str>) {
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

pub fn filtered(path: &str, filter: &str) -> String {
    let query = [("filter", filter), ("startIndex", "1"), ("count", "100")];
    let url = reqwest::Url::parse_with_params("http://x.test/", query).unwrap();
    format!("{path}?{}", url.query().unwrap())
}

pub async fn is_out(world: &World, sub: &str) {
    let refused = world.open_session(&assertion(sub)).await;
    refused.is_problem("agent_unknown");
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

#[tokio::test]
async fn the_audit_log_says_who_became_whom_and_who_came_and_went() {
    let world = world().await;
    let mut kim = user("kim@acme.example", "005KIM");
    kim[AGENT] = json!({ "agent": SAM });
    let (path, _) = provisioned(&world, ACME, &kim).await;
    let id = path.rsplit('/').next().unwrap();
    let other =
        patch(json!([{ "op": "replace", "path": format!("{AGENT}:agent"), "value": ALEX }]));
    send(&world, ACME, Method::PATCH, &path, &other).await;
    let off = patch(json!([{ "op": "replace", "path": "active", "value": false }]));
    send(&world, ACME, Method::PATCH, &path, &off).await;
    let group = json!({ "displayName": "Supervisors", "members": [{ "value": id }] });
    let made = send(&world, ACME, Method::POST, GROUPS, &group).await;
    let group = format!("{GROUPS}/{}", made.json["id"].as_str().unwrap());
    let nobody = patch(json!([{ "op": "remove", "path": "members" }]));
    send(&world, ACME, Method::PATCH, &group, &nobody).await;
    let renamed = patch(json!([{ "op": "replace", "path": "externalId", "value": "005KIM2" }]));
    send(&world, ACME, Method::PATCH, &path, &renamed).await;

    let log = world.relay.shared().store.audit(0, 0, 1000).await.unwrap();
    let log = log
        .iter()
        .filter(|entry| entry.actor == "identity provider of acme");
    let lines: Vec<(&str, &str, Value)> = log
        .map(|entry| {
            let detail = serde_json::from_str(entry.detail.as_deref().unwrap()).unwrap();
            (entry.action.as_str(), entry.subject.as_str(), detail)
        })
        .collect();
    let people: Vec<_> = lines
        .iter()
        .filter(|(action, ..)| action.starts_with("person"))
        .map(|(_, subject, detail)| {
            assert_eq!(detail["person"], id);
            let told = |key: &str| detail[key].clone();
            let agents = json!([told("agent_before"), told("agent")]);
            let active = json!([told("active_before"), told("active")]);
            (*subject, agents, active)
        })
        .collect();
    // The line of a new id is under the old one, too: an erasure finds both.
    let off = (json!([null, null]), json!([false, false]));
    assert_eq!(
        people,
        [
            ("acme/005KIM", json!([null, SAM]), json!([null, true])),
            ("acme/005KIM", json!([SAM, ALEX]), json!([true, true])),
            ("acme/005KIM", json!([ALEX, null]), json!([true, false])),
            ("acme/005KIM", off.0.clone(), off.1.clone()),
            ("acme/005KIM2", off.0, off.1),
        ]
    );
    let groups: Vec<_> = lines
        .iter()
        .filter(|(action, ..)| action.starts_with("group"))
        .map(|(_, _, detail)| (detail["added"].clone(), detail["removed"].clone()))
        .collect();
    assert_eq!(groups, [(json!([id]), json!([])), (json!([]), json!([id]))]);
}

#[tokio::test]
async fn nobody_is_promised_to_get_in_whom_the_configuration_keeps_out() {
    let world = World::with(|config| with_admin(scim(&config))).await;
    let mut twice = user("twice@acme.example", "005TWICE");
    twice[AGENT] = json!({ "agent": SAM });
    let (_, answer) = provisioned(&world, ACME, &twice).await;
    let detail = answer.json[AGENT]["detail"].as_str().unwrap();
    assert!(detail.contains("unless"), "{detail}");
    let refused = world.open_session(&assertion("005TWICE")).await;
    refused.is_problem("agent_ambiguous");
    let browser = Browser::signed_in(&world, TOKEN).await;
    let shown = browser.get("/admin/provisioning").await.body;
    assert!(shown.contains("agent ambiguous"), "{shown}");
    assert!(
        shown.contains("agents list") && !shown.contains("ready"),
        "{shown}"
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
