//! Every request that a desk can make, and everything that the tests' platform tells, against the vendor's
//! published files, where they are at hand: in the folder named by `PATCHCORD_SPECS`, or in `../shared/specs`
//! beside the repository. They are not ours to keep here.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use jsonschema::Validator;
use patchcord_core::desk::action::{Command, Kind};
use patchcord_core::http::Request;
use patchcord_core::provider::{self, desk::Page};
use patchcord_core::secret::Secret;
use patchcord_core::token::{Next, Stored, Tokens};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::examples::{example, number};
use crate::wire::{self, Platform, desk, sign_in};
use crate::{random, wire::call};

/// A folder that is named has to be there.
fn folder() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("PATCHCORD_SPECS") {
        return Some(named.into());
    }
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/specs");
    beside.is_dir().then_some(beside)
}

/// What is published, read once.
struct Published {
    agent: Value,
    auth: Value,
    /// A validator for `Command`, and for `StateUpdate` as the event schemas have it.
    command: Validator,
    update: Validator,
}

/// `None`, with a word about it, where the files are not at hand.
fn published() -> Option<&'static Published> {
    static PUBLISHED: LazyLock<Option<Published>> = LazyLock::new(|| {
        let Some(folder) = folder() else {
            // Straight to standard error: what a passing test prints with `println` is not shown.
            let note = b"skipped: the published files are not here (see PATCHCORD_SPECS)\n";
            std::io::stderr().write_all(note).unwrap();
            return None;
        };
        let read = |name: &str| {
            let path = folder.join(name);
            let text = std::fs::read_to_string(&path);
            text.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let agent: Value = serde_json::from_str(&read("babelconnect.openapi.json")).unwrap();
        let auth: Value = serde_saphyr::from_str(&read("auth.openapi.yaml")).unwrap();
        let command = json!({"$ref": "#/components/schemas/babelconnect.v1.Command"});
        Some(Published {
            command: validator(&agent, &command),
            update: events(&folder.join("schemas")),
            agent,
            auth,
        })
    });
    PUBLISHED.as_ref()
}

/// A validator for a schema of an OpenAPI document; what the schema does not mention is refused.
fn validator(document: &Value, schema: &Value) -> Validator {
    let mut root = json!({"allOf": [schema], "components": document["components"]});
    for schema in root["components"]["schemas"]
        .as_object_mut()
        .unwrap()
        .values_mut()
    {
        close(schema);
    }
    build(&root)
}

fn build(root: &Value) -> Validator {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(false)
        .build(root)
        .unwrap()
}

/// The generator of the document closes schemas beside `oneOf` too, where that would refuse everything; and
/// leaves open those that are written by hand.
fn close(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else {
        return;
    };
    let composed = members.contains_key("oneOf") || members.contains_key("allOf");
    if composed {
        members.remove("additionalProperties");
        members.insert("unevaluatedProperties".to_owned(), json!(false));
    } else if members.contains_key("properties") && !members.contains_key("additionalProperties") {
        members.insert("additionalProperties".to_owned(), json!(false));
    }
}

/// A validator for what the stream tells, from the JSON Schemas that stand in a file each.
fn events(folder: &Path) -> Validator {
    let mut all = Map::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.replace(
            "\"$ref\": \"babelconnect",
            "\"$ref\": \"#/$defs/babelconnect",
        );
        let mut schema: Value = serde_json::from_str(&text).unwrap();
        schema.as_object_mut().unwrap().remove("$id");
        all.insert(name, schema);
    }
    build(&json!({
        "$ref": "#/$defs/babelconnect.v1.StateUpdate.jsonschema.json",
        "$defs": all,
    }))
}

fn check(what: &str, validator: &Validator, value: &Value) {
    let problems: Vec<String> = validator
        .iter_errors(value)
        .map(|problem| format!("{}: {problem}", problem.instance_path()))
        .collect();
    assert!(problems.is_empty(), "{what}: {problems:#?}\n{value:#}");
}

/// The operation that a request is, by its path.
fn operation<'a>(document: &'a Value, method: &str, path: &str) -> &'a Value {
    let paths = document["paths"].as_object().unwrap();
    let fits = |template: &str| {
        template.split('/').count() == path.split('/').count()
            && template
                .split('/')
                .zip(path.split('/'))
                .all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
    };
    let found = paths.iter().find(|(template, _)| fits(template));
    let (_, operations) = found.unwrap_or_else(|| panic!("{path} is not published"));
    let operation = &operations[method.to_lowercase()];
    assert!(operation.is_object(), "{method} {path} is not published");
    operation
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes().iter();
    while let Some(&byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [*rest.next().unwrap(), *rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

/// Method, address, headers, query and body of a request, each as published.
fn check_request(document: &Value, request: &Request) {
    let address = request
        .url
        .strip_prefix("https://agent.example.com")
        .unwrap();
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let operation = operation(document, request.method.as_str(), path);
    let mut query = pairs(query);
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let parameter = resolved(document, parameter);
        let name = parameter["name"].as_str().unwrap();
        let given = match parameter["in"].as_str().unwrap() {
            "query" => query.remove(name),
            "header" => request
                .headers
                .iter()
                .find(|(header, _)| *header == name)
                .map(|(_, value)| (*value).to_owned()),
            _ => continue,
        };
        let required = parameter["required"] == true;
        assert!(given.is_some() || !required, "{address}: {name} is missing");
        if let Some(given) = given {
            let schema = resolved(document, &parameter["schema"]);
            let is_number = schema["type"] == "integer" || schema["type"] == "number";
            let given = if is_number {
                serde_json::from_str(&given).unwrap()
            } else {
                json!(given)
            };
            check(name, &build(schema), &given);
        }
    }
    assert!(query.is_empty(), "{address}: {query:?} is not published");
    let wanted = &operation["requestBody"];
    let Some(body) = &request.body else {
        assert_ne!(wanted["required"], true, "{address}: no body");
        return;
    };
    let kind = body.content_type();
    let schema = &wanted["content"][kind]["schema"];
    assert!(schema.is_object(), "{address}: {kind} is not published");
    let sent = if kind == "application/json" {
        serde_json::from_str(body.text()).unwrap()
    } else {
        serde_json::to_value(pairs(body.text())).unwrap()
    };
    let mut schema = schema.clone();
    close(&mut schema);
    check(address, &validator(document, &schema), &sent);
}

fn token() -> Secret {
    Secret::new("access")
}

fn body(request: &Request) -> Value {
    serde_json::from_str(request.body.as_ref().unwrap().text()).unwrap()
}

#[test]
fn every_command_is_as_published() {
    let Some(published) = published() else {
        return;
    };
    let mut commands: Vec<Command> = Kind::ALL
        .iter()
        .map(|&kind| Command::from(example(kind)))
        .collect();
    commands.extend(desk().set_up(Some(&number("+4930111111"))));
    commands.push(Command::Pong(u64::MAX));
    let mut arms = std::collections::BTreeSet::new();
    for command in commands {
        let request = desk().send(&command, &token()).unwrap();
        check_request(&published.agent, &request);
        arms.extend(body(&request).as_object().unwrap().keys().cloned());
    }
    let all = published.agent["components"]["schemas"]["babelconnect.v1.Command"]["oneOf"]
        .as_array()
        .unwrap();
    let all = all.iter().map(|arm| arm["title"].as_str().unwrap());
    let all: std::collections::BTreeSet<String> = all.map(camel).collect();
    assert_eq!(arms, all, "every command of the published document is sent");
}

fn camel(snake: &str) -> String {
    let mut parts = snake.split('_');
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |name, part| {
        let (head, tail) = part.split_at(1);
        name + &head.to_uppercase() + tail
    })
}

#[test]
fn every_question_is_as_published() {
    let Some(published) = published() else {
        return;
    };
    let desk = desk();
    let page = Page {
        number: 2,
        size: 50,
    };
    let stored = Stored {
        access: token(),
        expires_at: 0,
        refresh: Some(Secret::new("refresh")),
    };
    let mut requests = vec![
        desk.who(&token()),
        desk.state(&token()),
        desk.targets("Kim & co", &token()),
        desk.history(page, &token()),
        desk.phonebook("Tom", page, &token()),
        sign_in().sso("acme/x", None),
        sign_in().sso("acme", Some("https://app.example.com/cb")),
        sign_in().sso_token("acme", &Secret::new("a code")),
    ];
    requests.extend(sign_in().sign_out(&stored));
    for request in requests {
        check_request(&published.agent, &request);
    }
}

#[test]
fn the_stream_is_asked_for_as_published() {
    let Some(published) = published() else {
        return;
    };
    let request = desk().stream(&token());
    let path = request
        .url
        .strip_prefix("https://agent.example.com")
        .unwrap();
    let operation = operation(&published.agent, "POST", path);
    let content = &operation["requestBody"]["content"][request.content_type];
    let mut decoder = patchcord_core::connect::Decoder::default();
    decoder.feed(&request.body);
    let Some(patchcord_core::connect::Frame::Message(body)) = decoder.next_frame().unwrap() else {
        panic!("no message");
    };
    let body: Value = serde_json::from_slice(body).unwrap();
    check(
        path,
        &validator(&published.agent, &content["schema"]),
        &body,
    );
    let required = operation["parameters"].as_array().unwrap().iter();
    let required = required.filter(|parameter| parameter["required"] == true);
    for parameter in required {
        let name = parameter["name"].as_str().unwrap();
        assert!(request.headers.iter().any(|(header, _)| *header == name));
    }
}

/// The Agent API's own document describes the password grant alone; the sign-in of agents is in the document
/// about authorization, which the same address serves.
#[test]
fn signing_in_is_as_published() {
    let Some(published) = published() else {
        return;
    };
    let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    let redirect = "https://app.example.com/cb";
    let page = sign_in().sign_in_page(redirect, &verifier, "state");
    check_request(&published.auth, &Request::get(page));

    let config = sign_in().sign_in(Secret::new("code"), redirect, verifier);
    let mut tokens = Tokens::new(config);
    let Next::Send(request) = tokens.next(0) else {
        panic!("no request");
    };
    check_request(&published.auth, &request);
    let reply = patchcord_core::http::Response::json(
        200,
        r#"{"access_token":"a","token_type":"bearer","expires_in":60,"refresh_token":"r"}"#,
    );
    tokens.replied(0, Ok(reply));
    tokens.stored();
    let Next::Send(request) = tokens.next(40_000) else {
        panic!("no request");
    };
    check_request(&published.auth, &request);
    check_request(&published.auth, &tokens.revoke().unwrap());
}

#[test]
fn what_the_tests_platform_tells_is_as_published() {
    let Some(published) = published() else {
        return;
    };
    let mut platform = Platform::idle();
    let mut told = vec![platform.snapshot()];
    told.push(platform.call(call("c1", "RINGING")));
    told.push(platform.patch(json!({"conferenceUpsert": wire::conference(true)})));
    told.push(json!({"seq": "2", "keepalive": {}}));
    told.push(json!({"ping": {"seq": 7}}));
    told.push(json!({"error": {"code": "no_call", "message": "x", "callId": "c1"}}));
    for update in &told {
        check("update", &published.update, update);
    }
}

#[test]
fn the_check_finds_what_is_wrong() {
    let Some(published) = published() else {
        return;
    };
    for wrong in [
        json!({}),
        json!({"hold": {"callId": 1}}),
        json!({"hold": {"callId": "c", "to": true}}),
        json!({"holds": {"callId": "c"}}),
        json!({"hold": {"callId": "c"}, "mute": {"callId": "c"}}),
        json!({"placeCall": {"to": "+49", "session": {"n": 1}}}),
    ] {
        assert!(!published.command.is_valid(&wrong), "{wrong}");
    }
    let right = json!({"hold": {"callId": "c", "on": true}});
    assert!(published.command.is_valid(&right));
    let wrong = json!({"seq": 1, "patch": {"callUpsert": {"id": 1}}});
    assert!(!published.update.is_valid(&wrong));
}

proptest! {
    #[test]
    fn any_action_is_sent_as_published_and_read_back_the_same(action in random::action()) {
        let command = Command::from(action);
        let sent = |command: &Command| body(&desk().send(command, &token()).unwrap());
        let written = sent(&command);
        let read = provider::read_command("babelforce", written.to_string().as_bytes()).unwrap();
        prop_assert_eq!(&written, &sent(&read));
        if let Some(published) = published() {
            check("command", &published.command, &written);
        }
    }

    #[test]
    fn any_patch_of_the_generator_is_as_published(patch in random::patch()) {
        if let Some(published) = published() {
            check("patch", &published.update, &json!({"seq": 2, "patch": patch}));
        }
    }
}
