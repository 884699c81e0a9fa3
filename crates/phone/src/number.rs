//! Numbers as they are dialled: E.164, strictly.

use alloc::borrow::ToOwned as _;
use alloc::string::String;

use core::fmt;
use core::str::FromStr;

/// A phone number in E.164 form: `+`, a first digit 1–9, 7 to 15 digits in all.
///
/// E.164 itself sets no lower limit; 7 keeps out what can only be a slip. `Debug` shows the last two digits
/// only, because numbers are personal data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

/// The fewest digits of a number.
pub const MIN_DIGITS: usize = 7;
/// The most digits of a number (ITU-T E.164).
pub const MAX_DIGITS: usize = 15;
/// The most digits of an extension.
pub const MAX_EXTENSION_DIGITS: usize = 11;

/// Why a text is no number, or no extension, in the strict form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotDialable {
    /// What it was to be: `number` or `extension`.
    pub field: &'static str,
    /// What is wrong and what it looks like, in English.
    pub message: &'static str,
}

impl fmt::Display for NotDialable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl core::error::Error for NotDialable {}

impl PhoneNumber {
    /// With the `+`: `+4930123456`.
    pub fn as_e164(&self) -> &str {
        &self.0
    }

    /// Without the `+`: `4930123456`.
    pub fn digits(&self) -> &str {
        self.0.strip_prefix('+').unwrap_or(&self.0)
    }
}

impl FromStr for PhoneNumber {
    type Err = NotDialable;

    fn from_str(text: &str) -> Result<Self, NotDialable> {
        let invalid = |message| NotDialable {
            field: "number",
            message,
        };
        let Some(digits) = text.strip_prefix('+') else {
            return Err(invalid(
                "A number starts with + and the country code, as in +4930123456.",
            ));
        };
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid(
                "After the + a number has digits only, as in +4930123456.",
            ));
        }
        if digits.starts_with('0') {
            return Err(invalid(
                "After the + comes the country code; it does not start with 0.",
            ));
        }
        if !(MIN_DIGITS..=MAX_DIGITS).contains(&digits.len()) {
            return Err(invalid("A number has 7 to 15 digits."));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self
            .0
            .get(self.0.len().saturating_sub(2)..)
            .unwrap_or_default();
        write!(f, "+…{end}")
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for PhoneNumber {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for PhoneNumber {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// An extension: 1 to 11 digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Extension(String);

impl Extension {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Extension {
    type Err = NotDialable;

    fn from_str(text: &str) -> Result<Self, NotDialable> {
        let ok = (1..=MAX_EXTENSION_DIGITS).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_digit());
        if ok {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotDialable {
                field: "extension",
                message: "An extension has 1 to 11 digits.",
            })
        }
    }
}

impl fmt::Debug for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// A number with an optional extension, as an element's attribute has it: `+4930123456;ext=12`
/// (the form of RFC 3966). Separators are stripped first, see [`strip_separators`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialable {
    /// The number.
    pub number: PhoneNumber,
    /// The extension, if there is one.
    pub extension: Option<Extension>,
}

impl FromStr for Dialable {
    type Err = NotDialable;

    fn from_str(text: &str) -> Result<Self, NotDialable> {
        // By a single character, because searching for text in text is 3 kB of code in the browser; what
        // is no extension stays with the number, which is then none.
        let last = text.bytes().rposition(|byte| byte == b';');
        let parts = last.and_then(|last| text.split_at_checked(last));
        let (number, rest) = parts.unwrap_or((text, ""));
        let (number, extension) = match rest.strip_prefix(";ext=") {
            Some(extension) => (number, Some(strip_separators(extension).parse()?)),
            None => (text, None),
        };
        Ok(Self {
            number: strip_separators(number).parse()?,
            extension,
        })
    }
}

/// Takes out what people put between digits: white space (also no-break), `-`, `.`, `/`, `(` and `)`.
pub fn strip_separators(text: &str) -> String {
    text.chars()
        .filter(|c| {
            !c.is_whitespace()
                && !matches!(c, '-' | '.' | '/' | '(' | ')' | '\u{2060}' | '\u{2011}')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_fixture_numbers_are_read_as_it_says() {
        let fixture: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/fixtures/numbers.json")).unwrap();
        for text in fixture["valid"].as_array().unwrap() {
            let text = text.as_str().unwrap();
            assert_eq!(text.parse::<PhoneNumber>().unwrap().as_e164(), text);
        }
        for text in fixture["invalid"].as_array().unwrap() {
            let text = text.as_str().unwrap();
            let error = text.parse::<PhoneNumber>().expect_err(text);
            assert_eq!(error.field, "number");
        }
        for case in fixture["elements"].as_array().unwrap() {
            let read: Dialable = case["attribute"].as_str().unwrap().parse().unwrap();
            assert_eq!(read.number.as_e164(), case["number"]);
            assert_eq!(
                read.extension.as_ref().map(Extension::as_str),
                case["extension"].as_str()
            );
        }
    }

    #[test]
    fn debug_shows_the_last_two_digits_only() {
        let number: PhoneNumber = "+4930123456".parse().unwrap();
        assert_eq!(format!("{number:?}"), "+…56");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_never_panics(text in ".*") {
            if let Ok(number) = text.parse::<PhoneNumber>() {
                prop_assert_eq!(number.as_e164(), &text);
                prop_assert!((MIN_DIGITS..=MAX_DIGITS).contains(&number.digits().len()));
            }
            let _ = format!("{:?}", text.parse::<Dialable>());
            let _ = text.parse::<Extension>();
        }

        #[test]
        fn separators_do_not_change_the_number(digits in "[1-9][0-9]{6,14}", gaps in proptest::collection::vec("[ ./()\u{a0}-]{0,2}", 16)) {
            let spaced: String = digits.chars().zip(&gaps).flat_map(|(c, gap)| [c.to_string(), gap.clone()]).collect();
            let read: Dialable = format!("+{spaced}").parse().unwrap();
            prop_assert_eq!(read.number.digits(), digits);
        }
    }
}
