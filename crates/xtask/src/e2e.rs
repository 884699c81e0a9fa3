//! The browser end-to-end tests.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::workspace::Workspace;
use crate::{package, process, salesforce, servers, setup, web};

/// The part of Playwright's JSON report that is counted.
#[derive(Deserialize)]
struct Report {
    stats: Stats,
}

#[derive(Deserialize)]
struct Stats {
    expected: u64,
    unexpected: u64,
    flaky: u64,
    skipped: u64,
}

/// Builds what is tested and runs Playwright; `words` go to it as they are.
pub fn run(ws: &Workspace, words: &[&str]) -> Result<ExitCode> {
    let node = setup::node(ws)?;
    let browser = setup::browser()?;
    let folder = ws.at("tests/e2e");
    setup::packages(&node, &folder)?;
    web::build_shipped(ws)?;
    salesforce::build(ws)?;
    package::build(ws)?;
    servers::build(ws)?;

    process::progress("Playwright");
    let results = ws.target().join(format!("e2e-{}.json", std::process::id()));
    let mut playwright = node.script(&folder.join("node_modules/@playwright/test/cli.js"));
    playwright
        .arg("test")
        .args(words)
        .current_dir(&folder)
        .env("E2E_BIN_DIR", ws.binaries())
        .env("PLAYWRIGHT_JSON_OUTPUT_FILE", &results);
    browser.name_to(&mut playwright);
    let status = playwright.status().context("cannot start Playwright")?;

    let text = fs::read_to_string(&results).context("Playwright wrote no report")?;
    fs::remove_file(&results)?;
    let Stats {
        expected,
        unexpected,
        flaky,
        skipped,
    } = serde_json::from_str::<Report>(&text)
        .context("cannot read Playwright's report")?
        .stats;
    // A test that passes now and then has failed.
    let failed = unexpected + flaky;
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    println!("test result: {verdict}. {expected} passed; {failed} failed; {skipped} ignored");
    Ok(if status.success() && failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
