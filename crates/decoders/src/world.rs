//! A relay that serves, with one of everything: an agent's session, a callback, a call, somebody at the admin pages.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use patchcord_relay::clock::Clock;
use patchcord_relay::config::{Config, Environment};
use patchcord_relay::relay::Relay;
use patchcord_relay::server::Server;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use crate::http::Answer;

/// What may never be in a reply.
pub const SECRETS: &[&str] = &[SIGNING_SECRET, ADMIN_TOKEN, SCIM_TOKEN];
const SIGNING_SECRET: &str = "canary-signing-secret-of-at-least-32-bytes";
const ADMIN_TOKEN: &str = "canary-admin-token-of-at-least-32-bytes";
const SCIM_TOKEN: &str = "canary-scim-token-of-at-least-32-bytes";
/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sessions end, and an input may end them sooner.
const FRESH: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Words {
    words: Vec<(&'static str, String)>,
    until: Option<Instant>,
}

/// The relay, and what its requests may use.
pub struct World {
    /// What its requests share.
    pub relay: Arc<Relay>,
    /// What stands for secrets that differ from run to run.
    words: RefCell<Words>,
    address: SocketAddr,
    // The runtime goes before the folder of the relay's database.
    runtime: Runtime,
    _folder: TempDir,
}

thread_local! {
    static WORLD: World = World::new();
}

/// Asks this thread's relay.
pub fn with<T>(ask: impl FnOnce(&World) -> T) -> T {
    WORLD.with(ask)
}

/// The configuration. The platforms are a port where nobody listens.
pub fn config(folder: &Path) -> Config {
    let text = include_str!("world.toml")
        .replace("{signing_secret}", SIGNING_SECRET)
        .replace("{admin_token}", ADMIN_TOKEN)
        .replace("{scim_token}", SCIM_TOKEN);
    Config::parse(&text, folder, &Environment::default()).expect("a configuration")
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        // The fuzzer's own `main` leaves the signal as it is, and the relay may write to a connection that is gone.
        {
            let _runtime = runtime.enter();
            drop(signal(SignalKind::pipe()).expect("a handler"));
        }
        let server = runtime
            .block_on(Server::bind(config(folder.path()), Clock::default()))
            .expect("a relay");
        let address = server.address().expect("an address");
        let relay = server.relay().clone();
        runtime.spawn(server.serve(std::future::pending()));
        Self {
            relay,
            words: RefCell::default(),
            address,
            runtime,
            _folder: folder,
        }
    }

    /// Signs in, takes down a callback and dials, as their owners do.
    fn new_words(&self) -> Words {
        let session = self.post(
            "/v1/sessions",
            "",
            &json!({ "assertion": self.assertion() }),
        );
        let text = |json: &Value, name: &str| json[name].as_str().expect(name).to_owned();
        let session = text(&session, "session");
        let callback = self.post(
            "/v1/callbacks",
            "Patchcord-Key: pk_plain\r\nIdempotency-Key: 0123456789abcdef\r\n",
            &json!({ "number": "+493012345678", "topic": "sales" }),
        );
        let call = self.post(
            "/v1/calls",
            &format!("Authorization: Bearer {session}\r\nIdempotency-Key: 0123456789abcdef\r\n"),
            &json!({ "number": "+493012345678" }),
        );
        let person = self.provision();
        let cookie = self.sign_in();
        let page = self.ask(&request(
            "GET /admin/dialling",
            &format!("Cookie: {cookie}\r\n"),
            "",
        ));
        let page = String::from_utf8(page.body).expect("text");
        let (_, word) = page.split_once("name=\"word\" value=\"").expect("a form");
        let (word, _) = word.split_once('"').expect("a form");
        let words = vec![
            ("{session}", session),
            ("{callback}", text(&callback, "id")),
            ("{manage}", text(&callback, "manage_token")),
            ("{call}", text(&call, "id")),
            ("{cookie}", cookie),
            ("{word}", word.to_owned()),
            ("{scim}", SCIM_TOKEN.to_owned()),
            ("{person}", person),
        ];
        Words {
            words,
            until: Some(Instant::now() + FRESH),
        }
    }

    fn assertion(&self) -> String {
        let now = self.relay.clock.now() / 1000;
        let claims = json!({
            "iss": "https://crm.acme.example", "aud": "https://relay.acme.example", "org": "acme",
            "sub": "005ALEX", "iat": now, "exp": now + 60, "jti": now.to_string(),
        });
        let header = Header {
            kid: Some("hs".into()),
            ..Header::new(Algorithm::HS256)
        };
        let key = EncodingKey::from_secret(SIGNING_SECRET.as_bytes());
        encode(&header, &claims, &key).expect("a token")
    }

    /// Somebody whom the identity provider sends, and who may be there already.
    fn provision(&self) -> String {
        let headers = format!(
            "Authorization: Bearer {SCIM_TOKEN}\r\nContent-Type: application/scim+json\r\n"
        );
        let ada = json!({ "userName": "ada@acme.example", "externalId": "005ADA" }).to_string();
        self.ask(&request("POST /scim/v2/Users", &headers, &ada));
        let path = "GET /scim/v2/Users?filter=userName%20eq%20%22ada@acme.example%22";
        let found = self.ask(&request(path, &headers, ""));
        let found: Value = serde_json::from_slice(&found.body).expect("a list");
        let id = found["Resources"][0]["id"].as_str();
        // An input may have given her id to somebody else.
        id.unwrap_or("per_0").to_owned()
    }

    fn sign_in(&self) -> String {
        let form = format!("token={ADMIN_TOKEN}");
        let headers = "Origin: https://relay.acme.example\r\nContent-Type: application/x-www-form-urlencoded\r\n";
        let answer = self.ask(&request("POST /admin/sign-in", headers, &form));
        let cookie = answer.header("set-cookie").expect("a cookie");
        cookie.split(';').next().unwrap_or_default().to_owned()
    }

    fn post(&self, path: &str, headers: &str, body: &Value) -> Value {
        let headers = format!("Content-Type: application/json\r\n{headers}");
        let answer = self.ask(&request(
            &format!("POST {path}"),
            &headers,
            &body.to_string(),
        ));
        assert!(
            answer.status < 300,
            "{path}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        serde_json::from_slice(&answer.body).expect("JSON")
    }

    /// The input with the words of this run in it.
    pub fn fill(&self, text: &str) -> String {
        if !text.contains('{') {
            return text.to_owned();
        }
        let old = self
            .words
            .borrow()
            .until
            .is_none_or(|until| until < Instant::now());
        if old {
            self.words.replace(self.new_words());
        }
        let fill = |text: String, (name, word): &(&str, String)| text.replace(name, word);
        self.words.borrow().words.iter().fold(text.to_owned(), fill)
    }

    /// Sends these bytes, and waits for the whole answer.
    pub fn ask(&self, request: &[u8]) -> Answer {
        self.runtime.block_on(async {
            tokio::time::timeout(PATIENCE, exchange(self.address, request))
                .await
                .unwrap_or_else(|_| panic!("no answer to {}", String::from_utf8_lossy(request)))
        })
    }
}

async fn exchange(address: SocketAddr, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    // A reply before the whole request is no failure.
    let _ = stream.write_all(request).await;
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => break,
            Ok(n) => bytes.extend_from_slice(&part[..n]),
        }
        // An event stream ends with the session.
        if Answer::read(&bytes).is_some_and(|answer| answer.is_stream()) {
            break;
        }
    }
    Answer::read(&bytes)
        .unwrap_or_else(|| panic!("no answer to {}", String::from_utf8_lossy(request)))
}

/// The bytes of a request that is framed right.
fn request(line: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("{line} HTTP/1.1\r\nHost: relay.acme.example\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
        .into_bytes()
}
