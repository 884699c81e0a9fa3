//! Short numbers: emergency, directory assistance, services. They are dialled within their country only.

use alloc::vec::Vec;

use crate::normalise::{after_plus, possible_number};
use crate::parse::parse;
use crate::region::Region;
use crate::symbol;
use crate::tables::{self, ShortPlan, ShortSet};

/// What a short number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Short {
    /// What it costs.
    pub cost: Cost,
    /// It is for emergencies.
    pub emergency: bool,
    /// Where it leads depends on the caller's network.
    pub carrier_specific: bool,
    /// It is meant for text messages.
    pub sms: bool,
}

/// What a short number costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Nothing.
    TollFree,
    /// As much as any call.
    StandardRate,
    /// More.
    PremiumRate,
    /// Not known.
    Unknown,
}

/// More digits than a short number has; what follows makes no difference but that there is more.
const MOST: usize = 20;

/// What these digits are in a region, if they are a short number there.
pub fn kind(digits: &str, region: Region) -> Option<Short> {
    let plan = tables::short_plan(region)?;
    let digits = digits.as_bytes();
    if !exists(plan, digits) {
        return None;
    }
    let emergency = plan.matches(ShortSet::Emergency, digits);
    let cost = if plan.has(ShortSet::PremiumRate, digits) {
        Cost::PremiumRate
    } else if plan.has(ShortSet::StandardRate, digits) {
        Cost::StandardRate
    } else if plan.has(ShortSet::TollFree, digits) || emergency {
        Cost::TollFree
    } else {
        Cost::Unknown
    };
    Some(Short {
        cost,
        emergency,
        carrier_specific: plan.has(ShortSet::CarrierSpecific, digits),
        sms: plan.has(ShortSet::Sms, digits),
    })
}

/// Whether the region has short numbers of this length.
pub fn is_possible(text: &str, region: Region) -> bool {
    national(text, region, |plan, digits| {
        plan.has_length(ShortSet::General, digits.len())
    })
}

/// Whether the region has this short number.
pub fn is_valid(text: &str, region: Region) -> bool {
    national(text, region, exists)
}

fn exists(plan: &ShortPlan, digits: &[u8]) -> bool {
    plan.has(ShortSet::General, digits) && plan.has(ShortSet::ShortCode, digits)
}

/// What is told of the national number of the text, if it is one of the region's country code.
fn national(text: &str, region: Region, told: impl Fn(&ShortPlan, &[u8]) -> bool) -> bool {
    let plan = tables::short_plan(region);
    let number = parse(text, Some(region)).ok();
    plan.zip(number).is_some_and(|(plan, number)| {
        number.country_code() == region.country_code() && told(plan, number.national_digits())
    })
}

/// Whether the text is an emergency number in the region, and nothing more.
pub fn is_emergency(text: &str, region: Region) -> bool {
    dialled(text, region, |plan, digits| {
        plan.matches(ShortSet::Emergency, digits)
    })
}

/// Whether dialling this leads to an emergency service in the region: in most countries the digits that follow the
/// emergency number make no difference.
pub fn connects_to_emergency(text: &str, region: Region) -> bool {
    if matches!(region.as_str(), "BR" | "CL" | "NI") {
        return is_emergency(text, region);
    }
    dialled(text, region, |plan, digits| {
        plan.begins(ShortSet::Emergency, digits)
    })
}

/// What is told of the digits in the text, as they are dialled. With a plus sign it is no emergency number anywhere.
fn dialled(text: &str, region: Region, told: impl Fn(&ShortPlan, &[u8]) -> bool) -> bool {
    let Some(plan) = tables::short_plan(region) else {
        return false;
    };
    let symbols: Vec<_> = text.chars().map(symbol::of).collect();
    let number = possible_number(&symbols);
    let digits = number.iter().filter_map(|s| symbol::ascii_digit(*s));
    let digits: Vec<_> = digits.take(MOST).collect();
    after_plus(number).is_none() && told(plan, &digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(text: &str) -> Region {
        text.parse().unwrap()
    }

    #[test]
    fn emergency_numbers_are_those_of_the_region() {
        assert!(is_emergency("112", region("DE")));
        assert!(is_emergency("1 1-2", region("DE")));
        assert!(is_emergency("٩١١", region("US")));
        assert!(!is_emergency("911", region("DE")));
        assert!(!is_emergency("+112", region("DE")));
        assert!(!is_emergency("1123", region("DE")));
        assert!(!is_emergency("", region("DE")));
    }

    #[test]
    fn digits_behind_an_emergency_number_make_no_difference_but_in_some_countries() {
        assert!(connects_to_emergency("9111", region("US")));
        assert!(connects_to_emergency(
            "911 911 911 911 911 911 911 911",
            region("US")
        ));
        assert!(!connects_to_emergency("0911", region("US")));
        assert!(connects_to_emergency("190", region("BR")));
        assert!(!connects_to_emergency("1900", region("BR")));
    }

    #[test]
    fn a_short_number_has_a_cost_and_uses() {
        let emergency = kind("112", region("DE")).unwrap();
        assert!(emergency.emergency);
        assert_eq!(emergency.cost, Cost::TollFree);
        assert_eq!(
            kind("118000", region("FR")).map(|short| short.cost),
            Some(Cost::PremiumRate)
        );
        assert_eq!(kind("030901820", region("DE")), None);
        assert_eq!(kind("", region("DE")), None);
    }

    #[test]
    fn a_short_number_is_valid_in_its_country() {
        assert!(is_valid("112", region("DE")));
        assert!(!is_valid("030 901820", region("DE")));
        assert!(is_possible("999", region("DE")));
        assert!(!is_possible("9999999999", region("DE")));
        assert!(!is_valid("no number", region("DE")));
    }

    #[test]
    fn a_text_of_a_megabyte_takes_no_time() {
        let long = "1".repeat(1 << 20);
        assert!(!is_emergency(&long, region("DE")));
        assert!(!is_possible(&long, region("DE")));
    }
}
