//! `cargo xtask`: builds, bundles, runs, tests and measures Patchcord.

// A build program talks to a person at a terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod browsers;
mod check;
mod crash;
mod demo;
mod dist;
mod docs;
mod e2e;
mod examples;
mod follow;
mod fuzz;
mod golden;
mod lanes;
mod numbers;
mod on_postgres;
mod package;
mod phone_metadata;
mod process;
mod salesforce;
mod scratch;
mod script;
mod servers;
mod setup;
mod signal;
mod size;
mod steps;
mod trunk;
mod web;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};
use workspace::Workspace;

const USAGE: &str = "\
cargo xtask <command>

  demo [--check]        build what is missing, start the sandbox, the relay and the demo, stop all on Ctrl-C;
                        --check drives the demo once in headless Chromium and exits 0 or 1
  test [--all]          every check and every test; the last line is `N passed, N failed`;
                        --all adds what is slow
  size [--json]         bytes of every file shipped to a browser, beside its budget
  bench [name] [--json] benchmarks; without a name, all of them
  crash [--postgres] [--rounds N] [--seed N]
                        kills relays at work, 1000 times on SQLite or 200 times on PostgreSQL with two relays,
                        and counts what was lost or doubled
  fuzz [target] [--seconds N]
                        looks for inputs that break what the decoders promise; each target for 60 seconds, as many
                        at once as there are cores
  docs [--screenshots]  dist/docs: the documentation as a site, every link of it checked; --screenshots takes the
                        pictures in it from the running demo first
  dist                  dist/npm and its tarball, dist/patchcord-relay, and what both are made of (SBOM)

Single steps of the above:
  salesforce [--check]  dist/salesforce: the Salesforce package with the built module in it; --check holds it against
                        Salesforce's own libraries
  web                   dist/web: the loader, the module, the styles and the texts
  package [--check]     the npm package: dist/npm and dist/patchcord-<version>.tgz; --check runs tests/package
  examples              the websites in examples/, built from that tarball and run in Chromium
  sbom                  dist/sbom.cdx.json: what the relay and its scripts are made of (CycloneDX)
  golden [--bless]      the module's public face against web/npm; --bless writes it anew
  numbers [--all] [args…]
                        the number engine beside Google's: a sample, or 100,000 numbers and 6,000 texts
  phone-metadata [--update | --check]
                        the number engine's tables, from Google's metadata; --update takes the newest first,
                        --check only compares
  browsers              what people do first, in Firefox and in Safari's engine (WebKitGTK)
  e2e [args…]           Playwright on the built widget; the rest goes to Playwright
  on-postgres args…     Cargo with these arguments, beside a PostgreSQL server for the relay's tests
  docs --check          an entry for each code, and no broken link between the pages as they stand
  docs --readme         the site with its pictures, and the README's picture anew
  trunk                 index.html with Trunk, tried in Chromium
  scripts               checks the texts of all languages; dist/scripts: the elements' scripts, styles and texts for Trunk
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match dispatch(&words) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[&str]) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let ws = &workspace;
    match words {
        ["demo"] => demo::run(ws),
        ["demo", "--check"] => demo::check(ws),
        ["test"] => check::run(ws, steps::everyday(ws)?),
        ["test", "--all"] => check::run(ws, steps::all(ws)?),
        ["size"] => size::run(ws, size::Format::Table),
        ["size", "--json"] => size::run(ws, size::Format::Json),
        ["bench"] => bench::run(ws, None, bench::Format::Text),
        ["bench", "--json"] => bench::run(ws, None, bench::Format::Json),
        ["bench", name] if !name.starts_with('-') => {
            bench::run(ws, Some(name), bench::Format::Text)
        }
        ["bench", name, "--json"] if !name.starts_with('-') => {
            bench::run(ws, Some(name), bench::Format::Json)
        }
        ["crash", rest @ ..] => crash_rounds(ws, rest),
        ["fuzz", rest @ ..] => fuzz::run(ws, rest),
        ["docs"] => done(docs::build(ws)),
        ["docs", "--screenshots"] => docs::build_with_pictures(ws),
        ["docs", "--readme"] => docs::renew_readme_picture(ws),
        ["docs", "--check"] => done(docs::check(ws)),
        ["dist"] => done(dist::run(ws)),
        ["package"] => done(package::build(ws)),
        ["package", "--check"] => package::check(ws),
        ["examples"] => examples::run(ws),
        ["sbom"] => done(dist::sbom(ws)),
        ["salesforce"] => done(salesforce::build(ws)),
        ["salesforce", "--check"] => salesforce::check(ws),
        ["web"] => done(web::build_with_what_is_there(ws)),
        ["golden"] => done(golden::compare(ws)),
        ["golden", "--bless"] => done(golden::bless(ws)),
        ["numbers", "--all", rest @ ..] => numbers::all(ws, rest),
        ["numbers", rest @ ..] => numbers::sample(ws, rest),
        ["phone-metadata"] => done(phone_metadata::pack(ws)),
        ["phone-metadata", "--update"] => done(phone_metadata::update(ws)),
        ["phone-metadata", "--check"] => done(phone_metadata::check(ws)),
        ["e2e", rest @ ..] => e2e::run(ws, rest),
        ["on-postgres", rest @ ..] => on_postgres::run(ws, rest),
        ["browsers"] => done(browsers::run(ws)),
        ["trunk"] => done(trunk::build(ws)),
        ["scripts"] => done(web::lay_out_scripts(ws)),
        [] | ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("`{}` is not a command.\n\n{USAGE}", words.join(" ")),
    }
}

fn crash_rounds(ws: &Workspace, words: &[&str]) -> Result<ExitCode> {
    let (on, words) = match words {
        ["--postgres", rest @ ..] => (crash::On::Postgres, rest),
        _ => (crash::On::Sqlite, words),
    };
    match words {
        ["--rounds", rounds, rest @ ..] => crash::run(ws, on, rounds, rest),
        _ => {
            let rounds = match on {
                crash::On::Sqlite => "1000",
                crash::On::Postgres => "200",
            };
            crash::run(ws, on, rounds, words)
        }
    }
}

fn done(result: Result<()>) -> Result<ExitCode> {
    result.map(|()| ExitCode::SUCCESS)
}
