//! `patchcord-relay check --call`: one real call, by the way of every call.

use std::fs;

use reqwest::Method;
use serde_json::{Value, json};

use crate::check::{Place, Told};
use crate::command::command;
use crate::support::{Ask, NUMBER, World, eventually, on_its_database};

const ALEX: &[&str] = &["--call", NUMBER, "--org", "acme", "--sub", "005ALEX"];
const SAMESPACE: &str = "/apiv1/make_call";

/// A sandbox and a configuration on a database of its own.
async fn place() -> Place {
    let mut place = Place::new().await;
    // Others settle soon what this command left behind, also on PostgreSQL.
    let config = place
        .config
        .replacen("audience =", "dead_after = 4\naudience =", 1);
    place.config = on_its_database(&config).await;
    place
}

impl Place {
    async fn call(&self, arguments: &[&str]) -> Told {
        self.check_with(&self.config, arguments, &[]).await
    }

    async fn seen(&self, path: &str) -> usize {
        let url = format!("{}/_sandbox/requests?path={path}", self.sandbox.url());
        let reply = Ask::new(Method::GET, url).send().await;
        reply.json["requests"].as_array().unwrap().len()
    }

    async fn fault(&self, path: &str, action: Value) {
        let url = format!("{}/_sandbox/faults", self.sandbox.url());
        let faults = json!({ "faults": [{ "match": { "path": path }, "action": action }] });
        Ask::new(Method::POST, url).json(&faults).send().await;
    }

    /// A relay on the same database.
    async fn world(self) -> World {
        World::of(self.sandbox, self.folder, self.config).await
    }
}

/// The calls that the database knows, with outcome and code.
async fn calls(world: &World) -> Vec<(Option<String>, Option<String>)> {
    sqlx::query_as("SELECT outcome, code FROM call ORDER BY created_at")
        .fetch_all(world.relay.shared().store.read())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_test_call_is_announced_dialled_once_and_its_answer_told() {
    let place = place().await;
    let told = place.call(ALEX).await;
    assert!(told.ok, "{}{}", told.out, told.err);
    told.is_fine("call", "accepted by samespace");
    let (before, _) = told.out.split_once("accepted by").unwrap();
    assert!(
        before.contains("Calling +493012345678 once, as 005ALEX of acme: account samespace"),
        "{before}"
    );
    assert_eq!(place.seen(SAMESPACE).await, 1);

    let elsewhere = [ALEX, &["--provider", "babelforce"]].concat();
    let elsewhere: Vec<_> = elsewhere
        .iter()
        .map(|&word| {
            if word == NUMBER {
                "+493012345679"
            } else {
                word
            }
        })
        .collect();
    let told = place.call(&elsewhere).await;
    told.is_fine("call", "accepted by babelforce");

    let world = place.world().await;
    let accepted = (Some("accepted".to_owned()), None);
    assert_eq!(calls(&world).await, [accepted.clone(), accepted]);
    let runs = world.relay.shared().store.runs().await.unwrap();
    assert_eq!(runs, 1, "the commands signed off");
    let audit = world.relay.shared().store.audit(0, 0, 100).await.unwrap();
    let by = |actor: &str| {
        let of = |entry: &&patchcord_relay::audit::Entry| {
            entry.action == "call_dialled" && entry.actor == actor
        };
        audit.iter().filter(of).count()
    };
    assert_eq!((by("command"), by("agent acme/005ALEX")), (2, 2));
    assert!(audit.iter().all(|entry| {
        let detail = entry.detail.as_deref().unwrap_or_default();
        !detail.contains(NUMBER)
    }));
}

#[tokio::test]
async fn a_test_call_beside_a_relay_disturbs_nothing_of_it() {
    let place = place().await;
    let config = place.config.clone();
    let world = place.world().await;
    let session = world.session().await;
    // Its own call is in flight while the command dials.
    world.fault(SAMESPACE, json!("hold")).await;
    let own = tokio::spawn(
        world
            .dial(&session, &json!({ "number": "+493012345670" }))
            .send(),
    );
    eventually(async || (world.seen(SAMESPACE).await.len() == 1).then_some(())).await;
    let arguments = [ALEX, &["--provider", "babelforce"]].concat();
    fs::write(world.folder.path().join("relay.toml"), config).unwrap();
    let output = command(world.folder.path())
        .arg("check")
        .args(arguments)
        .output()
        .await
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{out}");
    assert!(out.contains("accepted by babelforce"), "{out}");
    world.faults(json!([])).await;
    own.await.unwrap().is_outcome("accepted", None);
    let outcomes = calls(&world).await;
    assert!(
        outcomes
            .iter()
            .all(|(outcome, _)| outcome.as_deref() == Some("accepted"))
    );
    assert_eq!(world.relay.shared().store.runs().await.unwrap(), 1);
}

#[tokio::test]
async fn what_policy_refuses_is_not_dialled_for_a_test_either() {
    let place = place().await;
    for (arguments, told_as) in [
        (
            &[
                "--call",
                "+499001234567",
                "--org",
                "acme",
                "--sub",
                "005ALEX",
            ][..],
            "number_not_allowed",
        ),
        (
            &[
                "--call",
                "+12025550143",
                "--org",
                "acme",
                "--sub",
                "005ALEX",
            ],
            "number_not_allowed",
        ),
        (
            &["--call", NUMBER, "--org", "acme", "--sub", "005NOBODY"],
            "agent_unknown",
        ),
        (
            &[
                "--call",
                NUMBER,
                "--org",
                "acme",
                "--sub",
                "005SAM",
                "--provider",
                "babelforce",
            ],
            "nobody at babelforce",
        ),
    ] {
        place.call(arguments).await.is_wrong("call", told_as);
    }
    assert_eq!(place.seen("/apiv1/*").await, 0);
    // The second call within a few seconds is the first one's double.
    place.call(ALEX).await.is_fine("call", "accepted");
    place.call(ALEX).await.is_wrong("call", "duplicate_call");
    assert_eq!(place.seen(SAMESPACE).await, 1);
}

#[tokio::test]
async fn a_refused_and_an_unknown_test_call_are_told_apart() {
    let place = place().await;
    let body = json!({ "success": false, "message": "no such agent" }).to_string();
    let refusal = json!({ "status": { "code": 400, "body": body } });
    place.fault(SAMESPACE, refusal).await;
    let told = place.call(ALEX).await;
    told.is_wrong("call", "was refused by samespace");
    told.is_wrong("call", "no such agent");
    place.fault(SAMESPACE, json!("garbage")).await;
    let told = place.call(ALEX).await;
    told.is_wrong("call", "nobody knows whether samespace placed");
    let world = place.world().await;
    let alerts = world.relay.shared().store.alerts_to_settle(10).await;
    assert_eq!(alerts.unwrap().len(), 1, "a person has to look");
}

#[tokio::test]
async fn a_test_call_whose_command_is_killed_is_found_and_unknown() {
    let place = place().await;
    place.fault(SAMESPACE, json!("hold")).await;
    fs::write(place.path("relay.toml"), &place.config).unwrap();
    let mut child = command(place.folder.path())
        .arg("check")
        .args(ALEX)
        .spawn()
        .unwrap();
    eventually(async || (place.seen(SAMESPACE).await == 1).then_some(())).await;
    child.kill().await.unwrap();
    let world = place.world().await;
    let unknown = (Some("unknown".to_owned()), Some("interrupted".to_owned()));
    eventually(async || (calls(&world).await == [unknown.clone()]).then_some(())).await;
}

#[tokio::test]
async fn a_test_call_needs_to_know_as_whom() {
    let place = place().await;
    for arguments in [
        &["--call", NUMBER][..],
        &["--call", NUMBER, "--org", "acme"],
        &["--org", "acme", "--sub", "005ALEX"],
        &["--call", "030 123", "--org", "acme", "--sub", "005ALEX"],
    ] {
        let told = place.call(arguments).await;
        assert!(
            !told.ok && told.out.is_empty(),
            "{arguments:?}: {}",
            told.out
        );
    }
    assert_eq!(place.seen("/apiv1/*").await, 0);
}
