//! What the page scanner asks of the number engine: numbers in many texts at once, as plain numbers.
//!
//! The page itself is walked and watched by JavaScript (`web/scanner`): a text costs a crossing into WebAssembly only
//! where it has enough digits, and then it shares that crossing with others. Nothing is copied but the texts, and the
//! answer is one array of numbers.

mod offsets;
mod spot;

use patchcord_phone::find::{self, Leniency};
use patchcord_phone::{ParsedNumber, Possibility, Region, Style, parse};

use self::offsets::Utf16;
use self::spot::Dialled;

/// Separates texts; the caller has seen to it that none holds it.
pub const SEPARATOR: char = '\0';

/// The leniency of a number: 0 for a possible number, 1 for a valid one, 2 and 3 for one that is written as its plan
/// groups it, strictly and exactly. Any other counts as 1.
#[must_use]
pub fn leniency(number: u8) -> Leniency {
    match number {
        0 => Leniency::Possible,
        2 => Leniency::StrictGrouping,
        3 => Leniency::ExactGrouping,
        _ => Leniency::Valid,
    }
}

/// The region of two letters; none for anything else, such as a page that names a country without numbers.
#[must_use]
pub fn region(letters: &str) -> Option<Region> {
    letters.parse().ok()
}

/// Finds the numbers in texts, which are joined by [`SEPARATOR`].
///
/// Five values for each: which text it is in, from 0; where it begins and ends there, in UTF-16 units; its digits; and
/// its extension, as [`Dialled`] tells it. What cannot be dialled (more than 15 digits) is left out.
#[must_use]
pub fn find(texts: &str, region: Option<Region>, leniency: Leniency) -> Vec<f64> {
    let mut spots = Vec::new();
    for (index, text) in (0_u32..).zip(texts.split(SEPARATOR)) {
        let mut offsets = Utf16::of(text);
        for found in find::find(text, region, leniency) {
            let (Some(start), Some(end), Some(dialled)) = (
                offsets.at(found.start),
                offsets.at(found.end),
                Dialled::of(&found.number),
            ) else {
                continue;
            };
            spots.extend([f64::from(index), start.into(), end.into()]);
            spots.extend([dialled.number, dialled.extension]);
        }
    }
    spots
}

/// Reads a text that is said to be a number, as the address of a `tel:` link is: possible is enough.
///
/// Its digits and its extension, as in [`find`]; empty where it is none.
#[must_use]
pub fn read(text: &str, region: Option<Region>) -> Vec<f64> {
    let number = parse(text, region).ok().filter(is_possible);
    let dialled = number.as_ref().and_then(Dialled::of);
    dialled.map_or_else(Vec::new, |one| vec![one.number, one.extension])
}

fn is_possible(number: &ParsedNumber) -> bool {
    number.possibility() == Possibility::Possible
}

/// How a number is shown: its international format and its region, a line each; the second is empty where a number has
/// no region. `number` as in an element's attribute: `+49…`, with `;ext=` where it has an extension.
///
/// What is no number comes back as it is, without a region.
#[must_use]
pub fn describe(number: &str) -> String {
    // The same spelling as RFC 3966, without its scheme.
    let Ok(parsed) = parse(&["tel:", number].concat(), None) else {
        return [number, "\n"].concat();
    };
    let region = parsed.region();
    let name = region.as_ref().map_or("", Region::as_str);
    [&parsed.format(Style::International), "\n", name].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was found: text, start, end and number in an element's spelling.
    fn found(texts: &str, region_name: &str) -> Vec<(u32, u32, u32, f64, f64)> {
        find(texts, region(region_name), Leniency::Valid)
            .chunks(5)
            .map(|spot| {
                let whole = |value: f64| value.to_string().parse().unwrap();
                (
                    whole(spot[0]),
                    whole(spot[1]),
                    whole(spot[2]),
                    spot[3],
                    spot[4],
                )
            })
            .collect()
    }

    #[test]
    fn each_text_has_its_own_numbers_with_the_browser_s_places() {
        let texts = "🙂 +49 30 901820\0nothing 2026-01-02\0030 901820 or +43 1 58058-0";
        assert_eq!(
            found(texts, "DE"),
            [
                (0, 3, 16, 4_930_901_820.0, 0.0),
                (2, 0, 10, 4_930_901_820.0, 0.0),
                (2, 14, 27, 431_580_580.0, 0.0),
            ]
        );
    }

    #[test]
    fn without_a_region_only_international_numbers_are_found() {
        assert_eq!(found("030 901820, +49 30 901820", "").len(), 1);
        assert_eq!(found("030 901820, +49 30 901820", "Atlantis").len(), 1);
    }

    #[test]
    fn an_extension_keeps_its_leading_zeros() {
        let spots = found("+49 30 901820 ext. 012", "");
        assert_eq!(spots, [(0, 0, 22, 4_930_901_820.0, 3e12 + 12.0)]);
    }

    #[test]
    fn a_link_s_address_is_read_and_has_to_be_possible_only() {
        assert_eq!(
            read("tel:+49-30-901820;ext=15", None),
            [4_930_901_820.0, 2e12 + 15.0]
        );
        assert_eq!(read("tel:030901820", region("DE")), [4_930_901_820.0, 0.0]);
        // A mobile prefix that is not given out.
        assert_eq!(read("tel:+15555550100", None).len(), 2);
        assert!(read("tel:030901820", None).is_empty());
        assert!(read("tel:+49", None).is_empty());
        assert!(read("tel:hello", region("DE")).is_empty());
    }

    #[test]
    fn a_number_is_described_by_its_format_and_region() {
        assert_eq!(describe("+4930901820"), "+49 30 901820\nDE");
        assert!(describe("+4930901820;ext=12").starts_with("+49 30 901820 ext. 12\nDE"));
        // Of no country.
        assert!(describe("+80012345678").ends_with('\n'));
        assert_eq!(describe("no number"), "no number\n");
    }

    #[test]
    fn a_leniency_that_is_none_is_the_usual_one() {
        assert_eq!(leniency(9), Leniency::Valid);
        assert_eq!(leniency(0), Leniency::Possible);
    }
}
