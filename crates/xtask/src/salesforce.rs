//! `dist/salesforce`: the Salesforce package as it is deployed, `web/salesforce` with the built module in it.
//!
//! The static resource `patchcord` is a folder, which Salesforce's tools deploy as a zip file:
//!
//! ```text
//! patchcord.js                 the loader and every script that it loads, in one that is no module
//! patchcord_widget_bg.wasm     the call button
//! patchcord_numbers_bg.wasm    the number engine, for numbers as they are written in the org's country
//! patchcord.css, texts/*.json
//! ```

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::scratch::Scratch;
use crate::setup::{self, Node};
use crate::workspace::Workspace;
use crate::{dist, process, web};

/// What Salesforce takes at most for one static resource, in bytes.
const LARGEST_RESOURCE: u64 = 5_000_000;
/// Where the static resource is in the package.
const RESOURCE: &str = "force-app/main/default/staticresources/patchcord";
/// What of the built web folder is in the static resource as it is.
const AS_BUILT: [&str; 3] = [
    "patchcord.css",
    "patchcord_numbers_bg.wasm",
    "patchcord_widget_bg.wasm",
];

/// Builds `dist/salesforce`.
pub fn build(ws: &Workspace) -> Result<()> {
    web::build_shipped(ws)?;
    let node = setup::node(ws)?;
    setup::packages(&node, &ws.at("web/tools"))?;
    process::progress("dist/salesforce");
    let work = Scratch::new(ws.at("dist/.salesforce-in-progress"))?;
    let package = work.path().join("package");
    let source = ws.at("web/salesforce");
    copy(
        &source.join("sfdx-project.json"),
        &package.join("sfdx-project.json"),
    )?;
    for folder in ["force-app", "translations"] {
        for file in web::files(&source.join(folder))? {
            copy(&file, &package.join(file.strip_prefix(&source)?))?;
        }
    }
    resource(ws, &node, work.path(), &package.join(RESOURCE))?;
    let target = ws.at("dist/salesforce");
    if target.exists() {
        fs::rename(&target, work.path().join("old"))?;
    }
    fs::rename(&package, &target)?;
    Ok(())
}

/// Builds it and holds it against Salesforce's own libraries (`tests/salesforce`).
pub fn check(ws: &Workspace) -> Result<ExitCode> {
    build(ws)?;
    let node = setup::node(ws)?;
    let folder = ws.at("tests/salesforce");
    setup::packages(&node, &folder)?;
    process::progress("the Salesforce package");
    let mut tests = node.script(&folder.join("run.js"));
    let status = tests.current_dir(&folder).status()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn resource(ws: &Workspace, node: &Node, work: &Path, resource: &Path) -> Result<()> {
    let built = web::folder(ws);
    let assets = built.join("assets").join(dist::asset_folder(&built)?);
    for file in AS_BUILT {
        copy(&assets.join(file), &resource.join(file))?;
    }
    for file in web::files(&assets.join("texts"))? {
        if file.extension().is_some_and(|ending| ending == "json") {
            copy(&file, &resource.join(file.strip_prefix(&assets)?))?;
        }
    }
    let scripts = work.join("scripts");
    // The package has an entry of its own, `patchcord.js`: it takes the place of the loader's.
    for folder in ["web/loader", "web/salesforce/script"] {
        for file in web::files(&ws.at(folder))? {
            let name = file.file_name().context("a script without a name")?;
            copy(&file, &scripts.join(name))?;
        }
    }
    for script in ["numbers.js", "patchcord_widget.js"] {
        copy(&assets.join(script), &scripts.join(script))?;
    }
    for script in ["module.js", "hand.js"] {
        import_by_name(&scripts.join(script))?;
    }
    without_form(&scripts.join("plain.js"))?;
    web::Texts::read(&ws.at("web/texts"))?.name_in(&scripts)?;
    let mut esbuild = node.script(&ws.at("web/tools/node_modules/esbuild/bin/esbuild"));
    esbuild.arg(scripts.join("patchcord.js")).args([
        "--bundle",
        "--minify",
        "--format=iife",
        "--target=es2022",
        "--charset=utf8",
        "--log-level=warning",
        // A script that runs under Lightning Web Security does not know its own address: the component says it.
        "--define:import.meta.url=patchcordAt",
        // Salesforce serves WebAssembly under a type that streaming does not take: always from a buffer.
        "--define:WebAssembly.instantiateStreaming=undefined",
    ]);
    let mut out = std::ffi::OsString::from("--outfile=");
    out.push(resource.join("patchcord.js"));
    process::output(esbuild.arg(out))?;

    let mut bytes = 0;
    for file in web::files(resource)? {
        bytes += fs::metadata(&file)?.len();
    }
    if bytes > LARGEST_RESOURCE {
        bail!(
            "the static resource has {bytes} bytes, and Salesforce takes {LARGEST_RESOURCE} at most"
        );
    }
    Ok(())
}

/// Has one of the loader's scripts take others from `scripts.js` instead of importing them by their addresses.
fn import_by_name(file: &Path) -> Result<()> {
    /// How an import by an address begins and ends, and what is in their places.
    const BY_ADDRESS: [(&str, &str); 3] = [
        ("import(asset(", "script(("),
        ("import(new URL(", "script(("),
        (".js\", import.meta.url))", ".js\"))"),
    ];
    let text = fs::read_to_string(file)?;
    let by_name = BY_ADDRESS
        .iter()
        .fold(text.clone(), |text, (from, to)| text.replace(from, to));
    if by_name == text || by_name.contains("import(") {
        bail!(
            "{} does not import its scripts as `import(asset(…))` or `import(new URL(…, import.meta.url))`",
            file.display()
        );
    }
    let import = "import { script } from \"./scripts.js\";\n";
    fs::write(file, import.to_owned() + &by_name)?;
    Ok(())
}

/// There is no callback form in Salesforce: leaves it out of what the plain controls bring.
fn without_form(plain: &Path) -> Result<()> {
    const FORM: &str = "export { fill } from \"../callback/plain-form.js\";\n";
    let text = fs::read_to_string(plain)?;
    if !text.contains(FORM) {
        bail!("web/loader/plain.js does not have the form by `{FORM}`");
    }
    fs::write(plain, text.replace(FORM, ""))?;
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}
