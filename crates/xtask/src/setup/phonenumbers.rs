//! Google's number engine in its Python edition: the metadata our tables are made from, and what our answers are
//! compared with. It is needed to test and to update, never to build.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::scratch::Scratch;
use crate::workspace::Workspace;

/// A download of 3 MB, unpacked to 48 MB.
const LIMIT: Duration = Duration::from_secs(300);
/// Names the version and what it has to hash to.
const REQUIREMENT: &str = "crates/phone/requirements.txt";

/// The folder that Python finds it in, fetched from PyPI where it is not there in the wanted version.
pub fn phonenumbers(ws: &Workspace) -> Result<PathBuf> {
    let folder = ws.tools().join("phonenumbers");
    let requirement = ws.at(REQUIREMENT);
    let text = std::fs::read_to_string(&requirement)
        .with_context(|| format!("{REQUIREMENT} is missing from the checkout"))?;
    let version = version(&text)
        .with_context(|| format!("{REQUIREMENT} does not say `phonenumbers==` and a version"))?;
    if folder
        .join(format!("phonenumbers-{version}.dist-info/RECORD"))
        .is_file()
    {
        return Ok(folder);
    }
    let Some(python) = process::on_path(&["python3"]) else {
        bail!(
            "comparing with Google's number engine takes Python 3 with pip (`python3`): install it"
        );
    };
    process::progress(&format!(
        "fetching Google's number engine from PyPI (phonenumbers {version}) into the target directory"
    ));
    // What an older version had and this one has not must not stay.
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--target"])
        .arg(&folder)
        .args(["--only-binary", ":all:", "--require-hashes", "-r"])
        .arg(&requirement);
    process::run_within(LIMIT, &mut pip)
        .with_context(|| format!("cannot fetch phonenumbers {version} with pip"))?;
    Ok(folder)
}

/// Pins the newest version on PyPI, with its hash.
pub fn pin_newest_phonenumbers(ws: &Workspace) -> Result<()> {
    let Some(python) = process::on_path(&["python3"]) else {
        bail!("Python 3 with pip is needed (`python3`): install it");
    };
    let download = Scratch::new(ws.target().join(format!("newest-{}", std::process::id())))?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "download", "--quiet", "--no-deps"])
        .args(["--only-binary", ":all:", "--dest"])
        .arg(download.path())
        .arg("phonenumbers");
    process::run_within(LIMIT, &mut pip).context("cannot fetch phonenumbers with pip")?;
    let wheel = std::fs::read_dir(download.path())?
        .next()
        .context("pip fetched nothing")??;
    let name = wheel.file_name();
    let version = name
        .to_str()
        .and_then(|name| name.split('-').nth(1))
        .with_context(|| format!("{} names no version", wheel.path().display()))?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "hash"]).arg(wheel.path());
    let hash = process::output(&mut pip)?;
    let hash = hash
        .split_whitespace()
        .find(|word| word.starts_with("--hash="))
        .context("pip told no hash")?;
    let requirement = ws.at(REQUIREMENT);
    let old = std::fs::read_to_string(&requirement)?;
    let why = old.lines().take_while(|line| line.starts_with('#'));
    let mut new: Vec<&str> = why.collect();
    let pinned = format!("phonenumbers=={version} \\\n    {hash}\n");
    new.push(&pinned);
    std::fs::write(&requirement, new.join("\n"))?;
    process::progress(&format!("{REQUIREMENT} pins phonenumbers {version}"));
    Ok(())
}

/// `9.0.43` from `phonenumbers==9.0.43 --hash=…`.
fn version(requirement: &str) -> Option<&str> {
    requirement
        .lines()
        .find_map(|line| line.trim().strip_prefix("phonenumbers=="))?
        .split_whitespace()
        .next()
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn the_version_is_read_from_the_requirement() {
        let requirement = "# why\nphonenumbers==9.0.43 \\\n    --hash=sha256:00\n";
        assert_eq!(version(requirement), Some("9.0.43"));
        assert_eq!(version("phonenumbers>=9"), None);
    }
}
