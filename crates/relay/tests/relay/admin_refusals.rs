//! What the admin pages refuse: a page with a code for a browser, a problem document for a program.

use reqwest::Method;

use crate::browser::{ACCEPT, Browser, ORIGIN, TOKEN, form, sign_in, world};
use crate::support::{Answer, Ask, World};

const FORM: &str = "application/x-www-form-urlencoded";

/// Checks that this is a page of the admin pages' own look that says this code.
#[track_caller]
fn is_page(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(answer.body.contains("/admin/style.css"), "{}", answer.body);
    assert!(
        answer.body.contains(&format!("<code>{code}</code>")),
        "{}",
        answer.body
    );
    let id = answer.header("x-request-id");
    assert!(
        !id.is_empty() && answer.body.contains(id),
        "{}",
        answer.body
    );
    assert_protected(answer);
}

#[track_caller]
fn assert_protected(answer: &Answer) {
    assert_eq!(answer.header("x-frame-options"), "DENY");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.body.contains("<script"));
}

/// A request of somebody who is signed in.
struct Wrong {
    method: Method,
    path: &'static str,
    kind: &'static str,
    body: String,
    status: u16,
    code: &'static str,
}

/// Everything that cannot be read, by whom it may be that asks.
fn wrong() -> Vec<Wrong> {
    let get = |path, status, code| Wrong {
        method: Method::GET,
        path,
        kind: FORM,
        body: String::new(),
        status,
        code,
    };
    let post = |path, kind, body: &str, status, code| Wrong {
        method: Method::POST,
        path,
        kind,
        body: body.to_owned(),
        status,
        code,
    };
    let large = format!("word={}", "x".repeat(17_000));
    vec![
        get("/admin/nothing-here", 404, "not_found"),
        get("/admin/", 404, "not_found"),
        get("/admin/alerts/%FF", 404, "not_found"),
        get("/admin/callbacks/cb_%ff%fe", 404, "not_found"),
        get("/admin/alerts/al_none", 404, "not_found"),
        get("/admin/audit?before=yesterday", 422, "invalid_field"),
        get("/admin/outbox?state=due&state=due", 422, "invalid_field"),
        get("/admin/sign-in?to=/admin&to=/admin", 422, "invalid_field"),
        get("/admin/sign-out", 405, "method_not_allowed"),
        post("/admin/nothing-here", FORM, "", 404, "not_found"),
        post("/admin/outbox", FORM, "", 405, "method_not_allowed"),
        post("/admin/style.css", FORM, "", 405, "method_not_allowed"),
        Wrong {
            method: Method::DELETE,
            ..post("/admin/dialling", FORM, "", 405, "method_not_allowed")
        },
        post(
            "/admin/dialling",
            "application/json",
            "{}",
            415,
            "unsupported_media_type",
        ),
        post(
            "/admin/dialling",
            "text/plain",
            "word=x",
            415,
            "unsupported_media_type",
        ),
        post(
            "/admin/sign-in",
            "multipart/form-data",
            "x",
            415,
            "unsupported_media_type",
        ),
        post("/admin/dialling", FORM, &large, 413, "body_too_large"),
        post("/admin/sign-in", FORM, &large, 413, "body_too_large"),
        post("/admin/dialling", FORM, "turn=off", 401, "session_expired"),
    ]
}

fn ask(world: &World, browser: &Browser<'_>, wrong: &Wrong) -> Ask {
    let ask = world
        .ask(wrong.method.clone(), wrong.path)
        .header("Cookie", &browser.cookie)
        .header("Origin", ORIGIN);
    if wrong.method == Method::GET {
        return ask;
    }
    ask.text(wrong.kind, wrong.body.clone())
}

#[tokio::test]
async fn whatever_cannot_be_read_is_a_page_with_a_code_for_a_browser() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    for wrong in wrong() {
        let ask = ask(&world, &browser, &wrong).header("Accept", ACCEPT);
        let answer = ask.send().await;
        is_page(&answer, wrong.status, wrong.code);
    }
    assert!(!browser.audit().await.contains("switched"));
}

#[tokio::test]
async fn whatever_cannot_be_read_is_a_problem_document_for_a_program() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    for accept in ["*/*", "application/json", "text/css,*/*;q=0.1"] {
        for wrong in wrong() {
            let ask = ask(&world, &browser, &wrong).header("Accept", accept);
            let answer = ask.send().await;
            answer.is_problem(wrong.code);
            assert_eq!(answer.status, wrong.status, "{}", answer.body);
            assert_protected(&answer);
        }
    }
}

#[tokio::test]
async fn the_method_that_an_address_takes_is_named() {
    let world = world().await;
    let answer = world.ask(Method::PUT, "/admin/dialling").send().await;
    answer.is_problem("method_not_allowed");
    assert_eq!(answer.header("allow"), "GET,HEAD,POST");
}

#[tokio::test]
async fn a_refused_sign_in_keeps_its_form_for_a_browser_and_has_a_code_for_a_program() {
    let world = world().await;
    for (times, status, code) in [(9, 403, "sign_in_failed"), (1, 429, "too_many_requests")] {
        for _ in 0..times {
            let page = sign_in(&world, "x").await;
            assert_eq!(page.status, status);
            assert!(page.body.contains("name=\"token\"") && page.body.contains("role=\"alert\""));
        }
        let ask = world
            .ask(Method::POST, "/admin/sign-in")
            .header("Origin", ORIGIN)
            .text(FORM, "token=x");
        ask.send().await.is_problem(code);
    }
}

#[tokio::test]
async fn a_form_of_another_site_is_told_from_one_of_another_session() {
    let world = world().await;
    let foreign = form(&world, "/admin/sign-in", &[("token", TOKEN)]);
    let foreign = foreign
        .header("Origin", "https://evil.example")
        .send()
        .await;
    is_page(&foreign, 403, "origin_not_allowed");
    let browser = Browser::signed_in(&world, TOKEN).await;
    let stale = browser.form("/admin/sign-out", &[("word", "of yesterday")]);
    let stale = stale.header("Origin", ORIGIN).send().await;
    is_page(&stale, 401, "session_expired");
}
