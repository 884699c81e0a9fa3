//! The routes.

use std::sync::Arc;

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use crate::assertion::{AgentId, Signer};
use crate::pages::Pages;
use crate::policy::Policy;
use crate::problem::Problem;
use crate::same_origin;
use crate::settings::Settings;

/// Who is logged in to the demo's CRM unless the page says otherwise.
const DEFAULT_AGENT: &str = "005ALEX";

struct App {
    pages: Pages,
    policy: Policy,
    signer: Signer,
}

/// Everything the demo serves.
pub fn router(settings: Settings) -> Router {
    let app = Arc::new(App {
        signer: Signer::demo(settings.audience, &settings.secret),
        policy: settings.policy,
        pages: settings.pages,
    });
    Router::new()
        .route("/crm", get(|| async { Redirect::permanent("/crm/") }))
        .route("/site", get(|| async { Redirect::permanent("/site/") }))
        .route(
            "/playground",
            get(|| async { Redirect::permanent("/playground/") }),
        )
        .route("/crm/assertion", any(assertion))
        .fallback(page)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), protect))
        .with_state(app)
}

#[derive(Deserialize)]
struct Login {
    user: Option<String>,
}

/// `POST /crm/assertion`: the one endpoint that a CRM adds for Patchcord.
///
/// A real CRM takes the agent from its own login session, **never from the request**. The demo has
/// no login, so that `?user=` can stand for "somebody else has logged in".
async fn assertion(
    State(app): State<Arc<App>>,
    method: Method,
    headers: HeaderMap,
    Query(login): Query<Login>,
) -> Result<Response, Problem> {
    if method != Method::POST {
        return Ok(only_post());
    }
    same_origin::check(&headers)?;
    let agent: AgentId = login
        .user
        .as_deref()
        .unwrap_or(DEFAULT_AGENT)
        .parse()
        .map_err(|error: crate::assertion::NotAnAgentId| Problem {
            status: StatusCode::BAD_REQUEST,
            code: "invalid_field",
            detail: format!("user: {error}"),
            remedy: "The demo's agents are 005ALEX and 005SAM.",
        })?;
    let assertion = app
        .signer
        .sign(&agent, jsonwebtoken::get_current_timestamp())
        .map_err(|error| internal(&error))?;
    // An assertion is a credential: no cache may keep it.
    let head = [(header::CACHE_CONTROL, "no-store")];
    Ok((head, Json(json!({ "assertion": assertion }))).into_response())
}

fn only_post() -> Response {
    let problem = Problem {
        status: StatusCode::METHOD_NOT_ALLOWED,
        code: "method_not_allowed",
        detail: "An assertion is given to a POST only.".to_owned(),
        remedy: "Send a POST without a body.",
    };
    ([(header::ALLOW, "POST")], problem).into_response()
}

fn internal(error: &dyn std::error::Error) -> Problem {
    tracing::error!(%error, "the demo failed");
    Problem {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        code: "internal",
        detail: "The demo failed.".to_owned(),
        remedy: "Look at what the demo's server wrote to its terminal.",
    }
}

async fn page(
    State(app): State<Arc<App>>,
    method: Method,
    request: Request,
) -> Result<Response, Problem> {
    if method != Method::GET && method != Method::HEAD {
        return Ok(StatusCode::METHOD_NOT_ALLOWED.into_response());
    }
    // Names in the folder need no percent-encoding: an encoded path finds nothing.
    let found = app
        .pages
        .get(request.uri().path())
        .await
        .map_err(|error| internal(&error))?;
    Ok(found.unwrap_or_else(not_found))
}

fn not_found() -> Response {
    let page = "<!doctype html><html lang=en><meta charset=utf-8><title>Not found</title>\
                <h1>Not found</h1><p><a href=/>Back to the demo</a></p></html>";
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}

#[derive(Deserialize)]
struct Wish {
    csp: Option<Policy>,
}

/// Puts the security headers on every reply. `?csp=` picks another policy for one page, so that one
/// server is enough for trying them all; nothing but a demo should let a visitor do that.
async fn protect(
    State(app): State<Arc<App>>,
    Query(wish): Query<Wish>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let policy = wish.csp.unwrap_or(app.policy);
    if let Some(text) = policy.header(&app.pages.relay) {
        let value = HeaderValue::try_from(text).map_err(|error| internal(&error))?;
        headers.insert(header::CONTENT_SECURITY_POLICY, value);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    Ok(response)
}
