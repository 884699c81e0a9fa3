//! `GET /v1/config`: what a page needs to know before it shows anything.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::credentials::Credential;
use super::problem::{Document, Problem};
use super::query::Asked;
use crate::clock::{self, Millis};
use crate::config::{Agent, Consent, Field, FieldKind, SiteKey, TextPart, Topic, WhenClosed};
use crate::relay::Relay;

/// For a visitor.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitorConfig {
    /// The default country of numbers and texts.
    region: String,
    /// What can be asked for, in order.
    topics: Vec<TopicChoice>,
    /// What the visitor has to agree to.
    consent: Option<ConsentText>,
    /// What the form asks for besides the number.
    fields: Vec<FormField>,
    /// How many fields the page may add to those.
    page_fields: u8,
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

/// What the visitor has to agree to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Consent)]
pub struct ConsentText {
    /// Sent back with the wish; one for all languages.
    version: String,
    /// The words alone.
    text: String,
    /// The same words in pieces, some of them links.
    parts: Vec<TextPart>,
}

/// Something that the form asks for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Field)]
pub struct FormField {
    /// The name in `fields` and in the payload.
    name: String,
    /// `text`, `email`, `select`, `checkbox`, `date` or `hidden`.
    r#type: &'static str,
    /// The name for people.
    label: String,
    /// Whether it has to be filled in; a checkbox has to be checked.
    required: bool,
    /// The most characters of a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<u32>,
    /// What a browser may fill in, in the words of HTML's `autocomplete`.
    #[serde(skip_serializing_if = "Option::is_none")]
    autocomplete: Option<String>,
    /// What can be chosen from in a `select`, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<Vec<FormOption>>,
    /// The first day that is taken, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    min_date: Option<String>,
    /// The last day that is taken, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_date: Option<String>,
    /// The topics it is asked for; all where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    topics: Option<Vec<String>>,
}

/// One of several.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FieldOption)]
pub struct FormOption {
    /// As it is sent.
    value: String,
    /// For people.
    label: String,
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
    /// What becomes of a wish for as soon as possible while it is closed: `wait` until it opens, or `refuse`.
    when_closed: &'static str,
}

/// When a topic is called.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpeningHours {
    /// The IANA time zone of the business.
    zone: String,
    /// Whether it is open now.
    open: bool,
    /// When it opens next, RFC 3339 in UTC; null where it is open now, stays closed for a year, or nobody knows yet.
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
    params(("lang" = Option<String>, Query, description = "The language of texts for people, as `de` or `pt-BR`")),
    responses(
        (status = 200, body = ClientConfig),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
    ),
)]
pub async fn get(
    State(relay): State<Arc<Relay>>,
    credential: Credential,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let lang = language(query.as_deref())?;
    let config = match credential {
        Credential::Visitor(key) => ClientConfig::Visitor(for_visitor(&relay, &key, &lang)),
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

/// The language that is asked for: what a text is picked by, whatever it is.
///
/// # Errors
/// Another parameter, or one that is no language.
pub fn language(query: Option<&str>) -> Result<String, Problem> {
    let mut asked = Asked::read(query)?;
    let lang = asked.text("lang", 35)?;
    asked.finish()?;
    Ok(lang)
}

fn agreement(consent: &Consent, lang: &str) -> ConsentText {
    let text = consent.text.pick(lang);
    ConsentText {
        version: consent.version.clone(),
        text: text.plain(),
        parts: text.parts().to_vec(),
    }
}

fn form_field(field: &Field, lang: &str) -> FormField {
    let (kind, max) = match &field.kind {
        FieldKind::Text { max } => ("text", Some(*max)),
        FieldKind::Email { max } => ("email", Some(*max)),
        FieldKind::Hidden { max } => ("hidden", Some(*max)),
        FieldKind::Select { .. } => ("select", None),
        FieldKind::Checkbox => ("checkbox", None),
        FieldKind::Date { .. } => ("date", None),
    };
    let options = match &field.kind {
        FieldKind::Select { options } => Some(options.iter().map(|option| FormOption {
            value: option.value.clone(),
            label: option.label.pick(lang).clone(),
        })),
        _ => None,
    };
    let (min_date, max_date) = match field.kind {
        FieldKind::Date { min, max } => (min, max),
        _ => (None, None),
    };
    let label = field.label.as_ref().map(|label| label.pick(lang));
    FormField {
        name: field.name.clone(),
        r#type: kind,
        label: label.unwrap_or(&field.name).clone(),
        required: field.required,
        max,
        autocomplete: field.autocomplete.clone(),
        options: options.map(Iterator::collect),
        min_date: min_date.map(|day| day.to_string()),
        max_date: max_date.map(|day| day.to_string()),
        topics: field
            .topics
            .as_ref()
            .map(|topics| topics.iter().cloned().collect()),
    }
}

/// Where a platform has not told the hours yet, nobody is promised that somebody is there.
fn opening(topic: &Topic, now: Millis) -> Option<OpeningHours> {
    let Ok(hours) = topic.times.hours.hours() else {
        return Some(OpeningHours {
            zone: "UTC".to_owned(),
            open: false,
            opens_at: None,
        });
    };
    let hours = hours?;
    let next = hours.next_open(now);
    Some(OpeningHours {
        zone: hours.zone().to_owned(),
        open: next == Some(now),
        opens_at: next.filter(|&at| at > now).map(clock::to_rfc3339),
    })
}

fn for_visitor(relay: &Relay, key: &SiteKey, lang: &str) -> VisitorConfig {
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
                label: topic.label.pick(lang).clone(),
                schedule: topic.schedule,
                hours: opening(topic, now),
                when_closed: match topic.times.when_closed {
                    WhenClosed::Wait => "wait",
                    WhenClosed::Refuse => "refuse",
                },
            })
            .collect(),
        consent: key.consent.as_ref().map(|consent| agreement(consent, lang)),
        fields: key
            .fields
            .iter()
            .map(|field| form_field(field, lang))
            .collect(),
        page_fields: key.page_fields,
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
