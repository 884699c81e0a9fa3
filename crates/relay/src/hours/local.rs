//! What opening hours are written in: spans of a day, and dates.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};

/// The minutes of a day.
pub const DAY: u16 = 24 * 60;

/// A text that is no time of day, no span or no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {expected}")]
pub struct NotThat {
    text: String,
    expected: &'static str,
}

impl NotThat {
    fn new(text: &str, expected: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            expected,
        }
    }
}

/// A time on a wall clock, in whole minutes since midnight; 24:00 is the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minute(u16);

impl Minute {
    /// The beginning of the day.
    pub const MIDNIGHT: Self = Self(0);
    /// The end of the day.
    pub const END: Self = Self(DAY);

    /// So many minutes after midnight, at most 24 hours.
    pub fn new(minutes: u16) -> Option<Self> {
        (minutes <= DAY).then_some(Self(minutes))
    }

    /// Minutes since midnight, 0 to 1440.
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// This time on a date; 24:00 is midnight of the next. `None` beyond the calendar.
    pub fn on(self, date: Date) -> Option<DateTime> {
        if self.0 == DAY {
            return date.tomorrow().ok().map(|date| date.at(0, 0, 0, 0));
        }
        let hour = i8::try_from(self.0 / 60).ok()?;
        let minute = i8::try_from(self.0 % 60).ok()?;
        Some(date.to_datetime(Time::new(hour, minute, 0, 0).ok()?))
    }
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl FromStr for Minute {
    type Err = NotThat;

    /// Reads `09:00`, always with two digits.
    fn from_str(text: &str) -> Result<Self, NotThat> {
        let wrong = || NotThat::new(text, "time of day");
        let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
        let (hour, minute) = (two_digits(hour), two_digits(minute));
        match (hour, minute) {
            (Some(hour), Some(minute)) if minute < 60 => {
                Self::new(hour * 60 + minute).ok_or_else(wrong)
            }
            _ => Err(wrong()),
        }
    }
}

fn two_digits(text: &str) -> Option<u16> {
    let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// A part of one day: it ends after it begins, at 24:00 at the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    from: Minute,
    to: Minute,
}

impl Span {
    /// From one time to a later one.
    pub fn new(from: Minute, to: Minute) -> Option<Self> {
        (from < to).then_some(Self { from, to })
    }

    /// When it begins.
    pub const fn from(self) -> Minute {
        self.from
    }

    /// When it is over; this moment is no more part of it.
    pub const fn to(self) -> Minute {
        self.to
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}–{}", self.from, self.to)
    }
}

impl FromStr for Span {
    type Err = NotThat;

    /// Reads `09:00-12:30`.
    fn from_str(text: &str) -> Result<Self, NotThat> {
        let wrong = || NotThat::new(text, "span within one day");
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let from = from.trim().parse().map_err(|_| wrong())?;
        let to = to.trim().parse().map_err(|_| wrong())?;
        Self::new(from, to).ok_or_else(wrong)
    }
}

/// Spans of one day that overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("two of the spans overlap")]
pub struct Overlap;

/// When a day is open: spans in order, none of which touch. Empty is closed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Day(Vec<Span>);

impl Day {
    /// A day on which nobody is there.
    pub const CLOSED: Self = Self(Vec::new());

    /// Of spans in any order; those that touch become one.
    ///
    /// # Errors
    /// Spans that overlap: one of them is probably a slip.
    pub fn of(mut spans: Vec<Span>) -> Result<Self, Overlap> {
        spans.sort_unstable();
        let mut day: Vec<Span> = Vec::new();
        for span in spans {
            match day.last_mut() {
                Some(last) if span.from < last.to => return Err(Overlap),
                Some(last) if span.from == last.to => last.to = span.to,
                _ => day.push(span),
            }
        }
        Ok(Self(day))
    }

    /// Of spans in any order; those that overlap or touch become one, as a platform that keeps them apart means it.
    pub fn covering(mut spans: Vec<Span>) -> Self {
        spans.sort_unstable();
        let mut day: Vec<Span> = Vec::new();
        for span in spans {
            match day.last_mut() {
                Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
                _ => day.push(span),
            }
        }
        Self(day)
    }

    /// From midnight to midnight.
    pub fn whole() -> Self {
        Self(vec![Span {
            from: Minute::MIDNIGHT,
            to: Minute::END,
        }])
    }

    /// The spans, in order.
    pub fn spans(&self) -> &[Span] {
        &self.0
    }
}

/// How long a slot is, in whole minutes: 5 minutes to a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotLength(u16);

impl SlotLength {
    /// So many minutes, from 5 to 1440.
    pub fn new(minutes: u16) -> Option<Self> {
        (5..=DAY).contains(&minutes).then_some(Self(minutes))
    }

    /// In minutes.
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

/// A date on which a business is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holiday {
    /// In one year.
    Once(Date),
    /// In every year, by month and day.
    Yearly(i8, i8),
}

impl Holiday {
    /// Whether it is on this date.
    pub fn is_on(self, date: Date) -> bool {
        match self {
            Self::Once(day) => day == date,
            Self::Yearly(month, day) => (month, day) == (date.month(), date.day()),
        }
    }
}

impl fmt::Display for Holiday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Once(date) => write!(f, "{date}"),
            Self::Yearly(month, day) => write!(f, "every year on {month:02}-{day:02}"),
        }
    }
}

impl FromStr for Holiday {
    type Err = NotThat;

    /// Reads `2026-12-24`, or `12-25` for every year.
    fn from_str(text: &str) -> Result<Self, NotThat> {
        if let Ok(date) = date(text) {
            return Ok(Self::Once(date));
        }
        // A leap year, so that 02-29 is a date.
        match date(&format!("2024-{text}")) {
            Ok(date) => Ok(Self::Yearly(date.month(), date.day())),
            Err(_) => Err(NotThat::new(text, "date")),
        }
    }
}

/// Reads `2026-12-24` and nothing else: no time, no other order.
///
/// # Errors
/// Another form, or a date that is in no calendar.
pub fn date(text: &str) -> Result<Date, NotThat> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(place, b)| {
            if matches!(place, 4 | 7) {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    shaped
        .then(|| text.parse().ok())
        .flatten()
        .ok_or_else(|| NotThat::new(text, "date"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_two_times_of_one_day() {
        let span: Span = "09:00-12:30".parse().unwrap();
        assert_eq!((span.from().minutes(), span.to().minutes()), (540, 750));
        assert!("00:00-24:00".parse::<Span>().is_ok());
        for wrong in [
            "9:00-12:30",
            "09:00",
            "09:00-09:00",
            "22:00-02:00",
            "09:00-24:01",
            "09:60-10:00",
            "+9:00-12:00",
            "",
            "-",
            "09:00-12:00-13:00",
        ] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn spans_that_touch_are_one_and_spans_that_overlap_are_a_slip() {
        let day =
            |texts: &[&str]| Day::of(texts.iter().map(|text| text.parse().unwrap()).collect());
        assert_eq!(day(&["12:00-15:00", "09:00-12:00"]), day(&["09:00-15:00"]));
        assert_eq!(day(&["09:00-12:01", "12:00-15:00"]), Err(Overlap));
    }

    #[test]
    fn a_holiday_is_one_date_or_one_of_every_year() {
        let on = |text: &str, day: &str| text.parse::<Holiday>().unwrap().is_on(date(day).unwrap());
        assert!(on("2026-12-24", "2026-12-24") && !on("2026-12-24", "2027-12-24"));
        assert!(
            on("12-25", "2026-12-25") && on("12-25", "2031-12-25") && !on("12-25", "2026-12-26")
        );
        assert!(on("02-29", "2028-02-29") && !on("02-29", "2026-02-28"));
        for wrong in [
            "2026-02-29",
            "13-01",
            "24.12.",
            "2026-12-24T00:00",
            "20261224",
            "12-5",
            "",
        ] {
            assert!(wrong.parse::<Holiday>().is_err(), "{wrong}");
        }
    }
}
