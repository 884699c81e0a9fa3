//! `[[hours]]`, `quiet_hours`, and when a topic is called.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{AccountConfig, ConfigError, check, raw};
use crate::hours::local::{self, Day, Minute, SlotLength};
use crate::hours::platform::Place;
use crate::hours::quiet::QuietHours;
use crate::hours::source::{PlatformHours, Source};
use crate::hours::{Hours, Week};

const SPANS: &str = "Write spans as \"09:00-12:30\", two digits each, none across midnight: 22:00-24:00 and, the next day, 00:00-02:00.";
/// The most minutes of notice: 30 days.
const MAX_LEAD: u32 = 30 * 24 * 60;

/// `[[hours]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawHours {
    name: String,
    zone: String,
    #[serde(default)]
    monday: Vec<String>,
    #[serde(default)]
    tuesday: Vec<String>,
    #[serde(default)]
    wednesday: Vec<String>,
    #[serde(default)]
    thursday: Vec<String>,
    #[serde(default)]
    friday: Vec<String>,
    #[serde(default)]
    saturday: Vec<String>,
    #[serde(default)]
    sunday: Vec<String>,
    #[serde(default)]
    holidays: Vec<String>,
    #[serde(default)]
    exceptions: Vec<RawException>,
}

/// One of `exceptions`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawException {
    date: String,
    open: Vec<String>,
}

/// `quiet_hours`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawQuietHours {
    from: String,
    to: String,
    #[serde(default)]
    days: Vec<String>,
}

/// `hours` of a topic: the name of a `[[hours]]`, or where a platform keeps them.
#[derive(Debug)]
pub enum RawTopicHours {
    Named(String),
    Platform(RawPlatformHours),
}

/// Where a platform keeps them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawPlatformHours {
    account: String,
    business_hours: String,
    #[serde(default)]
    calendars: Vec<String>,
}

impl<'de> Deserialize<'de> for RawTopicHours {
    /// By hand, so that what is wrong with a key inside is said of that key.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrTable;
        impl<'de> Visitor<'de> for NameOrTable {
            type Value = RawTopicHours;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the name of a [[hours]], or { account, business_hours, calendars }")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<RawTopicHours, E> {
                Ok(RawTopicHours::Named(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawTopicHours, A::Error> {
                RawPlatformHours::deserialize(MapAccessDeserializer::new(map))
                    .map(RawTopicHours::Platform)
            }
        }
        deserializer.deserialize_any(NameOrTable)
    }
}

/// What becomes of a wish for as soon as possible while it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WhenClosed {
    /// It waits until it opens.
    #[default]
    Wait,
    /// It is refused as `closed`.
    Refuse,
}

/// When a topic is called.
#[derive(Debug, Clone)]
pub struct Times {
    /// Where its opening hours come from.
    pub hours: Source,
    /// What becomes of a wish for as soon as possible while it is closed.
    pub when_closed: WhenClosed,
    /// How long the times are that a visitor can choose from.
    pub slot: SlotLength,
    /// The least time between a wish and the chosen time.
    pub lead: Duration,
}

/// Checks every `[[hours]]`.
pub fn all(list: Vec<RawHours>) -> Result<BTreeMap<String, Arc<Hours>>, ConfigError> {
    let mut all = BTreeMap::new();
    for (place, raw) in list.into_iter().enumerate() {
        let path = format!("hours[{place}]");
        let name = raw.name.clone();
        let hours = Arc::new(one(&path, raw)?);
        if all.insert(name.clone(), hours).is_some() {
            return Err(check::twice(&format!("{path}.name"), &name));
        }
    }
    Ok(all)
}

fn one(path: &str, raw: RawHours) -> Result<Hours, ConfigError> {
    let zone = TimeZone::get(&raw.zone).map_err(|_| {
        ConfigError::new(
            format!("{path}.zone"),
            format!("`{}` is no time zone", raw.zone),
            "Write an IANA name, as Europe/Berlin.",
        )
    })?;
    let week: Week = [
        day(&format!("{path}.monday"), &raw.monday)?,
        day(&format!("{path}.tuesday"), &raw.tuesday)?,
        day(&format!("{path}.wednesday"), &raw.wednesday)?,
        day(&format!("{path}.thursday"), &raw.thursday)?,
        day(&format!("{path}.friday"), &raw.friday)?,
        day(&format!("{path}.saturday"), &raw.saturday)?,
        day(&format!("{path}.sunday"), &raw.sunday)?,
    ];
    if week.iter().all(|day| day.spans().is_empty()) {
        return Err(ConfigError::new(path, "it is never open", SPANS));
    }
    let holidays = raw
        .holidays
        .iter()
        .enumerate()
        .map(|(nth, text)| {
            text.parse().map_err(|error: local::NotThat| {
                ConfigError::new(
                    format!("{path}.holidays[{nth}]"),
                    error.to_string(),
                    "Write \"2026-12-24\" for one date, \"12-25\" for one of every year.",
                )
            })
        })
        .collect::<Result<_, _>>()?;
    let mut exceptions = BTreeMap::new();
    for (nth, exception) in raw.exceptions.iter().enumerate() {
        let path = format!("{path}.exceptions[{nth}]");
        let date = local::date(&exception.date).map_err(|error| {
            ConfigError::new(
                format!("{path}.date"),
                error.to_string(),
                "Write it as \"2026-12-24\".",
            )
        })?;
        let day = day(&format!("{path}.open"), &exception.open)?;
        if exceptions.insert(date, day).is_some() {
            return Err(check::twice(&format!("{path}.date"), &exception.date));
        }
    }
    Ok(Hours::new(zone, week, holidays, exceptions))
}

fn day(path: &str, texts: &[String]) -> Result<Day, ConfigError> {
    let mut spans = Vec::new();
    for (nth, text) in texts.iter().enumerate() {
        let span = text.parse().map_err(|error: local::NotThat| {
            ConfigError::new(format!("{path}[{nth}]"), error.to_string(), SPANS)
        })?;
        spans.push(span);
    }
    Day::of(spans).map_err(|error| {
        ConfigError::new(path, error.to_string(), "Give each time of the day once.")
    })
}

/// Checks `quiet_hours`.
pub fn quiet(raw: &RawQuietHours) -> Result<QuietHours, ConfigError> {
    let minute = |key: &str, text: &str| {
        text.parse::<Minute>().map_err(|error| {
            ConfigError::new(
                format!("quiet_hours.{key}"),
                error.to_string(),
                "Write it as \"20:00\".",
            )
        })
    };
    let (from, to) = (minute("from", &raw.from)?, minute("to", &raw.to)?);
    let days = raw
        .days
        .iter()
        .enumerate()
        .map(|(nth, text)| {
            weekday(text).ok_or_else(|| {
                ConfigError::new(
                    format!("quiet_hours.days[{nth}]"),
                    format!("`{text}` is no weekday"),
                    "Write the whole name in lower case, as \"sunday\".",
                )
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    QuietHours::new(from, to, &days).ok_or_else(|| {
        ConfigError::new(
            "quiet_hours",
            "nothing of a day, or all of it, is quiet",
            "Give two different times, as from = \"20:00\", to = \"08:00\"; leave the table out for no quiet hours.",
        )
    })
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

/// What topics may name as their hours.
pub struct Known<'a> {
    /// The `[[hours]]`, by name.
    pub named: &'a BTreeMap<String, Arc<Hours>>,
    /// The accounts, by name.
    pub accounts: &'a BTreeMap<String, AccountConfig>,
    /// Those at platforms that an earlier topic has named.
    pub platform: BTreeMap<Place, Arc<PlatformHours>>,
}

impl Known<'_> {
    fn source(&mut self, path: &str, written: &RawTopicHours) -> Result<Source, ConfigError> {
        match written {
            RawTopicHours::Named(name) => {
                let hours = check::known(path, name, self.named)?;
                Ok(Source::Configured(hours.clone()))
            }
            RawTopicHours::Platform(written) => {
                let place = self.place(path, written)?;
                let hours = self.platform.entry(place);
                let hours =
                    hours.or_insert_with_key(|place| Arc::new(PlatformHours::at(place.clone())));
                Ok(Source::Platform(hours.clone()))
            }
        }
    }

    fn place(&self, path: &str, written: &RawPlatformHours) -> Result<Place, ConfigError> {
        let path_of_account = format!("{path}.account");
        let account = check::known(&path_of_account, &written.account, self.accounts)?;
        let Some(opening) = account.provider.opening() else {
            return Err(ConfigError::new(
                path_of_account,
                format!("{} keeps no opening hours", account.provider.name()),
                "Name an account at a platform that does, or write the hours as [[hours]].",
            ));
        };
        let id = |key: String, id: &str| {
            opening.check_id(id).map_err(|error| {
                ConfigError::new(
                    format!("{path}.{key}"),
                    error.to_string(),
                    "Write the id as the platform has it.",
                )
            })
        };
        let calendars = written.calendars.iter().enumerate();
        Ok(Place {
            account: written.account.clone(),
            business_hours: id("business_hours".to_owned(), &written.business_hours)?,
            calendars: calendars
                .map(|(nth, text)| id(format!("calendars[{nth}]"), text))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// Checks when a topic is called.
pub fn times(path: &str, topic: &raw::Topic, known: &mut Known<'_>) -> Result<Times, ConfigError> {
    let hours = match &topic.hours {
        Some(written) => known.source(&format!("{path}.hours"), written)?,
        None => Source::AroundTheClock,
    };
    if topic.hours.is_none() && topic.when_closed.is_some() {
        return Err(ConfigError::new(
            format!("{path}.when_closed"),
            "the topic has no `hours`, so it is never closed",
            "Give the topic `hours`, or leave this out.",
        ));
    }
    let slot = SlotLength::new(topic.slot).ok_or_else(|| {
        ConfigError::new(
            format!("{path}.slot"),
            "it is not between 5 and 1440",
            "Write minutes, as 15.",
        )
    })?;
    if topic.lead > MAX_LEAD {
        return Err(ConfigError::new(
            format!("{path}.lead"),
            format!("it is more than {MAX_LEAD}"),
            "Write minutes, as 60.",
        ));
    }
    Ok(Times {
        hours,
        when_closed: topic.when_closed.unwrap_or_default(),
        slot,
        lead: Duration::from_secs(u64::from(topic.lead) * 60),
    })
}
