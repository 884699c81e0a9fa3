//! What an identity provider asks (SCIM 2.0): lists, changes of what was seen, and what is refused.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::scim::{
    ACME, AGENT, GLOBEX, GROUPS, USER, USERS, ask, filtered, get, is_refusal, patch, provisioned,
    send, user, world,
};
use crate::support::Answer;

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
