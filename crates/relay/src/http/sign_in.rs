//! `/v1/sign-in`: an agent signs in at the provider.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use patchcord_core::error::Code;
use serde::Deserialize;
use utoipa::IntoParams;

use super::problem::{Document, Problem};
use crate::relay::Relay;
use crate::sign_in::{self, ATTEMPT};

const COOKIE: &str = "patchcord_sign_in";

/// Where somebody signs in, and where they go afterwards.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Begin {
    /// The name of the account.
    account: String,
    /// The page to come back to, on one of the agents' origins.
    r#return: String,
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
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed"),
    ),
)]
pub async fn begin(
    State(relay): State<Arc<Relay>>,
    query: Result<Query<Begin>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = query.map_err(|_| {
        Problem::of(
            Code::MissingField,
            "account",
            "The address needs `account` and `return`.",
        )
    })?;
    let begun = sign_in::begin(&relay, &asked.account, &asked.r#return)?;
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
}

/// Where the provider sends the browser back to; it goes on to the page, with a code in the fragment that
/// `POST /v1/sessions` takes.
#[utoipa::path(
    get, path = "/v1/sign-in/return", tag = "agents", params(Returned),
    responses(
        (status = 302, description = "To the page"),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed"),
    ),
)]
pub async fn finish(
    State(relay): State<Arc<Relay>>,
    headers: HeaderMap,
    query: Result<Query<Returned>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let failed = || Problem::new(Code::SignInFailed, "The provider sent nobody back.");
    let Query(returned) = query.map_err(|_| failed())?;
    let (Some(state), Some(code)) = (returned.state, returned.code) else {
        return Err(failed());
    };
    let page = sign_in::finish(&relay, cookie(&headers), &state, &code).await?;
    redirect(
        &page,
        &format!("{COOKIE}=; Path=/v1/sign-in; HttpOnly; Max-Age=0"),
    )
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
