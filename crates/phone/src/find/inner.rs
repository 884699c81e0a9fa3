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
    /// What the separator that begins here parts off, from and to. `last` is the answer at the place before.
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
            Self::Slash => {
                let from = || skip(symbols, at, |s| s == b'/');
                is(at, b'/').then(|| (from(), end))
            }
            Self::Bracket => is(at, b'(').then(|| (at, skip(symbols, at + 1, |s| s != b'('))),
            Self::SpacedHyphen => {
                let spaced = (space(at) && is(at + 1, b'-')) || (is(at, b'-') && space(at + 1));
                spaced.then(|| (skip(symbols, at + 2, is_space), end))
            }
            Self::Dash => symbol(at)
                .is_some_and(is_dash)
                .then(|| (skip(symbols, at + 1, is_space), end)),
            Self::Dot => {
                if !is(at, b'.') {
                    return None;
                }
                let dots = skip(symbols, at, |s| s == b'.');
                let from = skip(symbols, dots, is_space);
                if is(from, b'.') {
                    // Only white space is left between two dots.
                    return Some((from - 1, from));
                }
                Some((from, skip(symbols, from, |s| s != b'.')))
            }
            Self::Space => {
                if !space(at) {
                    return None;
                }
                if let Some((from, to)) = last
                    && at < from
                {
                    return Some((from, to));
                }
                let from = skip(symbols, at, is_space);
                Some((from, skip(symbols, from, |s| !is_space(s))))
            }
        }
    }
}

/// The first place at or behind this one where something else stands.
fn skip(symbols: &[Symbol], from: usize, sort: impl Fn(Symbol) -> bool) -> usize {
    let rest = symbols.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|s| sort(**s)).count()
}
