//! `/hosts/{name}`: the page of a host's frame (`docs/hosts.md`). Only the pages at the host's origins may frame it.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use maud::{DOCTYPE, PreEscaped, html};
use patchcord_core::entity::EntityMapping;
use patchcord_core::error::Code;
use serde::Serialize;

use super::accept::Asker;
use super::problem::Problem;
use super::sign_in_page;
use crate::hosts::{Host, Kind};
use crate::relay::Relay;

/// Where Zendesk has the scripts of its apps' framework.
const ZENDESK_SCRIPTS: &str = "https://static.zdassets.com";
/// For a page that nobody may frame.
const NOBODY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// What the panel has no use for; telephony is the platform's own.
const NO_FEATURES: &str =
    "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

/// The pages of all hosts.
pub fn router(relay: Arc<Relay>) -> Router {
    Router::new()
        .route("/hosts/{name}", get(frame))
        .route("/hosts/{name}/signed-in", get(signed_in))
        .with_state(relay)
}

/// What the frame's script is told.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Settings<'a> {
    name: &'a str,
    kind: Kind,
    origins: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'a str>,
    /// The provider has no desk of its own: the panel's smaller module does.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    dialler: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    sign_in: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<&'a str>,
    region: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    entities: Option<&'a EntityMapping>,
    /// The relay reads the fields of a record.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    records: bool,
}

/// `GET /hosts/{name}`. What a CRM adds to the address is for its own script alone.
async fn frame(
    State(relay): State<Arc<Relay>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(host) = relay.hosts.get(&name) else {
        return unknown(&headers);
    };
    match settings(&host, &relay) {
        Ok(settings) => page(&host, &settings, sign_in_page::language(&headers)),
        Err(error) => Problem::internal(&error).into_response(),
    }
}

/// `GET /hosts/{name}/signed-in`: where the window goes back to in which somebody signed in for the frame.
async fn signed_in(
    State(relay): State<Arc<Relay>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    match relay.hosts.get(&name) {
        Some(_) => sign_in_page::back(&headers),
        None => unknown(&headers),
    }
}

/// The settings as JSON that nothing in it can end: no `<`, so no end of the element and no comment.
fn settings(host: &Host, relay: &Relay) -> Result<String, serde_json::Error> {
    let settings = Settings {
        name: &host.name,
        kind: host.kind,
        origins: host.origins.iter().map(String::as_str).collect(),
        provider: host.provider.as_deref(),
        dialler: host
            .provider
            .as_deref()
            .is_some_and(|provider| !has_desk(relay, provider)),
        sign_in: host.sign_in.as_deref(),
        system: host.system.as_deref(),
        region: &host.region,
        entities: host.entities.as_ref(),
        records: host.records.is_some(),
    };
    // `<` is only ever inside of a text, where JSON takes the escape.
    Ok(serde_json::to_string(&settings)?.replace('<', "\\u003c"))
}

/// Whether agents of one of the provider's accounts have a desk there.
fn has_desk(relay: &Relay, provider: &str) -> bool {
    let mut accounts = relay.accounts.values();
    accounts.any(|account| account.provider.name() == provider && account.agents.is_some())
}

fn page(host: &Host, settings: &str, lang: &str) -> Response {
    let document = html! {
        (DOCTYPE)
        html lang=(lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { "Patchcord" }
                link rel="icon" href="data:,";
                script type="application/json" id="patchcord-host" { (PreEscaped(settings)) }
                script type="module" src="/patchcord-host.js" {}
            }
            body { noscript { "This panel needs JavaScript." } }
        }
    };
    answer(document.into_string(), &policy(host))
}

/// Nothing but the relay's own files, and where the CRM's script is only to be had from the CRM, that.
fn policy(host: &Host) -> String {
    let origins: Vec<_> = host.origins.iter().map(String::as_str).collect();
    let origins = origins.join(" ");
    let elsewhere = match host.kind {
        Kind::OpenCti => format!(" {origins}"),
        Kind::Zendesk => format!(" {ZENDESK_SCRIPTS}"),
        Kind::Salesforce | Kind::Voice | Kind::Hubspot | Kind::Page => String::new(),
    };
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{elsewhere}; connect-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors {origins}"
    )
}

fn unknown(headers: &HeaderMap) -> Response {
    let problem = Problem::new(Code::NotFound, "There is no host of this name.")
        .with_remedy("Compare the address with the relay's [[host]], or with /admin/hosts.");
    if Asker::of(headers) == Asker::Program {
        return problem.into_response();
    }
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { "Not found · Patchcord" }
                link rel="icon" href="data:,";
            }
            body {
                main {
                    h1 { "Not found" }
                    p { (problem.detail()) }
                    @if let Some(remedy) = problem.remedy() { p { (remedy) } }
                }
            }
        }
    };
    let mut response = answer(document.into_string(), NOBODY);
    *response.status_mut() = problem.status();
    // So that it is counted.
    response.extensions_mut().insert(problem);
    response
}

fn answer(document: String, policy: &str) -> Response {
    let mut response = Html(document).into_response();
    let headers = response.headers_mut();
    // Origins are of few characters, all of which a header takes.
    let policy = HeaderValue::from_str(policy).unwrap_or(HeaderValue::from_static(NOBODY));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::VARY, "accept, accept-language"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("permissions-policy", HeaderValue::from_static(NO_FEATURES));
    response
}
