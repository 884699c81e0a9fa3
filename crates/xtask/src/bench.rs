//! Benchmarks: a figure beside its goal. Never part of `test`.

use std::fs::{self, File};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::process;
use crate::scratch::Scratch;
use crate::script::Script;
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
    run: fn(&Workspace) -> Result<Figure>,
}

const BENCHES: &[Bench] = &[Bench {
    name: "click",
    about: "from click to request, beyond a bare fetch on the same page",
    run: click,
}];

/// One measured figure. Smaller is better.
#[derive(Deserialize)]
struct Figure {
    figure: f64,
    goal: f64,
    unit: String,
    /// How it came about, for a person.
    detail: String,
}

#[derive(Serialize)]
struct Outcome {
    name: &'static str,
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
        let Figure {
            figure,
            goal,
            unit,
            detail,
        } = (bench.run)(ws)?;
        outcomes.push(Outcome {
            name: bench.name,
            ratio: figure / goal,
            met: figure <= goal,
            figure,
            goal,
            unit,
            detail,
        });
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
        "{:<12}{:>12}{:>12}{:>8}",
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
        println!("{name:<12}{figure:>12}{goal:>12}{ratio:>8.2}{verdict}");
        println!("            {detail}");
    }
    println!("{} met, {missed} missed", outcomes.len() - missed);
}

/// A click on a ready `<patchcord-call>` against a bare `fetch` in a click handler.
fn click(ws: &Workspace) -> Result<Figure> {
    let scratch = Scratch::new(ws.target().join(format!("bench-{}", std::process::id())))?;
    let figure = scratch.path().join("figure.json");
    let mut script = Script::prepare(ws, "bench-click.js")?;
    script.command.stdout(File::create(&figure)?);
    if !script.run()?.success() {
        bail!("the measurement failed");
    }
    let text = fs::read_to_string(&figure)?;
    serde_json::from_str(&text).context("cannot read what bench-click.js measured")
}
