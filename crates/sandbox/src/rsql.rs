//! The query language of lists, RSQL, as far as the published examples use it: comparisons of one
//! field each, `and` and `or`, parentheses, quoted values.

/// What an entry of a list has to fulfil.
#[derive(Debug)]
pub enum Condition {
    /// Each of them.
    All(Vec<Condition>),
    /// One of them.
    Any(Vec<Condition>),
    /// A field, compared with one value or a list of them.
    Compare(String, Comparison, Vec<String>),
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// It is that text.
    Is,
    /// It is absent or another text.
    IsNot,
    /// It is one of the texts.
    In,
    /// It is absent or none of the texts.
    Out,
    /// A number below.
    Less,
    /// A number not above.
    AtMost,
    /// A number above.
    Greater,
    /// A number not below.
    AtLeast,
}

/// Every comparison, the longer ones first where one begins as another.
const COMPARISONS: [(&str, Comparison); 8] = [
    ("=in=", Comparison::In),
    ("=out=", Comparison::Out),
    ("=lt=", Comparison::Less),
    ("=le=", Comparison::AtMost),
    ("=gt=", Comparison::Greater),
    ("=ge=", Comparison::AtLeast),
    ("==", Comparison::Is),
    ("!=", Comparison::IsNot),
];

/// How deep parentheses go.
const MAX_DEPTH: usize = 16;

/// Reads a filter; `None` for what is no filter.
pub fn parse(text: &str) -> Option<Condition> {
    let mut reader = Reader { rest: text };
    let condition = reader.any(0)?;
    reader.skip();
    reader.rest.is_empty().then_some(condition)
}

impl Condition {
    /// Whether what `value` says of each field fulfils it; `None` for a field that there is not.
    pub fn holds(&self, value: &impl Fn(&str) -> Option<Option<String>>) -> Option<bool> {
        match self {
            // Every part is looked at, so that a wrong field is found wherever it stands.
            Self::All(parts) => parts.iter().try_fold(true, |all, part| {
                part.holds(value).map(|holds| all && holds)
            }),
            Self::Any(parts) => parts.iter().try_fold(false, |any, part| {
                part.holds(value).map(|holds| any || holds)
            }),
            Self::Compare(field, comparison, wanted) => {
                Some(compare(value(field)?.as_deref(), *comparison, wanted))
            }
        }
    }
}

fn compare(value: Option<&str>, comparison: Comparison, wanted: &[String]) -> bool {
    let is = |value: &str| wanted.iter().any(|wanted| wanted == value);
    let number = |text: &str| text.parse::<i128>().ok();
    let order = value
        .and_then(number)
        .zip(wanted.first().and_then(|wanted| number(wanted)));
    match comparison {
        Comparison::Is | Comparison::In => value.is_some_and(is),
        Comparison::IsNot | Comparison::Out => !value.is_some_and(is),
        Comparison::Less => order.is_some_and(|(value, wanted)| value < wanted),
        Comparison::AtMost => order.is_some_and(|(value, wanted)| value <= wanted),
        Comparison::Greater => order.is_some_and(|(value, wanted)| value > wanted),
        Comparison::AtLeast => order.is_some_and(|(value, wanted)| value >= wanted),
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, sign: &str) -> bool {
        self.skip();
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// A word that stands alone: `and`, `or`.
    fn take_word(&mut self, word: &str) -> bool {
        self.skip();
        let rest = self.rest.strip_prefix(word);
        let rest = rest.filter(|rest| rest.starts_with([' ', '(']));
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn any(&mut self, depth: usize) -> Option<Condition> {
        let mut parts = vec![self.all(depth)?];
        while self.take(",") || self.take_word("or") {
            parts.push(self.all(depth)?);
        }
        Some(Condition::Any(parts))
    }

    fn all(&mut self, depth: usize) -> Option<Condition> {
        let mut parts = vec![self.one(depth)?];
        while self.take(";") || self.take_word("and") {
            parts.push(self.one(depth)?);
        }
        Some(Condition::All(parts))
    }

    fn one(&mut self, depth: usize) -> Option<Condition> {
        if self.take("(") {
            let inner = (depth < MAX_DEPTH).then(|| self.any(depth + 1)).flatten()?;
            return self.take(")").then_some(inner);
        }
        let field = self.plain(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))?;
        self.skip();
        let (sign, comparison) = COMPARISONS
            .into_iter()
            .find(|(sign, _)| self.rest.starts_with(sign))?;
        self.take(sign);
        let wanted = match comparison {
            Comparison::In | Comparison::Out => self.list()?,
            _ => vec![self.value()?],
        };
        Some(Condition::Compare(field, comparison, wanted))
    }

    fn list(&mut self) -> Option<Vec<String>> {
        let mut values = Vec::new();
        if !self.take("(") {
            return None;
        }
        loop {
            values.push(self.value()?);
            if self.take(")") {
                return Some(values);
            }
            if !self.take(",") {
                return None;
            }
        }
    }

    fn value(&mut self) -> Option<String> {
        self.skip();
        let quote = self.rest.chars().next().filter(|c| matches!(c, '\'' | '"'));
        let Some(quote) = quote else {
            return self.plain(|c| !c.is_whitespace() && !"'\"(),;=!<>".contains(c));
        };
        let mut value = String::new();
        let mut chars = self.rest.chars();
        chars.next();
        loop {
            match chars.next()? {
                '\\' => value.push(chars.next()?),
                c if c == quote => break,
                c => value.push(c),
            }
        }
        self.rest = chars.as_str();
        Some(value)
    }

    fn plain(&mut self, of: impl Fn(char) -> bool) -> Option<String> {
        self.skip();
        let end = self.rest.find(|c| !of(c)).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        (!text.is_empty()).then(|| text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(filter: &str) -> Option<bool> {
        let value = |field: &str| match field {
            "state" => Some(Some("Scheduled".to_owned())),
            "type" => Some(Some("it's \\ (odd)".to_owned())),
            "created_at" => Some(Some("1610115403866".to_owned())),
            "queue_id" => Some(None),
            _ => None,
        };
        parse(filter)?.holds(&value)
    }

    #[test]
    fn the_published_examples_are_understood() {
        for (filter, is_so) in [
            ("(state=in=( 'Scheduled', 'Assigned'))", true),
            ("(state=in=('Pending'))", false),
            ("type==babelforce.call.inbound", false),
            ("queue_id!=123213-123123-123-12-3", true),
            ("created_at=gt=1610115403865", true),
            ("created_at=lt=1610115403866", false),
            (
                "(created_at=gt=1610115400000 and created_at=lt=1610115410000)",
                true,
            ),
            (
                "(state=in=('id1','id3') and state=out=('Failed')) or (state=in=('Scheduled'))",
                true,
            ),
            (r"type=='it\'s \\ (odd)'", true),
            (
                "state==Failed or state==Completed and created_at=gt=0",
                false,
            ),
        ] {
            assert_eq!(holds(filter), Some(is_so), "{filter}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        for filter in [
            "",
            "state",
            "state=",
            "state==",
            "(state==a",
            "state==a)",
            "state==a and",
            "state=in=()",
            "state=in=(a",
            "type=='open",
            "nothing==a",
            "state==a or nothing==a",
            &"(".repeat(40),
        ] {
            assert_eq!(holds(filter), None, "{filter}");
        }
    }
}
