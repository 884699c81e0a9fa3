//! What stands behind a number and is dialled once it answers: `ext. 12`, `x12`, `;ext=12`, `,,12`, ` - 12#` …

use crate::symbol::{
    ACUTE, CYRILLIC_B, CYRILLIC_D, CYRILLIC_O, O_ACUTE, Symbol, WIDE_E, WIDE_HASH, WIDE_I, WIDE_N,
    WIDE_T, WIDE_TILDE, WIDE_X, is_blank, is_colon, is_digit, lower,
};

/// The words for an extension that begin with an e or without.
const EXT: [&[Symbol]; 8] = [
    b"xtension",
    &[b'x', b't', b'e', b'n', b's', b'i', b'o', ACUTE, b'n'],
    &[b'x', b't', b'e', b'n', b's', b'i', O_ACUTE, b'n'],
    &[b'x', b't', b'e', b'n', b's', b'i', b'o', ACUTE],
    &[b'x', b't', b'e', b'n', b's', b'i', O_ACUTE],
    b"xtensio",
    b"xtn",
    b"xt",
];
/// The same in full-width letters.
const WIDE_EXT: [&[Symbol]; 2] = [&[WIDE_X, WIDE_T, WIDE_N], &[WIDE_X, WIDE_T]];
/// Other words that mean nothing else.
const WORDS: [&[Symbol]; 2] = [&[CYRILLIC_D, CYRILLIC_O, CYRILLIC_B], b"anexo"];
/// What may mean something else.
const AMBIGUOUS: [&[Symbol]; 8] = [
    b"int",
    &[WIDE_I, WIDE_N, WIDE_T],
    b"x",
    &[WIDE_X],
    b"#",
    &[WIDE_HASH],
    b"~",
    &[WIDE_TILDE],
];

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
    if bare.last().is_none_or(|s| is_digit(*s)) && !gap.contains(&b',') {
        return None;
    }
    let mut start = None;
    let mut take = |at: usize| start = Some(start.map_or(at, |before: usize| before.min(at)));

    if let Some(at) = word(bare, digits) {
        let kept = bare.get(..at).unwrap_or_default();
        take(at - count_back(kept, |s| is_blank(s) || s == b','));
    }
    let blanks = |at: usize| count_back(before.get(..at).unwrap_or_default(), is_blank);
    if digits <= LIKELY {
        if bare.ends_with(b";") {
            take(bare.len() - 1 - blanks(bare.len() - 1));
        }
        if bare.ends_with(b",,") {
            take(bare.len() - 2 - blanks(bare.len() - 2));
        }
        if let Some(at) = gap.windows(2).position(|pair| pair == b",,") {
            take(tight.len() + at - blanks(tight.len() + at));
        }
    }
    if digits <= UNCERTAIN {
        let commas = count_back(bare, |s| s == b',');
        if commas > 0 {
            take(bare.len() - commas - blanks(bare.len() - commas));
        }
        if let Some(at) = gap.iter().position(|s| *s == b',') {
            take(tight.len() + at - blanks(tight.len() + at));
        }
    }
    start
}

/// Where the word for an extension at the end begins.
fn word(text: &[Symbol], digits: usize) -> Option<usize> {
    let any = |words: &[&[Symbol]]| words.iter().find_map(|word| ends_with(text, word));
    let with_e = |at: usize, e: Symbol| {
        let before = at.checked_sub(1).and_then(|before| text.get(before));
        if before.is_some_and(|before| lower(*before) == e) {
            at - 1
        } else {
            at
        }
    };
    any(&EXT)
        .map(|at| with_e(at, b'e'))
        .or_else(|| any(&WIDE_EXT).map(|at| with_e(at, WIDE_E)))
        .or_else(|| any(&WORDS))
        .or_else(|| any(&AMBIGUOUS).filter(|_| digits <= UNCERTAIN))
}

/// Where this word begins at the end of the text, in capitals or not.
fn ends_with(text: &[Symbol], word: &[Symbol]) -> Option<usize> {
    let at = text.len().checked_sub(word.len())?;
    same(text.get(at..)?, word).then_some(at)
}

fn same(text: &[Symbol], word: &[Symbol]) -> bool {
    text.iter()
        .zip(word)
        .all(|(s, letter)| lower(*s) == *letter)
}

/// How many symbols at the end are of this sort.
pub(crate) fn count_back(symbols: &[Symbol], sort: impl Fn(Symbol) -> bool) -> usize {
    symbols.iter().rev().take_while(|s| sort(**s)).count()
}

/// The length of the word for an extension that begins here, and the most digits behind it.
#[cfg(feature = "find")]
pub(crate) fn word_at(text: &[Symbol]) -> Option<(usize, usize)> {
    let starts = |text: &[Symbol], word: &[Symbol]| text.len() >= word.len() && same(text, word);
    let any = |words: &[&[Symbol]], skip: usize| {
        let text = text.get(skip..)?;
        let word = words.iter().find(|word| starts(text, word))?;
        Some(skip + word.len())
    };
    let e = |wide: Symbol| usize::from(text.first().is_some_and(|s| lower(*s) == wide));
    any(&EXT, e(b'e'))
        .or_else(|| any(&WIDE_EXT, e(WIDE_E)))
        .or_else(|| any(&WORDS, 0))
        .map(|len| (len, CERTAIN))
        .or_else(|| any(&AMBIGUOUS, 0).map(|len| (len, UNCERTAIN)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::{EMPTY, symbols};

    #[track_caller]
    fn expect(text: &str, number: &str, digits: Option<&str>) {
        let mut buffer = EMPTY;
        let symbols = symbols(text, &mut buffer).unwrap();
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
