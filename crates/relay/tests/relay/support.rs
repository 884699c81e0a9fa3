//! A relay and a sandbox for one test, and how to ask them.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use patchcord_relay::clock::Clock;
use patchcord_relay::config::{Config, Environment};
use patchcord_relay::relay::Relay;
use patchcord_relay::server::Server;
use patchcord_sandbox::Sandbox;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection, Executor};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub const AGENT_PAGE: &str = "https://crm.acme.example";
pub const SITE: &str = "https://www.acme.example";
pub const NUMBER: &str = "+493012345678";
pub const AUDIENCE: &str = "https://relay.acme.example";
pub const SIGNING_SECRET: &str = "canary-signing-secret-of-at-least-32-bytes";
/// How long a test waits for what should happen at once, before it fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The configuration of most tests.
pub fn config(sandbox: &str) -> String {
    format!(
        r#"
listen = "127.0.0.1:0"
database = "relay.db"
audience = "{AUDIENCE}"
region = "DE"
countries = ["DE", "AT"]
agent_origins = ["{AGENT_PAGE}"]
callbacks = {{ attempts = 3, backoff = 60 }}
limits = {{ visitor_per_hour = 10000, visitor_per_day = 10000, number_per_hour = 10000, number_per_day = 10000 }}

[[account]]
name = "samespace"
provider = "samespace"
cluster_id = "ph1c"
cloud_id = "acme"
base_url = "{sandbox}"
timeout = 2

[[account]]
name = "babelforce"
provider = "babelforce"
environment = "{sandbox}"
timeout = 2
grant = {{ type = "password", username = "relay@acme.example", password = "sandbox-password" }}

[[issuer]]
iss = "https://crm.acme.example"
org = "acme"
kid = "hs"
algorithm = "HS256"
secret = "{SIGNING_SECRET}"

[[agent]]
org = "acme"
sub = "005ALEX"
name = "Alex Adler"
identities = [{{ account = "samespace", agent = "alex@acme" }}, {{ account = "babelforce", agent = "0a1b2c3d4e5f60718293a4b5c6d7e8f9" }}]
caller_ids = ["+493012345678"]

[[agent]]
org = "acme"
sub = "005SAM"
identities = [{{ account = "samespace", agent = "sam@acme" }}]

[[agent]]
org = "acme"
sub = "005TWICE"
identities = [{{ account = "samespace", agent = "alex@acme" }}]

[[agent]]
org = "acme"
sub = "005TWICE"
identities = [{{ account = "samespace", agent = "sam@acme" }}]

[[key]]
key = "pk_demo"
origins = ["{SITE}"]
topics = ["sales", "support", "now"]
consent = {{ version = "2026-11", text = "You may call me." }}
fields = [{{ name = "name", label = "Your name", required = true, max = 10 }}, {{ name = "town", label = "Town" }}]

[[key]]
key = "pk_plain"
region = "AT"
origins = ["https://other.acme.example"]
topics = ["sales", "support"]

[[topic]]
topic = "sales"
label = "Sales"
account = "samespace"
space_id = "acme"
team_name = "helpdesk"

[[topic]]
topic = "support"
label = "Support"
account = "babelforce"
queue_id = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"

[[topic]]
topic = "now"
label = "Now"
schedule = false
account = "samespace"
space_id = "acme"
team_name = "helpdesk"
"#
    )
}

/// Where `TEST_POSTGRES` names a server (`postgres://…/postgres`), the tests run on it: each makes a database of
/// its own there, which goes with the server.
pub const SERVER: &str = "TEST_POSTGRES";

/// The configuration, on a database of its own.
pub async fn on_its_database(config: &str) -> String {
    let Ok(server) = std::env::var(SERVER) else {
        return config.to_owned();
    };
    let name = format!("t_{}", fresh_key().replace('-', "_"));
    let name = format!("{name}_{}", std::process::id());
    let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
    let made = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name} STRATEGY file_copy"));
    connection.execute(made).await.unwrap();
    connection.close().await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    let config = config.replace(
        r#"database = "relay.db""#,
        &format!(r#"database = "{base}/{name}""#),
    );
    if config.contains("[[encryption_key]]") {
        return config;
    }
    config + &encryption_key("test", 7)
}

/// A key that seals.
pub fn encryption_key(id: &str, byte: u8) -> String {
    let key = base64::engine::general_purpose::STANDARD.encode([byte; 32]);
    format!("\n[[encryption_key]]\nid = \"{id}\"\nkey = \"{key}\"\n")
}

/// A relay with a sandbox behind it.
pub struct World {
    pub sandbox: Sandbox,
    pub relay: Running,
    pub folder: TempDir,
    config: String,
}

/// A relay that serves.
pub struct Running {
    pub url: String,
    /// Where metrics are, if they are configured.
    pub metrics: Option<String>,
    pub clock: Clock,
    shared: Arc<Relay>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Running {
    /// Starts a relay; relative paths are relative to `folder`.
    pub async fn start(config: &str, folder: &Path) -> Self {
        let clock = Clock::default();
        let config = Config::parse(config, folder, &Environment::default()).unwrap();
        let server = Server::bind(config, clock.clone()).await.unwrap();
        let url = format!("{}://{}", server.scheme(), server.address().unwrap());
        let metrics = server.metrics_address().unwrap();
        let metrics = metrics.map(|address| format!("http://{address}"));
        let shared = server.relay().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            server.serve(async { drop(stopped.await) }).await.unwrap();
        });
        Self {
            url,
            metrics,
            clock,
            shared,
            stop: Some(stop),
            task,
        }
    }

    /// Goes down in order.
    pub async fn stop(mut self) {
        self.stop.take();
        self.task.await.unwrap();
    }

    /// What its requests share.
    pub fn shared(&self) -> &Arc<Relay> {
        &self.shared
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with(|config| config).await
    }

    /// A world whose configuration was changed.
    pub async fn with(change: impl FnOnce(String) -> String) -> Self {
        let sandbox = Sandbox::start(SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .unwrap();
        let folder = TempDir::new().unwrap();
        let config = on_its_database(&change(config(&sandbox.url()))).await;
        Self::of(sandbox, folder, config).await
    }

    /// A world of these parts.
    pub async fn of(sandbox: Sandbox, folder: TempDir, config: String) -> Self {
        let relay = Running::start(&config, folder.path()).await;
        Self {
            sandbox,
            relay,
            folder,
            config,
        }
    }

    /// The same configuration and database, a new relay.
    pub async fn restart(self) -> Self {
        self.restart_with(|config| config).await
    }

    /// The same database, a new relay, its configuration changed.
    pub async fn restart_with(self, change: impl FnOnce(String) -> String) -> Self {
        let Self {
            sandbox,
            relay,
            folder,
            config,
        } = self;
        relay.stop().await;
        Self::of(sandbox, folder, change(config)).await
    }

    /// A request to the relay.
    pub fn ask(&self, method: Method, path: &str) -> Ask {
        Ask::new(method, format!("{}{path}", self.relay.url))
    }

    /// A session of the agent Alex.
    pub async fn session(&self) -> String {
        self.session_of("005ALEX").await
    }

    pub async fn session_of(&self, sub: &str) -> String {
        let reply = self.open_session(&assertion(sub)).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json["session"].as_str().unwrap().to_owned()
    }

    pub async fn open_session(&self, assertion: &str) -> Answer {
        self.ask(Method::POST, "/v1/sessions")
            .json(&json!({ "assertion": assertion }))
            .send()
            .await
    }

    /// A dial with a fresh key.
    pub fn dial(&self, session: &str, body: &Value) -> Ask {
        self.ask(Method::POST, "/v1/calls")
            .bearer(session)
            .header("Idempotency-Key", &fresh_key())
            .json(body)
    }

    /// A callback with a fresh key.
    pub fn callback(&self, body: &Value) -> Ask {
        self.ask(Method::POST, "/v1/callbacks")
            .header("Patchcord-Key", "pk_demo")
            .header("Idempotency-Key", &fresh_key())
            .json(body)
    }

    /// A callback that its holder manages.
    pub fn managed(&self, method: Method, callback: &Value) -> Ask {
        self.ask(
            method,
            &format!("/v1/callbacks/{}", callback["id"].as_str().unwrap()),
        )
        .header(
            "Patchcord-Manage",
            callback["manage_token"].as_str().unwrap(),
        )
    }

    /// Asks for a callback until it is in this state.
    pub async fn until_state(&self, callback: &Value, state: &str) -> Value {
        eventually(async || {
            let now = self.managed(Method::GET, callback).send().await.json;
            (now["state"] == state).then_some(now)
        })
        .await
    }

    /// Makes the sandbox misbehave.
    pub async fn fault(&self, path: &str, action: Value) {
        self.faults(json!([{ "match": { "path": path }, "action": action }]))
            .await;
    }

    pub async fn faults(&self, faults: Value) {
        let url = format!("{}/_sandbox/faults", self.sandbox.url());
        let reply = Ask::new(Method::POST, url)
            .json(&json!({ "faults": faults }))
            .send()
            .await;
        assert!(reply.status < 300, "{}", reply.body);
    }

    /// What the sandbox saw at a path.
    pub async fn seen(&self, path: &str) -> Vec<Value> {
        let url = format!("{}/_sandbox/requests?path={path}", self.sandbox.url());
        let reply = Ask::new(Method::GET, url).send().await;
        reply.json["requests"].as_array().unwrap().clone()
    }

    /// The dials that the sandbox saw, at both platforms.
    pub async fn dials(&self) -> Vec<Value> {
        let mut dials = self.seen("/apiv1/make_call").await;
        dials.extend(
            self.seen("/api/v2/agents/0a1b2c3d4e5f60718293a4b5c6d7e8f9/calls")
                .await,
        );
        dials
    }
}

/// Asks again until there is an answer.
pub async fn eventually<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let wait = async {
        let mut pulse = tokio::time::interval(Duration::from_millis(10));
        loop {
            pulse.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    };
    tokio::time::timeout(PATIENCE, wait)
        .await
        .expect("it did not happen")
}

/// A request.
pub struct Ask(reqwest::RequestBuilder);

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: String,
    /// The body where it is JSON, else null.
    pub json: Value,
}

impl Ask {
    pub fn new(method: Method, url: String) -> Self {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self(client.request(method, url).timeout(PATIENCE))
    }

    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// The header with this value alone.
    pub fn replace(self, name: &str, value: &str) -> Self {
        let name: reqwest::header::HeaderName = name.parse().unwrap();
        let only = [(name, value.parse().unwrap())].into_iter().collect();
        Self(self.0.headers(only))
    }

    pub fn bearer(self, session: &str) -> Self {
        Self(self.0.bearer_auth(session))
    }

    pub fn json(self, body: &Value) -> Self {
        self.text("application/json", body.to_string())
    }

    pub fn text(self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        Self(self.0.header("content-type", content_type).body(body))
    }

    pub async fn send(self) -> Answer {
        let reply = self.0.send().await.unwrap();
        let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
        let body = reply.bytes().await.unwrap();
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Answer {
            status,
            headers,
            body: String::from_utf8_lossy(&body).into_owned(),
            json,
        }
    }

    /// The reply while it still comes.
    pub async fn stream(self) -> reqwest::Response {
        self.0.send().await.unwrap()
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Checks that this is a problem document with this code.
    #[track_caller]
    pub fn is_problem(&self, code: &str) -> &Self {
        assert_eq!(self.json["code"], code, "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.json["status"], self.status);
        assert_eq!(self.json["type"], "about:blank");
        assert!(
            self.json["detail"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
        assert_eq!(self.json["request_id"], self.header("x-request-id"));
        self
    }

    #[track_caller]
    pub fn about(&self, field: &str) {
        assert_eq!(self.json["field"], field, "{}", self.body);
    }

    /// Checks the outcome of a call.
    #[track_caller]
    pub fn is_outcome(&self, outcome: &str, code: Option<&str>) -> &Self {
        assert_eq!(self.status, 200, "{}", self.body);
        assert_eq!(self.json["outcome"], outcome, "{}", self.body);
        assert_eq!(self.json["code"].as_str(), code, "{}", self.body);
        self
    }
}

/// An idempotency key that no other request has.
pub fn fresh_key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!(
        "test-key-{:010}-{}",
        NEXT.fetch_add(1, Ordering::Relaxed),
        now()
    )
}

/// Seconds since the epoch.
pub fn now() -> i64 {
    i64::try_from(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs(),
    )
    .unwrap()
}

/// The claims of a good assertion.
pub fn claims(sub: &str) -> Value {
    json!({
        "iss": "https://crm.acme.example", "aud": AUDIENCE, "org": "acme", "sub": sub,
        "iat": now(), "exp": now() + 60, "jti": fresh_key(),
    })
}

/// A good assertion.
pub fn assertion(sub: &str) -> String {
    sign(
        &claims(sub),
        "hs",
        Algorithm::HS256,
        &EncodingKey::from_secret(SIGNING_SECRET.as_bytes()),
    )
}

pub fn sign(claims: &Value, kid: &str, algorithm: Algorithm, key: &EncodingKey) -> String {
    let header = Header {
        kid: Some(kid.to_owned()),
        ..Header::new(algorithm)
    };
    encode(&header, claims, key).unwrap()
}
