//! A node on a page in a real browser: what is still meant is kept as it is, and keeps the focus.

#![cfg(target_arch = "wasm32")]
// A test fails by panicking.
#![allow(clippy::panic, clippy::unwrap_used, missing_docs)]

use leptos::tachys::view::{Mountable, Render};
use patchcord::js;
use patchcord_panel::dom::Shown;
use patchcord_panel::node::{Node, div, el};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// A node on the test's page; goes with it.
struct Page {
    shown: Shown,
    root: JsValue,
}

impl Page {
    fn new(node: Node) -> Self {
        let document = js::get(&js::global(), "document");
        let root = js::invoke(&document, "createElement", &["div".into()]).unwrap();
        let body = js::get(&document, "body");
        js::invoke(&body, "append", std::slice::from_ref(&root)).unwrap();
        let mut shown = node.build();
        shown.mount(root.unchecked_ref(), None);
        Self { shown, root }
    }

    fn change(&mut self, node: Node) {
        node.rebuild(&mut self.shown);
    }

    fn find(&self, selector: &str) -> JsValue {
        js::invoke(&self.root, "querySelector", &[selector.into()]).unwrap()
    }

    fn html(&self) -> String {
        js::text(&self.root, "innerHTML").unwrap()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.shown.unmount();
        assert_eq!(self.html(), "");
        js::invoke(&self.root, "remove", &[]).unwrap();
    }
}

fn active() -> JsValue {
    js::get(&js::get(&js::global(), "document"), "activeElement")
}

fn item(key: &str, label: &str) -> Node {
    el("button").key(key).id(key).text(label)
}

fn list(keys: &[&str]) -> Node {
    div("list").all(keys.iter().map(|key| item(key, key)).collect())
}

#[wasm_bindgen_test]
fn what_changes_is_changed_and_nothing_else_is_touched() {
    let mut page = Page::new(div("a").at("title", "one").flag("hidden", true).text("x"));
    let first = page.find("div");
    page.change(div("a").at("title", "two").text("y"));
    assert_eq!(
        page.html(),
        "<div class=\"a\" title=\"two\" part=\"a\">y</div>"
    );
    assert_eq!(page.find("div"), first);
}

#[wasm_bindgen_test]
fn the_focus_stays_wherever_its_siblings_come_and_go() {
    let mut page = Page::new(list(&["b"]));
    let focused = page.find("#b");
    js::invoke(&focused, "focus", &[]).unwrap();
    for keys in [
        &["a", "b"][..],
        &["a", "b", "c"],
        &["b", "c"],
        &["x", "a", "b"],
        &["b"],
    ] {
        page.change(list(keys));
        assert_eq!(active(), focused, "{keys:?}");
        assert_eq!(page.find("#b"), focused);
        assert_eq!(js::text(&page.root, "textContent").unwrap(), keys.concat());
    }
    page.change(list(&[]));
    assert_eq!(page.html(), "<div class=\"list\" part=\"list\"></div>");
}

#[wasm_bindgen_test]
fn keys_are_found_again_in_any_order() {
    let mut page = Page::new(list(&["a", "b", "c"]));
    let before: Vec<JsValue> = ["#a", "#b", "#c"].map(|id| page.find(id)).to_vec();
    page.change(list(&["c", "a", "b"]));
    let order = js::text(&page.root, "textContent").unwrap();
    assert_eq!(order, "cab");
    let after: Vec<JsValue> = ["#a", "#b", "#c"].map(|id| page.find(id)).to_vec();
    assert_eq!(before, after);
}

#[wasm_bindgen_test]
fn what_looks_like_something_else_is_made_anew() {
    let one = || div("").with(el("button").class("answer").text("Answer"));
    let other = || div("").with(el("button").class("mute").text("Mute"));
    let mut page = Page::new(one());
    let answer = page.find("button");
    page.change(other());
    assert_ne!(page.find("button"), answer);
    assert_eq!(js::get(&answer, "isConnected"), JsValue::FALSE);
}

#[wasm_bindgen_test]
fn what_a_person_typed_is_left_alone_and_what_was_refused_goes_back() {
    let field = |value: &str, title: &str| el("input").at("title", title).value(value);
    let mut page = Page::new(field("+49", ""));
    let input = page.find("input");
    js::invoke(&input, "setSelectionRange", &[1.into(), 1.into()]).unwrap();
    page.change(field("+49", "changed"));
    assert_eq!(js::get(&input, "selectionStart"), JsValue::from(1));
    js::set(input.unchecked_ref(), "value", &"+490".into());
    page.change(field("+49", "changed"));
    assert_eq!(js::text(&input, "value").as_deref(), Some("+49"));
    page.change(field("", "changed"));
    assert_eq!(js::text(&input, "value").as_deref(), Some(""));
}

#[wasm_bindgen_test]
fn a_choice_has_its_options_before_one_is_chosen() {
    let choice = |now: &str| {
        let options = ["a", "b"].map(|one| el("option").key(one).at("value", one).text(one));
        el("select").all(options.to_vec()).value(now)
    };
    let mut page = Page::new(choice("b"));
    let select = page.find("select");
    assert_eq!(js::text(&select, "value").as_deref(), Some("b"));
    // The person chooses; the platform has not said so.
    js::set(select.unchecked_ref(), "value", &"a".into());
    page.change(choice("b"));
    assert_eq!(js::text(&select, "value").as_deref(), Some("b"));
}

#[wasm_bindgen_test]
fn signs_are_drawn() {
    let page = Page::new(patchcord_panel::icon::icon(patchcord_panel::icon::CLOSE));
    let namespace = js::text(&page.find("path"), "namespaceURI").unwrap();
    assert_eq!(namespace, "http://www.w3.org/2000/svg");
}
