//! The page of a host's frame: for whom it is, what it may load, what its script is told.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, SITE, World};

/// A host of each kind.
pub const HOSTS: &str = r#"
[[host]]
name = "force"
kind = "salesforce"
origins = ["https://acme.lightning.force.com", "https://acme--c.vf.force.com"]
entities = { Contact = { number = ["MobilePhone", "Phone"], payload = { name = "Name", plan = "Plan__c" } } }

[[host]]
name = "cti"
kind = "open-cti"
origins = ["https://acme.lightning.force.com"]

[[host]]
name = "voice"
kind = "voice"
origins = ["https://acme.lightning.force.com"]
sign_in = "babelforce"

[[host]]
name = "hub"
kind = "hubspot"
origins = ["https://app.hubspot.com"]
sign_in = "babelforce"
provider = "babelforce"
region = "AT"

[[host]]
name = "zen"
kind = "zendesk"
origins = ["https://acme.zendesk.com"]
system = "zendesk-acme"
sign_in = "babelforce"

[[host]]
name = "own"
kind = "page"
origins = ["https://erp.acme.example", "http://localhost:4102"]

[[host]]
name = "dock"
kind = "page"
origins = ["https://erp.acme.example"]
provider = "samespace"
"#;

/// A world with hosts, one of which has its agents sign in at babelforce.
pub async fn world() -> World {
    World::with(|config| crate::panel::with_agent_api(&config) + HOSTS).await
}

async fn open(world: &World, path: &str) -> Answer {
    world
        .ask(Method::GET, path)
        .header("Accept", "text/html,*/*;q=0.8")
        .send()
        .await
}

/// The settings that the page has for its script.
fn settings(page: &str) -> Value {
    let (_, rest) = page
        .split_once("<script type=\"application/json\" id=\"patchcord-host\">")
        .unwrap();
    let (text, rest) = rest.split_once("</script>").unwrap();
    assert!(
        rest.starts_with("<script type=\"module\" src=\"/patchcord-host.js\"></script>"),
        "{rest}"
    );
    serde_json::from_str(text).unwrap()
}

/// A directive of the page's policy.
fn directive<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let policy = answer.header("content-security-policy");
    let mut all = policy.split("; ").filter_map(|one| one.split_once(' '));
    let found = all.find(|(directive, _)| *directive == name);
    found.unwrap_or_else(|| panic!("{name}: {policy}")).1
}

#[tokio::test]
async fn the_page_of_each_kind_is_framed_by_its_origins_alone_and_loads_nothing_else() {
    let world = world().await;
    let own = "'self' 'wasm-unsafe-eval'";
    let force = "https://acme.lightning.force.com";
    for (name, scripts, ancestors) in [
        (
            "force",
            own.to_owned(),
            "https://acme--c.vf.force.com https://acme.lightning.force.com",
        ),
        ("cti", format!("{own} {force}"), force),
        ("voice", own.to_owned(), force),
        ("hub", own.to_owned(), "https://app.hubspot.com"),
        (
            "zen",
            format!("{own} https://static.zdassets.com"),
            "https://acme.zendesk.com",
        ),
        (
            "own",
            own.to_owned(),
            "http://localhost:4102 https://erp.acme.example",
        ),
    ] {
        let answer = open(&world, &format!("/hosts/{name}")).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.body);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(directive(&answer, "default-src"), "'none'", "{name}");
        assert_eq!(directive(&answer, "script-src"), scripts, "{name}");
        assert_eq!(directive(&answer, "connect-src"), "'self'", "{name}");
        assert_eq!(directive(&answer, "style-src"), "'self'", "{name}");
        assert_eq!(directive(&answer, "img-src"), "'self' data:", "{name}");
        assert_eq!(directive(&answer, "base-uri"), "'none'", "{name}");
        assert_eq!(directive(&answer, "form-action"), "'none'", "{name}");
        assert_eq!(directive(&answer, "frame-ancestors"), ancestors, "{name}");
        for (header, value) in [
            ("x-frame-options", ""),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("set-cookie", ""),
            ("access-control-allow-origin", ""),
        ] {
            assert_eq!(answer.header(header), value, "{name}: {header}");
        }
        assert!(
            answer.header("permissions-policy").contains("camera=()"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn the_script_of_the_frame_is_told_what_the_configuration_says() {
    let world = world().await;
    let told = async |name: &str| settings(&open(&world, &format!("/hosts/{name}")).await.body);
    assert_eq!(
        told("force").await,
        json!({
            "name": "force", "kind": "salesforce", "system": "salesforce", "region": "DE",
            "origins": ["https://acme--c.vf.force.com", "https://acme.lightning.force.com"],
            "entities": {"Contact": {
                "number": ["MobilePhone", "Phone"],
                "payload": {"name": "Name", "plan": "Plan__c"},
            }},
        })
    );
    assert_eq!(
        told("hub").await,
        json!({
            "name": "hub", "kind": "hubspot", "system": "hubspot", "region": "AT",
            "origins": ["https://app.hubspot.com"], "provider": "babelforce", "signIn": "babelforce",
        })
    );
    assert_eq!(told("zen").await["system"], "zendesk-acme");
    assert_eq!(told("own").await.get("system"), None);
    // Agents of babelforce have a desk, those of Samespace do not: the frame then loads the smaller panel at once.
    assert_eq!(told("dock").await["dialler"], true);
    assert_eq!(told("hub").await.get("dialler"), None);
}

#[tokio::test]
async fn no_name_in_a_mapping_ends_the_settings_or_begins_markup() {
    let evil = "</script><script>alert(1)</script><!-- & \u{2028} \\\" '";
    let entities = json!({ evil: { "number": [evil], "payload": { "name": evil } } });
    // As JSON writes it, TOML reads it.
    let quoted = json!(evil).to_string();
    let host = format!(
        "\n[[host]]\nname = \"evil\"\nkind = \"page\"\norigins = [\"https://erp.acme.example\"]\nsystem = {quoted}\n[host.entities.{quoted}]\nnumber = [{quoted}]\npayload = {{ name = {quoted} }}\n"
    );
    let world = World::with(|config| config + &host).await;
    let page = open(&world, "/hosts/evil").await.body;
    assert_eq!(page.matches("<script").count(), 2, "{page}");
    assert!(!page.contains("<!--"), "{page}");
    let told = settings(&page);
    assert_eq!(told["entities"], entities);
    assert_eq!(told["system"], evil);
}

#[tokio::test]
async fn what_a_crm_adds_to_the_address_is_allowed_and_not_shown() {
    let world = world().await;
    let plain = open(&world, "/hosts/cti").await;
    let asked = "/hosts/cti?mode=Lightning&isdtp=vw&sfdcIframeOrigin=https%3A%2F%2Fevil.example";
    let answer = open(&world, asked).await;
    assert_eq!((answer.status, &answer.body), (200, &plain.body));
    assert_eq!(
        answer.header("content-security-policy"),
        plain.header("content-security-policy")
    );
    let zendesk = "/hosts/zen?origin=https%3A%2F%2Facme.zendesk.com&app_guid=1%22%3E%3Cscript%3E";
    let answer = open(&world, zendesk).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.body.contains("app_guid"), "{}", answer.body);
}

#[tokio::test]
async fn a_name_that_nobody_has_is_a_page_that_nobody_frames() {
    let world = world().await;
    for path in [
        "/hosts/nobody",
        "/hosts/nobody/signed-in",
        "/hosts/Force",
        "/hosts/%3Cscript%3E",
    ] {
        let answer = open(&world, path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(directive(&answer, "frame-ancestors"), "'none'", "{path}");
        assert_eq!(directive(&answer, "default-src"), "'none'", "{path}");
        assert!(!answer.body.contains("<script"), "{}", answer.body);
        let program = world.ask(Method::GET, path).send().await;
        program.is_problem("not_found");
    }
    let written = world.ask(Method::POST, "/hosts/force").send().await;
    written.is_problem("method_not_allowed");
}

#[tokio::test]
async fn the_page_speaks_the_language_of_the_browser() {
    let world = world().await;
    let answer = world
        .ask(Method::GET, "/hosts/own")
        .header("Accept-Language", "de-AT,de;q=0.9,en;q=0.8")
        .send()
        .await;
    assert!(
        answer.body.contains("<html lang=\"de\">"),
        "{}",
        answer.body
    );
    assert!(
        answer.header("vary").contains("accept-language"),
        "{}",
        answer.header("vary")
    );
}

/// Whether an agent's request from a page of this origin is let through to the question who it is.
async fn is_let_in(world: &World, origin: &str) -> bool {
    let ask = world.ask(Method::POST, "/v1/sessions");
    let answer = ask
        .header("Origin", origin)
        .json(&json!({ "assertion": "none" }))
        .send()
        .await;
    let preflight = world.ask(Method::OPTIONS, "/v1/calls");
    let preflight = preflight
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "POST")
        .send()
        .await;
    let allowed = answer.json["code"] != "origin_not_allowed";
    assert_eq!(preflight.status == 204, allowed, "{origin}");
    assert_eq!(
        answer.header("access-control-allow-origin") == origin,
        allowed,
        "{origin}"
    );
    allowed
}

#[tokio::test]
async fn frames_and_pages_with_call_buttons_may_ask_for_agents_and_other_pages_may_not() {
    let world = world().await;
    for origin in [
        crate::support::AUDIENCE,
        "https://acme.lightning.force.com",
        "https://acme--c.vf.force.com",
        "https://erp.acme.example",
        "http://localhost:4102",
    ] {
        assert!(is_let_in(&world, origin).await, "{origin}");
    }
    for origin in [
        // Only the frame asks there.
        "https://app.hubspot.com",
        "https://acme.zendesk.com",
        "https://evil.example",
        "https://acme.lightning.force.com.evil.example",
        "null",
    ] {
        assert!(!is_let_in(&world, origin).await, "{origin}");
    }
    // A host's page is no visitor's.
    let config = world
        .ask(Method::GET, "/v1/config")
        .header("Patchcord-Key", "pk_demo");
    config
        .header("Origin", "https://erp.acme.example")
        .send()
        .await
        .is_problem("origin_not_allowed");
    let own = world
        .ask(Method::GET, "/v1/config")
        .header("Patchcord-Key", "pk_demo");
    assert_eq!(own.header("Origin", SITE).send().await.status, 200);
}

#[tokio::test]
async fn without_hosts_the_relays_own_origin_is_none_of_the_agents() {
    let world = World::new().await;
    assert!(!is_let_in(&world, crate::support::AUDIENCE).await);
}

#[tokio::test]
async fn the_relays_public_origin_is_the_audience_unless_it_is_written_down() {
    let public = "public_origin = \"https://calls.acme.example\"\nregion =";
    let world = World::with(|config| config.replacen("region =", public, 1) + HOSTS_WITHOUT).await;
    assert!(is_let_in(&world, "https://calls.acme.example").await);
    assert!(!is_let_in(&world, crate::support::AUDIENCE).await);
}

/// A host that needs no account with sign-in.
const HOSTS_WITHOUT: &str =
    "\n[[host]]\nname = \"own\"\nkind = \"page\"\norigins = [\"https://erp.acme.example\"]\n";

/// Where the window of the host `hub` goes back to.
fn back() -> String {
    format!("{}/hosts/hub/signed-in", crate::support::AUDIENCE)
}

async fn begin(world: &World, account: &str, back: &str) -> Answer {
    let query = [("account", account), ("return", back)];
    let url = reqwest::Url::parse_with_params(&world.relay.url, query).unwrap();
    let path = format!("/v1/sign-in?{}", url.query().unwrap());
    world.ask(Method::GET, &path).send().await
}

#[tokio::test]
async fn an_agent_signs_in_for_a_frame_and_the_frame_gets_their_session() {
    let agent = "\n[[agent]]\norg = \"bf\"\nsub = \"2c3d4e5f60718293a4b5c6d7e8f90a1b\"\nidentities = [{ account = \"babelforce\", agent = \"0a1b2c3d4e5f60718293a4b5c6d7e8f9\" }]\n";
    let world = World::with(|config| crate::panel::with_agent_api(&config) + HOSTS + agent).await;
    let url = reqwest::Url::parse_with_params(
        "http://127.0.0.1:4100/v1/sign-in",
        [("account", "babelforce"), ("return", &back())],
    );
    let done = crate::panel::sign_in_at(&world, url.unwrap().as_str(), "relay@acme.example").await;
    assert_eq!(done.status, 302, "{}", done.body);
    let (page, code) = done
        .header("location")
        .split_once("#patchcord_code=")
        .unwrap();
    assert_eq!(page, back());

    let window = open(&world, "/hosts/hub/signed-in").await;
    assert_eq!(window.status, 200);
    assert_eq!(directive(&window, "script-src"), "'self'");
    assert_eq!(directive(&window, "default-src"), "'none'");
    assert_eq!(directive(&window, "frame-ancestors"), "'none'");
    assert_eq!(window.header("cross-origin-opener-policy"), "");
    assert!(
        window
            .body
            .contains("<script type=\"module\" src=\"/patchcord-signed-in.js\"></script>"),
        "{}",
        window.body
    );

    let exchange = async |origin: &str| {
        let ask = world.ask(Method::POST, "/v1/sessions");
        let ask = ask.header("Origin", origin);
        ask.json(&json!({ "code": code })).send().await
    };
    exchange("https://app.hubspot.com")
        .await
        .is_problem("origin_not_allowed");
    let opened = exchange(crate::support::AUDIENCE).await;
    assert_eq!(opened.status, 200, "{}", opened.body);
    assert_eq!(opened.json["agent"]["org"], "bf");
}

#[tokio::test]
async fn a_window_goes_back_to_the_page_of_a_host_whose_agents_sign_in_there_and_to_no_other() {
    let world = world().await;
    let relay = crate::support::AUDIENCE;
    assert_eq!(begin(&world, "babelforce", &back()).await.status, 302);
    for page in [
        // No `sign_in`.
        format!("{relay}/hosts/force/signed-in"),
        format!("{relay}/hosts/nobody/signed-in"),
        format!("{relay}/hosts/hub"),
        format!("{relay}/hosts/hub/signed-in?x=1"),
        format!("{relay}/hosts/hub/signed-in#x"),
        format!("{relay}/admin"),
        format!("{relay}/"),
        "https://app.hubspot.com/hosts/hub/signed-in".to_owned(),
    ] {
        begin(&world, "babelforce", &page)
            .await
            .is_problem("origin_not_allowed")
            .about("return");
    }
}
