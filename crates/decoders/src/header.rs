//! Headers, and values in them.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use patchcord_core::error::Code;
use patchcord_relay::config::{ForwardedHeader, Proxies};
use patchcord_relay::http::address::client;
use patchcord_relay::http::body::is_json;
use patchcord_relay::{again, clock, idempotent};

use crate::codes::check_problem;

/// Takes any lines as headers, and any text as a time and as a content type.
pub fn check(data: &[u8]) {
    let headers = headers(data);
    check_claim(&headers, data);
    if let Some(seconds) = again::retry_after(&headers) {
        let value = headers["retry-after"].to_str().expect("text").trim();
        if value.bytes().all(|b| b.is_ascii_digit()) {
            assert_eq!(value.trim_start_matches('0'), digits(seconds));
        } else {
            // A date counts from the reply's own.
            assert!(headers.contains_key("date"), "{value}");
        }
    }
    check_address(&headers);
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if is_json(text) {
        let lower = text.trim_start().to_ascii_lowercase();
        assert!(lower.starts_with("application/json"), "{text}");
        assert!(
            !lower.contains("charset") || lower.contains("utf-8"),
            "{text}"
        );
    }
    if let Some(at) = clock::from_rfc3339(text) {
        let again = clock::to_rfc3339(at);
        // Only years of four digits can be written.
        assert!(
            again.is_empty() || clock::from_rfc3339(&again) == Some(at),
            "{text} {again}"
        );
    }
}

fn digits(seconds: u32) -> String {
    match seconds {
        0 => String::new(),
        _ => seconds.to_string(),
    }
}

/// The lines that can be headers at all, as hyper lets them through.
fn headers(data: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in data.split(|&byte| byte == b'\n').take(64) {
        let Some(colon) = line.iter().position(|&byte| byte == b':') else {
            continue;
        };
        let value = line[colon + 1..].trim_ascii();
        let (name, value) = (
            HeaderName::from_bytes(&line[..colon]),
            HeaderValue::from_bytes(value),
        );
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    headers
}

/// A stranger says nothing about who asks, a proxy no more than its own last word.
fn check_address(headers: &HeaderMap) {
    let [stranger, proxy] = ["203.0.113.1", "10.0.0.1"].map(|ip| ip.parse().expect("an address"));
    for header in [ForwardedHeader::XForwardedFor, ForwardedHeader::Forwarded] {
        let proxies = Proxies {
            trusted: vec!["10.0.0.0/8".parse().expect("a network")],
            header,
        };
        assert_eq!(client(&proxies, stranger, headers), stranger);
        let said = client(&proxies, proxy, headers);
        let named = headers.contains_key("x-forwarded-for") || headers.contains_key("forwarded");
        assert!(named || said == proxy, "{said} out of nothing");
        assert_eq!(said, said.to_canonical());
    }
}

fn check_claim(headers: &HeaderMap, body: &[u8]) {
    let given: Vec<_> = headers.get_all("idempotency-key").iter().collect();
    match idempotent::claim(headers, "scope".to_owned(), body) {
        Ok(claim) => {
            assert_eq!(given, [claim.key.as_str()], "one header, as it is");
            assert!((16..=128).contains(&claim.key.len()));
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            assert!(claim.key.bytes().all(plain), "{}", claim.key);
        }
        Err(problem) => {
            check_problem(&problem);
            let missing = problem.code() == Code::IdempotencyKeyMissing;
            assert_eq!(missing, given.is_empty());
        }
    }
}
