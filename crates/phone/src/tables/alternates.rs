//! Other ways in which numbers are written, for finding them in text.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use once_cell::race::OnceBox;

use super::only_text;
use super::plans::{cut, number, or, usual};

/// Another way in which numbers of a country code are written.
pub(crate) struct Alternate {
    /// The pattern of a number, its groups.
    pub(crate) pattern: &'static [u8],
    /// The groups with what is between them.
    pub(crate) template: &'static [u8],
    /// The pattern of the first digits; empty for all.
    pub(crate) leading: &'static [u8],
}

/// The other ways in which numbers of a country code are written.
///
/// A line of the table has the country code with the pattern (`49 2 3-13`), leading digits, and the template
/// (`$1 $2 …` if empty).
pub(crate) fn alternates(country_code: u16) -> &'static [Alternate] {
    static ALTERNATES: OnceBox<Vec<(u16, Vec<Alternate>)>> = OnceBox::new();
    let all = ALTERNATES.get_or_init(|| {
        let mut all: Vec<(u16, Vec<Alternate>)> = Vec::new();
        let mut text = only_text(include_bytes!("../../tables/alternates.bin"));
        while !text.is_empty() {
            let mut line = cut(&mut text, b'\n');
            let first = cut(&mut line, b'\t');
            let code = first
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            let (code, pattern) = first.split_at_checked(code).unwrap_or_default();
            let code = number(code);
            let leading = cut(&mut line, b'\t');
            let format = Alternate {
                pattern,
                template: or(cut(&mut line, b'\t'), usual(pattern)),
                leading,
            };
            match all.last_mut() {
                Some((last, formats)) if *last == code => formats.push(format),
                _ => all.push((code, vec![format])),
            }
        }
        Box::new(all)
    });
    let found = all.binary_search_by_key(&country_code, |(code, _)| *code);
    let place = found.ok().and_then(|at| all.get(at));
    place
        .map(|(_, formats)| formats.as_slice())
        .unwrap_or_default()
}
