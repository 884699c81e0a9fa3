//! A numbering plan: what the tables give for a region, or for a country code of no region.

use alloc::vec::Vec;

use crate::kind::{Kind, Kinds, Possibility};
use crate::region::Region;
use crate::tables::{self, Roots};

/// One numbering plan. Its texts are empty where the plan has no such thing.
pub(crate) struct Plan {
    /// The country code.
    pub(crate) country_code: u16,
    /// The region; none for a plan of no country (+800 …).
    pub(crate) region: Option<Region>,
    /// The pattern of what is dialled before a country code.
    pub(crate) international_prefix: &'static [u8],
    /// What is dialled before a number within the country, for people to read.
    pub(crate) national_prefix: &'static [u8],
    /// The pattern of what may precede a national number: the prefix, a carrier code.
    pub(crate) national_prefix_for_parsing: &'static [u8],
    /// What the match of that pattern is replaced by (`$1` is its first group); nothing, where it is empty.
    pub(crate) transform: &'static [u8],
    /// The pattern of the first digits of all numbers, where regions that share a country code have one.
    pub(crate) leading_digits: &'static [u8],
    /// What stands before an extension.
    pub(crate) extension_prefix: &'static [u8],
    /// The lengths of its numbers, a bit each.
    pub(crate) possible: u32,
    /// The lengths of numbers that can be dialled within an area only, a bit each.
    pub(crate) local_only: u32,
    /// How numbers are written; the first that fits.
    pub(crate) formats: Vec<Format>,
    /// Which numbers there are.
    pub(crate) roots: Roots,
}

/// How some of a plan's numbers are written.
pub(crate) struct Format {
    /// The pattern of a whole number, its groups.
    pub(crate) pattern: &'static [u8],
    /// The groups with what is between them: `$1 $2`.
    pub(crate) template: &'static [u8],
    /// The pattern of the first digits; empty for all.
    pub(crate) leading: &'static [u8],
    /// What the first group becomes in the national form (`0$1`); empty where nothing is put before it.
    pub(crate) national_rule: &'static [u8],
    /// The number is also written without its national prefix. Read by the search in text alone.
    #[cfg_attr(not(feature = "find"), expect(dead_code))]
    pub(crate) national_prefix_optional: bool,
    /// The groups in the international form; none where the format is for the national form only.
    pub(crate) international: Option<&'static [u8]>,
}

impl Plan {
    /// Whether the general pattern matches, whatever the length.
    pub(crate) fn is_general(&self, national: &[u8]) -> bool {
        tables::kinds(self.roots.general, national) != 0
    }

    /// What the number is for; [`Kind::Unknown`] if the plan has no such number.
    pub(crate) fn kind(&self, national: &[u8]) -> Kind {
        if !has(self.possible, national.len()) || !self.is_general(national) {
            return Kind::Unknown;
        }
        Kinds::of(tables::kinds(self.roots.kinds, national)).kind()
    }

    /// Whether there can be a number of this many digits.
    pub(crate) const fn possibility(&self, digits: usize) -> Possibility {
        if has(self.local_only, digits) {
            Possibility::LocalOnly
        } else if has(self.possible, digits) {
            Possibility::Possible
        } else if digits < self.possible.trailing_zeros() as usize {
            Possibility::TooShort
        } else if digits >= (u32::BITS - self.possible.leading_zeros()) as usize {
            Possibility::TooLong
        } else {
            Possibility::InvalidLength
        }
    }
}

/// Whether a set of lengths has this one.
pub(crate) const fn has(lengths: u32, length: usize) -> bool {
    length < u32::BITS as usize && lengths >> length & 1 == 1
}
