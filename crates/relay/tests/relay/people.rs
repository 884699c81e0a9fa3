//! What a platform says about its agents, as administrators see and change it; and messages to agents.

use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Browser, TOKEN, world};
use crate::support::{NUMBER, World};

const ALEX: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
const AGENTS: &str = "/admin/accounts/babelforce/agents";
const PUSH: &str = "/api/v2/agents/push";

/// A reply of the platform instead of its own.
pub fn answers(status: u16, body: &Value) -> Value {
    json!({"status": {"code": status, "body": body.to_string()}})
}

fn page_of(agent: &str) -> String {
    format!("{AGENTS}/{agent}")
}

async fn state(world: &World) -> Value {
    let url = format!("{}/_sandbox/state", world.sandbox.url());
    let state = crate::support::Ask::new(Method::GET, url).send().await;
    state.json["babelforce"].clone()
}

async fn alex(world: &World) -> Value {
    let state = state(world).await;
    let agents = state["agents"].as_array().unwrap();
    agents
        .iter()
        .find(|agent| agent["id"] == ALEX)
        .unwrap()
        .clone()
}

#[tokio::test]
async fn the_platforms_agents_are_listed_by_filter_and_page() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let agents = browser.get("/admin/agents").await.body;
    assert!(
        agents.contains(AGENTS) && agents.contains(&page_of(ALEX)),
        "{agents}"
    );
    let all = browser.get(AGENTS).await.body;
    for text in [
        "Alex Adler",
        "Sam Sommer",
        "Kim Kramer",
        "Sales, Helpdesk",
        "german",
        "005SAM",
    ] {
        assert!(all.contains(text), "{text}: {all}");
    }
    assert!(!all.contains("next page"), "one page is all there is");
    for (query, found) in [
        ("q=kramer", "Kim"),
        ("group=Sales", "Alex"),
        ("tag=english&enabled=yes&state=available", "Alex"),
        ("source_id=005SAM&source=salesforce", "Sam"),
        ("number=%2B493012345679", "Sam"),
    ] {
        let list = browser.get(&format!("{AGENTS}?{query}")).await.body;
        let names = ["Alex Adler", "Sam Sommer", "Kim Kramer"];
        let shown: Vec<_> = names
            .into_iter()
            .filter(|name| list.contains(name))
            .collect();
        assert_eq!(shown.len(), 1, "{query}: {shown:?}");
        assert!(shown[0].starts_with(found), "{query}");
    }
    let pages = answers(
        200,
        &json!({
            "items": [{"id": ALEX, "name": "Alex Adler", "state": "levitating", "groups": null, "presence": null}],
            "pagination": {"pages": 3, "current": 2},
        }),
    );
    world.fault("/api/v2/agents", pages).await;
    let two = browser.get(&format!("{AGENTS}?q=a%26b&page=2")).await.body;
    assert!(
        two.contains("levitating"),
        "a word that is not known is shown"
    );
    assert!(
        two.contains("q=a%26b&amp;page=3") && two.contains("q=a%26b&amp;page=1"),
        "{two}"
    );
    assert_eq!(
        browser.get("/admin/accounts/samespace/agents").await.status,
        404
    );
    assert_eq!(
        browser.get("/admin/accounts/nobody/agents").await.status,
        404
    );
}

#[tokio::test]
async fn one_agent_is_shown_with_state_groups_and_who_they_are_here_and_no_number() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let page = browser.get(&page_of(ALEX)).await.body;
    for text in [
        "available",
        "Available",
        ">Sales</a>",
        ">Helpdesk</a>",
        "agents?tag=german",
        "POST /v1/tasks/unlock",
        "005ALEX of acme (configuration)",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains(NUMBER.trim_start_matches('+')), "{page}");
    // What the platform does not say is said plainly, and the rest is shown.
    let status = format!("/api/v2/agents/{ALEX}/status");
    let busy = answers(503, &json!({"code": "down", "message": "maintenance"}));
    world.fault(&status, busy).await;
    let page = browser.get(&page_of(ALEX)).await.body;
    assert!(
        page.contains("did not tell: maintenance (provider_error)"),
        "{page}"
    );
    assert!(page.contains("Alex Adler"));
    world.faults(json!([])).await;
    let nobody = browser
        .get(&page_of("ffffffffffffffffffffffffffffffff"))
        .await
        .body;
    assert!(nobody.contains("provider_not_found"), "{nobody}");
    let odd = browser.get(&page_of("alex")).await.body;
    assert!(odd.contains("32 hexadecimal digits"), "{odd}");
}

const GROUPS: &str = "/admin/accounts/babelforce/groups";
const HELPDESK: &str = "6f60718293a4b5c6d7e8f90a1b2c3d4e";

#[tokio::test]
async fn groups_show_who_is_in_them_and_tags_and_statuses_are_listed() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let agents = browser.get(AGENTS).await.body;
    assert!(agents.contains(GROUPS), "{agents}");
    let page = browser.get(GROUPS).await.body;
    for text in [
        "Groups, tags and statuses at babelforce",
        "Sales",
        &format!("{GROUPS}/{HELPDESK}"),
        &format!("{AGENTS}?tag=english"),
        "Lunch break",
        "presence",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let members = browser.get(&format!("{GROUPS}/{HELPDESK}")).await.body;
    assert!(
        members.contains("Group Helpdesk") && members.contains("Alex Adler"),
        "{members}"
    );
    assert!(members.contains("Sam Sommer") && !members.contains("Kim Kramer"));
    let two = answers(
        200,
        &json!({"items": [{"id": ALEX, "name": "Alex Adler"}], "pagination": {"pages": 3, "current": 2}}),
    );
    let path = format!("/api/v2/agents/groups/{HELPDESK}/agents");
    world.fault(&path, two).await;
    let page = browser.get(&format!("{GROUPS}/{HELPDESK}?page=2")).await;
    assert!(
        page.body.contains(&format!("{GROUPS}/{HELPDESK}?page=3"))
            && page.body.contains(&format!("{GROUPS}/{HELPDESK}?page=1")),
        "{}",
        page.body
    );
    let seen = world.seen(&path).await;
    assert_eq!(seen.last().unwrap()["query"]["page"], "2");
    world.faults(json!([])).await;
    let unknown = browser
        .get(&format!("{GROUPS}/ffffffffffffffffffffffffffffffff"))
        .await;
    assert!(
        unknown.body.contains("provider_not_found"),
        "{}",
        unknown.body
    );
    let odd = browser.get(&format!("{GROUPS}/sales")).await.body;
    assert!(odd.contains("32 hexadecimal digits"), "{odd}");
    for nothing in ["samespace/groups", "samespace/groups/1", "nobody/groups"] {
        let page = browser.get(&format!("/admin/accounts/{nothing}")).await;
        assert_eq!(page.status, 404, "{nothing}");
    }
}

#[tokio::test]
async fn groups_and_tags_are_chosen_and_typed_where_the_platform_does_not_tell_them() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let page = browser
        .get(&format!("{AGENTS}?group_id={HELPDESK}&tag=english"))
        .await
        .body;
    for text in [
        &format!("<option value=\"{HELPDESK}\" selected>Helpdesk</option>"),
        "<option value=\"english\" selected>english</option>",
        "<option value=\"german\">german</option>",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(page.contains("Alex Adler") && !page.contains("Sam Sommer"));
    assert!(!page.contains("Name of a group"), "nobody asked by name");
    let gone = browser.get(&format!("{AGENTS}?tag=bavarian")).await.body;
    assert!(
        gone.contains("<option value=\"bavarian\" selected>bavarian</option>"),
        "what is asked for stays chosen: {gone}"
    );
    for (status, said) in [
        (403, "provider_forbidden"),
        (429, "provider_busy"),
        (501, "provider_error"),
    ] {
        let no = json!({"status": {
            "code": status, "headers": {"retry-after": "3600"}, "body": json!({"message": "not this one"}).to_string(),
        }});
        let fault = |path: &str| json!({"match": {"path": path}, "action": no});
        world
            .faults(json!([
                fault("/api/v2/agents/groups"),
                fault("/api/v2/tags/agent"),
                fault("/api/v2/agents/status/available"),
            ]))
            .await;
        let page = browser.get(&format!("{AGENTS}?tag=german")).await.body;
        for text in [
            format!("did not tell its groups: not this one ({said})"),
            format!("did not tell its tags: not this one ({said})"),
            "name=\"tag\" value=\"german\"".to_owned(),
            "Name of a group".to_owned(),
            "Sam Sommer".to_owned(),
        ] {
            assert!(page.contains(&text), "{status}: {text}: {page}");
        }
        let groups = browser.get(GROUPS).await.body;
        let told = format!("did not tell: not this one ({said})");
        assert_eq!(groups.matches(&told).count(), 3, "{status}: {groups}");
        world.faults(json!([])).await;
    }
}

#[tokio::test]
async fn a_presence_is_set_enabling_is_asked_about_first_and_both_are_written_down() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let page = page_of(ALEX);
    let done = browser
        .post(&page, &[("do", "presence"), ("presence", "lunch")])
        .await;
    assert!(done.body.contains("The platform took it"), "{}", done.body);
    assert_eq!(alex(&world).await["presence"]["name"], "lunch");

    let ask = browser.get(&format!("{page}/enabled")).await.body;
    assert!(ask.contains("Disable Alex Adler?"), "{ask}");
    assert_eq!(
        alex(&world).await["enabled"],
        true,
        "asking changes nothing"
    );
    browser
        .post(&format!("{page}/enabled"), &[("turn", "off")])
        .await;
    assert_eq!(alex(&world).await["enabled"], false);
    let ask = browser.get(&format!("{page}/enabled")).await.body;
    assert!(ask.contains("Enable Alex Adler?"), "{ask}");
    browser
        .post(&format!("{page}/enabled"), &[("turn", "on")])
        .await;
    assert_eq!(alex(&world).await["enabled"], true);

    let path = format!("/api/v2/agents/{ALEX}/status");
    let no = answers(
        501,
        &json!({"code": "not_implemented", "message": "available=true is not supported"}),
    );
    world.fault(&path, no).await;
    let refused = browser
        .post(&page, &[("do", "presence"), ("presence", "busy")])
        .await
        .body;
    assert!(
        refused
            .contains("Nothing was changed: available=true is not supported (capability_missing)"),
        "{refused}"
    );
    world.fault(&path, json!("garbage")).await;
    let unknown = browser
        .post(&page, &[("do", "presence"), ("presence", "busy")])
        .await
        .body;
    assert!(
        unknown.contains("Nobody knows whether it was done"),
        "{unknown}"
    );
    world.faults(json!([])).await;

    for (wrong, fields) in [
        (page.clone(), [("do", "delete")]),
        (format!("{page}/enabled"), [("turn", "upside down")]),
    ] {
        assert_eq!(browser.post(&wrong, &fields).await.status, 422);
    }
    let audit = browser.audit().await;
    for what in ["presence set", "agent disabled", "agent enabled"] {
        assert!(audit.contains(what), "{what}: {audit}");
    }
}

#[tokio::test]
async fn an_administrator_pushes_a_message_and_the_log_does_not_say_what() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let page = page_of(ALEX);
    let done = browser
        .post(&page, &[("do", "push"), ("message", "canary: meeting")])
        .await;
    assert!(done.body.contains("The platform took it"), "{}", done.body);
    let pushed = state(&world).await["pushed"].clone();
    assert_eq!(pushed[0]["message"], "canary: meeting");
    assert_eq!(pushed[0]["agent_id"], ALEX);
    let audit = browser.audit().await;
    assert!(
        audit.contains("message pushed") && !audit.contains("canary: meeting"),
        "{audit}"
    );
    let long = "x".repeat(251);
    let refused = browser
        .post(&page, &[("do", "push"), ("message", &long)])
        .await
        .body;
    assert!(refused.contains("1 to 250 characters"), "{refused}");
    assert_eq!(world.seen(PUSH).await.len(), 1);
}

#[tokio::test]
async fn a_crms_backend_pushes_to_the_agent_of_its_session_alone() {
    let world = world().await;
    let session = world.session().await;
    let push = |session: &str, body: Value| {
        world
            .ask(Method::POST, "/v1/push")
            .bearer(session)
            .json(&body)
            .send()
    };
    let body =
        json!({"message": "Greta Gross calls", "payload": {"record": "003GRETA", "amount": 1.50}});
    let done = push(&session, body.clone()).await;
    done.is_outcome("accepted", None);
    assert_eq!(done.json["provider"], "babelforce");
    let pushed = state(&world).await["pushed"].clone();
    assert_eq!(pushed[0]["agent_id"], ALEX);
    assert_eq!(pushed[0]["data"]["record"], "003GRETA");

    for (wrong, code, field) in [
        (json!({}), "missing_field", "message"),
        (json!({"message": " "}), "invalid_field", "message"),
        (
            json!({"message": "x".repeat(251)}),
            "invalid_field",
            "message",
        ),
        (
            json!({"message": "x", "agent": ALEX}),
            "unknown_field",
            "agent",
        ),
        (
            json!({"message": "x", "payload": []}),
            "payload_invalid",
            "payload",
        ),
        (
            json!({"message": "x", "provider": "samespace"}),
            "capability_missing",
            "provider",
        ),
        (
            json!({"message": "x", "provider": "skype"}),
            "provider_unknown",
            "provider",
        ),
    ] {
        push(&session, wrong).await.is_problem(code).about(field);
    }
    let sam = world.session_of("005SAM").await;
    push(&sam, body.clone())
        .await
        .is_problem("capability_missing");
    push("nobody", body.clone())
        .await
        .is_problem("session_expired");
    assert_eq!(
        world.seen(PUSH).await.len(),
        1,
        "what is refused is not sent"
    );

    world.fault(PUSH, json!("garbage")).await;
    push(&session, body.clone())
        .await
        .is_outcome("unknown", Some("unreadable_reply"));
    let busy = answers(429, &json!({"message": "slow down"}));
    world.fault(PUSH, busy).await;
    let refused = push(&session, body).await;
    refused.is_outcome("refused", Some("provider_busy"));
    assert_eq!(refused.json["message"], "slow down");
    let browser = Browser::signed_in(&world, TOKEN).await;
    let audit = browser.audit().await;
    assert_eq!(audit.matches("message pushed").count(), 3, "{audit}");
    assert!(!audit.contains("Greta"));
}

#[tokio::test]
async fn an_agent_has_as_many_messages_as_they_may_dial() {
    let limited = |config: String| {
        let config = crate::browser::with_admin(config);
        config.replace("limits = {", "limits = { agent_per_hour = 2,")
    };
    let world = World::with(limited).await;
    let session = world.session().await;
    let body = json!({"message": "x"});
    let push = || {
        world
            .ask(Method::POST, "/v1/push")
            .bearer(&session)
            .json(&body)
            .send()
    };
    push().await.is_outcome("accepted", None);
    push().await.is_outcome("accepted", None);
    push().await.is_problem("too_many_requests");
    assert_eq!(world.seen(PUSH).await.len(), 2);
}
