//! Which numbers there are.

use crate::error::NumberError;
use crate::format;
use crate::kind::{Kind, Possibility};
use crate::number::{MAX_DIGITS, MAX_EXTENSION_DIGITS, MIN_DIGITS};
use crate::parsed::ParsedNumber;
use crate::plan::Plan;
use crate::tables;

/// The plan a number belongs to, and of what kind it is there. Of regions that share a country code it is the first
/// whose leading digits it has, or that has no leading digits but such a number.
pub(crate) fn plan(country_code: u16, national: &[u8]) -> Option<(&'static Plan, Kind)> {
    let main = tables::main_of_code(country_code)?;
    let found = tables::of_code(main).find_map(|plan| {
        let leading = plan.leading_digits();
        let any = leading.pattern.is_empty();
        if !any {
            leading.matched(national)?;
        }
        let kind = plan.kind(national);
        (!any || kind != Kind::Unknown).then_some((plan, kind))
    });
    // One that shares its code with no other has no leading digits.
    let alone = || tables::of_code(main).nth(1).is_none();
    found.or_else(|| alone().then_some((main, Kind::Unknown)))
}

/// Of what kind a number is.
pub(crate) fn kind(country_code: u16, national: &[u8]) -> Kind {
    plan(country_code, national).map_or(Kind::Unknown, |(_, kind)| kind)
}

/// Whether a number is valid, and why not.
pub(crate) fn check(country_code: u16, national: &[u8]) -> Result<(), NumberError> {
    if kind(country_code, national) != Kind::Unknown {
        return Ok(());
    }
    Err(match possibility(country_code, national.len()) {
        Possibility::Possible => NumberError::NoSuchNumber,
        Possibility::LocalOnly => NumberError::LocalOnly,
        Possibility::InvalidCountryCode => NumberError::InvalidCountryCode,
        Possibility::TooShort => NumberError::TooShort,
        Possibility::TooLong => NumberError::TooLong,
        Possibility::InvalidLength => NumberError::InvalidLength,
    })
}

/// Whether a number has as many digits as can be dialled, and its extension too.
pub(crate) const fn check_length(
    country_code: u16,
    national: &[u8],
    extension: &[u8],
) -> Result<(), NumberError> {
    let code = match country_code {
        0..10 => 1,
        10..100 => 2,
        _ => 3,
    };
    let digits = code + national.len();
    if digits < MIN_DIGITS {
        Err(NumberError::TooShort)
    } else if digits > MAX_DIGITS {
        Err(NumberError::TooLong)
    } else if extension.len() > MAX_EXTENSION_DIGITS {
        Err(NumberError::ExtensionTooLong)
    } else {
        Ok(())
    }
}

/// Whether there can be a number of so many digits.
pub(crate) fn possibility(country_code: u16, digits: usize) -> Possibility {
    let main = tables::main_of_code(country_code);
    main.map_or(Possibility::InvalidCountryCode, |plan| {
        plan.possibility(digits)
    })
}

/// Mexico: it has area codes without a national prefix.
const AREA_WITHOUT_PREFIX: u16 = 52;
/// Argentina: a mobile number has a 9 before the area code.
const MOBILE_TOKEN: u16 = 54;

/// How many of the first digits are the area code.
pub(crate) fn area_code_len(number: &ParsedNumber) -> usize {
    let Some((plan, kind)) = plan(number.country_code(), number.national_digits())
        .filter(|(plan, _)| plan.region.is_some())
    else {
        return 0;
    };
    let code = plan.country_code;
    let national = number.national_digits();
    if plan.national_prefix().is_empty()
        && national.first() != Some(&b'0')
        && code != AREA_WITHOUT_PREFIX
    {
        return 0;
    }
    // In Mexico, Argentina, Brazil and Indonesia a mobile number has an area code too.
    let geographic = match kind {
        Kind::FixedLine | Kind::FixedLineOrMobile => true,
        Kind::Mobile => matches!(code, 52 | 54 | 55 | 62),
        _ => false,
    };
    if !geographic {
        return 0;
    }
    // The first group of the international form, if another follows.
    let text = format::national_part(number, format::Style::International);
    let mut groups = text
        .as_bytes()
        .split(|byte: &u8| !byte.is_ascii_digit())
        .filter(|group| !group.is_empty());
    let (first, second) = (groups.next(), groups.next());
    let len = |group: Option<&[u8]>| group.map_or(0, <[u8]>::len);
    match (kind, code) {
        _ if second.is_none() => 0,
        (Kind::Mobile, MOBILE_TOKEN) => len(first) + len(second),
        _ => len(first),
    }
}
