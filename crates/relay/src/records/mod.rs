//! The fields of a CRM's record, read by the relay with a credential of its own: for hosts whose CRM tells the frame
//! that a number was clicked, and nothing of the record but its id.
//!
//! What can be read: the fields that the host's mapping names, of records of the types that it names, and what people
//! call the record. One record at a time, by its id. Nothing is kept.

mod hubspot;
mod salesforce;
mod unread;

use std::collections::BTreeSet;
use std::time::Duration;

use patchcord_core::entity::{EntityMapping, TypeMapping};
use serde_json::{Map, Value};

use crate::hosts::Host;
use crate::outbound::Outbound;

pub use hubspot::Hubspot;
pub use salesforce::Salesforce;
pub use unread::Unread;

/// The longest that a look-up may take, with all that it needs: somebody has clicked, and waits.
pub const LIMIT: Duration = Duration::from_secs(3);

/// Where the fields of a host's records are read, and with which credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// HubSpot's CRM objects.
    Hubspot(Hubspot),
    /// Salesforce's query.
    Salesforce(Salesforce),
}

/// What a record says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// What people call it, where the CRM was asked.
    pub name: Option<String>,
    /// The mapped fields that the CRM gave, by the names that the mapping has, as the CRM gave them.
    pub fields: Map<String, Value>,
}

impl Source {
    /// What people call the CRM.
    pub const fn crm(&self) -> &'static str {
        match self {
            Self::Hubspot(_) => "HubSpot",
            Self::Salesforce(_) => "Salesforce",
        }
    }

    /// Whether records of this type can be read. A type's name stands in a request to the CRM.
    pub fn is_type(&self, kind: &str) -> bool {
        match self {
            Self::Hubspot(_) => hubspot::type_id(kind).is_some(),
            Self::Salesforce(_) => salesforce::is_name(kind),
        }
    }

    /// Whether this can be a field's name. It stands in a request to the CRM.
    pub fn is_field(&self, name: &str) -> bool {
        match self {
            Self::Hubspot(_) => hubspot::is_property(name),
            Self::Salesforce(_) => salesforce::is_path(name),
        }
    }

    /// Whether this can be a record's id. It stands in a request to the CRM.
    pub fn is_id(&self, id: &str) -> bool {
        match self {
            Self::Hubspot(_) => hubspot::is_id(id),
            Self::Salesforce(_) => salesforce::is_id(id),
        }
    }

    /// An id that is well formed and that no record has: for asking whether the credential is good.
    pub const fn no_ones_id(&self) -> &'static str {
        match self {
            Self::Hubspot(_) => hubspot::NO_ONES_ID,
            Self::Salesforce(_) => salesforce::NO_ONES_ID,
        }
    }
}

/// Reads records.
#[derive(Debug)]
pub struct Records {
    outbound: Outbound,
    salesforce: salesforce::Tokens,
}

impl Records {
    /// By these requests; with no token yet.
    pub fn new(outbound: Outbound) -> Self {
        Self {
            outbound,
            salesforce: salesforce::Tokens::default(),
        }
    }

    /// Reads what was asked for, within [`LIMIT`].
    ///
    /// # Errors
    /// Why it is not known.
    pub async fn read(&self, asked: &Asked<'_>) -> Result<Found, Unread> {
        let reading = async {
            match asked.source {
                Source::Hubspot(hubspot) => hubspot.read(&self.outbound, asked).await,
                Source::Salesforce(org) => org.read(&self.outbound, &self.salesforce, asked).await,
            }
        };
        match tokio::time::timeout(LIMIT, reading).await {
            Ok(read) => read,
            Err(_) => Err(Unread::NoAnswer {
                crm: asked.source.crm(),
                why: format!("nothing within {} s", LIMIT.as_secs()),
            }),
        }
    }
}

/// A record that may be asked for: its type is one of the host's mapping, its id is in the CRM's form.
#[derive(Debug)]
pub struct Asked<'a> {
    source: &'a Source,
    kind: &'a str,
    id: &'a str,
    /// The fields that the mapping reads, each once.
    fields: BTreeSet<&'a str>,
}

impl Host {
    /// A record of this host's CRM, to be read.
    ///
    /// # Errors
    /// Why it may not.
    pub fn asked<'a>(&'a self, kind: &'a str, id: &'a str) -> Result<Asked<'a>, Unread> {
        let source = self.records.as_ref().ok_or(Unread::NoLookUp)?;
        let mapping = mapping(self.entities.as_ref(), kind).ok_or(Unread::Type)?;
        if !source.is_id(id) {
            return Err(Unread::Id);
        }
        let fields = mapping.number.iter().chain(mapping.payload.values());
        Ok(Asked {
            source,
            kind,
            id,
            fields: fields.map(String::as_str).collect(),
        })
    }
}

fn mapping<'a>(entities: Option<&'a EntityMapping>, kind: &str) -> Option<&'a TypeMapping> {
    let mut types = entities?.types();
    types
        .find(|(known, _)| *known == kind)
        .map(|(_, mapping)| mapping)
}
