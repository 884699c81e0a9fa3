//! What is dialled before a number: the international prefix, the national one, carrier codes.

use crate::kind::Possibility;
use crate::pattern;
use crate::plan::Plan;
use crate::tables;
use crate::text::Text;

/// Without the international prefix of this plan; `None` if the number does not begin with it.
pub(crate) fn strip_international<'n>(number: &'n [u8], plan: &Plan) -> Option<&'n [u8]> {
    let found = plan.international_prefix().matched(number)?;
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
pub(crate) fn strip_code<'n>(
    number: &'n [u8],
    plan: &Plan,
    room: &'n mut Option<Text>,
) -> Option<&'n [u8]> {
    let (main, rest) = country_code(number)?;
    if main.country_code != plan.country_code {
        return None;
    }
    let rest = strip_national(rest, plan, room).unwrap_or(rest);
    let better = !plan.is_general(number) && plan.is_general(rest);
    (better || plan.possibility(number.len()) == Possibility::TooLong).then_some(rest)
}

/// Without the national prefix and a carrier code, or as the plan rewrites it; `None` if there is nothing of the
/// sort, or if the number is one of the plan as it is and would be none without. There is room for what is rewritten.
pub(crate) fn strip_national<'n>(
    number: &'n [u8],
    plan: &Plan,
    room: &'n mut Option<Text>,
) -> Option<&'n [u8]> {
    let prefix = plan.national_prefix_for_parsing();
    if prefix.pattern.is_empty() {
        return None;
    }
    let found = prefix.matched(number)?;
    let mut stripped = number.get(found.end..)?;
    let transform = plan.transform();
    if !transform.is_empty()
        && found
            .group(pattern::groups(prefix.pattern), number)
            .is_some()
    {
        let text = room.insert(Text::EMPTY);
        found.expand(transform, number, text);
        text.push_all(stripped);
        stripped = text.as_bytes();
    }
    let spoilt = plan.is_general(number) && !plan.is_general(stripped);
    (!spoilt).then_some(stripped)
}
