//! What lets a visitor change a callback or call it off afterwards: the link, what it tells, and the page it leads to.

use std::path::Path;

use patchcord_relay::clock::to_rfc3339;
use patchcord_relay::config::{Config, Environment};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{AUDIENCE, Answer, NUMBER, SITE, World, config, fresh_key};

/// A world whose relay serves the widget, and with it a page of its own.
async fn with_page() -> (World, TempDir) {
    let web = TempDir::new().unwrap();
    std::fs::write(web.path().join("patchcord.js"), "loader").unwrap();
    let path = web.path().display().to_string();
    let world = World::with(|config| {
        config.replacen("region =", &format!("web = \"{path}\"\nregion ="), 1)
    });
    (world.await, web)
}

fn ahead(world: &World, seconds: i64) -> String {
    to_rfc3339((world.relay.clock.now() / 1000 + seconds) * 1000)
}

async fn wish(world: &World, key: &str, body: &Value) -> Answer {
    let answer = world
        .ask(Method::POST, "/v1/callbacks")
        .header("Patchcord-Key", key)
        .header("Idempotency-Key", &fresh_key())
        .json(body)
        .send()
        .await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer
}

fn later(world: &World) -> Value {
    json!({ "number": NUMBER, "topic": "sales", "at": ahead(world, 3600) })
}

#[tokio::test]
async fn the_link_leads_to_the_relays_page_with_the_token_where_no_server_sees_it() {
    let (world, _web) = with_page().await;
    let taken = wish(&world, "pk_plain", &later(&world)).await.json;
    let text = |name: &str| taken[name].as_str().unwrap();
    assert_eq!(
        text("manage_url"),
        format!(
            "{AUDIENCE}/callback#{}.{}",
            text("id"),
            text("manage_token")
        )
    );
}

#[tokio::test]
async fn the_link_leads_to_the_websites_own_page_where_it_has_one() {
    let world = World::with(|config| {
        config.replacen(
            "key = \"pk_plain\"",
            "key = \"pk_plain\"\nmanage_page = \"https://other.acme.example/my-callback?x=1\"",
            1,
        )
    })
    .await;
    let taken = wish(&world, "pk_plain", &later(&world)).await.json;
    let text = |name: &str| taken[name].as_str().unwrap();
    assert_eq!(
        text("manage_url"),
        format!(
            "https://other.acme.example/my-callback?x=1#patchcord={}.{}",
            text("id"),
            text("manage_token")
        )
    );
}

#[tokio::test]
async fn without_any_page_there_is_no_link_and_no_page() {
    let world = World::new().await;
    let taken = wish(&world, "pk_plain", &later(&world)).await.json;
    assert!(taken.get("manage_url").is_none(), "{taken}");
    assert!(taken["manage_token"].is_string());
    for path in ["/callback", "/callback.css"] {
        world
            .ask(Method::GET, path)
            .send()
            .await
            .is_problem("not_found");
    }
}

#[tokio::test]
async fn its_holder_is_told_enough_to_show_it_and_not_the_number() {
    let world = World::with(|config| {
        config
            .replacen(
                "[[topic]]\ntopic = \"sales\"\nlabel = \"Sales\"\n",
                "[[topic]]\ntopic = \"sales\"\nlabel = { en = \"Sales\", de = \"Verkauf\" }\nhours = \"always\"\n",
                1,
            )
            + "\n[[hours]]\nname = \"always\"\nzone = \"Europe/Berlin\"\n"
            + &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
                .map(|day| format!("{day} = [\"00:00-24:00\"]\n"))
                .concat()
    })
    .await;
    let body = later(&world);
    let taken = wish(&world, "pk_plain", &body).await.json;
    assert_eq!(taken["due"], body["at"]);
    let path = format!("/v1/callbacks/{}?lang=de", taken["id"].as_str().unwrap());
    let ask = |method: Method, path: &str| {
        world
            .ask(method, path)
            .header("Patchcord-Manage", taken["manage_token"].as_str().unwrap())
    };
    let told = ask(Method::GET, &path).send().await;
    assert_eq!(
        told.json,
        json!({
            "id": taken["id"], "reference": taken["reference"], "state": "queued", "at": body["at"], "due": body["at"],
            "topic": "sales", "topic_label": "Verkauf", "number": "…678", "zone": "Europe/Berlin", "schedule": true,
            "changeable": true, "site_key": "pk_plain",
        })
    );
    assert!(!told.body.contains("+49"), "{}", told.body);
    assert_eq!(told.header("cache-control"), "no-store");
    // The same after a change, in the language of that request.
    let path = format!("/v1/callbacks/{}", taken["id"].as_str().unwrap());
    let at = ahead(&world, 7200);
    let changed = ask(Method::PATCH, &path)
        .json(&json!({ "at": at }))
        .send()
        .await
        .json;
    assert_eq!(
        (
            &changed["due"],
            &changed["topic_label"],
            &changed["changeable"]
        ),
        (&json!(at), &json!("Sales"), &json!(true))
    );
    let cancelled = ask(Method::DELETE, &path).send().await.json;
    assert_eq!(
        (
            &cancelled["state"],
            &cancelled["changeable"],
            &cancelled["number"]
        ),
        (&json!("cancelled"), &json!(false), &json!("…678"))
    );
    assert!(cancelled.get("due").is_none(), "{cancelled}");
    ask(Method::GET, &format!("{path}?language=de"))
        .send()
        .await
        .is_problem("unknown_field");
}

#[tokio::test]
async fn as_soon_as_possible_says_when_that_is() {
    let world = World::with(|config| {
        config.replacen(
            "[[topic]]\ntopic = \"sales\"\nlabel = \"Sales\"\n",
            "[[hours]]\nname = \"office\"\nzone = \"UTC\"\nmonday = [\"09:00-17:00\"]\n\n[[topic]]\ntopic = \"sales\"\nlabel = \"Sales\"\nhours = \"office\"\n",
            1,
        )
    })
    .await;
    // 2030-01-07 is a Monday.
    let sunday = patchcord_relay::clock::from_rfc3339("2030-01-06T12:00:00Z").unwrap();
    world.relay.clock.set(sunday);
    let body = json!({ "number": NUMBER, "topic": "sales" });
    let taken = wish(&world, "pk_plain", &body).await.json;
    assert_eq!(
        (&taken["at"], &taken["due"]),
        (&Value::Null, &json!("2030-01-07T09:00:00Z"))
    );
}

#[tokio::test]
async fn the_relays_own_page_may_manage_a_callback_but_not_ask_for_one() {
    let (world, _web) = with_page().await;
    let body = later(&world);
    let taken = wish(&world, "pk_plain", &body).await.json;
    let changed = world
        .managed(Method::PATCH, &taken)
        .header("Origin", AUDIENCE)
        .json(&json!({ "at": ahead(&world, 7200) }))
        .send()
        .await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let cancelled = world
        .managed(Method::DELETE, &taken)
        .header("Origin", AUDIENCE)
        .send()
        .await;
    assert_eq!(cancelled.json["state"], "cancelled", "{}", cancelled.body);
    // A page of another key is still none of its business.
    world
        .managed(Method::GET, &taken)
        .header("Origin", SITE)
        .send()
        .await
        .is_problem("origin_not_allowed");
    let refused = world
        .ask(Method::POST, "/v1/callbacks")
        .header("Patchcord-Key", "pk_plain")
        .header("Idempotency-Key", &fresh_key())
        .header("Origin", AUDIENCE)
        .json(&body)
        .send()
        .await;
    refused.is_problem("origin_not_allowed");
}

#[tokio::test]
async fn without_a_page_of_its_own_the_relays_origin_is_like_any_other() {
    let world = World::new().await;
    let taken = wish(&world, "pk_plain", &later(&world)).await.json;
    world
        .managed(Method::DELETE, &taken)
        .header("Origin", AUDIENCE)
        .send()
        .await
        .is_problem("origin_not_allowed");
}

#[tokio::test]
async fn the_page_has_a_strict_policy_and_nothing_of_any_callback_in_it() {
    let (world, _web) = with_page().await;
    for (wished, lang, dir) in [
        ("de-AT,en", "de", "ltr"),
        ("ar", "ar", "rtl"),
        ("ja", "ja", "ltr"),
        ("it", "en", "ltr"),
    ] {
        let page = world
            .ask(Method::GET, "/callback")
            .header("Accept-Language", wished)
            .send()
            .await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(
            page.body
                .contains(&format!("<html lang=\"{lang}\" dir=\"{dir}\">")),
            "{}",
            page.body
        );
        let policy = page.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval';",
            "style-src 'self';",
            "connect-src 'self';",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
        // No script and no style in the page itself.
        assert!(
            page.body
                .contains("<script type=\"module\" src=\"/patchcord.js\"></script>")
        );
        assert_eq!(page.body.matches("<script").count(), 1);
        assert!(!page.body.contains("<style") && !page.body.contains(" style="));
        assert!(page.body.contains("<patchcord-callback manage>"));
    }
    let style = world.ask(Method::GET, "/callback.css").send().await;
    assert_eq!(
        (style.status, style.header("content-type")),
        (200, "text/css; charset=utf-8")
    );
}

#[test]
fn a_manage_page_is_at_one_of_the_keys_origins() {
    let path_of = |page: &str| {
        let text = config("http://127.0.0.1:1").replacen(
            "key = \"pk_plain\"",
            &format!("key = \"pk_plain\"\nmanage_page = \"{page}\""),
            1,
        );
        let read = Config::parse(&text, Path::new("."), &Environment::default());
        read.map_err(|error| error.path).map(|_| ())
    };
    path_of("https://other.acme.example/callback").unwrap();
    for wrong in [
        "https://elsewhere.example/callback",
        "http://other.acme.example/callback",
        "https://other.acme.example/callback#x",
        "/callback",
        "",
    ] {
        assert_eq!(
            path_of(wrong),
            Err("key[1].manage_page".to_owned()),
            "{wrong}"
        );
    }
}
