//! Tasks that are made again and again.

use super::{Cron, Style, Template, is_segment};
use crate::error::{Code, Error};
use crate::payload::Payload;

/// The most characters of a [`ScheduleName`].
const MAX_NAME: usize = 100;
/// The most characters of a [`Zone`]; the longest of the time zone database has 32.
const MAX_ZONE: usize = 64;

/// The name of a schedule, by which it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleName(String);

impl ScheduleName {
    /// Reads a name: as [`Template`], with at most 100 characters.
    ///
    /// # Errors
    /// [`Code::InvalidField`], with field `name`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if is_segment(text, MAX_NAME) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::of(
                Code::InvalidField,
                "name",
                "The name of a schedule has 1 to 100 characters and no slash.",
            ))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a time zone, as `Europe/Berlin`. Whether there is such a zone is for somebody who has the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(String);

impl Zone {
    /// Reads a name of the IANA time zone database, by its form.
    ///
    /// # Errors
    /// [`Code::InvalidField`], with field `timezone`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let part = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'+' | b'-'))
        };
        let begins = text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
        if begins && text.len() <= MAX_ZONE && text.split('/').all(part) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::of(
                Code::InvalidField,
                "timezone",
                "A time zone is a name of the IANA database, as Europe/Berlin.",
            ))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A schedule, as the platform tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// When: the platform's text. [`Cron::parse`] may or may not understand it.
    pub cron: String,
    /// The zone in which that is meant; UTC where the platform says none.
    pub zone: String,
    /// The template, where it has one.
    pub template: Option<String>,
    /// The style of [`Schedule::task`], in the platform's word.
    pub style: Option<String>,
    /// The task, or what the template leaves open.
    pub task: Option<Payload>,
}

/// A schedule to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSchedule {
    /// Its name.
    pub name: ScheduleName,
    /// When.
    pub cron: Cron,
    /// The zone in which that is meant.
    pub zone: Zone,
    /// The template, and how `task` is written for it.
    pub template: Option<(Template, Style)>,
    /// The task, or what the template leaves open.
    pub task: Payload,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_has_the_form_of_the_database() {
        for text in [
            "UTC",
            "Europe/Berlin",
            "America/Argentina/Buenos_Aires",
            "Etc/GMT+5",
            "America/Port-au-Prince",
        ] {
            assert_eq!(Zone::parse(text).unwrap().as_str(), text);
        }
        for text in [
            "",
            "/",
            "Europe/",
            "+01:00",
            "Europe Berlin",
            "Europe/Berlin\n",
        ] {
            let error = Zone::parse(text).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("timezone"), "{text:?}");
        }
    }
}
