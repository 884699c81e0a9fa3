//! `GET /v1/config`: what a page needs to know before it shows anything.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::credentials::Credential;
use super::problem::{Document, Problem};
use crate::clock::{self, Millis};
use crate::config::{Agent, Consent, Field, SiteKey};
use crate::hours::Hours;
use crate::relay::Relay;

/// For a visitor.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitorConfig {
    /// The default country of numbers and texts.
    region: String,
    /// What can be asked for, in order.
    topics: Vec<TopicChoice>,
    /// What the visitor has to agree to.
    consent: Option<Consent>,
    /// What the form asks for besides the number.
    fields: Vec<Field>,
    /// `altcha` where a proof of work has to be sent.
    proof: Option<&'static str>,
    /// The captcha that has to be passed.
    captcha: Option<CaptchaChoice>,
    /// A field that a form has but does not show.
    honeypot: Option<String>,
}

/// A captcha service.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaptchaChoice {
    /// `turnstile`, `hcaptcha` or `recaptcha`.
    service: &'static str,
    /// The service's public key.
    site_key: String,
}

/// Something a visitor can ask to be called about.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopicChoice {
    /// The name in the API.
    topic: String,
    /// The name for people.
    label: String,
    /// Whether a time can be chosen.
    schedule: bool,
    /// When it is called; null is around the clock.
    hours: Option<OpeningHours>,
}

/// When a topic is called.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpeningHours {
    /// The IANA time zone of the business.
    zone: String,
    /// Whether it is open now.
    open: bool,
    /// When it opens next, RFC 3339 in UTC; null where it is open now, or stays closed for a year.
    opens_at: Option<String>,
}

/// For an agent.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentConfig {
    /// The default country of numbers and texts.
    region: String,
    /// Where the agent can call; the first is the default.
    providers: Vec<ProviderChoice>,
}

/// A provider that an agent has an identity at.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProviderChoice {
    /// Its name.
    provider: String,
    /// What it can do.
    capabilities: Vec<String>,
}

/// One or the other.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ClientConfig {
    /// For a publishable key.
    Visitor(VisitorConfig),
    /// For a session.
    Agent(AgentConfig),
}

/// What the page needs to know: for a key its topics, consent text and fields; for a session its providers.
#[utoipa::path(
    get, path = "/v1/config", tag = "pages",
    security(("session" = []), ("key" = [])),
    responses(
        (status = 200, body = ClientConfig),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
    ),
)]
pub async fn get(
    State(relay): State<Arc<Relay>>,
    credential: Credential,
) -> Result<Response, Problem> {
    let config = match credential {
        Credential::Visitor(key) => ClientConfig::Visitor(for_visitor(&relay, &key)),
        Credential::Agent(asker) => ClientConfig::Agent(AgentConfig {
            region: relay.config.region.clone(),
            providers: providers(&relay, &asker.agent),
        }),
    };
    Ok((
        [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        Json(config),
    )
        .into_response())
}

fn opening(hours: &Hours, now: Millis) -> OpeningHours {
    let next = hours.next_open(now);
    OpeningHours {
        zone: hours.zone().to_owned(),
        open: next == Some(now),
        opens_at: next.filter(|&at| at > now).map(clock::to_rfc3339),
    }
}

fn for_visitor(relay: &Relay, key: &SiteKey) -> VisitorConfig {
    let now = relay.clock.now();
    let topics = key
        .topics
        .iter()
        .filter_map(|name| relay.config.topics.get(name));
    VisitorConfig {
        region: key.region.clone(),
        topics: topics
            .map(|topic| TopicChoice {
                topic: topic.topic.clone(),
                label: topic.label.clone(),
                schedule: topic.schedule,
                hours: topic
                    .times
                    .hours
                    .as_deref()
                    .map(|hours| opening(hours, now)),
            })
            .collect(),
        consent: key.consent.clone(),
        fields: key.fields.clone(),
        proof: key.proof.map(|_| "altcha"),
        captcha: key.captcha.as_ref().map(|captcha| CaptchaChoice {
            service: captcha.service.as_str(),
            site_key: captcha.site_key.clone(),
        }),
        honeypot: key.honeypot.clone(),
    }
}

/// Where an agent can call, each provider once.
pub fn providers(relay: &Relay, agent: &Agent) -> Vec<ProviderChoice> {
    let mut choices: Vec<ProviderChoice> = Vec::new();
    for account in agent
        .identities
        .iter()
        .filter_map(|identity| relay.accounts.get(&identity.account))
    {
        let provider = account.provider.name();
        if choices.iter().all(|choice| choice.provider != provider) {
            choices.push(ProviderChoice {
                provider: provider.to_owned(),
                capabilities: account
                    .capabilities()
                    .map(|can| can.as_str().to_owned())
                    .collect(),
            });
        }
    }
    choices
}
