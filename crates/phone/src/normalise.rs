//! From what is written to digits.

use crate::parse::MAX_INPUT;
use crate::symbol::{self, Symbol, ascii_digit, is_plus};
use crate::text::Text;

/// Room for the longest input, a byte for each character.
pub(crate) type Buffer = [u8; MAX_INPUT];

/// Nothing in it.
pub(crate) const EMPTY: Buffer = [0; MAX_INPUT];

/// The most digits of a number that is read as most are written.
pub(crate) const FEW: usize = 32;

/// What a text is in symbols.
pub(crate) struct Normal {
    /// How many there are.
    pub(crate) len: usize,
    /// Whether there is a plus sign, and how many digits, if the number is written as most are.
    pub(crate) ordinary: Option<(bool, usize)>,
}

/// Fills in the text as symbols; `None` if it has more than [`MAX_INPUT`] characters.
///
/// A number that is written as most are is read at once: perhaps something before it, a plus sign, digits with the usual
/// between and behind. Its digits are filled in too. Anything else is not: letters, extensions, what belongs to
/// addresses, too many digits. That says nothing that [`digits`] and all before it would not say, and is there for its
/// speed.
pub(crate) fn read(
    text: impl Iterator<Item = char>,
    symbols: &mut Buffer,
    few: &mut [u8; FEW],
) -> Option<Normal> {
    let mut len = 0;
    let mut digits = 0;
    let mut plus = false;
    let mut begun = false;
    let mut ordinary = true;
    for c in text {
        let symbol = symbol::of(c);
        *symbols.get_mut(len)? = symbol;
        len += 1;
        if !ordinary {
        } else if let Some(digit) = ascii_digit(symbol) {
            begun = true;
            if let Some(place) = few.get_mut(digits) {
                *place = digit;
                digits += 1;
            } else {
                ordinary = false;
            }
        } else if begun {
            ordinary = symbol::is_separator(symbol);
        } else {
            plus = is_plus(symbol);
            begun = plus;
            // It might be a context.
            ordinary = symbol != b';';
        }
    }
    let ordinary = (ordinary && digits >= 3).then_some((plus, digits));
    Some(Normal { len, ordinary })
}

/// The text as symbols; `None` if it has more than [`MAX_INPUT`] characters.
#[cfg(test)]
pub(crate) fn symbols(text: impl Iterator<Item = char>, buffer: &mut Buffer) -> Option<&[Symbol]> {
    let normal = read(text, buffer, &mut [0; FEW])?;
    buffer.get(..normal.len)
}

/// The digits of what is written. With three letters or more it is a word to be dialled on a keypad: letters become
/// digits, and digits of other scripts are left out, as Google does. Otherwise letters are left out.
pub(crate) fn digits(symbols: &[Symbol], digits: &mut Text) {
    let letters = symbols.iter().filter(|s| s.is_ascii_alphabetic()).count();
    for symbol in symbols {
        let digit = match letters {
            0..=2 => ascii_digit(*symbol),
            _ if symbol.is_ascii_digit() => Some(*symbol),
            _ => symbol::keypad(*symbol),
        };
        if let Some(digit) = digit {
            digits.push(digit);
        }
    }
}

/// Without the plus signs at the beginning; `None` if there is none.
pub(crate) fn after_plus(symbols: &[Symbol]) -> Option<&[Symbol]> {
    let signs = symbols.iter().take_while(|s| is_plus(**s)).count();
    if signs == 0 {
        None
    } else {
        symbols.get(signs..)
    }
}

/// What may be a number in the text: from the first digit or plus sign to the last letter, digit or `#`, and without
/// a second extension (`123 x45/x46`).
pub(crate) fn possible_number(symbols: &[Symbol]) -> &[Symbol] {
    let starts = |s: &Symbol| is_plus(*s) || symbol::is_digit(*s);
    let Some(start) = symbols.iter().position(starts) else {
        return &[];
    };
    let rest = symbols.get(start..).unwrap_or_default();
    let end = rest.iter().rposition(|s| !symbol::is_unwanted_end(*s));
    let rest = rest.get(..end.map_or(0, |end| end + 1)).unwrap_or_default();
    second_number(rest)
        .and_then(|at| rest.get(..at))
        .unwrap_or(rest)
}

/// Where a second number begins: a slash or backslash, spaces and `x`.
pub(crate) fn second_number(symbols: &[Symbol]) -> Option<usize> {
    let mut slash = None;
    for (at, symbol) in symbols.iter().enumerate() {
        match symbol {
            b'/' | b'\\' => slash = Some(at),
            b' ' => {}
            b'x' if slash.is_some() => return slash,
            _ => slash = None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(text: &str) -> String {
        let mut buffer = EMPTY;
        let mut found = Text::EMPTY;
        digits(symbols(text.chars(), &mut buffer).unwrap(), &mut found);
        found.as_str().to_owned()
    }

    fn possible(text: &str) -> String {
        let mut buffer = EMPTY;
        let symbols = symbols(text.chars(), &mut buffer).unwrap();
        String::from_utf8(possible_number(symbols).to_vec()).unwrap()
    }

    #[test]
    fn punctuation_goes_and_digits_of_every_script_stay() {
        assert_eq!(normal("030-12 34(5)6"), "030123456");
        assert_eq!(normal("٠٣٠１２"), "03012");
        assert_eq!(normal("12a3b"), "123");
    }

    #[test]
    fn three_letters_make_a_word_on_a_keypad() {
        assert_eq!(normal("1-800-FLOWERS"), "18003569377");
        assert_eq!(normal("1-800-FL"), "1800");
        // Google keeps ASCII's digits only, then.
        assert_eq!(normal("١2abc"), "2222");
    }

    #[test]
    fn what_is_around_a_number_goes() {
        assert_eq!(possible("Tel: 030-12345 …"), "030-12345");
        assert_eq!(possible("(530) 583-6985 x302/x2303"), "530) 583-6985 x302");
        assert_eq!(possible("1/ 2 / x3"), "1/ 2 ");
        assert_eq!(possible("no number"), "");
        assert_eq!(possible("123_"), "123");
        assert_eq!(possible("123#."), "123#");
    }
}
