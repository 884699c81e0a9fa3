//! Agents' own tokens, where several relays and several requests want them at once.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use patchcord_core::outcome::Because;
use patchcord_core::secret::Secret;
use patchcord_relay::accounts::Account;
use patchcord_relay::config::{AgentId, Config, Environment};
use patchcord_relay::outbound::Outbound;
use patchcord_relay::store::token as row;
use patchcord_relay::tokens::Custody;
use patchcord_relay::wakes::Wakes;
use reqwest::Method;
use serde_json::json;
use tokio_util::task::TaskTracker;

use crate::browser::{Browser, TOKEN, with_admin};
use crate::panel::{
    ALEX, look, page, sign_in_at, sign_out, signed_in, with_agent_api, world, world_with,
};
use crate::support::{World, config, eventually};

const TOKENS: &str = "/oauth/token";

fn alex() -> AgentId {
    AgentId {
        org: "acme".into(),
        sub: "005ALEX".into(),
    }
}

/// What another relay on the same database has of the babelforce account.
fn other_relay(world: &World) -> Arc<Account> {
    let shared = world.relay.shared();
    let custody = Custody {
        run: "run_other".to_owned(),
        store: shared.store.clone(),
        keyring: shared.keyring.clone(),
        clock: world.relay.clock.clone(),
        // It hears nothing from the first: only the database is common.
        wakes: Wakes::alone(),
        channels: shared.channels.clone(),
        outbound: Outbound::new().unwrap(),
        tasks: TaskTracker::new(),
    };
    let text = with_agent_api(&config(&world.sandbox.url()));
    let mut parsed = Config::parse(&text, Path::new("."), &Environment::default()).unwrap();
    let account = parsed.accounts.remove("babelforce").unwrap();
    Arc::new(Account::new("babelforce", account, &custody).unwrap())
}

async fn token(account: &Account) -> Result<Secret, Because> {
    let tokens = &account.agents.as_ref().unwrap().tokens;
    let held = tokens.token(&alex(), ALEX, 0).await;
    held.map(|held| held.access)
}

async fn asked(world: &World) -> usize {
    world.seen(TOKENS).await.len()
}

#[tokio::test]
async fn many_who_need_an_agents_token_at_two_relays_cause_one_refresh() {
    let world = world().await;
    signed_in(&world).await;
    let other = other_relay(&world);
    let ours = &world.relay.shared().accounts["babelforce"];
    let first = token(ours).await.unwrap();
    assert_eq!(token(&other).await.unwrap(), first, "it is shared");
    world.relay.clock.advance(Duration::from_secs(13 * 60 * 60));
    world
        .faults(json!([{ "match": { "path": TOKENS }, "delay_ms": 200 }]))
        .await;
    let before = asked(&world).await;
    let all = (0..100).map(async |n: usize| {
        let account: &Account = if n.is_multiple_of(2) { ours } else { &other };
        token(account).await.unwrap()
    });
    let tokens = join_all(all).await;
    let same = |token: &Secret| *token == tokens[0] && *token != first;
    assert!(tokens.iter().all(same));
    assert_eq!(asked(&world).await - before, 1);
    // Nobody else's and not the account's own.
    let tokens = &ours.agents.as_ref().unwrap().tokens;
    let sam = AgentId {
        org: "acme".into(),
        sub: "005SAM".into(),
    };
    tokens.token(&sam, ALEX, 0).await.unwrap_err();
    tokens
        .token(&alex(), crate::panel::SAM, 0)
        .await
        .unwrap_err();
    let own = ours.token().await.unwrap().unwrap();
    assert_ne!(own, token(&other).await.unwrap());
}

#[tokio::test]
async fn what_is_forgotten_at_one_relay_is_used_at_no_other() {
    let world = world().await;
    let session = signed_in(&world).await;
    let other = other_relay(&world);
    token(&other).await.unwrap();
    assert_eq!(sign_out(&world, &session).await.status, 204);
    token(&other).await.unwrap_err();
    // And who signs in anew is let in there at once, though it was refused a moment ago.
    let page = page(&world, &session).await;
    let done = sign_in_at(&world, &page, "alex@acme.example").await;
    assert_eq!(done.status, 200, "{}", done.body);
    token(&other).await.unwrap();
}

#[tokio::test]
async fn a_refresh_that_is_overtaken_by_signing_out_leaves_no_token() {
    let world = world().await;
    signed_in(&world).await;
    world.relay.clock.advance(Duration::from_secs(13 * 60 * 60));
    world.fault(TOKENS, json!("hold")).await;
    let other = other_relay(&world);
    let refreshing = tokio::spawn(async move { token(&other).await });
    eventually(async || (asked(&world).await == 2).then_some(())).await;
    let ours = &world.relay.shared().accounts["babelforce"];
    let tokens = &ours.agents.as_ref().unwrap().tokens;
    tokens.forget(&alex()).await.unwrap().unwrap();
    world.faults(json!([])).await;
    refreshing.await.unwrap().unwrap_err();
    assert!(!tokens.has(&alex()).await);
    // What came too late is given back.
    eventually(async || (!world.seen("/oauth/revoke").await.is_empty()).then_some(())).await;
    let session = later_session(&world).await;
    look(&world, &session, "state")
        .send()
        .await
        .is_problem("sign_in_needed");
}

#[tokio::test]
async fn a_one_time_token_of_which_nobody_knows_is_tried_once_more_and_never_again() {
    for (fault, state) in [("reset", 200), ("close_before_reply", 403)] {
        let world = world().await;
        signed_in(&world).await;
        world.relay.clock.advance(Duration::from_secs(13 * 60 * 60));
        world
            .faults(json!([{ "match": { "path": TOKENS }, "times": 1, "action": fault }]))
            .await;
        let session = later_session(&world).await;
        let answer = look(&world, &session, "state").send().await;
        answer.is_problem("provider_unreachable");
        assert_eq!(answer.status, 503);
        // A second of pause.
        world.relay.clock.advance(Duration::from_secs(5));
        let answer = look(&world, &session, "state").send().await;
        assert_eq!(answer.status, state, "{fault} {}", answer.body);
        let before = asked(&world).await;
        for _ in 0..3 {
            look(&world, &session, "state").send().await;
        }
        assert_eq!(asked(&world).await, before, "{fault}");
        let alerts = world.relay.shared().store.open_alerts(10).await.unwrap();
        assert!(alerts.is_empty(), "the agent helps themselves: {alerts:?}");
    }
}

/// A session at a relay whose clock is ahead of the assertion's.
pub async fn later_session(world: &World) -> String {
    let mut claims = crate::support::claims("005ALEX");
    let now = world.relay.clock.now() / 1000;
    claims["iat"] = json!(now);
    claims["exp"] = json!(now + 60);
    let key = jsonwebtoken::EncodingKey::from_secret(crate::support::SIGNING_SECRET.as_bytes());
    let assertion = crate::support::sign(&claims, "hs", jsonwebtoken::Algorithm::HS256, &key);
    let reply = world.open_session(&assertion).await;
    reply.json["session"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn only_what_nobody_has_any_more_is_revoked_and_only_who_signs_out_is_logged_out() {
    let world = world().await;
    signed_in(&world).await;
    let relay = world.relay.shared();
    let tokens = &relay.accounts["babelforce"].agents.as_ref().unwrap().tokens;
    let rows = relay.store.tokens().await.unwrap();
    let stored = rows.iter().find_map(|row| tokens.open(row)).unwrap();
    // The platform gave the same tokens again, and they are kept.
    tokens.give_back(&stored).await;
    assert!(world.seen("/oauth/revoke").await.is_empty());
    tokens.forget(&alex()).await.unwrap().unwrap();
    tokens.give_back(&stored).await;
    let revoked = world.seen("/oauth/revoke").await;
    assert_eq!(revoked.len(), 2, "{revoked:?}");
    assert!(world.seen("/oauth/logout").await.is_empty());
    tokens.sign_out(&stored).await;
    assert_eq!(world.seen("/oauth/logout").await.len(), 1);
}

#[tokio::test]
async fn a_token_that_was_rejected_stays_so_whatever_else_changes_in_its_row() {
    let world = world().await;
    signed_in(&world).await;
    let relay = world.relay.shared();
    let tokens = &relay.accounts["babelforce"].agents.as_ref().unwrap().tokens;
    let held = tokens.token(&alex(), ALEX, 0).await.unwrap();
    tokens.rejected(&alex(), ALEX, &held);
    // Another relay took the row for a turn, and gave it back.
    let changed = relay.store.write(|tx| {
        Box::pin(async move {
            let row = row::find(tx, "babelforce", &row::key(&alex())).await?;
            row::write(tx, &mut row.unwrap()).await
        })
    });
    changed.await.unwrap();
    let fresh = tokens.token(&alex(), ALEX, 0).await.unwrap();
    assert_ne!(fresh.access, held.access);
}

#[tokio::test]
async fn no_version_of_a_forgotten_row_comes_again() {
    let world = world().await;
    let session = signed_in(&world).await;
    let version = async || {
        let rows = world.relay.shared().store.tokens().await.unwrap();
        let row = rows.into_iter().find(|row| row.agent().is_some());
        row.map(|row| row.version)
    };
    let first = version().await.unwrap();
    assert_eq!(sign_out(&world, &session).await.status, 204);
    assert_eq!(version().await, None);
    world.relay.clock.advance(Duration::from_secs(1));
    let page = page(&world, &session).await;
    let done = sign_in_at(&world, &page, "alex@acme.example").await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(version().await.unwrap() > first);
}

#[tokio::test]
async fn a_relay_that_goes_down_keeps_the_token_that_it_is_being_given() {
    let world = world().await;
    signed_in(&world).await;
    world.relay.clock.advance(Duration::from_secs(13 * 60 * 60));
    let session = later_session(&world).await;
    world
        .faults(json!([{ "match": { "path": TOKENS }, "delay_ms": 1000 }]))
        .await;
    let browser = tokio::spawn(look(&world, &session, "state").send());
    eventually(async || (asked(&world).await == 2).then_some(())).await;
    browser.abort();
    let world = world.restart().await;
    world.faults(json!([])).await;
    world.relay.clock.advance(Duration::from_secs(13 * 60 * 60));
    let session = later_session(&world).await;
    let answer = look(&world, &session, "state").send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(asked(&world).await, 2, "it was not lost");
}

#[tokio::test]
async fn who_leaves_while_they_sign_in_is_signed_in_all_the_same() {
    let world = world().await;
    let session = world.session().await;
    let page = page(&world, &session).await;
    world.fault(TOKENS, json!("hold")).await;
    tokio::select! {
        answer = sign_in_at(&world, &page, "alex@acme.example") => panic!("{}", answer.body),
        () = eventually(async || (asked(&world).await == 1).then_some(())) => {}
    }
    world.faults(json!([])).await;
    eventually(async || {
        let answer = look(&world, &session, "state").send().await;
        (answer.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_admin_page_says_who_has_a_token_and_shows_none() {
    let world = world_with(with_admin).await;
    signed_in(&world).await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let body = browser.get("/admin/tokens").await.body;
    assert!(body.contains("Agents who have signed in"), "{body}");
    assert!(
        body.contains("005ALEX") && !body.contains("005SAM"),
        "{body}"
    );
    let rows = world.relay.shared().store.tokens().await.unwrap();
    for row in rows {
        for sealed in [row.sealed_access, row.sealed_refresh]
            .into_iter()
            .flatten()
        {
            assert!(!body.contains(&sealed));
        }
    }
    let seen = world
        .ask(Method::GET, "/admin/tokens")
        .header("Accept", "text/html")
        .send()
        .await;
    assert!(!seen.body.contains("005ALEX"), "for operators alone");
}
