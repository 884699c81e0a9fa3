//! Debian's packages, for what no other registry has.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// Installs packages with apt-get. `why` says what they are for, `otherwise` what to do on a machine without it.
pub fn install(packages: &[&str], why: &str, otherwise: &str) -> Result<()> {
    let Some(apt) = process::on_path(&["apt-get"]) else {
        bail!("{why} needs {}: {otherwise}", packages.join(" and "));
    };
    process::progress(&format!(
        "installing {} with apt-get, for {why}",
        packages.join(" and ")
    ));
    process::run(&mut as_root(&apt, &["update", "-qq"], packages)?)?;
    let mut words = vec!["install", "-y", "-qq", "--no-install-recommends"];
    words.extend(packages);
    process::run(&mut as_root(&apt, &words, packages)?).with_context(|| otherwise.to_owned())
}

fn as_root(program: &Path, words: &[&str], packages: &[&str]) -> Result<Command> {
    let mut command = if is_root()? {
        Command::new(program)
    } else {
        let sudo = process::on_path(&["sudo"]).with_context(|| {
            format!(
                "this takes root: run `apt-get install {}` as root",
                packages.join(" ")
            )
        })?;
        process::progress("this needs root: sudo may ask for your password");
        let mut sudo = Command::new(sudo);
        sudo.arg(program);
        sudo
    };
    command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
    Ok(command)
}

/// Whether this program runs as root.
pub fn is_root() -> Result<bool> {
    Ok(process::output(Command::new("id").arg("-u"))?.trim() == "0")
}
