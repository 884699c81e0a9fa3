//! Numbers within a candidate that is none as a whole: `030 1234/030 1235`, `12345 - 030 1234` …

use super::candidate::Part;
use super::{Found, Matches};
use crate::symbol::Symbol;
use crate::symbol::bounds::{is_dash, is_space};

/// What may separate two numbers, the surest first.
const SEPARATORS: [Separator; 6] = [
    Separator::Slash,
    Separator::Bracket,
    Separator::SpacedHyphen,
    Separator::Dash,
    Separator::Dot,
    Separator::Space,
];

#[derive(Clone, Copy)]
enum Separator {
    Slash,
    Bracket,
    SpacedHyphen,
    Dash,
    Dot,
    Space,
}

/// The first number that is what one of the separators parts.
///
/// What Google tries again and again within a run of separators is tried once here, and counted as often.
pub(super) fn first_number(matches: &mut Matches<'_>, candidate: Part<'_>) -> Option<Found> {
    for separator in SEPARATORS {
        let mut first = true;
        let mut last = None;
        for at in 0..candidate.symbols.len() {
            if matches.tries == 0 {
                return None;
            }
            let Some(group) = separator.group(candidate.symbols, at, last) else {
                continue;
            };
            if first {
                first = false;
                if let Some(found) = matches.number(candidate.sub(0, at).trimmed()) {
                    return Some(found);
                }
                matches.spend(1);
            }
            if last != Some(group) {
                last = Some(group);
                if let Some(found) = matches.number(candidate.sub(group.0, group.1).trimmed()) {
                    return Some(found);
                }
            }
            matches.spend(1);
        }
    }
    None
}

impl Separator {
    /// What the separator that begins here parts off, from and to; it is never nothing but behind a slash. `last` is
    /// the answer at the place before.
    fn group(
        self,
        symbols: &[Symbol],
        at: usize,
        last: Option<(usize, usize)>,
    ) -> Option<(usize, usize)> {
        let symbol = |at: usize| symbols.get(at).copied();
        let is = |at: usize, wanted: u8| symbol(at) == Some(wanted);
        let space = |at: usize| symbol(at).is_some_and(is_space);
        let end = symbols.len();
        match self {
            Self::Slash if is(at, b'/') => Some((skip(symbols, at, |s| s == b'/'), end)),
            Self::Bracket if is(at, b'(') => Some((at, skip(symbols, at + 1, |s| s != b'('))),
            Self::SpacedHyphen
                if space(at) && is(at + 1, b'-') || is(at, b'-') && space(at + 1) =>
            {
                behind_spaces(symbols, at + 2, end)
            }
            Self::Dash if symbol(at).is_some_and(is_dash) => behind_spaces(symbols, at + 1, end),
            Self::Dot if is(at, b'.') => {
                let dots = skip(symbols, at, |s| s == b'.');
                let next = skip(symbols, dots, |s| s != b'.');
                behind_spaces(symbols, dots, next)
            }
            Self::Space if space(at) => {
                if last.is_some_and(|(from, _)| at < from) {
                    return last;
                }
                let from = skip(symbols, at, is_space);
                let to = skip(symbols, from, |s| !is_space(s));
                (from < to).then_some((from, to))
            }
            _ => None,
        }
    }
}

/// From behind the spaces here to the end, or the last of the spaces if there is nothing else.
fn behind_spaces(symbols: &[Symbol], at: usize, end: usize) -> Option<(usize, usize)> {
    let from = skip(symbols, at, is_space).min(end.saturating_sub(1));
    (at < end).then_some((from, end))
}

/// The first place at or behind this one where something else stands.
fn skip(symbols: &[Symbol], from: usize, sort: impl Fn(Symbol) -> bool) -> usize {
    let rest = symbols.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|s| sort(**s)).count()
}
