//! `[[host]]`: the CRMs and pages that have the panel in a frame of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use patchcord_core::entity::EntityMapping;
use serde::{Deserialize, Serialize};

use super::records::{self, RawRecords};
use super::{AccountConfig, ConfigError, address, check};
use crate::hosts::{Host, Kind};

/// The longest name of a host.
const LONGEST: usize = 64;

/// `[[host]]`, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawHost {
    /// What stands in the frame's address.
    pub name: String,
    /// The adapter.
    pub kind: Kind,
    /// Who may frame it.
    pub origins: Vec<String>,
    /// The provider that is dialled with by default.
    pub provider: Option<String>,
    /// The account at which agents sign in.
    pub sign_in: Option<String>,
    /// `system` of its records; the kind's otherwise.
    pub system: Option<String>,
    /// The default country; the relay's otherwise.
    pub region: Option<String>,
    /// Which fields are dialled and travel along.
    pub entities: Option<EntityMapping>,
    /// With which credential the relay reads those fields.
    pub records: Option<RawRecords>,
}

impl RawHost {
    /// Reads what [`RawHost::to_store`] wrote.
    ///
    /// # Errors
    /// A text of another version.
    pub fn stored(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// For the database; without the secret of [`RawRecords`], which is sealed beside it.
    ///
    /// # Errors
    /// Never: it has text alone.
    pub fn to_store(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

/// What a host may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The providers of the accounts.
    pub providers: BTreeSet<String>,
    /// The accounts at which agents can sign in.
    pub sign_ins: BTreeSet<String>,
    /// The default country.
    pub region: String,
}

impl Names {
    /// What the accounts give.
    pub fn of(accounts: &BTreeMap<String, AccountConfig>, region: &str) -> Self {
        let signing_in = accounts
            .iter()
            .filter(|(_, account)| account.sign_in.is_some());
        Self {
            providers: accounts
                .values()
                .map(|account| account.provider.name().to_owned())
                .collect(),
            sign_ins: signing_in.map(|(name, _)| name.clone()).collect(),
            region: region.to_owned(),
        }
    }
}

/// Checks the hosts. Their frames ask the relay from its own origin, which has to be known.
pub fn hosts(
    list: Vec<RawHost>,
    names: &Names,
    public_origin: Option<&str>,
) -> Result<BTreeMap<String, Arc<Host>>, ConfigError> {
    if !list.is_empty() {
        known_address(public_origin)?;
    }
    let mut hosts = BTreeMap::new();
    for (place, raw) in list.into_iter().enumerate() {
        let path = format!("host[{place}].");
        let host = host(&path, raw, names)?;
        let name = host.name.clone();
        if hosts.insert(name.clone(), Arc::new(host)).is_some() {
            return Err(check::twice(&format!("{path}name"), &name));
        }
    }
    Ok(hosts)
}

/// A relay with hosts has to know its own address.
///
/// # Errors
/// It does not.
pub fn known_address(public_origin: Option<&str>) -> Result<(), ConfigError> {
    if public_origin.is_some() {
        return Ok(());
    }
    Err(ConfigError::new(
        "public_origin",
        "it is missing, and `audience` is no origin",
        "Write where browsers reach the relay, as https://relay.example: the frames of hosts ask from there.",
    ))
}

/// Checks one host; errors name the key behind `path`.
pub fn host(path: &str, raw: RawHost, names: &Names) -> Result<Host, ConfigError> {
    name(&format!("{path}name"), &raw.name)?;
    if raw.origins.is_empty() {
        return Err(ConfigError::new(
            format!("{path}origins"),
            "it is empty, so nobody could frame it",
            "List the exact origins of the CRM's pages, as [\"https://acme.lightning.force.com\"].",
        ));
    }
    for (nth, text) in raw.origins.iter().enumerate() {
        origin(&format!("{path}origins[{nth}]"), text)?;
    }
    if let Some(provider) = &raw.provider {
        one_of(&format!("{path}provider"), provider, &names.providers)?;
    }
    match &raw.sign_in {
        Some(account) => sign_in(&format!("{path}sign_in"), account, names)?,
        None if raw.kind.vouches() => {}
        None => {
            return Err(ConfigError::new(
                format!("{path}sign_in"),
                format!(
                    "it is missing, and a host of kind `{}` cannot say who an agent is",
                    raw.kind.as_str()
                ),
                "Name an account that has `sign_in`: agents sign in there.",
            ));
        }
    }
    if raw
        .system
        .as_deref()
        .is_some_and(|system| system.trim().is_empty())
    {
        return Err(ConfigError::new(
            format!("{path}system"),
            "it is empty",
            "Write what the CRM is called in records, as salesforce, or leave it out.",
        ));
    }
    let region = match &raw.region {
        Some(code) => check::region(&format!("{path}region"), code)?,
        None => names.region.clone(),
    };
    if let Some(mapping) = &raw.entities {
        entities(&format!("{path}entities"), mapping)?;
    }
    let records = match raw.records {
        Some(given) => Some(records::records(
            path,
            raw.kind,
            given,
            raw.entities.as_ref(),
        )?),
        None => None,
    };
    Ok(Host {
        records,
        system: raw.system.or_else(|| raw.kind.system().map(str::to_owned)),
        name: raw.name,
        kind: raw.kind,
        origins: raw.origins.into_iter().collect(),
        provider: raw.provider,
        sign_in: raw.sign_in,
        region,
        entities: raw.entities,
    })
}

/// It stands in addresses, and in what people paste into a CRM.
fn name(path: &str, name: &str) -> Result<(), ConfigError> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let fits = (1..=LONGEST).contains(&name.len())
        && name.bytes().all(plain)
        && !name.starts_with('-')
        && !name.ends_with('-');
    if fits {
        return Ok(());
    }
    Err(ConfigError::new(
        path,
        format!("`{name}` cannot stand in an address"),
        format!(
            "Use 1 to {LONGEST} lower-case letters, digits and hyphens between them, as acme-salesforce."
        ),
    ))
}

/// An origin as browsers send it, of a page that nobody on the way can change.
fn origin(path: &str, text: &str) -> Result<(), ConfigError> {
    check::origin(path, text)?;
    let url = address::https(text);
    if url.is_some_and(|url| url.origin().ascii_serialization() == text) {
        return Ok(());
    }
    Err(ConfigError::new(
        path,
        format!("`{text}` is no https:// origin"),
        "Write https:// and the host; http:// is for localhost and 127.0.0.1 alone.",
    ))
}

fn one_of(path: &str, name: &str, all: &BTreeSet<String>) -> Result<(), ConfigError> {
    if all.contains(name) {
        return Ok(());
    }
    let names: Vec<_> = all.iter().map(String::as_str).collect();
    Err(ConfigError::new(
        path,
        format!("there is no `{name}`"),
        format!("Use one of: {}.", names.join(", ")),
    ))
}

fn sign_in(path: &str, account: &str, names: &Names) -> Result<(), ConfigError> {
    if names.sign_ins.is_empty() {
        return Err(ConfigError::new(
            path,
            "no account has `sign_in`",
            "Add `sign_in` to the [[account]] at which agents sign in, or leave it out here.",
        ));
    }
    one_of(path, account, &names.sign_ins)
}

fn entities(path: &str, mapping: &EntityMapping) -> Result<(), ConfigError> {
    for (kind, fields) in mapping.types() {
        let path = format!("{path}.{kind}");
        if kind.trim().is_empty() {
            return Err(ConfigError::new(
                path,
                "an object type has no name",
                "Write the CRM's name of the type, as Contact.",
            ));
        }
        // Where the CRM itself says which number was clicked, none has to be looked for.
        if fields.number.is_empty() && fields.payload.is_empty() {
            return Err(ConfigError::new(
                path,
                "it says neither which field is dialled nor which travel along",
                "List the fields that may hold the number, as number = [\"MobilePhone\", \"Phone\"], or leave the type out.",
            ));
        }
        let named = fields.number.iter().map(|field| ("number", field));
        let payload = fields.payload.iter();
        let payload = payload.flat_map(|(key, field)| [("payload", key), ("payload", field)]);
        if let Some((part, _)) = named
            .chain(payload)
            .find(|(_, text)| text.trim().is_empty())
        {
            return Err(ConfigError::new(
                format!("{path}.{part}"),
                "a name in it is empty",
                "Write the CRM's names of fields, and in `payload` a key for each.",
            ));
        }
    }
    Ok(())
}
