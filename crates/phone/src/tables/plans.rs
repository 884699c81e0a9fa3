//! From the text of the table to plans.

use alloc::string::String;
use alloc::vec::Vec;

use super::Numbers;
use super::automata::Automata;
use super::packed::Roots;
use crate::plan::{Format, International, Plan};
use crate::region::Region;

/// Reads the lines of plans and formats.
///
/// A plan has: region and country code (which is missing where it is that of the line before), the international
/// prefix (`00` if empty), the national prefix, its pattern for parsing (the same if empty), the transform rule,
/// leading digits, what stands before an extension, and the local lengths as letters (`a` is 1). A format has a
/// space and its groups (`2 3-13`), leading digits, template (`$1 $2 …` if empty), the rule of the national prefix
/// (with `?` if that is optional) and the international template (empty: the same, `+`: `$1 $2 …`, `-`: none).
pub(super) fn read(text: &'static str, roots: &[Roots], automata: &'static Automata) -> Vec<Plan> {
    let mut plans: Vec<Plan> = Vec::with_capacity(roots.len());
    let mut roots = roots.iter();
    let mut country_code = 0;
    for line in text.lines() {
        let mut cells = Cells(line);
        let first = cells.next();
        if let Some(groups) = first.strip_prefix(' ') {
            if let Some(plan) = plans.last_mut() {
                plan.formats.push(format(groups, cells));
            }
            continue;
        }
        let code = first.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
        if let Ok(told) = code.parse() {
            country_code = told;
        }
        let letters = first.strip_suffix(code).unwrap_or_default();
        let region = letters.as_bytes().try_into().ok().map(Region::of);
        let Some(roots) = roots.next() else {
            return plans;
        };
        // The main plan of a country code has the lengths of the others too: +290 8… is Tristan da Cunha's, and one
        // digit shorter. But what is local in the main plan is local (7 digits after +1, which Canada has).
        if let Some(main) = plans
            .iter_mut()
            .find(|plan| plan.country_code == country_code)
        {
            main.possible |= roots.lengths & !main.local_only;
        }
        let international_prefix = or(cells.next(), "00");
        let national_prefix = cells.next();
        plans.push(Plan {
            country_code,
            region,
            // A plan of no region is dialled from anywhere.
            international_prefix: region.map_or("", |_| international_prefix),
            national_prefix,
            national_prefix_for_parsing: or(cells.next(), national_prefix),
            transform: cells.next(),
            leading_digits: cells.next(),
            extension_prefix: cells.next(),
            possible: roots.lengths,
            local_only: lengths(cells.next()),
            formats: Vec::new(),
            numbers: Numbers {
                automata,
                general: roots.general,
                kinds: roots.kinds,
            },
        });
    }
    plans
}

fn format(groups: &str, mut cells: Cells) -> Format {
    let leading = cells.next();
    let usual = usual(groups);
    let template = or(cells.next(), usual);
    let rule = cells.next();
    let national_rule = rule.trim_end_matches('?');
    Format {
        pattern: pattern(groups),
        template,
        leading,
        national_rule,
        national_prefix_optional: national_rule.len() != rule.len(),
        international: match cells.next() {
            "" => International::Same,
            "-" => International::None,
            "+" => International::Template(usual),
            template => International::Template(template),
        },
    }
}

/// The cells of a line, one after the other; empty ones behind the last.
pub(super) struct Cells(pub(super) &'static str);

impl Cells {
    // Not inlined: there are twenty calls.
    #[inline(never)]
    pub(super) fn next(&mut self) -> &'static str {
        let end = self.0.bytes().position(|byte| byte == b'\t');
        let (cell, rest) = end
            .and_then(|end| self.0.split_at_checked(end))
            .unwrap_or((self.0, ""));
        self.0 = rest.get(1..).unwrap_or_default();
        cell
    }
}

/// The text, or what it stands for if it is empty.
pub(super) fn or<'t>(text: &'t str, empty: &'t str) -> &'t str {
    if text.is_empty() { empty } else { text }
}

/// Lengths as letters (`a` is 1), as a set.
pub(super) fn lengths(letters: &str) -> u32 {
    letters
        .bytes()
        .fold(0, |set, letter| set | 1 << (letter & 31))
}

/// `2 3-13` as a pattern: `(.{2})(.{3,13})`.
pub(super) fn pattern(groups: &str) -> String {
    let mut pattern = String::from("(.{");
    for byte in groups.bytes() {
        match byte {
            b' ' => pattern.push_str("})(.{"),
            b'-' => pattern.push(','),
            digit => pattern.push(char::from(digit)),
        }
    }
    pattern.push_str("})");
    pattern
}

/// The template that most formats of so many groups have.
pub(super) fn usual(groups: &str) -> &'static str {
    let count = groups.split(' ').count();
    "$1 $2 $3 $4 $5 $6".get(..3 * count - 1).unwrap_or_default()
}
