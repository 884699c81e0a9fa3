//! From the table to plans.

use alloc::vec::Vec;

use super::automata::{Automata, Unknown};
use super::coder::{Model, Reader};
use super::packed::{self, Roots};
use crate::plan::{Format, Plan};
use crate::region::Region;

/// Reads the table, which has the lines of plans and formats, then the automata of the plans.
///
/// A plan has: region and country code (which is missing where it is that of the line before), the international
/// prefix (`00` if empty), the national prefix, its pattern for parsing (the same if empty), the transform rule,
/// leading digits, what stands before an extension, and the local lengths as letters (`a` is 1). A format has its
/// pattern, which begins with a space (` 2 3-13`), leading digits, template (`$1 $2 …` if empty), the rule of the
/// national prefix (with `?` if that is optional) and the international template (empty: the same, `+`: `$1 $2 …`,
/// `-`: none).
pub(super) fn read(table: &[u8]) -> (Vec<Plan>, Automata) {
    let mut model = Model::new(Reader::new(table));
    // It is kept until the program ends.
    let mut text: &'static [u8] = packed::text(&mut model, &[]).leak();
    let mut automata = Automata::new();
    let mut plans: Vec<Plan> = Vec::with_capacity(256);
    let mut country_code = 0;
    let mut roots = Roots::default();
    while !text.is_empty() {
        let mut line = cut(&mut text, b'\n');
        let first = cut(&mut line, b'\t');
        if let [b' ', ..] = first {
            let mut cells = [first; 5];
            for cell in cells.iter_mut().skip(1) {
                *cell = cut(&mut line, b'\t');
            }
            if let Some(plan) = plans.last_mut() {
                plan.formats.push(Format(cells));
            }
            continue;
        }
        let code = number(first);
        if code != 0 {
            country_code = code;
            roots = Roots::default();
        }
        let unknown = (Unknown, Unknown);
        roots = packed::roots(&mut model, &mut automata, unknown, plans.len(), roots);
        // The main plan of a country code has the lengths of the others too: +290 8… is Tristan da Cunha's, and one
        // digit shorter. But what is local in the main plan is local (7 digits after +1, which Canada has).
        let main = plans
            .iter_mut()
            .find(|plan| plan.country_code == country_code);
        if let Some(main) = main {
            main.possible |= roots.lengths & !main.local_only;
        }
        let region = match first {
            [a @ b'A'..=b'Z', b, ..] => Some(Region::of([*a, *b])),
            _ => None,
        };
        let mut cells = [first; 6];
        for cell in &mut cells {
            *cell = cut(&mut line, b'\t');
        }
        plans.push(Plan {
            country_code,
            region,
            cells,
            possible: roots.lengths,
            local_only: lengths(line),
            formats: Vec::new(),
            roots,
        });
    }
    (plans, automata)
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
