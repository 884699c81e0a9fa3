//! Links and headings of a page in Markdown, as far as this repository writes it.

use std::collections::{BTreeMap, BTreeSet};

/// A link of a page: where it begins and ends in the text, and what it says.
#[derive(Debug, PartialEq, Eq)]
pub struct Link<'a> {
    /// The byte at which `target` begins.
    pub at: usize,
    /// What stands between the parentheses.
    pub target: &'a str,
}

impl<'a> Link<'a> {
    /// The file and the place in it; `None` for addresses of other hosts.
    pub fn inside(&self) -> Option<(&'a str, Option<&'a str>)> {
        if self.target.contains("://") || self.target.starts_with("mailto:") {
            return None;
        }
        Some(match self.target.split_once('#') {
            Some((file, place)) => (file, Some(place)),
            None => (self.target, None),
        })
    }
}

/// `[text](target)` and `![text](target)` outside of code.
pub fn links(page: &str) -> Vec<Link<'_>> {
    let mut found = Vec::new();
    for (start, line) in prose(page) {
        let mut from = 0;
        while let Some(middle) = line.get(from..).and_then(|rest| rest.find("](")) {
            let begin = from + middle + 2;
            from = begin;
            let Some(length) = line.get(begin..).and_then(|rest| rest.find(')')) else {
                continue;
            };
            if in_code(line, begin) {
                continue;
            }
            if let Some(target) = line.get(begin..begin + length) {
                let at = start + begin;
                found.push(Link { at, target });
            }
        }
    }
    found
}

/// The places that a link can name: the headings, as forges and mdBook name them.
pub fn places(page: &str) -> BTreeSet<String> {
    let mut often: BTreeMap<String, usize> = BTreeMap::new();
    let headings = prose(page).filter_map(|(_, line)| {
        let text = line.trim_start_matches('#');
        (line.starts_with('#') && text.starts_with(' ')).then(|| text.trim())
    });
    headings
        .map(|heading| {
            let id = id(heading);
            let seen = often.entry(id.clone()).or_default();
            *seen += 1;
            match *seen {
                1 => id,
                more => format!("{id}-{}", more - 1),
            }
        })
        .collect()
}

fn id(heading: &str) -> String {
    let mut id = String::new();
    // Of a link in a heading only its words count.
    for character in without_targets(heading).chars() {
        if character.is_alphanumeric() || matches!(character, '_' | '-') {
            id.extend(character.to_lowercase());
        } else if character.is_whitespace() {
            id.push('-');
        }
    }
    id
}

fn without_targets(heading: &str) -> String {
    let mut text = String::new();
    let mut rest = heading;
    while let Some((before, after)) = rest.split_once("](") {
        text.push_str(before);
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    text + rest
}

/// The lines outside of code blocks, each with the byte at which it begins.
fn prose(page: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    let mut in_block = false;
    page.split_inclusive('\n').filter_map(move |line| {
        let start = at;
        at += line.len();
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
            return None;
        }
        (!in_block).then_some((start, line.trim_end_matches('\n')))
    })
}

/// Whether an odd number of backticks stands before this byte.
fn in_code(line: &str, at: usize) -> bool {
    let before = line.get(..at).unwrap_or(line);
    before.matches('`').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_outside_of_code_alone() {
        let page = "a [b](c.md#d) `[no](x)`\n```\n[no](y)\n```\n![e](f.png)\n";
        let found = links(page);
        let targets: Vec<&str> = found.iter().map(|link| link.target).collect();
        assert_eq!(targets, ["c.md#d", "f.png"]);
        for link in found {
            assert!(page.get(link.at..).unwrap().starts_with(link.target));
        }
    }

    #[test]
    fn an_address_of_another_host_is_not_inside() {
        let inside = |target| Link { at: 0, target }.inside();
        assert_eq!(inside("https://example.com/a#b"), None);
        assert_eq!(inside("a.md#b"), Some(("a.md", Some("b"))));
        assert_eq!(inside("#b"), Some(("", Some("b"))));
    }

    #[test]
    fn headings_have_the_names_that_forges_give_them() {
        let page = "# `[admin]`: the pages for operators\n## `quiet_hours`: when\n## A & B\n## A & B\n### [x](y.md) z\n";
        let names: Vec<String> = places(page).into_iter().collect();
        assert_eq!(
            names,
            [
                "a--b",
                "a--b-1",
                "admin-the-pages-for-operators",
                "quiet_hours-when",
                "x-z"
            ]
        );
    }
}
