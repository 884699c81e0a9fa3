//! `[[webhook]]` and `[mail]`: whom the relay tells what happened.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lettre::message::Mailbox;
use patchcord_core::secret::Secret;
use reqwest::Url;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::address::{https, is_loopback};
use super::{ConfigError, check};
use crate::notice;

/// What a webhook's secret begins with (Standard Webhooks).
const SECRET_PREFIX: &str = "whsec_";
/// The bytes of a webhook's secret (Standard Webhooks).
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// `[[webhook]]`, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawWebhook {
    pub name: String,
    pub url: String,
    pub secret: Secret,
    pub events: Vec<String>,
}

/// `[mail]`, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawMail {
    pub smtp: String,
    pub from: String,
    pub to: Vec<String>,
    pub username: Option<String>,
    pub password: Option<Secret>,
}

/// Somebody's server that is told what happened.
#[derive(Clone)]
pub struct Webhook {
    /// The name in the relay's database, log and metrics.
    pub name: String,
    /// Where to.
    pub url: Url,
    /// What signs.
    pub secret: Zeroizing<Vec<u8>>,
    /// What it is told, as `callback.queued`, or `callback.*` for all of one sort.
    pub events: Vec<String>,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Not the address either: many carry a secret in their path.
        f.debug_struct("Webhook")
            .field("name", &self.name)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

/// Where alerts are mailed to.
#[derive(Debug, Clone)]
pub struct Mail {
    /// How the server is reached.
    pub server: MailServer,
    /// The sender.
    pub from: Mailbox,
    /// The recipients.
    pub to: Vec<Mailbox>,
    /// How the relay signs in there, where the server wants it.
    pub credentials: Option<(String, Secret)>,
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServer {
    /// The name or address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How what is sent is kept secret.
    pub tls: MailTls,
}

/// How a connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTls {
    /// From its beginning (`smtps://`).
    Wrapped,
    /// By STARTTLS, or not at all (`smtp://`).
    StartTls,
    /// Not; only to this machine itself.
    None,
}

/// Checks the webhooks.
pub fn webhooks(list: Vec<RawWebhook>) -> Result<Vec<Webhook>, ConfigError> {
    let mut webhooks: Vec<Webhook> = Vec::new();
    for (place, raw) in list.into_iter().enumerate() {
        let path = format!("webhook[{place}]");
        if raw.name.is_empty() || raw.name == "mail" {
            return Err(ConfigError::new(
                format!("{path}.name"),
                "it is empty or `mail`",
                "Write a short name, as crm.",
            ));
        }
        if webhooks.iter().any(|webhook| webhook.name == raw.name) {
            return Err(check::twice(&format!("{path}.name"), &raw.name));
        }
        let url = https(&raw.url).ok_or_else(|| {
            ConfigError::new(
                format!("{path}.url"),
                "it is no https:// address, or has a user in it",
                "Write an https:// address; http:// is for this machine itself alone.",
            )
        })?;
        let secret = raw
            .secret
            .expose()
            .strip_prefix(SECRET_PREFIX)
            .and_then(|text| STANDARD.decode(text).ok())
            .map(Zeroizing::new)
            .filter(|bytes| SECRET_BYTES.contains(&bytes.len()))
            .ok_or_else(|| {
                ConfigError::new(
                    format!("{path}.secret"),
                    "it is not whsec_ and the base64 of 24 to 64 bytes",
                    "Make one with `echo whsec_$(openssl rand -base64 32)`.",
                )
            })?;
        for (nth, event) in raw.events.iter().enumerate() {
            if !notice::TYPES.iter().any(|kind| notice::covers(event, kind)) {
                return Err(ConfigError::new(
                    format!("{path}.events[{nth}]"),
                    format!("there is no event `{event}`"),
                    format!(
                        "Use one of: callback.*, call.*, alert.*, {}.",
                        notice::TYPES.join(", ")
                    ),
                ));
            }
        }
        if raw.events.is_empty() {
            return Err(ConfigError::new(
                format!("{path}.events"),
                "it is empty, so nothing would be sent",
                "List events, as [\"callback.*\", \"alert.*\"].",
            ));
        }
        webhooks.push(Webhook {
            name: raw.name,
            url,
            secret,
            events: raw.events,
        });
    }
    Ok(webhooks)
}

/// Checks where mails go.
pub fn mail(raw: Option<RawMail>) -> Result<Option<Mail>, ConfigError> {
    let Some(raw) = raw else { return Ok(None) };
    let server = server(&raw.smtp)?;
    let mailbox = |path: String, text: &str| {
        text.parse::<Mailbox>().map_err(|_| {
            ConfigError::new(
                path,
                format!("`{text}` is no mail address"),
                "Write relay@example.com, or Relay <relay@example.com>.",
            )
        })
    };
    let from = mailbox("mail.from".into(), &raw.from)?;
    let to = raw
        .to
        .iter()
        .enumerate()
        .map(|(nth, text)| mailbox(format!("mail.to[{nth}]"), text))
        .collect::<Result<Vec<_>, _>>()?;
    if to.is_empty() {
        return Err(ConfigError::new(
            "mail.to",
            "it is empty",
            "List who is to be told.",
        ));
    }
    let credentials = match (raw.username, raw.password) {
        (Some(username), Some(password)) => Some((username, password)),
        (None, None) => None,
        _ => {
            return Err(ConfigError::new(
                "mail",
                "`username` and `password` belong together",
                "Give both or neither.",
            ));
        }
    };
    Ok(Some(Mail {
        server,
        from,
        to,
        credentials,
    }))
}

fn server(text: &str) -> Result<MailServer, ConfigError> {
    let wrong = || {
        ConfigError::new(
            "mail.smtp",
            "it is no smtps:// or smtp:// address of a mail server",
            "Write smtps://mail.example.com (TLS) or smtp://mail.example.com (STARTTLS), with a port where it is not the usual one.",
        )
    };
    let url = Url::parse(text).map_err(|_| wrong())?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && matches!(url.path(), "" | "/")
        && url.query().is_none();
    let host = url.host_str().filter(|host| plain && !host.is_empty());
    let (tls, usual_port) = match url.scheme() {
        "smtps" => (MailTls::Wrapped, 465),
        "smtp" if is_loopback(&url) => (MailTls::None, 25),
        "smtp" => (MailTls::StartTls, 587),
        _ => return Err(wrong()),
    };
    Ok(MailServer {
        host: host.ok_or_else(wrong)?.to_owned(),
        port: url.port().unwrap_or(usual_port),
        tls,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhook(url: &str, secret: &str, events: &[&str]) -> Result<Vec<Webhook>, ConfigError> {
        webhooks(vec![RawWebhook {
            name: "crm".into(),
            url: url.into(),
            secret: Secret::new(secret),
            events: events.iter().map(|&event| event.to_owned()).collect(),
        }])
    }

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn a_webhook_is_reached_by_https_or_on_this_machine() {
        for url in [
            "https://crm.example/hook",
            "http://127.0.0.1:8080/",
            "http://[::1]/x",
            "http://localhost/",
        ] {
            webhook(url, SECRET, &["callback.*"]).unwrap();
        }
        for url in [
            "http://crm.example/",
            "http://localhost.example/",
            "http://127.0.0.1.example/",
            "http://10.0.0.1/",
            "https://user:canary@crm.example/",
            "ftp://crm.example/",
            "file:///etc/passwd",
            "crm.example",
        ] {
            let error = webhook(url, SECRET, &["callback.*"]).unwrap_err();
            assert_eq!(error.path, "webhook[0].url", "{url}");
            assert!(!error.to_string().contains("canary"));
        }
    }

    #[test]
    fn every_mistake_about_a_webhook_is_named_by_its_path() {
        let url = "https://crm.example/";
        for (secret, events, path) in [
            ("canary", &["call.*"][..], "webhook[0].secret"),
            ("whsec_c2hvcnQ=", &["call.*"], "webhook[0].secret"),
            (SECRET, &["call.*", "calls"], "webhook[0].events[1]"),
            (SECRET, &["*"], "webhook[0].events[0]"),
            (SECRET, &[], "webhook[0].events"),
        ] {
            let error = webhook(url, secret, events).unwrap_err();
            assert_eq!(error.path, path);
            assert!(!error.to_string().contains("canary"), "{error}");
        }
    }

    #[test]
    fn mail_is_never_sent_in_clear_over_a_network() {
        for (smtp, port, tls) in [
            ("smtps://mail.example", 465, MailTls::Wrapped),
            ("smtp://mail.example", 587, MailTls::StartTls),
            ("smtp://mail.example:2525", 2525, MailTls::StartTls),
            ("smtp://127.0.0.1:2525", 2525, MailTls::None),
        ] {
            let server = server(smtp).unwrap();
            assert_eq!((server.port, server.tls), (port, tls), "{smtp}");
        }
        for smtp in [
            "mail.example",
            "http://mail.example",
            "smtp://user:canary@mail.example",
            "smtps://mail.example/path",
            "smtp://",
        ] {
            assert_eq!(server(smtp).unwrap_err().path, "mail.smtp", "{smtp}");
        }
    }

    #[test]
    fn a_mail_needs_a_sender_recipients_and_both_credentials_or_none() {
        let raw = |from: &str, to: &[&str], username: Option<&str>, password: Option<&str>| {
            mail(Some(RawMail {
                smtp: "smtps://mail.example".into(),
                from: from.into(),
                to: to.iter().map(|&to| to.to_owned()).collect(),
                username: username.map(str::to_owned),
                password: password.map(Secret::new),
            }))
            .map_err(|error| error.path)
        };
        let (from, to) = ("Relay <relay@acme.example>", &["desk@acme.example"][..]);
        raw(from, to, None, None).unwrap();
        raw(from, to, Some("u"), Some("p")).unwrap();
        assert_eq!(raw("relay", to, None, None).unwrap_err(), "mail.from");
        assert_eq!(raw(from, &[], None, None).unwrap_err(), "mail.to");
        assert_eq!(
            raw(from, &["desk@x", "desk"], None, None).unwrap_err(),
            "mail.to[1]"
        );
        assert_eq!(raw(from, to, Some("u"), None).unwrap_err(), "mail");
    }
}
