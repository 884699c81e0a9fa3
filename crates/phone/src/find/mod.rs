//! Finds numbers in text.

mod candidate;
mod grouping;
mod inner;
mod reject;
mod verify;

use crate::parse::{MAX_INPUT, read};
use crate::parsed::ParsedNumber;
use crate::region::Region;
use candidate::Candidate;

/// How sure it must be that something is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leniency {
    /// There are numbers of its length in its country.
    Possible,
    /// It exists; it has the national prefix where one is usual, and stands alone, not within a word.
    Valid,
    /// Also, its groups are not broken up otherwise than is usual in its country.
    StrictGrouping,
    /// Also, it is grouped as it is formatted, or not at all.
    ExactGrouping,
}

/// A number in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
    /// The number.
    pub number: ParsedNumber,
}

/// How often something that is no number is tried in one text, as with Google.
const MAX_TRIES: usize = 65_535;

/// The numbers in a text from left to right; national ones are read as those of the default region.
///
/// Takes time linear to the length of the text. After 65,535 candidates that are none it gives up.
pub const fn find(text: &str, default: Option<Region>, leniency: Leniency) -> Matches<'_> {
    Matches {
        text,
        default,
        leniency,
        at: 0,
        tries: MAX_TRIES,
    }
}

/// The numbers in a text; see [`find`].
#[derive(Debug, Clone)]
pub struct Matches<'t> {
    text: &'t str,
    default: Option<Region>,
    leniency: Leniency,
    at: usize,
    tries: usize,
}

impl Iterator for Matches<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        while self.tries > 0 {
            let candidate = Candidate::next(self.text, self.at)?;
            let whole = candidate.whole();
            if let Some(found) = self.number_in(whole) {
                self.at = found.end;
                return Some(found);
            }
            self.tries = self.tries.saturating_sub(1);
            self.at = whole.end();
        }
        None
    }
}

impl Matches<'_> {
    /// The number that the candidate is, or the first that it holds.
    fn number_in(&mut self, candidate: candidate::Part<'_>) -> Option<Found> {
        let behind = self.text.get(candidate.end()..).unwrap_or_default();
        if reject::is_date(candidate.symbols) || reject::is_time(candidate.symbols, behind) {
            return None;
        }
        self.number(candidate)
            .or_else(|| inner::first_number(self, candidate))
    }

    /// One try less.
    const fn spend(&mut self, tries: usize) {
        self.tries = self.tries.saturating_sub(tries);
    }

    /// The number that this is, as it stands.
    fn number(&self, part: candidate::Part<'_>) -> Option<Found> {
        let symbols = part.symbols;
        if symbols.len() > MAX_INPUT
            || !reject::brackets_match(symbols)
            || reject::is_page_reference(symbols)
            || (self.leniency >= Leniency::Valid && !reject::stands_alone(self.text, &part))
        {
            return None;
        }
        let written = self.text.get(part.start()..part.end())?;
        let read = read(written.chars(), self.default).ok()?;
        verify::holds(self.leniency, &read, &part, written).then_some(Found {
            start: part.start(),
            end: part.end(),
            number: read.number,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn all(text: &str, region: &str, leniency: Leniency) -> Vec<String> {
        find(text, region.parse().ok(), leniency)
            .filter_map(|found| text.get(found.start..found.end).map(str::to_owned))
            .collect()
    }

    #[test]
    fn numbers_are_found_with_their_place() {
        let text = "Ring 030 901820 or +1 650-253-0000 x12, fax (030) 90 18 21.";
        assert_eq!(
            all(text, "DE", Leniency::Valid),
            ["030 901820", "+1 650-253-0000 x12", "(030) 90 18 21"]
        );
        let found = find(text, "DE".parse().ok(), Leniency::Valid)
            .next()
            .unwrap();
        assert_eq!((found.start, found.end), (5, 15));
        assert_eq!(found.number.national(), "30901820");
    }

    #[test]
    fn offsets_are_bytes_in_text_of_every_script() {
        let text = "☎ „٠٣٠ ９０１８２０“ — äöü";
        let found = find(text, "DE".parse().ok(), Leniency::Valid)
            .next()
            .unwrap();
        assert_eq!(text.get(found.start..found.end), Some("٠٣٠ ９０１８２０"));
    }

    #[test]
    fn what_looks_like_a_number_but_is_none_is_not_found() {
        for text in [
            "2012-01-02 08:00",
            "31/10/96",
            "VLDB J. 12(3): 211-227 (2003).",
            "$650 253 0000",
            "650 253 0000%",
            "abc6502530000",
            "6502530000def",
            "192.168.178.1",
            "",
        ] {
            assert!(all(text, "US", Leniency::Valid).is_empty(), "{text}");
        }
    }

    #[test]
    fn two_numbers_with_a_separator_are_two() {
        assert_eq!(
            all("650-253-0000/650-253-0001", "US", Leniency::Valid),
            ["650-253-0000", "650-253-0001"]
        );
        assert_eq!(
            all("6502530000 6502530001", "US", Leniency::Valid),
            ["6502530000", "6502530001"]
        );
    }

    #[test]
    fn the_stricter_the_fewer() {
        let text = "650 253 0000, 650 2530001, 65 02 53 00 02";
        let count = |leniency| all(text, "US", leniency).len();
        assert_eq!(count(Leniency::Possible), 3);
        assert_eq!(count(Leniency::Valid), 3);
        assert_eq!(count(Leniency::StrictGrouping), 2);
        assert_eq!(count(Leniency::ExactGrouping), 1);
    }

    #[test]
    fn a_megabyte_of_anything_takes_linear_time() {
        let begun = Instant::now();
        for unit in [
            "1", "+", " ", "(", "-", "1 ", "1-", "1.", "1/", "+1", "x", "1x", "(1", "1,", "1 ext",
            "٣", ";ext=1", "[1]", "1 - ", "- 1", "12345   ", "\u{a0}1", "/x", "1#",
        ] {
            let text = unit.repeat((1 << 20) / unit.len());
            find(&text, "DE".parse().ok(), Leniency::ExactGrouping).for_each(drop);
        }
        for (before, unit, behind) in [
            ("12345", " ", "ext 5"),
            ("12345 ext", " -", " 5"),
            ("12345 ext", "- ", "5"),
            ("12345", ",", "x5"),
            ("((((12345", "\t", "ext 5"),
        ] {
            let text = format!("{before}{}{behind}", unit.repeat((1 << 20) / unit.len()));
            find(&text, "DE".parse().ok(), Leniency::Possible).for_each(drop);
        }
        // Quadratic time would take hours; a slow machine takes a while even so.
        assert!(begun.elapsed() < Duration::from_secs(120));
    }

    proptest::proptest! {
        #[test]
        fn what_is_found_is_in_order_and_reads_as_the_same_number(text in "[-+0-9 ()/.,x#٣\u{a0}a:]{0,80}") {
            let mut last = 0;
            for found in find(&text, "US".parse().ok(), Leniency::Possible) {
                proptest::prop_assert!(last <= found.start && found.start < found.end);
                let written = text.get(found.start..found.end);
                let read = crate::parse(written.unwrap(), "US".parse().ok());
                proptest::prop_assert_eq!(read, Ok(found.number));
                last = found.end;
            }
        }
    }
}
