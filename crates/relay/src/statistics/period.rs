//! Which days are counted: whole ones, by the clock of the zone that the admin pages tell the time in.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use patchcord_core::error::Code;

use crate::clock::Millis;
use crate::http::problem::Problem;

/// The most days at once.
pub const MOST_DAYS: i32 = 31;
/// The years that are taken: within them every day has an end that can be told.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=9000;

/// A first and a last day, both whole. On the days on which clocks change a day has 23 or 25 hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    from: Date,
    to: Date,
    zone: TimeZone,
}

impl Period {
    /// From `from` to `to`, written as `2026-11-26`. One of them alone is that one day, none is today.
    ///
    /// # Errors
    /// [`Code::InvalidField`] for what is no date, for days in the wrong order, and for more than [`MOST_DAYS`].
    pub fn read(from: &str, to: &str, zone: &TimeZone, now: Millis) -> Result<Self, Problem> {
        let today = local(zone, now).map_or(Date::ZERO, |at| at.date());
        let (first, last) = (date("from", from)?, date("to", to)?);
        let from = first.or(last).unwrap_or(today);
        let to = last.unwrap_or(from);
        if to < from {
            return Err(refused("to", "`to` is a day before `from`."));
        }
        let period = Self {
            from,
            to,
            zone: zone.clone(),
        };
        if period.days() > MOST_DAYS {
            let detail = format!("`from` and `to` are more than {MOST_DAYS} days apart.");
            return Err(refused("to", &detail).with_remedy("Ask for one month after the other."));
        }
        Ok(period)
    }

    /// The last so many days, today included.
    pub fn last(days: i32, zone: &TimeZone, now: Millis) -> Self {
        let to = local(zone, now).map_or(Date::ZERO, |at| at.date());
        let from = to.checked_sub((days - 1).days()).unwrap_or(to);
        Self {
            from,
            to,
            zone: zone.clone(),
        }
    }

    /// Yesterday.
    pub fn yesterday(zone: &TimeZone, now: Millis) -> Self {
        let today = local(zone, now).map_or(Date::ZERO, |at| at.date());
        let day = today.yesterday().unwrap_or(today);
        Self {
            from: day,
            to: day,
            zone: zone.clone(),
        }
    }

    /// The first day.
    pub const fn from(&self) -> Date {
        self.from
    }

    /// The last day.
    pub const fn to(&self) -> Date {
        self.to
    }

    /// The zone's IANA name.
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// How many days.
    pub fn days(&self) -> i32 {
        self.from
            .until(self.to)
            .map_or(i32::MAX, |span| span.get_days())
            + 1
    }

    /// When the first day begins.
    pub fn begins(&self) -> Millis {
        midnight(self.from, &self.zone)
    }

    /// When the last day is over.
    pub fn ends(&self) -> Millis {
        self.to
            .tomorrow()
            .map_or(Millis::MAX, |day| midnight(day, &self.zone))
    }

    /// The hour that a clock shows then, 0 to 23. An hour that is there twice is one.
    pub fn hour(&self, at: Millis) -> usize {
        local(&self.zone, at)
            .and_then(|at| usize::try_from(at.hour()).ok())
            .unwrap_or_default()
    }
}

fn date(field: &'static str, text: &str) -> Result<Option<Date>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let like_a_date = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let date = text.parse::<Date>().ok();
    date.filter(|date| like_a_date && YEARS.contains(&date.year()))
        .map(Some)
        .ok_or_else(|| {
            refused(field, &format!("`{field}` is no date."))
                .with_remedy("Write year, month and day, as 2026-11-26.")
        })
}

fn refused(field: &'static str, detail: &str) -> Problem {
    Problem::of(Code::InvalidField, field, detail)
}

fn local(zone: &TimeZone, at: Millis) -> Option<jiff::civil::DateTime> {
    let at = Timestamp::from_millisecond(at).ok()?;
    Some(zone.to_datetime(at))
}

/// When a day begins: where clocks are put forward at midnight, later than at 00:00.
fn midnight(day: Date, zone: &TimeZone) -> Millis {
    zone.to_timestamp(day.at(0, 0, 0, 0))
        .map_or(Millis::MAX, Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: Millis = 60 * 60 * 1000;
    const ZONES: [&str; 6] = [
        "UTC",
        "Europe/Berlin",
        "America/Santiago",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Asia/Beirut",
    ];

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn berlin(from: &str, to: &str) -> Period {
        Period::read(from, to, &zone("Europe/Berlin"), 0).unwrap()
    }

    #[test]
    fn a_day_on_which_clocks_change_has_23_or_25_hours() {
        for (day, hours) in [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-26", 24)] {
            let period = berlin(day, day);
            assert_eq!(period.ends() - period.begins(), hours * HOUR, "{day}");
            assert_eq!(period.days(), 1);
        }
        let month = berlin("2026-10-01", "2026-10-31");
        assert_eq!(month.ends() - month.begins(), (31 * 24 + 1) * HOUR);
    }

    #[test]
    fn what_is_left_out_is_today_or_the_same_day() {
        let now = 1_795_476_123_456; // 2026-11-23 in Berlin
        let read = |from, to| {
            let period = Period::read(from, to, &zone("Europe/Berlin"), now).unwrap();
            (period.from().to_string(), period.to().to_string())
        };
        let day = |day: &str| (day.to_owned(), day.to_owned());
        let today = read("", "");
        assert_eq!(today.0, today.1);
        assert_eq!(read("2026-11-01", ""), day("2026-11-01"));
        assert_eq!(read("", "2026-11-01"), day("2026-11-01"));
        let week = Period::last(7, &zone("Europe/Berlin"), now);
        assert_eq!((week.days(), week.to().to_string()), (7, today.0));
        let before = Period::yesterday(&zone("Europe/Berlin"), now);
        assert_eq!(
            before.ends(),
            Period::last(1, &zone("Europe/Berlin"), now).begins()
        );
    }

    #[test]
    fn what_is_no_period_is_refused_with_its_field() {
        for (from, to, field) in [
            ("today", "", "from"),
            ("2026-11-26T00:00", "", "from"),
            ("2026-02-30", "", "from"),
            ("20261126", "", "from"),
            ("9999-12-31", "", "from"),
            ("", "1", "to"),
            ("2026-11-26", "2026-11-25", "to"),
            ("2026-10-01", "2026-11-01", "to"),
        ] {
            let problem = Period::read(from, to, &TimeZone::UTC, 0).unwrap_err();
            assert_eq!(problem.code(), Code::InvalidField);
            assert_eq!(problem.field(), Some(field), "{from} {to}");
        }
    }

    proptest! {
        #[test]
        fn periods_meet_without_gap_and_every_moment_is_in_one_hour_of_its_day(
            nth in 0..ZONES.len(), day in 0_i64..20_000, length in 0_i64..31, part in 0.0..1.0_f64,
        ) {
            let zone = zone(ZONES[nth]);
            let first = Date::constant(1990, 1, 1).checked_add(day.days()).unwrap();
            let last = first.checked_add(length.days()).unwrap();
            let period = Period::read(&first.to_string(), &last.to_string(), &zone, 0).unwrap();
            let next = last.tomorrow().unwrap().to_string();
            prop_assert_eq!(i64::from(period.days()), length + 1);
            prop_assert_eq!(period.ends(), Period::read(&next, "", &zone, 0).unwrap().begins());
            let hours = (period.ends() - period.begins()) / HOUR;
            prop_assert!((hours - (length + 1) * 24).abs() <= 1);
            let at = period.begins() + ((period.ends() - period.begins()) as f64 * part) as i64;
            prop_assert!(period.hour(at) < 24);
        }
    }
}
