//! `/callback`: the relay's own page for one callback, to change it or call it off.
//!
//! Which one it is stands in the fragment of its address, with the manage token: neither reaches the relay, a proxy
//! or a log. The page has nothing of either in it; the element in it asks for the callback.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use maud::{DOCTYPE, html};

use super::language::Language;
use crate::manage;
use crate::relay::Relay;

const STYLE: &str = include_str!("callback_page.css");
/// Nothing but the relay's own files, in nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// What the page has no use for.
const NO_FEATURES: &str =
    "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

/// The page, where the relay has what it needs for it.
pub fn router(relay: &Arc<Relay>) -> Router {
    if manage::own_page(&relay.config).is_none() {
        return Router::new();
    }
    Router::new()
        .route("/callback", get(page))
        .route("/callback.css", get(style))
}

async fn page(headers: HeaderMap) -> Response {
    let language = Language::of(&headers);
    let (title, without) = texts(language);
    let document = html! {
        (DOCTYPE)
        html lang=(language.tag()) dir=(language.direction()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/callback.css";
                script type="module" src="/patchcord.js" {}
            }
            body {
                main {
                    h1 { (title) }
                    patchcord-callback manage {}
                    noscript { p { (without) } }
                }
            }
        }
    };
    let mut response = Html(document.into_string()).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::VARY, "accept-language"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("permissions-policy", HeaderValue::from_static(NO_FEATURES));
    response
}

async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, STYLE).into_response()
}

/// The title, and what is said where no scripts run.
const fn texts(language: Language) -> (&'static str, &'static str) {
    match language {
        Language::En => ("Your callback", "This page needs JavaScript."),
        Language::De => ("Ihr Rückruf", "Diese Seite braucht JavaScript."),
        Language::Fr => ("Votre rappel", "Cette page a besoin de JavaScript."),
        Language::Es => ("Su llamada", "Esta página necesita JavaScript."),
        Language::Ar => ("معاودة الاتصال بكم", "تحتاج هذه الصفحة إلى JavaScript."),
        Language::Ja => (
            "折り返し電話のご依頼",
            "このページにはJavaScriptが必要です。",
        ),
    }
}
