//! HubSpot: `GET /crm/v3/objects/{objectTypeId}/{id}?properties=a,b`, with a service key or a private app's token.
//!
//! Every value is text, or null where a property has none. A property that is asked for and does not exist is left
//! out, and no error.

use axum::http::header;
use serde_json::{Map, Value, json};

use crate::exchange::{Reply, Request};
use crate::ids::Ids;

/// The one token that is known.
const TOKEN: &str = "pat-eu1-sandbox-token";
/// Given whether they were asked for or not.
const ALWAYS: [&str; 3] = ["createdate", "hs_object_id", "lastmodifieddate"];

/// What the vendor does not document to the letter.
mod inferred {
    pub const NO_SUCH_RECORD: &str = "resource not found";
    pub const NO_SUCH_PATH: &str = "Not found";
}

/// The account's records: type, id, properties.
fn records() -> Value {
    json!({
        "0-1": {
            "501": {
                "firstname": "Ada", "lastname": "Lovelace", "email": "ada@harbour.example",
                "phone": "+49 30 23125100", "mobilephone": "+49 1522 8817386", "jobtitle": "Analyst",
                // Made by people: of an account's own.
                "plan": "gold", "lifetime_value": "1250.50",
                // It looks like JSON, and is a text all the same.
                "contract": "{\"tier\": \"gold\", \"seats\": [1, 2]}",
                "nickname": null,
                "createdate": "2026-01-05T09:00:00.000Z", "lastmodifieddate": "2026-11-20T16:30:00.000Z",
            },
            "502": {
                "firstname": null, "lastname": "Hopper", "phone": null, "mobilephone": null, "plan": null,
                "createdate": "2026-02-05T09:00:00.000Z", "lastmodifieddate": "2026-02-05T09:00:00.000Z",
            },
        },
        "0-2": {
            "601": { "name": "Harbour Ltd", "phone": "+49 30 23125100", "plan": "gold" },
        },
        "0-3": {
            "9001": { "dealname": "Harbour, phase 2", "amount": "48000" },
        },
        "0-5": {
            "701": { "subject": "The heating is cold", "hs_ticket_priority": "HIGH" },
        },
        "2-3456": {
            "12": { "serial": "HP-12-0042", "model": "Heat pump 12 kW" },
        },
    })
}

pub fn answer(path: &[&str], request: &Request, ids: &mut Ids) -> Reply {
    let bearer = request.headers.get(header::AUTHORIZATION);
    let bearer = bearer.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let mut problem = |status: u16, category: &str, message: &str| {
        let body = json!({
            "status": "error", "message": message, "correlationId": ids.uuid(), "category": category,
        });
        Reply::json(status, &body)
    };
    if bearer != Some(TOKEN) {
        return problem(
            401,
            "INVALID_AUTHENTICATION",
            "Authentication credentials not found. This API supports OAuth 2.0 authentication.",
        );
    }
    let ("GET", ["v3", "objects", kind, id]) = (request.method.as_str(), path) else {
        return problem(404, "OBJECT_NOT_FOUND", inferred::NO_SUCH_PATH);
    };
    let records = records();
    let Some(of_type) = records.get(*kind) else {
        let text = format!("Unable to infer object type from: {kind}");
        return problem(400, "VALIDATION_ERROR", &text);
    };
    let Some(record) = of_type.get(*id).and_then(Value::as_object) else {
        return problem(404, "OBJECT_NOT_FOUND", inferred::NO_SUCH_RECORD);
    };
    let asked = request.query("properties").unwrap_or_default().split(',');
    let mut properties = Map::new();
    for name in asked.map(str::trim).chain(ALWAYS) {
        if let Some(value) = record.get(name) {
            properties.insert(name.to_owned(), value.clone());
        }
    }
    properties.insert("hs_object_id".to_owned(), json!(id));
    let body = json!({
        "id": id,
        "properties": properties,
        "createdAt": record.get("createdate"),
        "updatedAt": record.get("lastmodifieddate"),
        "archived": false,
    });
    Reply::json(200, &body)
}
