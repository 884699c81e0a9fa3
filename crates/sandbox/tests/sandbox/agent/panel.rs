//! An agent's client over the real stream. It follows the view as a client should, and checks on
//! the way what holds for every message: its shape as published, and its number.

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::published;
use crate::running::{Answer, Running, text};

/// A person who can sign in.
pub struct Who {
    pub id: &'static str,
    pub username: &'static str,
    pub password: &'static str,
    pub number: &'static str,
}

pub const ALEX: Who = Who {
    id: "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    username: "alex@acme.example",
    password: "alex-password",
    number: "+493012345678",
};
pub const SAM: Who = Who {
    id: "1b2c3d4e5f60718293a4b5c6d7e8f90a",
    username: "sam@acme.example",
    password: "sam-password",
    number: "+493012345679",
};
/// Has no telephone on the desk.
pub const KIM: Who = Who {
    id: "3d4e5f60718293a4b5c6d7e8f90a1b2c",
    username: "kim@acme.example",
    password: "kim-password",
    number: "",
};

pub const CUSTOMER: &str = "+4915228817386";
pub const COLLEAGUE: &str = "+436641234567";
pub const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n";

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

impl Running {
    /// A password grant for one person.
    pub async fn sign_in(&self, who: &Who) -> Value {
        let form = [
            ("grant_type", "password"),
            ("username", who.username),
            ("password", who.password),
        ];
        let grant = self.form("/oauth/token", &form).await;
        assert_eq!(grant.status, 200, "{grant:?}");
        grant.body
    }

    /// A call of the Agent service.
    pub fn connect(&self, method: &str, token: &str) -> RequestBuilder {
        self.request(Method::POST, &format!("/babelconnect.v1.Agent/{method}"))
            .header("connect-protocol-version", "1")
            .bearer_auth(token)
    }

    pub async fn unary(&self, method: &str, token: &str, body: Value) -> Answer {
        let request = self.connect(method, token).json(&body);
        Answer::of(request.send().await.unwrap()).await
    }

    pub async fn subscribe(&self, token: &str) -> Frames {
        let request = self
            .connect("Subscribe", token)
            .header("content-type", "application/connect+json")
            .body(&b"\0\0\0\0\x02{}"[..]);
        Frames::of(request.send().await.unwrap())
    }

    /// Something under `/_sandbox/` that has to work.
    pub async fn tell(&self, path: &str, body: Value) -> Value {
        let reply = self.post(&format!("/_sandbox/{path}"), body).await;
        assert!(reply.status < 300, "{path}: {reply:?}");
        reply.body
    }

    pub async fn disturb(&self, who: &Who, action: Value) {
        let path = format!("agents/{}/stream", who.id);
        self.tell(&path, json!({ "action": action })).await;
    }

    /// Rings an agent and gives the call.
    pub async fn ring(&self, who: &Who, wish: Value) -> String {
        let rung = self.tell(&format!("agents/{}/ring", who.id), wish).await;
        text(&rung["id"])
    }

    /// Somebody does something with their telephone.
    pub async fn act(&self, call: &str, who: &str, deed: &str) {
        let act = json!({ "who": who, "do": deed });
        self.tell(&format!("calls/{call}"), act).await;
    }

    /// What the desk shows of a call.
    pub async fn desk_call(&self, id: &str) -> Value {
        let state = self.state().await;
        let calls = state["babelforce"]["calls"].as_array().unwrap();
        let found = calls.iter().find(|call| call["id"] == id);
        found.unwrap_or_else(|| panic!("no call {id}")).clone()
    }

    /// What the desk shows of an agent.
    pub async fn desk_agent(&self, who: &Who) -> Value {
        let state = self.state().await;
        let agents = state["babelforce"]["agents"].as_array().unwrap();
        let found = agents.iter().find(|agent| agent["id"] == who.id);
        found.unwrap().clone()
    }
}

/// The frames of a stream as they arrive.
pub struct Frames {
    response: Response,
    unread: Vec<u8>,
}

#[derive(Debug, PartialEq)]
pub enum Frame {
    Message(Value),
    /// The end as the protocol has it, with its error or `null`.
    End(Value),
    /// The connection broke, with what had arrived of a frame.
    Broken(Vec<u8>),
}

impl Frames {
    pub fn of(response: Response) -> Self {
        assert_eq!(response.status(), 200);
        let media_type = &response.headers()["content-type"];
        assert_eq!(media_type, "application/connect+json");
        Self {
            response,
            unread: Vec::new(),
        }
    }

    pub async fn next(&mut self) -> Frame {
        let next = self.read();
        tokio::time::timeout(PATIENCE, next)
            .await
            .expect("something arrives")
    }

    async fn read(&mut self) -> Frame {
        loop {
            if let Some((&[flags, a, b, c, d], rest)) = self.unread.split_first_chunk::<5>() {
                let length = u32::from_be_bytes([a, b, c, d]) as usize;
                if rest.len() >= length {
                    let json: Value = serde_json::from_slice(&rest[..length]).unwrap();
                    self.unread.drain(..5 + length);
                    return match flags {
                        0 => Frame::Message(json),
                        2 => Frame::End(json["error"].clone()),
                        other => panic!("flags {other}: {json}"),
                    };
                }
            }
            match self.response.chunk().await {
                Ok(Some(bytes)) => self.unread.extend_from_slice(&bytes),
                Ok(None) | Err(_) => return Frame::Broken(std::mem::take(&mut self.unread)),
            }
        }
    }

    /// The next message, which is shaped as published.
    pub async fn message(&mut self) -> Value {
        match self.next().await {
            Frame::Message(message) => {
                published::check_stream_message(&message);
                message
            }
            other => panic!("{other:?} in place of a message"),
        }
    }
}

/// A client that keeps the view.
pub struct Panel<'a> {
    pub running: &'a Running,
    pub who: &'static Who,
    pub token: String,
    pub frames: Frames,
    pub view: Value,
    pub seq: u64,
}

impl<'a> Panel<'a> {
    /// Signs in and opens the stream.
    pub async fn open(running: &'a Running, who: &'static Who) -> Self {
        let grant = running.sign_in(who).await;
        Self::with_token(running, who, text(&grant["access_token"])).await
    }

    pub async fn with_token(running: &'a Running, who: &'static Who, token: String) -> Self {
        let mut frames = running.subscribe(&token).await;
        let first = frames.message().await;
        Self {
            running,
            who,
            token,
            frames,
            seq: seq(&first),
            view: first["snapshot"].clone(),
        }
    }

    /// As a client without media: calls ring the agent's own telephone.
    pub async fn control_only(running: &'a Running, who: &'static Who) -> Self {
        let mut panel = Self::open(running, who).await;
        panel.send(json!({"register": {}})).await;
        panel.send(json!({"setWebrtc": {"on": false}})).await;
        if who.number.is_empty() {
            panel
                .send(json!({"setAgentNumber": {"number": "+493012345670"}}))
                .await;
        }
        panel
            .until(|view| {
                !view["config"].is_null()
                    && view["agent"]["webrtcEnabled"].is_null()
                    && !view["agent"]["number"].is_null()
            })
            .await;
        panel
    }

    /// As a client with media: calls ring in the browser.
    pub async fn with_browser_phone(running: &'a Running, who: &'static Who) -> Self {
        let mut panel = Self::open(running, who).await;
        panel
            .send(json!({"register": {"capabilities": ["webrtc"]}}))
            .await;
        panel
            .until(|view| !view["config"].is_null() && view["agent"]["webrtcEnabled"] == true)
            .await;
        panel
    }

    /// Sends a command that is as published; the reply says that it was taken.
    pub async fn send(&self, command: Value) {
        published::check_command(&command);
        let reply = self
            .running
            .unary("Send", &self.token, command.clone())
            .await;
        assert_eq!((reply.status, &reply.body), (200, &json!({})), "{command}");
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.running.read(&self.token, path).await
    }

    /// The next message; changes are folded into the view.
    pub async fn next(&mut self) -> Value {
        let message = self.frames.message().await;
        if let Some(snapshot) = message.get("snapshot") {
            self.view = snapshot.clone();
            self.seq += 1;
        } else if let Some(patch) = message.get("patch") {
            fold(&mut self.view, patch);
            self.seq += 1;
        }
        assert_eq!(seq(&message), self.seq, "{message}");
        message
    }

    /// The next message, which has to be a patch.
    pub async fn patch(&mut self) -> Value {
        let message = self.next().await;
        let patch = message.get("patch").cloned();
        patch.unwrap_or_else(|| panic!("{message} is no patch"))
    }

    /// Follows the stream until the view is so. Whatever is told besides is no error.
    pub async fn until(&mut self, is_so: impl Fn(&Value) -> bool) {
        while !is_so(&self.view) {
            let message = self.next().await;
            assert!(message.get("error").is_none(), "{message}\n{:#}", self.view);
        }
    }

    /// Follows the stream until an error is told, and gives it.
    pub async fn error(&mut self) -> Value {
        loop {
            let message = self.next().await;
            if let Some(error) = message.get("error") {
                return error.clone();
            }
        }
    }

    /// Reads everything that has been told so far: what nobody knows is answered after it.
    pub async fn settle(&mut self) {
        self.running.unary("Send", &self.token, json!({})).await;
        assert_eq!(self.error().await["code"], "unknown_command");
    }

    /// Sends a command that is refused, and checks with which code. Nothing changes by it.
    pub async fn refused(&mut self, command: Value, code: &str) -> Value {
        self.settle().await;
        let before = (self.seq, self.view.clone());
        self.send(command.clone()).await;
        let message = self.next().await;
        assert_eq!(message["error"]["code"], code, "{command}: {message}");
        assert_eq!((self.seq, self.view.clone()), before, "{command}");
        message["error"].clone()
    }

    pub fn calls(&self) -> Vec<Value> {
        list(&self.view, "activeCalls")
    }

    pub fn call(&self, id: &str) -> Value {
        let calls = self.calls();
        let found = calls.into_iter().find(|call| call["id"] == id);
        found.unwrap_or_else(|| panic!("no call {id}: {:#}", self.view))
    }

    /// Follows the stream until the call is in a state.
    pub async fn call_is(&mut self, id: &str, state: &str) -> Value {
        let state = format!("CALL_LIFECYCLE_{state}");
        let is_so = |view: &Value| {
            let calls = list(view, "activeCalls");
            calls
                .iter()
                .any(|call| call["id"] == id && call["state"] == *state)
        };
        self.until(is_so).await;
        self.call(id)
    }

    /// Follows the stream until the call has a field with a value; absent is `null`.
    pub async fn call_has(&mut self, id: &str, field: &str, value: Value) {
        let is_so = |view: &Value| {
            let calls = list(view, "activeCalls");
            calls
                .iter()
                .any(|call| call["id"] == id && call[field] == value)
        };
        self.until(is_so).await;
    }

    /// Follows the stream until the call is gone, and gives the state in which it was last shown.
    pub async fn call_is_gone(&mut self, id: &str) -> String {
        let mut last = String::new();
        loop {
            let patch = self.patch().await;
            if patch["callUpsert"]["id"] == id {
                last = text(&patch["callUpsert"]["state"]);
            }
            if patch["callRemove"] == id {
                return last.trim_start_matches("CALL_LIFECYCLE_").to_owned();
            }
        }
    }

    /// Rings the agent from a customer, has it answered at the telephone, and gives the call.
    pub async fn in_a_call(&mut self) -> String {
        let id = self
            .running
            .ring(self.who, json!({"number": CUSTOMER}))
            .await;
        self.call_is(&id, "RINGING").await;
        self.running.act(&id, "agent", "answer").await;
        self.call_is(&id, "BRIDGED").await;
        id
    }

    /// The view that the stream has told is the view that is asked for.
    pub async fn agrees_with_the_state(&self) {
        let state = self.get("/v1/agent/state").await;
        assert_eq!(state.status, 200);
        assert_eq!(state.body, self.view);
    }
}

pub fn seq(message: &Value) -> u64 {
    text(&message["seq"]).parse().unwrap()
}

pub fn list(view: &Value, name: &str) -> Vec<Value> {
    view[name].as_array().cloned().unwrap_or_default()
}

/// What a client does with a patch: replace by key, append or remove.
fn fold(view: &mut Value, patch: &Value) {
    let (arm, body) = patch.as_object().unwrap().iter().next().unwrap();
    match arm.as_str() {
        "agent" | "config" | "wrapUp" => view[arm] = body.clone(),
        "callUpsert" => upsert(view, "activeCalls", "id", body),
        "callRemove" => remove(view, "activeCalls", "id", body),
        "conferenceUpsert" => upsert(view, "conferences", "id", body),
        "conferenceRemove" => remove(view, "conferences", "id", body),
        "smsUpsert" => upsert(view, "sms", "peer", body),
        "smsRemove" => remove(view, "sms", "peer", body),
        "notification" => {}
        other => panic!("{other}"),
    }
}

fn upsert(view: &mut Value, name: &str, key: &str, item: &Value) {
    let mut items = list(view, name);
    match items.iter_mut().find(|old| old[key] == item[key]) {
        Some(old) => *old = item.clone(),
        None => items.push(item.clone()),
    }
    view[name] = items.into();
}

/// An empty list is one that is not there.
fn remove(view: &mut Value, name: &str, key: &str, gone: &Value) {
    let mut items = list(view, name);
    let before = items.len();
    items.retain(|item| item[key] != *gone);
    assert_eq!(items.len() + 1, before, "{gone} was not there");
    if items.is_empty() {
        view.as_object_mut().unwrap().remove(name);
    } else {
        view[name] = items.into();
    }
}
