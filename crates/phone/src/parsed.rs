//! A number that was read.

use alloc::borrow::ToOwned as _;
use alloc::string::String;

use core::fmt;

use crate::digits::Digits;
use crate::error::NumberError;
use crate::format::{self, Style};
use crate::kind::{Kind, Possibility};
use crate::number::Dialable;
use crate::plan::Plan;
use crate::region::Region;
use crate::text::Text;
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

    fn plan(&self) -> Option<(&'static Plan, Kind)> {
        validate::plan(self.country_code, self.national_digits())
    }

    /// Whether there can be a number of its length in its country. As with Google, of regions that share a country
    /// code the main one decides.
    pub fn possibility(&self) -> Possibility {
        validate::possibility(self.country_code, self.national_digits().len())
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
        validate::check(self.country_code, self.national_digits())
    }

    /// Its region. `None` for a number of no country (+800 …), and for an invalid one where several regions share
    /// the country code and its first digits do not tell; elsewhere an invalid number has the code's region.
    pub fn region(&self) -> Option<Region> {
        self.plan().and_then(|(plan, _)| plan.region)
    }

    /// Whether its country code belongs to no country (+800, +870, +979 …).
    pub fn is_nongeographic(&self) -> bool {
        self.plan().is_some_and(|(plan, _)| plan.region.is_none())
    }

    /// What it is for.
    pub fn kind(&self) -> Kind {
        validate::kind(self.country_code, self.national_digits())
    }

    /// Written out, with its extension; E.164 has none.
    pub fn format(&self, style: Style) -> String {
        let mut text = Text::EMPTY;
        self.push(style, &mut text);
        text.as_str().to_owned()
    }

    /// Adds to a text what [`format`](Self::format) gives.
    pub fn push(&self, style: Style, text: &mut Text) {
        format::push(self, style, text);
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
        self.check_length()?;
        let number = self.format(Style::E164).parse();
        let extension = self.extension().map(str::parse).transpose();
        Ok(Dialable {
            number: number.map_err(|_| NumberError::NotANumber)?,
            extension: extension.map_err(|_| NumberError::ExtensionTooLong)?,
        })
    }

    /// Whether it has as many digits as can be dialled, valid or not. A few plans have numbers that are longer than
    /// E.164 allows.
    ///
    /// # Errors
    /// Those of [`dialable`](Self::dialable).
    pub fn check_length(&self) -> Result<(), NumberError> {
        validate::check_length(
            self.country_code,
            self.national_digits(),
            self.extension_digits(),
        )
    }
}

impl fmt::Debug for ParsedNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.national();
        let end = digits.get(digits.len().saturating_sub(2)..);
        write!(f, "+{}…{}", self.country_code, end.unwrap_or_default())
    }
}
