//! From the table of texts to plans.

use super::list::List;
use super::only_text;
use crate::pattern::Beginning;
use crate::plan::{Format, Plan};
use crate::region::Region;

/// Reads the lines of plans and formats.
///
/// A plan has: region and how much greater its country code is than that of the line before (nothing where they are the
/// same), the international prefix (`00` if empty), the national prefix, its pattern for parsing (the same if empty),
/// the transform rule, leading digits, what stands before an extension, and the local lengths as letters (`a` is 1). A
/// format has its pattern, which begins with a space (` 2 3-13`), leading digits, template (`$1 $2 …` if empty), the
/// rule of the national prefix (with `?` if that is optional) and the international template (empty: the same, `+`:
/// `$1 $2 …`, `-`: none).
pub(super) fn read(table: &[u8]) -> List<Plan> {
    let mut text = only_text(table);
    let mut plans = List::with_room(256);
    let mut country_code = 0;
    while !text.is_empty() {
        let mut line = cut(&mut text, b'\n');
        if line.starts_with(b" ") {
            continue;
        }
        let first = cut(&mut line, b'\t');
        country_code += number(first);
        let region = match first {
            [a @ b'A'..=b'Z', b, ..] => Some(Region::of([*a, *b])),
            _ => None,
        };
        plans.push(Plan {
            place: plans.len(),
            country_code,
            region,
            cells: cells(&mut line).map(Beginning::of),
            local_only: lengths(line),
            formats: Formats(text),
        });
    }
    plans
}

/// The formats of a plan, one after the other: the lines behind its own that begin with a space.
#[derive(Clone)]
pub(crate) struct Formats(&'static [u8]);

impl Iterator for Formats {
    type Item = Format;

    fn next(&mut self) -> Option<Format> {
        let mut line = cut(&mut self.0, b'\n');
        if line.starts_with(b" ") {
            return Some(Format(cells(&mut line)));
        }
        None
    }
}

/// Cuts off the first cells of a line.
fn cells<const COUNT: usize>(line: &mut &'static [u8]) -> [&'static [u8]; COUNT] {
    [(); COUNT].map(|()| cut(line, b'\t'))
}

/// Cuts off what stands before the next of these bytes, and the byte; all, if there is none.
// Not inlined: there are ten calls.
#[inline(never)]
pub(crate) fn cut<'t>(text: &mut &'t [u8], end: u8) -> &'t [u8] {
    let at = text.iter().position(|byte| *byte == end);
    let (cut, rest) = text
        .split_at_checked(at.unwrap_or(text.len()))
        .unwrap_or_default();
    *text = rest.get(1..).unwrap_or_default();
    cut
}

/// The text, or what it stands for if it is empty.
pub(crate) const fn or(text: &'static [u8], empty: &'static [u8]) -> &'static [u8] {
    if text.is_empty() { empty } else { text }
}

/// The number that the digits of a text are; 0 without any.
pub(super) fn number(text: &[u8]) -> u16 {
    let digits = text.iter().filter(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, digit| number * 10 + u16::from(digit - b'0'))
}

/// Lengths as letters (`a` is 1), as a set.
pub(super) fn lengths(letters: &[u8]) -> u32 {
    letters
        .iter()
        .fold(0, |set, letter| set | 1 << (letter & 31))
}

/// The template that most formats with the groups of this pattern have.
pub(crate) fn usual(pattern: &[u8]) -> &'static [u8] {
    let count = pattern.iter().filter(|byte| **byte == b' ').count();
    b"$1 $2 $3 $4 $5 $6"
        .get(..3 * count - 1)
        .unwrap_or_default()
}
