//! Lists that come in pages.

use serde_json::Value;

use super::reply::{self, Read};
use crate::error::Code;
use crate::http::Reply;
use crate::outcome::{Because, Outcome};
use crate::provider::page::Page;

/// The largest page that is known to work (inferred).
pub(super) const LARGEST: u32 = 100;

/// Reads a page of a list. `item` gives what it makes of one; nothing of what cannot be read.
///
/// `pagination` may be missing, and so may what is in it: then there is one page.
pub(super) fn read<T>(
    page: u32,
    reply: Reply,
    item: impl Fn(&Value) -> Option<T>,
) -> Result<Page<T>, Outcome> {
    let json = match reply::read(reply) {
        Read::Yes(json) | Read::NoWord(json) => json,
        Read::No(outcome) => return Err(outcome),
    };
    let Some(items) = json.get("items").and_then(Value::as_array) else {
        return Err(Outcome::Unknown(Because::code(Code::UnreadableReply)));
    };
    let pages = json.pointer("/pagination/pages").and_then(Value::as_u64);
    let more = pages.is_some_and(|pages| u64::from(page) < pages);
    Ok(Page {
        items: items.iter().filter_map(item).collect(),
        next: more.then(|| page.saturating_add(1)),
    })
}
