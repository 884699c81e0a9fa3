//! Why a text is no number.

use core::fmt;

/// Why a text is no number, or a number not one that can be rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberError {
    /// There is no number in the text.
    NotANumber,
    /// It has no country code that exists, and no region was given to take one from.
    InvalidCountryCode,
    /// Too little follows the international prefix.
    TooShortAfterIdd,
    /// Fewer digits than any number has.
    TooShort,
    /// More digits than any number has, or more than [`MAX_INPUT`](crate::MAX_INPUT) characters.
    TooLong,
    /// There are shorter and longer numbers in its country, but none of this length.
    InvalidLength,
    /// It can be dialled within its area only: the area code is missing.
    LocalOnly,
    /// Its length is right, but its country has no such number.
    NoSuchNumber,
    /// Its extension is longer than [`number::MAX_EXTENSION_DIGITS`](crate::number::MAX_EXTENSION_DIGITS).
    ExtensionTooLong,
}

impl NumberError {
    /// What is wrong and what to do, in English.
    pub const fn message(self) -> &'static str {
        match self {
            Self::NotANumber => "This is not a phone number.",
            Self::InvalidCountryCode => {
                "The country code is missing or does not exist; begin with + and the country code, as in +49."
            }
            Self::TooShortAfterIdd => "Digits are missing after the international prefix.",
            Self::TooShort => "The number is too short; digits are missing.",
            Self::TooLong => "The number is too long; it has more digits than it may.",
            Self::InvalidLength => "No number of this country has this many digits.",
            Self::LocalOnly => "The area code is missing.",
            Self::NoSuchNumber => {
                "There is no such number in this country; check the first digits."
            }
            Self::ExtensionTooLong => "The extension is too long; it has 11 digits at most.",
        }
    }
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for NumberError {}
