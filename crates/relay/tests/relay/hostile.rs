//! Requests of people who mean harm: each gets a problem document where HTTP allows one, and leaves nothing behind.

use std::time::Duration;

use patchcord_relay::store::Store;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{NUMBER, PATIENCE, World, fresh_key};

/// What a request could leave behind. Not: `run`, which the relay itself writes, and `refusal`, which counts.
const TABLES: &[&str] = &[
    "session",
    "used_jti",
    "call",
    "callback",
    "idempotency",
    "event",
    "event_seq",
    "alert",
    "delivery",
    "audit",
    "used_proof",
    "tally",
    "consent_proof",
    "do_not_call",
    "switch",
];

async fn rows(store: &Store) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in TABLES {
        let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        counts.push(
            sqlx::query_scalar(sql)
                .fetch_one(store.read())
                .await
                .unwrap(),
        );
    }
    counts
}

struct Reply {
    status: u16,
    head: String,
    json: Value,
}

/// Sends bytes as they are, and reads until the relay closes.
async fn send(world: &World, bytes: &[u8]) -> Reply {
    let mut stream = connect(world).await;
    // The relay may refuse and close before it has everything.
    let _ = stream.write_all(bytes).await;
    read(stream).await
}

async fn connect(world: &World) -> TcpStream {
    TcpStream::connect(world.relay.url.trim_start_matches("http://"))
        .await
        .unwrap()
}

async fn read(mut stream: TcpStream) -> Reply {
    let mut text = Vec::new();
    let mut part = [0_u8; 4096];
    let all = async {
        while let Ok(n @ 1..) = stream.read(&mut part).await {
            text.extend_from_slice(&part[..n]);
        }
    };
    tokio::time::timeout(PATIENCE, all).await.expect("no end");
    let text = String::from_utf8_lossy(&text).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    Reply {
        status: head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .unwrap_or(0),
        head: head.to_ascii_lowercase(),
        json: serde_json::from_str(body).unwrap_or(Value::Null),
    }
}

impl Reply {
    #[track_caller]
    fn is_problem(&self, code: &str) {
        assert_eq!(self.json["code"], code, "{} {}", self.head, self.json);
        assert!(
            self.head.contains("application/problem+json"),
            "{}",
            self.head
        );
        assert_eq!(self.json["status"], self.status);
        assert!(
            self.head
                .contains(self.json["request_id"].as_str().unwrap())
        );
    }
}

fn post(headers: &str, body: &str) -> Vec<u8> {
    let key = fresh_key();
    format!(
        "POST /v1/callbacks HTTP/1.1\r\nHost: relay\r\nConnection: close\r\nPatchcord-Key: pk_plain\r\nIdempotency-Key: {key}\r\n\
         {headers}\r\n{body}"
    )
    .into_bytes()
}

fn json_post(extra: &str, body: &str) -> Vec<u8> {
    post(
        &format!(
            "Content-Type: application/json\r\nContent-Length: {}\r\n{extra}",
            body.len()
        ),
        body,
    )
}

#[tokio::test]
async fn every_refusal_is_a_problem_and_nothing_is_stored() {
    let world = World::new().await;
    let store = &world.relay.shared().store;
    let before = rows(store).await;
    let good = json!({ "number": NUMBER, "topic": "sales" }).to_string();

    // Too large: announced, and not announced.
    send(
        &world,
        &post(
            "Content-Type: application/json\r\nContent-Length: 99999999\r\n",
            "{",
        ),
    )
    .await
    .is_problem("body_too_large");
    let chunk = format!("{:x}\r\n{}\r\n", 70_000, "x".repeat(70_000));
    let chunked = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
    send(&world, &post(chunked, &(chunk + "0\r\n\r\n")))
        .await
        .is_problem("body_too_large");
    // Compressed.
    send(&world, &json_post("Content-Encoding: gzip\r\n", &good))
        .await
        .is_problem("unsupported_media_type");
    // Twice.
    for twice in [
        "Patchcord-Key: pk_demo\r\n",
        "Content-Type: text/plain\r\n",
        "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n",
        "Origin: https://www.acme.example\r\nOrigin: https://evil.example\r\n",
        "Host: evil\r\n",
    ] {
        send(&world, &json_post(twice, &good))
            .await
            .is_problem("invalid_header");
    }
    send(
        &world,
        &json_post("Idempotency-Key: another-key-0123456789\r\n", &good),
    )
    .await
    .is_problem("idempotency_key_invalid");
    // Not UTF-8.
    let mut bytes = json_post("", &good);
    let at = bytes
        .windows(8)
        .position(|window| window == b"pk_plain")
        .unwrap();
    bytes[at] = 0xff;
    send(&world, &bytes).await.is_problem("invalid_header");
    let mut bytes = json_post("", &good.replace("sales", "s?les"));
    let at = bytes
        .windows(5)
        .position(|window| window == b"s?les")
        .unwrap();
    bytes[at + 1] = 0xff;
    send(&world, &bytes).await.is_problem("invalid_json");
    // Paths.
    for path in [
        "/v1/../v1/callbacks",
        "/v1/%2e%2e/config",
        "//v1/config",
        "/v1/callbacks/..%2f..%2frelay.toml",
        "/assets/../relay.db",
        "/assets/%2e%2e/%2e%2e/relay.db",
        "/v1/calls/%00",
        "/v1/calls/%ff%fe",
        "/assets/..\\relay.db",
        "/v1/callbacks/;DROP TABLE callback",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n");
        let reply = send(&world, request.as_bytes()).await;
        assert!((400..500).contains(&reply.status), "{path}: {}", reply.head);
        let code = reply.json["code"]
            .as_str()
            .unwrap_or_else(|| panic!("{path}: {}", reply.head));
        reply.is_problem(code);
    }
    // SQL in every place that reaches the database before it is known.
    let sql = "x' OR '1'='1";
    world
        .ask(Method::GET, "/v1/calls/x'%20OR%20'1'='1")
        .bearer(sql)
        .send()
        .await
        .is_problem("session_expired");
    world
        .ask(Method::GET, "/v1/callbacks/x'%20OR%20'1'='1")
        .header("Patchcord-Manage", sql)
        .send()
        .await
        .is_problem("manage_token_invalid");
    let ask = world
        .ask(Method::POST, "/v1/callbacks")
        .header("Patchcord-Key", "pk_plain");
    ask.header("Idempotency-Key", "x'); DROP TABLE callback; --")
        .json(&json!({}))
        .send()
        .await
        .is_problem("idempotency_key_invalid");
    // Methods.
    let reply = send(
        &world,
        b"BREW /v1/callbacks HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n",
    )
    .await;
    reply.is_problem("method_not_allowed");

    assert_eq!(rows(store).await, before);
    // And it still serves.
    assert_eq!(world.ask(Method::GET, "/readyz").send().await.status, 204);
}

#[tokio::test]
async fn what_is_no_request_gets_a_problem_too_and_is_closed_without_harm() {
    let world = World::new().await;
    let before = rows(&world.relay.shared().store).await;
    let long = format!(
        "GET /{} HTTP/1.1\r\nHost: relay\r\n\r\n",
        "a".repeat(100_000)
    );
    let many = format!(
        "GET / HTTP/1.1\r\nHost: relay\r\n{}\r\n",
        "X-A: 1\r\n".repeat(5_000)
    );
    let after = [
        b"GET /healthz HTTP/1.1\r\nHost: r\r\n\r\n".as_slice(),
        b"nonsense\r\n\r\n",
    ]
    .concat();
    for bytes in [
        long.as_bytes(),
        many.as_bytes(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 TLS?\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"nonsense\r\n\r\n",
        // Two lengths, and a length beside chunks: how requests are smuggled.
        b"POST /v1/callbacks HTTP/1.1\r\nHost: r\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"GET / HTTP/1.1\r\nHost: r\r\nX-A: a\r\nB\x00: c\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: r\r\n X: folded\r\n\r\n",
    ] {
        send(&world, bytes).await.is_problem("invalid_header");
    }
    // Also behind a request that was answered.
    let mut stream = connect(&world).await;
    stream.write_all(&after).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let (first, second) = text.split_once("\r\n\r\n").unwrap();
    assert!(first.starts_with("HTTP/1.1 204"), "{text}");
    assert!(second.starts_with("HTTP/1.1 400"), "{text}");
    assert!(second.contains("invalid_header"), "{text}");

    assert_eq!(rows(&world.relay.shared().store).await, before);
    assert_eq!(world.ask(Method::GET, "/readyz").send().await.status, 204);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_refused_in_time() {
    let world = World::new().await;
    let mut stream = connect(&world).await;
    let head = post(
        "Content-Type: application/json\r\nContent-Length: 100\r\n",
        "{",
    );
    stream.write_all(&head).await.unwrap();
    let began = std::time::Instant::now();
    read(stream).await.is_problem("request_timeout");
    assert!(began.elapsed() < Duration::from_secs(15));
}

#[tokio::test]
async fn a_header_that_does_not_come_ends_the_connection() {
    let world = World::new().await;
    let mut stream = connect(&world).await;
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nHost:")
        .await
        .unwrap();
    let began = std::time::Instant::now();
    let reply = read(stream).await;
    assert!(matches!(reply.status, 0 | 408), "{}", reply.head);
    assert!(began.elapsed() < Duration::from_secs(15));
}

#[tokio::test]
async fn beyond_the_most_connections_clients_wait_their_turn() {
    let world = World::with(|config| format!("connections = 2\n{config}")).await;
    // Two that say nothing, and with them every place is taken.
    let silent = [connect(&world).await, connect(&world).await];
    let mut third = connect(&world).await;
    third
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut byte = [0_u8; 1];
    let waits = tokio::time::timeout(Duration::from_millis(300), third.read(&mut byte)).await;
    assert!(waits.is_err(), "it was served");
    drop(silent);
    assert_eq!(read(third).await.status, 204);
}
