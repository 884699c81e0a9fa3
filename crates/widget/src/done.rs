//! What a visitor sees once a request was taken: how it stands, and what can be done about it.

use patchcord::js;
use patchcord::managed;
use wasm_bindgen::JsValue;

use crate::face::{find, put};
use crate::host::Host;

/// What is open below a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Below {
    /// What can be done.
    Acts,
    /// The choice of another time.
    Change,
    /// The question whether it is to be called off.
    Cancel,
}

/// The words that do not change, by where they stand.
const WORDS: &[(&str, &str)] = &[
    ("[data-act=calendar]", "callback.calendar"),
    ("[data-act=change]", "callback.change"),
    ("[data-act=cancel]", "callback.cancel"),
    ("[data-act=again]", "callback.again"),
    (".link", "callback.link"),
    ("[data-act=save]", "callback.change.save"),
    ("[data-act=back]", "callback.change.back"),
    (".sure span", "callback.cancel.sure"),
    ("[data-act=yes]", "callback.cancel.yes"),
    ("[data-act=no]", "callback.cancel.no"),
];

/// Puts in the words that stay.
pub fn prepare(host: &Host) {
    for (node, key) in WORDS {
        put(&find(&host.root, node), "textContent", &host.texts.get(key));
    }
    open(host, Below::Acts);
}

/// Opens one thing below the request, and closes the others.
pub fn open(host: &Host, below: Below) {
    for (node, which) in [
        (".done > .acts", Below::Acts),
        (".other", Below::Change),
        (".sure", Below::Cancel),
    ] {
        put(&find(&host.root, node), "hidden", &(which != below).into());
    }
}

/// The text that says how a request stands. Never more than the relay knows: that somebody is being called, it does
/// not.
fn headline(state: &str) -> &'static str {
    match state {
        "" => "callback.looking",
        "handed_over" => "callback.passed",
        "refused" => "callback.state.refused",
        "expired" => "callback.state.expired",
        "unknown" => "callback.state.unknown",
        "cancelled" => "callback.state.cancelled",
        // Also a state from a newer relay: that it has the request is certain.
        _ => "callback.queued",
    }
}

/// Shows a callback as it is; gives the words that say how it stands.
pub fn show(host: &Host, callback: &JsValue) -> JsValue {
    let at = |node| find(&host.root, node);
    let say = |node, words: &JsValue| put(&at(node), "textContent", words);
    let texts = &host.texts;
    let state = js::text(callback, "state").unwrap_or_default();
    let text = |key| js::text(callback, key).unwrap_or_default();
    let words = texts.get(headline(&state));
    put(
        &js::get(&at(".done"), "dataset"),
        "state",
        &state.as_str().into(),
    );
    say(".done b", &words);
    let is_waiting = managed::is_waiting(callback);
    let comes = is_waiting || matches!(&*state, "dispatching" | "handed_over");
    let number = text("number");
    say(
        ".done .number",
        &if comes && !number.is_empty() {
            texts.fill("callback.queued.number", "number", &number)
        } else {
            JsValue::UNDEFINED
        },
    );
    let reference = text("reference");
    if !reference.is_empty() {
        say(
            ".done .reference",
            &texts.fill("callback.reference", "reference", &reference),
        );
    }
    let time = at(".done .time");
    if comes {
        // The loader's: it does not throw.
        let _ = js::invoke(&host.object, "when", &[time.clone(), callback.clone()]);
    } else {
        put(&time, "textContent", &JsValue::UNDEFINED);
    }
    // What goes out at once is gone before somebody could change it.
    let is_later = !text_of(&time).is_empty();
    let is_open = is_waiting && is_later && js::get(callback, "changeable") != JsValue::FALSE;
    let link = js::get(callback, "manage_url");
    if link.is_string() {
        put(&at(".link"), "href", &link);
    }
    let is_managed = js::get(&host.object, "managed").is_truthy();
    let is_known = !state.is_empty();
    for (node, is_shown) in [
        (
            "[data-act=calendar]",
            comes && js::get(callback, "at").is_string(),
        ),
        ("[data-act=change]", is_open && can_choose(host, callback)),
        ("[data-act=cancel]", is_open),
        (".link", is_open && link.is_string() && !is_managed),
        ("[data-act=again]", is_known && !is_managed),
    ] {
        put(&at(node), "hidden", &(!is_shown).into());
    }
    words
}

fn text_of(node: &JsValue) -> String {
    js::text(node, "textContent").unwrap_or_default()
}

/// The topic of a callback, as the configuration has it; `undefined` where that is not known.
pub fn topic_of(host: &Host, callback: &JsValue) -> JsValue {
    let name = js::get(callback, "topic");
    let topics = js::get(&js::get(&host.object, "config"), "topics");
    js::list(&topics)
        .into_iter()
        .find(|topic| js::get(topic, "topic") == name)
        .unwrap_or_default()
}

/// Whether a time can be chosen for it.
fn can_choose(host: &Host, callback: &JsValue) -> bool {
    let topic = topic_of(host, callback);
    js::get(callback, "schedule").is_truthy() || js::get(&topic, "schedule").is_truthy()
}
