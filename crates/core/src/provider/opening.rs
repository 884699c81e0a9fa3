//! When a company is there, as a platform keeps it: weekly opening times and calendars of times when it is closed
//! all the same.

use crate::error::Error;
use crate::http::{Reply, Request};
use crate::outcome::Outcome;
use crate::provider::page::Page;
use crate::secret::Secret;

/// The minutes of a week.
pub const WEEK: u16 = 7 * 24 * 60;

/// A minute of the week, counted from the midnight with which Monday begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WeekMinute(u16);

impl WeekMinute {
    /// So many minutes after Monday began: 0 to 10079.
    pub fn new(minutes: u16) -> Option<Self> {
        (minutes < WEEK).then_some(Self(minutes))
    }

    /// Minutes since Monday began.
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

/// A part of every week, by the clock of its zone. One that ends where or before it begins goes on into the next
/// week; one that ends where it begins is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeekRange {
    /// When it begins.
    pub from: WeekMinute,
    /// When it is over; this minute is no more part of it.
    pub to: WeekMinute,
}

/// Opening times that have a name, without the times themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessHours {
    /// The platform's id.
    pub id: String,
    /// What people call them.
    pub name: Option<String>,
    /// The IANA time zone, as the platform has it.
    pub zone: String,
    /// Whether the platform goes by them; `true` where it does not say.
    pub enabled: bool,
}

/// Times when it is closed that have a name together, without the times themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The platform's id.
    pub id: String,
    /// What people call it.
    pub name: Option<String>,
    /// The IANA time zone, as the platform has it.
    pub zone: String,
    /// Whether the platform goes by it; `true` where it does not say.
    pub enabled: bool,
}

/// A time when it is closed whatever the week says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// What people call it, as "Christmas".
    pub label: Option<String>,
    /// Milliseconds since the epoch.
    pub from: u64,
    /// Milliseconds since the epoch, after `from`; this moment is no more part of it.
    pub until: u64,
}

/// A platform that keeps opening times.
pub trait Opening: Sync {
    /// Checks the id of opening times or of a calendar, as an administrator wrote it, and gives it as it goes on
    /// the wire.
    ///
    /// # Errors
    /// [`Code::InvalidField`](crate::error::Code::InvalidField).
    fn check_id(&self, id: &str) -> Result<String, Error>;

    /// The request for a page of the opening times that there are, from 1.
    fn list_hours(&self, page: u32, token: Option<&Secret>) -> Request;

    /// The opening times of a page.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_list_of_hours(&self, page: u32, reply: Reply) -> Result<Page<BusinessHours>, Outcome>;

    /// The request for opening times by their id.
    ///
    /// # Errors
    /// As [`Opening::check_id`].
    fn hours(&self, id: &str, token: Option<&Secret>) -> Result<Request, Error>;

    /// The opening times.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_hours(&self, reply: Reply) -> Result<BusinessHours, Outcome>;

    /// The request for the ranges of the week of opening times.
    ///
    /// # Errors
    /// As [`Opening::check_id`].
    fn ranges(&self, id: &str, token: Option<&Secret>) -> Result<Request, Error>;

    /// The ranges, all of them: one that cannot be read makes the whole reply unreadable, because what is left
    /// would look like opening times.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_ranges(&self, reply: Reply) -> Result<Vec<WeekRange>, Outcome>;

    /// The request for a page of the calendars that there are, from 1.
    fn list_calendars(&self, page: u32, token: Option<&Secret>) -> Request;

    /// The calendars of a page.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_calendars(&self, page: u32, reply: Reply) -> Result<Page<Calendar>, Outcome>;

    /// The request for a calendar by its id.
    ///
    /// # Errors
    /// As [`Opening::check_id`].
    fn calendar(&self, id: &str, token: Option<&Secret>) -> Result<Request, Error>;

    /// The calendar.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_calendar(&self, reply: Reply) -> Result<Calendar, Outcome>;

    /// The request for the dates of a calendar.
    ///
    /// # Errors
    /// As [`Opening::check_id`].
    fn dates(&self, calendar: &str, token: Option<&Secret>) -> Result<Request, Error>;

    /// The dates, all of them; as [`Opening::read_ranges`].
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_dates(&self, reply: Reply) -> Result<Vec<Blocked>, Outcome>;
}
