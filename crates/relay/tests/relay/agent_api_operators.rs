//! What whoever runs the relay sees of agents' own tokens, and can take away; and what nobody sees.

use patchcord_relay::config::{Config, Environment};
use patchcord_sandbox::Sandbox;
use reqwest::Method;
use serde_json::json;

use crate::command::{Process, command};
use crate::panel::{Stream, look, page, sign_in_at, sign_in_by, signed_in, with_agent_api, world};
use crate::support::{NUMBER, World, assertion, config, eventually, fresh_key, on_its_database};

/// A running relay with its configuration in a file, so that commands can be given beside it.
async fn with_file() -> World {
    let sandbox = Sandbox::start(([127, 0, 0, 1], 0).into()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let text = on_its_database(&with_agent_api(&config(&sandbox.url()))).await;
    std::fs::write(folder.path().join("relay.toml"), &text).unwrap();
    World::of(sandbox, folder, text).await
}

async fn give(world: &World, words: &[&str]) -> String {
    let mut command = command(world.folder.path());
    let output = command.args(words).output().await.unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{words:?} {text}");
    text
}

#[tokio::test]
async fn revoking_signs_an_agent_out_everywhere_and_ends_their_stream() {
    let world = with_file().await;
    let session = signed_in(&world).await;
    let mut stream = Stream::open(&world, &session).await;
    stream.next().await.unwrap();
    let shown = give(&world, &["tokens"]).await;
    assert!(
        shown.contains("babelforce  agent 005ALEX of acme  expires 20"),
        "{shown}"
    );
    let store = &world.relay.shared().store;
    let kept = store.tokens().await.unwrap();
    let sealed = kept.iter().find(|row| !row.agent.is_empty()).unwrap();
    assert!(!shown.contains(sealed.sealed_refresh.as_deref().unwrap()));

    let told = give(
        &world,
        &["sessions", "revoke", "--org", "acme", "--sub", "005ALEX"],
    )
    .await;
    assert!(
        told.starts_with("1 ended, 1 of 1 tokens signed out"),
        "{told}"
    );
    let asked = world.seen("/oauth/revoke").await;
    assert_eq!(asked.len(), 2, "refresh and access token");
    assert!(world.seen("/oauth/logout").await.is_empty());
    // As half a minute later.
    world
        .relay
        .shared()
        .wakes
        .wake(patchcord_relay::wakes::Wake::Agent(
            patchcord_relay::config::AgentId {
                org: "acme".into(),
                sub: "005ALEX".into(),
            },
        ));
    stream.ended().await;
    let session = world.session().await;
    look(&world, &session, "state")
        .send()
        .await
        .is_problem("sign_in_needed");
    assert!(!give(&world, &["tokens"]).await.contains("005ALEX"));
}

#[tokio::test]
async fn who_is_mapped_to_another_agent_cannot_use_the_token_of_the_first() {
    let world = world().await;
    let session = signed_in(&world).await;
    assert_eq!(look(&world, &session, "state").send().await.status, 200);
    let world = world
        .restart_with(|config| {
            config.replace(crate::panel::ALEX, "3d4e5f60718293a4b5c6d7e8f90a1b2c")
        })
        .await;
    look(&world, &session, "state")
        .send()
        .await
        .is_problem("sign_in_needed");
    // Kim is who they are now.
    let page = page(&world, &session).await;
    let done = sign_in_at(&world, &page, "kim@acme.example").await;
    assert_eq!(done.status, 200, "{}", done.body);
    let state = look(&world, &session, "state").send().await;
    assert_eq!(
        state.json["agent"]["id"],
        "3d4e5f60718293a4b5c6d7e8f90a1b2c"
    );
    // The first agent's tokens were given back.
    eventually(async || (!world.seen("/oauth/revoke").await.is_empty()).then_some(())).await;
}

#[tokio::test]
async fn a_token_outlives_the_relay_and_a_platform_id_may_have_hyphens() {
    let hyphens = "0A1B2C3D-4e5f-6071-8293-a4b5c6d7e8f9";
    let world =
        crate::panel::world_with(|config| config.replace(crate::panel::ALEX, hyphens)).await;
    let session = signed_in(&world).await;
    let world = world.restart().await;
    assert_eq!(look(&world, &session, "state").send().await.status, 200);
    assert_eq!(
        world.seen("/oauth/token").await.len(),
        1,
        "it is the same one"
    );
}

#[tokio::test]
async fn who_signs_in_without_a_crm_has_a_session_and_a_token_at_once() {
    let agent = format!(
        "\n[[agent]]\norg = \"bf\"\nsub = \"a1b2c3d4e5f60718293a4b5c6d7e8f90\"\nidentities = [{{ account = \"babelforce\", agent = \"{}\" }}]\n",
        crate::panel::ALEX
    );
    let world = crate::panel::world_with(|config| config + &agent).await;
    let back = "https://crm.acme.example/desk";
    let page = format!("http://127.0.0.1:4100/v1/sign-in?account=babelforce&return={back}");
    let done = sign_in_at(&world, &page, "alex@acme.example").await;
    assert_eq!(done.status, 302, "{}", done.body);
    let (_, code) = done
        .header("location")
        .split_once("#patchcord_code=")
        .unwrap();
    let opened = world
        .ask(Method::POST, "/v1/sessions")
        .header("Origin", "https://crm.acme.example")
        .json(&json!({ "code": code }))
        .send()
        .await;
    let session = opened.json["session"].as_str().unwrap();
    let capabilities = opened.json["providers"][0]["capabilities"].to_string();
    for can in [
        "\"dial\"",
        "\"callback\"",
        "\"hold\"",
        "\"transfer_warm\"",
        "\"wrap_up\"",
    ] {
        assert_eq!(capabilities.matches(can).count(), 1, "{can} {capabilities}");
    }
    assert_eq!(look(&world, session, "state").send().await.status, 200);
    assert!(world.seen("/oauth/revoke").await.is_empty());
}

#[tokio::test]
async fn no_token_ticket_number_or_bearer_is_in_log_reply_or_database() {
    let sandbox = Sandbox::start(([127, 0, 0, 1], 0).into()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let text = with_agent_api(&config(&sandbox.url()));
    std::fs::write(folder.path().join("relay.toml"), text).unwrap();
    let mut start = command(folder.path());
    start.env(
        "PATCHCORD_LOG",
        "info,patchcord_relay=trace,patchcord_core=trace",
    );
    let process = Process::start(start).await;
    let open = process
        .ask(Method::POST, "/v1/sessions")
        .json(&json!({ "assertion": assertion("005ALEX") }))
        .send()
        .await;
    let session = open.json["session"].as_str().unwrap().to_owned();
    let api = "/v1/agent/babelforce";
    let ticket = process
        .ask(Method::POST, &format!("{api}/sign-in"))
        .bearer(&session)
        .send()
        .await;
    let page = ticket.json["page"].as_str().unwrap();
    let ask = |method, path: &str| process.ask(method, path);
    let done = sign_in_by(&ask, page, "alex@acme.example").await;
    assert_eq!(done.status, 200, "{}", done.body);
    let send = process
        .ask(Method::POST, &format!("{api}/babelconnect.v1.Agent/Send"))
        .bearer(&session)
        .header("Idempotency-Key", &fresh_key())
        .json(&json!({ "placeCall": { "to": NUMBER, "session": { "k": "canary-payload" } } }))
        .send()
        .await;
    assert_eq!(send.status, 200, "{}", send.body);
    let targets = format!("{api}/v1/agent/transfer-targets?query=canary-query");
    let found = process
        .ask(Method::GET, &targets)
        .bearer(&session)
        .send()
        .await;
    assert_eq!(found.status, 200, "{}", found.body);
    // The agent's own token, as the platform saw it.
    let seen = crate::support::Ask::new(
        Method::GET,
        format!(
            "{}/_sandbox/requests?path=/babelconnect.v1.Agent/Send",
            sandbox.url()
        ),
    )
    .send()
    .await;
    let bearer = seen.json["requests"][0]["headers"]["authorization"].clone();
    let bearer = bearer.as_str().unwrap().strip_prefix("Bearer ").unwrap();
    let (_, log) = process.end("-TERM").await;
    assert!(log.contains("place_call"), "{log}");
    let (_, secret) = page.split_once("ticket=").unwrap();
    let database = std::fs::read(folder.path().join("relay.db")).unwrap();
    let database = String::from_utf8_lossy(&database);
    for canary in [bearer, secret, &session, "alex-password"] {
        assert!(!log.contains(canary), "the log has {canary}");
        assert!(!database.contains(canary), "the database has {canary}");
        assert!(!done.body.contains(canary) && !found.body.contains(canary));
    }
    for canary in ["3012345678", "canary"] {
        assert!(!log.contains(canary), "the log has {canary}");
    }
}

#[tokio::test]
async fn the_agent_api_is_checked_before_the_relay_starts_and_by_the_command() {
    let read = |text: &str| Config::parse(text, std::path::Path::new("."), &Environment::default());
    let good = with_agent_api(&config("http://127.0.0.1:9"));
    read(&good).unwrap();
    let line = "agent_api = \"http://127.0.0.1:9\"";
    assert!(good.contains(line));
    for bad in [
        "agent_api = \"http://agent.example\"",
        "agent_api = \"https://user@agent.example\"",
        "agent_api = \"https://agent.example/path\"",
        "agent_api = \"https://agent.example/?x\"",
        "agent_api = \"agent.example\"",
    ] {
        let error = read(&good.replace(line, bad)).unwrap_err();
        assert_eq!(error.path, "account[1].agent_api", "{bad}");
    }
    let alone = good.lines().filter(|line| !line.starts_with("sign_in = "));
    let error = read(&alone.collect::<Vec<_>>().join("\n")).unwrap_err();
    assert_eq!(error.path, "account[1].agent_api");
    assert!(error.remedy.contains("sign_in"), "{error}");
    let client = good.replace(
        "client_id = \"babelconnect\"",
        "client_id = \"patchcord-web\"",
    );
    let error = read(&client).unwrap_err();
    assert_eq!(error.path, "account[1].sign_in.client_id");
    assert!(error.remedy.contains("babelconnect"), "{error}");
    let samespace = good.replacen(
        "cloud_id = ",
        "agent_api = \"https://a.example\"\ncloud_id = ",
        1,
    );
    assert_eq!(read(&samespace).unwrap_err().path, "account[0].agent_api");

    let world = with_file().await;
    let told = command(world.folder.path())
        .arg("check")
        .output()
        .await
        .unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    let line = told
        .lines()
        .find(|line| line.contains("agent_api"))
        .unwrap();
    assert!(
        line.starts_with("ok ") && line.ends_with("answers"),
        "{told}"
    );
}

#[tokio::test]
async fn commands_and_streams_are_counted() {
    let world = crate::panel::world_with(|config| {
        format!("{config}\n[metrics]\nlisten = \"127.0.0.1:0\"\n")
    })
    .await;
    let session = signed_in(&world).await;
    let url = format!("{}/metrics", world.relay.metrics.as_deref().unwrap());
    let scrape = async || {
        crate::support::Ask::new(Method::GET, url.clone())
            .send()
            .await
            .body
    };
    let mut stream = Stream::open(&world, &session).await;
    stream.next().await.unwrap();
    let reset = json!({ "resetLineStatus": {} });
    for _ in 0..2 {
        crate::panel::command(&world, &session, &reset).send().await;
    }
    let told = scrape().await;
    let line = "patchcord_agent_api_commands_total{kind=\"reset_line\",outcome=\"accepted\"} 2";
    assert!(told.contains(line), "{told}");
    assert!(told.contains("patchcord_agent_api_streams 1"), "{told}");
    drop(stream);
    eventually(async || {
        scrape()
            .await
            .contains("patchcord_agent_api_streams 0")
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_token_that_is_not_used_for_thirty_days_is_forgotten() {
    let world = world().await;
    let session = signed_in(&world).await;
    assert_eq!(look(&world, &session, "state").send().await.status, 200);
    let relay = world.relay.shared();
    let kept = async |days: i64| {
        let now = relay.clock.now() + days * 24 * 60 * 60 * 1000;
        relay.store.tidy(relay.config.retention, now).await.unwrap();
        let rows = relay.store.tokens().await.unwrap();
        let of = |agent: bool| {
            rows.iter()
                .filter(|row| row.agent.is_empty() != agent)
                .count()
        };
        (of(false), of(true))
    };
    relay.accounts["babelforce"].token().await.unwrap();
    assert_eq!(kept(29).await, (1, 1));
    assert_eq!(kept(31).await, (1, 0), "the account's own stays");
}
