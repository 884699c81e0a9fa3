//! `records` of a `[[host]]`: with which credential the relay reads the fields of the CRM's records.

use patchcord_core::entity::EntityMapping;
use patchcord_core::secret::Secret;
use reqwest::Url;
use serde::{Deserialize, Serialize};

use super::{ConfigError, address};
use crate::hosts::Kind;
use crate::records::{Hubspot, Salesforce, Source};

/// Where HubSpot's API is, unless something else is written.
const HUBSPOT: &str = "https://api.hubapi.com";
/// Parts of Salesforce whose addresses look like the org's own, and give no token by client credentials.
const NOT_MY_DOMAIN: [&str; 3] = [
    ".lightning.force.com",
    "login.salesforce.com",
    "test.salesforce.com",
];

/// `records`, as it is written: `token` (and `url`) for HubSpot, the rest for Salesforce.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRecords {
    /// HubSpot: a service key, or the token of a private app.
    #[serde(skip_serializing)]
    pub token: Option<Secret>,
    /// HubSpot: where its API is.
    pub url: Option<String>,
    /// Salesforce: the org's own address.
    pub domain: Option<String>,
    /// Salesforce: the consumer key of the external client app.
    pub client_id: Option<String>,
    /// Salesforce: its consumer secret.
    #[serde(skip_serializing)]
    pub client_secret: Option<Secret>,
}

impl RawRecords {
    /// The secret of the two that is there.
    pub fn secret(&self) -> Option<&Secret> {
        self.token.as_ref().or(self.client_secret.as_ref())
    }

    /// Puts the secret where a host of this kind has it.
    pub fn put_secret(&mut self, kind: Kind, secret: Secret) {
        match kind {
            Kind::Hubspot => self.token = Some(secret),
            _ => self.client_secret = Some(secret),
        }
    }

    /// Whether the two ask the same CRM as the same app: then a secret for one is a secret for the other.
    pub fn is_same_but_secret(&self, other: &Self) -> bool {
        let rest = |one: &Self| (one.url.clone(), one.domain.clone(), one.client_id.clone());
        rest(self) == rest(other)
    }
}

/// Checks `records` of a host of this kind; errors name the key behind `path`.
pub fn records(
    path: &str,
    kind: Kind,
    raw: RawRecords,
    entities: Option<&EntityMapping>,
) -> Result<Source, ConfigError> {
    let at = |key: &str| format!("{path}records.{key}");
    let source = match kind {
        Kind::Hubspot => Source::Hubspot(hubspot(&at, raw)?),
        Kind::Voice => Source::Salesforce(salesforce(&at, raw)?),
        Kind::Salesforce | Kind::OpenCti | Kind::Zendesk | Kind::Page => {
            return Err(ConfigError::new(
                format!("{path}records"),
                format!(
                    "a host of kind `{}` tells its frame the fields of a record itself",
                    kind.as_str()
                ),
                "Leave it out; it is for the kinds hubspot and voice.",
            ));
        }
    };
    mapping(path, &source, entities)?;
    Ok(source)
}

fn hubspot(at: &impl Fn(&str) -> String, raw: RawRecords) -> Result<Hubspot, ConfigError> {
    let others = [
        ("domain", raw.domain.is_some()),
        ("client_id", raw.client_id.is_some()),
        ("client_secret", raw.client_secret.is_some()),
    ];
    foreign(at, &others, "Salesforce")?;
    let token = secret(
        at("token"),
        raw.token,
        "Make a service key in HubSpot, under Development › Keys › Service keys, and write it here.",
    )?;
    let url = match &raw.url {
        None => HUBSPOT.to_owned(),
        Some(text) => base(
            at("url"),
            text,
            "Leave it out: HubSpot's API has one address.",
        )?,
    };
    Ok(Hubspot { url, token })
}

fn salesforce(at: &impl Fn(&str) -> String, raw: RawRecords) -> Result<Salesforce, ConfigError> {
    let others = [("token", raw.token.is_some()), ("url", raw.url.is_some())];
    foreign(at, &others, "HubSpot")?;
    let my_domain =
        "Write the org's My Domain, as https://acme.my.salesforce.com (Setup › My Domain).";
    let text = raw.domain.unwrap_or_default();
    let domain = base(at("domain"), &text, my_domain)?;
    if NOT_MY_DOMAIN.iter().any(|end| domain.ends_with(end)) {
        return Err(ConfigError::new(
            at("domain"),
            format!("`{domain}` gives no token to an app"),
            my_domain,
        ));
    }
    let client_id = raw.client_id.unwrap_or_default().trim().to_owned();
    if client_id.is_empty() {
        return Err(ConfigError::new(
            at("client_id"),
            "it is missing",
            "Write the consumer key of the org's external client app.",
        ));
    }
    let client_secret = secret(
        at("client_secret"),
        raw.client_secret,
        "Write the consumer secret of the org's external client app.",
    )?;
    Ok(Salesforce {
        domain,
        client_id,
        client_secret,
    })
}

fn foreign(
    at: &impl Fn(&str) -> String,
    others: &[(&str, bool)],
    crm: &str,
) -> Result<(), ConfigError> {
    match others.iter().find(|(_, is_there)| *is_there) {
        None => Ok(()),
        Some((key, _)) => Err(ConfigError::new(
            at(key),
            format!("it is for {crm}"),
            "Leave it out.",
        )),
    }
}

/// It stands in a header or a form: something that can be seen, and no white space.
fn secret(path: String, given: Option<Secret>, remedy: &str) -> Result<Secret, ConfigError> {
    let secret = given.unwrap_or_default();
    if secret.is_empty() {
        return Err(ConfigError::new(path, "it is missing", remedy));
    }
    if !secret.expose().bytes().all(|b| b.is_ascii_graphic()) {
        return Err(ConfigError::new(
            path,
            "it has white space or another character in it that no secret of a CRM has",
            "Copy it again, alone and whole.",
        ));
    }
    Ok(secret)
}

/// An origin, without a slash at the end.
fn base(path: String, text: &str, remedy: &str) -> Result<String, ConfigError> {
    let text = text.trim();
    let origin = |url: &Url| url.origin().ascii_serialization();
    match address::https(text) {
        Some(url) if text.trim_end_matches('/') == origin(&url) => Ok(origin(&url)),
        _ if text.is_empty() => Err(ConfigError::new(path, "it is missing", remedy)),
        _ => Err(ConfigError::new(
            path,
            format!("`{text}` is no https:// address of a host alone"),
            remedy,
        )),
    }
}

/// What the mapping names has to be something that the CRM can be asked for.
fn mapping(
    path: &str,
    source: &Source,
    entities: Option<&EntityMapping>,
) -> Result<(), ConfigError> {
    let types = entities.into_iter().flat_map(EntityMapping::types);
    let mut is_empty = true;
    for (kind, fields) in types {
        is_empty = false;
        let path = format!("{path}entities.{kind}");
        if !source.is_type(kind) {
            return Err(ConfigError::new(
                path,
                format!("{} has no object type `{kind}`", source.crm()),
                match source {
                    Source::Hubspot(_) => {
                        "Use Contact, Company, Deal, Ticket, or the id of a type of your own, as 2-3456."
                    }
                    Source::Salesforce(_) => "Use the API name of the object, as Contact.",
                },
            ));
        }
        let numbers = fields.number.iter().map(|field| ("number", field));
        let payload = fields.payload.values().map(|field| ("payload", field));
        if let Some((part, field)) = numbers
            .chain(payload)
            .find(|(_, field)| !source.is_field(field))
        {
            return Err(ConfigError::new(
                format!("{path}.{part}"),
                format!("{} has no field with a name like `{field}`", source.crm()),
                match source {
                    Source::Hubspot(_) => "Use the internal name of the property, as jobtitle.",
                    Source::Salesforce(_) => {
                        "Use the API name of the field, as Plan__c, or of a parent's, as Account.Name."
                    }
                },
            ));
        }
    }
    if is_empty {
        return Err(ConfigError::new(
            format!("{path}entities"),
            "there is none, so no field of a record would be read",
            "Map the fields that are to travel along, or leave `records` out.",
        ));
    }
    Ok(())
}
