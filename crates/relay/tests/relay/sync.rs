//! Agent synchronization: the plan is shown, and what was shown is applied, by the page and by the command.

use reqwest::Method;
use serde_json::{Value, json};

use crate::agents::{give, with_file};
use crate::browser::{ACCEPT, Browser, ORIGIN, TOKEN, world};
use crate::people::answers;
use crate::support::{Answer, NUMBER, World, assertion};

const PAGE: &str = "/admin/agents/sync";
const SAM: &str = "1b2c3d4e5f60718293a4b5c6d7e8f90a";
const KIM: &str = "3d4e5f60718293a4b5c6d7e8f90a1b2c";
/// Sam by the CRM's id, Kim by their address, Nora by nothing.
const USERS: &str = "id,email,phone,name,active\n005SAM,,,Sam Sommer,true\n005KIM,KIM@acme.example,,Kim Kramer,\n005NORA,nora@acme.example,garbage,Nora,yes\n";

/// A form with a file, as a browser sends it.
async fn send(browser: &Browser<'_>, world: &World, fields: &[(&str, &str)]) -> Answer {
    const EDGE: &str = "----edge-of-the-test";
    let word = browser.word().await;
    let mut body = String::new();
    for (name, value) in fields.iter().chain([&("word", word.as_str())]) {
        let file = if *name == "file" {
            "; filename=\"users.csv\"\r\nContent-Type: text/csv"
        } else {
            ""
        };
        body.push_str(&format!(
            "--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str(&format!("--{EDGE}--\r\n"));
    world
        .ask(Method::POST, PAGE)
        .header("Accept", ACCEPT)
        .header("Origin", ORIGIN)
        .header("Cookie", &browser.cookie)
        .text(&format!("multipart/form-data; boundary={EDGE}"), body)
        .send()
        .await
}

fn hidden(page: &str, name: &str) -> String {
    let start = format!(r#"name="{name}" value=""#);
    let (_, rest) = page
        .split_once(&start)
        .unwrap_or_else(|| panic!("{name}: {page}"));
    let value = rest.split('"').next().unwrap();
    value.replace("&quot;", "\"").replace("&amp;", "&")
}

/// Shows a plan, and gives the fields that confirm it.
async fn shown(
    browser: &Browser<'_>,
    world: &World,
    users: &str,
) -> (String, Vec<(&'static str, String)>) {
    let fields = [
        ("account", "babelforce"),
        ("org", "crm"),
        ("system", ""),
        ("file", users),
    ];
    let page = send(browser, world, &fields).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let names = ["account", "org", "system", "users", "plan"];
    let confirm = names.map(|name| (name, hidden(&page.body, name)));
    (page.body, confirm.to_vec())
}

async fn apply(browser: &Browser<'_>, world: &World, confirm: &[(&'static str, String)]) -> Answer {
    let fields: Vec<_> = confirm
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    send(browser, world, &fields).await
}

async fn mapped(world: &World) -> Vec<(String, String, String)> {
    let lines = world.relay.shared().store.mappings().await.unwrap();
    lines
        .into_iter()
        .map(|line| (line.sub, line.agent, line.source))
        .collect()
}

fn line(sub: &str, agent: &str) -> (String, String, String) {
    (
        sub.to_owned(),
        agent.to_owned(),
        "sync:babelforce".to_owned(),
    )
}

async fn opens(world: &World, sub: &str) -> Value {
    world.open_session(&assertion(sub)).await.json
}

#[tokio::test]
async fn the_page_shows_the_plan_and_applies_what_was_shown_once() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    assert!(browser.get(PAGE).await.body.contains("Show the plan"));
    let (page, confirm) = shown(&browser, &world, USERS).await;
    for text in [
        "sourceId",
        "e-mail address",
        "Users without an agent",
        "005NORA",
        "Agents without a user",
        "Alex Adler",
        "line 4: a number of `005NORA`",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(mapped(&world).await.is_empty(), "showing changes nothing");

    let done = apply(&browser, &world, &confirm).await;
    assert_eq!(
        done.header("location"),
        format!("{PAGE}?done=2-0"),
        "{}",
        done.body
    );
    assert_eq!(
        mapped(&world).await,
        [line("005KIM", KIM), line("005SAM", SAM)]
    );
    let said = browser.get(done.header("location")).await.body;
    assert!(said.contains("Mapped by this now: 2"), "{said}");
    let audit = browser.audit().await;
    assert!(
        audit.contains("agents synchronised") && audit.contains("sync:babelforce"),
        "{audit}"
    );

    // A second time there is nothing to do, and the old plan is not the plan any more.
    let again = apply(&browser, &world, &confirm).await;
    assert!(again.body.contains("is not what it was"), "{}", again.body);
    assert!(again.body.contains("There is nothing to change"));
    assert_eq!(mapped(&world).await.len(), 2);
}

#[tokio::test]
async fn who_leaves_loses_the_session_at_once_and_who_stays_keeps_it() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let users = "id,email\n005KIM,kim@acme.example\n005SAM2,sam@acme.example\n";
    let confirmed = async |users: &str| {
        let fields = [
            ("account", "babelforce"),
            ("org", "acme"),
            ("system", "zendesk"),
            ("users", users),
        ];
        let page = send(&browser, &world, &fields).await.body;
        let names = ["account", "org", "system", "users", "plan"];
        let confirm = names.map(|name| (name, hidden(&page, name)));
        (page, apply(&browser, &world, &confirm).await)
    };
    let (_, done) = confirmed(users).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let (kim, sam) = (
        opens(&world, "005KIM").await,
        opens(&world, "005SAM2").await,
    );
    let session = |opened: &Value| opened["session"].as_str().unwrap().to_owned();
    let (kim, sam) = (session(&kim), session(&sam));

    let left = "id,email,active\n005KIM,kim@acme.example,false\n005SAM2,sam@acme.example,true\n";
    let (page, done) = confirmed(left).await;
    assert!(page.contains("not active any more"), "{page}");
    assert_eq!(done.header("location"), format!("{PAGE}?done=1-1"));
    let body = json!({ "number": NUMBER, "provider": "babelforce" });
    world
        .dial(&kim, &body)
        .send()
        .await
        .is_problem("session_expired");
    world
        .dial(&sam, &body)
        .send()
        .await
        .is_outcome("accepted", None);
    assert_eq!(opens(&world, "005KIM").await["code"], "agent_unknown");
}

#[tokio::test]
async fn a_plan_that_was_overtaken_is_shown_again_and_changes_nothing() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let (_, confirm) = shown(&browser, &world, USERS).await;
    let other = answers(
        200,
        &json!({"items": [
            {"id": SAM, "name": "Sam Sommer", "sourceId": "005SAM"},
            {"id": KIM, "name": "Kim Kramer", "email": "kim@acme.example"},
            {"id": "4e4d5f60718293a4b5c6d7e8f90a1b2c", "name": "Kim again", "email": "Kim@acme.example"},
        ]}),
    );
    world.fault("/api/v2/agents", other).await;
    let again = apply(&browser, &world, &confirm).await;
    assert!(again.body.contains("is not what it was"), "{}", again.body);
    assert!(
        again.body.contains("Ambiguous") && again.body.contains("Kim again"),
        "both are shown"
    );
    assert!(mapped(&world).await.is_empty());
    let names = ["account", "org", "system", "users", "plan"];
    let confirm = names.map(|name| (name, hidden(&again.body, name)));
    assert_eq!(apply(&browser, &world, &confirm).await.status, 303);
    assert_eq!(
        mapped(&world).await,
        [line("005SAM", SAM)],
        "who is ambiguous is not guessed"
    );
}

#[tokio::test]
async fn a_bad_file_and_a_platform_that_does_not_tell_change_nothing_and_are_said() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let ask = async |users: &str| {
        let fields = [
            ("account", "babelforce"),
            ("org", "crm"),
            ("system", ""),
            ("users", users),
        ];
        send(&browser, &world, &fields).await.body
    };
    let bad = ask("id,active\n1,perhaps\n,true\n1,true\n").await;
    for text in [
        "line 2: `active`",
        "line 3: `id` is empty",
        "line 4: the id `1` is in line 2 already",
    ] {
        assert!(bad.contains(text), "{text}: {bad}");
    }
    assert!(bad.contains("1,perhaps"), "what was typed is still there");
    let no = answers(403, &json!({"message": "no right to list agents"}));
    world.fault("/api/v2/agents", no).await;
    let page = ask("id\n1\n").await;
    assert!(
        page.contains("no right to list agents (provider_forbidden)"),
        "{page}"
    );
    // A list that never ends is no list of everybody.
    let endless = answers(
        200,
        &json!({"items": [], "pagination": {"pages": 1_000_000}}),
    );
    world.fault("/api/v2/agents", endless).await;
    let page = ask("id\n1\n").await;
    assert!(page.contains("never ends"), "{page}");
    world.faults(json!([])).await;
    assert!(mapped(&world).await.is_empty());

    let fields = [
        ("account", "samespace"),
        ("org", "crm"),
        ("users", "id\n1\n"),
    ];
    assert_eq!(send(&browser, &world, &fields).await.status, 422);
    let elsewhere = world
        .ask(Method::POST, PAGE)
        .header("Accept", ACCEPT)
        .header("Origin", "https://evil.example")
        .header("Cookie", &browser.cookie)
        .text("multipart/form-data; boundary=x", "--x--\r\n");
    assert_eq!(elsewhere.send().await.status, 403);
    let plain = browser
        .form(PAGE, &[("account", "babelforce")])
        .header("Origin", ORIGIN);
    assert_eq!(plain.send().await.status, 415);
}

#[tokio::test]
async fn the_command_shows_and_applies_the_same_plan() {
    let world = with_file().await;
    let file = world.folder.path().join("users.json");
    let users = json!({"totalResults": 2, "Resources": [
        {"id": "005SAM", "userName": "sam@acme.example", "active": true},
        {"id": "005KIM", "emails": [{"value": "kim@acme.example"}], "displayName": "Kim"},
    ]});
    std::fs::write(&file, users.to_string()).unwrap();
    let words = |more: &[&'static str]| {
        let fixed = [
            "agents",
            "sync",
            "--account",
            "babelforce",
            "--org",
            "crm",
            "--users",
        ];
        let mut words: Vec<String> = fixed.map(str::to_owned).to_vec();
        words.push(file.to_str().unwrap().to_owned());
        words.extend(more.iter().map(|&word| word.to_owned()));
        words
    };
    let run = async |words: Vec<String>| {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        give(&world, &words).await
    };
    let (done, text) = run(words(&[])).await;
    assert!(
        done && text.contains("new (2):") && text.contains("nothing was changed"),
        "{text}"
    );
    assert!(mapped(&world).await.is_empty());
    let (_, plan) = text.rsplit_once("--apply ").unwrap();

    let (done, text) = run(words(&["--apply"])).await;
    assert!(!done && text.contains("nobody can be asked here"), "{text}");
    let (done, text) = run(words(&["--apply", "0123"])).await;
    assert!(!done && text.contains("not the plan above"), "{text}");
    assert!(mapped(&world).await.is_empty());
    let mut apply = words(&["--apply"]);
    // What is logged comes after it.
    apply.push(plan.lines().next().unwrap().to_owned());
    let (done, text) = run(apply).await;
    assert!(
        done && text.contains("applied: 2 mapped by this now"),
        "{text}"
    );
    assert_eq!(
        mapped(&world).await,
        [line("005KIM", KIM), line("005SAM", SAM)]
    );
    let (_, list) = give(&world, &["agents", "list"]).await;
    assert!(
        list.contains(&format!("crm  005SAM  babelforce={SAM}")),
        "{list}"
    );

    std::fs::write(&file, "id,colour\n1,red\n").unwrap();
    let (done, text) = run(words(&[])).await;
    assert!(
        !done && text.contains("line 1: the column `colour`"),
        "{text}"
    );
}
