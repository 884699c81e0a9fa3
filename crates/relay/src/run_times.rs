//! When a platform's schedule is due, by the clock of its zone.
//!
//! Moments are looked at, not times of day: a time that the clocks leave out is left out, one that they repeat comes
//! twice. The platform says no more about it than that this may be ("a skip or a repeat").

use jiff::Timestamp;
use jiff::tz::TimeZone;
use jiff::{ToSpan, ZonedDateTime};
use patchcord_core::provider::tasks::{Cron, Zone};

use crate::clock::Millis;

/// How many days ahead are looked at: past the next 29 February, also over a century without one.
const AHEAD: usize = 3_000;

/// The zone of this name; `None` where the database has none.
pub fn zone(name: &Zone) -> Option<TimeZone> {
    TimeZone::get(name.as_str()).ok()
}

/// Up to `most` times after `after` at which it is due. Fewer where there are no more in the next eight years.
pub fn next(cron: &Cron, zone: &TimeZone, after: Millis, most: usize) -> Vec<ZonedDateTime> {
    let mut found: Vec<ZonedDateTime> = Vec::new();
    let mut at = Timestamp::from_millisecond(after).ok();
    while let Some(time) = at.filter(|_| found.len() < most) {
        let next = following(cron, zone, time);
        at = next.as_ref().map(ZonedDateTime::timestamp);
        found.extend(next);
    }
    found
}

fn following(cron: &Cron, zone: &TimeZone, after: Timestamp) -> Option<ZonedDateTime> {
    let second = after.as_second().checked_add(1)?;
    let from = Timestamp::from_second(second).ok()?;
    let mut at = from.to_zoned_datetime(zone.clone());
    for _ in 0..AHEAD {
        let tomorrow = at.start_of_day().ok()?.checked_add(1.day()).ok()?;
        if is_on(cron, &at)
            && let Some(found) = within(cron, at, &tomorrow)
        {
            return Some(found);
        }
        at = tomorrow;
    }
    None
}

fn is_on(cron: &Cron, at: &ZonedDateTime) -> bool {
    let weekday = at.weekday().to_sunday_zero_offset();
    match (
        at.month().try_into(),
        at.day().try_into(),
        weekday.try_into(),
    ) {
        (Ok(month), Ok(day), Ok(weekday)) => cron.on(at.year(), month, day, weekday),
        _ => false,
    }
}

/// The first time from `from` until `end`, which are on one day.
fn within(cron: &Cron, from: ZonedDateTime, end: &ZonedDateTime) -> Option<ZonedDateTime> {
    let mut at = from;
    while at < *end {
        let (hour, minute) = (at.hour().try_into().ok()?, at.minute().try_into().ok()?);
        let second: u8 = at.second().try_into().ok()?;
        let due = cron.second_from(second).filter(|_| cron.at(hour, minute));
        match due {
            Some(due) => return at.checked_add(i64::from(due - second).seconds()).ok(),
            None => at = at.checked_add(i64::from(60 - second).seconds()).ok()?,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(cron: &str, name: &str, after: &str, most: usize) -> Vec<String> {
        let zone = zone(&Zone::parse(name).unwrap()).unwrap();
        let after: Timestamp = after.parse().unwrap();
        next(
            &Cron::parse(cron).unwrap(),
            &zone,
            after.as_millisecond(),
            most,
        )
        .iter()
        .map(|at| at.strftime("%a %d %b %H:%M:%S %:z").to_string())
        .collect()
    }

    #[test]
    fn a_schedule_goes_by_the_clock_on_the_wall_when_the_clocks_change() {
        let days = times(
            "0 9 * * MON-FRI",
            "Europe/Berlin",
            "2026-10-23T12:00:00Z",
            2,
        );
        assert_eq!(
            days,
            ["Mon 26 Oct 09:00:00 +01:00", "Tue 27 Oct 09:00:00 +01:00"]
        );
        let skipped = times("30 2 * * *", "Europe/Berlin", "2027-03-27T00:00:00Z", 2);
        assert_eq!(
            skipped,
            ["Sat 27 Mar 02:30:00 +01:00", "Mon 29 Mar 02:30:00 +02:00"]
        );
        let twice = times("30 2 * * *", "Europe/Berlin", "2026-10-24T20:00:00Z", 3);
        assert_eq!(
            twice,
            [
                "Sun 25 Oct 02:30:00 +02:00",
                "Sun 25 Oct 02:30:00 +01:00",
                "Mon 26 Oct 02:30:00 +01:00"
            ]
        );
    }

    #[test]
    fn what_is_never_due_has_no_times() {
        assert!(times("0 0 31 2 *", "UTC", "2026-11-26T00:00:00Z", 3).is_empty());
        let leap = times("0 0 29 2 *", "UTC", "2026-11-26T00:00:00Z", 1);
        assert_eq!(leap, ["Tue 29 Feb 00:00:00 +00:00"]);
        let years = times("5,40 0 0 1 1 ? 2028", "UTC", "2026-11-26T00:00:00Z", 3);
        assert_eq!(
            years,
            ["Sat 01 Jan 00:00:05 +00:00", "Sat 01 Jan 00:00:40 +00:00"]
        );
        assert!(zone(&Zone::parse("Europe/Atlantis").unwrap()).is_none());
    }
}
