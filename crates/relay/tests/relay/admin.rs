//! The admin pages, as a browser and as an attacker asks for them.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Ask, NUMBER, SIGNING_SECRET, SITE, World};

const ORIGIN: &str = "https://relay.acme.example";
const TOKEN: &str = "canary-admin-token-of-dana-0123456789";
const OTHER_TOKEN: &str = "canary-admin-token-of-robin-012345678";
const SAMESPACE: &str = "/apiv1/team/make_call";
const PAGES: [&str; 10] = [
    "/admin",
    "/admin/alerts",
    "/admin/outbox",
    "/admin/refusals",
    "/admin/agents",
    "/admin/hours",
    "/admin/keys",
    "/admin/tokens",
    "/admin/audit",
    "/admin/dialling",
];

fn with_admin(config: String) -> String {
    let admin = format!(
        r#"admin = {{ origin = "{ORIGIN}", zone = "Europe/Berlin", people = [{{ name = "dana", token = "{TOKEN}" }}, {{ name = "robin", token = "{OTHER_TOKEN}" }}] }}"#
    );
    // Before the first section: after it the key would belong to that one.
    config.replacen("\n[[account]]", &format!("{admin}\n\n[[account]]"), 1)
}

async fn world() -> World {
    World::with(with_admin).await
}

/// Somebody with a browser: a cookie, and the word of their forms.
struct Browser<'a> {
    world: &'a World,
    cookie: String,
}

impl<'a> Browser<'a> {
    async fn signed_in(world: &'a World, token: &str) -> Self {
        let answer = sign_in(world, token).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        let cookie = answer.header("set-cookie").split(';').next().unwrap();
        Self {
            world,
            cookie: cookie.to_owned(),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        let ask = self.world.ask(Method::GET, path);
        ask.header("Cookie", &self.cookie).send().await
    }

    /// What the forms of this session have to say, as its pages have it.
    async fn word(&self) -> String {
        let page = self.get("/admin").await.body;
        let (_, rest) = page.split_once(r#"name="word" value=""#).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let word = self.word().await;
        let mut fields = fields.to_vec();
        fields.push(("word", &word));
        self.form(path, &fields)
            .header("Origin", ORIGIN)
            .send()
            .await
    }

    fn form(&self, path: &str, fields: &[(&str, &str)]) -> Ask {
        form(self.world, path, fields).header("Cookie", &self.cookie)
    }

    async fn audit(&self) -> String {
        self.get("/admin/audit").await.body
    }
}

fn form(world: &World, path: &str, fields: &[(&str, &str)]) -> Ask {
    let mut url = reqwest::Url::parse("http://form.test/").unwrap();
    url.query_pairs_mut().extend_pairs(fields);
    let body = url.query().unwrap_or_default().to_owned();
    world
        .ask(Method::POST, path)
        .text("application/x-www-form-urlencoded", body)
}

async fn sign_in(world: &World, token: &str) -> Answer {
    form(world, "/admin/sign-in", &[("token", token)])
        .header("Origin", ORIGIN)
        .send()
        .await
}

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
async fn without_admin_in_the_configuration_there_are_no_admin_pages() {
    let world = World::new().await;
    for path in PAGES.iter().chain(&["/admin/sign-in", "/admin/style.css"]) {
        let answer = world.ask(Method::GET, path).send().await;
        answer.is_problem("not_found");
    }
    assert_eq!(sign_in(&world, TOKEN).await.status, 404);
}

#[tokio::test]
async fn nobody_sees_a_page_or_changes_anything_without_signing_in() {
    let world = world().await;
    for cookie in ["", "patchcord_admin=", "patchcord_admin=pca_00", "a=b"] {
        for path in PAGES
            .iter()
            .chain(&["/admin/callbacks/cb_1", "/admin/alerts/al_1"])
        {
            let ask = world.ask(Method::GET, path).header("Cookie", cookie);
            let answer = ask.send().await;
            assert_eq!(answer.status, 303, "{path}: {}", answer.body);
            assert!(answer.header("location").starts_with("/admin/sign-in"));
            assert_eq!(answer.body, "");
        }
        let ask = form(&world, "/admin/dialling", &[("turn", "off"), ("word", "")]);
        let answer = ask
            .header("Cookie", cookie)
            .header("Origin", ORIGIN)
            .send()
            .await;
        assert_eq!(answer.status, 303, "{}", answer.body);
    }
    let browser = Browser::signed_in(&world, TOKEN).await;
    assert!(!browser.audit().await.contains("switched"));
}

#[tokio::test]
async fn a_session_is_a_cookie_that_scripts_and_other_sites_cannot_use() {
    let world = world().await;
    let answer = sign_in(&world, TOKEN).await;
    assert_eq!(answer.header("location"), "/admin");
    let cookie = answer.header("set-cookie").to_owned();
    for part in [
        "; HttpOnly",
        "; SameSite=Strict",
        "; Path=/admin",
        "; Secure",
        "; Max-Age=28800",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let answer = form(
        &world,
        "/admin/sign-in",
        &[("token", TOKEN), ("to", "//evil.example")],
    )
    .header("Origin", ORIGIN)
    .send()
    .await;
    assert_eq!(answer.header("location"), "/admin");
}

#[tokio::test]
async fn every_page_refuses_frames_scripts_and_caches() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    for path in PAGES
        .iter()
        .chain(&["/admin/sign-in", "/admin/nothing-here"])
    {
        let answer = browser.get(path).await;
        let status = if path.ends_with("here") { 404 } else { 200 };
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.header("content-type").starts_with("text/html"));
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("access-control-allow-origin"), "");
        assert!(!answer.body.contains("<script") && !answer.body.contains("style="));
    }
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_after_ten_of_them_every_token_for_a_while() {
    let world = world().await;
    let before = Browser::signed_in(&world, TOKEN).await;
    for wrong in [
        "",
        "x",
        TOKEN.trim_start_matches('c'),
        &format!("{TOKEN}x"),
        "pk_demo",
    ] {
        let answer = sign_in(&world, wrong).await;
        assert_eq!(answer.status, 403, "{wrong}");
        assert_eq!(answer.header("set-cookie"), "");
        assert!(!answer.body.contains("canary"));
    }
    for _ in 5..10 {
        assert_eq!(sign_in(&world, "x").await.status, 403);
    }
    assert_eq!(sign_in(&world, TOKEN).await.status, 429);
    assert_eq!(before.get("/admin").await.status, 200, "who is in stays in");
    let failed = before.audit().await.matches("sign in failed").count();
    assert_eq!(failed, 10);
    world.relay.clock.advance(Duration::from_secs(14 * 60));
    assert_eq!(sign_in(&world, TOKEN).await.status, 429);
    world.relay.clock.advance(Duration::from_secs(2 * 60));
    assert_eq!(sign_in(&world, TOKEN).await.status, 303);
}

#[tokio::test]
async fn a_form_from_another_site_or_another_session_changes_nothing() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let other = Browser::signed_in(&world, OTHER_TOKEN).await;
    let (word, others) = (browser.word().await, other.word().await);
    assert_ne!(word, others);
    let off = [("turn", "off"), ("reason", "x")];
    for (origin, said) in [
        (Some("https://evil.example"), Some(word.as_str())),
        (Some("null"), Some(&word)),
        (Some("http://relay.acme.example"), Some(&word)),
        (None, Some(&word)),
        (Some(ORIGIN), None),
        (Some(ORIGIN), Some("")),
        (Some(ORIGIN), Some(&others)),
        (Some(ORIGIN), Some(word.split_at(1).1)),
    ] {
        let mut fields = off.to_vec();
        fields.extend(said.map(|said| ("word", said)));
        for path in ["/admin/dialling", "/admin/sign-out"] {
            let mut ask = browser.form(path, &fields);
            if let Some(origin) = origin {
                ask = ask.header("Origin", origin);
            }
            let answer = ask.send().await;
            assert_eq!(answer.status, 403, "{path} {origin:?} {said:?}");
        }
    }
    let foreign = form(&world, "/admin/sign-in", &[("token", TOKEN)]);
    let foreign = foreign
        .header("Origin", "https://evil.example")
        .send()
        .await;
    assert_eq!((foreign.status, foreign.header("set-cookie")), (403, ""));
    assert!(!browser.audit().await.contains("switched"));
    // Right in both respects, it is done.
    assert_eq!(browser.post("/admin/dialling", &off).await.status, 303);
    assert!(browser.audit().await.contains("switched off"));
}

#[tokio::test]
async fn signing_out_ends_the_session_and_so_does_a_working_day() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let answer = browser.post("/admin/sign-out", &[]).await;
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(browser.get("/admin").await.status, 303);

    let browser = Browser::signed_in(&world, TOKEN).await;
    world
        .relay
        .clock
        .advance(Duration::from_secs(8 * 3600 - 60));
    assert_eq!(browser.get("/admin").await.status, 200);
    world.relay.clock.advance(Duration::from_secs(120));
    assert_eq!(browser.get("/admin").await.status, 303);
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
    assert_eq!(refused.status, 400);
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
