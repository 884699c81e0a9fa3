//! Keeps other sites from getting an assertion in the agent's name.
//!
//! A CRM recognises its agent by a cookie, and a browser sends that cookie along when another site
//! makes it post here. So the endpoint answers only a request that the browser says comes from the
//! CRM's own pages.

use axum::http::{HeaderMap, StatusCode, header};

use crate::problem::Problem;

/// Lets a request pass that comes from a page of this server.
///
/// `Sec-Fetch-Site` decides where it is present: only browsers set it and no page can change it.
/// Older browsers send `Origin`, which must then name this host. (Not both: with `Referrer-Policy:
/// no-referrer` a browser may send `Origin: null` from the right page.) With neither header nothing
/// proves where the request came from, and it is refused.
///
/// # Errors
/// A problem with the code `origin_not_allowed`.
pub fn check(headers: &HeaderMap) -> Result<(), Problem> {
    let same = match headers.get("sec-fetch-site") {
        Some(site) => site.as_bytes() == b"same-origin",
        None => origin_names_this_host(headers),
    };
    if same {
        return Ok(());
    }
    Err(Problem {
        status: StatusCode::FORBIDDEN,
        code: "origin_not_allowed",
        detail: "An assertion is given only to the CRM's own pages.".to_owned(),
        remedy: "Post with fetch() from a page of this server, or send its address as Origin.",
    })
}

/// The scheme is not compared: behind a proxy that ends TLS this server does not know its own.
fn origin_names_this_host(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(origin), Some(host)) = (text(header::ORIGIN), text(header::HOST)) else {
        return false;
    };
    origin
        .split_once("://")
        .is_some_and(|(_, from)| from.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(headers: &[(&'static str, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        map.insert("host", "127.0.0.1:4102".parse().unwrap());
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        check(&map).is_ok()
    }

    #[test]
    fn the_browsers_own_word_decides() {
        assert!(passes(&[("sec-fetch-site", "same-origin")]));
        assert!(passes(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "null")
        ]));
        for site in ["cross-site", "same-site", "none", ""] {
            assert!(!passes(&[
                ("sec-fetch-site", site),
                ("origin", "http://127.0.0.1:4102")
            ]));
        }
    }

    #[test]
    fn an_older_browser_must_name_this_host_as_origin() {
        assert!(passes(&[("origin", "http://127.0.0.1:4102")]));
        for origin in ["https://evil.example", "null", "http://127.0.0.1:4103"] {
            assert!(!passes(&[("origin", origin)]), "{origin}");
        }
    }

    #[test]
    fn a_request_that_proves_nothing_is_refused() {
        assert!(!passes(&[]));
    }
}
