//! One call: who, how it stands, and what can be done with it.

use patchcord_core::call::CallState;
use patchcord_core::capability::Capability;
use patchcord_core::desk::action::Action;
use patchcord_core::desk::view::{Call, Direction};

use crate::act::What;
use crate::icon::{
    ADD, FLAG, KEYPAD, MICROPHONE, MUTED, PAUSE, PHONE, PLAY, RECORD, STOP, TAG, TRANSFER,
};
use crate::node::{Node, div, el, span};
use crate::notice::{self, Home};
use crate::scene::Scene;
use crate::texts::{duration, joined};
use crate::{about, keypad};

/// The card of a call. An incoming one is the same card, so that answering it changes what is in it and moves
/// nothing.
pub fn card(scene: &Scene<'_>, call: &Call) -> Node {
    let incoming = call.is_incoming();
    let (name, number) = scene.who(call);
    let direction = match call.direction {
        Direction::Inbound => scene.t("desk.inbound"),
        Direction::Outbound => scene.t("desk.outbound"),
        Direction::Other(_) => "",
    };
    let beneath = joined(&[&number, &call.queue, direction], " · ");
    let title = ["t-", &call.id].concat();
    let class = if incoming { "card incoming" } else { "card" };
    el("article")
        .class(class)
        .key(&call.id)
        .at("aria-labelledby", &title)
        .at("data-home", "")
        .at("data-call", &call.id)
        .with(
            div("top")
                .with(
                    div("who")
                        .with(el("h2").id(&title).at("tabindex", "-1").text(&name))
                        .with(el("p").class("quiet").text(&beneath)),
                )
                .may(if incoming { None } else { hang_up(scene, call) }),
        )
        .with(state(scene, call))
        .may(incoming.then(|| answer(scene, call)))
        .may((!incoming).then(|| tools(scene, call)))
        .may(keypad::in_call(scene, call))
        .may(tags(scene, call))
        .may(about::of_call(scene, &call.id))
        .with(notice::hint(scene, &call.id, &extension(scene, call)))
        .all(notice::at(scene, Home::Call(&call.id)))
}

/// What is to be dialled by hand, because no platform takes it.
fn extension(scene: &Scene<'_>, call: &Call) -> String {
    let dialled = scene.ui.extension.as_ref();
    let same = dialled.filter(|(number, _)| call.other_party() == Some(number));
    same.map(|(_, extension)| scene.texts.fill("notice.extension_not_sent", extension))
        .unwrap_or_default()
}

fn hang_up(scene: &Scene<'_>, call: &Call) -> Option<Node> {
    let label = scene.t("desk.do.hangup");
    let sign = scene.sign_command(What::HangUp, &call.id, PHONE, label)?;
    Some(div("end").with(sign))
}

/// The state in words, the time, and what else is so.
fn state(scene: &Scene<'_>, call: &Call) -> Node {
    let word = match (&call.state, call.direction == Direction::Outbound) {
        (CallState::Ringing, true) => scene.t("desk.dialled").to_owned(),
        _ if call.held => scene.t("desk.held").to_owned(),
        (state, _) => scene.texts.word("state.", state.as_str()),
    };
    let mut line = div("state").with(span("word", &word));
    if let Some(at) = call.connected_at.filter(|_| call.is_open()) {
        let seconds = (scene.now + scene.ui.ahead).saturating_sub(at) / 1_000;
        line = line.with(span("time", &duration(seconds)));
    }
    let flags = [
        (call.muted, "flag", "flag.muted"),
        (call.recording, "flag rec", "desk.recording"),
    ];
    for (on, class, key) in flags {
        if on {
            line = line.with(span(class, scene.t(key)).key(key));
        }
    }
    line
}

/// Taking an incoming call, or not.
fn answer(scene: &Scene<'_>, call: &Call) -> Node {
    let phone = &*scene.view().agent.number;
    let answer = scene.tool(What::Answer, &call.id, PHONE);
    let key = match (&answer, phone) {
        (_, "") => "desk.answer.any_phone",
        (Some(_), _) => "desk.answer.or_phone",
        (None, _) => "desk.answer.phone",
    };
    let decline = scene.command(What::HangUp, &call.id, "tool decline");
    let label = scene.t("desk.do.decline");
    div("answer")
        .may(answer)
        .may(decline.map(|node| node.with(crate::icon::icon(PHONE)).with(span("", label))))
        .with(el("p").class("quiet").text(&scene.texts.fill(key, phone)))
}

fn tools(scene: &Scene<'_>, call: &Call) -> Node {
    let id = &*call.id;
    let mute = if call.muted {
        scene.tool(What::Unmute, id, MUTED)
    } else {
        scene.tool(What::Mute, id, MICROPHONE)
    };
    let hold = if call.held {
        scene.tool(What::Unhold, id, PLAY)
    } else {
        scene.tool(What::Hold, id, PAUSE)
    };
    let record = if call.recording {
        scene.tool(What::Unrecord, id, STOP)
    } else {
        scene.tool(What::Record, id, RECORD)
    };
    let flag = if call.recording_flagged {
        What::Unflag
    } else {
        What::Flag
    };
    let recorded = !call.recording_id.is_empty();
    div("tools")
        .may(mute)
        .may(hold)
        .may(keypad_switch(scene, call))
        .may(pick(scene, What::PickTransfer, id))
        .may(pick(scene, What::PickMember, id))
        .may(record)
        .may(recorded.then(|| scene.tool(flag, id, FLAG)).flatten())
        .may(recorded.then(|| tags_switch(scene, call)).flatten())
}

/// A button that opens a part of the card.
fn opens(scene: &Scene<'_>, what: What, call: &str, sign: &'static str, open: bool) -> Node {
    let label = scene.texts.word("desk.do.", what.word());
    crate::scene::button("tool")
        .act(what, call)
        .at("aria-expanded", if open { "true" } else { "false" })
        .with(crate::icon::icon(sign))
        .with(span("", &label))
}

fn keypad_switch(scene: &Scene<'_>, call: &Call) -> Option<Node> {
    scene.can(Capability::Dtmf).then(|| {
        let open = scene.ui.keypad == call.id;
        let node = opens(scene, What::Keypad, &call.id, KEYPAD, open);
        // One that is open can always be closed.
        let refusal = scene.verdict(What::Digit, &call.id).flatten();
        let refusal = refusal.filter(|_| !open);
        scene.refused(node, refusal)
    })
}

/// A button that opens the picker, if there is anything that it could be used for.
fn pick(scene: &Scene<'_>, what: What, call: &str) -> Option<Node> {
    let transfer = what == What::PickTransfer;
    let capability = if transfer {
        Capability::TransferBlind
    } else {
        Capability::Conference
    };
    scene.can(capability).then(|| {
        let open = matches!(&scene.ui.sheet, crate::ui::Sheet::Pick(pick)
            if pick.call == call && (pick.purpose == crate::ui::Purpose::Member) != transfer);
        let sign = if transfer { TRANSFER } else { ADD };
        let node = opens(scene, what, call, sign, open);
        let purpose = if transfer {
            crate::ui::Purpose::Blind
        } else {
            crate::ui::Purpose::Member
        };
        let probe = crate::picker::probe(purpose, call);
        scene.refused(node, probe.and_then(|action| scene.refusal(&action)))
    })
}

fn tags_switch(scene: &Scene<'_>, call: &Call) -> Option<Node> {
    let known = !scene.view().agent.tags.is_empty();
    (known && scene.can(Capability::Record)).then(|| {
        let open = scene.ui.tags == call.id;
        let node = opens(scene, What::Tags, &call.id, TAG, open);
        scene.refused(node, tag_refusal(scene, call).filter(|_| !open))
    })
}

fn tag_refusal(scene: &Scene<'_>, call: &Call) -> Option<patchcord_core::desk::allowed::Refusal> {
    scene.refusal(&Action::TagRecording {
        call: call.id.clone(),
        tags: call.recording_tags.clone(),
    })
}

fn tags(scene: &Scene<'_>, call: &Call) -> Option<Node> {
    if scene.ui.tags != call.id || call.recording_id.is_empty() {
        return None;
    }
    let refusal = tag_refusal(scene, call);
    let mut group = div("chips")
        .at("role", "group")
        .label(scene.t("desk.do.tags"));
    for tag in &scene.view().agent.tags {
        let on = call.recording_tags.contains(tag);
        let chip = crate::scene::button("chip")
            .key(tag)
            .act(What::Tag, &call.id)
            .at("value", tag)
            .at("aria-pressed", if on { "true" } else { "false" })
            .text(tag);
        group = group.with(scene.refused(chip, refusal));
    }
    Some(group)
}
