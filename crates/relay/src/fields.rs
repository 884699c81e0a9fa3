//! What a visitor has filled in besides the number: read by the fields of the key, and refused where it does not fit.

use std::collections::BTreeMap;

use jiff::civil::Date;
use patchcord_core::error::Code;
use serde_json::Value;

use crate::config::{Field, FieldKind, RESERVED_FIELDS, SiteKey};
use crate::hours::local::date;
use crate::http::body::Members;
use crate::http::problem::Problem;

/// The most characters of a field that the page itself has added.
const PAGE_FIELD_MAX: u32 = 500;
/// The most characters of such a field's name.
const PAGE_NAME_MAX: usize = 40;

/// What was filled in, by name: texts, and `true` or `false` for checkboxes.
pub type Filled = BTreeMap<String, Value>;

/// Reads `fields` of a wish about this topic.
///
/// # Errors
/// [`Code::MissingField`], [`Code::InvalidField`] or [`Code::UnknownField`] about `fields.<name>`, and
/// [`Code::SpamSuspected`] where the field was filled in that people do not see.
pub fn read(key: &SiteKey, topic: &str, given: Option<Members>) -> Result<Filled, Problem> {
    let Some(mut given) = given else {
        return none(key, topic);
    };
    if let Some(honeypot) = &key.honeypot {
        let filled = given.optional::<String>(honeypot, "empty")?;
        if filled.is_some_and(|text| !text.trim().is_empty()) {
            return Err(Problem::new(
                Code::SpamSuspected,
                "A field that people do not see was filled in.",
            ));
        }
    }
    let mut filled = Filled::new();
    for field in key.fields.iter().filter(|field| field.is_asked_for(topic)) {
        let path = path(&field.name);
        match value(field, &path, &mut given)? {
            Some(value) => drop(filled.insert(field.name.clone(), value)),
            None if field.required => return Err(missing(&path)),
            None => {}
        }
    }
    read_page_fields(key, &mut given, &mut filled)?;
    given.finish()?;
    Ok(filled)
}

/// Nothing was sent.
fn none(key: &SiteKey, topic: &str) -> Result<Filled, Problem> {
    let mut asked = key.fields.iter().filter(|field| field.is_asked_for(topic));
    match asked.find(|field| field.required) {
        Some(field) => Err(missing(&path(&field.name))),
        None => Ok(Filled::new()),
    }
}

fn path(name: &str) -> String {
    format!("fields.{name}")
}

fn missing(path: &str) -> Problem {
    let detail = format!("`{path}` is missing: it has to be filled in.");
    Problem::of(Code::MissingField, path, detail)
}

fn invalid(path: &str, what: &str) -> Problem {
    Problem::of(Code::InvalidField, path, format!("`{path}` {what}."))
}

/// What was filled in; nothing for an empty text.
fn value(field: &Field, path: &str, given: &mut Members) -> Result<Option<Value>, Problem> {
    let name = &field.name;
    if field.kind == FieldKind::Checkbox {
        let checked = given.optional::<bool>(name, "true or false")?;
        // What has to be agreed to is not agreed to by `false`.
        return Ok(checked
            .filter(|checked| *checked || !field.required)
            .map(Value::from));
    }
    let text = given.optional::<String>(name, "text")?;
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    match &field.kind {
        FieldKind::Text { max } | FieldKind::Hidden { max } => {
            at_most(path, &text, *max)?;
            Ok(Some(text.into()))
        }
        FieldKind::Email { max } => {
            let address = text.trim();
            at_most(path, address, *max)?;
            if !is_address(address) {
                return Err(invalid(path, "has to be an e-mail address"));
            }
            Ok(Some(address.into()))
        }
        FieldKind::Select { options } => {
            if options.iter().all(|option| option.value != text) {
                return Err(invalid(path, "has to be one of the field's options")
                    .with_remedy("GET /v1/config lists the options."));
            }
            Ok(Some(text.into()))
        }
        FieldKind::Date { min, max } => {
            check_date(path, &text, *min, *max)?;
            Ok(Some(text.into()))
        }
        FieldKind::Checkbox => Ok(None),
    }
}

fn at_most(path: &str, text: &str, max: u32) -> Result<(), Problem> {
    if text.chars().count() > usize::try_from(max).unwrap_or(usize::MAX) {
        return Err(invalid(path, &format!("has more than {max} characters")));
    }
    Ok(())
}

fn check_date(path: &str, text: &str, min: Option<Date>, max: Option<Date>) -> Result<(), Problem> {
    let day =
        date(text).map_err(|_| invalid(path, "has to be a day of the calendar, as 2026-12-24"))?;
    match (min, max) {
        (Some(min), _) if day < min => Err(invalid(path, &format!("is before {min}"))),
        (_, Some(max)) if day > max => Err(invalid(path, &format!("is after {max}"))),
        _ => Ok(()),
    }
}

/// Whether mail could go there. Whether it arrives only a mail can tell, so what is unusual is let through.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let in_local = |c: char| c.is_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    let is_label = |label: &str| {
        !label.is_empty()
            && label.chars().count() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    !local.is_empty()
        && local.chars().count() <= 64
        && local.chars().all(in_local)
        && domain.contains('.')
        && domain.split('.').all(is_label)
}

/// Takes the fields that the page has added to those of the key, as many as it may.
fn read_page_fields(
    key: &SiteKey,
    given: &mut Members,
    filled: &mut Filled,
) -> Result<(), Problem> {
    if key.page_fields == 0 {
        return Ok(());
    }
    // A field of the key that is not asked for now is no field of the page.
    let names: Vec<String> = given
        .names()
        .filter(|name| key.fields.iter().all(|field| field.name != *name))
        .map(str::to_owned)
        .collect();
    let most = usize::from(key.page_fields);
    for (place, name) in names.into_iter().enumerate() {
        let path = path(&name);
        if place >= most {
            let detail = format!("The page has added more than {most} fields.");
            return Err(Problem::of(Code::InvalidField, path, detail).with_remedy(
                "Send fewer, or raise `page_fields` of the key in the relay's configuration.",
            ));
        }
        if !is_page_name(&name) {
            return Err(invalid(
                &path,
                &format!(
                    "has to have a name of at most {PAGE_NAME_MAX} small letters, digits and _, a letter first, not beginning with {RESERVED_FIELDS}"
                ),
            ));
        }
        match given.optional::<Value>(&name, "text, true or false")? {
            Some(Value::String(text)) => {
                at_most(&path, &text, PAGE_FIELD_MAX)?;
                if !text.trim().is_empty() {
                    filled.insert(name, text.into());
                }
            }
            Some(checked @ Value::Bool(_)) => drop(filled.insert(name, checked)),
            Some(_) => return Err(invalid(&path, "has to be text, true or false")),
            None => {}
        }
    }
    Ok(())
}

fn is_page_name(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    name.len() <= PAGE_NAME_MAX
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(allowed)
        && !name.starts_with(RESERVED_FIELDS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_has_a_name_and_a_domain() {
        for right in [
            "ada@acme.example",
            "a.d+a_'x@mail.acme-works.example",
            "jörg@bücher.example",
            "x@1.example",
        ] {
            assert!(is_address(right), "{right}");
        }
        for wrong in [
            "ada",
            "ada@",
            "@acme.example",
            "ada@localhost",
            "ada@acme..example",
            "ada@.example",
            "ada@-acme.example",
            "ada@acme.example.",
            "a da@acme.example",
            "ada@ac me.example",
            "ada@acme@example.com",
            "ada@acme.example\nBcc: x@y.example",
            "Ada <ada@acme.example>",
            "\u{feff}",
        ] {
            assert!(!is_address(wrong), "{wrong}");
        }
        assert!(!is_address(&format!("{}@acme.example", "a".repeat(65))));
        assert!(!is_address(&format!("a@{}.example", "a".repeat(64))));
    }

    fn days(year: i32, month: u32) -> u32 {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    proptest! {
        #[test]
        fn a_date_is_taken_if_it_is_in_the_calendar(year in 1_i32..=9999, month in 0_u32..=13, day in 0_u32..=32) {
            let text = format!("{year:04}-{month:02}-{day:02}");
            let is_real = (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
            prop_assert_eq!(check_date("fields.day", &text, None, None).is_ok(), is_real, "{}", text);
        }

        #[test]
        fn a_date_within_bounds_is_taken_and_no_other(
            min in 0_i32..4000, length in 0_i32..400, day in -100_i32..4500
        ) {
            let at = |days: i32| Date::constant(2020, 1, 1) + jiff::Span::new().days(days);
            let taken = check_date("fields.day", &at(day).to_string(), Some(at(min)), Some(at(min + length)));
            prop_assert_eq!(taken.is_ok(), (min..=min + length).contains(&day));
        }

        #[test]
        fn only_one_way_to_write_a_date_is_taken(text in "[ +0-9:TZ/-]{8,12}") {
            if check_date("fields.day", &text, None, None).is_ok() {
                prop_assert_eq!(date(&text).unwrap().to_string(), text);
            }
        }

        #[test]
        fn an_address_that_is_taken_could_stand_in_a_line(text in "[a-z@. \\n<>,;:\"ä-]{1,30}") {
            if is_address(&text) {
                prop_assert_eq!(text.matches('@').count(), 1);
                prop_assert!(!text.contains([' ', '\n', '<', '>', ',', ';', ':', '"']));
            }
        }
    }
}
