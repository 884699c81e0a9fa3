//! Addresses that the relay itself asks or tells.

use std::net::IpAddr;

use reqwest::Url;

/// Reads an `https://` address without a user in it; `http://` is for this machine itself alone.
pub fn https(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| {
        url.username().is_empty()
            && url.password().is_none()
            && (url.scheme() == "https" || url.scheme() == "http" && is_loopback(url))
    })
}

/// Whether an address is this machine itself.
pub fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    })
}
