//! A numbering plan: what the tables give for a region, or for a country code of no region.

use crate::kind::{Kind, Kinds, Possibility};
use crate::pattern::Beginning;
use crate::region::Region;
use crate::tables::{self, Formats, or, usual};

/// One numbering plan.
pub(crate) struct Plan {
    /// Its place among all plans.
    pub(crate) place: usize,
    /// The country code.
    pub(crate) country_code: u16,
    /// The region; none for a plan of no country (+800 …).
    pub(crate) region: Option<Region>,
    /// The cells of its line in the table.
    pub(crate) cells: [Beginning; 6],
    /// The lengths of numbers that can be dialled within an area only, a bit each.
    pub(crate) local_only: u32,
    /// The lines of its formats, and what follows them.
    pub(crate) formats: Formats,
}

/// How some of a plan's numbers are written: the cells of its line in the table.
#[derive(Clone, Copy)]
pub(crate) struct Format(pub(crate) [&'static [u8]; 5]);

impl Format {
    /// The pattern of a whole number, its groups.
    pub(crate) const fn pattern(&self) -> &'static [u8] {
        let [pattern, ..] = self.0;
        pattern
    }

    /// The pattern of the first digits; empty for all.
    pub(crate) const fn leading(&self) -> &'static [u8] {
        let [_, leading, ..] = self.0;
        leading
    }

    /// The groups with what is between them: `$1 $2`.
    pub(crate) fn template(&self) -> &'static [u8] {
        let [pattern, _, template, ..] = self.0;
        or(template, usual(pattern))
    }

    /// What the first group becomes in the national form (`0$1`); empty where nothing is put before it.
    pub(crate) fn national_rule(&self) -> &'static [u8] {
        let [.., rule, _] = self.0;
        rule.strip_suffix(b"?").unwrap_or(rule)
    }

    /// The number is also written without its national prefix.
    #[cfg(feature = "find")]
    pub(crate) fn national_prefix_optional(&self) -> bool {
        let [.., rule, _] = self.0;
        rule.ends_with(b"?")
    }

    /// The groups in the international form; none where the format is for the national form only.
    pub(crate) fn international(&self) -> Option<&'static [u8]> {
        let [.., template] = self.0;
        match template {
            b"" => Some(self.template()),
            b"-" => None,
            b"+" => Some(usual(self.pattern())),
            template => Some(template),
        }
    }
}

impl Plan {
    /// How numbers are written; the first that fits.
    pub(crate) fn formats(&self) -> Formats {
        self.formats.clone()
    }

    /// What is dialled before a country code.
    pub(crate) fn international_prefix(&self) -> &Beginning {
        let [prefix, ..] = &self.cells;
        if prefix.pattern.is_empty() {
            &Beginning::USUAL_ABROAD
        } else {
            prefix
        }
    }

    /// What is dialled before a number within the country, for people to read; may be empty.
    pub(crate) const fn national_prefix(&self) -> &'static [u8] {
        let [_, prefix, ..] = &self.cells;
        prefix.pattern
    }

    /// What may precede a national number: the prefix, a carrier code; may be empty.
    pub(crate) fn national_prefix_for_parsing(&self) -> &Beginning {
        let [_, prefix, parsing, ..] = &self.cells;
        if parsing.pattern.is_empty() {
            prefix
        } else {
            parsing
        }
    }

    /// What the match of that is replaced by (`$1` is its first group); nothing, where it is empty.
    pub(crate) const fn transform(&self) -> &'static [u8] {
        let [.., transform, _, _] = &self.cells;
        transform.pattern
    }

    /// The first digits of all numbers, where regions that share a country code have some.
    pub(crate) const fn leading_digits(&self) -> &Beginning {
        let [.., leading, _] = &self.cells;
        leading
    }

    /// What stands before an extension.
    pub(crate) fn extension_prefix(&self) -> &'static [u8] {
        let [.., prefix] = &self.cells;
        or(prefix.pattern, b" ext. ")
    }

    /// Whether the general pattern matches, whatever the length.
    pub(crate) fn is_general(&self, national: &[u8]) -> bool {
        tables::numbers().is_general(self, national)
    }

    /// What the number is for; [`Kind::Unknown`] if the plan has no such number.
    pub(crate) fn kind(&self, national: &[u8]) -> Kind {
        Kinds::of(tables::numbers().kinds(self, national)).kind()
    }

    /// Whether there can be a number of this many digits.
    pub(crate) fn possibility(&self, digits: usize) -> Possibility {
        let possible = tables::numbers().lengths(self);
        if has(self.local_only, digits) {
            Possibility::LocalOnly
        } else if has(possible, digits) {
            Possibility::Possible
        } else if digits < possible.trailing_zeros() as usize {
            Possibility::TooShort
        } else if digits >= (u32::BITS - possible.leading_zeros()) as usize {
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
