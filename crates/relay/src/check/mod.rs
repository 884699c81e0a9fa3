//! `patchcord-relay check`: what is wrong around the configuration, and whether the others answer.
//!
//! Nothing is sent to anybody but questions: platforms are asked for a token and their front page, for an agent and CRMs
//! for a record that there is not, where single sign-on leads; the mail server is signed in to, the hosts of webhooks are
//! connected to. Only [`call`] does something, and only when told to.

mod accounts;
pub mod call;
mod files;
mod hosts;
mod mail;
mod scim;
mod sign_in;
mod skew;
mod tls;
mod webhooks;

use std::path::Path;

pub use accounts::accounts;
pub use hosts::{hosts, records};
pub use scim::scim;
pub use sign_in::sign_ins;

use crate::config::{Config, Role};
use crate::http::assets::Assets;
use crate::http::problem::chain;
use crate::relay::StartError;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub subject: String,
    /// How it is; `Err` says what is wrong and what to do.
    pub result: Result<String, String>,
}

impl Finding {
    /// A finding.
    pub fn new(subject: impl Into<String>, result: Result<String, String>) -> Self {
        Self {
            subject: subject.into(),
            result,
        }
    }
}

/// Looks at what the configuration (the file at `path`) names, but for database and platforms.
pub async fn around(path: &Path, config: &Config) -> Vec<Finding> {
    let mut findings = twice(config);
    findings.extend(files::files(path, config));
    if let Some(web) = &config.web {
        let loaded = Assets::load(web);
        findings.push(Finding::new(
            "widget",
            loaded
                .map(|_| "is built".into())
                .map_err(|error| chain(&error)),
        ));
    }
    findings.extend(admin(config));
    if let Some(files) = &config.tls {
        findings.push(Finding::new("tls", tls::tls(files)));
    }
    if let Some(config) = &config.mail {
        findings.push(Finding::new("mail", mail::mail(config).await));
    }
    findings.extend(webhooks::webhooks(&config.webhooks).await);
    findings
}

/// Why [`crate::relay::Relay::beside`] did not open.
pub fn not_open(error: &StartError) -> Finding {
    let subject = match error {
        StartError::Open(_) | StartError::Read(_) => "database",
        StartError::Key(_) | StartError::Secret(_) | StartError::Seal(_) => "encryption key",
        StartError::Deliveries(_) | StartError::Random(_) | StartError::Outbound(_) => "relay",
    };
    Finding::new(subject, Err(chain(error)))
}

/// Who signs in to the admin pages, and whether one of them can settle what needs a person.
fn admin(config: &Config) -> Option<Finding> {
    let admin = config.admin.as_ref()?;
    let operators = admin.people.iter().filter(|one| one.role == Role::Operator);
    let operators = operators.count();
    let supervisors = admin.people.len() - operators;
    let result = match operators {
        0 => Err(
            "has supervisors alone, and nobody who may settle, switch off or look up: add somebody without `role`"
                .into(),
        ),
        _ => Ok(format!(
            "is at {}/admin, for {operators} with everything and {supervisors} with the statistics alone",
            admin.origin
        )),
    };
    Some(Finding::new("admin", result))
}

/// Who is in the configuration more than once.
fn twice(config: &Config) -> Vec<Finding> {
    let often = config.agents.iter().filter(|(_, agents)| agents.len() > 1);
    often
        .map(|(id, agents)| {
            Finding::new(
                format!("agent {} of {}", id.sub, id.org),
                Err(format!(
                    "is there {} times, so nobody can sign in as them; leave one",
                    agents.len()
                )),
            )
        })
        .collect()
}
