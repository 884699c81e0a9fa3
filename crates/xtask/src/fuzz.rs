//! The fuzzer: every decoder that faces a network, with inputs that look for new ways through the code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::scratch::Scratch;
use crate::workspace::Workspace;
use crate::{process, setup};

/// How long each target runs, in seconds, where nothing else is said.
const SECONDS: &str = "60";

/// Runs the target in `words`, or every one, each for 60 seconds or `--seconds N`.
pub fn run(ws: &Workspace, words: &[&str]) -> Result<ExitCode> {
    let (name, seconds) = match words {
        [] => (None, SECONDS),
        ["--seconds", seconds] => (None, *seconds),
        [name] if !name.starts_with('-') => (Some(*name), SECONDS),
        [name, "--seconds", seconds] if !name.starts_with('-') => (Some(*name), *seconds),
        _ => bail!("`fuzz` takes a target, and `--seconds N`"),
    };
    seconds
        .parse::<u32>()
        .with_context(|| format!("`{seconds}` is no number of seconds"))?;
    let known = targets(ws)?;
    let chosen: Vec<&String> = known
        .iter()
        .filter(|target| name.is_none_or(|name| name == target.as_str()))
        .collect();
    if chosen.is_empty() {
        bail!("there is no such target; there are: {}", known.join(", "));
    }
    let fuzz = Fuzz {
        program: setup::cargo_fuzz(ws)?,
        built: ws.target().join("fuzz"),
        ws,
    };
    process::progress("building the fuzz targets");
    // The versions that are shipped; Cargo adds what the fuzzer alone needs.
    fs::copy(ws.at("Cargo.lock"), ws.at("fuzz/Cargo.lock"))?;
    process::run(&mut fuzz.command("build"))?;
    let mut crashed = Vec::new();
    for target in chosen {
        process::progress(&format!("{target}, {seconds} s"));
        if !fuzz.target(target, seconds)? {
            crashed.push(target.as_str());
        }
    }
    if crashed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!("crashed: {}", crashed.join(", "));
    Ok(ExitCode::FAILURE)
}

/// Every target: one file each.
fn targets(ws: &Workspace) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(ws.at("fuzz/targets"))? {
        let path = entry?.path();
        if let Some(name) = path.file_stem().and_then(|name| name.to_str()) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

struct Fuzz<'a> {
    program: PathBuf,
    built: PathBuf,
    ws: &'a Workspace,
}

impl Fuzz<'_> {
    /// cargo-fuzz with a command. The stable toolchain has no sanitizer, and code without `unsafe` needs none.
    fn command(&self, word: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["fuzz", word, "--sanitizer", "none", "--target-dir"])
            .arg(&self.built)
            .current_dir(self.ws.root());
        command
    }

    /// Whether the target came through. What it learns stays in the target directory for the next time.
    fn target(&self, name: &str, seconds: &str) -> Result<bool> {
        let learned = self.built.join("corpus").join(name);
        fs::create_dir_all(&learned)?;
        // libFuzzer ends without unwinding, so the relay's database would stay in the system's folder.
        let scratch = Scratch::new(self.built.join(format!("scratch-{}", std::process::id())))?;
        let found = self.built.join("found").join(name);
        fs::create_dir_all(&found)?;
        let status = self
            .command("run")
            .arg(name)
            .arg(&learned)
            .arg(self.ws.at("fuzz/seeds").join(name))
            .arg("--")
            .args([
                format!("-max_total_time={seconds}"),
                format!("-artifact_prefix={}/", found.display()),
                "-timeout=60".to_owned(),
                "-print_final_stats=1".to_owned(),
            ])
            .env("TMPDIR", scratch.path())
            .status()
            .context("cannot start cargo-fuzz")?;
        if !status.success() {
            tell(name, &found)?;
        }
        Ok(status.success())
    }
}

/// What broke it, and how to see it again.
fn tell(name: &str, found: &Path) -> Result<()> {
    let inputs = fs::read_dir(found)?.collect::<std::io::Result<Vec<_>>>()?;
    let newest = inputs
        .iter()
        .max_by_key(|entry| entry.metadata().and_then(|data| data.modified()).ok());
    let Some(newest) = newest else {
        println!("{name} failed without an input");
        return Ok(());
    };
    let path = newest.path();
    let input = fs::read(&path)?;
    println!(
        "{name} broke a promise with: {:?}",
        String::from_utf8_lossy(&input)
    );
    println!("to see it again, and to keep it as a test:");
    println!("  cp {} fuzz/seeds/{name}/", path.display());
    println!("  cargo test -p patchcord-decoders --test seeds {name}");
    Ok(())
}
