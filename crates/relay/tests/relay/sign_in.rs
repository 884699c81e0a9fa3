//! Agents without a CRM backend sign in at babelforce.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{AGENT_PAGE, Answer, Ask, NUMBER, World};

const BACK: &str = "https://crm.acme.example/desk?tab=1";
/// The sandbox's one user.
const USER: &str = "2c3d4e5f60718293a4b5c6d7e8f90a1b";

async fn world() -> World {
    let sign_in = "sign_in = { client_id = \"patchcord-web\", redirect_uri = \"http://127.0.0.1:4100/v1/sign-in/return\", org = \"bf\" }\ngrant = {";
    let agent = format!(
        "\n[[agent]]\norg = \"bf\"\nsub = \"{USER}\"\nidentities = [{{ account = \"babelforce\", agent = \"0a1b2c3d4e5f60718293a4b5c6d7e8f9\" }}]\n"
    );
    World::with(|config| config.replacen("grant = {", sign_in, 1) + &agent).await
}

fn begin(world: &World, account: &str, back: &str) -> Ask {
    let query = [("account", account), ("return", back)];
    let url = reqwest::Url::parse_with_params(&world.relay.url, query).unwrap();
    world.ask(
        Method::GET,
        &format!("/v1/sign-in?{}", url.query().unwrap()),
    )
}

fn cookie(answer: &Answer) -> String {
    let whole = answer.header("set-cookie");
    assert!(
        whole.contains("HttpOnly") && whole.contains("SameSite=Lax"),
        "{whole}"
    );
    whole.split(';').next().unwrap().to_owned()
}

/// Goes to the provider, which sends back at once; the cookie, and the path and query of the return.
async fn at_provider(world: &World) -> (String, String) {
    let begun = begin(world, "babelforce", BACK).send().await;
    assert_eq!(begun.status, 302, "{}", begun.body);
    let page = begun.header("location").to_owned();
    assert!(page.contains("code_challenge_method=S256"), "{page}");
    let approved = Ask::new(Method::GET, page).send().await;
    let back = approved.header("location").to_owned();
    let path = back
        .strip_prefix("http://127.0.0.1:4100")
        .unwrap()
        .to_owned();
    (cookie(&begun), path)
}

async fn return_(world: &World, cookie: &str, path: &str) -> Answer {
    world
        .ask(Method::GET, path)
        .header("Cookie", cookie)
        .send()
        .await
}

async fn exchange(world: &World, code: &str, origin: &str) -> Answer {
    world
        .ask(Method::POST, "/v1/sessions")
        .header("Origin", origin)
        .json(&json!({ "code": code }))
        .send()
        .await
}

/// Signs in; the code that the page finds in its fragment.
async fn code(world: &World) -> String {
    let (cookie, path) = at_provider(world).await;
    let answer = return_(world, &cookie, &path).await;
    assert_eq!(answer.status, 302, "{}", answer.body);
    let (page, code) = answer
        .header("location")
        .split_once("#patchcord_code=")
        .unwrap();
    assert_eq!(
        (page, answer.header("referrer-policy")),
        (BACK, "no-referrer")
    );
    code.to_owned()
}

#[tokio::test]
async fn who_signs_in_at_babelforce_dials_as_themselves() {
    let world = world().await;
    let answer = exchange(&world, &code(&world).await, AGENT_PAGE).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json["agent"], json!({ "org": "bf", "sub": USER }));
    let session = answer.json["session"].as_str().unwrap();
    let body = json!({ "number": NUMBER });
    world
        .dial(session, &body)
        .send()
        .await
        .is_outcome("accepted", None);
    // The person's own token is given back.
    crate::support::eventually(async || {
        (!world.seen("/oauth/revoke").await.is_empty()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_code_is_good_once_for_a_minute_and_for_its_own_page() {
    let world = world().await;
    let first = code(&world).await;
    assert_eq!(exchange(&world, &first, AGENT_PAGE).await.status, 200);
    exchange(&world, &first, AGENT_PAGE)
        .await
        .is_problem("sign_in_failed");
    let elsewhere = code(&world).await;
    exchange(&world, &elsewhere, "https://evil.example")
        .await
        .is_problem("origin_not_allowed");
    let no_page = world
        .ask(Method::POST, "/v1/sessions")
        .json(&json!({ "code": elsewhere }));
    no_page.send().await.is_problem("sign_in_failed");
    let late = code(&world).await;
    world.relay.clock.advance(Duration::from_secs(61));
    exchange(&world, &late, AGENT_PAGE)
        .await
        .is_problem("sign_in_failed");
    exchange(&world, "pcc_guessed", AGENT_PAGE)
        .await
        .is_problem("sign_in_failed");
}

#[tokio::test]
async fn nobody_finishes_what_another_browser_began() {
    let world = world().await;
    let (own, path) = at_provider(&world).await;
    let (_, others) = at_provider(&world).await;
    world
        .ask(Method::GET, &path)
        .send()
        .await
        .is_problem("sign_in_failed");
    return_(&world, &own, &others)
        .await
        .is_problem("sign_in_failed");
    return_(&world, "patchcord_sign_in=forged", &path)
        .await
        .is_problem("sign_in_failed");
    return_(&world, &own, "/v1/sign-in/return?error=access_denied")
        .await
        .is_problem("sign_in_failed");
    world.relay.clock.advance(Duration::from_secs(601));
    return_(&world, &own, &path)
        .await
        .is_problem("sign_in_failed");
}

#[tokio::test]
async fn the_cookie_is_for_this_host_alone_and_of_two_neither_counts() {
    let world = world().await;
    let (own, path) = at_provider(&world).await;
    return_(&world, &format!("{own}; {own}"), &path)
        .await
        .is_problem("sign_in_failed");
    assert_eq!(return_(&world, &own, &path).await.status, 302);

    let secure = "sign_in = { client_id = \"patchcord-web\", redirect_uri = \"https://relay.acme.example/v1/sign-in/return\", org = \"bf\" }\ngrant = {";
    let world = World::with(|config| config.replacen("grant = {", secure, 1)).await;
    let begun = begin(&world, "babelforce", BACK).send().await;
    let cookie = begun.header("set-cookie");
    assert!(cookie.starts_with("__Host-patchcord_sign_in="), "{cookie}");
    for part in ["Path=/;", "HttpOnly", "SameSite=Lax", "Secure"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn only_listed_pages_and_accounts_can_be_signed_in_for() {
    let world = world().await;
    for back in [
        "https://evil.example/",
        "https://crm.acme.example.evil.example/",
        "https://crm.acme.example@evil.example/",
        "https://crm.acme.example/#x",
        "https://crm.acme.example/\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "/relative",
        "",
    ] {
        begin(&world, "babelforce", back)
            .send()
            .await
            .is_problem("origin_not_allowed");
    }
    for account in ["samespace", "none"] {
        begin(&world, account, BACK)
            .send()
            .await
            .is_problem("not_found");
    }
    world
        .ask(Method::GET, "/v1/sign-in")
        .send()
        .await
        .is_problem("missing_field");
}

#[tokio::test]
async fn who_is_mapped_to_no_agent_gets_no_session() {
    let sign_in = "sign_in = { client_id = \"patchcord-web\", redirect_uri = \"http://127.0.0.1:4100/v1/sign-in/return\", org = \"bf\" }\ngrant = {";
    let world = World::with(|config| config.replacen("grant = {", sign_in, 1)).await;
    let (cookie, path) = at_provider(&world).await;
    let answer = return_(&world, &cookie, &path).await;
    assert_eq!(
        answer.is_problem("agent_unknown").json["field"],
        Value::Null
    );
}
