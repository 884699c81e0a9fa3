//! Benchmarks: a figure beside its goal. Never part of `test`.

use std::fs::{self, File};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::process;
use crate::scratch::Scratch;
use crate::script::Script;
use crate::setup::{self, Durability, Postgres};
use crate::workspace::Workspace;

/// How the figures are told.
pub enum Format {
    /// For a person.
    Text,
    /// For a program.
    Json,
}

struct Bench {
    name: &'static str,
    about: &'static str,
    run: fn(&Workspace) -> Result<Vec<Figure>>,
}

const BENCHES: &[Bench] = &[
    Bench {
        name: "click",
        about: "from click to request, beyond a bare fetch on the same page",
        run: click,
    },
    Bench {
        name: "page",
        about: "what a callback form costs its page, beside three other embeds",
        run: page,
    },
    Bench {
        name: "stream",
        about: "what a patch of an agent's stream costs the panel",
        run: stream,
    },
    Bench {
        name: "phone",
        about: "what reading and checking a number costs, beside the two usual engines",
        run: phone,
    },
    Bench {
        name: "scan",
        about: "what the page scanner costs a page, beside ringcentral-c2d",
        run: scan,
    },
    Bench {
        name: "relay",
        about: "what a callback, a dial and an event stream cost a relay",
        run: relay,
    },
    Bench {
        name: "relay-postgres",
        about: "the same on PostgreSQL, on the same machine",
        run: relay_on_postgres,
    },
];

/// One measured figure. Smaller is better.
#[derive(Deserialize)]
struct Figure {
    /// What was measured, where a benchmark measures more than one thing.
    name: Option<String>,
    figure: f64,
    goal: f64,
    unit: String,
    /// How it came about, for a person.
    detail: String,
}

#[derive(Serialize)]
struct Outcome {
    name: String,
    figure: f64,
    goal: f64,
    unit: String,
    ratio: f64,
    met: bool,
    detail: String,
}

/// Runs one benchmark or all of them; fails where a goal is missed.
pub fn run(ws: &Workspace, name: Option<&str>, format: Format) -> Result<ExitCode> {
    let chosen: Vec<&Bench> = BENCHES
        .iter()
        .filter(|bench| name.is_none_or(|name| name == bench.name))
        .collect();
    if chosen.is_empty() {
        let known: Vec<&str> = BENCHES.iter().map(|bench| bench.name).collect();
        bail!(
            "there is no such benchmark; there are: {}",
            known.join(", ")
        );
    }
    let mut outcomes = Vec::new();
    for bench in chosen {
        process::progress(&format!("{}: {}", bench.name, bench.about));
        outcomes.extend((bench.run)(ws)?.into_iter().map(|measured| Outcome {
            name: measured.name.unwrap_or_else(|| bench.name.to_owned()),
            ratio: measured.figure / measured.goal,
            met: measured.figure <= measured.goal,
            figure: measured.figure,
            goal: measured.goal,
            unit: measured.unit,
            detail: measured.detail,
        }));
    }
    let missed = outcomes.iter().filter(|outcome| !outcome.met).count();
    match format {
        Format::Json => println!("{}", serde_json::to_string_pretty(&outcomes)?),
        Format::Text => tell(&outcomes, missed),
    }
    Ok(if missed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn tell(outcomes: &[Outcome], missed: usize) {
    println!(
        "{:<14}{:>14}{:>14}{:>8}",
        "bench", "figure", "goal", "ratio"
    );
    for outcome in outcomes {
        let Outcome {
            name,
            figure,
            goal,
            unit,
            ratio,
            met,
            detail,
        } = outcome;
        let verdict = if *met { "" } else { "  MISSED" };
        let (figure, goal) = (format!("{figure:.2} {unit}"), format!("{goal:.2} {unit}"));
        println!("{name:<14}{figure:>14}{goal:>14}{ratio:>8.2}{verdict}");
        println!("              {detail}");
    }
    println!("{} met, {missed} missed", outcomes.len() - missed);
}

/// A click on a ready `<patchcord-call>` against a bare `fetch` in a click handler.
fn click(ws: &Workspace) -> Result<Vec<Figure>> {
    Ok(vec![serde_json::from_str(&measured(
        ws,
        "bench-click.js",
    )?)?])
}

/// A website with a callback form, before anybody touches it.
fn page(ws: &Workspace) -> Result<Vec<Figure>> {
    Ok(serde_json::from_str(&measured(ws, "bench-page.js")?)?)
}

/// An agent's stream in the panel's module, in a browser.
fn stream(ws: &Workspace) -> Result<Vec<Figure>> {
    Ok(serde_json::from_str(&measured(ws, "bench-stream.js")?)?)
}

/// Reading and checking a number, in a browser, beside the two usual engines.
fn phone(ws: &Workspace) -> Result<Vec<Figure>> {
    Ok(serde_json::from_str(&measured(ws, "bench-phone.js")?)?)
}

/// A page of 7,000 rows, read by the page scanner and by ringcentral-c2d.
fn scan(ws: &Workspace) -> Result<Vec<Figure>> {
    Ok(serde_json::from_str(&measured(ws, "bench-scan.js")?)?)
}

/// What a browser script of `tests/e2e` prints.
fn measured(ws: &Workspace, name: &str) -> Result<String> {
    let scratch = Scratch::new(ws.target().join(format!("bench-{}", std::process::id())))?;
    let figures = scratch.path().join("figures.json");
    let mut script = Script::prepare(ws, name)?;
    script.command.stdout(File::create(&figures)?);
    if !script.run()?.success() {
        bail!("the measurement failed");
    }
    fs::read_to_string(&figures).with_context(|| format!("cannot read what {name} measured"))
}

/// The relay as it is shipped, under load, beside nginx.
fn relay(ws: &Workspace) -> Result<Vec<Figure>> {
    relay_on(ws, None)
}

/// The same, with its database on a server that survives a power cut.
fn relay_on_postgres(ws: &Workspace) -> Result<Vec<Figure>> {
    let server = Postgres::start(Durability::Full)?;
    relay_on(ws, Some(&server.address()))
}

fn relay_on(ws: &Workspace, postgres: Option<&str>) -> Result<Vec<Figure>> {
    process::run(&mut ws.cargo(&[
        "build",
        "--release",
        "--package",
        "patchcord-relay",
        "--package",
        "patchcord-load",
        "--bins",
    ]))?;
    let binaries = ws.target().join("release");
    let mut load = std::process::Command::new(binaries.join("patchcord-load"));
    load.arg("bench")
        .arg("--relay")
        .arg(binaries.join("patchcord-relay"))
        .arg("--nginx")
        .arg(setup::nginx()?);
    if let Some(address) = postgres {
        load.args(["--postgres", address]);
    }
    let text = process::output(&mut load)?;
    serde_json::from_str(&text).context("cannot read what the load measured")
}
