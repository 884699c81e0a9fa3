//! What looks like a number and is none: dates, times, page references; brackets that do not match; what stands
//! within a word or beside a currency sign.

use super::candidate::Part;
use crate::extension::count_back;
use crate::symbol::bounds::{closes, is_space, leads, opens};
use crate::symbol::{Symbol, digit_value, is_digit};

fn any_digit(symbol: Option<&Symbol>) -> bool {
    symbol.copied().is_some_and(is_digit)
}

/// Whether it holds a date with slashes: 3/10/2011, 31/10/96, 08/31/95.
pub(super) fn is_date(symbols: &[Symbol]) -> bool {
    let slashes = symbols.iter().enumerate().filter(|(_, s)| **s == b'/');
    slashes.map(|(at, _)| at).any(|at| {
        let before = at.checked_sub(1).and_then(|before| symbols.get(before));
        let behind = symbols.get(at + 1..).unwrap_or_default();
        let second = match behind {
            [_, b'/', ..] => any_digit(behind.first()).then_some(1),
            [b'0'..=b'3', digit, b'/', ..] => is_digit(*digit).then_some(2),
            _ => None,
        };
        any_digit(before)
            && second.is_some_and(|second| {
                any_digit(behind.get(second + 1)) && any_digit(behind.get(second + 2))
            })
    })
}

/// Whether it ends with a date and an hour, of which the minutes follow: 2012-01-02 08:00.
pub(super) fn is_time(symbols: &[Symbol], behind: &str) -> bool {
    let mut minutes = behind.chars();
    let follows = minutes.next() == Some(':')
        && matches!(minutes.next(), Some('0'..='5'))
        && minutes.next().is_some_and(|c| digit_value(c).is_some());
    follows && ends_with_hour(symbols).is_some()
}

fn ends_with_hour(symbols: &[Symbol]) -> Option<()> {
    let rest = without_pair(symbols, b"012")?;
    let gap = count_back(rest, |s| s == b' ');
    let rest = rest.get(..rest.len().checked_sub(gap)?)?;
    let rest = without_pair(rest, b"0123")?;
    let rest = without_pair(without_dash(rest), b"01")?;
    let rest = without_dash(rest);
    let year = rest.get(rest.len().checked_sub(4)?..)?;
    let century = matches!(year.first(), Some(b'1' | b'2'));
    (gap > 0 && century && year.iter().all(|s| is_digit(*s))).then_some(())
}

/// Without two digits at the end, of which the first is one of these.
fn without_pair<'s>(symbols: &'s [Symbol], first: &[u8]) -> Option<&'s [Symbol]> {
    match symbols {
        [before @ .., a, b] if first.contains(a) && is_digit(*b) => Some(before),
        _ => None,
    }
}

/// Without a dash or slash at the end.
fn without_dash(symbols: &[Symbol]) -> &[Symbol] {
    match symbols {
        [before @ .., b'-' | b'/'] => before,
        _ => symbols,
    }
}

/// Whether it holds what looks like pages and a year: 211-227 (2003).
pub(super) fn is_page_reference(symbols: &[Symbol]) -> bool {
    let opened = |(at, symbol): (usize, &Symbol)| {
        (*symbol == b'(' && any_digit(symbols.get(at + 1))).then(|| symbols.get(..at))
    };
    symbols
        .iter()
        .enumerate()
        .filter_map(opened)
        .flatten()
        .any(|before| {
            let gap = count_back(before, is_space);
            let before = before.get(..before.len() - gap).unwrap_or_default();
            let last = count_back(before, is_digit);
            let before = before.get(..before.len() - last).unwrap_or_default();
            let dashes = count_back(before, |s| s == b'-');
            let first = before
                .len()
                .checked_sub(dashes + 1)
                .and_then(|at| before.get(at));
            gap <= 4 && (1..=5).contains(&last) && dashes > 0 && any_digit(first)
        })
}

/// Whether its brackets match: one may be open at the beginning, or closed first; then up to three pairs.
pub(super) fn brackets_match(symbols: &[Symbol]) -> bool {
    let mut rest = symbols;
    let inside = |rest: &mut &[Symbol]| {
        let count = rest
            .iter()
            .take_while(|s| !opens(**s) && !closes(**s))
            .count();
        *rest = rest.get(count..).unwrap_or_default();
        count > 0
    };
    let one = |rest: &mut &[Symbol], sort: fn(Symbol) -> bool| match *rest {
        [first, behind @ ..] if sort(*first) => {
            *rest = behind;
            true
        }
        _ => false,
    };
    one(&mut rest, opens);
    if !inside(&mut rest) || (one(&mut rest, closes) && !inside(&mut rest)) {
        return false;
    }
    for _ in 0..3 {
        if !one(&mut rest, opens) {
            break;
        }
        if !inside(&mut rest) || !one(&mut rest, closes) {
            return false;
        }
    }
    inside(&mut rest);
    rest.is_empty()
}

/// Whether neither a Latin letter nor a sign of percent or currency stands beside it.
pub(super) fn stands_alone(text: &str, part: &Part<'_>) -> bool {
    let before = text
        .get(..part.start())
        .unwrap_or_default()
        .chars()
        .next_back();
    let behind = text.get(part.end()..).unwrap_or_default().chars().next();
    let led = part.symbols.first().is_some_and(|s| leads(*s));
    (led || before.is_none_or(may_stand_beside)) && behind.is_none_or(may_stand_beside)
}

fn may_stand_beside(c: char) -> bool {
    !is_latin(c) && c != '%' && !is_currency(c)
}

/// A letter of the blocks with Latin letters, or an accent that follows one.
fn is_latin(c: char) -> bool {
    match c {
        '\0'..='\u{7F}' => c.is_ascii_alphabetic(),
        '\u{80}'..='\u{FF}' => {
            matches!(c, 'ª' | 'µ' | 'º' | 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ÿ')
        }
        '\u{100}'..='\u{24F}' | '\u{300}'..='\u{36F}' | '\u{1E00}'..='\u{1EFF}' => true,
        _ => false,
    }
}

/// Unicode's currency signs (Sc).
fn is_currency(c: char) -> bool {
    matches!(
        c,
        '$' | '¢'..='¥' | '\u{58F}' | '\u{60B}' | '\u{7FE}' | '\u{7FF}' | '\u{9F2}' | '\u{9F3}' | '\u{9FB}'
            | '\u{AF1}' | '\u{BF9}' | '\u{E3F}' | '\u{17DB}' | '\u{20A0}'..='\u{20C0}' | '\u{A838}' | '\u{FDFC}'
            | '\u{FE69}' | '\u{FF04}' | '\u{FFE0}' | '\u{FFE1}' | '\u{FFE5}' | '\u{FFE6}'
            | '\u{11FDD}'..='\u{11FE0}' | '\u{1E2FF}' | '\u{1ECB0}'
    )
}
