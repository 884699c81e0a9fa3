//! What a form asks for: kinds of fields, texts by language, linked consent, and what of it reaches the platforms.

use std::path::Path;

use patchcord_relay::config::{Config, Environment};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, NUMBER, World, config, fresh_key};

const SAMESPACE: &str = "/apiv1/team/make_call";
const QUEUE: &str = "/api/v2/queues/9f8e7d6c5b4a39281706f5e4d3c2b1a0/callback";

/// A key that asks for one field of each kind, in two languages.
pub const KEY: &str = r#"
[[key]]
key = "pk_form"
origins = ["https://www.acme.example"]
topics = ["sales", "support"]
page_fields = 2
honeypot = "homepage"
consent = { version = "7", text = { en = "You may call me, see the [privacy policy](https://acme.example/privacy).", de = "Sie dürfen mich anrufen, siehe [Datenschutz](https://acme.example/datenschutz)." } }
fields = [
    { name = "company", label = { en = "Company", de = "Firma" }, autocomplete = "organization", max = 10 },
    { name = "mail", type = "email", label = "E-mail" },
    { name = "size", type = "select", label = "Employees", options = [{ value = "s", label = { en = "up to 10", de = "bis 10" } }, { value = "l", label = "more" }] },
    { name = "customer", type = "checkbox", label = "I am a customer" },
    { name = "terms", type = "checkbox", label = "I have read the terms", required = true },
    { name = "day", type = "date", label = "Day of delivery", min_date = "2026-01-01", max_date = "2026-12-31" },
    { name = "campaign", type = "hidden", max = 20 },
    { name = "order", label = "Order number", required = true, topics = ["support"] },
]
"#;

async fn world() -> World {
    World::with(|config| config + KEY).await
}

/// A wish with these fields, and those that are needed.
pub fn fields(fields: Value) -> Value {
    let mut all = json!({ "terms": true });
    all.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    json!({
        "number": NUMBER, "topic": "sales", "fields": all, "consent": { "version": "7", "given": true },
    })
}

async fn wish(world: &World, body: &Value) -> Answer {
    world
        .ask(Method::POST, "/v1/callbacks")
        .header("Patchcord-Key", "pk_form")
        .header("Idempotency-Key", &fresh_key())
        .json(body)
        .send()
        .await
}

async fn described(world: &World, query: &str) -> Answer {
    world
        .ask(Method::GET, &format!("/v1/config{query}"))
        .header("Patchcord-Key", "pk_form")
        .send()
        .await
}

#[tokio::test]
async fn the_form_is_described_in_the_language_that_is_asked_for() {
    let world = world().await;
    let config = described(&world, "?lang=de-AT").await.json;
    assert_eq!(
        config["fields"],
        json!([
            { "name": "company", "type": "text", "label": "Firma", "required": false, "max": 10, "autocomplete": "organization" },
            { "name": "mail", "type": "email", "label": "E-mail", "required": false, "max": 254 },
            { "name": "size", "type": "select", "label": "Employees", "required": false,
              "options": [{ "value": "s", "label": "bis 10" }, { "value": "l", "label": "more" }] },
            { "name": "customer", "type": "checkbox", "label": "I am a customer", "required": false },
            { "name": "terms", "type": "checkbox", "label": "I have read the terms", "required": true },
            { "name": "day", "type": "date", "label": "Day of delivery", "required": false,
              "min_date": "2026-01-01", "max_date": "2026-12-31" },
            { "name": "campaign", "type": "hidden", "label": "campaign", "required": false, "max": 20 },
            { "name": "order", "type": "text", "label": "Order number", "required": true, "max": 200, "topics": ["support"] },
        ])
    );
    assert_eq!(config["page_fields"], 2);
    assert_eq!(
        config["consent"],
        json!({
            "version": "7",
            "text": "Sie dürfen mich anrufen, siehe Datenschutz.",
            "parts": [
                { "text": "Sie dürfen mich anrufen, siehe " },
                { "text": "Datenschutz", "url": "https://acme.example/datenschutz" },
                { "text": "." },
            ],
        })
    );
    // English is what everybody else gets.
    for query in ["", "?lang=", "?lang=en", "?lang=fr"] {
        let config = described(&world, query).await.json;
        assert_eq!(config["fields"][0]["label"], "Company", "{query}");
        assert_eq!(config["consent"]["version"], "7");
        assert_eq!(
            config["consent"]["parts"][1]["url"],
            "https://acme.example/privacy"
        );
    }
    described(&world, "?language=de")
        .await
        .is_problem("unknown_field")
        .about("language");
    described(&world, &format!("?lang={}", "d".repeat(36)))
        .await
        .is_problem("invalid_field")
        .about("lang");
}

#[tokio::test]
async fn what_is_filled_in_reaches_both_platforms_under_the_names_of_the_fields() {
    let world = world().await;
    let mut body = fields(json!({
        "company": "Lovelace", "mail": " ada@acme.example ", "size": "l", "customer": false, "day": "2026-02-28",
        "campaign": "spring", "utm_source": "letter", "newsletter": true,
    }));
    let sent = json!({
        "company": "Lovelace", "mail": "ada@acme.example", "size": "l", "customer": false, "terms": true,
        "day": "2026-02-28", "campaign": "spring", "utm_source": "letter", "newsletter": true,
    });
    let taken = wish(&world, &body).await;
    assert_eq!(taken.status, 201, "{}", taken.body);
    world.until_state(&taken.json, "handed_over").await;
    assert_eq!(world.seen(SAMESPACE).await[0]["body"]["attributes"], sent);

    body["topic"] = json!("support");
    body["fields"]["order"] = json!("4711");
    let mut sent = sent;
    sent["order"] = json!("4711");
    let taken = wish(&world, &body).await;
    assert_eq!(taken.status, 201, "{}", taken.body);
    world.until_state(&taken.json, "handed_over").await;
    assert_eq!(world.seen(QUEUE).await[0]["body"]["session"], sent);
}

#[tokio::test]
async fn what_does_not_fit_its_field_is_named_and_nothing_is_kept() {
    let world = world().await;
    let cases = [
        ("company", json!("12345678901"), "invalid_field"),
        ("company", json!(true), "invalid_field"),
        ("mail", json!("ada"), "invalid_field"),
        ("mail", json!("ada@acme"), "invalid_field"),
        (
            "mail",
            json!(format!("{}@acme.example", "a".repeat(250))),
            "invalid_field",
        ),
        ("size", json!("m"), "invalid_field"),
        ("size", json!(1), "invalid_field"),
        ("customer", json!("on"), "invalid_field"),
        ("terms", json!(false), "missing_field"),
        ("terms", json!(null), "missing_field"),
        ("terms", json!("true"), "invalid_field"),
        ("day", json!("28.02.2026"), "invalid_field"),
        ("day", json!("2026-02-29"), "invalid_field"),
        ("day", json!("2025-12-31"), "invalid_field"),
        ("day", json!("2027-01-01"), "invalid_field"),
        ("campaign", json!("x".repeat(21)), "invalid_field"),
        // Asked for another topic alone.
        ("order", json!("4711"), "unknown_field"),
        // Of the page.
        ("utm", json!("x".repeat(501)), "invalid_field"),
        ("utm", json!(1), "invalid_field"),
        ("utm", json!({ "a": 1 }), "invalid_field"),
        ("Utm", json!("x"), "invalid_field"),
        ("patchcord_page", json!("x"), "invalid_field"),
    ];
    for (name, value, code) in cases {
        let answer = wish(&world, &fields(json!({ (name): value }))).await;
        answer.is_problem(code).about(&format!("fields.{name}"));
    }
    let mut support = fields(json!({}));
    support["topic"] = json!("support");
    wish(&world, &support)
        .await
        .is_problem("missing_field")
        .about("fields.order");
    let more = fields(json!({ "a": "1", "b": "2", "c": "3" }));
    wish(&world, &more)
        .await
        .is_problem("invalid_field")
        .about("fields.c");
    wish(
        &world,
        &fields(json!({ "homepage": "https://spam.example" })),
    )
    .await
    .is_problem("spam_suspected");
    assert!(
        world
            .relay
            .shared()
            .store
            .next_dispatch()
            .await
            .unwrap()
            .is_none()
    );
    assert!(world.seen(SAMESPACE).await.is_empty());
}

#[tokio::test]
async fn what_is_empty_was_not_filled_in() {
    let world = world().await;
    let body = fields(json!({
        "company": " ", "mail": "", "size": "", "customer": null, "day": "", "campaign": null, "utm": "", "homepage": "",
    }));
    let taken = wish(&world, &body).await;
    assert_eq!(taken.status, 201, "{}", taken.body);
    world.until_state(&taken.json, "handed_over").await;
    assert_eq!(
        world.seen(SAMESPACE).await[0]["body"]["attributes"],
        json!({ "terms": true })
    );
}

#[tokio::test]
async fn a_key_without_page_fields_takes_none() {
    let world = World::new().await;
    let answer = world
        .ask(Method::POST, "/v1/callbacks")
        .header("Patchcord-Key", "pk_plain")
        .header("Idempotency-Key", &fresh_key())
        .json(&json!({ "number": NUMBER, "topic": "sales", "fields": { "utm": "x" } }))
        .send()
        .await;
    answer.is_problem("unknown_field").about("fields.utm");
}

#[test]
fn every_mistake_in_a_form_is_named_by_its_path() {
    for (from, to, path) in [
        (
            "type = \"email\"",
            "type = \"mail\"",
            "key[2].fields[1].type",
        ),
        ("label = \"E-mail\"", "max = 20", "key[2].fields[1].label"),
        (
            "label = \"E-mail\"",
            "label = { deutsch = \"E-Mail\" }",
            "key[2].fields[1].label",
        ),
        ("label = \"E-mail\"", "label = {}", "key[2].fields[1].label"),
        (
            "name = \"mail\"",
            "name = \"company\"",
            "key[2].fields[1].name",
        ),
        (
            "name = \"mail\"",
            "name = \"patchcord_page\"",
            "key[2].fields[1].name",
        ),
        ("name = \"mail\"", "name = \"\"", "key[2].fields[1].name"),
        ("name = \"mail\"", "name = \"homepage\"", "key[2].honeypot"),
        ("max = 10", "max = 0", "key[2].fields[0].max"),
        ("max = 10", "options = []", "key[2].fields[0].options"),
        (
            "max = 10",
            "min_date = \"2026-01-01\"",
            "key[2].fields[0].min_date",
        ),
        (
            "\"organization\"",
            "\"<script>\"",
            "key[2].fields[0].autocomplete",
        ),
        (
            "type = \"select\"",
            "type = \"select\", max = 3",
            "key[2].fields[2].max",
        ),
        (
            "value = \"l\"",
            "value = \"s\"",
            "key[2].fields[2].options[1].value",
        ),
        (
            "value = \"l\"",
            "value = \" \"",
            "key[2].fields[2].options[1].value",
        ),
        (
            "type = \"checkbox\", label = \"I am",
            "type = \"select\", label = \"I am",
            "key[2].fields[3].options",
        ),
        ("2026-01-01", "2026-02-30", "key[2].fields[5].min_date"),
        ("2026-01-01", "2027-01-01", "key[2].fields[5].max_date"),
        (
            "topics = [\"support\"]",
            "topics = [\"now\"]",
            "key[2].fields[7].topics",
        ),
        ("page_fields = 2", "page_fields = 51", "key[2].page_fields"),
        ("page_fields = 2", "page_fields = -1", "key[2].page_fields"),
        (
            "https://acme.example/datenschutz",
            "http://acme.example/datenschutz",
            "key[2].consent.text",
        ),
        (
            "https://acme.example/datenschutz",
            "javascript:alert(1)",
            "key[2].consent.text",
        ),
    ] {
        let wrong = KEY.replacen(from, to, 1);
        assert_ne!(wrong, KEY, "{from}");
        let wrong = config("http://127.0.0.1:1") + &wrong;
        let error = Config::parse(&wrong, Path::new("."), &Environment::default()).expect_err(to);
        assert_eq!(error.path, path, "{error}");
    }
}
