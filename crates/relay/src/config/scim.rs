//! `[[scim]]`: an identity provider that says who may dial.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use patchcord_core::secret::Secret;
use serde::Deserialize;

use super::{AccountConfig, ConfigError, Permission, check};

/// The fewest characters of a token: what `openssl rand -base64 24` gives.
const SHORTEST: usize = 32;

/// `[[scim]]`, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawScim {
    org: String,
    token: Secret,
    old_token: Option<Secret>,
    account: String,
    #[serde(default)]
    subject: Subject,
    #[serde(default)]
    look_up: LookUp,
    system: Option<String>,
    #[serde(default)]
    others: Others,
    #[serde(default)]
    groups: Vec<RawGroup>,
}

/// One of `scim.groups`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGroup {
    name: String,
    may: Vec<Permission>,
}

/// What is the CRM's id of a provisioned person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The identity provider's `externalId`.
    #[default]
    ExternalId,
    /// The `userName`.
    UserName,
}

/// Whether the platform is asked who somebody is there, where the identity provider does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookUp {
    /// It is not.
    #[default]
    Never,
    /// By the CRM's id, which the platform has as `sourceId`.
    SourceId,
}

/// Whether people of the organisation may dial whom the identity provider does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Others {
    /// They may not: who is removed at the identity provider is out, whatever else names them.
    #[default]
    Refused,
    /// They may, if they are configured or imported.
    Allowed,
}

/// Who provisions the people of an organisation, and how.
#[derive(Debug)]
pub struct Directory {
    /// The organisation.
    pub org: String,
    /// What the identity provider asks with: one, or two while it is changed.
    pub tokens: Vec<Secret>,
    /// The account that the people are agents of.
    pub account: String,
    /// What is the CRM's id of a person.
    pub subject: Subject,
    /// Whether the platform is asked who somebody is.
    pub look_up: LookUp,
    /// The system that the platform's agents were synchronised from, where they come from several.
    pub system: Option<String>,
    /// What about everybody else.
    pub others: Others,
    /// What members of a group may do, by its name in lower case.
    pub groups: BTreeMap<String, BTreeSet<Permission>>,
}

/// Checks the directories; by organisation.
pub fn directories(
    list: Vec<RawScim>,
    accounts: &BTreeMap<String, AccountConfig>,
) -> Result<BTreeMap<String, Arc<Directory>>, ConfigError> {
    let mut directories: BTreeMap<String, Arc<Directory>> = BTreeMap::new();
    for (place, raw) in list.into_iter().enumerate() {
        let path = format!("scim[{place}]");
        if raw.org.is_empty() {
            return Err(ConfigError::new(
                format!("{path}.org"),
                "it is empty",
                "Write the organisation as assertions have it in `org`.",
            ));
        }
        let account = check::known(&format!("{path}.account"), &raw.account, accounts)?;
        let asks = raw.look_up == LookUp::SourceId;
        if asks && account.provider.people().is_none() {
            return Err(ConfigError::new(
                format!("{path}.look_up"),
                format!("{} cannot be asked for agents", account.provider.name()),
                "Leave it out, and let the identity provider say who the agent is.",
            ));
        }
        if !asks && raw.system.is_some() {
            return Err(ConfigError::new(
                format!("{path}.system"),
                "it is for `look_up` alone",
                "Leave it out, or add look_up = \"source_id\".",
            ));
        }
        let mut tokens = Vec::new();
        for (key, token) in [("token", Some(raw.token)), ("old_token", raw.old_token)] {
            let Some(token) = token else { continue };
            let path = format!("{path}.{key}");
            if token.expose().len() < SHORTEST {
                return Err(ConfigError::new(
                    path,
                    format!("it has fewer than {SHORTEST} characters"),
                    "Make one with `openssl rand -base64 32`.",
                ));
            }
            let mut known = directories.values().flat_map(|one| &one.tokens);
            if known.any(|known| *known == token) || tokens.contains(&token) {
                return Err(ConfigError::new(
                    path,
                    "it is there twice",
                    "Make a token of its own: it says whose people these are.",
                ));
            }
            tokens.push(token);
        }
        let mut groups = BTreeMap::new();
        for (nth, group) in raw.groups.into_iter().enumerate() {
            let path = format!("{path}.groups[{nth}]");
            let may: BTreeSet<Permission> = group.may.into_iter().collect();
            if may.is_empty() || group.name.trim().is_empty() {
                return Err(ConfigError::new(
                    path,
                    "it has no name, or its members may do nothing",
                    "Write name = \"Supervisors\", may = [\"supervisor\"].",
                ));
            }
            if groups.insert(group.name.to_lowercase(), may).is_some() {
                return Err(check::twice(&format!("{path}.name"), &group.name));
            }
        }
        let directory = Directory {
            org: raw.org.clone(),
            tokens,
            account: raw.account,
            subject: raw.subject,
            look_up: raw.look_up,
            system: raw.system,
            others: raw.others,
            groups,
        };
        let known = directories.insert(raw.org.clone(), Arc::new(directory));
        if known.is_some() {
            return Err(check::twice(&format!("{path}.org"), &raw.org));
        }
    }
    Ok(directories)
}
