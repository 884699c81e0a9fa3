//! Attributes' paths in a PATCH (RFC 7644, 3.5.2): `active`, `name.givenName`, `members[value eq "…"]`, and with the
//! URN of their schema before them.

use super::filter::Filter;
use super::schema::{AGENT, GROUP, USER};

/// Which attribute a change is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The schema, where it is an extension; in lower case.
    pub extension: Option<String>,
    /// The attribute in lower case; nothing for a whole extension.
    pub attribute: String,
    /// Which of its values.
    pub filter: Option<Filter>,
    /// A part of it, in lower case.
    pub part: Option<String>,
}

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no path of an attribute")]
pub struct NotAPath(String);

impl std::str::FromStr for Path {
    type Err = NotAPath;

    fn from_str(text: &str) -> Result<Self, NotAPath> {
        let wrong = || NotAPath(text.chars().take(100).collect());
        let (extension, name) = schema_of(text);
        let (name, filter, part) = match name.split_once('[') {
            None => match name.split_once('.') {
                Some((name, part)) => (name, None, Some(part)),
                None => (name, None, None),
            },
            Some((name, rest)) => {
                // The last one: there may be others in a text.
                let (filter, part) = rest.rsplit_once(']').ok_or_else(wrong)?;
                let part = match part {
                    "" => None,
                    part => Some(part.strip_prefix('.').ok_or_else(wrong)?),
                };
                let filter = filter.parse().map_err(|_| wrong())?;
                (name, Some(filter), part)
            }
        };
        let whole = name.is_empty() && extension.is_some() && filter.is_none() && part.is_none();
        if !whole && !is_name(name) || part.is_some_and(|part| !is_name(part)) {
            return Err(wrong());
        }
        Ok(Self {
            extension,
            attribute: name.to_ascii_lowercase(),
            filter,
            part: part.map(str::to_ascii_lowercase),
        })
    }
}

/// The extension's schema, where there is one, and what comes after it. The core schemas' own URNs are taken off.
fn schema_of(text: &str) -> (Option<String>, &str) {
    let is_urn = text
        .get(..4)
        .is_some_and(|begin| begin.eq_ignore_ascii_case("urn:"));
    if !is_urn {
        return (None, text);
    }
    for known in [USER, GROUP, AGENT] {
        let Some((urn, rest)) = text.split_at_checked(known.len()) else {
            continue;
        };
        let rest = match rest {
            "" => Some(""),
            rest => rest.strip_prefix(':'),
        };
        if let Some(rest) = rest
            && urn.eq_ignore_ascii_case(known)
        {
            let extension = (known == AGENT).then(|| known.to_ascii_lowercase());
            return (extension, rest);
        }
    }
    // Somebody else's, of which the last part is the attribute.
    match text.rsplit_once(':') {
        Some((urn, name)) if !name.is_empty() => (Some(urn.to_ascii_lowercase()), name),
        _ => (None, text),
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path(text: &str) -> (Option<String>, String, Option<String>, Option<String>) {
        let path: Path = text.parse().unwrap();
        let filter = path.filter.map(|filter| filter.0[0].value.to_string());
        (path.extension, path.attribute, filter, path.part)
    }

    #[test]
    fn what_identity_providers_send_is_read() {
        let plain = |name: &str| (None, name.to_owned(), None, None);
        assert_eq!(path("active"), plain("active"));
        assert_eq!(path("userName"), plain("username"));
        assert_eq!(
            path("urn:ietf:params:scim:schemas:core:2.0:User:displayName"),
            plain("displayname")
        );
        assert_eq!(
            path("name.givenName"),
            (None, "name".into(), None, Some("givenname".into()))
        );
        assert_eq!(
            path("emails[type eq \"work\"].value"),
            (
                None,
                "emails".into(),
                Some("\"work\"".into()),
                Some("value".into())
            )
        );
        assert_eq!(
            path("members[value eq \"a]b\"]"),
            (None, "members".into(), Some("\"a]b\"".into()), None)
        );
        let agent = Some(AGENT.to_ascii_lowercase());
        assert_eq!(
            path(&format!("{AGENT}:agent")),
            (agent.clone(), "agent".into(), None, None)
        );
        assert_eq!(path(AGENT), (agent, String::new(), None, None));
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        assert_eq!(
            path(&format!("{enterprise}:department")),
            (
                Some(enterprise.to_ascii_lowercase()),
                "department".into(),
                None,
                None
            )
        );
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for wrong in [
            "",
            " ",
            "1a",
            "a b",
            "a.",
            "a..b",
            ".a",
            "a[",
            "a]",
            "a[]",
            "a[b]",
            "a[b eq \"c\"",
            "a[b eq \"c\"]d",
            "a[b eq \"c\"].",
            "[b eq \"c\"]",
            "urn:",
            "ä",
            "urn:ietf:params:scim:schemas:core:2.0:User:",
        ] {
            assert!(wrong.parse::<Path>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_text_at_all_stops_it(text in ".{0,120}", pieces in "(urn:|:|\\.|\\[|\\]|\"| eq |[a-zä]|members){0,40}") {
            for text in [text, pieces] {
                if let Ok(path) = text.parse::<Path>() {
                    prop_assert!(!path.attribute.is_empty() || path.extension.is_some());
                    prop_assert_eq!(path.attribute.to_ascii_lowercase(), path.attribute);
                }
            }
        }
    }
}
