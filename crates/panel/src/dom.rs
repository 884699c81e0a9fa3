//! A [`Node`] on the page, as a Leptos view: put there once, then changed where it differs.
//!
//! What a person is at is left alone: an element that is still meant is never made anew, and moved only where the
//! order of its siblings really changed. The browser's objects are read by name, never by class: under a CRM's
//! sandbox they may come from another realm.

use leptos::tachys::renderer::types;
use leptos::tachys::view::{Mountable, Render};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use crate::node::{Node, Parts, Value};

#[wasm_bindgen]
extern "C" {
    /// An element or a text on the page.
    #[derive(Clone, PartialEq)]
    pub type Dom;

    #[wasm_bindgen(js_namespace = document, js_name = createElement)]
    fn create_element(tag: &str) -> Dom;
    #[wasm_bindgen(js_namespace = document, js_name = createElementNS)]
    fn create_element_ns(namespace: &str, tag: &str) -> Dom;
    #[wasm_bindgen(js_namespace = document, js_name = createTextNode)]
    fn create_text(text: &str) -> Dom;
    #[wasm_bindgen(method, structural, js_name = setAttribute)]
    fn set_attribute(this: &Dom, name: &str, value: &str);
    #[wasm_bindgen(method, structural, js_name = removeAttribute)]
    fn remove_attribute(this: &Dom, name: &str);
    #[wasm_bindgen(method, structural, js_name = insertBefore)]
    fn insert_before(this: &Dom, child: &Dom, next: &JsValue);
    #[wasm_bindgen(method, structural)]
    fn remove(this: &Dom);
    #[wasm_bindgen(method, structural, getter, js_name = nextSibling)]
    fn next_sibling(this: &Dom) -> JsValue;
    #[wasm_bindgen(method, structural, setter)]
    fn set_data(this: &Dom, text: &str);
    #[wasm_bindgen(method, structural, getter)]
    fn value(this: &Dom) -> String;
    #[wasm_bindgen(method, structural, setter)]
    fn set_value(this: &Dom, value: &str);
}

const SVG: &str = "http://www.w3.org/2000/svg";

/// A node as it stands on the page, with what was put there.
pub struct Shown {
    parts: Parts,
    dom: Dom,
    children: Vec<Shown>,
}

impl Render for Node {
    type State = Shown;

    fn build(self) -> Shown {
        build(self)
    }

    fn rebuild(self, state: &mut Shown) {
        change(state, self);
    }
}

fn build(node: Node) -> Shown {
    let mut parts = node.into_parts();
    let dom = match parts.tag {
        "" => create_text(&parts.text),
        tag @ ("svg" | "path") => create_element_ns(SVG, tag),
        tag => create_element(tag),
    };
    let nodes = std::mem::take(&mut parts.children);
    let children: Vec<Shown> = nodes.into_iter().map(build).collect();
    for child in &children {
        dom.insert_before(&child.dom, &JsValue::NULL);
    }
    // After what is in it: a choice has to have its options first.
    for (name, value) in &parts.attributes {
        put(&dom, name, value);
    }
    name_part(&dom, &parts);
    Shown {
        parts,
        dom,
        children,
    }
}

fn put(dom: &Dom, name: &str, value: &Value) {
    match value {
        Value::Text(text) => dom.set_attribute(name, text),
        Value::Flag => dom.set_attribute(name, ""),
        // The person's own hand may have put it there already; setting it again would move the caret.
        Value::Property(text) if dom.value() == *text => {}
        Value::Property(text) => dom.set_value(text),
    }
}

fn change(shown: &mut Shown, node: Node) {
    let mut parts = node.into_parts();
    if parts.tag.is_empty() {
        if parts.text != shown.parts.text {
            shown.dom.set_data(&parts.text);
        }
        shown.parts = parts;
        return;
    }
    let nodes = std::mem::take(&mut parts.children);
    change_children(shown, nodes);
    let before = &shown.parts.attributes;
    for (name, value) in &parts.attributes {
        // A property is looked at each time: a choice that was refused goes back to what is so.
        if matches!(value, Value::Property(_)) || !before.contains(&(*name, value.clone())) {
            put(&shown.dom, name, value);
        }
    }
    for (name, _) in before {
        if parts.attributes.iter().all(|(kept, _)| kept != name) {
            shown.dom.remove_attribute(name);
        }
    }
    if class(&parts) != class(&shown.parts) {
        name_part(&shown.dom, &parts);
    }
    shown.parts = parts;
}

fn change_children(shown: &mut Shown, nodes: Vec<Node>) {
    let mut before: Vec<Option<Shown>> = shown.children.drain(..).map(Some).collect();
    let mut after = Vec::with_capacity(nodes.len());
    for node in nodes {
        let parts = node.parts();
        let is_same =
            |old: &Option<Shown>| old.as_ref().is_some_and(|old| is_same(&old.parts, parts));
        let found = before.iter().position(is_same);
        let known = found.and_then(|place| before.get_mut(place)?.take());
        after.push(match known {
            Some(mut known) => {
                change(&mut known, node);
                known
            }
            None => build(node),
        });
    }
    for gone in before.iter().flatten() {
        gone.dom.remove();
    }
    // From the end, so that what has only been pushed on by something new is not moved.
    let mut next = JsValue::NULL;
    for child in after.iter().rev() {
        if child.dom.next_sibling() != next || is_loose(&child.dom) {
            shown.dom.insert_before(&child.dom, &next);
        }
        next = child.dom.clone().into();
    }
    shown.children = after;
}

/// Whether the one has become the other. What looks like something else is something else, unless its key says that
/// it is the same: a button that is focused must not turn into another one.
fn is_same(old: &Parts, new: &Parts) -> bool {
    old.tag == new.tag && old.key == new.key && (!new.key.is_empty() || class(old) == class(new))
}

/// Names an element for the page's `::part()`, which docs/theming.md lists: what it is, and its classes.
fn name_part(dom: &Dom, parts: &Parts) {
    let classes = match class(parts) {
        Some(Value::Text(classes)) => classes.as_str(),
        _ => "",
    };
    let kind = match parts.tag {
        "" | "svg" | "path" => return,
        "div" | "span" | "p" => "",
        tag => tag,
    };
    let gap = if kind.is_empty() { "" } else { " " };
    let name = [classes, gap, kind].concat();
    if !name.is_empty() {
        dom.set_attribute("part", &name);
    }
}

fn class(parts: &Parts) -> Option<&Value> {
    let mut attributes = parts.attributes.iter();
    attributes.find_map(|(name, value)| (*name == "class").then_some(value))
}

/// Whether it is nowhere on the page yet.
fn is_loose(dom: &Dom) -> bool {
    patchcord::js::get(dom, "parentNode").is_null()
}

impl Mountable for Shown {
    fn unmount(&mut self) {
        self.dom.remove();
    }

    fn mount(&mut self, parent: &types::Element, marker: Option<&types::Node>) {
        let next = marker.map_or(JsValue::NULL, |marker| marker.clone().into());
        parent
            .unchecked_ref::<Dom>()
            .insert_before(&self.dom, &next);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        let parent: types::Element = patchcord::js::get(&self.dom, "parentNode").unchecked_into();
        if parent.is_null() {
            return false;
        }
        child.mount(&parent, Some(self.dom.unchecked_ref()));
        true
    }

    fn elements(&self) -> Vec<types::Element> {
        vec![self.dom.clone().unchecked_into()]
    }
}
