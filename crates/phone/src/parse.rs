//! Reads a number from what somebody wrote.

use alloc::vec::Vec;

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
    read(text, default).map(|read| read.number)
}

/// As [`parse`], and how it was written.
pub(crate) fn read(text: &str, default: Option<Region>) -> Result<Read, NumberError> {
    let mut all = EMPTY;
    let symbols = normalise::symbols(text, &mut all).ok_or(NumberError::TooLong)?;
    read_symbols(symbols, default)
}

/// As [`read`].
pub(crate) fn read_symbols(
    symbols: &[Symbol],
    default: Option<Region>,
) -> Result<Read, NumberError> {
    let mut joined = Vec::new();
    let written = context::number_in(symbols, &mut joined)?;
    let extension = extension::at_end(written);
    if !is_viable(written, extension.as_ref()) {
        return Err(NumberError::NotANumber);
    }
    let default = default.and_then(tables::of_region);
    if default.is_none() && after_plus(written).is_none() {
        return Err(NumberError::InvalidCountryCode);
    }
    let mut digits = Digits::NONE;
    let mut number = written;
    if let Some(found) = extension {
        let before = written.get(..found.start).unwrap_or_default();
        if is_viable(before, extension::at_end(before).as_ref()) {
            number = before;
            digits = Digits::of(found.digits);
        }
    }
    let mut rest = Vec::with_capacity(MAX_INPUT);
    let (plan, source) = split(number, default, &mut rest)?;
    let national = national(&rest, plan)?;
    Ok(Read {
        number: ParsedNumber::new(plan.country_code, national, digits),
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

/// The plan of a number's country code: the main one, or the default region's where no code was written. Puts what
/// follows the code into `rest`.
fn split(
    number: &[Symbol],
    default: Option<&'static Plan>,
    rest: &mut Vec<u8>,
) -> Result<(&'static Plan, Source), NumberError> {
    let after = after_plus(number);
    let mut buffer = EMPTY;
    let digits = normalise::digits(after.unwrap_or(number), &mut buffer);
    if after.is_some() {
        match international(digits, rest) {
            // No such code: perhaps an international prefix follows the plus (+0049 …).
            Err(NumberError::InvalidCountryCode) => {}
            plan => return Ok((plan?, Source::Plus)),
        }
    }
    let plan = default.ok_or(NumberError::InvalidCountryCode)?;
    if let Some(abroad) = prefix::strip_international(digits, plan) {
        return Ok((international(abroad, rest)?, Source::InternationalPrefix));
    }
    if let Some(national) = prefix::strip_code(digits, plan) {
        *rest = national;
        let main = tables::of_code(plan.country_code).first();
        return Ok((main.unwrap_or(plan), Source::WithoutPlus));
    }
    if after.is_some() {
        return Err(NumberError::InvalidCountryCode);
    }
    rest.extend_from_slice(digits);
    Ok((plan, Source::Default))
}

/// The plan of a number that begins with its country code. Puts what follows the code into `rest`.
fn international(digits: &[u8], rest: &mut Vec<u8>) -> Result<&'static Plan, NumberError> {
    if digits.len() <= MIN_NATIONAL {
        return Err(NumberError::TooShortAfterIdd);
    }
    let (plan, national) = prefix::country_code(digits).ok_or(NumberError::InvalidCountryCode)?;
    rest.extend_from_slice(national);
    Ok(plan)
}

/// The national number: without the national prefix, if what is left is long enough to be one.
fn national(rest: &[u8], plan: &Plan) -> Result<Digits, NumberError> {
    if rest.len() < MIN_NATIONAL {
        return Err(NumberError::TooShort);
    }
    let fits = |number: &Vec<u8>| {
        !matches!(
            plan.possibility(number.len()),
            Possibility::TooShort | Possibility::LocalOnly | Possibility::InvalidLength
        )
    };
    let stripped = prefix::strip_national(rest, plan).filter(fits);
    let number = stripped.as_deref().unwrap_or(rest);
    match number.len() {
        0..MIN_NATIONAL => Err(NumberError::TooShort),
        MIN_NATIONAL..=MAX_NATIONAL => Ok(Digits::of(number)),
        _ => Err(NumberError::TooLong),
    }
}
