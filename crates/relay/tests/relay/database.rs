//! What the database itself forbids, and that both databases are the same.

use std::collections::{BTreeMap, BTreeSet};

use patchcord_core::callback::CallbackState;
use patchcord_relay::store::{Database, Store};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{SERVER, World, eventually};

#[tokio::test]
async fn the_database_and_the_code_agree_on_which_state_may_follow_which() {
    let world = World::new().await;
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT before, after FROM callback_transition")
            .fetch_all(world.relay.shared().store.read())
            .await
            .unwrap();
    let stored: BTreeSet<(String, String)> = rows.into_iter().collect();
    let mut expected = BTreeSet::new();
    for &before in CallbackState::ALL {
        for &after in CallbackState::ALL {
            if before.may_become(after) {
                expected.insert((before.as_str().to_owned(), after.as_str().to_owned()));
            }
        }
    }
    assert_eq!(stored, expected);
    // So does the page that people read.
    let page = include_str!("../../../../docs/outbox.md");
    for (before, after) in &expected {
        assert!(
            page.lines()
                .any(|line| line.starts_with(&format!("| `{before}` | `{after}` |"))),
            "docs/outbox.md does not have {before} → {after}"
        );
    }
    let listed = page.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(listed, expected.len(), "docs/outbox.md has more");
}

#[tokio::test]
async fn the_database_refuses_a_state_that_may_not_follow_and_a_changed_outcome() {
    let world = World::new().await;
    let store = &world.relay.shared().store;
    let callback = world
        .callback(&json!({
            "number": "+493012345678", "topic": "sales", "fields": { "name": "Vera" },
            "consent": { "version": "2026-11", "given": true },
        }))
        .send()
        .await
        .json;
    world.until_state(&callback, "handed_over").await;
    let session = world.session().await;
    let call = world
        .dial(&session, &json!({ "number": "+493012345678" }))
        .send()
        .await;
    call.is_outcome("accepted", None);
    for (sql, words) in [
        (
            "UPDATE callback SET state = 'due'",
            "cannot change its state",
        ),
        (
            "UPDATE callback SET state = 'dispatching'",
            "cannot change its state",
        ),
        ("UPDATE callback SET state = 'lost'", ""),
        (
            "UPDATE call SET outcome = 'unknown'",
            "outcome of this call is known",
        ),
        ("UPDATE call SET outcome = NULL, state = 'requested'", ""),
        ("UPDATE audit SET actor = 'nobody'", ""),
    ] {
        let done = store
            .write(move |tx| {
                Box::pin(async move {
                    // There has to be something to change.
                    sqlx::query(
                        "INSERT INTO audit (at, actor, action, subject) VALUES (0, 'a', 'b', 'c')",
                    )
                    .execute(&mut *tx)
                    .await?;
                    sqlx::query(sql).execute(tx).await
                })
            })
            .await;
        let error = done.expect_err(sql).to_string();
        assert!(error.contains(words), "{sql}: {error}");
    }
}

#[tokio::test]
async fn a_second_relay_on_the_same_file_does_not_start() {
    let folder = TempDir::new().unwrap();
    let database = Database::Sqlite(folder.path().join("relay.db"));
    let first = Store::open(&database).await.unwrap();
    let error = Store::open(&database)
        .await
        .err()
        .map(|error| error.to_string());
    assert!(
        error
            .as_deref()
            .is_some_and(|text| text.contains("another relay works on")),
        "{error:?}"
    );
    first.close().await;
    drop(first);
    eventually(async || Store::open(&database).await.ok()).await;
}

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let Ok(server) = std::env::var(SERVER) else {
        // Compared when the tests run on PostgreSQL.
        return;
    };
    let world = World::new().await;
    assert!(server.starts_with("postgres"));
    let postgres: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, is_nullable::text FROM information_schema.columns
         WHERE table_schema = 'public'",
    )
    .fetch_all(world.relay.shared().store.read())
    .await
    .unwrap();
    let folder = TempDir::new().unwrap();
    let store = Store::open(&Database::Sqlite(folder.path().join("relay.db")))
        .await
        .unwrap();
    let sqlite: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT m.name, c.name, CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN 0 ELSE 1 END
         FROM sqlite_schema m, pragma_table_info(m.name) c
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
    )
    .fetch_all(store.read())
    .await
    .unwrap();
    let ours = |name: &str| name != "_sqlx_migrations";
    let postgres: BTreeMap<_, _> = postgres
        .into_iter()
        .filter(|(table, ..)| ours(table))
        .map(|(table, column, nullable)| ((table, column), nullable == "YES"))
        .collect();
    let sqlite: BTreeMap<_, _> = sqlite
        .into_iter()
        .filter(|(table, ..)| ours(table))
        .map(|(table, column, nullable)| ((table, column), nullable == 1))
        .collect();
    assert_eq!(sqlite, postgres);
    store.close().await;
}
