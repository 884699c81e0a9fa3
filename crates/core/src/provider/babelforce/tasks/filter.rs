//! Which tasks are asked for, in RSQL.
//!
//! Only what the published examples show is written: `==`, `=in=`, `=gt=`, `=lt=` and `and`. A text is always in
//! quotation marks, a number always digits: nothing that a person types can become a condition of its own.

use crate::provider::tasks::{Filter, Times};

/// The value of the query parameter `filter`; `None` where there is no condition.
pub(super) fn write(filter: &Filter) -> Option<String> {
    let mut conditions = Vec::new();
    if !filter.states.is_empty() {
        let states: Vec<_> = filter
            .states
            .iter()
            .map(|state| quoted(state.as_str()))
            .collect();
        conditions.push(format!("state=in=({})", states.join(",")));
    }
    if let Some(kind) = &filter.kind {
        conditions.push(format!("type=={}", quoted(kind)));
    }
    between(&mut conditions, "created_at", filter.created);
    between(&mut conditions, "scheduled_at", filter.scheduled);
    (!conditions.is_empty()).then(|| conditions.join(" and "))
}

fn between(conditions: &mut Vec<String>, field: &str, times: Times) {
    // There is no example of "at least"; before the first millisecond everything is.
    if let Some(before) = times.since.and_then(|since| since.checked_sub(1)) {
        conditions.push(format!("{field}=gt={before}"));
    }
    if let Some(until) = times.until {
        conditions.push(format!("{field}=lt={until}"));
    }
}

/// A text in single quotation marks, as RSQL has them: a backslash takes the meaning of what follows it.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    for c in text.chars() {
        if matches!(c, '\'' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::provider::tasks::State;

    /// The text of a quoted value and what comes after it, as RSQL reads it.
    fn read(text: &str) -> Option<(String, &str)> {
        let mut chars = text.strip_prefix('\'')?.chars();
        let mut value = String::new();
        loop {
            match chars.next()? {
                '\'' => return Some((value, chars.as_str())),
                '\\' => value.push(chars.next()?),
                c => value.push(c),
            }
        }
    }

    proptest! {
        #[test]
        fn a_text_stays_one_value_whatever_is_in_it(kind in any::<String>(), word in "[ -~]{0,20}") {
            let filter = Filter {
                states: vec![State::Other(word.clone()), State::Failed],
                kind: Some(kind.clone()),
                ..Filter::default()
            };
            let text = write(&filter).unwrap();
            let (state, rest) = read(text.strip_prefix("state=in=(").unwrap()).unwrap();
            prop_assert_eq!(state, word);
            let rest = rest.strip_prefix(",'Failed') and type==").unwrap();
            prop_assert_eq!(read(rest), Some((kind, "")));
        }
    }

    #[test]
    fn conditions_are_written_as_the_published_examples_have_them() {
        let filter = Filter {
            states: vec![State::Scheduled, State::Assigned],
            kind: Some("babelforce.call.inbound".to_owned()),
            created: Times {
                since: Some(1_610_115_403_867),
                until: None,
            },
            scheduled: Times {
                since: Some(0),
                until: Some(1_610_115_403_866),
            },
        };
        assert_eq!(
            write(&filter).unwrap(),
            "state=in=('Scheduled','Assigned') and type=='babelforce.call.inbound' and created_at=gt=1610115403866 and scheduled_at=lt=1610115403866"
        );
        assert_eq!(write(&Filter::default()), None);
    }
}
