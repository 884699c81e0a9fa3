//! `[metrics]`

use std::net::SocketAddr;

use patchcord_core::secret::Secret;
use serde::Deserialize;

use super::ConfigError;

/// As it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawMetrics {
    listen: String,
    token: Option<Secret>,
}

/// Where metrics are served, and to whom.
#[derive(Debug)]
pub struct MetricsConfig {
    /// The address.
    pub listen: SocketAddr,
    /// What has to be sent as `Authorization: Bearer …`.
    pub token: Option<Secret>,
}

/// The fewest characters of the token.
const TOKEN_MIN: usize = 16;

/// Checks the section.
pub fn metrics(raw: Option<RawMetrics>) -> Result<Option<MetricsConfig>, ConfigError> {
    let Some(raw) = raw else { return Ok(None) };
    let listen: SocketAddr = raw.listen.parse().map_err(|_| {
        ConfigError::new(
            "metrics.listen",
            format!("`{}` is no address", raw.listen),
            "Write an IP address and a port, as 127.0.0.1:4101.",
        )
    })?;
    match &raw.token {
        Some(token) if token.expose().len() < TOKEN_MIN => Err(ConfigError::new(
            "metrics.token",
            format!("it has fewer than {TOKEN_MIN} characters"),
            "Make one with `openssl rand -hex 32`.",
        )),
        None if !listen.ip().is_loopback() => Err(ConfigError::new(
            "metrics.token",
            "it is missing, and others than this machine can reach the address",
            "Give a token, or listen on 127.0.0.1.",
        )),
        token => Ok(Some(MetricsConfig {
            listen,
            token: token.clone(),
        })),
    }
}
