//! Characters as one byte each: all a phone number can be written with, everything else in two bytes' worth.
//!
//! ASCII stays as it is; the other characters that mean something become a byte above it. So the rules that follow
//! look at bytes only, however a number is written.

/// A character of the input: ASCII, or one of the constants of this module.
pub(crate) type Symbol = u8;

/// A decimal digit of another script: this and nine more.
pub(crate) const DIGIT: Symbol = 0x80;
/// `ſ`, of which the capital is S.
const LONG_S: Symbol = 0x8A;
/// The Kelvin sign: a K, but not the one of a keypad.
const KELVIN: Symbol = 0x8B;
/// `ı`, of which the capital is I.
const DOTLESS_I: Symbol = 0x8C;
/// `İ`: an I, but not the one of a keypad.
const DOTTED_I: Symbol = 0x8D;
/// Full-width letters, capital or small, of the words for an extension.
pub(crate) const WIDE_E: Symbol = 0x8E;
pub(crate) const WIDE_X: Symbol = 0x8F;
pub(crate) const WIDE_T: Symbol = 0x90;
pub(crate) const WIDE_N: Symbol = 0x91;
pub(crate) const WIDE_I: Symbol = 0x92;
/// The letters of `доб`.
pub(crate) const CYRILLIC_D: Symbol = 0x93;
pub(crate) const CYRILLIC_O: Symbol = 0x94;
pub(crate) const CYRILLIC_B: Symbol = 0x95;
/// `ó` as one character.
pub(crate) const O_ACUTE: Symbol = 0x96;
/// `ー`, which is punctuation here and a letter elsewhere.
const LONG_MARK: Symbol = 0x97;
/// Another letter or number.
const WORD: Symbol = 0x98;
/// The last that is part of a word; none of those that follow is.
const LAST_OF_WORD: Symbol = WORD;
/// `＋`.
const WIDE_PLUS: Symbol = 0x99;
/// Other punctuation of numbers; so are those that follow up to [`WIDE_TILDE`].
const PUNCTUATION: Symbol = 0x9A;
/// A dash that may separate two numbers: `‒`, `–`, `—`, `―`, `－`.
const DASH: Symbol = 0x9B;
/// The ideographic space.
const WIDE_SPACE: Symbol = 0x9C;
/// `（`, `［`.
const OPEN: Symbol = 0x9D;
/// `）`, `］`.
const CLOSE: Symbol = 0x9E;
/// The no-break space.
const NO_BREAK: Symbol = 0x9F;
/// `．`.
const WIDE_DOT: Symbol = 0xA0;
/// `～`.
pub(crate) const WIDE_TILDE: Symbol = 0xA1;
/// `＃`.
pub(crate) const WIDE_HASH: Symbol = 0xA2;
/// The acute accent behind an o.
pub(crate) const ACUTE: Symbol = 0xA3;
/// Anything else.
const OTHER: Symbol = 0xA4;

/// The zeros of all decimal digits (Unicode's Nd) up to U+FFFF but ASCII's; nine more follow each.
const ZEROS: [u16; 36] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
    0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90,
    0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
];

/// The zeros behind U+10000, which is subtracted.
const FAR_ZEROS: [u16; 29] = [
    0x04A0, 0x0D30, 0x1066, 0x10F0, 0x1136, 0x11D0, 0x12F0, 0x1450, 0x14D0, 0x1650, 0x16C0, 0x1730,
    0x18E0, 0x1950, 0x1C50, 0x1D50, 0x1DA0, 0x6A60, 0x6AC0, 0x6B50, 0xD7CE, 0xD7D8, 0xD7E2, 0xD7EC,
    0xD7F6, 0xE140, 0xE2F0, 0xE950, 0xFBF0,
];

/// The value of a decimal digit of any script.
pub(crate) fn digit_value(c: char) -> Option<u8> {
    if c.is_ascii() {
        return (c as u8).is_ascii_digit().then(|| c as u8 - b'0');
    }
    let code = u32::from(c);
    let (zeros, code) = match code.checked_sub(0x1_0000) {
        None => (&ZEROS[..], code),
        Some(code) => (&FAR_ZEROS[..], code),
    };
    let code = u16::try_from(code).ok()?;
    let below = zeros.partition_point(|zero| *zero <= code);
    let value = code - zeros.get(below.checked_sub(1)?)?;
    u8::try_from(value).ok().filter(|value| *value < 10)
}

/// The symbol of a character.
#[inline(always)]
pub(crate) fn of(c: char) -> Symbol {
    if c.is_ascii() {
        c as u8
    } else {
        beyond_ascii(c)
    }
}

#[cold]
#[inline(never)]
fn beyond_ascii(c: char) -> Symbol {
    if let Some(value) = digit_value(c) {
        return DIGIT + value;
    }
    let known = |(other, _): &&(u16, Symbol)| u32::from(*other) == u32::from(c);
    if let Some((_, symbol)) = SYMBOLS.iter().find(known) {
        return *symbol;
    }
    if is_word(c) { WORD } else { OTHER }
}

/// A character below U+10000 and its symbol, in four bytes.
const fn on(c: char, symbol: Symbol) -> (u16, Symbol) {
    (c as u16, symbol)
}

/// The characters that mean something.
const SYMBOLS: [(u16, Symbol); 50] = [
    on('ſ', LONG_S),
    on('\u{212A}', KELVIN),
    on('ı', DOTLESS_I),
    on('İ', DOTTED_I),
    on('Ｅ', WIDE_E),
    on('ｅ', WIDE_E),
    on('Ｘ', WIDE_X),
    on('ｘ', WIDE_X),
    on('Ｔ', WIDE_T),
    on('ｔ', WIDE_T),
    on('Ｎ', WIDE_N),
    on('ｎ', WIDE_N),
    on('Ｉ', WIDE_I),
    on('ｉ', WIDE_I),
    on('Д', CYRILLIC_D),
    on('д', CYRILLIC_D),
    on('\u{1C81}', CYRILLIC_D),
    on('О', CYRILLIC_O),
    on('о', CYRILLIC_O),
    on('\u{1C82}', CYRILLIC_O),
    on('Б', CYRILLIC_B),
    on('б', CYRILLIC_B),
    on('Ó', O_ACUTE),
    on('ó', O_ACUTE),
    on('ー', LONG_MARK),
    on('＋', WIDE_PLUS),
    on('\u{A0}', NO_BREAK),
    on('．', WIDE_DOT),
    on('～', WIDE_TILDE),
    on('＃', WIDE_HASH),
    on('\u{301}', ACUTE),
    on('\u{2012}', DASH),
    on('–', DASH),
    on('—', DASH),
    on('―', DASH),
    on('－', DASH),
    on('\u{3000}', WIDE_SPACE),
    on('（', OPEN),
    on('［', OPEN),
    on('）', CLOSE),
    on('］', CLOSE),
    // Soft hyphen, zero width space, ‐, no-break hyphen, ⁓, word joiner, −, ∼, ／.
    on('\u{AD}', PUNCTUATION),
    on('\u{200B}', PUNCTUATION),
    on('\u{2010}', PUNCTUATION),
    on('\u{2011}', PUNCTUATION),
    on('\u{2053}', PUNCTUATION),
    on('\u{2060}', PUNCTUATION),
    on('\u{2212}', PUNCTUATION),
    on('\u{223C}', PUNCTUATION),
    on('\u{FF0F}', PUNCTUATION),
];

/// Where characters that are neither letters nor numbers begin and where they end, in turns, from U+0080 to U+FFFF:
/// signs, accents, arrows, boxes, private use, the punctuation of scripts people write in. The marks on letters of one
/// script, and the punctuation of rare ones, count as letters.
const EDGES: [u16; 155] = [
    0x0080, 0x00AA, 0x00AB, 0x00B2, 0x00B4, 0x00B5, 0x00B6, 0x00B9, 0x00BB, 0x00BC, 0x00BF, 0x00C0,
    0x00D7, 0x00D8, 0x00F7, 0x00F8, 0x0300, 0x0370, 0x037E, 0x037F, 0x0387, 0x0388, 0x055A, 0x0560,
    0x0589, 0x0590, 0x05BE, 0x05BF, 0x05C0, 0x05C1, 0x05C3, 0x05C4, 0x05F3, 0x05F5, 0x0606, 0x0610,
    0x061B, 0x0620, 0x066A, 0x066E, 0x06D4, 0x06D5, 0x0964, 0x0966, 0x0E3F, 0x0E40, 0x0E4F, 0x0E50,
    0x0E5A, 0x0E5C, 0x104A, 0x1050, 0x10FB, 0x10FC, 0x1360, 0x1369, 0x17D4, 0x17D7, 0x17D8, 0x17DC,
    0x2000, 0x2070, 0x207A, 0x207F, 0x208A, 0x2090, 0x20A0, 0x2102, 0x2103, 0x2107, 0x2108, 0x210A,
    0x2114, 0x2115, 0x2116, 0x2119, 0x211E, 0x2124, 0x2125, 0x2126, 0x2127, 0x2128, 0x2129, 0x212A,
    0x212E, 0x212F, 0x213A, 0x213C, 0x2140, 0x2145, 0x214A, 0x214E, 0x214F, 0x2150, 0x218A, 0x2460,
    0x249C, 0x24B6, 0x2500, 0x2776, 0x2794, 0x2C00, 0x2E00, 0x2E2F, 0x2E30, 0x3005, 0x3008, 0x3021,
    0x302A, 0x3031, 0x3036, 0x3038, 0x303D, 0x3041, 0x3097, 0x309D, 0x30A0, 0x30A1, 0x30FB, 0x30FC,
    0x3130, 0x3131, 0x318F, 0x3192, 0x3196, 0x31A0, 0x31C0, 0x31F0, 0x3200, 0x3220, 0x322A, 0x3248,
    0x3250, 0x3251, 0x3260, 0x3280, 0x328A, 0x32B1, 0x32C0, 0x3400, 0x4DC0, 0x4E00, 0xD800, 0xF900,
    0xFE00, 0xFE70, 0xFEFF, 0xFF10, 0xFF1A, 0xFF21, 0xFF3B, 0xFF41, 0xFF5B, 0xFF66, 0xFFE0,
];

/// Whether a character behind ASCII's is a letter or number, of those that people have on pages.
fn is_word(c: char) -> bool {
    match u16::try_from(u32::from(c)) {
        Ok(code) => EDGES.partition_point(|edge| *edge <= code) % 2 == 0,
        // Emoji, playing cards; tags and private use. Among them are letters in circles.
        Err(_) => {
            !matches!(c, '\u{1F000}'..='\u{1FBEF}' | '\u{E0000}'..)
                || matches!(
                    c,
                    '\u{1F100}'..='\u{1F10C}'
                        | '\u{1F130}'..='\u{1F149}'
                        | '\u{1F150}'..='\u{1F169}'
                        | '\u{1F170}'..='\u{1F189}'
                )
        }
    }
}

/// Whether it is a decimal digit of any script.
pub(crate) const fn is_digit(symbol: Symbol) -> bool {
    symbol.is_ascii_digit() || is_foreign_digit(symbol)
}

/// Whether it is a decimal digit, but not ASCII's.
const fn is_foreign_digit(symbol: Symbol) -> bool {
    symbol >= DIGIT && symbol < DIGIT + 10
}

/// The ASCII digit of a decimal digit.
pub(crate) const fn ascii_digit(symbol: Symbol) -> Option<u8> {
    if symbol.is_ascii_digit() {
        Some(symbol)
    } else if is_foreign_digit(symbol) {
        Some(symbol - DIGIT + b'0')
    } else {
        None
    }
}

/// The ASCII digit of what is a decimal digit: of all scripts they have their value in the lower half.
pub(crate) const fn as_ascii(digit: Symbol) -> u8 {
    b'0' | digit & 15
}

/// Whether it is a plus sign.
pub(crate) const fn is_plus(symbol: Symbol) -> bool {
    matches!(symbol, b'+' | WIDE_PLUS)
}

/// Whether it may stand between the digits of a number.
pub(crate) const fn is_punctuation(symbol: Symbol) -> bool {
    is_separator(symbol) || matches!(symbol, b'x' | b'X' | b'~' | WIDE_TILDE)
}

/// ASCII's separators, of which all are in one word.
const SEPARATORS: u64 =
    bit(b' ') | bit(b'(') | bit(b')') | bit(b'-') | bit(b'.') | bit(b'/') | bit(b'[') | bit(b']');
/// And ASCII's digits.
const USUAL: u64 = SEPARATORS | 0x3FF << (b'0' - b' ');

const fn bit(symbol: u8) -> u64 {
    1 << (symbol - b' ')
}

/// Whether a word of bits has one for this symbol of ASCII.
const fn has(word: u64, symbol: Symbol) -> bool {
    matches!(symbol, b' '..=b'_') && word >> (symbol & 63 ^ 32) & 1 == 1
}

/// Whether it may, and never belongs to an extension.
const fn is_separator(symbol: Symbol) -> bool {
    has(SEPARATORS, symbol) || matches!(symbol, LONG_MARK | PUNCTUATION..=WIDE_DOT)
}

/// The same for a symbol of ASCII, or it is one of its digits.
#[inline(always)]
pub(crate) const fn is_digit_or_separator(symbol: Symbol) -> bool {
    has(USUAL, symbol)
}

/// Whether it is a letter that a keypad has, in either case, or that is the same when case does not matter.
pub(crate) const fn is_letter(symbol: Symbol) -> bool {
    symbol.is_ascii_alphabetic() || matches!(symbol, LONG_S..=DOTTED_I)
}

/// A small letter for a capital.
pub(crate) const fn lower(symbol: Symbol) -> Symbol {
    match symbol {
        LONG_S => b's',
        DOTLESS_I | DOTTED_I => b'i',
        symbol => symbol.to_ascii_lowercase(),
    }
}

/// The digit of a letter on a keypad (ITU-T E.161).
pub(crate) fn keypad(symbol: Symbol) -> Option<u8> {
    const KEYS: &[u8; 26] = b"22233344455566677778889999";
    let letter = match symbol {
        DOTTED_I => return None,
        symbol => lower(symbol),
    };
    let place = letter.checked_sub(b'a')?;
    KEYS.get(usize::from(place)).copied()
}

/// Whether it ends no number: no letter, number or `#`.
pub(crate) const fn is_unwanted_end(symbol: Symbol) -> bool {
    if symbol.is_ascii() {
        !symbol.is_ascii_alphanumeric() && symbol != b'#'
    } else {
        symbol > LAST_OF_WORD
    }
}

/// Whether it may stand before and behind the word for an extension.
pub(crate) const fn is_blank(symbol: Symbol) -> bool {
    matches!(symbol, b' ' | b'\t' | NO_BREAK)
}

/// Whether it may stand once behind the word for an extension.
pub(crate) const fn is_colon(symbol: Symbol) -> bool {
    matches!(symbol, b':' | b'.' | WIDE_DOT)
}

/// What tells where in a text a number begins and ends.
#[cfg(feature = "find")]
pub(crate) mod bounds {
    use super::{CLOSE, DASH, NO_BREAK, OPEN, Symbol, WIDE_SPACE, is_plus};

    /// Whether it opens a bracket.
    pub(crate) const fn opens(symbol: Symbol) -> bool {
        matches!(symbol, b'(' | b'[' | OPEN)
    }

    /// Whether it closes one.
    pub(crate) const fn closes(symbol: Symbol) -> bool {
        matches!(symbol, b')' | b']' | CLOSE)
    }

    /// Whether it may lead a number.
    pub(crate) const fn leads(symbol: Symbol) -> bool {
        opens(symbol) || is_plus(symbol)
    }

    /// Whether it is white space, of what a number may hold.
    pub(crate) const fn is_space(symbol: Symbol) -> bool {
        matches!(symbol, b' ' | b'\t' | NO_BREAK | WIDE_SPACE)
    }

    /// Whether it is a dash that separates two numbers even without spaces.
    pub(crate) const fn is_dash(symbol: Symbol) -> bool {
        symbol == DASH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_all_scripts_have_their_value() {
        for text in [
            "0123456789",
            "٠١٢٣٤٥٦٧٨٩",
            "０１２３４５６７８９",
            "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
            "०१२३४५६७८९",
        ] {
            let values: Vec<_> = text.chars().map(|c| digit_value(c).unwrap()).collect();
            assert_eq!(values, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        }
        for none in ['a', '²', '①', '٪', '\u{65F}', '\u{66A}', 'Ⅷ', '\u{10FFFF}'] {
            assert_eq!(digit_value(none), None, "{none}");
        }
    }

    #[test]
    fn each_zero_is_a_numeric_character_and_so_are_the_nine_that_follow() {
        let far = FAR_ZEROS.iter().map(|zero| u32::from(*zero) + 0x1_0000);
        for zero in ZEROS.iter().map(|zero| u32::from(*zero)).chain(far) {
            for value in 0..10 {
                let c = char::from_u32(zero + value).unwrap();
                assert!(c.is_numeric(), "U+{:X}", zero + value);
                assert_eq!(digit_value(c).map(u32::from), Some(value));
            }
        }
    }

    #[test]
    fn letters_and_numbers_are_told_from_other_characters_on_most_pages() {
        // Where a character may be taken for a letter or number, or the reverse.
        let elsewhere = [
            // Scripts' own marks, signs and punctuation, and modifier letters.
            0x0250..=0x1FFF,
            // Coptic to Tifinagh, then the scripts from Yi to Meetei Mayek.
            0x2C00..=0x2DFF,
            0xA000..=0xABFF,
            // Hangul's and Arabic's other forms.
            0xD7A4..=0xD7FF,
            0xF900..=0xFDFF,
            0xFE70..=0xFEFE,
            // Historic scripts, musical notation, mathematics.
            0x1_0000..=0x1_EFFF,
            0x2_0000..=0xD_FFFF,
        ];
        // What Unicode has given to nobody may be either.
        let unassigned = [
            0x2072..=0x2073,
            0x209D..=0x209F,
            0x3100..=0x3104,
            0xFFBF..=0xFFC1,
            0xFFC8..=0xFFC9,
            0xFFD0..=0xFFD1,
            0xFFD8..=0xFFD9,
            0xFFDD..=0xFFDF,
            0x1_FBFA..=0x1_FFFF,
        ];
        for code in 0x80..=0x10_FFFF {
            let skipped = elsewhere
                .iter()
                .chain(&unassigned)
                .any(|skipped| skipped.contains(&code));
            if let Some(c) = char::from_u32(code).filter(|_| !skipped) {
                assert_eq!(is_word(c), c.is_alphanumeric(), "U+{code:04X}");
            }
        }
        // The marks that are on letters of any script, and what may stand behind a number in other scripts.
        let accents = (0x0300..=0x036F).filter_map(char::from_u32);
        for c in accents.chain("\u{37E}·՝։־׀׃׳״؋،؛؟٪٫٬٭۔।॥฿၊။፡።៖។៛".chars())
        {
            assert!(!is_word(c), "{c:?}");
        }
    }

    #[test]
    fn letters_have_the_digit_of_a_keypad() {
        let word: Vec<_> = b"ABCdefGHIjklMNOpqrsTUVwxyz"
            .iter()
            .filter_map(|c| keypad(*c))
            .collect();
        assert_eq!(word, b"22233344455566677778889999");
        assert_eq!(keypad(b'1'), None);
        assert_eq!(keypad(b'['), None);
    }
}
