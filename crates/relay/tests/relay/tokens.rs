//! OAuth tokens: one request for all, and a rotated refresh token that is never lost.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use patchcord_core::call::CallRequest;
use patchcord_core::error::Code;
use patchcord_core::outcome::Because;
use patchcord_core::secret::Secret;
use patchcord_relay::accounts::Account;
use patchcord_relay::config::{Config, Environment};
use patchcord_relay::outbound::Outbound;
use patchcord_relay::store::token::{self, Row};
use patchcord_relay::tokens::Custody;
use patchcord_relay::tokens::own::Own;
use patchcord_relay::tokens::rotate::{By, Rotated};
use patchcord_relay::wakes::Wakes;
use patchcord_sandbox::Sandbox;
use reqwest::Method;
use serde_json::json;
use tokio_util::task::TaskTracker;

use crate::support::{Answer, Ask, NUMBER, World, config, on_its_database};

#[tokio::test]
async fn however_many_dial_one_token_is_asked_for() {
    let world = World::new().await;
    let session = world.session().await;
    world
        .faults(json!([{ "match": { "path": "/oauth/token" }, "delay_ms": 200 }]))
        .await;
    let dials = (0..10).map(async |n| {
        let body = json!({ "number": format!("+493012345{n:03}"), "provider": "babelforce" });
        world.dial(&session, &body).send().await
    });
    for answer in join_all(dials).await {
        answer.is_outcome("accepted", None);
    }
    assert_eq!(world.seen("/oauth/token").await.len(), 1);
}

/// The form of the first sign-in, whose refresh token an operator would configure.
const SIGN_IN: &str =
    "grant_type=password&username=relay%40acme.example&password=sandbox-password&client_id=manager";

async fn refresh_token(sandbox: &Sandbox) -> String {
    let url = format!("{}/oauth/token", sandbox.url());
    let reply = Ask::new(Method::POST, url).text("application/x-www-form-urlencoded", SIGN_IN);
    let json = reply.send().await.json;
    json["refresh_token"]
        .as_str()
        .expect("a refresh token")
        .to_owned()
}

/// A configuration whose babelforce account lives by a refresh token alone.
fn by_refresh_token(config: &str, refresh: &str) -> String {
    config.replace(
        r#"grant = { type = "password", username = "relay@acme.example", password = "sandbox-password" }"#,
        &format!(r#"grant = {{ type = "refresh_token", refresh_token = "{refresh}" }}"#),
    )
}

/// A world whose babelforce account lives by a refresh token alone, and that token; nothing was asked since.
async fn world_by_refresh_token() -> (World, String) {
    let sandbox = Sandbox::start(([127, 0, 0, 1], 0).into()).await.unwrap();
    let refresh = refresh_token(&sandbox).await;
    let text = by_refresh_token(&config(&sandbox.url()), &refresh);
    let text = on_its_database(&text).await;
    let world = World::of(sandbox, tempfile::tempdir().unwrap(), text).await;
    (world, refresh)
}

async fn dial(world: &World, number: &str) -> Answer {
    let session = world.session().await;
    let body = json!({ "number": number, "provider": "babelforce" });
    world.dial(&session, &body).send().await
}

/// A token of the babelforce account, as a dial needs it.
async fn token(world: &World) -> Result<Option<Secret>, Because> {
    world.relay.shared().accounts["babelforce"].token().await
}

/// How often a token was asked for since the sandbox started, without the first sign-in.
async fn asked(world: &World) -> usize {
    let all = world.seen("/oauth/token").await;
    all.iter()
        .filter(|request| request["body"] != SIGN_IN)
        .count()
}

async fn row(world: &World) -> Row {
    let row = world
        .relay
        .shared()
        .store
        .token("babelforce")
        .await
        .unwrap();
    row.expect("a row")
}

async fn open_alerts(world: &World) -> Vec<String> {
    let alerts = world.relay.shared().store.open_alerts(10).await.unwrap();
    alerts
        .into_iter()
        .map(|alert| format!("{} {} {}", alert.kind, alert.subject, alert.code.unwrap()))
        .collect()
}

/// What another relay on the same database has of the babelforce account.
fn other_relay(world: &World, run: &str) -> Arc<Account> {
    let shared = world.relay.shared();
    let custody = Custody {
        run: run.to_owned(),
        store: shared.store.clone(),
        keyring: shared.keyring.clone(),
        clock: world.relay.clock.clone(),
        // It hears nothing from the first: only the database is common.
        wakes: Wakes::alone(),
        channels: shared.channels.clone(),
        outbound: Outbound::new().unwrap(),
        tasks: TaskTracker::new(),
    };
    let text = config(&world.sandbox.url());
    let mut parsed = Config::parse(&text, Path::new("."), &Environment::default()).unwrap();
    let account = parsed.accounts.remove("babelforce").unwrap();
    Arc::new(Account::new("babelforce", account, &custody).unwrap())
}

#[tokio::test]
async fn a_thousand_requests_at_two_relays_with_an_expired_token_cause_one_refresh() {
    let world = World::new().await;
    let other = other_relay(&world, "run_other");
    let ours = &world.relay.shared().accounts["babelforce"];
    let first = ours.token().await.unwrap().unwrap();
    assert_eq!(other.token().await.unwrap().unwrap(), first, "it is shared");
    assert_eq!(world.seen("/oauth/token").await.len(), 1);
    world.relay.clock.advance(Duration::from_secs(13 * 60 * 60));
    world
        .faults(json!([{ "match": { "path": "/oauth/token" }, "delay_ms": 300 }]))
        .await;
    let before = world.seen("/oauth/token").await.len();
    let all = (0..1000).map(async |n: usize| {
        let account: &Account = if n.is_multiple_of(2) { ours } else { &other };
        account.token().await.unwrap().unwrap()
    });
    let tokens = join_all(all).await;
    assert!(
        tokens
            .iter()
            .all(|token| *token == tokens[0] && *token != first)
    );
    assert_eq!(world.seen("/oauth/token").await.len() - before, 1);
}

#[tokio::test]
async fn a_token_that_the_platform_rejects_is_replaced_once_for_all() {
    let world = World::new().await;
    let (one, two) = (other_relay(&world, "run_a"), other_relay(&world, "run_b"));
    let old = one.token().await.unwrap().unwrap();
    assert_eq!(two.token().await.unwrap().unwrap(), old);
    let before = world.seen("/oauth/token").await.len();
    world
        .faults(json!([{
            "match": { "path": "/api/v2/agents/0a1b2c3d4e5f60718293a4b5c6d7e8f9/calls" },
            "times": 2, "action": { "status": { "code": 401 } },
        }]))
        .await;
    let ask = async |account: &Account| {
        account
            .ask(
                |token| {
                    let agent = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
                    let call = CallRequest::to(NUMBER.parse().unwrap());
                    account.provider.dial(agent, &call, token)
                },
                |reply| account.provider.read_dial(reply),
            )
            .await
            .unwrap()
    };
    let (first, second) = tokio::join!(ask(&one), ask(&two));
    for dialled in [first, second] {
        assert_eq!(dialled.outcome.as_str(), "accepted", "{dialled:?}");
    }
    assert_eq!(world.seen("/oauth/token").await.len() - before, 1);
}

#[tokio::test]
async fn no_token_is_in_the_database_in_clear_and_a_rotated_key_opens_what_the_old_one_sealed() {
    let key = |id: &str, byte: u8| crate::support::encryption_key(id, byte);
    let world = World::with(|config| config + &key("old", 1)).await;
    dial(&world, NUMBER).await.is_outcome("accepted", None);
    let stored = row(&world).await;
    let account = &world.relay.shared().accounts["babelforce"];
    let access = account.token().await.unwrap().unwrap();
    let sealed = stored.sealed_access.unwrap();
    assert!(sealed.starts_with("s1.old.") && !sealed.contains(access.expose()));
    assert!(stored.sealed_refresh.unwrap().starts_with("s1.old."));
    let before = world.seen("/oauth/token").await.len();
    let world = world
        .restart_with(|config| {
            config.replace(
                "\n[[encryption_key]]",
                &format!("{}\n[[encryption_key]]", key("new", 2)),
            )
        })
        .await;
    dial(&world, "+493012345601")
        .await
        .is_outcome("accepted", None);
    assert_eq!(
        world.seen("/oauth/token").await.len(),
        before,
        "the old one opens"
    );
    world.relay.clock.advance(Duration::from_secs(13 * 60 * 60));
    world.relay.shared().accounts["babelforce"]
        .token()
        .await
        .unwrap();
    assert!(
        row(&world)
            .await
            .sealed_refresh
            .unwrap()
            .starts_with("s1.new.")
    );
}

#[tokio::test]
async fn a_refresh_that_never_arrived_is_seen_told_and_made_good_by_itself() {
    let (world, _) = world_by_refresh_token().await;
    world
        .faults(json!([{ "match": { "path": "/oauth/token" }, "times": 1, "action": "reset" }]))
        .await;
    dial(&world, NUMBER)
        .await
        .is_outcome("refused", Some("provider_unreachable"));
    assert_eq!(
        open_alerts(&world).await,
        ["token_rotation_unknown babelforce no_reply"]
    );
    assert!(row(&world).await.rotating_since.is_some());
    world.relay.clock.advance(Duration::from_secs(61));
    token(&world).await.unwrap();
    assert!(open_alerts(&world).await.is_empty());
    assert_eq!(row(&world).await.rotating_since, None);
}

#[tokio::test]
async fn a_refresh_whose_reply_was_lost_is_tried_once_more_and_then_a_person_signs_in() {
    let (world, used) = world_by_refresh_token().await;
    world
        .faults(json!([{ "match": { "path": "/oauth/token" }, "times": 1, "action": "close_before_reply" }]))
        .await;
    dial(&world, NUMBER)
        .await
        .is_outcome("refused", Some("provider_unreachable"));
    // Also a relay that died in between leaves it like that.
    let world = world.restart().await;
    assert!(row(&world).await.rotating_since.is_some());
    for _ in 0..3 {
        let because = token(&world).await.unwrap_err();
        assert_eq!(because.code, Code::ProviderRejectedCredentials);
        world.relay.clock.advance(Duration::from_secs(16 * 60));
    }
    assert_eq!(asked(&world).await, 2, "never a third time");
    assert_eq!(row(&world).await.sealed_refresh, None);
    assert_eq!(open_alerts(&world).await.len(), 1);
    let fresh = refresh_token(&world.sandbox).await;
    let world = world.restart_with(|text| text.replace(&used, &fresh)).await;
    dial(&world, "+493012345603")
        .await
        .is_outcome("accepted", None);
    assert!(open_alerts(&world).await.is_empty());
}

#[tokio::test]
async fn an_account_with_a_password_signs_in_again_whatever_was_lost() {
    let world = World::new().await;
    dial(&world, NUMBER).await.is_outcome("accepted", None);
    world.relay.clock.advance(Duration::from_secs(13 * 60 * 60));
    world
        .faults(json!([{ "match": { "path": "/oauth/token" }, "times": 1, "action": "close_before_reply" }]))
        .await;
    let account = &world.relay.shared().accounts["babelforce"];
    account.token().await.unwrap_err();
    world.relay.clock.advance(Duration::from_secs(61));
    account.token().await.unwrap();
    assert!(open_alerts(&world).await.is_empty());
}

#[tokio::test]
async fn refused_credentials_are_not_tried_again_and_again() {
    let wrong = |config: String| config.replace("sandbox-password", "wrong-password");
    let world = World::with(wrong).await;
    let account = &world.relay.shared().accounts["babelforce"];
    for _ in 0..20 {
        account.token().await.unwrap_err();
    }
    assert_eq!(world.seen("/oauth/token").await.len(), 1);
    assert_eq!(
        open_alerts(&world).await,
        ["token_rotation_unknown babelforce provider_rejected_credentials"]
    );
}

/// The token that the sandbox's Samespace account begins with.
const AUTH_TOKEN: &str = "538d1ae0-3e9f-11ea-9d9c-394a26b437b0";

async fn rotate_samespace(world: &World, configured: &str) -> Rotated {
    let shared = world.relay.shared();
    let custody = Custody {
        run: "command".into(),
        store: shared.store.clone(),
        keyring: shared.keyring.clone(),
        clock: world.relay.clock.clone(),
        wakes: Wakes::alone(),
        channels: shared.channels.clone(),
        outbound: Outbound::new().unwrap(),
        tasks: TaskTracker::new(),
    };
    let provider = shared.accounts["samespace"].provider.as_ref();
    let (token, timeout) = (Secret::new(configured), Duration::from_secs(2));
    let own = Own::new("samespace", token, None, timeout, &custody);
    own.rotate(provider, By::Command).await.unwrap()
}

#[tokio::test]
async fn samespaces_own_token_is_exchanged_and_the_new_one_is_used_the_next_time() {
    let world = World::new().await;
    for _ in 0..3 {
        assert_eq!(rotate_samespace(&world, AUTH_TOKEN).await, Rotated::Yes);
    }
    let row = world
        .relay
        .shared()
        .store
        .token("samespace")
        .await
        .unwrap()
        .unwrap();
    assert_eq!((row.rotating_since, row.lease_until), (None, None));
    let wrong = rotate_samespace(&world, "another one").await;
    assert!(matches!(wrong, Rotated::Refused(_)), "{wrong:?}");
}

#[tokio::test]
async fn a_lost_answer_of_a_rotation_is_an_alert_and_the_command_can_be_given_again() {
    let world = World::new().await;
    let path = "/router/api/v2/token/reset";
    for (action, again) in [("reset", true), ("close_before_reply", false)] {
        world
            .faults(json!([{ "match": { "path": path }, "times": 1, "action": action }]))
            .await;
        let lost = rotate_samespace(&world, AUTH_TOKEN).await;
        assert!(matches!(lost, Rotated::Unknown(_)), "{lost:?}");
        assert_eq!(
            open_alerts(&world).await,
            ["token_rotation_unknown samespace no_reply"]
        );
        match rotate_samespace(&world, AUTH_TOKEN).await {
            Rotated::Yes => assert!(again, "{action}"),
            Rotated::Refused(_) => assert!(!again, "{action}"),
            other => panic!("{action}: {other:?}"),
        }
        assert_eq!(open_alerts(&world).await.is_empty(), again);
    }
}

#[tokio::test]
async fn a_rotated_refresh_token_is_stored_before_it_is_used_and_taken_up_after_a_restart() {
    let (mut world, _) = world_by_refresh_token().await;
    for number in ["+493012345601", "+493012345602", "+493012345603"] {
        dial(&world, number).await.is_outcome("accepted", None);
        // The configured token is used up now: only the stored one can go on.
        world = world.restart().await;
        world.relay.clock.advance(Duration::from_secs(13 * 60 * 60));
        world.relay.shared().accounts["babelforce"]
            .token()
            .await
            .unwrap();
        world = world.restart().await;
    }
    assert_eq!(world.dials().await.len(), 3);
}

#[tokio::test]
async fn the_turn_of_a_relay_that_is_no_more_keeps_nobody_waiting() {
    let world = World::new().await;
    let store = &world.relay.shared().store;
    let far = world.relay.shared().clock.now() + 60 * 60 * 1000;
    store
        .write(move |tx| {
            Box::pin(async move {
                let mut row = token::hold(tx, "babelforce").await?;
                row.lease_run = Some("run_dead".into());
                row.lease_until = Some(far);
                token::write(tx, &mut row).await?;
                sqlx::query("INSERT INTO run (id, started_at, seen_at) VALUES ('run_dead', 1, 1)")
                    .execute(tx)
                    .await
            })
        })
        .await
        .unwrap();
    let world = world.restart().await;
    dial(&world, "+493012345601")
        .await
        .is_outcome("accepted", None);
}
