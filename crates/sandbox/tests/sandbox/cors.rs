//! Pages of other origins.

use reqwest::header::HeaderMap;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::agent::panel::{ALEX, Frames, seq};
use crate::running::{Running, text};

const DEMO: &str = "http://127.0.0.1:4102";
const STRANGER: &str = "https://crm.example";
const CALL: &str = "/apiv1/make_call";
/// What a desk and its sign-in speak to, with the method.
const AGENT_API: [(&str, &str); 9] = [
    ("POST", "/babelconnect.v1.Agent/Subscribe"),
    ("POST", "/babelconnect.v1.Agent/Send"),
    ("POST", "/babelconnect.v1.Agent/Authenticate"),
    ("GET", "/v1/agent/state"),
    ("POST", "/oauth/token"),
    ("POST", "/oauth/revoke"),
    ("POST", "/oauth/logout"),
    ("POST", "/auth/sso/init/acme/babelconnect"),
    ("POST", "/auth/sso/acme"),
];
const SAMESPACE: [&str; 3] = [CALL, "/apiv1/team/make_call", "/router/api/v2/token/reset"];
/// What no page may speak to.
const CLOSED: [&str; 6] = [
    "/api/v2/agents",
    "/api/v3/tasks",
    "/oauth/authorize",
    "/account/password/reset",
    "/v1/other",
    "/nowhere",
];

/// What a browser asks before it sends a desk's request.
async fn preflight(running: &Running, method: &str, path: &str, origin: &str) -> Response {
    let request = running
        .request(Method::OPTIONS, path)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header(
            "access-control-request-headers",
            "authorization,connect-protocol-version,content-type",
        );
    request.send().await.unwrap()
}

/// A request as a page of `origin` sends it, or as no page does.
async fn request(running: &Running, method: &str, path: &str, origin: Option<&str>) -> Response {
    let mut request = running.request(method.parse().unwrap(), path);
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    request.send().await.unwrap()
}

/// The origin that may read it.
fn allowed(headers: &HeaderMap) -> Option<&str> {
    let origin = headers.get("access-control-allow-origin")?;
    Some(origin.to_str().unwrap())
}

fn list<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    let list = headers[name].to_str().unwrap();
    list.split(',').map(str::trim).collect()
}

/// Nothing is granted, not even in part.
fn grants_nothing(headers: &HeaderMap) -> bool {
    let mut names = headers.keys().map(|name| name.as_str());
    !names.any(|name| name.starts_with("access-control-"))
}

async fn set_origins(running: &Running, origins: Value) -> u16 {
    let settings = json!({"origins": origins});
    running.post("/_sandbox/settings", settings).await.status
}

async fn preflights(running: &Running) -> Vec<Value> {
    let log = running.get("/_sandbox/preflights").await;
    log.body["preflights"].as_array().unwrap().clone()
}

#[tokio::test]
async fn pages_of_listed_origins_may_speak_to_the_agent_api() {
    let running = Running::start().await;
    for origin in [DEMO, "http://localhost:4102", "http://127.0.0.1:4103"] {
        for (method, path) in AGENT_API {
            let asked = preflight(&running, method, path, origin).await;
            assert_eq!(asked.status(), 204, "{path}");
            let headers = asked.headers();
            assert_eq!(allowed(headers), Some(origin), "{path}");
            assert_eq!(headers["vary"], "origin");
            assert!(list(headers, "access-control-allow-methods").contains(&method));
            assert_eq!(
                list(headers, "access-control-allow-headers"),
                ["authorization", "content-type", "connect-protocol-version"]
            );
            let answered = request(&running, method, path, Some(origin)).await;
            assert_eq!(allowed(answered.headers()), Some(origin), "{path}");
            assert_eq!(answered.headers()["vary"], "origin");
        }
    }
}

#[tokio::test]
async fn other_pages_may_not_and_what_is_no_page_is_answered_as_ever() {
    let running = Running::start().await;
    let others = [
        STRANGER,
        "null",
        "http://127.0.0.1:41020",
        "http://127.0.0.1",
    ];
    for (method, path) in AGENT_API {
        for origin in others {
            let asked = preflight(&running, method, path, origin).await;
            assert!(grants_nothing(asked.headers()), "{path} for {origin}");
            let answered = request(&running, method, path, Some(origin)).await;
            assert!(grants_nothing(answered.headers()), "{path} for {origin}");
        }
        let answered = request(&running, method, path, None).await;
        assert!(grants_nothing(answered.headers()), "{path}");
    }
    let token = text(&running.sign_in(&ALEX).await["access_token"]);
    let state = running.read(&token, "/v1/agent/state").await;
    assert_eq!(state.status, 200, "{state:?}");
}

#[tokio::test]
async fn a_stream_may_be_read_by_a_listed_page() {
    let running = Running::start().await;
    let token = text(&running.sign_in(&ALEX).await["access_token"]);
    let request = running
        .connect("Subscribe", &token)
        .header("origin", DEMO)
        .header("content-type", "application/connect+json")
        .body(&b"\0\0\0\0\x02{}"[..]);
    let response = request.send().await.unwrap();
    assert_eq!(allowed(response.headers()), Some(DEMO));
    let mut frames = Frames::of(response);
    assert_eq!(seq(&frames.message().await), 1);
}

#[tokio::test]
async fn no_page_may_speak_to_the_manager_api() {
    let running = Running::start().await;
    let lists = json!({"agent_api": [STRANGER], "samespace": [STRANGER]});
    assert_eq!(set_origins(&running, lists).await, 200);
    let token = running.token().await;
    for path in CLOSED {
        for origin in [DEMO, STRANGER] {
            let asked = preflight(&running, "GET", path, origin).await;
            assert!(grants_nothing(asked.headers()), "{path}");
            let answered = running.request(Method::GET, path).bearer_auth(&token);
            let answered = answered.header("origin", origin).send().await.unwrap();
            assert!(grants_nothing(answered.headers()), "{path}");
        }
    }
}

#[tokio::test]
async fn samespace_allows_no_page_until_it_is_wished() {
    let running = Running::start().await;
    for path in SAMESPACE {
        let asked = preflight(&running, "POST", path, DEMO).await;
        assert!(grants_nothing(asked.headers()), "{path}");
        let answered = request(&running, "POST", path, Some(DEMO)).await;
        assert!(grants_nothing(answered.headers()), "{path}");
    }
    let wish = json!({"samespace": [STRANGER]});
    assert_eq!(set_origins(&running, wish).await, 200);
    for path in SAMESPACE {
        let asked = preflight(&running, "POST", path, STRANGER).await;
        assert_eq!(allowed(asked.headers()), Some(STRANGER), "{path}");
        let answered = request(&running, "POST", path, Some(STRANGER)).await;
        assert_eq!(allowed(answered.headers()), Some(STRANGER), "{path}");
        let other = preflight(&running, "POST", path, DEMO).await;
        assert!(grants_nothing(other.headers()), "{path}");
    }
    // The other list is as it was.
    let (method, path) = AGENT_API[0];
    let asked = preflight(&running, method, path, DEMO).await;
    assert_eq!(allowed(asked.headers()), Some(DEMO));
}

#[tokio::test]
async fn the_lists_can_be_changed_and_reset_brings_them_back() {
    let running = Running::start().await;
    let (method, path) = AGENT_API[0];
    let may = async |origin| {
        let asked = preflight(&running, method, path, origin).await;
        allowed(asked.headers()) == Some(origin)
    };
    let wish = json!({"agent_api": [STRANGER]});
    assert_eq!(set_origins(&running, wish).await, 200);
    assert!(may(STRANGER).await && !may(DEMO).await);
    assert_eq!(set_origins(&running, json!({"agent_api": []})).await, 200);
    assert!(!may(STRANGER).await && !may(DEMO).await);
    running.post("/_sandbox/reset", json!({})).await;
    assert!(!may(STRANGER).await && may(DEMO).await);
    let settings = running.get("/_sandbox/settings").await.body;
    assert_eq!(
        settings["origins"],
        json!({
            "agent_api": [DEMO, "http://localhost:4102", "http://127.0.0.1:4103"],
            "samespace": [],
        })
    );
}

#[tokio::test]
async fn what_is_no_origin_is_refused_with_its_name() {
    let running = Running::start().await;
    for wrong in [
        "*",
        "crm.example",
        "http://",
        "http://crm.example/",
        "file:///x",
    ] {
        let change = json!({"origins": {"agent_api": [wrong]}});
        let refused = running.post("/_sandbox/settings", change).await;
        assert_eq!(refused.status, 400, "{wrong}");
        let message = text(&refused.body["message"]);
        assert!(message.contains(wrong), "{message}");
    }
}

#[tokio::test]
async fn what_a_browser_asks_is_logged_apart_from_the_requests() {
    let running = Running::start().await;
    running
        .post(
            "/_sandbox/faults",
            json!({"faults": [{"match": {}, "action": "reset"}]}),
        )
        .await;
    preflight(&running, "POST", "/oauth/token", DEMO).await;
    preflight(&running, "POST", CALL, STRANGER).await;
    running
        .request(Method::DELETE, "/_sandbox/faults")
        .send()
        .await
        .unwrap();
    assert_eq!(running.requests().await, [Value::Null; 0]);
    let asked = preflights(&running).await;
    let told: Vec<_> = asked
        .iter()
        .map(|one| (&one["path"], &one["origin"], &one["allowed"]))
        .collect();
    assert_eq!(
        told,
        [
            (&json!("/oauth/token"), &json!(DEMO), &json!(true)),
            (&json!(CALL), &json!(STRANGER), &json!(false)),
        ]
    );
    assert_eq!(asked[0]["method"], "POST");
    assert_eq!(
        asked[0]["headers"],
        "authorization,connect-protocol-version,content-type"
    );
    // A request with the same method is one, where no browser asks.
    let options = request(&running, "OPTIONS", "/oauth/token", None).await;
    assert_eq!(options.status(), 404);
    assert_eq!(running.requests().await.len(), 1);
    assert_eq!(preflights(&running).await.len(), 2);
    let cleared = request(&running, "DELETE", "/_sandbox/preflights", None).await;
    assert_eq!(cleared.status(), 204);
    assert_eq!(preflights(&running).await, [Value::Null; 0]);
}

#[tokio::test]
async fn every_page_may_use_what_is_the_sandboxs_own() {
    let running = Running::start().await;
    for path in ["/_sandbox/requests", "/_sandbox/settings"] {
        let asked = preflight(&running, "POST", path, STRANGER).await;
        assert_eq!(asked.status(), 204);
        let headers = asked.headers();
        assert_eq!(allowed(headers), Some("*"), "{path}");
        assert_eq!(headers["access-control-allow-methods"], "POST");
        let wished = "authorization,connect-protocol-version,content-type";
        assert_eq!(headers["access-control-allow-headers"], wished);
        let answered = request(&running, "GET", path, Some(STRANGER)).await;
        assert_eq!(allowed(answered.headers()), Some("*"), "{path}");
    }
    assert_eq!(preflights(&running).await, [Value::Null; 0]);
}
