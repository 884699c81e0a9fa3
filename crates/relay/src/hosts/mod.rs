//! Hosts: the CRMs, and other pages, that have the agent's panel in a frame of their own (`docs/hosts.md`).
//!
//! They come from the configuration and from the database, where the admin pages keep theirs. All relays of a database
//! know of a change at once, or within half a minute ([`follow()`]).

mod follow;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use patchcord_core::entity::EntityMapping;
use patchcord_core::secret::Secret;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::config::{self, Config, ConfigError, HostNames, RawHost};
use crate::records::Source;
use crate::seal::{Keyring, Place, SealError};
use crate::store::Store;
use crate::store::host::Row;

pub use follow::{changed, follow};

/// What kind of page a host is: which adapter speaks with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Salesforce: a component in the utility bar, record pages, lists.
    Salesforce,
    /// Salesforce: the softphone of a call centre (Open CTI).
    OpenCti,
    /// Salesforce Voice with a partner's telephony.
    Voice,
    /// HubSpot's calling SDK.
    Hubspot,
    /// Zendesk: Talk Partner Edition.
    Zendesk,
    /// Any other page.
    Page,
}

impl Kind {
    /// All of them, in the order in which people see them.
    pub const ALL: [Self; 6] = [
        Self::Salesforce,
        Self::OpenCti,
        Self::Voice,
        Self::Hubspot,
        Self::Zendesk,
        Self::Page,
    ];

    /// As in the configuration, and the adapter's folder.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Salesforce => "salesforce",
            Self::OpenCti => "open-cti",
            Self::Voice => "voice",
            Self::Hubspot => "hubspot",
            Self::Zendesk => "zendesk",
            Self::Page => "page",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// What `system` of its records is, where nothing else is said. A page has none of its own.
    pub fn system(self) -> Option<&'static str> {
        match self {
            Self::Salesforce | Self::OpenCti | Self::Voice => Some("salesforce"),
            Self::Hubspot => Some("hubspot"),
            Self::Zendesk => Some("zendesk"),
            Self::Page => None,
        }
    }

    /// Whether it can say who the agent is: its frame gets an assertion. In the others agents sign in at the platform.
    pub fn vouches(self) -> bool {
        matches!(self, Self::Salesforce | Self::OpenCti | Self::Page)
    }

    /// Whether the pages at its origins have elements of ours themselves (call buttons, the scanner), which ask the
    /// relay without the frame.
    pub fn has_elements(self) -> bool {
        matches!(self, Self::Salesforce | Self::Page)
    }
}

/// A host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// What stands in the frame's address.
    pub name: String,
    /// The adapter.
    pub kind: Kind,
    /// Who may frame it and talk to it: exact origins, at least one.
    pub origins: BTreeSet<String>,
    /// The provider that is dialled with where nothing else is said; the agent's first identity otherwise.
    pub provider: Option<String>,
    /// The account at which agents sign in, where the host vouches for nobody.
    pub sign_in: Option<String>,
    /// `system` of its records.
    pub system: Option<String>,
    /// The default country.
    pub region: String,
    /// Which fields of its records are dialled and travel along.
    pub entities: Option<EntityMapping>,
    /// Where the relay reads those fields, for a CRM that does not tell the frame.
    pub records: Option<Source>,
}

/// A host in the database that is not served, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unserved {
    /// Its name.
    pub name: String,
    /// What is wrong with it, for a person.
    pub problem: String,
}

/// Why a host in the database cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StoredError {
    /// Its settings are of another version.
    #[error("its settings cannot be read: {0}")]
    Settings(#[from] serde_json::Error),
    /// The secret for reading records.
    #[error("its credential cannot be opened: {0}")]
    Secret(#[from] SealError),
}

/// Where the secret of a host belongs.
const fn place(name: &str) -> Place<'_> {
    Place {
        table: "host",
        row: name,
        column: "secret",
    }
}

/// The organisations that can come in by a host: that of the account at which its agents sign in, or those that
/// somebody may sign for.
pub fn organisations(config: &Config, host: &Host) -> BTreeSet<String> {
    let signing_in = host.sign_in.as_ref();
    match signing_in.and_then(|account| config.sign_ins.get(account)) {
        Some(rules) => BTreeSet::from([rules.org.clone()]),
        None => {
            let issuers = config.issuers.iter();
            issuers.map(|issuer| issuer.org.clone()).collect()
        }
    }
}

/// The hosts that there are now, and the origins that follow from them.
#[derive(Debug)]
pub struct Hosts {
    own: Option<String>,
    agent_origins: BTreeSet<String>,
    configured: BTreeMap<String, Arc<Host>>,
    names: HostNames,
    /// Opens the credentials of those of the database.
    keyring: Arc<Keyring>,
    known: watch::Sender<Arc<Known>>,
}

#[derive(Debug, Default)]
struct Known {
    by_name: BTreeMap<String, Arc<Host>>,
    origins: BTreeSet<String>,
    unserved: Vec<Unserved>,
}

impl Hosts {
    /// Those of the configuration.
    pub fn of(config: &Config, keyring: Arc<Keyring>) -> Self {
        let hosts = Self {
            own: config.public_origin.clone(),
            agent_origins: config.agent_origins.clone(),
            configured: config.hosts.clone(),
            names: config.host_names.clone(),
            keyring,
            known: watch::Sender::default(),
        };
        hosts.set(config.hosts.clone(), Vec::new());
        hosts
    }

    /// Reads those of the database; the configuration's win over them.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn load(&self, store: &Store) -> Result<(), sqlx::Error> {
        let mut by_name = self.configured.clone();
        let mut unserved = Vec::new();
        for row in store.hosts().await? {
            match self.read(&row) {
                Ok(host) => drop(by_name.insert(row.name, Arc::new(host))),
                Err(problem) => unserved.push(Unserved {
                    name: row.name,
                    problem,
                }),
            }
        }
        self.set(by_name, unserved);
        Ok(())
    }

    fn read(&self, row: &Row) -> Result<Host, String> {
        if self.is_configured(&row.name) {
            return Err("The configuration has a host of this name, which wins.".to_owned());
        }
        let raw = self.stored(row).map_err(|error| error.to_string())?;
        self.check(raw).map_err(|error| error.to_string())
    }

    /// A host as it is in the database, with its secret.
    ///
    /// # Errors
    /// A text of another version, or a secret that cannot be opened.
    pub fn stored(&self, row: &Row) -> Result<RawHost, StoredError> {
        let mut raw = RawHost::stored(&row.settings)?;
        if let (Some(records), Some(sealed)) = (&mut raw.records, &row.secret) {
            let secret = self.keyring.open(sealed, place(&row.name))?;
            records.put_secret(raw.kind, secret);
        }
        Ok(raw)
    }

    /// Seals the secret of a host for the database.
    ///
    /// # Errors
    /// The encryption library failed.
    pub fn seal(&self, name: &str, secret: &Secret) -> Result<String, SealError> {
        self.keyring.seal(secret.expose(), place(name))
    }

    /// Checks a host as one of the configuration is.
    ///
    /// # Errors
    /// What is wrong with it, or that the relay does not know its own address.
    pub fn check(&self, raw: RawHost) -> Result<Host, ConfigError> {
        config::known_address(self.own.as_deref())?;
        config::check_host("", raw, &self.names)
    }

    /// From now on these.
    fn set(&self, by_name: BTreeMap<String, Arc<Host>>, unserved: Vec<Unserved>) {
        let mut origins = self.agent_origins.clone();
        if !by_name.is_empty() {
            // The frames ask from there.
            origins.extend(self.own.clone());
        }
        for host in by_name.values().filter(|host| host.kind.has_elements()) {
            origins.extend(host.origins.iter().cloned());
        }
        self.known.send_replace(Arc::new(Known {
            by_name,
            origins,
            unserved,
        }));
    }

    /// The host of this name.
    pub fn get(&self, name: &str) -> Option<Arc<Host>> {
        self.known.borrow().by_name.get(name).cloned()
    }

    /// All, by name.
    pub fn all(&self) -> Vec<Arc<Host>> {
        self.known.borrow().by_name.values().cloned().collect()
    }

    /// Those of the database that are not served.
    pub fn unserved(&self) -> Vec<Unserved> {
        self.known.borrow().unserved.clone()
    }

    /// Whether the configuration has a host of this name.
    pub fn is_configured(&self, name: &str) -> bool {
        self.configured.contains_key(name)
    }

    /// What hosts may name.
    pub fn names(&self) -> &HostNames {
        &self.names
    }

    /// Whether agents may ask from pages of this origin: one of `agent_origins`, the relay's own where there are
    /// hosts, or that of a host with elements of ours in its pages.
    pub fn serves_agents_at(&self, origin: &str) -> bool {
        self.known.borrow().origins.contains(origin)
    }

    /// The host to whose frame a window that signed in at `account` goes back, if `page` is that of one:
    /// `<the relay>/hosts/<name>/signed-in`.
    pub fn signed_in(&self, page: &str, account: &str) -> Option<Arc<Host>> {
        let path = page.strip_prefix(self.own.as_deref()?)?;
        let name = path.strip_prefix("/hosts/")?.strip_suffix("/signed-in")?;
        let host = self.get(name)?;
        (host.sign_in.as_deref() == Some(account)).then_some(host)
    }
}
