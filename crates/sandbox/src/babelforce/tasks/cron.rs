//! When a schedule is due: fields of cron, by the clock of a time zone.
//!
//! Nothing is published about the syntax. Inferred: five fields, or six and seven with seconds
//! first and years last, as the program has them from which the text about time zones is known;
//! with these, weekdays as numbers count from 1, a Sunday. A time that the clocks leave out is left
//! out, one that they repeat comes twice ("the time shift can cause a skip or a repeat").

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use jiff::{ToSpan, ZonedDateTime};

use crate::exchange::Millis;

/// How many days ahead are looked at: past the next leap day, also over a century without one.
const AHEAD: usize = 3_000;

pub(super) struct Cron {
    seconds: BTreeSet<i16>,
    minutes: BTreeSet<i16>,
    hours: BTreeSet<i16>,
    days: Option<BTreeSet<i16>>,
    months: BTreeSet<i16>,
    /// From 0, a Sunday.
    weekdays: Option<BTreeSet<i16>>,
    years: Option<BTreeSet<i16>>,
}

const MONTHS: &str = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC";
const WEEKDAYS: &str = "SUN MON TUE WED THU FRI SAT";

impl Cron {
    pub fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let with_seconds = fields.len() > 5;
        let mut fields = fields.into_iter();
        let seconds = match with_seconds {
            true => set(fields.next()?, 0, 59, "")?,
            false => BTreeSet::from([0]),
        };
        let minutes = set(fields.next()?, 0, 59, "")?;
        let hours = set(fields.next()?, 0, 23, "")?;
        let days = open(fields.next()?, |text| set(text, 1, 31, ""))?;
        let months = set(fields.next()?, 1, 12, MONTHS)?;
        let weekdays = open(fields.next()?, |text| {
            let (first, last) = if with_seconds { (1, 7) } else { (0, 7) };
            let all = set(text, first, last, WEEKDAYS)?;
            Some(all.into_iter().map(|day| (day - first) % 7).collect())
        })?;
        let years = match fields.next() {
            Some(text) => open(text, |text| set(text, 1970, 2199, ""))?,
            None => None,
        };
        fields.next().is_none().then_some(Self {
            seconds,
            minutes,
            hours,
            days,
            months,
            weekdays,
            years,
        })
    }

    /// The first time after `now` at which it is due, by the clock of `zone`; `None` for never.
    pub fn next(&self, now: Millis, zone: &TimeZone) -> Option<Millis> {
        let now = i64::try_from(now).ok()?;
        let now = Timestamp::from_millisecond(now).ok()?;
        let second = now.as_second().checked_add(1)?;
        let mut at = Timestamp::from_second(second)
            .ok()?
            .to_zoned_datetime(zone.clone());
        for _ in 0..AHEAD {
            let tomorrow = at.start_of_day().ok()?.checked_add(1.day()).ok()?;
            if self.is_on(&at)
                && let Some(found) = self.within(at, &tomorrow)
            {
                return u64::try_from(found.timestamp().as_millisecond()).ok();
            }
            at = tomorrow;
        }
        None
    }

    fn is_on(&self, at: &ZonedDateTime) -> bool {
        let day = self
            .days
            .as_ref()
            .map(|days| days.contains(&i16::from(at.day())));
        let weekday = i16::from(at.weekday().to_sunday_zero_offset());
        let weekday = self.weekdays.as_ref().map(|days| days.contains(&weekday));
        let fits = match (day, weekday) {
            // Of both, one has to fit.
            (Some(day), Some(weekday)) => day || weekday,
            (one, other) => one.or(other).unwrap_or(true),
        };
        let years = self.years.as_ref();
        fits && self.months.contains(&i16::from(at.month()))
            && years.is_none_or(|years| years.contains(&at.year()))
    }

    /// Moment by moment, so that a day on which the clocks change has those that it has.
    fn within(&self, from: ZonedDateTime, end: &ZonedDateTime) -> Option<ZonedDateTime> {
        let mut at = from;
        while at < *end {
            let minute = self.hours.contains(&i16::from(at.hour()))
                && self.minutes.contains(&i16::from(at.minute()));
            let second = i16::from(at.second());
            let next = self.seconds.range(second..).next().filter(|_| minute);
            match next {
                Some(next) => return at.checked_add((next - second).seconds()).ok(),
                None => at = at.checked_add((60 - second).seconds()).ok()?,
            }
        }
        None
    }
}

/// `*` and `?` for any.
fn open(text: &str, read: impl Fn(&str) -> Option<BTreeSet<i16>>) -> Option<Option<BTreeSet<i16>>> {
    match text {
        "*" | "?" => Some(None),
        text => read(text).map(Some),
    }
}

fn set(text: &str, first: i16, last: i16, words: &str) -> Option<BTreeSet<i16>> {
    let number = |text: &str| {
        let mut words = words.split(' ').filter(|word| !word.is_empty());
        let place = words.position(|word| word.eq_ignore_ascii_case(text));
        let number = match place {
            Some(place) => first.checked_add(i16::try_from(place).ok()?)?,
            None => {
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                digits.then(|| text.parse().ok()).flatten()?
            }
        };
        (first..=last).contains(&number).then_some(number)
    };
    let mut all = BTreeSet::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<usize>().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (first, last),
            Some((from, to)) => (number(from)?, number(to)?),
            None if part.contains('/') => (number(range)?, last),
            None => (number(range)?, number(range)?),
        };
        if from > to {
            return None;
        }
        all.extend((from..=to).step_by(step));
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The times at which a schedule is due after another, as they are written there.
    fn times(cron: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
        let zone = TimeZone::get(zone).unwrap();
        let cron = Cron::parse(cron).unwrap();
        let after: Timestamp = after.parse().unwrap();
        let mut now = u64::try_from(after.as_millisecond()).unwrap();
        let mut found = Vec::new();
        while found.len() < count {
            let Some(next) = cron.next(now, &zone) else {
                break;
            };
            let at = Timestamp::from_millisecond(i64::try_from(next).unwrap()).unwrap();
            found.push(
                at.to_zoned_datetime(zone.clone())
                    .strftime("%a %d %b %H:%M:%S %:z")
                    .to_string(),
            );
            now = next;
        }
        found
    }

    #[test]
    fn a_schedule_goes_by_the_clock_on_the_wall() {
        assert_eq!(
            times(
                "0 9 * * MON-FRI",
                "Europe/Berlin",
                "2026-10-23T12:00:00Z",
                2
            ),
            ["Mon 26 Oct 09:00:00 +01:00", "Tue 27 Oct 09:00:00 +01:00"]
        );
        assert_eq!(
            times("0 9 * * *", "UTC", "2026-11-26T09:00:00Z", 1),
            ["Fri 27 Nov 09:00:00 +00:00"],
            "not a second time at the same moment"
        );
    }

    #[test]
    fn an_hour_that_the_clocks_leave_out_is_left_out_and_one_that_comes_twice_is_due_twice() {
        assert_eq!(
            times("30 2 * * *", "Europe/Berlin", "2027-03-27T00:00:00Z", 2),
            ["Sat 27 Mar 02:30:00 +01:00", "Mon 29 Mar 02:30:00 +02:00"]
        );
        assert_eq!(
            times("30 2 * * *", "Europe/Berlin", "2026-10-24T20:00:00Z", 3),
            [
                "Sun 25 Oct 02:30:00 +02:00",
                "Sun 25 Oct 02:30:00 +01:00",
                "Mon 26 Oct 02:30:00 +01:00"
            ]
        );
    }

    #[test]
    fn seconds_years_and_rare_days_are_found() {
        assert_eq!(
            times("10,40 0 12 ? * 2-6", "UTC", "2026-11-27T12:00:10Z", 2),
            ["Fri 27 Nov 12:00:40 +00:00", "Mon 30 Nov 12:00:10 +00:00"]
        );
        assert_eq!(
            times("0 0 29 2 *", "UTC", "2026-11-26T00:00:00Z", 1),
            ["Tue 29 Feb 00:00:00 +00:00"]
        );
        assert!(times("0 0 31 2 *", "UTC", "2026-11-26T00:00:00Z", 1).is_empty());
        assert!(times("0 0 0 1 1 ? 2020", "UTC", "2026-11-26T00:00:00Z", 1).is_empty());
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "* * * *",
            "60 * * * *",
            "* * * * FUN",
            "*/0 * * * *",
            "5-1 * * * *",
            "* * * * * * * *",
            "a * * * *",
        ] {
            assert!(Cron::parse(text).is_none(), "{text}");
        }
    }
}
