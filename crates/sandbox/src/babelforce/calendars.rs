//! Calendars: times when it is closed, whatever the business hours say.

use serde::Serialize;

use super::{Babelforce, Moment, Rejection, item, list, not_found, paging};
use crate::clock;
use crate::exchange::{FieldError, Reply, Request};
use crate::ids::Ids;

const DAY: u64 = 24 * 60 * 60 * 1000;
const HOUR: u64 = 60 * 60 * 1000;
/// The years that the seeded calendar is for.
const YEARS: std::ops::RangeInclusive<u64> = 2025..=2034;

#[derive(Clone)]
pub(crate) struct Calendar {
    id: &'static str,
    name: &'static str,
    time_zone: &'static str,
    enabled: bool,
    dates: Vec<Date>,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Date {
    id: String,
    label: String,
    /// As they were given.
    date_start: String,
    date_end: String,
    r#type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CalendarBody {
    id: &'static str,
    name: &'static str,
    time_zone: &'static str,
    enabled: bool,
    date_count: usize,
}

impl Calendar {
    fn body(&self) -> CalendarBody {
        CalendarBody {
            id: self.id,
            name: self.name,
            time_zone: self.time_zone,
            enabled: self.enabled,
            date_count: self.dates.len(),
        }
    }
}

/// Days of the epoch: years that begin in March, so that the leap day is the last one.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    (year * 365 + year / 4 - year / 100 + year / 400 + of_year).saturating_sub(719_468)
}

/// The last Sunday of March or October, on which the clocks change in Berlin.
fn last_sunday(year: u64, month: u64) -> u64 {
    let last = days(year, month, 31);
    // The epoch began on a Thursday.
    last - (last + 4) % 7
}

/// Easter Sunday (Gauss).
fn easter(year: u64) -> u64 {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let d = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let e = (32 + 2 * (b % 4) + 2 * (c / 4) - d - c % 4) % 7;
    let m = (a + 11 * d + 22 * e) / 451;
    let f = d + e + 114 - 7 * m;
    days(year, f / 31, f % 31 + 1)
}

/// The beginning of a day in Berlin.
fn midnight(year: u64, day: u64) -> u64 {
    let summer = last_sunday(year, 3) < day && day <= last_sunday(year, 10);
    day * DAY - if summer { 2 * HOUR } else { HOUR }
}

fn holidays(year: u64) -> [(&'static str, u64); 9] {
    let easter = easter(year);
    [
        ("Neujahr", days(year, 1, 1)),
        ("Karfreitag", easter - 2),
        ("Ostermontag", easter + 1),
        ("Tag der Arbeit", days(year, 5, 1)),
        ("Christi Himmelfahrt", easter + 39),
        ("Pfingstmontag", easter + 50),
        ("Tag der Deutschen Einheit", days(year, 10, 3)),
        ("1. Weihnachtstag", days(year, 12, 25)),
        ("2. Weihnachtstag", days(year, 12, 26)),
    ]
}

/// The holidays of all of Germany.
pub(super) fn seed() -> Vec<Calendar> {
    let of_years = YEARS.flat_map(|year| holidays(year).map(|holiday| (year, holiday)));
    let dates = of_years.map(|(year, (name, day))| Date {
        id: format!("ca{day:030}"),
        label: format!("{name} {year}"),
        date_start: clock::iso(midnight(year, day)),
        date_end: clock::iso(midnight(year, day + 1)),
        r#type: "HOLIDAY",
    });
    vec![Calendar {
        id: "6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f10",
        name: "German public holidays",
        time_zone: "Europe/Berlin",
        enabled: true,
        dates: dates.collect(),
    }]
}

impl Babelforce {
    pub(super) fn list_calendars(&self, request: &Request) -> Reply {
        paging::page(self.calendars.iter().map(Calendar::body).collect(), request)
    }

    pub(super) fn get_calendar(&self, id: &str) -> Reply {
        match self.calendars.iter().find(|calendar| calendar.id == id) {
            Some(calendar) => item(calendar.body()),
            None => not_found("calendar"),
        }
    }

    pub(super) fn list_dates(&self, id: &str) -> Reply {
        match self.calendars.iter().find(|calendar| calendar.id == id) {
            Some(calendar) => list(&calendar.dates),
            None => not_found("calendar"),
        }
    }

    /// Switches it on or off; its other members stay as they are here.
    pub(super) fn put_calendar(&mut self, id: &str, request: &Request) -> Reply {
        let calendar = self.calendars.iter_mut().find(|calendar| calendar.id == id);
        let Some(calendar) = calendar else {
            return not_found("calendar");
        };
        let enabled = request.object().map_err(Rejection::from);
        match enabled.and_then(|fields| Ok(fields.flag("enabled")?)) {
            Ok(enabled) => {
                calendar.enabled = enabled.unwrap_or(calendar.enabled);
                item(calendar.body())
            }
            Err(rejection) => rejection.reply(),
        }
    }

    pub(super) fn add_date(&mut self, id: &str, request: &Request, moment: &mut Moment) -> Reply {
        let calendar = self.calendars.iter_mut().find(|calendar| calendar.id == id);
        let Some(calendar) = calendar else {
            return not_found("calendar");
        };
        match date(request, moment.ids) {
            Ok(date) => {
                calendar.dates.push(date.clone());
                item(date)
            }
            Err(rejection) => rejection.reply(),
        }
    }
}

fn date(request: &Request, ids: &mut Ids) -> Result<Date, Rejection> {
    let fields = request.object()?;
    let time = |field: &'static str| {
        let text = fields.required_text(field)?;
        let has_offset =
            text.ends_with('Z') || text.get(19..).is_some_and(|end| end.contains(['+', '-']));
        if text.get(10..11) == Some("T") && has_offset {
            Ok(text)
        } else {
            Err(FieldError {
                field,
                problem: "must be a date-time, such as 2026-12-24T23:00:00Z",
            })
        }
    };
    Ok(Date {
        id: ids.hex(),
        label: fields.required_text("label")?,
        date_start: time("dateStart")?,
        date_end: time("dateEnd")?,
        r#type: "HOLIDAY",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holidays_are_those_of_the_almanac() {
        let calendar = seed().remove(0);
        let date = |label: &str| {
            let date = calendar
                .dates
                .iter()
                .find(|date| date.label == label)
                .unwrap();
            (date.date_start.clone(), date.date_end.clone())
        };
        for (label, start, end) in [
            (
                "Neujahr 2026",
                "2025-12-31T23:00:00.000Z",
                "2026-01-01T23:00:00.000Z",
            ),
            (
                "Karfreitag 2026",
                "2026-04-02T22:00:00.000Z",
                "2026-04-03T22:00:00.000Z",
            ),
            // Before the clocks change on Easter Sunday of that year.
            (
                "Karfreitag 2027",
                "2027-03-25T23:00:00.000Z",
                "2027-03-26T23:00:00.000Z",
            ),
            (
                "Ostermontag 2027",
                "2027-03-28T22:00:00.000Z",
                "2027-03-29T22:00:00.000Z",
            ),
            (
                "Christi Himmelfahrt 2026",
                "2026-05-13T22:00:00.000Z",
                "2026-05-14T22:00:00.000Z",
            ),
            (
                "Pfingstmontag 2030",
                "2030-06-09T22:00:00.000Z",
                "2030-06-10T22:00:00.000Z",
            ),
            (
                "2. Weihnachtstag 2026",
                "2026-12-25T23:00:00.000Z",
                "2026-12-26T23:00:00.000Z",
            ),
        ] {
            assert_eq!(date(label), (start.to_owned(), end.to_owned()), "{label}");
        }
    }
}
