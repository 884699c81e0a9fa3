//! Bytes of every file shipped to a browser, beside its budget.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::web;
use crate::workspace::Workspace;

/// How the sizes are told.
pub enum Format {
    /// For a person.
    Table,
    /// For a program.
    Json,
}

/// `web/budgets.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budgets {
    group: Vec<Group>,
    page: Vec<Page>,
}

/// Files with one budget, in brotli kilobytes of 1000 bytes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    name: String,
    files: Vec<String>,
    #[serde(default)]
    one_of: Vec<String>,
    budget: f64,
}

/// Groups that one page needs together.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    name: String,
    groups: Vec<String>,
    budget: f64,
}

#[derive(Serialize)]
struct File {
    file: String,
    group: String,
    raw: usize,
    gzip: usize,
    brotli: usize,
    #[serde(skip)]
    alternative: bool,
}

#[derive(Serialize)]
struct Sum {
    name: String,
    /// Bytes.
    brotli: usize,
    /// Bytes.
    budget: f64,
    within: bool,
}

#[derive(Serialize)]
struct Report {
    files: Vec<File>,
    budgets: Vec<Sum>,
    within: bool,
}

/// Builds what is shipped, measures it, and fails above a budget.
pub fn run(ws: &Workspace, format: Format) -> Result<ExitCode> {
    web::build_shipped(ws)?;
    let text = fs::read_to_string(ws.at("web/budgets.toml")).context("web/budgets.toml")?;
    let budgets: Budgets = toml::from_str(&text).context("web/budgets.toml")?;
    let report = judge(&budgets, measure(ws, &budgets)?)?;
    match format {
        Format::Table => print!("{}", table(&report)),
        Format::Json => println!("{}", serde_json::to_string_pretty(&report)?),
    }
    Ok(if report.within {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn measure(ws: &Workspace, budgets: &Budgets) -> Result<Vec<File>> {
    let folder = web::folder(ws);
    let mut files = Vec::new();
    for path in web::files(&folder)? {
        let file = path.strip_prefix(&folder)?.to_string_lossy().into_owned();
        if file.ends_with(".br") {
            continue;
        }
        let fits = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, &file));
        let group = budgets
            .group
            .iter()
            .find(|group| fits(&group.files) || fits(&group.one_of))
            .with_context(|| {
                format!("{file} is shipped without a budget: add it to a group of web/budgets.toml")
            })?;
        let bytes = fs::read(&path)?;
        files.push(File {
            alternative: fits(&group.one_of),
            group: group.name.clone(),
            raw: bytes.len(),
            gzip: web::gzip(&bytes)?.len(),
            brotli: web::brotli(&bytes)?.len(),
            file,
        });
    }
    Ok(files)
}

fn judge(budgets: &Budgets, files: Vec<File>) -> Result<Report> {
    let mut sums: Vec<Sum> = Vec::new();
    for group in &budgets.group {
        let members = || files.iter().filter(|file| file.group == group.name);
        if members().next().is_none() {
            bail!(
                "the budget `{}` has no file: nothing was measured",
                group.name
            );
        }
        let always: usize = members()
            .filter(|file| !file.alternative)
            .map(|file| file.brotli)
            .sum();
        let largest = members()
            .filter(|file| file.alternative)
            .map(|file| file.brotli)
            .max();
        sums.push(sum(
            &group.name,
            always + largest.unwrap_or(0),
            group.budget,
        ));
    }
    for page in &budgets.page {
        let mut brotli = 0;
        for name in &page.groups {
            let group = sums.iter().find(|sum| &sum.name == name);
            brotli += group.with_context(|| format!("web/budgets.toml: the page `{}` names the group `{name}`, which is not there", page.name))?.brotli;
        }
        sums.push(sum(&page.name, brotli, page.budget));
    }
    let within = sums.iter().all(|sum| sum.within);
    Ok(Report {
        files,
        budgets: sums,
        within,
    })
}

fn sum(name: &str, brotli: usize, kilobytes: f64) -> Sum {
    let budget = kilobytes * 1000.0;
    Sum {
        name: name.to_owned(),
        brotli,
        budget,
        within: brotli as f64 <= budget,
    }
}

/// Whether a path fits a pattern: segment by segment, with at most one `*` in each.
fn matches(pattern: &str, path: &str) -> bool {
    let (mut patterns, mut segments) = (pattern.split('/'), path.split('/'));
    loop {
        match (patterns.next(), segments.next()) {
            (None, None) => return true,
            (Some(pattern), Some(segment)) if segment_matches(pattern, segment) => {}
            _ => return false,
        }
    }
}

fn segment_matches(pattern: &str, segment: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == segment,
        Some((before, after)) => segment
            .strip_prefix(before)
            .is_some_and(|rest| rest.ends_with(after)),
    }
}

fn table(report: &Report) -> String {
    let mut out = format!("{:<58}{:>9}{:>9}{:>9}\n", "file", "raw", "gzip", "brotli");
    for file in &report.files {
        out += &format!(
            "{:<58}{:>9}{:>9}{:>9}\n",
            file.file, file.raw, file.gzip, file.brotli
        );
    }
    out += &format!(
        "\n{:<58}{:>9}{:>9}\n",
        "budget (brotli, bytes)", "is", "may be"
    );
    for sum in &report.budgets {
        let verdict = if sum.within { "" } else { "  OVER" };
        out += &format!(
            "{:<58}{:>9}{:>9}{verdict}\n",
            sum.name, sum.brotli, sum.budget
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, group: &str, brotli: usize, alternative: bool) -> File {
        File {
            file: name.to_owned(),
            group: group.to_owned(),
            raw: brotli,
            gzip: brotli,
            brotli,
            alternative,
        }
    }

    fn budgets() -> Budgets {
        toml::from_str(
            r#"
            group = [{ name = "styles", files = ["*.css"], one_of = ["texts/*.json"], budget = 1.0 }]
            page = [{ name = "page", groups = ["styles"], budget = 0.5 }]
            "#,
        )
        .unwrap()
    }

    #[test]
    fn a_star_stands_for_one_segment_or_a_part_of_it() {
        assert!(matches("assets/*/texts/*.json", "assets/0f/texts/en.json"));
        assert!(!matches("assets/*/texts/*.json", "assets/texts/en.json"));
        assert!(!matches("patchcord.js", "patchcord.js.map"));
        assert!(!matches("*.css", "a/b.css"));
    }

    #[test]
    fn of_the_languages_only_the_largest_counts() {
        let files = vec![
            file("a.css", "styles", 300, false),
            file("texts/en.json", "styles", 150, true),
            file("texts/de.json", "styles", 200, true),
        ];
        let report = judge(&budgets(), files).unwrap();
        assert_eq!(report.budgets[0].brotli, 500);
        assert!(report.within);
    }

    #[test]
    fn one_byte_over_a_page_s_budget_is_over() {
        let report = judge(&budgets(), vec![file("a.css", "styles", 501, false)]).unwrap();
        assert!(report.budgets[0].within);
        assert!(!report.budgets[1].within);
        assert!(!report.within);
    }

    #[test]
    fn a_group_without_files_is_an_error_not_a_pass() {
        assert!(judge(&budgets(), Vec::new()).is_err());
    }
}
