//! The called party's quiet hours.
//!
//! Where somebody is can only be guessed from the number's country; an area code says nothing about a mobile
//! phone. So it is quiet as soon as it is quiet in any of the country's zones: a number of the United States
//! is called when it is neither too late in New York nor too early in Honolulu. Holidays of the called party's
//! country are not known here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use patchcord_core::number::PhoneNumber;
use patchcord_phone::Region;

use super::local::{Day, Minute, Span};
use super::{Hours, Week, place};
use crate::clock::Millis;

static COUNTRY_ZONES: &str = include_str!("../../data/country-zones.txt");

/// The names of each country's zones.
static ZONES: LazyLock<BTreeMap<Region, Vec<&str>>> = LazyLock::new(|| {
    COUNTRY_ZONES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(country, zones)| Some((country.parse().ok()?, zones.split(' ').collect())))
        .collect()
});

/// How often the search may go on from one zone to the next: each step is about half a day.
const STEPS: usize = 64;

/// When nobody is to be called, by the called party's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuietHours {
    /// The rest of each day.
    ordinary: Week,
}

/// What a moment is for somebody who may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quiet {
    /// They may be called.
    No,
    /// It is quiet; this is the first moment at which it is not.
    Until(Millis),
    /// There is no moment at which it is quiet in none of the country's zones.
    Always,
}

impl QuietHours {
    /// From one time of day to another, across midnight where the second is the earlier one, and on whole days.
    /// `None` where both times are the same, or nothing of a day is left.
    pub fn new(from: Minute, to: Minute, days: &[Weekday]) -> Option<Self> {
        let spans = if from < to {
            vec![
                Span::new(Minute::MIDNIGHT, from),
                Span::new(to, Minute::END),
            ]
        } else {
            vec![Span::new(to, from)]
        };
        let day = Day::of(spans.into_iter().flatten().collect()).ok()?;
        if from == to || day.spans().is_empty() {
            return None;
        }
        let mut ordinary: Week = std::array::from_fn(|_| day.clone());
        for weekday in days {
            if let Some(day) = ordinary.get_mut(place(*weekday)) {
                *day = Day::CLOSED;
            }
        }
        Some(Self { ordinary })
    }

    /// Whether it is quiet for this number at this moment, and for how long.
    ///
    /// A number of no country has no clock; it is always quiet there.
    pub fn at(&self, number: &PhoneNumber, at: Millis) -> Quiet {
        let country = patchcord_phone::parse(number.as_e164(), None);
        let country = country.ok().and_then(|number| number.region());
        quiet_at(&self.clocks(country), at)
    }

    /// Those of these moments at which it is not quiet for the numbers of a country.
    pub fn ordinary(&self, country: Region, moments: BTreeSet<Millis>) -> BTreeSet<Millis> {
        let clocks = self.clocks(Some(country));
        let mut quiet_until = Millis::MIN;
        let may_be_called = |at: &Millis| {
            if *at < quiet_until {
                return false;
            }
            quiet_until = match quiet_at(&clocks, *at) {
                Quiet::No => return true,
                Quiet::Until(later) => later,
                Quiet::Always => Millis::MAX,
            };
            false
        };
        moments.into_iter().filter(may_be_called).collect()
    }

    /// When it is not quiet, by each of a country's clocks.
    fn clocks(&self, country: Option<Region>) -> Vec<Hours> {
        zones_of(country)
            .into_iter()
            .map(|zone| {
                Hours::new(
                    zone,
                    self.ordinary.clone(),
                    BTreeSet::new(),
                    BTreeMap::new(),
                )
            })
            .collect()
    }
}

/// Whether it is quiet by any of these clocks, and for how long.
fn quiet_at(clocks: &[Hours], at: Millis) -> Quiet {
    let mut earliest = at;
    for _ in 0..STEPS {
        // Not before the last of the zones; by then it may be quiet again in the first.
        let Some(latest) = latest_beginning(clocks, earliest) else {
            return Quiet::Always;
        };
        if latest == earliest {
            return if latest == at {
                Quiet::No
            } else {
                Quiet::Until(latest)
            };
        }
        earliest = latest;
    }
    Quiet::Always
}

/// When it has been ordinary for each of them at least once; `None` if one never is, or there is none.
fn latest_beginning(zones: &[Hours], from: Millis) -> Option<Millis> {
    zones
        .iter()
        .map(|zone| zone.next_open(from))
        .collect::<Option<Vec<_>>>()?
        .into_iter()
        .max()
}

/// The zones of a country.
fn zones_of(country: Option<Region>) -> Vec<TimeZone> {
    country
        .and_then(|country| ZONES.get(&country))
        .into_iter()
        .flatten()
        .filter_map(|zone| TimeZone::get(zone).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{from_rfc3339, to_rfc3339};

    fn minute(text: &str) -> Minute {
        text.parse().unwrap()
    }

    fn night() -> QuietHours {
        QuietHours::new(minute("20:00"), minute("08:00"), &[Weekday::Sunday]).unwrap()
    }

    fn at(quiet: &QuietHours, number: &str, at: &str) -> String {
        match quiet.at(&number.parse().unwrap(), from_rfc3339(at).unwrap()) {
            Quiet::No => "no".into(),
            Quiet::Until(until) => to_rfc3339(until),
            Quiet::Always => "always".into(),
        }
    }

    #[test]
    fn the_night_of_a_country_with_one_zone() {
        let berlin = |text| at(&night(), "+493012345678", text);
        assert_eq!(berlin("2026-11-24T18:59:59Z"), "no");
        assert_eq!(berlin("2026-11-24T19:00:00Z"), "2026-11-25T07:00:00Z");
        assert_eq!(berlin("2026-11-25T06:59:59Z"), "2026-11-25T07:00:00Z");
        assert_eq!(berlin("2026-11-25T07:00:00Z"), "no");
        // Saturday evening, all of Sunday.
        assert_eq!(berlin("2026-11-28T19:00:00Z"), "2026-11-30T07:00:00Z");
        assert_eq!(berlin("2026-11-29T12:00:00Z"), "2026-11-30T07:00:00Z");
        // The clocks go back on the night to Sunday 2026-10-25.
        assert_eq!(berlin("2026-10-25T12:00:00Z"), "2026-10-26T07:00:00Z");
    }

    #[test]
    fn of_many_moments_those_stay_at_which_a_single_question_says_no() {
        let hour = 60 * 60 * 1000;
        let first = from_rfc3339("2026-11-27T00:00:00Z").unwrap();
        let moments: BTreeSet<Millis> = (0..120).map(|n| first + n * hour).collect();
        for (country, number) in [("DE", "+493012345678"), ("US", "+12125550123")] {
            let number = number.parse().unwrap();
            let one_by_one = moments.iter().copied();
            let one_by_one = one_by_one.filter(|at| night().at(&number, *at) == Quiet::No);
            let kept = night().ordinary(country.parse().unwrap(), moments.clone());
            assert!(!kept.is_empty() && kept.len() < moments.len());
            assert_eq!(kept, one_by_one.collect());
        }
    }

    #[test]
    fn in_a_wide_country_it_is_quiet_as_soon_as_it_is_quiet_anywhere() {
        let us = |text| at(&night(), "+12125550123", text);
        // 18:00 to 01:00 UTC: 08:00 in Honolulu to 20:00 in New York.
        assert_eq!(us("2026-11-24T18:00:00Z"), "no");
        assert_eq!(us("2026-11-24T17:59:00Z"), "2026-11-24T18:00:00Z");
        assert_eq!(us("2026-11-25T00:59:00Z"), "no");
        assert_eq!(us("2026-11-25T01:00:00Z"), "2026-11-25T18:00:00Z");
    }

    #[test]
    fn quiet_hours_that_leave_nothing_of_a_country_are_always() {
        let quiet = QuietHours::new(minute("17:00"), minute("10:00"), &[]).unwrap();
        assert_eq!(at(&quiet, "+79161234567", "2026-11-24T10:00:00Z"), "always");
        assert_eq!(at(&quiet, "+493012345678", "2026-11-24T10:00:00Z"), "no");
    }

    #[test]
    fn a_rest_at_noon_is_within_one_day() {
        let noon = QuietHours::new(minute("12:00"), minute("14:00"), &[]).unwrap();
        let berlin = |text| at(&noon, "+493012345678", text);
        assert_eq!(berlin("2026-11-24T10:59:00Z"), "no");
        assert_eq!(berlin("2026-11-24T11:00:00Z"), "2026-11-24T13:00:00Z");
        assert_eq!(berlin("2026-11-24T23:00:00Z"), "no");
        let whole = QuietHours::new(minute("00:00"), minute("24:00"), &[]);
        assert_eq!(whole, None);
        assert_eq!(QuietHours::new(minute("09:00"), minute("09:00"), &[]), None);
    }

    #[test]
    fn every_country_with_numbers_has_zones_and_every_zone_is_known() {
        for country in Region::all() {
            assert!(ZONES.contains_key(&country), "{country:?}");
        }
        for zone in ZONES.values().flatten() {
            assert!(TimeZone::get(zone).is_ok(), "{zone}");
        }
        let zones = |country: &str| &ZONES[&country.parse().unwrap()];
        assert!(zones("US").len() > 20 && zones("DE").contains(&"Europe/Berlin"));
    }

    #[test]
    fn a_satellite_phone_has_no_clock() {
        assert_eq!(
            at(&night(), "+881612345678", "2026-11-24T12:00:00Z"),
            "always"
        );
    }
}
