//! The whole panel.

use patchcord_core::capability::Capability;
use patchcord_core::desk::allowed::{Standing, Stopped};
use patchcord_core::desk::view::Call;

use crate::act::What;
use crate::node::{Node, div, el};
use crate::scene::{LOST_MS, Scene, button};
use crate::ui::{Sheet, Tab};
use crate::{banner, call, conference, dialler, header, lists, picker, settings, stopped, wrap_up};

/// The panel as everything stands now.
pub fn panel(scene: &Scene<'_>) -> Node {
    let standing = scene.session.standing();
    let state = match standing {
        Standing::Starting => "starting",
        Standing::SettingUp => "setting_up",
        Standing::Live => "live",
        Standing::Polling => "polling",
        Standing::Stale => "stale",
        Standing::Stopped(why) => why.as_str(),
    };
    let root = el("section")
        .class("panel")
        .label(scene.t("desk.panel"))
        .at("data-state", state)
        .at("data-home", "")
        .with(live("polite", &scene.ui.saying.now.polite))
        .with(live("assertive", &scene.ui.saying.now.assertive));
    match standing {
        Standing::Starting => root.with(stopped::skeleton(scene)),
        // A call goes on, whoever is signed in here: it is shown as it was.
        Standing::Stopped(why @ Stopped::SignInNeeded) => {
            let goes_on = scene.view().live_calls().next().is_some();
            root.with(stopped::stopped(scene, why))
                .may(goes_on.then(|| calls(scene)))
        }
        Standing::Stopped(why) => root.with(stopped::stopped(scene, why)),
        _ => root
            .with(header::header(scene))
            .with(banner::banners(scene))
            .with(calls(scene))
            .may(wrap_up::card(scene))
            .with(below(scene).key("below"))
            .may(banner::footnote(scene)),
    }
}

/// Which cards there are, in their order: where this changes, everything below them has moved.
pub fn cards(scene: &Scene<'_>) -> String {
    let view = scene.view();
    let mut cards = String::new();
    for call in view.live_calls() {
        cards.push_str(if call.is_incoming() { "!" } else { " " });
        cards.push_str(&call.id);
    }
    if view.conference().is_some() {
        cards.push('+');
    }
    if view.wrap_up.active {
        cards.push('~');
    }
    cards
}

/// What is read out when it changes.
fn live(how: &str, says: &str) -> Node {
    div("sr").key(how).at("aria-live", how).text(says)
}

/// The calls, those that ring first.
fn calls(scene: &Scene<'_>) -> Node {
    let live = || scene.view().live_calls();
    let (ringing, others): (Vec<&Call>, Vec<&Call>) = live().partition(|call| call.is_incoming());
    let ordered = ringing.into_iter().chain(others);
    div("calls")
        .key("calls")
        .all(ordered.map(|one| call::card(scene, one)).collect())
        .may(conference::card(scene))
}

fn below(scene: &Scene<'_>) -> Node {
    match &scene.ui.sheet {
        Sheet::Pick(pick) => div("below").with(picker::picker(scene, pick)),
        Sheet::Settings => div("below").with(settings::settings(scene)),
        Sheet::Closed => tabs(scene),
    }
}

/// The tabs that there are: what the platform or the account does not have is not there.
pub fn tabs_of(scene: &Scene<'_>) -> Vec<(Tab, What)> {
    let features = scene.view().features.as_ref();
    let mut tabs = Vec::new();
    if scene.can(Capability::Dial) {
        tabs.push((Tab::Dialler, What::ShowDialler));
    }
    // A relay's own calls are listed by contact alone.
    if !cfg!(feature = "calls")
        && scene.can(Capability::History)
        && features.is_none_or(|on| on.history)
    {
        tabs.push((Tab::Recent, What::ShowRecent));
    }
    if scene.can(Capability::Dial) && features.is_none_or(|on| on.phonebook) {
        tabs.push((Tab::Phonebook, What::ShowPhonebook));
    }
    tabs
}

fn tabs(scene: &Scene<'_>) -> Node {
    let all = tabs_of(scene);
    let shown = if all.iter().any(|(tab, _)| *tab == scene.ui.tab) {
        scene.ui.tab
    } else {
        Tab::Dialler
    };
    let mut list = div("tabs")
        .at("role", "tablist")
        .label(scene.t("desk.tabs"));
    for &(tab, what) in &all {
        let on = tab == shown;
        list = list.with(
            button("tab")
                .id(&["tab-", what.word()].concat())
                .at("role", "tab")
                .at("aria-selected", if on { "true" } else { "false" })
                .at("aria-controls", "tab-panel")
                .at("tabindex", if on { "0" } else { "-1" })
                .act(what, "")
                .text(&scene.texts.word("desk.do.", what.word())),
        );
    }
    let (inner, what) = match shown {
        Tab::Dialler => (dialler::dialler(scene), What::ShowDialler),
        Tab::Recent => (lists::recent(scene), What::ShowRecent),
        Tab::Phonebook => (lists::phonebook(scene), What::ShowPhonebook),
    };
    if all.is_empty() {
        return div("below");
    }
    div("below").with(list).with(
        div("shown")
            .id("tab-panel")
            .key(what.word())
            .at("role", "tabpanel")
            .at("aria-labelledby", &["tab-", what.word()].concat())
            .with(inner),
    )
}

/// When the panel has to be drawn again although nothing has happened: a duration goes on.
pub fn ticks_at(scene: &Scene<'_>) -> Option<u64> {
    let seconds = |at: u64| {
        let into = scene.now.saturating_sub(at) % 1_000;
        scene.now + 1_000 - into
    };
    let calls = scene.view().live_calls().filter(|call| call.is_open());
    let calls = calls
        .filter_map(|call| call.connected_at.map(seconds))
        .min();
    let notes = scene.session.wrap_up_ticks_at(scene.now);
    let lost = scene.ui.stale_since.filter(|_| !scene.is_lost());
    let lost = lost.map(|since| since + LOST_MS);
    calls.into_iter().chain(notes).chain(lost).min()
}
