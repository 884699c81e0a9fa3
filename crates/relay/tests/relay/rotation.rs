//! An account's own token, exchanged when it is time: once, whoever is there, and never blindly again.

use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use patchcord_core::secret::Secret;
use patchcord_relay::clock::{self, Millis};
use patchcord_relay::config::{Config, Environment};
use patchcord_relay::outbound::Outbound;
use patchcord_relay::store::token::{self, Row};
use patchcord_relay::tokens::Custody;
use patchcord_relay::tokens::own::Own;
use patchcord_relay::tokens::rotate::{By, Rotated};
use patchcord_relay::wakes::Wakes;
use serde_json::json;
use tokio_util::task::TaskTracker;

use crate::browser::{Browser, TOKEN, with_admin};
use crate::command::command;
use crate::support::{World, config, eventually};

const RESET: &str = "/router/api/v2/token/reset";
/// The token that the sandbox's account begins with.
pub const AUTH_TOKEN: &str = "538d1ae0-3e9f-11ea-9d9c-394a26b437b0";
const DAY: Millis = 24 * 60 * 60 * 1_000;
const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A configuration whose account has more keys.
pub fn account_with(config: &str, keys: &str) -> String {
    let cloud = "cloud_id = \"acme\"\n";
    config.replacen(cloud, &format!("{cloud}{keys}\n"), 1)
}

fn scheduled(config: String) -> String {
    let keys = format!("auth_token = \"{AUTH_TOKEN}\"\nrotate_every = \"30d\"");
    account_with(&config, &keys)
}

async fn row(world: &World) -> Option<Row> {
    let store = &world.relay.shared().store;
    store.token("samespace").await.unwrap()
}

/// When it is to be exchanged, as soon as that is set.
async fn planned(world: &World) -> Millis {
    eventually(async || row(world).await?.rotate_at).await
}

async fn open_alerts(world: &World) -> Vec<String> {
    let alerts = world.relay.shared().store.open_alerts(10).await.unwrap();
    alerts
        .into_iter()
        .map(|alert| format!("{} {} {}", alert.kind, alert.subject, alert.code.unwrap()))
        .collect()
}

/// What another relay on the same database has of the account.
pub fn other_relay(world: &World, run: &str, every: Option<Duration>) -> Own {
    relay_with(world, run, every, AUTH_TOKEN)
}

/// The same, where another token is configured.
fn relay_with(world: &World, run: &str, every: Option<Duration>, token: &str) -> Own {
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
    let token = Secret::new(token);
    Own::new("samespace", token, every, Duration::from_secs(2), &custody)
}

pub async fn rotate(world: &World, own: &Own, by: By) -> Rotated {
    let provider = world.relay.shared().accounts["samespace"].provider.as_ref();
    own.rotate(provider, by).await.unwrap()
}

#[tokio::test]
async fn a_token_is_exchanged_before_it_is_too_old_and_the_next_time_is_set() {
    let world = World::with(scheduled).await;
    let clock = world.relay.clock.clone();
    let first = planned(&world).await;
    let ahead = first - clock.now();
    assert!((27 * DAY - 60_000..=30 * DAY).contains(&ahead), "{ahead}");
    assert_eq!(world.seen(RESET).await.len(), 0);

    clock.advance(MONTH);
    let rotated = eventually(async || row(&world).await.filter(|row| row.refreshed_at.is_some()));
    let row = rotated.await;
    assert_eq!((row.rotating_since, row.lease_until), (None, None));
    let ahead = row.rotate_at.unwrap() - clock.now();
    assert!((27 * DAY - 60_000..=30 * DAY).contains(&ahead), "{ahead}");
    assert_eq!(world.seen(RESET).await.len(), 1);
    assert_eq!(open_alerts(&world).await, [""; 0]);
    // The new one is what is sent from now on.
    let own = other_relay(&world, "another", None);
    let current = own.current().await.unwrap();
    assert_ne!(current.expose(), AUTH_TOKEN);
    assert_eq!(rotate(&world, &own, By::Command).await, Rotated::Yes);
}

#[tokio::test]
async fn the_time_holds_over_a_restart_and_a_shorter_one_in_the_configuration_wins() {
    let world = World::with(scheduled).await;
    let first = planned(&world).await;
    let world = world.restart().await;
    assert_eq!(planned(&world).await, first);
    let world = world
        .restart_with(|config| config.replace("\"30d\"", "\"2d\""))
        .await;
    let soon = world.relay.clock.now() + 2 * DAY;
    eventually(async || (planned(&world).await <= soon).then_some(())).await;
    assert_eq!(world.seen(RESET).await.len(), 0);
}

#[tokio::test]
async fn of_several_relays_one_exchanges_it() {
    let world = World::with(|config| account_with(&config, "")).await;
    let relays: Vec<_> = (0..5)
        .map(|nth| other_relay(&world, &format!("relay {nth}"), Some(MONTH)))
        .collect();
    let now = world.relay.clock.now();
    assert!(relays[0].plan(now).await.unwrap().is_some());
    let early = rotate(&world, &relays[0], By::Schedule).await;
    assert_eq!(early, Rotated::Busy, "it is not time yet");
    world.relay.clock.advance(MONTH);
    world
        .faults(json!([{ "match": { "path": RESET }, "delay_ms": 200 }]))
        .await;
    let tries = relays.iter().map(|own| rotate(&world, own, By::Schedule));
    let mut done = join_all(tries).await;
    done.retain(|rotated| *rotated != Rotated::Busy);
    assert_eq!(done, [Rotated::Yes]);
    assert_eq!(world.seen(RESET).await.len(), 1);
}

#[tokio::test]
async fn a_relay_that_has_not_been_told_of_a_newer_token_does_not_take_its_own_back() {
    let world = World::with(|config| account_with(&config, "")).await;
    let now = world.relay.clock.now();
    let (old, newer) = (
        other_relay(&world, "old", Some(MONTH)),
        "canary-token-of-the-platforms-page",
    );
    assert!(old.plan(now).await.unwrap().is_some());
    let new = relay_with(&world, "new", Some(MONTH), newer);
    let answer = |token: &str| {
        let body = json!({ "success": true, "token": token }).to_string();
        let status = json!({ "code": 200, "body": body, "content_type": "application/json" });
        json!({ "status": status })
    };
    world.fault(RESET, answer("canary-third")).await;
    assert_eq!(rotate(&world, &new, By::Command).await, Rotated::Yes);
    let third = async || new.current().await.unwrap().expose() == "canary-third";
    assert!(third().await);

    assert_eq!(old.plan(now).await.unwrap(), None);
    assert_eq!(rotate(&world, &old, By::Schedule).await, Rotated::Busy);
    assert!(third().await, "it is what the platform knows");
    assert_eq!(world.seen(RESET).await.len(), 1);
    // A person says that the first one is right after all: then the other one is replaced.
    world.fault(RESET, answer("canary-fourth")).await;
    assert_eq!(rotate(&world, &old, By::Command).await, Rotated::Yes);
    assert_eq!(new.plan(now).await.unwrap(), None);
    assert_eq!(old.current().await.unwrap().expose(), "canary-fourth");
}

#[tokio::test]
async fn a_lost_answer_is_an_alert_and_no_relay_tries_again_until_a_person_did() {
    let world = World::with(|config| with_admin(scheduled(config))).await;
    planned(&world).await;
    world
        .faults(json!([{ "match": { "path": RESET }, "times": 1, "action": "reset" }]))
        .await;
    world.relay.clock.advance(MONTH);
    let unknown = "token_rotation_unknown samespace no_reply";
    eventually(async || (open_alerts(&world).await == [unknown]).then_some(())).await;
    let left = row(&world).await.unwrap();
    assert!(left.rotating_since.is_some() && left.rotate_at.is_none());

    let own = other_relay(&world, "another", Some(MONTH));
    world.relay.clock.advance(MONTH);
    let now = world.relay.clock.now();
    assert_eq!(own.plan(now).await.unwrap(), None);
    assert_eq!(rotate(&world, &own, By::Schedule).await, Rotated::Busy);
    assert_eq!(world.seen(RESET).await.len(), 1);
    let page = Browser::signed_in(&world, TOKEN).await;
    let page = page.get("/admin/tokens").await.body;
    assert!(
        page.contains("after somebody has looked at the alert"),
        "{page}"
    );

    assert_eq!(rotate(&world, &own, By::Command).await, Rotated::Yes);
    assert_eq!(open_alerts(&world).await, [""; 0]);
    assert!(row(&world).await.unwrap().rotate_at.is_some());
}

#[tokio::test]
async fn a_relay_that_died_while_it_asked_is_an_alert_and_nothing_is_sent() {
    let world = World::with(scheduled).await;
    planned(&world).await;
    let store = &world.relay.shared().store;
    let dead = store.write(move |tx| {
        Box::pin(async move {
            let mut row = token::hold(tx, "samespace").await?;
            row.rotating_since = Some(1);
            row.lease_run = Some("run_dead".into());
            row.lease_until = Some(2);
            token::write(tx, &mut row).await
        })
    });
    dead.await.unwrap();
    let world = world.restart().await;
    let unknown = "token_rotation_unknown samespace interrupted";
    eventually(async || (open_alerts(&world).await == [unknown]).then_some(())).await;
    assert_eq!(row(&world).await.unwrap().rotate_at, None);
    assert_eq!(world.seen(RESET).await.len(), 0);
}

#[tokio::test]
async fn a_refusal_is_an_alert_and_tried_again_in_a_day_and_a_busy_platform_in_an_hour() {
    let world = World::with(scheduled).await;
    planned(&world).await;
    let refused = r#"{"success":"false","message":"Not now"}"#;
    let reply = |code: u16, body: &str| {
        let status = json!({ "code": code, "body": body, "content_type": "application/json" });
        json!([{ "match": { "path": RESET }, "times": 1, "action": { "status": status } }])
    };
    world.faults(reply(200, refused)).await;
    let clock = world.relay.clock.clone();
    clock.advance(MONTH);
    let alert = "token_rotation_refused samespace provider_refused";
    eventually(async || (open_alerts(&world).await == [alert]).then_some(())).await;
    let again = row(&world).await.unwrap();
    assert_eq!(again.rotating_since, None);
    let ahead = again.rotate_at.unwrap() - clock.now();
    assert!((DAY - 60_000..=DAY).contains(&ahead), "{ahead}");

    let busy = r#"{"success":false,"message":"slow"}"#;
    world.faults(reply(429, busy)).await;
    clock.advance(Duration::from_secs(24 * 60 * 60));
    let in_an_hour = async || {
        let at = row(&world).await?.rotate_at?;
        (at > clock.now()).then_some(at - clock.now())
    };
    let ahead = eventually(in_an_hour).await;
    assert!(ahead <= 60 * 60 * 1_000, "{ahead}");

    // The vendor writes `success` as a text elsewhere; here it is believed, too.
    let taken = r#"{"success":"true","token":"canary-new-token"}"#;
    world.faults(reply(200, taken)).await;
    clock.advance(Duration::from_secs(60 * 60));
    eventually(async || row(&world).await?.refreshed_at).await;
    assert_eq!(open_alerts(&world).await, [""; 0]);
    assert_eq!(world.seen(RESET).await.len(), 3);
    let current = other_relay(&world, "another", None)
        .current()
        .await
        .unwrap();
    assert_eq!(current.expose(), "canary-new-token");
}

#[tokio::test]
async fn the_next_time_is_shown_on_the_admin_pages_and_by_the_command() {
    let world = World::with(|config| with_admin(scheduled(config))).await;
    planned(&world).await;
    let page = Browser::signed_in(&world, TOKEN).await;
    let page = page.get("/admin/tokens").await.body;
    assert!(page.contains("before it is 30 days old"), "{page}");
    assert!(page.contains("Next time") && !page.contains("not set yet"));
    assert!(!page.contains(AUTH_TOKEN));

    let at = planned(&world).await;
    let text = scheduled(config(&world.sandbox.url()));
    std::fs::write(world.folder.path().join("relay.toml"), text).unwrap();
    let shown = command(world.folder.path())
        .arg("tokens")
        .output()
        .await
        .unwrap();
    let text = String::from_utf8(shown.stdout).unwrap();
    if std::env::var_os(crate::support::SERVER).is_none() {
        let next = format!("next rotation {}", clock::to_rfc3339(at));
        assert!(text.contains(&next), "{next}: {text}");
    }
    assert!(!text.contains(AUTH_TOKEN));
}

#[test]
fn a_schedule_that_cannot_work_is_refused_by_its_key() {
    let parse = |keys: &str| {
        let text = account_with(&config("http://127.0.0.1:1"), keys);
        Config::parse(&text, Path::new("."), &Environment::default())
    };
    let token = format!("auth_token = \"{AUTH_TOKEN}\"\n");
    for every in ["soon", "0d", "366d", "30", "12h"] {
        let error = parse(&format!("{token}rotate_every = \"{every}\"")).unwrap_err();
        assert_eq!(error.path, "account[0].rotate_every", "{every}");
    }
    let error = parse("rotate_every = \"30d\"").unwrap_err();
    assert_eq!(error.path, "account[0].rotate_every");
    let config = parse(&format!("{token}rotate_every = \"1d\"")).unwrap();
    let every = config.accounts["samespace"].rotate_every;
    assert_eq!(every, Some(Duration::from_secs(24 * 60 * 60)));
}
