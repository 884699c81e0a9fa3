//! `tls`, and how many connections there may be.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ConfigError;

/// The most connections that can be configured.
const MOST: u32 = 1_000_000;

/// `tls`, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawTls {
    cert: String,
    key: String,
}

/// The files of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and those that it descends from, PEM.
    pub cert: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
}

/// Relative paths are relative to `base`.
pub fn tls(raw: Option<RawTls>, base: &Path) -> Option<TlsFiles> {
    raw.map(|raw| TlsFiles {
        cert: base.join(raw.cert),
        key: base.join(raw.key),
    })
}

/// How many connections there may be at once.
pub fn connections(most: u32) -> Result<usize, ConfigError> {
    usize::try_from(most)
        .ok()
        .filter(|_| (1..=MOST).contains(&most))
        .ok_or_else(|| {
            ConfigError::new(
                "connections",
                format!("it is not between 1 and {MOST}"),
                "Write how many connections there may be at once, as 10000.",
            )
        })
}
