//! The reference of the elements, from the manifest that is made of their types and sources.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::workspace::Workspace;
use crate::{process, setup};

/// The page, below `docs/`.
pub const PAGE: &str = "reference/html.md";

#[derive(Deserialize)]
struct Manifest {
    modules: Vec<Module>,
}

#[derive(Deserialize)]
struct Module {
    path: String,
    declarations: Vec<Element>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Element {
    tag_name: String,
    #[serde(default)]
    description: String,
    attributes: Vec<Entry>,
    members: Vec<Entry>,
    events: Vec<Entry>,
    css_parts: Vec<Entry>,
    css_properties: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(rename = "type")]
    kind: Option<Kind>,
    /// Of methods.
    parameters: Option<Vec<Entry>>,
    #[serde(rename = "return")]
    gives: Option<Gives>,
    #[serde(default)]
    readonly: bool,
    #[serde(default)]
    optional: bool,
}

#[derive(Deserialize)]
struct Kind {
    text: String,
}

#[derive(Deserialize)]
struct Gives {
    #[serde(rename = "type")]
    kind: Kind,
}

/// Asks `web/tools/manifest.js`.
pub fn page(ws: &Workspace) -> Result<String> {
    let node = setup::node(ws)?;
    let tools = ws.at("web/tools");
    setup::packages(&node, &tools)?;
    let mut script = node.script(&tools.join("manifest.js"));
    written(&process::output(script.arg(ws.root()))?)
}

fn written(text: &str) -> Result<String> {
    let manifest: Manifest =
        serde_json::from_str(text).context("cannot read the manifest of the elements")?;
    let mut out = String::from(
        "# Elements\n\nEvery attribute, property, method, event, part and custom property, as the package's `custom-elements.json` has them. How they are used: [Embedding](../embedding.md).\n\n",
    );
    for module in &manifest.modules {
        for element in &module.declarations {
            one(&mut out, &module.path, element);
        }
    }
    Ok(out)
}

fn one(out: &mut String, script: &str, element: &Element) {
    let _ = writeln!(out, "## `<{}>`\n", element.tag_name);
    let _ = writeln!(
        out,
        "{}\n\nIts script is `{script}`.\n",
        element.description
    );
    let typed = |entry: &Entry| {
        vec![
            format!("`{}`", entry.name),
            entry.kind.as_ref().map_or_else(String::new, code),
            cell(&entry.description),
        ]
    };
    let (methods, properties): (Vec<&Entry>, Vec<&Entry>) = element
        .members
        .iter()
        .partition(|member| member.parameters.is_some());
    table(
        out,
        "Attributes",
        &["attribute", "type", ""],
        element.attributes.iter().map(typed),
    );
    table(
        out,
        "Properties",
        &["property", "type", ""],
        properties.into_iter().map(|entry| {
            let mut cells = typed(entry);
            if entry.readonly
                && let Some(last) = cells.last_mut()
            {
                *last = format!("Read only. {last}");
            }
            cells
        }),
    );
    table(
        out,
        "Methods",
        &["method", ""],
        methods
            .into_iter()
            .map(|entry| vec![signature(entry), cell(&entry.description)]),
    );
    table(
        out,
        "Events",
        &["event", "type", ""],
        element.events.iter().map(typed),
    );
    let named = |entry: &Entry| vec![format!("`{}`", entry.name), cell(&entry.description)];
    table(
        out,
        "Parts",
        &["part", ""],
        element.css_parts.iter().map(named),
    );
    table(
        out,
        "Custom properties",
        &["property", ""],
        element.css_properties.iter().map(named),
    );
}

fn table(out: &mut String, title: &str, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(out, "**{title}**\n\n| {} |", head.join(" | "));
    let _ = writeln!(out, "|{}", "---|".repeat(head.len()));
    for row in rows {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    out.push('\n');
}

fn signature(entry: &Entry) -> String {
    let parameters: Vec<String> = entry
        .parameters
        .iter()
        .flatten()
        .map(|parameter| {
            let mark = if parameter.optional { "?" } else { "" };
            let kind = parameter.kind.as_ref().map_or("", |kind| &kind.text);
            format!("{}{mark}: {kind}", parameter.name)
        })
        .collect();
    let gives = entry.gives.as_ref().map_or("", |gives| &gives.kind.text);
    let text = format!("{}({}): {gives}", entry.name, parameters.join(", "));
    code(&Kind { text })
}

/// A type as code; its `|` would end a cell.
fn code(kind: &Kind) -> String {
    format!("`{}`", kind.text.replace('|', "\\|"))
}

fn cell(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_written_down_with_all_that_it_has() {
        let page = written(
            r#"{"modules": [{"path": "patchcord.js", "declarations": [{
                "tagName": "patchcord-x", "description": "An element.",
                "attributes": [{"name": "theme", "type": {"text": "'auto' | 'dark'"}, "description": "How\nit looks."}],
                "members": [{"name": "numbers", "type": {"text": "string[]"}, "readonly": true, "description": "Found."},
                    {"name": "act", "parameters": [{"name": "word", "type": {"text": "string"}, "optional": true}], "return": {"type": {"text": "void"}}}],
                "events": [], "cssParts": [{"name": "button"}], "cssProperties": [{"name": "--patchcord-accent", "description": "The colour."}]}]}]}"#,
        )
        .unwrap();
        for part in [
            "## `<patchcord-x>`",
            "| `theme` | `'auto' \\| 'dark'` | How it looks. |",
            "| `numbers` | `string[]` | Read only. Found. |",
            "| `act(word?: string): void` |",
            "| `button` |",
            "| `--patchcord-accent` | The colour. |",
        ] {
            assert!(page.contains(part), "{part}\n{page}");
        }
        assert!(!page.contains("**Events**"), "no empty table");
    }
}
