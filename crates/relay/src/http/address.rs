//! Where a request comes from.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use patchcord_core::error::Code;

use super::problem::Problem;
use crate::config::{ForwardedHeader, Proxies};
use crate::relay::Relay;

/// The address of whoever asks: the peer's, or what trusted proxies say it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl FromRequestParts<Arc<Relay>> for ClientAddress {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, relay: &Arc<Relay>) -> Result<Self, Problem> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip().to_canonical())
            .ok_or_else(|| Problem::new(Code::Internal, "The request has no peer."))?;
        Ok(Self(client(&relay.config.proxies, peer, &parts.headers)))
    }
}

/// Goes from the peer towards the origin for as long as each one is a trusted proxy: the first that is none is
/// the client. What stands further left was written by strangers.
pub fn client(proxies: &Proxies, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let trusted = |ip: &IpAddr| proxies.trusted.iter().any(|net| net.contains(ip));
    if !trusted(&peer) {
        if headers.contains_key(X_FORWARDED_FOR) {
            warn_once(peer);
        }
        return peer;
    }
    let name = match proxies.header {
        ForwardedHeader::XForwardedFor => X_FORWARDED_FOR,
        ForwardedHeader::Forwarded => FORWARDED,
    };
    let mut client = peer;
    let lines = headers.get_all(name).iter().collect::<Vec<_>>();
    for line in lines.into_iter().rev() {
        // A line that is no text is the end of what can be believed.
        let Ok(line) = line.to_str() else {
            return client;
        };
        for hop in line.rsplit(',') {
            let Some(ip) = address(proxies.header, hop.trim()) else {
                return client;
            };
            client = ip;
            if !trusted(&client) {
                return client;
            }
        }
    }
    client
}

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED: HeaderName = HeaderName::from_static("forwarded");

/// The address of one hop; with a port or without.
fn address(header: ForwardedHeader, hop: &str) -> Option<IpAddr> {
    let text = match header {
        ForwardedHeader::XForwardedFor => hop,
        ForwardedHeader::Forwarded => hop
            .split(';')
            .filter_map(|pair| pair.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))
            .map(|(_, value)| value.trim().trim_matches('"'))?,
    };
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    bare.parse()
        .or_else(|_| text.parse().map(|address: SocketAddr| address.ip()))
        .ok()
        .map(|ip: IpAddr| ip.to_canonical())
}

/// All visitors behind a proxy that is not trusted look like one.
fn warn_once(peer: IpAddr) {
    static WARNED: AtomicBool = AtomicBool::new(false);
    if (peer.is_loopback() || is_private(peer)) && !WARNED.swap(true, Ordering::Relaxed) {
        tracing::warn!(%peer, "a request came through a proxy that is not in `trusted_proxies`, so that all visitors count as one; list it if it is yours");
    }
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private(),
        IpAddr::V6(ip) => ip.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: &str = "10.0.0.1";

    fn ask(header: ForwardedHeader, peer: &str, lines: &[&str]) -> String {
        let proxies = Proxies {
            trusted: vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()],
            header,
        };
        let name = match header {
            ForwardedHeader::XForwardedFor => X_FORWARDED_FOR,
            ForwardedHeader::Forwarded => FORWARDED,
        };
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(
                name.clone(),
                axum::http::HeaderValue::from_bytes(line.as_bytes()).unwrap(),
            );
        }
        client(&proxies, peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_about_who_asked_it() {
        let x = |peer, lines: &[&str]| ask(ForwardedHeader::XForwardedFor, peer, lines);
        assert_eq!(x("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(x(PEER, &["198.51.100.1"]), "198.51.100.1");
        // Whoever asks may have written what is on the left.
        assert_eq!(x(PEER, &["192.0.2.1, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(x(PEER, &["192.0.2.1", "198.51.100.1"]), "198.51.100.1");
        // Two proxies.
        assert_eq!(
            x(PEER, &["192.0.2.1, 198.51.100.1, 10.2.3.4"]),
            "198.51.100.1"
        );
        assert_eq!(x(PEER, &["198.51.100.1:4711,[fd00::1]:80"]), "198.51.100.1");
        assert_eq!(x(PEER, &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(x(PEER, &["::ffff:198.51.100.1"]), "198.51.100.1");
        // Nothing that can be read: the last that was.
        assert_eq!(x(PEER, &[]), PEER);
        assert_eq!(x(PEER, &["198.51.100.1, unknown"]), PEER);
        assert_eq!(x(PEER, &["198.51.100.1, \u{fc}, 10.9.9.9"]), PEER);
        assert_eq!(x(PEER, &["198.51.100.1,"]), PEER);
    }

    #[test]
    fn the_standard_header_is_read_where_it_is_the_configured_one() {
        let f = |lines: &[&str]| ask(ForwardedHeader::Forwarded, PEER, lines);
        assert_eq!(
            f(&["for=192.0.2.1, For=\"198.51.100.1:4711\";proto=https"]),
            "198.51.100.1"
        );
        assert_eq!(
            f(&["proto=https;for=\"[2001:db8::1]:4711\""]),
            "2001:db8::1"
        );
        assert_eq!(f(&["for=198.51.100.1, by=10.0.0.1"]), PEER);
        assert_eq!(f(&["for=_hidden"]), PEER);
    }
}
