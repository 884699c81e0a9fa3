//! Formats a number while somebody types it.

use alloc::borrow::ToOwned as _;
use alloc::string::String;

use crate::digits::Digits;
use crate::format::{self, Complete, Style};
use crate::kind::Kind;
use crate::parse::{Read, read_digits};
use crate::parsed::ParsedNumber;
use crate::pattern::Captures;
use crate::plan::{Format, Plan};
use crate::prefix;
use crate::region::Region;
use crate::symbol;
use crate::tables;
use crate::text::Text;

/// More digits than any number has, with every prefix; what is longer stays as it is.
const MOST: usize = 32;

/// The digit in `$1`, which each rule has.
const FIRST_GROUP: u8 = b'1';

/// What an input shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// Its text.
    pub text: String,
    /// Where its caret stands, in UTF-16 units.
    pub caret: usize,
    /// The region of the number: its own if it is complete, otherwise that of its country code or the one given.
    pub region: Option<Region>,
}

/// The text of an input, formatted as far as it goes: the international format behind a plus sign, otherwise the
/// national one of the region. A number that is complete is written as [`format`](crate::ParsedNumber::format) writes
/// it; one that is not, by the first format it may still come to.
///
/// Digits are never lost, added or put in another order, and a text with anything but digits, a plus sign and
/// punctuation stays as it is. The text never ends with punctuation, so that deleting backwards always deletes a digit.
///
/// The caret (in UTF-16 units, as everything in a browser) stays behind the digit it was behind. So deleting backwards
/// over a space moves it over the space, and once more deletes the digit before. Whoever listens to deleting forwards
/// moves the caret over the space first.
pub fn as_you_type(text: &str, caret: usize, region: Option<Region>) -> Typed {
    let mut written = Text::EMPTY;
    match push_typed(text.chars(), caret, region, &mut written) {
        Some((caret, region)) => Typed {
            text: written.as_str().to_owned(),
            caret,
            region,
        },
        None => Typed {
            text: text.to_owned(),
            caret: caret.min(text.chars().map(char::len_utf16).sum()),
            region,
        },
    }
}

/// Where a caret stands in a text, in UTF-16 units.
pub type Caret = usize;

/// As [`as_you_type`], without its texts: `None` where the text stays as it is.
pub fn push_typed(
    text: impl Iterator<Item = char>,
    caret: Caret,
    region: Option<Region>,
    written: &mut Text,
) -> Option<(Caret, Option<Region>)> {
    let input = Input::read(text, caret)?;
    let digits = input.digits.as_bytes();
    let region = if input.plus {
        written.push(b'+');
        push_international(written, digits, region)
    } else {
        push_national(written, digits, region?)
    };
    Some((input.caret_in(written.as_bytes()), region))
}

/// What is in the input.
struct Input {
    plus: bool,
    /// ASCII's.
    digits: Text,
    /// How many digits and plus signs are before the caret.
    before: usize,
}

impl Input {
    /// `None` if there is no number in the text, or something else too.
    fn read(text: impl Iterator<Item = char>, caret: Caret) -> Option<Self> {
        let mut input = Self {
            plus: false,
            digits: Text::EMPTY,
            before: 0,
        };
        let mut at = 0;
        for c in text {
            let symbol = symbol::of(c);
            if let Some(digit) = symbol::ascii_digit(symbol) {
                input.digits.push(digit);
            } else if symbol::is_plus(symbol) && !input.plus && input.digits.as_bytes().is_empty() {
                input.plus = true;
            } else if !symbol::is_punctuation(symbol) || symbol::is_letter(symbol) {
                return None;
            }
            if at < caret {
                input.before = usize::from(input.plus) + input.digits.as_bytes().len();
            }
            at += c.len_utf16();
        }
        let digits = input.digits.as_bytes().len();
        (digits + usize::from(input.plus) > 0 && digits <= MOST).then_some(input)
    }

    /// Behind the same digit in the text that is written.
    fn caret_in(&self, written: &[u8]) -> usize {
        let mut before = self.before;
        for (at, byte) in written.iter().enumerate() {
            if before == 0 {
                return at;
            }
            before -= usize::from(byte.is_ascii_digit() || *byte == b'+');
        }
        written.len()
    }
}

/// The country code, and the number behind it.
fn push_international(text: &mut Text, digits: &[u8], region: Option<Region>) -> Option<Region> {
    let Some((plan, rest)) = prefix::country_code(digits) else {
        text.push_all(digits);
        return region;
    };
    let code = digits.len() - rest.len();
    text.push_all(digits.get(..code).unwrap_or_default());
    if !rest.is_empty() {
        text.push(b' ');
    }
    push(text, plan, rest, Style::International, b"");
    region_of(plan, rest, region)
}

/// The region of a complete number; otherwise the one given if it has the country code, or the main one that has.
fn region_of(main: &Plan, national: &[u8], given: Option<Region>) -> Option<Region> {
    let mut region = main.region;
    for plan in tables::of_code(main) {
        if plan.kind(national) != Kind::Unknown {
            return plan.region;
        }
        if given.is_some() && plan.region == given {
            region = given;
        }
    }
    region
}

/// A number as it is written in the region.
fn push_national(text: &mut Text, digits: &[u8], region: Region) -> Option<Region> {
    let plan = tables::of_region(region)?;
    if let Ok(Read { number, .. }) = read_digits(digits, Some(region))
        && number.is_valid()
        && number.country_code() == plan.country_code
    {
        let complete = format::national_part(&number, Style::National);
        if Text::digits_of(complete.as_bytes()).as_bytes() == digits {
            *text = complete;
            return number.region();
        }
    }
    if let Some(rest) = prefix::strip_international(digits, plan)
        && !rest.is_empty()
    {
        let prefix = digits.len() - rest.len();
        text.push_all(digits.get(..prefix).unwrap_or_default());
        text.push(b' ');
        return push_international(text, rest, Some(region));
    }
    // Formats are those of the country code's main plan, as when a number is complete.
    let main = tables::main_of_code(plan.country_code).unwrap_or(plan);
    let with_prefix = digits
        .strip_prefix(plan.national_prefix())
        .filter(|rest| rest.is_empty() || fits(main, rest, Style::National).is_some());
    let (prefix, rest) = match with_prefix {
        Some(rest) => (plan.national_prefix(), rest),
        None => (&[][..], digits),
    };
    if rest.is_empty() {
        text.push_all(prefix);
    } else {
        push(text, main, rest, Style::National, prefix);
    }
    region_of(main, rest, Some(region))
}

/// The format of a number that may be complete: its own if it is valid, otherwise the first that it may come to.
fn fits(plan: &Plan, digits: &[u8], style: Style) -> Option<(Format, Captures)> {
    let number = ParsedNumber::new(plan.country_code, Digits::of(digits), Digits::NONE);
    let complete = match number.kind() {
        Kind::Unknown => Complete::NotYet,
        _ => Complete::Yes,
    };
    format::choose(plan, digits, style, complete)
}

/// Writes the number, with the prefix before it, without punctuation behind the last digit.
fn push(text: &mut Text, plan: &Plan, digits: &[u8], style: Style, prefix: &[u8]) {
    let from = text.as_bytes().len();
    match fits(plan, digits, style) {
        None => {
            text.push_all(prefix);
            text.push_all(digits);
        }
        Some((format, captures)) => {
            // Argentina's mobile numbers lose a digit and get two where they are written within the country; what is
            // typed keeps its own.
            let first = format.template().iter().find(|byte| byte.is_ascii_digit());
            let template = match style {
                Style::National if first == Some(&FIRST_GROUP) => format.template(),
                _ => format.international().unwrap_or(format.template()),
            };
            let rule = match style {
                Style::National => format.national_rule(),
                _ => b"",
            };
            // A rule has the prefix that numbers like this are written with, or brackets alone.
            let of_rule = Text::digits_of(rule);
            let follows = of_rule.as_bytes().strip_suffix(&[FIRST_GROUP]) == Some(prefix);
            if !prefix.is_empty() && !follows {
                text.push_all(prefix);
                text.push(b' ');
            }
            let rule = if follows { rule } else { b"" };
            format::write(template, rule, &captures, digits, text);
        }
    }
    let last = text.as_bytes().iter().rposition(u8::is_ascii_digit);
    text.truncate(last.map_or(from, |last| from.max(last + 1)));
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString as _;

    use proptest::prelude::*;

    use super::*;
    use crate::parse::parse;

    fn region(text: &str) -> Option<Region> {
        text.parse().ok()
    }

    /// What the input shows after each digit of the text is typed at the end.
    fn steps(text: &str, country: &str) -> Vec<String> {
        let mut shown = String::new();
        text.chars()
            .map(|c| {
                shown.push(c);
                let typed = as_you_type(&shown, shown.len(), region(country));
                assert_eq!(typed.caret, typed.text.len());
                shown = typed.text;
                shown.clone()
            })
            .collect()
    }

    #[test]
    fn the_digits_stay_as_typed_where_the_national_format_has_others() {
        for text in ["91398464", "921891867", "91123456789", "+5491123456789"] {
            let typed = as_you_type(text, text.len(), region("AR")).text;
            let digits = |text: &str| text.replace([' ', '-', '(', ')'], "");
            assert_eq!(digits(&typed), text);
        }
    }

    #[test]
    fn a_number_is_grouped_while_it_is_typed() {
        assert_eq!(
            steps("6502530000", "US"),
            [
                "6",
                "65",
                "650",
                "650-2",
                "650-25",
                "650-253",
                "650-2530",
                "(650) 253-00",
                "(650) 253-000",
                "(650) 253-0000"
            ]
        );
        assert_eq!(
            steps("+41446681800", "US"),
            [
                "+",
                "+4",
                "+41",
                "+41 4",
                "+41 44",
                "+41 44 6",
                "+41 44 66",
                "+41 44 668",
                "+41 44 668 1",
                "+41 44 668 18",
                "+41 44 668 18 0",
                "+41 44 668 18 00"
            ]
        );
        assert_eq!(
            steps("030901820", "DE"),
            [
                "0",
                "03",
                "030",
                "030 9",
                "030 90",
                "030 901",
                "030 9018",
                "030 90182",
                "030 901820"
            ]
        );
    }

    #[test]
    fn prefixes_are_written_as_they_are_typed() {
        let last = |text, country| steps(text, country).pop().unwrap();
        assert_eq!(last("16502530000", "US"), "1 (650) 253-0000");
        assert_eq!(last("004930901820", "DE"), "00 49 30 901820");
        assert_eq!(last("01149309018", "US"), "011 49 30 9018");
        assert_eq!(last("30901820", "DE"), "30 901820");
        assert_eq!(last("89161234567", "RU"), "8 (916) 123-45-67");
        assert_eq!(last("+49030901820", "DE"), "+49 030901820");
        assert_eq!(last("80291234567", "BY"), "8 029 123-45-67");
    }

    #[test]
    fn what_is_no_number_stays_as_it_is() {
        for text in [
            "",
            " ",
            "(",
            "abc",
            "030 901820 ext. 12",
            "0800 FLOWERS",
            "+49+30",
            "12x3",
            "030,,12",
            "ä",
            "1#",
        ] {
            let typed = as_you_type(text, 99, region("US"));
            assert_eq!(typed.text, text);
            assert_eq!(typed.caret, text.encode_utf16().count());
        }
        let long = "1".repeat(1 << 20);
        assert_eq!(as_you_type(&long, 0, region("US")).text, long);
        assert_eq!(as_you_type("030 9", 5, None).text, "030 9");
    }

    #[test]
    fn the_caret_stays_behind_its_digit() {
        let caret = |text: &str, caret| as_you_type(text, caret, region("US")).caret;
        assert_eq!(caret("6502530000", 3), 4);
        assert_eq!(caret("6502530000", 4), 7);
        // The space was deleted backwards: the caret stands before it.
        assert_eq!(caret("(650)253-0000", 5), 4);
        assert_eq!(caret("(650) 253-0000", 0), 0);
        assert_eq!(caret("(650) 253-0000", 14), 14);
        assert_eq!(caret("(650) 253-0000", 99), 14);
        assert_eq!(caret("+1650", 1), 1);
    }

    #[test]
    fn deleting_backwards_always_comes_to_an_end() {
        for (number, country) in [
            ("(650) 253-0000", "US"),
            ("+49 30 901820", "DE"),
            ("(02) 1234 5678", "AU"),
            ("1 (650) 253", "US"),
        ] {
            let mut typed = as_you_type(number, number.len(), region(country));
            let mut left = number.len();
            while typed.caret > 0 {
                let mut text = typed.text.clone();
                text.remove(typed.caret - 1);
                typed = as_you_type(&text, typed.caret - 1, region(country));
                left = left.checked_sub(1).expect("each step deletes");
            }
        }
    }

    #[test]
    fn digits_of_other_scripts_become_those_of_ascii() {
        let typed = as_you_type("＋４９３０９０", 7, None);
        assert_eq!(typed.text, "+49 30 90");
        assert_eq!(typed.caret, 9);
        assert_eq!(typed.region, region("DE"));
    }

    #[test]
    fn the_region_is_that_of_the_number_as_far_as_it_can_be_told() {
        let told = |text: &str, country: &str| as_you_type(text, 0, region(country)).region;
        assert_eq!(told("+1 416 555 0123", "US"), region("CA"));
        assert_eq!(told("+1", "CA"), region("CA"));
        assert_eq!(told("+1", "DE"), region("US"));
        assert_eq!(told("+", "DE"), region("DE"));
        assert_eq!(told("+800", "DE"), None);
        assert_eq!(told("030", "DE"), region("DE"));
    }

    fn digits(text: &str) -> Vec<u8> {
        text.bytes()
            .filter(|byte| byte.is_ascii_digit() || *byte == b'+')
            .collect()
    }

    fn any_region() -> impl Strategy<Value = Region> {
        (0..245usize).prop_map(|at| Region::all().nth(at).unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn digits_stay_and_the_caret_behind_its_own(
            text in "[+]?[-0-9 ()./]{0,24}",
            at in 0..26usize,
            region in any_region(),
        ) {
            let typed = as_you_type(&text, at, Some(region));
            prop_assert_eq!(digits(&typed.text), digits(&text));
            let before = |text: &str, caret: usize| digits(text.get(..caret.min(text.len())).unwrap()).len();
            prop_assert_eq!(before(&typed.text, typed.caret), before(&text, at));
            let again = as_you_type(&typed.text, typed.caret, Some(region));
            prop_assert_eq!(again, typed);
        }

        #[test]
        fn a_complete_number_is_written_as_its_format(number in "[0-9]{4,12}", region in any_region()) {
            let code = region.country_code();
            let international = format!("+{code}{number}");
            if let Ok(read) = parse(&international, None)
                && read.is_valid()
                && read.format(Style::E164) == international
            {
                let typed = as_you_type(&international, 0, Some(region));
                prop_assert_eq!(typed.text, read.format(Style::International));
                prop_assert_eq!(typed.region, read.region());
                let national = read.format(Style::National);
                let bare: String = national.chars().filter(char::is_ascii_digit).collect();
                let again = parse(&bare, Some(region));
                if again == Ok(read) {
                    prop_assert_eq!(as_you_type(&bare, 0, Some(region)).text, national);
                }
            }
        }

        #[test]
        fn any_text_is_taken(text in ".{0,40}", at in 0..50usize) {
            let typed = as_you_type(&text, at, "DE".parse().ok());
            prop_assert!(typed.caret <= typed.text.encode_utf16().count());
            let _ = typed.region.map(|region| region.to_string());
        }
    }
}
