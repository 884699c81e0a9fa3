//! The reference of the relay's HTTP interface, from the description that the relay gives of itself.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::scratch::Scratch;
use crate::servers::{Ports, Servers};
use crate::workspace::Workspace;

/// The page, below `docs/`.
pub const PAGE: &str = "reference/http.md";

const LIMIT: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
struct Description {
    info: Info,
    paths: BTreeMap<String, BTreeMap<String, Operation>>,
    components: Components,
}

#[derive(Deserialize)]
struct Info {
    version: String,
    description: Option<String>,
}

#[derive(Deserialize)]
struct Components {
    schemas: BTreeMap<String, Schema>,
    #[serde(rename = "securitySchemes")]
    security: BTreeMap<String, SecurityScheme>,
}

#[derive(Deserialize)]
struct SecurityScheme {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

#[derive(Deserialize)]
struct Operation {
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    parameters: Vec<Parameter>,
    #[serde(rename = "requestBody")]
    body: Option<Content>,
    #[serde(default)]
    responses: BTreeMap<String, Content>,
    #[serde(default)]
    security: Vec<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
struct Parameter {
    name: String,
    #[serde(rename = "in")]
    place: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    schema: Schema,
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    description: String,
    #[serde(default)]
    content: BTreeMap<String, Media>,
    #[serde(default)]
    headers: BTreeMap<String, Header>,
}

#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    description: String,
}

#[derive(Deserialize)]
struct Media {
    #[serde(default)]
    schema: Schema,
}

/// As much of a JSON schema as the relay writes.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Schema {
    #[serde(rename = "$ref")]
    reference: Option<String>,
    #[serde(rename = "type")]
    kind: Value,
    description: String,
    properties: BTreeMap<String, Schema>,
    required: Vec<String>,
    items: Option<Box<Schema>>,
    #[serde(rename = "oneOf")]
    one_of: Vec<Schema>,
    #[serde(rename = "anyOf")]
    any_of: Vec<Schema>,
    #[serde(rename = "allOf")]
    all_of: Vec<Schema>,
    #[serde(rename = "enum")]
    values: Vec<Value>,
    #[serde(rename = "additionalProperties")]
    others: Option<Value>,
}

/// Starts a relay and writes down what it says.
pub fn page(ws: &Workspace) -> Result<String> {
    let ports = Ports::free()?;
    let folder = ws
        .target()
        .join(format!("docs-relay-{}", std::process::id()));
    let folder = Scratch::new(folder)?;
    let servers = Servers::start(ws, ports, folder.path())?;
    let text = get(ports.relay, "/openapi.json")?;
    drop(servers);
    written(&text)
}

/// One request to a server on this machine. Its reply has to be whole and plain.
fn get(port: u16, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(LIMIT))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    let (head, body) = reply.split_once("\r\n\r\n").context("no reply")?;
    if !head.starts_with("HTTP/1.0 200") && !head.starts_with("HTTP/1.1 200") {
        bail!("{path}: {}", head.lines().next().unwrap_or_default());
    }
    Ok(body.to_owned())
}

fn written(text: &str) -> Result<String> {
    let described: Description =
        serde_json::from_str(text).context("cannot read the relay's description of itself")?;
    let mut out = String::from("# HTTP reference\n\n");
    let _ = writeln!(
        out,
        "What a relay of version {} says of itself at `/openapi.json` (OpenAPI 3.1), which any client generator can read. {} The rules behind it are in the [contract](../contract.md#http), each code in [Error codes](../errors.md).\n",
        described.info.version,
        one_line(described.info.description.as_deref().unwrap_or_default()),
    );
    credentials(&mut out, &described.components.security);
    let mut tags: Vec<&str> = Vec::new();
    for operation in operations(&described) {
        let tag = operation.2.tags.first().map_or("others", String::as_str);
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags.sort_unstable();
    for tag in tags {
        let _ = writeln!(out, "## {}\n", capital(tag));
        for (path, method, operation) in operations(&described) {
            if operation.tags.first().map_or("others", String::as_str) == tag {
                one(&mut out, path, method, operation);
            }
        }
    }
    out.push_str("## Objects\n\n");
    for (name, schema) in &described.components.schemas {
        object(&mut out, name, schema);
    }
    Ok(out)
}

fn operations(described: &Description) -> impl Iterator<Item = (&String, &String, &Operation)> {
    let paths = described.paths.iter();
    paths.flat_map(|(path, methods)| {
        methods
            .iter()
            .map(move |(method, operation)| (path, method, operation))
    })
}

fn credentials(out: &mut String, schemes: &BTreeMap<String, SecurityScheme>) {
    out.push_str("| who asks | header | |\n|---|---|---|\n");
    for (name, scheme) in schemes {
        let header = match &scheme.name {
            Some(header) => format!("`{header}`"),
            None => "`Authorization: Bearer …`".to_owned(),
        };
        let text = cell(scheme.description.as_deref().unwrap_or_default());
        let _ = writeln!(out, "| `{name}` | {header} | {text} |");
    }
    out.push('\n');
}

fn one(out: &mut String, path: &str, method: &str, operation: &Operation) {
    let _ = writeln!(out, "### `{} {path}`\n", method.to_uppercase());
    let _ = writeln!(out, "{}\n", one_line(&operation.summary));
    if let Some(more) = &operation.description {
        let _ = writeln!(out, "{more}\n");
    }
    let needed: Vec<String> = operation
        .security
        .iter()
        .flat_map(|scheme| scheme.keys().map(|name| format!("`{name}`")))
        .collect();
    if !needed.is_empty() {
        let _ = writeln!(out, "With {}.\n", needed.join(" or "));
    }
    if !operation.parameters.is_empty() {
        out.push_str("| parameter | in | type | |\n|---|---|---|---|\n");
        for parameter in &operation.parameters {
            let _ = writeln!(
                out,
                "| `{}`{} | {} | {} | {} |",
                parameter.name,
                needed_mark(parameter.required),
                parameter.place,
                kind(&parameter.schema),
                cell(&parameter.description),
            );
        }
        out.push('\n');
    }
    if let Some(body) = &operation.body {
        let _ = writeln!(out, "Body: {}\n", content(body));
    }
    out.push_str("| reply | |\n|---|---|\n");
    for (status, reply) in &operation.responses {
        let mut text: Vec<String> = Vec::new();
        if !reply.content.is_empty() {
            text.push(content(reply));
        }
        if !reply.description.is_empty() {
            text.push(cell(&reply.description));
        }
        for (name, header) in &reply.headers {
            text.push(format!("`{name}`: {}", cell(&header.description)));
        }
        let _ = writeln!(out, "| {status} | {} |", text.join(". "));
    }
    out.push('\n');
}

fn object(out: &mut String, name: &str, schema: &Schema) {
    let _ = writeln!(out, "### {name}\n");
    if !schema.description.is_empty() {
        let _ = writeln!(out, "{}\n", one_line(&schema.description));
    }
    if schema.properties.is_empty() {
        let _ = writeln!(out, "{}\n", kind(schema));
        return;
    }
    out.push_str("| member | type | |\n|---|---|---|\n");
    for (key, member) in &schema.properties {
        let required = schema.required.contains(key);
        let _ = writeln!(
            out,
            "| `{key}`{} | {} | {} |",
            needed_mark(required),
            kind(member),
            cell(&member.description),
        );
    }
    out.push('\n');
}

/// `*` beside what has to be there.
fn needed_mark(required: bool) -> &'static str {
    if required { " \\*" } else { "" }
}

fn content(content: &Content) -> String {
    let kinds: Vec<String> = content
        .content
        .iter()
        .map(|(media, body)| match kind(&body.schema) {
            // What is passed on as it comes is described as bytes.
            known if known == ANY || media.contains("connect") => format!("`{media}`"),
            known => format!("{known} (`{media}`)"),
        })
        .collect();
    kinds.join(" or ")
}

const ANY: &str = "any";

/// The type in words; an object of this page is linked.
fn kind(schema: &Schema) -> String {
    if let Some(reference) = &schema.reference {
        let name = reference.rsplit('/').next().unwrap_or(reference);
        return format!("[{name}](#{})", name.to_lowercase());
    }
    let choices: Vec<String> = [&schema.one_of, &schema.any_of, &schema.all_of]
        .into_iter()
        .flatten()
        .map(kind)
        .collect();
    if !choices.is_empty() {
        return choices.join(" or ");
    }
    if !schema.values.is_empty() {
        let values: Vec<String> = schema
            .values
            .iter()
            .map(|value| format!("`{value}`"))
            .collect();
        return values.join(", ");
    }
    let of = |name: &str| match (name, &schema.items) {
        ("array", Some(items)) => format!("list of {}", kind(items)),
        ("object", _) if schema.others.is_some() => "object with any keys".to_owned(),
        _ => name.to_owned(),
    };
    match &schema.kind {
        Value::String(name) => of(name),
        Value::Array(names) => {
            let names: Vec<String> = names.iter().filter_map(Value::as_str).map(of).collect();
            names.join(" or ")
        }
        _ => ANY.to_owned(),
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// Text for a cell of a table.
fn cell(text: &str) -> String {
    one_line(text).replace('|', "\\|")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_parameters_and_objects_are_written_down() {
        let page = written(
            r##"{"openapi": "3.1.0", "info": {"title": "x", "version": "1.2", "description": "Calls."},
            "paths": {"/v1/a": {"post": {"tags": ["visitors"], "summary": "Takes\nit.", "security": [{"key": []}],
                "parameters": [{"name": "K", "in": "header", "required": true, "description": "a|b", "schema": {"type": "string"}}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Wish"}}}},
                "responses": {"201": {"description": "Taken"}}}}},
            "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "Patchcord-Key"}},
                "schemas": {"Wish": {"type": "object", "required": ["n"], "properties": {
                    "n": {"type": ["string", "null"], "description": "The number."},
                    "l": {"type": "array", "items": {"type": "integer"}}}}}}}"##,
        )
        .unwrap();
        for part in [
            "## Visitors",
            "### `POST /v1/a`",
            "Takes it.",
            "With `key`.",
            "| `K` \\* | header | string | a\\|b |",
            "Body: [Wish](#wish) (`application/json`)",
            "| 201 | Taken |",
            "### Wish",
            "| `n` \\* | string or null | The number. |",
            "| `l` | list of integer |  |",
            "| `key` | `Patchcord-Key` |  |",
        ] {
            assert!(page.contains(part), "{part}\n{page}");
        }
    }
}
