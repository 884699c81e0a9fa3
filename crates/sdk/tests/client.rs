//! The client in a real browser, on a stage where `fetch`, the clock and the network are the test's own: no
//! test waits for time to pass.

#![cfg(target_arch = "wasm32")]
// A test fails by panicking.
#![allow(clippy::panic, clippy::unwrap_used, missing_docs)]

use patchcord::Client;
use patchcord::js;
use patchcord::session::{Assertion, Sessions};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen(module = "/tests/stage.js")]
extern "C" {
    fn set(script: &str);
    fn strike();
    async fn settle();
    async fn pass(ms: f64);
    #[wasm_bindgen(js_name = goOnline)]
    fn go_online(online: bool);
    fn sent(at: &str) -> String;
    #[wasm_bindgen(js_name = isAborted)]
    fn is_aborted(at: &str) -> bool;
    fn write(index: u32, text: &str);
    fn options() -> JsValue;
    fn watch(promise: &js_sys::Promise) -> JsValue;
    fn told(seen: &JsValue) -> String;
    fn evaluate(script: &str) -> JsValue;
}

const SESSION: &str = r#"() => Promise.resolve(json(200, {session: "token " + stage.assertions, expires_in: 900,
    providers: [{provider: "babelforce", capabilities: ["dial", "call_state"]}]}))"#;
const CALL: &str = r#"{id: "c1", provider: "babelforce", number: "+4930123456", outcome: "accepted", state: "ringing", event: 5}"#;

/// A stage that is struck when the test ends, also when it fails.
struct Stage;

impl Stage {
    fn set(calls: &str) -> Self {
        set(&format!(
            r#"{{"POST /v1/sessions": [{SESSION}], "POST /v1/sessions/renew": [{SESSION}],
                "POST /v1/calls": [{calls}], "POST /v1/callbacks": [{calls}], "GET /v1/events": [stream]}}"#
        ));
        Self
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        strike();
    }
}

fn request() -> JsValue {
    js::parse_object(&r#"{"number": "+4930123456", "payload": {"deep": [1, {"x": null}]}}"#.into())
        .unwrap()
}

fn call(client: &Client) -> JsValue {
    watch(&client.call(&request(), &JsValue::UNDEFINED))
}

fn count(at: &str) -> usize {
    sent(at).matches("\"at\"").count()
}

fn keys(at: &str) -> Vec<String> {
    let log = sent(at);
    let mut keys: Vec<String> = log
        .split("\"Idempotency-Key\":\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    keys.dedup();
    keys
}

#[wasm_bindgen_test]
async fn everyone_who_asks_at_the_same_time_gets_one_session() {
    let _stage = Stage::set(&format!("() => Promise.resolve(json(200, {CALL}))"));
    let options = options();
    let clients = [(); 10].map(|()| Client::new(&options).unwrap());
    let calls = clients.each_ref().map(call);
    settle().await;
    assert!(calls.iter().all(|seen| told(seen).contains("accepted")));
    assert_eq!(count("POST /v1/sessions"), 1);
    assert_eq!(count("POST /v1/calls"), 10);
    assert!(sent("POST /v1/calls").contains("Bearer token 1"));
}

#[wasm_bindgen_test]
async fn a_session_is_renewed_before_it_ends_and_had_anew_after() {
    let _stage = Stage::set("");
    let sessions = Sessions::shared("https://relay.test", Assertion::read(&options()));
    sessions.get().await.unwrap();
    pass(850_000.0).await;
    sessions.get().await.unwrap();
    assert_eq!(
        (count("POST /v1/sessions"), count("POST /v1/sessions/renew")),
        (1, 1)
    );
    pass(1_000_000.0).await;
    sessions.get().await.unwrap();
    assert_eq!(
        (count("POST /v1/sessions"), count("POST /v1/sessions/renew")),
        (2, 1)
    );
}

#[wasm_bindgen_test]
async fn a_refused_session_is_had_again_and_the_call_goes_out_under_its_own_key() {
    let calls = format!(r#"problem(401, "session_expired"), json(200, {CALL})"#);
    let _stage = Stage::set(&calls);
    let seen = call(&Client::new(&options()).unwrap());
    pass(1_000.0).await;
    assert!(told(&seen).contains("accepted"), "{}", told(&seen));
    assert_eq!(
        (count("POST /v1/sessions"), count("POST /v1/calls")),
        (2, 2)
    );
    assert_eq!(keys("POST /v1/calls").len(), 1);
    assert!(sent("POST /v1/calls").contains("Bearer token 2"));
}

#[wasm_bindgen_test]
async fn a_fetch_that_rejects_with_anything_at_all_is_an_ordinary_failure() {
    for thrown in [
        "'a text'",
        "undefined",
        "null",
        "7",
        "new TypeError('lost')",
        "{toString() { throw 1 }}",
    ] {
        for how in ["() => Promise.reject(T)", "() => { throw T }"] {
            let _stage = Stage::set(&how.replace('T', thrown));
            let seen = call(&Client::new(&options()).unwrap());
            pass(30_000.0).await;
            assert_eq!(
                told(&seen),
                r#"{"error":{"name":"PatchcordError","code":"no_reply","outcome":"unknown"}}"#,
                "{thrown}"
            );
            assert_eq!(keys("POST /v1/calls").len(), 1, "only ever its own key");
            assert!(
                count("POST /v1/calls") > 2,
                "tried again within ten seconds"
            );
        }
    }
}

#[wasm_bindgen_test]
async fn without_a_relay_nothing_is_sent_and_the_session_is_tried_for_three_times() {
    let _stage = Stage;
    set(r#"{"POST /v1/sessions": [() => Promise.reject("down")]}"#);
    let seen = call(&Client::new(&options()).unwrap());
    pass(5_000.0).await;
    assert!(
        told(&seen).contains(r#""code":"relay_unreachable","outcome":"refused""#),
        "{}",
        told(&seen)
    );
    assert_eq!(
        (count("POST /v1/sessions"), count("POST /v1/calls")),
        (3, 0)
    );
}

#[wasm_bindgen_test]
async fn a_click_without_network_expires_and_is_not_sent_when_the_network_comes_back() {
    let _stage = Stage::set(&format!("json(200, {CALL})"));
    go_online(false);
    let seen = call(&Client::new(&options()).unwrap());
    pass(9_999.0).await;
    assert_eq!(told(&seen), "\"pending\"");
    pass(1.0).await;
    assert!(
        told(&seen).contains(r#""code":"expired","outcome":"refused""#),
        "{}",
        told(&seen)
    );
    pass(20.0 * 60_000.0).await;
    go_online(true);
    pass(60_000.0).await;
    assert_eq!(
        (count("POST /v1/sessions"), count("POST /v1/calls")),
        (0, 0)
    );
}

#[wasm_bindgen_test]
async fn a_click_without_network_is_sent_when_the_network_comes_back_in_time() {
    let _stage = Stage::set(&format!("json(200, {CALL})"));
    go_online(false);
    let seen = call(&Client::new(&options()).unwrap());
    pass(9_000.0).await;
    go_online(true);
    settle().await;
    assert!(told(&seen).contains("accepted"), "{}", told(&seen));
}

#[wasm_bindgen_test]
async fn no_reply_in_twenty_seconds_is_unknown() {
    let _stage = Stage::set("never");
    let seen = call(&Client::new(&options()).unwrap());
    pass(19_999.0).await;
    assert_eq!(told(&seen), "\"pending\"");
    pass(1.0).await;
    assert!(
        told(&seen).contains(r#""code":"no_reply","outcome":"unknown""#),
        "{}",
        told(&seen)
    );
    assert_eq!(count("POST /v1/calls"), 1);
}

#[wasm_bindgen_test]
async fn every_reply_is_refused_or_unknown_as_it_says() {
    for (reply, expected) in [
        (
            r#"problem(403, "number_not_allowed")"#,
            r#""code":"number_not_allowed","outcome":"refused""#,
        ),
        (
            r#"problem(409, "duplicate_call")"#,
            r#""code":"duplicate_call","outcome":"refused""#,
        ),
        (
            r#"problem(429, "too_many_requests")"#,
            r#""code":"too_many_requests","outcome":"refused""#,
        ),
        (
            r#"problem(503, "relay_busy")"#,
            r#""code":"relay_busy","outcome":"refused""#,
        ),
        (
            r#"problem(500, "internal")"#,
            r#""code":"internal","outcome":"unknown""#,
        ),
        (
            r#"new Response("<html>", {status: 502})"#,
            r#""code":"relay_unreadable","outcome":"unknown""#,
        ),
        (
            r#"new Response("{}", {status: 200})"#,
            r#""code":"relay_unreadable","outcome":"unknown""#,
        ),
        (
            r#"json(200, [])"#,
            r#""code":"relay_unreadable","outcome":"unknown""#,
        ),
        (
            r#"json(404, {})"#,
            r#""code":"relay_unreadable","outcome":"unknown""#,
        ),
        (
            r#"json(200, {id: "c", outcome: "refused", code: "agent_not_logged_in"})"#,
            r#""outcome":"refused""#,
        ),
        (
            r#"json(200, {id: "c", outcome: "unknown", code: "no_reply"})"#,
            r#""outcome":"unknown""#,
        ),
    ] {
        let _stage = Stage::set(reply);
        let seen = call(&Client::new(&options()).unwrap());
        pass(1_000.0).await;
        assert!(told(&seen).contains(expected), "{reply}: {}", told(&seen));
        assert_eq!(count("POST /v1/calls"), 1, "{reply}");
    }
}

#[wasm_bindgen_test]
async fn an_assertion_that_cannot_be_had_is_told_and_nothing_is_sent() {
    let _stage = Stage::set("");
    for assertion in [
        "() => { throw 'no' }",
        "() => Promise.reject(undefined)",
        "() => 7",
        "undefined",
    ] {
        let options = options();
        js::set(options.unchecked_ref(), "assertion", &evaluate(assertion));
        let seen = call(&Client::new(&options).unwrap());
        settle().await;
        assert!(
            told(&seen).contains(r#""code":"session_missing","outcome":"refused""#),
            "{}",
            told(&seen)
        );
    }
    assert_eq!(
        (count("POST /v1/sessions"), count("POST /v1/calls")),
        (0, 0)
    );
}

#[wasm_bindgen_test]
async fn what_is_aborted_before_it_was_sent_is_not_sent() {
    let _stage = Stage::set(&format!("json(200, {CALL})"));
    go_online(false);
    let controller = web_sys::AbortController::new().unwrap();
    let with_signal = js_sys::Object::new();
    js::set(&with_signal, "signal", &controller.signal());
    let client = Client::new(&options()).unwrap();
    let seen = watch(&client.call(&request(), &with_signal));
    settle().await;
    controller.abort();
    settle().await;
    assert!(
        told(&seen).contains(r#""code":"cancelled","outcome":"refused""#),
        "{}",
        told(&seen)
    );
    go_online(true);
    settle().await;
    assert_eq!(count("POST /v1/calls"), 0);
}

#[wasm_bindgen_test]
async fn a_callback_goes_out_with_the_site_key() {
    let _stage =
        Stage::set(r#"json(201, {id: "b1", reference: "R-1", state: "queued", at: null})"#);
    let client = Client::new(&options()).unwrap();
    let seen = watch(&client.callback(&request(), &JsValue::UNDEFINED));
    settle().await;
    assert!(told(&seen).contains("R-1"), "{}", told(&seen));
    assert!(sent("POST /v1/callbacks").contains(r#""Patchcord-Key":"pk_test""#));
    assert_eq!(count("POST /v1/sessions"), 0);
}

#[wasm_bindgen_test]
async fn one_stream_serves_all_watchers_resumes_and_ends_with_the_last() {
    let _stage = Stage::set("");
    let client = Client::new(&options()).unwrap();
    let states = js_sys::Array::new();
    let listener = Closure::<dyn FnMut(JsValue)>::new({
        let states = states.clone();
        move |call: JsValue| {
            states.push(&js::get(&call, "state"));
        }
    });
    let call = js::parse_object(&r#"{"id": "c1", "state": "ringing", "event": 5}"#.into()).unwrap();
    let other =
        js::parse_object(&r#"{"id": "c2", "state": "ringing", "event": 5}"#.into()).unwrap();
    client.watch(&call, listener.as_ref().clone());
    let watch = client.watch(&other, listener.as_ref().clone());
    settle().await;
    assert_eq!(count("GET /v1/events"), 1);
    assert!(sent("GET /v1/events").contains(r#""Last-Event-ID":"5""#));
    let told_so_far = || states.join(" ").as_string().unwrap();
    write(
        0,
        "id: 6\nevent: call\ndata: {\"id\":\"c1\",\"state\":\"connected\"}\n\n: quiet\n\n",
    );
    settle().await;
    assert_eq!(told_so_far(), "connected");
    // Silence for longer than the relay ever is: the stream is opened again, where it was left.
    pass(60_000.0).await;
    assert_eq!(count("GET /v1/events"), 2);
    assert!(sent("GET /v1/events").contains(r#""Last-Event-ID":"6""#));
    write(
        1,
        "id: 7\nevent: call\ndata: {\"id\":\"c1\",\"state\":\"ended\"}\n\n",
    );
    settle().await;
    assert_eq!(told_so_far(), "connected ended");
    assert!(!is_aborted("GET /v1/events"), "somebody still waits");
    client.unwatch(watch);
    settle().await;
    assert!(is_aborted("GET /v1/events"));
    pass(120_000.0).await;
    assert_eq!(count("GET /v1/events"), 2, "nobody waits any more");
}

#[wasm_bindgen_test]
fn the_fixture_records_are_resolved_as_it_says() {
    let fixture = include_str!("../../../tests/fixtures/entity-mapping.json");
    let fixture = js::parse_object(&fixture.into()).unwrap();
    let mapping = js::get(&fixture, "mapping");
    let cases = js::list(&js::get(&fixture, "cases"));
    assert!(!cases.is_empty());
    for case in cases {
        let kind = js::text(&case, "type").unwrap();
        let resolved =
            patchcord::entity::resolve_entity(&mapping, &kind, &js::get(&case, "fields"));
        match (resolved, js::text(&case, "code")) {
            (Ok(resolved), None) => {
                assert_eq!(
                    js::text(&resolved, "number"),
                    js::text(&case, "number"),
                    "{kind}"
                );
                let payload = |object| js::stringify(&js::get(object, "payload"));
                assert_eq!(payload(&resolved), payload(&case), "{kind}");
            }
            (Err(error), Some(code)) => {
                assert_eq!(js::text(&error, "code").as_deref(), Some(code.as_str()));
                assert_eq!(js::text(&error, "name").as_deref(), Some("PatchcordError"));
            }
            (resolved, code) => panic!("{kind}: {resolved:?}, {code:?}"),
        }
    }
}

#[wasm_bindgen_test]
async fn a_client_without_a_relay_says_what_is_missing() {
    let error = Client::new(&JsValue::UNDEFINED).err().unwrap();
    assert_eq!(
        js::text(&error, "code").as_deref(),
        Some("missing_attribute")
    );
    assert_eq!(js::text(&error, "field").as_deref(), Some("relay"));
    let _stage = Stage::set("");
    let client = Client::new(&options()).unwrap();
    let refused =
        JsFuture::from(client.call(&JsValue::from_str("no object"), &JsValue::UNDEFINED)).await;
    assert_eq!(
        js::text(&refused.unwrap_err(), "code").as_deref(),
        Some("payload_invalid")
    );
}

#[wasm_bindgen_test]
async fn a_client_reads_changes_and_calls_off_a_callback_and_asks_for_free_times() {
    set(r#"{
        "GET /v1/slots": [json(200, {zone: "Europe/Berlin", minutes: 15, slots: ["2027-01-01T09:00:00Z"]})],
        "GET /v1/callbacks/cb_1": [json(200, {id: "cb_1", state: "queued"})],
        "PATCH /v1/callbacks/cb_1": [json(200, {id: "cb_1", at: "2027-01-01T09:00:00Z"})],
        "DELETE /v1/callbacks/cb_1": [problem(409, "too_late")],
    }"#);
    let _stage = Stage;
    let client = Client::new(&options()).unwrap();
    let callback = js::parse_object(&r#"{"id": "cb_1", "manage_token": "pcm_1"}"#.into()).unwrap();
    let asked = js::parse_object(&r#"{"topic": "sales & more", "days": 3}"#.into()).unwrap();
    let none = JsValue::UNDEFINED;
    let seen = [
        client.slots(&asked, &none),
        client.get_callback(&callback, &none),
        client.change_callback(&callback, &"2027-01-01T09:00:00Z".into(), &none),
        client.cancel_callback(&callback, &none),
        client.get_callback(&none, &none),
    ]
    .map(|promise| watch(&promise));
    settle().await;
    let [slots, read, changed, cancelled, nobody] = seen.map(|seen| told(&seen));
    assert!(slots.contains("Europe/Berlin"), "{slots}");
    assert!(read.contains("queued"), "{read}");
    assert!(changed.contains("2027-01-01T09:00:00Z"), "{changed}");
    assert!(cancelled.contains("too_late"), "{cancelled}");
    assert!(nobody.contains("missing_field"), "{nobody}");
    assert!(sent("GET /v1/slots").contains("pk_test"));
    let change = sent("PATCH /v1/callbacks/cb_1");
    assert!(change.contains("pcm_1"), "{change}");
    assert!(
        change.contains(r#"{\"at\":\"2027-01-01T09:00:00Z\"}"#),
        "{change}"
    );
}
