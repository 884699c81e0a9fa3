//! Links from page to page, as they stand in the repository.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::markdown;
use super::pages;
use crate::workspace::Workspace;

/// Fails with every link that leads nowhere. `made` are the pages that the build of the site makes, below `docs/`.
pub fn check(ws: &Workspace, made: &[&str]) -> Result<()> {
    let mut texts = BTreeMap::new();
    for page in ["README.md", "SECURITY.md"]
        .map(|page| ws.at(page))
        .into_iter()
        .chain(pages(&ws.at("docs"))?)
    {
        let text = fs::read_to_string(&page)?;
        texts.insert(page, text);
    }
    let made: Vec<PathBuf> = made.iter().map(|page| ws.at("docs").join(page)).collect();
    let mut wrong = String::new();
    for (page, text) in &texts {
        for link in markdown::links(text) {
            let Some((file, place)) = link.inside() else {
                continue;
            };
            if let Some(why) = broken(&texts, &made, page, file, place) {
                let name = page.strip_prefix(ws.root()).unwrap_or(page);
                let _ = writeln!(wrong, "{}: ({}) {why}", name.display(), link.target);
            }
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    bail!("links that lead nowhere:\n{}", wrong.trim_end())
}

fn broken(
    texts: &BTreeMap<PathBuf, String>,
    made: &[PathBuf],
    page: &Path,
    file: &str,
    place: Option<&str>,
) -> Option<String> {
    let target = match file {
        "" => page.to_path_buf(),
        file => normal(&page.parent()?.join(file)),
    };
    // What is in a page that does not exist yet is checked when the site is built.
    if made.contains(&target) {
        return None;
    }
    if !target.exists() {
        return Some("is not there".to_owned());
    }
    let place = place?;
    let text = texts.get(&target)?;
    (!markdown::places(text).contains(place)).then(|| format!("has no heading #{place}"))
}

/// The path without `..`, which may lead through folders that are not there.
pub fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                normal.pop();
            }
            std::path::Component::CurDir => {}
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_apart_without_looking() {
        assert_eq!(normal(Path::new("/a/b/../c/./d")), PathBuf::from("/a/c/d"));
    }

    #[test]
    fn a_heading_that_is_not_there_and_a_file_that_is_not_there_are_broken() {
        let page = std::env::current_exe().unwrap();
        let texts = BTreeMap::from([(page.clone(), "# A heading\n".to_owned())]);
        let at = |file, place| broken(&texts, &[], &page, file, place);
        assert_eq!(at("", Some("a-heading")), None);
        assert!(at("", Some("another")).is_some());
        assert!(at("nowhere.md", None).is_some());
        let made = [page.with_file_name("made.md")];
        assert_eq!(broken(&texts, &made, &page, "made.md", Some("x")), None);
    }
}
