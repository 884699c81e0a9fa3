//! Business hours: weekly opening times that have a name.
//!
//! Not told: whether they are open now (`active`, optional), which would take a table of time zones.

use serde::{Deserialize, Serialize};

use super::{Babelforce, Moment, Rejection, item, list, not_found, paging};
use crate::exchange::{FieldError, Reply, Request};
use crate::ids::Ids;

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BusinessHours {
    id: &'static str,
    name: String,
    enabled: bool,
    /// An IANA name. Taken as it is.
    time_zone: String,
    ranges: Vec<Range>,
}

#[derive(Clone, Serialize)]
struct Range {
    id: String,
    #[serde(flatten)]
    bounds: Bounds,
}

#[derive(Clone, Serialize, Deserialize)]
struct Bounds {
    start: Bound,
    end: Bound,
}

#[derive(Clone, Serialize, Deserialize)]
struct Bound {
    day: Day,
    /// 0 to 23.
    hour: u8,
    /// 0 to 59.
    minute: u8,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

const DAYS: [Day; 7] = [
    Day::Monday,
    Day::Tuesday,
    Day::Wednesday,
    Day::Thursday,
    Day::Friday,
    Day::Saturday,
    Day::Sunday,
];

/// From an hour to an hour, one of the days given and the same or a later one.
fn range(nth: usize, (day, hour): (Day, u8), (end_day, end_hour): (Day, u8)) -> Range {
    Range {
        id: format!("b0{nth:030}"),
        bounds: Bounds {
            start: Bound {
                day,
                hour,
                minute: 0,
            },
            end: Bound {
                day: end_day,
                hour: end_hour,
                minute: 0,
            },
        },
    }
}

/// An office with a lunch break, and a line for the night.
pub(super) fn seed() -> Vec<BusinessHours> {
    let office = DAYS.into_iter().take(5).enumerate().flat_map(|(nth, day)| {
        [
            range(2 * nth, (day, 9), (day, 12)),
            range(2 * nth + 1, (day, 13), (day, 17)),
        ]
    });
    let tomorrow = DAYS.into_iter().cycle().skip(1);
    let night = DAYS.into_iter().zip(tomorrow).enumerate();
    let night = night.map(|(nth, (day, next))| range(50 + nth, (day, 22), (next, 6)));
    let hours = |id, name: &str, ranges| BusinessHours {
        id,
        name: name.to_owned(),
        enabled: true,
        time_zone: "Europe/Berlin".to_owned(),
        ranges,
    };
    vec![
        hours(
            "4f1c2b3a9d8e7f60514233241506a7b8",
            "Office",
            office.collect(),
        ),
        hours(
            "4f1c2b3a9d8e7f60514233241506a7b9",
            "Night line",
            night.collect(),
        ),
    ]
}

impl Babelforce {
    pub(super) fn list_hours(&self, request: &Request) -> Reply {
        paging::page(self.hours.clone(), request)
    }

    pub(super) fn get_hours(&self, id: &str) -> Reply {
        match self.hours.iter().find(|hours| hours.id == id) {
            Some(hours) => item(hours),
            None => not_found("business hours"),
        }
    }

    pub(super) fn list_ranges(&self, id: &str) -> Reply {
        match self.hours.iter().find(|hours| hours.id == id) {
            Some(hours) => list(&hours.ranges),
            None => not_found("business hours"),
        }
    }

    /// Changes what the body names.
    pub(super) fn put_hours(&mut self, id: &str, request: &Request) -> Reply {
        let Some(hours) = self.hours.iter_mut().find(|hours| hours.id == id) else {
            return not_found("business hours");
        };
        match change(hours, request) {
            Ok(()) => item(&*hours),
            Err(rejection) => rejection.reply(),
        }
    }

    /// Replaces all ranges.
    pub(super) fn set_ranges(&mut self, id: &str, request: &Request, moment: &mut Moment) -> Reply {
        let Some(hours) = self.hours.iter_mut().find(|hours| hours.id == id) else {
            return not_found("business hours");
        };
        match ranges(request, moment.ids) {
            Ok(ranges) => {
                hours.ranges = ranges;
                item(&*hours)
            }
            Err(rejection) => rejection.reply(),
        }
    }
}

fn change(hours: &mut BusinessHours, request: &Request) -> Result<(), Rejection> {
    let fields = request.object()?;
    let (name, zone) = (fields.text("name")?, fields.text("timeZone")?);
    let enabled = fields.flag("enabled")?;
    hours.name = name.unwrap_or(hours.name.clone());
    hours.time_zone = zone.unwrap_or(hours.time_zone.clone());
    hours.enabled = enabled.unwrap_or(hours.enabled);
    Ok(())
}

fn ranges(request: &Request, ids: &mut Ids) -> Result<Vec<Range>, Rejection> {
    let wrong = || FieldError {
        field: "ranges",
        problem: "must be a list of {start, end}, each {day, hour, minute}",
    };
    let text = request.object()?.any("ranges").ok_or_else(wrong)?;
    let bounds: Vec<Bounds> = serde_json::from_str(text.get()).map_err(|_| wrong())?;
    let fits = |bound: &Bound| bound.hour < 24 && bound.minute < 60;
    if !bounds
        .iter()
        .all(|bounds| fits(&bounds.start) && fits(&bounds.end))
    {
        return Err(wrong().into());
    }
    Ok(bounds
        .into_iter()
        .map(|bounds| Range {
            id: ids.hex(),
            bounds,
        })
        .collect())
}
