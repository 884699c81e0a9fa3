//! Statistics: who sees them, what is counted, and what is said where something is missing.

use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{ACCEPT, Browser, ORIGIN, PAGES, TOKEN, form, sign_in, with_admin};
use crate::support::{Answer, Ask, NUMBER, SIGNING_SECRET, SITE, World, claims, eventually, sign};

pub const SUPERVISOR: &str = "canary-admin-token-of-sascha-01234567";
pub const REPORT: &str = "/api/v2/calls/reporting/simple";
const QUEUES: &str = "/api/v2/queues";

/// With a supervisor at the admin pages, and an agent who may see statistics.
pub fn with_supervisors(config: String) -> String {
    with_admin(config)
        .replace(
            r#"people = ["#,
            &format!(
                r#"people = [{{ name = "sascha", token = "{SUPERVISOR}", role = "supervisor" }}, "#
            ),
        )
        .replace(
            r#"name = "Alex Adler""#,
            "name = \"Alex Adler\"\nteam = \"=Inside sales\"\nmay = [\"supervisor\"]",
        )
}

async fn world() -> World {
    at_noon(World::with(with_supervisors).await)
}

/// At noon, where the days are: what was a moment ago was today, and is today when it is asked for.
pub fn at_noon(world: World) -> World {
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    let now = jiff::Timestamp::from_millisecond(world.relay.clock.now()).unwrap();
    let tomorrow = zone.to_datetime(now).date().tomorrow().unwrap();
    let noon = zone.to_timestamp(tomorrow.at(12, 0, 0, 0)).unwrap();
    let ahead = noon.as_millisecond() - now.as_millisecond();
    let ahead = Duration::from_millis(ahead.try_into().unwrap());
    world.relay.clock.advance(ahead);
    world
}

/// A session by the relay's clock, of these claims of the issuer with this secret.
pub async fn session_of(world: &World, mut claims: Value, secret: &str) -> String {
    let now = world.relay.clock.now() / 1000;
    claims["iat"] = json!(now);
    claims["exp"] = json!(now + 60);
    let key = EncodingKey::from_secret(secret.as_bytes());
    let assertion = sign(&claims, "hs", Algorithm::HS256, &key);
    let opened = world.open_session(&assertion).await;
    assert_eq!(opened.status, 200, "{}", opened.body);
    opened.json["session"].as_str().unwrap().to_owned()
}

pub async fn alexs_session(world: &World) -> String {
    session_of(world, claims("005ALEX"), SIGNING_SECRET).await
}

pub async fn statistics(world: &World, query: &str) -> Answer {
    let session = alexs_session(world).await;
    let path = format!("/v1/statistics{query}");
    world.ask(Method::GET, &path).bearer(&session).send().await
}

async fn callback(world: &World, topic: &str) -> Value {
    let body = json!({
        "number": NUMBER, "topic": topic, "fields": { "name": "Ada" },
        "consent": { "version": "2026-11", "given": true },
    });
    let answer = world.callback(&body).header("Origin", SITE).send().await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json
}

/// One call that is accepted and one that is refused, one callback that is handed over and one that waits.
pub async fn seed(world: &World) {
    let session = alexs_session(world).await;
    let dial = json!({ "number": NUMBER });
    world
        .dial(&session, &dial)
        .send()
        .await
        .is_outcome("accepted", None);
    let made = callback(world, "now").await;
    world.until_state(&made, "handed_over").await;
    let reply = json!({ "status": { "code": 400, "body": "{\"success\":false}" } });
    world.fault("/apiv1/make_call", reply).await;
    let other = json!({ "number": "+493012345699" });
    let refused = world.dial(&session, &other).send().await;
    assert_eq!(refused.json["outcome"], "refused", "{}", refused.body);
    world.faults(json!([])).await;
    let later = patchcord_relay::clock::to_rfc3339(world.relay.clock.now() + 86_400_000);
    let body = json!({
        "number": NUMBER, "topic": "sales", "at": later, "fields": { "name": "Ada" },
        "consent": { "version": "2026-11", "given": true },
    });
    let answer = world.callback(&body).header("Origin", SITE).send().await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}

/// What the platform replies to a question for calls.
fn report(items: &[Value], pages: u32) -> Value {
    let body = json!({ "items": items, "pagination": { "pages": pages, "current": 1, "total": items.len() } });
    json!({ "status": { "code": 200, "body": body.to_string() } })
}

async fn babelforce(world: &World, query: &str) -> Value {
    let answer = statistics(world, query).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let platforms = answer.json["platforms"].as_array().unwrap();
    let found = platforms.iter().find(|one| one["account"] == "babelforce");
    found.unwrap().clone()
}

fn sum(of: &Value) -> u64 {
    let words = of.as_object().unwrap().values();
    words.map(|count| count.as_u64().unwrap()).sum()
}

#[tokio::test]
async fn a_supervisor_opens_the_statistics_and_no_other_page_and_changes_nothing() {
    let world = world().await;
    let answer = sign_in(&world, SUPERVISOR).await;
    assert_eq!(answer.header("location"), "/admin/statistics");
    let browser = Browser::of(&world, &answer);
    let page = browser.get("/admin/statistics").await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("/admin/outbox") && !page.body.contains(r#"href="/admin""#));
    let operator = Browser::signed_in(&world, TOKEN).await;
    for path in PAGES
        .iter()
        .copied()
        .filter(|path| *path != "/admin/statistics")
        .chain(["/admin/callbacks/cb_1", "/admin/alerts/al_1"])
    {
        let refused = browser.get(path).await;
        assert_eq!(refused.status, 403, "{path}");
        assert!(refused.header("content-type").starts_with("text/html"));
        assert!(
            refused.body.contains("not_permitted"),
            "{path}: {}",
            refused.body
        );
        let program = world
            .ask(Method::GET, path)
            .header("Cookie", &browser.cookie);
        program.send().await.is_problem("not_permitted");
    }
    let (_, rest) = page.body.split_once(r#"name="word" value=""#).unwrap();
    let word = rest.split('"').next().unwrap().to_owned();
    for (path, field) in [
        ("/admin/dialling", ("turn", "off")),
        ("/admin/callbacks/cb_1", ("", "")),
        ("/admin/alerts/al_1", ("decision", "dropped")),
        ("/admin/hosts", ("name", "x")),
        ("/admin/calls/ca_1", ("", "")),
    ] {
        let ask = browser.form(path, &[field, ("word", &word)]);
        let answer = ask.header("Origin", ORIGIN).send().await;
        assert_eq!(answer.status, 403, "{path}: {}", answer.body);
    }
    assert!(!operator.audit().await.contains("switched"));
    let answer = browser
        .form("/admin/sign-out", &[("word", &word)])
        .header("Origin", ORIGIN);
    assert_eq!(answer.send().await.header("location"), "/admin/sign-in");
    assert_eq!(browser.get("/admin/statistics").await.status, 303);
}

#[tokio::test]
async fn somebody_is_sent_where_they_may_go_after_signing_in() {
    let world = world().await;
    for (token, to, led) in [
        (SUPERVISOR, "/admin/outbox", "/admin/statistics"),
        (SUPERVISOR, "/admin/statistics", "/admin/statistics"),
        (TOKEN, "/admin/statistics", "/admin/statistics"),
        (TOKEN, "", "/admin"),
    ] {
        let answer = form(&world, "/admin/sign-in", &[("token", token), ("to", to)])
            .header("Origin", ORIGIN)
            .send()
            .await;
        assert_eq!(answer.header("location"), led, "{to}");
    }
}

#[tokio::test]
async fn statistics_are_for_agents_who_may_see_them() {
    let world = world().await;
    let session = session_of(&world, claims("005SAM"), SIGNING_SECRET).await;
    let ask = |ask: Ask| async { ask.send().await };
    for query in ["", "?format=csv"] {
        let path = format!("/v1/statistics{query}");
        let answer = ask(world.ask(Method::GET, &path).bearer(&session)).await;
        assert_eq!(answer.is_problem("not_permitted").status, 403);
        ask(world.ask(Method::GET, &path))
            .await
            .is_problem("session_missing");
    }
    assert_eq!(statistics(&world, "").await.status, 200);
    assert!(
        world.seen(REPORT).await.len() <= 1,
        "who may not see them asks no platform"
    );
}

#[tokio::test]
async fn figures_are_asked_for_no_more_often_than_an_agent_may_dial() {
    let world = World::with(|config| {
        with_supervisors(config).replacen("limits = {", "limits = { agent_per_hour = 2,", 1)
    });
    let world = at_noon(world.await);
    for query in ["", "?format=csv"] {
        assert_eq!(statistics(&world, query).await.status, 200);
    }
    // Another period is no other answer to whoever asks for one after another.
    let refused = statistics(&world, "?from=2026-11-01").await;
    assert_eq!(refused.is_problem("too_many_requests").status, 429);
    assert_eq!(world.seen(REPORT).await.len(), 1);
    world.relay.clock.advance(Duration::from_secs(66 * 60));
    assert_eq!(statistics(&world, "").await.status, 200);
}

#[tokio::test]
async fn what_was_clicked_and_asked_for_is_counted_by_team_topic_and_hour_and_the_sums_match() {
    let world = world().await;
    seed(&world).await;
    let answer = statistics(&world, "").await;
    let relay = &answer.json["relay"];
    assert_eq!(answer.json["zone"], "Europe/Berlin");
    let calls = &relay["calls"];
    assert_eq!(calls["total"], 2, "{}", answer.body);
    let outcomes = json!({ "accepted": 1, "refused": 1, "unknown": 0, "asking": 0 });
    assert_eq!(calls["outcomes"], outcomes);
    let team = json!([{ "id": null, "name": "=Inside sales", "total": 2, "outcomes": outcomes }]);
    assert_eq!(calls["teams"], team);
    let agent =
        json!([{ "id": "acme/005ALEX", "name": "Alex Adler", "total": 2, "outcomes": outcomes }]);
    assert_eq!(calls["agents"], agent);
    for tally in [calls, &relay["callbacks"]] {
        let hours = tally["hours"].as_array().unwrap();
        assert_eq!(hours.len(), 24);
        assert_eq!(hours.iter().map(sum).sum::<u64>(), 2);
    }
    let callbacks = &relay["callbacks"];
    assert_eq!(
        (callbacks["total"].as_u64(), sum(&callbacks["states"])),
        (Some(2), 2)
    );
    let topics: Vec<_> = callbacks["topics"].as_array().unwrap().iter().collect();
    assert_eq!(topics.len(), 2);
    for topic in topics {
        let state = if topic["topic"] == "now" {
            "handed_over"
        } else {
            "queued"
        };
        assert_eq!(topic["states"][state], 1, "{topic}");
    }
    let waiting = json!({ "due": 0, "oldest_seconds": null, "later": 1 });
    assert_eq!(relay["waiting"], waiting);
    assert!(!answer.body.contains(NUMBER), "no numbers");
}

#[tokio::test]
async fn a_callback_that_is_due_waits_since_it_was_asked_for_also_while_it_is_tried_again() {
    let world = world().await;
    let busy = json!({ "status": { "code": 429 } });
    world.fault("/apiv1/team/make_call", busy).await;
    let made = callback(&world, "sales").await;
    world.until_state(&made, "due").await;
    world.relay.clock.advance(Duration::from_secs(30));
    let waiting = statistics(&world, "").await.json["relay"]["waiting"].clone();
    assert_eq!(waiting["due"], 1, "{waiting}");
    let oldest = waiting["oldest_seconds"].as_u64().unwrap();
    assert!((30..90).contains(&oldest), "{waiting}");
}

#[tokio::test]
async fn other_days_are_not_mixed_in_and_what_was_deleted_is_said() {
    let world = world().await;
    seed(&world).await;
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    let now = jiff::Timestamp::from_millisecond(world.relay.clock.now()).unwrap();
    let today = zone.to_datetime(now).date();
    let yesterday = today.yesterday().unwrap();
    let answer = statistics(&world, &format!("?from={yesterday}")).await;
    assert_eq!(answer.json["relay"]["calls"]["total"], 0, "{}", answer.body);
    let both = statistics(&world, &format!("?from={yesterday}&to={today}")).await;
    assert_eq!(both.json["relay"]["calls"]["total"], 2);
    assert_eq!(both.json["relay"]["forgotten_before"], Value::Null);
    let old = statistics(&world, "?from=2020-01-01").await;
    assert!(
        old.json["relay"]["forgotten_before"].is_string(),
        "{}",
        old.body
    );
}

#[tokio::test]
async fn what_is_no_period_is_refused_with_its_field_and_the_page_shows_the_form_again() {
    let world = world().await;
    for (query, code, field) in [
        ("?from=yesterday", "invalid_field", "from"),
        ("?from=2026-01-01&to=2026-02-01", "invalid_field", "to"),
        ("?from=2026-01-02&to=2026-01-01", "invalid_field", "to"),
        ("?format=xml", "invalid_field", "format"),
        ("?team=1", "unknown_field", "team"),
    ] {
        let answer = statistics(&world, query).await;
        answer.is_problem(code).about(field);
    }
    let browser = Browser::signed_in(&world, SUPERVISOR).await;
    let page = browser
        .get("/admin/statistics?from=2026-01-01&to=2026-02-01")
        .await;
    assert_eq!(page.status, 422);
    assert!(page.body.contains("more than 31 days") && page.body.contains(r#"type="date""#));
}

/// Calls of the last minutes in the sandbox, and a period that they are in whenever this runs.
async fn past_calls(world: &World) -> String {
    let agent = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
    let number = "+493055500001";
    let calls = json!([
        { "direction": "inbound", "number": number, "queue": "Support", "agent": agent, "minutes_ago": 9, "rang": 5, "talked": 60 },
        { "direction": "inbound", "number": number, "queue": "Support", "agent": agent, "minutes_ago": 7, "rang": 40, "talked": 60 },
        { "direction": "inbound", "number": number, "queue": "Support", "minutes_ago": 5, "rang": 30 },
        { "direction": "outbound", "number": number, "agent": agent, "minutes_ago": 3, "talked": 20 },
    ]);
    let url = format!("{}/_sandbox/calls/past", world.sandbox.url());
    let made = Ask::new(Method::POST, url).json(&calls).send().await;
    assert_eq!(made.status, 200, "{}", made.body);
    // By the sandbox's clock, which is not ahead.
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    let today = zone.to_datetime(jiff::Timestamp::now()).date();
    format!("?from={}&to={today}", today.yesterday().unwrap())
}

#[tokio::test]
async fn what_the_platform_itself_reports_is_counted_with_its_waits_and_queues() {
    let world = world().await;
    let period = past_calls(&world).await;
    let told = babelforce(&world, &period).await;
    assert_eq!(told["calls"]["state"], "told", "{told}");
    let figures = &told["calls"]["figures"];
    assert_eq!(
        (figures["inbound"].as_u64(), figures["outbound"].as_u64()),
        (Some(3), Some(1)),
        "{told}"
    );
    let answers = &figures["answers"];
    assert_eq!(
        (answers["answered"].as_u64(), answers["missed"].as_u64()),
        (Some(2), Some(1)),
        "{told}"
    );
    assert_eq!(answers["within_20_seconds"], 1, "{told}");
    let teams = figures["calls"]["teams"].as_array().unwrap();
    let support = teams.iter().find(|team| team["name"] == "Support");
    assert_eq!(support.unwrap()["total"], 3, "{told}");
    assert!(!told.to_string().contains("4930555"), "no numbers");
}

#[tokio::test]
async fn the_platforms_calls_stand_apart_with_their_answer_times() {
    let world = world().await;
    let at = patchcord_relay::clock::to_rfc3339(world.relay.clock.now() - 1_000);
    let call = |id: u32, kind: &str, bridged: bool, wait: u32| {
        json!({
            "id": format!("{id:032x}"), "type": kind, "dateCreated": at, "bridged": bridged, "waitTime": wait,
            "agentName": "Alex Adler", "queueName": "=Support", "from": "+493055500001", "duration": 60,
        })
    };
    let calls = [
        call(1, "inboundCall", true, 5),
        call(2, "inboundCall", true, 40),
        call(3, "inboundCall", false, 30),
        call(4, "outboundCall", true, 9),
        // The list has moved while it was read.
        call(2, "inboundCall", true, 40),
    ];
    world.fault(REPORT, report(&calls, 1)).await;
    let told = babelforce(&world, "").await;
    assert_eq!(told["calls"]["state"], "told", "{told}");
    assert_eq!(told["calls"]["cut"], false);
    let figures = &told["calls"]["figures"];
    assert_eq!(
        (figures["inbound"].as_u64(), figures["outbound"].as_u64()),
        (Some(3), Some(1))
    );
    let calls = &figures["calls"];
    assert_eq!(calls["total"], 4, "{told}");
    assert_eq!(sum(&calls["outcomes"]), 4);
    assert_eq!(
        calls["hours"]
            .as_array()
            .unwrap()
            .iter()
            .map(sum)
            .sum::<u64>(),
        4
    );
    let answers = &figures["answers"];
    assert_eq!(
        (answers["answered"].as_u64(), answers["missed"].as_u64()),
        (Some(2), Some(1)),
        "{told}"
    );
    assert_eq!(answers["within_20_seconds"], 1);
    assert!(!told.to_string().contains("4930555"), "no numbers");
    let own = statistics(&world, "").await;
    assert_eq!(
        own.json["relay"]["calls"]["total"], 0,
        "they are not the relay's"
    );
}

#[tokio::test]
async fn a_page_that_is_reloaded_by_many_asks_the_platform_once_a_minute() {
    let world = world().await;
    let browser = Browser::signed_in(&world, SUPERVISOR).await;
    let many = (0..8).map(|_| browser.get("/admin/statistics"));
    for page in futures_util::future::join_all(many).await {
        assert_eq!(page.status, 200);
    }
    statistics(&world, "").await;
    assert_eq!(world.seen(REPORT).await.len(), 1);
    let queues = world.seen(QUEUES).await.len();
    world.relay.clock.advance(Duration::from_secs(61));
    browser.get("/admin/statistics").await;
    assert_eq!(world.seen(REPORT).await.len(), 2);
    assert_eq!(
        world.seen(QUEUES).await.len(),
        queues * 2,
        "what waits now, too"
    );
}

#[tokio::test]
async fn a_platform_that_does_not_answer_is_said_on_the_page_in_the_json_and_in_the_file() {
    let world = world().await;
    seed(&world).await;
    world
        .fault(REPORT, json!({ "status": { "code": 503 } }))
        .await;
    let told = babelforce(&world, "").await;
    assert_eq!(told["calls"]["state"], "failed", "{told}");
    let code = told["calls"]["code"].as_str().unwrap().to_owned();
    assert_eq!(
        told["calls"]["figures"],
        Value::Null,
        "and no figure is made up"
    );
    let browser = Browser::signed_in(&world, SUPERVISOR).await;
    let page = browser.get("/admin/statistics").await.body;
    assert!(page.contains("Not everything is here"), "{page}");
    assert!(page.contains(&code.replace('_', " ")));
    assert!(
        page.contains("Callbacks by topic"),
        "the relay's own are there"
    );
    let file = browser.get("/admin/statistics.csv").await.body;
    assert!(
        file.contains(&format!("incomplete,,,,{code},\r\n")),
        "{file}"
    );
    // It is asked again soon, and then the figures are there.
    world.fault(REPORT, report(&[], 1)).await;
    world.relay.clock.advance(Duration::from_secs(16));
    assert_eq!(babelforce(&world, "").await["calls"]["state"], "told");
}

#[tokio::test]
async fn a_list_that_never_ends_is_cut_off_and_said_to_be() {
    let world = world().await;
    world.fault(REPORT, report(&[], 1_000_000)).await;
    let told = babelforce(&world, "").await;
    assert_eq!(
        (&told["calls"]["state"], &told["calls"]["cut"]),
        (&json!("told"), &json!(true)),
        "{told}"
    );
    assert_eq!(world.seen(REPORT).await.len(), 100);
    let browser = Browser::signed_in(&world, SUPERVISOR).await;
    let page = browser.get("/admin/statistics").await.body;
    assert!(page.contains("figures are of a part"), "{page}");
    let file = browser.get("/admin/statistics.csv").await.body;
    assert!(file.contains("incomplete,,,,cut,\r\n"), "{file}");
}

#[tokio::test]
async fn a_list_that_takes_too_long_is_cut_off_and_no_queue_waits_for_it() {
    let world = world().await;
    let at = patchcord_relay::clock::to_rfc3339(world.relay.clock.now() - 1_000);
    let call = json!({ "id": format!("{:032x}", 1), "type": "inboundCall", "dateCreated": at });
    let mut slow = json!({ "match": { "path": REPORT }, "delay_ms": 300 });
    slow["action"] = report(&[call], 1_000_000);
    world.faults(json!([slow])).await;
    let telling = async {
        let first = babelforce(&world, "").await;
        assert_eq!(first["queues"]["state"], "told", "{first}");
    };
    let passing = async {
        // Asked for while the past is still told.
        eventually(async || (!world.seen(QUEUES).await.is_empty()).then_some(())).await;
        eventually(async || (world.seen(REPORT).await.len() > 1).then_some(())).await;
        world.relay.clock.advance(Duration::from_secs(121));
    };
    tokio::join!(telling, passing);
    let told = babelforce(&world, "").await;
    assert_eq!(
        (&told["calls"]["state"], &told["calls"]["cut"]),
        (&json!("told"), &json!(true)),
        "{told}"
    );
    assert_eq!(told["calls"]["figures"]["calls"]["total"], 1, "{told}");
    assert!(world.seen(REPORT).await.len() < 100);
}

#[tokio::test]
async fn the_file_has_a_row_for_each_group_and_no_cell_that_a_spreadsheet_computes() {
    let world = world().await;
    seed(&world).await;
    let browser = Browser::signed_in(&world, SUPERVISOR).await;
    let file = browser.get("/admin/statistics.csv").await;
    assert_eq!(
        file.header("content-type"),
        "text/csv; charset=utf-8; header=present"
    );
    assert!(
        file.header("content-disposition")
            .starts_with("attachment; filename=\"patchcord-statistics-")
    );
    let mut lines = file.body.split_terminator("\r\n");
    assert_eq!(
        lines.next(),
        Some("source,from,to,kind,team,agent,topic,outcome,count")
    );
    assert!(file.body.ends_with("\r\n") && !file.body.replace("\r\n", "").contains('\n'));
    let lines: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let of = |kind: &'static str| lines.iter().filter(move |line| line[3] == kind);
    assert_eq!(of("call").count(), 2);
    assert!(of("call").all(|line| line[4] == "'=Inside sales" && line[5] == "Alex Adler"));
    assert_eq!(of("callback").count(), 2);
    let same = statistics(&world, "?format=csv").await;
    assert_eq!(same.body, file.body);
    let session = alexs_session(&world).await;
    let ask = world.ask(Method::GET, "/v1/statistics").bearer(&session);
    assert_eq!(
        ask.header("Accept", "text/csv").send().await.body,
        file.body
    );
    let ask = world.ask(Method::GET, "/v1/statistics").bearer(&session);
    assert!(ask.header("Accept", ACCEPT).send().await.json["relay"].is_object());
}
