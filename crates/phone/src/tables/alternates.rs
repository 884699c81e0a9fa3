//! Other ways in which numbers are written, for finding them in text.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use once_cell::race::OnceBox;

use super::only_text;
use super::plans::{Cells, or, pattern, usual};

/// Another way in which numbers of a country code are written.
pub(crate) struct Alternate {
    /// The pattern of a number, its groups.
    pub(crate) pattern: String,
    /// The groups with what is between them.
    pub(crate) template: &'static str,
    /// The pattern of the first digits; empty for all.
    pub(crate) leading: &'static str,
}

/// The other ways in which numbers of a country code are written.
///
/// A line of the table has the country code with the groups (`49 2 3-13`), leading digits, and the template
/// (`$1 $2 …` if empty).
pub(crate) fn alternates(country_code: u16) -> &'static [Alternate] {
    static ALTERNATES: OnceBox<Vec<(u16, Vec<Alternate>)>> = OnceBox::new();
    let all = ALTERNATES.get_or_init(|| {
        let mut all: Vec<(u16, Vec<Alternate>)> = Vec::new();
        for line in only_text(include_bytes!("../../tables/alternates.bin")).lines() {
            let mut cells = Cells(line);
            let (code, groups) = cells.next().split_once(' ').unwrap_or_default();
            let code = code.parse().unwrap_or_default();
            let leading = cells.next();
            let format = Alternate {
                pattern: pattern(groups),
                template: or(cells.next(), usual(groups)),
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
