//! The content security policy of the demo's pages: what a careful customer would send.

use std::str::FromStr;

use serde::Deserialize;

use crate::origin::Origin;

/// Which policy the pages are sent with.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// Everything is closed but what Patchcord needs.
    #[default]
    Strict,
    /// As strict, and WebAssembly is refused too: the elements stay in their plain form.
    NoWasm,
    /// No policy.
    Off,
}

/// The text names no policy.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no policy; it is strict, no-wasm or off")]
pub struct NotAPolicy(String);

impl FromStr for Policy {
    type Err = NotAPolicy;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "strict" => Ok(Self::Strict),
            "no-wasm" => Ok(Self::NoWasm),
            "off" => Ok(Self::Off),
            other => Err(NotAPolicy(other.to_owned())),
        }
    }
}

impl Policy {
    /// The header's value, or `None` where no header is sent. The relay is the only other origin:
    /// scripts, the module and themes come from it, the elements talk to it, and a phone is framed from it.
    pub fn header(self, relay: &Origin) -> Option<String> {
        let wasm = match self {
            Self::Strict => " 'wasm-unsafe-eval'",
            Self::NoWasm => "",
            Self::Off => return None,
        };
        Some(format!(
            "default-src 'none'; script-src 'self' {relay}{wasm}; style-src 'self' {relay}; \
             img-src 'self' data:; connect-src 'self' {relay}; frame-src 'self' {relay}; \
             base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
        ))
    }
}
