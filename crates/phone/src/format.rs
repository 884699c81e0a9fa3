//! Writes a number out.

use alloc::string::String;
use alloc::vec::Vec;

use crate::parsed::ParsedNumber;
use crate::pattern::{self, Captures};
use crate::plan::{Format, Plan};
use crate::symbol;
use crate::tables;

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// For machines: `+4930901820`, without an extension.
    E164,
    /// For people anywhere: `+49 30 901820 ext. 12`.
    International,
    /// For people in its country: `030 901820 ext. 12`.
    National,
    /// As an address: `tel:+49-30-901820;ext=12`.
    Rfc3966,
}

/// The number, written out.
pub(crate) fn format(number: &ParsedNumber, style: Style) -> String {
    let mut text = Vec::with_capacity(64);
    if style == Style::Rfc3966 {
        text.extend_from_slice(b"tel:");
    }
    if style != Style::National {
        text.push(b'+');
        push_code(&mut text, number.country_code());
    }
    match style {
        Style::E164 => {
            text.extend_from_slice(number.national_digits());
            return string(&text);
        }
        Style::International => text.push(b' '),
        Style::Rfc3966 => text.push(b'-'),
        Style::National => {}
    }
    text.extend(national_part(number, style));
    let extension = number.extension_digits();
    if !extension.is_empty() {
        let plan = tables::of_code(number.country_code()).first();
        text.extend_from_slice(match style {
            Style::Rfc3966 => b";ext=",
            _ => plan.map_or(b"", |plan| plan.extension_prefix()),
        });
        text.extend_from_slice(extension);
    }
    string(&text)
}

/// ASCII as text.
pub(crate) fn string(ascii: &[u8]) -> String {
    let mut text = String::with_capacity(ascii.len());
    for byte in ascii {
        text.push(char::from(*byte));
    }
    text
}

/// The country code's digits.
pub(crate) fn push_code(text: &mut Vec<u8>, code: u16) {
    if code > 9 {
        push_code(text, code / 10);
    }
    text.push(b'0' + (code % 10) as u8);
}

/// The number without country code and extension, in ASCII.
pub(crate) fn national_part(number: &ParsedNumber, style: Style) -> Vec<u8> {
    let digits = number.national_digits();
    let plan = tables::of_code(number.country_code()).first();
    let Some((format, captures)) = plan.and_then(|plan| choose(plan, digits, style)) else {
        return digits.to_vec();
    };
    let mut text = Vec::with_capacity(64);
    match style {
        Style::National => {
            let rule = format.national_rule();
            write(format.template(), rule, &captures, digits, &mut text);
        }
        _ => {
            let template = format.international().unwrap_or_default();
            captures.expand(template, digits, &mut text);
        }
    }
    match style {
        Style::Rfc3966 => dashed(&text),
        _ => text,
    }
}

/// The format in which a plan writes a number.
pub(crate) fn choose<'p>(
    plan: &'p Plan,
    digits: &[u8],
    style: Style,
) -> Option<(&'p Format, Captures)> {
    plan.formats.iter().find_map(|format| {
        let fits = (style == Style::National || format.international().is_some())
            && (format.leading().is_empty() || pattern::begins(format.leading(), digits));
        let captures = if fits {
            pattern::whole(format.pattern(), digits)
        } else {
            None
        };
        captures.map(|captures| (format, captures))
    })
}

/// The template with the groups filled in; the first of them becomes what the rule makes of it.
pub(crate) fn write(
    template: &[u8],
    rule: &[u8],
    captures: &Captures,
    digits: &[u8],
    text: &mut Vec<u8>,
) {
    let mut behind = template;
    let before = tables::cut(&mut behind, b'$');
    let Some((number, behind)) = behind.split_first().filter(|_| !rule.is_empty()) else {
        return captures.expand(template, digits, text);
    };
    // `$1` is all that a rule names.
    let mut rule_behind = rule;
    let rule_before = tables::cut(&mut rule_behind, b'$');
    text.extend_from_slice(before);
    text.extend_from_slice(rule_before);
    captures.expand(&[b'$', *number], digits, text);
    text.extend_from_slice(rule_behind.get(1..).unwrap_or_default());
    captures.expand(behind, digits, text);
}

/// A dash for whatever separates two groups, and nothing before the first.
pub(crate) fn dashed(text: &[u8]) -> Vec<u8> {
    let mut dashed = Vec::with_capacity(text.len());
    for byte in text {
        if !symbol::is_punctuation(*byte) {
            dashed.push(*byte);
        } else if dashed.last().is_some_and(|last| *last != b'-') {
            dashed.push(b'-');
        }
    }
    dashed
}
