//! The two pages, and what they are made of.

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;

/// Nothing but what the sandbox itself serves.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Path, media type and content of every file.
const FILES: [(&str, &str, &str); 7] = [
    ("/_sandbox/dock", HTML, include_str!("pages/dock.html")),
    ("/_sandbox/desk", HTML, include_str!("pages/desk.html")),
    ("/_sandbox/page.js", SCRIPT, include_str!("pages/page.js")),
    ("/_sandbox/dock.js", SCRIPT, include_str!("pages/dock.js")),
    ("/_sandbox/desk.js", SCRIPT, include_str!("pages/desk.js")),
    (
        "/_sandbox/page.css",
        "text/css; charset=utf-8",
        include_str!("pages/page.css"),
    ),
    (
        "/_sandbox/icon.svg",
        "image/svg+xml",
        include_str!("pages/icon.svg"),
    ),
];

pub(crate) fn router() -> Router {
    let to_dock = || async { Redirect::temporary("/_sandbox/dock") };
    let to_icon = || async { Redirect::temporary("/_sandbox/icon.svg") };
    let router = Router::new()
        .route("/", get(to_dock))
        .route("/_sandbox", get(to_dock))
        .route("/_sandbox/", get(to_dock))
        .route("/favicon.ico", get(to_icon));
    FILES.iter().fold(router, |router, file| {
        let (path, media_type, content) = *file;
        let serve = move || async move {
            let headers = [
                (header::CONTENT_TYPE, media_type),
                (header::CONTENT_SECURITY_POLICY, POLICY),
                (header::CACHE_CONTROL, "no-cache"),
            ];
            (headers, content).into_response()
        };
        router.route(path, get(serve))
    })
}
