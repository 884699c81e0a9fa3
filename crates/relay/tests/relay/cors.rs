//! Which pages may ask.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::json;

use crate::support::{AGENT_PAGE, NUMBER, SITE, World, assertion};

#[tokio::test]
async fn a_listed_page_may_read_replies_and_refusals_alike() {
    let world = World::new().await;
    let session = world.session().await;
    let good = world
        .dial(&session, &json!({ "number": NUMBER }))
        .header("Origin", AGENT_PAGE)
        .send()
        .await;
    let bad = world
        .dial(&session, &json!({ "number": "1" }))
        .header("Origin", AGENT_PAGE)
        .send()
        .await;
    bad.is_problem("invalid_number");
    let lost = world
        .ask(Method::GET, "/v1/calls/x")
        .header("Origin", AGENT_PAGE)
        .send()
        .await;
    lost.is_problem("session_missing");
    for answer in [good, bad, lost] {
        assert_eq!(answer.header("access-control-allow-origin"), AGENT_PAGE);
        let exposed = answer
            .header("access-control-expose-headers")
            .to_lowercase();
        assert!(
            exposed.contains("idempotent-replay") && exposed.contains("x-request-id"),
            "{exposed}"
        );
        assert!(answer.header("vary").contains("origin"));
    }
}

#[tokio::test]
async fn a_page_that_is_not_listed_is_refused_and_cannot_read_why() {
    let world = World::new().await;
    let session = world.session().await;
    for origin in [
        "https://evil.example",
        "null",
        "https://crm.acme.example.evil.example",
        "http://crm.acme.example",
        "https://crm.acme.example/",
    ] {
        let answer = world
            .dial(&session, &json!({ "number": NUMBER }))
            .header("Origin", origin)
            .send()
            .await;
        assert_eq!(answer.is_problem("origin_not_allowed").status, 403);
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
    assert!(world.dials().await.is_empty());
}

#[tokio::test]
async fn a_page_that_is_listed_for_visitors_cannot_act_for_agents_nor_the_other_way_round() {
    let world = World::new().await;
    let session = world.session().await;
    let agent = world
        .dial(&session, &json!({ "number": NUMBER }))
        .header("Origin", SITE)
        .send()
        .await;
    agent.is_problem("origin_not_allowed");
    let open = world
        .ask(Method::POST, "/v1/sessions")
        .header("Origin", SITE)
        .json(&json!({ "assertion": assertion("005ALEX") }));
    open.send().await.is_problem("origin_not_allowed");
    for origin in [AGENT_PAGE, "https://other.acme.example"] {
        let visitor = world
            .callback(&json!({ "number": NUMBER, "topic": "sales" }))
            .header("Origin", origin)
            .send()
            .await;
        visitor.is_problem("origin_not_allowed");
    }
    assert!(world.dials().await.is_empty());
}

#[tokio::test]
async fn a_preflight_is_answered_and_can_be_kept_for_an_hour() {
    let world = World::new().await;
    let preflight = |origin: &'static str| {
        let ask = world
            .ask(Method::OPTIONS, "/v1/calls")
            .header("Origin", origin);
        ask.header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "idempotency-key")
            .send()
    };
    let answer = preflight(AGENT_PAGE).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), AGENT_PAGE);
    assert_eq!(answer.header("access-control-max-age"), "3600");
    for header in [
        "authorization",
        "connect-protocol-version",
        "idempotency-key",
        "patchcord-key",
        "patchcord-manage",
        "last-event-id",
        "content-type",
    ] {
        assert!(
            answer
                .header("access-control-allow-headers")
                .contains(header),
            "{header}"
        );
    }
    // Whatever a page can find in the description.
    let described = world.ask(Method::GET, "/openapi.json").send().await;
    let paths = described.json["paths"].as_object().unwrap();
    let used: BTreeSet<String> = paths
        .iter()
        .filter(|(path, _)| path.starts_with("/v1/"))
        .flat_map(|(_, methods)| methods.as_object().unwrap().keys())
        .map(|method| method.to_uppercase())
        .collect();
    let allowed = answer.header("access-control-allow-methods");
    let allowed: BTreeSet<String> = allowed.split(", ").map(str::to_owned).collect();
    assert_eq!(allowed, used);
    let refused = preflight("https://evil.example").await;
    assert_eq!(
        (
            refused.status,
            refused.header("access-control-allow-origin")
        ),
        (403, "")
    );
}
