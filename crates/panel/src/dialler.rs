//! Dialling a number.

use patchcord_core::capability::Capability;
use patchcord_core::desk::allowed::Refusal;

use crate::act::What;
use crate::dial;
use crate::header::{Choice, choice};
use crate::icon::{PHONE, icon};
use crate::keypad;
use crate::node::{Node, div, el, span};
use crate::notice::{self, Home};
use crate::scene::Scene;
use crate::{about, past, scene};

/// The number, the keys, and the button.
pub fn dialler(scene: &Scene<'_>) -> Node {
    let ui = scene.ui;
    let refusal = dial::refusal(scene);
    let why = refusal.filter(|why| *why != Refusal::AlreadyAsked);
    let why = why.map(|why| scene.why(why)).unwrap_or_default();
    let call = scene::submit("call")
        .with(icon(PHONE))
        .with(span("", scene.t("desk.do.dial")));
    let travels = dial::offered(scene.outside, &ui.number).and_then(|offer| offer.about.as_ref());
    el("form")
        .class("dialler")
        .act(What::Dial, "")
        .at("data-home", "")
        .at("novalidate", "")
        .with(
            el("input")
                .id("number")
                .class("number")
                .at("type", "tel")
                .at("autocomplete", "off")
                .at("placeholder", scene.t("desk.number.hint"))
                .label(scene.t("desk.number"))
                .act(What::Number, "")
                .value(&ui.number),
        )
        .may(call_as(scene))
        // One of them at a time: which is meant would be anybody's guess.
        .may(
            ui.keypad
                .is_empty()
                .then(|| keypad::keys(scene, What::Key, "")),
        )
        .with(scene.refused(call, refusal))
        .with(notice::hint(scene, "dial", &why))
        .all(notice::at(scene, Home::Dialler))
        .may(contact(scene).and_then(|number| past::section(scene, number)))
        .may(travels.map(|travels| {
            div("travels")
                .with(el("p").class("quiet").text(scene.t("desk.travels")))
                .with(about::draw(scene, travels, "dial"))
        }))
}

/// Whose calls of the past may be of interest: of who is to be dialled, or else of who is on the phone.
fn contact<'a>(scene: &Scene<'a>) -> Option<&'a str> {
    match &*scene.ui.number {
        "" => scene
            .view()
            .live_calls()
            .find_map(|call| call.other_party()),
        number => Some(number),
    }
}

/// The number to show, where there are several.
fn call_as(scene: &Scene<'_>) -> Option<Node> {
    let agent = &scene.view().agent;
    if !scene.can(Capability::CallerId) || agent.display_numbers.len() < 2 {
        return None;
    }
    let label = scene.t("desk.call_as");
    let mut all = Vec::new();
    if agent.display_as.is_empty() {
        all.push(Choice {
            value: String::new(),
            label: scene.t("desk.call_as.default").to_owned(),
            refusal: None,
        });
    }
    all.extend(agent.display_numbers.iter().map(|number| Choice {
        value: number.to_string(),
        label: number.to_string(),
        refusal: None,
    }));
    let now = match &*scene.ui.call_as {
        "" => &*agent.display_as,
        chosen => chosen,
    };
    Some(
        el("label")
            .class("line")
            .with(span("quiet", label))
            .with(choice(scene, What::CallAs, label, now, all)),
    )
}
