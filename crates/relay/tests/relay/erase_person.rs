//! A person who dials asks that what is kept of them goes.

use patchcord_relay::config::AgentId;
use patchcord_relay::store::erase::empty_log;
use patchcord_relay::store::erase_person::ErasedPerson;
use reqwest::Method;
use serde_json::{Value, json};

use crate::command::{Process, command, prepare};
use crate::events::Stream;
use crate::panel::{signed_in, world_with};
use crate::personal_data::everything;
use crate::scim::{ACME, ask, provisioned, scim, user};
use crate::support::{NUMBER, World, assertion, eventually, fresh_key};

const ALEX: &str = "005ALEX";

fn alex() -> AgentId {
    AgentId {
        org: "acme".to_owned(),
        sub: ALEX.to_owned(),
    }
}

async fn erase(world: &World) -> ErasedPerson {
    let relay = world.relay.shared();
    let erased = relay.store.erase_person(&alex(), relay.clock.now()).await;
    erased.unwrap()
}

/// The lines of the audit log that are Alex's or about them, what the identity provider did among them.
async fn erase_count(world: &World) -> u64 {
    let lines = world.relay.shared().store.audit(0, 0, 1000).await.unwrap();
    let about = |subject: &str| subject == "acme/005ALEX";
    assert!(
        lines
            .iter()
            .any(|line| line.action == "person_added" && about(&line.subject)),
        "{lines:?}"
    );
    let theirs = lines
        .iter()
        .filter(|line| line.actor == "agent acme/005ALEX" || about(&line.subject));
    u64::try_from(theirs.count()).unwrap()
}

#[tokio::test]
async fn everything_about_a_person_goes_but_the_audit_log_and_nothing_about_anybody_else() {
    let world = world_with(|config| scim(&config)).await;
    let (alex, _) = provisioned(&world, ACME, &user("canary-alex@acme.example", ALEX)).await;
    let (sam, _) = provisioned(&world, ACME, &user("sam@acme.example", "005SAM")).await;
    let id = alex.rsplit('/').next().unwrap();
    let group = json!({ "displayName": "Supervisors", "members": [{ "value": id }] });
    let made = ask(&world, ACME, Method::POST, "/scim/v2/Groups")
        .text("application/scim+json", group.to_string())
        .send()
        .await;
    assert_eq!(made.status, 201, "{}", made.body);
    let session = signed_in(&world).await;
    let body = json!({ "number": NUMBER, "provider": "babelforce" });
    let dialled = world.dial(&session, &body).send().await;
    dialled.is_outcome("accepted", None);
    let others = world.open_session(&assertion("005SAM")).await;
    assert_eq!(others.status, 200, "{}", others.body);

    let kept = erase_count(&world).await;
    let erased = erase(&world).await;
    assert_eq!(erased.kept.audit, kept + 1, "all lines and its own");
    assert_eq!(
        (
            erased.provisioned,
            erased.groups,
            erased.mappings,
            erased.sessions,
            erased.tokens.len(),
            erased.calls,
            erased.in_flight,
        ),
        (1, 1, 1, 1, 1, 1, 0)
    );
    assert!(erased.events > 0 && erased.kept.audit > 0 && erased.kept.replies == 1);

    // They are out, and nobody knows them.
    let path = format!("/v1/calls/{}", dialled.json["id"].as_str().unwrap());
    world
        .ask(Method::GET, &path)
        .bearer(&session)
        .send()
        .await
        .is_problem("session_expired");
    let again = world.open_session(&assertion(ALEX)).await;
    again.is_problem("agent_unknown");
    let gone = ask(&world, ACME, Method::GET, &alex).send().await;
    assert_eq!(gone.status, 404, "{}", gone.body);
    let group = format!("/scim/v2/Groups/{}", made.json["id"].as_str().unwrap());
    let group = ask(&world, ACME, Method::GET, &group).send().await;
    assert_eq!(group.json["members"], json!([]), "{}", group.body);
    assert_ne!(group.header("etag"), made.header("etag"));
    let relay = world.relay.shared();
    assert!(empty_log(&relay.config.database).await.unwrap());
    let left = everything(&relay.store, world.folder.path()).await;
    assert!(!left.to_lowercase().contains("canary 005alex"));
    assert!(!left.contains("canary-alex"));

    // The log says that it was done, how much it was, and no name.
    let lines = relay.store.audit(0, 0, 1000).await.unwrap();
    let line = lines.iter().find(|line| line.action == "erased").unwrap();
    assert_eq!(
        (line.actor.as_str(), line.subject.as_str()),
        ("command", "acme/005ALEX")
    );
    let detail: Value = serde_json::from_str(line.detail.as_deref().unwrap()).unwrap();
    assert_eq!(detail["calls"], 1);

    // The other one is as before.
    let there = ask(&world, ACME, Method::GET, &sam).send().await;
    assert_eq!(there.status, 200, "{}", there.body);
    let other = others.json["session"].as_str().unwrap();
    let body = json!({ "number": NUMBER });
    assert_ne!(world.dial(other, &body).send().await.status, 401);

    // Once more there is nothing but what is kept.
    let again = erase(&world).await;
    let nothing = ErasedPerson {
        kept: again.kept,
        ..ErasedPerson::default()
    };
    assert_eq!(again, nothing);
}

#[tokio::test]
async fn a_call_that_is_being_placed_stays_until_it_is_over_and_events_begin_anew() {
    let world = World::new().await;
    let session = world.session().await;
    let body = json!({ "number": NUMBER });
    world
        .dial(&session, &body)
        .send()
        .await
        .is_outcome("accepted", None);
    world.fault("/apiv1/*", json!("hold")).await;
    let held = world.dial(&session, &json!({ "number": "+493012345679" }));
    let held = tokio::spawn(held.send());
    let relay = world.relay.shared();
    let store = &relay.store;
    let in_flight = async || {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM call WHERE outcome IS NULL")
            .fetch_one(store.read())
            .await
            .unwrap();
        (count == 1).then_some(())
    };
    eventually(in_flight).await;
    let erased = erase(&world).await;
    assert_eq!((erased.calls, erased.in_flight), (1, 1));
    world.fault("/nothing", json!("hold")).await;
    let placed = held.await.unwrap();
    placed.is_outcome("accepted", None);

    // A page that was open all the time has a higher number than there is now, and misses nothing.
    let session = world.session().await;
    let mut stream = Stream::open(&world, &session, Some(&json!(1000))).await;
    let (number, call) = stream.next().await.unwrap();
    assert_eq!((number, &call["id"]), (1, &placed.json["id"]));

    let erased = erase(&world).await;
    assert_eq!((erased.calls, erased.in_flight), (1, 0));
}

#[tokio::test]
async fn a_person_is_erased_at_the_command_line_while_the_relay_runs() {
    let (_sandbox, folder) = prepare().await;
    let process = Process::start(command(folder.path())).await;
    let session = process.session().await;
    process
        .dial(&session, &fresh_key())
        .await
        .is_outcome("accepted", None);
    let erase = async |arguments: &[&str]| {
        let mut erase = command(folder.path());
        erase.arg("erase").args(arguments).output().await.unwrap()
    };
    let output = erase(&["--org", "acme", "--sub", ALEX]).await;
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{out}");
    assert!(
        out.contains("1 sessions") && out.contains("1 calls"),
        "{out}"
    );
    assert!(out.contains("kept: ") && out.contains("audit log"), "{out}");
    assert!(out.contains("0 of 0 tokens signed out"), "{out}");
    assert!(out.contains("the configuration still names them"), "{out}");
    let refused = process.dial(&session, &fresh_key()).await;
    refused.is_problem("session_expired");
    for wrong in [
        &["--org", "acme"][..],
        &["--sub", ALEX],
        &["--org", "acme", "--sub", ALEX, "--number", NUMBER],
        &[],
    ] {
        assert!(!erase(wrong).await.status.success(), "{wrong:?}");
    }
    process.end("-TERM").await;
}
