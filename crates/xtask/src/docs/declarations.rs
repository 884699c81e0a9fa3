//! The reference of the JavaScript interface, from the package's hand-written types.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// The page, below `docs/`.
pub const PAGE: &str = "reference/js.md";

/// What is imported, the file with its types, and what it is for.
const ENTRIES: [(&str, &str, &str); 7] = [
    (
        "patchcord",
        "index.d.ts",
        "The elements, where and when you want them. `patchcord/auto`, or the relay's `patchcord.js`, defines them when it is imported and exports `load` alone.",
    ),
    (
        "patchcord/panel",
        "panel.d.ts",
        "The agent's panel, and the platforms without a relay. `patchcord/panel/auto` defines the element when it is imported.",
    ),
    (
        "patchcord/scan",
        "scan.d.ts",
        "The page scanner. `patchcord/scan/auto` defines the element when it is imported.",
    ),
    (
        "patchcord/numbers",
        "numbers.d.ts",
        "The number engine and the phone field, for a page of your own.",
    ),
    (
        "patchcord/campaign",
        "campaign.d.ts",
        "Campaign parameters and conversion events.",
    ),
    (
        "the module",
        "patchcord_widget.d.ts",
        "What `load()` gives: `Client` and `resolveEntity` for an interface of your own.",
    ),
    (
        "elements and events",
        "elements.d.ts",
        "The types of the elements; every entry exports them.",
    ),
];

/// Reads `web/npm/*.d.ts`.
pub fn page(ws: &Workspace) -> Result<String> {
    let mut out = String::from(
        "# JavaScript\n\nThe types of the [npm package](../npm.md) with what is said in them. From the relay the same scripts are at its origin, as in `import { load } from \"https://relay.example.com/patchcord.js\"`.\n\n",
    );
    for (name, file, about) in ENTRIES {
        let path = ws.at("web/npm").join(file);
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let heading = if name.starts_with("patchcord") {
            format!("`import … from \"{name}\"`")
        } else {
            name.to_owned()
        };
        let _ = writeln!(out, "## {heading}\n\n{about}\n");
        for declaration in declarations(&text) {
            written(&mut out, &declaration);
        }
    }
    Ok(out)
}

/// One thing that is exported, with the comment above it.
#[derive(Debug, PartialEq, Eq)]
struct Declaration {
    name: String,
    comment: String,
    code: String,
}

/// A declaration begins at the left edge and ends with the first line there that ends in `}` or `;`.
fn declarations(text: &str) -> Vec<Declaration> {
    let mut found = Vec::new();
    let mut comment = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(first) = line.strip_prefix("/**") {
            comment = first.to_owned();
            let mut last = line;
            while !last.trim_end().ends_with("*/") {
                let Some(next) = lines.next() else { break };
                comment.push('\n');
                comment.push_str(next);
                last = next;
            }
            continue;
        }
        let name = name(line);
        if name.is_none() {
            if !line.trim().is_empty() {
                comment.clear();
            }
            continue;
        }
        let mut code = line.to_owned();
        let mut last = line;
        while !ends(last) {
            let Some(next) = lines.next() else { break };
            code.push('\n');
            code.push_str(next);
            last = next;
        }
        found.push(Declaration {
            name: name.unwrap_or_default().to_owned(),
            comment: plain(&std::mem::take(&mut comment)),
            code,
        });
    }
    found
}

/// What a line at the left edge begins to declare.
fn name(line: &str) -> Option<&str> {
    let line = line.strip_prefix("export ")?;
    let line = line.strip_prefix("default ").unwrap_or(line);
    let kinds = ["interface ", "type ", "class ", "function ", "const "];
    let rest = kinds.iter().find_map(|kind| line.strip_prefix(kind))?;
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
    let name = rest.get(..end.unwrap_or(rest.len()))?;
    // `export type * from …` names nothing.
    (!name.is_empty()).then_some(name)
}

fn ends(line: &str) -> bool {
    !line.starts_with(char::is_whitespace) && (line.ends_with('}') || line.ends_with(';'))
        || line.ends_with(';') && line.starts_with("  | ")
}

/// A comment without its signs.
fn plain(comment: &str) -> String {
    let comment = comment.trim_end().trim_end_matches("*/");
    let lines: Vec<&str> = comment
        .lines()
        .map(|line| {
            let line = line.trim_start();
            let line = line.strip_prefix('*').unwrap_or(line);
            line.strip_prefix(' ').unwrap_or(line).trim_end()
        })
        // What is for programs is in the reference of the elements.
        .filter(|line| !line.starts_with('@'))
        .collect();
    lines.join("\n").trim().to_owned()
}

fn written(out: &mut String, declaration: &Declaration) {
    let Declaration {
        name,
        comment,
        code,
    } = declaration;
    let _ = writeln!(out, "### `{name}`\n");
    if !comment.is_empty() {
        let _ = writeln!(out, "{comment}\n");
    }
    let _ = writeln!(out, "```ts\n{code}\n```\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_export_is_found_with_its_comment() {
        let found = declarations(
            "export type * from './e.js';\n\n/** A kind. */\nexport type Kind =\n  | 'a'\n  | 'b';\n\n/**\n * Loads it.\n *\n * @example x\n */\nexport function load(): Promise<void>;\ninterface Hidden {\n  a: string;\n}\nexport interface Shown {\n  /** In it. */\n  a: string;\n}\n",
        );
        let names: Vec<&str> = found.iter().map(|found| found.name.as_str()).collect();
        assert_eq!(names, ["Kind", "load", "Shown"]);
        let texts: Vec<&str> = found.iter().map(|found| found.comment.as_str()).collect();
        assert_eq!(texts, ["A kind.", "Loads it.", ""]);
        assert!(found[0].code.ends_with("| 'b';"), "{}", found[0].code);
        assert!(found[2].code.ends_with("\n}"), "{}", found[2].code);
    }
}
