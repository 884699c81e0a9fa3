//! A text with links in it, written as `Read our [privacy policy](https://acme.example/privacy).`

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use utoipa::ToSchema;

use super::address::https;

/// A text with links in it: parts in their order, none of them empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    written: String,
    parts: Vec<Part>,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TextPart)]
pub struct Part {
    /// The words.
    pub text: String,
    /// Where they lead, an `https://` address (`http://` on this machine itself alone); absent in plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What begins as a link and is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotALink {
    /// `](` without the bracket that ends the address.
    #[error("the link on `{0}` does not end; write [words](https://…)")]
    Open(String),
    /// Nothing to click.
    #[error("a link has no words; write [words](https://…)")]
    NoWords,
    /// A browser is not to be sent there.
    #[error("the link on `{0}` does not lead to an https:// address")]
    Address(String),
}

impl Linked {
    /// The parts, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The words alone.
    pub fn plain(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect()
    }

    /// Adds words that are no link.
    fn words(parts: &mut Vec<Part>, text: &str) {
        match parts.last_mut() {
            _ if text.is_empty() => {}
            Some(Part {
                text: last,
                url: None,
            }) => last.push_str(text),
            _ => parts.push(Part {
                text: text.to_owned(),
                url: None,
            }),
        }
    }
}

impl fmt::Display for Linked {
    /// As it was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl FromStr for Linked {
    type Err = NotALink;

    /// Reads `[words](address)`; brackets that no address follows are words. Words have no brackets in them, an
    /// address has no `)` (write `%29`).
    fn from_str(written: &str) -> Result<Self, NotALink> {
        let mut parts = Vec::new();
        let mut rest = written;
        while let Some((before, words, after)) = next(rest) {
            // Of two opening brackets the inner one is the link's.
            let Some((address, after)) = after.split_once(')') else {
                return Err(NotALink::Open(words.to_owned()));
            };
            if words.trim().is_empty() {
                return Err(NotALink::NoWords);
            }
            let url = https(address).ok_or_else(|| NotALink::Address(words.to_owned()))?;
            Self::words(&mut parts, before);
            parts.push(Part {
                text: words.to_owned(),
                url: Some(url.into()),
            });
            rest = after;
        }
        Self::words(&mut parts, rest);
        Ok(Self {
            written: written.to_owned(),
            parts,
        })
    }
}

/// What is before the next link, its words, and what comes after `](`.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let end = from + text.get(from..)?.find("](")?;
        let (before, after) = (text.get(..end)?, text.get(end + 2..)?);
        // The bracket that opens it, with no other one in between.
        match before.rsplit_once(['[', ']']) {
            Some((outside, words)) if before.get(outside.len()..)?.starts_with('[') => {
                return Some((outside, words, after));
            }
            _ => from = end + 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(text: &str) -> Part {
        Part {
            text: text.to_owned(),
            url: None,
        }
    }

    fn link(text: &str, url: &str) -> Part {
        Part {
            text: text.to_owned(),
            url: Some(url.to_owned()),
        }
    }

    #[test]
    fn links_are_found_and_other_brackets_are_words() {
        let text: Linked =
            "You may [call me](https://a.example/call?x=1#y) [soon] [[or](http://localhost:8/b) not](.)".parse().unwrap();
        assert_eq!(
            text.parts(),
            [
                plain("You may "),
                link("call me", "https://a.example/call?x=1#y"),
                plain(" [soon] ["),
                link("or", "http://localhost:8/b"),
                plain(" not](.)"),
            ]
        );
        assert_eq!(text.plain(), "You may call me [soon] [or not](.)");
        assert!("".parse::<Linked>().unwrap().parts().is_empty());
    }

    #[test]
    fn only_addresses_that_a_browser_may_be_sent_to_are_links() {
        for wrong in [
            "[x](http://a.example)",
            "[x](javascript:alert(1))",
            "[x](/privacy)",
            "[x](data:text/html,x)",
            "[x](https://user:secret@a.example)",
            "[x]()",
            "[ ](https://a.example)",
            "[x](https://a.example",
        ] {
            assert!(wrong.parse::<Linked>().is_err(), "{wrong}");
        }
    }

    fn any_part() -> impl Strategy<Value = Part> {
        let words = "[^\\[\\]()]{0,12}[a-zäß営]";
        prop_oneof![
            words.prop_map(|text| plain(&text)),
            (words, "[a-z]{1,9}/[a-z0-9]{0,9}")
                .prop_map(|(text, path)| link(&text, &format!("https://{path}"))),
        ]
    }

    proptest! {
        #[test]
        fn what_was_written_of_parts_is_read_as_those_parts(parts in prop::collection::vec(any_part(), 0..8)) {
            let written: String = parts
                .iter()
                .map(|part| match &part.url {
                    Some(url) => format!("[{}]({url})", part.text),
                    None => part.text.clone(),
                })
                .collect();
            let read: Linked = written.parse().unwrap();
            let words: String = parts.iter().map(|part| part.text.as_str()).collect();
            prop_assert_eq!(read.plain(), words);
            let links = |parts: &[Part]| -> Vec<Part> {
                parts.iter().filter(|part| part.url.is_some()).cloned().collect()
            };
            prop_assert_eq!(links(read.parts()), links(&parts));
            prop_assert_eq!(read.to_string(), written);
        }

        #[test]
        fn no_text_makes_a_link_to_anywhere_else(text in "[\\[\\]() a:/hjtps.x営]{0,40}") {
            if let Ok(read) = text.parse::<Linked>() {
                for part in read.parts() {
                    prop_assert!(!part.text.is_empty());
                    let url = part.url.as_deref().unwrap_or("https://");
                    prop_assert!(url.starts_with("https://"), "{}", url);
                }
            }
        }
    }
}
