//! Several parties talking, and what can be done with each.

use patchcord_core::capability::Capability;
use patchcord_core::desk::view::{Conference, Member};

use crate::act::What;
use crate::icon::{CLOSE, Icon, MICROPHONE, MUTED, PAUSE, PLAY};
use crate::node::{Node, div, el, span};
use crate::notice::{self, Home};
use crate::scene::Scene;
use crate::texts::joined;

/// The card of the conference, while there is one.
pub fn card(scene: &Scene<'_>) -> Option<Node> {
    let conference = scene.view().conference()?;
    if !scene.can(Capability::Conference) {
        return None;
    }
    let members = conference.members.iter().filter(|one| !one.is_gone());
    let mut list = el("ul").class("members");
    for one in members {
        list = list.with(member(scene, conference, one));
    }
    Some(
        el("article")
            .class("card")
            .key("conference")
            .at("aria-labelledby", "t-conference")
            .at("data-home", "")
            .with(
                el("h2")
                    .id("t-conference")
                    .at("tabindex", "-1")
                    .text(scene.t("desk.conference")),
            )
            .with(list)
            .with(
                div("row")
                    .may(scene.plain(What::Leave, "", "second"))
                    .may(scene.plain(What::End, "", "second bad")),
            )
            .with(notice::hint(scene, "conference", ""))
            .all(notice::at(scene, Home::Conference)),
    )
}

/// Whether the call can be meant to go to a member: they are there, and not who is on the call already.
fn hands_over(scene: &Scene<'_>, one: &Member) -> bool {
    let mut calls = scene.view().live_calls();
    one.is_there()
        && (one.number.is_empty() || !calls.any(|call| call.other_party() == Some(&one.number)))
}

fn member(scene: &Scene<'_>, conference: &Conference, one: &Member) -> Node {
    let me = conference.is_me(one);
    let name = scene.member(one);
    let state = if one.held {
        scene.t("desk.held").to_owned()
    } else {
        scene.texts.word("desk.member.", &one.state)
    };
    let you = if me { scene.t("desk.you") } else { "" };
    let moderator = if one.moderator {
        scene.t("desk.moderator")
    } else {
        ""
    };
    let state = joined(&[you, &state, moderator], " · ");
    let id = &*one.id;
    let hold = if one.held {
        (What::UnholdMember, PLAY)
    } else {
        (What::HoldMember, PAUSE)
    };
    // A sign that says what it does, and with whom.
    let tool = |what: What, shows: Icon| {
        let does = scene.texts.word("desk.do.", what.word());
        scene.sign_command(what, id, shows, &[&does, ": ", name].concat())
    };
    let row = el("li").key(id).with(
        div("who")
            .with(el("b").text(&scene.texts.apart(name)))
            .with(span("quiet", &state)),
    );
    if me {
        return row;
    }
    row.with(
        div("signs")
            .may(tool(hold.0, hold.1))
            // The platform does not tell who is muted: both are offered.
            .may(tool(What::MuteMember, MUTED))
            .may(tool(What::UnmuteMember, MICROPHONE))
            .may(tool(What::Kick, CLOSE)),
    )
    .may(
        hands_over(scene, one)
            .then(|| scene.plain(What::HandOver, id, "second"))
            .flatten(),
    )
}
