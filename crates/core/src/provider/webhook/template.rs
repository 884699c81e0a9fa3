//! A JSON body with places to fill in.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::json;

/// Before the name of what a callback's topic brings.
pub const TARGET: &str = "target.";

/// A JSON object in whose texts `{name}` stands for something, and `{{` for a brace. A text that is nothing but one place
/// becomes what is put there, a number or an object too, and is left out with its key where there is nothing.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Template(Value);

/// What is put into the places: JSON as it is written, so that it arrives value for value.
pub type Values = BTreeMap<String, String>;

/// A text as JSON.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    json::text(&mut quoted, text);
    quoted
}

impl Template {
    /// Checks that every place has a name that is `known`, or begins with [`TARGET`] where that is.
    ///
    /// # Errors
    /// What is wrong, as a sentence.
    pub fn check(&self, known: &[&str]) -> Result<(), String> {
        let mut names = Vec::new();
        collect(&self.0, &mut names)?;
        let is_known = |name: &str| match name.strip_prefix(TARGET) {
            Some(rest) => !rest.is_empty() && known.contains(&TARGET),
            None => known.contains(&name),
        };
        match names.iter().find(|name| !is_known(name)) {
            Some(name) => Err(format!(
                "nothing is called {{{name}}}; there are {}.",
                known.join(", ")
            )),
            None if !self.0.is_object() => Err("it has to be an object.".to_owned()),
            None => Ok(()),
        }
    }

    /// The names of all places of a template that was checked.
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        // What cannot be read has no names.
        let _ = collect(&self.0, &mut names);
        names
    }

    /// The body as JSON text.
    pub fn fill(&self, values: &Values) -> String {
        let mut text = String::new();
        write(&self.0, values, &mut text);
        text
    }
}

/// Words, and the name of the place behind them.
type Piece<'a> = (&'a str, Option<&'a str>);

/// The pieces of a text; behind the last there is no place.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let (mut rest, mut pieces) = (text, Vec::new());
    let open = || format!("a brace in {text:?} is not closed; write {{{{ for a brace.");
    while let Some((words, from)) = rest.split_once('{') {
        rest = if let Some(after) = from.strip_prefix('{') {
            pieces.extend([(words, None), ("{", None)]);
            after
        } else {
            let (name, after) = from.split_once('}').ok_or_else(open)?;
            pieces.push((words, Some(name)));
            after
        };
    }
    pieces.push((rest, None));
    Ok(pieces)
}

fn collect<'a>(value: &'a Value, names: &mut Vec<&'a str>) -> Result<(), String> {
    match value {
        Value::String(text) => names.extend(pieces(text)?.iter().filter_map(|(_, name)| *name)),
        Value::Array(items) => items.iter().try_for_each(|item| collect(item, names))?,
        Value::Object(members) => {
            if let Some(key) = members.keys().find(|key| key.contains(['{', '}'])) {
                return Err(format!("{key:?} has a brace; only values have places."));
            }
            members.values().try_for_each(|item| collect(item, names))?;
        }
        _ => {}
    }
    Ok(())
}

/// Writes a value; `false` where it is a place for something that is not there.
fn write(value: &Value, values: &Values, out: &mut String) -> bool {
    match value {
        Value::String(text) => return write_text(text, values, out),
        Value::Array(items) => {
            let items = items.iter().map(|item| (None, item));
            write_all(["[", "]"], items, values, out);
        }
        Value::Object(members) => {
            let members = members.iter().map(|(key, item)| (Some(key), item));
            write_all(["{", "}"], members, values, out);
        }
        other => out.push_str(&other.to_string()),
    }
    true
}

/// Writes what is in an object, or in a list: there nothing has a key.
fn write_all<'v>(
    [open, close]: [&str; 2],
    items: impl Iterator<Item = (Option<&'v String>, &'v Value)>,
    values: &Values,
    out: &mut String,
) {
    let mut written = Vec::new();
    for (key, item) in items {
        let mut text = String::new();
        if let Some(key) = key {
            text.push_str(&quoted(key));
            text.push(':');
        }
        if write(item, values, &mut text) {
            written.push(text);
        }
    }
    out.push_str(&[open, &written.join(","), close].concat());
}

fn write_text(text: &str, values: &Values, out: &mut String) -> bool {
    // `check` has read it before.
    let pieces = pieces(text).unwrap_or_default();
    if let [("", Some(name)), ("", None)] = pieces.as_slice() {
        let value = values.get(*name);
        out.extend(value.map(String::as_str));
        return value.is_some();
    }
    let mut filled = String::new();
    for (words, name) in pieces {
        filled.push_str(words);
        if let Some(value) = name.and_then(|name| values.get(name)) {
            // What is no text stands there as JSON.
            filled.push_str(&serde_json::from_str(value).unwrap_or_else(|_| value.clone()));
        }
    }
    json::text(out, &filled);
    true
}
