//! `/v1/sign-in`: an agent signs in at the provider.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use patchcord_core::error::Code;
use serde::Deserialize;
use utoipa::IntoParams;

use super::address::ClientAddress;
use super::problem::{Document, Problem};
use super::sign_in_page;
use crate::clock::Millis;
use crate::relay::Relay;
use crate::sign_in::{self, ATTEMPT, Begun, Finished, Next, NotSignedIn, single_sign_on, ticket};

/// What belongs to an attempt. A browser takes the name with the prefix from this very host alone, over TLS: nothing
/// at a neighbouring one can put another's attempt in its place.
const COOKIE: &str = "__Host-patchcord_sign_in";
/// Without TLS, which is for trying it out on one machine.
const PLAIN_COOKIE: &str = "patchcord_sign_in";

/// Where somebody signs in, and where they go afterwards; or a ticket that says both.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Begin {
    /// The name of the account.
    account: Option<String>,
    /// The page to come back to, on one of the agents' origins.
    r#return: Option<String>,
    /// Instead of both, once: what `POST /v1/agent/{provider}/sign-in` gave.
    ticket: Option<String>,
}

/// What the provider adds to the address.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Returned {
    /// As it was given.
    state: Option<String>,
    /// The provider's code.
    code: Option<String>,
}

/// Sends the browser to the provider's sign-in page or, where there is single sign-on too, asks which way.
#[utoipa::path(
    get, path = "/v1/sign-in", tag = "agents", params(Begin),
    responses(
        (status = 200, content_type = "text/html", body = String, description = "Which way?"),
        (status = 302, description = "To the provider"),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused; a page for a browser"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed; a page for a browser"),
    ),
)]
pub async fn begin(
    State(relay): State<Arc<Relay>>,
    ClientAddress(from): ClientAddress,
    headers: HeaderMap,
    query: Result<Query<Begin>, QueryRejection>,
) -> Response {
    let begun = match query {
        Ok(Query(asked)) => begin_with(&relay, asked, from).await,
        Err(_) => Err(incomplete()),
    };
    go_on(&relay, &headers, begun)
}

async fn begin_with(relay: &Relay, asked: Begin, from: IpAddr) -> Result<Begun, Problem> {
    match (asked.account, asked.r#return, asked.ticket) {
        (Some(account), Some(back), None) => sign_in::begin(relay, &account, &back, from).await,
        (None, None, Some(ticket)) => ticket::begin(relay, &ticket, from).await,
        _ => Err(incomplete()),
    }
}

/// Sends the browser, which has begun, on to the identity provider of the account's single sign-on.
#[utoipa::path(
    get, path = "/v1/sign-in/sso", tag = "agents",
    responses(
        (status = 302, description = "To the identity provider"),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused; a page for a browser"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed; a page for a browser"),
    ),
)]
pub async fn single_sign_on(
    State(relay): State<Arc<Relay>>,
    ClientAddress(from): ClientAddress,
    headers: HeaderMap,
) -> Response {
    let begun = single_sign_on::begin(&relay, cookie(&relay, &headers), from).await;
    go_on(&relay, &headers, begun)
}

fn go_on(relay: &Relay, headers: &HeaderMap, begun: Result<Begun, Problem>) -> Response {
    let sent = begun.and_then(|begun| {
        let cookie = set_cookie(relay, &begun.cookie, ATTEMPT / 1000);
        match begun.next {
            Next::Page(page) => redirect(&page, &cookie),
            Next::Choice(page) => {
                let mut response = sign_in_page::choose(headers, &page);
                let cookie =
                    HeaderValue::from_str(&cookie).map_err(|error| Problem::internal(&error))?;
                response.headers_mut().insert(header::SET_COOKIE, cookie);
                Ok(response)
            }
        }
    });
    sent.unwrap_or_else(|problem| sign_in_page::failed(headers, problem.into()))
}

fn incomplete() -> Problem {
    Problem::of(
        Code::MissingField,
        "account",
        "The address needs `account` and `return`, or `ticket`.",
    )
}

/// Where the provider sends the browser back to. It goes on to the page, with a code in the fragment that
/// `POST /v1/sessions` takes; or, after a ticket, is told that it is done.
#[utoipa::path(
    get, path = "/v1/sign-in/return", tag = "agents", params(Returned),
    responses(
        (status = 200, content_type = "text/html", body = String, description = "After a ticket: the window can be closed"),
        (status = 302, description = "To the page"),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused; a page for a browser"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed; a page for a browser"),
    ),
)]
pub async fn finish(
    State(relay): State<Arc<Relay>>,
    headers: HeaderMap,
    query: Result<Query<Returned>, QueryRejection>,
) -> Response {
    let returned = query
        .ok()
        .and_then(|Query(returned)| Some((returned.state?, returned.code?)));
    let Some((state, code)) = returned else {
        let nobody = Problem::new(Code::SignInFailed, "The provider sent nobody back.");
        return sign_in_page::failed(&headers, nobody.into());
    };
    let gone = set_cookie(&relay, "", 0);
    let finished = sign_in::finish(&relay, cookie(&relay, &headers), &state, &code).await;
    let sent = finished.and_then(|finished| match finished {
        Finished::Page(page) => redirect(&page, &gone).map_err(NotSignedIn::from),
        Finished::SignedIn => {
            let mut page = sign_in_page::done(&headers);
            let gone = HeaderValue::from_str(&gone).map_err(|error| Problem::internal(&error))?;
            page.headers_mut().insert(header::SET_COOKIE, gone);
            Ok(page)
        }
    });
    sent.unwrap_or_else(|why| sign_in_page::failed(&headers, why))
}

/// Whether people come back to this relay over TLS.
fn is_secure(relay: &Relay) -> bool {
    let mut rules = relay.config.sign_ins.values();
    rules.all(|rules| rules.redirect_uri.starts_with("https://"))
}

/// A cookie with this value that is kept for so many seconds.
fn set_cookie(relay: &Relay, value: &str, seconds: Millis) -> String {
    let (name, secure) = if is_secure(relay) {
        (COOKIE, "; Secure")
    } else {
        (PLAIN_COOKIE, "")
    };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

/// The attempt's cookie. Of two, one is somebody else's, so neither counts.
fn cookie<'a>(relay: &Relay, headers: &'a HeaderMap) -> Option<&'a str> {
    let wanted = if is_secure(relay) {
        COOKIE
    } else {
        PLAIN_COOKIE
    };
    let all = headers.get_all(header::COOKIE).into_iter();
    let mut values = all
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|one| one.trim().split_once('='))
        .filter_map(|(name, value)| (name == wanted).then_some(value));
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

fn redirect(to: &str, cookie: &str) -> Result<Response, Problem> {
    let value = |text: &str| HeaderValue::from_str(text).map_err(|error| Problem::internal(&error));
    Ok((
        StatusCode::FOUND,
        [
            (header::LOCATION, value(to)?),
            (header::SET_COOKIE, value(cookie)?),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (
                header::REFERRER_POLICY,
                HeaderValue::from_static("no-referrer"),
            ),
        ],
    )
        .into_response())
}
