//! The configuration as it is written: names, types and defaults.

use std::collections::BTreeMap;

use patchcord_core::secret::Secret;
use serde::Deserialize;
use toml::{Table, Value};

use super::ConfigError;
use super::fields::RawField;
use super::hours::{RawHours, RawQuietHours, RawTopicHours, WhenClosed};
use super::limits::{ForwardedHeader, Limits};
use super::linked::Linked;
use super::words::Words;
use crate::policy::mode::Mode;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    #[serde(default = "default_listen")]
    pub listen: String,
    pub tls: Option<super::tls::RawTls>,
    #[serde(default = "default_connections")]
    pub connections: u32,
    #[serde(default = "default_database")]
    pub database: Secret,
    #[serde(default = "default_dead_after")]
    pub dead_after: u32,
    pub audience: String,
    pub web: Option<String>,
    pub region: String,
    pub countries: Vec<String>,
    #[serde(default)]
    pub refuse_prefixes: Vec<String>,
    #[serde(default)]
    pub policy: Mode,
    #[serde(default)]
    pub limits: Limits,
    #[serde(default)]
    pub trusted_proxies: Vec<String>,
    #[serde(default)]
    pub forwarded_header: ForwardedHeader,
    pub quiet_hours: Option<RawQuietHours>,
    #[serde(default)]
    pub hours: Vec<RawHours>,
    #[serde(default = "default_duplicate_window")]
    pub duplicate_window: u32,
    #[serde(default)]
    pub callbacks: Callbacks,
    #[serde(default)]
    pub agent_origins: Vec<String>,
    pub public_origin: Option<String>,
    #[serde(default)]
    pub host: Vec<super::hosts::RawHost>,
    #[serde(default)]
    pub encryption_key: Vec<super::encryption::RawKey>,
    #[serde(default)]
    pub account: Vec<Account>,
    #[serde(default)]
    pub issuer: Vec<super::issuers::RawIssuer>,
    #[serde(default)]
    pub agent: Vec<Agent>,
    #[serde(default)]
    pub scim: Vec<super::scim::RawScim>,
    #[serde(default)]
    pub key: Vec<Key>,
    #[serde(default)]
    pub topic: Vec<Topic>,
    #[serde(default)]
    pub webhook: Vec<super::notify::RawWebhook>,
    pub admin: Option<super::admin::RawAdmin>,
    pub mail: Option<super::notify::RawMail>,
    pub metrics: Option<super::metrics::RawMetrics>,
    #[serde(default)]
    pub retention: super::retention::RawRetention,
    pub data_region: Option<String>,
}

fn default_listen() -> String {
    "127.0.0.1:4100".into()
}

const fn default_connections() -> u32 {
    10_000
}

fn default_database() -> Secret {
    Secret::new("relay.db".to_owned())
}

const fn default_dead_after() -> u32 {
    20
}

const fn default_duplicate_window() -> u32 {
    3
}

/// `[callbacks]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Callbacks {
    pub attempts: u32,
    pub backoff: u32,
    pub at_once: u16,
    pub overdue: u32,
}

impl Default for Callbacks {
    fn default() -> Self {
        Self {
            attempts: 5,
            backoff: 2,
            at_once: 16,
            overdue: 30,
        }
    }
}

/// `[[account]]`: what is not the relay's own goes to the provider, which is just as strict.
#[derive(Deserialize)]
pub struct Account {
    pub name: String,
    pub provider: String,
    #[serde(default = "default_timeout")]
    pub timeout: u32,
    pub data_region: Option<String>,
    pub auth_token: Option<Secret>,
    pub rotate_every: Option<String>,
    pub sign_in: Option<super::sign_in::RawSignIn>,
    pub agent_api: Option<String>,
    pub per_day: Option<u32>,
    #[serde(flatten)]
    pub settings: BTreeMap<String, Value>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("name", &self.name)
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}

const fn default_timeout() -> u32 {
    10
}

/// `[[agent]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    pub org: String,
    pub sub: String,
    pub name: Option<String>,
    pub identities: Vec<Identity>,
    #[serde(default)]
    pub caller_ids: Vec<String>,
    pub team: Option<String>,
    #[serde(default)]
    pub may: Vec<super::Permission>,
}

/// One of an agent's identities.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    pub account: String,
    pub agent: String,
}

/// `[[key]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    pub key: String,
    pub data_region: Option<String>,
    pub region: Option<String>,
    pub origins: Vec<String>,
    pub per_day: Option<u32>,
    pub topics: Vec<String>,
    pub consent: Option<Consent>,
    #[serde(default)]
    pub fields: Vec<RawField>,
    #[serde(default)]
    pub page_fields: u8,
    pub manage_page: Option<String>,
    pub proof: Option<super::proof::RawProof>,
    pub captcha: Option<super::proof::RawCaptcha>,
    pub honeypot: Option<String>,
}

/// A text that the visitor has to agree to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Changes with the text, in whichever language; what was agreed to is recorded by it.
    pub version: String,
    /// The text, with links in it.
    pub text: Words<Linked>,
}

/// `[[topic]]`: what is not the relay's own says who calls, in the provider's words.
#[derive(Debug, Deserialize)]
pub struct Topic {
    pub topic: String,
    pub label: Words,
    pub account: String,
    #[serde(default = "yes")]
    pub schedule: bool,
    pub hours: Option<RawTopicHours>,
    pub when_closed: Option<WhenClosed>,
    #[serde(default = "default_slot")]
    pub slot: u16,
    #[serde(default)]
    pub lead: u32,
    #[serde(default)]
    pub campaign: bool,
    #[serde(flatten)]
    pub target: BTreeMap<String, Value>,
}

const fn default_slot() -> u16 {
    15
}

const fn yes() -> bool {
    true
}

/// Reads the table; errors name the key by its path.
///
/// # Errors
/// An unknown key, a missing one, or a value of the wrong type.
pub fn read(table: Table, overrides: &[String]) -> Result<File, ConfigError> {
    serde_path_to_error::deserialize(Value::Table(table)).map_err(|error| {
        let path = match error.path().to_string() {
            path if path == "." => "the file".to_owned(),
            path => path,
        };
        let mut remedy =
            "Correct the key or its value; docs/configuration.md lists every key.".to_owned();
        if !overrides.is_empty() {
            remedy.push_str(&format!(
                " These environment variables were applied: {}.",
                overrides.join(", ")
            ));
        }
        ConfigError::new(path, without_values(error.inner().message()), remedy)
    })
}

/// The message up to the value it quotes, which may be a secret in the wrong place.
pub fn without_values(message: &str) -> String {
    let quoting = ["invalid type: ", "invalid value: ", "unknown variant "];
    if !quoting.iter().any(|beginning| message.contains(beginning)) {
        return message.trim().to_owned();
    }
    match message.rsplit_once(", expected ") {
        Some((_, expected)) => format!("the value has the wrong type or form, expected {expected}"),
        None => "the value has the wrong type or form".to_owned(),
    }
}
