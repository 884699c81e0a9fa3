//! Tasks and schedules on the admin pages.

use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Browser, TOKEN, with_admin, world};
use crate::support::World;
use crate::tasks::platform;

const TASKS: &str = "/api/v3/tasks";

async fn submit(world: &World, body: Value) -> String {
    let made = platform(world, Method::POST, TASKS, body).await;
    made.json["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn tasks_are_found_by_state_and_type_and_leafed_through() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let list = async |query: &str| browser.get(&format!("/admin/tasks{query}")).await.body;
    assert!(list("").await.contains("No tasks."));
    let late = "at 32503680000000";
    let mut ids = Vec::new();
    for number in 0..52 {
        let kind = if number == 7 {
            "acme.rare"
        } else {
            "acme.call"
        };
        ids.push(submit(&world, json!({"type": kind, "scheduled_at": late})).await);
    }
    let rare = list("?type=acme.rare&state=Scheduled").await;
    assert!(rare.contains(&ids[7]) && !rare.contains(&ids[8]), "{rare}");
    assert!(
        list("?type=acme.rare&state=Failed")
            .await
            .contains("No tasks.")
    );
    let (first, second) = (list("?type=").await, list("?page=2").await);
    for id in &ids {
        let link = format!("/admin/tasks/babelforce/{id}\"");
        let times = first.matches(&link).count() + second.matches(&link).count();
        assert_eq!(times, 1, "{id}");
    }
    assert!(first.contains("rel=\"next\"") && !second.contains("rel=\"next\""));
    let odd = list("?type=%27+or+state%3D%3DFailed").await;
    assert!(odd.contains("A task type has letters"), "{odd}");
    assert!(
        world
            .seen(TASKS)
            .await
            .iter()
            .all(|seen| !seen["query"].to_string().contains("or state"))
    );
    assert_eq!(browser.get("/admin/tasks?account=nobody").await.status, 404);
}

#[tokio::test]
async fn what_a_task_is_about_is_shown_when_somebody_asks_and_that_is_written_down() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let body = json!({"type": "acme.call", "body": {"number": "+493012345678", "name": "<b>Ada"}});
    let id = submit(&world, body).await;
    let address = format!("/admin/tasks/babelforce/{id}");
    let page = browser.get(&address).await.body;
    assert!(
        page.contains("Selecting") && page.contains("Alex Adler"),
        "{page}"
    );
    assert!(!page.contains("12345678") && !page.contains("Ada"));
    let shown = browser.post(&address, &[]).await.body;
    assert!(
        shown.contains("+493012345678") && shown.contains("&lt;b&gt;Ada"),
        "{shown}"
    );
    let audit = browser.audit().await;
    assert!(audit.contains("number shown") && audit.contains(&id) && !audit.contains("12345678"));
}

#[tokio::test]
async fn a_task_is_ended_after_a_question_with_a_reason_and_who_did_it_is_written_down() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let id = submit(&world, json!({"type": "acme.call"})).await;
    let address = format!("/admin/tasks/babelforce/{id}");
    let end = format!("{address}/end");
    let path = format!("{TASKS}/{id}/interrupt/Canceled");
    let question = browser.get(&end).await.body;
    assert!(question.contains("End this task?") && world.seen(&path).await.is_empty());
    let without = browser
        .post(&end, &[("end", "Canceled"), ("reason", " ")])
        .await;
    assert!(
        without.body.contains("1 to 255 characters"),
        "{}",
        without.body
    );
    assert_eq!(
        browser
            .post(&end, &[("end", "Exploded"), ("reason", "x")])
            .await
            .status,
        422
    );
    assert!(world.seen(&path).await.is_empty() && !browser.audit().await.contains("task end"));

    world
        .fault(&path, json!({"status": {"code": 503, "body": "{}"}}))
        .await;
    let fields = [("end", "Canceled"), ("reason", "called by phone")];
    let lost = browser.post(&end, &fields).await.body;
    assert!(lost.contains("Nobody knows whether it was done"), "{lost}");
    assert_eq!(world.seen(&path).await.len(), 1);
    world.faults(json!([])).await;
    let done = browser.post(&end, &fields).await;
    assert_eq!(done.header("location"), format!("{address}?done=ended"));
    assert_eq!(world.seen(&path).await.len(), 2);
    let page = browser.get(done.header("location")).await.body;
    assert!(
        page.contains("Canceled")
            && page.contains("has ended the task")
            && !page.contains("End it")
    );
    let again = browser.post(&end, &fields).await.body;
    assert!(
        again.contains("Not done.") && again.contains("already ended"),
        "{again}"
    );
    let audit = browser.audit().await;
    assert_eq!(audit.matches("task end asked").count(), 3, "{audit}");
    assert!(audit.contains("dana") && !audit.contains("called by phone"));
}

#[tokio::test]
async fn a_schedule_is_made_after_its_next_times_were_shown_and_deleted_after_a_question() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let new = "/admin/new-schedule";
    let empty = browser.get(new).await.body;
    assert!(empty.contains("Europe/Berlin") && !empty.contains("Make the schedule"));
    let fields = |cron, step| {
        [
            ("account", "babelforce"),
            ("name", "mornings & more"),
            ("cron", cron),
            ("timezone", "Europe/Berlin"),
            ("template", "reminder"),
            ("style", "flat"),
            ("task", r#"{"body.text": "Hello"}"#),
            ("do", step),
        ]
    };
    for (cron, word) in [
        ("daily", "five fields"),
        ("0 0 31 2 *", "never due"),
        ("0 9 * * 1-8", "weekday"),
    ] {
        let wrong = browser.post(new, &fields(cron, "make")).await.body;
        assert!(
            wrong.contains("Nothing was made") && wrong.contains(word),
            "{wrong}"
        );
        assert!(wrong.contains("aria-invalid=\"true\"") && wrong.contains("mornings &amp; more"));
    }
    let checked = browser
        .post(new, &fields("0 9 * * MON-FRI", "check"))
        .await
        .body;
    assert_eq!(checked.matches("<li><time").count(), 3, "{checked}");
    assert!(checked.contains(", 09:00</time>") && checked.contains("Make the schedule"));
    let asked = async || {
        let seen = world.seen("/api/v3/tasks/schedules").await;
        seen.into_iter()
            .filter(|seen| seen["method"] == "POST")
            .count()
    };
    assert_eq!(asked().await, 0);
    let made = browser.post(new, &fields("0 9 * * MON-FRI", "make")).await;
    assert_eq!(
        made.header("location"),
        "/admin/schedules?account=babelforce&done=made"
    );
    assert_eq!(asked().await, 1);
    let list = browser.get(made.header("location")).await.body;
    assert!(
        list.contains("mornings &amp; more") && list.contains("reminder, flat"),
        "{list}"
    );
    assert_eq!(list.matches("<li><time").count(), 3);
    let twice = browser
        .post(new, &fields("0 9 * * MON-FRI", "make"))
        .await
        .body;
    assert!(twice.contains("already the name of a schedule"), "{twice}");

    let delete = "/admin/schedules/babelforce/mornings%20%26%20more/delete";
    assert!(list.contains(delete), "{list}");
    assert!(browser.get(delete).await.body.contains("no way back"));
    let gone = browser.post(delete, &[]).await;
    assert_eq!(
        gone.header("location"),
        "/admin/schedules?account=babelforce&done=deleted"
    );
    assert!(
        browser
            .get("/admin/schedules")
            .await
            .body
            .contains("No schedules.")
    );
    let again = browser.post(delete, &[]).await.body;
    assert!(again.contains("Not done.") && again.contains("no schedule with this name"));
    let audit = browser.audit().await;
    assert!(audit.contains("schedule asked") && audit.contains("schedule deletion asked"));
}

#[tokio::test]
async fn a_schedule_that_this_page_cannot_read_is_shown_as_the_platform_has_it() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let body = json!({"name": "odd", "cron": "0 0 12 ? * 2-6", "task": {"type": "acme.a"}});
    let path = "/api/v3/tasks/schedules";
    assert_eq!(platform(&world, Method::POST, path, body).await.status, 204);
    let list = browser.get("/admin/schedules").await.body;
    assert!(
        list.contains("0 0 12 ? * 2-6") && list.contains("not known here"),
        "{list}"
    );
    world.fault(path, json!("garbage")).await;
    let list = browser.get("/admin/schedules").await.body;
    assert!(
        list.contains("The platform did not say") && !list.contains("No schedules"),
        "{list}"
    );
}

/// Where the first link with this beginning and end leads.
fn link<'p>(page: &'p str, begins: &str, ends: &str) -> &'p str {
    let mut links = page
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next());
    let found = links.find(|link| link.starts_with(begins) && link.ends_with(ends));
    found.unwrap_or_else(|| panic!("no link {begins}…{ends}: {page}"))
}

#[tokio::test]
async fn an_account_may_have_any_name_and_its_tasks_and_schedules_are_found_ended_and_deleted() {
    for name in ["sales/eu", "a?b", "50% & #1"] {
        let world = World::with(|config| {
            with_admin(config)
                .replace("name = \"babelforce\"", &format!("name = \"{name}\""))
                .replace("account = \"babelforce\"", &format!("account = \"{name}\""))
        })
        .await;
        let browser = Browser::signed_in(&world, TOKEN).await;
        let get = async |path: &str| {
            let answer = browser.get(path).await;
            assert_eq!(answer.status, 200, "{name}, {path}: {}", answer.body);
            answer.body
        };
        let late = "at 32503680000000";
        let id = submit(&world, json!({"type": "acme.a", "scheduled_at": late})).await;
        let list = get("/admin/tasks").await;
        let task = link(&list, "/admin/tasks/", &id);
        let page = get(task).await;
        assert!(get(link(&page, "/admin/tasks?", "")).await.contains(&id));
        let end = link(&page, "/admin/tasks/", "/end");
        assert!(get(end).await.contains(&format!("action=\"{end}\"")));
        let ended = browser.post(end, &[("end", "Canceled"), ("reason", "no")]);
        let ended = ended.await;
        assert_eq!(ended.status, 303, "{}", ended.body);
        let shown = get(ended.header("location")).await;
        assert!(
            shown.contains("The platform has ended the task."),
            "{shown}"
        );

        let body = json!({"name": "odd", "cron": "0 9 * * MON-FRI", "task": {"type": "acme.a"}});
        let path = "/api/v3/tasks/schedules";
        assert_eq!(platform(&world, Method::POST, path, body).await.status, 204);
        let list = get("/admin/schedules").await;
        let delete = link(&list, "/admin/schedules/", "/delete");
        assert!(get(delete).await.contains(&format!("action=\"{delete}\"")));
        let deleted = browser.post(delete, &[]).await;
        assert_eq!(deleted.status, 303, "{}", deleted.body);
        assert!(
            get(deleted.header("location"))
                .await
                .contains("No schedules.")
        );
    }
}

#[tokio::test]
async fn without_a_platform_that_has_tasks_the_pages_are_not_in_the_navigation() {
    let with = world().await;
    let browser = Browser::signed_in(&with, TOKEN).await;
    let page = browser.get("/admin").await.body;
    assert!(page.contains("href=\"/admin/tasks\"") && page.contains("href=\"/admin/schedules\""));
    let without = World::with(|config| without_babelforce(&with_admin(config))).await;
    let browser = Browser::signed_in(&without, TOKEN).await;
    assert!(!browser.get("/admin").await.body.contains("/admin/tasks"));
    let page = browser.get("/admin/tasks").await.body;
    assert!(page.contains("No account's platform has tasks."), "{page}");
}

/// The configuration without the account, and what needs it.
fn without_babelforce(config: &str) -> String {
    let parts: Vec<_> = config.split("\n[[").collect();
    let of_it = |part: &&str| {
        !part.starts_with("account]]\nname = \"babelforce\"")
            && !part.starts_with("topic]]\ntopic = \"support\"")
    };
    parts
        .into_iter()
        .filter(of_it)
        .collect::<Vec<_>>()
        .join("\n[[")
        .replace(
            r#", { account = "babelforce", agent = "0a1b2c3d4e5f60718293a4b5c6d7e8f9" }"#,
            "",
        )
        .replace(r#", "support""#, "")
}
