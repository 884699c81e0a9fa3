//! The fuzzer: every decoder that faces a network, with inputs that look for new ways through the code.

use std::fmt::Write;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};

use anyhow::{Context, Result, bail};

use crate::scratch::Scratch;
use crate::workspace::Workspace;
use crate::{lanes, process, setup};

/// How long each target runs, in seconds, where nothing else is said.
const SECONDS: &str = "60";

/// What a target says while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// Is seen as it comes.
    AtOnce,
    /// Is kept together and seen when it ends: others run beside it.
    AtItsEnd,
}

/// Runs the target in `words`, or every one, each for 60 seconds or `--seconds N`; as many at once as there are cores,
/// because each uses one.
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
    let said = match *chosen {
        [_] => Said::AtOnce,
        _ => Said::AtItsEnd,
    };
    let all = chosen.len();
    let numbered: Vec<(usize, &String)> = (1..).zip(chosen).collect();
    let came_through = lanes::each(&numbered, lanes::cores(), |&(number, target)| {
        process::progress(&format!("{target}, {seconds} s ({number} of {all})"));
        fuzz.target(target, seconds, said)
    });
    let mut crashed = Vec::new();
    for ((_, target), came_through) in numbered.into_iter().zip(came_through) {
        if !came_through.with_context(|| format!("{target} could not be run"))? {
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
    fn target(&self, name: &str, seconds: &str, said: Said) -> Result<bool> {
        let learned = self.built.join("corpus").join(name);
        fs::create_dir_all(&learned)?;
        // libFuzzer ends without unwinding, so the relay's database would stay in the system's folder.
        let folder = format!("scratch-{}-{name}", std::process::id());
        let scratch = Scratch::new(self.built.join(folder))?;
        let found = self.built.join("found").join(name);
        fs::create_dir_all(&found)?;
        let mut command = self.command("run");
        command
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
            .env("TMPDIR", scratch.path());
        let (status, mut text) = match said {
            Said::AtOnce => (command.status()?, String::new()),
            Said::AtItsEnd => kept(command)?,
        };
        if !status.success() {
            text += &told(name, &found)?;
        }
        if !text.is_empty() {
            // In one piece: nothing that another target says comes in between.
            eprint!("==> {name} has ended\n{text}");
        }
        Ok(status.success())
    }
}

/// Runs a command; all that it says, in its order.
fn kept(mut command: Command) -> Result<(ExitStatus, String)> {
    let (mut said, says) = io::pipe()?;
    command.stdout(says.try_clone()?).stderr(says);
    let mut child = command.spawn()?;
    // It holds the ends that are written to: what is read would never end.
    drop(command);
    let mut bytes = Vec::new();
    said.read_to_end(&mut bytes)?;
    Ok((child.wait()?, String::from_utf8_lossy(&bytes).into_owned()))
}

/// What broke it, and how to see it again.
fn told(name: &str, found: &Path) -> Result<String> {
    let inputs = fs::read_dir(found)?.collect::<io::Result<Vec<_>>>()?;
    let newest = inputs
        .iter()
        .max_by_key(|entry| entry.metadata().and_then(|data| data.modified()).ok());
    let Some(newest) = newest else {
        return Ok(format!("{name} failed without an input\n"));
    };
    let path = newest.path();
    let input = fs::read(&path)?;
    let mut text = String::new();
    writeln!(
        text,
        "{name} broke a promise with: {:?}",
        String::from_utf8_lossy(&input)
    )?;
    writeln!(text, "to see it again, and to keep it as a test:")?;
    writeln!(text, "  cp {} fuzz/seeds/{name}/", path.display())?;
    writeln!(
        text,
        "  cargo test -p patchcord-decoders --test seeds {name}"
    )?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_target_says_on_both_ways_is_kept_in_its_order() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo one; echo two >&2; echo three; exit 3"]);
        let (status, text) = kept(shell).unwrap();
        assert_eq!(status.code(), Some(3));
        assert_eq!(text, "one\ntwo\nthree\n");
    }

    #[test]
    fn a_crash_is_told_with_its_input_and_how_to_see_it_again() {
        let folder = std::env::temp_dir().join(format!("xtask-found-{}", std::process::id()));
        let found = Scratch::new(folder).unwrap();
        let text = told("phone", found.path()).unwrap();
        assert_eq!(text, "phone failed without an input\n");
        fs::write(found.path().join("crash-1"), "+49\n").unwrap();
        let text = told("phone", found.path()).unwrap();
        assert!(
            text.contains(r#"phone broke a promise with: "+49\n""#),
            "{text}"
        );
        assert!(text.contains("crash-1 fuzz/seeds/phone/\n"), "{text}");
        assert!(text.contains("--test seeds phone\n"), "{text}");
    }
}
