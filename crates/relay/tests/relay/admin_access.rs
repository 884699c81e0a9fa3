//! Who may open the admin pages: signing in, sessions, and forms that come from elsewhere.

use std::time::{Duration, Instant};

use reqwest::Method;

use crate::browser::{
    Browser, ORIGIN, OTHER_TOKEN, PAGES, TOKEN, form, sign_in, with_admin, world,
};
use crate::support::{Answer, World};

#[tokio::test]
async fn without_admin_in_the_configuration_there_are_no_admin_pages() {
    let world = World::new().await;
    for path in PAGES.iter().chain(&["/admin/sign-in", "/admin/style.css"]) {
        let answer = world.ask(Method::GET, path).send().await;
        answer.is_problem("not_found");
    }
    assert_eq!(sign_in(&world, TOKEN).await.status, 404);
}

#[tokio::test]
async fn nobody_sees_a_page_or_changes_anything_without_signing_in() {
    let world = world().await;
    for cookie in ["", "patchcord_admin=", "patchcord_admin=pca_00", "a=b"] {
        for path in PAGES
            .iter()
            .chain(&["/admin/callbacks/cb_1", "/admin/alerts/al_1"])
        {
            let ask = world.ask(Method::GET, path).header("Cookie", cookie);
            let answer = ask.send().await;
            assert_eq!(answer.status, 303, "{path}: {}", answer.body);
            assert!(answer.header("location").starts_with("/admin/sign-in"));
            assert_eq!(answer.body, "");
        }
        let ask = form(&world, "/admin/dialling", &[("turn", "off"), ("word", "")]);
        let answer = ask
            .header("Cookie", cookie)
            .header("Origin", ORIGIN)
            .send()
            .await;
        assert_eq!(answer.status, 303, "{}", answer.body);
    }
    let browser = Browser::signed_in(&world, TOKEN).await;
    assert!(!browser.audit().await.contains("switched"));
}

#[tokio::test]
async fn a_session_is_a_cookie_that_scripts_and_other_sites_cannot_use() {
    let world = world().await;
    let answer = sign_in(&world, TOKEN).await;
    assert_eq!(answer.header("location"), "/admin");
    let cookie = answer.header("set-cookie").to_owned();
    for part in [
        "; HttpOnly",
        "; SameSite=Strict",
        "; Path=/admin",
        "; Secure",
        "; Max-Age=28800",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let answer = form(
        &world,
        "/admin/sign-in",
        &[("token", TOKEN), ("to", "//evil.example")],
    )
    .header("Origin", ORIGIN)
    .send()
    .await;
    assert_eq!(answer.header("location"), "/admin");
}

#[tokio::test]
async fn every_page_refuses_frames_scripts_and_caches() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    for path in PAGES
        .iter()
        .chain(&["/admin/sign-in", "/admin/nothing-here"])
    {
        let answer = browser.get(path).await;
        let status = if path.ends_with("here") { 404 } else { 200 };
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.header("content-type").starts_with("text/html"));
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("access-control-allow-origin"), "");
        assert!(!answer.body.contains("<script") && !answer.body.contains("style="));
    }
}

/// A world behind a proxy on this machine.
async fn behind_a_proxy() -> World {
    let proxies = "trusted_proxies = [\"127.0.0.1\"]\naudience =";
    World::with(|config| with_admin(config).replacen("audience =", proxies, 1)).await
}

/// Somebody at this address signs in.
async fn from(world: &World, address: &str, token: &str) -> Answer {
    form(world, "/admin/sign-in", &[("token", token)])
        .header("Origin", ORIGIN)
        .header("X-Forwarded-For", address)
        .send()
        .await
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_after_ten_of_them_every_token_from_there_for_a_while() {
    let world = world().await;
    let before = Browser::signed_in(&world, TOKEN).await;
    for wrong in [
        "",
        "x",
        TOKEN.trim_start_matches('c'),
        &format!("{TOKEN}x"),
        "pk_demo",
    ] {
        let answer = sign_in(&world, wrong).await;
        assert_eq!(answer.status, 403, "{wrong}");
        assert_eq!(answer.header("set-cookie"), "");
        assert!(!answer.body.contains("canary"));
    }
    for _ in 5..10 {
        assert_eq!(sign_in(&world, "x").await.status, 403);
    }
    let refused = sign_in(&world, TOKEN).await;
    assert_eq!((refused.status, refused.header("set-cookie")), (429, ""));
    assert_eq!(before.get("/admin").await.status, 200, "who is in stays in");
    let failed = before.audit().await.matches("sign in failed").count();
    assert_eq!(failed, 10);
    // Failures are counted by the minute, and a minute may have ended since the first one.
    world.relay.clock.advance(Duration::from_secs(13 * 60));
    assert_eq!(sign_in(&world, TOKEN).await.status, 429);
    world.relay.clock.advance(Duration::from_secs(3 * 60));
    assert_eq!(sign_in(&world, TOKEN).await.status, 303);
}

#[tokio::test]
async fn a_stranger_who_fails_keeps_nobody_out_who_is_elsewhere() {
    let world = behind_a_proxy().await;
    for (stranger, neighbour, operator) in [
        ("203.0.113.9", "203.0.113.9", "203.0.113.10"),
        ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"),
    ] {
        for _ in 0..10 {
            assert_eq!(from(&world, stranger, "x").await.status, 403);
        }
        assert_eq!(from(&world, neighbour, TOKEN).await.status, 429);
        assert_eq!(from(&world, operator, TOKEN).await.status, 303);
        // What a stranger writes in front of the proxy's word counts for nothing.
        let elsewhere = format!("198.51.100.7, {stranger}");
        assert_eq!(from(&world, &elsewhere, TOKEN).await.status, 429);
    }
}

#[tokio::test]
async fn strangers_at_many_addresses_slow_signing_in_down_but_do_not_prevent_it() {
    let world = behind_a_proxy().await;
    let began = Instant::now();
    assert_eq!(from(&world, "192.0.2.1", TOKEN).await.status, 303);
    let quick = began.elapsed();
    for nth in 0..100 {
        let answer = from(&world, &format!("198.51.100.{}", nth % 20), "x").await;
        assert_eq!(answer.status, 403, "{nth}");
    }
    let began = Instant::now();
    let (right, wrong) = tokio::join!(
        from(&world, "192.0.2.1", TOKEN),
        from(&world, "192.0.2.2", "x"),
    );
    assert_eq!((right.status, wrong.status), (303, 403));
    let slow = began.elapsed();
    assert!(
        quick < Duration::from_secs(2) && slow >= Duration::from_secs(2),
        "{quick:?} {slow:?}"
    );
    // They are counted on, but do not fill the log.
    let relay = world.relay.shared();
    let written: i64 =
        sqlx::query_scalar("SELECT count(*) FROM audit WHERE action = 'sign_in_failed'")
            .fetch_one(relay.store.read())
            .await
            .unwrap();
    assert_eq!(written, 100);
    relay.refusals.write(&relay.store).await.unwrap();
    let browser = Browser::of(&world, &right);
    let refusals = browser.get("/admin/refusals").await.body;
    assert!(
        refusals.contains("<code>sign_in_failed</code></dt><dd>101</dd>"),
        "{refusals}"
    );
}

#[tokio::test]
async fn a_form_from_another_site_or_another_session_changes_nothing() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let other = Browser::signed_in(&world, OTHER_TOKEN).await;
    let (word, others) = (browser.word().await, other.word().await);
    assert_ne!(word, others);
    let off = [("turn", "off"), ("reason", "x")];
    for (origin, said) in [
        (Some("https://evil.example"), Some(word.as_str())),
        (Some("null"), Some(&word)),
        (Some("http://relay.acme.example"), Some(&word)),
        (None, Some(&word)),
        (Some(ORIGIN), None),
        (Some(ORIGIN), Some("")),
        (Some(ORIGIN), Some(&others)),
        (Some(ORIGIN), Some(word.split_at(1).1)),
    ] {
        let mut fields = off.to_vec();
        fields.extend(said.map(|said| ("word", said)));
        for path in ["/admin/dialling", "/admin/sign-out"] {
            let mut ask = browser.form(path, &fields);
            if let Some(origin) = origin {
                ask = ask.header("Origin", origin);
            }
            let answer = ask.send().await;
            let status = if origin == Some(ORIGIN) { 401 } else { 403 };
            assert_eq!(answer.status, status, "{path} {origin:?} {said:?}");
        }
    }
    let foreign = form(&world, "/admin/sign-in", &[("token", TOKEN)]);
    let foreign = foreign
        .header("Origin", "https://evil.example")
        .send()
        .await;
    assert_eq!((foreign.status, foreign.header("set-cookie")), (403, ""));
    assert!(!browser.audit().await.contains("switched"));
    // Right in both respects, it is done.
    assert_eq!(browser.post("/admin/dialling", &off).await.status, 303);
    assert!(browser.audit().await.contains("switched off"));
}

#[tokio::test]
async fn signing_out_ends_the_session_and_so_does_a_working_day() {
    let world = world().await;
    let browser = Browser::signed_in(&world, TOKEN).await;
    let answer = browser.post("/admin/sign-out", &[]).await;
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(browser.get("/admin").await.status, 303);

    let browser = Browser::signed_in(&world, TOKEN).await;
    world
        .relay
        .clock
        .advance(Duration::from_secs(8 * 3600 - 60));
    assert_eq!(browser.get("/admin").await.status, 200);
    world.relay.clock.advance(Duration::from_secs(120));
    assert_eq!(browser.get("/admin").await.status, 303);
}
