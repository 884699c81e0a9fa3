//! Values that come from the environment or from files instead of the configuration itself.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use super::ConfigError;

const PREFIX: &str = "PATCHCORD_";
/// Variables with the prefix that are no overrides.
const RESERVED: &[&str] = &["PATCHCORD_LOG", "PATCHCORD_LOG_FORMAT"];

/// The environment as a value, so that tests need not change the process's own.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The process's own. Variables that are not UTF-8 are left out.
    pub fn of_process() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
                .collect(),
        )
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(variables: [(&str, &str); N]) -> Self {
        Self(
            variables
                .into_iter()
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .collect(),
        )
    }
}

/// Puts `PATCHCORD_<PATH>` into the table; gives back the names that were used.
///
/// The path is the key's, in capitals, its parts joined by `_`; an entry of a list of sections goes by its
/// place, from 0: `PATCHCORD_ACCOUNT_1_TIMEOUT`. A value takes the type that the file has there. Where the
/// file has none, what reads as a TOML number, boolean or list is one, and everything else is text.
///
/// # Errors
/// A value that does not fit, or a list entry that does not exist.
pub fn apply(table: &mut Table, environment: &Environment) -> Result<Vec<String>, ConfigError> {
    let mut referenced = Vec::new();
    collect_references(&Value::Table(table.clone()), &mut referenced);
    let mut applied = Vec::new();
    for (name, text) in &environment.0 {
        let Some(path) = name.strip_prefix(PREFIX) else {
            continue;
        };
        if RESERVED.contains(&name.as_str()) || referenced.contains(name) {
            continue;
        }
        set(table, &path.to_ascii_lowercase(), text).map_err(|problem| {
            ConfigError::new(
                name,
                problem,
                "Correct this environment variable or remove it.",
            )
        })?;
        applied.push(name.clone());
    }
    Ok(applied)
}

fn collect_references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Table(table) => match reference(table) {
            Some(("env", name)) => names.push(name.to_owned()),
            _ => table
                .values()
                .for_each(|inner| collect_references(inner, names)),
        },
        Value::Array(items) => items
            .iter()
            .for_each(|inner| collect_references(inner, names)),
        _ => {}
    }
}

fn set(table: &mut Table, path: &str, text: &str) -> Result<(), String> {
    for (key, value) in table.iter_mut() {
        let Some(rest) = path
            .strip_prefix(key.as_str())
            .and_then(|rest| rest.strip_prefix('_'))
        else {
            continue;
        };
        match value {
            Value::Table(inner) => return set(inner, rest, text),
            Value::Array(items) if items.iter().all(Value::is_table) && !items.is_empty() => {
                let (place, rest) = rest.split_once('_').unwrap_or((rest, ""));
                let count = items.len();
                let entry = place
                    .parse::<usize>()
                    .ok()
                    .and_then(|place| items.get_mut(place));
                return match entry {
                    Some(Value::Table(inner)) if !rest.is_empty() => set(inner, rest, text),
                    _ => Err(format!(
                        "`{key}` has {count} entries, numbered from 0, each with keys of its own"
                    )),
                };
            }
            _ => {}
        }
    }
    let value = match table.get(path) {
        Some(Value::Table(_)) => return Err(format!("`{path}` is a section, not a value")),
        Some(Value::String(_)) => Value::String(text.to_owned()),
        Some(old) => match literal(text) {
            Some(new) if new.same_type(old) => new,
            _ => return Err(format!("`{path}` has to be of type {}", old.type_str())),
        },
        None => literal(text).unwrap_or_else(|| Value::String(text.to_owned())),
    };
    table.insert(path.to_owned(), value);
    Ok(())
}

/// A TOML number, boolean, list or quoted text.
fn literal(text: &str) -> Option<Value> {
    let mut table: Table = toml::from_str(&format!("value = {text}")).ok()?;
    (table.len() == 1)
        .then(|| table.remove("value"))
        .flatten()
        .filter(|value| !value.is_table())
}

/// Replaces every `{ env = "NAME" }` and `{ file = "path" }` by the text it names.
///
/// One line break at the end of a file is dropped; editors put it there.
///
/// # Errors
/// A variable that is not set or a file that cannot be read.
pub fn resolve_secrets(
    table: &mut Table,
    base: &Path,
    environment: &Environment,
) -> Result<(), ConfigError> {
    for (key, value) in table.iter_mut() {
        resolve(value, key, base, environment)?;
    }
    Ok(())
}

fn resolve(
    value: &mut Value,
    path: &str,
    base: &Path,
    environment: &Environment,
) -> Result<(), ConfigError> {
    match value {
        Value::Table(table) => {
            let found = match reference(table) {
                Some(("env", name)) => environment.0.get(name).cloned().ok_or_else(|| {
                    ConfigError::new(
                        path,
                        format!("the environment variable {name} is not set"),
                        "Set it, or name another.",
                    )
                })?,
                Some((_, file)) => {
                    let text = std::fs::read_to_string(base.join(file)).map_err(|e| {
                        ConfigError::new(
                            path,
                            format!("the file {file} cannot be read: {e}"),
                            "Create it, or name another.",
                        )
                    })?;
                    text.strip_suffix('\n')
                        .map(|line| line.strip_suffix('\r').unwrap_or(line))
                        .unwrap_or(&text)
                        .to_owned()
                }
                None => {
                    for (key, inner) in table.iter_mut() {
                        resolve(inner, &format!("{path}.{key}"), base, environment)?;
                    }
                    return Ok(());
                }
            };
            *value = Value::String(found);
        }
        Value::Array(items) => {
            for (place, inner) in items.iter_mut().enumerate() {
                resolve(inner, &format!("{path}[{place}]"), base, environment)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// `("env", NAME)` or `("file", path)`, if that is all there is in the table.
pub fn reference(table: &Table) -> Option<(&str, &str)> {
    let mut entries = table.iter();
    match (entries.next(), entries.next()) {
        (Some((kind, Value::String(name))), None) if kind == "env" || kind == "file" => {
            Some((kind, name))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(text: &str, variables: Environment) -> Result<Table, ConfigError> {
        let mut table = toml::from_str(text).unwrap();
        apply(&mut table, &variables)?;
        resolve_secrets(&mut table, Path::new("."), &variables)?;
        Ok(table)
    }

    #[test]
    fn a_variable_replaces_a_value_and_keeps_its_type() {
        let text = "listen = 'a'\nduplicate_window = 3\n[[account]]\nbase_url = 'x'\ngrant = { password = 'p' }";
        let table = applied(
            text,
            Environment::from([
                ("PATCHCORD_LISTEN", "b"),
                ("PATCHCORD_DUPLICATE_WINDOW", "5"),
                ("PATCHCORD_ACCOUNT_0_BASE_URL", "12"),
                ("PATCHCORD_ACCOUNT_0_GRANT_PASSWORD", "q"),
                ("PATCHCORD_LOG", "debug"),
                ("OTHER", "z"),
            ]),
        )
        .unwrap();
        let expected: Table = toml::from_str(
            "listen = 'b'\nduplicate_window = 5\n[[account]]\nbase_url = '12'\ngrant = { password = 'q' }",
        )
        .unwrap();
        assert_eq!(table, expected);
    }

    #[test]
    fn a_variable_for_an_entry_that_does_not_exist_is_an_error_that_names_it() {
        let error = applied(
            "[[account]]\nname = 'a'",
            Environment::from([("PATCHCORD_ACCOUNT_1_NAME", "b")]),
        );
        assert_eq!(error.unwrap_err().path, "PATCHCORD_ACCOUNT_1_NAME");
    }

    #[test]
    fn a_value_of_the_wrong_type_is_an_error() {
        let error = applied(
            "duplicate_window = 3",
            Environment::from([("PATCHCORD_DUPLICATE_WINDOW", "soon")]),
        );
        assert!(error.unwrap_err().problem.contains("integer"));
    }

    #[test]
    fn a_secret_can_be_named_instead_of_written() {
        let table = applied(
            "[[issuer]]\nsecret = { env = 'PATCHCORD_SIGNING' }",
            Environment::from([("PATCHCORD_SIGNING", "s3cret")]),
        )
        .unwrap();
        assert_eq!(
            table,
            toml::from_str("[[issuer]]\nsecret = 's3cret'").unwrap()
        );
        let error = applied(
            "[[issuer]]\nsecret = { env = 'NOT_SET' }",
            Environment::default(),
        )
        .unwrap_err();
        assert_eq!(error.path, "issuer[0].secret");
    }
}
