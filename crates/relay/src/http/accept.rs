//! Whether whoever asks can read a page.

use axum::http::{HeaderMap, header};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// Somebody at a browser, who can read a page.
    Browser,
    /// Anything else.
    Program,
}

impl Asker {
    /// A browser says that it can show a page whenever somebody goes to one; programs do not, or say `*/*`.
    pub fn of(headers: &HeaderMap) -> Self {
        let shows_pages = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|kind| kind.split(';').next())
            .any(|kind| kind.trim().eq_ignore_ascii_case("text/html"));
        if shows_pages {
            Self::Browser
        } else {
            Self::Program
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_browser_is_told_from_a_program_by_what_it_accepts() {
        let asker = |accept: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for &value in accept {
                headers.append(header::ACCEPT, HeaderValue::from_static(value));
            }
            Asker::of(&headers)
        };
        for browser in [
            &["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"][..],
            &["application/xml", "Text/HTML;q=0.5"],
        ] {
            assert_eq!(asker(browser), Asker::Browser, "{browser:?}");
        }
        for program in [
            &[][..],
            &["*/*"],
            &["application/json"],
            &["text/css,*/*;q=0.1"],
            &["text/html-like"],
        ] {
            assert_eq!(asker(program), Asker::Program, "{program:?}");
        }
    }
}
