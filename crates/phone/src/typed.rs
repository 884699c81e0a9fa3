//! Formats a number while somebody types it.

use alloc::borrow::ToOwned as _;
use alloc::string::String;

use crate::region::Region;

/// What an input shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// Its text.
    pub text: String,
    /// Where its caret stands, in UTF-16 units.
    pub caret: usize,
    /// The region the number belongs to, as far as it can be told by now.
    pub region: Option<Region>,
}

/// The text of an input, formatted as far as it goes.
pub fn as_you_type(text: &str, caret: usize, region: Option<Region>) -> Typed {
    Typed {
        text: text.to_owned(),
        caret,
        region,
    }
}
