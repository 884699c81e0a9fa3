//! Whom to transfer a call to, or to have in the conference.

use patchcord_core::desk::action::{Action, Party, Switch, Target};
use patchcord_core::desk::allowed::Refusal;
use patchcord_core::desk::lookup::{Found, FoundKind};
use patchcord_core::desk::view::Private;
use patchcord_core::number::Dialable;

use crate::act::What;
use crate::icon::CLOSE;
use crate::lists::looking;
use crate::node::{Node, div, el, span};
use crate::notice;
use crate::scene::Scene;
use crate::texts::joined;
use crate::ui::{Pick, Purpose};
use patchcord_core::text::digits;

/// The category of the number that was typed.
const TYPED: &str = "typed";

/// What taking somebody does; `None` where a call cannot go there that way.
pub fn action(pick: &Pick, found: &Found) -> Option<Action> {
    let target = found.target()?;
    Some(match (pick.purpose, target) {
        (Purpose::Blind, to) => Action::TransferBlind {
            call: pick.call.clone(),
            to,
        },
        // Only somebody can be asked.
        (_, Target::Application(_)) => return None,
        (purpose, Target::Party(who)) => Action::AddMember {
            who,
            hold_others: (purpose == Purpose::Ask).into(),
        },
    })
}

/// An action that is allowed if any of that purpose may be.
pub fn probe(purpose: Purpose, call: &str) -> Option<Action> {
    // No agent has this id: nobody is there already.
    let nobody = Party::Agent("\0".to_owned());
    Some(match purpose {
        Purpose::Blind => Action::TransferBlind {
            call: call.to_owned(),
            to: Target::Party(nobody),
        },
        Purpose::Ask | Purpose::Member => Action::AddMember {
            who: nobody,
            hold_others: Switch::Off,
        },
    })
}

/// Everything that can be taken now, in the order in which it is shown: a number that is typed, then what was found,
/// each kind together.
pub fn options(pick: &Pick) -> Vec<Found> {
    let mut all = Vec::new();
    if let Ok(Dialable { number, .. }) = pick.query.parse() {
        let number = Private::new(number.as_e164());
        all.push(Found {
            kind: FoundKind::Number,
            label: number.clone(),
            number,
            category: TYPED.to_owned(),
            ..Found::default()
        });
    }
    for kind in [FoundKind::Agent, FoundKind::Number, FoundKind::Application] {
        let same = pick.found.iter().filter(|found| found.kind == kind);
        for found in same {
            let known = found.kind == FoundKind::Number
                && all
                    .iter()
                    .any(|one: &Found| one.number == found.number && one.kind == found.kind);
            if !known {
                all.push(found.clone());
            }
        }
    }
    all
}

/// Why a row cannot be taken.
pub fn refusal(scene: &Scene<'_>, pick: &Pick, found: &Found) -> Option<Refusal> {
    match action(pick, found) {
        Some(action) => scene.refusal(&action),
        None => Some(Refusal::NoApplications),
    }
}

/// The open picker.
pub fn picker(scene: &Scene<'_>, pick: &Pick) -> Node {
    let transfers = pick.purpose != Purpose::Member;
    let title = scene.t(if transfers {
        "desk.do.transfer"
    } else {
        "desk.do.add"
    });
    let all = options(pick);
    let active = ["o-", &digits(pick.row as u64)].concat();
    let mut input = el("input")
        .id("search")
        .at("type", "search")
        .at("role", "combobox")
        .at("autocomplete", "off")
        .at(
            "aria-expanded",
            if all.is_empty() { "false" } else { "true" },
        )
        .at("aria-controls", "found")
        .at("placeholder", scene.t("desk.pick.hint"))
        .label(scene.t("desk.pick.label"))
        .act(What::Search, "")
        .value(&pick.query);
    if !all.is_empty() {
        input = input.at("aria-activedescendant", &active);
    }
    el("section")
        .class("sheet")
        .key("pick")
        .at("aria-labelledby", "t-pick")
        .at("data-home", "")
        .at("data-sheet", "")
        .with(
            div("top")
                .with(el("h2").id("t-pick").at("tabindex", "-1").text(title))
                .with(scene.sign(What::Close, "", CLOSE, scene.t("desk.do.close"))),
        )
        .may(transfers.then(|| ways(scene, pick)))
        .with(input)
        .may((!all.is_empty()).then(|| found(scene, pick, &all)))
        .with(notice::hint(scene, "pick", ""))
        .may(looking(
            scene,
            &pick.state,
            all.is_empty(),
            "desk.pick.empty",
        ))
        .may(
            (!transfers)
                .then(|| scene.plain(What::StartConference, "", "second"))
                .flatten(),
        )
}

/// With or without asking first.
fn ways(scene: &Scene<'_>, pick: &Pick) -> Node {
    let ask = pick.purpose == Purpose::Ask;
    let way = |what: What, on: bool| {
        scene
            .switch(what, "", "chip")
            .at("aria-pressed", if on { "true" } else { "false" })
    };
    let refusal = probe(Purpose::Ask, &pick.call).and_then(|action| scene.refusal(&action));
    let key = if ask {
        "desk.ask.hint"
    } else {
        "desk.blind.hint"
    };
    div("ways")
        .with(
            div("chips")
                .at("role", "group")
                .label(scene.t("desk.way"))
                .with(way(What::Blind, !ask))
                .with(scene.refused(way(What::Ask, ask), refusal)),
        )
        .with(el("p").class("quiet").text(scene.t(key)))
}

/// What a row stands below.
fn group(found: &Found) -> &str {
    if found.category == TYPED {
        TYPED
    } else {
        found.kind.as_str()
    }
}

fn found(scene: &Scene<'_>, pick: &Pick, all: &[Found]) -> Node {
    let mut list = div("found")
        .id("found")
        .at("role", "listbox")
        .label(scene.t("desk.pick.label"));
    let mut place = 0;
    for same in all.chunk_by(|one, next| group(one) == group(next)) {
        let kind = same.first().map(group).unwrap_or_default();
        let label = scene.texts.word("desk.kind.", kind);
        let mut group = div("group")
            .at("role", "group")
            .label(&label)
            .with(span("quiet", &label).at("aria-hidden", "true"));
        for one in same {
            group = group.with(option(scene, pick, one, place));
            place += 1;
        }
        list = list.with(group.key(kind));
    }
    list
}

fn option(scene: &Scene<'_>, pick: &Pick, one: &Found, place: usize) -> Node {
    let number = digits(place as u64);
    let category = if one.category == TYPED {
        ""
    } else {
        &*one.category
    };
    let browser = if one.browser_only {
        scene.t("desk.browser_only")
    } else {
        ""
    };
    let shown = if one.number == one.label {
        ""
    } else {
        &*one.number
    };
    let note = joined(&[&scene.texts.apart(shown), category, browser], " · ");
    let refusal = refusal(scene, pick, one);
    let why = refusal.map(|why| scene.why(why)).unwrap_or_default();
    let option = div("option")
        .id(&["o-", &number].concat())
        .at("role", "option")
        .at(
            "aria-selected",
            if place == pick.row { "true" } else { "false" },
        )
        .act(What::Choose, &number)
        .with(el("b").text(&scene.texts.apart(&one.label)))
        .with(span("quiet", &note));
    let option = if why.is_empty() {
        option
    } else {
        option.with(span("quiet", &why))
    };
    option.is("aria-disabled", refusal.is_some())
}
