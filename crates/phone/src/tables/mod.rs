//! The numbering plans of libphonenumber, packed by `cargo xtask phone-metadata`, read at the first use.

use alloc::boxed::Box;

#[cfg(feature = "find")]
mod alternates;
mod automata;
mod coder;
mod list;
#[cfg(feature = "pack")]
pub mod pack;
mod packed;
mod plans;
#[cfg(feature = "short")]
mod short;
mod text;
#[cfg(feature = "pack")]
mod writer;

use once_cell::race::OnceRef;

#[cfg(feature = "find")]
pub(crate) use alternates::{Alternate, alternates};
use coder::{Model, Reader};
use list::List;
pub(crate) use packed::Numbers;
pub(crate) use plans::{Formats, cut, or, usual};
#[cfg(feature = "short")]
pub(crate) use short::{ShortPlan, ShortSet, short_plan};

use crate::plan::Plan;
use crate::region::Region;

/// The plans, and where they are.
struct Plans {
    /// By country code, the main one of each first.
    plans: List<Plan>,
    /// The place of a region's plan, by its letters.
    regions: [u8; LETTERS],
    /// The place of a country code's main plan.
    codes: [u8; 1000],
}

/// Where no plan is.
const NONE: u8 = u8::MAX;

/// Two letters of five bits each.
const LETTERS: usize = 1 << 10;

fn all() -> &'static Plans {
    static PLANS: OnceRef<'static, Plans> = OnceRef::new();
    PLANS.get_or_init(|| {
        let plans = plans::read(include_bytes!("../../tables/plans.bin"));
        let mut regions = [NONE; LETTERS];
        let mut codes = [NONE; 1000];
        // Backwards: of those that share a code the first one stays.
        for plan in plans.iter().rev() {
            let place = plan.place as u8;
            if let Some(region) = plan.region
                && let Some(region) = regions.get_mut(letters(region))
            {
                *region = place;
            }
            if let Some(code) = codes.get_mut(usize::from(plan.country_code)) {
                *code = place;
            }
        }
        // They are kept until the program ends.
        Box::leak(Box::new(Plans {
            plans,
            regions,
            codes,
        }))
    })
}

/// A region's letters as a number; what is no region may have the same.
fn letters(region: Region) -> usize {
    let [a, b] = region.letters();
    usize::from(a & 31) << 5 | usize::from(b & 31)
}

/// All plans, by country code, the main one of each first.
pub(crate) fn plans() -> &'static [Plan] {
    &all().plans
}

/// The main plan of a country code.
pub(crate) fn main_of_code(country_code: u16) -> Option<&'static Plan> {
    let place = all().codes.get(usize::from(country_code))?;
    plans().get(usize::from(*place))
}

/// The plans of a country code, of which this is the main one, which comes first.
pub(crate) fn of_code(main: &Plan) -> impl Iterator<Item = &'static Plan> {
    let plans = plans().get(main.place..).unwrap_or_default();
    let code = main.country_code;
    plans
        .iter()
        .take_while(move |plan| plan.country_code == code)
}

/// The plan of a region.
pub(crate) fn of_region(region: Region) -> Option<&'static Plan> {
    let place = all().regions.get(letters(region))?;
    let plan = plans().get(usize::from(*place))?;
    (plan.region == Some(region)).then_some(plan)
}

/// Which numbers the plans have.
///
/// This is a table of its own, because reading both at once is long for the main thread of a page.
pub(crate) fn numbers() -> &'static Numbers {
    static NUMBERS: OnceRef<'static, Numbers> = OnceRef::new();
    NUMBERS.get_or_init(|| {
        let numbers = Numbers::read(include_bytes!("../../tables/numbers.bin"), plans());
        // They are kept until the program ends.
        Box::leak(Box::new(numbers))
    })
}

/// A table that is only text, kept until the program ends.
fn only_text(table: &[u8]) -> &'static [u8] {
    packed::text(&mut Model::new(Reader::new(table)), &[]).leak()
}
