//! `dist/web`: everything a browser downloads.
//!
//! ```text
//! patchcord.js                 the loader, revalidated on every visit
//! patchcord-panel.js           the same for the agent's panel
//! patchcord-scan.js            the page scanner
//! patchcord-numbers.js         the number engine and the phone field, for a page of its own
//! patchcord-host.js            the page of a CRM's frame; patchcord-frame.js is the other end, in a page of one's own
//! patchcord-campaign.js        campaign parameters and conversion events, for a page that wants them
//! notices.txt                  the licences of what is bundled
//! themes/…                     ready-made looks, as they are written
//! assets/<hash>/…              what it loads: immutable, the hash is that of its content
//! *.br                         each of them, compressed ahead
//! ```

mod assets;
mod compress;
mod declarations;
mod module;
mod notices;
mod script;
mod stamp;
mod texts;
mod trusted;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process;
use crate::scratch::Scratch;
use crate::setup::{self, Node};
use crate::workspace::Workspace;

pub use assets::files;
pub use compress::{brotli, gzip};
pub use declarations::public_declarations;
use module::{Built, DIALLER, DIRECT, NUMBERS, PANEL, SCANNER, WIDGET};
pub use texts::Texts;

/// The name of the elements' module.
pub const MODULE: &str = WIDGET.name;
/// Where the loader's source says its assets are.
const ASSETS_IN_SOURCE: &str = "./assets/dev/";

/// Scripts that are loaded when they are needed.
const LATER: [&str; 7] = [
    "web/loader/hand.js",
    "web/loader/plain.js",
    "web/loader/proof.js",
    "web/callback/dates.js",
    "web/callback/sheet.js",
    "web/numbers/field.js",
    "web/numbers/numbers.js",
];

/// The adapters of the hosts, each with the SDK of its CRM; without Node there are none.
const HOSTS: [&str; 5] = [
    "web/hosts/page/page.js",
    "web/hosts/open-cti/open-cti.js",
    "web/hosts/voice/voice.js",
    "web/hosts/hubspot/hubspot.js",
    "web/hosts/zendesk/zendesk.js",
];

/// What the relay serves for hosts beside them.
const HOST_ENTRIES: [&str; 3] = [
    "web/hosts/patchcord-host.js",
    "web/hosts/patchcord-frame.js",
    "web/hosts/patchcord-signed-in.js",
];

/// Tells a page's data layer what became of callbacks: it loads nothing.
const CAMPAIGN: &str = "web/campaign/patchcord-campaign.js";

/// The folder that the relay serves.
pub fn folder(ws: &Workspace) -> PathBuf {
    ws.at("dist/web")
}

/// The module's type declarations as wasm-bindgen wrote them: for the package, not for a browser.
pub fn declarations(ws: &Workspace) -> PathBuf {
    ws.at("dist/types").join(format!("{MODULE}.d.ts"))
}

/// Builds with the optimiser and the minifier where Node is there, else without, and says so.
pub fn build_with_what_is_there(ws: &Workspace) -> Result<()> {
    let node = setup::node_if_there(ws);
    if node.is_none() {
        process::progress(
            "no Node 20 or later: the widget is built without optimiser and minifier, and is larger; the adapters of CRMs are left out",
        );
    }
    build(ws, node.as_ref())
}

/// Builds as it is shipped: fetches Node if it has to.
pub fn build_shipped(ws: &Workspace) -> Result<()> {
    build(ws, Some(&setup::node(ws)?))
}

fn build(ws: &Workspace, node: Option<&Node>) -> Result<()> {
    // Held to the end: two of us at once would build into the same folder.
    let _turn = turn(ws)?;
    let stamp = stamp::of_inputs(ws, node)?;
    let stamp_file = ws.at("dist/web.stamp");
    if fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) && folder(ws).is_dir() {
        return Ok(());
    }
    setup::wasm_target()?;
    let tools = match node {
        Some(node) => {
            let folder = ws.at("web/tools");
            setup::packages(node, &folder)?;
            setup::packages(node, &ws.at("web/hosts"))?;
            Some(Tools { node, folder })
        }
        None => None,
    };

    let widget = module::build(ws, &WIDGET)?;
    let panel = module::build(ws, &PANEL)?;
    let dialler = module::build(ws, &DIALLER)?;
    let direct = module::build(ws, &DIRECT)?;
    let scanner = module::build(ws, &SCANNER)?;
    let numbers = module::build(ws, &NUMBERS)?;
    process::progress("dist/web");
    let work = Scratch::new(ws.at("dist/.web-in-progress"))?;
    let web = work.path().join("web");
    fill(
        ws,
        tools.as_ref(),
        &[&widget, &panel, &dialler, &direct, &scanner, &numbers],
        &web,
    )?;
    compress::neighbours(&web)?;

    // From here on only renames: nobody finds half a folder, and no stamp vouches for one.
    remove_file_if_there(&stamp_file)?;
    let declarations = declarations(ws);
    if let Some(parent) = declarations.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::copy(&widget.declarations, &declarations)?;
    let target = folder(ws);
    if target.exists() {
        fs::rename(&target, work.path().join("old"))?;
    }
    fs::rename(&web, &target)?;
    fs::write(&stamp_file, stamp)?;
    Ok(())
}

/// `dist/scripts`: the elements' scripts as they are written, with their styles and texts, for a page that Trunk builds.
pub fn lay_out_scripts(ws: &Workspace) -> Result<()> {
    let texts = Texts::read(&ws.at("web/texts"))?;
    let folder = ws.at("dist/scripts");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let assets = folder.join(ASSETS_IN_SOURCE);
    fs::create_dir_all(&assets)?;
    fs::write(assets.join("patchcord.css"), style_of_elements(ws)?)?;
    let module = ws.at("web/trunk/patchcord_widget.js");
    copy(&module, &assets.join(named(&module)?))?;
    assets::copy_scripts(
        &["web/loader", "web/callback"].map(|at| ws.at(at)),
        &[ws.at("web/loader/patchcord.js")],
        &folder,
        &assets,
    )?;
    texts.split(&assets)?;
    texts.name_in(&folder)
}

/// One sheet for the elements: they adopt it, and what is adopted imports nothing.
fn style_of_elements(ws: &Workspace) -> Result<String> {
    let styles = ["web/styles/patchcord.css", "web/styles/callback.css"]
        .map(|style| fs::read_to_string(ws.at(style)).with_context(|| style.to_owned()));
    let [general, callback] = styles;
    Ok([general?, callback?].concat())
}

fn turn(ws: &Workspace) -> Result<File> {
    fs::create_dir_all(ws.at("dist"))?;
    let lock = File::create(ws.at("dist/web.lock"))?;
    if lock.try_lock().is_err() {
        process::progress("waiting for another build of dist/web");
        lock.lock()?;
    }
    Ok(lock)
}

/// The npm packages of `web/tools`, and the Node that runs them.
struct Tools<'a> {
    node: &'a Node,
    folder: PathBuf,
}

fn fill(ws: &Workspace, tools: Option<&Tools>, built: &[&Built], web: &Path) -> Result<()> {
    let staging = web.join("assets/staging");
    fs::create_dir_all(&staging)?;
    let texts = Texts::read(&ws.at("web/texts"))?;
    for module in built {
        let wasm = staging.join(named(&module.wasm)?);
        match tools {
            Some(tools) => module::optimise(tools, module, &wasm)?,
            None => copy(&module.wasm, &wasm)?,
        }
        let Some(from) = &module.glue else {
            continue;
        };
        let glue = staging.join(named(from)?);
        match tools {
            Some(tools) => {
                script::minify(tools, from, &glue)?;
                script::rename_imports(tools, &wasm, &glue)?;
            }
            None => copy(from, &glue)?,
        }
    }
    let elements = web.join("elements.css");
    fs::write(&elements, style_of_elements(ws)?)?;
    for (from, name) in [
        (&elements, "patchcord.css"),
        (&ws.at("web/panel/panel.css"), "panel.css"),
        (&ws.at("web/scanner/scanner.css"), "scanner.css"),
    ] {
        match tools {
            Some(tools) => script::minify(tools, from, &staging.join(name))?,
            None => copy(from, &staging.join(name))?,
        }
    }
    fs::remove_file(&elements)?;
    // For pages to link, to read, and to begin one's own from.
    let themes = web.join("themes");
    fs::create_dir_all(&themes)?;
    for theme in files(&ws.at("web/themes"))? {
        copy(&theme, &themes.join(named(&theme)?))?;
    }
    texts.split(&staging)?;

    let entries = [
        "web/loader/patchcord.js",
        "web/panel/patchcord-panel.js",
        "web/scanner/patchcord-scan.js",
        "web/numbers/patchcord-numbers.js",
    ]
    .map(|at| ws.at(at));
    match tools {
        Some(tools) => {
            let mut packages = BTreeSet::new();
            for source in entries
                .iter()
                .cloned()
                .chain(HOST_ENTRIES.map(|at| ws.at(at)))
                .chain([ws.at(CAMPAIGN)])
            {
                packages.extend(script::bundle(tools, &source, &web.join(named(&source)?))?);
            }
            for later in LATER.iter().chain(&HOSTS) {
                let source = ws.at(later);
                packages.extend(script::bundle(
                    tools,
                    &source,
                    &staging.join(named(&source)?),
                )?);
            }
            notices::collect(&packages, &web.join("notices.txt"))?;
        }
        None => {
            let campaign = ws.at(CAMPAIGN);
            copy(&campaign, &web.join(named(&campaign)?))?;
            assets::copy_scripts(
                &["web/loader", "web/callback", "web/scanner", "web/numbers"].map(|at| ws.at(at)),
                &entries,
                web,
                &staging,
            )?;
        }
    }
    texts.name_in(web)?;
    let hash = assets::content_hash(&staging)?;
    fs::rename(&staging, web.join("assets").join(&hash))?;
    for source in &entries {
        assets::point_at(&web.join(named(source)?), &hash)?;
    }
    if tools.is_some() {
        assets::point_at(&web.join(named(Path::new(HOST_ENTRIES[0]))?), &hash)?;
    }
    Ok(())
}

fn named(file: &Path) -> Result<&OsStr> {
    file.file_name()
        .with_context(|| format!("{} has no name", file.display()))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

fn remove_file_if_there(file: &Path) -> Result<()> {
    if file.exists() {
        fs::remove_file(file)?;
    }
    Ok(())
}
