use serde_json::{Value, json};

use super::*;
use crate::http::Response;

mod commands;
mod lookups;
mod sign_in;
mod state;

fn api() -> AgentApi {
    AgentApi::at("https://agent.example.com/").unwrap()
}

fn token() -> Secret {
    Secret::new("access-canary")
}

fn reply(status: u16, body: &Value) -> Reply {
    Ok(Response::json(status, &body.to_string()))
}

fn rpc(code: &str, message: &str) -> Value {
    json!({"code": code, "message": message})
}
