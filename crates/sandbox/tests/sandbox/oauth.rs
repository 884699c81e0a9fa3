use babelforce_manager_sdk::{PkceChallenge, pkce_challenge};
use reqwest::{Method, Url};
use serde_json::{Value, json};

use crate::running::{Answer, PASSWORD, Running, USERNAME, text};

const CALLBACK: &str = "http://localhost:4102/signed-in?from=crm";
const PING: &str = "/api/v2/ping";

/// What a browser is sent to.
fn authorization<'a>(challenge: &'a str, method: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("response_type", "code"),
        ("client_id", "patchcord-web"),
        ("redirect_uri", CALLBACK),
        ("scope", "*"),
        ("state", "a b&c"),
        ("code_challenge", challenge),
        ("code_challenge_method", method),
    ]
}

async fn code(running: &Running, challenge: &PkceChallenge) -> String {
    let query = authorization(&challenge.code_challenge, &challenge.code_challenge_method);
    let request = running
        .request(Method::GET, "/oauth/authorize")
        .query(&query);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 302);
    let location = response.headers()["location"].to_str().unwrap();
    let location = Url::parse(location).unwrap();
    let query: Vec<(String, String)> = location.query_pairs().into_owned().collect();
    assert!(location.as_str().starts_with(CALLBACK));
    assert_eq!(query[2], ("state".to_owned(), "a b&c".to_owned()));
    assert_eq!(query[1].0, "code");
    query[1].1.clone()
}

async fn redeem(running: &Running, code: &str, verifier: &str, redirect_uri: &str) -> Answer {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "patchcord-web"),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", verifier),
    ];
    running.form("/oauth/token", &form).await
}

fn assert_refused(answer: &Answer, error: &str) {
    assert_eq!(answer.status, 400, "{answer:?}");
    assert_eq!(answer.body["error"], error, "{answer:?}");
    assert!(answer.body["error_description"].is_string(), "{answer:?}");
}

#[tokio::test]
async fn a_password_gives_a_bearer_token_for_twelve_hours() {
    let running = Running::start().await;
    let grant = running.grant().await;
    assert_eq!(grant["token_type"], "bearer");
    assert_eq!(grant["expires_in"], 43_200);
    assert_eq!(grant["client_id"], "manager");
    assert!(grant["refresh_token"].is_string());
    let token = text(&grant["access_token"]);
    assert_eq!(running.read(&token, PING).await.status, 200);
}

#[tokio::test]
async fn wrong_credentials_are_refused_with_the_documented_error_body() {
    let running = Running::start().await;
    let password = ("grant_type", "password");
    let client = ("grant_type", "client_credentials");
    let cases: [(&[(&str, &str)], &str); 7] = [
        (
            &[password, ("username", USERNAME), ("password", "x")],
            "invalid_grant",
        ),
        (&[password, ("username", USERNAME)], "invalid_request"),
        (
            &[
                password,
                ("username", USERNAME),
                ("password", PASSWORD),
                ("client_id", "nobody"),
            ],
            "invalid_client",
        ),
        (
            &[client, ("client_id", "patchcord"), ("client_secret", "x")],
            "invalid_client",
        ),
        (
            &[client, ("client_id", "patchcord-web")],
            "unauthorized_client",
        ),
        (&[("grant_type", "link")], "unsupported_grant_type"),
        (&[], "invalid_request"),
    ];
    for (form, error) in cases {
        assert_refused(&running.form("/oauth/token", form).await, error);
    }
}

#[tokio::test]
async fn client_credentials_give_a_token_that_cannot_be_refreshed() {
    let running = Running::start().await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "patchcord"),
        ("client_secret", "sandbox-client-secret"),
    ];
    let grant = running.form("/oauth/token", &form).await;
    assert_eq!(grant.status, 200);
    assert_eq!(grant.body.get("refresh_token"), None);
    let token = text(&grant.body["access_token"]);
    assert_eq!(running.read(&token, PING).await.status, 200);
}

#[tokio::test]
async fn a_code_is_redeemed_once_and_only_with_its_verifier() {
    let running = Running::start().await;
    let challenge = pkce_challenge();
    let verifier = challenge.code_verifier.as_str();

    let good = code(&running, &challenge).await;
    let grant = redeem(&running, &good, verifier, CALLBACK).await;
    assert_eq!(grant.status, 200, "{grant:?}");
    assert_eq!(grant.body["client_id"], "patchcord-web");
    let again = redeem(&running, &good, verifier, CALLBACK).await;
    assert_refused(&again, "invalid_grant");

    let wrong = code(&running, &challenge).await;
    let other = pkce_challenge().code_verifier;
    assert_refused(
        &redeem(&running, &wrong, &other, CALLBACK).await,
        "invalid_grant",
    );

    let elsewhere = code(&running, &challenge).await;
    let elsewhere = redeem(&running, &elsewhere, verifier, "http://localhost:9/").await;
    assert_refused(&elsewhere, "invalid_grant");
}

#[tokio::test]
async fn a_public_client_cannot_start_without_a_challenge() {
    let running = Running::start().await;
    let query = &authorization("", "S256")[..5];
    let request = running
        .request(Method::GET, "/oauth/authorize")
        .query(query);
    let refusal = Answer::of(request.send().await.unwrap()).await;
    assert_refused(&refusal, "invalid_request");
    assert_eq!(refusal.body["state"], "a b&c");
}

#[tokio::test]
async fn a_refresh_token_is_good_once() {
    let running = Running::start().await;
    let refresh = async |token: &str| {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        running.form("/oauth/token", &form).await
    };
    let first = text(&running.grant().await["refresh_token"]);
    let rotated = refresh(&first).await;
    assert_eq!(rotated.status, 200);
    let second = text(&rotated.body["refresh_token"]);
    assert_ne!(first, second);
    assert_refused(&refresh(&first).await, "invalid_grant");
    assert_eq!(refresh(&second).await.status, 200);
}

#[tokio::test]
async fn revoking_a_refresh_token_ends_its_access_token_too() {
    let running = Running::start().await;
    let grant = running.grant().await;
    let (access, refresh) = (text(&grant["access_token"]), text(&grant["refresh_token"]));
    let revoke = async |token: &str| running.form("/oauth/revoke", &[("token", token)]).await;
    assert_eq!(revoke("nobody knows this one").await.status, 200);
    assert_eq!(running.read(&access, PING).await.status, 200);
    assert_eq!(revoke(&refresh).await.status, 200);
    assert_eq!(running.read(&access, PING).await.status, 401);
}

#[tokio::test]
async fn no_other_header_stands_in_for_authorization() {
    let running = Running::start().await;
    let bearer = format!("Bearer {}", running.token().await);
    let request = running
        .request(Method::GET, PING)
        .header("Authentication", &bearer);
    let refusal = Answer::of(request.send().await.unwrap()).await;
    assert_eq!(refusal.status, 401);
    assert_eq!(refusal.body["code"], "unauthorized");
    let v3 = running.get("/api/v3/tasks").await;
    assert_eq!(v3.status, 401);
    assert!(v3.body["error_message"].is_string(), "{v3:?}");
}

#[tokio::test]
async fn the_life_of_a_token_can_be_set_and_ended() {
    let running = Running::start().await;
    for (setting, shown) in [
        (json!(60), Some(json!(60))),
        (json!(-1), Some(json!(-1))),
        (Value::Null, None),
    ] {
        running
            .post("/_sandbox/settings", json!({"expires_in": setting}))
            .await;
        assert_eq!(running.grant().await.get("expires_in").cloned(), shown);
    }
    let grant = running.grant().await;
    let access = text(&grant["access_token"]);
    assert_eq!(running.read(&access, PING).await.status, 200);
    running.post("/_sandbox/tokens/expire", json!({})).await;
    assert_eq!(running.read(&access, PING).await.status, 401);
    let refresh = text(&grant["refresh_token"]);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    assert_eq!(running.form("/oauth/token", &form).await.status, 200);
}
