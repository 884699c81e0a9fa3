//! nginx: the yardstick of the relay's benchmark.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::debian;
use crate::process;

/// nginx, installed where it is missing.
pub fn nginx() -> Result<PathBuf> {
    if let Some(program) = find() {
        return Ok(program);
    }
    debian::install(
        &["nginx-light"],
        "the relay's benchmark",
        "install nginx, so that it is on PATH",
    )?;
    find().context("nginx is installed, but not found")
}

fn find() -> Option<PathBuf> {
    // Debian keeps it where only root's PATH looks.
    process::on_path(&["nginx"])
        .or_else(|| Some(PathBuf::from("/usr/sbin/nginx")).filter(|file| Path::is_file(file)))
}
