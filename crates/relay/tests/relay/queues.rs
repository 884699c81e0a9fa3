//! Who waits in the queues of a platform, on the admin pages; and lists as they can be.

use std::time::{Duration, Instant};

use patchcord_core::error::Code;
use patchcord_core::http::{Method as CoreMethod, Request};
use patchcord_core::outcome::Outcome;
use patchcord_core::provider::queues::Queue;
use patchcord_relay::accounts::{Account, Listed};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Browser, TOKEN, world};
use crate::support::{Ask, NUMBER, World};

const QUEUES: &str = "/api/v2/queues";
const QUEUE_AT_PLATFORM: &str = "/api/v2/queues/9f8e7d6c5b4a39281706f5e4d3c2b1a0";
const QUEUE: &str = "/admin/queues/babelforce/9f8e7d6c5b4a39281706f5e4d3c2b1a0";

fn account(world: &World) -> &Account {
    world.relay.shared().accounts.get("babelforce").unwrap()
}

async fn queues(world: &World) -> Result<Listed<Queue>, Outcome> {
    let account = account(world);
    let queues = account.provider.queues().unwrap();
    account
        .ask_pages(
            5,
            |page, token| Ok(queues.list(page, token)),
            |page, reply| queues.read_list(page, reply),
        )
        .await
}

/// Somebody who has called and waits: the id of the call.
async fn waits(world: &World) -> String {
    let control = |path: &str| format!("{}/_sandbox/calls/{path}", world.sandbox.url());
    let past =
        json!([{ "direction": "inbound", "number": NUMBER, "queue": "Support", "minutes_ago": 4 }]);
    let made = Ask::new(Method::POST, control("past"))
        .json(&past)
        .send()
        .await;
    let id = made.json["ids"][0].as_str().unwrap().to_owned();
    let queued = Ask::new(Method::POST, control(&format!("{id}/state")));
    let queued = queued.json(&json!({ "state": "queued" })).send().await;
    assert!(queued.status < 300, "{}", queued.body);
    id
}

/// What the pages have read is kept for five seconds.
fn no_reading_counts_any_more(world: &World) {
    world.relay.clock.advance(Duration::from_secs(20));
}

/// How many seconds ago a page says that it was read, for the only account that tells.
fn age(page: &str) -> u64 {
    let (_, rest) = page.split_once("Read ").unwrap();
    let (before, _) = rest.split_once(" s ago.").unwrap();
    before.rsplit_once(' ').unwrap().1.parse().unwrap()
}

#[tokio::test]
async fn the_list_says_when_it_was_read_and_is_read_once_for_all_who_look_within_five_seconds() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let asked = async || {
        let calls = world.seen("/api/v2/queues/*").await.len();
        let conferences = world.seen("/api/v2/conferences").await.len();
        (world.seen(QUEUES).await.len(), calls, conferences)
    };
    let many = futures_util::future::join_all((0..4).map(|_| browser.get("/admin/queues")));
    for page in many.await {
        assert!(age(&page.body) < 5, "{}", page.body);
    }
    let (lists, calls, conferences) = asked().await;
    assert_eq!((lists, conferences), (1, 1), "four looked, one asked");
    assert!(calls > 0, "and the calls of each queue were counted");

    // Who called meanwhile is not there yet, and the page says how old it is.
    waits(&world).await;
    world.relay.clock.advance(Duration::from_secs(2));
    let page = browser.get("/admin/queues").await.body;
    assert!(
        (2..6).contains(&age(&page)) && !page.contains("4 min, since"),
        "{page}"
    );
    assert_eq!(asked().await, (lists, calls, conferences));

    no_reading_counts_any_more(&world);
    let page = browser.get("/admin/queues").await.body;
    assert!(age(&page) < 6 && page.contains("4 min, since"), "{page}");
    assert_eq!(asked().await, (2 * lists, 2 * calls, 2 * conferences));

    // The page of one queue asks whenever it is opened.
    let of_one = async || {
        let page = browser.get(QUEUE).await.body;
        assert!(age(&page) < 15, "{page}");
        world.seen(QUEUE_AT_PLATFORM).await.len()
    };
    assert_eq!((of_one().await, of_one().await), (1, 2));
}

#[tokio::test]
async fn a_queue_that_is_not_told_says_why_and_the_others_are_there() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    for (status, said) in [
        (403, "provider forbidden"),
        (429, "provider busy"),
        (501, "provider error"),
    ] {
        let no = json!({ "status": {
            "code": status, "headers": { "retry-after": "3600" }, "body": json!({ "message": "not now" }).to_string(),
        }});
        let calls = format!("{QUEUE_AT_PLATFORM}/calls");
        world.fault(&calls, no.clone()).await;
        no_reading_counts_any_more(&world);
        let page = browser.get("/admin/queues").await.body;
        let told = format!("not told: {said} (not now)");
        assert!(
            page.contains(&told) && page.contains("Support"),
            "{status}: {page}"
        );
        world.fault(QUEUES, no).await;
        no_reading_counts_any_more(&world);
        let page = browser.get("/admin/queues").await.body;
        let told = format!("The queues cannot be read: {said} (not now)");
        assert!(
            page.contains(&told) && page.contains("Conferences"),
            "{status}: {page}"
        );
    }
}

#[tokio::test]
async fn the_pages_tell_who_waits_and_numbers_to_who_asks_for_them() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let page = browser.get("/admin/queues").await.body;
    assert!(
        page.contains("Support") && page.contains("Conferences"),
        "{page}"
    );
    assert!(
        !page.contains("samespace</h2>"),
        "an account that tells no queues is not shown"
    );
    let call = waits(&world).await;
    no_reading_counts_any_more(&world);
    let page = browser.get("/admin/queues").await.body;
    assert!(
        page.contains("1 <span class=\"quiet\">of 100") && page.contains("4 min, since"),
        "{page}"
    );
    let digits = NUMBER.trim_start_matches('+');
    let masked = browser.get(QUEUE).await.body;
    assert!(
        masked.contains("came in") && masked.contains("queued"),
        "{masked}"
    );
    assert!(
        !page.contains(digits) && !masked.contains(digits),
        "{masked}"
    );
    let shown = browser.post(QUEUE, &[("call", &call)]).await;
    assert_eq!(shown.status, 200);
    assert!(shown.body.contains(digits), "{}", shown.body);
    let audit = browser.audit().await;
    assert!(
        audit.contains("number shown") && audit.contains(&call),
        "{audit}"
    );
    assert!(!audit.contains(digits));
    assert_eq!(browser.post(QUEUE, &[]).await.status, 422);
    for nothing in [
        "/admin/queues/nowhere/1",
        "/admin/queues/samespace/1",
        "/admin/conferences/samespace/1",
    ] {
        assert_eq!(browser.get(nothing).await.status, 404, "{nothing}");
    }
    let unknown = browser
        .get("/admin/queues/babelforce/00112233445566778899aabbccddeeff")
        .await;
    assert!(
        unknown.body.contains("provider not found"),
        "{}",
        unknown.body
    );
}

#[tokio::test]
async fn a_conference_is_shown_with_who_is_in_it_and_holes_where_somebody_has_left() {
    let world = world().await;
    let call = json!({ "id": "c", "type": "outbound", "from": "+493012345600", "to": NUMBER });
    let member = |id: &str, more: Value| {
        let mut member = json!({ "id": id, "state": "added", "isModerator": false, "call": call });
        member
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        member
    };
    let conference = json!({ "id": "00112233445566778899aabbccddeeff", "state": "created", "members": [
        member("a", json!({ "agent": { "id": "x", "name": "Alex Adler" }, "isModerator": true })),
        null,
        member("b", json!({ "hold": true })),
        member("d", json!({ "state": "daydreaming", "call": null })),
    ]});
    let over = json!({ "id": "1", "state": "finished", "members": [member("z", json!({ "agent": { "name": "Gone Long" } }))] });
    let canned = |body: Value| json!({ "status": { "code": 200, "content_type": "application/json", "body": body.to_string() } });
    world
        .faults(json!([
            { "match": { "path": "/api/v2/conferences" }, "action": canned(json!({ "items": [conference, over] })) },
            { "match": { "path": "/api/v2/conferences/*" }, "action": canned(json!({ "item": conference, "success": true })) },
        ]))
        .await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let digits = NUMBER.trim_start_matches('+');
    let list = browser.get("/admin/queues").await.body;
    assert!(
        list.contains("Alex Adler") && list.contains("on hold") && !list.contains("Gone Long"),
        "{list}"
    );
    let address = "/admin/conferences/babelforce/00112233445566778899aabbccddeeff";
    let page = browser.get(address).await.body;
    assert!(
        page.contains("moderator") && page.contains("daydreaming"),
        "{page}"
    );
    assert!(!list.contains(digits) && !page.contains(digits));
    assert!(age(&page) < 15, "{page}");
    let shown = browser.post(address, &[("member", "b")]).await;
    assert!(shown.body.contains(digits), "{}", shown.body);
    assert!(browser.audit().await.contains("conference member b"));
}

/// What a list is answered with, what is read of it, and how often it is asked for.
#[tokio::test]
async fn a_list_ends_whatever_the_platform_says_about_its_pages() {
    let world = World::new().await;
    let queue = json!({ "id": "a", "name": "A" });
    for (what, body, items, cut, asked) in [
        (
            "it never ends",
            json!({ "items": [queue], "pagination": { "pages": 1_000_000 } }),
            5,
            true,
            5,
        ),
        (
            "a page leads to itself",
            json!({ "items": [queue], "pagination": { "pages": 2, "current": 1, "next": "?page=1" } }),
            2,
            false,
            2,
        ),
        ("no pagination", json!({ "items": [queue] }), 1, false, 1),
        (
            "pagination is null",
            json!({ "items": [queue], "pagination": null }),
            1,
            false,
            1,
        ),
        (
            "its members are null",
            json!({ "items": [queue], "pagination": { "pages": null, "current": null } }),
            1,
            false,
            1,
        ),
        (
            "nulls among the items",
            json!({ "items": [null, queue, { "id": null }, 7] }),
            1,
            false,
            1,
        ),
        (
            "nothing",
            json!({ "items": [], "pagination": { "pages": 0 } }),
            0,
            false,
            1,
        ),
    ] {
        let before = world.seen(QUEUES).await.len();
        let reply =
            json!({ "code": 200, "content_type": "application/json", "body": body.to_string() });
        world.fault(QUEUES, json!({ "status": reply })).await;
        let listed = queues(&world).await.unwrap();
        assert_eq!((listed.items.len(), listed.cut), (items, cut), "{what}");
        assert_eq!(world.seen(QUEUES).await.len() - before, asked, "{what}");
    }
}

/// What a read is answered with first, how often it is asked in all, what it comes to, and the least time it takes.
#[tokio::test]
async fn a_read_that_the_platform_was_too_busy_for_is_asked_again_and_no_other() {
    let world = World::new().await;
    let busy = Some(Code::ProviderBusy);
    let error = Some(Code::ProviderError);
    let theirs = "Wed, 01 Jan 2020 00:00:00 GMT";
    for (what, status, headers, times, asked, code, least) in [
        ("no wait is named", 429, json!({}), 1, 2, None, 0),
        ("seconds", 429, json!({ "retry-after": "1" }), 1, 2, None, 1),
        // By the clock of the platform it is in a second, by ours years ago.
        (
            "a date",
            429,
            json!({ "retry-after": "Wed, 01 Jan 2020 00:00:01 GMT", "date": theirs }),
            1,
            2,
            None,
            1,
        ),
        (
            "a date that is over",
            503,
            json!({ "retry-after": "Tue, 31 Dec 2019 00:00:00 GMT", "date": theirs }),
            1,
            2,
            None,
            0,
        ),
        (
            "longer than anybody waits",
            429,
            json!({ "retry-after": "3600" }),
            9,
            1,
            busy,
            0,
        ),
        (
            "a date in an hour",
            429,
            json!({ "retry-after": "Wed, 01 Jan 2020 01:00:00 GMT", "date": theirs }),
            9,
            1,
            busy,
            0,
        ),
        (
            "still busy",
            429,
            json!({ "retry-after": "0" }),
            9,
            3,
            busy,
            0,
        ),
        ("bad gateway", 502, json!({}), 2, 3, None, 0),
        (
            "unavailable",
            503,
            json!({ "retry-after": "soon" }),
            9,
            3,
            error,
            0,
        ),
        ("gateway timeout", 504, json!({}), 9, 3, error, 0),
        ("not implemented", 501, json!({}), 9, 1, error, 0),
        ("broken", 500, json!({}), 9, 1, error, 0),
    ] {
        let before = world.seen(QUEUES).await.len();
        let reply = json!({ "code": status, "headers": headers });
        world
            .faults(json!([{ "match": { "path": QUEUES }, "times": times, "action": { "status": reply } }]))
            .await;
        let began = Instant::now();
        let read = queues(&world).await;
        let took = began.elapsed();
        let because = read.as_ref().err().and_then(Outcome::because);
        assert_eq!(because.map(|because| because.code), code, "{what}");
        assert_eq!(world.seen(QUEUES).await.len() - before, asked, "{what}");
        assert!(took >= Duration::from_secs(least), "{what}: {took:?}");
        world.faults(json!([])).await;
    }
}

#[tokio::test]
async fn what_acts_is_sent_once_however_busy_the_platform_is() {
    let world = World::new().await;
    let account = account(&world);
    let path = "/api/v2/queues/9f8e7d6c5b4a39281706f5e4d3c2b1a0/callback";
    let url = format!("{}{path}", world.sandbox.url());
    for method in [CoreMethod::Post, CoreMethod::Put, CoreMethod::Delete] {
        for status in [429, 502, 503, 504] {
            let before = world.seen(path).await.len();
            let reply = json!({ "code": status, "headers": { "retry-after": "0" } });
            world.fault(path, json!({ "status": reply })).await;
            let build = |token: Option<&patchcord_core::secret::Secret>| {
                let request = Request::json(method, url.clone(), "{}".to_owned());
                Ok(token.map_or(request.clone(), |token| request.with_bearer(token)))
            };
            let outcome = account
                .ask(build, |reply| account.provider.read_callback(reply))
                .await;
            assert_ne!(outcome.unwrap(), Outcome::Accepted);
            assert_eq!(
                world.seen(path).await.len() - before,
                1,
                "{method:?} {status}"
            );
        }
    }
}
