//! The numbering plans.
//!
//! A text file for now, read once at the first use.

use std::sync::OnceLock;

use crate::kind::Kinds;
#[cfg(any(feature = "find", feature = "short"))]
use crate::pattern;
use crate::plan::{Format, International, Plan, has};
use crate::region::Region;

static TEXT: &str = include_str!("../../tables/bootstrap.txt");

/// The plans, by country code, those of one code in the order in which they are tried.
struct Tables {
    plans: Vec<Plan>,
    /// Where the plans of a country code begin, and how many there are.
    codes: Vec<(u8, u8)>,
    /// The plan of a region, by its letters; `NO_PLAN` for none.
    regions: [u8; 26 * 26],
}

const NO_PLAN: u8 = u8::MAX;

/// All plans, by country code, the main one of each first.
pub(crate) fn plans() -> &'static [Plan] {
    &tables().plans
}

/// The plans of a country code, the main one first.
pub(crate) fn of_code(country_code: u16) -> &'static [Plan] {
    let tables = tables();
    let Some(&(first, count)) = tables.codes.get(usize::from(country_code)) else {
        return &[];
    };
    let first = usize::from(first);
    let plans = tables.plans.get(first..first + usize::from(count));
    plans.unwrap_or_default()
}

/// The plan of a region.
pub(crate) fn of_region(region: Region) -> Option<&'static Plan> {
    let tables = tables();
    let place = *tables.regions.get(place_of(region)?)?;
    tables.plans.get(usize::from(place))
}

/// A region's place among all pairs of capitals.
fn place_of(region: Region) -> Option<usize> {
    let [a, b] = region.letters();
    (a.is_ascii_uppercase() && b.is_ascii_uppercase())
        .then(|| usize::from(a - b'A') * 26 + usize::from(b - b'A'))
}

/// Which numbers a plan has.
pub(crate) struct Numbers {
    general: &'static str,
    kinds: Vec<(usize, u32, &'static str)>,
}

impl Numbers {
    /// Whether the general pattern matches.
    pub(crate) fn is_general(&self, national: &[u8]) -> bool {
        crate::pattern::is_whole(self.general, national)
    }

    /// The types whose pattern and lengths match.
    pub(crate) fn kinds(&self, national: &[u8]) -> Kinds {
        let mut kinds = Kinds::NONE;
        for (place, lengths, pattern) in &self.kinds {
            if has(*lengths, national.len()) && crate::pattern::is_whole(pattern, national) {
                kinds = kinds.with(*place);
            }
        }
        kinds
    }
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(read)
}

const KINDS: [&str; 10] = [
    "premium_rate",
    "toll_free",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
    "fixed_line",
    "mobile",
];

fn read() -> Tables {
    let mut plans: Vec<Plan> = Vec::new();
    for line in TEXT.lines() {
        let mut cells = line.split('\t');
        let mut cell = || cells.next().unwrap_or_default();
        match cell() {
            "P" => plans.push(Plan {
                country_code: cell().parse().unwrap_or_default(),
                region: cell().as_bytes().try_into().ok().map(Region::of),
                international_prefix: cell(),
                national_prefix: cell(),
                national_prefix_for_parsing: cell(),
                transform: cell(),
                leading_digits: cell(),
                extension_prefix: cell(),
                possible: cell().parse().unwrap_or_default(),
                local_only: cell().parse().unwrap_or_default(),
                formats: Vec::new(),
                numbers: Numbers {
                    general: cell(),
                    kinds: Vec::new(),
                },
            }),
            "K" => {
                let name = cell();
                let place = KINDS.iter().position(|kind| *kind == name);
                let kind = (
                    place.unwrap_or_default(),
                    cell().parse().unwrap_or_default(),
                    cell(),
                );
                if let Some(plan) = plans.last_mut() {
                    plan.numbers.kinds.push(kind);
                }
            }
            "F" => {
                let format = Format {
                    pattern: cell(),
                    template: cell(),
                    leading: cell(),
                    national_rule: cell(),
                    national_prefix_optional: cell() == "1",
                    international: match cell() {
                        "=" => International::Same,
                        "-" => International::None,
                        template => International::Template(template),
                    },
                };
                if let Some(plan) = plans.last_mut() {
                    plan.formats.push(format);
                }
            }
            _ => {}
        }
    }
    let mut codes = vec![(0, 0); 1000];
    let mut regions = [NO_PLAN; 26 * 26];
    for (at, plan) in plans.iter().enumerate() {
        let at = u8::try_from(at).unwrap_or(NO_PLAN);
        if let Some((first, count)) = codes.get_mut(usize::from(plan.country_code)) {
            if *count == 0 {
                *first = at;
            }
            *count += 1;
        }
        let place = plan.region.and_then(place_of);
        if let Some(region) = place.and_then(|place| regions.get_mut(place)) {
            *region = at;
        }
    }
    Tables {
        plans,
        codes,
        regions,
    }
}

/// Another way in which numbers of a country code are written.
#[cfg(feature = "find")]
pub(crate) struct Alternate {
    /// The pattern of a number, its groups.
    pub(crate) pattern: &'static str,
    /// The groups with what is between them.
    pub(crate) template: &'static str,
    /// The pattern of the first digits; empty for all.
    pub(crate) leading: &'static str,
}

/// The other ways in which numbers of a country code are written.
#[cfg(feature = "find")]
pub(crate) fn alternates(country_code: u16) -> &'static [Alternate] {
    static ALTERNATES: OnceLock<Vec<(u16, Vec<Alternate>)>> = OnceLock::new();
    let all = ALTERNATES.get_or_init(|| {
        let mut all: Vec<(u16, Vec<Alternate>)> = Vec::new();
        for line in TEXT.lines() {
            let mut cells = line.split('\t');
            let mut cell = || cells.next().unwrap_or_default();
            if cell() != "A" {
                continue;
            }
            let code = cell().parse().unwrap_or_default();
            let format = Alternate {
                pattern: cell(),
                template: cell(),
                leading: cell(),
            };
            match all.last_mut() {
                Some((last, formats)) if *last == code => formats.push(format),
                _ => all.push((code, vec![format])),
            }
        }
        all
    });
    let found = all.binary_search_by_key(&country_code, |(code, _)| *code);
    let place = found.ok().and_then(|at| all.get(at));
    place
        .map(|(_, formats)| formats.as_slice())
        .unwrap_or_default()
}

/// The short numbers of a region.
#[cfg(feature = "short")]
pub(crate) struct ShortPlan {
    region: Region,
    numbers: Vec<(&'static str, u32, &'static str)>,
}

/// What a short number can be.
#[cfg(feature = "short")]
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

#[cfg(feature = "short")]
impl ShortPlan {
    /// Whether the set has numbers of this length.
    pub(crate) fn has_length(&self, set: ShortSet, length: usize) -> bool {
        self.of(set)
            .is_some_and(|(lengths, _)| has(lengths, length))
    }

    /// Whether the set has this number.
    pub(crate) fn has(&self, set: ShortSet, digits: &[u8]) -> bool {
        self.of(set).is_some_and(|(lengths, text)| {
            has(lengths, digits.len()) && pattern::is_whole(text, digits)
        })
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

    fn of(&self, set: ShortSet) -> Option<(u32, &'static str)> {
        let name = match set {
            ShortSet::General => "general_desc",
            ShortSet::ShortCode => "short_code",
            ShortSet::Emergency => "emergency",
            ShortSet::PremiumRate => "premium_rate",
            ShortSet::StandardRate => "standard_rate",
            ShortSet::TollFree => "toll_free",
            ShortSet::CarrierSpecific => "carrier_specific",
            ShortSet::Sms => "sms_services",
        };
        let found = self.numbers.iter().find(|(other, _, _)| *other == name);
        found.map(|(_, lengths, text)| (*lengths, *text))
    }
}

/// The short numbers of a region, if it has any.
#[cfg(feature = "short")]
pub(crate) fn short_plan(region: Region) -> Option<&'static ShortPlan> {
    static PLANS: OnceLock<Vec<ShortPlan>> = OnceLock::new();
    let plans = PLANS.get_or_init(|| {
        let mut plans: Vec<ShortPlan> = Vec::new();
        for line in TEXT.lines() {
            let mut cells = line.split('\t');
            let mut cell = || cells.next().unwrap_or_default();
            match (cell(), plans.last_mut()) {
                ("S", _) => {
                    if let Ok(letters) = cell().as_bytes().try_into() {
                        plans.push(ShortPlan {
                            region: Region::of(letters),
                            numbers: Vec::new(),
                        });
                    }
                }
                ("T", Some(plan)) => {
                    plan.numbers
                        .push((cell(), cell().parse().unwrap_or_default(), cell()));
                }
                _ => {}
            }
        }
        plans
    });
    plans.iter().find(|plan| plan.region == region)
}
