//! Chromium and its driver.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::debian;
use crate::process;

/// A headless browser: Playwright starts `chromium`, `wasm-bindgen-test` starts `chromedriver`.
pub struct Browser {
    /// Chromium itself.
    pub chromium: PathBuf,
    /// The driver of the same version.
    pub chromedriver: PathBuf,
}

impl Browser {
    /// Tells the programs that a command starts which browser to use.
    pub fn name_to(&self, command: &mut Command) {
        command
            .env("CHROMIUM", &self.chromium)
            .env("CHROMEDRIVER", &self.chromedriver)
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    }
}

/// The browser named by `CHROMIUM` and `CHROMEDRIVER`, else the one on `PATH`, else Debian's.
pub fn browser() -> Result<Browser> {
    if let Some(browser) = find()? {
        return Ok(browser);
    }
    install()?;
    find()?.context("chromium and chromium-driver are installed, but not on PATH")
}

fn find() -> Result<Option<Browser>> {
    let chromium = named(
        "CHROMIUM",
        &["chromium", "chromium-browser", "google-chrome"],
    )?;
    let chromedriver = named("CHROMEDRIVER", &["chromedriver"])?;
    Ok(chromium
        .zip(chromedriver)
        .map(|(chromium, chromedriver)| Browser {
            chromium,
            chromedriver,
        }))
}

fn named(variable: &str, names: &[&str]) -> Result<Option<PathBuf>> {
    let Some(file) = std::env::var_os(variable) else {
        return Ok(process::on_path(names));
    };
    let file = PathBuf::from(file);
    if !file.is_file() {
        bail!("{variable} names {}, which is not there", file.display());
    }
    Ok(Some(file))
}

fn install() -> Result<()> {
    debian::install(
        &["chromium", "chromium-driver"],
        "the browser tests",
        "install Chromium and its chromedriver, or name them in CHROMIUM and CHROMEDRIVER",
    )
}
