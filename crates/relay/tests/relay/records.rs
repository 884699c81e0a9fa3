//! The fields of a CRM's record: who gets them, which ones, and what is said where the CRM does not tell.

use patchcord_relay::config::{Config, ConfigError, Environment};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Browser, TOKEN, with_admin};
use crate::support::{Answer, World, config};

const CONTACT: &str = "0037S000004TqQXQA0";
/// What the sandbox takes.
pub const HUBSPOT_TOKEN: &str = "pat-eu1-sandbox-token";
const CLIENT: &str = "3MVG9sandbox.client";
const SECRET: &str = "sandbox-client-secret";

/// An agent of the organisation that signs in at babelforce.
const AGENT: &str = "\n[[agent]]\norg = \"bf\"\nsub = \"2c3d4e5f60718293a4b5c6d7e8f90a1b\"\nidentities = [{ account = \"babelforce\", agent = \"0a1b2c3d4e5f60718293a4b5c6d7e8f9\" }]\n";

/// Two hosts whose records are read in the sandbox, and one that has no look-up.
fn hosts(sandbox: &str) -> String {
    format!(
        r#"
[[host]]
name = "hub"
kind = "hubspot"
origins = ["https://app.hubspot.com"]
sign_in = "babelforce"
records = {{ url = "{sandbox}", token = "{HUBSPOT_TOKEN}" }}
[host.entities.Contact]
number = ["mobilephone", "phone"]
payload = {{ title = "jobtitle", plan = "plan", contract = "contract", nickname = "nickname", gone = "no_such_property", country = "countryCode" }}
[host.entities.2-3456]
number = []
payload = {{ model = "model" }}

[[host]]
name = "voice"
kind = "voice"
origins = ["https://acme.lightning.force.com"]
sign_in = "babelforce"
records = {{ domain = "{sandbox}", client_id = "{CLIENT}", client_secret = "{SECRET}" }}
[host.entities.Contact]
number = ["MobilePhone"]
payload = {{ plan = "Plan__c", score = "Custom_Score__c", partner = "Is_Partner__c", address = "MailingAddress", company = "Account.Name", owner = "Account.Owner.Name", nick = "Nickname__c" }}
[host.entities.Lead]
number = []
payload = {{ name = "Nope__c" }}

[[host]]
name = "blind"
kind = "hubspot"
origins = ["https://app.hubspot.com"]
sign_in = "babelforce"
[host.entities.Contact]
number = []
payload = {{ title = "jobtitle" }}
"#
    )
}

/// Where the sandbox of a configuration is.
fn sandbox_of(config: &str) -> String {
    let rest = config.split("environment = \"").nth(1).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// A configuration with hosts whose records are read in its sandbox.
pub fn with_hosts(config: &str) -> String {
    let sandbox = sandbox_of(config);
    crate::panel::with_agent_api(&with_admin(config.to_owned())) + &hosts(&sandbox) + AGENT
}

async fn world() -> World {
    World::with(|config| with_hosts(&config)).await
}

/// A session of the agent who signs in at babelforce, as the frame of a host opens it.
async fn session(world: &World) -> String {
    let back = format!("{}/hosts/hub/signed-in", crate::support::AUDIENCE);
    let page = reqwest::Url::parse_with_params(
        "http://127.0.0.1:4100/v1/sign-in",
        [("account", "babelforce"), ("return", back.as_str())],
    );
    let done = crate::panel::sign_in_at(world, page.unwrap().as_str(), "relay@acme.example").await;
    let (_, code) = done
        .header("location")
        .split_once("#patchcord_code=")
        .unwrap();
    let opened = world
        .ask(Method::POST, "/v1/sessions")
        .header("Origin", crate::support::AUDIENCE)
        .json(&json!({ "code": code }))
        .send()
        .await;
    opened.json["session"].as_str().unwrap().to_owned()
}

async fn read(world: &World, session: &str, host: &str, query: &str) -> Answer {
    world
        .ask(Method::GET, &format!("/v1/hosts/{host}/record?{query}"))
        .bearer(session)
        .send()
        .await
}

/// What reached HubSpot's objects and Salesforce's query.
async fn asked(world: &World) -> Vec<Value> {
    let mut all = world.seen("/crm/*").await;
    all.extend(world.seen("/services/data/*").await);
    all
}

#[tokio::test]
async fn the_mapped_properties_of_a_hubspot_record_come_as_texts_with_its_name() {
    let world = world().await;
    let session = session(&world).await;
    let answer = read(&world, &session, "hub", "type=Contact&id=501").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(
        answer.json,
        json!({
            "name": "Ada Lovelace",
            "fields": {
                "mobilephone": "+49 1522 8817386", "phone": "+49 30 23125100", "jobtitle": "Analyst",
                "plan": "gold", "nickname": null,
                // It looks like JSON, and stays the text that HubSpot has.
                "contract": "{\"tier\": \"gold\", \"seats\": [1, 2]}",
            },
        })
    );
    let seen = world.seen("/crm/v3/objects/0-1/501").await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    let own = read(&world, &session, "hub", "type=2-3456&id=12").await;
    assert_eq!(
        own.json,
        json!({ "fields": { "model": "Heat pump 12 kW" } })
    );
}

#[tokio::test]
async fn the_mapped_fields_of_a_salesforce_record_keep_their_kinds_and_what_is_inside_of_them() {
    let world = world().await;
    let session = session(&world).await;
    let query = format!("type=Contact&id={CONTACT}");
    let answer = read(&world, &session, "voice", &query).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(
        answer.json,
        json!({
            "fields": {
                "MobilePhone": "+49 1522 8817386", "Plan__c": "gold", "Custom_Score__c": 42.5,
                "Is_Partner__c": true, "Nickname__c": null,
                "MailingAddress": {
                    "city": "Berlin", "country": "Germany", "geocodeAccuracy": null, "latitude": 52.5203,
                    "longitude": 13.4049, "postalCode": "10178", "state": null, "street": "Am Hafen 12",
                },
                "Account.Name": "Harbour Ltd", "Account.Owner.Name": "Alex Adler",
            },
        })
    );
    // The token is kept, and had anew once when Salesforce does not take it any more.
    read(&world, &session, "voice", &query).await;
    assert_eq!(world.seen("/services/oauth2/token").await.len(), 1);
    let expire = format!("{}/_sandbox/tokens/expire", world.sandbox.url());
    crate::support::Ask::new(Method::POST, expire).send().await;
    let again = read(&world, &session, "voice", &query).await;
    assert_eq!(again.status, 200, "{}", again.body);
    assert_eq!(world.seen("/services/oauth2/token").await.len(), 2);
}

#[tokio::test]
async fn nobody_gets_anything_but_the_agents_of_the_host_and_the_crm_is_not_even_asked() {
    let world = world().await;
    let query = "/v1/hosts/hub/record?type=Contact&id=501";
    let nobody = world.ask(Method::GET, query).send().await;
    nobody.is_problem("session_missing");
    let stranger = world.ask(Method::GET, query).bearer("pcs_made-up");
    stranger.send().await.is_problem("session_expired");
    // Of the CRM that signs assertions, and so none of this host's.
    let other = world.session().await;
    read(&world, &other, "hub", "type=Contact&id=501")
        .await
        .is_problem("agent_unknown");
    let own = session(&world).await;
    let elsewhere = world.ask(Method::GET, query).bearer(&own);
    elsewhere
        .header("Origin", "https://app.hubspot.com")
        .send()
        .await
        .is_problem("origin_not_allowed");
    assert_eq!(asked(&world).await, Vec::<Value>::new());
    let frame = world.ask(Method::GET, query).bearer(&own);
    let frame = frame
        .header("Origin", crate::support::AUDIENCE)
        .send()
        .await;
    assert_eq!(frame.status, 200, "{}", frame.body);
}

#[tokio::test]
async fn only_types_of_the_mapping_and_well_formed_ids_reach_the_crm() {
    let world = world().await;
    let session = session(&world).await;
    for (host, query, code, field) in [
        ("hub", "id=501", "missing_field", "type"),
        ("hub", "type=Contact", "missing_field", "id"),
        (
            "hub",
            "type=Contact&id=501&properties=email",
            "unknown_field",
            "properties",
        ),
        (
            "hub",
            "type=Contact&type=Deal&id=501",
            "invalid_field",
            "type",
        ),
        // A type that HubSpot has and the mapping does not.
        ("hub", "type=Deal&id=9001", "invalid_field", "type"),
        ("hub", "type=contact&id=501", "invalid_field", "type"),
        (
            "hub",
            "type=Contact&id=501%2F..%2F..%2F..",
            "invalid_field",
            "id",
        ),
        (
            "hub",
            "type=Contact&id=501%3Fproperties%3Demail",
            "invalid_field",
            "id",
        ),
        ("hub", "type=Contact&id=0", "invalid_field", "id"),
        (
            "voice",
            "type=Contact&id=003'%20OR%20Name%20!=%20''",
            "invalid_field",
            "id",
        ),
        (
            "voice",
            "type=User&id=0057S000001xYzAQAU",
            "invalid_field",
            "type",
        ),
    ] {
        let answer = read(&world, &session, host, query).await;
        answer.is_problem(code).about(field);
    }
    let unknown = read(&world, &session, "nobody", "type=Contact&id=501").await;
    unknown.is_problem("not_found");
    let without = read(&world, &session, "blind", "type=Contact&id=501").await;
    without.is_problem("capability_missing");
    assert_eq!(asked(&world).await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_the_crm_does_not_tell_is_a_problem_that_says_so_and_names_no_value() {
    let world = world().await;
    let session = session(&world).await;
    let gone = read(&world, &session, "hub", "type=Contact&id=999").await;
    gone.is_problem("not_found").about("id");
    let nobody = format!("type=Contact&id={}", CONTACT.replace("TqQX", "AAAA"));
    let gone = read(&world, &session, "voice", &nobody).await;
    gone.is_problem("not_found").about("id");
    // The org has no such field.
    let lead = read(&world, &session, "voice", "type=Lead&id=00Q7S000001LmNoUAK").await;
    lead.is_problem("record_unreadable");
    let detail = lead.json["detail"].as_str().unwrap();
    assert!(detail.contains("400 INVALID_FIELD"), "{detail}");

    let limit = r#"{"status": "error", "message": "You have reached your secondly limit.", "errorType": "RATE_LIMIT", "category": "RATE_LIMITS"}"#;
    for (action, words) in [
        (
            json!({ "status": { "code": 429, "body": limit, "content_type": "application/json" } }),
            "429 RATE_LIMITS",
        ),
        (
            json!({ "status": { "code": 403, "body": "<h1>no</h1>" } }),
            "(403 )",
        ),
        (
            json!({ "status": { "code": 302, "headers": { "location": "https://evil.example" } } }),
            "(302 )",
        ),
        (json!("garbage"), "cannot be read"),
        (json!("wrong_content_type"), "cannot be read"),
        (json!("close_before_reply"), "did not answer"),
    ] {
        world.fault("/crm/*", action.clone()).await;
        let answer = read(&world, &session, "hub", "type=Contact&id=501").await;
        answer.is_problem("record_unreadable");
        let detail = answer.json["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{action}: {detail}");
        assert!(answer.json["remedy"].is_string());
    }
}

#[tokio::test]
async fn a_crm_that_is_slow_is_waited_for_three_seconds_and_no_longer() {
    let world = world().await;
    let session = session(&world).await;
    world
        .faults(json!([{ "match": { "path": "/crm/*" }, "delay_ms": 60_000 }]))
        .await;
    let started = std::time::Instant::now();
    let answer = read(&world, &session, "hub", "type=Contact&id=501").await;
    answer.is_problem("record_unreadable");
    let took = started.elapsed().as_millis();
    assert!((2_900..8_000).contains(&took), "{took}");
}

#[tokio::test]
async fn a_credential_that_the_crm_does_not_take_is_said_to_be_that_and_is_nowhere_in_what_is_said()
{
    let world = World::with(|config| {
        with_hosts(&config)
            .replace(HUBSPOT_TOKEN, "canary-token")
            .replace(SECRET, "canary-secret")
    })
    .await;
    let session = session(&world).await;
    let voice = format!("type=Contact&id={CONTACT}");
    for (host, query, words) in [
        ("hub", "type=Contact&id=501", "401 INVALID_AUTHENTICATION"),
        ("voice", voice.as_str(), "401 invalid_client"),
    ] {
        let answer = read(&world, &session, host, query).await;
        answer.is_problem("record_unreadable");
        assert!(answer.body.contains(words), "{}", answer.body);
        let remedy = answer.json["remedy"].as_str().unwrap();
        assert!(remedy.contains("not valid any more"), "{remedy}");
        assert!(!answer.body.contains("canary"), "{}", answer.body);
    }
    assert_eq!(world.seen("/services/oauth2/token").await.len(), 1);
}

#[tokio::test]
async fn an_agent_reads_as_many_records_as_they_may_dial_and_each_is_in_the_audit_log_without_its_values()
 {
    let world = World::with(|config| {
        with_hosts(&config).replacen("limits = {", "limits = { agent_per_hour = 2,", 1)
    })
    .await;
    let session = session(&world).await;
    for _ in 0..2 {
        let answer = read(&world, &session, "hub", "type=Contact&id=501").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let third = read(&world, &session, "hub", "type=Contact&id=502").await;
    third.is_problem("too_many_requests");
    assert_eq!(world.seen("/crm/*").await.len(), 2);
    let browser = Browser::signed_in(&world, TOKEN).await;
    let audit = browser.audit().await;
    assert_eq!(audit.matches("record read").count(), 2, "{audit}");
    assert!(audit.contains("501") && !audit.contains("gold"), "{audit}");
}

/// A form that is right, for a host that reads its records in the sandbox.
fn form<'a>(kind: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("kind", kind),
        ("name", "made"),
        ("origins", "https://made.example"),
        ("sign_in", "babelforce"),
        ("type.0", "Contact"),
        ("number.0", ""),
        ("do", "save"),
    ];
    fields.extend(more);
    fields
}

#[tokio::test]
async fn a_credential_is_entered_kept_sealed_replaced_and_taken_away_and_never_shown() {
    let world = world().await;
    let sandbox = world.sandbox.url();
    let browser = Browser::signed_in(&world, TOKEN).await;
    let org = [
        ("payload.0", "plan = Plan__c\naddress = MailingAddress"),
        ("records.domain", sandbox.as_str()),
        ("records.client_id", CLIENT),
    ];
    let with = |more: &[(&'static str, &'static str)]| {
        let mut all = form("voice", &org);
        all.extend(more);
        all
    };
    let missing = browser.post("/admin/hosts", &with(&[])).await;
    assert_eq!(missing.status, 422);
    assert!(
        missing.body.contains("Consumer secret: it is missing"),
        "{}",
        missing.body
    );
    let wrong = [("records.client_secret", "canary-wrong")];
    let made = browser.post("/admin/hosts", &with(&wrong)).await;
    assert_eq!(made.status, 303, "{}", made.body);

    // Tried: it is refused, and what the CRM says is shown.
    let record = [("type", "Contact"), ("id", CONTACT)];
    let tried = browser.post("/admin/hosts/made/record", &record).await;
    assert!(tried.body.contains("401 invalid_client"), "{}", tried.body);
    assert!(
        tried
            .body
            .contains("Salesforce says: invalid client credentials"),
        "{}",
        tried.body
    );

    // Replaced, after a restart.
    let world = world.restart().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let right = [("version", "1"), ("records.client_secret", SECRET)];
    let changed = browser.post("/admin/hosts/made/edit", &with(&right)).await;
    assert_eq!(changed.status, 303, "{}", changed.body);
    let tried = browser.post("/admin/hosts/made/record", &record).await.body;
    assert!(
        tried.contains("&quot;city&quot;: &quot;Berlin&quot;"),
        "{tried}"
    );
    assert!(
        tried.contains("&quot;plan&quot;: &quot;gold&quot;"),
        "{tried}"
    );

    // Left alone, it stays; for another address it is asked for again.
    let same = browser
        .post("/admin/hosts/made/edit", &with(&[("version", "2")]))
        .await;
    assert_eq!(same.status, 303, "{}", same.body);
    let tried = browser.post("/admin/hosts/made/record", &record).await.body;
    assert!(tried.contains("Berlin"), "{tried}");
    let mut moved = with(&[("version", "3")]);
    moved.retain(|(name, _)| *name != "records.domain");
    moved.push(("records.domain", "https://evil.my.salesforce.com"));
    let moved = browser.post("/admin/hosts/made/edit", &moved).await;
    assert_eq!(moved.status, 422);
    assert!(
        moved.body.contains("belongs to what was here before"),
        "{}",
        moved.body
    );

    // Nowhere to be seen: not on a page, not in the audit log, not in the database.
    let edit = browser.get("/admin/hosts/made/edit").await.body;
    assert!(edit.contains("One is kept."), "{edit}");
    let pages = [
        edit,
        browser.get("/admin/hosts/made").await.body,
        browser.audit().await,
    ];
    for page in pages {
        assert!(!page.contains(SECRET) && !page.contains("canary"), "{page}");
    }
    let row = world
        .relay
        .shared()
        .store
        .host("made")
        .await
        .unwrap()
        .unwrap();
    assert!(!row.settings.contains(SECRET), "{}", row.settings);
    assert!(row.settings.contains(CLIENT), "{}", row.settings);
    assert!(row.secret.unwrap().starts_with("s1."));

    let forgotten = with(&[("version", "3"), ("records.forget", "yes")]);
    let forgotten = browser.post("/admin/hosts/made/edit", &forgotten).await;
    assert_eq!(forgotten.status, 303, "{}", forgotten.body);
    let row = world
        .relay
        .shared()
        .store
        .host("made")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.secret, None);
    let page = browser.get("/admin/hosts/made").await.body;
    assert!(
        !page.contains("Try a record") && page.contains("nobody reads them"),
        "{page}"
    );
}

#[tokio::test]
async fn a_record_is_tried_on_the_page_of_a_configured_host_and_what_is_wrong_is_said() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let page = browser.get("/admin/hosts/hub").await.body;
    assert!(
        page.contains("Try a record") && !page.contains(HUBSPOT_TOKEN),
        "{page}"
    );
    let tried = async |id: &str| {
        let fields = [("type", "Contact"), ("id", id)];
        browser.post("/admin/hosts/hub/record", &fields).await.body
    };
    let found = tried("501").await;
    assert!(
        found.contains("This is <strong>Ada Lovelace</strong>"),
        "{found}"
    );
    assert!(
        found.contains("+49 1522 8817386") && found.contains("Analyst"),
        "{found}"
    );
    assert!(
        found.contains("Not in this record") && found.contains("no_such_property"),
        "{found}"
    );
    assert!(tried("999").await.contains("no such record"));
    assert!(tried("../501").await.contains("this is no id"));
    let audit = browser.audit().await;
    assert!(
        audit.contains("record read") && audit.contains("admin dana"),
        "{audit}"
    );
    assert!(
        !browser
            .get("/admin/hosts/blind")
            .await
            .body
            .contains("Try a record")
    );
}

#[tokio::test]
async fn the_frame_is_told_that_there_is_a_look_up_and_nothing_of_its_credential() {
    let world = world().await;
    for (name, is_told) in [("hub", true), ("voice", true), ("blind", false)] {
        let page = world
            .ask(Method::GET, &format!("/hosts/{name}"))
            .send()
            .await;
        assert_eq!(page.body.contains("\"records\":true"), is_told, "{name}");
        for secret in [HUBSPOT_TOKEN, CLIENT, SECRET] {
            assert!(!page.body.contains(secret), "{name}");
        }
    }
}

#[test]
fn a_credential_is_checked_at_the_start_with_its_field_and_may_come_from_elsewhere() {
    let good = with_hosts(&config("http://127.0.0.1:1"));
    let parse = |text: &str, environment: &Environment| {
        Config::parse(text, std::path::Path::new("."), environment)
    };
    let shown = format!("{:?}", parse(&good, &Environment::default()).unwrap());
    assert!(!shown.contains(SECRET) && !shown.contains(HUBSPOT_TOKEN));
    let error = |from: &str, to: &str| -> ConfigError {
        assert!(good.contains(from), "{from}");
        parse(&good.replacen(from, to, 1), &Environment::default()).expect_err(to)
    };
    let token = &format!(", token = \"{HUBSPOT_TOKEN}\"");
    let domain = "domain = \"http://127.0.0.1:1\"";
    for (from, to, path) in [
        (token.as_str(), "", "host[0].records.token"),
        (
            token.as_str(),
            ", token = \"two words\"",
            "host[0].records.token",
        ),
        (
            token.as_str(),
            ", client_id = \"x\"",
            "host[0].records.client_id",
        ),
        (
            "url = \"http://127.0.0.1:1\", token",
            "url = \"http://api.example\", token",
            "host[0].records.url",
        ),
        (
            "url = \"http://127.0.0.1:1\", token",
            "uri = \"x\", token",
            "host[0].records.uri",
        ),
        (
            "[host.entities.Contact]",
            "[host.entities.Person]",
            "host[0].entities.Person",
        ),
        (
            "\"jobtitle\"",
            "\"job title\"",
            "host[0].entities.Contact.payload",
        ),
        (
            domain,
            "domain = \"https://acme.lightning.force.com\"",
            "host[1].records.domain",
        ),
        (
            domain,
            "domain = \"https://login.salesforce.com\"",
            "host[1].records.domain",
        ),
        (
            domain,
            "domain = \"https://acme.my.salesforce.com/path\"",
            "host[1].records.domain",
        ),
        (CLIENT, "", "host[1].records.client_id"),
        (SECRET, "", "host[1].records.client_secret"),
        (
            "\"Account.Name\"",
            "\"Name FROM User\"",
            "host[1].entities.Contact.payload",
        ),
        ("kind = \"voice\"", "kind = \"zendesk\"", "host[1].records"),
    ] {
        let error = error(from, to);
        assert_eq!(error.path, path, "{error}");
        assert!(!error.remedy.is_empty() && !error.problem.contains("two words"));
    }
    let elsewhere = good.replacen(token.as_str(), ", token = { env = \"HUBSPOT_TOKEN\" }", 1);
    parse(&elsewhere, &Environment::from([("HUBSPOT_TOKEN", "pat-x")])).unwrap();
    let variable = Environment::from([("PATCHCORD_HOST_1_RECORDS_CLIENT_SECRET", "another")]);
    parse(&good, &variable).unwrap();
}
