//! The time for notes after a call.

use patchcord_core::capability::Capability;

use crate::act::What;
use crate::node::{Node, div, el, span};
use crate::notice::{self, Home};
use crate::scene::Scene;
use crate::texts::duration;
use patchcord_core::text::digits;

/// The card of the time for notes, while there is some.
pub fn card(scene: &Scene<'_>) -> Option<Node> {
    let left = scene.session.wrap_up_left(scene.now)?;
    if !scene.can(Capability::WrapUp) {
        return None;
    }
    let total = scene.ui.notes_total.max(left).max(1);
    let title = scene.t("desk.notes");
    Some(
        el("article")
            .class("card notes")
            .key("notes")
            .at("aria-labelledby", "t-notes")
            .at("data-home", "")
            .with(
                div("top")
                    .with(el("h2").id("t-notes").at("tabindex", "-1").text(title))
                    .with(span("time", &duration(left.into()))),
            )
            .with(
                el("progress")
                    .label(title)
                    .at("max", &digits(total.into()))
                    .at("value", &digits(left.into())),
            )
            .with(
                div("row")
                    .may(scene.plain(What::Extend, "", "second"))
                    .may(scene.plain(What::Finish, "", "second")),
            )
            .with(notice::hint(scene, "notes", ""))
            .all(notice::at(scene, Home::Notes)),
    )
}
