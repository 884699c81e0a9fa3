//! A business's opening hours, in its own time zone.
//!
//! What is written in local time is turned into moments by one rule, also on the days on which the clocks
//! change: a local time that does not exist is moved forward by as much as the clocks are, and of one that
//! exists twice the first is meant. So on the last Sunday of March in Berlin 02:30 is 03:30, and on the last
//! Sunday of October `02:00-03:00` is two hours long. A span that would then end before it begins is left out
//! on that day. An opening never crosses midnight; write `22:00-24:00` and, for the next day, `00:00-02:00`.
//!
//! They stand in the configuration, or come from a platform ([`source`]) that is asked now and then ([`follow()`]).

mod follow;
pub mod local;
pub mod platform;
pub mod quiet;
pub mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;

use crate::clock::Millis;
use local::{Day, Holiday, Minute, SlotLength, Span};

pub use follow::{Trouble, follow, load, read};

const MINUTE: Millis = 60 * 1000;
/// How far ahead an opening is looked for.
const AHEAD: Millis = 366 * 24 * 60 * MINUTE;

/// When a business is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    zone: TimeZone,
    week: Week,
    holidays: BTreeSet<Holiday>,
    exceptions: BTreeMap<Date, Day>,
    closures: Vec<Closure>,
}

/// A time in which it is closed, whatever the week says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closure {
    /// What people call it.
    pub label: Option<String>,
    /// From its first moment to the first one after it.
    pub time: Range<Millis>,
}

/// The days of an ordinary week, from Monday.
pub type Week = [Day; 7];

/// The number of a weekday in a [`Week`].
pub fn place(weekday: Weekday) -> usize {
    usize::try_from(weekday.to_monday_zero_offset()).unwrap_or_default()
}

impl Hours {
    /// Of an ordinary week, the dates that are closed, and those with hours of their own, which win.
    pub const fn new(
        zone: TimeZone,
        week: Week,
        holidays: BTreeSet<Holiday>,
        exceptions: BTreeMap<Date, Day>,
    ) -> Self {
        Self {
            zone,
            week,
            holidays,
            exceptions,
            closures: Vec::new(),
        }
    }

    /// The same, but closed at these times.
    pub fn closed_at(mut self, mut closures: Vec<Closure>) -> Self {
        closures.retain(|closure| !closure.time.is_empty());
        closures.sort_by_key(|closure| closure.time.start);
        self.closures = closures;
        self
    }

    /// Always open; counted in UTC.
    pub fn around_the_clock() -> Self {
        let week = std::array::from_fn(|_| Day::whole());
        Self::new(TimeZone::UTC, week, BTreeSet::new(), BTreeMap::new())
    }

    /// The IANA name of the zone.
    pub fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The days of an ordinary week.
    pub const fn week(&self) -> &Week {
        &self.week
    }

    /// The dates that are closed.
    pub const fn holidays(&self) -> &BTreeSet<Holiday> {
        &self.holidays
    }

    /// The dates with hours of their own.
    pub const fn exceptions(&self) -> &BTreeMap<Date, Day> {
        &self.exceptions
    }

    /// The times when it is closed whatever the week says, the earliest first.
    pub fn closures(&self) -> &[Closure] {
        &self.closures
    }

    /// The date at this moment, by the local calendar.
    pub fn today(&self, at: Millis) -> Option<Date> {
        self.date(at)
    }

    /// Whether it is open at this moment. The last moment of an opening is no more part of it.
    pub fn is_open(&self, at: Millis) -> bool {
        self.dates_around(at, at)
            .any(|date| self.openings(date).any(|opening| opening.contains(&at)))
    }

    /// The first moment from `at` on at which it is open, `at` itself where it is open then; `None` where it
    /// stays closed for a year.
    pub fn next_open(&self, at: Millis) -> Option<Millis> {
        // By the day and not by the span: where the clocks go forward, a later span may begin earlier.
        self.dates_around(at, at.saturating_add(AHEAD))
            .find_map(|date| {
                self.openings(date)
                    .filter(|opening| opening.end > at)
                    .map(|opening| opening.start.max(at))
                    .min()
            })
    }

    /// The times from `from` to before `until` at which something of this length can begin and be over before
    /// it closes, in order.
    ///
    /// They are counted from the beginning of each opening by the local clock, so that they stay at the full
    /// hour on days on which the clocks change, and each time of day is offered once.
    pub fn slots(&self, from: Millis, until: Millis, length: SlotLength) -> BTreeSet<Millis> {
        let step = length.minutes();
        let real = Millis::from(step) * MINUTE;
        let mut slots = BTreeSet::new();
        for date in self.dates_around(from, until) {
            for span in self.day(date).spans() {
                let Some(opening) = self.opening(date, *span) else {
                    continue;
                };
                let pieces = self.without_closures(opening);
                let fits = |at: Millis, end| {
                    pieces
                        .iter()
                        .any(|piece| piece.contains(&at) && end <= piece.end)
                };
                let begins = (span.from().minutes()..span.to().minutes()).step_by(step.into());
                slots.extend(
                    begins
                        .filter_map(Minute::new)
                        .filter_map(|begin| self.moment(date, begin))
                        .filter(|at| fits(*at, at.saturating_add(real)))
                        .filter(|at| (from..until).contains(at)),
                );
            }
        }
        slots
    }

    fn day(&self, date: Date) -> &Day {
        static CLOSED: Day = Day::CLOSED;
        if let Some(day) = self.exceptions.get(&date) {
            return day;
        }
        if self.holidays.iter().any(|holiday| holiday.is_on(date)) {
            return &CLOSED;
        }
        self.week.get(place(date.weekday())).unwrap_or(&CLOSED)
    }

    fn openings(&self, date: Date) -> impl Iterator<Item = Range<Millis>> {
        self.day(date)
            .spans()
            .iter()
            .filter_map(move |span| self.opening(date, *span))
            .flat_map(|opening| self.without_closures(opening))
    }

    /// What is left of an opening, in order.
    fn without_closures(&self, opening: Range<Millis>) -> Vec<Range<Millis>> {
        let mut pieces = Vec::new();
        let mut start = opening.start;
        for Closure { time, .. } in &self.closures {
            if time.start >= opening.end {
                break;
            }
            if time.end <= start {
                continue;
            }
            if time.start > start {
                pieces.push(start..time.start);
            }
            start = time.end;
        }
        if start < opening.end {
            pieces.push(start..opening.end);
        }
        pieces
    }

    fn opening(&self, date: Date, span: Span) -> Option<Range<Millis>> {
        let opening = self.moment(date, span.from())?..self.moment(date, span.to())?;
        (!opening.is_empty()).then_some(opening)
    }

    /// The moment of a local time, by the rule above.
    fn moment(&self, date: Date, minute: Minute) -> Option<Millis> {
        let local = minute.on(date)?;
        Some(self.zone.to_timestamp(local).ok()?.as_millisecond())
    }

    /// The local dates that may have an opening between two moments. Nothing beyond the calendar.
    fn dates_around(&self, from: Millis, until: Millis) -> impl Iterator<Item = Date> {
        let first = self.date(from).and_then(|date| date.yesterday().ok());
        let last = self.date(until).and_then(|date| date.tomorrow().ok());
        std::iter::successors(first, |date| date.tomorrow().ok())
            .take_while(move |date| last.is_some_and(|last| *date <= last))
    }

    fn date(&self, at: Millis) -> Option<Date> {
        Some(self.local(at)?.date())
    }

    /// This moment by the local clock. `None` beyond the calendar.
    pub fn local(&self, at: Millis) -> Option<DateTime> {
        let at = Timestamp::from_millisecond(at).ok()?;
        Some(self.zone.to_datetime(at))
    }
}

#[cfg(test)]
mod tests;
