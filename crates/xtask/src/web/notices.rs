//! The licences of the npm packages that are bundled into what a browser downloads: both ask to be passed on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

/// The part of esbuild's metafile that is read.
#[derive(Deserialize)]
struct Metafile {
    /// Every file that went into a bundle, by its path from where esbuild was started.
    inputs: BTreeMap<PathBuf, serde::de::IgnoredAny>,
}

/// The folders of the packages that a bundle was made of.
pub fn packages(metafile: &Path) -> Result<BTreeSet<PathBuf>> {
    let text = fs::read_to_string(metafile).context("esbuild's metafile")?;
    let metafile: Metafile = serde_json::from_str(&text).context("esbuild's metafile")?;
    Ok(metafile
        .inputs
        .keys()
        .filter_map(|file| package(file))
        .collect())
}

/// `…/node_modules/name` or `…/node_modules/@scope/name` of a file in there.
fn package(file: &Path) -> Option<PathBuf> {
    let inner = file
        .ancestors()
        .find(|folder| folder.ends_with("node_modules"))?;
    let mut parts = file.strip_prefix(inner).ok()?.components();
    let first = parts.next()?.as_os_str();
    let folder = inner.join(first);
    let is_scope = first.to_string_lossy().starts_with('@');
    Some(if is_scope {
        folder.join(parts.next()?)
    } else {
        folder
    })
}

/// All their licences in one text.
pub fn collect(packages: &BTreeSet<PathBuf>, to: &Path) -> Result<()> {
    let mut text = String::new();
    for package in packages {
        let entries = fs::read_dir(package).with_context(|| package.display().to_string())?;
        let names = entries
            .map(|entry| Ok(entry?.file_name()))
            .collect::<Result<Vec<_>>>()?;
        let licence = names.iter().find(|name| {
            let name = name.to_string_lossy().to_uppercase();
            name.starts_with("LICENSE") || name.starts_with("LICENCE")
        });
        let licence =
            licence.with_context(|| format!("{} comes without its licence", package.display()))?;
        let name = package
            .components()
            .skip_while(|part| part.as_os_str() != "node_modules");
        let name: PathBuf = name.skip(1).collect();
        text += &format!("{}\n\n", name.display());
        text += fs::read_to_string(package.join(licence))?.trim();
        text += "\n\n\n";
    }
    fs::write(to, text)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_belongs_to_the_innermost_package_around_it() {
        let of = |file: &str| package(Path::new(file));
        assert_eq!(of("web/hosts/frame.js"), None);
        assert_eq!(
            of("a/node_modules/b/c/d.js"),
            Some("a/node_modules/b".into())
        );
        assert_eq!(
            of("a/node_modules/@s/b/c.js"),
            Some("a/node_modules/@s/b".into())
        );
        assert_eq!(
            of("a/node_modules/b/node_modules/c/d.js"),
            Some("a/node_modules/b/node_modules/c".into())
        );
    }
}
