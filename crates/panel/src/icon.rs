//! The signs on buttons: lines on a field of 24 by 24, drawn in the colour of the text.

use crate::node::{Node, el};

/// What a sign shows, as a path.
pub type Icon = &'static str;

/// A receiver; turned over where a call is ended.
pub const PHONE: Icon = "M7 4h2l2 5-2.500 1.500a11 11 0 0 0 5 5L15 13l5 2v2a3 3 0 0 1-3 3A13 13 0 0 1 4 7a3 3 0 0 1 3-3z";
/// Two bars.
pub const PAUSE: Icon = "M9 5v14M15 5v14";
/// A triangle.
pub const PLAY: Icon = "M8 5l11 7-11 7z";
/// A microphone.
pub const MICROPHONE: Icon =
    "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5 11a7 7 0 0 0 14 0M12 18v3";
/// … that is struck out.
pub const MUTED: Icon =
    "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5 11a7 7 0 0 0 14 0M12 18v3M4 3l16 18";
/// Nine dots.
pub const KEYPAD: Icon = "M6 6h0M12 6h0M18 6h0M6 12h0M12 12h0M18 12h0M6 18h0M12 18h0M18 18h0";
/// An arrow away.
pub const TRANSFER: Icon = "M4 18v-3a4 4 0 0 1 4-4h12M15 6l5 5-5 5";
/// Somebody, and a plus.
pub const ADD: Icon = "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2 21a7 7 0 0 1 14 0M19 8v6M16 11h6";
/// A dot.
pub const RECORD: Icon = "M12 6a6 6 0 1 0 0 12 6 6 0 0 0 0-12z";
/// A square.
pub const STOP: Icon = "M7 7h10v10H7z";
/// A flag.
pub const FLAG: Icon = "M6 21V4h12l-3 4 3 4H6";
/// A label on a string.
pub const TAG: Icon = "M3 11V4h7l11 10-7 7zM7 8h0";
/// Three dots.
pub const MENU: Icon = "M12 5h0M12 12h0M12 19h0";
/// A cross.
pub const CLOSE: Icon = "M6 6l12 12M18 6L6 18";
/// An arrow back, with a cross in it.
pub const ERASE: Icon = "M9 5h11v14H9l-6-7zM12 9l5 6M17 9l-5 6";
/// An arrow down to the left.
pub const INCOMING: Icon = "M18 6L7 17M7 8v9h9";
/// An arrow up to the right.
pub const OUTGOING: Icon = "M6 18L17 7M8 7h9v9";
/// A door, and an arrow out.
pub const LEAVE: Icon = "M13 4H5v16h8M10 12h11M17 8l4 4-4 4";

/// The sign; nothing is read out.
pub fn icon(shows: Icon) -> Node {
    el("svg")
        .at("viewBox", "0 0 24 24")
        .at("aria-hidden", "true")
        .with(el("path").at("d", shows))
}
