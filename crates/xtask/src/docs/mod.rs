//! `dist/docs`: the documentation as a site, of the pages of `docs/` and of what the code says about itself.

mod codes;
mod declarations;
mod elements;
mod http;
mod links;
mod markdown;
mod site;
mod stage;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::scratch::Scratch;
use crate::workspace::Workspace;
use crate::{process, servers, setup, web};

/// What the build makes beside the pages that are written.
const MADE: [&str; 5] = [
    http::PAGE,
    elements::PAGE,
    declarations::PAGE,
    "rust/patchcord_core/index.html",
    "rust/patchcord/index.html",
];
/// The picture that the README shows.
const README_PICTURE: &str = "crm.png";

/// What can be known without building anything: each code has an entry, each link leads somewhere, each page is in
/// the table of contents.
pub fn check(ws: &Workspace) -> Result<()> {
    let page = fs::read_to_string(ws.at("docs").join(codes::PAGE))?;
    codes::Codes::read(ws)?.compare(&page)?;
    links::check(ws, &MADE)?;
    contents(ws)
}

/// Builds the site, and fails where a link of it leads nowhere.
pub fn build(ws: &Workspace) -> Result<()> {
    check(ws)?;
    let mdbook = setup::mdbook(ws)?;
    // The relay is only asked for its description: any widget will do.
    if !web::folder(ws).is_dir() {
        web::build_shipped(ws)?;
    }
    servers::build(ws)?;

    process::progress("dist/docs");
    let work = Scratch::new(ws.target().join(format!("docs-{}", std::process::id())))?;
    let source = work.path().join("src");
    let staged = stage::pages(ws, &source, &stage::pictures(ws))?;
    let codes = codes::Codes::read(ws)?;
    let page = source.join(codes::PAGE);
    fs::write(&page, codes.with_texts(&fs::read_to_string(&page)?))?;
    fs::create_dir_all(source.join("reference"))?;
    fs::write(source.join(http::PAGE), http::page(ws)?)?;
    fs::write(source.join(elements::PAGE), elements::page(ws)?)?;
    fs::write(source.join(declarations::PAGE), declarations::page(ws)?)?;
    fs::rename(source.join("book.toml"), work.path().join("book.toml"))?;

    let site = work.path().join("site");
    let mut command = std::process::Command::new(mdbook);
    command.arg("build").arg("--dest-dir").arg(&site);
    process::output(command.arg(work.path()))?;
    let rust = site.join("rust");
    rust_reference(ws, &rust)?;
    let links = site::check(&site, &rust)?;

    let target = ws.at("dist/docs");
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    copy_folder(&site, &target)?;
    process::progress(&format!(
        "dist/docs/index.html: {links} links lead somewhere"
    ));
    if !staged.missing.is_empty() {
        let names: Vec<String> = staged.missing.into_iter().collect();
        process::progress(&format!(
            "without pictures ({}): `cargo xtask docs --screenshots` takes them from the running demo",
            names.join(", ")
        ));
    }
    Ok(())
}

/// Takes the pictures of the running demo first; the tests that take them check what is in them.
pub fn build_with_pictures(ws: &Workspace) -> Result<ExitCode> {
    let pictures = stage::pictures(ws);
    if pictures.exists() {
        fs::remove_dir_all(&pictures)?;
    }
    fs::create_dir_all(&pictures)?;
    let mut tests = ws.xtask(&["e2e", "docs-pictures"])?;
    process::run(tests.env("DOCS_PICTURES", &pictures))?;
    build(ws)?;
    Ok(ExitCode::SUCCESS)
}

/// Takes the pictures and keeps the README's, which a forge shows without a build.
pub fn renew_readme_picture(ws: &Workspace) -> Result<ExitCode> {
    let code = build_with_pictures(ws)?;
    let from = stage::pictures(ws).join(README_PICTURE);
    fs::copy(&from, ws.at("docs/images").join(README_PICTURE))
        .with_context(|| format!("{} was not taken", from.display()))?;
    Ok(code)
}

/// Every page is in the table of contents.
fn contents(ws: &Workspace) -> Result<()> {
    const CONTENTS: &str = "SUMMARY.md";
    let docs = ws.at("docs");
    let text = fs::read_to_string(docs.join(CONTENTS)).context("docs/SUMMARY.md")?;
    let listed: Vec<PathBuf> = markdown::links(&text)
        .iter()
        .filter_map(markdown::Link::inside)
        .map(|(file, _)| docs.join(file))
        .collect();
    for (at, page) in listed.iter().enumerate() {
        // mdBook takes none twice.
        if listed.iter().take(at).any(|before| before == page) {
            bail!("docs/{CONTENTS} lists {} twice", page.display());
        }
    }
    for page in pages(&docs)? {
        let is_contents = page.file_name().is_some_and(|name| name == CONTENTS);
        if !is_contents && !listed.contains(&page) {
            bail!("docs/{CONTENTS} does not list {}", page.display());
        }
    }
    Ok(())
}

/// The pages of a folder.
fn pages(folder: &Path) -> Result<Vec<PathBuf>> {
    let is_page = |file: &PathBuf| file.extension().is_some_and(|ending| ending == "md");
    Ok(web::files(folder)?.into_iter().filter(is_page).collect())
}

/// What rustdoc makes of the two libraries.
fn rust_reference(ws: &Workspace, to: &Path) -> Result<()> {
    process::progress("the Rust reference");
    setup::wasm_target()?;
    let made = ws.target().join("wasm32-unknown-unknown/doc");
    // It lists every crate that was ever documented there.
    if made.exists() {
        fs::remove_dir_all(&made)?;
    }
    let mut cargo = ws.cargo(&[
        "doc",
        "--quiet",
        "--no-deps",
        "--target",
        "wasm32-unknown-unknown",
        "--package",
        "patchcord-core",
        "--package",
        "patchcord",
        "--features",
        "patchcord/desk",
    ]);
    process::run(cargo.env("RUSTDOCFLAGS", "-D warnings"))?;
    copy_folder(&made, to)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for file in web::files(from)? {
        let to = to.join(file.strip_prefix(from)?);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(&file, &to).with_context(|| format!("cannot copy {}", file.display()))?;
    }
    Ok(())
}
