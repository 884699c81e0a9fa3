//! Writes a number out.

use crate::parsed::ParsedNumber;
use crate::pattern::{self, Captures, Until};
use crate::plan::{Format, Plan};
use crate::symbol;
use crate::tables;
use crate::text::Text;

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

/// Writes the number out.
pub(crate) fn push(number: &ParsedNumber, style: Style, text: &mut Text) {
    if style == Style::Rfc3966 {
        text.push_all(b"tel:");
    }
    if style != Style::National {
        text.push(b'+');
        text.push_number(number.country_code());
    }
    match style {
        Style::E164 => return text.push_all(number.national_digits()),
        Style::International => text.push(b' '),
        Style::Rfc3966 => text.push(b'-'),
        Style::National => {}
    }
    text.push_all(national_part(number, style).as_bytes());
    let extension = number.extension_digits();
    if !extension.is_empty() {
        let plan = tables::main_of_code(number.country_code());
        text.push_all(match style {
            Style::Rfc3966 => b";ext=",
            _ => plan.map_or(b"", |plan| plan.extension_prefix()),
        });
        text.push_all(extension);
    }
}

/// The number without country code and extension, in ASCII.
pub(crate) fn national_part(number: &ParsedNumber, style: Style) -> Text {
    let digits = number.national_digits();
    let plan = tables::main_of_code(number.country_code());
    let Some((format, captures)) = plan.and_then(|plan| choose(plan, digits, style, Complete::Yes))
    else {
        return Text::of(digits);
    };
    let mut text = Text::EMPTY;
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
        Style::Rfc3966 => dashed(text.as_bytes()),
        _ => text,
    }
}

/// Whether a number is complete.
#[derive(Clone, Copy)]
pub(crate) enum Complete {
    Yes,
    /// More digits may come.
    NotYet,
}

/// The format in which a plan writes a number, or may write it once it is complete.
pub(crate) fn choose(
    plan: &Plan,
    digits: &[u8],
    style: Style,
    complete: Complete,
) -> Option<(Format, Captures)> {
    plan.formats().find_map(|format| {
        if style != Style::National && format.international().is_none() {
            return None;
        }
        let (leads, matched) = match complete {
            Complete::Yes => (Until::Anywhere, Until::End),
            Complete::NotYet => (Until::Unfinished, Until::UnfinishedEnd),
        };
        pattern::run(format.leading(), digits, leads)?;
        let captures = pattern::run(format.pattern(), digits, matched)?;
        Some((format, captures))
    })
}

/// The template with the groups filled in; the first of them becomes what the rule makes of it.
pub(crate) fn write(
    template: &[u8],
    rule: &[u8],
    captures: &Captures,
    digits: &[u8],
    text: &mut Text,
) {
    let mut behind = template;
    let before = tables::cut(&mut behind, b'$');
    let Some((number, behind)) = behind.split_first().filter(|_| !rule.is_empty()) else {
        return captures.expand(template, digits, text);
    };
    // `$1` is all that a rule names.
    let mut rule_behind = rule;
    let rule_before = tables::cut(&mut rule_behind, b'$');
    text.push_all(before);
    text.push_all(rule_before);
    captures.expand(&[b'$', *number], digits, text);
    text.push_all(rule_behind.get(1..).unwrap_or_default());
    captures.expand(behind, digits, text);
}

/// A dash for whatever separates two groups, and nothing before the first.
pub(crate) fn dashed(text: &[u8]) -> Text {
    let mut dashed = Text::EMPTY;
    for byte in text {
        if !symbol::is_punctuation(*byte) {
            dashed.push(*byte);
        } else if dashed.as_bytes().last().is_some_and(|last| *last != b'-') {
            dashed.push(b'-');
        }
    }
    dashed
}
