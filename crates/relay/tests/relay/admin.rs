//! The admin pages, as a browser asks for them.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Browser, OTHER_TOKEN, PAGES, TOKEN, with_admin, world};
use crate::support::{NUMBER, SIGNING_SECRET, SITE, World};

const SAMESPACE: &str = "/apiv1/team/make_call";

async fn callback(world: &World, name: &str) -> Value {
    let body = json!({
        "number": NUMBER, "topic": "sales", "fields": { "name": name },
        "consent": { "version": "2026-11", "given": true },
    });
    let answer = world.callback(&body).header("Origin", SITE).send().await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json
}

/// A callback of which nobody knows whether it arrived, and the page of its alert.
async fn unknown(world: &World, browser: &Browser<'_>) -> (Value, String) {
    world.fault(SAMESPACE, json!("garbage")).await;
    let made = callback(world, "Ada").await;
    world.until_state(&made, "unknown").await;
    world.faults(json!([])).await;
    let list = browser.get("/admin/alerts").await.body;
    let (_, rest) = list.split_once(r#"href="/admin/alerts/"#).unwrap();
    let id = rest.split('"').next().unwrap();
    (made, format!("/admin/alerts/{id}"))
}

#[tokio::test]
async fn an_unknown_callback_is_settled_once_and_who_did_it_is_written_down() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let other = Browser::signed_in(&world, OTHER_TOKEN).await;
    let (made, alert) = unknown(&world, &browser).await;
    let seen = world.seen(SAMESPACE).await.len();

    let page = browser.get(&alert).await.body;
    assert!(page.contains("twice"), "the risk is stated");
    assert!(
        browser
            .get("/admin")
            .await
            .body
            .contains("1</strong> thing waits")
    );
    let answer = browser.post(&alert, &[("decision", "again")]).await;
    assert_eq!(answer.header("location"), "/admin/alerts?done=again");
    world.until_state(&made, "handed_over").await;
    assert_eq!(world.seen(SAMESPACE).await.len(), seen + 1);

    let answer = other.post(&alert, &[("decision", "dropped")]).await;
    assert_eq!(answer.header("location"), "/admin/alerts?done=late");
    let audit = browser.audit().await;
    assert_eq!(audit.matches("alert settled").count(), 1, "{audit}");
    let page = browser.get(&alert).await.body;
    assert!(page.contains("by dana") && page.contains("handed over again"));
    assert!(!page.contains("Your decision"));
}

#[tokio::test]
async fn what_was_called_or_is_dropped_is_never_handed_over() {
    for decision in ["called", "dropped"] {
        let world = world().await;
        let browser = Browser::signed_in(&world, TOKEN).await;
        let (made, alert) = unknown(&world, &browser).await;
        let seen = world.seen(SAMESPACE).await.len();
        let answer = browser.post(&alert, &[("decision", decision)]).await;
        assert_eq!(answer.status, 303);
        world.relay.clock.advance(Duration::from_secs(24 * 3600));
        let now = world.managed(Method::GET, &made).send().await.json;
        assert_eq!(now["state"], "unknown");
        assert_eq!(world.seen(SAMESPACE).await.len(), seen);
        let list = Browser::signed_in(&world, TOKEN).await;
        let list = list.get("/admin/alerts").await.body;
        assert!(list.contains("Nothing waits for a decision"), "{list}");
    }
}

#[tokio::test]
async fn a_call_of_which_nobody_knows_is_settled_but_never_placed_again() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let session = world.session().await;
    world.fault("/apiv1/make_call", json!("garbage")).await;
    world
        .dial(&session, &json!({ "number": NUMBER }))
        .send()
        .await;
    let list = browser.get("/admin/alerts").await.body;
    let (_, rest) = list.split_once(r#"href="/admin/alerts/"#).unwrap();
    let alert = format!("/admin/alerts/{}", rest.split('"').next().unwrap());
    let dials = world.dials().await.len();

    let page = browser.get(&alert).await.body;
    assert!(page.contains("005ALEX") && !page.contains(NUMBER) && !page.contains("again</button>"));
    let refused = browser.post(&alert, &[("decision", "again")]).await;
    assert_eq!(refused.status, 422);
    let answer = browser.post(&alert, &[("decision", "called")]).await;
    assert_eq!(answer.header("location"), "/admin/alerts?done=called");
    assert_eq!(world.dials().await.len(), dials);
}

#[tokio::test]
async fn a_number_is_masked_until_somebody_asks_and_then_it_is_written_down_who_did() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let (made, alert) = unknown(&world, &browser).await;
    let id = made["id"].as_str().unwrap();
    let one = format!("/admin/callbacks/{id}");
    for path in PAGES.iter().copied().chain([one.as_str(), alert.as_str()]) {
        let body = browser.get(path).await.body;
        assert!(
            !body.contains(NUMBER.trim_start_matches('+')),
            "{path}: {body}"
        );
        assert!(!body.contains("Ada"), "{path}");
    }
    assert!(browser.get("/admin/outbox").await.body.contains("678"));
    assert!(!browser.audit().await.contains("number shown"));

    let shown = browser.post(&one, &[]).await;
    assert_eq!(shown.status, 200);
    assert!(shown.body.contains(NUMBER) && shown.body.contains("Ada"));
    let audit = browser.audit().await;
    assert!(
        audit.contains("number shown") && audit.contains(id),
        "{audit}"
    );
    assert!(!audit.contains(NUMBER.trim_start_matches('+')));
    let again = browser.get(&one).await.body;
    assert!(!again.contains(NUMBER), "only where it was asked for");
    assert_eq!(
        browser.post("/admin/callbacks/cb_none", &[]).await.status,
        404
    );
}

#[tokio::test]
async fn what_visitors_and_platforms_write_is_text_and_no_markup() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let reply = json!({ "success": false, "message": "<img src=x onerror=alert(1)>" });
    world
        .fault(
            SAMESPACE,
            json!({ "status": { "code": 400, "body": reply.to_string() } }),
        )
        .await;
    let made = callback(&world, "<b>\"&'").await;
    world.until_state(&made, "refused").await;
    let shown = browser
        .post(
            &format!("/admin/callbacks/{}", made["id"].as_str().unwrap()),
            &[],
        )
        .await;
    assert!(!shown.body.contains("<b>") && !shown.body.contains("<img"));
    assert!(shown.body.contains("&lt;b&gt;"), "{}", shown.body);
}

#[tokio::test]
async fn no_page_holds_a_secret() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    unknown(&world, &browser).await;
    let session = world.session().await;
    world
        .dial(
            &session,
            &json!({ "number": NUMBER, "provider": "babelforce" }),
        )
        .send()
        .await;
    for path in PAGES {
        let body = browser.get(path).await.body;
        for secret in [
            TOKEN,
            OTHER_TOKEN,
            SIGNING_SECRET,
            "sandbox-password",
            &session,
            "s1.",
        ] {
            assert!(!body.contains(secret), "{path} holds {secret}");
        }
        let (_, cookie) = browser.cookie.split_once('=').unwrap();
        assert!(!body.contains(cookie), "{path} holds the session");
    }
}

#[tokio::test]
async fn the_outbox_is_filtered_and_leafed_through_without_a_gap() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let mut references = Vec::new();
    for _ in 0..53 {
        let made = callback(&world, "Ada").await;
        references.push(made["reference"].as_str().unwrap().to_owned());
    }
    let first = browser.get("/admin/outbox?topic=sales").await.body;
    let (_, rest) = first
        .split_once("/admin/outbox?topic=sales&amp;after=")
        .unwrap();
    let after = rest.split('"').next().unwrap();
    let second = browser
        .get(&format!("/admin/outbox?topic=sales&after={after}"))
        .await
        .body;
    assert!(!second.contains("rel=\"next\""));
    for reference in &references {
        let link = format!(">{reference}</a>");
        let times = first.matches(&link).count() + second.matches(&link).count();
        assert_eq!(times, 1, "{reference}");
    }
    let none = browser.get("/admin/outbox?topic=support").await.body;
    assert!(none.contains("No callbacks."));
    let none = browser
        .get("/admin/outbox?state=cancelled&after=rubbish")
        .await
        .body;
    assert!(none.contains("No callbacks."));
}

#[tokio::test]
async fn the_kill_switch_is_shown_with_who_and_why_until_it_is_on_again() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let why = "A stranger <rings> Cuba";
    browser
        .post("/admin/dialling", &[("turn", "off"), ("reason", why)])
        .await;
    let page = browser.get("/admin").await.body;
    assert!(page.contains("by dana") && page.contains("A stranger &lt;rings&gt; Cuba"));
    let session = world.session().await;
    let dial = async || {
        let body = json!({ "number": NUMBER });
        world.dial(&session, &body).send().await
    };
    dial().await.is_problem("switched_off");
    assert_eq!(world.dials().await.len(), 0);
    browser.post("/admin/dialling", &[("turn", "on")]).await;
    dial().await.is_outcome("accepted", None);
    assert!(
        browser
            .get("/admin")
            .await
            .body
            .contains("On. Calls are placed")
    );
    let audit = browser.audit().await;
    assert!(audit.contains("switched off") && audit.contains("switched on"));
}

#[tokio::test]
async fn the_configured_week_is_shown_in_the_business_own_zone() {
    let world = World::with(|config| {
        let hours = r#"
[[hours]]
name = "office"
zone = "Europe/Berlin"
monday = ["09:00-12:30", "13:30-17:00"]
friday = ["09:00-14:00"]
holidays = ["12-25"]
exceptions = [{ date = "2031-04-01", open = ["10:00-11:00"] }]
"#;
        with_admin(config).replacen(
            "label = \"Sales\"",
            "label = \"Sales\"\nhours = \"office\"",
            1,
        ) + hours
    })
    .await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let page = browser.get("/admin/hours").await.body;
    for text in [
        "09:00–12:30",
        "13:30–17:00",
        "every year on 12-25",
        "2031-04-01",
        "10:00–11:00",
        "Europe/Berlin",
        "Around the clock.",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert_eq!(page.matches(">today</span>").count(), 1);
}

#[tokio::test]
async fn keys_agents_and_refusals_are_shown_as_they_are() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    callback(&world, "Ada").await;
    let keys = browser.get("/admin/keys").await.body;
    assert!(keys.contains("pk_demo") && keys.contains(SITE) && keys.contains("pk_plain"));
    let agents = browser.get("/admin/agents").await.body;
    assert!(agents.contains("Alex Adler") && agents.contains("alex@acme"));
    assert!(agents.contains("agent ambiguous: they cannot sign in"));
    let session = world.session().await;
    world
        .dial(
            &session,
            &json!({ "number": NUMBER, "provider": "babelforce" }),
        )
        .send()
        .await;
    let tokens = browser.get("/admin/tokens").await.body;
    let key = format!(
        "<code>{}</code>",
        world.relay.shared().keyring.sealing_key()
    );
    for text in ["samespace", "password", "Holds until", &key] {
        assert!(tokens.contains(text), "{text}: {tokens}");
    }
}
