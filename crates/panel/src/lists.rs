//! Calls of the past, and the phonebook.

use crate::act::What;
use crate::icon::{INCOMING, OUTGOING, PHONE, icon};
use crate::node::{Node, div, el, span};
use crate::scene::Scene;
use crate::texts::joined;
use crate::ui::{List, Looking, Row, Way};
use crate::{dial, notice};
use patchcord_core::text::digits;

/// Calls of the past.
pub fn recent(scene: &Scene<'_>) -> Node {
    div("list").all(list(scene, &scene.ui.recent, "desk.recent.empty"))
}

/// The phonebook, with what is looked for.
pub fn phonebook(scene: &Scene<'_>) -> Node {
    div("list")
        .with(
            el("input")
                .id("searchphonebook")
                .at("type", "search")
                .at("autocomplete", "off")
                .at("placeholder", scene.t("desk.search"))
                .label(scene.t("desk.search"))
                .act(What::SearchPhonebook, "")
                .value(&scene.ui.query),
        )
        .all(list(scene, &scene.ui.phonebook, "desk.phonebook.empty"))
}

fn list(scene: &Scene<'_>, list: &List, empty: &str) -> Vec<Node> {
    let refusal = dial::refusal(scene);
    let mut rows = el("ul").class("rows").at("data-rove", "");
    for (place, one) in list.rows.iter().enumerate() {
        rows = rows.with(row(scene, one, place, place == list.row).key(&digits(place as u64)));
    }
    let why = refusal.map(|why| scene.why(why)).unwrap_or_default();
    let mut nodes = Vec::new();
    if !list.rows.is_empty() {
        nodes.push(rows);
    }
    nodes.push(notice::hint(scene, "dialto", &why));
    nodes.extend(looking(scene, &list.state, list.rows.is_empty(), empty));
    nodes
}

/// How looking goes: what stands below the rows, or instead of them.
pub fn looking(scene: &Scene<'_>, state: &Looking, is_empty: bool, empty: &str) -> Option<Node> {
    match state {
        Looking::Never => None,
        Looking::AtWork if is_empty => Some(bars(4)),
        Looking::AtWork => Some(el("p").class("quiet").text(scene.t("desk.loading"))),
        Looking::Failed(said) => Some(
            div("notice bad")
                .with(
                    div("words")
                        .with(el("b").text(&said.headline))
                        .with(el("p").text(&said.advice)),
                )
                .with(scene.switch(What::Again, "", "plain")),
        ),
        Looking::More => Some(scene.switch(What::More, "", "second")),
        Looking::All if is_empty => Some(el("p").class("quiet empty").text(scene.texts.get(empty))),
        Looking::All => None,
    }
}

/// Where something will be.
pub fn bars(count: usize) -> Node {
    let bars = (0..count).map(|_| div("bar")).collect();
    div("bars").at("aria-hidden", "true").all(bars)
}

/// The sign for the way that a call went.
pub fn way(scene: &Scene<'_>, way: Way) -> Option<Node> {
    let (shows, says) = match way {
        Way::None => return None,
        Way::In => (INCOMING, scene.t("desk.inbound")),
        Way::Out => (OUTGOING, scene.t("desk.outbound")),
    };
    Some(span("way", "").with(icon(shows)).with(span("sr", says)))
}

fn row(scene: &Scene<'_>, row: &Row, place: usize, reached: bool) -> Node {
    let mut note = String::from(&*row.note);
    if row.label != row.number && !row.number.is_empty() {
        note = joined(&[&scene.texts.apart(&row.number), &note], " · ");
    }
    let label = match &*row.label {
        "" => scene.t("desk.anonymous"),
        label => label,
    };
    let dials = (!row.number.is_empty()).then(|| {
        let button = scene
            .sign(
                What::DialTo,
                &row.number,
                PHONE,
                &scene.texts.fill("call.label", label),
            )
            .id(&["r-", &digits(place as u64)].concat())
            .at("tabindex", if reached { "0" } else { "-1" });
        button.is("aria-disabled", dial::refusal(scene).is_some())
    });
    el("li")
        .may(way(scene, row.way))
        .with(
            div("who")
                .with(el("b").text(&scene.texts.apart(label)))
                .with(span("quiet", &note)),
        )
        .may(dials)
}
