//! What an agent sets once in a while.

use patchcord_core::capability::Capability;
use patchcord_core::desk::action::Action;

use crate::act::What;
use crate::command;
use crate::header::{Choice, choice};
use crate::icon::CLOSE;
use crate::node::{Node, div, el, span};
use crate::notice::{self, Home};
use crate::scene::{Scene, submit};
use crate::texts::joined;

/// The shortcuts: the key, and what it does.
const KEYS: [(&str, &str); 5] = [
    ("M", "desk.keys.mute"),
    ("H", "desk.keys.hold"),
    ("K", "desk.keys.keypad"),
    ("T", "desk.keys.transfer"),
    ("Esc", "desk.keys.close"),
];

/// The open settings.
pub fn settings(scene: &Scene<'_>) -> Node {
    let agent = &scene.view().agent;
    let account = joined(&[&agent.account_name, &agent.username], " · ");
    el("section")
        .class("sheet")
        .key("settings")
        .at("aria-labelledby", "t-settings")
        .at("data-home", "")
        .at("data-sheet", "")
        .with(
            div("top")
                .with(
                    el("h2")
                        .id("t-settings")
                        .at("tabindex", "-1")
                        .text(scene.t("desk.do.settings")),
                )
                .with(scene.sign(What::Close, "", CLOSE, scene.t("desk.do.close"))),
        )
        .may(display_as(scene))
        .may(phone(scene))
        .all(notice::at(scene, Home::Settings))
        .with(
            div("block")
                .with(el("h3").text(scene.t("desk.keys")))
                .with(el("p").class("quiet").text(scene.t("desk.keys.where")))
                .with(
                    el("dl").class("keys").all(
                        KEYS.iter()
                            .map(|(key, does)| {
                                el("div")
                                    .with(el("dt").with(el("kbd").text(key)))
                                    .with(el("dd").text(scene.t(does)))
                            })
                            .collect(),
                    ),
                ),
        )
        .with(
            div("row").with(span("quiet", &account)).may(
                scene
                    .outside
                    .may_sign_out
                    .then(|| scene.switch(What::SignOut, "", "plain")),
            ),
        )
}

fn display_as(scene: &Scene<'_>) -> Option<Node> {
    let agent = &scene.view().agent;
    if !scene.can(Capability::CallerId) || agent.display_numbers.is_empty() {
        return None;
    }
    let mut all = Vec::new();
    if !agent.display_numbers.contains(&agent.display_as) {
        all.push(Choice {
            value: agent.display_as.to_string(),
            label: scene.t("desk.call_as.default").to_owned(),
            refusal: None,
        });
    }
    all.extend(agent.display_numbers.iter().map(|number| Choice {
        value: number.to_string(),
        label: scene.texts.apart(number),
        refusal: scene.refusal(&Action::SetDisplayAs {
            number: number.clone(),
        }),
    }));
    let label = scene.t("desk.display_as");
    Some(
        el("label")
            .class("line")
            .with(span("quiet", label))
            .with(choice(
                scene,
                What::DisplayAs,
                label,
                &agent.display_as,
                all,
            )),
    )
}

fn phone(scene: &Scene<'_>) -> Option<Node> {
    let agent = &scene.view().agent;
    let typed = scene.ui.phone.as_deref().unwrap_or(&agent.number);
    let save = submit("second").text(scene.t("desk.do.setnumber"));
    // Any number but the one that is set will do.
    let action = command::action(What::SetNumber, "", typed, scene.view())
        .or_else(|| command::action(What::SetNumber, "", "+10000000", scene.view()))?;
    if !scene.can(action.kind().capability()) {
        return None;
    }
    let refusal = scene.refusal(&action);
    Some(
        el("form")
            .class("block")
            .act(What::SetNumber, "")
            .at("novalidate", "")
            .with(
                el("label")
                    .at("for", "phone")
                    .class("quiet")
                    .text(scene.t("desk.phone")),
            )
            .with(
                div("row")
                    .with(
                        el("input")
                            .id("phone")
                            .at("type", "tel")
                            .at("autocomplete", "off")
                            .act(What::Phone, "")
                            .value(typed),
                    )
                    .with(scene.refused(save, refusal)),
            )
            .with(notice::hint(scene, "setnumber", scene.t("desk.phone.hint"))),
    )
}
