//! What a platform told of its opening hours: as it is kept in the database, and as hours.

use serde::{Deserialize, Serialize};

use jiff::tz::TimeZone;
use patchcord_core::provider::opening::{Blocked, BusinessHours, Calendar, WEEK, WeekRange};

use super::local::{DAY, Day, Minute, Span};
use super::{Closure, Hours, Week};
use crate::clock::Millis;

/// Which opening hours of which account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The name of the account.
    pub account: String,
    /// The platform's id of the opening times.
    pub business_hours: String,
    /// The platform's ids of the calendars of times when it is closed all the same.
    pub calendars: Vec<String>,
}

impl Place {
    /// As it stands in the database.
    pub fn key(&self) -> String {
        serde_json::json!([self.account, self.business_hours, self.calendars]).to_string()
    }
}

/// What was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// What people there call the opening times.
    pub name: Option<String>,
    /// The IANA time zone.
    pub zone: String,
    /// Parts of the week, in minutes since Monday began; one that ends before it begins goes on into the next week.
    ranges: Vec<Minutes>,
    /// The calendars.
    pub calendars: Vec<Closed>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Minutes {
    from: u16,
    to: u16,
}

/// A calendar that was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// The platform's id.
    pub id: String,
    /// What people there call it.
    pub name: Option<String>,
    /// Whether the platform goes by it. If not, its dates do not count here either.
    pub enabled: bool,
    dates: Vec<ClosedAt>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ClosedAt {
    label: Option<String>,
    from: Millis,
    until: Millis,
}

/// A platform names a zone that this relay does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no time zone that this relay knows")]
pub struct UnknownZone(String);

impl Told {
    /// Of what the platform has.
    pub fn of(
        hours: BusinessHours,
        ranges: &[WeekRange],
        calendars: Vec<(Calendar, Vec<Blocked>)>,
    ) -> Self {
        let minutes = ranges.iter().map(|range| Minutes {
            from: range.from.minutes(),
            to: range.to.minutes(),
        });
        Self {
            name: hours.name,
            zone: hours.zone,
            ranges: minutes.collect(),
            calendars: calendars.into_iter().map(closed).collect(),
        }
    }

    /// As hours.
    ///
    /// # Errors
    /// A zone that is not known.
    pub fn hours(&self) -> Result<Hours, UnknownZone> {
        let zone = TimeZone::get(&self.zone).map_err(|_| UnknownZone(self.zone.clone()))?;
        let hours = Hours::new(
            zone,
            week(&self.ranges),
            Default::default(),
            Default::default(),
        );
        let counting = self.calendars.iter().filter(|calendar| calendar.enabled);
        let closures = counting.flat_map(|calendar| &calendar.dates);
        Ok(hours.closed_at(
            closures
                .map(|date| Closure {
                    label: date.label.clone(),
                    time: date.from..date.until,
                })
                .collect(),
        ))
    }
}

fn closed((calendar, dates): (Calendar, Vec<Blocked>)) -> Closed {
    let millis = |at: u64| Millis::try_from(at).unwrap_or(Millis::MAX);
    Closed {
        id: calendar.id,
        name: calendar.name,
        enabled: calendar.enabled,
        dates: dates
            .into_iter()
            .map(|date| ClosedAt {
                label: date.label,
                from: millis(date.from),
                until: millis(date.until),
            })
            .collect(),
    }
}

/// Each day's share of the ranges: they are cut at midnight.
fn week(ranges: &[Minutes]) -> Week {
    let mut days: [Vec<Span>; 7] = Default::default();
    for range in ranges {
        let until = if range.to < range.from {
            range.to + WEEK
        } else {
            range.to
        };
        let mut from = range.from;
        while from < until {
            let midnight = (from / DAY + 1) * DAY;
            let to = until.min(midnight);
            let minute = |at: u16| Minute::new(at - (midnight - DAY));
            let span = minute(from).zip(minute(to));
            let span = span.and_then(|(from, to)| Span::new(from, to));
            if let Some(day) = days.get_mut(usize::from(from / DAY % 7)) {
                day.extend(span);
            }
            from = to;
        }
    }
    days.map(Day::covering)
}

#[cfg(test)]
mod tests;
