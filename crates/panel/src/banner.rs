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
    if scene.is_lost() {
        let since = scene.ui.stale_since.unwrap_or(scene.now);
        let since = scene.texts.fill("desk.stale", &(scene.clock)(since));
        let why = scene.outside.failure.as_ref().map(|why| &*why.headline);
        let advice = why.unwrap_or(scene.t("desk.stale.advice"));
        let again = scene.switch(What::Start, "", "plain");
        return Some(banner("bad", "stale", &since, advice, Some(again)));
    }
    None
}

/// What is good to know, below everything, where it moves nothing.
pub fn footnote(scene: &Scene<'_>) -> Option<Node> {
    let says = match scene.session.standing() {
        Standing::Polling => scene.t("desk.polling"),
        _ if scene.outside.follows && scene.is_current() => scene.t("desk.follows"),
        _ => return None,
    };
    Some(el("p").class("quiet").key("foot").text(says))
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
    let again = scene.switch(What::SetUp, "", "plain");
    let headline = scene.t("desk.set_up_failed");
    Some(banner("bad", "setup", headline, &said.whole(), Some(again)))
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
