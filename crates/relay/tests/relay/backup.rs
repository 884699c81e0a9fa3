//! `patchcord-relay backup`, and back.

use reqwest::Method;
use serde_json::json;

use crate::command::{Process, command, prepare};
use crate::support::{Ask, NUMBER, fresh_key};

#[tokio::test]
async fn a_copy_that_was_made_while_the_relay_ran_can_take_its_place() {
    let (_sandbox, folder) = prepare().await;
    let process = Process::start(command(folder.path())).await;
    let tomorrow = patchcord_relay::clock::to_rfc3339(
        patchcord_relay::clock::Clock::default().now() + 86_400_000,
    );
    let taken = process
        .ask(Method::POST, "/v1/callbacks")
        .header("Patchcord-Key", "pk_plain")
        .header("Idempotency-Key", &fresh_key())
        .json(&json!({ "number": NUMBER, "topic": "sales", "at": tomorrow }))
        .send()
        .await
        .json;

    let copy = folder.path().join("copy.db");
    let back_up = async || {
        let mut command = command(folder.path());
        command.arg("backup").arg(&copy).output().await.unwrap()
    };
    let output = back_up().await;
    assert!(output.status.success(), "{output:?}");
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&copy).unwrap());
    assert_eq!(mode & 0o777, 0o600);
    // Never over another copy.
    assert!(!back_up().await.status.success());

    process.end("-KILL").await;
    for rest in ["relay.db", "relay.db-wal", "relay.db-shm"] {
        std::fs::remove_file(folder.path().join(rest)).unwrap();
    }
    std::fs::rename(&copy, folder.path().join("relay.db")).unwrap();
    let process = Process::start(command(folder.path())).await;
    let path = format!("/v1/callbacks/{}", taken["id"].as_str().unwrap());
    let found = Ask::new(Method::GET, format!("{}{path}", process.url))
        .header("Patchcord-Manage", taken["manage_token"].as_str().unwrap())
        .send()
        .await;
    assert_eq!(found.json["state"], "queued", "{}", found.body);
    process.end("-TERM").await;
}
