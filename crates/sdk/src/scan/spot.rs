//! A number that can be dialled, as two floating-point numbers: no text crosses for it.

use patchcord_phone::ParsedNumber;

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
    /// `None` for what cannot be dialled.
    pub fn of(number: &ParsedNumber) -> Option<Self> {
        let dialable = number.dialable().ok()?;
        let (extension, length) = dialable
            .extension
            .as_ref()
            .map_or((0.0, 0), |extension| digits(extension.as_str()));
        Some(Self {
            number: digits(dialable.number.digits()).0,
            extension: extension + f64::from(length) * LENGTH,
        })
    }
}

/// The value of a text's digits, and how many they are.
fn digits(text: &str) -> (f64, u32) {
    let only = text.bytes().filter(u8::is_ascii_digit);
    only.fold((0.0, 0), |(value, length), digit| {
        (value * 10.0 + f64::from(digit - b'0'), length + 1)
    })
}
