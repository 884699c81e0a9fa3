//! Firefox, and WebKitGTK with its driver.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::debian;
use crate::process;

/// Where Debian keeps what is in no folder of `PATH`: WebKitGTK's browser for tests. Below it a folder for each machine.
const LIBRARIES: &str = "/usr/lib";
const PACKAGES: [&str; 3] = ["firefox-esr", "webkit2gtk-driver", "xvfb"];

/// Browsers besides Chromium.
pub struct OtherBrowsers {
    firefox: PathBuf,
    webkit_driver: PathBuf,
    webkit_browser: PathBuf,
}

impl OtherBrowsers {
    /// Tells the programs that a command starts where they are.
    pub fn name_to(&self, command: &mut Command) {
        command
            .env("FIREFOX", &self.firefox)
            .env("WEBKIT_DRIVER", &self.webkit_driver)
            .env("WEBKIT_BROWSER", &self.webkit_browser);
    }
}

/// The ones on this machine, else Debian's.
pub fn other_browsers() -> Result<OtherBrowsers> {
    if let Some(browsers) = find() {
        return Ok(browsers);
    }
    debian::install(
        &PACKAGES,
        "what is tried in Firefox and WebKitGTK",
        "install Firefox, WebKitGTK with WebKitWebDriver, and Xvfb",
    )?;
    find()
        .context("Firefox, WebKitWebDriver, MiniBrowser or Xvfb is installed, but cannot be found")
}

fn find() -> Option<OtherBrowsers> {
    process::on_path(&["Xvfb"])?;
    Some(OtherBrowsers {
        firefox: process::on_path(&["firefox-esr", "firefox"])?,
        webkit_driver: process::on_path(&["WebKitWebDriver"])?,
        webkit_browser: mini_browser()?,
    })
}

fn mini_browser() -> Option<PathBuf> {
    let machines = std::fs::read_dir(LIBRARIES).ok()?;
    machines.filter_map(Result::ok).find_map(|machine| {
        let browser = machine.path().join("webkit2gtk-4.1/MiniBrowser");
        browser.is_file().then_some(browser)
    })
}
