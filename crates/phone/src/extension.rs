//! What stands behind a number and is dialled once it answers: `ext. 12`, `x12`, `;ext=12`, `,,12`, ` - 12#` …

use crate::symbol::{Symbol, WIDE_E, is_blank, is_colon, is_digit, lower};
use crate::tables::cut;

/// The words that mean nothing else than an extension, parted by spaces. An `e` at the beginning may be missing.
///
/// They are `extension` in English and Spanish, cut short or not, with its accent as a character of its own
/// ([`ACUTE`](crate::symbol::ACUTE)) or not ([`O_ACUTE`](crate::symbol::O_ACUTE)); full-width `extn` and `ext`; `доб`
/// and `anexo`. None is the end of another; those that begin another come before it, and the usual one before all.
const WORDS: &[Symbol] =
    b"ext extn extensio extension extensi\x96 extensi\x96n extensio\xA3 extensio\xA3n \
    \x8E\x8F\x90 \x8E\x8F\x90\x91 \x93\x94\x95 anexo";
/// What may mean something else, in ASCII and full-width.
const AMBIGUOUS: &[Symbol] = b"int \x92\x91\x90 x \x8F # \xA2 ~ \xA1";

/// The most digits behind a word that means nothing else, and behind `;ext=`.
pub(crate) const CERTAIN: usize = 20;
/// The most digits behind `;` or `,,`.
const LIKELY: usize = 15;
/// The most digits behind what may mean something else.
pub(crate) const UNCERTAIN: usize = 9;
/// The most digits between a dash or space and `#`.
pub(crate) const AMERICAN: usize = 6;

/// An extension at the end of a text.
pub(crate) struct Found<'s> {
    /// Where it begins, with all that introduces it.
    pub(crate) start: usize,
    /// Its digits, of any script.
    pub(crate) digits: &'s [Symbol],
}

/// The extension at the end of the text, with as much before its digits as belongs to it.
///
/// All ways of writing one end with the same digits, so it is read from its end.
pub(crate) fn at_end(symbols: &[Symbol]) -> Option<Found<'_>> {
    let (hash, body) = match symbols {
        [body @ .., b'#'] => (true, body),
        body => (false, body),
    };
    let from = body.len() - count_back(body, is_digit);
    let (before, digits) = body.split_at_checked(from)?;
    if digits.is_empty() || digits.len() > CERTAIN {
        return None;
    }
    let starts = [
        rfc(before).filter(|_| !hash),
        american(before).filter(|_| hash && digits.len() <= AMERICAN),
        introduced(before, digits.len()),
    ];
    let start = starts.into_iter().flatten().min()?;
    Some(Found { start, digits })
}

/// `;ext=`.
fn rfc(before: &[Symbol]) -> Option<usize> {
    ends_with(before, b";ext=")
}

/// Dashes and spaces.
fn american(before: &[Symbol]) -> Option<usize> {
    let gap = count_back(before, |s| matches!(s, b' ' | b'-'));
    (gap > 0).then(|| before.len() - gap)
}

/// A word, `;` or commas, and what may stand between those and the digits.
fn introduced(before: &[Symbol], digits: usize) -> Option<usize> {
    let gap = count_back(before, |s| is_blank(s) || matches!(s, b',' | b'-'));
    let (tight, gap) = before.split_at_checked(before.len() - gap)?;
    let bare = match tight {
        [bare @ .., colon] if is_colon(*colon) => bare,
        _ => tight,
    };
    if bare.last().is_none_or(|s| is_digit(*s)) && gap.iter().all(|s| *s != b',') {
        return None;
    }
    let word = word(bare, digits).map(|at| {
        let kept = bare.get(..at).unwrap_or_default();
        at - count_back(kept, |s| is_blank(s) || s == b',')
    });
    // One comma is enough for a short extension.
    let few = digits <= UNCERTAIN;
    let mark = match count_back(bare, |s| s == b',') {
        commas if few => commas,
        0 | 1 => 0,
        _ => 2,
    };
    let mark = mark + usize::from(bare.ends_with(b";"));
    let is_comma = |at: usize| gap.get(at) == Some(&b',');
    let mark = if mark > 0 {
        Some(bare.len() - mark)
    } else {
        let comma = (0..gap.len()).find(|at| is_comma(*at) && (few || is_comma(at + 1)));
        comma.map(|at| tight.len() + at)
    };
    let mark = mark.filter(|_| digits <= LIKELY);
    let mark = mark.map(|at| at - count_back(before.get(..at).unwrap_or_default(), is_blank));
    word.into_iter().chain(mark).min()
}

/// Where the word for an extension at the end begins.
fn word(text: &[Symbol], digits: usize) -> Option<usize> {
    for (mut words, most) in [(WORDS, CERTAIN), (AMBIGUOUS, UNCERTAIN)] {
        while !words.is_empty() {
            let word = cut(&mut words, b' ');
            if let Some(at) = ends_with(text, word).or_else(|| ends_with(text, without_e(word))) {
                return (digits <= most).then_some(at);
            }
        }
    }
    None
}

/// The word without the `e` at its beginning.
fn without_e(word: &[Symbol]) -> &[Symbol] {
    match word {
        [b'e' | WIDE_E, rest @ ..] => rest,
        word => word,
    }
}

/// Where this word begins at the end of the text, in capitals or not.
fn ends_with(text: &[Symbol], word: &[Symbol]) -> Option<usize> {
    let at = text.len().checked_sub(word.len())?;
    begins_with(text.get(at..)?, word).then_some(at)
}

fn begins_with(text: &[Symbol], word: &[Symbol]) -> bool {
    text.len() >= word.len()
        && text
            .iter()
            .zip(word)
            .all(|(s, letter)| lower(*s) == *letter)
}

/// How many symbols at the end are of this sort.
// By a pointer to the function, for there would be a copy for each.
#[inline(never)]
pub(crate) fn count_back(symbols: &[Symbol], sort: fn(Symbol) -> bool) -> usize {
    symbols.iter().rev().take_while(|s| sort(**s)).count()
}

/// The length of the word for an extension that begins here, and the most digits behind it.
#[cfg(feature = "find")]
pub(crate) fn word_at(text: &[Symbol]) -> Option<(usize, usize)> {
    // The longest, which comes last.
    let mut longest = None;
    for (mut words, most) in [(AMBIGUOUS, UNCERTAIN), (WORDS, CERTAIN)] {
        while !words.is_empty() {
            let word = cut(&mut words, b' ');
            let found = [word, without_e(word)];
            if let Some(word) = found.iter().find(|word| begins_with(text, word)) {
                longest = Some((word.len(), most));
            }
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::{EMPTY, symbols};

    #[track_caller]
    fn expect(text: &str, number: &str, digits: Option<&str>) {
        let mut buffer = EMPTY;
        let symbols = symbols(text.chars(), &mut buffer).unwrap();
        let found = at_end(symbols);
        let ends = found.as_ref().map_or(symbols.len(), |found| found.start);
        assert_eq!(
            &text.chars().take(ends).collect::<String>(),
            number,
            "{text}"
        );
        assert_eq!(
            found.map(|found| found.digits),
            digits.map(str::as_bytes),
            "{text}"
        );
    }

    #[test]
    fn the_usual_spellings_are_extensions() {
        for between in [
            ";ext=",
            " ext. ",
            " ext ",
            "x",
            " X ",
            " extn:",
            " extension ",
            " Extensión. ",
            "xt",
            "~",
            " int ",
            " доб. ",
            " anexo ",
            ",",
            ",,",
            ";",
            " # ",
            "ｘ",
            " ｅｘｔｎ",
            " ~ ",
            ", ext: - ",
        ] {
            expect(&format!("030123{between}45"), "030123", Some("45"));
        }
        expect("030123 - 45#", "030123", Some("45"));
        expect("030123 ext 45#", "030123", Some("45"));
    }

    #[test]
    fn the_words_are_written_in_symbols() {
        for (text, word) in [
            ("extensio\u{301}n", &b"extensio\xA3n"[..]),
            ("extensión", b"extensi\x96n"),
            ("ｅｘｔｎ", b"\x8E\x8F\x90\x91"),
            ("доб", b"\x93\x94\x95"),
            ("ｉｎｔ", b"\x92\x91\x90"),
            ("ｘ", b"\x8F"),
            ("＃", b"\xA2"),
            ("～", b"\xA1"),
        ] {
            let mut buffer = EMPTY;
            assert_eq!(symbols(text.chars(), &mut buffer), Some(word));
            let mut words = WORDS
                .split(|s| *s == b' ')
                .chain(AMBIGUOUS.split(|s| *s == b' '));
            assert!(words.any(|other| other == word), "{text}");
        }
    }

    #[test]
    fn what_is_none_stays() {
        for text in [
            "030123",
            "030123 45",
            "030123-45",
            "030123 ext",
            "ext",
            "",
            "#",
            "030123 - 45 #",
        ] {
            expect(text, text, None);
        }
    }

    #[test]
    fn the_surer_the_word_the_longer_the_extension_may_be() {
        expect(
            "030 ext 12345678901234567890",
            "030",
            Some("12345678901234567890"),
        );
        expect(
            "030 ext 123456789012345678901",
            "030 ext 123456789012345678901",
            None,
        );
        expect("030;123456789012345", "030", Some("123456789012345"));
        expect("030;1234567890123456", "030;1234567890123456", None);
        expect("030 x123456789", "030", Some("123456789"));
        expect("030 x1234567890", "030 x1234567890", None);
        expect("030 - 123456#", "030", Some("123456"));
        expect("030 - 1234567#", "030 - 1234567#", None);
        expect("030,123456789", "030", Some("123456789"));
        expect("030,,1234567890", "030", Some("1234567890"));
    }
}
