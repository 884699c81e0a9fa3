//! The WebAssembly module and its glue.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::{Tools, trusted};
use crate::process;
use crate::workspace::Workspace;

/// Exactly what Rust's output uses. `--all-features` makes Binaryen write a format that browsers
/// refuse; none at all makes it refuse Rust's output.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// What a module is compiled for.
#[derive(Clone, Copy)]
pub enum CompiledFor {
    /// Few bytes: it waits for a person.
    Size,
    /// Few milliseconds too, where they cost few bytes: a page waits for it.
    Speed,
}

impl CompiledFor {
    /// In the place of the profile's `opt-level`.
    const fn level(self) -> &'static str {
        match self {
            Self::Size => "z",
            // The scanner needs a third less time than with `z`, for 0.1 kB, and the number engine 40% less for none;
            // `2` is faster still, for 2 kB.
            Self::Speed => "s",
        }
    }
}

/// What calls a module's exports for a page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Glue {
    /// The script that wasm-bindgen writes.
    Generated,
    /// A script among the sources, for a module that takes and gives numbers only: a kilobyte less.
    Written,
}

/// A crate that becomes a WebAssembly module.
pub struct Module {
    pub package: &'static str,
    /// What cargo calls its file.
    pub library: &'static str,
    pub features: &'static [&'static str],
    pub compiled_for: CompiledFor,
    pub glue: Glue,
    /// The name of the module's files, without their endings.
    pub name: &'static str,
}

/// The call and callback elements.
pub const WIDGET: Module = Module {
    package: "patchcord-widget",
    library: "patchcord_widget",
    features: &[],
    compiled_for: CompiledFor::Size,
    glue: Glue::Generated,
    name: "patchcord_widget",
};

/// The agent's panel.
pub const PANEL: Module = Module {
    package: "patchcord-panel",
    library: "patchcord_panel",
    features: &[],
    compiled_for: CompiledFor::Size,
    glue: Glue::Generated,
    name: "patchcord_panel",
};

/// The panel for platforms without a desk of their own: a dialler.
pub const DIALLER: Module = Module {
    features: &["calls"],
    name: "patchcord_dialler",
    ..PANEL
};

/// The agent's panel for pages without a relay.
pub const DIRECT: Module = Module {
    features: &["direct"],
    name: "patchcord_direct",
    ..PANEL
};

/// What the page scanner reads texts with.
pub const SCANNER: Module = Module {
    package: "patchcord-scanner",
    library: "patchcord_scanner",
    features: &[],
    compiled_for: CompiledFor::Speed,
    glue: Glue::Generated,
    name: "patchcord_scanner",
};

/// The number engine, for who types a number.
pub const NUMBERS: Module = Module {
    package: "patchcord-numbers",
    library: "patchcord_numbers",
    features: &[],
    compiled_for: CompiledFor::Speed,
    glue: Glue::Written,
    name: "patchcord_numbers",
};

/// What wasm-bindgen wrote.
pub struct Built {
    pub wasm: PathBuf,
    /// What wasm-bindgen wrote to call it with; not where the sources have that.
    pub glue: Option<PathBuf>,
    pub declarations: PathBuf,
    pub compiled_for: CompiledFor,
}

fn remap(folder: &Path, name: &str) -> String {
    format!("--remap-path-prefix={}={name}", folder.display())
}

fn default_cargo_home() -> Option<PathBuf> {
    Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo"))
}

/// Compiles a module and runs wasm-bindgen, at the version of the lock file. Each module by itself: together, their
/// features would be one another's.
pub fn build(ws: &Workspace, module: &Module) -> Result<Built> {
    let Module {
        package,
        library,
        features,
        compiled_for,
        glue,
        name,
    } = module;
    process::progress(&format!("compiling {name} to WebAssembly"));
    // Cargo optimises no library as a whole that other crates can use, too, as the tests of these do: what is built here
    // is the module alone, and a tenth smaller.
    let mut compile = ws.cargo(&[
        "rustc",
        "--package",
        package,
        "--lib",
        "--crate-type",
        "cdylib",
        "--profile",
        "web",
        "--target",
        "wasm32-unknown-unknown",
    ]);
    if !features.is_empty() {
        compile.args(["--features", &features.join(",")]);
    }
    // Panic messages name source files: without this, by their place on the builder's machine.
    let mut flags = vec![remap(ws.root(), "patchcord")];
    if let Some(home) = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(default_cargo_home)
    {
        flags.push(remap(&home.join("registry/src"), "crates"));
    }
    compile.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    compile.env("CARGO_PROFILE_WEB_OPT_LEVEL", compiled_for.level());
    process::run(&mut compile)?;
    process::progress("wasm-bindgen");
    process::run(&mut ws.cargo(&["build", "--package", "bindgen", "--bin", "wasm-bindgen"]))?;

    let out = ws.target().join("web-module").join(name);
    let compiled = ws
        .target()
        .join("wasm32-unknown-unknown/web")
        .join(format!("{library}.wasm"));
    let mut bindgen = Command::new(ws.binaries().join("wasm-bindgen"));
    bindgen.args(["--target", "web", "--out-name", name]);
    bindgen.args(["--remove-name-section", "--remove-producers-section"]);
    bindgen.arg("--out-dir").arg(&out).arg(compiled);
    process::output(&mut bindgen)?;
    let glue = (*glue == Glue::Generated).then(|| out.join(format!("{name}.js")));
    if let Some(glue) = &glue {
        trusted::html(glue)?;
    }
    Ok(Built {
        wasm: out.join(format!("{name}_bg.wasm")),
        glue,
        declarations: out.join(format!("{name}.d.ts")),
        compiled_for: *compiled_for,
    })
}

/// Binaryen's optimiser.
pub fn optimise(tools: &Tools, module: &Built, to: &Path) -> Result<()> {
    process::progress("wasm-opt");
    let script = tools.folder.join("node_modules/binaryen/bin/wasm-opt");
    let mut optimiser = tools.node.script(&script);
    optimiser.arg(&module.wasm).arg("-o").arg(to).args(FEATURES);
    match module.compiled_for {
        // Flattened and looped anew first, because what LLVM leaves is 0.6 kB more of the panel's download, 0.3 kB of
        // the elements'.
        CompiledFor::Size => optimiser.args(["--flatten", "--rereloop", "-Oz"]),
        // Of a module that LLVM has compiled for speed too, this makes 0.1 kB less, and a faster one. The first kilobyte
        // of memory is the end of the stack.
        CompiledFor::Speed => optimiser.args(["-O3", "--low-memory-unused", "--reorder-functions"]),
    };
    optimiser.args(["--converge", "--strip-debug", "--strip-producers"]);
    // Inlining every function that is called once makes the module smaller and its download larger: by 1.5 kB. Very
    // small ones are better inlined everywhere.
    optimiser.arg("--one-caller-inline-max-function-size=10");
    optimiser.arg("--always-inline-max-function-size=4");
    process::output(&mut optimiser)?;
    Ok(())
}
