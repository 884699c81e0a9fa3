//! What is asked of the number engine: numbers in many texts at once, as plain numbers.
//!
//! The page itself is walked and watched by JavaScript (`web/scanner`): a text costs a crossing into WebAssembly only
//! where it has enough digits, and then it shares that crossing with many others. Nothing is copied but the texts, and
//! the answer is one array of numbers.

use alloc::string::String;
use alloc::vec::Vec;

use patchcord_phone::find::{self, Leniency};
use patchcord_phone::{ParsedNumber, Possibility, Region, Style, check_chars, parse};

use crate::dialled::{Dialled, with_digits};
use crate::offsets::Utf16;

/// Separates texts; the caller has seen to it that none holds it.
const SEPARATOR: char = '\0';

/// No text that is one number is longer: twenty digits, with something between all of them.
const MAX_ONLY: usize = 40;

/// The leniency of a number: 0 for a possible number, 1 for a valid one, 2 and 3 for one that is written as its plan
/// groups it, strictly and exactly. Any other counts as 1.
pub fn leniency(number: u8) -> Leniency {
    match number {
        0 => Leniency::Possible,
        2 => Leniency::StrictGrouping,
        3 => Leniency::ExactGrouping,
        _ => Leniency::Valid,
    }
}

/// The region of two letters; none for anything else, such as a page that names a country without numbers.
pub fn region(letters: &str) -> Option<Region> {
    letters.parse().ok()
}

/// Finds the numbers in texts: five values for each, see [`crate::find`]. What cannot be dialled (more than 15 digits)
/// is left out.
pub fn find(texts: &str, region: Option<Region>, leniency: Leniency) -> Vec<f64> {
    let mut spots = Vec::new();
    for (index, text) in (0_u32..).zip(texts.split(SEPARATOR)) {
        let mut offsets = Utf16::of(text);
        let mut tell = |start: usize, end: usize, dialled: Option<Dialled>| {
            // Asked for even where it is no use: places come one after the other.
            let (start, end) = (offsets.at(start), offsets.at(end));
            if let (Some(start), Some(end), Some(dialled)) = (start, end, dialled) {
                let Dialled { number, extension } = dialled;
                spots.extend([index.into(), start.into(), end.into(), number, extension]);
            }
        };
        match only_number(text, region, leniency) {
            Some((start, end, dialled)) => tell(start, end, Some(dialled)),
            None => find::find(text, region, leniency)
                .for_each(|found| tell(found.start, found.end, Dialled::of(&found.number))),
        }
    }
    spots
}

/// The number that a text is, and where, if it is nothing else, valid, and written as most are in a table: a plus sign,
/// digits with one space or dash between, perhaps spaces around. `None` says nothing.
///
/// It is what [`find::find`] would say, which looks for much that such a text cannot have: dates, brackets, extensions,
/// letters beside it. It is there for its speed.
fn only_number(
    text: &str,
    region: Option<Region>,
    leniency: Leniency,
) -> Option<(usize, usize, Dialled)> {
    let rest = text.trim_ascii_start();
    let start = text.len() - rest.len();
    let number = rest.trim_ascii_end();
    let mut between = true;
    for byte in number.strip_prefix('+')?.bytes() {
        let is_between = matches!(byte, b' ' | b'-');
        if (is_between && between) || !(is_between || byte.is_ascii_digit()) {
            return None;
        }
        between = is_between;
    }
    if between || number.len() > MAX_ONLY || leniency != Leniency::Valid {
        return None;
    }
    let digits = |code: u16, national: &[u8]| with_digits(code.into(), national);
    let chars = number.bytes().map(char::from);
    let dialled = Dialled {
        number: check_chars(chars, region, digits).ok()?,
        extension: 0.0,
    };
    Some((start, start + number.len(), dialled))
}

/// Reads texts that are said to be numbers, as the addresses of `tel:` links are: possible is enough. Two values for
/// each, see [`crate::read`].
pub fn read(texts: &str, region: Option<Region>) -> Vec<f64> {
    texts
        .split(SEPARATOR)
        .flat_map(|text| {
            let dialled = only_address(text, region).or_else(|| {
                let number = parse(text, region).ok().filter(is_possible);
                number.as_ref().and_then(Dialled::of)
            });
            dialled.map_or([0.0, 0.0], |one| [one.number, one.extension])
        })
        .collect()
}

/// The number of an address without parameters, if it is valid. `None` says nothing.
fn only_address(text: &str, region: Option<Region>) -> Option<Dialled> {
    let number = text.strip_prefix("tel:")?;
    only_number(number, region, Leniency::Valid).map(|(_, _, dialled)| dialled)
}

fn is_possible(number: &ParsedNumber) -> bool {
    number.possibility() == Possibility::Possible
}

/// How a number is shown, see [`crate::describe`].
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

    fn found(texts: &str, region_name: &str) -> Vec<[f64; 5]> {
        let spots = find(texts, region(region_name), Leniency::Valid);
        spots
            .chunks(5)
            .map(|spot| spot.try_into().unwrap())
            .collect()
    }

    #[test]
    fn each_text_has_its_own_numbers_with_the_browser_s_places() {
        let texts = "🙂 +49 30 901820\0nothing 2026-01-02\u{0}030 901820 or +43 1 58058-0";
        assert_eq!(
            found(texts, "DE"),
            [
                [0.0, 3.0, 16.0, 4_930_901_820.0, 0.0],
                [2.0, 0.0, 10.0, 4_930_901_820.0, 0.0],
                [2.0, 14.0, 27.0, 431_580_580.0, 0.0],
            ]
        );
    }

    #[test]
    fn a_text_is_read_as_if_it_were_alone() {
        let texts = [
            "+49 30 901820",
            "ext. 12",
            "030 901820 ext",
            "12 is no extension",
            "2026-01-02",
            "12:30 +43 1 58058-0",
            "$",
            "030 901821",
            "%",
            "a",
            "030 901822",
            "b (",
            "030) 901823",
            "[",
            "+49",
            "30 901824",
            "/ x4",
            "6502530000 6502530001",
            "☎ 030 901825\u{301}",
            "+",
            "",
            "+49 30 901826",
            "#",
            ";ext=7",
        ];
        for region_name in ["", "DE", "US"] {
            for number in 0..4 {
                let region = region(region_name);
                let mut alone = Vec::new();
                for (index, text) in (0_u32..).zip(texts) {
                    for spot in find(text, region, leniency(number)).chunks(5) {
                        alone.push(f64::from(index));
                        alone.extend(&spot[1..]);
                    }
                }
                let together = find(&texts.join("\0"), region, leniency(number));
                assert_eq!(together, alone, "{region_name} {number}");
            }
        }
    }

    /// What the number engine says of a text.
    fn asked(text: &str, region: Option<Region>, leniency: Leniency) -> Vec<f64> {
        find::find(text, region, leniency)
            .filter_map(|found| {
                let dialled = Dialled::of(&found.number)?;
                let place = |at: usize| text.split_at(at).0.encode_utf16().count() as f64;
                let (start, end) = (place(found.start), place(found.end));
                Some([0.0, start, end, dialled.number, dialled.extension])
            })
            .flatten()
            .collect()
    }

    #[test]
    fn a_text_that_is_a_number_is_what_the_number_engine_says() {
        for text in [
            "+49 30 901820",
            " \n\t+49 30 901820\n",
            "\r+49 30 901820\u{c}",
            "\u{a0}+49 30 901820",
            "+49-30-901820",
            "+49 (0)30 901820",
            "+49  30 901820",
            "+ 49 30 901820",
            "+49 30 901820 ",
            "+49 30 901820 -",
            "+49 30",
            "+4930901820 +4930901821",
            "+49 30 901820 12:30",
            "+0049 30 901820",
            "+001 650 253 0000",
            "+999 12345678",
            "+1 555 555 0100",
            "+1-650-253-0000",
            "+49 1234567890123456789012345678901234567890",
            "+4 9 3 0 9 0 1 8 2 0",
            "+2012-01-02 08",
            "+٤٩ 30 901820",
            "++49 30 901820",
            "+49 30 901820x1",
            "+",
            "",
        ] {
            for name in ["", "DE", "US", "AU", "IT"] {
                for number in 0..4 {
                    let (region, leniency) = (region(name), leniency(number));
                    let expected = asked(text, region, leniency);
                    assert_eq!(
                        find(text, region, leniency),
                        expected,
                        "{text} {name} {number}"
                    );
                }
            }
        }
    }

    #[test]
    fn whatever_begins_as_a_number_is_what_the_number_engine_says() {
        let codes = [
            "1", "7", "20", "31", "39", "39 0", "41", "43 ", "44-", "44 0", "49", "49 0", "52 1",
            "54 9", "55", "61", "81", "86", "0", "00", "0049", "001", "800 ", "881", "999",
        ];
        let mut seed = 7_u32;
        let mut random = |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) % below
        };
        for code in codes.iter().cycle().take(20_000) {
            let mut text = ["", " ", "\n\t"][random(3) as usize].to_owned() + "+" + code;
            for _ in 0..4 + random(12) {
                text.push(char::from_digit(random(10), 10).unwrap());
                text += ["", "", "", "", " ", "-", "  "][random(7) as usize];
            }
            text += ["", "", " ", "\n", "-", " 12:30", "x"][random(7) as usize];
            let name = ["", "DE", "US", "IT"][random(4) as usize];
            let region = region(name);
            let expected = asked(&text, region, Leniency::Valid);
            assert_eq!(
                find(&text, region, Leniency::Valid),
                expected,
                "{text} {name}"
            );
            let address = ["tel:", &text].concat();
            if let Some(only) = only_address(&address, region) {
                let number = parse(&address, region).unwrap();
                assert_eq!(Some(only), Dialled::of(&number), "{address} {name}");
            }
        }
    }

    #[test]
    fn without_a_region_only_international_numbers_are_found() {
        assert_eq!(found("030 901820, +49 30 901820", "").len(), 1);
        assert_eq!(found("030 901820, +49 30 901820", "Atlantis").len(), 1);
    }

    #[test]
    fn an_extension_keeps_its_leading_zeros() {
        let spots = found("+49 30 901820 ext. 012", "");
        assert_eq!(spots, [[0.0, 0.0, 22.0, 4_930_901_820.0, 3e12 + 12.0]]);
    }

    #[test]
    fn a_link_s_address_is_read_and_has_to_be_possible_only() {
        assert_eq!(
            read("tel:+49-30-901820;ext=15", None),
            [4_930_901_820.0, 2e12 + 15.0]
        );
        assert_eq!(read("tel:030901820", region("DE")), [4_930_901_820.0, 0.0]);
        // A mobile prefix that is not given out.
        assert_eq!(read("tel:+15555550100", None), [15_555_550_100.0, 0.0]);
    }

    #[test]
    fn what_is_no_number_has_its_place_among_those_that_are() {
        let texts = "tel:030901820\0tel:+49\0\0tel:+4930901820\0tel:hello";
        assert_eq!(
            read(texts, None),
            [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 4_930_901_820.0, 0.0, 0.0, 0.0]
        );
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
