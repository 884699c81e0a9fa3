//! How much is taken at most, and what is not taken at all.

use std::time::Duration;

use futures_util::future::join_all;
use patchcord_core::number::PhoneNumber;
use patchcord_relay::store::{do_not_call, switch};
use patchcord_relay::wakes::Wake;
use reqwest::Method;
use serde_json::json;

use crate::command::{Process, command, prepare};
use crate::support::{Answer, NUMBER, World, eventually, fresh_key};

const SAMESPACE: &str = "/apiv1/team/make_call";

/// A world with these limits, behind a proxy on this machine.
async fn world(limits: &str) -> World {
    World::with(|config| {
        let lines = config.lines().map(|line| {
            if line.starts_with("limits = ") {
                format!("limits = {{ {limits} }}\ntrusted_proxies = [\"127.0.0.1\"]")
            } else {
                line.to_owned()
            }
        });
        lines.collect::<Vec<_>>().join("\n")
    })
    .await
}

/// A callback for a visitor at this address.
async fn from(world: &World, address: &str, number: &str) -> Answer {
    world
        .ask(Method::POST, "/v1/callbacks")
        .header("Patchcord-Key", "pk_plain")
        .header("Idempotency-Key", &fresh_key())
        .header("X-Forwarded-For", address)
        .json(&json!({ "number": number, "topic": "sales" }))
        .send()
        .await
}

/// An ordinary number of its own.
fn number(nth: u32) -> String {
    format!("+493020{nth:06}")
}

async fn switch_off(world: &World) {
    let relay = world.relay.shared().clone();
    let now = relay.clock.now();
    let job = relay.store.write(move |tx| {
        Box::pin(async move { switch::turn_off(tx, switch::DIALLING, "test", None, now).await })
    });
    assert!(job.await.unwrap());
}

async fn switch_on(world: &World) {
    let relay = world.relay.shared().clone();
    let job = relay
        .store
        .write(|tx| Box::pin(async move { switch::turn_on(tx, switch::DIALLING).await }));
    assert!(job.await.unwrap());
    relay.wakes.wake(Wake::Due);
}

/// Waits until the dispatcher has tidied up.
async fn tidied(world: &World) {
    let relay = world.relay.shared().clone();
    let now = relay.clock.now();
    let written = relay.store.write(move |tx| {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO tally (scope, bucket, count, expires_at) VALUES ('test', 1, 1, $1)",
            )
            .bind(now)
            .execute(tx)
            .await
        })
    });
    written.await.unwrap();
    world.relay.clock.advance(Duration::from_secs(2 * 60 * 60));
    eventually(async || {
        let left: i64 = sqlx::query_scalar("SELECT count(*) FROM tally WHERE scope = 'test'")
            .fetch_one(relay.store.read())
            .await
            .unwrap();
        (left == 0).then_some(())
    })
    .await;
}

async fn put_on_the_list(world: &World, number: &str) {
    let relay = world.relay.shared().clone();
    let number: PhoneNumber = number.parse().unwrap();
    let hash = relay.fingerprints.number(&number);
    let added = relay
        .store
        .write(move |tx| Box::pin(async move { do_not_call::add(tx, &hash, "test", 1).await }));
    assert!(added.await.unwrap());
}

/// The attack: somebody has copied the publishable key from the page, has a thousand addresses, and a day.
#[tokio::test]
async fn a_stolen_key_used_from_a_thousand_addresses_for_a_day_reaches_the_cap_and_no_costly_number()
 {
    const CAP: usize = 40;
    let world = world("key_per_day = 40").await;
    let costly = [
        "+499001234567",
        "+881612345678",
        "+18762345678",
        "+491805123456",
        "+4930112",
    ];
    let (mut taken, mut capped) = (0, 0);
    for nth in 0..1000_u32 {
        let address = format!("203.0.{}.{}", nth / 250, nth % 250 + 1);
        let answer = from(&world, &address, &number(nth)).await;
        match answer.status {
            201 => taken += 1,
            _ => {
                answer.is_problem("cap_reached");
                assert_eq!(answer.status, 429);
                capped += 1;
            }
        }
        if nth % 10 == 0 {
            let costly = costly[usize::try_from(nth / 10).unwrap() % costly.len()];
            let refused = from(&world, &address, costly).await;
            assert_eq!(refused.status, 422, "{costly}: {}", refused.body);
        }
        // A thousand of these are a day, less a minute.
        world.relay.clock.advance(Duration::from_millis(86_340));
    }
    assert_eq!((taken, capped), (CAP, 1000 - CAP));
    let dialled = eventually(async || {
        let seen = world.seen(SAMESPACE).await;
        (seen.len() >= CAP).then_some(seen)
    })
    .await;
    assert_eq!(dialled.len(), CAP);
    for request in &dialled {
        assert!(request.to_string().contains("493020"), "{request}");
    }
    // A day later there is room again.
    world.relay.clock.advance(Duration::from_secs(25 * 60 * 60));
    assert_eq!(from(&world, "203.0.113.1", &number(5000)).await.status, 201);
}

#[tokio::test]
async fn many_who_ask_at_once_never_get_more_than_the_cap_and_nothing_of_it_is_lost() {
    const CAP: u32 = 20;
    let world = world("relay_per_day = 20").await;
    let at_once = (0..60).map(async |nth: u32| {
        let answer = from(&world, &format!("203.0.113.{nth}"), &number(nth)).await;
        if answer.status != 201 {
            answer.is_problem("cap_reached");
        }
        u32::from(answer.status == 201)
    });
    let taken: u32 = join_all(at_once).await.iter().sum();
    assert!(taken <= CAP, "{taken}");
    // Two that came for the last place at the same moment may both have been refused, but it is still there.
    for nth in taken..CAP {
        let answer = from(&world, "198.51.100.7", &number(1000 + nth)).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
    from(&world, "198.51.100.8", &number(2000))
        .await
        .is_problem("cap_reached");
}

#[tokio::test]
async fn a_visitor_is_counted_by_address_and_the_header_of_a_stranger_is_not_believed() {
    let world = world("visitor_per_hour = 2").await;
    assert_eq!(from(&world, "198.51.100.1", &number(1)).await.status, 201);
    // What a visitor writes stands on the left.
    assert_eq!(
        from(&world, "192.0.2.7, 198.51.100.1", &number(2))
            .await
            .status,
        201
    );
    let answer = from(&world, "192.0.2.8, 198.51.100.1", &number(3)).await;
    assert_eq!(answer.is_problem("too_many_requests").status, 429);
    assert_eq!(from(&world, "198.51.100.2", &number(3)).await.status, 201);
    // A /64 is one visitor.
    assert_eq!(from(&world, "2001:db8::1", &number(4)).await.status, 201);
    assert_eq!(from(&world, "2001:db8::2", &number(5)).await.status, 201);
    from(&world, "2001:db8::3", &number(6))
        .await
        .is_problem("too_many_requests");
    // The window slides.
    world.relay.clock.advance(Duration::from_secs(66 * 60));
    assert_eq!(from(&world, "198.51.100.1", &number(7)).await.status, 201);
}

#[tokio::test]
async fn a_number_is_not_rung_again_and_again_from_many_addresses() {
    let world = world("number_per_hour = 2, number_per_day = 3").await;
    for address in ["198.51.100.1", "198.51.100.2"] {
        assert_eq!(from(&world, address, NUMBER).await.status, 201);
    }
    from(&world, "198.51.100.3", NUMBER)
        .await
        .is_problem("too_many_requests");
    // What was refused is not counted.
    world.relay.clock.advance(Duration::from_secs(66 * 60));
    assert_eq!(from(&world, "198.51.100.4", NUMBER).await.status, 201);
    from(&world, "198.51.100.5", NUMBER)
        .await
        .is_problem("too_many_requests");
}

#[tokio::test]
async fn dials_are_limited_for_each_agent_and_count_with_callbacks_for_the_relay() {
    let limited = world("agent_per_hour = 1").await;
    let session = limited.session().await;
    let dial = |nth| json!({ "number": number(nth) });
    assert_eq!(limited.dial(&session, &dial(1)).send().await.status, 200);
    let answer = limited.dial(&session, &dial(2)).send().await;
    answer.is_problem("too_many_requests");
    let other = limited.session_of("005SAM").await;
    assert_eq!(limited.dial(&other, &dial(3)).send().await.status, 200);

    let capped = world("relay_per_day = 2").await;
    let session = capped.session().await;
    assert_eq!(from(&capped, "198.51.100.1", NUMBER).await.status, 201);
    assert_eq!(capped.dial(&session, &dial(1)).send().await.status, 200);
    capped
        .dial(&session, &dial(2))
        .send()
        .await
        .is_problem("cap_reached");
    from(&capped, "198.51.100.1", &number(3))
        .await
        .is_problem("cap_reached");
    assert_eq!(capped.dials().await.len(), 1);
}

#[tokio::test]
async fn the_kill_switch_stops_everything_and_what_waits_goes_on_afterwards() {
    let world = World::with(|config| {
        let patient = config.replace("backoff = 60", "backoff = 60, overdue = 1000");
        format!("policy = \"log\"\n{patient}")
    })
    .await;
    let session = world.session().await;
    switch_off(&world).await;
    let waiting = world.relay.shared().clock.now() + 60_000;
    let body = json!({ "number": NUMBER });
    let answer = world.dial(&session, &body).send().await;
    assert_eq!(answer.is_problem("switched_off").status, 503);
    from(&world, "198.51.100.1", NUMBER)
        .await
        .is_problem("switched_off");
    switch_on(&world).await;
    let at = patchcord_relay::clock::to_rfc3339(waiting);
    let callback = world
        .ask(Method::POST, "/v1/callbacks")
        .header("Patchcord-Key", "pk_plain")
        .header("Idempotency-Key", &fresh_key())
        .json(&json!({ "number": NUMBER, "topic": "sales", "at": at }))
        .send()
        .await
        .json;
    switch_off(&world).await;
    // The dispatcher tidies up each hour before it looks what is due. After it has tidied up twice, it has looked
    // once at least.
    for _ in 0..2 {
        tidied(&world).await;
    }
    let state = world.managed(Method::GET, &callback).send().await.json["state"].clone();
    assert_eq!(state, "queued");
    assert!(world.seen(SAMESPACE).await.is_empty());
    switch_on(&world).await;
    world.until_state(&callback, "handed_over").await;
}

#[tokio::test]
async fn a_number_on_the_do_not_call_list_is_not_called_also_if_it_came_there_since() {
    let world = World::with(|config| format!("policy = \"log\"\n{config}")).await;
    let session = world.session().await;
    let at = patchcord_relay::clock::to_rfc3339(world.relay.clock.now() + 60_000);
    let callback = world
        .ask(Method::POST, "/v1/callbacks")
        .header("Patchcord-Key", "pk_plain")
        .header("Idempotency-Key", &fresh_key())
        .json(&json!({ "number": NUMBER, "topic": "sales", "at": at }))
        .send()
        .await
        .json;
    put_on_the_list(&world, NUMBER).await;
    world.relay.clock.advance(Duration::from_secs(61));
    let refused = world.until_state(&callback, "refused").await;
    assert_eq!(refused["code"], "do_not_call");
    from(&world, "198.51.100.1", NUMBER)
        .await
        .is_problem("do_not_call")
        .about("number");
    let answer = world
        .dial(&session, &json!({ "number": NUMBER }))
        .send()
        .await;
    answer.is_problem("do_not_call");
    assert!(world.seen(SAMESPACE).await.is_empty() && world.dials().await.is_empty());
    assert_eq!(from(&world, "198.51.100.1", &number(1)).await.status, 201);
}

#[tokio::test]
async fn a_policy_that_only_logs_lets_through_what_is_over_a_limit() {
    let world = world("visitor_per_hour = 1").await;
    let world = world
        .restart_with(|config| format!("policy = \"log\"\n{config}"))
        .await;
    for nth in 1..=3 {
        assert_eq!(from(&world, "198.51.100.1", &number(nth)).await.status, 201);
    }
}

#[tokio::test]
async fn what_a_visitor_agreed_to_is_kept_apart_from_the_callback() {
    let world = World::new().await;
    let body = json!({
        "number": NUMBER, "topic": "sales", "fields": { "name": "Ada" },
        "consent": { "version": "2026-11", "given": true }, "page": "https://www.acme.example/heat",
    });
    let callback = world.callback(&body).send().await.json;
    let relay = world.relay.shared().clone();
    let hash = relay.fingerprints.number(&NUMBER.parse().unwrap());
    let proofs = relay.store.consents(&hash).await.unwrap();
    assert_eq!(proofs.len(), 1);
    let proof = &proofs[0];
    assert_eq!(proof.callback, callback["id"].as_str().unwrap());
    assert_eq!(
        (proof.version.as_str(), proof.page.as_deref()),
        ("2026-11", Some("https://www.acme.example/heat"))
    );
    assert_eq!(
        proof.text_hash,
        patchcord_relay::random::hash(b"You may call me.")
    );
    assert!(!format!("{proof:?}").contains("3012345678"));
    let erased = relay.store.write(move |tx| {
        Box::pin(async move { patchcord_relay::store::consent::erase(tx, &hash).await })
    });
    assert_eq!(erased.await.unwrap(), 1);
    assert!(relay.store.consents(&hash).await.unwrap().is_empty());
    assert_eq!(
        world.managed(Method::GET, &callback).send().await.status,
        200
    );
}

#[tokio::test]
async fn the_do_not_call_list_is_changed_at_the_command_line_while_the_relay_runs() {
    let (_sandbox, folder) = prepare().await;
    let process = Process::start(command(folder.path())).await;
    let session = process.session().await;
    let list = async |arguments: &[&str]| {
        let output = command(folder.path())
            .arg("do-not-call")
            .args(arguments)
            .output()
            .await
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.success(),
            text(output.stdout),
            text(output.stderr),
        )
    };
    let file = folder.path().join("list.csv");
    let file = file.to_str().unwrap();
    std::fs::write(file, format!("# asked by mail\n{NUMBER},Ada\n030 123\n")).unwrap();
    let (done, _, error) = list(&["import", file]).await;
    assert!(
        !done && error.contains("line 3") && !error.contains("030 123"),
        "{error}"
    );
    assert_eq!(list(&["export"]).await.1, "hash,source,since\n");

    std::fs::write(
        file,
        format!("# asked by mail\n\"{NUMBER}\";Ada\n+4930223344\n"),
    )
    .unwrap();
    let (done, out, error) = list(&["import", file, "--source", "mail"]).await;
    assert!(done && out.starts_with("2 of 2 added"), "{out}{error}");
    assert!(list(&["import", file]).await.1.starts_with("0 of 2 added"));
    process
        .dial(&session, &fresh_key())
        .await
        .is_problem("do_not_call");
    let (_, out, _) = list(&["export"]).await;
    assert_eq!(
        (out.lines().count(), out.contains("3012345678")),
        (3, false),
        "{out}"
    );
    assert!(out.contains(",\"mail\","), "{out}");

    assert!(list(&["remove", NUMBER]).await.0);
    assert!(!list(&["remove", NUMBER]).await.0);
    process
        .dial(&session, &fresh_key())
        .await
        .is_outcome("accepted", None);
    process.end("-TERM").await;
}
