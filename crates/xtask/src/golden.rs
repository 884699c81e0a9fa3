//! The module's public face: what it exports, its types, and that it imports nothing of others.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::workspace::Workspace;
use crate::{process, setup, web};

/// What `web/tools/face.js` finds in `dist/web`.
#[derive(Deserialize)]
struct Face {
    loader: Script,
    glue: Script,
    /// The modules that the WebAssembly module imports from.
    wasm_imports: Vec<String>,
}

#[derive(Deserialize)]
struct Script {
    exports: Vec<String>,
    /// Modules named in `import` statements.
    imports: Vec<String>,
}

/// A file of the repository, and what it should say.
struct Golden {
    file: PathBuf,
    text: String,
}

/// Fails where the module and the golden files differ.
pub fn compare(ws: &Workspace) -> Result<()> {
    let mut differences = String::new();
    for golden in face(ws)? {
        let known = fs::read_to_string(&golden.file).unwrap_or_default();
        if known != golden.text {
            differences += &format!("{} differs:\n", golden.file.display());
            differences += &difference(&known, &golden.text);
        }
    }
    if !differences.is_empty() {
        bail!(
            "the public face has changed. If that is meant: `cargo xtask golden --bless`\n{differences}"
        );
    }
    Ok(())
}

/// Writes the golden files anew.
pub fn bless(ws: &Workspace) -> Result<()> {
    for golden in face(ws)? {
        fs::write(&golden.file, &golden.text)?;
        process::progress(&format!("wrote {}", golden.file.display()));
    }
    Ok(())
}

fn face(ws: &Workspace) -> Result<Vec<Golden>> {
    web::build_shipped(ws)?;
    let node = setup::node(ws)?;
    let mut script = node.script(&ws.at("web/tools/face.js"));
    let text = process::output(script.arg(web::folder(ws)).arg(web::MODULE))?;
    let face: Face = serde_json::from_str(&text).context("cannot read what face.js found")?;
    imports_only_its_own(&face)?;

    let declarations = fs::read_to_string(web::declarations(ws))?;
    Ok(vec![
        Golden {
            file: ws.at("web/npm").join(format!("{}.d.ts", web::MODULE)),
            text: web::public_declarations(&declarations),
        },
        Golden {
            file: ws.at("web/npm/exports.txt"),
            text: list(&face),
        },
    ])
}

fn imports_only_its_own(face: &Face) -> Result<()> {
    let glue = format!("./{}_bg.js", web::MODULE);
    if let Some(other) = face.wasm_imports.iter().find(|module| **module != glue) {
        bail!("the WebAssembly module imports from `{other}`, which is not its glue ({glue})");
    }
    for script in [&face.loader, &face.glue] {
        if let Some(other) = script.imports.first() {
            bail!("a shipped script imports `{other}`: it must stand alone");
        }
    }
    Ok(())
}

fn list(face: &Face) -> String {
    let lines = |name: &str, script: &Script| -> String {
        let exports = script.exports.iter();
        exports.map(|export| format!("{name} {export}\n")).collect()
    };
    lines("loader", &face.loader) + &lines("module", &face.glue)
}

/// The lines that only one side has.
fn difference(old: &str, new: &str) -> String {
    let without = |text: &str, other: &str, sign: char| -> String {
        let known: Vec<&str> = other.lines().collect();
        let lines = text.lines().filter(|line| !known.contains(line));
        lines.map(|line| format!("  {sign} {line}\n")).collect()
    };
    without(old, new, '-') + &without(new, old, '+')
}
