//! One click, one dial.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Ask, NUMBER, World, eventually, fresh_key};

fn dial_with_key(world: &World, session: &str, key: &str, body: &Value) -> Ask {
    world
        .ask(Method::POST, "/v1/calls")
        .bearer(session)
        .header("Idempotency-Key", key)
        .json(body)
}

#[tokio::test]
async fn the_same_key_and_body_give_the_first_reply_again_byte_for_byte() {
    let world = World::new().await;
    let session = world.session().await;
    let body = json!({ "number": NUMBER });
    let key = fresh_key();
    let first = dial_with_key(&world, &session, &key, &body).send().await;
    assert_eq!(first.header("idempotent-replay"), "");
    // Keys belong to the agent, not to the session: a renewed one may ask again.
    let again = dial_with_key(&world, &world.session().await, &key, &body)
        .send()
        .await;
    assert_eq!(again.header("idempotent-replay"), "true");
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(world.dials().await.len(), 1);
}

#[tokio::test]
async fn a_first_reply_is_kept_across_a_restart() {
    let world = World::new().await;
    let (session, key, body) = (
        world.session().await,
        fresh_key(),
        json!({ "number": NUMBER }),
    );
    let first = dial_with_key(&world, &session, &key, &body).send().await;
    let world = world.restart().await;
    let again = dial_with_key(&world, &session, &key, &body).send().await;
    assert_eq!(again.body, first.body);
    assert_eq!(world.dials().await.len(), 1);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused() {
    let world = World::new().await;
    let (session, key) = (world.session().await, fresh_key());
    dial_with_key(&world, &session, &key, &json!({ "number": NUMBER }))
        .send()
        .await
        .is_outcome("accepted", None);
    let other = dial_with_key(
        &world,
        &session,
        &key,
        &json!({ "number": "+493012345679" }),
    )
    .send()
    .await;
    assert_eq!(other.is_problem("idempotency_key_reused").status, 409);
    assert_eq!(world.dials().await.len(), 1);
}

#[tokio::test]
async fn another_agent_may_use_the_same_key() {
    let world = World::new().await;
    let (key, body) = (fresh_key(), json!({ "number": NUMBER }));
    dial_with_key(&world, &world.session().await, &key, &body)
        .send()
        .await
        .is_outcome("accepted", None);
    let other = dial_with_key(&world, &world.session_of("005SAM").await, &key, &body)
        .send()
        .await;
    other.is_outcome("refused", Some("agent_not_logged_in"));
}

#[tokio::test]
async fn a_key_that_is_missing_or_malformed_is_refused() {
    let world = World::new().await;
    let session = world.session().await;
    let body = json!({ "number": NUMBER });
    world
        .ask(Method::POST, "/v1/calls")
        .bearer(&session)
        .json(&body)
        .send()
        .await
        .is_problem("idempotency_key_missing");
    for key in [
        "short",
        "fifteen-chars-x",
        "with spaces in it all",
        "ümlaut-ümlaut-ümlaut",
        &"x".repeat(129),
    ] {
        dial_with_key(&world, &session, key, &body)
            .send()
            .await
            .is_problem("idempotency_key_invalid");
    }
    let twice = world.ask(Method::POST, "/v1/calls").bearer(&session);
    let twice = twice
        .header("Idempotency-Key", &fresh_key())
        .header("Idempotency-Key", &fresh_key());
    twice
        .json(&body)
        .send()
        .await
        .is_problem("idempotency_key_invalid");
    assert!(world.dials().await.is_empty());
}

#[tokio::test]
async fn twenty_requests_with_one_key_dial_once_and_all_get_the_same_reply() {
    let world = World::new().await;
    let (session, key, body) = (
        world.session().await,
        fresh_key(),
        json!({ "number": NUMBER }),
    );
    world.fault("/apiv1/make_call", json!("hold")).await;
    let asks: Vec<_> = (0..20)
        .map(|_| tokio::spawn(dial_with_key(&world, &session, &key, &body).send()))
        .collect();
    eventually(async || (!world.dials().await.is_empty()).then_some(())).await;
    world.faults(json!([])).await;
    let answers: Vec<_> = join_all(asks)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert!(
        answers.iter().all(|answer| answer.body == answers[0].body),
        "{answers:?}"
    );
    assert_eq!(
        answers
            .iter()
            .filter(|answer| answer.header("idempotent-replay") == "true")
            .count(),
        19
    );
    assert_eq!(world.dials().await.len(), 1);
}

#[tokio::test]
async fn twenty_tabs_that_dial_one_number_at_once_dial_it_once() {
    let world = World::new().await;
    let session = world.session().await;
    let body = json!({ "number": NUMBER });
    let answers = join_all((0..20).map(|_| world.dial(&session, &body).send())).await;
    assert_eq!(
        answers.iter().filter(|answer| answer.status == 200).count(),
        1
    );
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(answer.is_problem("duplicate_call").status, 409);
    }
    assert_eq!(world.dials().await.len(), 1);
}

#[tokio::test]
async fn the_refusal_of_a_duplicate_is_kept_too_so_its_key_never_dials() {
    let world = World::new().await;
    let (session, key, body) = (
        world.session().await,
        fresh_key(),
        json!({ "number": NUMBER }),
    );
    world
        .dial(&session, &body)
        .send()
        .await
        .is_outcome("accepted", None);
    let first = dial_with_key(&world, &session, &key, &body).send().await;
    first.is_problem("duplicate_call");
    world.relay.clock.advance(Duration::from_secs(4));
    let again = dial_with_key(&world, &session, &key, &body).send().await;
    assert_eq!((again.status, &again.body), (409, &first.body));
    assert_eq!(world.dials().await.len(), 1);
}

#[tokio::test]
async fn after_three_seconds_the_same_number_is_a_redial() {
    let world = World::new().await;
    let session = world.session().await;
    let body = json!({ "number": NUMBER });
    world
        .dial(&session, &body)
        .send()
        .await
        .is_outcome("accepted", None);
    world.relay.clock.advance(Duration::from_secs(3));
    world
        .dial(&session, &body)
        .send()
        .await
        .is_outcome("accepted", None);
    assert_eq!(world.dials().await.len(), 2);
}

#[tokio::test]
async fn a_dial_whose_outcome_is_unknown_still_counts_as_one() {
    let world = World::new().await;
    let session = world.session().await;
    let body = json!({ "number": NUMBER });
    world
        .fault("/apiv1/make_call", json!("close_before_reply"))
        .await;
    world
        .dial(&session, &body)
        .send()
        .await
        .is_outcome("unknown", Some("no_reply"));
    world
        .dial(&session, &body)
        .send()
        .await
        .is_problem("duplicate_call");
    assert_eq!(world.dials().await.len(), 1);
}
