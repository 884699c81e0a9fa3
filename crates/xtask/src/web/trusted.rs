//! Pages that enforce Trusted Types: nothing becomes HTML there that no named policy has passed.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

/// How wasm-bindgen writes what Leptos makes static elements with.
const SET: &str = ".innerHTML = getStringFromWasm0(arg1, arg2);";
const SET_TRUSTED: &str = ".innerHTML = trusted(getStringFromWasm0(arg1, arg2));";

/// The policy, `patchcord`. What it passes is text of the module itself, never of a person, a page or the relay. Where
/// the page does not list it, the assignment is refused as it was without it.
const POLICY: &str = "
let policy;
function trusted(html) {
    try {
        policy ??= globalThis.trustedTypes?.createPolicy('patchcord', { createHTML: (html) => html });
    } catch {}
    return policy?.createHTML(html) ?? html;
}
";

/// Has a module's glue, where it makes HTML, make it by the policy.
pub fn html(glue: &Path) -> Result<()> {
    let text = fs::read_to_string(glue)?;
    if !text.contains(".innerHTML") {
        return Ok(());
    }
    let trusted = text.replace(SET, SET_TRUSTED);
    if trusted.matches(".innerHTML").count() != trusted.matches(SET_TRUSTED).count() {
        bail!(
            "{} makes HTML in a way that the policy for Trusted Types does not know",
            glue.display()
        );
    }
    fs::write(glue, trusted + POLICY)?;
    Ok(())
}
