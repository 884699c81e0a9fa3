//! `[retention]`: how long personal data is kept.

use serde::Deserialize;

use super::ConfigError;
use crate::clock::Millis;
use crate::store::DAY;

/// The audit log is kept for a month at least; the database itself sees to it.
const AUDIT_MIN: u32 = 31;
/// Ten years and a leap day or three; more is a slip of the hand.
const MAX: u32 = 3653;

/// As it is written: days.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawRetention {
    requests: u32,
    consent: u32,
    audit: u32,
}

impl Default for RawRetention {
    fn default() -> Self {
        Self {
            requests: 30,
            // Five years: how long German law (§ 7a UWG) wants consent to a call documented.
            consent: 1827,
            audit: 365,
        }
    }
}

/// How long what is kept, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Callbacks, calls and messages, after they are over.
    pub requests: Millis,
    /// The proof that somebody agreed to be called.
    pub consent: Millis,
    /// Who did what; and refusals by the day.
    pub audit: Millis,
}

/// Checks the section.
pub fn retention(raw: &RawRetention) -> Result<Retention, ConfigError> {
    let days = |name: &str, days: u32, least: u32| {
        if (least..=MAX).contains(&days) {
            return Ok(Millis::from(days) * DAY);
        }
        Err(ConfigError::new(
            format!("retention.{name}"),
            format!("it is not between {least} and {MAX}"),
            "Write days, as 30.",
        ))
    };
    Ok(Retention {
        requests: days("requests", raw.requests, 1)?,
        consent: days("consent", raw.consent, 1)?,
        audit: days("audit", raw.audit, AUDIT_MIN)?,
    })
}
