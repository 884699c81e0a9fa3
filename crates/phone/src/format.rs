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
    let mut text = String::with_capacity(32);
    if style == Style::Rfc3966 {
        text.push_str("tel:");
    }
    if style != Style::National {
        text.push('+');
        push_code(&mut text, number.country_code());
    }
    match style {
        Style::E164 => {
            text.push_str(number.national());
            return text;
        }
        Style::International => text.push(' '),
        Style::Rfc3966 => text.push('-'),
        Style::National => {}
    }
    text.extend(national_part(number, style).into_iter().map(char::from));
    if let Some(extension) = number.extension() {
        let before = match style {
            Style::Rfc3966 => ";ext=",
            _ => tables::of_code(number.country_code())
                .first()
                .map(|plan| plan.extension_prefix)
                .filter(|prefix| !prefix.is_empty())
                .unwrap_or(" ext. "),
        };
        text.push_str(before);
        text.push_str(extension);
    }
    text
}

/// The country code's digits.
pub(crate) fn push_code(text: &mut String, code: u16) {
    for unit in [100, 10, 1] {
        if code >= unit {
            text.push(char::from(b'0' + (code / unit % 10) as u8));
        }
    }
}

/// The number without country code and extension, in ASCII.
pub(crate) fn national_part(number: &ParsedNumber, style: Style) -> Vec<u8> {
    let digits = number.national_digits();
    let plan = tables::of_code(number.country_code()).first();
    let mut text = Vec::with_capacity(24);
    let Some((format, captures)) = plan.and_then(|plan| choose(plan, digits, style)) else {
        text.extend_from_slice(digits);
        return text;
    };
    match style {
        Style::National => {
            let rule = format.national_rule;
            write(format.template, rule, &captures, digits, &mut text);
        }
        Style::Rfc3966 => {
            let template = format.international().unwrap_or_default();
            captures.expand(template, digits, |byte| push_dashed(&mut text, byte));
        }
        _ => {
            let template = format.international().unwrap_or_default();
            captures.expand(template, digits, |byte| text.push(byte));
        }
    }
    text
}

/// The format in which a plan writes a number.
pub(crate) fn choose<'p>(
    plan: &'p Plan,
    digits: &[u8],
    style: Style,
) -> Option<(&'p Format, Captures)> {
    plan.formats.iter().find_map(|format| {
        let fits = (style == Style::National || format.international().is_some())
            && (format.leading.is_empty() || pattern::begins(format.leading, digits));
        let captures = if fits {
            pattern::whole(&format.pattern, digits)
        } else {
            None
        };
        captures.map(|captures| (format, captures))
    })
}

/// The template with the groups filled in; the first of them becomes what the rule makes of it.
pub(crate) fn write(
    template: &str,
    rule: &str,
    captures: &Captures,
    digits: &[u8],
    text: &mut Vec<u8>,
) {
    let mut rest = template;
    if !rule.is_empty()
        && let Some((before, after)) = rest.split_once('$')
        && let Some((number, after)) = after.split_at_checked(1)
    {
        text.extend_from_slice(before.as_bytes());
        let first = number
            .bytes()
            .next()
            .map_or(0, |digit| usize::from(digit.wrapping_sub(b'0')));
        let first = captures.group(first, digits).unwrap_or_default();
        // `$1` is all that a rule names. Searching for two characters would be 2 kB of code.
        let (before, behind) = rule.split_once('$').unwrap_or_default();
        text.extend_from_slice(before.as_bytes());
        text.extend_from_slice(first);
        text.extend_from_slice(behind.as_bytes().get(1..).unwrap_or_default());
        rest = after;
    }
    captures.expand(rest, digits, |byte| text.push(byte));
}

/// A dash for whatever separates two groups, and nothing before the first.
pub(crate) fn push_dashed(text: &mut Vec<u8>, byte: u8) {
    let separates = symbol::is_punctuation(byte);
    if !separates {
        text.push(byte);
    } else if text.last().is_some_and(|last| *last != b'-') {
        text.push(b'-');
    }
}
