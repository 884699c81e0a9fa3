//! Our requests and the sandbox's replies against the vendor's published OpenAPI, where its files
//! are at hand: in the folder named by `PATCHCORD_SPECS`, or in `../shared/specs` beside the
//! repository. They are not ours to keep here.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use jsonschema::Validator;
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::running::{AGENT, Answer, PASSWORD, QUEUE, Running, USERNAME, text};

/// One published document.
pub struct Document(Value);

/// An operation and the document it is in.
pub struct Operation<'a> {
    document: &'a Document,
    value: &'a Value,
}

/// A folder that is named has to be there.
fn folder() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("PATCHCORD_SPECS") {
        return Some(named.into());
    }
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/specs");
    beside.is_dir().then_some(beside)
}

/// The documents, read once; `None`, with a word about it, where they are not at hand.
pub fn documents() -> Option<&'static [Document]> {
    let documents = quietly();
    if documents.is_none() {
        // Straight to standard error: what a passing test prints with `println` is not shown.
        let note = b"skipped: the published OpenAPI files are not here (see PATCHCORD_SPECS)\n";
        std::io::stderr().write_all(note).unwrap();
    }
    documents
}

fn quietly() -> Option<&'static [Document]> {
    static DOCUMENTS: LazyLock<Option<Vec<Document>>> = LazyLock::new(|| {
        let folder = folder()?;
        let names = [
            "auth.openapi.yaml",
            "manager.openapi.yaml",
            // Before the other: there `schedules` would be the id of a task.
            "task-schedule.openapi.yaml",
            "task-automation.openapi.yaml",
            "user.openapi.yaml",
            "babelconnect.openapi.json",
        ];
        let read = |name: &str| {
            let path = folder.join(name);
            let text = fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let document = serde_saphyr::from_str(&text);
            Document(document.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        };
        Some(names.into_iter().map(read).collect())
    });
    DOCUMENTS.as_deref()
}

/// A validator for one message of the Agent API, by the JSON schemas of its event plane. They
/// refer to each other by file name; here they are put together.
fn message_validator(name: &str) -> Option<Validator> {
    let folder = folder()?.join("schemas");
    let mut schemas = Map::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let mut schema: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let members = schema.as_object_mut().unwrap();
        members.remove("$id");
        members.remove("$schema");
        point_inside(&mut schema);
        schemas.insert(name, schema);
    }
    let file = format!("babelconnect.v1.{name}.jsonschema.json");
    assert!(schemas.contains_key(&file), "{file}");
    let root = json!({"$ref": format!("#/$defs/{file}"), "$defs": schemas});
    let options = jsonschema::options().should_validate_formats(false);
    Some(options.build(&root).unwrap())
}

fn point_inside(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref")
                && !reference.starts_with('#')
            {
                *reference = format!("#/$defs/{reference}");
            }
            members.values_mut().for_each(point_inside);
        }
        Value::Array(members) => members.iter_mut().for_each(point_inside),
        _ => {}
    }
}

fn problems(validator: &Validator, value: &Value) -> Vec<String> {
    let problems = validator.iter_errors(value);
    problems
        .map(|problem| format!("{}: {problem}", problem.instance_path()))
        .collect()
}

/// Checks a message of the stream, where the schemas are at hand: against the schema of the event
/// plane, and against the one in the OpenAPI document, which also says that it has one arm.
pub fn check_stream_message(message: &Value) {
    static SCHEMA: LazyLock<Option<Validator>> = LazyLock::new(|| message_validator("StateUpdate"));
    static DOCUMENT: LazyLock<Option<Validator>> = LazyLock::new(|| component("StateUpdate"));
    check_message(&SCHEMA, message);
    check_message(&DOCUMENT, message);
}

/// Checks a command that is about to be sent.
pub fn check_command(command: &Value) {
    static SCHEMA: LazyLock<Option<Validator>> = LazyLock::new(|| message_validator("Command"));
    static DOCUMENT: LazyLock<Option<Validator>> = LazyLock::new(|| component("Command"));
    check_message(&SCHEMA, command);
    check_message(&DOCUMENT, command);
}

fn check_message(validator: &Option<Validator>, message: &Value) {
    if let Some(validator) = validator {
        let problems = problems(validator, message);
        assert!(problems.is_empty(), "{problems:#?}\n{message:#}");
    }
}

/// A validator for a schema of the Agent API's OpenAPI document.
fn component(name: &str) -> Option<Validator> {
    let reference = json!({"$ref": format!("#/components/schemas/babelconnect.v1.{name}")});
    let document = quietly()?.last().unwrap();
    Some(document.validator(&reference, Strictness::NothingElse))
}

impl Document {
    /// Follows a `$ref` within the document.
    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.0.pointer(reference.trim_start_matches('#')).unwrap(),
            None => value,
        }
    }

    /// Every schema that `value` refers to, directly or not, by its name.
    fn collect(&self, value: &Value, schemas: &mut Map<String, Value>) {
        match value {
            Value::Object(members) => {
                let reference = members
                    .get("$ref")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                if let Some(name) = reference.strip_prefix("#/components/schemas/")
                    && !schemas.contains_key(name)
                {
                    let schema = self.0["components"]["schemas"][name].clone();
                    schemas.insert(name.to_owned(), schema.clone());
                    self.collect(&schema, schemas);
                }
                members
                    .values()
                    .for_each(|member| self.collect(member, schemas));
            }
            Value::Array(members) => members
                .iter()
                .for_each(|member| self.collect(member, schemas)),
            _ => {}
        }
    }

    /// A validator for a schema of this document. `strict` also refuses what the schema does not
    /// mention, so that a misspelt optional field is found.
    fn validator(&self, schema: &Value, strictness: Strictness) -> Validator {
        let mut schemas = Map::new();
        self.collect(schema, &mut schemas);
        let mut root = json!({"allOf": [schema], "components": {"schemas": schemas}});
        let mut parts = BTreeSet::new();
        collect_parts(&root["components"], &mut parts);
        translate(&mut root);
        if let Strictness::NothingElse = strictness {
            let schemas = root["components"]["schemas"].as_object_mut().unwrap();
            for (name, schema) in schemas {
                close(schema, parts.contains(name));
            }
        }
        jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(false)
            .build(&root)
            .unwrap()
    }
}

#[derive(Clone, Copy)]
enum Strictness {
    AsPublished,
    NothingElse,
}

/// The names of the schemas that are parts of another one.
fn collect_parts(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for part in members
                .get("allOf")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                let reference = part.get("$ref").and_then(Value::as_str).unwrap_or_default();
                names.extend(reference.rsplit('/').next().map(str::to_owned));
            }
            members
                .values()
                .for_each(|member| collect_parts(member, names));
        }
        Value::Array(members) => members
            .iter()
            .for_each(|member| collect_parts(member, names)),
        _ => {}
    }
}

/// From OpenAPI 3.0 to JSON Schema: `nullable` becomes a second type; examples are dropped. What
/// is forbidden beside the parts of a schema is meant to be forbidden beside all of them.
fn translate(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("example");
            members.remove("discriminator");
            let has_parts = ["allOf", "oneOf"]
                .iter()
                .any(|name| members.contains_key(*name));
            if has_parts && let Some(others) = members.remove("additionalProperties") {
                members.insert("unevaluatedProperties".to_owned(), others);
            }
            if members.remove("nullable") == Some(json!(true))
                && let Some(Value::String(one)) = members.get("type")
            {
                let both = json!([one, "null"]);
                members.insert("type".to_owned(), both);
            }
            members.values_mut().for_each(translate);
        }
        Value::Array(members) => members.iter_mut().for_each(translate),
        _ => {}
    }
}

/// Forbids properties a schema does not mention; a part of another schema stays open, the whole
/// is closed.
fn close(schema: &mut Value, is_part: bool) {
    let Value::Object(members) = schema else {
        return;
    };
    let has = |members: &Map<String, Value>, name: &str| members.contains_key(name);
    if !is_part && !has(members, "additionalProperties") {
        if has(members, "allOf") {
            members.insert("unevaluatedProperties".to_owned(), json!(false));
        } else if has(members, "properties") {
            // One schema requires a member that it does not describe.
            let required = members.get("required").cloned().unwrap_or_default();
            let required = required.as_array().cloned().unwrap_or_default();
            let properties = members["properties"].as_object_mut().unwrap();
            for name in required.iter().filter_map(Value::as_str) {
                properties.entry(name).or_insert_with(|| json!({}));
            }
            members.insert("additionalProperties".to_owned(), json!(false));
        }
    }
    for (name, member) in members {
        match name.as_str() {
            "properties" => {
                let properties = member.as_object_mut().unwrap();
                properties
                    .values_mut()
                    .for_each(|property| close(property, false));
            }
            "items" => close(member, false),
            _ => {}
        }
    }
}

pub fn operation<'a>(documents: &'a [Document], method: &str, path: &str) -> Operation<'a> {
    let method = method.to_lowercase();
    let found = documents.iter().find_map(|document| {
        let paths = document.0["paths"].as_object().unwrap();
        // A path without parameters is the better match for itself.
        let mut fitting: Vec<_> = paths
            .iter()
            .filter(|(template, _)| fits(template, path))
            .collect();
        fitting.sort_by_key(|(template, _)| template.matches('{').count());
        let value = fitting.first()?.1.get(&method)?;
        Some(Operation { document, value })
    });
    found.unwrap_or_else(|| panic!("{method} {path} is not published"))
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    template.clone().count() == path.clone().count()
        && template
            .zip(path)
            .all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
}

impl Operation<'_> {
    fn id(&self) -> &str {
        self.value["operationId"].as_str().unwrap_or_default()
    }

    fn schema<'a>(&'a self, described: &'a Value, media_type: &str) -> Option<&'a Value> {
        self.document
            .resolved(described)
            .get("content")?
            .get(media_type)?
            .get("schema")
    }

    pub fn check_request(&self, media_type: &str, body: &Value) {
        let schema = self.schema(&self.value["requestBody"], media_type).unwrap();
        self.check("request", schema, body, Strictness::NothingElse);
    }

    /// Every parameter of a query is one that is published.
    pub fn check_query(&self, query: &str) {
        let known = self.value["parameters"].as_array().into_iter().flatten();
        let known: BTreeSet<_> = known
            .map(|parameter| self.document.resolved(parameter))
            .filter(|parameter| parameter["in"] == "query")
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let name = pair.split('=').next().unwrap();
            assert!(
                known.contains(name),
                "{}: {name} is not published",
                self.id()
            );
        }
    }

    pub fn check_reply(&self, reply: &Answer) {
        let responses = &self.value["responses"];
        let described = match &responses[reply.status.to_string()] {
            Value::Null => &responses["default"],
            described => described,
        };
        assert!(
            described.is_object(),
            "{}: {} is not published",
            self.id(),
            reply.status
        );
        match self.schema(described, "application/json") {
            Some(schema) => self.check("reply", schema, &reply.body, Strictness::NothingElse),
            None => assert_eq!(reply.body, "", "{}: no body is published", self.id()),
        }
    }

    fn check(&self, what: &str, schema: &Value, body: &Value, strictness: Strictness) {
        let validator = self.document.validator(schema, strictness);
        let problems = problems(&validator, body);
        assert!(
            problems.is_empty(),
            "{} {what}: {problems:#?}\n{body:#}",
            self.id()
        );
    }
}

/// Sends `body` to the sandbox and checks both ways.
async fn exchange(
    documents: &[Document],
    running: &Running,
    token: &str,
    (method, path): (Method, &str),
    body: Value,
) -> Answer {
    let bare = path.split('?').next().unwrap();
    let operation = operation(documents, method.as_str(), bare);
    if !body.is_null() {
        operation.check_request("application/json", &body);
    }
    let reply = running.with(token, method, path, body).await;
    operation.check_reply(&reply);
    reply
}

#[tokio::test]
async fn every_exchange_with_the_manager_api_is_as_published() {
    let Some(documents) = documents() else {
        return;
    };
    let running = Running::start().await;
    let token = running.token().await;
    let ask = async |method: Method, path: &str, body: Value| {
        exchange(documents, &running, &token, (method, path), body).await
    };
    let none = Value::Null;

    for path in [
        "/api/v2/ping".to_owned(),
        "/api/v2/user/me".to_owned(),
        "/api/v2/agents?sourceId=005ALEX".to_owned(),
        "/api/v2/agents/presence/available".to_owned(),
        format!("/api/v2/agents/{AGENT}"),
        format!("/api/v2/agents/{AGENT}/status"),
        "/api/v2/queues".to_owned(),
        format!("/api/v2/queues/{QUEUE}"),
    ] {
        ask(Method::GET, &path, none.clone()).await;
    }

    let dial = json!({
        "to": "+4915228817386", "displayAsTo": "+493012345678", "autoRecord": true,
        "session": {"deal": {"products": ["heat pump", {"kw": 12}], "note": null}},
    });
    let placed = ask(Method::POST, &format!("/api/v2/agents/{AGENT}/calls"), dial).await;
    let call = text(&placed.body["item"]["id"]);
    for state in ["ringing", "in-progress", "bridged"] {
        running.set_call(&call, json!({"state": state})).await;
        ask(Method::GET, &format!("/api/v2/calls/{call}"), none.clone()).await;
    }
    ask(
        Method::POST,
        &format!("/api/v2/calls/{call}/cancel"),
        none.clone(),
    )
    .await;
    ask(
        Method::POST,
        &format!("/api/v2/agents/{AGENT}/hangup"),
        none.clone(),
    )
    .await;
    ask(
        Method::POST,
        &format!("/api/v2/calls/{call}/hangup"),
        none.clone(),
    )
    .await;
    let states = [
        "canceled",
        "busy",
        "no-answer",
        "purged",
        "failed",
        "queued",
        "scheduled",
    ];
    for state in states {
        running.set_call(&call, json!({"state": state})).await;
        ask(Method::GET, "/api/v2/calls/reporting", none.clone()).await;
    }

    let path = format!("/_sandbox/agents/{AGENT}/ring");
    let rung = running.post(&path, json!({"session": {"lead": 7}})).await;
    let inbound = text(&rung.body["id"]);
    for state in ["ringing", "in-progress", "completed"] {
        running.set_call(&inbound, json!({"state": state})).await;
        ask(
            Method::GET,
            &format!("/api/v2/calls/{inbound}"),
            none.clone(),
        )
        .await;
        ask(
            Method::GET,
            &format!("/api/v2/agents/{AGENT}"),
            none.clone(),
        )
        .await;
    }

    let callback = json!({"to": "+4915228817386", "displayAs": "+493012345678", "session": {}});
    let path = format!("/api/v2/queues/{QUEUE}/callback");
    let queued = ask(Method::POST, &path, callback).await;
    let queued = text(&queued.body["item"]["id"]);
    running
        .set_call(&queued, json!({"state": "bridged", "agentId": AGENT}))
        .await;
    ask(
        Method::GET,
        &format!("/api/v2/calls/{queued}"),
        none.clone(),
    )
    .await;

    let status = json!({"enabled": false, "presence": {"name": "busy"}});
    ask(
        Method::PUT,
        &format!("/api/v2/agents/{AGENT}/status"),
        status,
    )
    .await;
}

#[tokio::test]
async fn every_exchange_with_the_task_api_is_as_published() {
    let Some(documents) = documents() else {
        return;
    };
    let running = Running::start().await;
    let token = running.token().await;
    let ask = async |method: Method, path: &str, body: Value| {
        exchange(documents, &running, &token, (method, path), body).await
    };
    let task = json!({
        "type": "acme.callback", "queue_id": QUEUE, "scheduled_at": "in 1w 3d 5h 10min 5sec",
        "body": {"number": "+4915228817386"}, "task_completion": {"autoComplete": false},
        "selection_settings": {"enable": true, "priority": 1},
    });
    let made = ask(Method::POST, "/api/v3/tasks", task).await;
    let path = format!("/api/v3/tasks/{}", text(&made.body["id"]));
    ask(Method::GET, &path, Value::Null).await;
    ask(
        Method::GET,
        "/api/v3/tasks?page=1&page_size=10",
        Value::Null,
    )
    .await;
    let interrupt = format!("{path}/interrupt/Canceled");
    ask(Method::POST, &interrupt, json!({"reason": "cancelled"})).await;

    let again = running
        .with(&token, Method::POST, &interrupt, json!({"reason": "again"}))
        .await;
    let published = operation(documents, "POST", &interrupt);
    let error = published
        .document
        .resolved(&published.value["responses"]["default"]);
    let schema = &error["content"]["application/json"]["schema"];
    published.check("error", schema, &again.body, Strictness::NothingElse);
}

#[tokio::test]
async fn every_exchange_with_the_token_endpoint_is_as_published() {
    let Some(documents) = documents() else {
        return;
    };
    let running = Running::start().await;
    let grant = running.grant().await;
    let refresh = text(&grant["refresh_token"]);
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], u16);
    let cases: [Case; 5] = [
        (
            "/oauth/token",
            &[
                ("grant_type", "password"),
                ("username", USERNAME),
                ("password", PASSWORD),
            ],
            200,
        ),
        (
            "/oauth/token",
            &[
                ("grant_type", "client_credentials"),
                ("client_id", "patchcord"),
                ("client_secret", "sandbox-client-secret"),
            ],
            200,
        ),
        (
            "/oauth/token",
            &[("grant_type", "refresh_token"), ("refresh_token", &refresh)],
            200,
        ),
        (
            "/oauth/token",
            &[("grant_type", "refresh_token"), ("refresh_token", &refresh)],
            400,
        ),
        ("/oauth/revoke", &[("token", "unknown")], 200),
    ];
    for (path, form, status) in cases {
        let operation = operation(documents, "POST", path);
        let body: Map<String, Value> = form
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        operation.check_request("application/x-www-form-urlencoded", &Value::Object(body));
        let reply = running.form(path, form).await;
        assert_eq!(reply.status, status, "{form:?}");
        operation.check_reply(&reply);
    }
}

/// The requests the rest of the project sends, from the fixtures it shares.
#[tokio::test]
async fn the_requests_in_the_fixtures_are_as_published_and_accepted() {
    let Some(documents) = documents() else {
        return;
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/babelforce.json");
    let fixtures: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let requests = fixtures.as_object().unwrap().values();
    let requests: Vec<&Value> = requests.filter_map(|part| part.get("request")).collect();
    assert!(
        requests.len() >= 3,
        "a dial, a callback and a scheduled callback"
    );
    let running = Running::start().await;
    let token = running.token().await;
    for request in requests {
        let url = reqwest::Url::parse(request["url"].as_str().unwrap()).unwrap();
        let named = operation(documents, "POST", url.path());
        assert_eq!(named.id(), request["operation"], "{url}");
        named.check_request("application/json", &request["body"]);
        let target = (Method::POST, url.path());
        let body = request["body"].clone();
        let reply = exchange(documents, &running, &token, target, body).await;
        assert_eq!(reply.status, 200, "{url}");
    }
}

#[test]
fn the_check_finds_what_is_wrong() {
    let document = Document(json!({
        "paths": {"/x/{id}": {"get": {"operationId": "x", "responses": {"200": {"content":
            {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}}}}},
        "components": {"schemas": {
            "Base": {"properties": {"id": {"type": "string"}}, "required": ["id"]},
            "Thing": {"allOf": [{"$ref": "#/components/schemas/Base"},
                {"properties": {"note": {"type": "string", "nullable": true}}}]},
        }},
    }));
    let thing = json!({"$ref": "#/components/schemas/Thing"});
    let strict = document.validator(&thing, Strictness::NothingElse);
    assert!(strict.is_valid(&json!({"id": "1", "note": null})));
    assert!(!strict.is_valid(&json!({"note": "no id"})));
    assert!(!strict.is_valid(&json!({"id": "1", "note": 2})));
    assert!(!strict.is_valid(&json!({"id": "1", "nota": "misspelt"})));
    let lenient = document.validator(&thing, Strictness::AsPublished);
    assert!(lenient.is_valid(&json!({"id": "1", "nota": "misspelt"})));
}

#[test]
fn the_check_of_the_agent_api_finds_what_is_wrong() {
    let (Some(update), Some(command)) = (component("StateUpdate"), component("Command")) else {
        return;
    };
    let events = message_validator("StateUpdate").unwrap();
    assert!(update.is_valid(&json!({"seq": "1", "patch": {"callRemove": "1"}})));
    for wrong in [
        json!({"seq": "1", "patch": {"callUpsert": {"id": "1", "state": "RINGING"}}}),
        json!({"seq": "1", "patch": {"callUpsert": {"id": "1", "onhold": true}}}),
        json!({"seq": "1", "patch": {"agent": {"id": 1}}}),
        json!({"seq": "one", "keepalive": {}}),
    ] {
        assert!(!events.is_valid(&wrong), "{wrong}");
    }
    assert!(!update.is_valid(&json!({"seq": "1", "keepalive": {}, "ping": {}})));
    assert!(!update.is_valid(&json!({"seq": "1", "patch": {"callRemove": "1", "smsRemove": "2"}})));
    assert!(command.is_valid(&json!({"hangup": {"callId": "1"}})));
    for wrong in [
        json!({}),
        json!({"hangup": {"callId": "1"}, "wrapUpCancel": {}}),
        json!({"hangup": {"callID": "1"}}),
        json!({"levitate": {}}),
    ] {
        assert!(!command.is_valid(&wrong), "{wrong}");
    }
}
