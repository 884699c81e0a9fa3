//! The two components in a real browser, with a host as the loader makes one.

#![cfg(target_arch = "wasm32")]
// A test fails by panicking.
#![allow(clippy::panic, clippy::unwrap_used, missing_docs)]

use patchcord::js;
use patchcord_widget::{Mounted, mount_call, mount_callback};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::HtmlElement;

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen(module = "/tests/page.js")]
extern "C" {
    fn host(options: &str) -> JsValue;
    fn relay(reply: Option<&str>);
    fn close();
    fn requests(pathname: &str) -> String;
    fn events(host: &JsValue) -> String;
    fn last(host: &JsValue) -> String;
    async fn settle();
    fn text(root: &JsValue, selector: &str) -> String;
    fn state(root: &JsValue) -> String;
    #[wasm_bindgen(js_name = isHidden)]
    fn is_hidden(root: &JsValue, selector: &str) -> bool;
    fn count(root: &JsValue, selector: &str) -> u32;
    fn click(root: &JsValue, selector: &str);
    fn key(root: &JsValue, selector: &str, repeat: bool) -> bool;
    fn fill(root: &JsValue, name: &str, value: JsValue);
    fn wrong(root: &JsValue, name: &str) -> String;
    fn kept(host: &JsValue, text: &str) -> String;
    fn forget();
    fn submit(root: &JsValue);
    fn prove(host: &JsValue);
    fn proved(host: &JsValue, proof: &str) -> String;
    #[wasm_bindgen(js_name = notProved)]
    fn not_proved(host: &JsValue, code: &str);
}

const ACCEPTED: &str =
    r#"{"id": "c1", "provider": "samespace", "outcome": "accepted", "state": "handed_over"}"#;

/// A mounted element on a page of its own; everything is put back when the test ends.
struct Page {
    root: HtmlElement,
    host: JsValue,
    mounted: Option<Mounted>,
}

impl Page {
    fn root() -> HtmlElement {
        let document = js::get(&js::global(), "document");
        let root = js::invoke(&document, "createElement", &["div".into()]).unwrap();
        js::invoke(
            &js::get(&document, "body"),
            "append",
            std::slice::from_ref(&root),
        )
        .unwrap();
        root.unchecked_into()
    }

    fn call(options: &str, reply: Option<&str>) -> Self {
        relay(reply);
        let (root, host) = (Self::root(), host(options));
        let mounted = Some(mount_call(root.clone(), host.clone()));
        Self {
            root,
            host,
            mounted,
        }
    }

    fn callback(options: &str, reply: Option<&str>) -> Self {
        relay(reply);
        let (root, host) = (Self::root(), host(options));
        let mounted = Some(mount_callback(root.clone(), host.clone()));
        Self {
            root,
            host,
            mounted,
        }
    }

    /// A form that keeps its requests, at the relay as it is.
    fn keeping() -> Self {
        let (root, host) = (Self::root(), host(r#"{"siteKey": "pk"}"#));
        kept(&host, "");
        let mounted = Some(mount_callback(root.clone(), host.clone()));
        Self {
            root,
            host,
            mounted,
        }
    }

    fn set(&self, options: &str) {
        js::set(
            self.host.unchecked_ref(),
            "more",
            &js::parse_object(&options.into()).unwrap(),
        );
        self.mounted.as_ref().unwrap().update();
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.mounted.take();
        js::invoke(&self.root, "remove", &[]).unwrap();
        close();
    }
}

#[wasm_bindgen_test]
async fn a_click_is_shown_from_working_to_what_the_platform_said() {
    let page = Page::call(r#"{"payload": {"a": [1]}}"#, Some(ACCEPTED));
    assert_eq!(text(&page.root, ".main"), "[call.label] +49 30 123456");
    assert_eq!(state(&page.root), "idle");
    click(&page.root, ".main");
    settle().await;
    assert_eq!(state(&page.root), "accepted");
    assert!(text(&page.root, ".status b").starts_with("[state.handed_over]"));
    assert_eq!(
        events(&page.host),
        "patchcordready callrequested callaccepted"
    );
    assert!(
        requests("/v1/calls").contains(r#"{\"number\":\"+4930123456\",\"payload\":{\"a\":[1]}}"#)
    );
    assert!(last(&page.host).contains(r#""call":"c1""#));
}

#[wasm_bindgen_test]
async fn further_clicks_and_key_repeats_do_nothing_while_one_is_at_work() {
    let page = Page::call("{}", None);
    for _ in 0..5 {
        click(&page.root, ".main");
        settle().await;
    }
    assert_eq!(state(&page.root), "working");
    assert_eq!(requests("/v1/calls").matches("pathname").count(), 1);
    assert!(
        key(&page.root, ".main", false),
        "a key press is let through"
    );
    assert!(!key(&page.root, ".main", true), "its repetition is not");
}

#[wasm_bindgen_test]
async fn a_click_that_the_page_prevents_sends_nothing() {
    let page = Page::call("{}", Some(ACCEPTED));
    js::set(
        page.host.unchecked_ref(),
        "prevented",
        &"callrequested".into(),
    );
    click(&page.root, ".main");
    settle().await;
    assert_eq!(state(&page.root), "idle");
    assert_eq!(requests("/v1/calls"), "[]");
}

#[wasm_bindgen_test]
async fn a_refusal_names_what_happened_and_what_to_do() {
    let reply = r#"{"id": "c1", "outcome": "refused", "state": "refused", "code": "provider_refused", "message": "No $& way"}"#;
    let page = Page::call("{}", Some(reply));
    click(&page.root, ".main");
    settle().await;
    assert_eq!(state(&page.root), "refused");
    assert_eq!(
        text(&page.root, ".status b"),
        "[code.provider_refused] No $& way"
    );
    assert!(text(&page.root, ".status b + *").starts_with("[code.provider_refused.remedy]"));
    assert!(events(&page.host).ends_with("callrefused"));
}

#[wasm_bindgen_test]
async fn a_question_is_asked_where_it_is_wished_and_answered_with_yes_or_no() {
    let page = Page::call(r#"{"confirm": true}"#, Some(ACCEPTED));
    click(&page.root, ".main");
    settle().await;
    assert!(!is_hidden(&page.root, ".ask") && is_hidden(&page.root, ".main"));
    click(&page.root, ".no");
    settle().await;
    assert!(is_hidden(&page.root, ".ask"));
    assert_eq!(requests("/v1/calls"), "[]");
    click(&page.root, ".main");
    click(&page.root, ".yes");
    settle().await;
    assert_eq!(state(&page.root), "accepted");
}

#[wasm_bindgen_test]
async fn changed_options_are_shown_and_dialled() {
    let page = Page::call("{}", Some(ACCEPTED));
    page.set(r#"{"number": "+4930999999;ext=12", "label": "Ring"}"#);
    settle().await;
    assert_eq!(text(&page.root, ".main"), "Ring");
    page.set(r#"{"number": "+4930999999;ext=12", "disabled": true}"#);
    settle().await;
    click(&page.root, ".main");
    settle().await;
    assert_eq!(requests("/v1/calls"), "[]");
    page.set(r#"{"number": "+4930999999;ext=12"}"#);
    settle().await;
    click(&page.root, ".main");
    settle().await;
    assert!(requests("/v1/calls").contains(r#"\"number\":\"+4930999999\",\"extension\":\"12\""#));
}

#[wasm_bindgen_test]
async fn a_click_from_before_is_taken_over_as_it_was_and_not_announced_again() {
    relay(Some(ACCEPTED));
    let (root, host) = (Page::root(), host("{}"));
    let now = js_sys::Date::now();
    let pending = format!(r#"{{"id": "key-from-before-1", "at": {now}, "number": "+4930111111"}}"#);
    js::set(
        host.unchecked_ref(),
        "pending",
        &js::parse_object(&pending.into()).unwrap(),
    );
    let mounted = Some(mount_call(root.clone(), host.clone()));
    let page = Page {
        root,
        host,
        mounted,
    };
    settle().await;
    assert_eq!(events(&page.host), "patchcordready callaccepted");
    assert!(requests("/v1/calls").contains("+4930111111"));
    assert!(last(&page.host).contains("key-from-before-1"));
}

#[wasm_bindgen_test]
async fn a_click_that_was_kept_for_too_long_is_expired() {
    relay(Some(ACCEPTED));
    let (root, host) = (Page::root(), host("{}"));
    let at = js_sys::Date::now() - 10_000.0;
    let pending = format!(r#"{{"id": "key-from-before-2", "at": {at}, "number": "+4930111111"}}"#);
    js::set(
        host.unchecked_ref(),
        "pending",
        &js::parse_object(&pending.into()).unwrap(),
    );
    let mounted = Some(mount_call(root.clone(), host.clone()));
    let page = Page {
        root,
        host,
        mounted,
    };
    settle().await;
    assert_eq!(requests("/v1/calls"), "[]");
    assert!(last(&page.host).contains(r#""code":"expired""#));
    assert!(text(&page.root, ".status b").starts_with("[code.expired]"));
}

#[wasm_bindgen_test]
async fn fifty_one_elements_are_mounted_freed_and_mounted_again() {
    for _ in 0..2 {
        let pages: Vec<Page> = (0..51).map(|_| Page::call("{}", Some(ACCEPTED))).collect();
        settle().await;
        assert!(pages.iter().all(|page| count(&page.root, ".box") == 1));
        let roots: Vec<_> = pages.iter().map(|page| page.root.clone()).collect();
        drop(pages);
        assert!(
            roots.iter().all(|root| count(root, "*") == 0),
            "nothing is left"
        );
    }
}

#[wasm_bindgen_test]
async fn freeing_an_element_calls_off_what_was_not_sent_and_lets_the_rest_end() {
    let mut page = Page::call("{}", Some(ACCEPTED));
    click(&page.root, ".main");
    page.mounted.take();
    settle().await;
    assert_eq!(requests("/v1/calls"), "[]");
}

const QUEUED: &str = r#"{"id": "b1", "state": "queued", "reference": "R-1", "topic": "sales", "at": "2027-01-01T09:00:00Z",
    "manage_token": "t", "manage_url": "https://relay.test/callback#b1.t"}"#;

/// Fills in what has to be.
fn fill_in(page: &Page) {
    fill(&page.root, "fields.name", "Åsa".into());
    fill(&page.root, "number", "+49 (30) 12.34-56".into());
    fill(&page.root, "consent", true.into());
}

#[wasm_bindgen_test]
async fn a_form_says_what_is_wrong_beside_each_field_and_sends_nothing() {
    let page = Page::callback(r#"{"siteKey": "pk"}"#, None);
    fill(&page.root, "number", "030 1".into());
    fill(&page.root, "fields.email", "nobody".into());
    fill(&page.root, "fields.wanted", "2031-01-01".into());
    submit(&page.root);
    settle().await;
    assert_eq!(count(&page.root, "[aria-invalid]"), 5);
    for (name, key) in [
        ("fields.name", "[callback.missing]"),
        ("fields.email", "[callback.email]"),
        ("fields.wanted", "[callback.date]"),
        ("number", "[callback.number.invalid]"),
        ("consent", "[callback.consent.missing]"),
    ] {
        let said = wrong(&page.root, name);
        assert!(said.starts_with(key), "{name}: {said}");
    }
    assert_eq!(wrong(&page.root, "fields.company"), "");
    assert!(text(&page.root, ".status b").starts_with("[callback.check]"));
    assert_eq!(requests("/v1/callbacks"), "[]");
}

#[wasm_bindgen_test]
async fn a_form_that_is_right_is_sent_and_thanked_for_with_the_reference() {
    let page = Page::callback(r#"{"siteKey": "pk", "payload": {"a": 1}}"#, Some(QUEUED));
    fill_in(&page);
    fill(&page.root, "fields.customer", true.into());
    fill(&page.root, "topic", "support".into());
    fill(&page.root, "at", "2027-01-01T09:00:00Z".into());
    submit(&page.root);
    settle().await;
    assert!(is_hidden(&page.root, "form") && !is_hidden(&page.root, ".done"));
    assert!(text(&page.root, ".done .reference").contains("R-1"));
    assert_eq!(text(&page.root, ".done .time"), "2027-01-01T09:00:00Z");
    let sent = requests("/v1/callbacks");
    assert!(sent.contains(r#"\"number\":\"+4930123456\",\"topic\":\"support\",\"at\":\"2027-01-01T09:00:00Z\",\"fields\":{\"name\":\"Åsa\",\"customer\":true},\"payload\":{\"a\":1},\"consent\":{\"version\":\"1\",\"given\":true}"#), "{sent}");
    assert!(last(&page.host).contains(r#""reference":"R-1""#));
}

#[wasm_bindgen_test]
async fn what_a_robot_writes_where_nobody_can_see_it_is_sent() {
    let page = Page::callback(r#"{"siteKey": "pk"}"#, None);
    fill_in(&page);
    fill(&page.root, "fields.homepage", "https://x.test".into());
    submit(&page.root);
    settle().await;
    let sent = requests("/v1/callbacks");
    assert!(
        sent.contains(r#"\"homepage\":\"https://x.test\""#),
        "{sent}"
    );
}

#[wasm_bindgen_test]
async fn a_request_that_was_taken_is_called_off_after_one_question() {
    let page = Page::callback(r#"{"siteKey": "pk"}"#, Some(QUEUED));
    fill_in(&page);
    submit(&page.root);
    settle().await;
    assert!(!is_hidden(&page.root, "[data-act=cancel]"));
    click(&page.root, "[data-act=cancel]");
    assert!(!is_hidden(&page.root, ".sure"));
    click(&page.root, "[data-act=no]");
    assert!(is_hidden(&page.root, ".sure"));
    relay(Some(
        r#"{"id": "b1", "state": "cancelled", "reference": "R-1", "topic": "sales", "at": null}"#,
    ));
    click(&page.root, "[data-act=cancel]");
    click(&page.root, "[data-act=yes]");
    settle().await;
    assert!(requests("/v1/callbacks/b1").contains(r#""method":"DELETE""#));
    assert!(text(&page.root, ".done b").starts_with("[callback.state.cancelled]"));
    assert!(is_hidden(&page.root, "[data-act=cancel]"));
}

#[wasm_bindgen_test]
async fn a_request_that_was_taken_gets_another_time() {
    let page = Page::callback(r#"{"siteKey": "pk"}"#, Some(QUEUED));
    fill_in(&page);
    submit(&page.root);
    settle().await;
    click(&page.root, "[data-act=change]");
    assert!(!is_hidden(&page.root, ".other"));
    relay(Some(
        r#"{"id": "b1", "state": "queued", "reference": "R-1", "topic": "sales", "at": "2027-01-01T10:00:00Z"}"#,
    ));
    click(&page.root, "[data-act=save]");
    settle().await;
    let sent = requests("/v1/callbacks/b1");
    assert!(
        sent.contains(r#""method":"PATCH","body":"{\"at\":\"2027-01-01T10:00:00Z\"}""#),
        "{sent}"
    );
    assert_eq!(text(&page.root, ".done .time"), "2027-01-01T10:00:00Z");
    assert!(text(&page.root, ".news").starts_with("[callback.changed]"));
    // In full, although the relay tells its end only.
    assert!(text(&page.root, ".done .number").ends_with("+4930123456"));
}

#[wasm_bindgen_test]
async fn a_request_without_an_answer_is_kept_and_sent_again_as_it_was() {
    relay(None);
    let page = Page::keeping();
    fill_in(&page);
    submit(&page.root);
    settle().await;
    let before = requests("/v1/callbacks");
    let text_kept = kept(&page.host, "");
    assert!(text_kept.contains("key"), "{text_kept}");
    drop(page);

    relay(Some(QUEUED));
    let page = Page::keeping();
    settle().await;
    assert_eq!(requests("/v1/callbacks"), before);
    assert!(text(&page.root, ".done .reference").contains("R-1"));
    assert_eq!(
        events(&page.host),
        "patchcordready callbackqueued",
        "it was announced before"
    );
    let text_kept = kept(&page.host, "");
    assert!(
        text_kept.contains("manage_token") && !text_kept.contains("body"),
        "{text_kept}"
    );
    forget();
}

#[wasm_bindgen_test]
async fn a_form_waits_for_its_proof_and_sends_it_with_the_request_that_it_is_for() {
    let page = Page::callback(r#"{"siteKey": "pk"}"#, None);
    prove(&page.host);
    fill_in(&page);
    submit(&page.root);
    settle().await;
    assert_eq!(state(&page.root), "waiting");
    assert_eq!(requests("/v1/callbacks"), "[]");
    let id = proved(&page.host, r#""proof":"cHJvb2Y=""#);
    settle().await;
    assert_eq!(state(&page.root), "working");
    assert!(last(&page.host).contains(&id));
    let sent = requests("/v1/callbacks");
    assert!(sent.contains(r#",\"proof\":\"cHJvb2Y=\"}"#), "{sent}");
}

#[wasm_bindgen_test]
async fn a_form_whose_proof_cannot_be_had_is_not_sent_and_says_why() {
    let page = Page::callback(r#"{"siteKey": "pk"}"#, None);
    prove(&page.host);
    fill_in(&page);
    submit(&page.root);
    settle().await;
    not_proved(&page.host, "too_many_requests");
    settle().await;
    assert_eq!(state(&page.root), "refused");
    assert!(last(&page.host).contains(r#""code":"too_many_requests""#));
    assert_eq!(requests("/v1/callbacks"), "[]");
}

#[wasm_bindgen_test]
async fn a_request_that_the_address_names_is_shown_without_a_form() {
    relay(Some(
        r#"{"id": "b1", "state": "handed_over", "reference": "R-1", "topic": "sales", "at": null, "number": "…456"}"#,
    ));
    let (root, host) = (Page::root(), host("{}"));
    js::set(
        host.unchecked_ref(),
        "managed",
        &js::parse_object(&r#"{"id": "b1", "manage_token": "t"}"#.into()).unwrap(),
    );
    let mounted = Some(mount_callback(root.clone(), host.clone()));
    let page = Page {
        root,
        host,
        mounted,
    };
    settle().await;
    assert!(is_hidden(&page.root, "form"));
    assert!(text(&page.root, ".done b").starts_with("[callback.passed]"));
    assert!(text(&page.root, ".done .number").ends_with("…456"));
    assert!(is_hidden(&page.root, "[data-act=again]"));
}
