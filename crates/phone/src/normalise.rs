//! From what is written to digits.

use crate::parse::MAX_INPUT;
use crate::symbol::{self, Symbol, ascii_digit, is_digit, is_plus};
use crate::text::Text;

/// Room for the longest input, a byte for each character.
pub(crate) type Buffer = [u8; MAX_INPUT];

/// Nothing in it.
pub(crate) const EMPTY: Buffer = [0; MAX_INPUT];

/// The most digits of a number that is read as most are written.
pub(crate) const FEW: usize = 32;

/// Whether there is a plus sign, and how many digits, if a number is written as most are: in ASCII, perhaps something
/// before it, a plus sign, digits with the usual between and behind. The digits are filled in.
///
/// `None` says nothing: there are letters, an extension, what belongs to addresses, too many digits or characters. What
/// is told is what all the rest would tell, too; this is there for its speed.
pub(crate) fn ordinary(
    mut text: impl Iterator<Item = char>,
    few: &mut [u8; FEW],
) -> Option<(bool, usize)> {
    let (_, most) = text.size_hint();
    if most? > MAX_INPUT {
        return None;
    }
    let first = loop {
        match text.next()? {
            first @ ('+' | '0'..='9') => break first,
            // It might be a context.
            ';' | '\u{80}'.. => return None,
            _ => {}
        }
    };
    let plus = first == '+';
    let [place, ..] = few;
    *place = first as u8;
    let mut digits = usize::from(!plus);
    let mut usual = true;
    for c in text {
        if !c.is_ascii() {
            return None;
        }
        // What comes next cannot be foreseen, so nothing is decided by it: what is no digit is written over.
        let symbol = c as u8;
        *few.get_mut(digits)? = symbol;
        digits += usize::from(symbol.is_ascii_digit());
        usual &= symbol::is_digit_or_separator(symbol);
    }
    (usual && digits >= 3).then_some((plus, digits))
}

/// The text as symbols; `None` if it has more than [`MAX_INPUT`] characters.
pub(crate) fn symbols(text: impl Iterator<Item = char>, buffer: &mut Buffer) -> Option<&[Symbol]> {
    let mut len = 0;
    for c in text {
        *buffer.get_mut(len)? = symbol::of(c);
        len += 1;
    }
    buffer.get(..len)
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
    let starts = |s: &Symbol| is_plus(*s) || is_digit(*s);
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
