//! The times of a schedule, as cron writes them.
//!
//! The platform publishes a text named `cron` and no syntax. What is read here is what cron programs agree on, so
//! all of it is inferred: five fields (minute, hour, day, month, weekday), or with a field of seconds before them, and
//! then also years after them. Lists, ranges, steps, names of months and weekdays; `?` for "any" in the fields of days.
//! With five fields, weekdays are 0 to 7 with Sunday at both ends, and a day has to fit one of day and weekday where
//! both are given. With seconds, programs count weekdays differently and do not agree on two kinds of days: so
//! weekdays have to be names, and one kind has to stay open.

use crate::error::{Code, Error};

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// When a schedule is due, by the clock of its zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    text: String,
    seconds: Set,
    minutes: Set,
    hours: Set,
    days: Days,
    months: Set,
    years: Option<Years>,
}

/// Numbers below 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Set(u64);

impl Set {
    fn has(self, number: u8) -> bool {
        self.0 & (1 << (number & 63)) != 0
    }
}

/// Which days of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Days {
    Every,
    Of(Set),
    On(Set),
    /// Both were given: one has to fit.
    Either(Set, Set),
}

/// Ranges of years, with their steps.
type Years = Vec<(u16, u16, u16)>;

/// A field, and how it is read.
struct Field {
    name: &'static str,
    least: u16,
    most: u16,
    /// From the lowest number on.
    words: &'static [&'static str],
}

const SECOND: Field = Field::numbers("second", 0, 59);
const MINUTE: Field = Field::numbers("minute", 0, 59);
const HOUR: Field = Field::numbers("hour", 0, 23);
const DAY: Field = Field::numbers("day", 1, 31);
const MONTH: Field = Field {
    words: &MONTHS,
    ..Field::numbers("month", 1, 12)
};
const WEEKDAY: Field = Field {
    words: &WEEKDAYS,
    ..Field::numbers("weekday", 0, 7)
};
const YEAR: Field = Field::numbers("year", 1970, 2199);

impl Field {
    const fn numbers(name: &'static str, least: u16, most: u16) -> Self {
        Self {
            name,
            least,
            most,
            words: &[],
        }
    }

    fn wrong(&self, text: &str) -> Error {
        let (name, least, most) = (self.name, self.least, self.most);
        let example = match self.words {
            [first, .., last] => format!(" (or {first} to {last})"),
            _ => String::new(),
        };
        invalid(format!(
            "\"{text}\" is no {name}: it goes from {least} to {most}{example}, as a number, a list, a range or a step."
        ))
    }

    fn number(&self, text: &str) -> Option<u16> {
        let word = self
            .words
            .iter()
            .position(|word| word.eq_ignore_ascii_case(text));
        if let Some(place) = word {
            return u16::try_from(place).ok()?.checked_add(self.least);
        }
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let number: u16 = digits.then(|| text.parse().ok()).flatten()?;
        (self.least..=self.most).contains(&number).then_some(number)
    }

    /// `*`, `5`, `1-5`, `*/10`, `0-30/10`, `5/10` and lists of them: each first, last and step.
    fn ranges(&self, text: &str) -> Result<Vec<(u16, u16, u16)>, Error> {
        text.split(',')
            .map(|part| self.range(part).ok_or_else(|| self.wrong(part)))
            .collect()
    }

    fn range(&self, text: &str) -> Option<(u16, u16, u16)> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => {
                let digits = !step.is_empty() && step.bytes().all(|b| b.is_ascii_digit());
                let step: u16 = digits.then(|| step.parse().ok()).flatten()?;
                (
                    range,
                    Some(step).filter(|step| (1..=self.most).contains(step)),
                )
            }
            None => (text, Some(1)),
        };
        let step = step?;
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (self.least, self.most),
            Some((first, last)) => (self.number(first)?, self.number(last)?),
            None => {
                let only = self.number(range)?;
                // "5/10" goes on to the end, as "5-59/10".
                (only, if text.contains('/') { self.most } else { only })
            }
        };
        (first <= last).then_some((first, last, step))
    }

    fn set(&self, text: &str) -> Result<Set, Error> {
        let mut bits = 0;
        for (first, last, step) in self.ranges(text)? {
            for number in (first..=last).step_by(usize::from(step)) {
                bits |= 1_u64 << (number & 63);
            }
        }
        Ok(Set(bits))
    }
}

fn invalid(message: String) -> Error {
    Error::of(Code::InvalidField, "cron", message)
}

impl Cron {
    /// Reads times as cron writes them; see the module.
    ///
    /// # Errors
    /// [`Code::InvalidField`] with field `cron`: what is wrong, for a person.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let (second, [minute, hour, day, month, weekday], year) = match *fields.as_slice() {
            [minute, hour, day, month, weekday] => {
                (None, [minute, hour, day, month, weekday], None)
            }
            [second, minute, hour, day, month, weekday] => {
                (Some(second), [minute, hour, day, month, weekday], None)
            }
            [second, minute, hour, day, month, weekday, year] => {
                let year = Some(year).filter(|year| *year != "*");
                (Some(second), [minute, hour, day, month, weekday], year)
            }
            _ => {
                return Err(invalid(
                    "A schedule has five fields: minute, hour, day, month, weekday; as 0 9 * * MON-FRI. A sixth before them is the second, a seventh after them the year.".to_owned(),
                ));
            }
        };
        Ok(Self {
            text: fields.join(" "),
            seconds: second.map_or(Ok(Set(1)), |text| SECOND.set(text))?,
            minutes: MINUTE.set(minute)?,
            hours: HOUR.set(hour)?,
            days: days(day, weekday, second.is_some())?,
            months: MONTH.set(month)?,
            years: year.map(|text| YEAR.ranges(text)).transpose()?,
        })
    }

    /// As it is sent.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is due on this day at all. `month` and `day` count from 1, `weekday` from 0, a Sunday.
    pub fn on(&self, year: i16, month: u8, day: u8, weekday: u8) -> bool {
        let fits = match self.days {
            Days::Every => true,
            Days::Of(days) => days.has(day),
            Days::On(weekdays) => weekdays.has(weekday),
            Days::Either(days, weekdays) => days.has(day) || weekdays.has(weekday),
        };
        let year = u16::try_from(year).unwrap_or_default();
        let of_year = |(first, last, step): &(u16, u16, u16)| {
            (*first..=*last).contains(&year) && (year - first).is_multiple_of(*step)
        };
        fits && self.months.has(month)
            && self
                .years
                .as_ref()
                .is_none_or(|years| years.iter().any(of_year))
    }

    /// Whether it is due in this minute of such a day.
    pub fn at(&self, hour: u8, minute: u8) -> bool {
        self.hours.has(hour) && self.minutes.has(minute)
    }

    /// The first second of such a minute at which it is due, from `second` on.
    pub fn second_from(&self, second: u8) -> Option<u8> {
        (second..60).find(|second| self.seconds.has(*second))
    }
}

fn days(day: &str, weekday: &str, with_seconds: bool) -> Result<Days, Error> {
    let open = |text: &str| matches!(text, "*" | "?");
    if with_seconds && !open(weekday) && weekday.contains(|c: char| c.is_ascii_digit()) {
        return Err(invalid(
            "With a field of seconds, write weekdays by name, as MON-FRI: programs count them from different days.".to_owned(),
        ));
    }
    match (open(day), open(weekday)) {
        (true, true) => Ok(Days::Every),
        (false, true) => DAY.set(day).map(Days::Of),
        (true, false) => weekdays(weekday).map(Days::On),
        (false, false) if with_seconds => Err(invalid(
            "With a field of seconds, one of day and weekday has to be ?.".to_owned(),
        )),
        (false, false) => Ok(Days::Either(DAY.set(day)?, weekdays(weekday)?)),
    }
}

fn weekdays(text: &str) -> Result<Set, Error> {
    let Set(bits) = WEEKDAY.set(text)?;
    // 7 is a Sunday, too.
    Ok(Set((bits | bits >> 7) & 0b111_1111))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cron(text: &str) -> Cron {
        Cron::parse(text).unwrap()
    }

    #[test]
    fn lists_ranges_steps_and_names_are_read() {
        let office = cron("*/15 9-17 * JAN,mar MON-FRI");
        assert_eq!(office.as_str(), "*/15 9-17 * JAN,mar MON-FRI");
        assert!(office.at(9, 45) && office.at(17, 0));
        assert!(!office.at(9, 50) && !office.at(8, 0));
        assert!(office.on(2027, 3, 1, 1) && !office.on(2027, 2, 1, 1));
        assert!(!office.on(2027, 3, 7, 0));
        assert_eq!(office.second_from(0), Some(0));
        assert_eq!(office.second_from(1), None);
        let odd = cron("5/20 0 1-9/4 * *");
        assert!(odd.at(0, 5) && odd.at(0, 25) && odd.at(0, 45) && !odd.at(0, 0));
        assert!(odd.on(2027, 1, 5, 2) && !odd.on(2027, 1, 4, 1));
    }

    #[test]
    fn sunday_is_at_both_ends_of_the_week() {
        for text in ["0 0 * * 0", "0 0 * * 7", "0 0 * * SUN", "0 0 * * 5-7"] {
            assert!(cron(text).on(2027, 1, 3, 0), "{text}");
        }
        assert!(!cron("0 0 * * 7").on(2027, 1, 4, 1));
    }

    #[test]
    fn of_day_and_weekday_one_has_to_fit_where_both_are_given() {
        let both = cron("0 0 13 * FRI");
        assert!(both.on(2027, 1, 13, 3) && both.on(2027, 1, 8, 5));
        assert!(!both.on(2027, 1, 14, 4));
    }

    #[test]
    fn seconds_and_years_are_read_where_they_are_given() {
        let precise = cron("10,40 30 12 ? * MON-FRI 2027-2029/2");
        assert_eq!(precise.second_from(11), Some(40));
        assert!(precise.on(2029, 5, 4, 5) && !precise.on(2028, 5, 5, 5));
        assert!(cron("0 30 12 1 * ? *").on(2031, 1, 1, 3));
    }

    #[test]
    fn what_programs_disagree_about_is_refused_with_a_word_about_it() {
        for (text, word) in [
            ("0 0 12 ? * 1-5", "by name"),
            ("0 0 12 1 * MON", "one of day and weekday"),
            ("0 9 * *", "five fields"),
            ("@daily", "five fields"),
            ("60 9 * * *", "minute"),
            ("0 9 * * FUN", "weekday"),
            ("0 9 L * *", "day"),
            ("0 9 ?,1 * *", "day"),
            ("0 9-5 * * *", "hour"),
            ("*/0 * * * *", "minute"),
            ("+5 * * * *", "minute"),
            ("0,, * * * *", "minute"),
            ("", "five fields"),
        ] {
            let error = Cron::parse(text).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("cron"), "{text}");
            assert!(error.message.contains(word), "{text}: {}", error.message);
        }
    }
}
