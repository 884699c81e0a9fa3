//! The webhook for Zendesk: whatever it is sent becomes a task out of a template.

use serde_json::{Map, Value, json};

use super::template::{self, Style};
use super::{error, invalid, read_task};
use crate::babelforce::Babelforce;
use crate::exchange::{Reply, Request};
use crate::ids::Ids;

/// Headers that say who asks, and are nobody else's business.
const SECRET: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

impl Babelforce {
    /// Inferred: what is sent becomes the `body` of the task; with `data=all` it is an object of
    /// `queryParams`, `header` and `body`.
    pub(super) fn zendesk(&mut self, request: &Request, ids: &mut Ids) -> Reply {
        let Some(id) = request.query("templateId") else {
            return invalid("templateId is required");
        };
        let Some(template) = template::find(id) else {
            return error(404, "Not found", "there is no template with this id");
        };
        let sent = match request.body.is_empty() {
            true => Value::Object(Map::new()),
            false => match serde_json::from_slice(&request.body) {
                Ok(sent @ Value::Object(_)) => sent,
                _ => return invalid("the body must be a JSON object"),
            },
        };
        let body = match request.query("data") {
            None | Some("default") => sent,
            Some("all") => {
                json!({"queryParams": query(request), "header": headers(request), "body": sent})
            }
            Some(_) => return invalid("data must be all or default"),
        };
        let overrides = serde_json::value::to_raw_value(&body)
            .map(|body| [("body".to_owned(), body)].into())
            .map_err(|problem| problem.to_string());
        let task = overrides
            .and_then(|overrides| template.fill(overrides, Style::Hierarchy))
            .and_then(|fields| {
                read_task(&fields, request.at, ids).map_err(|problem| problem.to_string())
            });
        self.take_task(202, task, request.at)
    }
}

fn query(request: &Request) -> Map<String, Value> {
    let pairs = request.query.iter();
    pairs
        .map(|(name, value)| (name.clone(), Value::String(value.clone())))
        .collect()
}

fn headers(request: &Request) -> Map<String, Value> {
    let headers = request.headers.iter();
    headers
        .filter(|(name, _)| !SECRET.contains(&name.as_str()))
        .filter_map(|(name, value)| {
            let value = value.to_str().ok()?;
            Some((name.as_str().to_owned(), Value::String(value.to_owned())))
        })
        .collect()
}
