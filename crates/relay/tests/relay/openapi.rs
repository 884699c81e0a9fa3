//! The relay's own description is whole.

use reqwest::Method;
use serde_json::Value;

use crate::support::{SIGNING_SECRET, World};

const ROUTES: &[(&str, &[&str])] = &[
    ("/healthz", &["get"]),
    ("/readyz", &["get"]),
    (
        "/v1/agent/{provider}/babelconnect.v1.Agent/Authenticate",
        &["post"],
    ),
    ("/v1/agent/{provider}/babelconnect.v1.Agent/Send", &["post"]),
    (
        "/v1/agent/{provider}/babelconnect.v1.Agent/Subscribe",
        &["post"],
    ),
    ("/v1/agent/{provider}/sign-in", &["delete", "post"]),
    ("/v1/agent/{provider}/v1/agent/history", &["get"]),
    ("/v1/agent/{provider}/v1/agent/phonebook", &["get"]),
    ("/v1/agent/{provider}/v1/agent/state", &["get"]),
    ("/v1/agent/{provider}/v1/agent/transfer-targets", &["get"]),
    ("/v1/callbacks", &["post"]),
    ("/v1/callbacks/{id}", &["delete", "get", "patch"]),
    ("/v1/calls", &["post"]),
    ("/v1/calls/{id}", &["delete", "get"]),
    ("/v1/calls/{id}/variables", &["put"]),
    ("/v1/challenge", &["get"]),
    ("/v1/config", &["get"]),
    ("/v1/events", &["get"]),
    ("/v1/history", &["get"]),
    ("/v1/hosts/{name}/record", &["get"]),
    ("/v1/push", &["post"]),
    ("/v1/recordings/{id}", &["get"]),
    ("/v1/sessions", &["post"]),
    ("/v1/sessions/current", &["delete"]),
    ("/v1/sessions/renew", &["post"]),
    ("/v1/sign-in", &["get"]),
    ("/v1/sign-in/return", &["get"]),
    ("/v1/sign-in/sso", &["get"]),
    ("/v1/slots", &["get"]),
    ("/v1/statistics", &["get"]),
    ("/v1/tasks", &["get"]),
    ("/v1/tasks/unlock", &["post"]),
    ("/v1/tasks/{id}/{action}", &["post"]),
];

/// Every `$ref` in a document.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|inner| references(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| references(inner, found)),
        _ => {}
    }
}

#[tokio::test]
async fn every_route_is_described_with_its_refusals_and_nothing_is_left_open() {
    let world = World::new().await;
    let answer = world.ask(Method::GET, "/openapi.json").send().await;
    assert_eq!(answer.header("content-type"), "application/json");
    let described: Vec<(String, Vec<String>)> = answer.json["paths"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(path, item)| {
            (
                path.clone(),
                item.as_object().unwrap().keys().cloned().collect(),
            )
        })
        .collect();
    let expected: Vec<(String, Vec<String>)> = ROUTES
        .iter()
        .map(|(path, methods)| {
            (
                (*path).to_owned(),
                methods.iter().map(|&method| method.to_owned()).collect(),
            )
        })
        .collect();
    assert_eq!(described, expected);
    for (path, methods) in ROUTES.iter().filter(|(path, _)| path.starts_with("/v1/")) {
        for method in *methods {
            let responses = &answer.json["paths"][path][method]["responses"];
            let refusal =
                &responses["4XX"]["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(refusal, "#/components/schemas/Problem", "{method} {path}");
        }
    }
    let mut found = Vec::new();
    references(&answer.json, &mut found);
    assert!(found.len() > 20);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(
            answer.json.pointer(pointer).is_some(),
            "{reference} is not there"
        );
    }
    assert!(!answer.body.contains(SIGNING_SECRET));
}

#[tokio::test]
async fn every_described_route_is_there() {
    let world = World::new().await;
    for (path, methods) in ROUTES {
        for method in *methods {
            let method: Method = method.to_uppercase().parse().unwrap();
            let answer = world
                .ask(
                    method.clone(),
                    &path.replace("{id}", "x").replace("{provider}", "x"),
                )
                .send()
                .await;
            assert_ne!(answer.json["code"], "not_found", "{method} {path}");
            assert_ne!(answer.json["code"], "method_not_allowed", "{method} {path}");
        }
    }
}
