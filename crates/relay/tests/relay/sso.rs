//! Agents sign in by the platform's single sign-on: at an identity provider, by way of the relay.

use std::time::Duration;

use reqwest::{Method, Url};
use serde_json::json;

use crate::agent_tokens::later_session;
use crate::panel::{ALEX, look, page};
use crate::support::{AGENT_PAGE, Answer, Ask, NUMBER, World, eventually};

const BACK: &str = "https://crm.acme.example/desk?tab=1";
const ALEX_USER: &str = "a1b2c3d4e5f60718293a4b5c6d7e8f90";
const INIT: &str = "/auth/sso/init/acme/babelconnect";
const TOKEN: &str = "/auth/sso/acme";

fn configured(config: &str, sign_in: &str) -> String {
    let sandbox = config.split("environment = \"").nth(1).unwrap();
    let sandbox = sandbox.split('"').next().unwrap();
    let keys = format!(
        "agent_api = \"{sandbox}\"\nsign_in = {{ redirect_uri = \"http://127.0.0.1:4100/v1/sign-in/return\", org = \"bf\", {sign_in} }}\ngrant = {{"
    );
    let agent = format!(
        "\n[[agent]]\norg = \"bf\"\nsub = \"{ALEX_USER}\"\nidentities = [{{ account = \"babelforce\", agent = \"{ALEX}\" }}]\n"
    );
    config.replacen("grant = {", &keys, 1) + &agent
}

/// Single sign-on is the only way.
async fn world() -> World {
    World::with(|config| configured(&config, "sso_tenant = \"acme\"")).await
}

/// There is the platform's own page too.
async fn world_with_both() -> World {
    let both = "client_id = \"babelconnect\", sso_tenant = \"acme\"";
    World::with(|config| configured(&config, both)).await
}

fn begin(world: &World) -> Ask {
    let query = [("account", "babelforce"), ("return", BACK)];
    let url = Url::parse_with_params(&world.relay.url, query).unwrap();
    let path = format!("/v1/sign-in?{}", url.query().unwrap());
    world.ask(Method::GET, &path).header("Accept", "text/html")
}

fn cookie(answer: &Answer) -> String {
    let whole = answer.header("set-cookie");
    whole.split(';').next().unwrap().to_owned()
}

/// Somebody at the identity provider's page: what it sends the browser back to.
async fn at_identity_provider(page: &str, username: &str) -> Url {
    let choice = format!("{page}&username={username}");
    let chosen = Ask::new(Method::GET, choice).send().await;
    assert_eq!(chosen.status, 302, "{}", chosen.body);
    chosen.header("location").parse().unwrap()
}

/// Begins, and signs in at the identity provider: the cookie, and where the browser is sent back to.
async fn signed_on(world: &World, username: &str) -> (String, Url) {
    let begun = begin(world).send().await;
    assert_eq!(begun.status, 302, "{}", begun.body);
    let back = at_identity_provider(begun.header("location"), username).await;
    (cookie(&begun), back)
}

async fn return_(world: &World, cookie: &str, back: &Url) -> Answer {
    let path = format!("{}?{}", back.path(), back.query().unwrap_or_default());
    world
        .ask(Method::GET, &path)
        .header("Cookie", cookie)
        .send()
        .await
}

async fn exchange(world: &World, code: &str) -> Answer {
    world
        .ask(Method::POST, "/v1/sessions")
        .header("Origin", AGENT_PAGE)
        .json(&json!({ "code": code }))
        .send()
        .await
}

fn code(answer: &Answer) -> &str {
    assert_eq!(answer.status, 302, "{}", answer.body);
    let (page, code) = answer
        .header("location")
        .split_once("#patchcord_code=")
        .unwrap();
    assert_eq!(page, BACK);
    code
}

fn with(back: &Url, name: &str, value: &str) -> Url {
    let others: Vec<_> = back
        .query_pairs()
        .into_owned()
        .filter(|(key, _)| key != name)
        .collect();
    let mut url = back.clone();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(others)
        .append_pair(name, value);
    url
}

async fn exchanges(world: &World) -> usize {
    world.seen(TOKEN).await.len()
}

#[tokio::test]
async fn who_signs_on_at_the_identity_provider_dials_as_themselves_and_has_a_desk() {
    let world = world().await;
    let (cookie, back) = signed_on(&world, "alex@acme.example").await;
    assert!(
        back.as_str()
            .starts_with("http://127.0.0.1:4100/v1/sign-in/return?")
    );
    let answer = return_(&world, &cookie, &back).await;
    let opened = exchange(&world, code(&answer)).await;
    assert_eq!(opened.status, 200, "{}", opened.body);
    assert_eq!(
        opened.json["agent"],
        json!({ "org": "bf", "sub": ALEX_USER })
    );
    let session = opened.json["session"].as_str().unwrap();
    let body = json!({ "number": NUMBER });
    world
        .dial(session, &body)
        .send()
        .await
        .is_outcome("accepted", None);
    let state = look(&world, session, "state").send().await;
    assert_eq!(state.status, 200, "{}", state.body);
    // The browser never had the token.
    let asked = world.seen(INIT).await;
    assert_eq!(asked.len(), 1);
    let rows = world.relay.shared().store.tokens().await.unwrap();
    let desk = world.relay.shared().accounts["babelforce"].agents.as_ref();
    let token = rows.iter().find_map(|row| desk.unwrap().tokens.open(row));
    let token = token.unwrap().access;
    for seen in [&answer, &opened, &state] {
        assert!(!seen.body.contains(token.expose()));
        assert!(!format!("{:?}", seen.headers).contains(token.expose()));
    }
}

#[tokio::test]
async fn an_attempt_is_finished_once_in_time_with_its_own_state_by_its_own_browser() {
    let world = world().await;
    let (own, back) = signed_on(&world, "alex@acme.example").await;
    let (other, others_back) = signed_on(&world, "alex@acme.example").await;
    let wrong = [
        return_(&world, "patchcord_sign_in=forged", &back).await,
        return_(&world, &other, &back).await,
        return_(&world, &own, &others_back).await,
        return_(&world, &own, &with(&back, "state", "0123456789abcdef")).await,
        return_(&world, &own, &with(&back, "state", "")).await,
        world
            .ask(
                Method::GET,
                back.as_str().trim_start_matches("http://127.0.0.1:4100"),
            )
            .send()
            .await,
    ];
    for answer in wrong {
        assert_eq!(answer.is_problem("sign_in_failed").status, 403);
    }
    assert_eq!(
        exchanges(&world).await,
        0,
        "nothing of that reached the platform"
    );
    let answer = return_(&world, &own, &back).await;
    let page_code = code(&answer).to_owned();
    // That it was finished cannot be made forgotten.
    let state = back.query_pairs().find(|(name, _)| name == "state");
    let (_, state) = state.unwrap();
    exchange(&world, &state).await.is_problem("sign_in_failed");
    return_(&world, &own, &back)
        .await
        .is_problem("sign_in_failed");
    assert_eq!(exchanges(&world).await, 1, "a code is sent once");
    assert_eq!(exchange(&world, &page_code).await.status, 200);
    exchange(&world, &page_code)
        .await
        .is_problem("sign_in_failed");

    world.relay.clock.advance(Duration::from_secs(601));
    return_(&world, &other, &others_back)
        .await
        .is_problem("sign_in_failed");
    assert_eq!(exchanges(&world).await, 1);
}

#[tokio::test]
async fn a_long_state_of_an_identity_provider_does_not_make_the_cookie_long() {
    let world = world().await;
    let state = "s".repeat(6000);
    let page = format!("https://idp.example/authorize?state={state}");
    let said = json!({ "status": { "code": 200, "body": json!({ "url": page }).to_string() } });
    world.fault(INIT, said).await;
    let begun = begin(&world).send().await;
    assert_eq!(begun.status, 302, "{}", begun.body);
    assert_eq!(begun.header("location"), page);
    assert!(begun.header("set-cookie").len() < 2000, "{begun:?}");
    let back = |state: &str| -> Url {
        let back = format!("http://127.0.0.1:4100/v1/sign-in/return?code=c&state={state}");
        back.parse().unwrap()
    };
    let wrong = return_(&world, &cookie(&begun), &back(&"s".repeat(5999))).await;
    wrong.is_problem("sign_in_failed");
    assert_eq!(exchanges(&world).await, 0);
    // Its own is taken: the code goes to the platform, which does not know it.
    return_(&world, &cookie(&begun), &back(&state)).await;
    assert_eq!(exchanges(&world).await, 1);
}

#[tokio::test]
async fn a_code_of_another_tenant_and_a_forged_one_sign_nobody_in() {
    let world = world().await;
    for foreign in ["globex", ""] {
        let begun = begin(&world).send().await;
        let mut provider: Url = begun.header("location").parse().unwrap();
        let mut back = at_identity_provider(provider.as_str(), "alex@acme.example").await;
        if foreign.is_empty() {
            back = with(&back, "code", "00000000000000000000000000000000");
        } else {
            provider.set_path(&format!("/auth/sso/{foreign}/provider"));
            back = at_identity_provider(provider.as_str(), "alex@acme.example").await;
        }
        let answer = return_(&world, &cookie(&begun), &back).await;
        answer.is_problem("sign_in_failed");
        assert!(!answer.body.contains("patchcord_code"));
    }
    assert!(
        world
            .relay
            .shared()
            .store
            .tokens()
            .await
            .unwrap()
            .iter()
            .all(|row| row.agent().is_none())
    );
}

#[tokio::test]
async fn who_is_mapped_to_nobody_gets_no_session_and_their_token_is_given_back() {
    let world = world().await;
    let (cookie, back) = signed_on(&world, "sam@acme.example").await;
    return_(&world, &cookie, &back)
        .await
        .is_problem("agent_unknown");
    eventually(async || (!world.seen("/oauth/revoke").await.is_empty()).then_some(())).await;
}

#[tokio::test]
async fn a_platform_or_identity_provider_that_refuses_is_said_and_nobody_is_signed_in() {
    let world = world().await;
    let script = json!({ "url": "javascript:alert(1)" }).to_string();
    for action in [
        json!({ "status": { "code": 502 } }),
        json!("reset"),
        json!({ "status": { "code": 200, "body": script } }),
    ] {
        world.fault(INIT, action.clone()).await;
        let answer = begin(&world)
            .replace("Accept", "application/json")
            .send()
            .await;
        answer.is_problem("sign_in_failed");
        assert_eq!(answer.header("location"), "", "{action}");
    }
    world.faults(json!([])).await;
    let (own, back) = signed_on(&world, "alex@acme.example").await;
    let denied = with(&back, "code", "x")
        .to_string()
        .replace("code=x", "error=access_denied");
    return_(&world, &own, &denied.parse().unwrap())
        .await
        .is_problem("sign_in_failed");
    world
        .fault(TOKEN, json!({ "status": { "code": 502 } }))
        .await;
    let lost = return_(&world, &own, &back).await;
    lost.is_problem("sign_in_failed");
    assert!(lost.body.contains("has not answered"), "{}", lost.body);
    world.faults(json!([])).await;
    // It may have been used up: nobody tries it again.
    return_(&world, &own, &back)
        .await
        .is_problem("sign_in_failed");
    assert_eq!(exchanges(&world).await, 1);
}

#[tokio::test]
async fn where_there_are_two_ways_the_person_chooses_and_each_leads_to_the_page() {
    let world = world_with_both().await;
    let asked = begin(&world).header("Accept-Language", "de").send().await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    assert!(asked.body.contains("Mit Single Sign-on"), "{}", asked.body);
    assert!(
        asked
            .header("content-security-policy")
            .contains("default-src 'none'")
    );
    assert!(
        world.seen(INIT).await.is_empty(),
        "only who chooses it asks for it"
    );
    let link = |nth: usize| {
        let href = asked.body.split("href=\"").nth(nth).unwrap();
        href.split('"').next().unwrap().replace("&amp;", "&")
    };
    // The first is the icon.
    assert_eq!(link(2), "/v1/sign-in/sso");
    let begun = world
        .ask(Method::GET, &link(2))
        .header("Cookie", &cookie(&asked))
        .send()
        .await;
    assert_eq!(begun.status, 302, "{}", begun.body);
    let back = at_identity_provider(begun.header("location"), "alex@acme.example").await;
    // The way's own cookie: that of the other way is of another state.
    return_(&world, &cookie(&asked), &back)
        .await
        .is_problem("sign_in_failed");
    let answer = return_(&world, &cookie(&begun), &back).await;
    assert_eq!(exchange(&world, code(&answer)).await.status, 200);

    let page = link(3);
    assert!(page.contains("code_challenge_method=S256"), "{page}");
    let (path, query) = page.split_once('?').unwrap();
    let choice = format!("{path}/grant?{query}&username=alex@acme.example");
    let granted = Ask::new(Method::GET, choice).send().await;
    let back = granted.header("location").parse().unwrap();
    let answer = return_(&world, &cookie(&asked), &back).await;
    assert_eq!(exchange(&world, code(&answer)).await.status, 200);

    let without = world.ask(Method::GET, "/v1/sign-in/sso").send().await;
    without.is_problem("sign_in_failed");
}

#[tokio::test]
async fn an_agent_with_a_session_signs_on_for_their_desk_and_again_when_the_token_ends() {
    let world = world().await;
    let session = world.session().await;
    let window = page(&world, &session).await;
    let begun = crate::panel::here(&world, &window)
        .header("Accept", "text/html")
        .send()
        .await;
    assert_eq!(begun.status, 302, "{}", begun.body);
    // Somebody else than the one of the session.
    let back = at_identity_provider(begun.header("location"), "sam@acme.example").await;
    return_(&world, &cookie(&begun), &back)
        .await
        .is_problem("sign_in_failed");
    look(&world, &session, "state")
        .send()
        .await
        .is_problem("sign_in_needed");

    let window = page(&world, &session).await;
    let begun = crate::panel::here(&world, &window).send().await;
    let back = at_identity_provider(begun.header("location"), "alex@acme.example").await;
    let done = return_(&world, &cookie(&begun), &back).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(look(&world, &session, "state").send().await.status, 200);

    // As published, there is no refresh token.
    world.relay.clock.advance(Duration::from_secs(13 * 60 * 60));
    let session = later_session(&world).await;
    look(&world, &session, "state")
        .send()
        .await
        .is_problem("sign_in_needed");
}

#[tokio::test]
async fn a_stranger_cannot_have_the_platform_asked_without_end() {
    let world = world().await;
    assert_eq!(begin(&world).send().await.status, 302);
    let many = world.relay.shared().store.write(|tx| {
        Box::pin(async move {
            sqlx::query("UPDATE tally SET count = 300 WHERE scope LIKE 'single sign-on/%'")
                .execute(tx)
                .await
        })
    });
    assert_eq!(many.await.unwrap().rows_affected(), 1);
    let answer = begin(&world)
        .replace("Accept", "application/json")
        .send()
        .await;
    answer.is_problem("too_many_requests");
    assert_eq!(world.seen(INIT).await.len(), 1);
    world.relay.clock.advance(Duration::from_secs(4000));
    assert_eq!(begin(&world).send().await.status, 302);
}

#[test]
fn single_sign_on_wants_a_tenant_and_the_server_that_does_it() {
    let parse = |change: &dyn Fn(String) -> String| {
        let text = change(configured(
            &crate::support::config("http://127.0.0.1:1"),
            "sso_tenant = \"acme\"",
        ));
        patchcord_relay::config::Config::parse(
            &text,
            std::path::Path::new("."),
            &patchcord_relay::config::Environment::default(),
        )
    };
    let config = parse(&|text| text).unwrap();
    let rules = &config.sign_ins["babelforce"];
    assert_eq!(
        rules.client_id, "babelconnect",
        "the client of the Agent API"
    );
    assert_eq!(rules.ways.tenant(), Some("acme"));
    let path = |change: &dyn Fn(String) -> String| parse(change).unwrap_err().path;
    assert_eq!(
        path(&|text| text.replace("sso_tenant = \"acme\"", "sso_tenant = \" \"")),
        "account[1].sign_in.sso_tenant"
    );
    assert_eq!(
        path(&|text| text.replace("agent_api = \"http://127.0.0.1:1\"\n", "")),
        "account[1].sign_in.sso_tenant"
    );
    assert_eq!(
        path(&|text| text.replace(", sso_tenant = \"acme\"", "")),
        "account[1].sign_in.client_id"
    );
}
