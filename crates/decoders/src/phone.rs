//! The number engine: whatever is read, written, typed or found is consistent with itself.

use patchcord_phone::find::{Leniency, find};
use patchcord_phone::{Kind, ParsedNumber, Possibility, Region, Style, as_you_type, parse, short};

/// The fewest and the most digits of a national number that is read.
const NATIONAL: std::ops::RangeInclusive<usize> = 2..=17;
/// Carets tried in a text, from its beginning.
const CARETS: usize = 40;

/// The first line may name a region; the rest is any text.
pub fn check(data: &[u8]) {
    let Ok(input) = str::from_utf8(data) else {
        return;
    };
    let (first, text) = input.split_once('\n').unwrap_or(("", input));
    let region = first.parse::<Region>().ok();
    if let Ok(number) = parse(text, region) {
        check_number(&number);
    }
    check_found(text, region);
    check_typed(text, region);
    if let Some(region) = region {
        check_short(text, region);
    }
}

fn check_number(number: &ParsedNumber) {
    let (code, national) = (number.country_code(), number.national());
    assert!((1..1000).contains(&code), "{code}");
    assert!(NATIONAL.contains(&national.len()), "{national}");
    assert!(national.bytes().all(|byte| byte.is_ascii_digit()));
    let e164 = number.format(Style::E164);
    assert_eq!(e164, format!("+{code}{national}"));
    assert_eq!(number.check().is_ok(), number.is_valid());
    if number.is_valid() {
        assert!(number.region().is_some() != number.is_nongeographic());
        assert_ne!(number.kind(), Kind::Unknown);
        let again = parse(&e164, None).expect("a valid number is read again");
        assert_eq!((again.country_code(), again.national()), (code, national));
    } else {
        assert_eq!(number.kind(), Kind::Unknown);
    }
    assert!(number.area_code_len() < national.len());
    for style in [Style::International, Style::National, Style::Rfc3966] {
        let text = number.format(style);
        assert!(!text.is_empty() && !text.contains('$'), "{text}");
    }
    if let Ok(dialable) = number.dialable() {
        assert_eq!(dialable.number.as_e164(), e164);
    }
}

fn check_found(text: &str, region: Option<Region>) {
    for leniency in [
        Leniency::Possible,
        Leniency::Valid,
        Leniency::StrictGrouping,
        Leniency::ExactGrouping,
    ] {
        let mut end = 0;
        for found in find(text, region, leniency) {
            assert!(end <= found.start && found.start < found.end, "in order");
            end = found.end;
            let number = parse(&text[found.start..found.end], region);
            let number = number.expect("what was found can be read");
            assert_eq!(
                number.format(Style::Rfc3966),
                found.number.format(Style::Rfc3966)
            );
            check_number(&number);
            match leniency {
                Leniency::Possible => {
                    let possible = [Possibility::Possible, Possibility::LocalOnly];
                    assert!(possible.contains(&number.possibility()));
                }
                _ => assert!(number.is_valid()),
            }
        }
    }
}

fn check_typed(text: &str, region: Option<Region>) {
    // Digits of other scripts may come back as ASCII's.
    if text.chars().any(|c| c.is_numeric() && !c.is_ascii()) {
        as_you_type(text, 0, region);
        return;
    }
    let digits = |text: &str| -> Vec<u32> { text.chars().filter_map(|c| c.to_digit(10)).collect() };
    let mut caret = 0;
    for (at, character) in text.char_indices().take(CARETS) {
        let typed = as_you_type(text, caret, region);
        assert_eq!(
            digits(&typed.text),
            digits(text),
            "no digit is lost or moved"
        );
        let units: Vec<u16> = typed.text.encode_utf16().collect();
        let before = String::from_utf16(&units[..typed.caret]).expect("no character is cut");
        assert_eq!(
            digits(&before),
            digits(&text[..at]),
            "the caret stays where it is"
        );
        let again = as_you_type(&typed.text, typed.caret, region);
        assert_eq!(again.text, typed.text, "what is formatted stays as it is");
        caret += character.len_utf16();
    }
    // A page may say anything.
    as_you_type(text, usize::MAX, region);
}

fn check_short(text: &str, region: Region) {
    if short::is_valid(text, region) {
        assert!(short::is_possible(text, region));
    }
    if short::is_emergency(text, region) {
        assert!(short::connects_to_emergency(text, region));
    }
    if let Some(kind) = short::kind(text, region) {
        assert_eq!(kind.emergency, short::is_emergency(text, region));
    }
}
