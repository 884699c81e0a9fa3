use babelforce_manager_sdk::pkce_challenge;
use reqwest::{Method, Url};
use serde_json::{Value, json};

use super::panel::{ALEX, KIM, SAM};
use crate::running::{Answer, Running, text};

const CALLBACK: &str = "http://localhost:4102/signed-in";

/// The links of a page.
fn links(page: &str) -> Vec<String> {
    let parts = page.split("href=\"").skip(1);
    let links = parts.map(|part| part.split('"').next().unwrap().replace("&amp;", "&"));
    links
        .filter(|link| !link.starts_with("/_sandbox/"))
        .collect()
}

/// Follows the link of a page that is for a person, and gives the query it leads back with.
async fn choose(running: &Running, page: &str, username: &str) -> Vec<(String, String)> {
    let escaped = username.replace('@', "%40");
    let links = links(page);
    let link = links.iter().find(|link| link.ends_with(&escaped)).unwrap();
    let response = running.request(Method::GET, link).send().await.unwrap();
    assert_eq!(response.status(), 302);
    let location = response.headers()["location"].to_str().unwrap();
    assert!(location.starts_with(CALLBACK), "{location}");
    let location = Url::parse(location).unwrap();
    location.query_pairs().into_owned().collect()
}

async fn agent_of(running: &Running, token: &str) -> Value {
    let identity = running.unary("Authenticate", token, json!({})).await;
    assert_eq!(identity.status, 200, "{identity:?}");
    identity.body["agentId"].clone()
}

#[tokio::test]
async fn each_agent_signs_in_with_credentials_of_their_own() {
    let running = Running::start().await;
    for who in [&ALEX, &SAM, &KIM] {
        let token = text(&running.sign_in(who).await["access_token"]);
        assert_eq!(agent_of(&running, &token).await, who.id);
        let me = running.read(&token, "/api/v2/user/me").await;
        assert_eq!(me.body["item"]["username"], who.username);
        assert_eq!(me.body["item"]["roles"], json!(["agent"]));
        // The Manager API is for managers.
        let agents = running.read(&token, "/api/v2/agents").await;
        assert_eq!(
            (agents.status, &agents.body["code"]),
            (403, &json!("forbidden"))
        );
        let tasks = running.read(&token, "/api/v3/tasks").await;
        assert_eq!(tasks.status, 403);
        assert!(tasks.body["error_message"].is_string());
    }
    let wrong = [
        ("grant_type", "password"),
        ("username", ALEX.username),
        ("password", SAM.password),
    ];
    let refused = running.form("/oauth/token", &wrong).await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (400, &json!("invalid_grant"))
    );
}

#[tokio::test]
async fn an_agent_signs_in_on_a_page_with_pkce() {
    let running = Running::start().await;
    let challenge = pkce_challenge();
    let query = [
        ("response_type", "code"),
        ("client_id", "babelconnect"),
        ("redirect_uri", CALLBACK),
        ("scope", "*"),
        ("state", "a \"b\"&<c>"),
        ("code_challenge", challenge.code_challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let request = running
        .request(Method::GET, "/oauth/authorize")
        .query(&query);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    let page = response.text().await.unwrap();
    assert!(!page.contains("<c>"), "{page}");
    assert_eq!(links(&page).len(), 3, "the account's own user is no agent");
    let back = choose(&running, &page, SAM.username).await;
    assert_eq!(back[1], ("state".to_owned(), "a \"b\"&<c>".to_owned()));
    let redeem = async |verifier: &str| {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", "babelconnect"),
            ("code", back[0].1.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier),
        ];
        running.form("/oauth/token", &form).await
    };
    let grant = redeem(&challenge.code_verifier).await;
    assert_eq!(grant.status, 200, "{grant:?}");
    assert!(grant.body["refresh_token"].is_string());
    let token = text(&grant.body["access_token"]);
    assert_eq!(agent_of(&running, &token).await, SAM.id);
    assert_eq!(redeem(&challenge.code_verifier).await.status, 400);

    let without = running
        .request(Method::GET, "/oauth/authorize")
        .query(&query[..5]);
    let refused = Answer::of(without.send().await.unwrap()).await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (400, &json!("invalid_request"))
    );
}

#[tokio::test]
async fn an_agent_signs_on_once_for_all() {
    let running = Running::start().await;
    let begin = async |tenant: &str, body: Value| {
        running
            .post(&format!("/auth/sso/init/{tenant}/babelconnect"), body)
            .await
    };
    let begun = begin("acme", json!({"redirect_uri": CALLBACK})).await;
    assert_eq!(begun.status, 200);
    let url = text(&begun.body["url"]);
    let path = url.strip_prefix(&running.sandbox.url()).unwrap();
    let page = running.request(Method::GET, path).send().await.unwrap();
    let page = page.text().await.unwrap();
    let back = choose(&running, &page, KIM.username).await;
    assert_eq!(back[0].0, "code");
    let path = format!("/auth/sso/acme?code={}", back[0].1);
    let grant = running.post(&path, json!({})).await;
    assert_eq!(grant.status, 200);
    let token = text(&grant.body["access_token"]);
    assert_eq!(agent_of(&running, &token).await, KIM.id);
    assert_eq!(
        running.post(&path, json!({})).await.status,
        400,
        "a code is good once"
    );

    // A state comes back as it was sent, and a code is of one account alone.
    let choice = format!(
        "{}&state=a%20%22b%22&username={}",
        begun.body["url"].as_str().unwrap(),
        KIM.username
    );
    let choice = choice.strip_prefix(&running.sandbox.url()).unwrap();
    let chosen = running.request(Method::GET, choice).send().await.unwrap();
    let back = chosen.headers()["location"].to_str().unwrap().to_owned();
    let back: reqwest::Url = back.parse().unwrap();
    let back: Vec<_> = back.query_pairs().into_owned().collect();
    assert_eq!(back[1], ("state".to_owned(), "a \"b\"".to_owned()));
    let elsewhere = format!("/auth/sso/globex?code={}", back[0].1);
    assert_eq!(running.post(&elsewhere, json!({})).await.status, 400);
    let own = format!("/auth/sso/acme?code={}", back[0].1);
    assert_eq!(running.post(&own, json!({})).await.status, 400, "used up");

    assert_eq!(begin("other", json!({})).await.status, 404);
    assert_eq!(
        begin("acme", json!({"redirect_uri": "javascript:1"}))
            .await
            .status,
        400
    );
    assert_eq!(
        begin("acme", json!({"redirect": CALLBACK})).await.status,
        400
    );
    let path = "/auth/sso/init/acme/babelconnect";
    let bare = running.request(Method::POST, path).send().await.unwrap();
    assert_eq!(bare.status(), 200);
}

#[tokio::test]
async fn logging_out_ends_the_whole_sign_in_and_nobody_elses() {
    let running = Running::start().await;
    let (grant, other) = (running.sign_in(&ALEX).await, running.sign_in(&ALEX).await);
    let token = text(&grant["access_token"]);
    let log_out = async |token: &str| {
        let request = running.request(Method::POST, "/oauth/logout");
        request.bearer_auth(token).send().await.unwrap().status()
    };
    assert_eq!(log_out(&token).await, 200);
    assert_eq!(log_out(&token).await, 401);
    let refresh = text(&grant["refresh_token"]);
    let form = [("grant_type", "refresh_token"), ("refresh_token", &refresh)];
    assert_eq!(running.form("/oauth/token", &form).await.status, 400);
    assert_eq!(
        agent_of(&running, &text(&other["access_token"])).await,
        ALEX.id
    );
}

#[tokio::test]
async fn a_password_reset_tells_nobody_who_is_known() {
    let running = Running::start().await;
    for email in [ALEX.username, "nobody@acme.example"] {
        let reply = running
            .post("/account/password/reset", json!({"email": email}))
            .await;
        assert_eq!(
            reply,
            Answer {
                status: 200,
                body: json!("")
            }
        );
    }
}
