//! The pages as mdBook gets them: those of `docs/`, with what only a site can show.
//!
//! - A link to a file outside of `docs/` leads to a copy of it in the site.
//! - `<!-- picture: name.png what it shows -->` becomes the picture, where there is one.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::links::normal;
use super::markdown;
use crate::web;
use crate::workspace::Workspace;

/// What is said about pictures that are not there.
pub struct Staged {
    /// Their names.
    pub missing: BTreeSet<String>,
}

/// Copies `docs/` to `source`; pictures are taken from `pictures`.
pub fn pages(ws: &Workspace, source: &Path, pictures: &Path) -> Result<Staged> {
    let docs = ws.at("docs");
    let mut missing = BTreeSet::new();
    for file in web::files(&docs)? {
        let inside = file.strip_prefix(&docs)?;
        let to = source.join(inside);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        if file.extension().is_none_or(|ending| ending != "md") {
            // A picture of this build is newer than the one that is kept.
            let newer = pictures.join(file.file_name().context("a file without a name")?);
            let from = if newer.is_file() { &newer } else { &file };
            fs::copy(from, &to)?;
            continue;
        }
        let text = fs::read_to_string(&file)?;
        let text = with_pictures(&text, inside, pictures, source, &mut missing)?;
        let text = with_copies(ws, &file, inside, &text, source)?;
        fs::write(&to, text)?;
    }
    Ok(Staged { missing })
}

fn with_pictures(
    text: &str,
    inside: &Path,
    pictures: &Path,
    source: &Path,
    missing: &mut BTreeSet<String>,
) -> Result<String> {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let Some((name, alt)) = picture(line) else {
            out.push_str(line);
            out.push('\n');
            continue;
        };
        let from = pictures.join(name);
        if !from.is_file() {
            missing.insert(name.to_owned());
            continue;
        }
        let to = source.join("images").join(name);
        fs::create_dir_all(source.join("images"))?;
        fs::copy(from, to)?;
        let _ = writeln!(out, "![{alt}]({}images/{name})", up(inside));
    }
    Ok(out)
}

/// The name and the words of a picture's mark.
fn picture(line: &str) -> Option<(&str, &str)> {
    let mark = line.strip_prefix("<!-- picture: ")?.strip_suffix(" -->")?;
    mark.split_once(' ')
}

fn with_copies(
    ws: &Workspace,
    file: &Path,
    inside: &Path,
    text: &str,
    source: &Path,
) -> Result<String> {
    let folder = file.parent().context("a page outside of a folder")?;
    let docs = ws.at("docs");
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for link in markdown::links(text) {
        let Some((path, _)) = link.inside() else {
            continue;
        };
        let target = normal(&folder.join(path));
        if path.is_empty() || target.starts_with(&docs) {
            continue;
        }
        let Ok(name) = target.strip_prefix(ws.root()) else {
            bail!(
                "{} links to {}, outside of the repository",
                file.display(),
                link.target
            );
        };
        // Plain text, so that every browser shows it; mdBook takes every `.md` in a link for a page of its own.
        let name = name.display().to_string();
        let name = format!("source/{}.txt", name.trim_end_matches(".md"));
        write_copy(&target, &source.join(&name))?;
        out.push_str(text.get(from..link.at).unwrap_or_default());
        let _ = write!(out, "{}{name}", up(inside));
        from = link.at + link.target.len();
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Ok(out)
}

/// A file as it is; of a folder all files, one after the other.
fn write_copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    if from.is_file() {
        fs::copy(from, to)?;
        return Ok(());
    }
    let mut text = String::new();
    for file in web::files(from)? {
        let name = file.strip_prefix(from)?.display();
        let content = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let _ = write!(text, "===== {name}\n\n{content}\n");
    }
    fs::write(to, text)?;
    Ok(())
}

/// `../` for each folder that a page is in.
fn up(inside: &Path) -> String {
    let folders = inside
        .parent()
        .map_or(0, |folder| folder.components().count());
    "../".repeat(folders)
}

/// Where the pictures are that `cargo xtask docs --screenshots` takes.
pub fn pictures(ws: &Workspace) -> PathBuf {
    ws.at("dist/pictures")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_names_a_picture_and_says_what_it_shows() {
        assert_eq!(
            picture("<!-- picture: form.png A form, filled in -->"),
            Some(("form.png", "A form, filled in"))
        );
        assert_eq!(picture("<!-- policy: cross -->"), None);
    }

    #[test]
    fn a_page_in_a_folder_looks_for_pictures_above_it() {
        assert_eq!(up(Path::new("guides/zendesk.md")), "../");
        assert_eq!(up(Path::new("start.md")), "");
    }
}
