//! Text taken apart byte by byte: the library's searches are made for speed, and are 1 kB of a browser's download.

/// What stands before the first such ASCII character, and what comes after it.
#[inline(never)]
pub fn split(text: &str, at: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|byte| byte == at)?;
    text.get(..place).zip(text.get(place + 1..))
}

/// A number in decimal digits, at most 64 bits; `None` for anything else.
#[inline(never)]
pub fn number(text: &str) -> Option<u64> {
    let mut number: u64 = 0;
    for byte in text.bytes() {
        let digit = char::from(byte).to_digit(10)?;
        number = number.checked_mul(10)?.checked_add(digit.into())?;
    }
    (!text.is_empty()).then_some(number)
}

/// A number in decimal digits; without the library's machinery for numbers of every kind.
#[inline(never)]
pub fn digits(number: u64) -> String {
    let mut text = match number / 10 {
        0 => String::new(),
        before => digits(before),
    };
    text.extend(char::from_digit((number % 10) as u32, 10));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_split_where_the_library_splits_it() {
        for text in ["", ":", "a:b", "é:ü:x", "none", "a:", ":b"] {
            assert_eq!(split(text, b':'), text.split_once(':'), "{text}");
        }
    }

    #[test]
    fn numbers_are_written_as_they_are_read() {
        for number in [0, 7, 10, 99, 1_000_000, u64::MAX] {
            assert_eq!(digits(number), number.to_string());
        }
    }

    #[test]
    fn numbers_are_digits_and_fit() {
        assert_eq!(number("18446744073709551615"), Some(u64::MAX));
        assert_eq!((number("0"), number("007")), (Some(0), Some(7)));
        for none in ["", "+1", "-1", " 1", "1.0", "x", "18446744073709551616"] {
            assert_eq!(number(none), None, "{none}");
        }
    }
}
