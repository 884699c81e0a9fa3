//! A schedule as somebody writes it into the form, and what is wrong with it.

use jiff::ZonedDateTime;
use patchcord_core::error::Error;
use patchcord_core::payload::Payload;
use patchcord_core::provider::tasks::{Cron, NewSchedule, ScheduleName, Style, Template, Zone};

use crate::admin::access::Order;
use crate::clock::Millis;
use crate::run_times;

/// So many of the next times are shown.
pub const SHOWN: usize = 3;

/// The fields as they were written.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    pub name: String,
    pub cron: String,
    pub timezone: String,
    pub template: String,
    pub style: String,
    pub task: String,
}

/// What is wrong, at which field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub field: &'static str,
    pub text: String,
}

impl Draft {
    pub fn of(order: &Order) -> Self {
        let field = |name| order.field(name).to_owned();
        Self {
            name: field("name"),
            cron: field("cron"),
            timezone: field("timezone"),
            template: field("template"),
            style: field("style"),
            task: field("task"),
        }
    }

    /// The schedule, and when it is due next by the clock of its zone.
    ///
    /// # Errors
    /// The first field that is wrong, with a word for a person.
    pub fn read(&self, now: Millis) -> Result<(NewSchedule, Vec<ZonedDateTime>), Wrong> {
        let name = ScheduleName::parse(&self.name).map_err(wrong("name"))?;
        let cron = Cron::parse(&self.cron).map_err(wrong("cron"))?;
        let named = Zone::parse(&self.timezone).map_err(wrong("timezone"))?;
        let zone = run_times::zone(&named).ok_or_else(|| Wrong {
            field: "timezone",
            text: format!(
                "There is no time zone {}. They are named as Europe/Berlin.",
                named.as_str()
            ),
        })?;
        let times = run_times::next(&cron, &zone, now, SHOWN);
        if times.is_empty() {
            return Err(Wrong {
                field: "cron",
                text: "It is never due: there is no such day in the next eight years.".to_owned(),
            });
        }
        let template = match self.template.as_str() {
            "" => None,
            name => {
                let template = Template::parse(name).map_err(wrong("template"))?;
                Some((template, Style::parse(&self.style).unwrap_or_default()))
            }
        };
        let written = match self.task.as_str() {
            "" => "{}",
            task => task,
        };
        let task = Payload::from_json(written).map_err(|error| Wrong {
            field: "task",
            text: error.message.replace("payload", "task"),
        })?;
        if template.is_none() && !has_type(&task) {
            return Err(Wrong {
                field: "task",
                text: "Without a template the task says its type, as {\"type\": \"acme.report\"}."
                    .to_owned(),
            });
        }
        let schedule = NewSchedule {
            name,
            cron,
            zone: named,
            template,
            task,
        };
        Ok((schedule, times))
    }
}

fn has_type(task: &Payload) -> bool {
    let task: Option<serde_json::Value> = serde_json::from_str(task.as_json()).ok();
    task.is_some_and(|task| task.get("type").is_some_and(serde_json::Value::is_string))
}

fn wrong(field: &'static str) -> impl Fn(Error) -> Wrong {
    move |error| Wrong {
        field,
        text: error.message.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_wrong_field_is_named_with_what_to_write_instead() {
        let good = Draft {
            name: "mornings".to_owned(),
            cron: "0 9 * * MON-FRI".to_owned(),
            timezone: "Europe/Berlin".to_owned(),
            template: "reminder".to_owned(),
            ..Draft::default()
        };
        let (schedule, times) = good.read(1_795_476_123_456).unwrap();
        assert_eq!(schedule.task, Payload::default());
        assert_eq!(
            (schedule.template.unwrap().1, times.len()),
            (Style::Hierarchy, 3)
        );
        type Change = fn(&mut Draft);
        let cases: [(Change, &str, &str); 7] = [
            (|draft| draft.name.clear(), "name", "characters"),
            (
                |draft| draft.cron = "daily".to_owned(),
                "cron",
                "five fields",
            ),
            (
                |draft| draft.cron = "0 0 31 2 *".to_owned(),
                "cron",
                "never",
            ),
            (
                |draft| draft.timezone = "Europe/Atlantis".to_owned(),
                "timezone",
                "Europe/Berlin",
            ),
            (
                |draft| draft.template = "a/b".to_owned(),
                "template",
                "slash",
            ),
            (|draft| draft.task = "{".to_owned(), "task", "JSON"),
            (|draft| draft.template.clear(), "task", "type"),
        ];
        for (change, field, word) in cases {
            let mut draft = good.clone();
            change(&mut draft);
            let wrong = draft.read(1_795_476_123_456).unwrap_err();
            assert_eq!(wrong.field, field);
            assert!(wrong.text.contains(word), "{}", wrong.text);
        }
    }
}
