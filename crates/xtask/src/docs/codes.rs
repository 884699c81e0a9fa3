//! `docs/errors.md`: an entry for each code, and none for anything else.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace::Workspace;

/// The page.
pub const PAGE: &str = "errors.md";

/// The codes of the contract, and what a person reads about each.
pub struct Codes {
    codes: Value,
    texts: Value,
}

impl Codes {
    /// Reads `tests/fixtures/codes.json` and the English texts.
    pub fn read(ws: &Workspace) -> Result<Self> {
        let read = |path: &str| -> Result<Value> {
            let text = fs::read_to_string(ws.at(path)).with_context(|| path.to_owned())?;
            serde_json::from_str(&text).with_context(|| path.to_owned())
        };
        Ok(Self {
            codes: read("tests/fixtures/codes.json")?,
            texts: read("web/texts/en.json")?,
        })
    }

    fn all(&self) -> BTreeSet<&str> {
        let problems = self.problems().map(|(code, _)| code);
        let others = ["refused", "unknown", "browser"].into_iter();
        problems
            .chain(others.flat_map(|group| {
                let codes = self.codes.get(group).and_then(Value::as_array);
                codes.into_iter().flatten().filter_map(Value::as_str)
            }))
            .collect()
    }

    fn problems(&self) -> impl Iterator<Item = (&str, u64)> {
        let problems = self.codes.get("problems").and_then(Value::as_object);
        let problems = problems.into_iter().flatten();
        problems.filter_map(|(code, status)| Some((code.as_str(), status.as_u64()?)))
    }

    /// Fails where the page and the codes differ.
    pub fn compare(&self, page: &str) -> Result<()> {
        let described: BTreeSet<&str> = page.lines().filter_map(entry).collect();
        let known = self.all();
        let mut wrong = String::new();
        for code in known.difference(&described) {
            let _ = writeln!(
                wrong,
                "docs/{PAGE} says nothing about `{code}`: add `### `{code}``"
            );
        }
        for code in described.difference(&known) {
            let _ = writeln!(
                wrong,
                "docs/{PAGE} describes `{code}`, which is no code of tests/fixtures/codes.json"
            );
        }
        if wrong.is_empty() {
            return Ok(());
        }
        bail!("{}", wrong.trim_end())
    }

    /// The page with status and sentence below each code.
    pub fn with_texts(&self, page: &str) -> String {
        let mut out = String::with_capacity(page.len() * 2);
        for line in page.lines() {
            out.push_str(line);
            out.push('\n');
            let Some(code) = entry(line) else { continue };
            let status = self.problems().find(|(known, _)| *known == code);
            let status = status.map(|(_, status)| format!("HTTP {status}."));
            let said = [format!("code.{code}"), format!("code.{code}.remedy")];
            let said: Vec<&str> = said.iter().filter_map(|key| self.text(key)).collect();
            let said = (!said.is_empty()).then(|| format!("A person reads: *{}*", said.join(" ")));
            let both: Vec<String> = status.into_iter().chain(said).collect();
            if !both.is_empty() {
                out.push('\n');
                out.push_str(&both.join(" "));
                out.push('\n');
            }
        }
        out
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.texts.get("elements")?.get(key)?.as_str()
    }
}

/// The code that a heading is about.
fn entry(line: &str) -> Option<&str> {
    line.strip_prefix("### `")?.strip_suffix('`')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn codes() -> Codes {
        Codes {
            codes: json!({ "problems": { "closed": 422 }, "refused": ["overdue"], "unknown": [], "browser": [] }),
            texts: json!({ "elements": { "code.closed": "We are closed.", "code.closed.remedy": "Try again." } }),
        }
    }

    #[test]
    fn a_page_with_an_entry_for_each_code_is_right() {
        codes()
            .compare("### `closed`\ntext\n### `overdue`\n")
            .unwrap();
    }

    #[test]
    fn a_code_without_an_entry_is_named() {
        let error = codes().compare("### `closed`\n").unwrap_err().to_string();
        assert!(error.contains("nothing about `overdue`"), "{error}");
    }

    #[test]
    fn an_entry_without_a_code_is_named() {
        let page = "### `closed`\n### `overdue`\n### `invented`\n";
        let error = codes().compare(page).unwrap_err().to_string();
        assert!(error.contains("`invented`"), "{error}");
    }

    #[test]
    fn status_and_sentence_stand_below_a_code() {
        let page = codes().with_texts("### `closed`\n\n**Do:** wait.\n");
        assert_eq!(
            page,
            "### `closed`\n\nHTTP 422. A person reads: *We are closed. Try again.*\n\n**Do:** wait.\n"
        );
    }
}
