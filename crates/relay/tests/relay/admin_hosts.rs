//! Setting a CRM up on the admin pages: made, changed, refused, tried, removed, and one test call.

use std::net::SocketAddr;
use std::path::Path;

use patchcord_sandbox::Sandbox;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::browser::{Browser, ORIGIN, TOKEN, with_admin};
use crate::hosts::HOSTS;
use crate::support::{Ask, NUMBER, Running, SERVER, World, config, eventually, on_its_database};

/// A world with admin pages and, in the configuration, a host of each kind.
async fn world() -> World {
    World::with(|config| with_admin(crate::panel::with_agent_api(&config)) + HOSTS).await
}

/// A form that is right.
const FORM: [(&str, &str); 7] = [
    ("kind", "salesforce"),
    ("name", "beta"),
    ("origins", "https://beta.lightning.force.com"),
    ("type.0", "Contact"),
    ("number.0", "MobilePhone, Phone"),
    ("payload.0", "name = Name\nplan = Plan__c"),
    ("do", "save"),
];

/// The form with some of its fields otherwise.
fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<(&str, &str)> = FORM.to_vec();
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields
}

async fn frame(world: &World, name: &str) -> crate::support::Answer {
    world
        .ask(Method::GET, &format!("/hosts/{name}"))
        .send()
        .await
}

#[tokio::test]
async fn a_host_that_is_made_here_is_served_at_once_and_after_a_restart() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    assert_eq!(frame(&world, "beta").await.status, 404);
    let made = browser.post("/admin/hosts", &FORM).await;
    assert_eq!(
        (made.status, made.header("location")),
        (303, "/admin/hosts/beta")
    );
    let page = frame(&world, "beta").await;
    assert_eq!(page.status, 200);
    assert!(
        page.header("content-security-policy")
            .ends_with("frame-ancestors https://beta.lightning.force.com")
    );
    assert!(
        page.body
            .contains(r#""payload":{"name":"Name","plan":"Plan__c"}"#)
    );
    // Its pages may have call buttons.
    let preflight = async |world: &World| {
        let ask = world.ask(Method::OPTIONS, "/v1/calls");
        ask.header("Origin", "https://beta.lightning.force.com")
            .header("Access-Control-Request-Method", "POST")
            .send()
            .await
            .status
    };
    assert_eq!(preflight(&world).await, 204);
    let list = browser.get("/admin/hosts").await.body;
    assert!(
        list.contains(">beta</a>") && list.contains("dana, "),
        "{list}"
    );
    assert!(browser.audit().await.contains("host made"));

    let world = world.restart().await;
    assert_eq!(frame(&world, "beta").await.status, 200);
    let browser = Browser::signed_in(&world, TOKEN).await;
    let asked = browser.get("/admin/hosts/beta/remove").await;
    assert!(asked.body.contains("Remove beta?"));
    let removed = browser.post("/admin/hosts/beta/remove", &[]).await;
    assert_eq!(removed.header("location"), "/admin/hosts");
    assert_eq!(frame(&world, "beta").await.status, 404);
    assert_eq!(preflight(&world).await, 403);
    assert!(browser.audit().await.contains("host removed"));
}

#[tokio::test]
async fn what_is_wrong_in_the_form_is_said_at_its_field_and_nothing_is_kept() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    for (changes, field, words) in [
        (
            vec![("name", "Beta!")],
            "name",
            "cannot stand in an address",
        ),
        (vec![("name", "force")], "name", "already"),
        (vec![("origins", "")], "origins", "nobody could frame it"),
        (
            vec![("origins", "https://beta.example/path")],
            "origins",
            "is no origin",
        ),
        (
            vec![("origins", "http://beta.example")],
            "origins",
            "no https:// origin",
        ),
        (vec![("kind", "hubspot")], "sign_in", "cannot say who"),
        (vec![("sign_in", "samespace")], "sign_in", "there is no"),
        (vec![("provider", "skype")], "provider", "there is no"),
        (vec![("region", "XX")], "region", "is no country"),
        (vec![("payload.0", "name")], "payload.0", "has no ="),
        (vec![("payload.0", "name =")], "payload.0", "is empty"),
        (
            vec![("type.1", "Contact"), ("number.1", "Phone")],
            "type.1",
            "twice",
        ),
        (
            vec![("number.0", ""), ("payload.0", "")],
            "type.0",
            "neither which field",
        ),
    ] {
        let answer = browser.post("/admin/hosts", &with(&changes)).await;
        assert_eq!(answer.status, 422, "{changes:?}");
        assert!(answer.body.contains("role=\"alert\""), "{changes:?}");
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
        let marked = format!("aria-describedby=\"{field}-hint\" aria-invalid=\"true\"");
        assert!(answer.body.contains(&marked), "{field}: {}", answer.body);
        // What was written is still there.
        assert!(answer.body.contains("value=\"Contact\""), "{changes:?}");
        assert_eq!(frame(&world, "beta").await.status, 404, "{changes:?}");
    }
    let unknown = browser
        .post("/admin/hosts", &with(&[("kind", "siebel")]))
        .await;
    assert_eq!(unknown.status, 422);
}

#[tokio::test]
async fn a_host_is_changed_by_whoever_has_seen_it_as_it_is() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    browser.post("/admin/hosts", &FORM).await;
    let form = browser.get("/admin/hosts/beta/edit").await.body;
    assert!(form.contains("name=\"version\" value=\"1\""), "{form}");
    assert!(form.contains("plan = Plan__c"), "{form}");
    let changed = with(&[("version", "1"), ("origins", "https://gamma.example")]);
    let answer = browser.post("/admin/hosts/beta/edit", &changed).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let served = async || {
        frame(&world, "beta")
            .await
            .header("content-security-policy")
            .to_owned()
    };
    assert!(
        served()
            .await
            .ends_with("frame-ancestors https://gamma.example")
    );
    let late = with(&[("version", "1"), ("origins", "https://delta.example")]);
    let answer = browser.post("/admin/hosts/beta/edit", &late).await;
    assert_eq!(answer.status, 422);
    assert!(
        answer.body.contains("somebody else has changed"),
        "{}",
        answer.body
    );
    assert!(
        served()
            .await
            .ends_with("frame-ancestors https://gamma.example")
    );
    assert!(browser.audit().await.contains("host changed"));
}

#[tokio::test]
async fn hosts_of_the_configuration_are_shown_and_not_changed() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let page = browser.get("/admin/hosts/force").await.body;
    assert!(page.contains("From the configuration"), "{page}");
    assert!(!page.contains("/admin/hosts/force/edit"));
    for path in ["/admin/hosts/force/edit", "/admin/hosts/force/remove"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
    let changed = browser
        .post("/admin/hosts/force/edit", &with(&[("version", "1")]))
        .await;
    assert_eq!(changed.status, 404);
    browser.post("/admin/hosts/force/remove", &[]).await;
    assert_eq!(frame(&world, "force").await.status, 200);
}

#[tokio::test]
async fn a_host_that_does_not_fit_the_configuration_any_more_is_not_served_and_said_to_be() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let hubspot = with(&[("kind", "hubspot"), ("sign_in", "babelforce")]);
    assert_eq!(browser.post("/admin/hosts", &hubspot).await.status, 303);
    let without = |config: String| {
        let lines = config.lines();
        let lines: Vec<_> = lines
            .filter(|line| !line.starts_with("sign_in = {") && !line.starts_with("agent_api = "))
            .collect();
        let config = lines.join("\n") + "\n";
        config.replace(HOSTS, "\n[[host]]\nname = \"own\"\nkind = \"page\"\norigins = [\"https://erp.acme.example\"]\n")
    };
    let world = world.restart_with(without).await;
    assert_eq!(frame(&world, "beta").await.status, 404);
    assert_eq!(frame(&world, "own").await.status, 200);
    let browser = Browser::signed_in(&world, TOKEN).await;
    let list = browser.get("/admin/hosts").await.body;
    assert!(
        list.contains("Not served") && list.contains("no account has `sign_in`"),
        "{list}"
    );
    browser.post("/admin/hosts/beta/remove", &[]).await;
    assert!(
        !browser
            .get("/admin/hosts")
            .await
            .body
            .contains("Not served")
    );
}

#[tokio::test]
async fn a_mapping_is_tried_with_a_record_before_it_is_kept() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let sample =
        r#"{"Phone": "+49 30 123", "MobilePhone": " ", "Plan__c": {"tiers": [1, "gold"]}}"#;
    let tried = with(&[
        ("do", "preview"),
        ("sample_type", "Contact"),
        ("sample", sample),
    ]);
    let answer = browser.post("/admin/hosts", &tried).await;
    assert_eq!(answer.status, 200);
    let (_, result) = answer.body.split_once("What becomes of it").unwrap();
    assert!(result.contains("+49 30 123"), "{result}");
    assert!(result.contains("&quot;gold&quot;"), "{result}");
    assert!(
        result.contains("Not in this record") && result.contains("Name"),
        "{result}"
    );
    assert_eq!(frame(&world, "beta").await.status, 404, "nothing was kept");
    for (kind, fields, field) in [("Case", "{}", "sample_type"), ("Contact", "[1]", "sample")] {
        let tried = with(&[("do", "preview"), ("sample_type", kind), ("sample", fields)]);
        let answer = browser.post("/admin/hosts", &tried).await;
        assert_eq!(answer.status, 422);
        let marked = format!("aria-describedby=\"{field}-hint\" aria-invalid=\"true\"");
        assert!(answer.body.contains(&marked), "{field}: {}", answer.body);
    }
    let more = browser
        .post("/admin/hosts", &with(&[("do", "add")]))
        .await
        .body;
    assert!(more.contains("name=\"type.1\""), "{more}");
}

#[tokio::test]
async fn what_to_paste_names_this_relay_and_this_host() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let frame = |name: &str| format!("{}/hosts/{name}", crate::support::AUDIENCE);
    for (name, values) in [
        ("force", vec![crate::support::AUDIENCE.to_owned(), "&quot;plan&quot;:&quot;Plan__c&quot;".to_owned(), "https://crm.acme.example".to_owned()]),
        ("cti", vec![
            "name=&quot;reqInternalName&quot; label=&quot;Internal Name&quot;&gt;Patchcordcti&lt;".to_owned(),
            format!("name=&quot;reqAdapterUrl&quot; label=&quot;CTI Adapter URL&quot;&gt;{}&lt;", frame("cti")),
            "&gt;Lightning&lt;".to_owned(),
        ]),
        ("voice", vec![format!("&lt;customLoginUrl&gt;{}?sign-in&lt;", frame("voice"))]),
        ("hub", vec![format!("&quot;url&quot;: &quot;{}&quot;", frame("hub")), "&quot;isReady&quot;: false".to_owned(), "/crm/v3/extensions/calling/".to_owned()]),
        ("zen", vec![crate::support::AUDIENCE.to_owned(), ">zen</code>".to_owned()]),
        ("own", vec![format!("import {{ mount }} from &quot;{}/patchcord-frame.js&quot;", crate::support::AUDIENCE), "host: &quot;own&quot;".to_owned()]),
    ] {
        let page = browser.get(&format!("/admin/hosts/{name}")).await.body;
        let (_, page) = page.split_once("id=\"paste\"").unwrap();
        let (page, _) = page.split_once("id=\"people\"").unwrap();
        for value in values {
            assert!(page.contains(&value), "{name}: {value}: {page}");
        }
        assert_eq!(page.contains("[[issuer]]"), ["force", "cti", "own"].contains(&name), "{name}");
    }
}

#[tokio::test]
async fn who_can_come_in_by_a_host_is_shown_and_who_is_mapped_to_nobody() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let page = browser.get("/admin/hosts/force").await.body;
    let (_, people) = page.split_once("id=\"people\"").unwrap();
    let (people, _) = people.split_once("id=\"call\"").unwrap();
    assert!(
        people.contains("Alex Adler") && people.contains("005SAM"),
        "{people}"
    );
    assert!(people.contains("no: agent ambiguous"), "{people}");
    // Signs in at babelforce, where nobody of its organisation is mapped.
    let page = browser.get("/admin/hosts/hub").await.body;
    assert!(page.contains("Nobody is mapped"), "{page}");
    let unmapped = browser.get("/admin/hosts/force/unmapped").await;
    assert_eq!(unmapped.status, 200);
    assert!(
        unmapped.body.contains("samespace does not list its agents"),
        "{}",
        unmapped.body
    );
    assert!(
        !unmapped.body.contains(crate::panel::ALEX),
        "{}",
        unmapped.body
    );
}

#[tokio::test]
async fn a_test_call_goes_out_once_as_the_agent_and_the_audit_log_says_who_asked() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let alex = json!(["acme", "005ALEX"]).to_string();
    let asked = [
        ("key", "test-call-0123456789"),
        ("agent", &alex),
        ("number", "+49 30 1234-5678"),
    ];
    let answer = browser.post("/admin/hosts/force/call", &asked).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.body.contains("state good\">accepted"),
        "{}",
        answer.body
    );
    let again = browser.post("/admin/hosts/force/call", &asked).await;
    assert!(
        again.body.contains("state good\">accepted"),
        "{}",
        again.body
    );
    let dials = world.dials().await;
    assert_eq!(dials.len(), 1, "{dials:?}");
    let audit = browser.audit().await;
    assert!(
        audit.contains("test call asked") && audit.contains("admin dana"),
        "{audit}"
    );
    assert!(!audit.contains(NUMBER.trim_start_matches('+')), "{audit}");

    // The same key for somebody else.
    let other = [
        ("key", "test-call-0123456789"),
        ("agent", &alex),
        ("number", "+4930999999"),
    ];
    let answer = browser.post("/admin/hosts/force/call", &other).await;
    assert!(
        answer.body.contains("state bad\">refused"),
        "{}",
        answer.body
    );
    assert_eq!(world.dials().await.len(), 1);
}

#[tokio::test]
async fn what_became_of_a_test_call_is_said_plainly() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let alex = json!(["acme", "005ALEX"]).to_string();
    let mut nth = 0;
    let mut call = async |agent: &str, number: &str| {
        nth += 1;
        let key = format!("test-call-0123456789-{nth}");
        let asked = [("key", key.as_str()), ("agent", agent), ("number", number)];
        browser.post("/admin/hosts/force/call", &asked).await.body
    };
    let premium = call(&alex, "+49 900 1234567").await;
    assert!(premium.contains("state bad\">refused"), "{premium}");
    let no_number = call(&alex, "tomorrow").await;
    assert!(no_number.contains("invalid_number"), "{no_number}");
    let nobody = call(r#"["acme","005NOBODY"]"#, NUMBER).await;
    assert!(nobody.contains("agent_unknown"), "{nobody}");
    let twice = call(r#"["acme","005TWICE"]"#, NUMBER).await;
    assert!(twice.contains("agent_ambiguous"), "{twice}");
    assert_eq!(world.dials().await.len(), 0);
    world.fault("/apiv1/make_call", json!("garbage")).await;
    let unknown = call(&alex, NUMBER).await;
    assert!(unknown.contains("state doubt\">unknown"), "{unknown}");
    assert!(unknown.contains("before you try again"), "{unknown}");
}

#[tokio::test]
async fn nothing_here_is_done_for_a_stranger_or_another_site() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let word = browser.word().await;
    let mut fields = FORM.to_vec();
    fields.push(("word", &word));
    let paths = [
        "/admin/hosts",
        "/admin/hosts/force/call",
        "/admin/hosts/force/edit",
        "/admin/hosts/force/remove",
    ];
    for path in paths {
        let elsewhere = browser
            .form(path, &fields)
            .header("Origin", "https://evil.example");
        assert_eq!(elsewhere.send().await.status, 403, "{path}");
        let no_word = browser.form(path, &FORM).header("Origin", ORIGIN);
        assert_eq!(no_word.send().await.status, 401, "{path}");
        let stranger = crate::browser::form(&world, path, &fields).header("Origin", ORIGIN);
        assert_eq!(stranger.send().await.status, 303, "{path}");
    }
    for path in [
        "/admin/hosts",
        "/admin/new-host?kind=page",
        "/admin/hosts/force",
    ] {
        let stranger = world.ask(Method::GET, path).send().await;
        assert_eq!(stranger.status, 303, "{path}");
    }
    assert_eq!(frame(&world, "beta").await.status, 404);
    assert_eq!(world.dials().await.len(), 0);
}

#[tokio::test]
async fn a_host_that_is_made_at_one_relay_is_served_by_the_others() {
    if std::env::var(SERVER).is_err() {
        // An SQLite file is one relay's.
        return;
    }
    let sandbox = Sandbox::start(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .unwrap();
    let config = with_admin(crate::panel::with_agent_api(&config(&sandbox.url())));
    let config = on_its_database(&config).await;
    let other = Running::start(&config, Path::new(".")).await;
    let world = World::of(sandbox, TempDir::new().unwrap(), config).await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    assert_eq!(browser.post("/admin/hosts", &FORM).await.status, 303);
    let seen = async |status: u16| {
        eventually(async || {
            let ask = Ask::new(Method::GET, format!("{}/hosts/beta", other.url));
            (ask.send().await.status == status).then_some(())
        })
        .await;
    };
    seen(200).await;
    browser.post("/admin/hosts/beta/remove", &[]).await;
    seen(404).await;
    other.stop().await;
}
