//! What travels with a call: the record, and the payload at a glance.

use patchcord::desk::About;

use crate::act::What;
use crate::node::{Node, div, el, span};
use crate::scene::Scene;

/// How many entries are shown at once.
const FIRST: usize = 3;

/// What travels with a call that was placed from here.
pub fn of_call(scene: &Scene<'_>, call: &str) -> Option<Node> {
    let mut abouts = scene.outside.abouts.iter();
    let (_, about) = abouts.find(|(id, _)| id == call)?;
    Some(draw(scene, about, call))
}

/// A record and a payload.
pub fn draw(scene: &Scene<'_>, about: &About, place: &str) -> Node {
    let open = scene.ui.details == place;
    let name = if about.name.is_empty() {
        &about.kind
    } else {
        &about.name
    };
    let mut top = el("p").class("record");
    if !about.name.is_empty() && !about.kind.is_empty() {
        top = top.with(span("quiet", &about.kind));
    }
    // An address of the web, or none: `About` sees to that.
    top = match &about.url {
        Some(url) => top.with(
            el("a")
                .at("href", url)
                .at("target", "_blank")
                .at("rel", "noopener noreferrer")
                .text(name),
        ),
        None => top.with(el("b").text(name)),
    };
    let mut fields = el("dl");
    let shown = if open { about.payload.len() } else { FIRST };
    for (key, value) in about.payload.iter().take(shown) {
        fields = fields.with(
            el("div")
                .key(key)
                .with(el("dt").text(key))
                .with(el("dd").text(value)),
        );
    }
    let more = about.payload.len() > FIRST;
    let key = if open {
        "desk.do.less"
    } else {
        "desk.do.details"
    };
    div("about")
        .at("data-home", "")
        .may((!name.is_empty()).then_some(top))
        .may((!about.payload.is_empty()).then_some(fields))
        .may(more.then(|| {
            crate::scene::button("plain")
                .act(What::Details, place)
                .at("aria-expanded", if open { "true" } else { "false" })
                .text(scene.t(key))
        }))
}
