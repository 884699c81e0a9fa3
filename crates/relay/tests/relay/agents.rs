//! Who an agent is: by the configuration and by what was imported, exactly one or nobody.

use std::path::Path;

use patchcord_relay::agents::import::{self, ImportError};
use patchcord_relay::config::{AgentId, Config, Environment};
use patchcord_relay::sessions;
use patchcord_relay::store::mapping::Replaced;
use patchcord_relay::wakes::Wake;
use patchcord_sandbox::Sandbox;
use reqwest::Method;
use serde_json::json;

use crate::command::command;
use crate::support::{NUMBER, PATIENCE, World, assertion, config, on_its_database};

fn parsed(world: &World) -> Config {
    let text = config(&world.sandbox.url());
    Config::parse(&text, Path::new("."), &Environment::default()).unwrap()
}

async fn import(world: &World, csv: &str) -> Result<Replaced, ImportError> {
    let shared = world.relay.shared();
    let now = world.relay.clock.now();
    let config = parsed(world);
    let lines = import::read_csv(csv.as_bytes(), &config, now)?;
    import::store(&shared.store, &config, import::CSV, None, lines, now).await
}

const HEAD: &str = "org,sub,account,agent,name\n";

async fn opens(world: &World, sub: &str) -> serde_json::Value {
    world.open_session(&assertion(sub)).await.json
}

#[tokio::test]
async fn an_imported_agent_dials_as_themselves_and_the_configuration_comes_first() {
    let world = World::new().await;
    assert_eq!(opens(&world, "005NEW").await["code"], "agent_unknown");
    let csv = format!(
        "{HEAD}acme,005NEW,samespace,alex@acme,Newt\nacme,005SAM,babelforce,1b2c3d4e5f60718293a4b5c6d7e8f90a,Sam Sommer\nother,005NEW,samespace,else@acme,\n"
    );
    assert_eq!(import(&world, &csv).await.unwrap().now, 3);
    let opened = opens(&world, "005NEW").await;
    assert_eq!(opened["agent"]["name"], "Newt");
    let session = opened["session"].as_str().unwrap();
    world
        .dial(session, &json!({ "number": NUMBER }))
        .send()
        .await
        .is_outcome("accepted", None);
    assert!(world.dials().await[0].to_string().contains("alex@acme"));
    // Configured at Samespace, imported at babelforce: both, and the configured one is the default.
    let both = opens(&world, "005SAM").await;
    let providers: Vec<_> = both["providers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| &p["provider"])
        .collect();
    assert_eq!(providers, ["samespace", "babelforce"]);
}

#[tokio::test]
async fn nobody_becomes_two_agents_and_a_wrong_line_changes_nothing() {
    let world = World::new().await;
    import(&world, &format!("{HEAD}acme,005NEW,samespace,newt@acme,\n"))
        .await
        .unwrap();
    for (lines, says) in [
        (
            "acme,005NEW,samespace,a@acme,\nacme,005NEW,samespace,b@acme,\n",
            "several agents",
        ),
        ("acme,005SAM,samespace,other@acme,\n", "agent_ambiguous"),
        (
            "acme,005TWICE,babelforce,1b2c3d4e5f60718293a4b5c6d7e8f90a,\n",
            "agent_ambiguous",
        ),
        ("acme,005NEW,skype,newt@acme,\n", "no account `skype`"),
        ("acme,005NEW,babelforce,newt,\n", "005NEW of acme"),
        (",005NEW,samespace,newt@acme,\n", "empty"),
        ("acme,005NEW\n", "fields"),
    ] {
        let error = import(&world, &format!("{HEAD}{lines}")).await.unwrap_err();
        assert!(error.to_string().contains(says), "{lines}: {error}");
    }
    let error = import(
        &world,
        "org,sub,account,agent,colour\nacme,x,samespace,x@acme,red\n",
    )
    .await;
    assert!(error.unwrap_err().to_string().contains("colour"));
    let left = world.relay.shared().store.mappings().await.unwrap();
    assert_eq!(left.len(), 1);
    assert!(opens(&world, "005NEW").await["session"].is_string());
}

#[tokio::test]
async fn one_agent_in_two_spellings_is_one_agent() {
    let world = World::new().await;
    let hyphens = "0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9";
    // The configuration has 005ALEX without hyphens.
    let csv = format!(
        "{HEAD}acme,005ALEX,babelforce,{hyphens},\nacme,005NEW,babelforce,{hyphens},\nacme,005NEW,babelforce,{},Newt\n",
        hyphens.replace('-', "").to_lowercase()
    );
    assert_eq!(import(&world, &csv).await.unwrap().now, 2);
    let alex = opens(&world, "005ALEX").await;
    assert_eq!(
        alex["providers"].as_array().map(Vec::len),
        Some(2),
        "{alex}"
    );
    assert_eq!(opens(&world, "005NEW").await["agent"]["name"], "Newt");
    let other = format!(
        "{HEAD}acme,005ALEX,babelforce,{},\n",
        hyphens.replace('F', "0")
    );
    let error = import(&world, &other).await.unwrap_err();
    assert!(error.to_string().contains("agent_ambiguous"), "{error}");
}

#[tokio::test]
async fn who_is_no_longer_on_the_list_loses_session_and_stream_at_once() {
    let world = World::new().await;
    let both = format!("{HEAD}acme,005A,samespace,a@acme,\nacme,005B,samespace,alex@acme,\n");
    import(&world, &both).await.unwrap();
    let (a, b) = (opens(&world, "005A").await, opens(&world, "005B").await);
    let (a, b) = (
        a["session"].as_str().unwrap(),
        b["session"].as_str().unwrap(),
    );
    let mut stream = world
        .ask(Method::GET, "/v1/events")
        .bearer(a)
        .stream()
        .await;
    let replaced = import(&world, &format!("{HEAD}acme,005B,samespace,alex@acme,\n"))
        .await
        .unwrap();
    let agent = AgentId {
        org: "acme".into(),
        sub: "005A".into(),
    };
    assert_eq!(
        replaced,
        Replaced {
            now: 1,
            ended: vec![agent.clone()],
            tokens: Vec::new(),
        }
    );
    // Streams look every ten seconds; this one is told, so that the test need not wait.
    world.relay.shared().wakes.wake(Wake::Agent(agent));
    let ended = tokio::time::timeout(PATIENCE, async {
        while let Ok(Some(_)) = stream.chunk().await {}
    });
    ended.await.expect("the stream goes on");
    let body = json!({ "number": NUMBER });
    world
        .dial(a, &body)
        .send()
        .await
        .is_problem("session_expired");
    world
        .dial(b, &body)
        .send()
        .await
        .is_outcome("accepted", None);
    assert_eq!(opens(&world, "005A").await["code"], "agent_unknown");
}

#[tokio::test]
async fn revoking_ends_every_session_of_one_agent_and_nobody_elses() {
    let world = World::new().await;
    let (one, two, sam) = (
        world.session().await,
        world.session().await,
        world.session_of("005SAM").await,
    );
    let agent = AgentId {
        org: "acme".into(),
        sub: "005ALEX".into(),
    };
    let store = &world.relay.shared().store;
    let revoked = sessions::revoke(store, agent, 1).await.unwrap();
    assert_eq!(revoked.sessions, 2);
    let body = json!({ "number": NUMBER });
    for session in [&one, &two] {
        world
            .dial(session, &body)
            .send()
            .await
            .is_problem("session_expired");
    }
    world
        .dial(&sam, &body)
        .send()
        .await
        .is_outcome("refused", Some("agent_not_logged_in"));
}

/// A running relay with its configuration in a file, so that commands can be given beside it.
pub async fn with_file() -> World {
    let sandbox = Sandbox::start(([127, 0, 0, 1], 0).into()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let text = on_its_database(&config(&sandbox.url())).await;
    std::fs::write(folder.path().join("relay.toml"), &text).unwrap();
    World::of(sandbox, folder, text).await
}

pub async fn give(world: &World, words: &[&str]) -> (bool, String) {
    let mut command = command(world.folder.path());
    let output = command.args(words).output().await.unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.success(), text)
}

#[tokio::test]
async fn the_commands_work_beside_a_running_relay() {
    let world = with_file().await;
    let (done, text) = give(
        &world,
        &[
            "agents",
            "import",
            "--from",
            "babelforce",
            "--org",
            "bf",
            "--system",
            "salesforce",
        ],
    )
    .await;
    assert!(done && text.contains("imported 2"), "{text}");
    let file = world.folder.path().join("agents.csv");
    std::fs::write(
        &file,
        format!("{HEAD}acme,005NEW,samespace,newt@acme,Newt\n"),
    )
    .unwrap();
    let (done, text) = give(&world, &["agents", "import", file.to_str().unwrap()]).await;
    assert!(done, "{text}");
    let (_, list) = give(&world, &["agents", "list"]).await;
    for line in [
        "bf  005ALEX  babelforce=0a1b2c3d4e5f60718293a4b5c6d7e8f9  Alex Adler",
        "acme  005NEW  samespace=newt@acme  Newt",
        "acme  005TWICE  REFUSED: agent_ambiguous",
    ] {
        assert!(list.contains(line), "{line}\n{list}");
    }
    let session = opens(&world, "005NEW").await;
    let (done, text) = give(
        &world,
        &["sessions", "revoke", "--org", "acme", "--sub", "005NEW"],
    )
    .await;
    assert!(done && text.starts_with("1 ended"), "{text}");
    world
        .dial(
            session["session"].as_str().unwrap(),
            &json!({ "number": NUMBER }),
        )
        .send()
        .await
        .is_problem("session_expired");
    let (done, tokens) = give(&world, &["tokens"]).await;
    assert!(
        done && tokens.contains("babelforce  babelforce  password  expires 20"),
        "{tokens}"
    );
    let (done, text) = give(&world, &["tokens", "rotate", "babelforce"]).await;
    assert!(!done && text.contains("auth_token"), "{text}");
    let (done, _) = give(&world, &["agents", "import"]).await;
    assert!(!done);
}
