//! What a key asks of its visitors besides the number: work, a captcha, and a field that people do not see.

use std::time::Duration;

use patchcord_core::secret::Secret;
use reqwest::Url;
use serde::Deserialize;

use super::ConfigError;
use super::address::https;

/// The most that `max` may ask for: about ten seconds of work on a slow phone.
const MOST: u32 = 5_000_000;
/// A challenge holds for ten minutes; a form that has to stay open longer could never be sent.
const LONGEST_FILL: u32 = 300;

/// `proof = { max, min_fill }` of a `[[key]]`, as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawProof {
    #[serde(default = "default_max")]
    pub max: u32,
    #[serde(default = "default_min_fill")]
    pub min_fill: u32,
}

const fn default_max() -> u32 {
    50_000
}

const fn default_min_fill() -> u32 {
    2
}

/// The proof of work of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// The number to be found is at most this; half as many hashes on average.
    pub max: u32,
    /// How long a form is open at least before a person can send it.
    pub min_fill: Duration,
}

/// Checks the proof of the key at `path`.
pub fn proof(path: &str, raw: Option<RawProof>) -> Result<Option<Proof>, ConfigError> {
    let Some(raw) = raw else { return Ok(None) };
    if !(1..=MOST).contains(&raw.max) {
        return Err(ConfigError::new(
            format!("{path}.proof.max"),
            format!("it is not between 1 and {MOST}"),
            "Write 50000: a fraction of a second on a phone.",
        ));
    }
    if raw.min_fill > LONGEST_FILL {
        return Err(ConfigError::new(
            format!("{path}.proof.min_fill"),
            format!("it is more than {LONGEST_FILL}"),
            "Write seconds, as 2.",
        ));
    }
    Ok(Some(Proof {
        max: raw.max,
        min_fill: Duration::from_secs(raw.min_fill.into()),
    }))
}

/// Checks that the honeypot of the key at `path` is no field that people fill in.
pub fn honeypot(
    path: &str,
    name: Option<String>,
    fields: &[super::Field],
) -> Result<Option<String>, ConfigError> {
    match name {
        Some(name) if name.is_empty() || fields.iter().any(|field| field.name == name) => {
            Err(ConfigError::new(
                format!("{path}.honeypot"),
                "it is empty, or the name of a field that people fill in",
                "Write a name that only programs fill in, as website.",
            ))
        }
        name => Ok(name),
    }
}

/// `captcha = { service, site_key, secret, verify_url }` of a `[[key]]`, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawCaptcha {
    pub service: CaptchaService,
    pub site_key: String,
    pub secret: Secret,
    pub verify_url: Option<String>,
}

/// The captcha of a key.
#[derive(Debug, Clone)]
pub struct Captcha {
    /// Whose.
    pub service: CaptchaService,
    /// The public key, for the page.
    pub site_key: String,
    /// The secret key, for the service.
    pub secret: Secret,
    /// Where answers are checked.
    pub verify_url: Url,
}

/// Checks the captcha of the key at `path`.
pub fn captcha(path: &str, raw: Option<RawCaptcha>) -> Result<Option<Captcha>, ConfigError> {
    let Some(raw) = raw else { return Ok(None) };
    let text = raw.verify_url.as_deref();
    let verify_url = https(text.unwrap_or(raw.service.verify_url())).ok_or_else(|| {
        ConfigError::new(
            format!("{path}.captcha.verify_url"),
            "it is no https:// address",
            "Leave it out, unless a stand-in is to be asked.",
        )
    })?;
    Ok(Some(Captcha {
        service: raw.service,
        site_key: raw.site_key,
        secret: raw.secret,
        verify_url,
    }))
}

/// Captcha services; all three answer the same question in the same form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptchaService {
    /// Cloudflare Turnstile.
    Turnstile,
    /// hCaptcha.
    Hcaptcha,
    /// Google's reCAPTCHA.
    Recaptcha,
}

impl CaptchaService {
    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Turnstile => "turnstile",
            Self::Hcaptcha => "hcaptcha",
            Self::Recaptcha => "recaptcha",
        }
    }

    /// Where an answer is checked, by each service's documentation.
    const fn verify_url(self) -> &'static str {
        match self {
            Self::Turnstile => "https://challenges.cloudflare.com/turnstile/v0/siteverify",
            Self::Hcaptcha => "https://api.hcaptcha.com/siteverify",
            Self::Recaptcha => "https://www.google.com/recaptcha/api/siteverify",
        }
    }
}
