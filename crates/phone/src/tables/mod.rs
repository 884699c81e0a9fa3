//! The numbering plans of libphonenumber, packed by `cargo xtask phone-metadata`, read at the first use.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
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

use once_cell::race::OnceBox;

#[cfg(feature = "find")]
pub(crate) use alternates::{Alternate, alternates};
use automata::{Automata, Node, Unknown};
use coder::{Model, Reader};
#[cfg(feature = "short")]
pub(crate) use short::{ShortPlan, ShortSet, short_plan};

use crate::kind::Kinds;
use crate::plan::Plan;
use crate::region::Region;

static NUMBERS: &[u8] = include_bytes!("../../tables/numbers.bin");

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
    automata: &'static Automata,
    general: Node,
    kinds: Node,
}

impl Numbers {
    /// Whether the general pattern matches, whatever the length.
    pub(crate) fn is_general(&self, national: &[u8]) -> bool {
        self.automata.kinds(self.general, national) != 0
    }

    /// The types whose pattern and lengths match.
    pub(crate) fn kinds(&self, national: &[u8]) -> Kinds {
        Kinds::of(self.automata.kinds(self.kinds, national))
    }
}

fn tables() -> &'static Tables {
    static TABLES: OnceBox<Tables> = OnceBox::new();
    TABLES.get_or_init(|| Box::new(read()))
}

fn read() -> Tables {
    let mut model = Model::new(Reader::new(NUMBERS));
    let packed = packed::numbers(&mut model, &[], |_| (Unknown, Unknown));
    // They are kept until the program ends.
    let text = String::from_utf8(packed.text).unwrap_or_default();
    let automata = Box::leak(Box::new(packed.automata));
    let plans = plans::read(text.leak(), &packed.roots, automata);
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

/// A table that is only text, kept until the program ends.
#[cfg(any(feature = "find", feature = "short"))]
fn only_text(table: &[u8]) -> &'static str {
    let text = packed::only_text(&mut Model::new(Reader::new(table)), &[]);
    String::from_utf8(text).unwrap_or_default().leak()
}
