//! What is to be known about the desk as a whole.

use patchcord_core::capability::Capability;
use patchcord_core::desk::allowed::Standing;
use patchcord_core::desk::set_up::Progress;

use crate::act::What;
use crate::node::{Node, div, el};
use crate::notice::{self, Home};
use crate::scene::Scene;

/// Everything above the calls.
pub fn banners(scene: &Scene<'_>) -> Node {
    div("banners")
        .may(standing(scene))
        .may(set_up(scene))
        .may(line(scene))
        .all(notice::at(scene, Home::Top))
}

fn standing(scene: &Scene<'_>) -> Option<Node> {
    match scene.session.standing() {
        Standing::Stale => {
            let since = scene.ui.stale_since.unwrap_or(scene.now);
            let since = scene.texts.fill("desk.stale", &(scene.clock)(since));
            let why = scene.outside.failure.as_ref().map(|why| &*why.headline);
            let advice = why.unwrap_or(scene.t("desk.stale.advice"));
            let again = scene.switch(What::Start, "", "plain");
            Some(banner("bad", "stale", &since, advice, Some(again)))
        }
        Standing::SettingUp => Some(quiet("settingup", scene.t("desk.setting_up"))),
        Standing::Polling => Some(quiet("polling", scene.t("desk.polling"))),
        _ if scene.outside.follows && scene.is_current() => {
            Some(quiet("follows", scene.t("desk.follows")))
        }
        _ => None,
    }
}

fn set_up(scene: &Scene<'_>) -> Option<Node> {
    let Progress::Failed(because) = scene.session.set_up() else {
        return None;
    };
    // While nothing is current, trying again is the connection's business.
    if !scene.is_current() {
        return None;
    }
    let said = scene.texts.because(because);
    let why = [said.headline, said.advice].join(" ");
    let again = scene.switch(What::SetUp, "", "plain");
    let headline = scene.t("desk.set_up_failed");
    Some(banner("bad", "setup", headline, why.trim(), Some(again)))
}

fn line(scene: &Scene<'_>) -> Option<Node> {
    let agent = &scene.view().agent;
    if !agent.line_blocked || !scene.can(Capability::Presence) {
        return None;
    }
    let reason = match &*agent.line_blocked_reason {
        "" => scene.t("desk.line_blocked.advice").to_owned(),
        reason => scene.texts.word("desk.line.", reason),
    };
    let reset = scene.plain(What::ResetLine, "", "plain");
    let headline = scene.t("desk.line_blocked");
    Some(banner("bad", "line", headline, &reason, reset))
}

fn quiet(key: &str, says: &str) -> Node {
    el("p").class("quiet banner").key(key).text(says)
}

/// One of them.
pub fn banner(tone: &str, key: &str, headline: &str, advice: &str, button: Option<Node>) -> Node {
    div(&["notice ", tone].concat())
        .key(key)
        .at("data-home", "")
        .with(
            div("words")
                .with(el("b").text(headline))
                .with(el("p").text(advice)),
        )
        .may(button)
}
