//! The document: components, where they come from, under which licence, and who needs whom.
//!
//! It has neither time nor serial number, so that the same source gives the same document.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use cargo_lock::{Checksum, Lockfile};
use cargo_metadata::{Metadata as Workspace, Package};
use cyclonedx_bom::external_models::normalized_string::NormalizedString;
use cyclonedx_bom::external_models::spdx::SpdxExpression;
use cyclonedx_bom::external_models::uri::{Purl, Uri};
use cyclonedx_bom::models::bom::{Bom, SpecVersion};
use cyclonedx_bom::models::component::{Classification, Component, Components, Scope};
use cyclonedx_bom::models::dependency::{Dependencies, Dependency};
use cyclonedx_bom::models::external_reference::{
    ExternalReference, ExternalReferenceType, ExternalReferences,
};
use cyclonedx_bom::models::hash::{Hash, HashAlgorithm, HashValue, Hashes};
use cyclonedx_bom::models::license::{LicenseChoice, Licenses};
use cyclonedx_bom::models::metadata::Metadata;
use cyclonedx_bom::validation::Validate;

use crate::tree::{Crate, Parts};

/// What all of it together is called.
const NAME: &str = "patchcord";

/// Describes the products, and the npm packages that are in their scripts.
///
/// # Errors
/// A crate that metadata or lock file do not know, a licence that is no SPDX expression, or a document that is not
/// valid.
pub fn json(
    workspace: &Workspace,
    lock: &Lockfile,
    products: &[Parts],
    packages: Vec<Component>,
) -> Result<Vec<u8>> {
    let known = Known::of(workspace, lock);
    let mut needs: BTreeMap<&Crate, BTreeSet<&Crate>> = BTreeMap::new();
    for (one, others) in products.iter().flat_map(|parts| &parts.crates) {
        needs.entry(one).or_default().extend(others);
    }
    let mut components = Vec::new();
    let mut dependencies = vec![Dependency {
        dependency_ref: NAME.to_owned(),
        dependencies: products
            .iter()
            .map(|parts| known.purl(&parts.product))
            .chain(
                packages
                    .iter()
                    .filter_map(|package| package.bom_ref.clone())
                    .map(Ok),
            )
            .collect::<Result<_>>()?,
    }];
    for package in packages {
        dependencies.extend(package.bom_ref.clone().map(|dependency_ref| Dependency {
            dependency_ref,
            dependencies: Vec::new(),
        }));
        components.push(package);
    }
    for (&one, others) in &needs {
        let mut component = known.component(one)?;
        let is_linked = products.iter().any(|parts| parts.linked.contains(one));
        component.scope = Some(if is_linked {
            Scope::Required
        } else {
            Scope::Excluded
        });
        if products.iter().any(|parts| parts.product == *one) {
            component.component_type = Classification::Application;
        }
        components.push(component);
        dependencies.push(Dependency {
            dependency_ref: known.purl(one)?,
            dependencies: others
                .iter()
                .map(|other| known.purl(other))
                .collect::<Result<_>>()?,
        });
    }
    let version = products.first().map(|parts| parts.product.version.as_str());
    let whole = Component::new(
        Classification::Application,
        NAME,
        version.unwrap_or_default(),
        Some(NAME.to_owned()),
    );
    let bom = Bom {
        spec_version: SpecVersion::V1_5,
        serial_number: None,
        metadata: Some(Metadata {
            component: Some(whole),
            ..Metadata::default()
        }),
        components: Some(Components(components)),
        dependencies: Some(Dependencies(dependencies)),
        ..Bom::default()
    };
    let validity = bom.validate_version(SpecVersion::V1_5);
    if validity.has_errors() {
        bail!("the document is not valid: {validity:?}");
    }
    let mut json = Vec::new();
    bom.output_as_json_v1_5(&mut json)?;
    Ok(json)
}

/// What is known about each crate.
struct Known<'w> {
    root: &'w Path,
    packages: BTreeMap<Crate, &'w Package>,
    checksums: BTreeMap<Crate, &'w Checksum>,
}

impl<'w> Known<'w> {
    fn of(workspace: &'w Workspace, lock: &'w Lockfile) -> Self {
        let packages = workspace.packages.iter().map(|package| {
            let name = package.name.to_string();
            let version = package.version.to_string();
            (Crate { name, version }, package)
        });
        let checksums = lock.packages.iter().filter_map(|package| {
            let name = package.name.as_str().to_owned();
            let version = package.version.to_string();
            Some((Crate { name, version }, package.checksum.as_ref()?))
        });
        Self {
            root: workspace.workspace_root.as_std_path(),
            packages: packages.collect(),
            checksums: checksums.collect(),
        }
    }

    fn package(&self, one: &Crate) -> Result<&'w Package> {
        let found = self.packages.get(one).copied();
        found.with_context(|| format!("cargo metadata does not know {} {}", one.name, one.version))
    }

    /// What names a crate everywhere: the registry's crate, or a folder of this repository, which may have the name
    /// of a crate of the registry and is not it.
    fn purl(&self, one: &Crate) -> Result<String> {
        let package = self.package(one)?;
        let purl = Purl::new("cargo", &one.name, &one.version)?.to_string();
        match &package.source {
            Some(source) if source.is_crates_io() => Ok(purl),
            Some(source) => bail!("{} comes from {source}, which has no purl here", one.name),
            None => {
                let folder = package.manifest_path.parent();
                let folder = folder.context("a manifest without a folder")?.as_std_path();
                let inside = folder.strip_prefix(self.root)?.display().to_string();
                let inside = inside.replace('/', "%2F");
                Ok(format!("{purl}?download_url=file:%2F%2F{inside}"))
            }
        }
    }

    fn component(&self, one: &Crate) -> Result<Component> {
        let package = self.package(one)?;
        let purl = self.purl(one)?;
        let kind = Classification::Library;
        let mut component = Component::new(kind, &one.name, &one.version, Some(purl.clone()));
        component.purl = Some(
            purl.parse()
                .map_err(|()| anyhow!("{purl} is no package URL"))?,
        );
        component.description = package.description.as_deref().map(NormalizedString::new);
        component.licenses = Some(Licenses(vec![licence(package)?]));
        match self.checksums.get(one) {
            Some(checksum) => {
                component.hashes = Some(Hashes(vec![Hash {
                    alg: HashAlgorithm::SHA_256,
                    content: HashValue(checksum.to_string()),
                }]));
            }
            None if package.source.is_some() => bail!("Cargo.lock has no checksum of {}", one.name),
            None => {}
        }
        component.external_references = package.repository.as_deref().map(|repository| {
            let kind = ExternalReferenceType::Vcs;
            ExternalReferences(vec![ExternalReference::new(kind, Uri::new(repository))])
        });
        Ok(component)
    }
}

fn licence(package: &Package) -> Result<LicenseChoice> {
    let text = package.license.clone();
    let text = text.with_context(|| format!("{} names no licence", package.name))?;
    // Older crates write `MIT/Apache-2.0`.
    let expression = SpdxExpression::parse_lax(text)
        .map_err(|error| anyhow!("the licence of {}: {error}", package.name))?;
    Ok(LicenseChoice::Expression(expression))
}
