//! The document says what the relay and what it serves are made of: no more and no less.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support: a failure here is a failed test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};
use cyclonedx_bom::models::bom::{Bom, SpecVersion};
use cyclonedx_bom::validation::Validate;
use serde_json::Value;

const RELAY: &str = "patchcord-relay";
const WIDGET: &str = "patchcord-widget";
/// What is compiled and given away.
const PRODUCTS: [&str; 5] = [
    RELAY,
    WIDGET,
    "patchcord-panel",
    "patchcord-numbers",
    "patchcord-scanner",
];

/// The document as text and as a value.
fn document() -> (String, Value) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dist/sbom.cdx.json");
    let status = Command::new(env!("CARGO_BIN_EXE_sbom"))
        .arg(&file)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(status.success());
    let text = std::fs::read_to_string(file).unwrap();
    let value = serde_json::from_str(&text).unwrap();
    (text, value)
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .other_options(["--locked".to_owned()])
        .exec()
        .unwrap()
}

type Name = (String, String);

fn name(metadata: &Metadata, id: &PackageId) -> Name {
    let package = &metadata[id];
    (package.name.to_string(), package.version.to_string())
}

fn package(metadata: &Metadata, name: &str) -> PackageId {
    let found = metadata
        .packages
        .iter()
        .find(|package| package.name == name);
    found.unwrap().id.clone()
}

/// Everything that `cargo metadata` reaches from these packages by dependencies of these kinds.
fn reached(metadata: &Metadata, from: &[&str], kinds: &[DependencyKind]) -> BTreeSet<Name> {
    let nodes: BTreeMap<_, _> = metadata
        .resolve
        .as_ref()
        .unwrap()
        .nodes
        .iter()
        .map(|node| (&node.id, node))
        .collect();
    let mut reached = BTreeSet::new();
    let mut to_visit: Vec<_> = from.iter().map(|name| package(metadata, name)).collect();
    while let Some(id) = to_visit.pop() {
        if !reached.insert(id.clone()) {
            continue;
        }
        for dependency in &nodes[&id].deps {
            let of_kind = |info: &cargo_metadata::DepKindInfo| kinds.contains(&info.kind);
            if dependency.dep_kinds.iter().any(of_kind) {
                to_visit.push(dependency.pkg.clone());
            }
        }
    }
    reached.iter().map(|id| name(metadata, id)).collect()
}

/// Those of them whose package URL begins so.
fn listed(document: &Value, beginning: &str) -> BTreeMap<Name, Value> {
    let list = document["components"].as_array().unwrap();
    let list = list
        .iter()
        .filter(|component| component["purl"].as_str().unwrap().starts_with(beginning));
    let list: Vec<_> = list.collect();
    let named = list.iter().map(|&component| {
        let text = |key: &str| component[key].as_str().unwrap().to_owned();
        ((text("name"), text("version")), component.clone())
    });
    let components: BTreeMap<_, _> = named.collect();
    assert_eq!(components.len(), list.len(), "each once");
    components
}

fn components(document: &Value) -> BTreeMap<Name, Value> {
    listed(document, "pkg:cargo/")
}

#[test]
fn the_sdks_in_the_scripts_of_hosts_are_there_with_the_bytes_that_they_are() {
    let (_, document) = document();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/hosts");
    let read = |name: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(root.join(name)).unwrap()).unwrap()
    };
    let manifest = read("package.json");
    let named = manifest["dependencies"].as_object().unwrap();
    let there = listed(&document, "pkg:npm/");
    assert_eq!(there.len(), named.len());
    for ((name, version), component) in &there {
        assert_eq!(named[name], *version);
        assert_eq!(component["hashes"][0]["alg"], "SHA-512");
        assert_eq!(
            component["hashes"][0]["content"].as_str().unwrap().len(),
            128
        );
        assert!(component["licenses"][0]["expression"].is_string(), "{name}");
    }
}

#[test]
fn every_crate_of_each_product_is_there_and_nothing_that_only_tests_need() {
    let (_, document) = document();
    let there: BTreeSet<Name> = components(&document).into_keys().collect();
    let metadata = metadata();

    // What they name themselves as normal dependencies, for every machine.
    for product in PRODUCTS {
        let own = &metadata[&package(&metadata, product)];
        let named = own.dependencies.iter().filter(|dependency| {
            dependency.kind == DependencyKind::Normal
                && !dependency.optional
                && dependency.target.is_none()
        });
        let mut count = 0;
        for dependency in named {
            count += 1;
            let found = there.iter().any(|(name, version)| {
                *name == dependency.name && dependency.req.matches(&version.parse().unwrap())
            });
            assert!(found, "{product} needs {}", dependency.name);
        }
        assert!(count > 0, "{product}");
    }

    // `cargo metadata` reaches more than is compiled, but never less.
    use DependencyKind::{Build, Development, Normal};
    let built = reached(&metadata, &PRODUCTS, &[Normal, Build]);
    let foreign: Vec<_> = there.difference(&built).collect();
    assert_eq!(foreign, Vec::<&Name>::new());
    let tested = reached(&metadata, &PRODUCTS, &[Normal, Build, Development]);
    let of_tests: BTreeSet<_> = tested.difference(&built).collect();
    assert!(
        of_tests.iter().any(|(name, _)| name == "patchcord-sandbox"),
        "{of_tests:?}"
    );
    for (name, version) in of_tests {
        assert!(
            !there.contains(&(name.clone(), version.clone())),
            "{name} {version} is a dev-dependency"
        );
    }
}

#[test]
fn each_component_says_where_it_comes_from_under_which_licence_and_which_bytes_it_is() {
    let (text, document) = document();
    let lock =
        cargo_lock::Lockfile::load(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock"))
            .unwrap();
    let mut scopes = BTreeMap::new();
    for ((name, version), component) in components(&document) {
        let locked = lock
            .packages
            .iter()
            .find(|package| package.name.as_str() == name && package.version.to_string() == version)
            .unwrap();
        let purl = component["purl"].as_str().unwrap();
        let plain = format!("pkg:cargo/{name}@{version}");
        let hash = &component["hashes"][0];
        match &locked.checksum {
            Some(checksum) => {
                assert_eq!(purl, plain);
                assert_eq!(hash["alg"], "SHA-256");
                assert_eq!(hash["content"], checksum.to_string(), "{name}");
            }
            None => {
                assert!(
                    purl.starts_with(&format!("{plain}?download_url=")),
                    "{purl}"
                );
                assert!(hash.is_null(), "{name}");
            }
        }
        let licence = component["licenses"][0]["expression"].as_str().unwrap();
        assert!(!licence.contains('/'), "{licence}");
        *scopes
            .entry(component["scope"].as_str().unwrap().to_owned())
            .or_insert(0) += 1;
    }
    assert!(
        scopes["required"] > 200 && scopes["excluded"] > 20,
        "{scopes:?}"
    );
    // No path of the machine that wrote it.
    let root = metadata().workspace_root;
    assert!(!text.contains(root.as_str()));
}

#[test]
fn what_runs_only_while_it_is_built_is_told_from_what_is_in_it() {
    let (_, document) = document();
    let components = components(&document);
    let scope = |wanted: &str| {
        let (_, component) = components
            .iter()
            .find(|((name, _), _)| name == wanted)
            .unwrap();
        component["scope"].as_str().unwrap().to_owned()
    };
    for linked in [
        RELAY,
        WIDGET,
        "patchcord-core",
        "axum",
        "sqlx-sqlite",
        "leptos",
    ] {
        assert_eq!(scope(linked), "required", "{linked}");
    }
    for building in ["serde_derive", "cc", "maud_macros"] {
        assert_eq!(scope(building), "excluded", "{building}");
    }
}

#[test]
fn the_graph_leads_from_the_whole_to_every_component() {
    let (_, document) = document();
    let graph: BTreeMap<&str, Vec<&str>> = document["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let needs = one["dependsOn"].as_array().map(Vec::as_slice);
            let needs = needs.unwrap_or_default().iter();
            (
                one["ref"].as_str().unwrap(),
                needs.map(|needed| needed.as_str().unwrap()).collect(),
            )
        })
        .collect();
    let whole = document["metadata"]["component"]["bom-ref"]
        .as_str()
        .unwrap();
    assert_eq!(
        graph[whole].len(),
        PRODUCTS.len() + listed(&document, "pkg:npm/").len()
    );
    let mut reached = BTreeSet::new();
    let mut to_visit = vec![whole];
    while let Some(one) = to_visit.pop() {
        if reached.insert(one) {
            to_visit.extend(&graph[one]);
        }
    }
    let refs: BTreeSet<&str> = document["components"]
        .as_array()
        .unwrap()
        .iter()
        .map(|component| component["bom-ref"].as_str().unwrap())
        .chain([whole])
        .collect();
    assert_eq!(reached, refs);
}

#[test]
fn the_document_is_valid_cyclonedx_and_the_same_each_time() {
    let (text, document) = document_twice();
    assert_eq!(document["bomFormat"], "CycloneDX");
    assert_eq!(document["specVersion"], "1.5");
    let bom = Bom::parse_from_json_v1_5(text.as_bytes()).unwrap();
    let validity = bom.validate_version(SpecVersion::V1_5);
    assert!(validity.passed(), "{validity:?}");
}

fn document_twice() -> (String, Value) {
    let (first, value) = document();
    assert_eq!(first, document().0);
    (first, value)
}
