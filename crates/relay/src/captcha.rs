//! Captcha services: whether one of them vouches for a visitor.
//!
//! Turnstile, hCaptcha and reCAPTCHA take the same form and give the same answer (`{"success": true}`). Nothing
//! about the visitor is sent but what the service itself gave them.

use std::time::Duration;

use patchcord_core::error::Code;
use reqwest::Client;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::client;
use crate::config::Captcha;
use crate::http::problem::{Problem, chain};

/// How long a service may take; the visitor waits.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The longest answer of a browser (Turnstile: 2048 characters).
const MAX_ANSWER: usize = 4096;
/// The most bytes of a service's reply.
const MAX_REPLY: usize = 64 * 1024;

/// Asks captcha services.
#[derive(Debug, Clone)]
pub struct Captchas(Client);

/// What a service says about an answer.
#[derive(Debug, Deserialize)]
pub struct Verdict {
    /// Whether it vouches for the visitor.
    pub success: bool,
    /// Why not, in the service's words.
    #[serde(default, rename = "error-codes")]
    pub errors: Vec<String>,
}

impl Verdict {
    /// Reads the body of a service's reply; `None` where it is no such reply: then nobody vouches.
    pub fn read(body: &[u8]) -> Option<Self> {
        // By way of a map: for a struct serde also takes a list, and skips over what is no text.
        let object: Map<String, Value> = serde_json::from_slice(body).ok()?;
        serde_json::from_value(Value::Object(object)).ok()
    }
}

impl Captchas {
    /// A client that follows no redirect.
    ///
    /// # Errors
    /// A system without usable TLS roots.
    pub fn new() -> Result<Self, reqwest::Error> {
        client::builder().timeout(TIMEOUT).build().map(Self)
    }

    /// Checks an answer. Each can be checked once: the service forgets it.
    ///
    /// # Errors
    /// [`Code::CaptchaFailed`]; also where the service does not answer, because then nobody vouches.
    pub async fn check(&self, captcha: &Captcha, answer: Option<&str>) -> Result<(), Problem> {
        let answer = answer
            .filter(|answer| (1..=MAX_ANSWER).contains(&answer.len()))
            .ok_or_else(failed)?;
        match self.ask(captcha, answer).await {
            Ok(verdict) if verdict.success => Ok(()),
            Ok(verdict) => {
                tracing::info!(service = captcha.service.as_str(), errors = ?verdict.errors, "captcha not passed");
                Err(failed())
            }
            Err(error) => {
                tracing::warn!(
                    service = captcha.service.as_str(),
                    error,
                    "captcha service failed"
                );
                Err(failed())
            }
        }
    }

    async fn ask(&self, captcha: &Captcha, answer: &str) -> Result<Verdict, String> {
        let failed = |error: reqwest::Error| chain(&error.without_url());
        let form = patchcord_core::http::Request::form(
            captcha.verify_url.to_string(),
            &[("secret", captcha.secret.expose()), ("response", answer)],
        );
        let mut reply = self
            .0
            .post(form.url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(
                form.body
                    .map(|body| body.text().to_owned())
                    .unwrap_or_default(),
            )
            .send()
            .await
            .map_err(failed)?;
        let mut body = Vec::new();
        while let Some(chunk) = reply.chunk().await.map_err(failed)? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_REPLY {
                return Err("the reply is too long".into());
            }
        }
        Verdict::read(&body)
            .ok_or_else(|| format!("the reply ({}) cannot be read", reply.status().as_u16()))
    }
}

fn failed() -> Problem {
    Problem::of(
        Code::CaptchaFailed,
        "captcha",
        "The captcha service did not vouch for the visitor.",
    )
    .with_remedy("Show the captcha again and send its new answer as `captcha`.")
}
