//! Templates: tasks with something left open, and what fills it.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::exchange::Fields;

/// One template of the account.
pub(super) struct Template {
    pub id: &'static str,
    /// Paths that a task made of it has to have.
    required: &'static [&'static str],
    /// The task.
    task: &'static [(&'static str, &'static str)],
}

/// The first is the vendor's own example, without what it does; the second goes on to the end.
pub(super) const TEMPLATES: [Template; 3] = [
    Template {
        id: "callback",
        required: &["queue_id", "body.to"],
        task: &[
            ("type", r#""babelforce.call.callback""#),
            ("scheduled_at", r#""now""#),
            ("task_completion", r#"{"autoComplete":true}"#),
            (
                "selection_settings",
                r#"{"enable":true,"auto_accept":false,"expire_in":120000,"accept_timeout":35000,"reschedule_delay":60000}"#,
            ),
        ],
    },
    Template {
        id: "reminder",
        required: &["body.text"],
        task: &[
            ("type", r#""acme.reminder""#),
            ("scheduled_at", r#""now""#),
            ("selection_settings", r#"{"enable":true}"#),
        ],
    },
    Template {
        id: "zendesk-ticket",
        required: &[],
        task: &[("type", r#""acme.zendesk""#), ("scheduled_at", r#""now""#)],
    },
];

pub(super) fn find(id: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.id == id)
}

/// How what is left open is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Inferred: one object, its keys are the paths of `required_fields`, as `body.to`.
    Flat,
    /// Objects within objects. The published default.
    Hierarchy,
}

impl Style {
    pub fn parse(word: Option<&str>) -> Option<Self> {
        match word {
            None | Some("hierarchy") => Some(Self::Hierarchy),
            Some("flat") => Some(Self::Flat),
            Some(_) => None,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::Hierarchy => "hierarchy",
        }
    }
}

/// The members of a task, each as text.
type Members = BTreeMap<String, Box<RawValue>>;

impl Template {
    /// The task that this template and what it leaves open make; what is wrong with it otherwise.
    pub fn fill(&self, overrides: Members, style: Style) -> Result<Fields, String> {
        let mut task = Members::new();
        for (name, value) in self.task {
            task.insert((*name).to_owned(), raw((*value).to_owned())?);
        }
        for (path, value) in overrides {
            match (style, path.split_once('.')) {
                (Style::Hierarchy, _) | (Style::Flat, None) => {
                    let value = match task.get(&path) {
                        Some(usual) => merged(usual, &value)?,
                        None => value,
                    };
                    task.insert(path, value);
                }
                (Style::Flat, Some((first, rest))) => {
                    let parts: Vec<&str> = rest.split('.').collect();
                    let usual = task.remove(first);
                    let value = within(usual.as_deref(), &parts, value)
                        .ok_or_else(|| format!("{path} lies within a value that is no object"))?;
                    task.insert(first.to_owned(), value);
                }
            }
        }
        for path in self.required {
            if !has(&task, path) {
                return Err(format!("{path} is required by the template {}", self.id));
            }
        }
        Ok(Fields::of(task))
    }
}

fn raw(json: String) -> Result<Box<RawValue>, String> {
    RawValue::from_string(json).map_err(|error| error.to_string())
}

fn members(value: &RawValue) -> Option<Members> {
    serde_json::from_str(value.get()).ok()
}

fn object(members: &Members) -> Result<Box<RawValue>, String> {
    serde_json::value::to_raw_value(members).map_err(|error| error.to_string())
}

/// Objects are put together; anything else is replaced.
fn merged(usual: &RawValue, value: &RawValue) -> Result<Box<RawValue>, String> {
    let (Some(mut all), Some(more)) = (members(usual), members(value)) else {
        return Ok(value.to_owned());
    };
    for (name, value) in more {
        let value = match all.get(&name) {
            Some(usual) => merged(usual, &value)?,
            None => value,
        };
        all.insert(name, value);
    }
    object(&all)
}

/// An object with a value at a path within it.
fn within(usual: Option<&RawValue>, path: &[&str], value: Box<RawValue>) -> Option<Box<RawValue>> {
    let Some((first, rest)) = path.split_first() else {
        return Some(value);
    };
    let mut all = match usual {
        Some(usual) => members(usual)?,
        None => Members::new(),
    };
    let inner = all.remove(*first);
    // The last part is replaced, whatever was there.
    let inner = inner.filter(|_| !rest.is_empty());
    let value = within(inner.as_deref(), rest, value)?;
    all.insert((*first).to_owned(), value);
    object(&all).ok()
}

fn has(task: &Members, path: &str) -> bool {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let Some(value) = task.get(first) else {
        return false;
    };
    let Ok(value) = serde_json::from_str::<Value>(value.get()) else {
        return false;
    };
    let inner = match rest {
        "" => Some(&value),
        rest => value.pointer(&format!("/{}", rest.replace('.', "/"))),
    };
    inner.is_some_and(|inner| !inner.is_null() && inner != "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(style: Style, overrides: &str) -> Result<Value, String> {
        let overrides = serde_json::from_str(overrides).unwrap();
        let task = find("callback").unwrap().fill(overrides, style)?;
        Ok(serde_json::to_value(task.any("body")).unwrap())
    }

    #[test]
    fn both_styles_say_the_same() {
        let body = r#"{"queue_id":"q","body":{"to":"+49","lead":{"name":"Ada","n":1.0}}}"#;
        let flat = r#"{"queue_id":"q","body.to":"+49","body.lead":{"name":"?"},"body.lead.name":"Ada","body.lead.n":1.0}"#;
        let nested = filled(Style::Hierarchy, body).unwrap();
        assert_eq!(nested, filled(Style::Flat, flat).unwrap());
        assert_eq!(nested["lead"]["name"], "Ada");
    }

    #[test]
    fn what_a_template_requires_has_to_be_there() {
        for (style, overrides) in [
            (Style::Hierarchy, r#"{"queue_id":"q"}"#),
            (Style::Hierarchy, r#"{"queue_id":"q","body.to":"+49"}"#),
            (Style::Flat, r#"{"queue_id":"q","body":{}}"#),
            (Style::Flat, r#"{"queue_id":"q","body.to":""}"#),
        ] {
            let problem = filled(style, overrides).unwrap_err();
            assert!(problem.starts_with("body.to is required"), "{problem}");
        }
        let inside = filled(Style::Flat, r#"{"queue_id":"q","body":1,"body.to":"+49"}"#);
        assert!(inside.unwrap_err().starts_with("body.to lies within"));
    }
}
