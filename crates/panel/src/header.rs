//! Who the agent is, what they are doing, and what they chose.

use patchcord_core::capability::Capability;
use patchcord_core::desk::action::Action;
use patchcord_core::desk::allowed::{Refusal, Standing};

use crate::act::What;
use crate::icon::MENU;
use crate::node::{Node, div, el, span};
use crate::scene::Scene;
use crate::ui::Sheet;

/// The first line of the panel.
pub fn header(scene: &Scene<'_>) -> Node {
    let agent = &scene.view().agent;
    let status = agent.status.as_str();
    let said = match scene.session.standing() {
        Standing::SettingUp => scene.t("desk.setting_up").to_owned(),
        Standing::Stale => scene.t("desk.lost").to_owned(),
        _ => scene.texts.word("desk.status.", status),
    };
    let open = matches!(scene.ui.sheet, Sheet::Settings);
    div("head")
        .with(span("dot", "").at("data-status", status))
        .with(
            div("who")
                .with(el("strong").text(&agent.name))
                .with(span("quiet", &said)),
        )
        .may(presence(scene))
        .with(
            scene
                .sign(What::ShowSettings, "", MENU, scene.t("desk.do.settings"))
                .at("aria-expanded", if open { "true" } else { "false" }),
        )
}

/// A choice that a person makes and the platform confirms: until then it shows what is so.
pub fn choice(scene: &Scene<'_>, what: What, label: &str, now: &str, all: Vec<Choice>) -> Node {
    let mut refusal = None;
    let mut select = el("select").id(what.word()).act(what, "").label(label);
    for one in all {
        // What is chosen already is no reason to say no.
        let why = one.refusal.filter(|why| *why != Refusal::Already);
        refusal = refusal.or(why);
        select = select.with(
            el("option")
                .key(&one.value)
                .at("value", &one.value)
                .flag("disabled", why.is_some() && one.value != now)
                .text(&one.label),
        );
    }
    scene.refused(select.value(now), refusal)
}

/// One of several.
pub struct Choice {
    /// As the platform has it.
    pub value: String,
    /// What people call it.
    pub label: String,
    /// Why it cannot be chosen.
    pub refusal: Option<Refusal>,
}

fn presence(scene: &Scene<'_>) -> Option<Node> {
    let agent = &scene.view().agent;
    if !scene.can(Capability::Presence) || agent.presences.is_empty() {
        return None;
    }
    let mut all: Vec<Choice> = Vec::new();
    // One that the platform chose itself is in no list.
    if agent.presences.iter().all(|one| one.name != agent.presence) {
        all.push(Choice {
            value: agent.presence.clone(),
            label: agent.presence_label.clone(),
            refusal: None,
        });
    }
    all.extend(agent.presences.iter().map(|one| {
        let name = one.name.clone();
        Choice {
            value: name.clone(),
            label: one.label.clone(),
            refusal: scene.refusal(&Action::SetPresence { name }),
        }
    }));
    let label = scene.t("desk.presence");
    Some(choice(scene, What::Presence, label, &agent.presence, all))
}
