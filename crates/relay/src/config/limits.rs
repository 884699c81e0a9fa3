//! `[limits]`: how much is taken at most, and `trusted_proxies`: whom the relay believes about who asks.

use ipnet::IpNet;
use serde::Deserialize;

use super::ConfigError;

/// `[limits]`, as it is written and as it is used: the most in any hour or any 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Callbacks that one visitor asks for: an IPv4 address, or a /64 of IPv6.
    pub visitor_per_hour: u32,
    /// The same in a day.
    pub visitor_per_day: u32,
    /// Callbacks to one number.
    pub number_per_hour: u32,
    /// The same in a day.
    pub number_per_day: u32,
    /// Dials by one agent.
    pub agent_per_hour: u32,
    /// The same in a day.
    pub agent_per_day: u32,
    /// Callbacks by one publishable key, where the key says nothing else.
    pub key_per_day: u32,
    /// Callbacks and dials through one account, where the account says nothing else.
    pub account_per_day: u32,
    /// Callbacks and dials in all.
    pub relay_per_day: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            visitor_per_hour: 10,
            visitor_per_day: 30,
            number_per_hour: 3,
            number_per_day: 6,
            agent_per_hour: 200,
            agent_per_day: 1500,
            key_per_day: 500,
            account_per_day: 5000,
            relay_per_day: 10_000,
        }
    }
}

/// Checks that no limit is nought: that would be a switch in the wrong place.
pub fn limits(limits: Limits) -> Result<Limits, ConfigError> {
    for (name, most) in [
        ("visitor_per_hour", limits.visitor_per_hour),
        ("visitor_per_day", limits.visitor_per_day),
        ("number_per_hour", limits.number_per_hour),
        ("number_per_day", limits.number_per_day),
        ("agent_per_hour", limits.agent_per_hour),
        ("agent_per_day", limits.agent_per_day),
        ("key_per_day", limits.key_per_day),
        ("account_per_day", limits.account_per_day),
        ("relay_per_day", limits.relay_per_day),
    ] {
        per_day(&format!("limits.{name}"), most)?;
    }
    Ok(limits)
}

/// Checks one limit.
pub fn per_day(path: &str, most: u32) -> Result<u32, ConfigError> {
    if most == 0 {
        return Err(ConfigError::new(
            path,
            "it is 0, so nothing would ever be taken",
            "Write at least 1; to stop everything there is the kill switch.",
        ));
    }
    Ok(most)
}

/// The header in which a trusted proxy says who asks. Only the one that the proxy writes may be believed: the
/// other one passes through it as a stranger wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, to which proxies append.
    #[default]
    #[serde(rename = "x-forwarded-for")]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// Whom the relay believes about who asks.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    /// The proxies' networks.
    pub trusted: Vec<IpNet>,
    /// Where they say it.
    pub header: ForwardedHeader,
}

/// Checks `trusted_proxies`.
pub fn proxies(texts: &[String], header: ForwardedHeader) -> Result<Proxies, ConfigError> {
    let mut trusted = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        let net = text
            .parse()
            .or_else(|_| text.parse().map(|ip: std::net::IpAddr| ip.into()))
            .map_err(|_| {
                ConfigError::new(
                    format!("trusted_proxies[{place}]"),
                    format!("`{text}` is no network"),
                    "Write an address or a network, as 10.0.0.0/8 or 127.0.0.1.",
                )
            })?;
        trusted.push(net);
    }
    Ok(Proxies { trusted, header })
}
