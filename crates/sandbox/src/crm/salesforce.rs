//! Salesforce: a token by OAuth 2.0's client credentials, and `GET /services/data/vXX.0/query?q=SELECT …`.
//!
//! Of the query language only what reads one record: `SELECT a, B.c FROM Type WHERE Id = '…'`, with `LIMIT n` behind
//! it or not. Names are read without regard to capitals, and written as the org has them.

use axum::http::header;
use serde_json::{Map, Value, json};

use crate::exchange::{Reply, Request};
use crate::ids::Ids;

const CLIENT_ID: &str = "3MVG9sandbox.client";
const CLIENT_SECRET: &str = "sandbox-client-secret";

/// What the vendor does not document to the letter.
mod inferred {
    pub const BAD_CLIENT: &str = "invalid client credentials";
    pub const NO_SUCH_PATH: &str = "The requested resource does not exist";
}

/// The tokens that hold.
#[derive(Default)]
pub(crate) struct Tokens(Vec<String>);

/// The org's records: type, id of 15 characters, fields. A member that is an object with `type` is a parent record,
/// another object a compound field.
fn records() -> Value {
    json!({
        "Contact": {
            "0037S000004TqQX": {
                "Id": "0037S000004TqQXQA0",
                "Name": "Ada Lovelace", "Title": "Analyst", "Email": "ada@harbour.example",
                "Phone": "+49 30 23125100", "MobilePhone": "+49 1522 8817386",
                "MailingAddress": {
                    "city": "Berlin", "country": "Germany", "geocodeAccuracy": null, "latitude": 52.5203,
                    "longitude": 13.4049, "postalCode": "10178", "state": null, "street": "Am Hafen 12",
                },
                "Plan__c": "gold", "Custom_Score__c": 42.5, "Is_Partner__c": true, "Nickname__c": null,
                "Account": {
                    "type": "Account", "Id": "0017S000009AbcDQAS", "Name": "Harbour Ltd",
                    "Owner": { "type": "User", "Id": "0057S000001xYzAQAU", "Name": "Alex Adler" },
                },
            },
        },
        "Lead": {
            "00Q7S000001LmNo": {
                "Id": "00Q7S000001LmNoUAK",
                "Name": "Grace Hopper", "Company": "Harbour Ltd", "Phone": null, "MobilePhone": null,
                "Custom_Score__c": 7,
            },
        },
    })
}

/// A refusal of the REST API.
fn refuse(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, &json!([{ "message": message, "errorCode": code }]))
}

impl Tokens {
    pub fn expire(&mut self) {
        self.0.clear();
    }

    pub fn answer(&mut self, path: &[&str], request: &Request, ids: &mut Ids) -> Reply {
        match (request.method.as_str(), path) {
            ("POST", ["oauth2", "token"]) => self.grant(request, ids),
            (method, ["data", version, rest @ ..]) if version.starts_with('v') => {
                let bearer = request.headers.get(header::AUTHORIZATION);
                let bearer = bearer.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
                if !bearer.is_some_and(|token| self.0.iter().any(|known| known == token)) {
                    return refuse(401, "INVALID_SESSION_ID", "Session expired or invalid");
                }
                match (method, rest) {
                    ("GET", ["query"]) => query(version, request.query("q").unwrap_or_default()),
                    _ => refuse(404, "NOT_FOUND", inferred::NO_SUCH_PATH),
                }
            }
            _ => refuse(404, "NOT_FOUND", inferred::NO_SUCH_PATH),
        }
    }

    fn grant(&mut self, request: &Request, ids: &mut Ids) -> Reply {
        let refuse = |error: &str, description: &str| {
            let body = json!({ "error": error, "error_description": description });
            Reply::json(400, &body)
        };
        let Ok(form) = request.form() else {
            return refuse("invalid_request", "the body is no form");
        };
        let given = |name: &str| form.get(name).map(String::as_str);
        if given("grant_type") != Some("client_credentials") {
            return refuse("unsupported_grant_type", "grant type not supported");
        }
        if (given("client_id"), given("client_secret")) != (Some(CLIENT_ID), Some(CLIENT_SECRET)) {
            return refuse("invalid_client", inferred::BAD_CLIENT);
        }
        let token = format!("00D7S000000AbCd!{}", ids.hex());
        self.0.push(token.clone());
        // The sandbox is its own instance: the address that it was asked at.
        let host = request.headers.get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
        Reply::json(
            200,
            &json!({
                "access_token": token,
                "signature": ids.hex(),
                "scope": "api",
                "instance_url": format!("http://{host}"),
                "id": format!("http://{host}/id/00D7S000000AbCdEAK/0057S000001xYzAQAU"),
                "token_type": "Bearer",
                "issued_at": request.at.to_string(),
            }),
        )
    }
}

/// What a query asks for.
struct Select<'a> {
    fields: Vec<&'a str>,
    kind: &'a str,
    id: &'a str,
}

impl<'a> Select<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let rest = text.strip_prefix("SELECT ")?;
        let (fields, rest) = rest.split_once(" FROM ")?;
        let (kind, rest) = rest.split_once(" WHERE Id = '")?;
        let (id, rest) = rest.split_once('\'')?;
        let rest = rest.trim();
        let is_limit = |rest: &str| {
            let number = rest.strip_prefix("LIMIT ");
            number.is_some_and(|number| number.parse::<u32>().is_ok())
        };
        if !rest.is_empty() && !is_limit(rest) {
            return None;
        }
        Some(Self {
            fields: fields.split(',').map(str::trim).collect(),
            kind,
            id,
        })
    }
}

fn query(version: &str, text: &str) -> Reply {
    let Some(select) = Select::read(text) else {
        return refuse(400, "MALFORMED_QUERY", "unexpected token");
    };
    let records = records();
    let Some((kind, of_type)) = member(&records, select.kind) else {
        let text = format!("sObject type '{}' is not supported.", select.kind);
        return refuse(400, "INVALID_TYPE", &text);
    };
    let is_id = matches!(select.id.len(), 15 | 18);
    if !is_id || !select.id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let text = format!("invalid ID field: {}", select.id);
        return refuse(400, "INVALID_QUERY_FILTER_OPERATOR", &text);
    }
    // Whether a field exists does not depend on whether the record does.
    let model = of_type.as_object().and_then(|all| all.values().next());
    let mut seen: Vec<String> = Vec::new();
    for field in &select.fields {
        if seen.contains(&field.to_ascii_lowercase()) {
            let text = format!("duplicate field selected: {field}");
            return refuse(400, "INVALID_FIELD", &text);
        }
        seen.push(field.to_ascii_lowercase());
        if !model.is_some_and(|model| exists(model, field)) {
            let text = format!("No such column '{field}' on entity '{kind}'.");
            return refuse(400, "INVALID_FIELD", &text);
        }
    }
    let found = select.id.get(..15).and_then(|id| of_type.get(id));
    let rows: Vec<Value> = found
        .map(|record| row(version, kind, record, &select.fields))
        .into_iter()
        .collect();
    Reply::json(
        200,
        &json!({ "totalSize": rows.len(), "done": true, "records": rows }),
    )
}

/// A member by its name, capitals or not, with the name as the org has it.
fn member<'a>(object: &'a Value, name: &str) -> Option<(&'a str, &'a Value)> {
    let mut members = object.as_object()?.iter();
    let (name, value) = members.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    Some((name, value))
}

/// A field of a record, or of a parent of it. A parent itself is none, nor is a part of a compound field.
fn exists(record: &Value, field: &str) -> bool {
    let is_parent = |value: &Value| value.get("type").is_some();
    match field.split_once('.') {
        None => member(record, field).is_some_and(|(_, value)| !is_parent(value)),
        Some((parent, rest)) => {
            member(record, parent).is_some_and(|(_, value)| is_parent(value) && exists(value, rest))
        }
    }
}

fn row(version: &str, kind: &str, record: &Value, fields: &[&str]) -> Value {
    let id = record.get("Id").and_then(Value::as_str).unwrap_or_default();
    let url = format!("/services/data/{version}/sobjects/{kind}/{id}");
    let mut row = Map::new();
    row.insert("attributes".to_owned(), json!({ "type": kind, "url": url }));
    for field in fields {
        let (first, rest) = field.split_once('.').unwrap_or((field, ""));
        let Some((name, value)) = member(record, first) else {
            continue;
        };
        if rest.is_empty() {
            row.insert(name.to_owned(), value.clone());
            continue;
        }
        // A parent's fields come inside of it, as a row of its own.
        let of_parent: Vec<&str> = fields
            .iter()
            .filter_map(|field| {
                let (parent, rest) = field.split_once('.')?;
                parent.eq_ignore_ascii_case(first).then_some(rest)
            })
            .collect();
        let kind = value.get("type").and_then(Value::as_str);
        let parent = kind.map_or(Value::Null, |kind| {
            self::row(version, kind, value, &of_parent)
        });
        row.insert(name.to_owned(), parent);
    }
    Value::Object(row)
}
