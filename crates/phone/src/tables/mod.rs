//! The numbering plans of libphonenumber, packed by `cargo xtask phone-metadata`, read at the first use.

use alloc::boxed::Box;
use alloc::vec::Vec;

#[cfg(feature = "find")]
mod alternates;
mod automata;
mod coder;
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
pub(crate) use packed::Numbers;
pub(crate) use plans::{cut, or, usual};
#[cfg(feature = "short")]
pub(crate) use short::{ShortPlan, ShortSet, short_plan};

use crate::plan::Plan;
use crate::region::Region;

/// All plans, by country code, the main one of each first.
pub(crate) fn plans() -> &'static [Plan] {
    static PLANS: OnceRef<'static, Vec<Plan>> = OnceRef::new();
    PLANS.get_or_init(|| {
        let plans = plans::read(include_bytes!("../../tables/plans.bin"));
        // They are kept until the program ends.
        Box::leak(Box::new(plans))
    })
}

/// The plans of a country code, the main one first.
pub(crate) fn of_code(country_code: u16) -> &'static [Plan] {
    let plans = plans();
    let first = plans.partition_point(|plan| plan.country_code < country_code);
    let plans = plans.get(first..).unwrap_or_default();
    let others = plans
        .iter()
        .position(|plan| plan.country_code != country_code);
    others.and_then(|count| plans.get(..count)).unwrap_or(plans)
}

/// The plan of a region.
pub(crate) fn of_region(region: Region) -> Option<&'static Plan> {
    plans().iter().find(|plan| plan.region == Some(region))
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
