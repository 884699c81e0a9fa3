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
use automata::{Automata, Node};
#[cfg(any(feature = "find", feature = "short"))]
use coder::{Model, Reader};
pub(crate) use packed::Roots;
pub(crate) use plans::{cut, or, usual};
#[cfg(feature = "short")]
pub(crate) use short::{ShortPlan, ShortSet, short_plan};

use crate::plan::Plan;
use crate::region::Region;

static NUMBERS: &[u8] = include_bytes!("../../tables/numbers.bin");

struct Tables {
    /// By country code, those of one code in the order in which they are tried.
    plans: Vec<Plan>,
    automata: Automata,
}

/// All plans, by country code, the main one of each first.
pub(crate) fn plans() -> &'static [Plan] {
    &tables().plans
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

/// The kinds of a national number, a bit each, by the automaton with this root.
pub(crate) fn kinds(root: Node, national: &[u8]) -> u16 {
    tables().automata.kinds(root, national)
}

fn tables() -> &'static Tables {
    static TABLES: OnceRef<'static, Tables> = OnceRef::new();
    TABLES.get_or_init(|| {
        let (plans, automata) = plans::read(NUMBERS);
        // It is kept until the program ends.
        Box::leak(Box::new(Tables { plans, automata }))
    })
}

/// A table that is only text, kept until the program ends.
#[cfg(any(feature = "find", feature = "short"))]
fn only_text(table: &[u8]) -> &'static [u8] {
    packed::text(&mut Model::new(Reader::new(table)), &[]).leak()
}
