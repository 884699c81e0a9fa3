//! `rotate_every` of an account: how old its own token may become.

use std::time::Duration;

use patchcord_core::secret::Secret;

use super::ConfigError;

/// The longest age, in days. The shortest is one day: each exchange is a chance to lose the token.
const MAX: u64 = 365;

/// Reads `30d`.
pub fn every(
    path: &str,
    written: Option<String>,
    token: Option<&Secret>,
) -> Result<Option<Duration>, ConfigError> {
    let Some(text) = written else { return Ok(None) };
    let path = format!("{path}.rotate_every");
    let days = text.strip_suffix('d').and_then(|days| days.parse().ok());
    let Some(days) = days.filter(|days| (1..=MAX).contains(days)) else {
        return Err(ConfigError::new(
            path,
            format!("it is not between 1d and {MAX}d"),
            "Write days, as 30d.",
        ));
    };
    if token.is_none() {
        return Err(ConfigError::new(
            path,
            "the account has no `auth_token` to exchange",
            "Configure the token that it has now, or leave this out.",
        ));
    }
    Ok(Some(Duration::from_secs(days * 24 * 60 * 60)))
}
