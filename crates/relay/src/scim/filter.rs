//! Filters (RFC 7644, 3.4.2.2), as far as identity providers send them: `eq`, joined by `and`.

use serde_json::Value;

/// The most bytes of a filter.
const LONGEST: usize = 2048;
/// The most conditions of a filter.
const MOST: usize = 8;

/// Conditions that hold all at once; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter(pub Vec<Condition>);

/// An attribute has a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The attribute's path in lower case: names are compared without regard to case.
    pub attribute: String,
    /// The value: text, a number, `true`, `false` or `null`.
    pub value: Value,
}

/// Why a text is no filter that is known here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAFilter {
    /// Nothing of it is read.
    #[error("the filter has more than {LONGEST} bytes or {MOST} conditions")]
    TooLong,
    /// There should be an attribute.
    #[error("there is no attribute at byte {0} of the filter")]
    Attribute(usize),
    /// There should be `eq`.
    #[error("at byte {0} of the filter there is not `eq`, the only operator that is known here")]
    Operator(usize),
    /// There should be a value.
    #[error("there is no value at byte {0} of the filter: text in double quotes, true or false")]
    Value(usize),
    /// There should be `and`, or nothing more.
    #[error("at byte {0} of the filter there is not `and`, which alone can join conditions here")]
    Junction(usize),
}

impl std::str::FromStr for Filter {
    type Err = NotAFilter;

    fn from_str(text: &str) -> Result<Self, NotAFilter> {
        if text.len() > LONGEST {
            return Err(NotAFilter::TooLong);
        }
        let mut rest = Rest { text, at: 0 };
        let mut conditions = Vec::new();
        loop {
            rest.skip_blanks();
            let begin = rest.at;
            let attribute = rest.word(is_of_name);
            if !attribute.starts_with(|c: char| c.is_ascii_alphabetic()) {
                return Err(NotAFilter::Attribute(begin));
            }
            let attribute = attribute.to_ascii_lowercase();
            let begin = rest.at;
            if !rest.skip_blanks() || !rest.word(is_letter).eq_ignore_ascii_case("eq") {
                return Err(NotAFilter::Operator(begin));
            }
            let begin = rest.at;
            let value = (rest.skip_blanks()).then(|| rest.value()).flatten();
            let value = value.ok_or(NotAFilter::Value(begin))?;
            conditions.push(Condition { attribute, value });
            if conditions.len() > MOST {
                return Err(NotAFilter::TooLong);
            }
            let begin = rest.at;
            let blank = rest.skip_blanks();
            if rest.left().is_empty() {
                return Ok(Self(conditions));
            }
            if !blank || !rest.word(is_letter).eq_ignore_ascii_case("and") {
                return Err(NotAFilter::Junction(begin));
            }
            // A blank, or there is no attribute.
            if !rest.skip_blanks() {
                return Err(NotAFilter::Attribute(rest.at));
            }
        }
    }
}

/// What of a filter was not read yet.
struct Rest<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Rest<'a> {
    fn left(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Whether there was a blank.
    fn skip_blanks(&mut self) -> bool {
        let left = self.left();
        let blanks = left.len() - left.trim_start_matches(' ').len();
        self.at += blanks;
        blanks > 0
    }

    fn word(&mut self, is_of_it: fn(char) -> bool) -> &'a str {
        let left = self.left();
        let end = left.find(|c| !is_of_it(c)).unwrap_or(left.len());
        self.at += end;
        left.get(..end).unwrap_or_default()
    }

    /// A JSON value that is no object and no list.
    fn value(&mut self) -> Option<Value> {
        let left = self.left();
        let end = if left.starts_with('"') {
            end_of_text(left)?
        } else {
            left.find([' ', ']', ')']).unwrap_or(left.len())
        };
        let value = serde_json::from_str(left.get(..end)?).ok()?;
        self.at += end;
        (!matches!(value, Value::Array(_) | Value::Object(_))).then_some(value)
    }
}

/// Behind the quote that ends a text.
fn end_of_text(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// A part of an attribute's path, which may begin with the URN of its schema.
fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '$')
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn conditions(text: &str) -> Vec<(String, Value)> {
        let Filter(conditions) = text.parse().unwrap();
        conditions
            .into_iter()
            .map(|condition| (condition.attribute, condition.value))
            .collect()
    }

    #[test]
    fn what_identity_providers_send_is_read() {
        assert_eq!(
            conditions(r#"userName eq "Test_User_dfeef4c5@acme.example""#),
            [("username".into(), json!("Test_User_dfeef4c5@acme.example"))]
        );
        assert_eq!(
            conditions(r#"  EXTERNALID  Eq  "a \"b\" \\ c\u00e4"  AND active eq true "#),
            [
                ("externalid".into(), json!("a \"b\" \\ cä")),
                ("active".into(), json!(true))
            ]
        );
        assert_eq!(
            conditions(r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "a and b eq c""#),
            [(
                "urn:ietf:params:scim:schemas:core:2.0:user:username".into(),
                json!("a and b eq c")
            )]
        );
    }

    #[test]
    fn what_is_no_filter_says_where() {
        for (wrong, why) in [
            ("", NotAFilter::Attribute(0)),
            ("(userName eq \"a\")", NotAFilter::Attribute(0)),
            ("not (a eq \"b\")", NotAFilter::Operator(3)),
            ("userName", NotAFilter::Operator(8)),
            ("userName co \"a\"", NotAFilter::Operator(8)),
            ("userName eq", NotAFilter::Value(11)),
            ("userName eq \"a", NotAFilter::Value(11)),
            ("userName eq a", NotAFilter::Value(11)),
            ("userName eq [\"a\"]", NotAFilter::Value(11)),
            ("userName eq \"a\" or b eq \"c\"", NotAFilter::Junction(15)),
            ("userName eq \"a\"and b eq \"c\"", NotAFilter::Junction(15)),
            ("userName eq \"a\" and ", NotAFilter::Attribute(20)),
            ("userName eq \"a\" and", NotAFilter::Attribute(19)),
        ] {
            assert_eq!(wrong.parse::<Filter>(), Err(why), "{wrong}");
        }
        let many = ["a eq true"; MOST + 1].join(" and ");
        assert_eq!(many.parse::<Filter>(), Err(NotAFilter::TooLong));
        let long = format!("a eq \"{}\"", "x".repeat(LONGEST));
        assert_eq!(long.parse::<Filter>(), Err(NotAFilter::TooLong));
    }

    proptest! {
        #[test]
        fn what_was_written_of_conditions_is_read_as_those(
            wanted in prop::collection::vec(("[a-zA-Z][a-zA-Z0-9.:_$-]{0,20}", ".{0,40}"), 1..=MOST)
        ) {
            let written: Vec<_> = wanted
                .iter()
                .map(|(name, text)| format!("{name} eq {}", json!(text)))
                .collect();
            let written = written.join(" and ");
            prop_assume!(written.len() <= LONGEST);
            let read = conditions(&written);
            let wanted: Vec<_> = wanted
                .into_iter()
                .map(|(name, text)| (name.to_ascii_lowercase(), json!(text)))
                .collect();
            prop_assert_eq!(read, wanted);
        }

        #[test]
        fn no_text_at_all_stops_it(text in ".{0,200}", pieces in "( |eq|and|\"|\\\\|[a-z]|\\[|true|ä){0,60}") {
            for text in [text, pieces] {
                if let Ok(Filter(conditions)) = text.parse::<Filter>() {
                    prop_assert!(!conditions.is_empty() && conditions.len() <= MOST);
                }
            }
        }
    }
}
