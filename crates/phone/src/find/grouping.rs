//! Whether digits are grouped as is usual in the number's country.

use alloc::vec::Vec;

use super::Leniency;
use super::verify::extension_is_ascii;
use crate::format::{self, Style, dashed};
use crate::parse::{Read, Source};
use crate::pattern;
use crate::symbol::{Symbol, ascii_digit};
use crate::tables::{self, Alternate};
use crate::text::Text;

/// A number as it is written.
struct Written {
    /// Its digits are ASCII's; whatever else it has is a byte each.
    text: Vec<u8>,
    extension_is_ascii: bool,
}

/// Whether the groups are those of the number's format, or of another way in which such numbers are written.
pub(super) fn is_usual(leniency: Leniency, read: &Read, symbols: &[Symbol]) -> bool {
    let fits = match leniency {
        Leniency::ExactGrouping => are_the_same,
        _ => stay_together,
    };
    let ascii = symbols.iter().map(|s| ascii_digit(*s).unwrap_or(*s));
    let written = Written {
        text: ascii.collect(),
        extension_is_ascii: extension_is_ascii(symbols),
    };
    let national = read.number.national_digits();
    let usual = format::national_part(&read.number, Style::Rfc3966);
    fits(read, &written, usual.as_bytes())
        || tables::alternates(read.number.country_code())
            .iter()
            .filter(|other| other.leading.is_empty() || pattern::begins(other.leading, national))
            .any(|other| fits(read, &written, in_groups(other, national).as_bytes()))
}

/// The digits with each match of the pattern replaced, groups with a dash between.
fn in_groups(other: &Alternate, digits: &[u8]) -> Text {
    let mut text = Text::EMPTY;
    let mut rest = digits;
    while let Some((first, behind)) = rest.split_first() {
        match pattern::start(other.pattern, rest) {
            Some(found) if found.end > 0 => {
                found.expand(other.template, rest, &mut text);
                rest = rest.get(found.end..).unwrap_or_default();
            }
            _ => {
                text.push(*first);
                rest = behind;
            }
        }
    }
    dashed(text.as_bytes())
}

/// Whether no group is broken up.
fn stay_together(read: &Read, written: &Written, usual: &[u8]) -> bool {
    let text = written.text.as_slice();
    let number = &read.number;
    let mut from = 0;
    if read.source != Source::Default {
        let mut code = Text::EMPTY;
        code.push_number(number.country_code());
        let code = code.as_bytes();
        // Where the code itself is broken up, Google goes on near the beginning.
        from = position(text, code, 0).map_or(code.len() - 1, |at| at + code.len());
    }
    for (place, group) in usual.split(|byte| *byte == b'-').enumerate() {
        let Some(at) = position(text, group, from) else {
            return false;
        };
        from = at + group.len();
        let goes_on = text.get(from).is_some_and(u8::is_ascii_digit);
        if place == 0 && goes_on && has_national_prefix(number.country_code()) {
            // Nothing separates the area code from the rest: nothing may separate the rest then.
            let rest = text.get(at..).unwrap_or_default();
            return rest.starts_with(number.national_digits());
        }
    }
    // The last group must not have been that of the extension, which Google does not see in other digits.
    let extension = number.extension().unwrap_or_default();
    let seen = extension.is_empty() || written.extension_is_ascii;
    seen && position(text, extension.as_bytes(), from).is_some()
}

fn has_national_prefix(code: u16) -> bool {
    let plan = tables::main_of_code(code);
    plan.is_some_and(|plan| plan.region.is_some() && !plan.national_prefix().is_empty())
}

/// Whether the groups are the same, or the number is not grouped.
fn are_the_same(read: &Read, written: &Written, usual: &[u8]) -> bool {
    let groups = groups(&written.text);
    let behind = usize::from(read.number.extension().is_some());
    let Some(last) = groups.len().checked_sub(1 + behind) else {
        return true;
    };
    let group = |at: usize| groups.get(at).copied().unwrap_or_default();
    if groups.len() == 1 || position(group(last), read.number.national_digits(), 0).is_some() {
        return true;
    }
    let mut at = Some(last);
    let mut usual: Vec<_> = usual.split(|byte| *byte == b'-').collect();
    while usual.len() > 1 {
        let (Some(place), Some(expected)) = (at, usual.pop()) else {
            break;
        };
        if group(place) != expected {
            return false;
        }
        at = place.checked_sub(1);
    }
    // The national prefix may stand in the first group.
    let first = usual.first().copied().unwrap_or_default();
    at.is_some_and(|place| group(place).ends_with(first))
}

/// The digits between what is none; empty where the text begins or ends with something else.
fn groups(text: &[u8]) -> Vec<&[u8]> {
    let mut groups: Vec<&[u8]> = Vec::new();
    let mut rest = text;
    loop {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (group, behind) = rest.split_at_checked(digits).unwrap_or_default();
        groups.push(group);
        let gap = behind
            .iter()
            .take_while(|byte| !byte.is_ascii_digit())
            .count();
        if gap == 0 {
            return groups;
        }
        rest = behind.get(gap..).unwrap_or_default();
    }
}

/// Where the part stands at or behind this place.
fn position(text: &[u8], part: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    if part.is_empty() {
        return Some(from);
    }
    rest.windows(part.len())
        .position(|window| window == part)
        .map(|at| from + at)
}
