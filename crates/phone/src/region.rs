//! Regions with a numbering plan of their own.

use core::fmt;
use core::str::FromStr;

use crate::tables;

/// A region that has a numbering plan: two capitals of ISO 3166-1, as `DE` (and a few that are reserved there, as
/// `XK` for Kosovo).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region([u8; 2]);

/// A text that names no region with a numbering plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownRegion;

impl Region {
    /// All of them: by country code, and of those that share one the main region first.
    pub fn all() -> impl Iterator<Item = Self> {
        tables::plans().iter().filter_map(|plan| plan.region)
    }

    /// A country code, and the region of [`all`](Self::all) that has it, if one does: by its place among all plans,
    /// until nothing comes behind the last.
    pub fn at(place: usize) -> Option<(Option<Self>, u16)> {
        let plan = tables::plans().get(place)?;
        Some((plan.region, plan.country_code))
    }

    /// Its letters.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Its country code, as 49; several regions may share one.
    pub fn country_code(self) -> u16 {
        tables::of_region(self).map_or(0, |plan| plan.country_code)
    }

    /// The region of two letters; the tables alone make one unchecked.
    pub(crate) const fn of(letters: [u8; 2]) -> Self {
        Self(letters)
    }

    /// Its letters, in ASCII.
    pub const fn letters(self) -> [u8; 2] {
        self.0
    }
}

impl FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(text: &str) -> Result<Self, UnknownRegion> {
        let letters: [u8; 2] = text.as_bytes().try_into().map_err(|_| UnknownRegion)?;
        letters.try_into()
    }
}

impl TryFrom<[u8; 2]> for Region {
    type Error = UnknownRegion;

    fn try_from(letters: [u8; 2]) -> Result<Self, UnknownRegion> {
        let region = Self(letters);
        tables::of_region(region)
            .map(|_| region)
            .ok_or(UnknownRegion)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for UnknownRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("This is no region with phone numbers; write two capitals (ISO 3166-1), as DE.")
    }
}

impl core::error::Error for UnknownRegion {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_two_capitals_and_has_a_country_code() {
        let germany: Region = "DE".parse().unwrap();
        assert_eq!(germany.as_str(), "DE");
        assert_eq!(germany.country_code(), 49);
        for wrong in ["", "D", "de", "DEU", "001", "ZZ", "49", "ÄÖ"] {
            assert_eq!(wrong.parse::<Region>(), Err(UnknownRegion), "{wrong}");
        }
    }

    #[test]
    fn every_region_is_read_back_and_appears_once() {
        let all: Vec<_> = Region::all().collect();
        assert_eq!(all.len(), 245);
        for region in &all {
            assert_eq!(region.as_str().parse(), Ok(*region));
            assert_eq!(all.iter().filter(|other| *other == region).count(), 1);
        }
    }
}
