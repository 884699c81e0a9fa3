//! What the keyboard does, beside what browsers do by themselves.

use patchcord_core::desk::session::Session;

use crate::act::{Act, What};
use crate::panel::tabs_of;
use crate::picker;
use crate::scene::Scene;
use crate::ui::{Sheet, Ui};

/// Where a key was pressed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The control that has the focus.
    pub act: Option<Act>,
    /// The call in whose card it is; empty for none.
    pub call: String,
    /// Whether text is typed there.
    pub types: bool,
    /// Whether it is among the rows of a list.
    pub rows: bool,
}

/// What a key does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Press {
    /// What a control would do, with what stands in it.
    Do(Act, String),
    /// The row that is marked is another one.
    Row(usize),
}

/// What a key does at a place; `None` leaves it to the browser.
pub fn press(scene: &Scene<'_>, key: &str, place: &Place) -> Option<Press> {
    let ui = scene.ui;
    let act = |what, on: &str| Act {
        what,
        on: on.to_owned(),
    };
    let plain = |what, on: &str| Some(Press::Do(act(what, on), String::new()));
    if key == "Escape" {
        let here = !place.call.is_empty() && (ui.keypad == place.call || ui.tags == place.call);
        let open = here || !matches!(ui.sheet, Sheet::Closed);
        return open.then_some(Press::Do(act(What::Close, &place.call), String::new()));
    }
    let at = place.act.as_ref().map(|act| act.what);
    if let (Some(What::Search), Sheet::Pick(pick)) = (at, &ui.sheet) {
        let count = picker::options(pick).len();
        return match key {
            "Enter" => plain(What::Choose, &patchcord_core::text::digits(pick.row as u64)),
            _ => step(key, pick.row, count).map(Press::Row),
        };
    }
    if place.rows {
        let list = match ui.tab {
            crate::ui::Tab::Recent => &ui.recent,
            _ => &ui.phonebook,
        };
        return step(key, list.row, list.rows.len()).map(Press::Row);
    }
    if let Some(what @ (What::ShowDialler | What::ShowRecent | What::ShowPhonebook)) = at {
        let tabs = tabs_of(scene);
        let now = tabs.iter().position(|(_, one)| *one == what)?;
        let next = match key {
            "ArrowRight" => (now + 1) % tabs.len(),
            "ArrowLeft" => (now + tabs.len() - 1) % tabs.len(),
            _ => return None,
        };
        let (_, what) = tabs.get(next)?;
        return plain(*what, "");
    }
    in_card(ui, scene.session, key, place)
}

/// The shortcuts that hold while the focus is in a call's card.
fn in_card(ui: &Ui, session: &Session, key: &str, place: &Place) -> Option<Press> {
    if place.types || place.call.is_empty() {
        return None;
    }
    let call = session.view().call(&place.call)?;
    if ui.keypad == call.id
        && key.len() == 1
        && key
            .bytes()
            .all(|key| matches!(key, b'0'..=b'9' | b'*' | b'#'))
    {
        let act = Act {
            what: What::Digit,
            on: call.id.clone(),
        };
        return Some(Press::Do(act, key.to_owned()));
    }
    if call.is_incoming() {
        return None;
    }
    let what = match key {
        "m" | "M" if call.muted => What::Unmute,
        "m" | "M" => What::Mute,
        "h" | "H" if call.held => What::Unhold,
        "h" | "H" => What::Hold,
        "k" | "K" => What::Keypad,
        "t" | "T" => What::PickTransfer,
        _ => return None,
    };
    Some(Press::Do(
        Act {
            what,
            on: call.id.clone(),
        },
        String::new(),
    ))
}

/// Another row: up, down, the first or the last.
fn step(key: &str, now: usize, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    Some(match key {
        "ArrowDown" => (now + 1).min(last),
        "ArrowUp" => now.saturating_sub(1),
        "Home" => 0,
        "End" => last,
        _ => return None,
    })
}
