//! The folder of immutable assets, and how the loader finds it.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::ASSETS_IN_SOURCE;

/// Every file below a folder, as sorted paths.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The scripts as they are written: the entries, and the files of `folders` that they import among the assets.
pub fn copy_scripts(
    folders: &[PathBuf],
    entries: &[PathBuf],
    web: &Path,
    assets: &Path,
) -> Result<()> {
    let mut scripts = Vec::new();
    for folder in folders {
        scripts.extend(files(folder)?);
    }
    let scripts: Vec<PathBuf> = scripts
        .into_iter()
        .filter(|file| is(file, "js") && !entries.contains(file))
        .collect();
    for script in &scripts {
        // Among the assets they are all in one folder.
        let text = fs::read_to_string(script)?
            .replace("\"../loader/", "\"./")
            .replace("\"../callback/", "\"./");
        fs::write(assets.join(name_of(script)?), text)?;
    }
    for entry in entries {
        let mut text = fs::read_to_string(entry)?;
        for script in &scripts {
            let name = name_of(script)?;
            for folder in ["./", "../loader/"] {
                text = text.replace(
                    &format!("\"{folder}{name}\""),
                    &format!("\"{ASSETS_IN_SOURCE}{name}\""),
                );
            }
        }
        fs::write(web.join(name_of(entry)?), text)?;
    }
    Ok(())
}

fn name_of(file: &Path) -> Result<&str> {
    let name = file.file_name().and_then(|name| name.to_str());
    name.with_context(|| format!("{} has no name", file.display()))
}

/// A name for exactly this content, 10 hexadecimal digits. It tells versions apart; nothing is
/// secured with it. It is in the loader, where no compression helps and each digit counts: with 16
/// it was chance whether that kept to its size.
pub fn content_hash(folder: &Path) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in files(folder)? {
        let name = file.strip_prefix(folder)?.to_string_lossy();
        absorb(&mut hasher, name.as_bytes());
        absorb(&mut hasher, &fs::read(&file)?);
    }
    Ok(format!("{:010x}", hasher.finish() >> 24))
}

fn absorb(hasher: &mut DefaultHasher, bytes: &[u8]) {
    // The length keeps `ab` + `c` apart from `a` + `bc`.
    hasher.write_usize(bytes.len());
    hasher.write(bytes);
}

/// Writes the hash into the loader.
pub fn point_at(entry: &Path, hash: &str) -> Result<()> {
    let text = fs::read_to_string(entry)?;
    if !text.contains(ASSETS_IN_SOURCE) {
        bail!("the loader does not mention {ASSETS_IN_SOURCE}: it would not find its assets");
    }
    fs::write(
        entry,
        text.replace(ASSETS_IN_SOURCE, &format!("./assets/{hash}/")),
    )?;
    Ok(())
}

fn is(file: &Path, ending: &str) -> bool {
    file.extension().is_some_and(|found| found == ending)
}
