//! The admin pages: what a person has to look at, decide and switch. Server-rendered, without scripts.
//!
//! Mounted under `/admin` where `[admin]` is configured. [`access`] says who asks: every page takes an
//! [`access::Admin`], every change an [`access::Order`], which cannot be had without the session's own word
//! (CSRF) and the configured origin. What is refused is a [`failure::Failure`] or a problem of [`crate::http`]: a
//! page for a browser, a document for a program, with a code either way. Every change and every look at a number is in the audit log.

mod access;
mod agents;
mod alerts;
mod asked;
mod attempts;
mod audit;
mod callback;
mod conferences;
mod failure;
mod hosts;
mod hours;
mod kept_hours;
mod keys;
mod outbox;
mod overview;
mod page;
mod people;
mod provisioning;
mod queues;
mod refusals;
mod show;
mod statistics;
mod switch;
mod sync;
mod tasks;
mod tokens;
pub mod waiting;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{any, get, post};

use crate::relay::Relay;
use failure::Failure;

/// Nothing from elsewhere, no script at all, and no page around it.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Every page, by its whole path.
pub fn router(relay: Arc<Relay>) -> Router {
    Router::new()
        .route("/admin", get(overview::get))
        .route(access::STATISTICS, get(statistics::get))
        .route(access::STATISTICS_CSV, get(statistics::file))
        .route("/admin/alerts", get(alerts::list))
        .route("/admin/alerts/{id}", get(alerts::get).post(alerts::decide))
        .route("/admin/outbox", get(outbox::get))
        .route(
            "/admin/callbacks/{id}",
            get(callback::get).post(callback::show),
        )
        .route("/admin/calls/{id}", post(alerts::show_call))
        .route("/admin/refusals", get(refusals::get))
        .route("/admin/agents", get(agents::get))
        .route(
            "/admin/agents/sync",
            // The form has a limit of its own.
            get(sync::get)
                .post(sync::post)
                .layer(DefaultBodyLimit::disable()),
        )
        .route("/admin/accounts/{account}/agents", get(people::list))
        .route(
            "/admin/accounts/{account}/agents/{agent}",
            get(people::get).post(people::change),
        )
        .route(
            "/admin/accounts/{account}/agents/{agent}/enabled",
            get(people::ask).post(people::turn),
        )
        .route("/admin/accounts/{account}/groups", get(people::list_groups))
        .route(
            "/admin/accounts/{account}/groups/{group}",
            get(people::members),
        )
        .route("/admin/provisioning", get(provisioning::get))
        .route("/admin/hosts", get(hosts::list).post(hosts::make))
        .route("/admin/new-host", get(hosts::new))
        .route("/admin/hosts/{name}", get(hosts::get))
        .route(
            "/admin/hosts/{name}/edit",
            get(hosts::ask).post(hosts::change),
        )
        .route("/admin/hosts/{name}/call", post(hosts::call))
        .route("/admin/hosts/{name}/record", post(hosts::record))
        .route("/admin/hosts/{name}/unmapped", get(hosts::unmapped))
        .route(
            "/admin/hosts/{name}/remove",
            get(hosts::ask_to_remove).post(hosts::remove),
        )
        .route("/admin/hours", get(hours::get).post(hours::read))
        .route(kept_hours::KEPT, get(kept_hours::get))
        .route(tasks::TASKS, get(tasks::list))
        .route(
            "/admin/tasks/{account}/{id}",
            get(tasks::get).post(tasks::show),
        )
        .route(
            "/admin/tasks/{account}/{id}/end",
            get(tasks::ask_to_end).post(tasks::end),
        )
        .route(tasks::SCHEDULES, get(tasks::list_schedules))
        .route(
            "/admin/new-schedule",
            get(tasks::new_schedule).post(tasks::make_schedule),
        )
        .route(
            "/admin/schedules/{account}/{name}/delete",
            get(tasks::ask_to_delete).post(tasks::delete),
        )
        .route(queues::QUEUES, get(queues::list))
        .route(
            "/admin/queues/{account}/{queue}",
            get(queues::get).post(queues::show),
        )
        .route(
            "/admin/conferences/{account}/{conference}",
            get(conferences::get).post(conferences::show),
        )
        .route("/admin/keys", get(keys::get))
        .route("/admin/tokens", get(tokens::get))
        .route("/admin/audit", get(audit::get))
        .route("/admin/dialling", get(switch::get).post(switch::turn))
        .route("/admin/sign-in", get(access::ask).post(access::sign_in))
        .route(access::SIGN_OUT, post(access::sign_out))
        .route(page::STYLE_PATH, get(page::style))
        .route("/admin/", any(nothing))
        .route("/admin/{*rest}", any(nothing))
        .method_not_allowed_fallback(async || Failure::Method)
        .layer(middleware::from_fn(failure::show))
        .layer(middleware::from_fn(protect))
        .with_state(relay)
}

async fn nothing() -> Failure {
    Failure::NotFound
}

/// What every reply says to the browser.
async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not `no-referrer`: with it browsers send `Origin: null`, and every form would be refused.
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
