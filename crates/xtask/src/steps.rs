//! What `cargo xtask test` runs, in order.

use std::process::Command;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{numbers, process, setup};

/// How a step's output is counted.
pub enum Count {
    /// One check: the exit status decides.
    Check,
    /// A test runner: lines of the form `test result: … 3 passed; 1 failed; …` are added up.
    Runner,
}

/// One thing to run and report.
pub struct Step {
    pub name: &'static str,
    pub command: Command,
    pub count: Count,
}

/// These only build for a browser.
const BROWSER: [&str; 2] = ["patchcord", "patchcord-widget"];

/// Every step that belongs to each change.
pub fn everyday(ws: &Workspace) -> Result<Vec<Step>> {
    setup::wasm_target()?;
    let node = setup::node(ws)?;
    let browser = setup::browser()?;
    setup::packages(&node, &ws.at("web/tools"))?;
    setup::packages(&node, &ws.at("tests/e2e"))?;
    // What the native tests compare the number engine with.
    setup::phonenumbers(ws)?;
    process::progress("building wasm-bindgen and its test runner");
    process::run(&mut ws.cargo(&["build", "--quiet", "--package", "bindgen"]))?;

    let mut wasm_tests = on_wasm(ws, &["test", "--no-fail-fast"]);
    wasm_tests.env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
        ws.binaries().join("wasm-bindgen-test-runner"),
    );
    // Seconds; its own 20 are few on a busy machine.
    wasm_tests.env("WASM_BINDGEN_TEST_TIMEOUT", "300");
    browser.name_to(&mut wasm_tests);
    Ok(vec![
        check(
            "format",
            ws.cargo(&["fmt", "--all", "--check", "--", "--color", "never"]),
        ),
        check(
            "clippy, native",
            clippy(on_native(ws, &["clippy", "--all-targets"])),
        ),
        check(
            "clippy, WebAssembly",
            clippy(on_wasm(ws, &["clippy", "--all-targets"])),
        ),
        check("clippy, number modules", clippy(on_wasm_alone(ws))),
        check("docs, codes and links", ws.xtask(&["docs", "--check"])?),
        check("number tables", ws.xtask(&["phone-metadata", "--check"])?),
        runner("tests, native", on_native(ws, &["test", "--no-fail-fast"])),
        runner(
            "tests of the relay on PostgreSQL",
            ws.xtask(&[
                "on-postgres",
                "test",
                "--package",
                "patchcord-relay",
                "--test",
                "relay",
                "--no-fail-fast",
            ])?,
        ),
        check("crash, 20 rounds", ws.xtask(&["crash", "--rounds", "20"])?),
        check(
            "crash on PostgreSQL, 5 rounds",
            ws.xtask(&["crash", "--postgres", "--rounds", "5"])?,
        ),
        runner("tests, WebAssembly in Chromium", wasm_tests),
        check("web", ws.xtask(&["web"])?),
        check("size", ws.xtask(&["size"])?),
        check("public face", ws.xtask(&["golden"])?),
        runner(
            "the Salesforce package",
            ws.xtask(&["salesforce", "--check"])?,
        ),
        runner("the npm package", ws.xtask(&["package", "--check"])?),
        runner("tests, end to end in Chromium", ws.xtask(&["e2e"])?),
    ])
}

/// Those, and what is slow.
pub fn all(ws: &Workspace) -> Result<Vec<Step>> {
    let mut steps = everyday(ws)?;
    setup::trunk(ws)?;
    steps.push(check("demo --check", ws.xtask(&["demo", "--check"])?));
    setup::other_browsers()?;
    steps.push(check("Firefox and WebKitGTK", ws.xtask(&["browsers"])?));
    steps.push(check("crash, 1000 rounds", ws.xtask(&["crash"])?));
    steps.push(check(
        "crash on PostgreSQL, 200 rounds",
        ws.xtask(&["crash", "--postgres"])?,
    ));
    let mut simulation = ws.cargo(&[
        "test",
        "--package",
        "patchcord-relay",
        "--test",
        "simulation",
    ]);
    simulation.env("SIMULATION_SEEDS", "5000");
    steps.push(runner("simulation, 5000 seeds", simulation));
    steps.push(runner(
        "numbers beside Google's, 100,000",
        numbers::with_all(ws, &[])?,
    ));
    setup::cargo_fuzz(ws)?;
    steps.push(check("fuzz, 60 s each", ws.xtask(&["fuzz"])?));
    steps.push(check("Trunk", ws.xtask(&["trunk"])?));
    steps.push(check("dist", ws.xtask(&["dist"])?));
    setup::mdbook(ws)?;
    steps.push(check("docs", ws.xtask(&["docs", "--screenshots"])?));
    steps.push(runner("examples", ws.xtask(&["examples"])?));
    Ok(steps)
}

fn check(name: &'static str, command: Command) -> Step {
    Step {
        name,
        command,
        count: Count::Check,
    }
}

fn runner(name: &'static str, command: Command) -> Step {
    Step {
        name,
        command,
        count: Count::Runner,
    }
}

fn on_native(ws: &Workspace, words: &[&str]) -> Command {
    let mut cargo = ws.cargo(words);
    cargo.arg("--workspace");
    for package in BROWSER {
        cargo.args(["--exclude", package]);
    }
    cargo
}

fn on_wasm(ws: &Workspace, words: &[&str]) -> Command {
    let mut cargo = ws.cargo(words);
    cargo.args(["--target", "wasm32-unknown-unknown"]);
    for package in BROWSER {
        cargo.args(["--package", package]);
    }
    // What it shows is tested natively, how it gets onto a page here.
    cargo.args(["--package", "patchcord-panel"]);
    cargo.args(["--features", "patchcord-panel/direct"]);
    cargo
}

/// The modules that are without the standard library in a browser: they have no tests there.
fn on_wasm_alone(ws: &Workspace) -> Command {
    ws.cargo(&[
        "clippy",
        "--lib",
        "--target",
        "wasm32-unknown-unknown",
        "--package",
        "patchcord-numbers",
        "--package",
        "patchcord-scanner",
    ])
}

fn clippy(mut cargo: Command) -> Command {
    cargo.args(["--", "-D", "warnings"]);
    cargo
}
