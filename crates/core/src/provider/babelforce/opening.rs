//! Business hours and calendars of the Manager API.
//!
//! Inferred: that the end of a range is no more part of it, as of a calendar's date, where the document says so;
//! and that a range which ends where it begins is empty (the document's example has it so).

use serde_json::Value;

use super::id::Id;
use super::reply::{self, Read};
use super::{Babelforce, paging};
use crate::error::{Code, Error};
use crate::http::{Reply, Request};
use crate::outcome::{Because, Outcome};
use crate::provider::opening::{Blocked, BusinessHours, Calendar, Opening, WeekMinute, WeekRange};
use crate::provider::page::Page;
use crate::provider::time;
use crate::secret::Secret;

const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

impl Opening for Babelforce {
    fn check_id(&self, id: &str) -> Result<String, Error> {
        Id::parse(id).map(|id| id.as_str().to_owned())
    }

    fn list_hours(&self, page: u32, token: Option<&Secret>) -> Request {
        self.page_of("business-hours", page, token)
    }

    fn read_list_of_hours(&self, page: u32, reply: Reply) -> Result<Page<BusinessHours>, Outcome> {
        paging::read(page, reply, business_hours)
    }

    fn hours(&self, id: &str, token: Option<&Secret>) -> Result<Request, Error> {
        Ok(self.one_of("business-hours", &Id::parse(id)?, "", token))
    }

    fn read_hours(&self, reply: Reply) -> Result<BusinessHours, Outcome> {
        item(reply, business_hours)
    }

    fn ranges(&self, id: &str, token: Option<&Secret>) -> Result<Request, Error> {
        Ok(self.one_of("business-hours", &Id::parse(id)?, "/ranges", token))
    }

    fn read_ranges(&self, reply: Reply) -> Result<Vec<WeekRange>, Outcome> {
        all(reply, "range", week_range)
    }

    fn list_calendars(&self, page: u32, token: Option<&Secret>) -> Request {
        self.page_of("calendars", page, token)
    }

    fn read_calendars(&self, page: u32, reply: Reply) -> Result<Page<Calendar>, Outcome> {
        paging::read(page, reply, calendar)
    }

    fn calendar(&self, id: &str, token: Option<&Secret>) -> Result<Request, Error> {
        Ok(self.one_of("calendars", &Id::parse(id)?, "", token))
    }

    fn read_calendar(&self, reply: Reply) -> Result<Calendar, Outcome> {
        item(reply, calendar)
    }

    fn dates(&self, calendar: &str, token: Option<&Secret>) -> Result<Request, Error> {
        Ok(self.one_of("calendars", &Id::parse(calendar)?, "/dates", token))
    }

    fn read_dates(&self, reply: Reply) -> Result<Vec<Blocked>, Outcome> {
        all(reply, "date", blocked)
    }
}

impl Babelforce {
    /// The request for a page of what there is of a kind.
    pub(super) fn page_of(&self, kind: &str, page: u32, token: Option<&Secret>) -> Request {
        let path = format!("/api/v2/{kind}?page={page}&max={}", paging::LARGEST);
        self.request(Request::get(self.environment.url(&path)), token)
    }

    /// The request for one of a kind, or what `below` it is.
    pub(super) fn one_of(
        &self,
        kind: &str,
        id: &Id,
        below: &str,
        token: Option<&Secret>,
    ) -> Request {
        let path = format!("/api/v2/{kind}/{id}{below}");
        self.request(Request::get(self.environment.url(&path)), token)
    }
}

/// The item of a reply.
pub(super) fn item<T>(reply: Reply, read: impl Fn(&Value) -> Option<T>) -> Result<T, Outcome> {
    let json = match reply::read(reply) {
        Read::Yes(json) | Read::NoWord(json) => json,
        Read::No(outcome) => return Err(outcome),
    };
    json.get("item")
        .and_then(read)
        .ok_or_else(|| Outcome::Unknown(Because::code(Code::UnreadableReply)))
}

/// A list that is not in pages, of which nothing may be missing.
fn all<T>(reply: Reply, kind: &str, read: impl Fn(&Value) -> Option<T>) -> Result<Vec<T>, Outcome> {
    let json = match reply::read(reply) {
        Read::Yes(json) | Read::NoWord(json) => json,
        Read::No(outcome) => return Err(outcome),
    };
    let unreadable = |message| {
        Outcome::Unknown(Because {
            message,
            ..Because::code(Code::UnreadableReply)
        })
    };
    let items = json.get("items").and_then(Value::as_array);
    let items = items.ok_or_else(|| unreadable(None))?;
    let read = |(nth, item): (usize, &Value)| {
        read(item)
            .ok_or_else(|| unreadable(Some(format!("The {kind} items[{nth}] cannot be read."))))
    };
    items.iter().enumerate().map(read).collect()
}

pub(super) fn text(item: &Value, name: &str) -> Option<String> {
    let text = item.get(name)?.as_str()?;
    Some(text)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

fn enabled(item: &Value) -> bool {
    item.get("enabled").and_then(Value::as_bool).unwrap_or(true)
}

fn business_hours(item: &Value) -> Option<BusinessHours> {
    Some(BusinessHours {
        id: text(item, "id")?,
        name: text(item, "name"),
        zone: text(item, "timeZone")?,
        enabled: enabled(item),
    })
}

fn calendar(item: &Value) -> Option<Calendar> {
    Some(Calendar {
        id: text(item, "id")?,
        name: text(item, "name"),
        zone: text(item, "timeZone").unwrap_or_default(),
        enabled: enabled(item),
    })
}

fn week_range(item: &Value) -> Option<WeekRange> {
    Some(WeekRange {
        from: week_minute(item.get("start")?)?,
        to: week_minute(item.get("end")?)?,
    })
}

fn week_minute(bound: &Value) -> Option<WeekMinute> {
    let word = bound.get("day")?.as_str()?;
    let day = DAYS.iter().position(|day| day.eq_ignore_ascii_case(word))?;
    let number = |name: &str, below: u64| {
        let number = bound.get(name)?.as_u64()?;
        u16::try_from(number).ok().filter(|_| number < below)
    };
    let (hour, minute) = (number("hour", 24)?, number("minute", 60)?);
    WeekMinute::new((u16::try_from(day).ok()? * 24 + hour) * 60 + minute)
}

/// Whatever its `type` is: the only one that is known is a holiday, and what blocks a date is closed.
fn blocked(item: &Value) -> Option<Blocked> {
    let at = |name: &str| time::read(item.get(name)?.as_str()?);
    let (from, until) = (at("dateStart")?, at("dateEnd")?);
    (from < until).then(|| Blocked {
        label: text(item, "label"),
        from,
        until,
    })
}
