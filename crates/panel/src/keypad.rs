//! Twelve keys, for dialling and for playing digits into a call.

use patchcord_core::desk::view::Call;

use crate::act::What;
use crate::icon::ERASE;
use crate::node::{Node, div, el, span};
use crate::scene::{Scene, button};

/// The keys, with the letters that phones have on them.
const KEYS: [(&str, &str); 12] = [
    ("1", ""),
    ("2", "ABC"),
    ("3", "DEF"),
    ("4", "GHI"),
    ("5", "JKL"),
    ("6", "MNO"),
    ("7", "PQRS"),
    ("8", "TUV"),
    ("9", "WXYZ"),
    ("*", ""),
    ("0", "+"),
    ("#", ""),
];

/// The keys. In the dialler a plus takes the place of the star, which no number has, and the last one takes a digit
/// back.
pub fn keys(scene: &Scene<'_>, what: What, on: &str) -> Node {
    let mut pad = div("pad")
        .at("role", "group")
        .label(scene.t("desk.do.keypad"));
    for (digit, letters) in KEYS {
        let (digit, letters) = match (what, digit) {
            (What::Key, "*") => ("+", ""),
            (What::Key, "0") => ("0", ""),
            (What::Key, "#") => {
                pad = pad.with(scene.sign(What::Erase, "", ERASE, scene.t("desk.do.erase")));
                continue;
            }
            _ => (digit, letters),
        };
        pad = pad.with(
            button("key")
                .act(what, on)
                .at("value", digit)
                .with(el("b").text(digit))
                .with(span("quiet", letters).at("aria-hidden", "true")),
        );
    }
    pad
}

/// The open keypad of a call, with what was played.
pub fn in_call(scene: &Scene<'_>, call: &Call) -> Option<Node> {
    if scene.ui.keypad != call.id {
        return None;
    }
    let digits = &scene.ui.digits;
    let mine = digits.call == call.id;
    let (sent, waiting) = if mine {
        (&*digits.sent, &*digits.waiting)
    } else {
        ("", "")
    };
    let says = if sent.is_empty() && waiting.is_empty() {
        span("quiet", scene.t("desk.keypad.hint"))
    } else {
        span("", sent).with(span("quiet", waiting))
    };
    let refusal = scene.verdict(What::Digit, &call.id).flatten();
    let why = refusal.map(|refusal| scene.why(refusal));
    Some(
        div("played")
            .with(el("p").class("digits").with(says))
            .may(why.map(|why| el("p").class("hint").text(&why)))
            .with(keys(scene, What::Digit, &call.id)),
    )
}
