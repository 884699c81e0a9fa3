//! What in a text may be a number: digits, what may lead them and stand between them, an extension.

use alloc::vec::Vec;

use crate::extension::{AMERICAN, CERTAIN, word_at};
use crate::normalise::second_number;
use crate::symbol::bounds::leads;
use crate::symbol::{self, Symbol, is_blank, is_colon, is_digit, is_punctuation};

/// The most digits in a row, and the most rows of digits behind the first: those of the longest number with its
/// country code, so that each digit may stand by itself.
const BLOCK: usize = 20;
/// The most punctuation between two digits.
const GAP: usize = 4;
/// The most characters before the first digit: twice a bracket or plus sign, and punctuation.
const LEAD: usize = 2 * (1 + GAP);

/// A candidate in a text.
pub(super) struct Candidate {
    symbols: Vec<Symbol>,
    /// Where each begins in the text, in bytes, and where the last ends.
    offsets: Vec<usize>,
}

/// A part of a candidate.
#[derive(Clone, Copy)]
pub(super) struct Part<'c> {
    pub(super) symbols: &'c [Symbol],
    offsets: &'c [usize],
}

impl Candidate {
    /// The next at or behind this place of the text.
    pub(super) fn next(text: &str, from: usize) -> Option<Self> {
        let rest = text.get(from..)?;
        let (digit, _) = rest
            .char_indices()
            .find(|(_, c)| symbol::digit_value(*c).is_some())?;
        let start = from + digit - lead(rest.get(..digit)?);
        let mut candidate = Self {
            symbols: Vec::with_capacity(32),
            offsets: Vec::with_capacity(33),
        };
        candidate.offsets.push(start);
        let mut reader = Reader { text, at: start };
        while reader.at < from + digit {
            candidate.take(&mut reader);
        }
        candidate.take_digits(&mut reader, BLOCK);
        for _ in 0..BLOCK {
            let mut ahead = reader;
            let mut gap = 0;
            while gap < GAP && ahead.next_if(is_punctuation).is_some() {
                gap += 1;
            }
            if !ahead.peek().is_some_and(is_digit) {
                break;
            }
            for _ in 0..gap {
                candidate.take(&mut reader);
            }
            candidate.take_digits(&mut reader, BLOCK);
        }
        if let Some(end) = extension(reader) {
            while reader.at < end {
                candidate.take(&mut reader);
            }
        }
        Some(candidate)
    }

    /// All of it, but for a second number (`123 / x4`).
    pub(super) fn whole(&self) -> Part<'_> {
        let all = Part {
            symbols: &self.symbols,
            offsets: &self.offsets,
        };
        all.sub(
            0,
            second_number(&self.symbols).unwrap_or(self.symbols.len()),
        )
    }

    fn take(&mut self, reader: &mut Reader<'_>) {
        if let Some(symbol) = reader.next_if(|_| true) {
            self.symbols.push(symbol);
            self.offsets.push(reader.at);
        }
    }

    fn take_digits(&mut self, reader: &mut Reader<'_>, most: usize) {
        for _ in 0..most {
            let Some(symbol) = reader.next_if(is_digit) else {
                return;
            };
            self.symbols.push(symbol);
            self.offsets.push(reader.at);
        }
    }
}

impl<'c> Part<'c> {
    /// The part of it between these symbols.
    pub(super) fn sub(&self, from: usize, to: usize) -> Part<'c> {
        Part {
            symbols: self.symbols.get(from..to).unwrap_or_default(),
            offsets: self.offsets.get(from..=to).unwrap_or_default(),
        }
    }

    /// Without what ends no number.
    pub(super) fn trimmed(&self) -> Part<'c> {
        let end = self
            .symbols
            .iter()
            .rposition(|s| !symbol::is_unwanted_end(*s));
        self.sub(0, end.map_or(0, |end| end + 1))
    }

    /// Where it begins in the text, in bytes.
    pub(super) fn start(&self) -> usize {
        self.offsets.first().copied().unwrap_or_default()
    }

    /// Where it ends in the text, in bytes.
    pub(super) fn end(&self) -> usize {
        self.offsets.last().copied().unwrap_or_default()
    }

    /// Where this symbol begins in the text, in bytes.
    pub(super) fn offset(&self, at: usize) -> usize {
        self.offsets.get(at).copied().unwrap_or_else(|| self.end())
    }
}

/// The length in bytes of what leads a number at the end of this text: as much as can be.
fn lead(before: &str) -> usize {
    let mut window = [0; LEAD];
    let mut lengths = [0; LEAD];
    let mut count = 0;
    // From right to left, then read from its left end.
    for (c, (place, length)) in before
        .chars()
        .rev()
        .zip(window.iter_mut().zip(&mut lengths))
    {
        let symbol = symbol::of(c);
        if !leads(symbol) && !is_punctuation(symbol) {
            break;
        }
        *place = symbol;
        *length = c.len_utf8();
        count += 1;
    }
    for taken in (1..=count).rev() {
        let part = window.get(..taken).unwrap_or_default();
        if is_lead(part) {
            return lengths.iter().take(taken).sum();
        }
    }
    0
}

/// Whether this, from right to left, is what leads once or twice, with punctuation behind each.
fn is_lead(reversed: &[Symbol]) -> bool {
    let Some((first, rest)) = reversed.split_last() else {
        return false;
    };
    let is_gap = |part: &[Symbol]| part.len() <= GAP && part.iter().all(|s| is_punctuation(*s));
    leads(*first)
        && (is_gap(rest)
            || rest.iter().enumerate().any(|(at, second)| {
                let (behind, between) = rest.split_at_checked(at).unwrap_or_default();
                leads(*second) && is_gap(behind) && is_gap(between.get(1..).unwrap_or_default())
            }))
}

/// Where the extension ends that begins here, if one does.
fn extension(at: Reader<'_>) -> Option<usize> {
    address(at)
        .or_else(|| introduced(at))
        .or_else(|| american(at))
}

/// `;ext=`.
fn address(mut at: Reader<'_>) -> Option<usize> {
    for letter in b";ext=" {
        at.next_if(|s| symbol::lower(s) == *letter)?;
    }
    at.digits(CERTAIN)?;
    Some(at.at)
}

/// A word for an extension.
fn introduced(mut at: Reader<'_>) -> Option<usize> {
    /// The most letters of such a word.
    const WORD: usize = 10;
    while at.next_if(|s| is_blank(s) || s == b',').is_some() {}
    let mut ahead = at;
    let mut word = [0; WORD];
    let mut len = 0;
    for place in &mut word {
        let Some(symbol) = ahead.next_if(|_| true) else {
            break;
        };
        *place = symbol;
        len += 1;
    }
    let (len, most) = word_at(word.get(..len)?)?;
    for _ in 0..len {
        at.next_if(|_| true);
    }
    at.next_if(is_colon);
    while at
        .next_if(|s| is_blank(s) || matches!(s, b',' | b'-'))
        .is_some()
    {}
    at.digits(most)?;
    at.next_if(|s| s == b'#');
    Some(at.at)
}

/// Dashes or spaces, and `#` behind it.
fn american(mut at: Reader<'_>) -> Option<usize> {
    at.next_if(|s| matches!(s, b' ' | b'-'))?;
    while at.next_if(|s| matches!(s, b' ' | b'-')).is_some() {}
    at.digits(AMERICAN)?;
    at.next_if(|s| s == b'#')?;
    Some(at.at)
}

/// Reads a text as symbols.
#[derive(Clone, Copy)]
struct Reader<'t> {
    text: &'t str,
    /// How far it has come, in bytes.
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<Symbol> {
        self.char().map(symbol::of)
    }

    fn next_if(&mut self, wanted: impl Fn(Symbol) -> bool) -> Option<Symbol> {
        let c = self.char()?;
        let symbol = symbol::of(c);
        if !wanted(symbol) {
            return None;
        }
        self.at += c.len_utf8();
        Some(symbol)
    }

    /// One digit at least, and as many as there are but for the most.
    fn digits(&mut self, most: usize) -> Option<()> {
        self.next_if(is_digit)?;
        for _ in 1..most {
            if self.next_if(is_digit).is_none() {
                break;
            }
        }
        Some(())
    }

    fn char(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }
}
