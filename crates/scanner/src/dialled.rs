//! A number that can be dialled, as two floating-point numbers: no text crosses for it.

use patchcord_phone::ParsedNumber;
use patchcord_phone::number::{MAX_DIGITS, MAX_EXTENSION_DIGITS, MIN_DIGITS};

/// Leaves room for eleven digits, the most that an extension has.
const LENGTH: f64 = 1e12;

/// What is dialled.
#[derive(Debug, PartialEq)]
pub struct Dialled {
    /// The digits behind the `+`: at most 15, so a float holds them exactly.
    pub number: f64,
    /// The digits of the extension, and 10¹² times how many they are: `012` is 3 000 000 000 012. 0 for none.
    pub extension: f64,
}

impl Dialled {
    /// `None` for what cannot be dialled: the same as [`ParsedNumber::dialable`] says, without its texts.
    pub fn of(number: &ParsedNumber) -> Option<Self> {
        let code = number.country_code();
        let code_len = code.checked_ilog10()? as usize + 1;
        let national = number.national_digits();
        let extension = number.extension_digits();
        let is_dialled = (MIN_DIGITS..=MAX_DIGITS).contains(&(code_len + national.len()))
            && extension.len() <= MAX_EXTENSION_DIGITS;
        is_dialled.then(|| Self {
            number: with_digits(f64::from(code), national),
            extension: with_digits(0.0, extension) + extension.iter().map(|_| LENGTH).sum::<f64>(),
        })
    }
}

/// A number with these digits behind its own.
pub fn with_digits(number: f64, digits: &[u8]) -> f64 {
    digits.iter().fold(number, |value, digit| {
        value * 10.0 + f64::from(digit - b'0')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_dialled_is_what_the_engine_says() {
        for text in [
            "+49 30 901820",
            "+39 06 6982 1234",
            "+1 650 253 0000 ext. 012",
            "+49 12 34",
            "+49 1234567890123",
            "+49 12345678901234",
            "+49 30 901820 ext. 12345678901",
            "+800 1234 5678",
            "+290 2222",
        ] {
            let parsed = patchcord_phone::parse(text, None).unwrap();
            let expected = parsed.dialable().ok().map(|dialable| {
                let extension = dialable.extension.as_ref().map_or("", |one| one.as_str());
                let value: f64 = extension.parse().unwrap_or_default();
                let len = u32::try_from(extension.len()).unwrap();
                Dialled {
                    number: dialable.number.digits().parse().unwrap(),
                    extension: value + f64::from(len) * LENGTH,
                }
            });
            assert_eq!(Dialled::of(&parsed), expected, "{text}");
        }
    }
}
