//! What somebody sees at the end of signing in, in the window that was opened for it.

use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::accept::Asker;
use super::problem::Problem;
use crate::random;
use crate::sign_in::NotSignedIn;

/// Closes a window that a script has opened; nothing happens to any other.
const SCRIPT: &str = "close()";
/// What hands a code to the frame that opened the window, and closes it.
const HAND_OVER: &str = "/patchcord-signed-in.js";
const NOTHING: &str = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// Nothing but that script.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(random::hash(SCRIPT.as_bytes()));
    format!("{NOTHING}; script-src 'sha256-{hash}'")
});

/// What is said, in one language.
struct Texts {
    lang: &'static str,
    done: &'static str,
    close: &'static str,
    failed: &'static str,
    somebody_else: &'static str,
    again: &'static str,
}

const ENGLISH: Texts = Texts {
    lang: "en",
    done: "You are signed in.",
    close: "You can close this window.",
    failed: "Signing in did not work.",
    somebody_else: "You signed in as somebody else. Sign in as yourself.",
    again: "Close this window and begin again.",
};

const GERMAN: Texts = Texts {
    lang: "de",
    done: "Sie sind angemeldet.",
    close: "Sie können dieses Fenster schließen.",
    failed: "Die Anmeldung ist misslungen.",
    somebody_else: "Sie haben sich als jemand anderes angemeldet. Melden Sie sich als Sie selbst an.",
    again: "Schließen Sie dieses Fenster und beginnen Sie noch einmal.",
};

/// It worked: the window closes by itself, where it may.
pub fn done(headers: &HeaderMap) -> Response {
    let texts = texts(headers);
    let body = html! {
        h1 { (texts.done) }
        p { (texts.close) }
        script { (PreEscaped(SCRIPT)) }
    };
    page(texts, texts.done, &body, &POLICY)
}

/// The window of a host's frame is back, with a code in the fragment: a script gives it to the frame.
pub fn back(headers: &HeaderMap) -> Response {
    let texts = texts(headers);
    let body = html! {
        h1 { (texts.done) }
        p { (texts.close) }
        script type="module" src=(HAND_OVER) {}
    };
    page(
        texts,
        texts.done,
        &body,
        &format!("{NOTHING}; script-src 'self'"),
    )
}

/// The language for whoever asks: the first that their browser names of those that there are.
pub fn language(headers: &HeaderMap) -> &'static str {
    texts(headers).lang
}

/// It did not work: a page for a browser, a problem document for a program.
pub fn failed(headers: &HeaderMap, why: NotSignedIn) -> Response {
    let texts = texts(headers);
    let somebody_else = matches!(why, NotSignedIn::SomebodyElse);
    let problem = Problem::from(why);
    if Asker::of(headers) == Asker::Program {
        return problem.into_response();
    }
    let body = html! {
        h1 { (texts.failed) }
        @if somebody_else { p { (texts.somebody_else) } }
        p { (texts.again) }
        p { code { (problem.code().as_str()) } }
    };
    let mut response = page(texts, texts.failed, &body, NOTHING);
    *response.status_mut() = problem.status();
    // So that it is counted.
    response.extensions_mut().insert(problem);
    response
}

fn page(texts: &Texts, title: &str, body: &Markup, policy: &str) -> Response {
    let document = html! {
        (DOCTYPE)
        html lang=(texts.lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) }
                link rel="icon" href="data:,";
            }
            body { main { (body) } }
        }
    };
    let mut response = Html(document.into_string()).into_response();
    let headers = response.headers_mut();
    let policy = HeaderValue::from_str(policy).unwrap_or(HeaderValue::from_static(NOTHING));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::VARY, "accept, accept-language"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The language that the browser names first of those that there are.
fn texts(headers: &HeaderMap) -> &'static Texts {
    let wished = headers.get(header::ACCEPT_LANGUAGE);
    let wished = wished
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let known = wished.split(',').find_map(|tag| {
        let (primary, _) = tag.trim().split_at_checked(2)?;
        match primary.to_ascii_lowercase().as_str() {
            "de" => Some(&GERMAN),
            "en" => Some(&ENGLISH),
            _ => None,
        }
    });
    known.unwrap_or(&ENGLISH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_first_one_that_is_known() {
        let lang = |wished: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, wished.parse().unwrap());
            texts(&headers).lang
        };
        assert_eq!(lang("de-AT,de;q=0.9,en;q=0.8"), "de");
        assert_eq!(lang("fr-FR, en;q=0.5, de;q=0.4"), "en");
        assert_eq!(lang("x"), "en");
        assert_eq!(lang(""), "en");
        assert_eq!(texts(&HeaderMap::new()).lang, "en");
    }

    #[test]
    fn the_policy_lets_the_one_script_through() {
        // `printf 'close()' | openssl dgst -sha256 -binary | base64`
        assert!(
            POLICY.ends_with("script-src 'sha256-GFdus4tIg4GNX0lWNkkH/vMcNIl1NG7q7TWRqw2H0bM='"),
            "{}",
            *POLICY
        );
    }
}
