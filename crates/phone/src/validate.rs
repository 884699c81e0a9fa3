//! Which numbers there are.

use crate::format;
use crate::kind::{Kind, Possibility};
use crate::parsed::ParsedNumber;
use crate::pattern;
use crate::plan::Plan;
use crate::tables;

/// The plan a number belongs to, and of what kind it is there. Of regions that share a country code it is the first
/// whose leading digits it has, or that has no leading digits but such a number.
pub(crate) fn plan(number: &ParsedNumber) -> Option<(&'static Plan, Kind)> {
    let national = number.national_digits();
    let plans = tables::of_code(number.country_code());
    plans.iter().find_map(|plan| {
        let leading = plan.leading_digits();
        let alone = plans.len() == 1;
        if !alone && !pattern::begins(leading, national) {
            return None;
        }
        let kind = plan.kind(national);
        let is_it = alone || !leading.is_empty() || kind != Kind::Unknown;
        is_it.then_some((plan, kind))
    })
}

/// Whether there can be a number of this length.
pub(crate) fn possibility(number: &ParsedNumber) -> Possibility {
    let main = tables::main_of_code(number.country_code());
    let digits = number.national_digits().len();
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
    let Some((plan, kind)) = plan(number).filter(|(plan, _)| plan.region.is_some()) else {
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
