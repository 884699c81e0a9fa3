//! Webhooks: signed as Standard Webhooks 1.0 says (<https://www.standardwebhooks.com>), sent to configured
//! addresses alone, and to no other that one of them may point at.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Client, StatusCode, Url};

use crate::client;
use crate::clock::Millis;
use crate::config::Webhook;
use crate::http::problem::chain;

/// How long a receiver may take (Standard Webhooks: 15 to 30 s).
const TIMEOUT: Duration = Duration::from_secs(15);
/// How long a connection may take.
const MAX_CONNECT: Duration = Duration::from_secs(5);

/// A request as it is sent. `Debug` shows its id alone: the address may carry a secret, the body a number.
#[derive(PartialEq, Eq)]
pub struct Signed {
    /// Where to.
    pub url: Url,
    /// What the receiver can tell repetitions by; the same at each attempt.
    pub id: String,
    /// When this attempt is made, in seconds since the Unix epoch.
    pub timestamp: i64,
    /// `v1,` and base64.
    pub signature: String,
    /// A CloudEvent.
    pub body: String,
}

impl std::fmt::Debug for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signed")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Why something was not delivered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDelivered {
    /// It is worth another try.
    #[error("{0}")]
    Yet(String),
    /// It never will be.
    #[error("{0}")]
    Ever(String),
}

/// Signs an attempt to deliver a body.
pub fn sign(webhook: &Webhook, id: &str, body: String, now: Millis) -> Signed {
    let timestamp = now.div_euclid(1000);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &webhook.secret);
    let tag = hmac::sign(&key, format!("{id}.{timestamp}.{body}").as_bytes());
    Signed {
        url: webhook.url.clone(),
        id: id.to_owned(),
        timestamp,
        signature: format!("v1,{}", STANDARD.encode(tag.as_ref())),
        body,
    }
}

/// Sends webhooks.
#[derive(Debug, Clone)]
pub struct Webhooks(Client);

impl Webhooks {
    /// A client that follows no redirect: only the operator says where things are sent.
    ///
    /// # Errors
    /// A system without usable TLS roots.
    pub fn new() -> Result<Self, reqwest::Error> {
        client::builder()
            .connect_timeout(MAX_CONNECT)
            .timeout(TIMEOUT)
            .build()
            .map(Self)
    }

    /// Sends one attempt. What the receiver answers beside its status is not read.
    ///
    /// # Errors
    /// No 2xx; a receiver that is gone (410) is not asked again.
    pub async fn send(&self, signed: Signed) -> Result<(), NotDelivered> {
        let sent = self
            .0
            .post(signed.url)
            .header(
                "content-type",
                "application/cloudevents+json; charset=utf-8",
            )
            .header("webhook-id", signed.id)
            .header("webhook-timestamp", signed.timestamp)
            .header("webhook-signature", signed.signature)
            .body(signed.body)
            .send()
            .await;
        match sent.map(|reply| reply.status()) {
            Ok(status) if status.is_success() => Ok(()),
            Ok(StatusCode::GONE) => Err(NotDelivered::Ever("the receiver is gone (410)".into())),
            Ok(status) => Err(NotDelivered::Yet(format!(
                "the receiver answered {}",
                status.as_u16()
            ))),
            Err(error) => Err(NotDelivered::Yet(chain(&error.without_url()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn webhook(secret: &str) -> Webhook {
        Webhook {
            name: "crm".into(),
            url: Url::parse("https://crm.example/hooks/canary").unwrap(),
            secret: Zeroizing::new(STANDARD.decode(secret).unwrap()),
            events: Vec::new(),
        }
    }

    /// The vector that the Standard Webhooks libraries test themselves with; checked with `standardwebhooks`
    /// 1.1.0 (PyPI).
    #[test]
    fn the_signature_is_that_of_the_specification() {
        let signed = sign(
            &webhook("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            r#"{"test": 2432232314}"#.into(),
            1_614_265_330_999,
        );
        assert_eq!(
            signed.signature,
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        assert_eq!(signed.timestamp, 1_614_265_330);
    }

    #[test]
    fn nothing_secret_or_personal_is_in_debug() {
        let webhook = webhook("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signed = sign(&webhook, "wd_1", "+4930canary".into(), 0);
        let text = format!("{webhook:?} {signed:?}");
        assert!(text.contains("wd_1") && !text.contains("canary"), "{text}");
    }
}
