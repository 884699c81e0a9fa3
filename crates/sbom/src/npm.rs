//! The npm packages whose code is in the scripts that a relay serves: the SDKs of CRMs.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cyclonedx_bom::external_models::spdx::SpdxExpression;
use cyclonedx_bom::models::component::{Classification, Component, Scope};
use cyclonedx_bom::models::hash::{Hash, HashAlgorithm, HashValue, Hashes};
use cyclonedx_bom::models::license::{LicenseChoice, Licenses};
use serde::Deserialize;

/// Where they are named. What they need in turn is for building them, and in no script: `notices.txt` among the built
/// scripts says whose code is.
const FOLDER: &str = "web/hosts";

#[derive(Deserialize)]
struct Manifest {
    dependencies: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Lock {
    packages: BTreeMap<String, Locked>,
}

#[derive(Deserialize)]
struct Locked {
    version: Option<String>,
    integrity: Option<String>,
    license: Option<String>,
}

/// Describes them.
///
/// # Errors
/// A manifest or lock file that cannot be read, or one that does not say what a package is.
pub fn components(root: &Path) -> Result<Vec<Component>> {
    let manifest: Manifest = read(&root.join(FOLDER).join("package.json"))?;
    let lock: Lock = read(&root.join(FOLDER).join("package-lock.json"))?;
    let named = manifest.dependencies.into_keys();
    named
        .map(|name| {
            let locked = lock.packages.get(&format!("node_modules/{name}"));
            let component = locked.and_then(|locked| component(&name, locked).transpose());
            component
                .with_context(|| format!("{FOLDER}/package-lock.json does not describe {name}"))?
        })
        .collect()
}

fn read<T: for<'de> Deserialize<'de>>(file: &Path) -> Result<T> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    serde_json::from_str(&text).with_context(|| file.display().to_string())
}

fn component(name: &str, locked: &Locked) -> Result<Option<Component>> {
    let (Some(version), Some(integrity), Some(license)) =
        (&locked.version, &locked.integrity, &locked.license)
    else {
        return Ok(None);
    };
    // A scope's @ is escaped in a package URL.
    let purl = format!("pkg:npm/{}@{version}", name.replace('@', "%40"));
    let mut component = Component::new(Classification::Library, name, version, Some(purl.clone()));
    let parsed = purl.parse();
    component.purl = Some(parsed.map_err(|()| anyhow!("{purl} is no package URL"))?);
    let license = SpdxExpression::try_from(license.clone())
        .map_err(|error| anyhow!("the licence of {name}: {error}"))?;
    component.licenses = Some(Licenses(vec![LicenseChoice::Expression(license)]));
    component.hashes = Some(Hashes(vec![hash(integrity)?]));
    component.scope = Some(Scope::Required);
    Ok(Some(component))
}

/// A lock file's `sha512-…`, in hexadecimal digits as CycloneDX wants them.
fn hash(integrity: &str) -> Result<Hash> {
    let Some(text) = integrity.strip_prefix("sha512-") else {
        bail!("{integrity} is no SHA-512");
    };
    let mut digits = String::new();
    for byte in STANDARD.decode(text)? {
        write!(digits, "{byte:02x}")?;
    }
    Ok(Hash {
        alg: HashAlgorithm::SHA_512,
        content: HashValue(digits),
    })
}
