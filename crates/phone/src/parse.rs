//! Reads a number from what somebody wrote.

use crate::context;
use crate::digits::Digits;
use crate::error::NumberError;
use crate::extension;
use crate::kind::Possibility;
use crate::normalise::{self, EMPTY, after_plus};
use crate::parsed::ParsedNumber;
use crate::plan::Plan;
use crate::prefix;
use crate::region::Region;
use crate::symbol::{Symbol, is_digit, is_letter, is_plus, is_punctuation};
use crate::tables;
use crate::text::Text;

/// The most characters of a text that is read as a number.
pub const MAX_INPUT: usize = 250;

/// The fewest digits of a number, without its country code.
const MIN_NATIONAL: usize = 2;
/// The most.
const MAX_NATIONAL: usize = 17;

/// Where a number's country code came from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// A plus sign stands before it.
    Plus,
    /// The international prefix of the default region does.
    InternationalPrefix,
    /// It is the default region's, and written without either.
    WithoutPlus,
    /// It is the default region's, and not written.
    Default,
}

/// A number, and how it was written.
pub(crate) struct Read {
    pub(crate) number: ParsedNumber,
    #[cfg_attr(not(feature = "find"), expect(dead_code))]
    pub(crate) source: Source,
}

/// Reads a number: international (`+49 30 …`, or with the default region's prefix, `0049 30 …`), national (`030 …`,
/// which needs the region), as a `tel:` address, with or without an extension, in digits of any script, with letters
/// of a keypad. What is before and behind it does not matter.
///
/// A number that is read need not exist; see [`ParsedNumber::check`].
///
/// # Errors
/// [`NotANumber`](NumberError::NotANumber), [`InvalidCountryCode`](NumberError::InvalidCountryCode) (also where no
/// region is given for a national number), [`TooShortAfterIdd`](NumberError::TooShortAfterIdd),
/// [`TooShort`](NumberError::TooShort), or [`TooLong`](NumberError::TooLong) (also for a text of more than
/// [`MAX_INPUT`] characters).
pub fn parse(text: &str, default: Option<Region>) -> Result<ParsedNumber, NumberError> {
    parse_chars(text.chars(), default)
}

/// As [`parse`], from a text that is not in UTF-8.
///
/// # Errors
/// Those of [`parse`].
pub fn parse_chars(
    text: impl Iterator<Item = char> + Clone,
    default: Option<Region>,
) -> Result<ParsedNumber, NumberError> {
    read(text, default).map(|read| read.number)
}

/// As [`parse`], and how it was written.
pub(crate) fn read(
    text: impl Iterator<Item = char> + Clone,
    default: Option<Region>,
) -> Result<Read, NumberError> {
    let mut digits = Text::EMPTY;
    if let Some(plus) = normalise::ordinary(text.clone(), &mut digits) {
        return read_digits(plus, digits.as_bytes(), Digits::NONE, default);
    }
    let mut all = EMPTY;
    let symbols = normalise::symbols(text, &mut all).ok_or(NumberError::TooLong)?;
    read_symbols(symbols, default)
}

/// Reads a number that is written in any way.
fn read_symbols(symbols: &[Symbol], default: Option<Region>) -> Result<Read, NumberError> {
    let mut joined = EMPTY;
    let mut number = context::number_in(symbols, &mut joined)?;
    let found = extension::at_end(number);
    if !is_viable(number, found.as_ref()) {
        return Err(NumberError::NotANumber);
    }
    let mut extension = Digits::NONE;
    if let Some(found) = found {
        let before = number.get(..found.start).unwrap_or_default();
        if is_viable(before, extension::at_end(before).as_ref()) {
            number = before;
            extension = Digits::of(found.digits);
        }
    }
    let after = after_plus(number);
    let mut digits = Text::EMPTY;
    normalise::digits(after.unwrap_or(number), &mut digits);
    read_digits(after.is_some(), digits.as_bytes(), extension, default)
}

/// Reads a number of which only the digits are left.
pub(crate) fn read_digits(
    plus: bool,
    digits: &[u8],
    extension: Digits,
    default: Option<Region>,
) -> Result<Read, NumberError> {
    let default = default.and_then(tables::of_region);
    let mut room = Text::EMPTY;
    let (plan, rest, source) = split(plus, digits, default, &mut room)?;
    let national = national(rest, plan)?;
    Ok(Read {
        number: ParsedNumber::new(plan.country_code, national, extension),
        source,
    })
}

/// Whether it may be a number at all: two digits, or three and more with punctuation between, then letters too, then
/// perhaps an extension.
fn is_viable(symbols: &[Symbol], extension: Option<&extension::Found<'_>>) -> bool {
    if let [a, b] = symbols {
        return is_digit(*a) && is_digit(*b);
    }
    let signs = symbols.iter().take_while(|s| is_plus(**s)).count();
    let mut digits = 0;
    for (at, symbol) in symbols.iter().enumerate().skip(signs) {
        if is_digit(*symbol) {
            digits += 1;
        } else if is_punctuation(*symbol) || *symbol == b'*' {
        } else if digits < 3 {
            return false;
        } else if !is_letter(*symbol) {
            // Nothing but an extension that has begun by here explains this one.
            return extension.is_some_and(|found| {
                let before = symbols.get(..found.start).unwrap_or_default();
                found.start <= at && before.iter().filter(|s| is_digit(**s)).count() >= 3
            });
        }
    }
    digits >= 3
}

/// The plan of a number's country code (the main one, or the default region's where no code was written), and what
/// follows the code. There is room for that where it is not how the number ends.
fn split<'d>(
    plus: bool,
    digits: &'d [u8],
    default: Option<&'static Plan>,
    room: &'d mut Text,
) -> Result<(&'static Plan, &'d [u8], Source), NumberError> {
    if plus {
        match international(digits) {
            // No such code: perhaps an international prefix follows the plus (+0049 …).
            Err(NumberError::InvalidCountryCode) => {}
            split => return split.map(|(plan, rest)| (plan, rest, Source::Plus)),
        }
    }
    let plan = default.ok_or(NumberError::InvalidCountryCode)?;
    if let Some(abroad) = prefix::strip_international(digits, plan) {
        let (plan, rest) = international(abroad)?;
        return Ok((plan, rest, Source::InternationalPrefix));
    }
    if let Some(national) = prefix::strip_code(digits, plan) {
        *room = national;
        let main = tables::main_of_code(plan.country_code).unwrap_or(plan);
        return Ok((main, room.as_bytes(), Source::WithoutPlus));
    }
    if plus {
        return Err(NumberError::InvalidCountryCode);
    }
    Ok((plan, digits, Source::Default))
}

/// The plan of a number that begins with its country code, and what follows the code.
fn international(digits: &[u8]) -> Result<(&'static Plan, &[u8]), NumberError> {
    if digits.len() <= MIN_NATIONAL {
        return Err(NumberError::TooShortAfterIdd);
    }
    prefix::country_code(digits).ok_or(NumberError::InvalidCountryCode)
}

/// The national number: without the national prefix, if what is left is long enough to be one.
fn national(rest: &[u8], plan: &Plan) -> Result<Digits, NumberError> {
    if rest.len() < MIN_NATIONAL {
        return Err(NumberError::TooShort);
    }
    let fits = |number: &Text| {
        !matches!(
            plan.possibility(number.as_bytes().len()),
            Possibility::TooShort | Possibility::LocalOnly | Possibility::InvalidLength
        )
    };
    let stripped = prefix::strip_national(rest, plan).filter(fits);
    let number = stripped.as_ref().map_or(rest, Text::as_bytes);
    match number.len() {
        0..MIN_NATIONAL => Err(NumberError::TooShort),
        MIN_NATIONAL..=MAX_NATIONAL => Ok(Digits::of(number)),
        _ => Err(NumberError::TooLong),
    }
}
