//! The demo over real HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its own functions too"
)]

use std::collections::BTreeSet;
use std::net::SocketAddr;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use patchcord_demo::server;
use patchcord_demo::settings::Command;
use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/demo");
const SECRET: &str = "a-secret-of-this-test-with-more-than-32-bytes";
const RELAY: &str = "https://relay.example";

/// A server of its own for each test; it ends with the test's runtime.
async fn start(options: &[&str]) -> SocketAddr {
    let arguments = [
        "--pages",
        PAGES,
        "--relay",
        RELAY,
        "--sandbox",
        "https://sandbox.example",
    ];
    let arguments = arguments.iter().chain(options).map(Into::into);
    let Ok(Command::Serve(settings)) = Command::read(arguments, Some(SECRET.into())) else {
        panic!("the options are right");
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, server::router(*settings)).await });
    address
}

fn client() -> reqwest::Client {
    let none = reqwest::redirect::Policy::none();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(none)
        .build()
        .unwrap()
}

async fn get(server: SocketAddr, path: &str) -> (StatusCode, HeaderMap, String) {
    let reply = client()
        .get(format!("http://{server}{path}"))
        .send()
        .await
        .unwrap();
    (
        reply.status(),
        reply.headers().clone(),
        reply.text().await.unwrap(),
    )
}

fn ask(server: SocketAddr, path: &str) -> RequestBuilder {
    client()
        .post(format!("http://{server}{path}"))
        .header("sec-fetch-site", "same-origin")
}

async fn problem_code(request: RequestBuilder) -> (StatusCode, String) {
    let reply = request.send().await.unwrap();
    assert_eq!(reply.headers()["content-type"], "application/problem+json");
    let status = reply.status();
    let problem: Value = reply.json().await.unwrap();
    (status, problem["code"].as_str().unwrap().to_owned())
}

/// Checks an assertion as the relay does: signature, algorithm, issuer, audience and time.
fn verified(reply: &Value, audience: &str) -> (Option<String>, Value) {
    let mut rules = Validation::new(Algorithm::HS256);
    rules.set_audience(&[audience]);
    rules.set_issuer(&["https://crm.acme.example"]);
    rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    let key = DecodingKey::from_secret(SECRET.as_bytes());
    let text = reply["assertion"].as_str().unwrap();
    let token = jsonwebtoken::decode::<Value>(text, &key, &rules).unwrap();
    (token.header.kid, token.claims)
}

#[tokio::test]
async fn an_assertion_verifies_and_says_who_the_agent_is() {
    let server = start(&[]).await;
    let reply = ask(server, "/crm/assertion").send().await.unwrap();
    assert_eq!(reply.status(), StatusCode::OK);
    assert_eq!(reply.headers()["cache-control"], "no-store");
    let (key_id, claims) = verified(&reply.json().await.unwrap(), RELAY);
    assert_eq!(key_id.as_deref(), Some("demo"));
    assert_eq!(claims["org"], "acme");
    assert_eq!(claims["sub"], "005ALEX");
    let lifetime = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
    assert_eq!(lifetime, 60);
}

#[tokio::test]
async fn each_assertion_has_an_id_of_its_own() {
    let server = start(&[]).await;
    let mut ids = BTreeSet::new();
    for _ in 0..3 {
        let reply = ask(server, "/crm/assertion").send().await.unwrap();
        let (_, claims) = verified(&reply.json().await.unwrap(), RELAY);
        ids.insert(claims["jti"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|id| id.len() == 32), "{ids:?}");
}

#[tokio::test]
async fn another_agent_and_another_audience_can_be_asked_for() {
    let server = start(&["--audience", "patchcord-acme"]).await;
    let reply = ask(server, "/crm/assertion?user=005SAM")
        .send()
        .await
        .unwrap();
    let (_, claims) = verified(&reply.json().await.unwrap(), "patchcord-acme");
    assert_eq!(claims["sub"], "005SAM");
}

#[tokio::test]
async fn a_user_that_is_no_agent_id_is_refused() {
    let server = start(&[]).await;
    for user in ["", "a%20b", "%22"] {
        let request = ask(server, &format!("/crm/assertion?user={user}"));
        let expected = (StatusCode::BAD_REQUEST, "invalid_field".to_owned());
        assert_eq!(problem_code(request).await, expected);
    }
}

#[tokio::test]
async fn an_assertion_is_given_to_a_post_only() {
    let server = start(&[]).await;
    let url = format!("http://{server}/crm/assertion");
    let reply = client()
        .get(&url)
        .header("sec-fetch-site", "same-origin")
        .send()
        .await
        .unwrap();
    assert_eq!(reply.headers()["allow"], "POST");
    let request = client().get(&url).header("sec-fetch-site", "same-origin");
    let expected = (
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed".to_owned(),
    );
    assert_eq!(problem_code(request).await, expected);
}

#[tokio::test]
async fn no_other_site_gets_an_assertion() {
    let server = start(&[]).await;
    let post = || client().post(format!("http://{server}/crm/assertion"));
    for request in [
        post().header("sec-fetch-site", "cross-site"),
        post().header("sec-fetch-site", "same-site"),
        post().header("origin", "https://evil.example"),
        post().header("origin", "null"),
        post(),
    ] {
        let expected = (StatusCode::FORBIDDEN, "origin_not_allowed".to_owned());
        assert_eq!(problem_code(request).await, expected);
    }
    let own = post()
        .header("origin", format!("http://{server}"))
        .send()
        .await
        .unwrap();
    assert_eq!(own.status(), StatusCode::OK);
}

#[tokio::test]
async fn pages_and_scripts_name_the_relay_and_the_sandbox() {
    let server = start(&[]).await;
    for (path, kind, text) in [
        ("/", "text/html; charset=utf-8", "https://sandbox.example/"),
        (
            "/crm/",
            "text/html; charset=utf-8",
            "src=\"https://relay.example/patchcord.js\"",
        ),
        (
            "/site/",
            "text/html; charset=utf-8",
            "relay=\"https://relay.example\"",
        ),
        (
            "/crm/mapping.js",
            "text/javascript; charset=utf-8",
            "\"https://relay.example/patchcord.js\"",
        ),
    ] {
        let (status, head, body) = get(server, path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_eq!(head["content-type"], kind, "{path}");
        assert!(body.contains(text), "{path}");
        assert!(
            !body.contains("__RELAY__") && !body.contains("__SANDBOX__"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_folder_without_its_slash_leads_to_the_page() {
    let server = start(&[]).await;
    for path in ["/crm", "/site", "/playground"] {
        let (status, head, _) = get(server, path).await;
        assert_eq!(status, StatusCode::PERMANENT_REDIRECT);
        assert_eq!(head["location"], format!("{path}/"));
    }
}

#[tokio::test]
async fn styles_and_pictures_come_with_their_types() {
    let server = start(&[]).await;
    for (path, kind) in [
        ("/crm/crm.css", "text/css; charset=utf-8"),
        ("/site/logo.svg", "image/svg+xml"),
    ] {
        let (status, head, _) = get(server, path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_eq!(head["content-type"], kind);
        assert_eq!(head["x-content-type-options"], "nosniff");
    }
}

/// A client library tidies a path before it sends it; this one is sent as it stands.
async fn status_of_raw_path(server: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(server).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).await.unwrap();
    let reply = String::from_utf8(reply).unwrap();
    reply.split(' ').nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn no_path_leaves_the_folder() {
    let server = start(&[]).await;
    for path in [
        "/../../clippy.toml",
        "/crm/../../demo/index.html",
        "/crm/../crm/crm.js",
        "/%2e%2e/demo/index.html",
        "/crm/..%2f..%2fdemo/index.html",
        "/crm/..\\index.html",
        "//etc/passwd",
        "/crm//crm.js",
        "/crm/crm.js/index.html",
    ] {
        assert_eq!(status_of_raw_path(server, path).await, "404", "{path}");
    }
    assert_eq!(status_of_raw_path(server, "/crm/crm.js").await, "200");
}

#[tokio::test]
async fn the_relays_configuration_is_not_served_though_it_lies_in_the_folder() {
    assert!(std::path::Path::new(PAGES).join("relay.toml").is_file());
    let server = start(&[]).await;
    let (status, _, body) = get(server, "/relay.toml").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(!body.contains("secret"));
}

#[tokio::test]
async fn the_strict_policy_lets_in_this_server_the_relay_and_wasm() {
    let server = start(&[]).await;
    let (_, head, _) = get(server, "/crm/").await;
    assert_eq!(
        head["content-security-policy"],
        "default-src 'none'; script-src 'self' https://relay.example 'wasm-unsafe-eval'; \
         style-src 'self' https://relay.example; img-src 'self' data:; \
         connect-src 'self' https://relay.example; frame-src 'self' https://relay.example; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    );
    assert_eq!(head["x-content-type-options"], "nosniff");
    assert_eq!(head["referrer-policy"], "no-referrer");
}

#[tokio::test]
async fn a_page_can_ask_for_another_policy() {
    let server = start(&[]).await;
    let (_, head, _) = get(server, "/crm/?csp=no-wasm").await;
    let policy = head["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("script-src 'self' https://relay.example;"),
        "{policy}"
    );
    let (_, head, _) = get(server, "/crm/?csp=off").await;
    assert!(!head.contains_key("content-security-policy"));
    let (status, _, body) = get(server, "/crm/?csp=lax").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body.contains("no-wasm"), "{body}");
}

#[tokio::test]
async fn the_policy_of_the_command_line_is_the_default() {
    let server = start(&["--csp", "no-wasm"]).await;
    let (_, head, _) = get(server, "/site/").await;
    assert!(
        !head["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("wasm")
    );
}

#[tokio::test]
async fn pages_hold_no_inline_script_style_or_handler() {
    let server = start(&[]).await;
    for path in ["/", "/crm/", "/site/"] {
        let (_, _, body) = get(server, path).await;
        assert!(
            !body.contains("<style") && !body.contains("style=\""),
            "{path}"
        );
        assert!(
            !body.contains(" onclick") && !body.contains("javascript:"),
            "{path}"
        );
        let scripts = body.matches("<script").count();
        assert_eq!(scripts, body.matches("></script>").count(), "{path}");
    }
}
