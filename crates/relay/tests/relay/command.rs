//! The binary: its arguments, its signals, and what a kill leaves behind.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use patchcord_sandbox::Sandbox;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::support::{Answer, Ask, NUMBER, PATIENCE, assertion, config, eventually, fresh_key};

/// The relay's command, without what a developer's own variables would set.
pub fn relay() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_patchcord-relay"));
    for (variable, _) in std::env::vars_os() {
        if variable.as_encoded_bytes().starts_with(b"PATCHCORD_") {
            command.env_remove(variable);
        }
    }
    command
}

/// The same with a configuration file in a folder.
pub fn command(folder: &Path) -> Command {
    let mut command = relay();
    command
        .arg("--config")
        .arg(folder.join("relay.toml"))
        .kill_on_drop(true);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub struct Process {
    pub child: Child,
    pub url: String,
}

impl Process {
    /// Starts the relay and waits until it listens.
    pub async fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(PATIENCE, lines.next_line())
            .await
            .unwrap()
            .unwrap()
            .unwrap_or_default();
        let url = line
            .strip_prefix("listening on ")
            .unwrap_or_else(|| panic!("first line: {line}"))
            .to_owned();
        Self { child, url }
    }

    pub fn ask(&self, method: Method, path: &str) -> Ask {
        Ask::new(method, format!("{}{path}", self.url))
    }

    pub async fn session(&self) -> String {
        let body = json!({ "assertion": assertion("005ALEX") });
        let answer = self
            .ask(Method::POST, "/v1/sessions")
            .json(&body)
            .send()
            .await;
        answer.json["session"].as_str().unwrap().to_owned()
    }

    pub async fn dial(&self, session: &str, key: &str) -> Answer {
        let ask = self
            .ask(Method::POST, "/v1/calls")
            .bearer(session)
            .header("Idempotency-Key", key);
        ask.json(&json!({ "number": NUMBER })).send().await
    }

    /// Ends it with a signal and gives back what it wrote to its error output.
    pub async fn end(mut self, signal: &str) -> (bool, String) {
        let pid = self.child.id().unwrap().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .await
                .unwrap()
                .success()
        );
        let status = tokio::time::timeout(PATIENCE, self.child.wait())
            .await
            .expect("it did not go down")
            .unwrap();
        let mut log = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut log)
            .await
            .unwrap();
        (status.success(), log)
    }
}

/// A sandbox, and a folder with a configuration for it.
pub async fn prepare() -> (Sandbox, TempDir) {
    let sandbox = Sandbox::start(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .unwrap();
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("relay.toml"), config(&sandbox.url())).unwrap();
    (sandbox, folder)
}

async fn seen(sandbox: &Sandbox, path: &str) -> usize {
    let reply = Ask::new(
        Method::GET,
        format!("{}/_sandbox/requests?path={path}", sandbox.url()),
    )
    .send()
    .await;
    reply.json["requests"].as_array().unwrap().len()
}

async fn fault(sandbox: &Sandbox, path: &str, action: Value) {
    let faults = json!({ "faults": [{ "match": { "path": path }, "action": action }] });
    Ask::new(Method::POST, format!("{}/_sandbox/faults", sandbox.url()))
        .json(&faults)
        .send()
        .await;
}

#[tokio::test]
async fn after_a_kill_what_was_in_flight_is_unknown_and_what_waited_is_still_there() {
    let (sandbox, folder) = prepare().await;
    let process = Process::start(command(folder.path())).await;
    let session = process.session().await;
    fault(&sandbox, "/apiv1/*", json!("hold")).await;

    let wish = |at: Value| {
        let ask = process
            .ask(Method::POST, "/v1/callbacks")
            .header("Patchcord-Key", "pk_plain");
        ask.header("Idempotency-Key", &fresh_key())
            .json(&json!({ "number": NUMBER, "topic": "sales", "at": at }))
            .send()
    };
    let tomorrow = patchcord_relay::clock::to_rfc3339(
        patchcord_relay::clock::Clock::default().now() + 86_400_000,
    );
    let in_flight = wish(Value::Null).await.json;
    let waiting = wish(json!(tomorrow)).await.json;
    let key = fresh_key();
    let (url, held_session, held_key) = (process.url.clone(), session.clone(), key.clone());
    let dial = tokio::spawn(async move {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let ask = client
            .post(format!("{url}/v1/calls"))
            .bearer_auth(held_session)
            .header("Idempotency-Key", held_key);
        ask.header("Content-Type", "application/json")
            .body(json!({ "number": NUMBER }).to_string())
            .send()
            .await
    });
    eventually(async || (seen(&sandbox, "/apiv1/*").await == 2).then_some(())).await;
    process.end("-KILL").await;
    assert!(dial.await.unwrap().is_err());

    fault(&sandbox, "/nothing", json!("hold")).await;
    let process = Process::start(command(folder.path())).await;
    let state = async |callback: &Value| {
        let ask = process.ask(
            Method::GET,
            &format!("/v1/callbacks/{}", callback["id"].as_str().unwrap()),
        );
        ask.header(
            "Patchcord-Manage",
            callback["manage_token"].as_str().unwrap(),
        )
        .send()
        .await
        .json
    };
    let unknown = state(&in_flight).await;
    assert_eq!(
        (&unknown["state"], &unknown["code"]),
        (&json!("unknown"), &json!("interrupted"))
    );
    assert_eq!(state(&waiting).await["state"], "queued");
    // The browser asks again under its key, with the session it had: nothing is dialled again.
    let again = process.dial(&session, &key).await;
    again.is_outcome("unknown", Some("interrupted"));
    assert_eq!(again.header("idempotent-replay"), "true");
    assert_eq!(seen(&sandbox, "/apiv1/*").await, 2);
    process.end("-TERM").await;
}

#[tokio::test]
async fn it_goes_down_in_order_and_lets_a_dial_end_first() {
    for signal in ["-TERM", "-INT"] {
        let (sandbox, folder) = prepare().await;
        let process = Process::start(command(folder.path())).await;
        let session = process.session().await;
        fault(&sandbox, "/apiv1/make_call", json!("hold")).await;
        let (url, key) = (process.url.clone(), fresh_key());
        let held = {
            let (url, session, key) = (url.clone(), session.clone(), key.clone());
            tokio::spawn(async move {
                let ask = Ask::new(Method::POST, format!("{url}/v1/calls"))
                    .bearer(&session)
                    .header("Idempotency-Key", &key);
                ask.json(&json!({ "number": NUMBER })).send().await
            })
        };
        eventually(async || (seen(&sandbox, "/apiv1/make_call").await == 1).then_some(())).await;
        let ended = tokio::spawn(process.end(signal));
        // It takes nothing new …
        eventually(async || {
            reqwest::Client::builder()
                .no_proxy()
                .build()
                .unwrap()
                .get(format!("{url}/healthz"))
                .send()
                .await
                .err()
        })
        .await;
        // … and what it began has its answer.
        fault(&sandbox, "/nothing", json!("hold")).await;
        held.await.unwrap().is_outcome("accepted", None);
        assert!(ended.await.unwrap().0, "it did not end well");
    }
}

#[tokio::test]
async fn arguments_are_explained() {
    let run = async |arguments: &[&str]| {
        let output = relay().args(arguments).output().await.unwrap();
        (
            output.status.success(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (ok, out, _) = run(&["--help"]).await;
    assert!(ok && out.contains("--config") && out.contains("check"));
    let (ok, _, err) = run(&["--confg", "x"]).await;
    assert!(!ok && err.contains("--confg"), "{err}");
    let (ok, _, err) = run(&["--config", "/nowhere/relay.toml"]).await;
    assert!(!ok && err.contains("/nowhere/relay.toml"), "{err}");
}
