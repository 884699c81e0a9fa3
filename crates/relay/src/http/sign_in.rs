//! `/v1/sign-in`: an agent signs in at the provider.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use patchcord_core::error::Code;
use serde::Deserialize;
use utoipa::IntoParams;

use super::problem::{Document, Problem};
use super::sign_in_page;
use crate::relay::Relay;
use crate::sign_in::{self, ATTEMPT, Begun, Finished, NotSignedIn, ticket};

const COOKIE: &str = "patchcord_sign_in";

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

/// Sends the browser to the provider's sign-in page.
#[utoipa::path(
    get, path = "/v1/sign-in", tag = "agents", params(Begin),
    responses(
        (status = 302, description = "To the provider"),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused; a page for a browser"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed; a page for a browser"),
    ),
)]
pub async fn begin(
    State(relay): State<Arc<Relay>>,
    headers: HeaderMap,
    query: Result<Query<Begin>, QueryRejection>,
) -> Response {
    let begun = match query {
        Ok(Query(asked)) => begin_with(&relay, asked).await,
        Err(_) => Err(incomplete()),
    };
    let sent = begun.and_then(|begun| {
        let secure = if begun.redirect_uri.starts_with("https://") {
            "; Secure"
        } else {
            ""
        };
        let cookie = format!(
            "{COOKIE}={}; Path=/v1/sign-in; HttpOnly; SameSite=Lax; Max-Age={}{secure}",
            begun.cookie,
            ATTEMPT / 1000
        );
        redirect(&begun.page, &cookie)
    });
    sent.unwrap_or_else(|problem| sign_in_page::failed(&headers, problem.into()))
}

async fn begin_with(relay: &Relay, asked: Begin) -> Result<Begun, Problem> {
    match (asked.account, asked.r#return, asked.ticket) {
        (Some(account), Some(back), None) => sign_in::begin(relay, &account, &back),
        (None, None, Some(ticket)) => ticket::begin(relay, &ticket).await,
        _ => Err(incomplete()),
    }
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
    let gone = format!("{COOKIE}=; Path=/v1/sign-in; HttpOnly; Max-Age=0");
    let finished = sign_in::finish(&relay, cookie(&headers), &state, &code).await;
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

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get(header::COOKIE)?.to_str().ok()?;
    all.split(';')
        .filter_map(|one| one.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then_some(value))
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
