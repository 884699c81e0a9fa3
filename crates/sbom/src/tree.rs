//! Which crates a product is compiled from, as `cargo tree` has it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Something that is given away.
#[derive(Debug, Clone, Copy)]
pub struct Product {
    /// The package in the workspace.
    pub package: &'static str,
    /// What it is compiled for, where that is another machine than this one.
    pub target: Option<&'static str>,
}

/// A crate; in one lock file name and version are enough.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Crate {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What a product is made of.
#[derive(Debug)]
pub struct Parts {
    /// The product itself.
    pub product: Crate,
    /// Every crate, the product included, and those that it needs.
    pub crates: BTreeMap<Crate, BTreeSet<Crate>>,
    /// Those of which code is in the product. The others run while it is built: build scripts, macros, and what
    /// those need.
    pub linked: BTreeSet<Crate>,
}

/// Asks Cargo.
///
/// # Errors
/// A lock file that is not up to date, or an answer that is not understood.
pub fn parts(root: &Path, product: &Product) -> Result<Parts> {
    let normal = Tree::read(&ask(root, product, "normal")?)?;
    let all = Tree::read(&ask(root, product, "normal,build")?)?;
    Ok(Parts {
        linked: normal.linked(),
        product: all.product,
        crates: all.crates,
    })
}

fn ask(root: &Path, product: &Product, edges: &str) -> Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(root)
        .args(["tree", "--locked", "--prefix", "depth", "--format", " {p}"])
        .args(["--package", product.package, "--edges", edges]);
    if let Some(target) = product.target {
        command.args(["--target", target]);
    }
    let output = command.output().context("cargo tree cannot be started")?;
    if !output.status.success() {
        bail!("cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    }
    String::from_utf8(output.stdout).context("cargo tree")
}

/// One answer of `cargo tree`.
struct Tree {
    product: Crate,
    crates: BTreeMap<Crate, BTreeSet<Crate>>,
    macros: BTreeSet<Crate>,
}

impl Tree {
    /// Reads lines as `2 serde v1.0.0 (proc-macro)`; what a crate needs stands below it, once.
    fn read(text: &str) -> Result<Self> {
        let mut crates: BTreeMap<Crate, BTreeSet<Crate>> = BTreeMap::new();
        let mut macros = BTreeSet::new();
        let mut way: Vec<Crate> = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty()) {
            let unread = || format!("a line of cargo tree is not understood: {line}");
            let mut words = line.split(' ');
            let depth: usize = words
                .next()
                .and_then(|word| word.parse().ok())
                .with_context(unread)?;
            let name = words.next().with_context(unread)?.to_owned();
            let version = words.next().and_then(|word| word.strip_prefix('v'));
            let version = version.with_context(unread)?.to_owned();
            let found = Crate { name, version };
            if words.any(|word| word == "(proc-macro)") {
                macros.insert(found.clone());
            }
            if depth > way.len() {
                bail!(unread());
            }
            way.truncate(depth);
            if let Some(needs) = way.last().and_then(|above| crates.get_mut(above)) {
                needs.insert(found.clone());
            }
            crates.entry(found.clone()).or_default();
            way.push(found);
        }
        let product = way.into_iter().next().context("cargo tree said nothing")?;
        Ok(Self {
            product,
            crates,
            macros,
        })
    }

    /// What is reached from the product without going through a macro.
    fn linked(&self) -> BTreeSet<Crate> {
        let mut linked = BTreeSet::new();
        let mut to_visit = vec![&self.product];
        while let Some(one) = to_visit.pop() {
            if !self.macros.contains(one) && linked.insert(one.clone()) {
                to_visit.extend(self.crates.get(one).into_iter().flatten());
            }
        }
        linked
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const TEXT: &str = "\
0 relay v0.1.0 (/src/relay)
1 serde v1.0.2
2 serde_derive v1.0.2 (proc-macro)
3 syn v3.0.1
1 tokio v1.48.0
2 serde v1.0.2 (*)
2 mio v1.0.0
";

    fn names(crates: &BTreeSet<Crate>) -> Vec<&str> {
        crates.iter().map(|one| one.name.as_str()).collect()
    }

    #[test]
    fn what_stands_below_a_crate_is_what_it_needs() {
        let tree = Tree::read(TEXT).unwrap();
        assert_eq!(tree.product.name, "relay");
        let needs = |name: &str| {
            let (_, needs) = tree
                .crates
                .iter()
                .find(|(one, _)| one.name == name)
                .unwrap();
            names(needs)
        };
        assert_eq!(needs("relay"), ["serde", "tokio"]);
        assert_eq!(needs("tokio"), ["mio", "serde"]);
        assert_eq!(needs("serde"), ["serde_derive"]);
        assert_eq!(needs("mio"), Vec::<&str>::new());
        assert_eq!(tree.crates.len(), 6);
    }

    #[test]
    fn macros_and_what_they_need_are_not_in_the_product() {
        let linked = Tree::read(TEXT).unwrap().linked();
        assert_eq!(names(&linked), ["mio", "relay", "serde", "tokio"]);
    }

    #[test]
    fn a_line_of_another_form_is_an_error() {
        for text in [
            "",
            "relay v0.1.0",
            "0 relay",
            "0 relay 0.1.0",
            "1 relay v0.1.0",
        ] {
            assert!(Tree::read(text).is_err(), "{text}");
        }
    }
}
