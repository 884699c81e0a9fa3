//! `[admin]`: who may open the admin pages.

use jiff::tz::TimeZone;
use patchcord_core::secret::Secret;
use serde::Deserialize;

use super::{ConfigError, check};

/// The fewest characters of a token: what `openssl rand -base64 24` gives.
const SHORTEST: usize = 32;

/// `[admin]`, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawAdmin {
    origin: String,
    zone: Option<String>,
    people: Vec<RawPerson>,
}

/// One of `admin.people`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPerson {
    name: String,
    token: Secret,
    #[serde(default)]
    role: Role,
}

/// What somebody may do at the admin pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    #[default]
    Operator,
    /// Look at the statistics: no page with somebody's number on it, no change.
    Supervisor,
}

/// The admin pages.
#[derive(Debug)]
pub struct Admin {
    /// The origin that they are opened at.
    pub origin: String,
    /// The zone in which they tell the time.
    pub zone: TimeZone,
    /// Who may open them.
    pub people: Vec<Person>,
}

/// Somebody who may open the admin pages.
#[derive(Debug)]
pub struct Person {
    /// What the audit log calls them.
    pub name: String,
    /// What they sign in with.
    pub token: Secret,
    /// What they may do.
    pub role: Role,
}

/// Checks `[admin]`.
pub fn admin(raw: Option<RawAdmin>) -> Result<Option<Admin>, ConfigError> {
    let Some(raw) = raw else { return Ok(None) };
    check::origin("admin.origin", &raw.origin)?;
    let zone = match &raw.zone {
        None => TimeZone::UTC,
        Some(name) => TimeZone::get(name).map_err(|_| {
            ConfigError::new(
                "admin.zone",
                format!("`{name}` is no time zone"),
                "Write an IANA name, as Europe/Berlin.",
            )
        })?,
    };
    if raw.people.is_empty() {
        return Err(ConfigError::new(
            "admin.people",
            "there is nobody",
            "Add { name, token } for each person, or leave [admin] out.",
        ));
    }
    let mut people: Vec<Person> = Vec::new();
    for (place, person) in raw.people.into_iter().enumerate() {
        let path = format!("admin.people[{place}]");
        if person.name.trim().is_empty() || person.name == "relay" {
            return Err(ConfigError::new(
                format!("{path}.name"),
                "it is empty or `relay`",
                "Write who it is: the audit log says so.",
            ));
        }
        if person.token.expose().len() < SHORTEST {
            return Err(ConfigError::new(
                format!("{path}.token"),
                format!("it has fewer than {SHORTEST} characters"),
                "Make one with `openssl rand -base64 32`.",
            ));
        }
        if people.iter().any(|known| known.name == person.name) {
            return Err(check::twice(&format!("{path}.name"), &person.name));
        }
        if people.iter().any(|known| known.token == person.token) {
            return Err(ConfigError::new(
                format!("{path}.token"),
                "somebody else has the same",
                "Make a token for each person: the audit log tells people apart by it.",
            ));
        }
        people.push(Person {
            name: person.name,
            token: person.token,
            role: person.role,
        });
    }
    Ok(Some(Admin {
        origin: raw.origin,
        zone,
        people,
    }))
}
