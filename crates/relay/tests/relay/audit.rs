//! The audit log: who did what.

use reqwest::Method;
use serde_json::{Value, json};

use crate::command::{Process, command, prepare};
use crate::support::{NUMBER, World, fresh_key};

async fn entries(world: &World) -> Vec<(String, String, String, Value)> {
    let entries = world.relay.shared().store.audit(0, 0, 1000).await.unwrap();
    entries
        .into_iter()
        .map(|entry| {
            assert!(!format!("{entry:?}").contains("3012345678"), "{entry:?}");
            let detail = entry
                .detail
                .map_or(Value::Null, |text| serde_json::from_str(&text).unwrap());
            (entry.actor, entry.action, entry.subject, detail)
        })
        .collect()
}

#[tokio::test]
async fn what_people_do_is_written_down_with_the_thing_itself() {
    let world = World::new().await;
    let session = world.session().await;
    let call = world
        .dial(&session, &json!({ "number": NUMBER }))
        .send()
        .await
        .json;
    let tomorrow = patchcord_relay::clock::to_rfc3339(world.relay.clock.now() + 86_400_000);
    let taken = world
        .ask(Method::POST, "/v1/callbacks")
        .header("Patchcord-Key", "pk_plain")
        .header("Idempotency-Key", &fresh_key())
        .json(&json!({ "number": NUMBER, "topic": "sales", "at": tomorrow }))
        .send()
        .await
        .json;
    let later = patchcord_relay::clock::to_rfc3339(world.relay.clock.now() + 2 * 86_400_000);
    world
        .managed(Method::PATCH, &taken)
        .json(&json!({ "at": later }))
        .send()
        .await;
    world.managed(Method::DELETE, &taken).send().await;
    world
        .ask(Method::DELETE, "/v1/sessions/current")
        .bearer(&session)
        .send()
        .await;
    // What was refused was not done, and what is done already is not done again.
    world
        .managed(Method::PATCH, &taken)
        .json(&json!({ "at": tomorrow }))
        .send()
        .await
        .is_problem("too_late");
    let again = world.managed(Method::DELETE, &taken).send().await;
    assert_eq!(again.status, 200, "{}", again.body);

    let found = entries(&world).await;
    let actions: Vec<_> = found
        .iter()
        .map(|(actor, action, ..)| (actor.as_str(), action.as_str()))
        .collect();
    let (agent, visitor) = ("agent acme/005ALEX", "visitor pk_plain");
    assert_eq!(
        actions,
        [
            ("relay", "config_loaded"),
            (agent, "session_opened"),
            (agent, "call_dialled"),
            (visitor, "callback_taken"),
            (visitor, "callback_changed"),
            (visitor, "callback_cancelled"),
            (agent, "session_ended"),
        ]
    );
    assert_eq!(found[2].2, call["id"].as_str().unwrap());
    assert_eq!(
        found[2].3,
        json!({ "number": "+493…78", "provider": "samespace" })
    );
    assert_eq!(found[0].3["sha256"].as_str().unwrap().len(), 64);
}

#[tokio::test]
async fn the_log_is_printed_as_json_lines_also_while_the_relay_runs() {
    let (_sandbox, folder) = prepare().await;
    let process = Process::start(command(folder.path())).await;
    process.session().await;
    let audit = async |since: &str| {
        let output = command(folder.path())
            .args(["audit", "--since", since])
            .output()
            .await
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .collect::<Vec<_>>()
    };
    let lines = audit("2020-01-01").await;
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(lines[1]["action"], "session_opened");
    assert_eq!(
        lines[1]["detail"],
        json!({ "iss": "https://crm.acme.example" })
    );
    assert!(audit("2120-01-01T00:00:00Z").await.is_empty());
    process.end("-TERM").await;
}
