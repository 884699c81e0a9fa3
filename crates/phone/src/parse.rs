//! Reads a number from what somebody wrote.

use crate::context;
use crate::digits::Digits;
use crate::error::NumberError;
use crate::extension;
use crate::kind::Possibility;
use crate::normalise::{self, Buffer, EMPTY, after_plus};
use crate::parsed::ParsedNumber;
use crate::plan::Plan;
use crate::prefix;
use crate::region::Region;
use crate::symbol::{Symbol, is_digit, is_letter, is_plus, is_punctuation};
use crate::tables;
use crate::text::Text;
use crate::validate;

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

impl Read {
    fn of(parts: Parts<'_>) -> Self {
        let national = Digits::of(parts.national);
        let extension = Digits::of(parts.extension);
        Self {
            number: ParsedNumber::new(parts.country_code, national, extension),
            source: parts.source,
        }
    }
}

/// A number that was read, by where its parts are.
pub(crate) struct Parts<'r> {
    pub(crate) country_code: u16,
    /// ASCII's digits.
    pub(crate) national: &'r [u8],
    /// Digits of any script.
    pub(crate) extension: &'r [Symbol],
    source: Source,
}

/// Room for what a number becomes while it is read. What is seldom needed is made where it is.
pub(crate) struct Room {
    few: [u8; normalise::FEW],
    symbols: Option<Buffer>,
    all: Option<Text>,
    joined: Option<Buffer>,
    without_code: Option<Text>,
    without_prefix: Option<Text>,
}

impl Room {
    pub(crate) const fn new() -> Self {
        Self {
            few: [0; normalise::FEW],
            symbols: None,
            all: None,
            joined: None,
            without_code: None,
            without_prefix: None,
        }
    }
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

/// Reads a number as [`parse_chars`] does, and gives what `tell` makes of its country code and its national digits, in
/// ASCII, if it can be called: it is valid, and neither it nor its extension is too long.
///
/// # Errors
/// Those of [`parse`], [`ParsedNumber::check`] and [`ParsedNumber::check_length`].
pub fn check_chars<T>(
    text: impl Iterator<Item = char> + Clone,
    default: Option<Region>,
    tell: impl FnOnce(u16, &[u8]) -> T,
) -> Result<T, NumberError> {
    let mut room = Room::new();
    let Parts {
        country_code,
        national,
        extension,
        ..
    } = parts(text, default, &mut room)?;
    validate::check(country_code, national)?;
    validate::check_length(country_code, national, extension)?;
    Ok(tell(country_code, national))
}

/// As [`parse`], and how it was written.
pub(crate) fn read(
    text: impl Iterator<Item = char> + Clone,
    default: Option<Region>,
) -> Result<Read, NumberError> {
    let mut room = Room::new();
    parts(text, default, &mut room).map(Read::of)
}

/// Reads a number of which only the digits are left.
pub(crate) fn read_digits(digits: &[u8], default: Option<Region>) -> Result<Read, NumberError> {
    let (mut without_code, mut without_prefix) = (None, None);
    let split = split(false, digits, default, &mut without_code)?;
    national(split, &mut without_prefix).map(Read::of)
}

fn parts<'r>(
    text: impl Iterator<Item = char> + Clone,
    default: Option<Region>,
    room: &'r mut Room,
) -> Result<Parts<'r>, NumberError> {
    let (plus, digits, extension) = match normalise::ordinary(text.clone(), &mut room.few) {
        Some((plus, len)) => (plus, room.few.get(..len).unwrap_or_default(), &[][..]),
        None => {
            let symbols = normalise::symbols(text, room.symbols.insert(EMPTY));
            let symbols = symbols.ok_or(NumberError::TooLong)?;
            let (number, extension) = without_extension(symbols, &mut room.joined)?;
            let after = after_plus(number);
            let digits = room.all.insert(Text::EMPTY);
            normalise::digits(after.unwrap_or(number), digits);
            (after.is_some(), digits.as_bytes(), extension)
        }
    };
    let split = split(plus, digits, default, &mut room.without_code)?;
    let parts = national(split, &mut room.without_prefix)?;
    Ok(Parts { extension, ..parts })
}

/// A number that is written in any way, and its extension.
fn without_extension<'s>(
    symbols: &'s [Symbol],
    joined: &'s mut Option<Buffer>,
) -> Result<(&'s [Symbol], &'s [Symbol]), NumberError> {
    let number = context::number_in(symbols, joined)?;
    if !is_viable(number) {
        return Err(NumberError::NotANumber);
    }
    if let Some(found) = extension::at_end(number) {
        let before = number.get(..found.start).unwrap_or_default();
        if is_viable(before) {
            return Ok((before, found.digits));
        }
    }
    Ok((number, &[]))
}

/// Whether it may be a number at all: two digits, or three and more with punctuation between, then letters too, then
/// perhaps an extension.
fn is_viable(symbols: &[Symbol]) -> bool {
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
            return extension::at_end(symbols).is_some_and(|found| {
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
    default: Option<Region>,
    room: &'d mut Option<Text>,
) -> Result<(&'static Plan, &'d [u8], Source), NumberError> {
    if plus {
        match international(digits) {
            // No such code: perhaps an international prefix follows the plus (+0049 …).
            Err(NumberError::InvalidCountryCode) => {}
            split => return split.map(|(plan, rest)| (plan, rest, Source::Plus)),
        }
    }
    let default = default.and_then(tables::of_region);
    let plan = default.ok_or(NumberError::InvalidCountryCode)?;
    if let Some(abroad) = prefix::strip_international(digits, plan) {
        let (plan, rest) = international(abroad)?;
        return Ok((plan, rest, Source::InternationalPrefix));
    }
    if let Some(rest) = prefix::strip_code(digits, plan, room) {
        let main = tables::main_of_code(plan.country_code).unwrap_or(plan);
        return Ok((main, rest, Source::WithoutPlus));
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

/// The number without the national prefix, if what is left is long enough to be one.
fn national<'d>(
    (plan, rest, source): (&'static Plan, &'d [u8], Source),
    room: &'d mut Option<Text>,
) -> Result<Parts<'d>, NumberError> {
    if rest.len() < MIN_NATIONAL {
        return Err(NumberError::TooShort);
    }
    let fits = |number: &&[u8]| {
        !matches!(
            plan.possibility(number.len()),
            Possibility::TooShort | Possibility::LocalOnly | Possibility::InvalidLength
        )
    };
    let stripped = prefix::strip_national(rest, plan, room).filter(fits);
    let national = stripped.unwrap_or(rest);
    match national.len() {
        0..MIN_NATIONAL => Err(NumberError::TooShort),
        MIN_NATIONAL..=MAX_NATIONAL => Ok(Parts {
            country_code: plan.country_code,
            national,
            extension: &[],
            source,
        }),
        _ => Err(NumberError::TooLong),
    }
}
