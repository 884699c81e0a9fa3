//! Whether what was read is as sure a number as is wanted.

use alloc::vec::Vec;

use super::Leniency;
use super::candidate::Part;
use super::grouping;
use crate::error::NumberError;
use crate::format::{self, Complete, Style};
use crate::kind::Possibility;
use crate::parse::{Read, Source, parse};
use crate::prefix;
use crate::symbol::{Symbol, ascii_digit, is_digit};
use crate::tables;
use crate::text::Text;

/// Whether the number holds what the leniency asks for.
pub(super) fn holds(leniency: Leniency, read: &Read, part: &Part<'_>, written: &str) -> bool {
    if leniency == Leniency::Possible {
        let possibility = read.number.possibility();
        return matches!(possibility, Possibility::Possible | Possibility::LocalOnly);
    }
    let strict = leniency > Leniency::Valid;
    read.number.is_valid()
        && every_x_means_something(read, part, written)
        && !(strict && has_too_many_slashes(read, part.symbols))
        && has_national_prefix(read, part.symbols)
        && (!strict || grouping::is_usual(leniency, read, part.symbols))
}

fn digits(symbols: &[Symbol]) -> Vec<u8> {
    symbols.iter().filter_map(|s| ascii_digit(*s)).collect()
}

/// Whether each `x` leads the extension, and each `xx` (a carrier code of whichever carrier) the number.
fn every_x_means_something(read: &Read, part: &Part<'_>, written: &str) -> bool {
    let symbols = part.symbols;
    let is_x = |at: usize| matches!(symbols.get(at), Some(b'x' | b'X'));
    let mut at = 0;
    while at + 1 < symbols.len() {
        if is_x(at) && is_x(at + 1) {
            at += 1;
            let rest = written.get(part.offset(at) - part.start()..);
            if !is_same_in_country(read, rest.unwrap_or_default()) {
                return false;
            }
        } else if is_x(at) {
            let behind = digits(symbols.get(at..).unwrap_or_default());
            let extension = read.number.extension().map(str::as_bytes);
            if extension != Some(&behind) || !extension_is_ascii(symbols) {
                return false;
            }
        }
        at += 1;
    }
    true
}

/// Whether the extension at the end is written in ASCII's digits. Google compares those of another script with ASCII's
/// where it looks for an extension's place, so it finds such a number without its extension, or not at all.
pub(super) fn extension_is_ascii(symbols: &[Symbol]) -> bool {
    let body = symbols.strip_suffix(b"#").unwrap_or(symbols);
    let digits = body.iter().rev().take_while(|s| is_digit(**s));
    digits.into_iter().all(u8::is_ascii)
}

/// Whether the text is the same number, written without its country code.
fn is_same_in_country(read: &Read, text: &str) -> bool {
    let main = tables::main_of_code(read.number.country_code());
    parse(text, None) == Err(NumberError::InvalidCountryCode)
        && parse(text, main.and_then(|plan| plan.region)) == Ok(read.number)
}

/// Whether there is more than one slash, not counting one behind the country code.
fn has_too_many_slashes(read: &Read, symbols: &[Symbol]) -> bool {
    let mut slashes = symbols.iter().enumerate().filter(|(_, s)| **s == b'/');
    let (Some((first, _)), Some(_)) = (slashes.next(), slashes.next()) else {
        return false;
    };
    let mut code = Text::EMPTY;
    code.push_number(read.number.country_code());
    let begins_with_code = matches!(read.source, Source::Plus | Source::WithoutPlus)
        && digits(symbols.get(..first).unwrap_or_default()) == code.as_bytes();
    !begins_with_code || slashes.next().is_some()
}

/// Whether the national prefix is there, if numbers like this are written with it.
fn has_national_prefix(read: &Read, symbols: &[Symbol]) -> bool {
    let main = tables::main_of_code(read.number.country_code());
    let Some(plan) = main.filter(|_| read.source == Source::Default) else {
        return true;
    };
    let Some((format, _)) = format::choose(
        plan,
        read.number.national_digits(),
        Style::National,
        Complete::Yes,
    ) else {
        return true;
    };
    let rule = format.national_rule();
    let alone = matches!(rule, b"" | b"$1" | b"($1)" | b"($1" | b"$1)");
    alone
        || format.national_prefix_optional()
        || prefix::strip_national(&digits(symbols), plan, &mut None).is_some()
}
