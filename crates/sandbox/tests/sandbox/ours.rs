//! What this project's own core builds, sent to the sandbox as it is, and checked against the published documents.

use patchcord_core::http::{Reply, Request, Response};
use patchcord_core::provider::babelforce::Babelforce;
use serde_json::{Value, json};

use crate::published::{documents, operation};
use crate::running::{Answer, PASSWORD, Running, USERNAME};

/// The account of the sandbox, as a relay has it.
pub fn account(running: &Running) -> Babelforce {
    Babelforce::from_config(json!({
        "environment": running.sandbox.url(),
        "grant": {"type": "password", "username": USERNAME, "password": PASSWORD},
    }))
    .unwrap()
}

/// Sends a request and gives the reply for core to read. Where the documents are at hand, both are held to them.
pub async fn exchange(running: &Running, request: Request) -> Reply {
    let method: reqwest::Method = request.method.as_str().parse().unwrap();
    let path = request.url.trim_start_matches(&running.sandbox.url());
    let body = request.body.as_ref().map(|body| {
        serde_json::from_str::<Value>(body.text()).expect("the Manager API takes JSON")
    });
    let bare = path.split('?').next().unwrap();
    let published = documents().map(|all| operation(all, method.as_str(), bare));
    if let (Some(operation), Some(body)) = (&published, &body) {
        operation.check_request("application/json", body);
    }
    if let Some(operation) = &published {
        operation.check_query(path.split_once('?').map_or("", |(_, query)| query));
    }
    let bearer = request.bearer.as_ref().map_or("", |token| token.expose());
    let answer: Answer = running
        .with(bearer, method, path, body.unwrap_or_default())
        .await;
    if let Some(operation) = &published
        && answer.status < 300
    {
        operation.check_reply(&answer);
    }
    Ok(Response::json(answer.status, &answer.body.to_string()))
}
