//! A sandbox of its own for each test, and short ways to talk to it.

use std::net::Ipv4Addr;

use patchcord_sandbox::Sandbox;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

pub const AGENT: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
pub const HYPHENATED_AGENT: &str = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
pub const QUEUE: &str = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";
pub const USERNAME: &str = "relay@acme.example";
pub const PASSWORD: &str = "sandbox-password";

/// Stops when it is dropped.
pub struct Running {
    pub sandbox: Sandbox,
    pub http: Client,
}

/// A reply that arrived whole.
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    pub async fn of(response: Response) -> Self {
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Self { status, body }
    }
}

pub fn answer(status: u16, body: Value) -> Answer {
    Answer { status, body }
}

impl Running {
    pub async fn start() -> Self {
        let sandbox = Sandbox::start((Ipv4Addr::LOCALHOST, 0).into())
            .await
            .unwrap();
        let http = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // Nothing here speaks TLS; reading the system's certificates takes a while.
            .tls_certs_only([])
            .build()
            .unwrap();
        Self { sandbox, http }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.url())
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        let request = self.request(Method::POST, path).json(&body);
        Answer::of(request.send().await.unwrap()).await
    }

    pub async fn form(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::POST, path).form(form);
        Answer::of(request.send().await.unwrap()).await
    }

    /// A password grant.
    pub async fn grant(&self) -> Value {
        let form = [
            ("grant_type", "password"),
            ("username", USERNAME),
            ("password", PASSWORD),
        ];
        self.form("/oauth/token", &form).await.body
    }

    pub async fn token(&self) -> String {
        text(&self.grant().await["access_token"])
    }

    /// A request with a bearer token; `null` as a body sends none.
    pub async fn with(&self, token: &str, method: Method, path: &str, body: Value) -> Answer {
        let request = self.request(method, path).bearer_auth(token);
        let request = match body {
            Value::Null => request,
            body => request.json(&body),
        };
        Answer::of(request.send().await.unwrap()).await
    }

    pub async fn read(&self, token: &str, path: &str) -> Answer {
        self.with(token, Method::GET, path, Value::Null).await
    }

    /// Places a call for the first agent and gives its id.
    pub async fn place_call(&self, token: &str) -> String {
        let path = format!("/api/v2/agents/{AGENT}/calls");
        let body = json!({"to": "+4930111222333"});
        let placed = self.with(token, Method::POST, &path, body).await;
        assert_eq!(placed.status, 200, "{placed:?}");
        text(&placed.body["item"]["id"])
    }

    pub async fn set_call(&self, id: &str, change: Value) {
        let path = format!("/_sandbox/calls/{id}/state");
        assert_eq!(self.post(&path, change).await.status, 204);
    }

    pub async fn requests(&self) -> Vec<Value> {
        let log = self.get("/_sandbox/requests").await;
        log.body["requests"].as_array().unwrap().clone()
    }

    pub async fn state(&self) -> Value {
        self.get("/_sandbox/state").await.body
    }
}

/// Asks again until `is_so`. A test that would ask for ever fails after half a minute.
pub async fn until(is_so: impl AsyncFn() -> bool) {
    let asking = async { while !is_so().await {} };
    let limit = std::time::Duration::from_secs(30);
    tokio::time::timeout(limit, asking)
        .await
        .expect("it becomes so");
}

pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}
