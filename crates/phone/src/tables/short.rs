//! Short numbers.

use alloc::boxed::Box;
use alloc::vec::Vec;

use once_cell::race::OnceBox;

use super::only_text;
use super::plans::{cut, lengths, number};
use crate::pattern;
use crate::plan::has;
use crate::region::Region;

/// The short numbers of a region.
pub(crate) struct ShortPlan {
    region: Region,
    /// What the sets have: lengths, a bit each, and the pattern. By the order of [`ShortSet`].
    sets: [(u32, &'static [u8]); 8],
}

/// What a short number can be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShortSet {
    General,
    ShortCode,
    Emergency,
    PremiumRate,
    StandardRate,
    TollFree,
    CarrierSpecific,
    Sms,
}

impl ShortPlan {
    /// Whether the set has numbers of this length.
    pub(crate) fn has_length(&self, set: ShortSet, length: usize) -> bool {
        self.of(set)
            .is_some_and(|(lengths, _)| has(lengths, length))
    }

    /// Whether the set has this number.
    pub(crate) fn has(&self, set: ShortSet, digits: &[u8]) -> bool {
        self.has_length(set, digits.len()) && self.matches(set, digits)
    }

    /// Whether the set's pattern matches the whole, whatever its length.
    pub(crate) fn matches(&self, set: ShortSet, digits: &[u8]) -> bool {
        self.of(set)
            .is_some_and(|(_, text)| pattern::is_whole(text, digits))
    }

    /// Whether a number of the set is the beginning of this.
    pub(crate) fn begins(&self, set: ShortSet, digits: &[u8]) -> bool {
        self.of(set)
            .is_some_and(|(_, text)| pattern::begins(text, digits))
    }

    fn of(&self, set: ShortSet) -> Option<(u32, &'static [u8])> {
        let found = self.sets.get(set as usize).copied();
        found.filter(|(lengths, _)| *lengths != 0)
    }
}

/// The short numbers of a region, if it has any.
///
/// The table has a line for each region, and below it one for each of its sets: a space and the set's place,
/// lengths as letters, the pattern.
pub(crate) fn short_plan(region: Region) -> Option<&'static ShortPlan> {
    static PLANS: OnceBox<Vec<ShortPlan>> = OnceBox::new();
    let plans = PLANS.get_or_init(|| {
        let mut plans: Vec<ShortPlan> = Vec::new();
        let mut text = only_text(include_bytes!("../../tables/short.bin"));
        while !text.is_empty() {
            let mut line = cut(&mut text, b'\n');
            let first = cut(&mut line, b'\t');
            if let [a @ b'A'..=b'Z', b] = first {
                plans.push(ShortPlan {
                    region: Region::of([*a, *b]),
                    sets: [(0, b""); 8],
                });
                continue;
            }
            let set = usize::from(number(first));
            let plan = plans.last_mut();
            if let Some(set) = plan.and_then(|plan| plan.sets.get_mut(set)) {
                *set = (lengths(cut(&mut line, b'\t')), cut(&mut line, b'\t'));
            }
        }
        Box::new(plans)
    });
    plans.iter().find(|plan| plan.region == region)
}
