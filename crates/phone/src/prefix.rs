//! What is dialled before a number: the international prefix, the national one, carrier codes.

use crate::kind::Possibility;
use crate::pattern;
use crate::plan::Plan;
use crate::tables;
use crate::text::Text;

/// Without the international prefix of this plan; `None` if the number does not begin with it.
pub(crate) fn strip_international<'n>(number: &'n [u8], plan: &Plan) -> Option<&'n [u8]> {
    let found = pattern::start(plan.international_prefix(), number)?;
    let rest = number.get(found.end..)?;
    // No country code begins with 0, so it was not the prefix then.
    (rest.first() != Some(&b'0')).then_some(rest)
}

/// The main plan of the country code at the beginning, and what follows the code.
pub(crate) fn country_code(number: &[u8]) -> Option<(&'static Plan, &[u8])> {
    let mut code = 0;
    for (at, digit) in number.iter().enumerate().take(3) {
        code = code * 10 + u16::from(digit.wrapping_sub(b'0'));
        if code == 0 {
            return None;
        }
        if let Some(plan) = tables::main_of_code(code) {
            return Some((plan, number.get(at + 1..)?));
        }
    }
    None
}

/// Without the plan's own country code, written without anything before it (49 30 …), if the number makes sense only
/// so; a national prefix behind it goes too.
pub(crate) fn strip_code(number: &[u8], plan: &Plan) -> Option<Text> {
    let (main, rest) = country_code(number)?;
    if main.country_code != plan.country_code {
        return None;
    }
    let rest = strip_national(rest, plan).unwrap_or_else(|| Text::of(rest));
    let better = !plan.is_general(number) && plan.is_general(rest.as_bytes());
    (better || plan.possibility(number.len()) == Possibility::TooLong).then_some(rest)
}

/// Without the national prefix and a carrier code, or as the plan rewrites it; `None` if there is nothing of the
/// sort, or if the number is one of the plan as it is and would be none without.
pub(crate) fn strip_national(number: &[u8], plan: &Plan) -> Option<Text> {
    let prefix = plan.national_prefix_for_parsing();
    if number.is_empty() || prefix.is_empty() {
        return None;
    }
    let found = pattern::start(prefix, number)?;
    let mut stripped = Text::EMPTY;
    if found.group(pattern::groups(prefix), number).is_some() {
        found.expand(plan.transform(), number, &mut stripped);
    }
    stripped.push_all(number.get(found.end..)?);
    let spoilt = plan.is_general(number) && !plan.is_general(stripped.as_bytes());
    (!spoilt).then_some(stripped)
}
