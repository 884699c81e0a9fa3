//! Changes of some attributes (RFC 7644, 3.5.2), as Entra ID and Okta send them: operations in any case, values of
//! `active` as text, and replacements without a path.

use serde_json::{Map, Value};

use super::path::Path;
use super::refusal::Refusal;

/// The most operations of one change.
const MOST: usize = 1000;

/// What is done to an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Values are added; a single one is replaced.
    Add,
    /// It goes, or some of its values do.
    Remove,
    /// It gets this value instead.
    Replace,
}

/// Who named an attribute: what nobody keeps is passed over, except where it was meant by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// It was the path of an operation.
    ByPath,
    /// It was there among others, in a whole resource or a change without a path.
    AmongOthers,
}

/// One step of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is done.
    pub op: Op,
    /// To what.
    pub path: Path,
    /// The new value; null for a removal of everything.
    pub value: Value,
    /// How it came about.
    pub named: Named,
}

/// The steps of a whole resource (a creation or replacement).
pub fn of_resource(resource: &Map<String, Value>) -> Vec<Step> {
    members(Op::Replace, resource)
}

/// The steps of a change.
///
/// # Errors
/// [`Refusal::syntax`], [`Refusal::path`] or [`Refusal::no_target`].
pub fn read(body: &Map<String, Value>) -> Result<Vec<Step>, Refusal> {
    let operations = member(body, "operations").and_then(Value::as_array);
    let operations = operations.ok_or_else(|| Refusal::syntax("`Operations` is missing."))?;
    if operations.is_empty() || operations.len() > MOST {
        let detail = format!("`Operations` has to have between 1 and {MOST} entries.");
        return Err(Refusal::syntax(detail));
    }
    let mut steps = Vec::new();
    for operation in operations {
        let operation = operation.as_object();
        let operation =
            operation.ok_or_else(|| Refusal::syntax("An operation is no JSON object."))?;
        let op = member(operation, "op").and_then(Value::as_str);
        let op = match op.map(str::to_ascii_lowercase).as_deref() {
            Some("add") => Op::Add,
            Some("remove") => Op::Remove,
            Some("replace") => Op::Replace,
            _ => return Err(Refusal::syntax("`op` has to be add, remove or replace.")),
        };
        let value = member(operation, "value").cloned().unwrap_or_default();
        match member(operation, "path").filter(|path| !path.is_null()) {
            Some(path) => {
                let path = path.as_str().unwrap_or_default();
                let path = path
                    .parse()
                    .map_err(|error| Refusal::path(format!("{error}.")))?;
                steps.push(Step {
                    op,
                    path,
                    value,
                    named: Named::ByPath,
                });
            }
            None if op == Op::Remove => return Err(Refusal::no_target()),
            None => match value.as_object() {
                Some(value) => steps.extend(members(op, value)),
                None => {
                    return Err(Refusal::syntax(
                        "Without `path`, `value` has to be an object.",
                    ));
                }
            },
        }
    }
    Ok(steps)
}

fn members(op: Op, object: &Map<String, Value>) -> Vec<Step> {
    let step = |(key, value): (&String, &Value)| {
        Some(Step {
            op,
            // What cannot be an attribute is kept by nobody.
            path: key.parse().ok()?,
            value: value.clone(),
            named: Named::AmongOthers,
        })
    };
    object.iter().filter_map(step).collect()
}

/// A member of an object, whatever the case of its name.
pub fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let same = |(key, _): &(&String, &Value)| key.eq_ignore_ascii_case(name);
    object.iter().find(same).map(|(_, value)| value)
}

/// A text of at most 256 characters that can be stored; null or nothing is none. Entra ID may put a single value into
/// a list.
///
/// # Errors
/// [`Refusal::value`].
pub fn text(attribute: &str, value: &Value) -> Result<Option<String>, Refusal> {
    let single = match value.as_array().map(Vec::as_slice) {
        Some([only]) => only.get("value").unwrap_or(only),
        _ => value,
    };
    let fits = |text: &str| text.chars().count() <= 256 && !text.chars().any(char::is_control);
    match single {
        Value::Null => Ok(None),
        Value::String(text) if fits(text) => {
            Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
        }
        _ => Err(Refusal::value(
            attribute,
            "a text of at most 256 characters, without control characters",
        )),
    }
}
