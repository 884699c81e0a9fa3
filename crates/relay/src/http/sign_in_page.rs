//! What somebody sees of the relay while they sign in, in the window that was opened for it: which way, and how it
//! ended.

use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::accept::Asker;
use super::language::Language;
use super::problem::Problem;
use crate::random;
use crate::sign_in::NotSignedIn;

/// Closes a window that a script has opened; nothing happens to any other.
const SCRIPT: &str = "close()";
/// What hands a code to the frame that opened the window, and closes it.
const HAND_OVER: &str = "/patchcord-signed-in.js";
/// Where single sign-on begins.
const SINGLE_SIGN_ON: &str = "/v1/sign-in/sso";
const NOTHING: &str = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// Nothing but that script.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(random::hash(SCRIPT.as_bytes()));
    format!("{NOTHING}; script-src 'sha256-{hash}'")
});

/// What is said, in one language.
struct Texts {
    sign_in: &'static str,
    single_sign_on: &'static str,
    password: &'static str,
    done: &'static str,
    close: &'static str,
    failed: &'static str,
    somebody_else: &'static str,
    again: &'static str,
}

const fn texts(language: Language) -> &'static Texts {
    match language {
        Language::En => &Texts {
            sign_in: "Sign in",
            single_sign_on: "With single sign-on",
            password: "With user name and password",
            done: "You are signed in.",
            close: "You can close this window.",
            failed: "Signing in did not work.",
            somebody_else: "You signed in as somebody else. Sign in as yourself.",
            again: "Close this window and begin again.",
        },
        Language::De => &Texts {
            sign_in: "Anmelden",
            single_sign_on: "Mit Single Sign-on",
            password: "Mit Benutzername und Passwort",
            done: "Sie sind angemeldet.",
            close: "Sie können dieses Fenster schließen.",
            failed: "Die Anmeldung ist misslungen.",
            somebody_else: "Sie haben sich als jemand anderes angemeldet. Melden Sie sich als Sie selbst an.",
            again: "Schließen Sie dieses Fenster und beginnen Sie noch einmal.",
        },
        Language::Fr => &Texts {
            sign_in: "Se connecter",
            single_sign_on: "Avec l’authentification unique (SSO)",
            password: "Avec identifiant et mot de passe",
            done: "Vous êtes connecté.",
            close: "Vous pouvez fermer cette fenêtre.",
            failed: "La connexion a échoué.",
            somebody_else: "Vous vous êtes connecté avec un autre compte. Connectez-vous avec le vôtre.",
            again: "Fermez cette fenêtre et recommencez.",
        },
        Language::Es => &Texts {
            sign_in: "Iniciar sesión",
            single_sign_on: "Con inicio de sesión único (SSO)",
            password: "Con usuario y contraseña",
            done: "Ha iniciado sesión.",
            close: "Puede cerrar esta ventana.",
            failed: "No se pudo iniciar sesión.",
            somebody_else: "Ha iniciado sesión con la cuenta de otra persona. Inicie sesión con la suya.",
            again: "Cierre esta ventana y empiece de nuevo.",
        },
        Language::Ar => &Texts {
            sign_in: "تسجيل الدخول",
            single_sign_on: "بالدخول الموحّد (SSO)",
            password: "باسم المستخدم وكلمة المرور",
            done: "تم تسجيل الدخول.",
            close: "يمكنك إغلاق هذه النافذة.",
            failed: "تعذّر تسجيل الدخول.",
            somebody_else: "سجّلت الدخول بحساب شخص آخر. سجّل الدخول بحسابك.",
            again: "أغلق هذه النافذة وابدأ من جديد.",
        },
        Language::Ja => &Texts {
            sign_in: "サインイン",
            single_sign_on: "シングルサインオン",
            password: "ユーザー名とパスワード",
            done: "サインインしました。",
            close: "このウィンドウを閉じてください。",
            failed: "サインインできませんでした。",
            somebody_else: "別の人としてサインインしています。ご自身のアカウントでサインインしてください。",
            again: "このウィンドウを閉じて、もう一度お試しください。",
        },
    }
}

/// Which way: single sign-on, or the provider's own page.
pub fn choose(headers: &HeaderMap, page_of_provider: &str) -> Response {
    let language = Language::of(headers);
    let texts = texts(language);
    let body = html! {
        h1 { (texts.sign_in) }
        ul {
            li { a href=(SINGLE_SIGN_ON) { (texts.single_sign_on) } }
            li { a href=(page_of_provider) { (texts.password) } }
        }
    };
    page(language, texts.sign_in, &body, NOTHING)
}

/// It worked: the window closes by itself, where it may.
pub fn done(headers: &HeaderMap) -> Response {
    let language = Language::of(headers);
    let texts = texts(language);
    let body = html! {
        h1 { (texts.done) }
        p { (texts.close) }
        script { (PreEscaped(SCRIPT)) }
    };
    page(language, texts.done, &body, &POLICY)
}

/// The window of a host's frame is back, with a code in the fragment: a script gives it to the frame.
pub fn back(headers: &HeaderMap) -> Response {
    let language = Language::of(headers);
    let texts = texts(language);
    let body = html! {
        h1 { (texts.done) }
        p { (texts.close) }
        script type="module" src=(HAND_OVER) {}
    };
    page(
        language,
        texts.done,
        &body,
        &format!("{NOTHING}; script-src 'self'"),
    )
}

/// The language for whoever asks: the first that their browser names of those that there are.
pub fn language(headers: &HeaderMap) -> &'static str {
    Language::of(headers).tag()
}

/// It did not work: a page for a browser, a problem document for a program.
pub fn failed(headers: &HeaderMap, why: NotSignedIn) -> Response {
    let language = Language::of(headers);
    let texts = texts(language);
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
    let mut response = page(language, texts.failed, &body, NOTHING);
    *response.status_mut() = problem.status();
    // So that it is counted.
    response.extensions_mut().insert(problem);
    response
}

fn page(language: Language, title: &str, body: &Markup, policy: &str) -> Response {
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

#[cfg(test)]
mod tests {
    use super::*;

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
