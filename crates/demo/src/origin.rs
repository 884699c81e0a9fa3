//! Web origins: `scheme://host[:port]`.

use std::fmt;
use std::str::FromStr;

/// An origin as a browser writes it, without a path or a trailing slash.
///
/// It is written into pages, scripts and the content security policy, so nothing but the letters of
/// a host name and a port gets through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

/// The text is no origin.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no origin; write it as http://host:port or https://host, without a path")]
pub struct NotAnOrigin(String);

impl Origin {
    /// The origin as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Origin {
    type Err = NotAnOrigin;

    /// Accepts one trailing slash and drops it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || NotAnOrigin(text.to_owned());
        let trimmed = text.strip_suffix('/').unwrap_or(text);
        let host = trimmed
            .strip_prefix("http://")
            .or_else(|| trimmed.strip_prefix("https://"))
            .ok_or_else(refused)?;
        let of_a_host =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        if host.is_empty() || !host.chars().all(of_a_host) {
            return Err(refused());
        }
        Ok(Self(trimmed.to_ascii_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_keeps_its_scheme_host_and_port() {
        for (given, kept) in [
            ("http://127.0.0.1:4100", "http://127.0.0.1:4100"),
            ("https://Relay.Example/", "https://relay.example"),
            ("http://[::1]:4100", "http://[::1]:4100"),
        ] {
            assert_eq!(given.parse::<Origin>().unwrap().as_str(), kept);
        }
    }

    #[test]
    fn text_that_could_break_out_of_a_page_or_policy_is_no_origin() {
        for text in [
            "",
            "127.0.0.1:4100",
            "ftp://relay.example",
            "https://",
            "https://relay.example/path",
            "https://relay.example; script-src *",
            "https://relay.example\"",
            "https://user@relay.example",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }
}
