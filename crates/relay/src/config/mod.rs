//! The relay's configuration: a TOML file, overridden by the environment, checked as a whole.
//!
//! Strict: an unknown key is an error that names it. Everything that can be found wrong without asking a
//! provider is found here, before the relay listens.

pub(crate) mod address;
mod admin;
mod agent_api;
mod agent_ids;
mod at_rest;
mod check;
mod data_region;
mod encryption;
mod fields;
mod hosts;
mod hours;
mod issuers;
mod limits;
mod linked;
mod metrics;
mod notify;
mod overrides;
mod permission;
mod proof;
mod raw;
mod records;
mod retention;
mod rotation;
mod scim;
mod sign_in;
mod tls;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use patchcord_core::number::PhoneNumber;
use patchcord_core::provider::Provider;
use patchcord_core::secret::Secret;
use serde::{Deserialize, Serialize};

use crate::hosts::Host;
use crate::hours::platform::Place;
use crate::hours::quiet::QuietHours;
use crate::hours::source::{PlatformHours, Source};
use crate::policy::mode::Mode;
use crate::policy::number::NumberRules;
use crate::random;
use crate::seal::EncryptionKey;
use crate::store::Database;
use crate::store::run::Liveness;

pub use admin::{Admin, Person, Role};
pub use agent_api::AgentApi;
pub use agent_ids::AgentIds;
pub use at_rest::AtRest;
pub use encryption::read as read_encryption_key;
pub use fields::{Field, Kind as FieldKind, RESERVED as RESERVED_FIELDS};
pub use hosts::{Names as HostNames, RawHost, host as check_host, known_address};
pub use hours::{Times, WhenClosed};
pub use issuers::{IssuerConfig, IssuerKeys};
pub use limits::{ForwardedHeader, Limits, Proxies};
pub use linked::{Linked, Part as TextPart};
pub use metrics::MetricsConfig;
pub use notify::{Mail, MailServer, MailTls, Webhook};
pub use overrides::Environment;
pub use permission::Permission;
pub use proof::{Captcha, CaptchaService, Proof};
pub use records::RawRecords;
pub use retention::Retention;
pub use scim::{Directory, LookUp, Others, Subject};
pub use tls::TlsFiles;
pub use words::Words;

/// What is wrong with a configuration, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}\n  {remedy}")]
pub struct ConfigError {
    /// The key, as `account[1].timeout`, or the file.
    pub path: String,
    /// What is wrong. Never holds a secret.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

impl ConfigError {
    fn new(path: impl Into<String>, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

/// A configuration that was checked. `Debug` shows no secret.
#[derive(Debug)]
pub struct Config {
    /// SHA-256 of the file as it is written, without what came from elsewhere; hex.
    pub hash: String,
    /// Where the file has its secrets.
    pub at_rest: AtRest,
    /// Where to listen.
    pub listen: SocketAddr,
    /// TLS by the relay itself.
    pub tls: Option<TlsFiles>,
    /// How many connections there may be at once.
    pub connections: usize,
    /// The database.
    pub database: Database,
    /// When a relay that shares the database counts as dead.
    pub liveness: Liveness,
    /// What an assertion has to name in `aud`.
    pub audience: String,
    /// The folder of the built widget.
    pub web: Option<PathBuf>,
    /// The default country of numbers and texts, ISO 3166-1 alpha-2.
    pub region: String,
    /// Whether policy refuses, or only logs.
    pub policy: Mode,
    /// How much is taken at most.
    pub limits: Limits,
    /// The most callbacks and dials in a day, for accounts that say so.
    pub account_per_day: BTreeMap<String, u32>,
    /// Whom the relay believes about who asks.
    pub proxies: Proxies,
    /// Which numbers may be dialled.
    pub numbers: NumberRules,
    /// When nobody is called, by the called party's clock.
    pub quiet_hours: Option<QuietHours>,
    /// A second dial to the same number within this time is refused.
    pub duplicate_window: Duration,
    /// How callbacks are retried.
    pub callbacks: CallbackPolicy,
    /// The origins of pages that agents work on.
    pub agent_origins: BTreeSet<String>,
    /// Where browsers reach this relay.
    pub public_origin: Option<String>,
    /// The CRMs and pages that have the panel in a frame, by name.
    pub hosts: BTreeMap<String, Arc<Host>>,
    /// What hosts that are made later may name.
    pub host_names: HostNames,
    /// The admin pages, where there are any.
    pub admin: Option<Admin>,
    /// What seals tokens in the database; the first one seals, all open. None is a key file beside it.
    pub encryption_keys: Vec<EncryptionKey>,
    /// The tenancies at the providers, by name.
    pub accounts: BTreeMap<String, AccountConfig>,
    /// Which ids are the same agent's there; this stays when a relay has taken the accounts themselves.
    pub agent_ids: AgentIds,
    /// How agents sign in at the platform, by account.
    pub sign_ins: BTreeMap<String, SignIn>,
    /// Who may sign assertions.
    pub issuers: Vec<IssuerConfig>,
    /// The agents. More than one entry for the same person is an ambiguity, refused when they sign in.
    pub agents: BTreeMap<AgentId, Vec<Arc<Agent>>>,
    /// The identity providers that say who may dial, by organisation.
    pub directories: BTreeMap<String, Arc<Directory>>,
    /// The publishable keys.
    pub keys: BTreeMap<String, Arc<SiteKey>>,
    /// What visitors may ask to be called about.
    pub topics: BTreeMap<String, Arc<Topic>>,
    /// Who is told what happened.
    pub webhooks: Vec<Webhook>,
    /// Who is told of alerts by mail.
    pub mail: Option<Mail>,
    /// How long personal data is kept.
    pub retention: Retention,
    /// Where metrics are served; nowhere by default.
    pub metrics: Option<MetricsConfig>,
}

/// When and how often a callback is tried again after an answer that proves that nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallbackPolicy {
    /// How often it is tried in all.
    pub attempts: u32,
    /// The wait before the second try; doubled for each further one, at most five minutes.
    pub backoff: Duration,
    /// How many are handed over at the same time, for each relay.
    pub at_once: u16,
    /// What is later than this is not handed over by itself any more: a person decides.
    pub overdue: Duration,
}

/// One tenancy at a provider.
pub struct AccountConfig {
    /// The provider, with its secrets.
    pub provider: Arc<dyn Provider>,
    /// How long one request may take.
    pub timeout: Duration,
    /// Where the provider keeps what it is given, as the operator says.
    pub data_region: Option<String>,
    /// The account's own token, where the provider can exchange it for a new one.
    pub auth_token: Option<Secret>,
    /// How old that token may become before the relay exchanges it by itself; never without.
    pub rotate_every: Option<Duration>,
    /// How agents sign in there.
    pub sign_in: Option<SignIn>,
    /// Where agents work with their calls.
    pub agent_api: Option<AgentApi>,
}

impl std::fmt::Debug for AccountConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountConfig")
            .field("provider", &self.provider.name())
            .field("timeout", &self.timeout)
            .finish()
    }
}

/// A person in the CRM.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AgentId {
    /// The CRM's organisation.
    pub org: String,
    /// The CRM's id of the person.
    pub sub: String,
}

/// A person in the CRM who may dial, and who that is at the providers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Who.
    pub id: AgentId,
    /// What they are called.
    pub name: Option<String>,
    /// At the providers; the first is the default.
    pub identities: Vec<Identity>,
    /// The numbers they may show.
    pub caller_ids: Vec<PhoneNumber>,
    /// The team that statistics count them in.
    pub team: Option<String>,
    /// What they may do beyond dialling.
    pub may: BTreeSet<Permission>,
}

/// Who an agent is at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The name of the account.
    pub account: String,
    /// The agent's id there.
    pub agent: String,
}

/// A publishable key for visitors.
#[derive(Debug, Clone)]
pub struct SiteKey {
    /// The key; public.
    pub key: String,
    /// The default country of numbers and texts.
    pub region: String,
    /// The origins of the pages it may be used on.
    pub origins: BTreeSet<String>,
    /// The most callbacks in any 24 hours.
    pub per_day: u32,
    /// The topics it may ask for, in order.
    pub topics: Vec<String>,
    /// What the visitor has to agree to.
    pub consent: Option<raw::Consent>,
    /// What the form asks for besides the number.
    pub fields: Vec<Field>,
    /// How many fields a page may add to those.
    pub page_fields: u8,
    /// The page of the website on which a callback can be changed and called off; the relay's own without.
    pub manage_page: Option<String>,
    /// The work that a visitor's browser has to do.
    pub proof: Option<Proof>,
    /// The captcha that a visitor has to pass.
    pub captcha: Option<Captcha>,
    /// A field that people do not see; filled in, it was a program.
    pub honeypot: Option<String>,
}

/// Something visitors may ask to be called about.
#[derive(Debug, Clone)]
pub struct Topic {
    /// The name in the API.
    pub topic: String,
    /// The name for people.
    pub label: Words,
    /// Whether the visitor may choose a time.
    pub schedule: bool,
    /// When it is called.
    pub times: Times,
    /// The account that calls.
    pub account: String,
    /// Who calls.
    pub target: Target,
}

/// Who calls back.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Agents, in the provider's own words: a queue, a team.
    Agents(serde_json::Value),
    /// The dialler of the account's campaign, when it gets to it.
    Campaign,
}

pub use raw::Consent;
pub use sign_in::{RETURN, SignIn, Ways};

impl Config {
    /// Reads and checks a file. Relative paths in it are relative to the file.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn load(path: &Path, environment: &Environment) -> Result<Self, ConfigError> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|e| {
            ConfigError::new(
                &shown,
                format!("the file cannot be read: {e}"),
                "Give the right path with --config.",
            )
        })?;
        let base = path.parent().unwrap_or(Path::new("."));
        Self::parse(&text, base, environment)
    }

    /// Reads and checks the text of a file that stands in the folder `base`.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(text: &str, base: &Path, environment: &Environment) -> Result<Self, ConfigError> {
        let mut table: toml::Table = toml::from_str(text).map_err(|e| syntax_error(text, &e))?;
        let at_rest = AtRest::of(&table, base);
        let applied = overrides::apply(&mut table, environment)?;
        overrides::resolve_secrets(&mut table, base, environment)?;
        let raw = raw::read(table, &applied)?;
        let hash = random::hex(&random::hash(text.as_bytes()));
        Ok(Self {
            hash,
            at_rest,
            ..check::check(raw, base)?
        })
    }
}

impl Config {
    /// The opening hours of topics that platforms keep, each once.
    pub fn platform_hours(&self) -> Vec<Arc<PlatformHours>> {
        let of_topics = self
            .topics
            .values()
            .filter_map(|topic| match &topic.times.hours {
                Source::Platform(hours) => Some((hours.place.clone(), hours.clone())),
                Source::AroundTheClock | Source::Configured(_) => None,
            });
        let each: BTreeMap<Place, Arc<PlatformHours>> = of_topics.collect();
        each.into_values().collect()
    }
}

/// Where the syntax is wrong, without the line itself: it may hold a secret.
fn syntax_error(text: &str, error: &toml::de::Error) -> ConfigError {
    let line = error
        .span()
        .and_then(|span| text.get(..span.start))
        .map_or(1, |before| before.matches('\n').count() + 1);
    ConfigError::new(
        format!("line {line}"),
        format!("this is not TOML: {}", error.message()),
        "Text stands in double quotes, lists in [ ], sections under [[name]].",
    )
}
