//! The last calls with a contact, as the relay tells them: only where somebody asks for them.

use patchcord_core::capability::Capability;
use patchcord_core::number::Dialable;

use crate::act::What;
use crate::lists::{bars, way};
use crate::node::{Node, div, el, span};
use crate::scene::Scene;
use crate::texts::joined;
use crate::ui::{Looking, PastRow};

/// The button that shows the last calls with a number, and these once it was pressed.
pub fn section(scene: &Scene<'_>, number: &str) -> Option<Node> {
    if cfg!(feature = "direct") || !scene.can(Capability::History) {
        return None;
    }
    let number = number.parse::<Dialable>().ok()?.number;
    let (number, past) = (number.as_e164(), &scene.ui.past);
    let open = past.number == number;
    let mut section = div("past").at("data-home", "").with(
        scene
            .switch(What::ShowHistory, number, "plain")
            .at("aria-expanded", if open { "true" } else { "false" }),
    );
    if open {
        let says = match &past.state {
            Looking::Failed(said) => Some(said.whole()),
            Looking::All if past.rows.is_empty() => Some(scene.t("desk.history.empty").to_owned()),
            _ => None,
        };
        let rows = past.rows.iter().map(|one| row(scene, one)).collect();
        section = section
            .may((!past.rows.is_empty()).then(|| el("ul").class("rows").all(rows)))
            .may((past.state == Looking::AtWork).then(|| bars(2)))
            .may(says.map(|says| el("p").class("quiet").text(&says)));
    }
    Some(section)
}

fn row(scene: &Scene<'_>, row: &PastRow) -> Node {
    let says = |key| joined(&[scene.t(key), &row.when], ", ");
    let recording = match (&*row.link, &*row.recording) {
        ("", "") => None,
        ("", id) => Some(
            scene
                .switch(What::Hear, id, "plain")
                .label(&says("desk.do.hear")),
        ),
        // An address of the web, or none: the relay sees to that.
        (link, id) => Some(
            el("a")
                .at("href", link)
                .at("target", "_blank")
                .at("rel", "noopener noreferrer")
                .at("data-heard", id)
                .label(&says("desk.hear"))
                .text(scene.t("desk.hear")),
        ),
    };
    el("li")
        .may(way(scene, row.way))
        .with(
            div("who")
                .with(el("b").text(&row.when))
                .with(span("quiet", &row.note)),
        )
        .may(recording)
}
