//! A number that was read.

use alloc::string::String;

use core::fmt;

use crate::digits::Digits;
use crate::error::NumberError;
use crate::format::{self, Style};
use crate::kind::{Kind, Possibility};
use crate::number::{Dialable, MIN_DIGITS};
use crate::region::Region;
use crate::validate;

/// A number that was read: a country code, the national number, perhaps an extension. It need not exist.
///
/// `Debug` shows the last two digits only, because numbers are personal data.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ParsedNumber {
    country_code: u16,
    national: Digits,
    extension: Digits,
}

impl ParsedNumber {
    pub(crate) const fn new(country_code: u16, national: Digits, extension: Digits) -> Self {
        Self {
            country_code,
            national,
            extension,
        }
    }

    /// Its country code, as 49; it exists.
    pub const fn country_code(&self) -> u16 {
        self.country_code
    }

    /// The number within the country (the "national significant number"): 2 to 17 digits, without the national
    /// prefix, but with zeros that belong to it, as in Italy.
    pub fn national(&self) -> &str {
        self.national.as_str()
    }

    /// The digits of [`national`](Self::national), in ASCII.
    pub fn national_digits(&self) -> &[u8] {
        self.national.as_bytes()
    }

    /// The digits of its extension, in ASCII; empty without one.
    pub fn extension_digits(&self) -> &[u8] {
        self.extension.as_bytes()
    }

    /// Its extension: 1 to 20 digits. They are ASCII's; Google leaves those of another script as they were written.
    pub fn extension(&self) -> Option<&str> {
        Some(self.extension.as_str()).filter(|digits| !digits.is_empty())
    }

    /// The same number without its extension.
    #[must_use]
    pub const fn without_extension(&self) -> Self {
        Self::new(self.country_code, self.national, Digits::NONE)
    }

    /// Whether there can be a number of its length in its country. As with Google, of regions that share a country
    /// code the main one decides.
    pub fn possibility(&self) -> Possibility {
        validate::possibility(self)
    }

    /// Whether its country has such a number. That somebody has it is not known.
    pub fn is_valid(&self) -> bool {
        self.kind() != Kind::Unknown
    }

    /// Whether it is valid, and why not: the most specific reason.
    ///
    /// # Errors
    /// One of the length, or [`NumberError::NoSuchNumber`].
    pub fn check(&self) -> Result<(), NumberError> {
        if self.is_valid() {
            return Ok(());
        }
        Err(match self.possibility() {
            Possibility::Possible => NumberError::NoSuchNumber,
            Possibility::LocalOnly => NumberError::LocalOnly,
            Possibility::InvalidCountryCode => NumberError::InvalidCountryCode,
            Possibility::TooShort => NumberError::TooShort,
            Possibility::TooLong => NumberError::TooLong,
            Possibility::InvalidLength => NumberError::InvalidLength,
        })
    }

    /// Its region. `None` for a number of no country (+800 …), and for an invalid one where several regions share
    /// the country code and its first digits do not tell; elsewhere an invalid number has the code's region.
    pub fn region(&self) -> Option<Region> {
        validate::plan(self)?.region
    }

    /// Whether its country code belongs to no country (+800, +870, +979 …).
    pub fn is_nongeographic(&self) -> bool {
        validate::plan(self).is_some_and(|plan| plan.region.is_none())
    }

    /// What it is for.
    pub fn kind(&self) -> Kind {
        validate::plan(self).map_or(Kind::Unknown, |plan| plan.kind(self.national_digits()))
    }

    /// Written out, with its extension; E.164 has none.
    pub fn format(&self, style: Style) -> String {
        format::format(self, style)
    }

    /// How many of its first digits are the area code; 0 if it has none.
    pub fn area_code_len(&self) -> usize {
        validate::area_code_len(self)
    }

    /// As it is dialled, whether it is valid or not.
    ///
    /// # Errors
    /// [`NumberError::TooShort`] or [`NumberError::TooLong`] if it has fewer digits than
    /// [`MIN_DIGITS`](crate::number::MIN_DIGITS) or more than [`MAX_DIGITS`](crate::number::MAX_DIGITS), country code
    /// and all; [`NumberError::ExtensionTooLong`].
    pub fn dialable(&self) -> Result<Dialable, NumberError> {
        let text = self.format(Style::E164);
        let short = text.len() <= MIN_DIGITS;
        let number = text.parse().map_err(|_| match short {
            true => NumberError::TooShort,
            false => NumberError::TooLong,
        })?;
        let extension = self.extension().map(str::parse);
        Ok(Dialable {
            number,
            extension: extension
                .transpose()
                .map_err(|_| NumberError::ExtensionTooLong)?,
        })
    }
}

impl fmt::Debug for ParsedNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.national();
        let end = digits.get(digits.len().saturating_sub(2)..);
        write!(f, "+{}…{}", self.country_code, end.unwrap_or_default())
    }
}
